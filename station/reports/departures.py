"""What left, moved, was lost or found in a period: counts by reason, format, fund, site or month, and each item."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

import msgspec

from station.base.local_time import local_day
from station.base.sentence import Sentence
from station.base.settings.withdrawal import WithdrawalOptions
from station.base.words import tell
from station.domain.amount import amount_in
from station.domain.distribution.box import Site
from station.domain.events import Found, Lost, Reclassified, Transferred, Withdrawn
from station.domain.withdrawals.withdrawal import TitleEffect
from station.reports.tables.table import Cell, Column, Kind, Money, Place, Table, table
from station.reports.tables.withdrawals import named, site_code
from station.reports.tables.workbook import Sheet, book_file

LAST: Final = "9999"
"""A time after all others."""


class Departed(StrEnum):
    """Kind of what happened."""

    WITHDRAWN = "withdrawn"
    TRANSFERRED = "transferred"
    RECLASSIFIED = "reclassified"
    LOST = "lost"
    FOUND = "found"


class Grouping(StrEnum):
    """Tables of the report."""

    REASONS = "reasons"
    FORMATS = "formats"
    FUNDS = "funds"
    SITES = "sites"
    MONTHS = "months"
    ITEMS = "items"


class DepartureRow(Protocol):
    """One event, as the journal gives it: its number, time (ISO 8601, UTC) and content."""

    @property
    def seq(self) -> int: ...

    @property
    def at(self) -> str: ...

    @property
    def event(self) -> Withdrawn | Transferred | Reclassified | Lost | Found: ...


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """One item that left, moved, was lost or found."""

    seq: int
    at: str
    """ISO 8601, UTC."""
    kind: Departed
    barcode: str
    title: str
    effect: TitleEffect
    reason: str = ""
    destination: str = ""
    format: str = ""
    fund: str = ""
    price: str = ""
    library: str = ""
    """For a transfer, the library that it left."""
    record_id: str = ""
    by_hand: bool = False
    withdrawal: str = ""


def departures(rows: Iterable[DepartureRow]) -> tuple[Departure, ...]:
    """Return what the events say, the oldest first."""
    return tuple(sorted(map(_departure, rows), key=lambda entry: (entry.at, entry.seq)))


def _departure(row: DepartureRow) -> Departure:
    match row.event:
        case Withdrawn() as event:
            return Departure(
                seq=row.seq,
                at=row.at,
                kind=Departed.WITHDRAWN,
                barcode=event.barcode,
                title=event.title,
                effect=event.effect,
                reason=event.reason,
                destination=event.destination,
                format=event.format,
                fund=event.fund,
                price=event.price,
                library=event.library,
                record_id=event.record_id,
                by_hand=event.by_hand,
                withdrawal=event.withdrawal,
            )
        case Transferred() | Reclassified() as event:
            return Departure(
                seq=row.seq,
                at=row.at,
                kind=Departed.TRANSFERRED if isinstance(event, Transferred) else Departed.RECLASSIFIED,
                barcode=event.barcode,
                title=event.title,
                effect=event.effect if isinstance(event, Transferred) else TitleEffect.COPY,
                reason=event.reason,
                fund=event.fund,
                price=event.price,
                library=event.before.library,
                by_hand=event.by_hand,
            )
        case Lost() | Found() as event:
            return Departure(
                seq=row.seq,
                at=row.at,
                kind=Departed.LOST if isinstance(event, Lost) else Departed.FOUND,
                barcode=event.barcode,
                title=event.title,
                effect=event.effect,
                reason=event.reason,
                format=event.format,
                fund=event.fund,
                price=event.price,
                library=event.library,
            )


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Departures of a period and one kind, with what names their codes."""

    rows: tuple[Departure, ...]
    options: WithdrawalOptions
    sites: tuple[Site, ...]

    def table(self, grouping: Grouping) -> Table:
        """Return one table of the report."""
        return _items(self) if grouping is Grouping.ITEMS else _grouped(self, grouping)


def report(
    rows: Iterable[Departure], kind: Departed, site: str, options: WithdrawalOptions, sites: Sequence[Site]
) -> Report:
    """Return the report of one kind. `site`: code; "" = all sites."""
    chosen = tuple(
        row
        for row in rows
        if row.kind is kind and (not site or site_code(row.library, sites).casefold() == site.casefold())
    )
    return Report(rows=chosen, options=options, sites=tuple(sites))


_BY_HAND: Final = "departures.by-hand"
_EFFECTS: Final = tuple(TitleEffect)


def _grouped(whole: Report, grouping: Grouping) -> Table:
    name = _names(whole)[grouping]
    groups: dict[str, list[Departure]] = {}
    for row in whole.rows:
        groups.setdefault(name(row), []).append(row)
    return table(
        (
            Column("name", Sentence(f"departures.head.{grouping}"), sorts=True),
            Column("items", Sentence("departures.head.total"), Kind.COUNT, sorts=True),
            *(
                Column(effect.value, Sentence(f"departures.effect.{effect}"), Kind.COUNT, sorts=True)
                for effect in _EFFECTS
            ),
            Column("value", Sentence("departures.head.value")),
            Column("unpriced", Sentence("departures.head.unpriced"), Kind.COUNT),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [_sums(key, rows) for key, rows in sorted(groups.items(), key=lambda group: group[0].casefold())],
        id_at=8,
    )


def _sums(key: str, rows: Sequence[Departure]) -> tuple[Cell, ...]:
    return (
        key or Sentence("departures.none"),
        len(rows),
        *(sum(row.effect is effect for row in rows) for effect in _EFFECTS),
        value_words(rows),
        sum(amount_in(row.price) is None for row in rows),
        key or "-",
    )


def value_words(rows: Iterable[Departure]) -> str:
    """Return the sum of the prices, for each currency on its own; "" = no price can be read."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        if (amount := amount_in(row.price)) is not None:
            sums[amount.currency] = sums.get(amount.currency, Decimal(0)) + amount.value
    return ", ".join(f"{Money(total, '').whole:,.2f} {currency}".rstrip() for currency, total in sorted(sums.items()))


def summary_words(whole: Report) -> Sentence:
    """Return how many items the report has, and what they were worth."""
    return Sentence("departures.total", count=len(whole.rows), value=value_words(whole.rows) or "-")


def _names(whole: Report) -> Mapping[Grouping, Callable[[Departure], str]]:
    return {
        Grouping.REASONS: lambda row: named(row.reason, whole.options.reasons),
        Grouping.FORMATS: lambda row: row.format,
        Grouping.FUNDS: lambda row: row.fund,
        Grouping.SITES: lambda row: site_code(row.library, whole.sites),
        Grouping.MONTHS: lambda row: local_day(row.at)[:7],
    }


def _items(whole: Report) -> Table:
    return table(
        (
            Column("at", Sentence("office.head.time"), Kind.TIME, sorts=True),
            Column("title", Sentence("office.head.title"), Kind.TITLE, sorts=True),
            Column("barcode", Sentence("office.head.barcode"), Kind.ITEM),
            Column("effect", Sentence("departures.head.effect"), Kind.STATUS, "departures.effect"),
            Column("reason_name", Sentence("withdrawal.head.reason"), sorts=True),
            Column("format", Sentence("departures.head.formats"), sorts=True),
            Column("fund", Sentence("departures.head.funds"), sorts=True),
            Column("price", Sentence("shipment.head.price")),
            Column("site", Sentence("box.head.site"), sorts=True),
            Column("record_id", Sentence("departures.head.record"), only=Place.FILES),
            Column("by_hand", Sentence("departures.head.by-hand"), Kind.FLAG, _BY_HAND, only=Place.FILES),
            Column("reason", Sentence("withdrawal.head.reason"), Kind.CODE),
            Column("destination", Sentence("withdrawal.head.destination"), Kind.CODE),
            Column("library", Sentence("shipment.head.library"), Kind.CODE),
            Column("withdrawal", Sentence("withdrawal.head.withdrawal"), Kind.CODE),
            Column("seq", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                row.at,
                row.title or row.barcode,
                row.barcode,
                row.effect.value,
                named(row.reason, whole.options.reasons),
                row.format,
                row.fund,
                row.price,
                site_code(row.library, whole.sites),
                row.record_id,
                row.by_hand,
                row.reason,
                row.destination,
                row.library,
                row.withdrawal,
                row.seq,
            )
            for row in whole.rows
        ],
        id_at=15,
    )


def workbook(
    whole: Report, title: str, names: Mapping[str, str], about: Sequence[tuple[str, str]], made_at: str
) -> bytes:
    """Return all tables as a workbook. `names`: of people, by id; `about`: rows of the first sheet; `made_at`: ISO 8601,
    UTC. Raises `TooLong`."""
    sheets = [Sheet(name=tell(f"departures.table.{grouping}"), table=whole.table(grouping)) for grouping in Grouping]
    return book_file(sheets, names, title, about, made_at)
