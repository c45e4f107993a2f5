"""`station convert`: bulk conversion without the touch screen, through the same bench and with the same stops."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import StringIO, TextIOWrapper
from pathlib import Path

import click
import msgspec

from station.base.errors import StationBusy, StationError
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.list import LARGEST, NoBarcodeList, lines_of, text_of
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_said, pass_app, timeout_said
from station.cli.shared.authorise import TerminalAuthoriser
from station.cli.shared.prove_identity import at_the_bench
from station.cli.workflows.follow import AtEnd
from station.cli.workflows.operator import NoAnswers, Operator, Wish
from station.cli.workflows.process import bench_of
from station.domain.commands import Act, Enter
from station.domain.ports import BenchPort
from station.domain.workflows import ConvertView, Workflow


class Converted(msgspec.Struct, frozen=True, kw_only=True):
    """Result for one barcode."""

    barcode: str
    good: bool
    code: str = ""
    """Code of the error or doubt; "" = none."""
    sentence: str = ""


def scanned(path: str) -> Iterator[str]:
    """Yield barcodes, one per line, from a file or "-" (stdin, as a scanner types them). Skip empty lines and lines
    with #.

    A file is UTF-8, or UTF-16 with a byte order mark, as spreadsheets write it. Any other file is refused as a whole,
    with the line: half a list could be mistaken for all of it.
    """
    if path == "-":
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")
        yield from lines_of(sys.stdin)
        return
    yield from lines_of(StringIO(_text(path), newline=None))


def _text(path: str) -> str:
    name = clean(path)
    try:
        with Path(path).open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise click.UsageError(f"{name}: {error.strerror}") from error
    if len(data) > LARGEST:
        raise click.UsageError(f"{name} is larger than {LARGEST >> 20} MiB, which is too large for a list of barcodes.")
    try:
        return text_of(data)
    except NoBarcodeList as error:
        if error.line is None:
            raise click.UsageError(f"{name} is not a text file.") from error
        if not error.line:
            raise click.UsageError(f"{name}: this is not UTF-8 text. Save the list as UTF-8.") from error
        raise click.UsageError(f"{name}, line {error.line}: this is not UTF-8 text. Save the list as UTF-8.") from error


@click.command()
@data_option
@json_option
@click.argument("barcodes", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@click.option("--go-on", is_flag=True, help="Set a doubtful item aside and continue, instead of stopping.")
@click.option("--keep-open", is_flag=True, help="Do not end the session afterwards.")
@timeout_said("Seconds without any change after which to give up an item.")
@operator_said("Login of the operator from now on.")
@pass_app
def convert(app: App, barcodes: str, go_on: bool, keep_open: bool, timeout: float, operator: str) -> int:
    """Tag items in bulk: for each of BARCODES (a file, or "-" for stdin: scan them), the item on the pad is written,
    verified and judged by the machine.

    Any doubt stops the line, with its message and exit code. If sign-on is required and the site's profile locks tags,
    the command asks for a technician at the terminal. Uses the running station if there is one.
    """
    done: list[Converted] = []
    with bench_of(app, "conversion from the command line", operator) as (bench, at_end):  # not for people
        at_the_bench(app, bench, operator)
        authoriser, now = TerminalAuthoriser(app, bench), bench.snapshot
        # In an open session, the item on the pad may already be in hand, as after a kill.
        # Its barcode must then come first.
        if now.workflow is not Workflow.CONVERT and now.item is not None and now.verdict is None:
            raise StationBusy(Sentence("process.in-hand", item=now.item.title or now.item.barcode))
        bench.submit(Enter(Workflow.CONVERT))
        try:
            for barcode in scanned(barcodes):
                done.append(_one(app, bench, barcode, timeout, at_end, authoriser, go_on=go_on))
        finally:
            view = bench.snapshot.workflow_view
            if not keep_open:
                bench.submit(Act("end"))
    _report(app, done, view if isinstance(view, ConvertView) else ConvertView())
    return 0 if all(item.good for item in done) else NOT_GOOD


def _one(
    app: App,
    bench: BenchPort,
    barcode: str,
    timeout: float,
    at_end: AtEnd,
    authoriser: TerminalAuthoriser,
    *,
    go_on: bool,
) -> Converted:
    wish = Wish(barcode=barcode, timeout=timeout, chooses=False)
    worker = Operator(bench, wish, app.clock, NoAnswers(), app.note, answer_prompt=authoriser.answer_prompt)
    try:
        good = worker.run(at_end).good
    except StationError as error:
        if not go_on:
            raise
        return Converted(barcode=barcode, good=False, code=error.code, sentence=tell(error.with_remedy))
    return Converted(barcode=barcode, good=good)


def _report(app: App, done: list[Converted], view: ConvertView) -> None:
    good = sum(1 for item in done if item.good)
    lines = [tell("convert.report.done", done=good, all=len(done))]
    if view.per_hour is not None:
        lines.append(tell("convert.rate", count=view.per_hour))
    lines += [
        f"{item.barcode}: {item.sentence or tell('convert.report.not-good')} ({item.code})"
        for item in done
        if not item.good
    ]
    app.report({"done": good, "per_hour": view.per_hour, "session": view.session, "items": done}, lines)
