"""Amounts and accounts as people type them into a form, and as a form shows them again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import msgspec

from station.base.text import clean
from station.base.words import tell
from station.domain.invoices.invoice import Share
from station.office.forms import Declined

BETWEEN: Final = "; "
"""Between the parts of a line."""
_PLAIN: Final = re.compile(r"-?\d{1,11}(\.\d{1,4})?")
_GROUPED: Final = re.compile(r"-?\d{1,3}(,\d{3})+\.\d{1,4}")
_RATE: Final = re.compile(r"\d{1,7}(\.\d{1,10})?")


def figure(text: str, field: str) -> str:
    """Return an amount as a `Figure`: "1,234.50" is 1234.50; "" stays "". Raises `Declined` for what is none."""
    text = text.strip().removeprefix("$").strip()
    if not text or _PLAIN.fullmatch(text):
        return text
    if _GROUPED.fullmatch(text):
        return text.replace(",", "")
    raise Declined(tell("invoice.no-amount", text=clean(text, 40)), field)


def rate(text: str, field: str) -> str:
    """Return a `Rate`. Raises `Declined` for what is none, or 0."""
    text = text.strip()
    if _RATE.fullmatch(text) and Decimal(text):
        return text
    raise Declined(tell("invoice.no-amount", text=clean(text, 40)), field)


def rows_of(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that are not empty: number, and parts."""
    for number, row in enumerate(text.splitlines(), 1):
        if row.strip():
            yield number, [clean(part) for part in row.split(";")]


def shares_of(text: str, field: str) -> tuple[Share, ...]:
    """Return the shares that a person types: in each line account, fund, and percentage or amount; a percentage has its
    sign. Raises `Declined`."""
    shares = []
    for number, parts in rows_of(text):
        account, fund, part, *rest = [*parts, "", "", ""][: max(3, len(parts))]
        if not account or any(rest):
            raise Declined(tell("invoice.unfit-share", number=number), field)
        percent = figure(part.removesuffix("%"), field) if part.endswith("%") else ""
        amount = "" if percent else figure(part, field)
        shares.append(Share(account=account[:100], fund=fund[:100], percent=percent, amount=amount))
    if len(shares) > 20:
        raise Declined(tell("invoice.too-many-shares", most=20), field)
    return tuple(msgspec.convert(msgspec.to_builtins(share), Share) for share in shares)


def share_text(share: Share) -> str:
    """Return a share as a person types it."""
    part = f"{share.percent}%" if share.percent else share.amount
    return BETWEEN.join((share.account, share.fund, part)).rstrip("; ")
