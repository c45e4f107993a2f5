"""From one raw record and one barcode to what the station knows of the item. All text passes `text.clean` here.

Call number: the item's own before the holdings' before a hint from the bibliographic record (rule 21 of the rule
catalogue: 050, 082 and their like are hints only; a local 090 or 092 wins over 050 and 082, rule 22).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from pymarc import Field, Record
from stdnum import isbn

from station.catalog import label, marc, profiles
from station.catalog.iso2709 import BadRecord
from station.catalog.material import material
from station.catalog.profiles import SCHEME_OF_852, Item, Profile
from station.errors import BarcodeUnknown, CatalogError
from station.model import Barcode, ItemRecord
from station.settings import CatalogSettings
from station.text import clean

ORIGIN: Final = "catalog index"

_HINTS: Final = {
    "lc": ("090", "050"),
    "dewey": ("092", "082"),
    "nlm": ("096", "060"),
    "sudoc": ("086",),
    "anscr": ("099",),
    "local": ("099",),
}
_HINT_SCHEME: Final = {"099": "local"} | {tag: name for name, tags in _HINTS.items() for tag in tags if tag != "099"}
_AUTHORS: Final = ("100", "110", "111")
_ISBD_END: Final = re.compile(r"[\s/:;,=+]+\Z")
_HEIGHT: Final = re.compile(
    r"(?P<size>\d{1,3}(?:[.,]\d{1,2})?)(?:\s*-\s*(?P<to>\d{1,3}(?:[.,]\d{1,2})?))?"
    r"(?:\s*[x×]\s*\d{1,3}(?:[.,]\d{1,2})?(?:\s*-\s*\d{1,3})?)*\s*(?P<unit>cm|mm)\b",
    re.IGNORECASE,
)


def describe(
    raw: bytes,
    barcode: Barcode,
    profile: Profile,
    settings: CatalogSettings,
    *,
    prefixes: Mapping[str, str] | None = None,
) -> ItemRecord:
    """The item with this barcode, as its record has it.

    Raises `BarcodeUnknown` when the record has no such item and `CatalogError` when the record cannot be read.
    """
    try:
        record = marc.parse(raw)
    except BadRecord as error:
        raise CatalogError(f"the record of {barcode} cannot be read: {error}") from error
    item = next((one for one in profiles.items(record, profile) if one.barcode == barcode), None)
    if item is None:
        raise BarcodeUnknown(f"the record has no item {barcode} (profile {profile.name})")
    return _describe(record, barcode, item, settings, prefixes)


def _describe(
    record: Record, barcode: Barcode, item: Item, settings: CatalogSettings, prefixes: Mapping[str, str] | None
) -> ItemRecord:
    call_number, source, scheme = _call_number(record, item, settings)
    enumeration = label.split_enumeration(call_number)[1]
    return ItemRecord(
        barcode=barcode,
        title=title(record),
        author=_author(record),
        call_number=call_number,
        call_number_scheme=scheme,
        call_number_source=source,
        library=item.library,
        location=item.location,
        item_type=item.item_type,
        description=item.description or enumeration,
        copy=item.copy,
        parts=item.parts,
        material=material(record),
        extent=_ISBD_END.sub("", _first(record, "300", "a")),
        accompanying=_ISBD_END.sub("", _first(record, "300", "e")),
        height_cm=height_cm(_first(record, "300", "c")),
        isbns=_isbns(record),
        price=item.price or _first(record, "365", "b") or _first(record, "020", "c"),
        record_id=record_id(record),
        label_lines=label.lines(
            call_number,
            scheme,
            location=item.location,
            description=item.description,
            copy=item.copy,
            prefixes=prefixes,
        ),
        alternate_title=_alternate_title(record),
        origin=ORIGIN,
    )


def record_id(record: Record) -> str:
    """The first 001, cleaned; "" where there is none."""
    for field in record.get_fields("001"):
        return clean(field.data or "")
    return ""


def title(record: Record) -> str:
    """245 $a $b $n $p in record order, without the punctuation that only announces the next subfield."""
    for field in record.get_fields("245"):
        return _title_of(field)
    return ""


def height_cm(text: str) -> float | None:
    """The height of 300 $c in cm: the first measure of each pair, of several the largest ("12 cm in box 31 x 24 cm"),
    of a folded sheet its folded size.

    None where there is no measure in centimetres or millimetres (inches are not shelf heights: discs and tapes).
    """
    folded = text.casefold().rfind("folded to ")
    if folded >= 0:
        text = text[folded:]
    best: float | None = None
    for found in _HEIGHT.finditer(text):
        size = float((found["to"] or found["size"]).replace(",", "."))
        if found["unit"].casefold() == "mm":
            size /= 10
        best = size if best is None else max(best, size)
    return best


def _call_number(record: Record, item: Item, settings: CatalogSettings) -> tuple[str, str, str]:
    """(call number, where it came from, scheme)."""
    if item.call_number:
        return item.call_number, item.call_number_source, item.scheme or settings.scheme
    for field in record.get_fields("852"):
        found = profiles.holdings_call_number(field)
        if found:
            first = field.indicators[0] if field.indicators else " "
            return found, "holdings 852 $k$h$i$m", SCHEME_OF_852.get(first, settings.scheme)
    wanted = _HINTS[settings.scheme]
    for tag in (*wanted, *(tag for tag in _HINT_SCHEME if tag not in wanted)):
        for field in record.get_fields(tag):
            found = clean(" ".join(field.get_subfields("a")[:1] + field.get_subfields("b")))
            if found:
                scheme = settings.scheme if tag in wanted else _HINT_SCHEME[tag]
                return found, f"{tag} (hint)", scheme
    return "", "", settings.scheme


def _title_of(field: Field) -> str:
    pieces = [_sorting_marks_removed(value) for code, value in field.subfields if code in "abnp"]
    return _ISBD_END.sub("", clean(" ".join(piece for piece in pieces if piece)))


def _author(record: Record) -> str:
    for tag in _AUTHORS:
        for field in record.get_fields(tag):
            wanted = "abcq" if tag == "100" else "abcdn"
            found = clean(" ".join(value for code, value in field.subfields if code in wanted))
            if found:
                return _ISBD_END.sub("", found)
    return _ISBD_END.sub("", _first(record, "245", "c"))


def _alternate_title(record: Record) -> str:
    """The 880 that is linked to 245: by $6 "245-nn" and, where 245 has a $6, by the same number."""
    own = next((_occurrence(field) for field in record.get_fields("245")), "")
    for field in record.get_fields("880"):
        link = next(iter(field.get_subfields("6")), "")
        if link[:3] == "245" and (not own or own == "00" or _occurrence(field) in (own, "00")):
            return _title_of(field)
    return ""


def _occurrence(field: Field) -> str:
    found = re.match(r"\d{3}-(\d{2})", next(iter(field.get_subfields("6")), ""))
    return found[1] if found else ""


def _isbns(record: Record) -> tuple[str, ...]:
    """Valid ISBNs of 020 $a as 13 digits, in order, each once ($z is not the piece's own)."""
    found: list[str] = []
    for field in record.get_fields("020"):
        for value in field.get_subfields("a"):
            match = re.match(r"[\s]*([0-9Xx][0-9Xx\- ]{8,16})", clean(value))
            number = isbn.compact(match[1]).split(" ")[0] if match else ""
            if isbn.is_valid(number):
                number = isbn.to_isbn13(number)
                if number not in found:
                    found.append(number)
    return tuple(found)


def _first(record: Record, tag: str, code: str) -> str:
    for field in record.get_fields(tag):
        found = clean(" ".join(value for this, value in field.subfields if this == code))
        if found:
            return found
    return ""


def _sorting_marks_removed(text: str) -> str:
    """Without non-sorting marks: U+0098 and U+009C (and 88, 89, as MARC-8 has them), also where they come as «¬»."""
    return re.sub("[\u0088\u0089\u0098\u009c\u00ac]", "", text)
