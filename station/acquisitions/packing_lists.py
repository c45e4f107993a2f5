"""Read packing lists from files: CSV with a row of names first (comma, semicolon or tab), or JSON. Every defect is
refused with file and line.

No standard defines the columns of a packing list (vendors send spreadsheets of their own), so the column names are the
station's. A few other names are unambiguous (`_ALSO`), and `names` maps the station's names to those of a file.

`List` is the list price in a vendor's spreadsheet (beside `Net`) and the list's number in the station's format; the
content of the column decides.

A spreadsheet shortens long numbers (9.78014E+12), and that loses digits: such a number is refused, with its line.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

import msgspec
from stdnum import isbn

from station.base.errors import BarcodeMalformed, PackingRefused
from station.base.sentence import Sentence
from station.base.settings import Barcodes
from station.base.text import clean
from station.catalog.barcodes.barcode import check, ungrouped
from station.catalog.findings.record_facts import plain_number
from station.domain.amount import amount_of
from station.domain.packing_lists.packing_list import PackingLine, PackingList

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
}
"""Columns and their meaning."""
_KEYS: Final = ("barcode", "order_line", "isbn")
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
"""Unambiguous column names used by vendors. A column with the station's own name, or one in `names`, takes
precedence."""
_PRICES: Final = frozenset({"net", "net price", "list price", "price", "discount", "extended"})
"""If the file has such a column, `List` may be the list price."""
_SHORTENED: Final = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]{1,2}|[0-9]{8,}[.,]0+", re.IGNORECASE)
"""Long numbers as a spreadsheet writes them if they are not text: 9.78014E+12, 9780140449136.0."""
_MEANT_AS_ISBN: Final = re.compile(r"97[89][0-9]{8,11}|[0-9]{9}[0-9X]")
"""Digits of an ISBN, or of one with a digit too few or too many; other numbers are UPCs and publishers' numbers."""
LONGEST: Final = 8 << 20
"""Maximum bytes of a file; a larger file is not a packing list."""
_DELIMITERS: Final = ",;\t"


def _no_matter(_: Sequence[str]) -> None:
    """Ignore the unused columns."""


def read(
    data: bytes,
    file: str,
    *,
    names: Mapping[str, str] | None = None,
    default_list: str = "",
    default_vendor: str = "",
    barcodes: Barcodes | None = None,
    unused: Callable[[Sequence[str]], None] = _no_matter,
) -> tuple[PackingList, ...]:
    """Return the lists of a file, in order. `names`: maps the station's column names to the file's; `default_list` and
    `default_vendor`: used if no column gives them; `barcodes`: format of the library's barcodes; `unused`: called with
    the columns that are ignored. Raise `PackingRefused` "FILE, line N: what is wrong"."""
    shown = clean(file)
    if len(data) > LONGEST:
        raise PackingRefused(Sentence("packing.too-long", file=shown, number=len(data)))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _at(shown, line, Sentence("packing.not-utf8")) from error
    unknown = sorted(set(names or ()) - set(COLUMNS))
    if unknown:
        raise PackingRefused(Sentence("packing.no-such-column", column=clean(unknown[0]), known=", ".join(COLUMNS)))
    rows = _json_rows(text, shown) if text.lstrip()[:1] in ("{", "[") else _csv_rows(text, shown, names or {}, unused)
    lists: dict[tuple[str, str], list[tuple[int, PackingLine, str]]] = {}
    for at, row in rows:
        head = (row.get("vendor") or default_vendor, row.get("list") or default_list or _stem(shown))
        lines = lists.setdefault((clean(head[0], 60), clean(head[1], 60)), [])
        lines.append((at, _line(row, len(lines) + 1, shown, at, barcodes), _date(row.get("date", ""), shown, at)))
    if not lists:
        raise PackingRefused(Sentence("packing.empty", file=shown))
    return tuple(_list(*head, lines, shown) for head, lines in lists.items())


def _list(vendor: str, name: str, lines: list[tuple[int, PackingLine, str]], file: str) -> PackingList:
    seen: dict[str, int] = {}
    barcodes: dict[str, int] = {}
    for at, line, _ in lines:
        for key, text, known in (
            ("packing.line-twice", line.line, seen),
            ("packing.barcode-twice", line.barcode, barcodes),
        ):
            if text in known:
                raise _at(file, at, Sentence(key, text=text, before=known[text]))
            if text:
                known[text] = at
    at, _, day = lines[0]
    values = {"name": name, "vendor": vendor, "date": day, "lines": [msgspec.to_builtins(line[1]) for line in lines]}
    made: PackingList = _made(PackingList, values, file, at)
    return made


def _line(row: Mapping[str, str], number: int, file: str, at: int, barcodes: Barcodes | None) -> PackingLine:
    if not any(row.get(name) for name in _KEYS):
        raise _at(file, at, Sentence("packing.no-item", names=", ".join(_KEYS)))
    fields: dict[str, object] = {
        name: row[name] for name in ("barcode", "order_line", "title", "price", "library") if row.get(name)
    }
    _sound(row, file, at, barcodes)
    if barcodes is not None and "barcode" in fields:
        fields["barcode"] = ungrouped(row["barcode"].strip(), barcodes)
    if row.get("price") and amount_of(row["price"]) is None:
        raise _at(file, at, Sentence("packing.no-amount", text=row["price"]))
    fields["line"] = row.get("line") or str(number)
    for name in ("quantity", "ordered"):
        text = row.get(name, "")
        if text and not (text.isascii() and text.isdecimal()):
            raise _at(file, at, Sentence("packing.no-number", column=name, text=text))
        if text:
            fields[name] = int(text[:9])
    fields["numbers"] = [number_of(text) for text in _numbers(row) if number_of(text)]
    line: PackingLine = _made(PackingLine, fields, file, at)
    return line


def _date(text: str, file: str, at: int) -> str:
    """Return a date in ISO 8601; "" = not given. "3/2/2026" is refused: day and month could be mixed up."""
    try:
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        raise _at(file, at, Sentence("packing.no-date", text=text)) from error


def _numbers(row: Mapping[str, str]) -> list[str]:
    return re.split(r"[;|]", row.get("isbn", ""))


def _sound(row: Mapping[str, str], file: str, at: int, barcodes: Barcodes | None) -> None:
    """Refuse values that could never match: numbers that a spreadsheet has shortened, wrong ISBNs, barcodes of no
    library."""
    for name in ("list", *_KEYS):
        for text in _numbers(row) if name == "isbn" else [row.get(name, "")]:
            if _SHORTENED.fullmatch(text.strip()):
                raise _at(file, at, Sentence("packing.shortened", column=name, text=text.strip()))
    for text in _numbers(row):
        plain = re.sub(r"[\s-]", "", text).upper()
        if _MEANT_AS_ISBN.fullmatch(plain) and not isbn.is_valid(plain):
            raise _at(file, at, Sentence("packing.wrong-isbn", text=text.strip()))
    barcode = row.get("barcode", "")
    if len(barcode.strip()) == 13 and isbn.is_valid(barcode):
        raise _at(file, at, Sentence("packing.isbn-as-barcode", text=barcode, option="--column isbn=…"))
    if barcode and barcodes is not None:
        try:
            check(barcode, barcodes)
        except BarcodeMalformed as error:
            raise _at(file, at, Sentence("packing.no-barcode", why=error.detail)) from error


def number_of(text: str) -> str:
    """Return a number of a list or a piece in the form used for comparison: an ISBN as 13 digits, else
    `record_facts.plain_number`."""
    tidy = text.strip()
    return isbn.to_isbn13(isbn.compact(tidy)) if isbn.is_valid(tidy) else plain_number(tidy)


def _made(struct: Any, values: Mapping[str, object], file: str, at: int) -> Any:
    try:
        return msgspec.convert(values, struct)
    except msgspec.ValidationError as error:
        raise _at(file, at, clean(str(error), 300)) from error


def _at(file: str, line: int, what: Sentence | str) -> PackingRefused:
    return PackingRefused(Sentence("packing.at", file=file, line=line, what=what))


def _stem(file: str) -> str:
    return file.rpartition("/")[2].rpartition(".")[0] or file


# --- the two formats
# ----------------------------------------------------------------------------------------------------


def _csv_rows(
    text: str, file: str, names: Mapping[str, str], unused: Callable[[Sequence[str]], None]
) -> Iterator[tuple[int, dict[str, str]]]:
    first = text.lstrip("\n\r").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    table: list[tuple[int, list[str]]] = []
    try:
        table = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise _at(file, reader.line_num, clean(str(error))) from error
    if not table:
        return
    (at, named), *rows = table
    head = named
    if "list" not in names and "list" not in {theirs.strip().casefold() for theirs in names.values()}:
        head = _without_list_price(head, rows, file, at)
    columns = _columns(head, names, file, at)
    unused([clean(cell, 60) for cell, name in zip(named, columns, strict=True) if not name and cell.strip()])
    for at, cells in rows:
        if len(cells) > len(columns):
            raise _at(file, at, Sentence("packing.cells", cells=len(cells), names=len(columns)))
        yield at, {name: clean(cell, 300) for name, cell in zip(columns, cells, strict=False) if name}


def _without_list_price(head: list[str], rows: list[tuple[int, list[str]]], file: str, at: int) -> list[str]:
    """Return the column names, with "" for `List` if it holds amounts: then it is the list price."""
    place = next((n for n, cell in enumerate(head) if cell.strip().casefold() == "list"), -1)
    if place < 0:
        return head
    texts = {cells[place].strip() for _, cells in rows if len(cells) > place} - {""}
    amounts = {text for text in texts if amount_of(text) is not None}
    bare = {text for text in amounts if text.isdecimal()}
    beside = any(cell.strip().casefold() in _PRICES for cell in head)
    if not amounts or (amounts == bare and not beside):
        return head  # list numbers, or no values
    if amounts != texts or amounts == bare:
        raise _at(file, at, Sentence("packing.list-or-price", column=head[place].strip()))
    return ["" if n == place else cell for n, cell in enumerate(head)]


def _wanted(cells: list[str], names: Mapping[str, str]) -> dict[str, str]:
    """Return the meaning of each column name, in lower case."""
    there = {cell.strip().casefold() for cell in cells}
    explicit = {theirs.strip().casefold(): ours for ours, theirs in names.items()}
    own = {name: name for name in COLUMNS if name not in names}
    also = {theirs: ours for theirs, ours in _ALSO.items() if ours not in names and ours not in there}
    return {**also, **own, **explicit}


def _columns(cells: list[str], names: Mapping[str, str], file: str, at: int) -> list[str]:
    wanted = _wanted(cells, names)
    columns = [wanted.get(cell.strip().casefold(), "") for cell in cells]
    there = [name for name in columns if name]
    if len(set(there)) != len(there):
        raise _at(file, at, Sentence("packing.column-twice"))
    missing = [theirs for ours, theirs in names.items() if ours not in there]
    if missing:
        raise _at(file, at, Sentence("packing.no-column", column=clean(missing[0])))
    if not set(there) & set(_KEYS):
        raise _at(
            file,
            at,
            Sentence("packing.no-key", names=", ".join(_KEYS), columns=clean(", ".join(cells), 200), option="--column"),
        )
    return columns


def _json_rows(text: str, file: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of one list {"list": ..., "vendor": ..., "date": ..., "lines": [...]}, or of several in an array.
    A row has no line number in such a text, so its position identifies it."""
    try:
        raw = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise PackingRefused(Sentence("packing.not-json", file=file, detail=clean(str(error), 200))) from error
    at = 0
    for raw_list in raw if isinstance(raw, list) else [raw]:
        lines = raw_list.get("lines") if isinstance(raw_list, dict) else None
        if not isinstance(lines, list):
            raise PackingRefused(Sentence("packing.no-list", file=file))
        head = {name: raw_list[name] for name in ("list", "vendor", "date") if name in raw_list}
        for line in lines:
            at += 1
            if not isinstance(line, dict):
                raise _at(file, at, Sentence("packing.no-object"))
            yield at, _texts({**head, **line}, file, at)


def _texts(row: Mapping[str, object], file: str, at: int) -> dict[str, str]:
    texts = {}
    for name, value in row.items():
        if name not in COLUMNS:
            raise _at(file, at, Sentence("packing.no-such-name", name=clean(name), known=", ".join(COLUMNS)))
        if isinstance(value, list) and name == "isbn":
            value = ";".join(str(number) for number in value)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise _at(file, at, Sentence("packing.no-value", name=name))
        texts[name] = clean(str(value), 300)
    return texts
