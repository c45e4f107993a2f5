"""What catalog and item data say about the thing with one barcode, as values."""

from __future__ import annotations

from typing import Final, NewType

import msgspec

from station.base.words import tell

Barcode = NewType("Barcode", str)  # not for people
"""An item's barcode: cleaned, checked, and the primary item identifier on its tag."""


_AT: Final = {
    "Alma item, alternative call number": "callnumber.at.alternative",  # not for people
    "Alma item, temporary call number": "callnumber.at.temporary",  # not for people
    "Alma holding": "callnumber.at.alma-holding",  # not for people
    "SIP2 field CS": "callnumber.at.sip2",  # not for people
    "Voyager item": "callnumber.at.voyager",  # not for people
}
"""`ItemRecord.call_number_source` as library systems give it, and the key of its words."""
_ORIGINS: Final = {"catalog index": "item.origin.index"}  # not for people
_BEGINS: Final = {"item field ": "callnumber.at.field", "holdings ": "callnumber.at.holdings"}  # not for people
_HINT: Final = " (hint)"  # not for people


class RecordFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the quality rules look at in a MARC record beyond `ItemRecord`'s own fields
    (`catalog.findings.record_facts`). Clean text."""

    findings: tuple[tuple[str, str], ...] = ()
    """(code, sentence) of every record finding (`catalog.findings.findings`)."""
    deleted: bool = False
    """Leader/05 = d."""
    edition: str = ""
    """250 $a."""
    years: tuple[str, ...] = ()
    """Years in 264 and 260 $c, in order."""
    fixed_years: tuple[str, ...] = ()
    """Date 1 and date 2 of 008 (positions 7 to 14), those that are whole years."""
    part_title: str = ""
    """245 $n $p."""
    class_numbers: tuple[tuple[str, str, str], ...] = ()
    """(field, scheme, number) of 050, 060, 082, 086, 090, 092, 096, 099 that follow their scheme, the one that counts first."""
    cancelled_isbns: tuple[str, ...] = ()
    """Valid ISBNs of 020 $z, as 13 digits."""
    other_numbers: tuple[str, ...] = ()
    """024 $a and 028 $a: letters and digits only, upper case, without leading zeros."""
    acquisition: str = ""
    """541 $c: method of acquisition."""
    donor: str = ""
    """Where it came from: 541 $a, else 561 $a."""
    retention: str = ""
    """583 $a $f $5 of an action that keeps the piece ("committed to retain")."""
    vendor_barcodes: tuple[str, ...] = ()
    """949 $i and 952 $p, as a supplier or library system has written them."""
    carriers: tuple[str, ...] = ()
    """338 $b."""
    language: str = ""
    """008/35-37."""
    languages: tuple[str, ...] = ()
    """041 $a $d $j: of text, sound and subtitles."""
    audience: str = ""
    """008/22 where the material has one."""
    height_given: bool = False
    """300 $c is there."""


class ItemRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What catalog and item data say about the thing with one barcode. All text has passed `text.clean`."""

    barcode: Barcode
    title: str = ""
    author: str = ""
    call_number: str = ""
    call_number_scheme: str = ""
    """"lc", "dewey", "nlm", "sudoc", "anscr", "local" or ""."""
    call_number_source: str = ""
    """Where the call number came from: "item field 949 $a", "050 (hint)"; `call_number_at` says it to people."""
    call_number_reason: str = ""
    """Why this one counts, and how its scheme was found; or why there is none. Sentences."""
    library: str = ""
    location: str = ""
    """Location code."""
    item_type: str = ""
    description: str = ""
    """Volume or part designation as on the item ("v.2", "disc 1")."""
    copy: str = ""
    parts: int = 1
    """Number of physical parts: what the tags say."""
    tagged: int = 0
    """How many of the parts carry a tag, the first ones; 0 = each one."""
    material: str = ""
    """"book", "music-cd", "dvd", "audiobook", "score", "map", "kit", "software", "object", "" when the record does not say."""
    extent: str = ""
    """300 $a as it stands."""
    accompanying: str = ""
    """300 $e as it stands."""
    height_cm: float | None = None
    """Height parsed from 300 $c."""
    isbns: tuple[str, ...] = ()
    price: str = ""
    vendor: str = ""
    """Who supplied the item, as its record says ("source of acquisition"); "" where it does not."""
    record_id: str = ""
    """001 or the library system's record number."""
    label_lines: tuple[str, ...] = ()
    """Expected spine label, one entry a line; empty when no call number is known."""
    label_problems: tuple[str, ...] = ()
    """What does not fit the label, a sentence each; with no label: why. The lines are never cut."""
    set_barcodes: tuple[str, ...] = ()
    """All barcodes of the set that the item belongs to, where each piece has one of its own; () = no such set."""
    set_note: str = ""
    """Which piece of such a set it is, as a sentence."""
    alternate_title: str = ""
    """880 for 245: the title in its own script."""
    alternate_author: str = ""
    """880 for the author's heading."""
    origin: str = ""
    """Which system answered ("catalog index", "Alma"); `came_from` says it to people."""
    age: str = ""
    """How old these data are, for people ("3 hours old: Alma does not answer"); "" where they are fresh or of the index."""
    standing: tuple[str, ...] = ()
    """What the library system says of the item now and a person should know, a sentence each: on loan, suppressed."""
    unread: str = ""
    """Why the library system's bibliographic record or holdings could not be read; then these are the item's own data alone."""
    unknown_to: str = ""
    """Name of the library system that was asked and has no item with this barcode: then this is the catalog index's."""
    status: str = ""
    """Item status code of the library system ("LOAN", "MISSING", "ACQ"); "" = not known."""
    suppressed: bool | None = None
    """Bibliographic record or holdings are hidden from the public; None = not known."""
    notes: tuple[str, ...] = ()
    """Notes and alerts that whoever handles the item must read."""
    retained: bool | None = None
    """The library has committed itself to keep the piece; None = not known."""
    purchase: str = ""
    """Order line ("POL-123")."""
    marc: RecordFacts | None = None
    """What the MARC record says beyond this; None = no MARC record was at hand."""
    chosen: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(name, values) of the fields that the site's own rules ask for, as far as somebody could look them up."""

    @property
    def call_number_at(self) -> str:
        """`call_number_source` in the words of the catalogue; one that nobody knows here stays as it is."""
        source = self.call_number_source
        if source in _AT:
            return tell(_AT[source])
        if source.endswith(_HINT):
            return tell("callnumber.at.hint", field=source.removesuffix(_HINT))
        for begin, key in _BEGINS.items():
            if source.startswith(begin):
                return tell(key, field=source.removeprefix(begin))
        return source

    @property
    def came_from(self) -> str:
        """`origin` in the words of the catalogue; names of library systems stay."""
        return tell(_ORIGINS[self.origin]) if self.origin in _ORIGINS else self.origin

    @property
    def tags(self) -> int:
        """How many tags the item carries."""
        return self.tagged or self.parts
