"""A list as a value, with what its readers need to know of each column."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from station.base.sentence import Sentence
from station.base.words import tell
from station.domain.invoices.money import EXACT, decimals, places


class Money(msgspec.Struct, frozen=True):
    """An amount in a currency (ISO 4217). JSON and files have the amount as a number; a column of its own has the
    currency."""

    amount: Decimal
    currency: str

    @property
    def whole(self) -> Decimal:
        """The amount with the decimals of its currency at least."""
        digits = places(self.currency)
        if not self.currency or decimals(self.amount) > digits:
            return self.amount
        return self.amount.quantize(Decimal(1).scaleb(-digits), context=EXACT)


Cell = str | int | float | bool | Money | Sentence


class Kind(StrEnum):
    """What the cells of a column are."""

    TEXT = "text"
    TITLE = "title"
    """The title of an item: the widest column."""
    ENGLISH = "english"
    """Text that the program has in English only."""
    COUNT = "count"
    MONEY = "money"
    """A `Money`; "" = there is none."""
    SHARE = "share"
    """A share from 0 to 1; "" = there is none, as of 0 of 0."""
    TIME = "time"
    """A journaled time: ISO 8601, UTC."""
    DAY = "day"
    """A local date (ISO 8601)."""
    STATUS = "status"
    """A code: JSON has the code, all others the sentence of `Column.words` with the code."""
    PROOF = "proof"
    """A code as with `STATUS`. A page shows its symbol; its sentence is read aloud, and is in files."""
    FLAG = "flag"
    """True or False: a person reads the sentence `Column.words`, or nothing."""
    PERSON = "person"
    """Id of a worker, or the name of a department. People read the names that they may see."""
    ITEM = "item"
    """An item's barcode, which leads to its page."""
    EVENT = "event"
    """The number of an event of the journal."""
    CODE = "code"
    """A code for programs: in JSON only."""


class Place(StrEnum):
    """Where a column is: JSON has all of them."""

    ALL = "all"
    PAGES = "pages"
    """What people read of several columns of `FILES`."""
    FILES = "files"


class Column(msgspec.Struct, frozen=True):
    """One column."""

    key: str
    """Name of its values in JSON."""
    head: Sentence
    kind: Kind = Kind.TEXT
    words: str = ""
    """With `Kind.STATUS` and `Kind.PROOF`: the beginning of the keys of its sentences; with `Kind.FLAG`: the key."""
    sorts: bool = False
    """True if a reader may sort the rows by it."""
    leads_to: str = ""
    """Folder of the page that each cell leads to."""
    leads_by: str = ""
    """Key of the column whose cell names that page; "" = its own."""
    only: Place = Place.ALL
    part_of: str = ""
    """Key of the column of `PAGES` or `ALL` that tells people this one, too: hidden with it. If this is a flag, pages mark
    the cells of that column by it."""


class Table(msgspec.Struct, frozen=True):
    """Rows of cells, in the order of the columns."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    next: str = ""
    """Key after which the next page begins; "" = this is the last page."""
    id_at: int = -1
    """Position of the cell that no other row has."""
    looked_back_to: str = ""
    """The search ended here (ISO 8601, UTC), and the next page goes on; "" = it did not."""
    hidden: frozenset[str] = frozenset()
    """Keys of columns that a reader has hidden, on pages and in files."""

    def values(self) -> list[dict[str, Any]]:
        """Return the rows as they are in JSON."""
        return [{column.key: _plain(cell) for column, cell in zip(self.columns, row, strict=True)} for row in self.rows]

    @property
    def names_people(self) -> bool:
        """Whether rows name people: in a column, or in what an event of the journal says."""
        return any(column.kind in (Kind.PERSON, Kind.EVENT) for column in self.columns)

    def only(self, wanted: Callable[[tuple[Cell, ...]], bool]) -> Table:
        """Return the table of the rows that are wanted."""
        return msgspec.structs.replace(self, rows=tuple(filter(wanted, self.rows)))

    @property
    def shown(self) -> tuple[int, ...]:
        """Positions of the columns that a page shows."""
        return self._seen(Place.PAGES)

    @property
    def filed(self) -> tuple[int, ...]:
        """Positions of the columns of a file for a spreadsheet program."""
        return self._seen(Place.FILES)

    @property
    def offered(self) -> tuple[Column, ...]:
        """The columns that a reader may hide or show again."""
        return tuple(self.columns[at] for at in self._of(Place.PAGES))

    def followed_by(self, key: str) -> Table:
        """Return the same as a page that another one follows, after this key."""
        return msgspec.structs.replace(self, next=key)

    def without(self, keys: Collection[str]) -> Table:
        """Return the table with these columns hidden; one that would show nothing hides nothing."""
        hides = any(column.key not in keys for column in self.offered)
        return msgspec.structs.replace(self, hidden=frozenset(keys) if hides else frozenset())

    def _seen(self, place: Place) -> tuple[int, ...]:
        return tuple(at for at in self._of(place) if not self.hidden & {self.columns[at].key, self.columns[at].part_of})

    def _of(self, place: Place) -> tuple[int, ...]:
        return tuple(
            at
            for at, column in enumerate(self.columns)
            if column.kind is not Kind.CODE and column.only in (Place.ALL, place)
        )


def table(columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *, next_page: str = "", id_at: int = -1) -> Table:
    """Return the table of these rows."""
    return Table(tuple(columns), tuple(map(tuple, rows)), next_page, id_at)


def ordered(whole: Table, by: str) -> Table:
    """Return the table sorted by a column that sorts, "-" before its key = downward. Equal rows are in the order of their
    ids, empty cells come last. Any other text leaves the order."""
    key = by.removeprefix("-")
    at = next((at for at, column in enumerate(whole.columns) if column.sorts and column.key == key), None)
    if at is None:
        return whole
    full = sorted((row for row in whole.rows if row[at] != ""), key=lambda row: str(row[whole.id_at]))
    full.sort(key=lambda row: _rank(row[at]), reverse=by.startswith("-"))
    return msgspec.structs.replace(whole, rows=(*full, *(row for row in whole.rows if row[at] == "")))


def page_of(whole: Table, after: str, limit: int) -> Table:
    """Return the `limit` rows that follow the row with the id `after`; "" or an unknown one = the first rows."""
    first = next((at + 1 for at, row in enumerate(whole.rows) if after and str(row[whole.id_at]) == after), 0)
    rows = whole.rows[first : first + limit]
    more = first + limit < len(whole.rows)
    return msgspec.structs.replace(whole, rows=rows, next=str(rows[-1][whole.id_at]) if more else "")


def _rank(cell: Cell) -> tuple[float, str]:
    if isinstance(cell, str):
        return 0.0, cell.casefold()
    if isinstance(cell, Money):
        return float(cell.amount), cell.currency
    return (0.0, tell(cell).casefold()) if isinstance(cell, Sentence) else (float(cell), "")


def _plain(cell: Cell) -> str | int | float | bool | Sentence:
    """Return a cell as JSON has it: an amount as a text with all its decimals."""
    return f"{cell.whole:f}" if isinstance(cell, Money) else cell
