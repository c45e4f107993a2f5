"""What a replacement of a packing list changes: which lines are the same, and where the arrived items belong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Final

import msgspec

from station.domain.packing_lists.packing_list import PackingLine

_Keys = Callable[[PackingLine], tuple[object, ...]]
_FIELDS: Final = (
    "line",
    "barcode",
    "order_line",
    "numbers",
    "title",
    "quantity",
    "ordered",
    "price",
    "library",
    "vendor_number",
    "fund",
    "carton",
    "points",
    "cancelled",
)


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class LineChange(msgspec.Struct, frozen=True, kw_only=True):
    """Difference of one line. `before` is None for an added line, `after` for a removed one."""

    kind: ChangeKind
    before: PackingLine | None = None
    after: PackingLine | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the names of the fields that differ, if both lines exist."""
        if self.before is None or self.after is None:
            return ()
        return tuple(name for name in _FIELDS if getattr(self.before, name) != getattr(self.after, name))


def same_lines(new: Sequence[PackingLine], old: Mapping[str, PackingLine]) -> tuple[str, ...]:
    """Return for each new line the id of the old line with the same copies; "" = none. An old line is the same as at
    most one new line. Of several, the first in `old` is taken."""
    same = [""] * len(new)
    free = dict(old)
    for keys, of_old, of_new in _PASSES:
        by_key: dict[object, list[str]] = {}
        for ident, line in reversed(free.items()):
            if of_old(line):
                for key in keys(line):
                    by_key.setdefault(key, []).append(ident)
        for place, line in enumerate(new):
            if not same[place] and of_new(line) and (ident := _taken(free, by_key, keys(line))):
                same[place] = ident
    return tuple(same)


def changes(before: Sequence[PackingLine], after: Sequence[PackingLine]) -> tuple[LineChange, ...]:
    """Return the differences between two contents of a list: first the lines that changed or were added, in the order
    of `after`, then those that were removed."""
    old = {line.line: line for line in before}
    same = same_lines(after, old)
    return (*_kept(old, same, after), *_removed(old, same))


class CopyFinder:
    """Finds the line to which an arrived item belongs."""

    def __init__(self, lines: Mapping[str, PackingLine]) -> None:
        """`lines`: the present lines, by id."""
        self._by_key: dict[object, str] = {}
        for ident, line in lines.items():
            for key in _copy_keys(line.barcode, line) if not line.barcode else (("barcode", line.barcode),):
                self._by_key.setdefault(key, ident)

    def line_of(self, barcode: str, line: PackingLine) -> str:
        """Return the id of the line with the item's barcode, else of one with an order line or a number of `line`, for
        which the item arrived; "" = none."""
        return next((self._by_key[key] for key in _copy_keys(barcode, line) if key in self._by_key), "")

    def own_line(self, barcode: str) -> str:
        """Return the id of the line with this barcode; "" = none."""
        return self._by_key.get(("barcode", barcode), "")


def _copy_keys(barcode: str, line: PackingLine) -> Iterator[tuple[str, str]]:
    if barcode:
        yield "barcode", barcode
    if line.order_line:
        yield "order_line", line.order_line
    for number in line.numbers:
        yield "number", number


def _kept(old: Mapping[str, PackingLine], same: Sequence[str], after: Sequence[PackingLine]) -> Iterator[LineChange]:
    for ident, line in zip(same, after, strict=True):
        if not ident:
            yield LineChange(kind=ChangeKind.ADDED, after=line)
        elif old[ident] != line:
            yield LineChange(kind=ChangeKind.CHANGED, before=old[ident], after=line)


def _removed(old: Mapping[str, PackingLine], same: Sequence[str]) -> Iterator[LineChange]:
    kept = set(same)
    return (LineChange(kind=ChangeKind.REMOVED, before=line) for ident, line in old.items() if ident not in kept)


def _taken(free: dict[str, PackingLine], by_key: Mapping[object, list[str]], keys: tuple[object, ...]) -> str:
    """Return the first free line with one of these keys, and take it; "" = none."""
    for key in keys:
        waiting = by_key.get(key, [])
        while waiting:
            if (ident := waiting.pop()) in free:
                del free[ident]
                return ident
    return ""


def _any(_: PackingLine) -> bool:
    return True


def _not_barcoded(line: PackingLine) -> bool:
    return not line.barcode


def _without_order(line: PackingLine) -> bool:
    return not line.barcode and not line.order_line


_PASSES: Final[tuple[tuple[_Keys, Callable[[PackingLine], bool], Callable[[PackingLine], bool]], ...]] = (
    (lambda line: (line.barcode,) if line.barcode else (), _any, _any),
    (lambda line: ((line.line, line.order_line, line.numbers),), _not_barcoded, _not_barcoded),
    (lambda line: ((line.order_line, line.numbers),), _not_barcoded, _not_barcoded),
    (lambda line: (line.order_line,) if line.order_line else (), _not_barcoded, _not_barcoded),
    (lambda line: line.numbers, _without_order, _not_barcoded),
    (lambda line: line.numbers, _not_barcoded, _without_order),
)
"""Ways to find the same line, the surest first: what must be equal, and which old and new lines it is asked of. Lines
with different order lines are never the same."""
