"""What receiving must come to, worked out anew from what was done: no table, no index, no state but lists of plain values.

Written from docs/receiving.md and docs/decisions/39-receiving.md, without the code under test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

HERE: Final = ("matched", "over", "duplicate")
"""Outcomes of a copy that its line names."""


@dataclass
class Line:
    """`number`: on the piece; `order`: the order line, "" = none."""

    list: str
    number: str
    quantity: int = 1
    order: str = ""
    carton: str = ""
    cancelled: bool = False
    current: bool = True


@dataclass
class List:
    id: str
    kind: str
    vendor: str
    lines: list[Line] = field(default_factory=list)
    closed: bool = False


@dataclass
class Shipment:
    id: str
    vendor: str
    lists: tuple[str, ...] = ()
    carton: str = ""
    purpose: str = "purchase"
    closed: bool = False


@dataclass
class Copy:
    """A counted copy. `line`: number of its line; "" = on none."""

    id: int
    shipment: str
    list: str
    line: str
    outcome: str
    order: str = ""
    returned: bool = False
    undone: bool = False
    faults: frozenset[str] = frozenset()


@dataclass
class Difference:
    kind: str
    shipment: str
    copy: int = 0
    list: str = ""
    line: str = ""
    copies: int = 1
    state: str = "open"
    end: str = ""

    @property
    def is_open(self) -> bool:
        return self.state in ("open", "claimed")


class Ledger:
    """The lists, shipments, copies and differences so far."""

    def __init__(self) -> None:
        self.lists: list[List] = []
        self.shipments: list[Shipment] = []
        self.copies: list[Copy] = []
        self.differences: list[Difference] = []

    # --- sums -------------------------------------------------------------------------------------------------------

    def here(self, line: Line, shipment: str = "") -> int:
        """Return the copies on the line that are here, optionally those of one shipment."""
        on_line = (copy for copy in self.copies if (copy.list, copy.line) == (line.list, line.number))
        return sum(self._stays(copy) for copy in on_line if shipment in ("", copy.shipment))

    def ordered_here(self, line: Line) -> int:
        """Return the copies of the line's order that are here, on any list."""
        if not line.order:
            return self.here(line)
        return sum(self._stays(copy) for copy in self.copies if copy.order == line.order)

    def _stays(self, copy: Copy) -> bool:
        return copy.outcome in HERE and not (copy.undone or copy.returned)

    def lines_of(self, shipment: Shipment) -> list[Line]:
        lists = [known for ident in shipment.lists for known in self.lists if known.id == ident]
        lines = [line for known in lists for line in known.lines if line.current]
        return [line for line in lines if not shipment.carton or line.carton in ("", shipment.carton)]

    def in_short(self, shipment: Shipment) -> tuple[int, int, int, int]:
        """Return the copies listed, counted and matched, and the open differences."""
        copies = [copy for copy in self.copies if copy.shipment == shipment.id and not copy.undone]
        return (
            sum(line.quantity for line in self.lines_of(shipment) if not line.cancelled),
            len(copies),
            sum(copy.outcome == "matched" and copy.list in shipment.lists and not copy.returned for copy in copies),
            sum(known.is_open for known in self.differences if known.shipment == shipment.id),
        )

    # --- acts -------------------------------------------------------------------------------------------------------

    def counts(self, seq: int, shipment: Shipment, scanned: str, related: str = "") -> Copy:
        """Count a copy with a number or an order line."""
        line, outcome = self._place(shipment, scanned, related)
        at = (line.list, line.number, outcome, line.order) if line is not None else ("", "", outcome)
        copy = Copy(seq, shipment.id, *at)
        self.copies.append(copy)
        if outcome != "matched":
            self.differences.append(Difference(outcome, shipment.id, seq, copy.list, copy.line))
        return copy

    def _place(self, shipment: Shipment, scanned: str, related: str) -> tuple[Line | None, str]:
        if shipment.purpose == "gift":
            return None, "matched"
        by_order = self._best(shipment, (line for line in self._open(shipment) if line.order == scanned))
        best = by_order or self._best(shipment, (line for line in self._open(shipment) if line.number == scanned))
        if best is None:
            lacking = [line for line in self._open(shipment) if related == line.number and self._lacks(line)]
            if lacking:
                return self._best(shipment, lacking), "wrong-edition"
            return None, "matched" if shipment.purpose != "purchase" and not shipment.lists else "not-ordered"
        if any(line.cancelled for line in self._same_order(best)):
            return best, "cancelled"
        if not self._lacks(best):
            return best, "over" if self.here(best, shipment.id) else "duplicate"
        orders = [
            sum(line.quantity for line in known.lines if line.current and line.order == best.order)
            for known in self.lists
            if known.kind == "order" and best.order in {line.order for line in known.lines if line.current}
        ]
        is_full = best.order and orders and self.ordered_here(best) >= max(orders)
        return best, "duplicate" if is_full else "matched"

    def _open(self, shipment: Shipment) -> Iterator[Line]:
        for known in self.lists:
            if not known.closed and (not shipment.vendor or known.vendor in ("", shipment.vendor)):
                yield from (line for line in known.lines if line.current)

    def _best(self, shipment: Shipment, lines: Iterable[Line]) -> Line | None:
        """Return the line that lacks copies, of the shipment, of a box, the oldest; in this order."""
        rank = lambda line: (  # noqa: E731
            not self._lacks(line),
            line.list not in shipment.lists,
            self._kind(line) == "order",
        )
        return min(lines, key=rank, default=None)

    def _lacks(self, line: Line) -> int:
        return line.quantity - (self.ordered_here(line) if self._kind(line) == "order" else self.here(line)) > 0

    def _kind(self, line: Line) -> str:
        return next(known.kind for known in self.lists if known.id == line.list)

    def _same_order(self, line: Line) -> list[Line]:
        every = [other for known in self.lists for other in known.lines if other.current]
        return [other for other in every if other is line or (line.order and other.order == line.order)]

    def closes(self, shipment: Shipment, *, more: bool) -> None:
        shipment.closed = True
        held = {ident for other in self.shipments if not other.closed for ident in other.lists}
        for line in () if more else self.lines_of(shipment):
            at = (line.list, line.number)
            back = [copy for copy in self.copies if (copy.list, copy.line) == at and copy.returned and not copy.undone]
            told = [known for known in self.differences if known.kind == "short" and (known.list, known.line) == at]
            copies = line.quantity - self.here(line) - sum(copy.outcome in HERE for copy in back)
            copies -= sum(known.copies for known in told if known.end != "replaced")
            if copies > 0 and self._kind(line) == "box" and not line.cancelled and line.list not in held:
                self.differences.append(Difference("short", shipment.id, 0, *at, copies))

    def faults(self, copy: Copy, fault: str) -> None:
        copy.faults |= {fault}
        self.differences.append(Difference(fault, copy.shipment, copy.id, copy.list, copy.line))

    def may_undo(self, copy: Copy) -> bool:
        shipment = next(known for known in self.shipments if known.id == copy.shipment)
        own = [known for known in self.differences if known.copy == copy.id]
        return not (copy.returned or copy.undone or shipment.closed or any(known.state != "open" for known in own))

    def undoes(self, copy: Copy) -> None:
        copy.undone = True
        for known in self.differences:
            if known.copy == copy.id:
                known.state = "undone"

    def replaces(self, known: List, lines: Iterable[Line]) -> None:
        """Give a list other lines, and open it. A line keeps its copies as long as the list has its number."""
        now = {line.number: line for line in lines}
        known.closed = False
        known.lines = [now.pop(line.number, None) or replace(line, current=False) for line in known.lines]
        known.lines += now.values()
