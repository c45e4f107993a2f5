"""`station corrections slip`: the slip that stays in an item until the item is mended."""

from __future__ import annotations

import click
import msgspec

from station.base.errors import CorrectionNotOpen, CorrectionUnknown
from station.base.sentence import Sentence
from station.base.text import clean
from station.cli.label.view import drawn, lines
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.who_asks import named, views, visibility
from station.domain.corrections.words import waits_for
from station.printing.job import Printer, load_paper, paper_of
from station.printing.outputs import Printed, target
from station.reports.flag_slip import slip as flag_slip


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
    page = printer.page(flag_slip(reading, waiting, names))
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
