"""`station corrections slip`: the slip that stays in an item until the item is mended."""

from __future__ import annotations

import click
import msgspec

from station.base.errors import CorrectionNotOpen, CorrectionUnknown
from station.base.local_time import local_day
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.cli.label.view import drawn, lines
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.who_asks import named, views, visibility
from station.domain.corrections.correction import Entry
from station.domain.corrections.words import waits_for
from station.domain.events import CorrectionOpened
from station.domain.finding_words import reason_of
from station.domain.item import Barcode, ItemRecord
from station.printing import content
from station.printing.content import Wrong
from station.printing.job import Printer, load_paper, paper_of
from station.printing.outputs import Printed, target


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """Result of showing or printing a slip."""

    barcode: str
    corrections: tuple[str, ...]
    lines: tuple[str, ...]
    notes: tuple[str, ...]
    problems: tuple[str, ...]
    printed: Printed | None = None


@click.command()
@data_option
@json_option
@click.argument("name", metavar="ID|BARCODE")
@click.option(
    "--preview/--print", "preview", default=True, help="Show the slip in the terminal (default), or print it."
)
@operator_option
@pass_app
def slip(app: App, name: str, preview: bool, operator: str) -> int:
    """Show or print the flag slip of an item: open corrections, owners, due dates. Exit code 1 if it does not fit."""
    settings = app.settings()
    seen = visibility(app, operator)
    entries = named(app, name, operator)
    still = [entry for entry in entries if not entry.closed_at]
    if not still:
        if entries:
            raise CorrectionNotOpen(Sentence("correction.nothing-open", state=waits_for(entries[-1])))
        raise CorrectionUnknown(clean(name))
    barcode = still[0].correction.barcode
    reading, names = views(app, operator), seen.names()
    waiting = reading.corrections(barcode=barcode)
    judged = None if barcode in reading.covered() else reading.last_judged(barcode)
    item = judged.event.item if judged is not None else _item(waiting[0])
    wrong = [
        Wrong(
            tell(entry.correction.heading),
            "; ".join(part for part in (_reason(entry), tell("label.due", day=entry.correction.due)) if part),
            names.get(entry.correction.owner, entry.correction.owner),
        )
        for entry in waiting
    ]
    paper = load_paper(paper_of("flag", settings.labels), app.data)
    printer = Printer(
        paper,
        "flag",
        settings.labels.format,
        target(settings.labels.to),
        settings=settings.labels,
        data=app.data,
        clock=app.clock,
    )
    page = printer.page(content.flag(item, item.label_lines, wrong, "", local_day(waiting[0].opened_at)))
    printed = None if preview or page.problems else printer.print([page], f"flag-{barcode}")  # not for people
    value = Slip(
        barcode=barcode,
        corrections=tuple(entry.correction.id for entry in waiting),
        lines=lines(page),
        notes=page.notes,
        problems=page.problems,
        printed=printed,
    )
    shown = list(drawn(page)) if preview else [printed.file or printed.target] if printed is not None else []
    app.report(value, [*shown, *page.problems, *page.notes])
    return NOT_GOOD if page.problems else 0


def _reason(entry: Entry) -> str:
    """Return the reason of the newest report."""
    reports = [step.event for step in entry.steps if isinstance(step.event, CorrectionOpened)]
    return tell(reason_of(reports[-1].reason)) if reports else ""


def _item(entry: Entry) -> ItemRecord:
    return ItemRecord(barcode=Barcode(entry.correction.barcode), title=entry.correction.item_title)
