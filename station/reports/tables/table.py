"""A list as a value, with what its readers need to know of each column."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any

import msgspec

from station.base.sentence import Sentence

Cell = str | int | float | Sentence


class Kind(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    COUNT = "count"
    TIME = "time"
    """A journaled time: ISO 8601, UTC."""
    DAY = "day"
    """A local date (ISO 8601)."""
    STATUS = "status"
    """A code: JSON has the code, all others the sentence of `Column.words` with the code."""
    ITEM = "item"
    """An item's barcode, which leads to its page."""
    EVENT = "event"
    """The number of an event of the journal."""
    CODE = "code"
    """A code for programs: in JSON only."""


class Column(msgspec.Struct, frozen=True):
    """One column."""

    key: str
    """Name of its values in JSON."""
    head: Sentence
    kind: Kind = Kind.TEXT
    words: str = ""
    """With `Kind.STATUS`: the beginning of the keys of its sentences."""


class Table(msgspec.Struct, frozen=True):
    """Rows of cells, in the order of the columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    next: str = ""
    """Key after which the next page begins; "" = this is the last page."""

    def values(self) -> list[dict[str, Any]]:
        """Return the rows as they are in JSON."""
        return [{column.key: cell for column, cell in zip(self.columns, row, strict=True)} for row in self.rows]

    @property
    def shown(self) -> tuple[int, ...]:
        """Positions of the columns that a person sees."""
        return tuple(at for at, column in enumerate(self.columns) if column.kind is not Kind.CODE)


def table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, next_page: str = "") -> Table:
    """Return the table of these rows."""
    return Table(tuple(columns), tuple(map(tuple, rows)), next_page)
