"""`station withdraw lists`: weeding lists, and what was found at the shelf."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from station.acquisitions.pull_lists import shelf_order
from station.base.errors import DepartureRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.cli.receiving.file_options import file_name, write_file
from station.cli.receiving.rows import rows
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import acts, claims
from station.cli.shared.who_asks import ask_item, asker, order, views, visibility
from station.domain.distribution.sites import sites_of
from station.domain.events import PullListClosed, PullTicked
from station.domain.item_question import ItemQuestion
from station.domain.people.sign_on import By
from station.domain.withdrawals.pull_list import PullListStanding, PullOutcome, PullStanding, pull_list_id
from station.domain.withdrawals.withdrawal import Piece, withdrawal_id
from station.reports.tables.pull_lists import pull_lines as lines_table
from station.reports.tables.pull_lists import pull_lists as lists_table
from station.reports.tables.withdrawals import named
from station.runtime.library_systems import system_names
from station.runtime.pull_imports import PullWish, from_file, from_set
from station.runtime.pull_loans import MOST_ASKED, asked_loans, loans_of
from station.runtime.withdrawal_decisions import LONGEST_NOTE, decided, wish_of_line

_LIST: Final = "pull-"


@click.group()
def lists() -> None:
    """Weeding lists in shelf order, and what was found at the shelf."""


@lists.command("list")
@data_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Include closed lists.")
@operator_option
@pass_app
def list_(app: App, everything: bool, operator: str) -> None:
    """List the open pull lists, the oldest first; with --all the newest first."""
    _report_lists(app, visibility(app, operator).pull_lists(everything=everything), operator)


@lists.command("import")
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path), required=False)
@click.option(
    "--set", "set_id", default="", metavar="ID", help="Take the members of this set in Alma instead of a file."
)
@click.option("--name", default="", metavar="NAME", help="Name of the list; without it the name of the file or set.")
@click.option("--reason", required=True, metavar="CODE", help="Reason of the settings.")
@click.option("--destination", required=True, metavar="CODE", help="Destination of the settings.")
@click.option("--approver", default="", metavar="NAME", help="Librarian who approved it.")
@click.option("--note", default="", help="Any remark.")
@operator_option
@pass_app
def import_(
    app: App,
    file: Path | None,
    set_id: str,
    name: str,
    reason: str,
    destination: str,
    approver: str,
    note: str,
    operator: str,
) -> None:
    """Import a weeding list: CSV or XLSX with the column barcode, and title, author, call_number, library, location, note if
    it has them; or an Alma set. What the list does not say comes from the catalog. All lines, or none. Needs a technician."""
    settings, who = app.settings(), asker(app, operator).id
    views(app, operator)  # who asks proves it before anything is read
    wish = PullWish(
        name=name or (file.stem if file is not None else set_id),
        reason=reason,
        destination=destination,
        approver=approver,
        note=note,
    )
    if (file is None) == (not set_id):
        raise click.UsageError("Give a FILE, or --set.")
    if file is None:
        event = from_set(settings, app.data, wish, set_id, who)
    else:
        event = from_file(settings, app.data, wish, _content_of(file), file_name(file), who)
    _show(app, pull_list_id(order(app, event)), operator)


@lists.command()
@data_option
@json_option
@click.argument("name", metavar="LIST")
@click.option("--open", "only_open", is_flag=True, help="Only lines to look for.")
@click.option("--ask", is_flag=True, help=f"First ask the library system about lines on loan: {MOST_ASKED}.")
@operator_option
@pass_app
def show(app: App, name: str, only_open: bool, ask: bool, operator: str) -> None:
    """Show the lines of a pull list in shelf order. LIST is its id or its number. With --ask, a line whose piece is no longer
    on loan is to look for again."""
    now = _named(app, name, operator)
    if ask:
        _ask(app, now, operator)
    _show(app, now.id, operator, only_open=only_open)


def _ask(app: App, now: PullListStanding, operator: str) -> None:
    """Ask the library system about the lines on loan, and tick those that are back or gone."""
    loans = loans_of(now, visibility(app, operator).pull_lines(now.id))
    if not loans:
        app.note(tell("pull.no-loans", name=now.name))
        return
    who = asker(app, operator)
    by = By(operator=who.id, claims=claims(app).of({who.id}))
    systems = system_names(app.settings())
    asked = asked_loans(loans, lambda question: acts(app).item(question, by), systems, who.id)
    if asked.ticks:
        order(app, *asked.ticks)
    for sentence in asked.sentences:
        app.note(tell(sentence))


@lists.command("print")
@data_option
@json_option
@click.argument("name", metavar="LIST")
@click.option("--open", "only_open", is_flag=True, help="Only lines to look for.")
@click.option(
    "--pdf", "to_pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write this file instead of printing."
)
@click.option("--to", metavar="DIR|cups:QUEUE", help="Where to print; by default, labels.to in the settings.")
@operator_option
@pass_app
def print_(app: App, name: str, only_open: bool, to_pdf: Path | None, to: str | None, operator: str) -> None:
    """Print a pull list in shelf order, with a box to tick and what was found. A page is in letter format."""
    from station.cli.label.label import target_named
    from station.printing.job import Printer, load_paper, paper_of  # drawing takes longer to import than the rest
    from station.printing.outputs import target
    from station.printing.pull_sheet import pull_sheet

    if to_pdf is not None and to is not None:
        raise click.UsageError("Give --pdf or --to.")
    settings, now = app.settings(), _named(app, name, operator)
    labels = settings.labels
    paper = load_paper(paper_of("pull-list", labels), app.data)
    where = target(labels.to) if to is None else target_named(to)
    printer = Printer(paper, "pull-list", "pdf", where, settings=labels, data=app.data, clock=app.clock)
    lines = _lines(app, now.id, operator, only_open=only_open)
    pages = pull_sheet(
        paper,
        printer.fonts,
        now,
        lines,
        reason=named(now.reason, settings.withdrawal.reasons),
        destination=named(now.destination, settings.withdrawal.destinations),
        sites=sites_of(settings.distribution),
        day=app.clock.day(),
    )
    if to_pdf is None:
        job = printer.print(pages, now.id)
        file, answer = job.file or job.target, job.said
    else:
        write_file(to_pdf, printer.render(pages))
        file, answer = str(to_pdf), ""
    app.report(
        {"list": now.id, "lines": len(lines), "pages": len(pages), "to": file},
        [f"{clean(file)}{f': {clean(answer)}' if answer else ''}"],
    )


@lists.command()
@data_option
@json_option
@click.argument("name", metavar="LIST")
@click.argument("line", metavar="BARCODE")
@click.argument(
    "outcome", type=click.Choice([outcome.value for outcome in PullOutcome if outcome is not PullOutcome.BACK])
)
@click.option("--recalled", is_flag=True, help="With on-loan: it was recalled.")
@click.option("--note", default="", help="Any remark.")
@operator_option
@pass_app
def tick(app: App, name: str, line: str, outcome: str, recalled: bool, note: str, operator: str) -> None:
    """Tick the line of BARCODE: what was found at the shelf. The newest tick counts."""
    if recalled and outcome != PullOutcome.ON_LOAN:
        raise click.UsageError("--recalled needs on-loan.")
    now = _named(app, name, operator)
    event = PullTicked(
        list=now.id,
        line=clean(line, 60),
        outcome=PullOutcome(outcome),
        recalled=recalled,
        note=clean(note, LONGEST_NOTE),
        operator=asker(app, operator).id,
    )
    order(app, event)
    _show(app, now.id, operator)


@lists.command()
@data_option
@json_option
@click.argument("name", metavar="LIST")
@click.argument("barcodes", metavar="BARCODE...", nargs=-1, required=True)
@click.option(
    "--as",
    "piece",
    type=click.Choice([piece.value for piece in Piece if piece is not Piece.PRESENT]),
    default=Piece.MISSING.value,
    show_default=True,
    help="What the pieces are.",
)
@click.option("--despite", default="", metavar="REASON", help="Withdraw them although a stop sign says yes.")
@operator_option
@pass_app
def without(app: App, name: str, barcodes: tuple[str, ...], piece: str, despite: str, operator: str) -> None:
    """Withdraw items of a list without their pieces: their tags are watched. Needs a technician."""
    now, who = _named(app, name, operator), asker(app, operator).id
    of_line = {line.content.barcode: line for line in views(app, operator).pull_lines(now.id)}
    events = []
    for barcode in barcodes:
        line = of_line.get(barcode)
        if line is None:
            raise DepartureRefused(Sentence("pull.no-line", line=clean(barcode, 60)))
        wish = wish_of_line(line, Piece(piece), despite)
        answer = ask_item(app, ItemQuestion(barcode=barcode, signs=True), operator)
        events.append(decided(app.settings(), app.data, wish, answer, who))
    last = order(app, *events)
    app.note(tell("pull.without", count=len(events), withdrawal=withdrawal_id(last)))
    _show(app, now.id, operator)


@lists.command()
@data_option
@json_option
@click.argument("name", metavar="LIST")
@operator_option
@pass_app
def close(app: App, name: str, operator: str) -> None:
    """Close a pull list: nothing more is pulled for it. Needs a technician."""
    now = _named(app, name, operator)
    order(app, PullListClosed(list=now.id, operator=asker(app, operator).id))
    _report_lists(app, (_named(app, now.id, operator),), operator)


def _named(app: App, name: str, operator: str) -> PullListStanding:
    """Return the list with this id or number. Raise `DepartureRefused`."""
    reading, plain = visibility(app, operator), clean(name, 60)
    now = reading.pull_list(plain) or reading.pull_list(f"{_LIST}{plain}")
    if now is None:
        raise DepartureRefused(Sentence("pull.unknown", list=plain))
    return now


def _report_lists(app: App, standings: tuple[PullListStanding, ...], operator: str) -> None:
    shown = lists_table(standings, app.settings().withdrawal, app.clock.now())
    app.report(shown.values(), rows(shown, visibility(app, operator).names()) or [tell("pull.none")])


def _show(app: App, ident: str, operator: str, *, only_open: bool = False) -> None:
    shown = lines_table(_lines(app, ident, operator, only_open=only_open), ident)
    app.report(shown.values(), rows(shown, visibility(app, operator).names()) or [tell("pull.none")])


def _lines(app: App, ident: str, operator: str, *, only_open: bool) -> tuple[PullStanding, ...]:
    """Return the lines of a list in shelf order. `only_open`: those to look for."""
    lines = visibility(app, operator).pull_lines(ident)
    return shelf_order(line for line in lines if line.to_look_for or not only_open)


def _content_of(file: Path) -> bytes:
    """Return the content of a file. Raise `DepartureRefused`."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise DepartureRefused(Sentence.verbatim(clean(f"{file}: {error.strerror or error}"))) from error
