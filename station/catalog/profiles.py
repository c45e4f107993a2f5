"""Item-field profiles: where a library system puts its items in a MARC record, as data (`data/profiles/*.toml`).

Nothing here is universal (library-systems.md section 2.5). Item profiles name one field with one item a field; the
profile for MARC holdings joins 852 with 876-878 by their $8 (MARC 21 Format for Holdings Data).
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Final, Literal

import msgspec
from pymarc import Field, Record

from station.errors import SettingsError
from station.text import clean

PROFILE_NAMES: Final = ("symphony-949", "symphony-999", "koha-952", "mfhd-852")

SCHEME_OF_852: Final = {"0": "lc", "1": "dewey", "2": "nlm", "3": "sudoc", "8": "local"}
"""852 first indicator (MARC 21 Holdings; rule 23 of the rule catalogue)."""


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One profile. A subfield entry is a string of codes, the first that has text wins."""

    name: str
    about: str
    kind: Literal["item", "holdings"] = "item"
    tag: str
    """Item field; for holdings the one that carries barcodes (876 to 878 all count)."""
    barcode: str
    call_number: str = ""
    scheme: str = ""
    library: str = ""
    location: str = ""
    item_type: str = ""
    copy: str = ""
    price: str = ""
    pieces: str = ""
    """Number of parts with a tag each."""
    description: str = ""
    schemes: dict[str, str] = {}
    """The system's names of schemes, upper case, to ours."""

    @property
    def tags(self) -> frozenset[str]:
        """The fields that must be read to find all items."""
        return frozenset({"852", "876", "877", "878"}) if self.kind == "holdings" else frozenset({self.tag})


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a record, by its item field; all text cleaned."""

    barcode: str
    call_number: str = ""
    call_number_source: str = ""
    scheme: str = ""
    """"lc", "dewey", ... or "" where the field does not say or says something unknown."""
    library: str = ""
    location: str = ""
    item_type: str = ""
    copy: str = ""
    price: str = ""
    description: str = ""
    parts: int = 1


@cache
def load(name: str) -> Profile:
    """A shipped profile by name; raises `SettingsError` that lists the known ones."""
    if name not in PROFILE_NAMES:
        raise SettingsError(
            f'catalog.profile: there is no profile "{clean(name)}"; known are {", ".join(PROFILE_NAMES)}'
        )
    text = resources.files("station.catalog").joinpath(f"data/profiles/{name}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Profile)


def items(record: Record, profile: Profile) -> tuple[Item, ...]:
    """The items of a record that have a barcode, in record order."""
    return items_in(list(record.fields), profile)


def items_in(fields: list[Field], profile: Profile) -> tuple[Item, ...]:
    """The items among these fields (at least all of `profile.tags`)."""
    if profile.kind == "holdings":
        found = _holdings_items(fields, profile)
    else:
        found = [_item(field, profile) for field in fields if field.tag == profile.tag]
    return tuple(item for item in found if item.barcode)


def barcodes_in(fields: list[Field], profile: Profile) -> list[str]:
    """The barcodes of `items_in`, with nothing else made of the fields: what indexing needs."""
    if profile.kind == "holdings":
        return [item.barcode for item in items_in(fields, profile)]
    found = (_value(field, profile.barcode) for field in fields if field.tag == profile.tag)
    return [barcode for barcode in found if barcode]


def holdings_call_number(field: Field) -> str:
    """852 $k $h $i $m in shelf order: prefix, class, item part, suffix."""
    values = {code: _value(field, code) for code in "khim"}
    return clean(" ".join(value for value in values.values() if value))


def _item(field: Field, profile: Profile) -> Item:
    said = _value(field, profile.scheme).upper()
    call_number = _value(field, profile.call_number)
    return Item(
        barcode=_value(field, profile.barcode),
        call_number=call_number,
        call_number_source=f"item field {profile.tag} ${profile.call_number[:1]}" if call_number else "",
        scheme=profile.schemes.get(said, ""),
        library=_value(field, profile.library),
        location=_value(field, profile.location),
        item_type=_value(field, profile.item_type),
        copy=_value(field, profile.copy),
        price=_value(field, profile.price),
        description=_value(field, profile.description),
        parts=_count(_value(field, profile.pieces)),
    )


def _holdings_items(fields: list[Field], profile: Profile) -> list[Item]:
    """Items of 876-878, each with the 852 of the same $8 link (or the last 852 before it); then 852 $p alone."""
    found: list[Item] = []
    holdings = [field for field in fields if field.tag == "852"]
    current: Field | None = None
    taken: set[str] = set()
    for field in fields:
        if field.tag == "852":
            current = field
            continue
        if field.tag not in profile.tags:
            continue
        link = _link(field)
        holding = next((one for one in holdings if link and _link(one) == link), current or next(iter(holdings), None))
        for barcode in field.get_subfields("p"):
            found.append(_held(clean(barcode), holding, field, profile))
            taken.add(clean(barcode))
    for holding in holdings:
        for barcode in holding.get_subfields("p"):
            if clean(barcode) not in taken:
                found.append(_held(clean(barcode), holding, None, profile))
    return found


def _held(barcode: str, holding: Field | None, field: Field | None, profile: Profile) -> Item:
    call_number = holdings_call_number(holding) if holding else ""
    scheme = SCHEME_OF_852.get(holding.indicators[0], "") if holding and holding.indicators else ""
    return Item(
        barcode=barcode,
        call_number=call_number,
        call_number_source="holdings 852 $k$h$i$m" if call_number else "",
        scheme=scheme,
        library=_value(holding, profile.library) if holding else "",
        location=(_value(field, "l") if field else "") or (_value(holding, profile.location) if holding else ""),
        copy=(_value(field, profile.copy) if field else "") or (_value(holding, "t") if holding else ""),
        price=_value(field, profile.price) if field else "",
        description=_value(field, profile.description) if field else "",
        parts=_count(_value(field, profile.pieces)) if field else 1,
    )


def _link(field: Field) -> str:
    """The linking number of $8: "1" of "1.2\\x" (MARC 21, appendix A)."""
    match = re.match(r"\s*(\d{1,9})", next(iter(field.get_subfields("8")), ""))
    return match[1].lstrip("0") if match else ""


def _value(field: Field | None, codes: str) -> str:
    if field is None:
        return ""
    for code in codes:
        for value in field.get_subfields(code):
            cleaned = clean(value)
            if cleaned:
                return cleaned
    return ""


def _count(text: str) -> int:
    """A number of pieces from 1 to 255 (one byte on the tag); anything else counts as one."""
    match = re.match(r"(\d{1,3})(?!\d)", text)
    number = int(match[1]) if match and match[1].isascii() else 1
    return number if 1 <= number <= 255 else 1
