"""Invoices and orders in the journal: what speaks against an okay to pay, what is certified, credits, exports, and where
orders stand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from station.base.errors import ChangedMeanwhile, NotAllowed, ReceivingRefused, WorkerGone
from station.domain import events as ev
from station.domain.invoices.invoice import (
    Charge,
    ChargeKind,
    ChargeLevel,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Share,
    Stated,
    invoice_id,
)
from station.domain.invoices.order import OrderStanding, OrderWarning, PurchaseOrder
from station.domain.invoices.plan import AccountCode, AccountPlan, CodeRule
from station.domain.invoices.standing import Entry, EntryPart, InvoiceStanding, InvoiceState, export_id
from station.domain.packing_lists.packing_list import LineKey, ListKind, PackingLine, PackingList
from station.domain.people.rights import RIGHTS, Right, Role
from station.domain.receiving.counting import CopyFault
from station.domain.receiving.difference import DifferenceEnd, DifferenceKind
from station.domain.receiving.shipment import AddedCopy
from station.domain.receiving.vendor import Vendor
from tests.store.lists.test_packing_lists import ISBN, OTHER, A, Desk, a_list, item
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
    with closing(desk.store):
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


def test_no_okay_against_what_stops_and_none_without_a_reason(desk: Payables) -> None:
    ident = desk.imports(invoice(line(shares=(Share(account="old"),))))
    with raises_told(ReceivingRefused, "line 1: account old is not valid on 2026-03-02. Correct that before the okay."):
        desk.signs(ident, "the boss says so")
    desk.order(ev.InvoiceCoded(invoice=ident, line="1", operator="w-tess"))
    with raises_told(ReceivingRefused, "line 1: 1 invoiced, 0 here. Say why it may be paid."):
        desk.signs(ident)
    seen = desk.now(ident).newest
    desk.counts(ISBN)
    with pytest.raises(ChangedMeanwhile):
        desk.signs(ident, counted=seen)
    desk.signs(ident)
    signature = desk.now(ident).signature
    assert signature is not None
    assert (signature.by, signature.reason) == ("w-tess", "")
    with raises_told(ReceivingRefused, "INV-7 has the okay to pay. Take that back first."):
        desk.signs(ident)


def test_what_changes_after_the_look_stops_the_okay(desk: Payables) -> None:
    """The count, the account plan, the order, a difference, and another invoice of the same copies."""
    desk.records()
    count = desk.counts(ISBN)
    ident = desk.imports(invoice())
    acts: tuple[ev.Ordered, ...] = (
        ev.AccountPlanRecorded(content=PLAN, operator="w-tess"),
        ev.PurchaseOrderRecorded(content=ORDER, reason="again", operator="w-tess"),
        ev.CopyFaulted(count=count.id, fault=CopyFault.DAMAGED, operator="ann"),
        ev.InvoiceRecorded(content=invoice(number="INV-8"), operator="ann"),
        ev.CopyReturned(count=count.id, operator="ann"),
    )
    for act in acts:
        seen = desk.now(ident).newest
        desk.order(act)
        with pytest.raises(ChangedMeanwhile):
            desk.signs(ident, "all is well", counted=seen)


def test_a_copy_is_paid_once(desk: Payables) -> None:
    desk.counts(ISBN)
    first, second = desk.imports(invoice()), desk.imports(invoice(number="INV-8", date="2026-03-05"))
    assert desk.against(first) == []
    assert desk.against(second) == ["1 not-here"]
    desk.signs(second, "sent twice")
    assert desk.against(first) == ["1 not-here"], "the copy is paid with the other invoice"
    credit = desk.imports(invoice(number="C-1", kind=InvoiceKind.CREDIT))
    assert desk.against(first) == ["1 not-here"], "a credit without an okay gives nothing back"
    desk.signs(credit)
    assert desk.against(first) == []


def test_an_order_line_is_not_paid_by_list_and_again_by_order(desk: Payables) -> None:
    desk.counts(ISBN)
    by_list = desk.imports(invoice())
    desk.signs(by_list)
    other = desk.imports(invoice(line(isbn="", order_line="BPO-7/1"), number="X-1", date="2026-03-05"))
    assert desk.against(other) == ["1 not-here"]


def test_a_list_that_comes_after_its_invoice_is_found(desk: Payables) -> None:
    ident = desk.imports(invoice(line(isbn=THIRD), number="INV-9"))
    assert desk.now(ident).lines[0].line.key is None
    late = desk.desk.imports(a_list(PackingLine(line="1", numbers=(THIRD,), title="Late"), name="inv 9"))
    found = desk.now(ident).lines[0].line
    assert (found.key, found.title) == (LineKey(late, "1"), "Late")
    desk.opens(late)
    desk.counts(THIRD)
    assert desk.against(ident) == []


def test_a_document_that_does_not_add_up_is_a_difference(desk: Payables) -> None:
    desk.counts(ISBN)
    ident = desk.imports(invoice(total="25.00"))
    assert desk.against(ident) == ["total"]
    (shown,) = desk.queries.differences()
    assert (shown.kind, shown.invoice, shown.price, shown.vendor) == (DifferenceKind.TOTAL, ident, "5.00", "ybp")
    desk.order(ev.DifferenceEnded(difference=shown.id, end=DifferenceEnd.ACCEPTED, reason="postage", operator="w-tess"))
    assert desk.against(ident) == []
    desk.imports(invoice(total="24.00"), of=ident)
    assert [each.price for each in desk.queries.differences()] == ["4.00"]
    desk.imports(invoice(total="20.00"), of=ident)
    assert desk.queries.differences() == ()
    assert [str(each.state) for each in desk.queries.differences(everything=True)] == ["ended", "undone"]


def test_a_price_off_the_order_by_more_than_the_vendor_may(desk: Payables) -> None:
    orders = PackingLine(line="1", numbers=(ISBN,), order_line="BPO-7/1", price="18.00", quantity=1)
    desk.desk.imports(PackingList(name="PO", vendor="YBP", lines=(orders,), kind=ListKind.ORDER))
    desk.counts(ISBN)
    ident = desk.imports(invoice(line(amount="19.81")))
    assert desk.against(ident) == ["1 price"]
    (shown,) = desk.queries.differences()
    assert (shown.kind, shown.price, shown.order_line, shown.title) == ("price", "19.81", "BPO-7/1", "Rivers")
    desk.imports(invoice(line(amount="19.80")), of=ident)
    assert desk.against(ident) == []
    desk.imports(invoice(line(amount="12.00", list_price="18.00")), of=ident)
    assert desk.against(ident) == [], "a discount on the ordered price"
    desk.imports(invoice(line(amount="38.00", copies=2)), of=ident)
    assert desk.against(ident) == ["1 not-here", "1 invoiced-before"]


def test_the_rule_by_which_a_vendor_states_totals_is_remembered(desk: Payables) -> None:
    def stated(*codes: str) -> tuple[Stated, ...]:
        return tuple(Stated(code=code, amount="20.00") for code in codes)

    def rule(vendor: str, number: str) -> str:
        return desk.now(desk.imports(invoice(number=number, vendor=vendor, stated=stated("86", "79", "9")))).rule

    freight = Charge(kind=ChargeKind.FREIGHT, amount="3.00", level=ChargeLevel.HEADER)
    desk.imports(invoice(stated=stated("79", "9"), charges=(freight,)))
    assert rule("1694510", "2") == "charges-inside"
    assert rule("Another", "2") == "message-and-lines"
    desk.imports(invoice(number="3", stated=stated("86")))
    assert rule("ybp", "4") == "message-and-lines", "the rule that held last"


def test_taken_back_until_exported_then_only_a_correcting_entry(desk: Payables) -> None:
    desk.counts(ISBN)
    ident = desk.imports(invoice())
    desk.signs(ident)
    desk.order(ev.InvoiceSignatureTakenBack(invoice=ident, reason="other account", operator="w-tess"))
    assert (desk.now(ident).state, desk.now(ident).signature) == (InvoiceState.OPEN, None)
    correction = invoice(line(amount="-5.00", isbn=""), number="K-1", kind=InvoiceKind.CORRECTION, corrects=ident)
    with raises_told(ReceivingRefused, "INV-7 has no okay to pay."):
        desk.imports(correction, by="w-tess")
    desk.signs(ident)
    desk.exports(ident)
    for act in (
        ev.InvoiceSignatureTakenBack(invoice=ident, reason="other account", operator="w-tess"),
        ev.InvoiceVoided(invoice=ident, reason="by mistake", operator="w-tess"),
        ev.InvoiceCoded(invoice=ident, line="1", operator="w-tess"),
        ev.InvoiceRecorded(content=invoice(), invoice=ident, operator="w-tess"),
        ev.InvoicesExported(invoices=(ident,), operator="w-tess"),
    ):
        with raises_told(ReceivingRefused, "INV-7 was exported. Record a correcting entry."):
            desk.order(act)
    with pytest.raises(NotAllowed):
        desk.imports(correction)
    other = desk.imports(correction, by="w-tess")
    desk.signs(other)
    assert desk.now(other).in_site_currency == Decimal("-5.00")
    desk.exports(other)


def test_an_export_is_whole_or_nothing(desk: Payables) -> None:
    desk.counts(ISBN)
    ident, other = desk.imports(invoice()), desk.imports(invoice(line("1", isbn=OTHER), number="INV-8"))
    desk.signs(ident)
    with raises_told(ReceivingRefused, "INV-8 has no okay to pay."):
        desk.exports(ident, other)
    with raises_told(ReceivingRefused, f"{ident} is named twice. Name it once."):
        desk.exports(ident, ident)
    assert desk.now(ident).state is InvoiceState.SIGNED
    seen = desk.queries.head().seq
    desk.order(ev.InvoiceSignatureTakenBack(invoice=ident, reason="look again", operator="w-tess"))
    desk.signs(ident)
    with pytest.raises(ChangedMeanwhile):
        desk.order(ev.InvoicesExported(invoices=(ident,), operator="w-tess"), expects=seen)


def test_a_credit_reduces_invoices_up_to_its_rest(desk: Payables) -> None:
    desk.counts(ISBN)
    ident = desk.imports(invoice())
    credit = desk.imports(invoice(line(amount="30.00"), number="C-1", kind=InvoiceKind.CREDIT))
    with raises_told(ReceivingRefused, "INV-7 has 20.00 left. Use no more than that."):
        desk.credits(credit, ident, "20.01")
    desk.credits(credit, ident, "12.00")
    assert (desk.now(ident).to_pay, desk.now(credit).to_pay) == (Decimal("8.00"), Decimal("18.00"))
    other = desk.imports(invoice(line(isbn=OTHER, amount="90.00"), number="INV-8"))
    with raises_told(ReceivingRefused, "C-1 has 18.00 left. Use no more than that."):
        desk.credits(credit, other, "18.01")
    foreign = desk.imports(invoice(number="E-1", currency="EUR"))
    with raises_told(ReceivingRefused, "Credit and invoice are not in the same currency."):
        desk.credits(credit, foreign, "1.00")
    stranger = desk.imports(invoice(number="S-1", vendor="Another"))
    with raises_told(ReceivingRefused, "Credit and invoice are not of the same vendor."):
        desk.credits(credit, stranger, "1.00")
    with raises_told(ReceivingRefused, "A credit memo reduces an invoice. Choose one of each."):
        desk.credits(ident, credit, "1.00")
    desk.signs(ident)
    with raises_told(ReceivingRefused, "Credit C-1 reduces INV-7. Give it its okay first."):
        desk.exports(ident)
    desk.signs(credit)
    assert desk.now(credit).in_site_currency == Decimal("-30.00")
    desk.exports(ident, credit)
    desk.credits(credit, other, "18.00")
    desk.order(ev.InvoiceVoided(invoice=other, reason="not ours", operator="w-tess"))
    assert desk.now(credit).to_pay == Decimal("18.00"), "what a void invoice used is left again"


def test_where_an_order_stands(desk: Payables) -> None:
    desk.records()
    desk.counts(ISBN)
    desk.counts(ISBN)
    assert (desk.stands().encumbered, desk.stands().remaining) == (Decimal("40.00"), Decimal("60.00"))
    ident = desk.imports(invoice(line(amount="30.00")))
    now = desk.stands()
    assert (now.invoiced, now.encumbered, now.charged, now.invoices) == (Decimal(30), Decimal(20), 0, (ident,))
    desk.signs(ident)
    assert desk.now(ident).lines[0].entries[0].order == "BPO-7"
    assert (desk.stands().charged, desk.stands().invoiced) == (Decimal("30.00"), 0)
    big = desk.imports(invoice(line(amount="70.01"), number="INV-8"))
    assert (desk.stands().remaining, desk.stands().warnings) == (Decimal("-0.01"), (OrderWarning.OVERDRAWN,))
    with raises_told(ReceivingRefused, "order BPO-7 would be overdrawn by 0.01. Correct that before the okay."):
        desk.signs(big, "pay it anyway")
    desk.records(PurchaseOrder(number="bpo-7", vendor="ybp", amount="100.01", valid_to="2026-12-01"), "one cent more")
    assert desk.stands("BPO-7 ".strip()).content.number == "BPO-7", "an order keeps its number"
    desk.signs(big)
    with raises_told(ReceivingRefused, "Order BPO-7 was charged 100.01. Give no smaller amount."):
        desk.records(PurchaseOrder(number="BPO-7", vendor="ybp", amount="100.00"), "less")
    credit = desk.imports(invoice(line(amount="70.01"), number="C-1", kind=InvoiceKind.CREDIT))
    desk.signs(credit)
    assert (desk.stands().charged, desk.stands().warnings) == (Decimal("30.00"), ())


def test_an_order_is_warned_about_from_its_share_on_and_a_copy_sent_back_costs_nothing(desk: Payables) -> None:
    desk.records(PurchaseOrder(number="BPO-7", vendor="YBP", amount="50.00"))
    desk.counts(ISBN)
    second = desk.counts(ISBN)
    assert (desk.stands().encumbered, desk.stands().warnings) == (Decimal("40.00"), (OrderWarning.USED,))
    desk.order(ev.CopyReturned(count=second.id, operator="ann"))
    assert (desk.stands().encumbered, desk.stands().warnings) == (Decimal("20.00"), ())


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (PurchaseOrder(number="BPO-7", vendor="ybp", amount="100", closed=True), "1 order-closed"),
        (PurchaseOrder(number="BPO-7", vendor="ybp", amount="100", valid_to="2026-03-01"), "1 order-expired"),
        (PurchaseOrder(number="BPO-7", vendor="ybp", amount="100", currency="EUR"), "no-rate"),
    ],
    ids=["closed", "expired", "currency"],
)
def test_an_order_that_pays_nothing_now(desk: Payables, order: PurchaseOrder, code: str) -> None:
    desk.records(order)
    desk.counts(ISBN)
    ident = desk.imports(invoice())
    assert desk.against(ident) == [code]
    desk.order(ev.PurchaseOrderRecorded(content=ORDER, reason="changed", operator="w-tess"))
    assert desk.against(ident) == []


def test_an_order_in_the_currency_of_its_invoices(desk: Payables) -> None:
    desk.records(PurchaseOrder(number="BPO-7", vendor="ybp", amount="20.00", currency="EUR"))
    desk.counts(ISBN)
    ident = desk.imports(invoice(currency="EUR"))
    assert desk.against(ident) == ["no-rate"]
    desk.order(ev.InvoiceRated(invoice=ident, rate="1.0837", operator="w-tess"))
    desk.signs(ident)
    assert desk.now(ident).in_site_currency == Decimal("21.67")
    assert (desk.stands().charged, desk.stands().remaining) == (Decimal("20.00"), 0)
    with raises_told(ReceivingRefused, "Order BPO-7 was charged. Its currency stays."):
        desk.records(ORDER, "in our currency")


def test_another_document_of_the_same_day_and_total(desk: Payables) -> None:
    desk.counts(ISBN)
    desk.imports(invoice())
    ident = desk.imports(invoice(line(isbn="", copies=0), number="INV-77"))
    assert [(each.code, each.values) for each in desk.now(ident).objections] == [("alike", {"invoice": "INV-7"})]


def test_a_bookshop_copy_without_a_list_is_found_by_its_number(desk: Payables) -> None:
    desk.opens(vendor="Corner Books")
    desk.counts(THIRD)
    content = invoice(line(isbn=THIRD, shares=(Share(account="11-22"),)), vendor="corner books", number="9")
    ident = desk.imports(content)
    assert desk.now(ident).lines[0].here == 1
    assert desk.against(ident) == ["1 difference"], "it was not ordered"


def test_a_list_price_is_offered_for_the_item(desk: Payables) -> None:
    count = desk.counts(ISBN)
    desk.order(ev.Added(barcode=A, count=count.id, copy=AddedCopy(record_id="r1"), operator="ann"))
    assert desk.queries.replacement_price(A) is None
    ident = desk.imports(invoice(line(list_price="24.95")))
    assert desk.queries.replacement_price(A) == ("24.95", "USD", ident)
    receipt = desk.desk.receipt(item(A))
    assert receipt is not None
    assert receipt.invoiced_price == "24.95 USD"
    desk.order(ev.InvoiceVoided(invoice=ident, reason="not ours", operator="w-tess"))
    assert desk.queries.replacement_price(A) is None


def acts(desk: Payables) -> dict[str, tuple[Right, ev.PurchaseStep]]:
    """Return a permitted act of each kind, without its operator."""
    desk.counts(ISBN)
    first, signed, exported = (
        desk.imports(invoice(line(isbn="", copies=0), number=number, date=f"2026-03-0{place}"))
        for place, number in enumerate(("A", "B", "C"), 1)
    )
    credit = desk.imports(invoice(line(isbn="", copies=0), number="D", kind=InvoiceKind.CREDIT))
    desk.signs(signed)
    desk.signs(exported)
    desk.exports(exported)
    seen = desk.now(first).newest
    return {
        "plan": (Right.CHANGE_ORDERS, ev.AccountPlanRecorded(content=PLAN)),
        "order": (Right.CHANGE_ORDERS, ev.PurchaseOrderRecorded(content=ORDER)),
        "record": (Right.COUNT, ev.InvoiceRecorded(content=invoice(number="E"))),
        "correct": (
            Right.SIGN_INVOICE,
            ev.InvoiceRecorded(content=invoice(number="F", kind=InvoiceKind.CORRECTION, corrects=exported)),
        ),
        "rate": (
            Right.SIGN_INVOICE,
            ev.InvoiceRated(invoice=desk.imports(invoice(number="G", currency="EUR")), rate="2"),
        ),
        "code": (Right.SIGN_INVOICE, ev.InvoiceCoded(invoice=first, line="1")),
        "credit": (Right.SIGN_INVOICE, ev.CreditApplied(credit=credit, invoice=first, amount="1.00")),
        "sign": (Right.SIGN_INVOICE, ev.InvoiceSigned(invoice=first, counted=seen, reason="so it is")),
        "take back": (Right.SIGN_INVOICE, ev.InvoiceSignatureTakenBack(invoice=signed, reason="so it is")),
        "export": (Right.SIGN_INVOICE, ev.InvoicesExported(invoices=(signed,))),
        "pay": (Right.SIGN_INVOICE, ev.InvoicePaid(invoice=exported, on="2026-04-01")),
        "void": (Right.SIGN_INVOICE, ev.InvoiceVoided(invoice=first, reason="so it is")),
    }


def test_every_act_by_every_role(desk: Payables) -> None:
    for role in Role:
        desk.order(ev.WorkerRegistered(worker=f"w-{role}", role=role, operator="w-tess"))
    desk.order(ev.WorkerLeft(worker="w-trainee", reason="moved", operator="w-tess"))
    desk.order(ev.WorkerRegistered(worker="w-new", role=Role.TRAINEE, operator="w-tess"))
    people = {"w-new": Role.TRAINEE, **{f"w-{role}": role for role in Role if role is not Role.TRAINEE}}
    known = acts(desk)
    assert {type(act) for _, act in known.values()} == {*ev.PurchaseStep.__args__}
    for name, (right, act) in known.items():
        for worker, role in people.items():
            event = msgspec.structs.replace(act, operator=worker)
            if right in RIGHTS[role]:
                continue
            with pytest.raises(NotAllowed):
                desk.order(event)
        with pytest.raises(WorkerGone):
            desk.order(msgspec.structs.replace(act, operator="w-trainee"))
        allowed = [worker for worker, role in people.items() if right in RIGHTS[role]]
        assert allowed == (["w-new", "w-operator", "w-technician", "w-systems"] if name == "record" else allowed[-2:])
    for name in ("record", "correct", "rate", "sign", "credit", "export", "pay", "plan", "order"):
        desk.order(msgspec.structs.replace(known[name][1], operator="w-technician"))
