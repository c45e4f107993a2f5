"""Corrections as rows, details and JSON values, and the corrections of several benches as one list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from station.base.local_time import local_minute
from station.base.sentence import EMPTY, Sentence
from station.base.words import tell
from station.domain.corrections.correction import UNKNOWN, Entry, ItemToFix
from station.domain.corrections.words import OVERDUE, headline, waits_for, words
from station.reports.tables.corrections import corrections
from station.store.people.visibility import ANOTHER

SHOWN: Final = 8
"""Characters of an id that a list shows."""


class Merged(msgspec.Struct, frozen=True):
    """Correction, and the other benches where a correction for the same item and rule is open."""

    entry: Entry
    also: tuple[str, ...] = ()


def merged(benches: Mapping[str, Sequence[Entry]]) -> tuple[Merged, ...]:
    """Merge the lists of several benches, ordered by owner and age. Key: name of a bench, "" = this bench.

    Open corrections for the same item and rule become one correction: the oldest of them, overdue if any of them is. Closed
    corrections are not merged.
    """
    first: dict[tuple[str, str, str], tuple[Entry, list[str]]] = {}
    closed: list[tuple[Entry, list[str]]] = []
    rows = sorted(
        ((entry, bench) for bench, entries in benches.items() for entry in entries),
        key=lambda pair: (pair[0].opened_at, pair[1]),
    )
    for entry, bench in rows:
        now = entry.correction
        key = (now.barcode, now.rule, now.kind.value)
        names = [bench] if bench else []
        if entry.closed_at:
            closed.append((entry, names))
        elif key in first:
            before, others = first[key]
            late = before.overdue or entry.overdue
            first[key] = (msgspec.structs.replace(before, overdue=late), [*others, *names])
        else:
            first[key] = (entry, names)
    merged_entries = [Merged(entry, tuple(names)) for entry, names in (*first.values(), *closed)]
    return tuple(
        sorted(
            merged_entries,
            key=lambda merged_entry: (
                bool(merged_entry.entry.closed_at),
                merged_entry.entry.correction.owner.casefold(),
            ),
        )
    )


def row(merged_entry: Merged, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return the cells of a correction in the list."""
    entry = merged_entry.entry
    now = entry.correction
    late = tell(OVERDUE) if entry.overdue else ""
    age = tell("correction.list.age", days=entry.age)
    also = tell("correction.list.also", where=", ".join(merged_entry.also)) if merged_entry.also else ""
    owner = names.get(now.owner, now.owner)
    return (
        now.id[:SHOWN],
        owner,
        age,
        now.due,
        late,
        tell(f"correction.list.severity.{now.severity.value}"),
        now.barcode,
        tell(headline(entry)),
        tell(waits_for(entry)),
        also,
    )


def details(
    entry: Entry, names: Mapping[str, str], item: ItemToFix = UNKNOWN, next_step: Sentence = EMPTY
) -> Iterator[tuple[str, str]]:
    """Yield the names and values of one correction. `next_step`: see `domain.corrections.words.to_do`."""
    now = entry.correction
    yield tell("correction.row.correction"), now.id
    yield tell("correction.row.item"), f"{now.barcode} {now.item_title}".strip()
    if now.rule:
        severity = tell(f"correction.list.severity.{now.severity.value}")
        yield tell("correction.row.rule"), tell("correction.row.rule-of", rule=now.rule, severity=severity)
    yield tell("correction.row.what"), tell(headline(entry))
    if now.parts != (1,):
        yield tell("correction.row.parts"), ", ".join(map(str, now.parts))
    yield tell("correction.row.state"), tell(waits_for(entry))
    if now.owner:
        yield tell("correction.row.owner"), names.get(now.owner, now.owner)
    yield tell("correction.row.due"), now.due + (f" {tell(OVERDUE)}" if entry.overdue else "")
    yield tell("correction.row.age"), tell("correction.row.days", count=entry.age)
    if now.worker:
        yield tell("correction.row.work-of"), names.get(now.worker, now.worker)
    if item.label:
        yield tell("item.label"), " / ".join(item.label)
    if next_step:
        yield tell("correction.row.to-do"), tell(next_step)
    for step in entry.steps:
        yield local_minute(step.at), tell(words(step, names))


def value(entry: Entry, names: Mapping[str, str], also: Sequence[str] = ()) -> dict[str, object]:
    """Return one correction as a JSON value."""
    now = entry.correction
    return {
        **msgspec.structs.asdict(now),
        **corrections([entry]).values()[0],
        "owner_name": names.get(now.owner, "") if now.owner != ANOTHER else "",
        "worker_name": names.get(now.worker, "") if now.worker != ANOTHER else "",
        "opened_at": entry.opened_at,
        "closed_at": entry.closed_at,
        "history": [
            {"seq": step.seq, "at": step.at, "what": words(step, names), "event": step.event} for step in entry.steps
        ],
        "also": list(also),
    }
