"""Blanket and standing orders as a file in TOML, an `[[order]]` table each: read, with every defect refused by its line,
and written.

A file that was written is read back as the same orders, and written again as the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from station.acquisitions import toml_file
from station.acquisitions.toml_file import entries, refused
from station.base.errors import VendorFileRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.toml_lines import entry_line
from station.domain.invoices.money import number
from station.domain.invoices.order import PurchaseOrder


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    order: tuple[PurchaseOrder, ...] = ()


def read(data: bytes, file: str) -> tuple[PurchaseOrder, ...]:
    """Return the orders of a file, in order, with harmless text. Raise `VendorFileRefused` "FILE, line N: what is
    wrong"."""
    shown = clean(file)
    content, text = toml_file.read(data, shown, _File)
    if not content.order:
        raise VendorFileRefused(Sentence("receiving.orders-empty", file=shown))
    seen: set[str] = set()
    for place, order in enumerate(content.order):
        for field, what in _faults(order, seen):
            raise refused(shown, entry_line(text, ("order", place, field)), what)
        seen.add(order.number.strip().casefold())
    return content.order


def _faults(order: PurchaseOrder, seen: set[str]) -> Iterator[tuple[str, Sentence]]:
    """Yield the field of each fault, and what is wrong. `seen`: numbers of the orders before it."""
    if order.number.strip().casefold() in seen:
        yield "number", Sentence("account-plan.twice", text=order.number)
    if not order.amount or number(order.amount) < 0:
        yield "amount", Sentence("invoicing.order-amount")
    for field in ("valid_from", "valid_to"):
        try:
            date.fromisoformat(getattr(order, field) or "2000-01-01")
        except ValueError:
            yield field, Sentence("account-plan.no-day", text=getattr(order, field))
    if order.valid_to and order.valid_from > order.valid_to:
        yield "valid_to", Sentence("account-plan.days", first=order.valid_from, last=order.valid_to)


def write(orders: Iterable[PurchaseOrder]) -> bytes:
    """Return a file of these orders, in order."""
    tables = ("\n".join(("[[order]]", *entries(msgspec.to_builtins(order)))) + "\n" for order in orders)
    return "\n".join(tables).encode("utf-8")
