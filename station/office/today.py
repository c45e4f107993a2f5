"""The page Today: what needs a person, what was done, and how reader and tags are."""

from __future__ import annotations

import msgspec

from station.base import words
from station.base.sentence import Sentence
from station.base.words import tell
from station.domain.status_board import StatusBoard, Waiting, parked_words
from station.office.asked import Asked, Page
from station.reports.status_board import StatusBoards
from station.runtime.library_systems import rules_to_show
from station.runtime.socket.client import connect


class Part(msgspec.Struct, frozen=True):
    """One line of the page with what is under it."""

    sentence: str
    lines: tuple[str, ...] = ()
    address: str = ""
    """The list that the number counts; "" = no page has it."""


def today(asked: Asked) -> Page:
    """What needs a person, as the status board at the bench says it; each number leads to its list."""
    if not asked.queries.exists:
        return Page(template="sentence", title=tell("office.today"), values={"sentence": tell("office.no-journal")})
    board, lately = _board(asked), asked.queries.lately()
    return Page(
        template="today",
        title=tell("office.today"),
        values={
            "needs": _needs(board),
            "work": [
                Part(board.in_hand or tell("board.nothing-in-hand" if board.running else "board.not-running")),
                Part(tell("office.done-today", count=lately.today)),
                Part(tell("board.corrections", count=board.open_corrections), address="/fix"),
                Part(tell("board.deliveries", count=board.waiting), address="/outbox"),
            ],
            "tags": _tags(board),
        },
    )


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
        asked.queries, sources.clock, lambda: snapshot, lambda: health, lambda who: names.get(who, who), unusable
    )
    return boards.board(asked.viewer.id)


def _needs(board: StatusBoard) -> list[Part]:
    parts = [Part(f"! {board.called}")] if board.called else []
    waiting: list[tuple[Waiting, str | Sentence, str]] = [
        (board.unusable, Sentence("board.unusable", count=board.unusable.count), ""),
        (board.recovered, Sentence("board.recovered", count=board.recovered.count), "/journal"),
        (board.overdue, Sentence("board.overdue", count=board.overdue.count), "/fix"),
        (board.lots, Sentence("board.lots", count=board.lots.count), "/fix"),
        (board.parked, parked_words(board.parked), "/outbox?state=parked"),
        (board.unjudged, Sentence("board.unjudged", count=board.unjudged.count), ""),
        (board.open_sets, Sentence("board.open-sets", count=board.open_sets.count), ""),
        (board.unfinished, Sentence("board.unfinished", count=board.unfinished.count), ""),
    ]
    for rows, sentence, address in waiting:
        if rows.count:
            parts.append(Part(f"▲ {tell(sentence)}", rows.oldest, address))
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
