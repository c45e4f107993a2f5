"""Invoices that a person types: one line, or one amount for each account; and the correcting entry of an exported one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from station.acquisitions.invoices import typed as read_typed
from station.base.errors import PackingRefused
from station.base.text import clean
from station.base.words import tell
from station.catalog.record import isbn
from station.domain.events import InvoiceRecorded
from station.domain.invoices.invoice import ChargeKind, Invoice, InvoiceKind, InvoiceLine, invoice_id
from station.domain.invoices.standing import InvoiceStanding, InvoiceState
from station.domain.people.rights import Right
from station.office.answers import LINES
from station.office.asked import Asked
from station.office.corrections import reason_field, reason_of
from station.office.forms import NEW, Declined, Field, FieldKind, Form, Lent, Make
from station.office.purchases.acts import known, not_now
from station.office.purchases.figures import BETWEEN, figure, rows_of
from station.office.purchases.invoices import is_typed, title_of

KIND, VENDOR, OTHER_VENDOR, NUMBER, DATE, DUE, TOTAL, CURRENCY, RATE, ORDER, NOTE = (
    "kind",
    "vendor",
    "other-vendor",
    "number",
    "date",
    "due",
    "total",
    "currency",
    "rate",
    "order",
    "note",
)
CHARGES: Final = (ChargeKind.SHIPPING, ChargeKind.HANDLING, ChargeKind.DISCOUNT, ChargeKind.TAX)
"""Charges with a field of their own."""
_PARTS: Final = ("amount", "account", "fund", "title", "order_line", "quantity")
"""Parts of a line as a person types it; only the first is needed."""


def new(asked: Asked) -> Form:
    """Type an invoice or a credit memo."""
    return _form(asked, None)


def change(asked: Asked) -> Form:
    """Change an invoice that a person typed, before its okay."""
    now = known(asked)
    form = _form(asked, now)
    if now.state is not InvoiceState.OPEN or not is_typed(now) or now.content.kind is InvoiceKind.CORRECTION:
        return msgspec.structs.replace(form, refusal=not_now(now))
    return form


def _form(asked: Asked, now: InvoiceStanding | None) -> Form:
    vendors = asked.queries.vendors() if asked.queries.exists else ()
    before = now.content if now is not None else None

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        content = _content(typed, before)
        event = InvoiceRecorded(
            content=content,
            invoice=now.id if now is not None else "",
            operator=asked.viewer.id,
            authorised=lent.authorised,
        )
        seq = asked.sources.acts.order([event], lent.by, last)
        return f"/invoices/{now.id if now is not None else invoice_id(seq)}?{NEW}={seq}"

    name = "type-invoice" if now is None else "change-invoice"
    return Form(
        title=tell(f"form.title.{name}"),
        subject=title_of(now) if now is not None else "",
        button=tell("form.do.save"),
        back=f"/invoices/{now.id}" if now is not None else "/invoices",
        act=act,
        right=Right.COUNT,
        fields=tuple(_fields(before, [(vendor.id, clean(vendor.name)) for vendor in vendors], asked)),
    )


def _fields(before: Invoice | None, vendors: list[tuple[str, str]], asked: Asked) -> Iterator[Field]:
    ids = {ident for ident, _ in vendors}
    vendor = before.vendor if before is not None else ""
    plan = asked.queries.account_plan()
    yield Field(
        name=KIND,
        label=tell("shipment.head.kind"),
        kind=FieldKind.RADIO,
        value=before.kind.value if before is not None else InvoiceKind.INVOICE.value,
        choices=tuple((kind.value, tell(f"invoice.kind.{kind}")) for kind in (InvoiceKind.INVOICE, InvoiceKind.CREDIT)),
        needed=True,
    )
    yield Field(
        name=VENDOR,
        label=tell("shipment.head.vendor"),
        kind=FieldKind.CHOICE,
        value=vendor if vendor in ids else "",
        choices=(("", tell("invoice.other-vendor")), *vendors),
    )
    yield Field(
        name=OTHER_VENDOR,
        label=tell("invoice.head.other-vendor"),
        value="" if vendor in ids else vendor,
        hint=tell("invoice.other-vendor-hint"),
    )
    yield Field(
        name=NUMBER, label=tell("invoice.head.number"), value=before.number if before is not None else "", needed=True
    )
    yield Field(
        name=DATE,
        label=tell("invoice.head.date"),
        kind=FieldKind.DAY,
        value=before.date if before is not None else "",
        needed=True,
    )
    yield Field(
        name=DUE, label=tell("office.head.due"), kind=FieldKind.DAY, value=before.due if before is not None else ""
    )
    yield Field(
        name=TOTAL, label=tell("invoice.head.total"), value=_total(before), hint=tell("invoice.total-hint"), needed=True
    )
    yield Field(
        name=CURRENCY,
        label=tell("invoice.head.currency"),
        value=before.currency if before is not None else "",
        hint=tell("invoice.currency-hint", site=plan.currency),
    )
    yield Field(
        name=RATE,
        label=tell("invoice.head.rate"),
        value=before.rate if before is not None else "",
        hint=tell("invoice.rate-hint"),
    )
    yield Field(
        name=LINES,
        label=tell("invoice.head.lines"),
        kind=FieldKind.LONG,
        value="\n".join(map(_line_text, before.lines)) if before is not None else "",
        hint=tell("invoice.lines-hint"),
        longest=8000,
    )
    for kind in CHARGES:
        yield Field(name=kind.value, label=tell(f"invoice.charge.{kind}"), value=_charge(before, kind))
    yield Field(
        name=ORDER,
        label=tell("invoice.head.order"),
        value=before.order if before is not None else "",
        hint=tell("invoice.order-hint"),
    )
    yield Field(name=NOTE, label=tell("shipment.head.note"), value=before.note if before is not None else "")


def _content(typed: Mapping[str, str], before: Invoice | None) -> Invoice:
    """Return the invoice that was typed. Raises `Declined`."""
    vendor = typed.get(VENDOR, "") or typed.get(OTHER_VENDOR, "")
    if not vendor.strip():
        raise Declined(tell("form.missing", field=tell("shipment.head.vendor")), VENDOR)
    charges = {kind.value: figure(typed.get(kind.value, ""), kind.value) for kind in CHARGES}
    # What the form has no field for stays as it was.
    others = {
        charge.kind.value: charge.amount
        for charge in (before.charges if before is not None else ())
        if charge.kind not in CHARGES
    }
    names = (KIND, DATE, DUE, RATE, ORDER, NOTE)
    head = {
        **{name: typed.get(name, "").strip() for name in names},
        "vendor": vendor,
        "list": typed.get(NUMBER, ""),
        CURRENCY: typed.get(CURRENCY, "").strip().upper(),
        TOTAL: figure(typed.get(TOTAL, ""), TOTAL),
        **charges,
        **others,
    }
    return _read(head, list(_rows(typed.get(LINES, ""))))


def _read(head: Mapping[str, str], rows: list[dict[str, str]]) -> Invoice:
    try:
        return read_typed(head, rows)
    except PackingRefused as error:
        raise Declined(tell(error.detail or error.sentence)) from error


def _rows(text: str) -> Iterator[dict[str, str]]:
    """Yield the lines that a person typed, by the names that the reader of invoices has for their parts."""
    for number, parts in rows_of(text):
        if len(parts) > len(_PARTS):
            raise Declined(tell("invoice.unfit-line", number=number), LINES)
        row = dict(zip(_PARTS, parts, strict=False))
        row["amount"] = figure(row["amount"], LINES)
        if isbn.is_valid(isbn.plain(row.get("order_line", ""))):
            row["isbn"] = row.pop("order_line")
        yield row


def _line_text(line: InvoiceLine) -> str:
    """Return a line as a person types it."""
    share = line.shares[0] if len(line.shares) == 1 else None
    parts = (
        line.amount,
        share.account if share is not None else "",
        share.fund if share is not None else line.fund,
        line.title.replace(";", ","),
        line.order_line or next(iter(line.numbers), ""),
        str(line.copies) if line.copies != 1 else "",
    )
    return BETWEEN.join(parts).rstrip("; ")


def _total(before: Invoice | None) -> str:
    return next((row.amount for row in before.stated if row.code == "9"), "") if before is not None else ""


def _charge(before: Invoice | None, kind: ChargeKind) -> str:
    return next((row.amount for row in before.charges if row.kind is kind), "") if before is not None else ""


# --- correcting entry -----------------------------------------------------------------------------------------------


def correct(asked: Asked) -> Form:
    """Record the correcting entry of an invoice that Accounts Payable has: amounts with signs, one for each account."""
    now = known(asked)
    content = now.content
    before = sum(row.content.corrects == now.id for row in asked.queries.invoices())

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        rows = list(_rows(typed.get(LINES, "")))
        if not rows:
            raise Declined(tell("form.missing", field=tell("invoice.head.lines")), LINES)
        head = {
            "vendor": content.vendor,
            "list": typed.get(NUMBER, ""),
            DATE: asked.sources.clock.day(),
            CURRENCY: content.currency,
            RATE: content.rate,
            NOTE: reason_of(typed)[:300],
        }
        made = msgspec.structs.replace(_read(head, rows), kind=InvoiceKind.CORRECTION, corrects=now.id)
        event = InvoiceRecorded(content=made, operator=asked.viewer.id, authorised=lent.authorised)
        seq = asked.sources.acts.order([event], lent.by, last)
        return f"/invoices/{invoice_id(seq)}?{NEW}={seq}"

    can = now.state in (InvoiceState.EXPORTED, InvoiceState.PAID) and content.kind is not InvoiceKind.CORRECTION
    return Form(
        title=tell("form.title.correct-invoice"),
        subject=title_of(now),
        button=tell("form.do.save"),
        back=f"/invoices/{now.id}",
        act=act,
        right=Right.SIGN_INVOICE,
        fields=(
            Field(name=NUMBER, label=tell("invoice.head.number"), value=f"{content.number}-C{before + 1}", needed=True),
            Field(
                name=LINES,
                label=tell("invoice.head.lines"),
                kind=FieldKind.LONG,
                hint=tell("invoice.correct-hint"),
                longest=8000,
                needed=True,
            ),
            reason_field(needed=True),
        ),
        notes=(tell("invoice.correct-means"),),
        refusal=None if can else not_now(now),
    )


FORMS: Final[tuple[tuple[str, Make], ...]] = (
    ("/invoices/new", new),
    ("/invoices/{id}/change", change),
    ("/invoices/{id}/correct", correct),
)
