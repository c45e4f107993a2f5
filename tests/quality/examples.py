"""A passing item of each kind, and for every rule one changed fact that makes it fail.

The site's file has every table that the shipped rules leave to the site, so that no rule abstains because a table is
missing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from station.base.sentence import Sentence
from station.base.settings import Barcodes
from station.encoding.content import Severity as TagSeverity
from station.encoding.content import TagContent
from station.encoding.doctor.doctor import Diagnosis
from station.manual.pictures.items import BASES, changed
from station.quality.checks.facts import Facts
from station.quality.rulebook.shipped import with_site
from station.quality.rules import Catalogue

TODAY = "2026-06-01"
SITE_FILE = """
[[change]]
id = "prefix-wanted"
table = { OVERSIZE = "OVERSIZE" }

[[change]]
id = "prefix-on-label"
table = { OVERSIZE = "OVERSIZE" }

[[change]]
id = "class-location"
table = { QA = "STACKS OVERSIZE", M = "MUSIC" }

[[change]]
id = "strip-allowed"
table = { book = "Tattle-Tape", audiobook = "Tattle-Tape" }

[[change]]
id = "strip-in-place"
table = { book = "Tattle-Tape" }

[[change]]
id = "finish"
table = { STACKS = "date slip", OVERSIZE = "date slip" }

[[change]]
id = "call-number-dated"
table = { STACKS = "date" }

[[change]]
id = "tag-usage"
table = { REF = "20" }

[[change]]
id = "location-known"
table = { STACKS = "Main stacks", OVERSIZE = "Oversize", MUSIC = "Music library" }
"""
CATALOGUE: Catalogue = with_site(SITE_FILE, "site.toml")

BINDING = BASES["binding"]
BOOK = BASES["book"]
CASSETTE = BASES["cassette"]
DISCS = BASES["discs"]
ELSEWHERE = BASES["elsewhere"]
GIFT = BASES["gift"]
LEASED = BASES["leased"]
NOTED = BASES["noted"]
OVERSIZE = BASES["oversize"]
REPLACED = BASES["replaced"]
RETURNED = BASES["returned"]
SINGLE = BASES["single"]
UNCOUNTED = BASES["uncounted"]
UNMEASURED = BASES["unmeasured"]
UNSEEN = BASES["unseen"]
UNTAGGED = BASES["untagged"]
WITHDRAWN = BASES["withdrawn"]
CODE, ISIL, TAG = BOOK.item.barcode, BOOK.site.isil, "E004010000000001"
FOREIGN_TAG = TagContent("30001000000001", "DE-Heu1")

__all__ = ["BASES", "CATALOGUE", "MACHINE", "PERSON", "TODAY", "Machine", "Person", "changed"]


def but(facts: Facts, **changes: Any) -> Facts:
    """Return the facts with several of them changed, named like item__marc__years."""
    for path, value in changes.items():
        facts = changed(facts, path.replace("__", "."), value)
    return facts


class Machine(NamedTuple):
    """A fail that the machine finds."""

    base: Facts
    path: str
    value: Any
    word: str
    """Key of the reason; or a text of the facts, or of the finder, that the reason contains."""


class Person(NamedTuple):
    """A fail that a person finds."""

    base: Facts
    reason: str


def _bad(code: str) -> Diagnosis:
    return Diagnosis(code, TagSeverity.MAJOR, f"It is {code}.", "Look.")


_AWAY = (
    *(
        "LOAN",
        "MISSING",
        "LOST_LOAN",
        "LOST_LOAN_AND_PAID",
        "LOST_ILL",
        "CLAIM_RETURNED_LOAN",
        "HOLDSHELF",
        "TRANSIT",
        "TRANSIT_TO_REMOTE_STORAGE",
        "ILL",
    ),
    *("withdrawn", "missing", "lost", "on loan", "checked out"),
)
"""Statuses of items that may not leave: Alma's process types, and words of other systems."""
_CLASSES = ("item.marc.class_numbers",)


def _numbered(number: str, scheme: str) -> Facts:
    """Return the book with a number of another scheme, without other facts about its class."""
    same = ((("086" if scheme == "sudoc" else "099"), scheme, number),)
    plain = but(
        BOOK, item__location="", item__description="", item__marc__part_title="", receipt__library="", label_seen=None
    )
    return but(plain, item__call_number=number, item__call_number_scheme=scheme, item__marc__class_numbers=same)


RETENTION = "committed to retain 20150101"
MACHINE: dict[str, list[Machine]] = {
    "barcode-known": [
        Machine(BOOK, "found", False, CODE),
        Machine(BOOK, "item.unknown_to", "alma", "alma has no item with the barcode"),
    ],
    "barcode-format": [
        Machine(UNTAGGED, "item.barcode", "31234000000017", "check digit"),
        Machine(BOOK, "site.barcodes", Barcodes(length=10), "not 10"),
        Machine(BOOK, "site.barcodes", Barcodes(prefixes=("2",)), "does not begin"),
    ],
    "piece-number": [Machine(BOOK, "scanned", "9780131103627", "finding.number-not-in-record")],
    "piece-number-cancelled": [
        Machine(
            but(BOOK, item__marc__cancelled_isbns=("9780877663638",)),
            "item.isbns",
            ("9780131103627",),
            "finding.number-cancelled",
        )
    ],
    "years-agree": [
        Machine(BOOK, "item.marc.fixed_years", ("1999",), "1999"),
    ],
    "volume-agrees": [
        Machine(BOOK, "item.marc.part_title", "v. 3", "finding.volume-part-title"),
        Machine(but(BOOK, item__label_lines=()), "item.description", "v.5", "v.5"),
    ],
    "item-released": [
        *(Machine(UNTAGGED, "item.status", code, code) for code in (*_AWAY, "Withdrawn")),
        Machine(UNTAGGED, "item.status", "on-hold", "on the hold shelf"),
        Machine(UNTAGGED, "item.status", "in-transit", "in transit"),
        Machine(BOOK, "item.marc.deleted", True, "finding.deleted"),
    ],
    "not-suppressed": [
        Machine(BOOK, "item.suppressed", True, "finding.suppressed"),
    ],
    "tag-single": [
        Machine(BOOK, "tags_in_field", 2, "finding.tags-answered"),
        Machine(BOOK, "tags_in_field", 0, "finding.tags-answered"),
    ],
    "tag-identifier": [
        Machine(BOOK, "tag.primary_item_identifier", "31234000000024", "31234000000024"),
        Machine(BOOK, "tag.primary_item_identifier", "", "finding.tag-says-nothing"),
    ],
    "tag-owner": [
        Machine(BOOK, "tag.owner_institution", "DE-Heu1", "DE-Heu1"),
        Machine(BOOK, "tag.owner_institution", "", "finding.tag-says-nothing"),
    ],
    "tag-set": [
        Machine(DISCS, "tag.part", 2, "finding.tag-part"),
        Machine(UNCOUNTED, "tag.parts", 3, "finding.tag-part"),
        Machine(DISCS, "part", 2, "finding.tag-part"),
        Machine(DISCS, "others", (TagContent(CODE, ISIL, part=1, parts=2),), "finding.part-twice"),
        Machine(DISCS, "others", (TagContent(CODE, ISIL, part=2, parts=3),), "finding.tags-parts"),
    ],
    "tag-structure": [
        Machine(BOOK, "diagnoses", (_bad("structure-broken"),), "structure-broken"),
        Machine(BOOK, "diagnoses", (_bad("chip-too-small"),), "chip-too-small"),
    ],
    "tag-security": [Machine(BOOK, "afi", 0xC2, "C2"), Machine(BOOK, "afi", 0x00, "00")],
    "tag-eas": [Machine(BOOK, "eas", False, "finding.eas-not-set")],
    "tag-released": [
        Machine(WITHDRAWN, "tag", TagContent(CODE, ISIL), "finding.still-says"),
        Machine(RETURNED, "tag", FOREIGN_TAG, "finding.still-says"),
        Machine(WITHDRAWN, "afi", 0x07, "finding.still-in-stock"),
        Machine(RETURNED, "eas", True, "finding.eas-still-set"),
    ],
    "tag-locks": [Machine(BOOK, "diagnoses", (_bad("afi-locked"),), "afi-locked")],
    "tag-ledger": [
        Machine(BOOK, "ledger.holders", (TAG, "E004010000000009"), "finding.tags-written"),
        Machine(BOOK, "ledger.bound_to", "31234000000024", "31234000000024"),
    ],
    "second-tag": [Machine(BOOK, "others", (FOREIGN_TAG,), "DE-Heu1")],
    "read-margin": [Machine(BOOK, "polls", (7, 8), "7 of 8")],
    "tag-usage": [
        Machine(BOOK, "tag.type_of_usage", 0x70, "finding.usage"),
        Machine(BOOK, "item.item_type", "REF", "finding.usage"),
    ],
    "spine-label": [Machine(BOOK, "label_seen", ("QA", "76.73", ".P89", "D64", "2026", "v.2"), ".P89")],
    "class-agrees": [
        Machine(BOOK, "item.marc.class_numbers", (("090", "lc", "QA76.9 .D3"),), "QA76.9"),
        Machine(BOOK, "item.marc.class_numbers", (("050", "lc", "QB76.73 .P98 D64"),), "QB76.73"),
        Machine(BOOK, "item.marc.class_numbers", (("090", "lc", "QA9 .D3"), ("050", "lc", "QA76.73 .P98")), "090"),
        Machine(_numbered("Y 4.J 89/2:98/52", "sudoc"), *_CLASSES, (("086", "sudoc", "Y 4.J 89/1:98/52"),), "086"),
        Machine(_numbered("VIDEO DVD 12", "local"), *_CLASSES, (("099", "local", "VIDEO VHS 12"),), "099"),
        Machine(_numbered("B MOZA MF A20", "anscr"), *_CLASSES, (("099", "local", "B MOZA MF A21"),), "099"),
    ],
    "class-near": [
        Machine(SINGLE, "item.marc.class_numbers", (("050", "lc", "ML3506 .S36"),), "ML3506"),
        Machine(
            but(_numbered("813.54 S645", "dewey"), item__marc__class_numbers=(("082", "dewey", "823/.914"),)),
            *_CLASSES,
            (("082", "dewey", "530.1"),),
            "530.1",
        ),
    ],
    "call-number-typed": [
        Machine(BOOK, *_CLASSES, (("050", "lc", "QA76.73 .P89 D64 2026"),), ".P89"),
        Machine(SINGLE, "item.call_number", "QA76.73 .P98 D64 2O26", "2O26"),
        Machine(
            but(_numbered("813.54 S645", "dewey"), item__marc__class_numbers=(("092", "dewey", "813.54 S645"),)),
            "item.call_number",
            "813.54 S654",
            "S645",
        ),
    ],
    "call-number-scheme": [
        Machine(
            but(BOOK, item__marc__class_numbers=(), item__location="", receipt__library=""),
            "item.call_number_scheme",
            "dewey",
            "finding.not-of-scheme",
        )
    ],
    "call-number-complete": [
        Machine(BOOK, "item.call_number", "QA76.73", "finding.no-cutter"),
        Machine(BOOK, "item.call_number", "", "finding.no-call-number-in-record"),
        Machine(
            but(BOOK, item__marc__class_numbers=(), item__location="", receipt__library=""),
            "item.call_number",
            "M1507.A+",
            "finding.bare-cutter",
        ),
    ],
    "call-number-dated": [
        Machine(BOOK, "item.call_number", "QA76.73 .P98 D64", "finding.no-date"),
    ],
    "call-number-date": [Machine(SINGLE, "item.call_number", "QA76.73 .P98 D64 1999", "1999")],
    "call-number-unique": [Machine(BOOK, "same_number", ("ocm1: Other proofs",), "Other proofs")],
    "prefix-wanted": [
        Machine(OVERSIZE, "item.label_lines", ("QA", "76.73", ".P98", "D64", "2026", "v.2"), "finding.no-prefix")
    ],
    "class-location": [
        Machine(but(BOOK, receipt__library=""), "item.location", "MUSIC", "finding.other-location"),
    ],
    "oversize-location": [
        Machine(BOOK, "item.height_cm", 31.0, "finding.oversize"),
        Machine(OVERSIZE, "item.height_cm", 28.0, "finding.not-oversize"),
    ],
    "volume-expected": [
        Machine(UNSEEN, "item.label_lines", ("QA", "76.73", ".P98", "D64", "2026"), "finding.volume-not-on-label"),
    ],
    "label-fits": [
        Machine(
            BOOK, "item.label_problems", (Sentence.verbatim("Line 1 (EXTRAORDINARY) is too wide."),), "EXTRAORDINARY"
        ),
    ],
    "gift-donor": [Machine(GIFT, "item.marc.donor", "", "finding.no-donor")],
    "lease-identified": [Machine(LEASED, "item.purchase", "", "finding.no-lease")],
    "pieces-counted": [
        Machine(DISCS, "counted", 1, "finding.pieces.odd.count"),
        Machine(DISCS, "counted", 3, "finding.pieces.odd.count"),
    ],
    "accompanying-parts": [
        Machine(
            but(BOOK, item__description="", item__marc__part_title="", label_seen=None),
            "item.accompanying",
            "1 map",
            "1 map",
        ),
        Machine(DISCS, "item.accompanying", "", "finding.parts-not-in-record"),
    ],
    "strip-allowed": [Machine(CASSETTE, "item.marc.carriers", ("ss",), "finding.magnetic")],
    "type-agrees": [
        Machine(BOOK, "item.marc.findings", ((code, Sentence.verbatim(f"It is {code}.")),), code)
        for code in ("type-007", "type-media", "type-carrier", "type-content", "carrier-media", "carrier-007")
    ],
    "item-type-agrees": [
        Machine(BOOK, "item.marc.findings", ((code, Sentence.verbatim(f"It is {code}.")),), code)
        for code in ("type-item", "online-item")
    ],
    "rules-coded": [
        Machine(BOOK, "item.marc.findings", ((code, Sentence.verbatim(f"It is {code}.")),), code)
        for code in ("rda-coded-aacr2", "rda-not-said", "rda-with-gmd", "rda-without-carrier")
    ],
    "copy-complete": [
        *(
            Machine(BOOK, "item.marc.findings", ((code, Sentence.verbatim(f"It is {code}.")),), code)
            for code in (
                "level-prepublication",
                "level-preliminary",
                "projected-date",
                "extent-unfinished",
                "extent-missing",
            )
        ),
        Machine(BOOK, "item.marc.height_given", False, "300 $c"),
    ],
    "language-plausible": [
        Machine(BOOK, "item.marc.languages", ("fre",), "fre"),
        Machine(BOOK, "item.marc.audience", "q", "finding.no-such-audience"),
    ],
    **{
        name: [
            Machine(BOOK, "item.marc.findings", ((code, Sentence.verbatim(f"It is {code}.")),), code)
            for code in codes.split()
        ]
        for name, codes in {
            "indicators-defined": "indicator-undefined",
            "title-indicators": "title-added-entry nonfiling-count",
            "subjects-present": "subject-missing",
            "publication-present": "publication-missing",
            "extent-agrees": "extent-type medium-type disc-in-note",
            "years-plausible": "year-future",
            "digits-typed": "letter-in-date letter-in-isbn letter-in-price",
            "serial-coded": "level-dates level-frequency level-extent",
            "form-agrees": "form-carrier",
            "codes-valid": "language-unknown country-unknown",
            "country-agrees": "country-place",
            "series-traced": "series-not-traced series-number",
            "subject-source": "subject-source-missing",
            "isbn-valid": "isbn-invalid issn-invalid",
            "title-present": "title-missing holdings-only",
            "format-valid": "fixed-length field-undefined field-repeated subfield-empty title-a-missing",
            "text-typed": "word-doubled bracket-open statement-unmarked",
            "headings-formed": "name-direct name-dates name-misspelled person-as-topic heading-twice",
            "coded-as-described": "title-language illustrations-uncoded bibliography-uncoded",
            "items-agree": "barcode-twice copy-twice volume-missing volume-twice volume-beyond volume-letter "
            "location-missing",
            "text-intact": "characters-lost characters-twice-encoded characters-control "
            "alternate-without-link alternate-without-pair pair-without-alternate text-damaged",
        }.items()
    },
    "price-plausible": [
        Machine(BOOK, "item.price", price, price) for price in ("0.00", "$0", "USD 0.01", "9999.99", "12000.00")
    ],
    "location-known": [
        Machine(
            but(BOOK, item__call_number="ZA3075 .X1 2026", item__marc__class_numbers=(), receipt__library=""),
            "item.location",
            "STAKCS",
            "STAKCS",
        )
    ],
    "piece-number-recorded": [
        Machine(but(BOOK, item__marc__other_numbers=()), "item.isbns", (), "finding.number-not-recorded")
    ],
    "price-present": [
        Machine(BOOK, "item.price", "", "finding.no-price"),
        Machine(BOOK, "item.price", "PBK12", "PBK12"),
        Machine(but(BOOK, receipt__invoiced_price="24.95 USD"), "item.price", "", "finding.no-price-but-invoiced"),
    ],
    "vendor-barcode": [
        Machine(BOOK, "item.marc.vendor_barcodes", ("31234000000024",), "31234000000024"),
        Machine(BOOK, "receipt.listed_barcode", "31234000000024", "finding.list-says-barcode"),
        Machine(BOOK, "receipt.other_title", "Lakes", "finding.barcode-of-other-title"),
    ],
    "retention-shown": [
        Machine(BOOK, "item.retained", True, "finding.retained"),
        Machine(BOOK, "item.marc.retention", RETENTION, RETENTION),
    ],
    "retention-kept": [
        Machine(WITHDRAWN, "item.retained", True, "finding.retained"),
        Machine(WITHDRAWN, "item.marc.retention", RETENTION, RETENTION),
    ],
    "as-invoiced": [
        Machine(BOOK, "receipt.listed", False, "finding.not-listed"),
        Machine(BOOK, "receipt.received", 2, "finding.more-than-listed"),
        Machine(
            but(BOOK, receipt__shipped=2, receipt__received=2, receipt__ordered=2),
            "receipt.ordered",
            1,
            "finding.more-than-ordered",
        ),
        Machine(but(BOOK, item__purchase="POL-1", receipt__order_line="POL-1"), "receipt.order_line", "POL-9", "POL-9"),
        Machine(BOOK, "receipt.library", "EAST", "EAST"),
    ],
}
"""Rule -> one changed fact that makes this rule fail and no other."""

PERSON: dict[str, Person] = {
    "title-in-hand": Person(BOOK, "Other title"),
    "edition-in-hand": Person(BOOK, "Other edition"),
    "volume-in-hand": Person(BOOK, "Other volume"),
    "set-part": Person(DISCS, "Other part"),
    "old-tag-out": Person(REPLACED, "Old tag still inside"),
    "tag-released": Person(ELSEWHERE, "Tag not erased"),
    "tag-place": Person(BOOK, "Tag on metal"),
    "tag-place-disc": Person(DISCS, "Tag on metal"),
    "spine-label": Person(UNSEEN, "Line missing"),
    "prefix-on-label": Person(OVERSIZE, "Prefix missing"),
    "oversize-location": Person(UNMEASURED, "Oversize, not marked"),
    "label-place": Person(BOOK, "Peeling or bare"),
    "volume-on-label": Person(UNSEEN, "Volume line missing"),
    "property-stamp": Person(BOOK, "No stamp"),
    "marks-cancelled": Person(WITHDRAWN, "Barcode not struck out"),
    "own-marks-off": Person(RETURNED, "Marks of ours left"),
    "no-stamp": Person(LEASED, "Stamped by mistake"),
    "no-stamp-before-binding": Person(BINDING, "Stamped by mistake"),
    "gift-plate": Person(GIFT, "No gift plate"),
    "foreign-marks": Person(GIFT, "Other library's marks"),
    "lease-marks": Person(LEASED, "No lease label"),
    "pieces-counted": Person(UNCOUNTED, "Wrong piece"),
    "parts-label": Person(DISCS, "No parts label"),
    "disc-marked": Person(DISCS, "Disc not marked"),
    "strip-in-place": Person(BOOK, "No strip or case"),
    "finish": Person(BOOK, "Slip or pocket missing"),
    "undamaged": Person(BOOK, "Damaged"),
    "note-read": Person(NOTED, "Note not carried out"),
}
"""Rule -> the reason that a person gives when everything else is right."""
