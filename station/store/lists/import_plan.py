"""What an import of packing lists would do: which lists are new, which are in the journal already, and what changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import TypeVar

import msgspec

from station.domain.events import PackingListImported, PackingListReplaced, PackingListStep
from station.domain.packing_lists.changes import LineChange, changes
from station.domain.packing_lists.packing_list import ListKind, ListStanding, PackingLine, PackingList, heading
from station.store.projections.packing_lists import has_name
from station.store.queries.queries import Queries

T = TypeVar("T", PackingList, ListStanding)


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
    same_copies: ListStanding | None = None
    """Another open list of the vendor that names all copies of this list, as an invoice and a despatch advice do."""

    @property
    def heading(self) -> str:
        """Return vendor and number."""
        return heading(self.content.vendor, self.content.name)

    @property
    def same_name(self) -> bool:
        """Whether the list in the journal has this vendor and number; else it came from the same file."""
        return self.standing is not None and has_name(self.standing, self.content)

    def event(self, source: str, digest: str, operator: str, *, reopens: bool = False) -> PackingListStep | None:
        """Return the event that imports or replaces the list; None if nothing changes. `source`: name of the file;
        `reopens`: an unchanged list that is closed opens again."""
        now = self.standing
        if now is None:
            return PackingListImported(content=self.content, source=source, digest=digest, operator=operator)
        if self.state is ImportState.UNCHANGED and not (now.closed and reopens):
            return None
        return PackingListReplaced(
            list=now.id, replaces=now.newest, content=self.content, source=source, digest=digest, operator=operator
        )

    @property
    def moved(self) -> bool:
        """Whether vendor, number, date or kind differ from those in the journal."""
        now, new = self.standing, self.content
        there = None if now is None else (now.vendor, now.name, now.date, now.kind)
        return there not in (None, (new.vendor, new.name, new.date, new.kind))


def plan(contents: Sequence[PackingList], digest: str, queries: Queries) -> tuple[PlannedImport, ...]:
    """Return what an import does with each list of a file with this SHA-256. A list is in the journal already if one has
    its vendor and number, or if one with the same lines came from the same file. Lists of a recorded vendor have its
    name, whatever the file or the journal calls it. Raises `StoreError`."""
    names = {name: vendor.name for vendor in queries.vendors() for name in vendor.known_as}
    contents = [_under(content, names) for content in contents]
    standings = [_under(standing, names) for standing in queries.packing_lists()]
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
        other = _with_same_copies(content, standings, queries)
        return PlannedImport(content=content, state=ImportState.NEW, same_copies=other)
    planned = PlannedImport(
        content=content,
        state=ImportState.REPLACES,
        standing=standing,
        changes=changes(lines_of(standing), content.lines),
    )
    if planned.changes or planned.moved or standing.lines != len(content.lines):
        return planned
    return msgspec.structs.replace(planned, state=ImportState.UNCHANGED)


def _under(listed: T, names: Mapping[str, str]) -> T:
    """Return a list under the name of its vendor. `names`: of recorded vendors, by all that they are known as."""
    return msgspec.structs.replace(listed, vendor=names.get(listed.vendor.strip().casefold(), listed.vendor))


def _with_same_copies(content: PackingList, standings: Sequence[ListStanding], queries: Queries) -> ListStanding | None:
    """Return the oldest open list of the vendor that names every title of a new packing list, with as many copies."""
    if content.kind is not ListKind.BOX:
        return None
    first = content.lines[0]
    fitting = queries.fitting_lines(first.barcode, first.order_line, frozenset(first.numbers))
    near = {line.key.list for line in fitting}
    copies = _copies(content.lines)
    return next(
        (
            standing
            for standing in standings
            if standing.id in near
            and standing.vendor.casefold() == content.vendor.casefold()
            and not standing.closed
            and copies <= _copies([line.line for line in queries.packing_list_lines(standing.id) if line.current])
        ),
        None,
    )


def _copies(lines: Sequence[PackingLine]) -> Counter[str]:
    """Return the number of copies of each title, by its first number, else order line or barcode."""
    counted: Counter[str] = Counter()
    for line in lines:
        counted[next(iter(line.numbers), line.order_line or line.barcode)] += line.quantity
    return counted
