"""Item-field profiles: the location of a library system's item data in a MARC record, as data (`data/profiles/*.toml`).

Nothing here is universal (docs/reference/systems.md#local-fields): a site writes its own file if its export differs.
Item profiles name one field with one item per field; holdings profiles join item fields with holdings fields by a
linking number (852 with 876-878 by $8, MARC 21 Format for Holdings Data; Alma's AVA by its holdings number).

Order data are separate: see `acquisitions.purchase_orders`.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from functools import cache
from importlib import resources
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta
from pymarc import Field, Record

from station.base.errors import SettingsError
from station.base.text import clean
from station.base.toml_lines import line_of, named_key
from station.catalog.record import item_statuses
from station.domain.item import ItemStatus

PROFILE_NAMES: Final = (
    "symphony-949",
    "symphony-999",
    "koha-952",
    "mfhd-852",
    "innovative-945",
    "carli-952",
    "harvard-049",
    "alma-ava",
    "worldshare-949",
    "evergreen-852",
    "polaris-852",
    "aleph-z30",
    "horizon-991",
)
OWN_FILE: Final = ".toml"
"""Suffix of `catalog.profile` that marks the site's own file."""

SCHEME_OF_852: Final = {
    **{"0": "lc", "1": "dewey", "2": "nlm", "3": "sudoc"},
    **dict.fromkeys("4568", "local"),
}
"""852 first indicator (MARC 21 Holdings; rule 23 of docs/reference/quality-sources.md#label-rules). 7 means "see $2"; a
blank gives no scheme."""
SCHEME_OF_SOURCE: Final = {"lcc": "lc", "ddc": "dewey", "nlm": "nlm", "sudocs": "sudoc", "anscr": "anscr"}
"""$2 of 852, 084 and 086: codes of the Library of Congress's list of classification scheme sources. The list was not
available; "anscr" and "sudocs" are in it as far as known, and any other code is treated as a local scheme."""
_852: Final = "852"
_876: Final = frozenset({"876", "877", "878"})

Tag = Annotated[str, Meta(pattern=r"^[0-9A-Za-z]{3,10}\Z")]
"""A field tag. Letters and more than three characters are permitted: AVA and INST of Alma, Z30 of Aleph."""
Codes = Annotated[str, Meta(pattern=r"^[0-9a-z]*\Z")]
"""Subfield codes."""
StatusPlace = Annotated[str, Meta(pattern=r"^([0-9A-Z]{3})?[0-9a-z]\Z")]
"""Subfield of the item field ("s"), or field and subfield of the record ("942n")."""
SchemeName = Literal["lc", "dewey", "nlm", "sudoc", "anscr", "local"]


class Profile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One profile. A subfield entry is a string of codes; the first subfield with text is used."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    about: str
    """The system and the export."""
    source: str
    """Sources of the profile."""
    open: str = ""
    """Questions that no source settles, to be checked in the site's own records."""
    kind: Literal["item", "holdings"] = "item"
    tag: Tag
    """The field that carries barcodes; in a holdings profile, 876 means 876 to 878."""
    barcode: Annotated[str, Meta(pattern=r"^[0-9a-z]+\Z")]
    call_number: Codes = ""
    """Subfields of the item field; in a holdings profile of the holdings field, "" = 852 $k $h $i $m."""
    joined: bool = False
    """True if all subfields of `call_number` together form the number, in the order of the codes."""
    scheme: Codes = ""
    indicator: bool = False
    """True if the item field's first indicator gives the scheme, like that of 852."""
    library: Codes = ""
    location: Codes = ""
    item_type: Codes = ""
    item_type_default: Annotated[str, Meta(pattern=r"^([0-9A-Z]{3}[0-9a-z])?\Z")] = ""
    """Field and subfield of the record with the item type for items that give none."""
    copy: Codes = ""
    price: Codes = ""
    pieces: Codes = ""
    """Number of parts that each have a tag."""
    description: Codes = ""
    enumeration: Codes = ""
    """Enumeration and chronology, joined in this order, for an item without a description."""
    vendor: Codes = ""
    """The supplier of the item."""
    vendor_default: Annotated[str, Meta(pattern=r"^([0-9A-Z]{3}[0-9a-z])?\Z")] = ""
    """Field and subfield of the record with the supplier for items that give none."""
    status: Codes = ""
    """Subfields with the item status as the system writes it; those of `statuses` need not be repeated."""
    statuses: dict[StatusPlace, dict[str, ItemStatus | Literal[""]]] = {}
    """For each place of a status, its values and what they mean; case is ignored. "" = the value says nothing; "*" = any
    other value. A value without a meaning stays as written."""
    notes: Codes = ""
    """Notes to read before handling the item; all of them are used."""
    schemes: dict[str, SchemeName] = {}
    """Maps the system's names of schemes to the station's; case is ignored."""
    # holdings only
    holdings_tag: Tag = _852
    """The field with library, location and call number."""
    holdings_barcode: Codes = ""
    """A holdings field with one of these subfields is itself an item."""
    holdings_link: Codes = "8"
    item_link: Codes = "8"
    """Subfields whose leading number links item field and holdings field."""
    item_location: Codes = ""
    """Subfields of the item field, used before the holdings location."""

    @property
    def tags(self) -> frozenset[str]:
        """Return the fields that must be read to find all items."""
        return self.item_tags | {self.holdings_tag} if self.kind == "holdings" else self.item_tags

    @property
    def status_tags(self) -> frozenset[str]:
        """Return the fields with statuses that hold for all items of a record."""
        return frozenset(place[:-1] for place in self.statuses if len(place) > 1)

    @property
    def item_tags(self) -> frozenset[str]:
        """Return the fields that carry barcodes."""
        return _876 if self.kind == "holdings" and self.tag in _876 else frozenset({self.tag})


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a record, from its item field; all text is cleaned."""

    barcode: str
    call_number: str = ""
    call_number_source: str = ""
    scheme: str = ""
    """"lc", "dewey", ... or "" if the field gives no known scheme."""
    library: str = ""
    location: str = ""
    item_type: str = ""
    material_type: str = ""
    """Material of the item, if the system gives one in addition to the loan type (Alma: physical_material_type)."""
    copy: str = ""
    price: str = ""
    description: str = ""
    vendor: str = ""
    parts: int = 1
    parts_given: bool = False
    """True if the item states its number of parts."""
    status: str = ""
    """An `ItemStatus`, or as written."""
    suppressed: bool | None = None
    """True if the record or the item is hidden from the public; None = not said."""
    notes: tuple[str, ...] = ()


# --- profiles -------------------------------------------------------------------------------------------------------


def load(profile: str | Profile) -> Profile:
    """Return a shipped profile by its name; a profile is returned unchanged. Raise `SettingsError` with the known
    names."""
    return profile if isinstance(profile, Profile) else _ready(profile)


@cache
def _ready(name: str) -> Profile:
    if name not in PROFILE_NAMES:
        raise SettingsError(
            f'catalog.profile: there is no profile "{clean(name)}"; known are {", ".join(PROFILE_NAMES)}, or a file of '
            f"your own whose name ends in {OWN_FILE}"
        )
    text = resources.files("station.catalog").joinpath(f"data/profiles/{name}.toml").read_text(encoding="utf-8")
    return parse(text, f"{name}.toml")


def own(text: str, file: str) -> Profile:
    """Return a site's own profile. Its name includes a digest of the text, so that an index made with another text is
    detected."""
    found = parse(text, file)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return msgspec.structs.replace(found, name=f"{found.name} {digest}")


def parse(text: str, file: str) -> Profile:
    """Read a profile. Raise `SettingsError` "FILE, line N: what is wrong" for an invalid one."""
    name = clean(file)
    try:
        found = msgspec.convert(tomllib.loads(text), Profile)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name}: {error}") from error
    except RecursionError as error:
        raise SettingsError(f"{name}: nested too deeply") from error
    except msgspec.ValidationError as error:
        raise SettingsError(f"{name}, line {line_of(text, named_key(str(error)))}: {clean(str(error), 500)}") from error
    for key, wrong in _contradictions(found):
        raise SettingsError(f"{name}, line {line_of(text, (key,))}: {wrong}")
    return msgspec.structs.replace(
        found,
        schemes={key.upper(): value for key, value in found.schemes.items()},
        statuses={
            place: {value.casefold(): status for value, status in table.items()}
            for place, table in found.statuses.items()
        },
    )


def _contradictions(found: Profile) -> list[tuple[str, str]]:
    """Return (key, defect) of entries that contradict each other."""
    wrong = [(key, "cannot be shown") for key in ("name", "about", "source", "open") if _hidden(getattr(found, key))]
    fields = Profile.__struct_fields__
    defaults = dict(zip(fields[-len(Profile.__struct_defaults__) :], Profile.__struct_defaults__, strict=True))
    only = ("holdings_tag", "holdings_barcode", "holdings_link", "item_link", "item_location")
    if found.kind == "item":
        wrong += [(key, f'{key} is for kind = "holdings" only') for key in only if getattr(found, key) != defaults[key]]
    elif found.tag == found.holdings_tag:
        wrong.append(("tag", "items and holdings cannot be the same field"))
    if found.scheme and found.indicator:
        wrong.append(("indicator", "the scheme is in a subfield or in the indicator, not in both"))
    if found.joined and not found.call_number:
        wrong.append(("joined", "there is no call_number to join"))
    return wrong


def _hidden(text: str) -> bool:
    return clean(text, 2000) != text


# --- items ----------------------------------------------------------------------------------------------------------


def items(record: Record, profile: Profile) -> tuple[Item, ...]:
    """Return the items of a record that have a barcode, in record order."""
    return items_in(list(record.fields), profile)


def items_in(fields: list[Field], profile: Profile) -> tuple[Item, ...]:
    """Return the items among these fields (at least all of `profile.tags`)."""
    if profile.kind == "holdings":
        found = _holdings_items(fields, profile)
    else:
        found = [_item(field, profile) for field in fields if field.tag == profile.tag]
    kind, vendor = _of_record(fields, profile.item_type_default), _of_record(fields, profile.vendor_default)
    statuses = item_statuses.of_record(fields, profile.statuses)
    return tuple(
        msgspec.structs.replace(
            _with_statuses(item, statuses), item_type=item.item_type or kind, vendor=item.vendor or vendor
        )
        if (kind and not item.item_type) or (vendor and not item.vendor) or statuses
        else item
        for item in found
        if item.barcode
    )


def _with_statuses(item: Item, statuses: tuple[str, ...]) -> Item:
    """Return the item with statuses that hold for all items of its record."""
    return msgspec.structs.replace(
        item,
        status=item_statuses.heaviest((item.status, *statuses)),
        suppressed=item.suppressed or item_statuses.hidden(statuses),
    )


def numbers_in(fields: list[Field], profile: Profile) -> list[Item]:
    """Return the same items as `items_in`, but with only barcode, call number, scheme, price and status for those that
    have a number, as needed for indexing."""
    if profile.kind == "holdings":
        return list(items_in(fields, profile))
    found = []
    of_record = item_statuses.of_record(fields, profile.statuses)
    for field in fields:
        if field.tag == profile.tag and (barcode := _value(field, profile.barcode)):
            number = _own_number(field, profile)
            item = (
                Item(
                    barcode=barcode,
                    call_number=number,
                    scheme=_scheme(field, profile),
                    price=_value(field, profile.price),
                    status=item_statuses.heaviest(_statuses(field, profile)),
                )
                if number
                else _item(field, profile)
            )
            found.append(_with_statuses(item, of_record) if of_record else item)
    return found


def as_scanned(items: tuple[Item, ...], barcode: str) -> tuple[Item, ...]:
    """Return the items of a record in which this barcode stands with blanks ("3 1236 00307 1241") with the barcodes of
    its length without them, as the index has them; the items of any other record unchanged."""
    if any(item.barcode == barcode for item in items):
        return items
    plain = [item.barcode.replace(" ", "") for item in items]
    if barcode not in plain:
        return items
    return tuple(
        msgspec.structs.replace(item, barcode=without) if len(without) == len(barcode) else item
        for item, without in zip(items, plain, strict=True)
    )


def number_of_852(field: Field) -> tuple[str, str]:
    """Return (number, subfields) of an 852: $k$h$i$m in shelf order: prefix, class, item part, suffix. For indicator 4 or
    5, $j (shelving control number) or $l (title) replaces $h$i, if it is filled. A prefix alone is no number."""
    other = {"4": "j", "5": "l"}.get(field.indicators[0] if field.indicators else " ", "")
    for middle in (other, "hi"):
        if middle and _all_of_number(field, middle, True):
            codes = f"k{middle}m"
            return _all_of_number(field, codes, True), "".join(f"${code}" for code in codes)
    return "", ""


def _own_number(field: Field, profile: Profile) -> str:
    return _all_of_number(field, profile.call_number, profile.joined)


def _item(field: Field, profile: Profile) -> Item:
    number = _own_number(field, profile)
    statuses = _statuses(field, profile)
    shown = " ".join(f"${code}" for code in (profile.call_number if profile.joined else profile.call_number[:1]))
    return Item(
        barcode=_value(field, profile.barcode),
        call_number=number,
        call_number_source=f"item field {profile.tag} {shown}" if number else "",
        scheme=_scheme(field, profile),
        library=_value(field, profile.library),
        location=_value(field, profile.location),
        item_type=_value(field, profile.item_type),
        copy=_value(field, profile.copy),
        price=_value(field, profile.price),
        description=_value(field, profile.description) or _joined(field, profile.enumeration),
        vendor=_value(field, profile.vendor),
        parts=_count(_value(field, profile.pieces)) or 1,
        parts_given=_count(_value(field, profile.pieces)) > 0,
        status=item_statuses.heaviest(statuses),
        suppressed=item_statuses.hidden(statuses),
        notes=_all(field, profile.notes),
    )


def scheme_of_852(field: Field) -> str:
    """Return the scheme of the number in an 852 (or a field of the same form); "" if it gives none."""
    first = field.indicators[0] if field.indicators else " "
    if first == "7":
        return SCHEME_OF_SOURCE.get(_value(field, "2").casefold(), "local")
    return SCHEME_OF_852.get(first, "")


def _statuses(field: Field | None, profile: Profile) -> tuple[str, ...]:
    if field is None:
        return ()
    codes = {code for code, _ in field.subfields}
    if codes.isdisjoint(profile.statuses) and codes.isdisjoint(profile.status):
        return ()
    return item_statuses.of_item(field, profile.status, profile.statuses, _value(field, profile.location))


def _scheme(field: Field, profile: Profile) -> str:
    if profile.indicator:
        return scheme_of_852(field)
    return profile.schemes.get(_value(field, profile.scheme).upper(), "")


def _holdings_items(fields: list[Field], profile: Profile) -> list[Item]:
    """Return the items, each with the holdings of the same link (without links: the last holdings before it), then the
    holdings that are items themselves."""
    found: list[Item] = []
    holdings = [field for field in fields if field.tag == profile.holdings_tag]
    linked = {link: one for one in reversed(holdings) if (link := _link(one, profile.holdings_link))}
    current: Field | None = None
    taken: set[str] = set()
    for field in fields:
        if field.tag == profile.holdings_tag:
            current = field
        elif field.tag in profile.item_tags:
            link = _link(field, profile.item_link)
            holding = linked.get(link) if link and linked else current or next(iter(holdings), None)
            for code in profile.barcode:
                for barcode in map(clean, field.get_subfields(code)):
                    found.append(_held(barcode, holding, field, profile))
                    taken.add(barcode)
    for holding in holdings:
        for code in profile.holdings_barcode:
            found += [
                _held(barcode, holding, None, profile)
                for barcode in map(clean, holding.get_subfields(code))
                if barcode not in taken
            ]
    return found


def _held(barcode: str, holding: Field | None, field: Field | None, profile: Profile) -> Item:
    number, source, scheme = _held_number(holding, profile)
    statuses = _statuses(field, profile)
    return Item(
        barcode=barcode,
        call_number=number,
        call_number_source=source,
        scheme=scheme,
        library=_value(holding, profile.library),
        location=_value(field, profile.item_location) or _value(holding, profile.location),
        item_type=_value(field, profile.item_type),
        copy=_value(field, profile.copy) or (_value(holding, "t") if profile.holdings_tag == _852 else ""),
        price=_value(field, profile.price),
        description=_value(field, profile.description) or _joined(field, profile.enumeration),
        vendor=_value(field, profile.vendor),
        parts=_count(_value(field, profile.pieces)) or 1,
        parts_given=_count(_value(field, profile.pieces)) > 0,
        status=item_statuses.heaviest(statuses),
        suppressed=item_statuses.hidden(statuses),
        notes=_all(field, profile.notes),
    )


def _held_number(holding: Field | None, profile: Profile) -> tuple[str, str, str]:
    """Return (call number, source, scheme) of a holdings field."""
    if holding is None:
        return "", "", ""
    if profile.holdings_tag == _852 and not profile.call_number:
        number, codes = number_of_852(holding)
        scheme = scheme_of_852(holding)
    else:
        joined = profile.joined
        number = _all_of_number(holding, profile.call_number, joined)
        codes = "".join(f"${code}" for code in (profile.call_number if joined else profile.call_number[:1]))
        scheme = _scheme(holding, profile)
    return number, f"holdings {profile.holdings_tag} {codes}" if number else "", scheme


def _of_record(fields: list[Field], wanted: str) -> str:
    """Return the first value of a field and subfield of the record ("942c")."""
    if not wanted:
        return ""
    return next((said for field in fields if field.tag == wanted[:3] if (said := _value(field, wanted[3]))), "")


def _link(field: Field, codes: str) -> str:
    """Return the linking number: "1" of "1.2\\x" in $8 (MARC 21, appendix A), or a whole number of the system."""
    match = re.match(r"\s*(\d{1,30})", _value(field, codes))
    return match[1].lstrip("0") if match else ""


def _all_of_number(field: Field, codes: str, joined: bool) -> str:
    """Return the call number of all these subfields, or of the first code with text. A subfield may be repeated for the
    parts of one number (MARC 21, 099 $a, 852 $k $i $m)."""
    texts = []
    for code in codes:
        if text := clean(" ".join([value for this, value in field.subfields if this == code])):
            if not joined:
                return text
            texts.append(text)
    return clean(" ".join(texts)) if len(texts) > 1 else "".join(texts)


def _joined(field: Field | None, codes: str) -> str:
    return clean(" ".join(value for code in codes if (value := _value(field, code))))


def _value(field: Field | None, codes: str) -> str:
    if field is None:
        return ""
    for code in codes:
        for this, value in field.subfields:
            if this == code and (cleaned := clean(value)):
                return cleaned
    return ""


def _all(field: Field | None, codes: str) -> tuple[str, ...]:
    if field is None:
        return ()
    return tuple(said for code in codes for value in field.get_subfields(code) if (said := clean(value)))


def _count(text: str) -> int:
    """Return a number of pieces from 1 to 255 (one byte on the tag); 0 for any other text."""
    match = re.match(r"(\d{1,3})(?!\d)", text)
    number = int(match[1]) if match and match[1].isascii() else 0
    return number if number <= 255 else 0
