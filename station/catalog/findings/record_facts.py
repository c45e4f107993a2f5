"""Facts from a MARC record for the quality rules, as a value: the rules themselves never see MARC.

Fields by docs/reference/quality-sources.md#marc-fields-and-types; positions of leader and 008 by MARC 21. If a field
has no data, the value is empty, and the rule that needs it abstains.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import msgspec
from pymarc import Record

from station.base.errors import CatalogError
from station.base.sentence import Sentence
from station.base.settings import CatalogSettings
from station.base.text import clean
from station.catalog.callnumber import STANDARD, Options
from station.catalog.callnumber.settings import options
from station.catalog.findings.dates import AHEAD
from station.catalog.findings.facts import Facts
from station.catalog.findings.findings import facts_of, findings_in, is_told_at_item
from station.catalog.labels import Template
from station.catalog.marc import charset, marc
from station.catalog.marc.chosen_fields import chosen
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.record import isbn, profiles
from station.catalog.record.call_number import class_numbers
from station.catalog.record.profiles import Item, Profile
from station.catalog.record.record import describe_parsed, live_parsed, with_holdings
from station.domain.item import Barcode, ItemRecord, RecordFacts

_YEAR: Final = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d)(?!\d)")
_ISBN: Final = re.compile(r"\s*([0-9][0-9\-]{8,16}[0-9Xx])")
_KEEPING: Final = re.compile(
    r"commit(?:ted|ment)? to (?:retain|preserve|keep)|retention commitment|will (?:retain|preserve|keep)|retained? permanently",
    re.IGNORECASE,
)
"""583 $a: "committed to retain" is the term of shared print programs (MARC 583 in shared print metadata guidelines). Other
actions of preservation ("preservation history", "microfilmed") commit to nothing."""
_EXPORTED: Final = re.compile(r"\bOTHER HOLDINGS\b", re.IGNORECASE)
"""948 $h as OCLC writes it; the subfield is local in other records."""
_NAMING_YEARS: Final = re.compile(
    r"1[13]0|111|24[0-7]|250|362|4\d\d|50[0125]|518|53[34]|580|7[13][01]|7[678]\d|8[013][01]"
)
"""Fields whose years may be that of a call number. The dates of a person (100, 600, 700) are not."""
_BLANKS: Final = " |#^\\-"
"""A blank or fill character of 008, and the characters that exports write for a blank."""
_SERIAL: Final = ("b", "i", "s")
_HAS_AUDIENCE: Final = frozenset("acdgijkmort")
"""Leader/06 of records whose 008/22 is the target audience (MARC 21, 008: books, music, visual materials, computer
files). In maps and mixed materials 008/22 has another meaning, and for a serial (leader/07) it is the form of the
original."""


def describe_with_facts(
    raw: bytes,
    barcode: Barcode,
    profile: Profile,
    settings: CatalogSettings,
    *,
    template: Template | None = None,
    fields: Sequence[str] = (),
    year: int = 0,
    price_of_file: bool = False,
) -> ItemRecord:
    """Return the result of `record.describe`, with `marc` filled in, and `chosen` with the MARC fields among `fields`.
    `year`: the present year; 0 = unknown. `price_of_file`: as in `ItemRecord`. Supplier's barcodes that are all those of
    other copies of the record say nothing of this one and are left out. Raises the same errors."""
    try:
        record = marc.parse(raw)
    except BadRecord as error:
        raise CatalogError(Sentence("callnumber.unreadable-of", barcode=barcode, why=clean(str(error)))) from error
    items = profiles.items(record, profile)
    described = describe_parsed(record, barcode, profile, settings, template=template, items=items)
    item = msgspec.structs.replace(described, price_of_file=price_of_file)
    facts = record_facts(
        record,
        item,
        charset_note=charset_note(raw),
        numbers=options(settings.numbers),
        year=year,
        items=items,
        located=bool(profile.location),
    )
    if barcode not in facts.vendor_barcodes and set(facts.vendor_barcodes) <= {other.barcode for other in items}:
        facts = msgspec.structs.replace(facts, vendor_barcodes=())
    return msgspec.structs.replace(item, marc=facts, chosen=chosen(record, fields))


def live_with_facts(
    bib: bytes,
    holding: bytes,
    item: Item,
    settings: CatalogSettings,
    *,
    template: Template | None = None,
    fields: Sequence[str] = (),
    year: int = 0,
) -> ItemRecord:
    """Return the result of `record.live_parsed` for two MARCXML records, with `marc` and `chosen` filled in. Raise
    `CatalogError`."""
    try:
        record = with_holdings(marc.parse(bib), marc.parse(holding))
    except BadRecord as error:
        raise CatalogError(Sentence("callnumber.unreadable-of", barcode=item.barcode, why=clean(str(error)))) from error
    described = live_parsed(record, item, settings, template=template)
    typed = msgspec.structs.replace(described, item_type=f"{described.item_type} {item.material_type}".strip())
    facts = record_facts(record, typed, numbers=options(settings.numbers), year=year)
    return msgspec.structs.replace(described, marc=facts, chosen=chosen(record, fields))


def charset_note(raw: bytes) -> str:
    """Return the note about the character set of an ISO 2709 record; "" for the other formats, and where
    the set is not clear: then characters are lost, which is a finding of its own."""
    if raw[:1] in (b"<", b"{"):
        return ""
    detected = charset.detect(raw[:24].decode("ascii", "replace"), raw)
    return "" if detected.charset == "unclear" else detected.note


def record_facts(
    record: Record,
    item: ItemRecord,
    *,
    charset_note: str = "",
    numbers: Options = STANDARD,
    year: int = 0,
    items: tuple[Item, ...] = (),
    located: bool = False,
) -> RecordFacts:
    """Return all `RecordFacts` for this item of the record. A year after `year` and the next one is a finding, and none
    of the years; `year` 0 = no year is too late. `items` and `located`: as in `findings`."""
    facts = facts_of(record, item, charset_note=charset_note, numbers=numbers, year=year, items=items, located=located)
    values, fixed, last = facts.values, facts.fixed_field, year + AHEAD if year else 9999
    serial = facts.leader(7) in _SERIAL
    found = findings_in(facts)
    audience = fixed[22:23] if facts.type_code in _HAS_AUDIENCE and not serial else ""
    return RecordFacts(
        findings=tuple([(finding.code, finding.sentence) for finding in found]),
        told_at_item=tuple([at for at, finding in enumerate(found) if is_told_at_item(finding)]),
        deleted=facts.leader(5) == "d",
        edition=facts.first("250", "a"),
        years=tuple(
            dict.fromkeys(year for tag in ("264", "260") for value in values(tag, "c") for year in _years(value, last))
        ),
        fixed_years=tuple(year for text in (fixed[7:11], fixed[11:15]) for year in _years(text, last)),
        named_years=_named_years(record),
        serial=serial,
        part_title=" ".join((*values("245", "n")[:1], *values("245", "p")[:1])),
        class_numbers=class_numbers(record, numbers),
        cancelled_isbns=_isbns(values("020", "z")),
        other_numbers=tuple(
            dict.fromkeys(
                plain for tag in ("024", "028") for value in values(tag, "a") if (plain := plain_number(value))
            )
        ),
        acquisition=facts.first("541", "c"),
        donor=facts.first("541", "a") or facts.first("561", "a"),
        retention=_retention(record),
        exported_holdings=next((text for text in values("948", "h") if _EXPORTED.search(text)), ""),
        vendor_barcodes=tuple(
            dict.fromkeys(
                item.barcode if value.replace(" ", "") == item.barcode else value
                for value in (*values("949", "i"), *values("952", "p"))
            )
        ),
        carriers=tuple(dict.fromkeys(values("338", "b"))),
        language=language if (language := fixed[35:38]).isalpha() else "",
        languages=tuple(dict.fromkeys(code for letter in "adj" for code in _codes(_marc_languages(record, letter)))),
        audience=audience.strip(_BLANKS),
        height_given=bool(facts.first("300", "c")),
        extent_only=_extent_only(facts),
        host=facts.is_host,
    )


def _extent_only(facts: Facts) -> bool:
    """Return True for an AACR2 300 that ends with the extent. " ;" at its end announces a size that is missing."""
    more = facts.first("300", "b") or any(text.endswith((";", ":", "+")) for text in facts.values("300", "a"))
    return not more and "rda" not in " ".join(facts.values("040", "e")).casefold()


def _named_years(record: Record) -> tuple[str, ...]:
    years = (
        year
        for field in record.fields
        if _NAMING_YEARS.fullmatch(field.tag)
        for code, value in field.subfields
        if code.isalpha()
        for year in _YEAR.findall(value)
    )
    return tuple(dict.fromkeys(years))


def _years(text: str, last: int) -> list[str]:
    return [year for year in _YEAR.findall(text) if int(year) <= last]


def plain_number(text: str) -> str:
    """Return a publisher's number for comparison: a UPC is scanned as an EAN with a leading zero."""
    return re.sub(r"[^0-9A-Z]", "", text.upper()).lstrip("0")


def _isbns(values: tuple[str, ...]) -> tuple[str, ...]:
    matches = (_ISBN.match(value) for value in values)
    plain = (isbn.plain(match[1]) for match in matches if match)
    return tuple(dict.fromkeys(isbn.as_13(number) for number in plain if isbn.is_valid(number)))


def _retention(record: Record) -> str:
    for field in record.get_fields("583"):
        text = clean(" ".join(value for code, value in field.subfields if code in "afz5"))
        if _KEEPING.search(text):
            return text
    return ""


def _codes(values: tuple[str, ...]) -> list[str]:
    """Return codes of three letters each; old records have several codes in one subfield ("engfre")."""
    return [value[at : at + 3] for value in values for at in range(0, len(value) - len(value) % 3, 3)]


def _marc_languages(record: Record, code: str) -> tuple[str, ...]:
    """Return 041 with MARC's own codes. A second indicator 7 means codes of another list ($2)."""
    fields = (field for field in record.get_fields("041") if tuple(field.indicators or ())[1:2] != ("7",))
    return tuple(language for field in fields for value in field.get_subfields(code) if (language := clean(value)))
