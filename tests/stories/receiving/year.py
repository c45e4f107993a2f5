"""A year of deliveries: what comes in each carton is drawn first, and from that alone what the journal must come to."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from station.domain import events as ev
from station.domain.packing_lists.packing_list import ListKind, PackingLine, PackingList
from station.domain.people.rights import Role
from station.domain.receiving.counting import CopyFault, CountOutcome, Purpose
from station.domain.receiving.difference import Difference, DifferenceEnd
from station.domain.receiving.shipment import AddedCopy, Count, shipment_id
from station.domain.receiving.vendor import Vendor
from station.store.owner import Store

VENDORS: Final = 12
OF_A_LIST: Final = 40
FUNDS: Final = ("hist", "arts", "sci", "ref")
LIBRARIES: Final = ("main", "east", "west")
_CASES: Final = ("short", "over", "wrong-edition", "damaged", "cancelled", "duplicate", "not-ordered")
_PURPOSES: Final = (*[Purpose.PURCHASE] * 16, Purpose.APPROVAL, Purpose.STANDING, Purpose.LEASE, Purpose.GIFT)


@dataclass
class Piece:
    """A piece in a carton. `related`: number of the edition that was ordered."""

    number: str
    related: str = ""
    damaged: bool = False
    returned: bool = False


@dataclass
class Carton:
    vendor: int
    purpose: Purpose
    name: str
    lines: list[PackingLine] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    ordered: bool = False
    """True if its lines were imported as an order before."""


class Year:
    """`cartons`: what comes. The other fields: what the journal must come to."""

    def __init__(self, lines: int, seed: int) -> None:
        self._chance = random.Random(seed)
        self._number = 0
        self.cartons: list[Carton] = []
        self.differences: Counter[tuple[str, str]] = Counter()
        """Copies by vendor and kind."""
        self.added: Counter[str] = Counter()
        """Copies by kind of event."""
        self.spent: Counter[str] = Counter()
        """Cents by fund, of bought copies."""
        self.titles: set[tuple[str, str]] = set()
        """Number and library of each title that was added."""
        again: dict[int, list[PackingLine]] = {}
        while lines > 0:
            carton = Carton(self._chance.randrange(VENDORS), self._chance.choice(_PURPOSES), f"INV-{len(self.cartons)}")
            carton.ordered = carton.purpose is Purpose.PURCHASE and self._chance.random() < 0.2
            for line in again.pop(carton.vendor, []) if carton.purpose is Purpose.PURCHASE else ():
                self._comes_again(carton, line)
            for _ in range(min(lines, OF_A_LIST)):
                if carton.purpose is Purpose.PURCHASE:
                    case = self._chance.choice(_CASES) if self._chance.random() < 0.12 else ""
                    line = self._bought(carton, case)
                    if case == "duplicate" and carton.ordered:
                        again.setdefault(carton.vendor, []).append(line)
                else:
                    self._other(carton)
            lines -= OF_A_LIST
            self._chance.shuffle(carton.pieces)
            self.cartons.append(carton)

    def _isbn(self) -> str:
        self._number += 1
        return f"979{self._number:010}"

    def _line(self, carton: Carton, *, cancelled: bool = False) -> PackingLine:
        number = self._isbn()
        line = PackingLine(
            line=str(len(carton.lines) + 1),
            numbers=(number,),
            title=f"Imaginary book {number}",
            quantity=self._chance.choice((1, 1, 1, 2, 3)),
            order_line=f"POL-{number}",
            price=f"{self._chance.randrange(500, 9000) / 100:.2f}",
            fund=self._chance.choice(FUNDS),
            library=self._chance.choice(LIBRARIES),
            cancelled=cancelled,
        )
        carton.lines.append(line)
        return line

    def _bought(self, carton: Carton, case: str) -> PackingLine:
        line = self._line(carton, cancelled=case == "cancelled")
        number, vendor = line.numbers[0], f"v{carton.vendor}"
        good = {"short": line.quantity - 1, "wrong-edition": line.quantity - 1, "cancelled": 0}.get(case, line.quantity)
        carton.pieces += [Piece(number) for _ in range(good)]
        match case:
            case "over" | "cancelled":
                carton.pieces.append(Piece(number))
            case "wrong-edition":
                carton.pieces.append(Piece(self._isbn(), related=number))
                self.differences[vendor, "short"] += 1
            case "not-ordered":
                carton.pieces.append(Piece(self._isbn()))
            case "damaged":
                carton.pieces[-1].damaged = True
                good -= 1
        if case and case != "duplicate":
            self.differences[vendor, case] += 1
        self.added["added"] += good
        self.spent[line.fund] += good * int(Decimal(line.price) * 100)
        if good:
            self.titles.add((number, line.library))
        return line

    def _comes_again(self, carton: Carton, line: PackingLine) -> None:
        """All copies that were ordered have come; one more is on this list."""
        carton.lines.append(
            PackingLine(line=f"again-{line.line}-{line.numbers[0]}", numbers=line.numbers, order_line=line.order_line)
        )
        carton.pieces.append(Piece(line.numbers[0]))
        self.differences[f"v{carton.vendor}", "duplicate"] += 1

    def _other(self, carton: Carton) -> None:
        """An approval book that is kept or goes back, a volume of a standing order, a leased book, or a gift."""
        if carton.purpose is Purpose.APPROVAL:
            line = self._line(carton)
            back = self._chance.random() < 0.5
            carton.pieces += [Piece(line.numbers[0], returned=back) for _ in range(line.quantity)]
            if back:
                return
            self.added["added"] += line.quantity
            self.spent[line.fund] += line.quantity * int(Decimal(line.price) * 100)
            self.titles.add((line.numbers[0], line.library))
            return
        number = self._isbn()
        carton.pieces.append(Piece(number))
        kind = {Purpose.GIFT: "gift", Purpose.LEASE: "lease-in"}.get(carton.purpose, "added")
        self.added[kind] += 1
        self.titles.add((number, ""))


class Desk:
    """People at bench and desk: they count what is in the cartons, stick barcodes on, and settle what differs."""

    def __init__(self, store: Store, seed: int) -> None:
        self._store = store
        self._order = store.journal.order
        self._chance = random.Random(seed)
        self._barcodes = 0
        self.ends: Counter[str] = Counter()
        """Differences by the end that was given to them; "" = left open."""
        store.journal.record(ev.WorkerRegistered(worker="w-tess", role=Role.SYSTEMS))
        for n in range(VENDORS):
            vendor = Vendor(id=f"v{n}", name=f"Vendor {n}", claim_days=10 + n)
            self._order(ev.VendorRecorded(content=vendor, operator="w-tess"))

    def receive(self, carton: Carton) -> None:
        """Open, count, and close the shipment of a carton."""
        lists = []
        if carton.lines:
            content = PackingList(name=carton.name, vendor=f"Vendor {carton.vendor}", lines=tuple(carton.lines))
            if carton.ordered:
                ordered = PackingList(
                    name=f"PO of {carton.name}", vendor=content.vendor, lines=content.lines, kind=ListKind.ORDER
                )
                self._order(ev.PackingListImported(content=ordered, operator="ann"))
            lists = [ev.list_id(self._order(ev.PackingListImported(content=content, operator="ann")))]
        opened = ev.ShipmentOpened(
            lists=tuple(lists), purpose=carton.purpose, vendor=f"v{carton.vendor}", operator="ann"
        )
        shipment = shipment_id(self._order(opened))
        for piece in carton.pieces:
            self._take_out(shipment, carton.purpose, piece)
        self._order(ev.ShipmentClosed(shipment=shipment, operator="ann"))

    def _take_out(self, shipment: str, purpose: Purpose, piece: Piece) -> None:
        related = (piece.related,) if piece.related else ()
        event = ev.CopyCounted(
            shipment=shipment, scanned=piece.number, numbers=(piece.number,), related=related, operator="ann"
        )
        count = self._store.queries.count(self._order(event))
        assert count is not None
        if piece.damaged:
            self._order(ev.CopyFaulted(count=count.id, fault=CopyFault.DAMAGED, operator="ann"))
        elif piece.returned:
            self._order(ev.CopyReturned(count=count.id, operator="ann"))
        elif count.outcome is CountOutcome.MATCHED:
            self._bind(shipment, purpose, count)

    def _bind(self, shipment: str, purpose: Purpose, count: Count) -> None:
        self._barcodes += 1
        now = self._store.queries.shipment(shipment)
        assert now is not None
        line = self._store.queries.shipment_line(now, count.key) if count.key is not None else None
        fund, price = (line.line.fund, line.line.price) if line is not None else ("", "")
        copy = AddedCopy(record_id=count.number, library=count.library, fund=fund, price=price, title_effect=1)
        kinds = {Purpose.GIFT: ev.Gift, Purpose.LEASE: ev.LeaseIn}
        kind = kinds.get(purpose, ev.Added)
        self._order(kind(barcode=f"B{self._barcodes}", count=count.id, copy=copy, operator="ann"))

    def settle(self) -> None:
        """Claim half of what differs, vendor by vendor, and end nine of ten."""
        by_vendor: dict[str, list[Difference]] = {}
        for row in self._store.queries.differences():
            by_vendor.setdefault(row.vendor, []).append(row)
        for rows in by_vendor.values():
            claimed = self._chance.sample(rows, min(len(rows) // 2, 200))
            if claimed:
                self._order(ev.ClaimMade(differences=tuple(row.id for row in claimed), operator="w-tess"))
        for row in (row for rows in by_vendor.values() for row in rows):
            end = self._chance.choice((*DifferenceEnd, *DifferenceEnd, None))
            self.ends[end or ""] += 1
            if end is not None:
                self._order(ev.DifferenceEnded(difference=row.id, end=end, reason="settled", operator="w-tess"))
