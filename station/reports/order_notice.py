"""Notice to Purchasing about a change of a blanket or standing order, as text of a mail.

Numbers and names may be hostile, so each text is cleaned, which leaves no line break for another header.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import msgspec

from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words.times import local_day_and_time
from station.domain.events import PurchaseOrderRecorded
from station.domain.invoices.money import number
from station.domain.invoices.order import PurchaseOrder
from station.reports.tables.cells import money_words
from station.reports.tables.table import Money
from station.store.queries.queries import Queries

Say = Callable[[Sentence], str]

_WIDTH: Final = 72
"""Columns of a mail (RFC 3676 asks for at most 78)."""
_FIELDS: Final = ("vendor", "kind", "account", "fund", "amount", "currency", "valid_from", "valid_to", "closed", "note")


class OrderNotice(msgspec.Struct, frozen=True, kw_only=True):
    """The newest change of an order."""

    before: PurchaseOrder | None
    """None = the order is new."""
    after: PurchaseOrder
    at: str
    """ISO 8601, UTC."""
    by: str
    """Id of the person who recorded it."""
    reason: str
    currency: str
    """Of the site: of an order that names none."""
    library: str
    vendors: Mapping[str, str]
    """Names, by id."""


def newest_notice(queries: Queries, number: str, library: str) -> OrderNotice | None:
    """Return the newest change of the order with this number; None = there is no such order. `library`: its name."""
    events = (
        (logged, logged.event)
        for logged in queries.recorded("purchase-order-recorded")
        if isinstance(logged.event, PurchaseOrderRecorded) and logged.event.content.number == number
    )
    logged, event = next(events, (None, None))
    if logged is None or event is None:
        return None
    _, before = next(events, (None, None))
    return OrderNotice(
        before=before.content if before is not None else None,
        after=event.content,
        at=logged.at,
        by=event.operator,
        reason=event.reason,
        currency=queries.account_plan().currency,
        library=library,
        vendors={vendor.id: vendor.name for vendor in queries.vendors()},
    )


def mail(notice: OrderNotice, say: Say, names: Mapping[str, str]) -> tuple[str, ...]:
    """Return the lines of the mail: its head, an empty line, and the text, at most 72 columns wide. `names`: of people
    that the reader may see, by id."""
    name = clean(notice.after.number)
    title = Sentence("purchase.notice.new" if notice.before is None else "purchase.notice.changed", order=name)
    head = [
        f"{say(Sentence('claim.to'))}: {say(Sentence('purchase.notice.purchasing'))}",
        f"{say(Sentence('claim.subject'))}: {clean(say(title))}",
    ]
    return (*head, "", *(line for text in _body(notice, say, names) for line in _wrapped(text)))


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_on_hyphens=False) or [""]


def _body(notice: OrderNotice, say: Say, names: Mapping[str, str]) -> Iterator[str]:
    vendor = notice.vendors.get(notice.after.vendor, notice.after.vendor)
    about = Sentence("purchase.notice.about", order=clean(notice.after.number), vendor=clean(vendor))
    yield say(about)
    yield ""
    old = _values(notice.before, notice, say) if notice.before is not None else {}
    for field, value in _values(notice.after, notice, say).items():
        head = say(Sentence(f"purchase.field.{field.replace('_', '-')}"))
        if notice.before is None:
            yield from [f"{head}: {value}"] if value else []
        elif value != old[field]:
            none = say(Sentence("purchase.notice.none"))
            yield say(Sentence("purchase.notice.change", field=head, before=old[field] or none, after=value or none))
    if notice.reason:
        yield ""
        yield say(Sentence("purchase.notice.reason", reason=clean(notice.reason)))
    yield ""
    who = clean(names.get(notice.by, notice.by))
    yield say(Sentence("purchase.notice.by", name=who, when=local_day_and_time(notice.at)))
    yield clean(notice.library)


def _values(order: PurchaseOrder, notice: OrderNotice, say: Say) -> dict[str, str]:
    """Return the content of an order as people read it, by field."""
    vendors, currency = notice.vendors, notice.currency
    values = {field: clean(str(getattr(order, field))) for field in _FIELDS}
    values["vendor"] = clean(vendors.get(order.vendor, order.vendor))
    values["amount"] = money_words(Money(number(order.amount), order.currency or currency)).replace("\u00a0", " ")
    values["kind"] = say(Sentence(f"purchase.kind.{order.kind}"))
    values["closed"] = say(Sentence(f"purchase.state.{'closed' if order.closed else 'open'}"))
    return values
