"""The journal as a table: a page of it, and what it contains about one item or tag."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState
from station.domain.events import CheckAnswered
from station.domain.findings import Outcome
from station.domain.ports import JournalRow, Logged
from station.reports.tables.table import Column, Kind, Table, table
from station.store.queries.journal_search import EventFilter
from station.store.queries.queries import Queries

_NUMBER: Final = Column("seq", Sentence("office.head.number"), Kind.EVENT, leads_to="/journal")
_TIME: Final = Column("at", Sentence("office.head.time"), Kind.TIME)
_SUMMARY: Final = Column("summary", Sentence("office.head.what"))
GROUPS: Final[dict[str, frozenset[str]]] = {
    name: frozenset(map(ev.kind_of, union.__args__))
    for name, union in (
        ("items", ev.ItemEvent),
        ("tags", ev.TagEvent),
        ("to-fix", ev.CorrectionEvent),
        ("deliveries", ev.LibraryEvent),
        ("people", ev.WorkerEvent),
        ("packing-lists", ev.PackingListEvent),
        ("shipments", ev.ShipmentEvent),
        ("workflows", ev.WorkflowEvent),
        ("station", ev.StationEvent | ev.RulesInForce),
    )
}
"""Kinds of events by the group that a reader asks for."""


def kinds_of(names: Iterable[str]) -> frozenset[str]:
    """Return the kinds of these groups and kinds. Raises `KeyError` for an unknown name."""
    known = GROUPS | {kind: frozenset({kind}) for kind in ev.KINDS}
    return frozenset[str]().union(*(known[name] for name in names))


def journal(queries: Queries, wanted: EventFilter, before: int | None, limit: int, *, exactly: bool = False) -> Table:
    """Return the wanted events before event `before`, the newest first. `exactly`: with codes and ids in place of titles
    and words; else deliveries that arrived one after the other are one row, unless deliveries are asked for."""
    page = queries.journal_search(wanted, before, limit, plain=not exactly)
    folds = not exactly and wanted == EventFilter()
    made = table(
        (_NUMBER, _TIME, Column("kind", Sentence("office.head.kind"), Kind.CODE), _SUMMARY),
        list(_folded(page.rows) if folds else ((row.seq, row.at, row.kind, row.summary) for row in page.rows)),
        next_page=str(page.before or ""),
    )
    return msgspec.structs.replace(made, looked_back_to=page.looked_back_to)


def _folded(rows: Sequence[JournalRow]) -> Iterator[tuple[int, str, str, Sentence]]:
    for arrived, together in itertools.groupby(rows, _is_delivered):
        entries = list(together)
        if arrived and len(entries) > 1:
            newest = entries[0]
            yield newest.seq, newest.at, newest.kind, Sentence("office.delivered", count=len(entries))
        else:
            yield from ((row.seq, row.at, row.kind, row.summary) for row in entries)


def _is_delivered(row: JournalRow) -> bool:
    state = row.summary.values.get("state")
    return isinstance(state, Sentence) and state.key == f"outbox.state.{DeliveryState.DELIVERED.value}"


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
    return table((_NUMBER, _TIME, _SUMMARY), rows)


def _is_good_answer(entry: Logged) -> bool:
    return isinstance(entry.event, CheckAnswered) and entry.event.finding.outcome is not Outcome.FAIL
