"""Blanket and standing orders: the list, the list for the annual review, one order, and the form that records it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final

import msgspec

from station.base.errors import ReceivingRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import station_session, tell
from station.base.words.times import date_words
from station.domain.events import PurchaseOrderRecorded
from station.domain.invoices.order import OrderKind, OrderStanding, OrderWarning, PurchaseOrder
from station.domain.people.rights import Right
from station.office.asked import Asked, Page, missing
from station.office.corrections import reason_field, reason_of
from station.office.filters import Filter
from station.office.forms import NEW, Declined, Field, FieldKind, Form, Lent, Make
from station.office.purchases.figures import figure
from station.office.purchases.invoices import may_use
from station.office.purchases.paths import order_path
from station.reports import order_notice
from station.reports.claim import library_of
from station.reports.tables.cells import money_words, percent_words
from station.reports.tables.purchases import for_review, invoices, open_first, orders, used_share
from station.reports.tables.receiving import vendor_names
from station.reports.tables.table import Money, Table, ordered, page_of

NUMBER, KIND, VENDOR, ACCOUNT, FUND, AMOUNT, CURRENCY, SINCE, UNTIL, STANDING, NOTE = (
    "number",
    "kind",
    "vendor",
    "account",
    "fund",
    "amount",
    "currency",
    "valid-from",
    "valid-to",
    "standing",
    "note",
)
CLOSED, ALL = "closed", "all"


def orders_page(asked: Asked) -> Page:
    """Orders that are not closed, unless the reader asks for others."""
    title = tell("office.orders")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    standings = [(CLOSED, tell("purchase.state.closed")), (ALL, tell("shipment.is.all"))]
    states = Filter("state", tell("shipment.head.state"), standings)
    state = states.value(asked.text("state"))
    names = vendor_names(asked.queries.vendors())
    rows = [row for row in asked.queries.orders(everything=bool(state)) if state != CLOSED or row.content.closed]
    vendors = sorted({row.content.vendor for row in rows}, key=str.casefold)
    by_vendor = Filter(VENDOR, tell("shipment.head.vendor"), [(name, clean(names.get(name, name))) for name in vendors])
    warnings = [(warning.value, tell(f"purchase.warning.{warning}")) for warning in OrderWarning]
    by_warning = Filter("warning", tell("purchase.head.warnings"), [*warnings, (ALL, tell("purchase.warning-any"))])
    vendor, warning = by_vendor.value(asked.text(VENDOR)), by_warning.value(asked.text("warning"))
    chosen = [
        row
        for row in rows
        if (not vendor or row.content.vendor == vendor)
        and (not warning or warning in row.warnings or (warning == ALL and row.warnings))
    ]
    return _list(
        asked,
        title,
        orders(chosen, names, asked.queries.account_plan().currency),
        (states, by_vendor, by_warning),
        [(tell("purchase.review"), "/orders/review", False)],
    )


def review(asked: Asked) -> Page:
    """Orders for the annual review, those that are warned about first."""
    title = tell("purchase.review")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    names, site = vendor_names(asked.queries.vendors()), asked.queries.account_plan().currency
    table = orders(for_review(asked.queries.orders()), names, site)
    return _list(asked, title, table, (), [(tell("office.orders"), "/orders", False)])


def _list(
    asked: Asked,
    title: str,
    table: Table,
    filters: tuple[Filter, ...],
    choices: list[tuple[str, str, bool]],
) -> Page:
    records = may_use(asked, Right.CHANGE_ORDERS)
    return Page(
        template="list",
        title=title,
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        filters=filters,
        values={
            "empty": tell("purchase.none"),
            "choices": choices,
            "doings": [("/orders/new", tell("form.do.record-order"))] if records else [],
        },
    )


def one(asked: Asked) -> Page:
    """One order: what is charged to it, what is not yet, and its invoices."""
    now = _find(asked)
    if now is None:
        return missing()
    site = asked.queries.account_plan().currency
    mine = [row for ident in now.invoices if (row := asked.queries.invoice(ident)) is not None]
    table = invoices(open_first(mine), site)
    return Page(
        template="one",
        title=tell("purchase.title", number=now.content.number),
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        values={
            "said": _warned(now),
            "names": {},
            "facts": [fact for fact in _facts(asked, now, site) if fact[1]],
            "heading": tell("office.invoices"),
            "empty": tell("purchase.no-invoices"),
            "saved": asked.number(NEW) is not None,
            "links": [(tell("purchase.notice"), order_path(now.content.number, "notice"))],
            "doings": [(order_path(now.content.number, "change"), tell("form.do.change-order"))]
            if may_use(asked, Right.CHANGE_ORDERS)
            else [],
        },
    )


def _warned(now: OrderStanding) -> str:
    words = ", ".join(tell(f"purchase.warning.{warning}") for warning in now.warnings)
    return f"▲ {words}" if words else ""


def _facts(asked: Asked, now: OrderStanding, site: str) -> Iterator[tuple[str, str]]:
    content, currency = now.content, now.content.currency or site
    share = used_share(now)
    yield tell("shipment.head.state"), tell(f"purchase.state.{'closed' if content.closed else 'open'}")
    yield tell("shipment.head.kind"), tell(f"purchase.kind.{content.kind}")
    vendor = asked.queries.vendor_named(content.vendor)
    yield tell("shipment.head.vendor"), clean(vendor.name if vendor is not None else content.vendor)
    yield tell("shipment.head.account"), clean(" ".join(filter(None, (content.account, content.fund))))
    yield tell("purchase.head.amount"), money_words(Money(Decimal(content.amount or 0), currency))
    yield tell("purchase.head.charged"), money_words(Money(now.charged, currency))
    yield tell("purchase.head.invoiced"), money_words(Money(now.invoiced, currency))
    yield tell("purchase.head.encumbered"), money_words(Money(now.encumbered, currency))
    yield tell("purchase.head.unpriced"), str(now.unpriced) if now.unpriced else ""
    yield tell("purchase.head.remaining"), money_words(Money(now.remaining, currency))
    yield tell("purchase.head.used"), percent_words(share) if isinstance(share, float) else ""
    yield tell("purchase.head.valid-from"), date_words(content.valid_from) if content.valid_from else ""
    yield tell("purchase.head.valid-to"), date_words(content.valid_to) if content.valid_to else ""
    yield tell("shipment.head.note"), clean(content.note)


def _find(asked: Asked) -> OrderStanding | None:
    return asked.queries.order(asked.names["number"]) if asked.queries.exists else None


def notice(asked: Asked) -> Page:
    """The notice to Purchasing about the newest change of an order, as text of a mail."""
    lines = _notice(asked)
    if lines is None:
        return missing()
    path = order_path(asked.names["number"])
    return Page(
        template="notice",
        title=tell("purchase.notice-of", number=asked.names["number"]),
        values={
            "note": tell("purchase.send"),
            "mail": lines,
            "links": [(tell("claim.as-text"), f"{path}/notice/text"), (tell("invoice.head.order"), path)],
        },
    )


def notice_text(asked: Asked) -> Page:
    """The notice as a file."""
    lines = _notice(asked)
    if lines is None:
        return missing()
    text = "".join(f"{line}\r\n" for line in lines)
    return Page(
        template="", title=tell("purchase.notice-of", number=asked.names["number"]), file=text.encode(), suffix="txt"
    )


def _notice(asked: Asked) -> tuple[str, ...] | None:
    now = _find(asked)
    if now is None:
        return None
    newest = order_notice.newest_notice(asked.queries, now.content.number, library_of(asked.sources.settings))
    return order_notice.mail(newest, station_session().tell, asked.names_seen()) if newest is not None else None


# --- forms ----------------------------------------------------------------------------------------------------------


def new(asked: Asked) -> Form:
    """Record an order."""
    return _form(asked, None)


def change(asked: Asked) -> Form:
    """Change an order. Its number stays."""
    now = _find(asked)
    if now is None:
        raise ReceivingRefused(Sentence("purchase.unknown", order=asked.names["number"]))
    return _form(asked, now.content)


def _form(asked: Asked, before: PurchaseOrder | None) -> Form:
    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        content = _content(typed, before)
        if before is None and asked.queries.order(content.number) is not None:
            raise Declined(tell("purchase.known", order=content.number), NUMBER)
        event = PurchaseOrderRecorded(
            content=content, reason=reason_of(typed), operator=asked.viewer.id, authorised=lent.authorised
        )
        seq = asked.sources.acts.order([event], lent.by, last)
        return f"{order_path(content.number)}?{NEW}={seq}"

    name = "record-order" if before is None else "change-order"
    return Form(
        title=tell(f"form.title.{name}"),
        subject=tell("purchase.title", number=before.number) if before is not None else "",
        button=tell("form.do.save"),
        back=order_path(before.number) if before is not None else "/orders",
        act=act,
        right=Right.CHANGE_ORDERS,
        fields=tuple(_fields(asked, before)),
        notes=(tell("purchase.then-notice"),),
    )


def _fields(asked: Asked, before: PurchaseOrder | None) -> Iterator[Field]:
    now = before or PurchaseOrder(number="-", vendor="-", amount="")
    site = asked.queries.account_plan().currency
    if before is None:
        yield Field(name=NUMBER, label=tell("purchase.head.number"), hint=tell("purchase.number-hint"), needed=True)
    yield Field(
        name=KIND,
        label=tell("shipment.head.kind"),
        kind=FieldKind.RADIO,
        value=now.kind.value,
        choices=tuple((kind.value, tell(f"purchase.kind.{kind}")) for kind in OrderKind),
        needed=True,
    )
    vendors = {vendor.id: vendor.name for vendor in asked.queries.vendors()}
    if before is not None:
        vendors.setdefault(now.vendor, now.vendor)
    if vendors:
        choices = tuple((ident, clean(name)) for ident, name in vendors.items())
        kind = FieldKind.CHOICE
    else:
        choices, kind = (), FieldKind.TEXT
    yield Field(
        name=VENDOR,
        label=tell("shipment.head.vendor"),
        kind=kind,
        value=now.vendor if before is not None else "",
        choices=choices,
        needed=True,
    )
    yield Field(name=AMOUNT, label=tell("purchase.head.amount"), value=now.amount, needed=True)
    currency_hint = tell("invoice.currency-hint", site=site)
    yield Field(name=CURRENCY, label=tell("invoice.head.currency"), value=now.currency, hint=currency_hint)
    yield Field(
        name=ACCOUNT, label=tell("shipment.head.account"), value=now.account, hint=tell("purchase.account-hint")
    )
    yield Field(name=FUND, label=tell("invoice.head.fund"), value=now.fund)
    yield Field(name=SINCE, label=tell("purchase.head.valid-from"), kind=FieldKind.DAY, value=now.valid_from)
    yield Field(name=UNTIL, label=tell("purchase.head.valid-to"), kind=FieldKind.DAY, value=now.valid_to)
    if before is not None:
        yield Field(
            name=STANDING,
            label=tell("shipment.head.state"),
            kind=FieldKind.CHOICE,
            value=CLOSED if now.closed else "open",
            choices=tuple((name, tell(f"purchase.state.{name}")) for name in ("open", CLOSED)),
        )
    yield Field(name=NOTE, label=tell("shipment.head.note"), value=now.note)
    if before is not None:
        yield reason_field(needed=True)


def _content(typed: Mapping[str, str], before: PurchaseOrder | None) -> PurchaseOrder:
    """Return the order that was typed. Raises `Declined` at the first field whose value the order cannot have."""
    order = before or PurchaseOrder(number="-", vendor="-", amount="0")
    values: dict[str, tuple[str, object]] = {
        **({NUMBER: ("number", clean(typed.get(NUMBER, "")))} if before is None else {}),
        KIND: ("kind", typed.get(KIND, "")),
        VENDOR: ("vendor", clean(typed.get(VENDOR, ""))),
        AMOUNT: ("amount", figure(typed.get(AMOUNT, ""), AMOUNT)),
        CURRENCY: ("currency", typed.get(CURRENCY, "").strip().upper()),
        ACCOUNT: ("account", clean(typed.get(ACCOUNT, ""))),
        FUND: ("fund", clean(typed.get(FUND, ""))),
        SINCE: ("valid_from", typed.get(SINCE, "")),
        UNTIL: ("valid_to", typed.get(UNTIL, "")),
        STANDING: ("closed", typed.get(STANDING) == CLOSED),
        NOTE: ("note", clean(typed.get(NOTE, ""))),
    }
    for field, (name, value) in values.items():
        try:
            order = msgspec.convert({**msgspec.to_builtins(order), name: value}, PurchaseOrder)
        except msgspec.ValidationError:
            raise Declined(tell("shipment.unfit-field"), field) from None
    return order


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (
    ("/orders/review", review),
    ("/orders/{number}", one),
    ("/orders/{number}/notice", notice),
    ("/orders/{number}/notice/text", notice_text),
)
FORMS: Final[tuple[tuple[str, Make], ...]] = (
    ("/orders/new", new),
    ("/orders/{number}/change", change),
)
