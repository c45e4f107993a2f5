"""What an import of packing lists would do: which lists are new, which are in the journal already, and what changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum

import msgspec

from station.domain.packing_lists.changes import LineChange, changes
from station.domain.packing_lists.packing_list import ListStanding, PackingLine, PackingList, heading
from station.store.projections.packing_lists import has_name
from station.store.queries.queries import Queries


class ImportState(StrEnum):
    NEW = "imported"
    UNCHANGED = "unchanged"
    REPLACES = "replaced"


class PlannedImport(msgspec.Struct, frozen=True, kw_only=True):
    """One list of a file, and what its import does."""

    content: PackingList
    state: ImportState
    standing: ListStanding | None = None
    """The list in the journal that it is; None = a new list."""
    changes: tuple[LineChange, ...] = ()

    @property
    def heading(self) -> str:
        """Return vendor and number."""
        return heading(self.content.vendor, self.content.name)

    @property
    def same_name(self) -> bool:
        """Whether the list in the journal has this vendor and number; else it came from the same file."""
        return self.standing is not None and has_name(self.standing, self.content)

    @property
    def moved(self) -> bool:
        """Whether vendor, number or date differ from those in the journal."""
        now = self.standing
        there = None if now is None else (now.vendor, now.name, now.date)
        return there not in (None, (self.content.vendor, self.content.name, self.content.date))


def plan(contents: Sequence[PackingList], digest: str, queries: Queries) -> tuple[PlannedImport, ...]:
    """Return what an import does with each list of a file with this SHA-256. A list is in the journal already if one has
    its vendor and number, or if one with the same lines came from the same file. Raises `StoreError`."""
    standings = queries.packing_lists()
    named = {standing.id for standing in standings if any(has_name(standing, content) for content in contents)}
    return tuple(_planned(content, digest, standings, named, queries) for content in contents)


def _planned(
    content: PackingList, digest: str, standings: Sequence[ListStanding], named: Collection[str], queries: Queries
) -> PlannedImport:
    def lines_of(standing: ListStanding) -> tuple[PackingLine, ...]:
        return tuple(line.line for line in queries.packing_list_lines(standing.id) if line.current)

    standing = next((known for known in standings if has_name(known, content)), None)
    if standing is None:
        same_file = (known for known in standings if known.digest == digest and known.id not in named)
        standing = next((known for known in same_file if lines_of(known) == content.lines), None)
    if standing is None:
        return PlannedImport(content=content, state=ImportState.NEW)
    planned = PlannedImport(
        content=content,
        state=ImportState.REPLACES,
        standing=standing,
        changes=changes(lines_of(standing), content.lines),
    )
    if planned.changes or planned.moved or standing.lines != len(content.lines):
        return planned
    return msgspec.structs.replace(planned, state=ImportState.UNCHANGED)
