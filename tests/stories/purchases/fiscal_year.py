"""A year of invoices, acted out step by step, beside a model that works out anew what each step must do: in cents, and by
no code of the station."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Final

import msgspec
import pytest

from station.base.errors import ReceivingRefused
from station.domain import events as ev
from station.domain.invoices.invoice import Invoice, InvoiceKind, InvoiceLine, Share, Stated
from station.domain.invoices.order import PurchaseOrder
from station.domain.invoices.plan import AccountCode, AccountPlan, CodeRule
from station.domain.packing_lists.packing_list import ListKind, PackingLine, PackingList
from station.domain.people.rights import Role
from station.domain.receiving.counting import CopyFault
from station.domain.receiving.difference import DifferenceEnd
from station.domain.receiving.shipment import shipment_id
from station.domain.receiving.vendor import Vendor
from station.store.projections.projections import compare
from tests.store.lists.test_packing_lists import Desk

RATES: Final = ("1.0837", "0.9141", "1.5")
STOPS: Final = {"overdrawn", "order-closed", "order-expired", "no-rate"}
Choose = Callable[[int], int]
"""A number from 0 on, and less than this one."""


class Order(msgspec.Struct, kw_only=True):
    number: str
    vendor: int
    amount: int
    valid_to: str
    closed: bool = False


class Title(msgspec.Struct, kw_only=True):
    """A line of a packing list, on one order line."""

    order: Order
    order_line: str
    isbn: str
    copies: int
    price: int
    shipment: str
    named: bool
    """True if the packing list names the order line."""
    counts: list[int] = []
    """Counts that stand."""
    faults: list[tuple[int, str]] = []
    """Open differences: count, and id."""


class Document(msgspec.Struct, kw_only=True):
    id: str
    seq: int
    kind: str
    vendor: int
    number: str
    date: str
    titles: list[tuple[Title, int]]
    total: int
    off: int
    euro: bool
    rate: str = ""
    state: str = "open"
    used: dict[str, int] = {}
    """Of an invoice: cents by credit."""
    corrects: str = ""

    @property
    def order(self) -> Order:
        return self.titles[0][0].order

    @property
    def has_okay(self) -> bool:
        return self.state not in ("open", "void")

    @property
    def charge(self) -> int:
        """Cents in the site's currency, rounded half away from 0."""
        exact = Fraction(self.total) * Fraction(self.rate if self.euro else 1)
        whole = int(abs(exact) + Fraction(1, 2))
        return (-whole if exact < 0 else whole) * (-1 if self.kind == "credit" else 1)


class FiscalYear:
    def __init__(self, folder: Path, choose: Choose, vendors: int, orders: int, named: str = "always") -> None:
        """`named`: how often a packing list names the order line of its line: never, sometimes or always."""
        self.named = named
        self.desk = Desk(folder)
        self.choose = choose
        self.stats: Counter[str] = Counter()
        self.journal, self.queries = self.desk.store.journal, self.desk.store.queries
        self.titles: list[Title] = []
        self.documents: list[Document] = []
        self.exported: Counter[str] = Counter()
        self.paid: Counter[str] = Counter()
        self.vendors = vendors
        self.serial = 0
        self.settled: set[int] = set()
        """Counts whose difference has ended: they cannot be undone."""
        self.journal.record(ev.WorkerRegistered(worker="w-tess", role=Role.SYSTEMS))
        for n in range(vendors):
            self.does(ev.VendorRecorded(content=Vendor(id=f"v{n}", name=f"Vendor {n}", codes=(f"SAN{n}",))))
        rule = CodeRule(id="all", shares=(Share(account="11-22", percent="60"), Share(account="11-33", percent="40")))
        codes = (AccountCode(account="11-22"), AccountCode(account="11-33"))
        self.does(ev.AccountPlanRecorded(content=AccountPlan(codes=codes, rules=(rule,))))
        self.orders = [
            Order(number=f"BPO{n}", vendor=n % vendors, amount=5000 + choose(20_000), valid_to="2026-12-31")
            for n in range(orders)
        ]
        for order in self.orders:
            self.does(ev.PurchaseOrderRecorded(content=self.content(order)))

    # --- the journal --------------------------------------------------------------------------------------------------

    def does(self, event: ev.Ordered) -> int:
        return self.journal.order(msgspec.structs.replace(event, operator="w-tess"))

    def tries(self, event: ev.Ordered, *, allowed: bool) -> bool:
        """Do what must be done or refused. Return whether it was done."""
        self.stats[f"{type(event).__name__} {'done' if allowed else 'refused'}"] += 1
        if allowed:
            self.does(event)
            return True
        before = self.queries.head().seq
        with pytest.raises(ReceivingRefused):
            self.does(event)
        assert self.queries.head().seq == before
        return False

    def content(self, order: Order) -> PurchaseOrder:
        return PurchaseOrder(
            number=order.number,
            vendor=f"Vendor {order.vendor}",
            amount=cents(order.amount),
            valid_to=order.valid_to,
            closed=order.closed,
        )

    def any_of(self, known: list[Document]) -> Document | None:
        return known[self.choose(len(known))] if known else None

    # --- the model ----------------------------------------------------------------------------------------------------

    def charged(self, order: Order, without: Document | None = None) -> int:
        return sum(
            each.charge for each in self.documents if each.has_okay and each.order is order and each is not without
        )

    def before(self, document: Document, title: Title) -> int:
        """Copies of a title that other documents name, which came earlier or have an okay."""
        copies = 0
        for other in self.documents:
            if other is document or other.kind == "correction" or other.state == "void":
                continue
            named = sum(count for each, count in other.titles if each is title)
            if other.kind == "credit":
                copies -= named if other.has_okay else 0
            elif other.has_okay or other.seq < document.seq:
                copies += named
        return copies

    def against(self, document: Document) -> set[str]:
        order = document.order
        codes = set()
        if document.euro and not document.rate:
            codes.add("no-rate")
        if document.off:
            codes.add("total")
        if order.closed:
            codes.add("order-closed")
        if document.date > order.valid_to:
            codes.add("order-expired")
        known = not document.euro or document.rate
        if known and document.charge > 0 and self.charged(order, document) + document.charge > order.amount:
            codes.add("overdrawn")
        for title, copies in document.titles:
            if title.faults:
                codes.add("difference")
            if document.kind == "correction":
                continue
            if document.kind == "invoice":
                invoiced = self.before(document, title) + copies
                codes |= {"not-here"} if invoiced > len(title.counts) else set()
                codes |= {"invoiced-before"} if invoiced > title.copies else set()
        for other in self.documents:
            same = (other.kind, other.vendor, other.date, other.total, other.euro) == (
                document.kind, document.vendor, document.date, document.total, document.euro,
            )  # fmt: skip
            counts = other is not document and other.state != "void" and (other.seq < document.seq or other.has_okay)
            if same and counts and document.total and document.kind != "correction":
                codes.add("alike")
        return codes

    def rest(self, document: Document) -> int:
        if document.kind == "credit":
            return document.total - sum(each.used.get(document.id, 0) for each in self.documents)
        return document.total - sum(document.used.values())

    # --- steps --------------------------------------------------------------------------------------------------------

    def step(self) -> None:
        steps = (
            *[self.receives] * 3, *[self.counts] * 6, *[self.invoices] * 5, *[self.signs] * 6, *[self.exports] * 2,
            self.rates, self.takes_back, self.pays, self.credits, self.applies, self.voids, self.corrects,
            self.undoes, self.faults, self.ends, self.changes,
        )  # fmt: skip
        steps[self.choose(len(steps))]()

    def receives(self) -> None:
        order = self.orders[self.choose(len(self.orders))]
        self.serial += 1
        new = [
            Title(
                order=order,
                order_line=f"{order.number}/{self.serial}-{n}",
                isbn=f"978{self.serial:06}{n:04}",
                copies=1 + self.choose(3),
                price=500 + self.choose(4000),
                shipment="",
                named=self.named == "always" or (self.named == "sometimes" and not self.choose(2)),
            )
            for n in range(1 + self.choose(3))
        ]
        ordered = PackingList(
            name=f"PO{self.serial}",
            vendor=f"SAN{order.vendor}",
            kind=ListKind.ORDER,
            lines=tuple(
                PackingLine(
                    line=each.order_line, order_line=each.order_line, quantity=each.copies, price=cents(each.price)
                )
                for each in new
            ),
        )
        if self.named != "always":
            self.does(ev.PackingListImported(content=ordered))
        lines = tuple(
            PackingLine(
                line=str(n),
                numbers=(each.isbn,),
                order_line=each.order_line if each.named else "",
                quantity=each.copies,
                price=cents(each.price),
            )
            for n, each in enumerate(new)
        )
        content = PackingList(name=f"L{self.serial}", vendor=f"SAN{order.vendor}", lines=lines)
        ident = ev.list_id(self.does(ev.PackingListImported(content=content)))
        shipment = shipment_id(self.does(ev.ShipmentOpened(lists=(ident,))))
        for each in new:
            each.shipment = shipment
            if self.choose(3):
                for _ in range(each.copies):
                    self.count(each)
        self.titles += new

    def count(self, title: Title) -> None:
        title.counts.append(
            self.does(ev.CopyCounted(shipment=title.shipment, scanned=title.isbn, numbers=(title.isbn,)))
        )

    def counts(self) -> None:
        lacking = [title for title in self.titles if len(title.counts) < title.copies]
        if lacking:
            self.count(lacking[self.choose(len(lacking))])

    def invoices(self) -> None:
        """A vendor sends an invoice, from time to time one that is recorded already, under another name and number."""
        before = self.any_of([each for each in self.documents if each.kind == "invoice"])
        if before is not None and not self.choose(4):
            number = (before.number.lower(), f" {before.number.replace('-', ' 00')}", before.number)[self.choose(3)]
            again = self.document("invoice", before.titles, before.date, before.off, before.euro, number)
            is_recorded = any(
                (each.kind, each.vendor, each.number) == ("invoice", before.vendor, before.number)
                and each.state != "void"
                for each in self.documents
            )
            if not self.records(again, number, allowed=not is_recorded):
                return
            again.number = before.number
            return
        titles = self.some_titles()
        if titles:
            self.serial += 1
            off = (0, 0, 0, 5)[self.choose(4)]
            number = f"INV-{self.serial}"
            self.records(
                self.document("invoice", titles, self.day(), off, not self.choose(5), number), number, allowed=True
            )

    def some_titles(self) -> list[tuple[Title, int]]:
        if not self.titles:
            return []
        first = self.titles[self.choose(len(self.titles))]
        others = [title for title in self.titles if title.order is first.order]
        chosen = others[: 1 + self.choose(len(others))]
        return [(title, 1 + self.choose(title.copies)) for title in chosen]

    def day(self) -> str:
        return f"2026-{7 + self.choose(6):02}-{1 + self.choose(4):02}"

    def document(
        self, kind: str, titles: list[tuple[Title, int]], day: str, off: int, euro: bool, number: str
    ) -> Document:
        total = sum(title.price * copies for title, copies in titles) + off
        vendor = titles[0][0].order.vendor
        return Document(
            id="",
            seq=0,
            kind=kind,
            vendor=vendor,
            number=number,
            date=day,
            titles=titles,
            total=total,
            off=off,
            euro=euro,
        )

    def records(self, document: Document, number: str, *, allowed: bool) -> bool:
        names = (f"v{document.vendor}", f"Vendor {document.vendor}", f"SAN{document.vendor}")
        sign = -1 if document.kind == "correction" else 1
        lines = tuple(
            InvoiceLine(
                line=str(n),
                numbers=(title.isbn,),
                order_line=title.order_line
                if self.choose(2) or not title.named or document.kind == "correction"
                else "",
                copies=copies,
                amount=cents(sign * title.price * copies),
            )
            for n, (title, copies) in enumerate(document.titles)
        )
        content = Invoice(
            kind=InvoiceKind(document.kind),
            vendor=names[self.choose(3)],
            number=number,
            date=document.date,
            currency="EUR" if document.euro else ("", "USD")[self.choose(2)],
            lines=lines,
            stated=(Stated(code="9", amount=cents(document.total)),),
            corrects=document.corrects,
        )
        source = ("", "file.edi", "sheet.csv")[self.choose(3)]
        if self.tries(ev.InvoiceRecorded(content=content, source=source), allowed=allowed):
            document.id = self.queries.invoices()[0].id
            document.seq = int(document.id.removeprefix("invoice-"))
            self.documents.append(document)
        return allowed

    def rates(self) -> None:
        document = self.any_of([each for each in self.documents if each.euro and each.state == "open"])
        if document is not None:
            document.rate = RATES[self.choose(len(RATES))]
            self.does(ev.InvoiceRated(invoice=document.id, rate=document.rate))

    def signs(self) -> None:
        document = self.any_of([each for each in self.documents if each.state == "open"])
        if document is not None:
            self.sign(document, ("", "the vendor wrote")[self.choose(2)])

    def sign(self, document: Document, reason: str) -> None:
        now = self.queries.invoice(document.id)
        assert now is not None
        codes = self.against(document)
        found = {each.code.value for each in now.objections}
        assert found == codes, (found ^ codes, document, now.content.lines)
        lines = {row.line.line: row for row in now.lines}
        for n, (title, _) in enumerate(document.titles):
            row = lines[str(n)]
            numbers = (row.here, row.invoiced_before, row.listed, row.ordered)
            ordered = None if self.named == "always" else title.copies
            assert numbers == (len(title.counts), self.before(document, title), title.copies, ordered), (row, title)
        event = ev.InvoiceSigned(invoice=document.id, counted=now.newest, reason=reason)
        if self.tries(event, allowed=not codes & STOPS and (not codes or bool(reason))):
            document.state = "signed"
            now = self.queries.invoice(document.id)
            assert now is not None
            assert round(now.in_site_currency * 100) == document.charge

    def takes_back(self) -> None:
        document = self.any_of(self.documents)
        if document is not None:
            event = ev.InvoiceSignatureTakenBack(invoice=document.id, reason="look again")
            if self.tries(event, allowed=document.state == "signed"):
                document.state = "open"

    def exports(self) -> None:
        chosen = [each for each in self.documents if each.state == "signed"]
        other = self.any_of(self.documents)
        if other is not None and other not in chosen and not self.choose(5):
            chosen.append(other)
        if not chosen:
            return
        ids = {each.id for each in chosen}
        by_id = {each.id: each for each in self.documents}
        first = all(
            credit in ids or by_id[credit].state in ("exported", "paid") for each in chosen for credit in each.used
        )
        allowed = first and all(each.state == "signed" for each in chosen)
        if self.tries(ev.InvoicesExported(invoices=tuple(sorted(ids)), digest="00" * 32), allowed=allowed):
            self.exported.update(ids)
            for each in chosen:
                each.state = "exported"

    def pays(self) -> None:
        document = self.any_of(self.documents)
        if document is not None and self.tries(
            ev.InvoicePaid(invoice=document.id, on="2026-10-01"), allowed=document.state == "exported"
        ):
            document.state = "paid"
            self.paid[document.id] += 1

    def credits(self) -> None:
        of = self.any_of([each for each in self.documents if each.kind == "invoice" and each.state != "void"])
        if of is not None:
            self.serial += 1
            number = f"C-{self.serial}"
            credit = self.document("credit", of.titles[:1], self.day(), 0, of.euro, number)
            credit.rate = ""
            self.records(credit, number, allowed=True)

    def applies(self) -> None:
        credit = self.any_of([each for each in self.documents if each.kind == "credit"])
        document = self.any_of(self.documents)
        if credit is None or document is None:
            return
        amount = (0, 1 + self.choose(3000))[self.choose(2)]
        used = document.used.get(credit.id, 0)
        allowed = (
            document.kind == "invoice"
            and document.state in ("open", "signed")
            and credit.state != "void"
            and (document.vendor, document.euro) == (credit.vendor, credit.euro)
            and (not amount or amount <= min(self.rest(credit), self.rest(document)) + used)
        )
        event = ev.CreditApplied(credit=credit.id, invoice=document.id, amount=cents(amount))
        if self.tries(event, allowed=allowed):
            document.used = {**document.used, credit.id: amount}
            if not amount:
                del document.used[credit.id]

    def voids(self) -> None:
        document = self.any_of(self.documents)
        if document is not None and self.tries(
            ev.InvoiceVoided(invoice=document.id, reason="not ours"), allowed=document.state == "open"
        ):
            document.state, document.used = "void", {}
            for each in self.documents:
                each.used = {credit: amount for credit, amount in each.used.items() if credit != document.id}

    def corrects(self) -> None:
        of = self.any_of([each for each in self.documents if each.kind == "invoice"])
        if of is None:
            return
        self.serial += 1
        number = f"K-{self.serial}"
        entry = self.document("correction", of.titles[:1], self.day(), 0, of.euro, number)
        entry.total, entry.corrects = -entry.total, of.id
        self.records(entry, number, allowed=of.state in ("exported", "paid"))

    def undoes(self) -> None:
        counted = [title for title in self.titles if title.counts]
        if not counted:
            return
        title = counted[self.choose(len(counted))]
        count = title.counts[-1]
        if self.choose(2) and count not in self.settled:
            self.does(ev.CountUndone(count=count))
            title.faults = [each for each in title.faults if each[0] != count]
        else:
            self.does(ev.CopyReturned(count=count))
        title.counts = title.counts[:-1]

    def faults(self) -> None:
        counted = [
            title for title in self.titles if title.counts and not title.faults and title.counts[-1] not in self.settled
        ]
        if counted:
            title = counted[self.choose(len(counted))]
            seq = self.does(ev.CopyFaulted(count=title.counts[-1], fault=CopyFault.DAMAGED))
            (shown,) = (each for each in self.queries.differences() if each.newest > seq)
            title.faults = [(title.counts[-1], shown.id)]

    def ends(self) -> None:
        faulty = [title for title in self.titles if title.faults]
        if faulty:
            title = faulty[self.choose(len(faulty))]
            ((count, ident),) = title.faults
            self.settled.add(count)
            self.does(ev.DifferenceEnded(difference=ident, end=DifferenceEnd.ACCEPTED, reason="it will do"))
            title.faults = []

    def changes(self) -> None:
        order = self.orders[self.choose(len(self.orders))]
        new = msgspec.structs.replace(
            order,
            amount=self.choose(30_000),
            closed=not self.choose(4),
            valid_to=("2026-12-31", "2026-09-30")[self.choose(2)],
        )
        event = ev.PurchaseOrderRecorded(content=self.content(new), reason="a change")
        if self.tries(event, allowed=new.amount >= self.charged(order)):
            order.amount, order.closed, order.valid_to = new.amount, new.closed, new.valid_to

    # --- the end ------------------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Orders and invoices stand as the model says; none is overdrawn, none paid twice, and each that is open has a
        reason."""
        waiting = -1
        while waiting != len(still_open := [each for each in self.documents if each.state == "open"]):
            waiting = len(still_open)  # an okay of a credit memo may be what another document waits for
            for document in still_open:
                self.sign(document, "")
        standings = {each.id: each for each in self.queries.invoices()}
        assert {ident: each.state.value for ident, each in standings.items()} == {
            each.id: each.state for each in self.documents
        }
        for document in self.documents:
            now = standings[document.id]
            assert document.state != "open" or now.objections, "an open amount has a reason"
            if document.state != "void":
                assert round(now.to_pay * 100) == self.rest(document), (now.to_pay, document)
        assert not {ident for ident, times in (self.exported | self.paid).items() if times > 1}
        handed_over = [ident for export in self.queries.exports() for ident in export.invoices]
        assert sorted(handed_over) == sorted(self.exported)
        for order in self.orders:
            now_of_order = self.queries.order(order.number)
            assert now_of_order is not None
            assert round(now_of_order.charged * 100) == self.charged(order) <= order.amount
            waiting = [each for each in self.documents if each.state == "open" and each.order is order]
            assert round(now_of_order.invoiced * 100) == sum(
                each.charge for each in waiting if not each.euro or each.rate
            )
            assert round(now_of_order.encumbered * 100) == sum(
                max(len(title.counts) - self.before_all(title), 0) * title.price
                for title in self.titles
                if title.order is order and self.knows_order_line(title)
            )
        with self.desk.store.queries._reading() as sql:
            assert compare(sql) == ()

    def knows_order_line(self, title: Title) -> bool:
        """Return True if the list, or a document about the copies, names the order line."""
        return title.named or any(
            each.state != "void" and each.kind != "correction" and any(other is title for other, _ in each.titles)
            for each in self.documents
        )

    def before_all(self, title: Title) -> int:
        """Copies of a title that invoices name, without those that credits with an okay gave back."""
        copies = 0
        for each in self.documents:
            named = sum(count for other, count in each.titles if other is title)
            if each.kind == "invoice" and each.state != "void":
                copies += named
            elif each.kind == "credit" and each.has_okay:
                copies -= named
        return copies

    def close(self) -> None:
        assert self.desk.store.close()


def cents(amount: int) -> str:
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02}"
