"""`station release`: may this truck leave? Checks every item of a list against journal, corrections and outbox."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from station.base.errors import BarcodeMalformed, CatalogError, LabelRefused, SyncError
from station.base.spreadsheet import as_csv
from station.base.text import clean
from station.base.words import tell
from station.bench.workflows.release.rules import finished, line_of, sentence
from station.catalog.barcodes.barcode import check as check_barcode
from station.catalog.barcodes.barcode import truck_of
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.record_event import journal
from station.cli.shared.who_asks import asker, views
from station.cli.workflows.convert import scanned
from station.domain.events import ItemJudged, TruckReleased
from station.domain.item import Barcode, ItemRecord
from station.domain.ports import standing
from station.domain.workflows import ReleaseLine
from station.printing.label_port import BenchLabels
from station.runtime.library_systems import catalog_index
from station.store.queries.queries import Queries

_HEAD: Final = ("barcode", "title", "right", "reasons", "notes")


class ReleaseReport(msgspec.Struct, frozen=True, kw_only=True):
    """Report of `station release check` and `station release truck`."""

    sentence: str
    right: int
    lines: tuple[ReleaseLine, ...]
    release: str = ""
    """Id of the journaled release; "" = the list was only checked."""
    slip: str = ""
    repeated: tuple[str, ...] = ()
    """Entries that are in the list more than once; each counts once."""


def list_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options for the list of items: a file, stdin, or the newest session."""
    for option in (
        click.option(
            "--csv", "to_csv", type=click.Path(dir_okay=False), help="Write the report as CSV for a spreadsheet."
        ),
        click.option(
            "--session", is_flag=True, help="Items that the newest conversion session has finished, instead of a list."
        ),
        click.argument("barcodes", metavar="[LIST]", type=click.Path(dir_okay=False, allow_dash=True), required=False),
    ):
        command = option(command)
    return command


@click.group()
@data_option
def release() -> None:
    """Trucks (or any list) of finished items: which may leave, and why the others may not."""


@release.command()
@data_option
@json_option
@list_options
@operator_option
@pass_app
def check(app: App, barcodes: str | None, session: bool, to_csv: str | None, operator: str) -> int:
    """Check every barcode of LIST (a file, one per line; "-" = stdin), and release nothing. Exit code 1 unless all are
    right."""
    listed = _listed(app, barcodes, session=session)
    lines = looked(app, listed.items, views(app, operator).viewer)
    report = ReleaseReport(sentence=tell(sentence(lines)), right=_right(lines), lines=lines, repeated=listed.repeated)
    return _report(app, report, to_csv)


@release.command()
@data_option
@json_option
@list_options
@click.option("--truck", "name", default="", metavar="NAME", help="Name of the truck or batch, for journal and slip.")
@click.option(
    "--slip",
    "print_slip",
    is_flag=True,
    help="Print a slip that lists the items that are not right, on the paper of flag slips.",
)
@operator_option
@pass_app
def truck(
    app: App, barcodes: str | None, session: bool, to_csv: str | None, name: str, print_slip: bool, operator: str
) -> int:
    """Check LIST as `check` does, and journal the release: the items that are right may leave, the others are listed
    with reasons. Exit code 1 unless all are right."""
    listed = _listed(app, barcodes, session=session)
    lines = looked(app, listed.items, views(app, operator).viewer)
    event = TruckReleased(
        release=uuid.uuid4().hex,
        truck=clean(name) or listed.truck,
        right=tuple(line.barcode for line in lines if line.right),
        wrong=tuple(line for line in lines if not line.right),
        operator=asker(app, operator).id,
    )
    journal(app, event)
    slip = _slip(app, event, len(lines)) if print_slip else ""
    summary = tell(sentence(lines))
    report = ReleaseReport(
        sentence=summary, right=_right(lines), lines=lines, release=event.release, slip=slip, repeated=listed.repeated
    )
    return _report(app, report, to_csv)


# --- the list ---------------------------------------------------------------------------------------------------------


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """List as it was given."""

    items: tuple[str, ...]
    """Barcodes in order, each once. A line that is not a barcode stays, and is later reported as not right."""
    truck: str
    """Name of the truck whose label is in the list, the last one if there are several; "" = none."""
    repeated: tuple[str, ...]


def _listed(app: App, path: str | None, *, session: bool) -> Listed:
    if session is (path is not None):
        raise click.UsageError("Give LIST or --session.")
    texts = finished(queries(app).newest_session()) if session else tuple(scanned(path or "-"))
    names = {text: truck_of(text, app.settings().barcodes) for text in texts}
    items = tuple(text for text in names if not names[text])
    if not items:
        raise click.UsageError("The list is empty.")
    last = next((names[text] for text in reversed(texts) if names[text]), "")
    repeated = tuple(text for text, times in Counter(texts).items() if times > 1 and not names[text])
    return Listed(items=items, truck=last, repeated=repeated)


def looked(app: App, barcodes: Iterable[str], viewer: str) -> tuple[ReleaseLine, ...]:
    """Return the present state of each item, as `viewer` may see it."""
    settings = app.settings()
    index = catalog_index(settings, app.data)
    lines = []
    for text in barcodes:
        try:
            barcode = check_barcode(text, settings.barcodes)
        except BarcodeMalformed as error:
            lines.append(ReleaseLine(barcode=text, reasons=(error.sentence,)))
            continue
        lines.append(_line(queries(app), index.find, barcode, viewer))
    return tuple(lines)


def _line(everything: Queries, find: Callable[[Barcode], ItemRecord], barcode: Barcode, viewer: str) -> ReleaseLine:
    logged = everything.about_item(barcode)
    record = None
    if not any(isinstance(entry.event, ItemJudged) for entry in standing(logged)):
        try:
            record = find(barcode)
        except (CatalogError, SyncError):
            record = None
    return line_of(
        barcode,
        logged=logged,
        deliveries=everything.deliveries_of(barcode),
        bindings=everything.bindings_for(barcode),
        corrections=tuple(entry.correction for entry in everything.corrections(barcode=barcode)),
        state=everything.state_of(barcode),
        record=record,
        viewer=viewer,
    )


# --- report ---------------------------------------------------------------------------------------------------------


def _slip(app: App, event: TruckReleased, count: int) -> str:
    labels = BenchLabels(app.settings().labels, app.data, app.clock, {}, queries(app).state_of)
    try:
        return labels.truck(event.truck, event.wrong, count, event.operator).sentence
    except LabelRefused as error:
        return tell(error.sentence)


def _right(lines: Sequence[ReleaseLine]) -> int:
    return sum(1 for line in lines if line.right)


def _report(app: App, report: ReleaseReport, to_csv: str | None) -> int:
    if to_csv is not None:
        rows = [_HEAD, *(_row(line) for line in report.lines)]
        try:
            Path(to_csv).write_text(as_csv(rows), encoding="utf-8", newline="")
        except OSError as error:
            raise click.UsageError(f"{clean(to_csv)}: {error.strerror}") from error
    sentences = [report.sentence]
    for line in report.lines:
        if not line.right:
            sentences.append(
                f"{tell('release.not-right')}: {line.barcode} {line.title}: {' '.join(map(tell, line.reasons))}"
            )
    sentences += [tell("release.repeated", barcode=barcode) for barcode in report.repeated]
    sentences += [
        f"{line.barcode}: {' '.join(map(tell, line.notes))}" for line in report.lines if line.right and line.notes
    ]
    app.report(report, [*sentences, *([report.slip] if report.slip else [])])
    return 0 if report.right == len(report.lines) else NOT_GOOD


def _row(line: ReleaseLine) -> tuple[str, ...]:
    return (
        line.barcode,
        line.title,
        "yes" if line.right else "no",
        " ".join(map(tell, line.reasons)),
        " ".join(map(tell, line.notes)),
    )
