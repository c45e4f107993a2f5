"""Cells as their readers see them: on a page and on paper in local time and words, in a download with ISO times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from station.base.local_time import local_minute
from station.base.sentence import Sentence
from station.base.spreadsheet import Cell as Written
from station.base.text import clean, with_names
from station.base.words import tell
from station.base.words.times import date_words, local_day_and_time
from station.reports.tables.table import Cell, Column, Kind, Money, Table

LONGEST = 4000
"""Characters of a cell."""


def shown(column: Column, cell: Cell, names: Mapping[str, str]) -> str:
    """Return a cell as text for a person. `names`: the names that this person may see, by worker id."""
    if column.kind is Kind.TIME and isinstance(cell, str):
        return local_day_and_time(cell) if cell else ""
    if column.kind is Kind.DAY and isinstance(cell, str):
        return date_words(cell) if cell else ""
    if isinstance(cell, Money):
        return money_words(cell)
    if column.kind is Kind.SHARE and isinstance(cell, float):
        return percent_words(cell)
    if column.kind is Kind.COUNT and isinstance(cell, int):
        return f"{cell:,}"
    return _text(column, cell, names)


def money_words(money: Money) -> str:
    """Return an amount for a person: "1,234.50 USD"."""
    return f"{money.whole:,f}\u00a0{clean(money.currency)}".rstrip()


def percent_words(share: float) -> str:
    """Return a share from 0 to 1 for a person."""
    return tell("figures.percent", percent=f"{100 * share:.1f}")


def texts(table: Table, names: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Return heads and rows for a terminal."""
    heads = tuple(tell(table.columns[at].head) for at in table.shown)
    return [heads, *(tuple(shown(table.columns[at], row[at], names) for at in table.shown) for row in table.rows)]


def written(pages: Iterable[Table], names: Mapping[str, str]) -> Iterator[list[Written]]:
    """Yield heads and rows of the pages of one table for a spreadsheet: local times to the minute in ISO form, numbers as
    numbers."""
    for number, page in enumerate(pages):
        if not number:
            yield [tell(page.columns[at].head) for at in page.filed]
        for row in page.rows:
            yield [_written(page.columns[at], row[at], names) for at in page.filed]


def _written(column: Column, cell: Cell, names: Mapping[str, str]) -> Written:
    if column.kind is Kind.TIME and isinstance(cell, str):
        return local_minute(cell) if cell else ""
    if isinstance(cell, Money):
        return cell.whole
    return cell if isinstance(cell, int | float) and not isinstance(cell, bool) else _text(column, cell, names)


def _text(column: Column, cell: Cell, names: Mapping[str, str]) -> str:
    if column.kind in (Kind.STATUS, Kind.PROOF) and cell and not isinstance(cell, Sentence):
        return tell(f"{column.words}.{cell}")
    if column.kind is Kind.FLAG:
        return tell(column.words) if cell else ""
    if column.kind is Kind.PERSON:
        return clean(names.get(str(cell), str(cell)), LONGEST)
    if isinstance(cell, Sentence):
        text = with_names(clean(tell(cell), LONGEST), names)
        return text[:1].upper() + text[1:] if cell.key else text
    return clean(str(cell), LONGEST)
