"""The journal as a table: a page of it, and what it contains about one item or tag."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final

from station.base.sentence import Sentence
from station.domain.events import CheckAnswered
from station.domain.findings import Outcome
from station.domain.ports import Logged
from station.reports.tables.table import Column, Kind, Table, table
from station.store.queries.queries import Queries

_NUMBER: Final = Column("seq", Sentence("office.head.number"), Kind.EVENT)
_TIME: Final = Column("at", Sentence("office.head.time"), Kind.TIME)
_WHAT: Final = Sentence("office.head.what")


def journal(queries: Queries, before: int | None, limit: int, *, exactly: bool = False) -> Table:
    """Return the newest events before event `before`. `exactly`: with codes and ids in place of titles and words."""
    rows = queries.journal_page(before, limit + 1, plain=not exactly)
    return table(
        (_NUMBER, _TIME, Column("kind", Sentence("office.head.kind"), Kind.CODE), Column("summary", _WHAT)),
        [(row.seq, row.at, row.kind, row.summary) for row in rows[:limit]],
        next_page=str(rows[limit - 1].seq) if len(rows) > limit else "",
    )


def life(logged: Sequence[Logged], *, exactly: bool = False) -> Table:
    """Return the events of one item or tag, the newest first. `exactly`: as for `journal`; else good answers that follow
    each other are one row."""
    rows: list[tuple[int, str, Sentence]] = []
    for good, together in itertools.groupby(reversed(logged), lambda entry: not exactly and _is_good_answer(entry)):
        entries = list(together)
        if good and len(entries) > 1:
            rows.append((entries[0].seq, entries[0].at, Sentence("office.good-answers", count=len(entries))))
        else:
            rows += [(entry.seq, entry.at, entry.said if exactly else entry.plain or entry.said) for entry in entries]
    return table((_NUMBER, _TIME, Column("summary", _WHAT)), rows)


def _is_good_answer(entry: Logged) -> bool:
    return isinstance(entry.event, CheckAnswered) and entry.event.finding.outcome is not Outcome.FAIL
