"""Catalog and item data for one barcode, as values."""

from __future__ import annotations

from typing import Final, Literal, NewType, get_args

import msgspec

from station.base.sentence import EMPTY, Sentence

Barcode = NewType("Barcode", str)  # not for people
"""An item's barcode: cleaned, checked, and the primary item identifier on its tag."""


Fullness = Literal["", "brief", "holdings"]

_AT: Final = {
    "Alma item, alternative call number": "callnumber.at.alternative",  # not for people
    "Alma item, temporary call number": "callnumber.at.temporary",  # not for people
    "Alma holding": "callnumber.at.alma-holding",  # not for people
    "SIP2 field CS": "callnumber.at.sip2",  # not for people
    "Voyager item": "callnumber.at.voyager",  # not for people
}
"""Message keys for the values of `ItemRecord.call_number_source` that library systems give."""
_ORIGINS: Final = {"catalog index": "item.origin.index"}  # not for people
_BEGINS: Final = {"item field ": "callnumber.at.field", "holdings ": "callnumber.at.holdings"}  # not for people
_HINT: Final = " (hint)"  # not for people


class RecordFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Facts in a MARC record that the quality rules check, beyond the fields of `ItemRecord`
    (`catalog.findings.record_facts`). Clean text."""

    findings: tuple[tuple[str, Sentence], ...] = ()
    """(code, sentence) of every record finding (`catalog.findings.findings`)."""
    told_at_item: tuple[int, ...] = ()
    """Places in `findings` of those that the item is told even if many records of its file have them."""
    deleted: bool = False
    """Leader/05 = d."""
    edition: str = ""
    """250 $a."""
    years: tuple[str, ...] = ()
    """Years in 264 and 260 $c, in order."""
    fixed_years: tuple[str, ...] = ()
    """Date 1 and date 2 of 008 (positions 7 to 14), those that are whole years."""
    named_years: tuple[str, ...] = ()
    """Other years that the record names: date of a conference, of the original, of a thesis (titles, notes, headings of
    corporate bodies and conferences, series, linking fields)."""
    serial: bool = False
    """Leader/07 = b, i or s: its years are those of coverage."""
    part_title: str = ""
    """245 $n $p."""
    class_numbers: tuple[tuple[str, str, str], ...] = ()
    """(field, scheme, number) of 050, 055, 060, 082, 086, 090, 092, 096, 099 that follow their scheme; the selected number
    comes first."""
    cancelled_isbns: tuple[str, ...] = ()
    """Valid ISBNs of 020 $z, as 13 digits."""
    other_numbers: tuple[str, ...] = ()
    """024 $a and 028 $a: letters and digits only, upper case, without leading zeros."""
    acquisition: str = ""
    """541 $c: method of acquisition."""
    donor: str = ""
    """Source of the piece: 541 $a, else 561 $a."""
    retention: str = ""
    """583 $a $f $5 of an action that keeps the piece ("committed to retain")."""
    exported_holdings: str = ""
    """948 $h of a record exported from OCLC: other libraries' holdings on that day, which the record does not give."""
    vendor_barcodes: tuple[str, ...] = ()
    """949 $i and 952 $p, as written by a supplier or library system."""
    carriers: tuple[str, ...] = ()
    """338 $b."""
    language: str = ""
    """008/35-37."""
    languages: tuple[str, ...] = ()
    """041 $a $d $j: of text, sound and subtitles."""
    audience: str = ""
    """008/22, if the material has one."""
    height_given: bool = False
    """True if 300 $c is present."""
    extent_only: bool = False
    """True if 300 has nothing but the extent, announces nothing more, and 040 $e does not say RDA."""
    host: bool = False
    """True if the record stands for a volume of works bound together and describes no work."""


class Unjudged(msgspec.Struct, frozen=True):
    """An item with a verified tag and no verdict. Texts are not cleaned."""

    barcode: str
    part: int
    title: str

    @property
    def name(self) -> Sentence:
        return told_apart(self.title, self.barcode)


class OpenSet(msgspec.Struct, frozen=True):
    """A set of which some parts carry a tag and others none. Texts are not cleaned."""

    barcode: str
    title: str
    left: tuple[int, ...]
    """The parts without a tag, ascending."""

    @property
    def name(self) -> Sentence:
        return told_apart(self.title, self.barcode)

    @property
    def numbers(self) -> str:
        return ", ".join(map(str, self.left))


def told_apart(title: str, barcode: str) -> Sentence:
    """Return a name for an item that is not at hand: two copies of one title differ by the end of the barcode."""
    return Sentence("item.told-apart", title=title, end=barcode[-4:]) if title else Sentence.verbatim(barcode)


ItemStatus = Literal[
    "withdrawn",
    "lost",
    "missing",
    "damaged",
    "loan",
    "on-hold",
    "in-transit",
    "on-order",
    "in-process",
    "not-for-loan",
    "available",
    "suppressed",
]
"""Status of an item, whatever its library system calls it. Of several, the first in this order counts."""
ITEM_STATUSES: Final[tuple[str, ...]] = get_args(ItemStatus)


def status_words(status: str) -> Sentence:
    """Return a status for display: an `ItemStatus` in words, any other as its library system writes it."""
    return Sentence(f"item.status.{status}") if status in ITEM_STATUSES else Sentence.verbatim(status)


class ItemRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Catalog and item data for one barcode. All text has passed `text.clean`."""

    barcode: Barcode
    title: str = ""
    author: str = ""
    call_number: str = ""
    call_number_scheme: str = ""
    """"lc", "dewey", "nlm", "sudoc", "anscr", "local" or ""."""
    call_number_source: str = ""
    """Origin of the call number: "item field 949 $a", "050 (hint)"; see `call_number_at` for display."""
    call_number_reason: Sentence = EMPTY
    """Why this call number was selected and how its scheme was found, or why there is none."""
    library: str = ""
    location: str = ""
    """Location code."""
    item_type: str = ""
    description: str = ""
    """Volume or part designation as on the item ("v.2", "disc 1")."""
    copy: str = ""
    parts: int = 1
    """Number of physical parts, as on the tags."""
    parts_given: bool = False
    """True if the item states its number of parts; False = `parts` is the default, 1."""
    tagged: int = 0
    """Number of parts that carry a tag, counted from the first; 0 = every part."""
    material: str = ""
    """"book", "music-cd", "dvd", "audiobook", "score", "map", "kit", "software", "object", "" when the record does not say."""
    extent: str = ""
    """300 $a, verbatim."""
    accompanying: str = ""
    """300 $e, verbatim."""
    height_cm: float | None = None
    """Height parsed from 300 $c."""
    isbns: tuple[str, ...] = ()
    price: str = ""
    price_of_file: bool = False
    """True if the same is true of the price of all items of its file (none has one, or all have this one): the import
    reported it, and no rule judges it."""
    vendor: str = ""
    """The supplier given in the item's record ("source of acquisition"); "" = none."""
    record_id: str = ""
    """001 or the library system's record number."""
    label_lines: tuple[str, ...] = ()
    """Expected spine label, one entry per line; empty if no call number is known."""
    label_problems: tuple[Sentence, ...] = ()
    """Text that does not fit the label, one sentence each. Without a label: the reason. Lines are never cut."""
    set_barcodes: tuple[str, ...] = ()
    """All barcodes of the set that the item belongs to, if each piece has its own barcode; () = no such set."""
    set_note: Sentence = EMPTY
    """Which piece of the set this is."""
    alternate_title: str = ""
    """880 for 245: the title in its own script."""
    alternate_author: str = ""
    """880 for the author's heading."""
    origin: Sentence = EMPTY
    """The system that answered ("catalog index", "Alma", "Alma (temporary location ...)"); see `came_from` for display."""
    age: Sentence = EMPTY
    """Age of the data ("3 hours old: Alma does not answer"); empty if they are fresh or from the index."""
    standing: tuple[Sentence, ...] = ()
    """Facts that a person should know, one sentence each: on loan or suppressed in the library system; an ANSCR number
    that the record gives or contradicts."""
    unread: Sentence = EMPTY
    """Why the library system's bibliographic record or holdings could not be read. If set, the record has item data
    only."""
    fullness: Fullness = ""
    """"brief": the record is abbreviated, partial or prepublication; "holdings": it is a holdings record without its
    bibliographic record; "" = full, or unknown."""
    unknown_to: str = ""
    """Name of the library system that was asked and has no item with this barcode. If set, the record is from the
    catalog index."""
    status: str = ""
    """An `ItemStatus`, or as the library system writes it ("LOAN", "MISSING", "ACQ"); "" = unknown."""
    suppressed: bool | None = None
    """True if the bibliographic record or the holdings are hidden from the public; None = unknown."""
    notes: tuple[str, ...] = ()
    """Notes and alerts to read before handling the item."""
    retained: bool | None = None
    """True if the library has committed itself to keep the piece; None = unknown."""
    purchase: str = ""
    """Order line ("POL-123")."""
    marc: RecordFacts | None = None
    """Further facts from the MARC record; None = no MARC record was available."""
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(name, values) of the fields required by the site's own rules, as far as they could be looked up."""

    @property
    def status_at(self) -> Sentence:
        """Return `status` for display."""
        return status_words(self.status)

    @property
    def call_number_at(self) -> Sentence:
        """Return `call_number_source` for display; an unknown source is returned unchanged."""
        source = self.call_number_source
        if source in _AT:
            return Sentence(_AT[source])
        if source.endswith(_HINT):
            return Sentence("callnumber.at.hint", field=source.removesuffix(_HINT))
        for begin, key in _BEGINS.items():
            if source.startswith(begin):
                return Sentence(key, field=source.removeprefix(begin))
        return Sentence.verbatim(source)

    @property
    def came_from(self) -> Sentence:
        """Return `origin` for display; names of library systems stay unchanged."""
        key = _ORIGINS.get(self.origin.text or "")
        return Sentence(key) if key else self.origin

    @property
    def missing(self) -> tuple[str, ...]:
        """Return codes of what the record lacks, in the order of their importance: "record", "title", "call-number",
        "holdings" (the call number is only a class number of the record), "location", "description"."""
        lacks = {
            "record": bool(self.unread) or self.fullness == "holdings",
            "title": not self.title,
            "call-number": not self.call_number,
            "holdings": self.call_number_source.endswith(_HINT),
            "location": not self.location,
            "description": self.fullness == "brief",
        }
        return tuple(code for code, lacking in lacks.items() if lacking)

    @property
    def missing_words(self) -> Sentence:
        """Return `missing` for display; empty = nothing is missing."""
        missing = tuple(Sentence(f"item.missing.{code}") for code in self.missing)
        return Sentence("item.missing", what=missing) if missing else EMPTY

    @property
    def tags(self) -> int:
        """Return the number of tags that the item carries."""
        return self.tagged or self.parts
