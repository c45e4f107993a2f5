"""Shipments: the list, one shipment with its lines and counts, and its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from station.base.errors import ReceivingRefused
from station.base.local_time import local_day
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.domain.events import DeliveryOrdered, ShipmentClosed
from station.domain.people.rights import Right, may
from station.domain.receiving.order_line import OrderLine
from station.domain.receiving.receipts import receive_intent
from station.domain.receiving.shipment import Shipment, ShipmentLine
from station.office.asked import Asked, Page, as_number, missing
from station.office.corrections import MOST
from station.office.filters import Filter
from station.office.forms import NEW, Field, FieldKind, Form, Lent, Make
from station.reports.tables.receiving import counts, lines, matched, shipments, vendor_names
from station.reports.tables.table import ordered, page_of
from station.runtime.receipt_rules import receipt_rules

MORE, COUNTS = "more", "counts"
_OPEN: Final = "open"


def shipments_page(asked: Asked) -> Page:
    """Shipments, open ones only unless the reader asks for all."""
    title = tell("office.shipments")
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    states = Filter(
        "state", tell("shipment.head.state"), [(name, tell(f"shipment.is.{name}")) for name in ("closed", "all")]
    )
    state = states.value(asked.text("state"))
    rows = [row for row in asked.queries.shipments(everything=bool(state)) if state != "closed" or row.closed_at]
    names = vendor_names(asked.queries.vendors())
    vendors = sorted({row.vendor for row in rows if row.vendor}, key=str.casefold)
    by_vendor = Filter("vendor", tell("shipment.head.vendor"), [(name, names.get(name, name)) for name in vendors])
    vendor = by_vendor.value(asked.text("vendor"))
    chosen = shipments([row for row in reversed(rows) if not vendor or row.vendor == vendor], names)
    return Page(
        template="list",
        title=title,
        read=lambda after: page_of(ordered(chosen, asked.text("sort")), after, asked.rows),
        filters=(states, by_vendor),
        values={
            "empty": tell("shipment.no-shipments"),
            "doings": [("/shipments/import", tell("form.do.import-list"))] if _may_import(asked) else [],
        },
    )


def _may_import(asked: Asked) -> bool:
    """Return whether the viewer works here: every worker may import a packing list."""
    return asked.viewer.role is not None


def one(asked: Asked) -> Page:
    """One shipment: facts, and its lines, the worst first."""
    now = find(asked)
    if now is None:
        return missing()
    rows, names = asked.queries.shipment_lines(now), dict(zip(now.lists, now.names, strict=False))
    order_lines = {line.number: line for line in asked.queries.order_lines()}
    table = lines(rows, names, order_lines, asked.sources.clock.day())
    return Page(
        template="one",
        title=title_of(asked, now),
        read=lambda after: page_of(ordered(table, asked.text("sort")), after, asked.rows),
        values={
            "facts": _facts(now),
            "links": [
                (tell("shipment.counts"), f"/shipments/{now.id}/counts"),
                (tell("shipment.differences", count=now.differences), f"/differences?shipment={now.id}"),
            ],
            "lines": list(_instructions(rows, order_lines)),
            "heading": tell("shipment.lines"),
            "empty": tell("shipment.no-lines"),
            "saved": asked.number(NEW) is not None,
            "doings": _doings(asked, now),
        },
    )


def _instructions(rows: Sequence[ShipmentLine], order_lines: Mapping[str, OrderLine]) -> Iterator[str]:
    """Yield the receiving note of each order line, once, and mark those that are in a rush."""
    for number in dict.fromkeys(row.line.order_line for row in rows):
        line = order_lines.get(number)
        if line is not None and (line.rush or line.receiving_note):
            note = clean(line.receiving_note, 300)
            yield tell(
                "receipt.rush" if line.rush else "receipt.instruction", title=clean(line.title), note=note
            ).strip()


def _facts(now: Shipment) -> list[tuple[str, str]]:
    facts = (
        (tell("shipment.head.state"), tell("shipment.is.closed" if now.closed_at else "shipment.is.open")),
        (tell("shipment.head.purpose"), tell(f"shipment.purpose.{now.purpose}")),
        (tell("shipment.head.counted"), str(now.counted)),
        (tell("shipment.head.matched"), tell(matched(now)) if now.listed else ""),
        (tell("shipment.head.lists"), ", ".join(now.names)),
        (tell("shipment.head.carton"), now.carton),
        (tell("shipment.head.donor"), now.donor),
        (tell("office.head.since"), local_day_and_time(now.opened_at)),
        (tell("shipment.head.closed-at"), local_day_and_time(now.closed_at) if now.closed_at else ""),
    )
    return [fact for fact in facts if fact[1]]


def title_of(asked: Asked, now: Shipment) -> str:
    """Return sender and lists, by which a person knows a shipment."""
    names = vendor_names(asked.queries.vendors())
    sender = names.get(now.vendor, now.vendor) or now.donor
    return tell(
        "shipment.title", sender=sender or tell(f"shipment.purpose.{now.purpose}"), lists=", ".join(now.names)
    ).rstrip(" :")


def _doings(asked: Asked, now: Shipment) -> list[tuple[str, str]]:
    possible = not now.closed_at and (asked.sources.signs_on or may(asked.viewer.role, Right.COUNT))
    doings = [(f"/shipments/{now.id}/close", tell("form.do.close-shipment"))] if possible else []
    if receipt_rules(asked.sources.settings).system and asked.viewer.role is not None:
        doings.append((f"/shipments/{now.id}/read", tell("form.do.read-alma")))
    return doings


def counts_page(asked: Asked) -> Page:
    """The counted copies of one shipment, the newest first: who counted them, and when."""
    now = find(asked)
    if now is None:
        return missing()
    table = counts(asked.sources.visibility(asked.viewer).counts_of(now.id), asked.queries.receipts(now.id))
    orders = receipt_rules(asked.sources.settings).system and asked.viewer.role is not None
    return Page(
        template="list",
        title=tell("shipment.counts-of", shipment=title_of(asked, now)),
        read=lambda after: page_of(table, after, asked.rows),
        choose=(("/shipments/receipts", tell("form.do.order-receipt")),) if orders else (),
        values={
            "empty": tell("shipment.no-counts"),
            "choices": [(tell("shipment.head.shipment"), f"/shipments/{now.id}", False)],
        },
    )


def find(asked: Asked) -> Shipment | None:
    """Return the shipment that the path names; None = there is none."""
    return asked.queries.shipment(asked.names["id"]) if asked.queries.exists else None


def close(asked: Asked) -> Form:
    """Close a shipment: what lacks becomes a difference, unless another carton is expected."""
    now = find(asked)
    if now is None:
        raise ReceivingRefused(Sentence("shipment.unknown", shipment=asked.names["id"]))

    def act(typed: Mapping[str, str], lent: Lent, last: int) -> str:
        event = ShipmentClosed(
            shipment=now.id, more=typed.get(MORE) == "more", operator=asked.viewer.id, authorised=lent.authorised
        )
        seq = asked.sources.acts.order([event], lent.by, last)
        return f"/shipments/{now.id}?{NEW}={seq}"

    copies = sum(row.lacks for row in asked.queries.shipment_lines(now) if not row.line.cancelled)
    return Form(
        title=tell("form.title.close-shipment"),
        subject=title_of(asked, now),
        button=tell("form.do.close-shipment"),
        back=f"/shipments/{now.id}",
        act=act,
        right=Right.COUNT,
        fields=(
            Field(
                name=MORE,
                label=tell("shipment.is-more"),
                kind=FieldKind.RADIO,
                choices=(("all", tell("shipment.all-came")), ("more", tell("shipment.more-expected"))),
                needed=True,
            ),
        ),
        notes=(
            tell("shipment.lacks", copies=Sentence("receiving.copies", count=copies))
            if copies
            else tell("shipment.lacks-none"),
        ),
        refusal=ReceivingRefused(Sentence("shipment.closed-already")) if now.closed_at else None,
    )


def order_receipts(asked: Asked) -> Form:
    """Order the receipt of counted copies in the library system: of all that are marked, or of none."""
    system = receipt_rules(asked.sources.settings).system
    ids = asked.every.get("id", ()) if asked.posted is None else tuple(asked.posted.get(COUNTS, "").split())
    numbers = [number for ident in dict.fromkeys(ids) if (number := as_number(ident)) is not None][:MOST]
    chosen = [count for number in numbers if (count := asked.queries.count(number)) is not None]
    if not chosen:
        raise ReceivingRefused(Sentence("receipt.none-marked"))

    def act(_: Mapping[str, str], lent: Lent, last: int) -> str:
        intents = [receive_intent(count, count.barcode, local_day(count.at)) for count in chosen]
        events = [
            DeliveryOrdered(
                system=system,
                intent=msgspec.structs.replace(intent, operator=asked.viewer.id),
                operator=asked.viewer.id,
                authorised=lent.authorised,
            )
            for intent in intents
        ]
        asked.sources.acts.order(events, lent.by, last)
        return f"/shipments/{chosen[0].shipment}/counts"

    unbound = [count for count in chosen if not (count.barcode and count.order_line)]
    refusal = None
    if not system:
        refusal = ReceivingRefused(Sentence("receipt.no-system"))
    elif unbound:
        refusal = ReceivingRefused(Sentence("receipt.not-bound", title=unbound[0].title or unbound[0].number))
    return Form(
        title=tell("form.title.order-receipt"),
        subject="",
        button=tell("form.do.order-receipt"),
        back=f"/shipments/{chosen[0].shipment}/counts",
        act=act,
        right=Right.PROCESS,
        lines=tuple(", ".join(map(clean, (count.title, count.order_line, count.barcode))) for count in chosen),
        notes=(tell("receipt.never-back"),),
        hidden=((COUNTS, " ".join(str(count.id) for count in chosen)),),
        refusal=refusal,
    )


PAGES: Final[tuple[tuple[str, Callable[[Asked], Page]], ...]] = (
    ("/shipments/{id}", one),
    ("/shipments/{id}/counts", counts_page),
)
FORMS: Final[tuple[tuple[str, Make], ...]] = (
    ("/shipments/receipts", order_receipts),
    ("/shipments/{id}/close", close),
)
