"""A passing item of each kind, and for every rule one fact changed by which it fails.

The site's file gives every table that shipped rules leave to the site, so that no rule abstains for want of one.
"""

from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

import msgspec

from station.encoding.content import Severity as TagSeverity
from station.encoding.content import TagContent
from station.encoding.doctor import Diagnosis
from station.model import Barcode, ItemRecord, RecordFacts
from station.quality.facts import Facts, Ledger, Receipt, Site
from station.quality.rules import Catalogue
from station.quality.shipped import with_site
from station.settings import Barcodes

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
"""
CATALOGUE: Catalogue = with_site(SITE_FILE, "site.toml")

CODE = Barcode("31234000000016")
ISIL = "US-TxImag"
TAG = "E004010000000001"
MARC = RecordFacts(
    edition="2nd edition.",
    years=("2026",),
    fixed_years=("2026",),
    part_title="v. 2",
    class_numbers=(("050", "lc", "QA76.73 .P98"),),
    other_numbers=("9780000000002",),
    acquisition="Purchase",
    vendor_barcodes=(CODE,),
    carriers=("nc",),
    language="eng",
    languages=("eng",),
    audience="g",
    height_given=True,
)
BOOK = Facts(
    item=ItemRecord(
        barcode=CODE,
        title="Imaginary proofs",
        author="Doe, Jane",
        call_number="QA76.73 .P98 D64 2026",
        call_number_scheme="lc",
        library="MAIN",
        location="STACKS",
        description="v.2",
        material="book",
        extent="345 pages",
        height_cm=24.0,
        isbns=("9780877663638",),
        price="10.00",
        label_lines=("QA", "76.73", ".P98", "D64", "2026", "v.2"),
        status="ACQ",
        suppressed=False,
        retained=False,
        marc=MARC,
    ),
    site=Site(
        isil=ISIL,
        barcodes=Barcodes(),
        model="28560-2",
        usage=0x10,
        oversize_cm=30.0,
        oversize_locations=("OVERSIZE",),
        bind_first_item_types=("BIND",),
    ),
    scanned="9780877663638",
    label_seen=("QA", "76.73", ".P98", "D64", "2026", "v.2"),
    counted=1,
    tag=TagContent(CODE, ISIL, type_of_usage=0x10),
    afi=0x07,
    tags_in_field=1,
    others=(),
    diagnoses=(),
    ledger=Ledger(holders=(TAG,), bound_to=CODE),
    polls=(8, 8),
    receipt=Receipt(listed=True, library="MAIN"),
    same_number=(),
)


def changed(facts: Facts, path: str, value: Any) -> Facts:
    """The facts with one of them, named as "item.marc.years", changed."""
    name, _, rest = path.partition(".")
    inner = getattr(facts, name)
    new = changed(inner, rest, value) if rest else value
    if dataclasses.is_dataclass(facts):
        return dataclasses.replace(facts, **{name: new})
    return msgspec.structs.replace(facts, **{name: new})


def _but(facts: Facts, **changes: Any) -> Facts:
    for path, value in changes.items():
        facts = changed(facts, path.replace("__", "."), value)
    return facts


DISCS = _but(
    BOOK,
    item__description="",
    item__marc__part_title="",
    item__material="music-cd",
    item__extent="1 audio disc",
    item__accompanying="1 booklet",
    item__parts=2,
    item__marc__carriers=("sd",),
    tag__parts=2,
    counted=2,
)
UNCOUNTED = _but(DISCS, counted=None)
UNSEEN = _but(BOOK, label_seen=None)
UNTAGGED = _but(BOOK, tag=None, ledger=None, afi=None, item__marc__vendor_barcodes=())
LEASED = _but(BOOK, item__marc__acquisition="Lease", item__purchase="POL-1")
GIFT = _but(BOOK, item__marc__acquisition="Gift", item__marc__donor="Friends of Imaginary Places")
BINDING = _but(BOOK, item__item_type="BIND")
OVERSIZE = _but(
    UNSEEN,
    item__height_cm=31.0,
    item__location="OVERSIZE",
    item__label_lines=("OVERSIZE", "QA", "76.73", ".P98", "D64", "2026", "v.2"),
)
UNMEASURED = _but(OVERSIZE, item__height_cm=None)
REPLACED = _but(BOOK, replaced="E004010000000002")
NOTED = _but(BOOK, item__notes=("To the bindery first",))
WITHDRAWN = _but(BOOK, task="withdrawal")
CASSETTE = _but(BOOK, item__material="audiobook", item__marc__carriers=("sd",))
BASES = {
    "book": BOOK,
    "discs": DISCS,
    "uncounted": UNCOUNTED,
    "unseen": UNSEEN,
    "untagged": UNTAGGED,
    "leased": LEASED,
    "gift": GIFT,
    "binding": BINDING,
    "oversize": OVERSIZE,
    "unmeasured": UNMEASURED,
    "replaced": REPLACED,
    "noted": NOTED,
    "withdrawn": WITHDRAWN,
    "cassette": CASSETTE,
}
"""Every one of them passes every rule that applies to it."""


class Machine(NamedTuple):
    """A fail that the machine sees."""

    base: Facts
    path: str
    value: Any
    word: str
    """Something of the reason."""


class Person(NamedTuple):
    """A fail that a person sees."""

    base: Facts
    reason: str


def _bad(code: str) -> Diagnosis:
    return Diagnosis(code, TagSeverity.MAJOR, f"It is {code}.", "Look.")


FOREIGN_TAG = TagContent("30001000000001", "DE-Heu1")
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
RETENTION = "committed to retain 20150101"
MACHINE: dict[str, list[Machine]] = {
    "barcode-known": [Machine(BOOK, "found", False, CODE)],
    "barcode-format": [
        Machine(UNTAGGED, "item.barcode", "31234000000017", "check digit"),
        Machine(BOOK, "site.barcodes", Barcodes(length=10), "not 10"),
        Machine(BOOK, "site.barcodes", Barcodes(prefixes=("2",)), "does not begin"),
    ],
    "piece-number": [Machine(BOOK, "scanned", "9780131103627", "not in the record")],
    "piece-number-cancelled": [
        Machine(
            _but(BOOK, item__marc__cancelled_isbns=("9780877663638",)), "item.isbns", ("9780131103627",), "020 $z only"
        )
    ],
    "years-agree": [
        Machine(BOOK, "item.marc.fixed_years", ("1999",), "1999"),
    ],
    "volume-agrees": [
        Machine(BOOK, "item.marc.part_title", "v. 3", "part title says 3"),
        Machine(_but(BOOK, item__label_lines=()), "item.description", "v.5", "v.5"),
    ],
    "item-released": [Machine(UNTAGGED, "item.status", code, code) for code in (*_AWAY, "Withdrawn")],
    "not-suppressed": [
        Machine(BOOK, "item.suppressed", True, "suppressed"),
        Machine(BOOK, "item.marc.deleted", True, "deleted"),
    ],
    "tag-single": [Machine(BOOK, "tags_in_field", 2, "2 tags"), Machine(BOOK, "tags_in_field", 0, "0 tags")],
    "tag-identifier": [
        Machine(BOOK, "tag.primary_item_identifier", "31234000000024", "31234000000024"),
        Machine(BOOK, "tag.primary_item_identifier", "", "nothing"),
    ],
    "tag-owner": [
        Machine(BOOK, "tag.owner_institution", "DE-Heu1", "DE-Heu1"),
        Machine(BOOK, "tag.owner_institution", "", "nothing"),
    ],
    "tag-set": [
        Machine(DISCS, "tag.part", 2, "part 2 of 2"),
        Machine(UNCOUNTED, "tag.parts", 3, "part 1 of 3"),
        Machine(DISCS, "part", 2, "it is part 2"),
        Machine(DISCS, "others", (TagContent(CODE, ISIL, part=1, parts=2),), "part 1 is there twice"),
        Machine(DISCS, "others", (TagContent(CODE, ISIL, part=2, parts=3),), "2 and 3 parts"),
    ],
    "tag-structure": [
        Machine(BOOK, "diagnoses", (_bad("structure-broken"),), "structure-broken"),
        Machine(BOOK, "diagnoses", (_bad("chip-too-small"),), "chip-too-small"),
    ],
    "tag-security": [Machine(BOOK, "afi", 0xC2, "C2"), Machine(BOOK, "afi", 0x00, "00")],
    "tag-locks": [Machine(BOOK, "diagnoses", (_bad("afi-locked"),), "afi-locked")],
    "tag-ledger": [
        Machine(BOOK, "ledger.holders", (TAG, "E004010000000009"), "2 tags"),
        Machine(BOOK, "ledger.bound_to", "31234000000024", "31234000000024"),
    ],
    "second-tag": [Machine(BOOK, "others", (FOREIGN_TAG,), "DE-Heu1")],
    "read-margin": [Machine(BOOK, "polls", (7, 8), "7 of 8")],
    "tag-usage": [
        Machine(BOOK, "tag.type_of_usage", 0x70, "it should say"),
        Machine(BOOK, "item.item_type", "REF", "it should say"),
    ],
    "spine-label": [Machine(BOOK, "label_seen", ("QA", "76.73", ".P89", "D64", "2026", "v.2"), ".P89")],
    "class-agrees": [
        Machine(BOOK, "item.marc.class_numbers", (("050", "lc", "QA76.9 .D3"),), "QA76.9"),
        Machine(BOOK, "item.marc.class_numbers", (("090", "lc", "QA9 .D3"), ("050", "lc", "QA76.73 .P98")), "090"),
    ],
    "call-number-scheme": [
        Machine(
            _but(BOOK, item__marc__class_numbers=(), item__location="", receipt__library=""),
            "item.call_number_scheme",
            "dewey",
            "no dewey number",
        )
    ],
    "call-number-complete": [
        Machine(BOOK, "item.call_number", "QA76.73", "cutter"),
        Machine(BOOK, "item.call_number", "", "no call number"),
    ],
    "call-number-dated": [
        Machine(BOOK, "item.call_number", "QA76.73 .P98 D64", "the date is missing"),
    ],
    "call-number-date": [Machine(BOOK, "item.call_number", "QA76.73 .P98 D64 1999", "1999")],
    "call-number-unique": [Machine(BOOK, "same_number", ("ocm1: Other proofs",), "Other proofs")],
    "prefix-wanted": [
        Machine(OVERSIZE, "item.label_lines", ("QA", "76.73", ".P98", "D64", "2026", "v.2"), "OVERSIZE is missing")
    ],
    "class-location": [
        Machine(_but(BOOK, receipt__library=""), "item.location", "MUSIC", "QA belongs to STACKS OVERSIZE"),
    ],
    "oversize-location": [
        Machine(BOOK, "item.height_cm", 31.0, "31 cm is oversize"),
        Machine(OVERSIZE, "item.height_cm", 28.0, "not oversize"),
    ],
    "volume-expected": [
        Machine(UNSEEN, "item.label_lines", ("QA", "76.73", ".P98", "D64", "2026"), "v.2 is not on the label"),
    ],
    "label-fits": [
        Machine(BOOK, "item.label_problems", ("Line 1 (EXTRAORDINARY) is too wide.",), "EXTRAORDINARY"),
    ],
    "gift-donor": [Machine(GIFT, "item.marc.donor", "", "541 and 561")],
    "lease-identified": [Machine(LEASED, "item.purchase", "", "names the lease")],
    "pieces-counted": [
        Machine(DISCS, "counted", 1, "the count by hand is odd"),
        Machine(DISCS, "counted", 3, "the count by hand is odd"),
    ],
    "accompanying-parts": [
        Machine(
            _but(BOOK, item__description="", item__marc__part_title="", label_seen=None),
            "item.accompanying",
            "1 map",
            "1 map",
        ),
        Machine(DISCS, "item.accompanying", "", "one piece"),
    ],
    "strip-allowed": [Machine(CASSETTE, "item.marc.carriers", ("ss",), "magnetic")],
    "type-agrees": [
        Machine(BOOK, "item.marc.findings", ((code, f"It is {code}."),), code)
        for code in ("type-007", "type-media", "type-carrier", "carrier-media", "carrier-007")
    ],
    "rules-coded": [
        Machine(BOOK, "item.marc.findings", ((code, f"It is {code}."),), code)
        for code in ("rda-coded-aacr2", "rda-not-said", "rda-with-gmd", "rda-without-carrier")
    ],
    "copy-complete": [
        *(
            Machine(BOOK, "item.marc.findings", ((code, f"It is {code}."),), code)
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
        Machine(BOOK, "item.marc.audience", "q", "does not exist"),
    ],
    "price-present": [Machine(BOOK, "item.price", "", "no price")],
    "vendor-barcode": [Machine(BOOK, "item.marc.vendor_barcodes", ("31234000000024",), "31234000000024")],
    "retention-shown": [
        Machine(BOOK, "item.retained", True, "keep"),
        Machine(BOOK, "item.marc.retention", RETENTION, RETENTION),
    ],
    "retention-kept": [
        Machine(WITHDRAWN, "item.retained", True, "keep"),
        Machine(WITHDRAWN, "item.marc.retention", RETENTION, RETENTION),
    ],
    "as-invoiced": [
        Machine(BOOK, "receipt.listed", False, "not on the packing list"),
        Machine(BOOK, "receipt.received", 2, "2 came, 1 ordered"),
        Machine(BOOK, "receipt.library", "EAST", "EAST"),
    ],
}
"""Rule -> one fact changed, by which this rule fails and no other."""

PERSON: dict[str, Person] = {
    "title-in-hand": Person(BOOK, "Other title"),
    "edition-in-hand": Person(BOOK, "Other edition"),
    "volume-in-hand": Person(BOOK, "Other volume"),
    "set-part": Person(DISCS, "Other part"),
    "old-tag-out": Person(REPLACED, "Old tag still inside"),
    "tag-place": Person(BOOK, "Tag on metal"),
    "tag-place-disc": Person(DISCS, "Tag on metal"),
    "spine-label": Person(UNSEEN, "Line missing"),
    "prefix-on-label": Person(OVERSIZE, "Prefix missing"),
    "oversize-location": Person(UNMEASURED, "Oversize, not marked"),
    "label-place": Person(BOOK, "Peeling or bare"),
    "volume-on-label": Person(UNSEEN, "Volume line missing"),
    "property-stamp": Person(BOOK, "No stamp"),
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
"""Rule -> the reason that a person gives where everything else is right."""
