"""Invoices and orders in the journal: what speaks against an okay to pay, what is certified, credits, exports, and where
orders stand."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from station.base.errors import ReceivingRefused
from station.domain import events as ev
from station.domain.invoices.invoice import (
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Share,
    Stated,
    invoice_id,
)
from station.domain.invoices.order import OrderStanding, PurchaseOrder
from station.domain.invoices.plan import AccountCode, AccountPlan, CodeRule
from station.domain.invoices.standing import Entry, EntryPart, InvoiceStanding, InvoiceState, export_id
from station.domain.packing_lists.packing_list import LineKey, PackingLine
from station.domain.receiving.vendor import Vendor
from tests.store.lists.test_packing_lists import ISBN, OTHER, Desk, a_list
from tests.store.projections.test_shipments import THIRD, Carton
from tests.support.told import raises_told

PLAN = AccountPlan(
    codes=(
        AccountCode(account="11-22"),
        AccountCode(account="11-33"),
        AccountCode(account="old", valid_to="2026-01-31"),
    ),
    rules=(CodeRule(id="books", vendor="ybp", shares=(Share(account="11-22", fund="gen"),)),),
)
ORDER = PurchaseOrder(number="BPO-7", vendor="YBP", account="11-33", amount="100.00", valid_from="2026-01-01")


def line(number: str = "1", amount: str = "20.00", isbn: str = ISBN, **values: object) -> InvoiceLine:
    return InvoiceLine(line=number, numbers=(isbn,) if isbn else (), amount=amount, **values)  # type: ignore[arg-type]


def invoice(*lines: InvoiceLine, number: str = "INV-7", total: str = "", **values: object) -> Invoice:
    stated = (Stated(code="9", amount=total),) if total else ()
    content: dict[str, object] = {"vendor": "YBP", "date": "2026-03-02", "stated": stated, **values}
    return Invoice(number=number, lines=lines or (line(),), **content)  # type: ignore[arg-type]


class Payables(Carton):
    """A desk with a vendor, an account plan, and a list of two titles in an open shipment."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        vendor = Vendor(id="ybp", name="YBP Library Services", names=("YBP",), codes=("1694510",), tolerance="10")
        self.order(ev.VendorRecorded(content=vendor, operator="w-tess"))
        self.order(ev.AccountPlanRecorded(content=PLAN, operator="w-tess"))
        self.list = desk.imports(
            a_list(
                PackingLine(line="1", numbers=(ISBN,), order_line="BPO-7/1", quantity=2, title="Rivers", price="20.00"),
                PackingLine(line="2", numbers=(OTHER,), title="Stones", library="MAIN"),
            )
        )
        self.opens(self.list)

    def imports(self, content: Invoice, of: str = "", by: str = "ann") -> str:
        seq = self.order(ev.InvoiceRecorded(content=content, invoice=of, operator=by))
        while not isinstance(event := self.queries.events(seq, seq)[0].event, ev.InvoiceRecorded):
            seq -= 1
        assert event.invoice == of
        return of or invoice_id(seq)

    def now(self, ident: str) -> InvoiceStanding:
        now = self.queries.invoice(ident)
        assert now is not None
        return now

    def against(self, ident: str) -> list[str]:
        return [f"{each.line} {each.code}".strip() for each in self.now(ident).objections]

    def signs(self, ident: str, reason: str = "", counted: int = 0) -> int:
        counted = counted or self.now(ident).newest
        return self.order(ev.InvoiceSigned(invoice=ident, counted=counted, reason=reason, operator="w-tess"))

    def exports(self, *idents: str) -> str:
        return export_id(self.order(ev.InvoicesExported(invoices=idents, file="pay.csv", operator="w-tess")))

    def credits(self, credit: str, ident: str, amount: str) -> int:
        return self.order(ev.CreditApplied(credit=credit, invoice=ident, amount=amount, operator="w-tess"))

    def records(self, content: PurchaseOrder = ORDER, reason: str = "") -> int:
        return self.order(ev.PurchaseOrderRecorded(content=content, reason=reason, operator="w-tess"))

    def stands(self, number: str = "BPO-7") -> OrderStanding:
        now = self.queries.order(number)
        assert now is not None
        return now


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Payables]:
    desk = Desk(tmp_path)
    yield Payables(desk)
    desk.check()


def test_from_the_carton_to_payment(desk: Payables) -> None:
    desk.counts(ISBN)
    desk.counts(ISBN)
    ident = desk.imports(invoice(line(amount="40.00", copies=2, isbn=""), total="40.00"))
    now = desk.now(ident)
    first = now.lines[0]
    assert (first.line.key, first.line.order_line, first.line.title) == (LineKey(desk.list, "1"), "BPO-7/1", "Rivers")
    assert (first.listed, first.here, first.invoiced_before, first.rule) == (2, 2, 0, "books")
    assert now.objections == ()
    certified = Entry(line="1", part=EntryPart.LINE, account="11-22", fund="gen", amount="40.00")
    assert now.entries == (certified,)
    signed = desk.signs(ident)
    (event,) = desk.queries.events(signed)
    assert isinstance(event.event, ev.InvoiceSigned)
    assert event.event.entries == (certified,), "the store fills in what was certified"
    export = desk.exports(ident)
    desk.order(ev.InvoicePaid(invoice=ident, on="2026-04-02", reference="check 77", operator="w-tess"))
    now = desk.now(ident)
    assert (now.state, now.export, now.paid_on, now.paid_reference) == (
        InvoiceState.PAID,
        export,
        "2026-04-02",
        "check 77",
    )
    assert (now.to_pay, now.in_site_currency, now.received_on) == (Decimal("40.00"), Decimal("40.00"), "2026-09-21")
    assert [each.id for each in desk.queries.exports()] == [export]
    assert len(desk.queries.log_of_invoice(ident)) == 4
    with raises_told(ReceivingRefused, "INV-7 was paid. Record a correcting entry."):
        desk.order(ev.InvoicePaid(invoice=ident, on="2026-05-02", operator="w-tess"))


@pytest.mark.parametrize(
    ("vendor", "number"), [("YBP", "INV-7"), ("1694510", "inv 7"), ("ybp library services", "INV. 007")]
)
def test_the_same_document_is_recorded_once(desk: Payables, vendor: str, number: str) -> None:
    ident = desk.imports(invoice())
    with raises_told(ReceivingRefused, f"The vendor's INV-7 is recorded already, as {ident}."):
        desk.imports(invoice(vendor=vendor, number=number))
    desk.imports(invoice(vendor=vendor, number=number, kind=InvoiceKind.CREDIT))
    desk.imports(invoice(vendor="Another", number=number))
    desk.order(ev.InvoiceVoided(invoice=ident, reason="typed twice", operator="w-tess"))
    desk.imports(invoice(vendor=vendor, number=number))


def test_an_unknown_vendor_that_is_recorded_later_has_its_invoices(desk: Payables) -> None:
    desk.imports(invoice(vendor="Corner Books", number="9"))
    desk.order(
        ev.VendorRecorded(content=Vendor(id="corner", name="Corner", names=("CORNER BOOKS",)), operator="w-tess")
    )
    with pytest.raises(ReceivingRefused):
        desk.imports(invoice(vendor="corner", number="9"))


def test_what_speaks_against_an_okay(desk: Payables) -> None:
    desk.counts(ISBN)
    ident = desk.imports(
        invoice(
            line(amount="46.00", copies=2),
            line("2", isbn=OTHER, shares=(Share(account="old"),)),
            line("3", isbn=THIRD, copies=0, amount="5.00", order="BPO-9"),
            total="75.00",
        )
    )
    assert desk.against(ident) == ["2 unknown-code", "3 unknown-order", "total", "1 not-here", "2 not-here"]
