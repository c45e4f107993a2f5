"""Read packing lists and orders from spreadsheets (CSV or XLSX with a row of names), JSON, or lines that a person types.
Every defect is refused with file and line.

A spreadsheet shortens long numbers (9.78014E+12), and that loses digits: such a number is refused, with its line.
`List` is the list price in a vendor's spreadsheet (beside `Net`) and the list's number in the station's format; the
content of the column decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

import msgspec

from station.acquisitions.columns import COLUMNS, KEYS
from station.acquisitions.columns import read as read_columns
from station.acquisitions.sheets import decoded, refused
from station.base.errors import BarcodeMalformed, PackingRefused
from station.base.sentence import Sentence
from station.base.settings import Barcodes
from station.base.text import clean
from station.catalog.barcodes.barcode import check, ungrouped
from station.catalog.barcodes.carton import carton_id
from station.catalog.findings.record_facts import plain_number
from station.catalog.record import isbn
from station.domain.amount import amount_of
from station.domain.packing_lists.packing_list import ListKind, PackingLine, PackingList
from station.domain.receiving.vendor import Mapper

_SHORTENED: Final = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]{1,2}|[0-9]{8,}[.,]0+", re.IGNORECASE)
"""Long numbers as a spreadsheet writes them if they are not text: 9.78014E+12, 9780140449136.0."""
_MEANT_AS_ISBN: Final = re.compile(r"97[89][0-9]{8,11}|[0-9]{9}[0-9X]")
"""Digits of an ISBN, or of one with a digit too few or too many; other numbers are UPCs and publishers' numbers."""
_MARKS: Final = re.compile(r"[^0-9A-Za-z]")
"""Hyphens, dashes and spaces in a number."""
_CUT_ISBN: Final = re.compile(r"[0-9]{7,8}[0-9X]")
_TEXTS: Final = ("barcode", "order_line", "title", "price", "library", "vendor_number", "fund")
"""Columns that a line takes as they are."""
_TYPED_COLUMNS: Final = tuple(name for name in COLUMNS if name not in ("list", "vendor", "line"))
_TYPED: Final = re.compile(rf"(?:^|\s+)({'|'.join(_TYPED_COLUMNS)})=")
POINTS: Final = re.compile(r"[0-9]{1,4}([.][0-9]{1,2})?")
"""Allowance of a leased copy."""
LONGEST: Final = 8 << 20
"""Maximum bytes of a file; a larger file is not a packing list."""


class PackingFile(NamedTuple):
    lists: tuple[PackingList, ...]
    unused: tuple[str, ...] = ()
    """The vendor's names of columns that are left out."""


def read(
    data: bytes,
    file: str,
    *,
    mapper: Mapper | None = None,
    default_list: str = "",
    default_vendor: str = "",
    barcodes: Barcodes | None = None,
    kind: ListKind = ListKind.BOX,
) -> PackingFile:
    """Return the lists of a file, in order. `mapper`: how the vendor's spreadsheets are read; `default_list` and
    `default_vendor`: used if no column gives them; `barcodes`: format of the library's barcodes; `kind`: what the lists
    say. Raise `PackingRefused` "FILE, line N: what is wrong"."""
    shown, mapper = clean(file), mapper or Mapper()
    if len(data) > LONGEST:
        raise PackingRefused(Sentence("packing.too-long", file=shown, number=len(data)))
    unused: tuple[str, ...] = ()
    if data.lstrip()[:1] in (b"{", b"["):
        rows = _json_rows(decoded(data, shown, ""), shown)
    else:
        columns = read_columns(data, shown, mapper)
        rows = ((row.number, columns.values(row, shown)) for row in columns.rows) if columns else iter(())
        unused = tuple(columns.unused) if columns else ()
    head = (default_vendor, default_list or stem(shown))
    return PackingFile(_lists(rows, shown, head, mapper.dates, barcodes, kind), unused)


def typed(
    lines: Sequence[str], name: str, vendor: str, *, barcodes: Barcodes | None = None, kind: ListKind = ListKind.BOX
) -> PackingList:
    """Return the list that a person types: each line is text like "isbn=9780262033848 quantity=2 title=Any title", with
    the names of `COLUMNS`. `name`, `vendor`: of the list. Raise `PackingRefused` "NAME, line N: what is wrong"."""
    shown = clean(name, 60)
    rows = [(number, _typed_row(line, shown, number)) for number, line in enumerate(lines, 1)]
    (packing_list,) = _lists(rows, shown, (vendor, shown), "", barcodes, kind)
    return packing_list


def _typed_row(line: str, name: str, at: int) -> dict[str, str]:
    before, *parts = _TYPED.split(clean(line, 1000))
    if before.strip() or not parts:
        raise refused(name, at, Sentence("packing.not-typed", known=", ".join(_TYPED_COLUMNS)))
    row: dict[str, str] = {}
    for column, text in zip(parts[::2], parts[1::2], strict=True):
        if column in row:
            raise refused(name, at, Sentence("packing.typed-twice", column=column))
        row[column] = clean(text, 300)
    return row


def _lists(
    rows: Iterable[tuple[int, Mapping[str, str]]],
    file: str,
    default: tuple[str, str],
    dates: str,
    barcodes: Barcodes | None,
    kind: ListKind,
) -> tuple[PackingList, ...]:
    """Return the lists of rows, each with its line number. `default`: vendor and number of a row without them."""
    lists: dict[tuple[str, str], list[tuple[int, PackingLine, str]]] = {}
    for at, row in rows:
        head = (row.get("vendor") or default[0], row.get("list") or default[1])
        lines = lists.setdefault((clean(head[0], 60), clean(head[1], 60)), [])
        day = day_of(row.get("date", ""), dates, file, at)
        lines.append((at, _line(row, len(lines) + 1, file, at, barcodes, kind), day))
    if not lists:
        raise PackingRefused(Sentence("packing.empty", file=file))
    return tuple(_list(*head, lines, file, kind) for head, lines in lists.items())


def _list(vendor: str, name: str, lines: list[tuple[int, PackingLine, str]], file: str, kind: ListKind) -> PackingList:
    seen: dict[str, int] = {}
    barcodes: dict[str, int] = {}
    for at, line, _ in lines:
        for key, text, known in (
            ("packing.line-twice", line.line, seen),
            ("packing.barcode-twice", line.barcode, barcodes),
        ):
            if text in known:
                raise refused(file, at, Sentence(key, text=text, before=known[text]))
            if text:
                known[text] = at
    at, _, day = lines[0]
    values = {
        "name": name,
        "vendor": vendor,
        "date": day,
        "lines": [msgspec.to_builtins(line[1]) for line in lines],
        "kind": kind,
    }
    made: PackingList = _made(PackingList, values, file, at)
    return made


def _line(
    row: Mapping[str, str], number: int, file: str, at: int, barcodes: Barcodes | None, kind: ListKind
) -> PackingLine:
    if not any(row.get(name) for name in KEYS):
        raise refused(file, at, Sentence("packing.no-item", names=", ".join(KEYS)))
    fields: dict[str, object] = {name: row[name] for name in _TEXTS if row.get(name)}
    _sound(row, file, at, barcodes)
    if barcodes is not None and "barcode" in fields:
        fields["barcode"] = ungrouped(row["barcode"].strip(), barcodes)
    if row.get("price") and amount_of(row["price"]) is None:
        raise refused(file, at, Sentence("packing.no-amount", text=row["price"]))
    if points := row.get("points", "").strip():
        if not POINTS.fullmatch(points):
            raise refused(file, at, Sentence("packing.no-points", text=points))
        fields["points"] = points
    fields["line"] = row.get("line") or str(number)
    if row.get("carton"):
        fields["carton"] = carton_id(row["carton"])
    if kind is ListKind.ORDER and not row.get("quantity"):
        row = {**row, "quantity": row.get("ordered", "")}
    for name in ("quantity", "ordered"):
        text = row.get(name, "")
        if text and not (text.isascii() and text.isdecimal()):
            raise refused(file, at, Sentence("packing.no-number", column=name, text=text))
        if text:
            fields[name] = int(text[:9])
    fields["numbers"] = [known for text in _numbers(row) if (known := number_of(text))]
    line: PackingLine = _made(PackingLine, fields, file, at)
    return line


def day_of(text: str, dates: str, file: str, at: int) -> str:
    """Return a date in ISO 8601; "" = not given. "3/2/2026" is refused unless `dates` gives the order of day and
    month."""
    parts = re.fullmatch(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})", text)
    try:
        if parts and dates:
            month, day = (parts[1], parts[2]) if dates == "mdy" else (parts[2], parts[1])
            return date(int(parts[3]), int(month), int(day)).isoformat()
        return date.fromisoformat(text).isoformat() if text else ""
    except ValueError as error:
        raise refused(file, at, Sentence("packing.no-date", text=text)) from error


def _numbers(row: Mapping[str, str]) -> list[str]:
    """Return the numbers of a row. A spreadsheet cuts the zeros before an ISBN of ten digits; the check digit decides
    whether a shorter number is one."""
    numbers = [text.strip() for text in re.split(r"[;|]", row.get("isbn", ""))]
    return [
        padded if _CUT_ISBN.fullmatch(text) and isbn.is_valid(padded := text.zfill(10)) else text for text in numbers
    ]


def checked_numbers(row: Mapping[str, str], file: str, at: int) -> list[str]:
    """Return the numbers of a row. Refuse those that a spreadsheet has shortened, and wrong ISBNs."""
    numbers = _numbers(row)
    for name in ("list", *KEYS, "vendor_number", "carton"):
        for text in numbers if name == "isbn" else [row.get(name, "")]:
            if _SHORTENED.fullmatch(text.strip()):
                raise refused(file, at, Sentence("packing.shortened", column=name, text=text.strip()))
    for text in numbers:
        plain = re.sub(r"[\s-]", "", text).upper()
        if _MEANT_AS_ISBN.fullmatch(plain) and not isbn.is_valid(plain):
            raise refused(file, at, Sentence("packing.wrong-isbn", text=text.strip()))
    return numbers


def _sound(row: Mapping[str, str], file: str, at: int, barcodes: Barcodes | None) -> None:
    """Refuse values that could never match: numbers that a spreadsheet has shortened, wrong ISBNs, barcodes of no
    library."""
    checked_numbers(row, file, at)
    barcode = row.get("barcode", "")
    if len(barcode.strip()) == 13 and isbn.is_valid(barcode.strip()):
        raise refused(file, at, Sentence("packing.isbn-as-barcode", text=barcode, option="--column isbn=…"))
    if barcode and barcodes is not None:
        try:
            check(barcode, barcodes)
        except BarcodeMalformed as error:
            raise refused(file, at, Sentence("packing.no-barcode", why=error.detail)) from error


def whole(packing_list: PackingList, file: str) -> PackingList:
    """Return the list. Raise `PackingRefused` if one of its texts or its lines are too many for a list."""
    try:
        msgspec.convert(msgspec.to_builtins(packing_list), PackingList)
    except msgspec.ValidationError as error:
        raise PackingRefused(Sentence("packing.not-whole", file=file, detail=clean(str(error), 200))) from error
    return packing_list


def number_of(text: str) -> str:
    """Return a number of a list or a piece in the form used for comparison: an ISBN as 13 digits, else
    `record_facts.plain_number`."""
    number = isbn.plain(_MARKS.sub("", text))
    return isbn.as_13(number) if isbn.is_valid(number) else plain_number(text)


def _made(struct: Any, values: Mapping[str, object], file: str, at: int) -> Any:
    try:
        return msgspec.convert(values, struct)
    except msgspec.ValidationError as error:
        raise refused(file, at, clean(str(error), 300)) from error


def stem(file: str) -> str:
    """Return the name of a file without folder and ending."""
    return file.rpartition("/")[2].rpartition(".")[0] or file


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
                raise refused(file, at, Sentence("packing.no-object"))
            yield at, _texts({**head, **line}, file, at)


def _texts(row: Mapping[str, object], file: str, at: int) -> dict[str, str]:
    texts = {}
    for name, value in row.items():
        if name not in COLUMNS:
            raise refused(file, at, Sentence("packing.no-such-name", name=clean(name), known=", ".join(COLUMNS)))
        if isinstance(value, list) and name == "isbn":
            value = ";".join(str(number) for number in value)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise refused(file, at, Sentence("packing.no-value", name=name))
        texts[name] = clean(str(value), 300)
    return texts
