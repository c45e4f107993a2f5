"""Which column of a vendor's spreadsheet means what: header row, names of columns, and what is left out.

No standard defines the columns of a packing list (vendors send spreadsheets of their own), so the column names are the
station's. A few other names are unambiguous (`_ALSO`), and a `Mapper` names those of one vendor.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from station.acquisitions.sheets import Row, csv_rows, decoded, is_workbook, refused, workbook_rows
from station.base.errors import PackingRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.amount import amount_of
from station.domain.receiving.vendor import Mapper

COLUMNS: Final = {
    "list": "number of the list or invoice; one file may hold several lists",
    "vendor": "who sent it",
    "date": "date of the list, YYYY-MM-DD or YYYYMMDD",
    "line": "number of the line; without it the lines are counted",
    "barcode": "where the vendor has barcoded the copy",
    "order_line": "the library's order line",
    "isbn": "ISBN, UPC or publisher's number; several with ; between",
    "title": "for people",
    "quantity": "copies in the box; 1 where it is empty",
    "ordered": "copies ordered",
    "price": "price of one copy",
    "library": "code of the library that it is for",
    "vendor_number": "the vendor's number of the title",
    "fund": "code of the fund that pays",
    "carton": "id of the box (SSCC)",
    "points": "allowance that a leased copy uses",
}
"""Columns and their meaning."""
KEYS: Final = ("barcode", "order_line", "isbn")
"""At least one of these columns must identify the item of a line."""
_ALSO: Final = {
    "qty": "quantity",
    "qty shipped": "quantity",
    "qty ordered": "ordered",
    "isbn13": "isbn",
    "isbn-13": "isbn",
    "po line": "order_line",
    "invoice number": "list",
    "list number": "list",
}
"""Unambiguous column names used by vendors. A column with the station's own name, or one in a mapper, takes
precedence."""
INVOICE_COLUMNS: Final = {
    "list": "number of the invoice; one file may hold several invoices",
    "vendor": "who sent it",
    "kind": "invoice or credit; invoice where it is empty",
    "date": "date of the invoice, YYYY-MM-DD or YYYYMMDD",
    "due": "date on which it is due",
    "currency": "ISO 4217; the site's own where it is empty",
    "total": "what the invoice asks for",
    "shipping": "a charge of the whole invoice, as the six that follow; in one row, or the same in several",
    "handling": "a charge",
    "freight": "a charge",
    "processing": "a charge for cataloging and processing",
    "service": "a charge",
    "discount": "of the whole invoice; deducted",
    "tax": "charged by the vendor",
    "line": "number of the line; without it the lines are counted",
    "amount": "what the line costs; without it price and quantity",
    "price": "price of one copy",
    "quantity": "copies; 1 where it is empty",
    "list_price": "price of one copy before discount",
    "title": "for people",
    "isbn": "ISBN, UPC or publisher's number; several with ; between",
    "order_line": "the library's order line",
    "vendor_number": "the vendor's number of the title",
    "library": "code of the library that it is for",
    "material": "material, as the account plan names it",
    "fund": "code of the fund that pays",
    "account": "account that pays the line; by the account plan where it is empty",
    "order": "number of the blanket or standing order that pays the line",
}
"""Columns of a spreadsheet of invoices and their meaning."""
MAPPED: Final = tuple({**COLUMNS, **INVOICE_COLUMNS})
"""Columns that a mapper may name."""
_ALSO_INVOICE: Final = {
    "invoice": "list",
    "invoice no": "list",
    "invoice date": "date",
    "due date": "due",
    "unit price": "price",
    "list price": "list_price",
    "extended": "amount",
    "extended price": "amount",
    "line total": "amount",
    "invoice total": "total",
    "account code": "account",
}
_PRICES: Final = frozenset({"net", "net price", "list price", "price", "discount", "extended"})
"""If the file has such a column, `List` may be the list price."""
DELIMITERS: Final = ",;\t"
_SURE: Final = 3
"""Known column names by which a row below the first is the header row."""
_SEARCHED: Final = 30
"""Rows in which a header row is looked for: a letterhead and the address of the library precede it."""


class Scheme(NamedTuple):
    """Columns of one kind of spreadsheet."""

    columns: Mapping[str, str]
    keys: tuple[str, ...]
    """At least one of these columns must be there."""
    also: Mapping[str, str]
    strict: bool
    """True if all of the mapper's columns must be there."""


PACKING: Final = Scheme(COLUMNS, KEYS, _ALSO, strict=True)
INVOICES: Final = Scheme(INVOICE_COLUMNS, ("amount", "price"), {**_ALSO, **_ALSO_INVOICE}, strict=False)
"""A vendor has one mapper for both kinds of spreadsheet."""


class Columns(NamedTuple):
    """Rows of a spreadsheet by column."""

    header: Row
    names: tuple[str, ...]
    """Meaning of each column; "" = left out."""
    rows: list[Row]

    @property
    def unused(self) -> list[str]:
        """Return the vendor's names of the columns that are left out."""
        pairs = zip(self.header.cells, self.names, strict=True)
        return [clean(cell, 60) for cell, name in pairs if not name and cell.strip()]

    def values(self, row: Row, file: str) -> dict[str, str]:
        """Return the cleaned cells of a row by column. Raise `PackingRefused` if it has more cells than the header."""
        if any(cell.strip() for cell in row.cells[len(self.names) :]):
            raise refused(file, row.number, Sentence("packing.cells", cells=len(row.cells), names=len(self.names)))
        return {name: clean(cell, 300) for name, cell in zip(self.names, row.cells, strict=False) if name}


def read(data: bytes, file: str, mapper: Mapper, scheme: Scheme = PACKING) -> Columns | None:
    """Return the columns of a CSV file or workbook; None = it has no rows. Raise `PackingRefused` if a column of the
    mapper is missing, a name is there twice, or no column identifies an item."""
    unknown = sorted(set(mapper.columns) - set(MAPPED))
    if unknown:
        raise PackingRefused(Sentence("packing.no-such-column", column=clean(unknown[0]), known=", ".join(MAPPED)))
    theirs = {ours: name for ours, name in mapper.columns.items() if ours in scheme.columns}
    if is_workbook(data):
        rows = workbook_rows(data, file, mapper.sheet)
    else:
        text = decoded(data, file, mapper.code_page)
        rows = csv_rows(text, file, _delimiter(text, theirs, scheme))
    if not rows:
        return None
    place = _header(rows, theirs, scheme)
    header, body = rows[place], rows[place + 1 :]
    return Columns(header, tuple(_meanings(header, body, theirs, file, scheme)), body)


def _delimiter(text: str, theirs: Mapping[str, str], scheme: Scheme) -> str:
    """Return the delimiter by which a line near the begin has the most known names, else the most frequent one."""
    lines = text.lstrip("\n\r").split("\n", _SEARCHED)[:_SEARCHED]

    def fits(delimiter: str) -> tuple[int, int]:
        cells = [[cell.strip(' "') for cell in line.split(delimiter)] for line in lines]
        return max((_known(row, theirs, scheme) for row in cells), default=0), lines[0].count(delimiter) if lines else 0

    return max(DELIMITERS, key=fits)


def _header(rows: Sequence[Row], theirs: Mapping[str, str], scheme: Scheme) -> int:
    """Return the place of the header row: the first with enough known names, else the first row."""
    enough = max(_SURE, len(theirs)) if scheme.strict else _SURE
    return next((n for n, row in enumerate(rows[:_SEARCHED]) if _known(row.cells, theirs, scheme) >= enough), 0)


def _known(cells: Sequence[str], theirs: Mapping[str, str], scheme: Scheme) -> int:
    """Return how many different columns the cells of a row name."""
    meanings = _meanings_of_names(cells, theirs, scheme)
    return len({meanings[name] for cell in cells if (name := cell.strip().casefold()) in meanings})


def _meanings(header: Row, body: Sequence[Row], theirs: Mapping[str, str], file: str, scheme: Scheme) -> list[str]:
    """Return the meaning of each column."""
    cells = header.cells
    if "list" not in theirs and "list" not in {name.strip().casefold() for name in theirs.values()}:
        cells = _without_list_price(header, body, file)
    meanings = _meanings_of_names(cells, theirs, scheme)
    columns = [meanings.get(cell.strip().casefold(), "") for cell in cells]
    there = [name for name in columns if name]
    if len(set(there)) != len(there):
        raise refused(file, header.number, Sentence("packing.column-twice"))
    missing = [name for ours, name in theirs.items() if ours not in there]
    if missing and scheme.strict:
        raise refused(file, header.number, Sentence("packing.no-column", column=clean(missing[0])))
    if not set(there) & set(scheme.keys):
        listed = clean(", ".join(cells), 200)
        raise refused(
            file,
            header.number,
            Sentence("packing.no-key", names=", ".join(scheme.keys), columns=listed, option="--column"),
        )
    return columns


def _meanings_of_names(cells: Sequence[str], theirs: Mapping[str, str], scheme: Scheme) -> dict[str, str]:
    """Return the meaning of each column name, in lower case."""
    there = {cell.strip().casefold() for cell in cells}
    explicit = {name.strip().casefold(): ours for ours, name in theirs.items()}
    own = {name: name for name in scheme.columns if name not in theirs}
    also = {name: ours for name, ours in scheme.also.items() if ours not in theirs and ours not in there}
    return {**also, **own, **explicit}


def _without_list_price(header: Row, body: Sequence[Row], file: str) -> list[str]:
    """Return the column names, with "" for `List` if it holds amounts: then it is the list price."""
    place = next((n for n, cell in enumerate(header.cells) if cell.strip().casefold() == "list"), -1)
    if place < 0:
        return header.cells
    texts = {row.cells[place].strip() for row in body if len(row.cells) > place} - {""}
    amounts = {text for text in texts if amount_of(text) is not None}
    bare = {text for text in amounts if text.isdecimal()}
    beside = any(cell.strip().casefold() in _PRICES for cell in header.cells)
    if not amounts or (amounts == bare and not beside):
        return header.cells  # list numbers, or no values
    if amounts != texts or amounts == bare:
        raise refused(file, header.number, Sentence("packing.list-or-price", column=header.cells[place].strip()))
    return ["" if n == place else cell for n, cell in enumerate(header.cells)]
