"""Vendors as a file in TOML, a `[[vendor]]` table each: read, with every defect refused by its line, and written.

A file that was written is read back as the same vendors, and written again as the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from station.acquisitions import toml_file
from station.acquisitions.columns import MAPPED
from station.acquisitions.sheets import CODE_PAGES
from station.acquisitions.toml_file import entries, refused
from station.base.errors import VendorFileRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.toml_lines import entry_line
from station.domain.receiving.vendor import Vendor

_NESTED: Final = ("accounts", "contacts")
"""Fields that are arrays of tables."""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    vendor: tuple[Vendor, ...] = ()


def read(data: bytes, file: str) -> tuple[Vendor, ...]:
    """Return the vendors of a file, in order, with harmless text. Raise `VendorFileRefused` "FILE, line N: what is
    wrong"."""
    shown = clean(file)
    content, text = toml_file.read(data, shown, _File)
    vendors = content.vendor
    if not vendors:
        raise VendorFileRefused(Sentence("vendor-file.empty", file=shown))
    owners: dict[str, Vendor] = {}
    for place, vendor in enumerate(vendors):
        for path, what in _faults(vendor, owners):
            raise refused(shown, entry_line(text, ("vendor", place, *path)), what)
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
    yield from entries(fields)
    for name, tables in nested.items():
        for table in tables:
            yield from ("", f"[[vendor.{name}]]", *entries(table))
    if mapper:
        yield from ("", "[vendor.mapper]", *entries(mapper))
    if columns:
        yield from ("", "[vendor.mapper.columns]", *entries(columns))
