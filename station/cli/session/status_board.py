"""`station board`: the technician's status board; `station roll`: a new roll of tags."""

from __future__ import annotations

from collections.abc import Iterator

import click

from station.base import words
from station.base.cells import table
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.record_event import reporter
from station.cli.shared.who_asks import views
from station.domain.commands import LoadRoll
from station.domain.events import RollLoaded
from station.domain.status_board import RollRow, StatusBoard, Waiting, parked_words
from station.drivers.reader.measured import kept
from station.reports.status_board import StatusBoards
from station.reports.tables.cells import texts
from station.reports.tables.waiting import waiting
from station.runtime.identity.authenticator import workforce
from station.runtime.library_systems import rules_to_show
from station.runtime.lock import hold
from station.runtime.open_journal import open_journal
from station.runtime.socket.client import connect


@click.command()
@data_option
@json_option
@operator_option
@pass_app
def board(app: App, operator: str) -> int:
    """Show what waits for the technician: a call for staff, work in hand, overdue corrections, parked deliveries, the
    reader, failing tags.

    Exit code 1 if something on the board needs attention.
    """
    settings = app.settings()
    queries = views(app, operator, make=False)
    force = workforce(app.data, queries)

    def names(worker: str) -> str:
        return force.find(worker).name

    snapshot, health = None, kept(app.data)
    client = connect(app.data)
    if client is not None:
        with client:
            snapshot, health = client.snapshot(), client.reader_health()

    def unusable() -> tuple[Sentence, ...]:
        return (*map(Sentence.verbatim, words.unusable()), *filter(None, (rules_to_show(settings, app.data)[1],)))

    boards = StatusBoards(queries, app.clock, lambda: snapshot, lambda: health, names, unusable, settings.withdrawal)
    status = boards.board(queries.viewer)
    app.report(status, lines_of(status))
    return NOT_GOOD if status.troubled else DONE


def lines_of(status: StatusBoard) -> Iterator[str]:
    """Yield the board as lines of text. The screen shows the same sentences."""
    if status.called:
        yield f"! {status.called}"
    if status.unusable.count:
        yield from _waits(tell("board.unusable", count=status.unusable.count), status.unusable)
    if status.recovered.count:
        yield from _waits(tell("board.recovered", count=status.recovered.count), status.recovered)
    yield from ("", tell("board.work"))
    yield "  " + (status.in_hand or tell("board.nothing-in-hand" if status.running else "board.not-running"))
    if status.unjudged.count:
        yield from _waits(tell("board.unjudged", count=status.unjudged.count), status.unjudged)
    if status.open_sets.count:
        yield from _waits(tell("board.open-sets", count=status.open_sets.count), status.open_sets)
    yield from _waits(tell("board.unfinished", count=status.unfinished.count), status.unfinished)
    yield from ("", tell("board.corrections", count=status.open_corrections))
    yield from _waits(tell("board.overdue", count=status.overdue.count), status.overdue)
    if status.lots.count:
        yield from _waits(tell("board.lots", count=status.lots.count), status.lots)
    if status.open_differences:
        yield from ("", tell("board.differences", count=status.open_differences))
        yield from _waits(tell("board.overdue", count=status.overdue_differences.count), status.overdue_differences)
    if status.overdue_boxes.count or status.missing_items.count:
        yield from ("", tell("board.boxes"))
        yield from _waits(tell("box.overdue", count=status.overdue_boxes.count), status.overdue_boxes)
        yield from _waits(tell("box.missing", count=status.missing_items.count), status.missing_items)
    if status.departing.facts:
        yield from ("", tell("board.leaving", count=status.departing.open))
    for fact in status.departing.facts:
        yield f"  {'!' if fact.bad else '·'} {tell(fact.sentence)}"
        yield from (f"      {line}" for line in fact.lines)
    yield from ("", tell("board.deliveries", count=status.waiting))
    yield from _waits(tell(parked_words(status.parked)), status.parked)
    if status.center:
        yield f"  {'!' if status.center_refuses else '·'} {status.center}"
    yield ""
    yield from table(texts(waiting(status.ages), {}))
    yield from ("", tell("board.reader"))
    yield "  " + (
        f"{'✓' if status.reader_ready else '×'} {tell(status.reader)}" if status.reader else tell("board.not-known")
    )
    yield from (f"  {'!' if hint.bad else '·'} {tell(hint.sentence)}" for hint in status.advice)
    yield from ("", tell("board.tags"))
    yield "  " + roll_line(status.last_tags, tell("board.last", count=status.last_tags.tags))
    for row in status.rolls:
        yield "  " + roll_line(row, tell("board.roll", name=row.name) if row.name else tell("board.no-roll"))


def roll_line(row: RollRow, title: str) -> str:
    """Return one roll as a line."""
    return tell(
        "board.roll-line", roll=title, failed=row.failed, tags=row.tags, rate=f"{row.rate:.1%}", again=row.again
    )


def _waits(sentence: str, waiting: Waiting) -> Iterator[str]:
    yield f"  {'!' if waiting.count else '✓'} {sentence}"
    yield from (f"      {line}" for line in waiting.oldest)


@click.group()
@data_option
def roll() -> None:
    """Rolls of new tags, whose failures are counted separately."""


@roll.command()
@click.argument("name")
@data_option
@json_option
@pass_app
def load(app: App, name: str) -> int:
    """Record that a new roll was put in. NAME is the name on it (batch, delivery)."""
    settings = app.settings()
    name = clean(name, 60)
    if not name:
        raise click.UsageError("NAME is empty")
    client = connect(app.data)
    if client is not None:
        with client:
            client.submit(LoadRoll(name))
    else:
        who = reporter(app, "") or settings.station.operator
        with hold(app.data, app.clock):
            store = open_journal(settings, app.data, app.clock)
            try:
                store.journal.record(RollLoaded(name=name, operator=who))
            finally:
                store.close()
    app.report({"roll": name}, [tell("notice.roll", name=name)])
    return DONE
