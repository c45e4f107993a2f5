"""Imaginary items of which every rule that applies holds, and for each machine check one fact changed by which it fails.

They are what the pictures of the rules show: both are run through the rule before anything is drawn, so that a picture shows
what the rule does, also where a site has changed it. The tests of the rules begin with the same items.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Final, NamedTuple

import msgspec

from station.base.settings import Barcodes
from station.domain.findings import Outcome
from station.domain.item import Barcode, ItemRecord, RecordFacts
from station.domain.packing_lists import Receipt
from station.encoding.content import TagContent
from station.encoding.doctor import doctor
from station.quality.checks.applies import applies
from station.quality.checks.facts import Facts, Ledger, Site
from station.quality.checks.judgement import Judgement
from station.quality.checks.table import PREDICATES
from station.quality.rules import Rule

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
    eas=True,
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
    new: Any = changed(inner, rest, value) if rest else value
    if dataclasses.is_dataclass(facts):
        return dataclasses.replace(facts, **{name: new})
    return msgspec.structs.replace(facts, **{name: new})


def but(facts: Facts, **changes: Any) -> Facts:
    """The same for several facts, named as item__marc__years."""
    for path, value in changes.items():
        facts = changed(facts, path.replace("__", "."), value)
    return facts


DISCS = but(
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
UNCOUNTED = but(DISCS, counted=None)
UNSEEN = but(BOOK, label_seen=None)
UNTAGGED = but(BOOK, tag=None, ledger=None, afi=None, eas=None, item__marc__vendor_barcodes=())
LEASED = but(BOOK, item__marc__acquisition="Lease", item__purchase="POL-1")
GIFT = but(BOOK, item__marc__acquisition="Gift", item__marc__donor="Friends of Imaginary Places")
BINDING = but(BOOK, item__item_type="BIND")
OVERSIZE = but(
    UNSEEN,
    item__height_cm=31.0,
    item__location="OVERSIZE",
    item__label_lines=("OVERSIZE", "QA", "76.73", ".P98", "D64", "2026", "v.2"),
)
UNMEASURED = but(OVERSIZE, item__height_cm=None)
REPLACED = but(BOOK, replaced="E004010000000002")
NOTED = but(BOOK, item__notes=("To the bindery first",))
WITHDRAWN = but(BOOK, task="withdrawal", tag=None, ledger=None, afi=0x00, eas=False)
"""It lies on the pad once more, and its tag is erased."""
ELSEWHERE = but(WITHDRAWN, afi=None, eas=None, tags_in_field=None, others=None)
"""The same without a look at the pad."""
RETURNED = but(LEASED, task="lease-return", tag=None, ledger=None, afi=0x00, eas=False)
CASSETTE = but(BOOK, item__material="audiobook", item__marc__carriers=("sd",))
OTHER_BINDING = but(BOOK, item__marc__cancelled_isbns=("9780877663638",))
FIELDS: Final = (
    ("LDR/06", "a"),
    ("LDR/17", " "),
    ("LDR/18", "i"),
    ("007/00", "t"),
    ("040$e", "rda"),
    ("245$h", ""),
    ("263$a", ""),
    ("300$a", "345 pages"),
    ("300$c", "24 cm"),
    ("336$b", "txt"),
    ("337$b", "n"),
    ("338$b", "nc"),
)
"""The fields of a record that is right, as far as the pictures of record findings show it."""
RECORD = but(BOOK, item__chosen=tuple((name, (text,) if text else ()) for name, text in FIELDS))
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
    "elsewhere": ELSEWHERE,
    "returned": RETURNED,
    "cassette": CASSETTE,
    "other-binding": OTHER_BINDING,
    "record": RECORD,
}
"""Every one of them passes every rule that applies to it."""

FOREIGN_TAG = TagContent("30001000000001", "DE-Heu1")


class Change(NamedTuple):
    """One thing that is changed about a passing item. A value may depend on the rule, as a site may have changed that."""

    base: str
    path: str
    value: Any
    follows: tuple[tuple[str, Any], ...] = ()
    """What somebody else finds in consequence: the catalog in a record, the label template in a line."""


def _diagnosed(code: str, **values: str) -> tuple[doctor.Diagnosis, ...]:
    """What the tag doctor says, in its own words."""
    check = next(one for one in doctor.CHECKS if one.code == code)
    return (doctor.Diagnosis(code, check.severity, check.sentence.format(**values), check.advice),)


def _first_code(rule: Rule) -> str:
    return next(iter(rule.codes), "")


def _record(*values: tuple[str, str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The record of `RECORD` with other values in these fields; "" = the field is not there."""
    other = dict(values)
    return tuple((name, (other.get(name, text),) if other.get(name, text) else ()) for name, text in FIELDS)


def _found(code: str, sentence: str) -> tuple[tuple[str, Any], ...]:
    return (("item.marc.findings", ((code, sentence),)),)


CHANGES: Final[dict[str, tuple[Change, ...]]] = {
    "barcode_known": (Change("book", "found", False),),
    "barcode_format": (Change("untagged", "item.barcode", Barcode("31234000000017")),),
    "piece_number": (Change("book", "scanned", "9780131103627"),),
    "piece_number_cancelled": (Change("other-binding", "item.isbns", ("9780131103627",)),),
    "years_agree": (Change("book", "item.marc.fixed_years", ("1999",)),),
    "volume_agrees": (Change("book", "item.marc.part_title", "v. 3"),),
    "item_status": (Change("untagged", "item.status", _first_code),),
    "suppressed": (Change("book", "item.suppressed", True),),
    "on_packing_list": (Change("book", "receipt.received", 2), Change("book", "receipt.library", "EAST")),
    "lease_identified": (Change("leased", "item.purchase", ""),),
    "donor_named": (Change("gift", "item.marc.donor", ""),),
    "single_tag": (Change("book", "tags_in_field", 2),),
    "tag_identifier": (Change("book", "tag.primary_item_identifier", "31234000000024"),),
    "tag_owner": (Change("book", "tag.owner_institution", "DE-Heu1"),),
    "tag_set": (Change("discs", "tag.part", 2),),
    "tag_structure": (Change("book", "diagnoses", _diagnosed("first-block-only")),),
    "tag_security": (Change("book", "afi", 0xC2),),
    "tag_eas": (Change("book", "eas", False),),
    "tag_released": (Change("withdrawn", "afi", 0x07), Change("returned", "afi", 0x07)),
    "tag_locks": (Change("book", "diagnoses", _diagnosed("afi-locked", afi="07")),),
    "tag_ledger": (Change("book", "ledger.bound_to", "31234000000024"),),
    "second_tag": (Change("book", "others", (FOREIGN_TAG,)),),
    "read_margin": (Change("book", "polls", (5, 8)),),
    "tag_usage": (Change("book", "tag.type_of_usage", 0x70),),
    "label_matches": (Change("book", "label_seen", ("QA", "76.73", ".P89", "D64", "2026", "v.2")),),
    "class_agrees": (Change("book", "item.marc.class_numbers", (("050", "lc", "QA76.9 .D3"),)),),
    "call_number_parses": (Change("book", "item.call_number_scheme", "dewey"),),
    "call_number_complete": (Change("book", "item.call_number", "QA76.73"),),
    "call_number_dated": (Change("book", "item.call_number", "QA76.73 .P98 D64"),),
    "call_number_date": (Change("book", "item.call_number", "QA76.73 .P98 D64 1999"),),
    "call_number_unique": (Change("book", "same_number", ("ocm1: Other proofs",)),),
    "prefix_on_label": (Change("oversize", "item.label_lines", BOOK.item.label_lines),),
    "class_fits_location": (Change("book", "item.location", "MUSIC"),),
    "oversize_location": (Change("book", "item.height_cm", 31.0),),
    "volume_on_label": (Change("unseen", "item.label_lines", ("QA", "76.73", ".P98", "D64", "2026")),),
    "label_fits": (
        Change(
            "unseen",
            "item.label_lines",
            ("QA", "76.73", ".P98", "D64", "2026", "v.2 Suppl.1"),
            (("item.label_problems", ("Line 6 (v.2 Suppl.1) has 11 characters, the label takes 10.",)),),
        ),
    ),
    "record_findings": (
        Change(
            "record",
            "item.chosen",
            _record(("007/00", "v")),
            _found("type-007", "The record is of text, but 007 says v."),
        ),
        Change(
            "record",
            "item.item_type",
            "DVD",
            _found("type-item", "The record is of text, but the item type is DVD."),
        ),
        Change(
            "record",
            "item.chosen",
            _record(("LDR/18", "a")),
            _found("rda-coded-aacr2", "The record says RDA (040 $e), its leader says AACR2."),
        ),
    ),
    "copy_left_over": (
        Change(
            "record",
            "item.chosen",
            _record(("LDR/17", "8")),
            _found("level-prepublication", "The record was made before the thing was published (encoding level 8)."),
        ),
    ),
    "language_plausible": (Change("book", "item.marc.languages", ("fre",)),),
    "price_present": (Change("book", "item.price", ""),),
    "vendor_barcode": (Change("book", "item.marc.vendor_barcodes", ("31234000000024",)),),
    "retention": (Change("book", "item.retained", True), Change("withdrawn", "item.retained", True)),
    "pieces_agree": (Change("discs", "counted", 1),),
    "accompanying_parts": (Change("discs", "item.accompanying", ""),),
    "strip_allowed": (Change("cassette", "item.marc.carriers", ("ss",)),),
}
"""By machine check; the first that a rule passes and then fails is drawn. The check "field" has its own (`of_field`)."""

TABLES: Final[dict[str, dict[str, str]]] = {
    "prefix_on_label": {"OVERSIZE": "OVERSIZE"},
    "class_fits_location": {"QA": "STACKS", "M": "MUSIC"},
    "strip_allowed": {"book": "Tattle-Tape", "audiobook": "Tattle-Tape"},
    "call_number_dated": {"STACKS": "date"},
    "prefix-on-label": {"OVERSIZE": "OVERSIZE"},
    "strip-in-place": {"book": "Tattle-Tape"},
    "finish": {"STACKS": "date slip"},
}
"""By machine check, or by the rule that a person looks at: what a library might want, where this one has not said."""
_ANY: Final = "…"
"""Some text or other."""


class Example(NamedTuple):
    """A rule, perhaps with a table for the example, and what is shown of it."""

    rule: Rule
    right: Facts | None
    """The rule passes it; None = no item is known of which it does."""
    wrong: Facts | None
    """The rule fails it."""
    asked: Facts | None
    """A person is asked about it."""
    invented: bool = False
    """The table is one of `TABLES`."""


def example(rule: Rule) -> Example:
    """What the picture of a rule shows."""
    ways = [rule] if rule.table or rule.table is None else []
    invented = TABLES.get(rule.check) or TABLES.get(rule.id)
    if rule.table is not None and invented:
        ways.append(msgspec.structs.replace(rule, table=invented))
    if rule.table is not None and rule not in ways:
        ways.append(rule)
    for way in ways:
        right, wrong = _judged(way) if way.by_machine else (None, None)
        asked = _asked(way) if way.by_person else None
        if wrong is not None or asked is not None:
            return Example(way, right, wrong, asked, way is not rule)
    return Example(rule, None, None, None)


def _judged(rule: Rule) -> tuple[Facts | None, Facts | None]:
    for change in CHANGES.get(rule.check, ()):
        right = fitted(BASES[change.base], rule)
        value = change.value(rule) if callable(change.value) else change.value
        wrong = changed(right, change.path, value)
        for path, found in change.follows:
            wrong = changed(wrong, path, found)
        if (outcome(rule, right), outcome(rule, wrong)) == (Outcome.PASS, Outcome.FAIL):
            return right, wrong
    return of_field(rule) if rule.check == "field" else (None, None)


def of_field(rule: Rule) -> tuple[Facts | None, Facts | None]:
    """The same for a site's rule over one field, made of its operator and values."""
    first = next(iter(rule.values), "").replace("*", "").replace("?", "x")
    low, high = (f"{(rule.limit or 0) + step:g}" for step in (-1, 0))
    values = {
        "present": (_ANY, ""),
        "absent": ("", _ANY),
        "none-of": (_ANY, first),
        "matches-not": (_ANY, first),
        "at-least": (high, low),
        "at-most": (high, f"{(rule.limit or 0) + 1:g}"),
    }.get(rule.operator, (first, _ANY))
    base = fitted(BOOK, rule)
    right, wrong = (changed(base, "item.chosen", ((rule.field, (text,) if text else ()),)) for text in values)
    good = (outcome(rule, right), outcome(rule, wrong)) == (Outcome.PASS, Outcome.FAIL)
    return (right, wrong) if good else (None, None)


def _asked(rule: Rule) -> Facts | None:
    fitting = (fitted(base, rule) for base in (UNSEEN, *BASES.values()))
    return next((facts for facts in fitting if applies(rule, facts)[0] is True and _is_open(rule, facts)), None)


def _is_open(rule: Rule, facts: Facts) -> bool:
    return rule.ask == "always" or outcome(rule, facts) is Outcome.ABSTAINED


def outcome(rule: Rule, facts: Facts) -> Outcome:
    """What the machine says, whatever the day."""
    return judged(rule, facts).outcome


def judged(rule: Rule, facts: Facts) -> Judgement:
    """The same with its reason."""
    holds, why = applies(rule, facts)
    if holds:
        return PREDICATES[rule.check].run(facts, rule)
    return Judgement(Outcome.ABSTAINED if holds is None else Outcome.NOT_APPLICABLE, why)


def fitted(facts: Facts, rule: Rule) -> Facts:
    """The item as one that the rule's lists name: a site may have a rule for maps, or for one location."""
    when = rule.applies
    for path, allowed, value in (
        ("item.material", when.materials, facts.item.material),
        ("item.location", when.locations, facts.item.location),
        ("item.item_type", when.item_types, facts.item.item_type),
    ):
        if allowed and value not in allowed:
            facts = changed(facts, path, allowed[0])
    return facts
