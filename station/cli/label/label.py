"""`station label`: show or print labels and slips of items and boxes, one or many."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, get_args

import click
import msgspec

from station.base.errors import LabelNotSaved, PrinterFailed, StationError
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.cli.label.commands import WORD, CommandSheet
from station.cli.label.compare import compare_seen
from station.cli.label.source import Source
from station.cli.label.view import drawn, lines
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, pass_app
from station.cli.shared.interrupt import stoppable
from station.printing.job import Printer, load_paper, paper_of
from station.printing.layout import Format, Page
from station.printing.outputs import Printed, Target, target
from station.printing.paper import KINDS, SHIPPED, Kind, Symbology
from station.runtime.library_systems import load_rules

MOST: Final = 100_000
"""Maximum number of barcodes on standard input."""
_MAX_LINE: Final = 200


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """Result for one label."""

    barcode: str
    lines: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Result for all labels."""

    kind: Kind
    paper: str
    width_mm: float
    height_mm: float
    format: str
    to: str
    labels: tuple[Label, ...]
    jobs: tuple[Printed, ...] = ()
    stopped_before: str = ""
    """First barcode that was not done before Ctrl-C; "" = all were done."""

    @property
    def good(self) -> bool:
        """True if every label was done and could be printed."""
        return not self.stopped_before and not any(label.problems for label in self.labels)


@click.command()
@data_option
@json_option
@click.argument("barcodes", nargs=-1, metavar="[BARCODE]...")
@click.option(
    "--preview/--print",
    "preview",
    default=None,
    help="Show the label in the terminal (default, except for commands), or print it.",
)
@click.option(
    "--kind",
    type=click.Choice(list(KINDS)),
    default="spine",
    show_default=True,
    help="part: a label for each part of a set; flag: a slip for an item that failed; item-slip: a slip in an item that is "
    "packed. box and packing-slip take boxes: box-42.",
)
@click.option(
    "--paper",
    metavar="NAME|FILE",
    help=f"Stock: {', '.join(SHIPPED)}, or a file that ends in .toml; by default, as in the settings.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(list(get_args(Format))),
    help="Format; by default, labels.format in the settings.",
)
@click.option(
    "--to", metavar="DIR|cups:QUEUE|device:PATH", help="Where to print; by default, labels.to in the settings."
)
@click.option(
    "--barcode",
    type=click.Choice(list(get_args(Symbology))),
    help="Symbology of the barcode; by default, labels.barcode in the settings.",
)
@click.option("--copies", type=click.IntRange(1, 99), default=1, show_default=True, help="Copies of each label.")
@click.option("--part", type=click.IntRange(0), default=0, help="Only this part of a set; 0 = a label for each part.")
@click.option(
    "--first", type=click.IntRange(1), default=1, show_default=True, help="First free place on a partly used sheet."
)
@click.option(
    "--seen", metavar="TEXT", help='Compare instead: text of the label on the item, as "QA|76.9|.D3" or as scanned.'
)
@click.option(
    "--reason",
    "reasons",
    multiple=True,
    help="What is wrong, for a flag slip; by default, as in the newest verdict. Repeatable.",
)
@pass_app
def label(
    app: App,
    barcodes: tuple[str, ...],
    preview: bool | None,
    kind: Kind,
    paper: str | None,
    form: Format | None,
    to: str | None,
    barcode: Symbology | None,
    copies: int,
    part: int,
    first: int,
    seen: str | None,
    reasons: tuple[str, ...],
) -> int:
    """Show the labels of each BARCODE of an item or a box (or of those on standard input, one per line), or print them with
    --print.

    "station label commands" prints the sheet of command barcodes, which work like the buttons of the screen.

    A label that does not fit its paper or cannot be printed is refused with a message, never cut off. So is the label of a
    withdrawn item, except a flag slip. Exit code 1 if a
    label was refused, or differs from --seen. Ctrl-C stops between two labels. If printing fails, the file stays in the
    directory "labels".
    """
    if seen is not None:
        return compare_seen(app, app.settings(), app.data, barcodes, seen)
    settings = app.settings()
    labels = settings.labels
    sheet = CommandSheet(load_rules(settings, app.data), app.clock.now()[:10]) if barcodes == (WORD,) else None
    if sheet is not None:
        texts, kind, form = sheet.texts, "command", form or "pdf"
    else:
        texts = barcodes or tuple(_lines())
    preview = sheet is None if preview is None else preview
    if barcode is not None:
        labels = msgspec.structs.replace(labels, barcode=barcode)
    stock = load_paper(str(Path.cwd() / paper), app.data) if paper and paper.endswith(".toml") else None
    stock = stock or load_paper(paper or paper_of(kind, labels, form), app.data)
    where = target_named(to) if to is not None else target(labels.to)
    printer = Printer(stock, kind, form or labels.format, where, settings=labels, data=app.data, clock=app.clock)
    if first > stock.places:
        raise click.UsageError(f"the paper {stock.name} has {stock.places} places, not {first}")
    source = sheet or Source(settings, app.data, app.clock, stock.lines)
    run = _Run(printer, kind, copies, first - 1, dry=preview)
    try:
        with stoppable() as should_stop, _progress(app, texts, preview) as progress:
            for done, each in enumerate(texts):
                if should_stop():
                    run.stopped_before = clean(each, _MAX_LINE)
                    break
                progress(done)
                try:
                    contents = source.labels(each, kind, part=part, reasons=reasons)
                except StationError as error:
                    if len(texts) == 1:
                        raise
                    run.refused(each, error)
                else:
                    run.add(each, [printer.page(content) for content in contents], alone=len(texts) == 1)
            run.finish()
    finally:
        source.close()
    batch = run.batch(stock.width_mm, stock.height_mm)
    app.report(batch, _shown(run) if preview else _said(batch))
    return 0 if batch.good else NOT_GOOD


class _Run:
    """Collects labels, and prints them when a job is full: one item, or a sheet."""

    def __init__(self, printer: Printer, kind: Kind, copies: int, skip: int, *, dry: bool) -> None:
        self._printer = printer
        self._kind = kind
        self._copies = copies
        self._skip = skip
        self._dry = dry
        self._waiting: list[Page] = []
        self._name = ""
        self._labels: list[Label] = []
        self._jobs: list[Printed] = []
        self._printed = 0
        self.pages: list[tuple[str, Page]] = []
        self.stopped_before = ""

    def refused(self, barcode: str, error: StationError) -> None:
        """Record an item that has no label."""
        problem = clean(tell(error.with_detail), 2000)
        self._labels.append(Label(barcode=clean(barcode, _MAX_LINE), problems=(problem,)))

    def add(self, barcode: str, pages: list[Page], *, alone: bool) -> None:
        """Add the labels of one item. If one of them has a problem, none of them is printed."""
        for page in pages:
            self._labels.append(Label(barcode=barcode, lines=lines(page), problems=page.problems, notes=page.notes))
        if self._dry:
            self.pages += [(barcode, page) for page in pages]
            return
        if any(page.problems for page in pages):
            if alone:
                self._printer.render(pages)
            return
        sheet = self._printer.paper.sheet
        self._name = f"{self._kind}-{barcode if alone or not sheet else 'sheet'}"
        if not sheet:
            self._print(pages, self._copies)
            return
        self._waiting += [page for page in pages for _ in range(self._copies)]
        if self._kind == "command":
            return  # all sheets are one file
        while len(self._waiting) >= (free := sheet.places - self._skip):
            full, self._waiting = self._waiting[:free], self._waiting[free:]
            self._print(full, 1)

    def finish(self) -> None:
        """Print the last sheet, which is not full."""
        if self._waiting:
            self._print(self._waiting, 1)
            self._waiting = []

    def batch(self, width_mm: float, height_mm: float) -> Batch:
        """Return the result for all labels."""
        return Batch(
            kind=self._kind,
            paper=self._printer.paper.name,
            width_mm=width_mm,
            height_mm=height_mm,
            format=self._printer.form,
            to="" if self._dry else str(self._printer.where),
            labels=tuple(self._labels),
            jobs=tuple(self._jobs),
            stopped_before=self.stopped_before,
        )

    def _print(self, pages: list[Page], copies: int) -> None:
        try:
            self._jobs.append(self._printer.print(pages, self._name, copies=copies, skip=self._skip))
        except (PrinterFailed, LabelNotSaved) as error:
            if self._printed:
                printed = Sentence("label.printed-before", count=self._printed)
                error.detail = Sentence.joined((error.detail, printed), between="")
            raise
        self._printed += len(pages) * copies
        self._skip = 0


def target_named(to: str) -> Target:
    """Resolve a directory from the command line against the current directory, not the data directory."""
    where = target(to)
    return Target("directory", str(Path.cwd() / where.where)) if where.kind == "directory" else where


def _lines() -> Iterator[str]:
    if sys.stdin.isatty():
        raise click.UsageError("give barcodes as arguments, or one per line on standard input")
    for number, line in enumerate(sys.stdin.buffer):
        if number == MOST:
            raise click.UsageError(f"more than {MOST} lines; print them in several runs")
        tidy = clean(line.decode("utf-8", "replace"), _MAX_LINE)
        if tidy:
            yield tidy


def _shown(run: _Run) -> Iterator[str]:
    batch = run.batch(0, 0)
    for barcode, page in run.pages:
        if len(batch.labels) > 1:
            yield barcode
        yield from drawn(page)
    yield from _refusals(batch, with_lines=False)


def _said(batch: Batch) -> Iterator[str]:
    yield from _refusals(batch, with_lines=True)
    for job in batch.jobs:
        yield f"{job.file or job.target}{f': {job.said}' if job.said else ''}"
    if batch.stopped_before:
        yield tell("label.stopped", barcode=batch.stopped_before)


def _refusals(batch: Batch, *, with_lines: bool) -> Iterator[str]:
    for each in batch.labels:
        if with_lines or not each.lines:
            yield from (tell("label.not-printed", barcode=each.barcode, problem=problem) for problem in each.problems)
        if with_lines:
            yield from (f"{each.barcode}: {note}" for note in each.notes)


@contextmanager
def _progress(app: App, texts: tuple[str, ...], preview: bool) -> Iterator[Callable[[int], None]]:
    """Show a progress bar on stderr for several labels, if stderr is a terminal."""
    if app.json or preview or len(texts) < 2 or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=len(texts), label=tell("label.printing"), file=sys.stderr) as bar:
        yield lambda done: bar.update(done - bar.pos)
