"""The pages of a center: those pages of a bench whose facts the center has, over all benches, and the center's own."""

from __future__ import annotations

import re
from typing import Final

from station.office import (
    boxes,
    claims,
    corrections,
    deliveries,
    differences,
    journal,
    lists,
    people,
    shipments,
    vendors,
)
from station.office.departures import carts, pull_lists, report, transfers, watch, withdrawals
from station.office.departures.withdrawals import CARTS, REPORT
from station.office.fleet import own
from station.office.fleet.over_benches import Handler, OverBenches
from station.office.fleet.viewing import Viewing
from station.office.purchases import exports, invoices, orders
from station.reports.tables.pull_lists import LISTS as PULL_LISTS

LISTS: Final[tuple[tuple[str, str, Handler], ...]] = (
    ("/fix", "office.fix", lists.fix),
    ("/outbox", "office.outbox", lists.outbox),
    ("/shipments", "office.shipments", shipments.shipments_page),
    ("/boxes", "office.boxes", boxes.boxes_page),
    ("/transfers", "office.transfers", transfers.transfers_page),
    ("/withdrawals", "office.withdrawals", withdrawals.withdrawals_page),
    ("/differences", "office.differences", differences.differences),
    ("/invoices", "office.invoices", invoices.invoices_page),
    ("/orders", "office.orders", orders.orders_page),
    ("/vendors", "office.vendors", vendors.vendors_page),
    ("/people", "office.people", people.people),
    ("/journal", "office.journal", journal.journal),
)
"""Lists of a bench that the menu has: path, key of the name, handler."""
FURTHER_LISTS: Final[tuple[tuple[str, Handler], ...]] = (
    (CARTS, carts.carts_page),
    (PULL_LISTS, pull_lists.lists_page),
    (REPORT, report.report_page),
    ("/exports", exports.exports_page),
)
ONE: Final[tuple[tuple[str, Handler], ...]] = (
    ("/fix/{id}", corrections.one),
    ("/outbox/{id}", deliveries.one),
    ("/items/{barcode}", lists.item),
    ("/tags/{uid}", lists.tag),
    ("/shipments/{id}", shipments.one),
    ("/shipments/{id}/counts", shipments.counts_page),
    ("/boxes/{id}", boxes.one),
    ("/transfers/{id}", transfers.one),
    (f"{CARTS}/{{id}}", carts.one),
    (f"{PULL_LISTS}/{{id}}", pull_lists.one),
    ("/withdrawals/{id}", withdrawals.one),
    ("/differences/{id}", differences.one),
    ("/claims/{id}", claims.one),
    ("/invoices/{id}", invoices.one),
    ("/invoices/{id}/entries", invoices.entries_page),
    ("/orders/{number}", orders.one),
    ("/vendors/{vendor}", vendors.one),
    ("/journal/{number}", journal.event),
    ("/exports/{id}", exports.one),
)
"""Pages about one thing of a bench."""
_NAMES: Final = (*(path for path, _, _ in LISTS), *(path for path, _ in (*FURTHER_LISTS, *ONE)))
_ELSEWHERE: Final = frozenset({"/fix/lots", "/orders/review", journal.VERIFY, transfers.NEW_TRANSFER, watch.WATCH})
"""Pages of a bench that look like an id in a folder."""
_PATHS: Final = re.compile("|".join(re.sub(r"\{\w+\}", "[^/]+", path) for path in _NAMES))


def menu(viewing: Viewing) -> tuple[tuple[str, str, Handler], ...]:
    """Return the pages of the menu: path, key of the name, handler."""
    over = OverBenches(viewing, _is_page)
    return (*own.pages(viewing), *((path, key, over.lists(handler)) for path, key, handler in LISTS))


def further(viewing: Viewing) -> tuple[tuple[str, Handler], ...]:
    """Return the other pages."""
    over = OverBenches(viewing, _is_page)
    return (
        *((path, over.lists(handler)) for path, handler in FURTHER_LISTS),
        *((path, over.one(handler)) for path, handler in ONE),
    )


def _is_page(address: str) -> bool:
    """Return whether an address leads to a page here."""
    path = address.partition("?")[0]
    return path not in _ELSEWHERE and _PATHS.fullmatch(path) is not None
