"""Convert one raw record and one barcode to the station's item record. All text passes `text.clean` here.

Call number: the item's own before the holdings' before a hint from the bibliographic record; see `call_number`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec
from pymarc import Field, Record

from station.base.errors import BarcodeUnknown, CatalogError
from station.base.sentence import EMPTY, Sentence
from station.base.settings import CatalogSettings
from station.base.text import clean
from station.catalog.callnumber import enumeration
from station.catalog.callnumber.settings import options
from station.catalog.labels import Template, labelled, shipped
from station.catalog.marc import marc
from station.catalog.marc.indexed import IndexedRecord
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.record import anscr, bound_with, isbn, profiles
from station.catalog.record.call_number import Level, candidates
from station.catalog.record.material import material
from station.catalog.record.profiles import Item, Profile
from station.catalog.record.record_price import price_of
from station.catalog.record.sets import set_of
from station.domain.item import Barcode, Fullness, ItemRecord

ORIGIN: Final = Sentence.verbatim("catalog index")  # not for people

_AUTHORS: Final = ("100", "110", "111")
_ISBD_END: Final = re.compile(r"[\s/:;,=+]+\Z")
_ABOVE: Final = re.compile(r"(?:\s[^\W\d_]{1,6}\.\d[\w/\-]*)+\Z")
_VOLUME: Final = re.compile(r"\bp\.|\bpages?\b|\bv\.|\bvolumes?\b|\bleaves\b|\bscores?\b", re.IGNORECASE)
_DISC: Final = re.compile(r"\b(?:CD|DVD|dis[ck]|videodis[ck]|cassette)", re.IGNORECASE)
_SORTING_MARKS: Final = re.compile("[\u0088\u0089\u0098\u009c\u00ac]")
_ISBN: Final = re.compile(r"[0-9Xx][0-9Xx\- ]{8,16}")
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
    template: Template | None = None,
) -> ItemRecord:
    """Return the item with this barcode from its record, with the label by the site's template (None = the default
    template).

    Raise `BarcodeUnknown` if the record has no such item, and `CatalogError` if the record cannot be read.
    """
    try:
        record = marc.parse(raw)
    except BadRecord as error:
        raise CatalogError(Sentence("callnumber.unreadable-of", barcode=barcode, why=clean(str(error)))) from error
    return describe_parsed(record, barcode, profile, settings, template=template)


def describe_parsed(
    record: Record,
    barcode: Barcode,
    profile: Profile,
    settings: CatalogSettings,
    *,
    template: Template | None = None,
    items: tuple[Item, ...] | None = None,
) -> ItemRecord:
    """Do the same as `describe` for a parsed record. `items`: those of the record, if they were read before. Raise
    `BarcodeUnknown`."""
    items = profiles.as_scanned(profiles.items(record, profile) if items is None else items, barcode)
    item = next((item for item in items if item.barcode == barcode), None)
    if item is None:
        raise BarcodeUnknown(Sentence("callnumber.no-item", barcode=barcode, profile=profile.name))
    return labelled(_described(record, item, items, settings), template or shipped(), options(settings.numbers))


def describe_record(raw: bytes, settings: CatalogSettings, *, template: Template | None = None) -> ItemRecord:
    """Describe a record without an item, for a piece that has no item yet; its barcode is "". Raise `CatalogError`."""
    try:
        record = marc.parse(raw)
    except BadRecord as error:
        raise CatalogError(Sentence("callnumber.unreadable", why=clean(str(error)))) from error
    return labelled(
        _described(record, Item(barcode=""), (), settings), template or shipped(), options(settings.numbers)
    )


def describe_item(record: Record, item: Item, settings: CatalogSettings) -> ItemRecord:
    """Describe one item of a record by itself, as far as its record needs it: without label and set."""
    return _described(record, item, (), settings)


def live_parsed(
    record: Record, item: Item, settings: CatalogSettings, *, template: Template | None = None
) -> ItemRecord:
    """Return an item whose data were fetched separately from a library system. `record`: with its holdings."""
    return labelled(_described(record, item, (), settings), template or shipped(), options(settings.numbers))


def with_holdings(record: Record, held: Record) -> Record:
    """Return the record with the 852 of its holdings in place of its own."""
    return IndexedRecord(
        record.leader, [field for field in record.fields if field.tag != "852"] + held.get_fields("852")
    )


def _described(record: Record, item: Item, items: tuple[Item, ...], settings: CatalogSettings) -> ItemRecord:
    number, source, scheme, reason = _call_number(record, item, settings)
    its_set = set_of(items, item.barcode)
    described = ItemRecord(
        barcode=Barcode(item.barcode),
        title=title(record),
        fullness=fullness(record),
        author=author(record),
        call_number=number,
        call_number_scheme=scheme,
        call_number_source=source,
        call_number_reason=reason,
        library=item.library,
        location=item.location,
        item_type=item.item_type,
        description=item.description or part_of(number),
        copy=item.copy,
        parts=item.parts,
        parts_given=item.parts_given,
        material=material(record),
        extent=_ISBD_END.sub("", _first(record, "300", "a")),
        accompanying=_ISBD_END.sub("", _first(record, "300", "e") or _second_extent(record)),
        height_cm=height_cm(_first(record, "300", "c")),
        isbns=isbns(record),
        price=item.price or price_of(record),
        vendor=item.vendor or supplier(record),
        record_id=record_id(record),
        set_barcodes=its_set.barcodes if its_set else (),
        set_note=its_set.sentence if its_set else EMPTY,
        alternate_title=alternate_title(record),
        alternate_author=alternate_author(record),
        origin=ORIGIN,
        status=item.status,
        suppressed=item.suppressed,
        notes=item.notes,
    )
    remarks = anscr.remarks(record, described, options(settings.numbers).anscr)
    return msgspec.structs.replace(described, standing=remarks) if remarks else described


def supplier(record: Record) -> str:
    """Return the seller: 541 $a (immediate source of acquisition) of a field whose $c says that the item was bought;
    else "". For a gift $a is the donor, for a lease the lessor."""
    for field in record.get_fields("541"):
        how = " ".join(field.get_subfields("c")).casefold()
        if "purchase" in how or "bought" in how:
            return clean(next(iter(field.get_subfields("a")), ""), 100).rstrip(" ;,")
    return ""


def record_id(record: Record) -> str:
    """Return the first 001, cleaned; "" = none."""
    for field in record.get_fields("001"):
        return clean(field.data or "")
    return ""


def title(record: Record) -> str:
    """Return 245 $a $b $n $p in record order, without the punctuation that only introduces the next subfield. Papers of
    an archive may have only a form and dates ($k $f $g): "Tax receipt book, 1829-1839". For the
    record of a volume of works bound together, return their titles."""
    text = next((_title_of(field) for field in record.get_fields("245")), "")
    return bound_with.shown(record) if bound_with.is_host_title(text) else text


def fullness(record: Record) -> Fullness:
    """Return `ItemRecord.fullness`: "holdings", "brief" or "".

    Leader/06 u, v, x, y is a holdings record, leader/17 3, 5, 8 an abbreviated, partial or prepublication record (MARC
    21). A record with neither 008, publication (26X) nor extent (300) is brief too (the station's choice).
    """
    leader = str(record.leader)
    if leader[6:7] in marc.HOLDINGS:
        return "holdings"
    described = any(record.get_fields(tag) for tag in ("008", "260", "264", "300"))
    return "" if described and leader[17:18] not in ("3", "5", "8") else "brief"


def height_cm(text: str) -> float | None:
    """Return the height from 300 $c in cm: the first measure of each pair, of several pairs the largest ("12 cm in box
    31 x 24 cm"), for a folded sheet its folded size.

    Return None if there is no measure in centimeters or millimeters (inches are not shelf heights: discs and tapes).
    """
    folded = text.casefold().rfind("folded to ")  # not for people
    if folded >= 0:
        text = text[folded:]
    best: float | None = None
    for match in _HEIGHT.finditer(text):
        size = float((match["to"] or match["size"]).replace(",", "."))
        if match["unit"].casefold() == "mm":
            size /= 10
        best = size if best is None else max(best, size)
    return best


def _call_number(record: Record, item: Item, settings: CatalogSettings) -> tuple[str, str, str, Sentence]:
    """Return (call number, source, scheme, reason)."""
    ranked = candidates(record, item, settings.scheme, options(settings.numbers))
    if not ranked:
        return "", "", settings.scheme, Sentence("callnumber.none")
    first = ranked[0]
    held = first.level is Level.ITEM and first.source.startswith("holdings")
    return first.number, first.source, first.scheme.value, Sentence("callnumber.own-holdings") if held else first.reason


def part_of(number: str) -> str:
    """Return volume and part at the end of a call number, with the unit they belong to ("s.1 d.2")."""
    before, part, _ = enumeration.split(number)
    above = _ABOVE.search(before) if part else None
    return f"{above[0].strip()} {part}" if above else part


def _second_extent(record: Record) -> str:
    """Return the discs of a second 300 $a where the first counts pages or volumes: some libraries describe the disc of a
    book so, and not in 300 $e. A second 300 may also be another version (online, microfilm), which is no part."""
    extents = [clean(" ".join(field.get_subfields("a"))) for field in record.get_fields("300")]
    first, *others = extents or [""]
    return next((text for text in others if _DISC.search(text)), "") if _VOLUME.search(first) else ""


def _title_of(field: Field) -> str:
    for codes in ("abnp", "kfg"):
        pieces = [_sorting_marks_removed(value) for code, value in field.subfields if code in codes]
        text = _ISBD_END.sub("", clean(" ".join(piece for piece in pieces if piece)))
        if text:
            return text
    return ""


def author(record: Record) -> str:
    """Return the main heading (100, 110, 111), else the statement of responsibility (245 $c)."""
    for tag in _AUTHORS:
        for field in record.get_fields(tag):
            name = _author_of(field, tag)
            if name:
                return name
    return _ISBD_END.sub("", _first(record, "245", "c"))


def _author_of(field: Field, tag: str) -> str:
    wanted = "abcq" if tag == "100" else "abcdn"
    pieces = [_sorting_marks_removed(value) for code, value in field.subfields if code in wanted]
    return _ISBD_END.sub("", clean(" ".join(piece for piece in pieces if piece)))


def alternate_title(record: Record) -> str:
    """Return the title from the 880 linked to 245: by $6 "245-nn" and, if 245 has a $6, by the same number."""
    return next((text for field, _ in _linked(record, ("245",)) if (text := _title_of(field))), "")


def alternate_author(record: Record) -> str:
    """Return the author from the 880 linked to the main heading, in the same way."""
    return next((name for field, tag in _linked(record, _AUTHORS) if (name := _author_of(field, tag))), "")


def _linked(record: Record, tags: tuple[str, ...]) -> Iterator[tuple[Field, str]]:
    """Yield (880, tag that it is linked to) for the fields with these tags; if the record has none of them, for any of
    these tags."""
    if not record.get_fields("880"):
        return
    for tag in tuple(tag for tag in tags if record.get_fields(tag)) or tags:
        own = next((_occurrence(field) for field in record.get_fields(tag)), "")
        for field in record.get_fields("880"):
            link = next(iter(field.get_subfields("6")), "")
            if link[:3] == tag and (not own or own == "00" or _occurrence(field) in (own, "00")):
                yield field, tag


def _occurrence(field: Field) -> str:
    match = re.match(r"\d{3}-(\d{2})", next(iter(field.get_subfields("6")), ""))
    return match[1] if match else ""


def isbns(record: Record) -> tuple[str, ...]:
    """Return valid ISBNs of 020 $a as 13 digits, in order, each once ($z is not the piece's own)."""
    numbers: list[str] = []
    for field in record.get_fields("020"):
        for value in field.get_subfields("a"):
            match = _ISBN.match(clean(value))
            number = isbn.plain(match[0]) if match else ""
            if isbn.is_valid(number) and (number := isbn.as_13(number)) not in numbers:
                numbers.append(number)
    return tuple(numbers)


def _first(record: Record, tag: str, code: str) -> str:
    for field in record.get_fields(tag):
        text = clean(" ".join(value for this, value in field.subfields if this == code))
        if text:
            return text
    return ""


def _sorting_marks_removed(text: str) -> str:
    """Return the text without non-sorting marks: U+0098 and U+009C (and 88, 89, as in MARC-8), also if converted to
    «¬»."""
    return text if text.isascii() else _SORTING_MARKS.sub("", text)
