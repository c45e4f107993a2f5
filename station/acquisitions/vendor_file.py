"""Vendors as a file in TOML, a `[[vendor]]` table each: read, with every defect refused by its line, and written.

A file that was written is read back as the same vendors, and written again as the same bytes.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from station.acquisitions.columns import MAPPED
from station.acquisitions.sheets import CODE_PAGES
from station.base.errors import VendorFileRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.toml_lines import entry_line, named_path
from station.domain.receiving.vendor import Vendor

LONGEST: Final = 4 << 20
"""Maximum bytes of a file."""
_LONGEST_TEXT: Final = 500
_NESTED: Final = ("accounts", "contacts")
"""Fields that are arrays of tables."""
_DELETE: Final = "\x7f"
"""JSON leaves it as it is, TOML does not allow it."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    vendor: tuple[Vendor, ...] = ()


def read(data: bytes, file: str) -> tuple[Vendor, ...]:
    """Return the vendors of a file, in order, with harmless text. Raise `VendorFileRefused` "FILE, line N: what is
    wrong"."""
    shown = clean(file)
    if len(data) > LONGEST:
        raise VendorFileRefused(Sentence("vendor-file.too-long", file=shown, number=len(data)))
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _at(shown, line, Sentence("vendor-file.not-utf8")) from error
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise VendorFileRefused(Sentence("vendor-file.no-toml", file=shown, detail=clean(str(error), 200))) from error
    except RecursionError as error:
        raise VendorFileRefused(Sentence("vendor-file.no-toml", file=shown, detail="nested too deeply")) from error
    try:
        vendors: tuple[Vendor, ...] = msgspec.convert(_harmless(raw), _File).vendor
    except msgspec.ValidationError as error:
        raise _at(shown, entry_line(text, named_path(str(error))), clean(str(error), 300)) from error
    if not vendors:
        raise VendorFileRefused(Sentence("vendor-file.empty", file=shown))
    owners: dict[str, Vendor] = {}
    for place, vendor in enumerate(vendors):
        for path, what in _faults(vendor, owners):
            raise _at(shown, entry_line(text, ("vendor", place, *path)), what)
        owners |= dict.fromkeys(vendor.known_as, vendor)
    return vendors


def _faults(vendor: Vendor, others: Mapping[str, Vendor]) -> Iterator[tuple[tuple[str, ...], Sentence]]:
    """Yield the place of each fault within a vendor, and what is wrong. `others`: vendors by what they are known as."""
    for field, names in (
        ("id", (vendor.id,)),
        ("name", (vendor.name,)),
        ("names", vendor.names),
        ("codes", vendor.codes),
    ):
        for name in names:
            if other := others.get(name.strip().casefold()):
                yield (field,), Sentence("vendor-file.name-taken", name=name, vendor=other.id)
    for column in vendor.mapper.columns:
        if column not in MAPPED:
            what = Sentence("packing.no-such-column", column=clean(column), known=", ".join(MAPPED))
            yield ("mapper", "columns", column), what
    if vendor.mapper.code_page and vendor.mapper.code_page not in CODE_PAGES:
        page = clean(vendor.mapper.code_page)
        what = Sentence("vendor-file.no-code-page", code_page=page, known=", ".join(CODE_PAGES))
        yield ("mapper", "code_page"), what


def write(vendors: Iterable[Vendor]) -> bytes:
    """Return a file of these vendors, in order."""
    return "\n".join("\n".join(_lines(vendor)) + "\n" for vendor in vendors).encode("utf-8")


def _lines(vendor: Vendor) -> Iterator[str]:
    fields: dict[str, Any] = msgspec.to_builtins(vendor)
    nested = {name: fields.pop(name, ()) for name in _NESTED}
    mapper = fields.pop("mapper", {})
    columns = mapper.pop("columns", {})
    yield "[[vendor]]"
    yield from _entries(fields)
    for name, tables in nested.items():
        for table in tables:
            yield from ("", f"[[vendor.{name}]]", *_entries(table))
    if mapper:
        yield from ("", "[vendor.mapper]", *_entries(mapper))
    if columns:
        yield from ("", "[vendor.mapper.columns]", *_entries(columns))


def _entries(fields: Mapping[str, object]) -> Iterator[str]:
    return (f"{name} = {_value(value)}" for name, value in fields.items())


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(str(value), ensure_ascii=False).replace(_DELETE, "\\u007F")


def _harmless(value: object) -> object:
    """Return a value of TOML with harmless texts."""
    match value:
        case str():
            return clean(value, _LONGEST_TEXT)
        case list():
            return [_harmless(entry) for entry in value]
        case dict():
            return {clean(str(key)): _harmless(entry) for key, entry in value.items()}
        case _:
            return value


def _at(file: str, line: int, what: Sentence | str) -> VendorFileRefused:
    return VendorFileRefused(Sentence("vendor-file.at", file=file, line=line, what=what))
