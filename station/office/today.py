"""The page Today: what needs a person, what was done, what waits, and how reader and tags are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import msgspec

from station.base import words
from station.base.sentence import Sentence
from station.base.words import tell
from station.base.words.times import clock_words
from station.domain.lately import Lately
from station.domain.status_board import StatusBoard, Step, Waiting, parked_words
from station.domain.transfers.transfer import TransferStep
from station.office.asked import Asked, Page
from station.office.filters import begin_of
from station.reports.charts import Drawing, pace
from station.reports.lateness import Lateness
from station.reports.status_board import StatusBoards
from station.reports.tables.cells import shown
from station.reports.tables.pull_lists import LISTS
from station.reports.tables.waiting import waiting
from station.reports.tables.withdrawals import READY
from station.runtime.library_systems import rules_to_show
from station.runtime.socket.client import connect

_LISTS: Final = {
    Step.TO_FIX: "/fix?kind=mend",
    Step.TO_RECHECK: "/fix?rechecks=1",
    Step.TO_DECIDE: "/outbox?state=parked",
}
"""Where the reader finds what waits for a step."""
_DEPARTING: Final = {
    "withdrawal.very-late": f"/withdrawals?late={Lateness.RED}",
    "withdrawal.late": f"/withdrawals?late={Lateness.AMBER}",
    "withdrawal.ready": f"/withdrawals?step={READY}",
    **dict.fromkeys(("pull.very-late", "pull.late", "pull.unseen", "pull.loans"), LISTS),
}
"""Where the reader finds what a sentence of `Departing` counts."""


class Part(msgspec.Struct, frozen=True):
    """One line of the page with what is under it."""

    sentence: str
    lines: tuple[str, ...] = ()
    address: str = ""
    """The list that the number counts; "" = no page has it."""


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """One figure that leads to its list."""

    heading: str
    figure: str
    lines: tuple[str, ...] = ()
    address: str
    drawing: Drawing | None = None


def today(asked: Asked) -> Page:
    """What needs a person, as the status board at the bench says it; each number leads to its list."""
    if not asked.queries.exists:
        return Page(template="sentence", title=tell("office.today"), values={"sentence": tell("office.no-journal")})
    board, lately = _board(asked), asked.queries.lately()
    needs = [*_needs(board), *_buying(asked), *_watched(asked), *_leaving(board), *_moving(asked)]
    return Page(
        template="today",
        title=tell("office.today"),
        live=True,
        values={
            "needs": needs,
            "counts": tell("office.needs-count", count=len(needs)) if needs else "",
            "hand": _hand(board),
            "cards": _cards(asked, board, lately),
            "tags": _tags(board),
            "waiting": _waiting(asked, board),
            "items": [(clock_words(item.at), item.title, item.barcode, item.ended.value) for item in lately.items],
        },
    )


def _cards(asked: Asked, board: StatusBoard, lately: Lately) -> list[Card]:
    goal = asked.sources.settings.station.goal_today
    done = tell("office.of-goal", count=lately.today, goal=goal) if goal else str(lately.today)
    hour = tell("lately.pace", count=lately.hour)
    tags = board.last_tags
    return [
        Card(
            heading=tell("office.card.done"),
            figure=done,
            lines=(hour,),
            drawing=pace(lately.pace, tell("office.pace", count=lately.hour)) if lately.hour else None,
            address=f"/journal?since={asked.sources.clock.day()}",
        ),
        Card(
            heading=tell("office.fix"),
            figure=str(board.open_corrections),
            lines=(tell("board.overdue", count=board.overdue.count),) if board.overdue.count else (),
            address="/fix",
        ),
        Card(
            heading=tell("board.last", count=tags.tags),
            figure=tell("office.tags-failed", count=tags.failed),
            lines=(board.rolls[0].name,) if board.rolls and board.rolls[0].name else (),
            address="/benches/1",
        ),
        Card(
            heading=tell("office.outbox"),
            figure=str(board.waiting),
            lines=(tell(parked_words(board.parked)),),
            address="/outbox",
        ),
        *_invoices(asked),
    ]


def _invoices(asked: Asked) -> Iterator[Card]:
    """Yield the figure of the invoices, where there are any."""
    waiting = asked.queries.invoice_waiting(asked.sources.clock.day())
    if waiting.open or waiting.signed:
        yield Card(
            heading=tell("office.invoices"),
            figure=str(waiting.open),
            lines=(tell("invoice.to-export", count=waiting.signed),) if waiting.signed else (),
            address="/invoices",
        )


def _buying(asked: Asked) -> Iterator[Part]:
    """Yield what a technician should look at: invoices that are due, orders that are warned about."""
    due = asked.queries.invoice_waiting(asked.sources.clock.day()).overdue
    if due:
        yield Part(f"▲ {tell('invoice.overdue', count=due)}", address="/invoices?overdue=1")
    if warned := [row.content.number for row in asked.queries.orders() if row.warnings]:
        yield Part(f"▲ {tell('purchase.warned', count=len(warned))}", address="/orders?warning=all")


def _watched(asked: Asked) -> Iterator[Part]:
    """Yield how many items the library system showed otherwise than the journal has them."""
    if differing := len(asked.queries.presence_contradictions()):
        yield Part(f"▲ {tell('watch.differs', count=differing)}", address="/withdrawals/watch")


def _moving(asked: Asked) -> Iterator[Part]:
    """Yield how many transfers are late or refused, and how many items are ready to process."""
    late_from = begin_of(asked.sources.clock.day(-asked.sources.settings.withdrawal.red_days))
    rows = asked.queries.transfers()
    if late := sum(row.is_late(late_from) for row in rows):
        yield Part(f"▲ {tell('transfer.late', count=late)}", address="/transfers")
    if ready := sum(row.next_step is TransferStep.PROCESS for row in rows):
        yield Part(tell("transfer.ready", count=ready), address=f"/transfers?step={TransferStep.PROCESS}")


def _leaving(board: StatusBoard) -> Iterator[Part]:
    """Yield what leaves the library and waits, as the status board counts it."""
    for fact in board.departing.facts:
        address = _DEPARTING.get(fact.sentence.key, "")
        yield Part(f"{'▲ ' if fact.bad else ''}{tell(fact.sentence)}", () if address else fact.lines, address)


def _waiting(asked: Asked, board: StatusBoard) -> tuple[list[str], list[tuple[str, list[tuple[str, str]]]]]:
    """Return the heads of the table, and for each step its list with the cells by head."""
    table, names = waiting(board.ages), asked.names_seen()
    heads = [tell(column.head) for column in table.columns]
    rows = []
    for row in table.rows:
        cells = [shown(column, cell, names) for column, cell in zip(table.columns, row, strict=True)]
        rows.append((_LISTS.get(Step(str(row[0])), ""), list(zip(heads, cells, strict=True))))
    return heads, rows


def _board(asked: Asked) -> StatusBoard:
    sources = asked.sources
    snapshot = health = None
    client = connect(sources.data)
    if client is not None:
        with client:
            snapshot, health = client.snapshot(), client.reader_health()

    def unusable() -> tuple[Sentence, ...]:
        wrong_rules = rules_to_show(sources.settings, sources.data)[1]
        return (*map(Sentence.verbatim, words.unusable()), *filter(None, (wrong_rules,)))

    names = asked.names_seen()
    boards = StatusBoards(
        asked.queries,
        sources.clock,
        lambda: snapshot,
        lambda: health,
        lambda who: names.get(who, who),
        unusable,
        sources.settings.withdrawal,
    )
    return boards.board(asked.viewer.id)


def _hand(board: StatusBoard) -> str:
    """Return which item is in hand at the bench, else why none is."""
    if not board.in_hand:
        return tell("board.nothing-in-hand" if board.running else "board.not-running")
    return tell("office.in-hand", item=board.in_hand)


def _needs(board: StatusBoard) -> list[Part]:
    parts = [Part(f"! {board.called}")] if board.called else []
    waiting: list[tuple[Waiting, str | Sentence, str]] = [
        (board.unusable, Sentence("board.unusable", count=board.unusable.count), ""),
        (board.recovered, Sentence("board.recovered", count=board.recovered.count), "/journal"),
        (board.overdue, Sentence("board.overdue", count=board.overdue.count), "/fix"),
        (
            board.overdue_differences,
            Sentence("board.overdue-differences", count=board.overdue_differences.count),
            "/differences?overdue=1",
        ),
        (board.overdue_boxes, Sentence("box.overdue", count=board.overdue_boxes.count), "/boxes?overdue=1"),
        (board.missing_items, Sentence("box.missing", count=board.missing_items.count), "/boxes?missing=1"),
        (board.lots, Sentence("board.lots", count=board.lots.count), "/fix/lots"),
        (board.parked, parked_words(board.parked), "/outbox?state=parked"),
        (board.unjudged, Sentence("board.unjudged", count=board.unjudged.count), ""),
        (board.open_sets, Sentence("board.open-sets", count=board.open_sets.count), ""),
        (board.unfinished, Sentence("board.unfinished", count=board.unfinished.count), ""),
    ]
    for rows, sentence, address in waiting:
        if rows.count:
            lines = () if address else rows.oldest  # the list says more
            parts.append(Part(f"▲ {tell(sentence)}", lines, address))
    if board.center:
        parts.append(Part(f"▲ {board.center}"))
    if board.reader and not board.reader_ready:
        parts.append(Part(f"× {board.reader}"))
    return parts


def _tags(board: StatusBoard) -> list[Part]:
    rolls = [(board.last_tags, tell("board.last", count=board.last_tags.tags))]
    rolls += [(row, tell("board.roll", name=row.name) if row.name else tell("board.no-roll")) for row in board.rolls]
    return [
        Part(
            tell(
                "board.roll-line", roll=title, failed=row.failed, tags=row.tags, rate=f"{row.rate:.1%}", again=row.again
            )
        )
        for row, title in rolls
    ]
