"""Packing lists from files: CSV with a row of names first (comma, semicolon or tab), or JSON. Whatever is not sound is refused
with file and line.

No standard names the columns of a packing list (vendors send spreadsheets of their own), so the names are ours, and a
column of another name is told apart by `names`: ours to theirs.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import msgspec
from stdnum import isbn

from station.catalog.facts_marc import plain_number
from station.errors import PackingRefused
from station.packing import PackingLine, PackingList
from station.text import clean
from station.words import Sentence, tell

COLUMNS: Final = {
    "list": "number of the list or invoice; one file may hold several lists",
    "vendor": "who sent it",
    "date": "date of the list, YYYY-MM-DD",
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
"""What a column may say."""
_KEYS: Final = ("barcode", "order_line", "isbn")
"""One of them must say which item a line means."""
LONGEST: Final = 8 << 20
"""Bytes of a file: more is no packing list."""
_DELIMITERS: Final = ",;\t"


def read(
    data: bytes, file: str, *, names: Mapping[str, str] | None = None, default_list: str = "", default_vendor: str = ""
) -> tuple[PackingList, ...]:
    """The lists of a file, in its order. `names`: our column names to the file's; `default_list` and `default_vendor` hold
    where no column says them. Raises `PackingRefused` "FILE, line N: what is wrong"."""
    shown = clean(file) or tell("packing.no-file-name")
    if len(data) > LONGEST:
        raise PackingRefused(tell("packing.too-long", file=shown, number=len(data)))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _at(shown, line, Sentence("packing.not-utf8")) from error
    unknown = sorted(set(names or ()) - set(COLUMNS))
    if unknown:
        raise PackingRefused(tell("packing.no-such-column", column=clean(unknown[0]), known=", ".join(COLUMNS)))
    rows = _json_rows(text, shown) if text.lstrip()[:1] in ("{", "[") else _csv_rows(text, shown, names or {})
    found: dict[tuple[str, str], list[tuple[int, PackingLine, str]]] = {}
    for at, row in rows:
        head = (row.get("vendor") or default_vendor, row.get("list") or default_list or _stem(shown))
        lines = found.setdefault((clean(head[0], 60), clean(head[1], 60)), [])
        lines.append((at, _line(row, len(lines) + 1, shown, at), row.get("date", "")))
    if not found:
        raise PackingRefused(tell("packing.empty", file=shown))
    return tuple(_list(*head, lines, shown) for head, lines in found.items())


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
    at, _, date = lines[0]
    values = {"name": name, "vendor": vendor, "date": date, "lines": [msgspec.to_builtins(one[1]) for one in lines]}
    made: PackingList = _made(PackingList, values, file, at)
    return made


def _line(row: Mapping[str, str], number: int, file: str, at: int) -> PackingLine:
    if not any(row.get(name) for name in _KEYS):
        raise _at(file, at, Sentence("packing.no-item", names=", ".join(_KEYS)))
    said: dict[str, object] = {
        name: row[name] for name in ("barcode", "order_line", "title", "price", "library") if row.get(name)
    }
    said["line"] = row.get("line") or str(number)
    for name in ("quantity", "ordered"):
        text = row.get(name, "")
        if text and not (text.isascii() and text.isdecimal()):
            raise _at(file, at, Sentence("packing.no-number", column=name, text=text))
        if text:
            said[name] = int(text[:9])
    said["numbers"] = [number_of(text) for text in re.split(r"[;|]", row.get("isbn", "")) if number_of(text)]
    line: PackingLine = _made(PackingLine, said, file, at)
    return line


def number_of(text: str) -> str:
    """A number of a list or a piece as it is compared: an ISBN as 13 digits, else `facts_marc.plain_number`."""
    tidy = text.strip()
    return isbn.to_isbn13(isbn.compact(tidy)) if isbn.is_valid(tidy) else plain_number(tidy)


def _made(struct: Any, values: Mapping[str, object], file: str, at: int) -> Any:
    try:
        return msgspec.convert(values, struct)
    except msgspec.ValidationError as error:
        raise _at(file, at, clean(str(error), 300)) from error


def _at(file: str, line: int, what: Sentence | str) -> PackingRefused:
    return PackingRefused(tell("packing.at", file=file, line=line, what=what))


def _stem(file: str) -> str:
    return file.rpartition("/")[2].rpartition(".")[0] or file


# --- the two forms ------------------------------------------------------------------------------------------------------


def _csv_rows(text: str, file: str, names: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    first = text.lstrip("\n\r").split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    wanted = {theirs.strip().casefold(): ours for ours, theirs in {**{name: name for name in COLUMNS}, **names}.items()}
    columns: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns(cells, wanted, names, file, reader.line_num)
                continue
            if len(cells) > len(columns):
                raise _at(file, reader.line_num, Sentence("packing.cells", cells=len(cells), names=len(columns)))
            yield (
                reader.line_num,
                {name: clean(cell, 300) for name, cell in zip(columns, cells, strict=False) if name},
            )
    except csv.Error as error:
        raise _at(file, reader.line_num, clean(str(error))) from error


def _columns(cells: list[str], wanted: Mapping[str, str], names: Mapping[str, str], file: str, at: int) -> list[str]:
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
    """One list {"list": ..., "vendor": ..., "date": ..., "lines": [...]}, or several in an array. A row has no line of its own
    in such a text: it is named by its place."""
    try:
        raw = msgspec.json.decode(text)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise PackingRefused(tell("packing.not-json", file=file, detail=clean(str(error), 200))) from error
    at = 0
    for one in raw if isinstance(raw, list) else [raw]:
        lines = one.get("lines") if isinstance(one, dict) else None
        if not isinstance(lines, list):
            raise PackingRefused(tell("packing.no-list", file=file))
        head = {name: one[name] for name in ("list", "vendor", "date") if name in one}
        for line in lines:
            at += 1
            if not isinstance(line, dict):
                raise _at(file, at, Sentence("packing.no-object"))
            yield at, _texts({**head, **line}, file, at)


def _texts(row: Mapping[str, object], file: str, at: int) -> dict[str, str]:
    found = {}
    for name, value in row.items():
        if name not in COLUMNS:
            raise _at(file, at, Sentence("packing.no-such-name", name=clean(name), known=", ".join(COLUMNS)))
        if isinstance(value, list) and name == "isbn":
            value = ";".join(str(one) for one in value)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise _at(file, at, Sentence("packing.no-value", name=name))
        found[name] = clean(str(value), 300)
    return found
