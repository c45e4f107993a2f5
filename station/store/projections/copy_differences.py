"""The difference that shows at a counted copy."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from station.domain import events as ev
from station.domain.receiving.difference import OWNER, DifferenceKind
from station.domain.receiving.vendor import CLAIM_DAYS
from station.store.database.database import Sql
from station.store.projections import shipments

Day: TypeAlias = Callable[[int], str]
"""The local date so many days from today, ISO 8601: `Clock.day`."""


def of_copy(
    sql: Sql,
    seq: int,
    what: DifferenceKind,
    day: Day,
    *,
    operator: str,
    via: str = "",
    note: str = "",
    photo: str = "",
    delivery: str = "",
) -> ev.DifferenceOpened:
    """Return the event that opens the difference. `seq`: number of the count."""
    count = shipments.count(sql, seq)
    if count is None:
        raise ValueError("the count was applied before")
    now = shipments.shipment(sql, count.shipment)
    vendor = "" if now is None else now.vendor
    row = None if now is None or count.key is None else shipments.line_of(sql, now, count.key)
    line = None if row is None else row.line
    return ev.DifferenceOpened(
        what=what,
        shipment=count.shipment,
        count=count.id,
        key=count.key,
        vendor=vendor,
        title=count.title,
        number=count.number or next(iter(() if line is None else line.numbers), ""),
        order_line=count.order_line,
        price="" if line is None else line.price,
        owner=OWNER,
        due=day(claim_days(sql, vendor)),
        note=note,
        photo=photo,
        delivery=delivery,
        operator=operator,
        via=via,
    )


def claim_days(sql: Sql, vendor: str) -> int:
    """Return the days after which a difference with a vendor is due."""
    recorded = shipments.vendor_named(sql, vendor)
    return CLAIM_DAYS if recorded is None else recorded.claim_days
