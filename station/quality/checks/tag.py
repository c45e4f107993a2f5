"""Machine checks of the tag: content read back, diagnoses of the tag doctor, data in the journal."""

from __future__ import annotations

from string import hexdigits
from typing import Final

from station.base.sentence import Sentence
from station.encoding.content import Severity
from station.quality.checks.facts import Facts
from station.quality.checks.judgement import (
    NO_TAG,
    PASS,
    Judgement,
    abstain,
    abstain_as_told,
    fail,
    fail_as_told,
    predicate,
)
from station.quality.diagnoses import sentence as diagnosed
from station.quality.rules import Rule
from station.quality.tag_words import usage_words

LOCKS: Final = (
    "afi-locked",
    "dsfid-locked",
    "locked-in-the-way",
    "locked-needlessly",
    "locked-other-form",
    "locked-unwritten",
    "locked-wrong-identifier",
)
"""Diagnoses of the tag doctor about locks."""
_OTHER_RULES: Final = frozenset(
    {
        *LOCKS,
        "afi-in-stock",
        "afi-not-set",
        "afi-on-loan",
        "afi-other-system",
        "afi-unknown",
        "barcode-differs",
        "barcode-spelling",
        "identifier-no-barcode",
        "isil-unset",
        "not-locked",
        "owner-cut",
        "owner-malformed",
        "owner-missing",
        "owner-other",
        "owner-spelling",
        "part-differs",
        "part-twice",
        "parts-differ",
        "set-disagrees",
        "set-incomplete",
        "set-not-seen",
        "stranger",
        "usage-differs",
        "usage-discarded",
        "usage-patron-card",
    }
)
"""Diagnoses that another rule judges: security, identity, owner, set, locks, usage."""
_BAD: Final = (Severity.CRITICAL, Severity.MAJOR)


@predicate(needs="an inventory")
def single_tag(facts: Facts, _: Rule) -> Judgement:
    """The number of tags that answered is not one (if the whole set is on the pad: not the number of its parts)."""
    if facts.tags_in_field is None:
        return abstain(NO_TAG)
    whole_set = bool(facts.others) and facts.tags_in_field == facts.item.parts
    return PASS if facts.tags_in_field == 1 or whole_set else fail("finding.tags-answered", number=facts.tags_in_field)


@predicate(needs="a tag")
def tag_identifier(facts: Facts, _: Rule) -> Judgement:
    """The primary item identifier on the tag is not the barcode."""
    if facts.tag is None:
        return abstain(NO_TAG)
    if facts.tag.primary_item_identifier == facts.item.barcode:
        return PASS
    return _says(facts.tag.primary_item_identifier)


@predicate(needs="a tag; library.isil")
def tag_owner(facts: Facts, _: Rule) -> Judgement:
    """The owner institution on the tag is not `library.isil`."""
    if facts.tag is None or not facts.site.isil:
        return abstain(NO_TAG if facts.tag is None else "finding.no-isil")
    if facts.tag.owner_institution == facts.site.isil:
        return PASS
    return _says(facts.tag.owner_institution)


def _says(text: str) -> Judgement:
    return fail("finding.tag-says", said=text) if text else fail("finding.tag-says-nothing")


@predicate(needs="a tag")
def tag_set(facts: Facts, _: Rule) -> Judgement:
    """The part number or the number of parts on the tag is wrong, two tags of the item have the same part number, or
    its tags disagree on the number of parts."""
    if facts.tag is None:
        return abstain(NO_TAG)
    numbers = (facts.tag.part, facts.tag.parts)
    if numbers != (facts.part, facts.item.parts):
        return fail("finding.tag-part", said=numbers[0], of_said=numbers[1], part=facts.part, parts=facts.item.parts)
    siblings = [tag for tag in facts.others or () if tag.primary_item_identifier == facts.item.barcode]
    parts = [facts.tag.part, *(tag.part for tag in siblings)]
    twice = sorted({part for part in parts if parts.count(part) > 1})
    if twice:
        return fail("finding.part-twice", part=twice[0])
    totals = {facts.tag.parts, *(tag.parts for tag in siblings)}
    return PASS if len(totals) == 1 else fail("finding.tags-parts", said=", ".join(map(str, sorted(totals))))


@predicate(needs="a tag")
def tag_structure(facts: Facts, _: Rule) -> Judgement:
    """The tag doctor finds a critical or major fault in the structure, CRC, data model or chip."""
    if facts.diagnoses is None:
        return abstain(NO_TAG)
    wrong = [
        diagnosis for diagnosis in facts.diagnoses if diagnosis.severity in _BAD and diagnosis.code not in _OTHER_RULES
    ]
    return fail_as_told(diagnosed(wrong[0])) if wrong else PASS


def _no_afi(facts: Facts) -> Judgement:
    """Return the abstention for a tag without an AFI: no tag was read, or the reader does not report the AFI."""
    return abstain(NO_TAG if facts.diagnoses is None else "finding.no-afi")


@predicate(needs="a tag")
def tag_security(facts: Facts, _: Rule) -> Judgement:
    """The AFI is not that of an item in stock (if the item's status is on loan: not that of an item on loan)."""
    if facts.afi is None:
        return _no_afi(facts)
    wanted = facts.site.afi_on_loan if facts.item.status.casefold() == "loan" else facts.site.afi_in_stock
    return PASS if facts.afi == wanted else fail("finding.afi", said=f"{facts.afi:02X}", wanted=f"{wanted:02X}")


@predicate(needs="a tag whose EAS bit can be read, at a site that uses it")
def tag_eas(facts: Facts, _: Rule) -> Judgement:
    """The EAS bit is not set (if the item's status is on loan: it is set)."""
    if facts.eas is None:
        return abstain_as_told(facts.no_eas, NO_TAG)
    wanted = facts.item.status.casefold() != "loan"
    return PASS if facts.eas == wanted else fail("finding.eas-set" if facts.eas else "finding.eas-not-set")


@predicate(needs="a tag, or the journal of its erasure")
def tag_released(facts: Facts, _: Rule) -> Judgement:
    """The tag still names an item, or its AFI or EAS bit is that of an item in stock."""
    if facts.tag is not None and facts.tag.primary_item_identifier:
        return fail("finding.still-says", said=facts.tag.primary_item_identifier)
    live = [uid for uid in facts.ledger.live if uid != facts.uid] if facts.ledger is not None else []
    if live:
        return abstain("finding.tag-live", tag=live[0][-6:])
    if facts.afi is None:
        return PASS if facts.ledger is not None and facts.ledger.erased else _no_afi(facts)
    if facts.afi == facts.site.afi_in_stock:
        return fail("finding.still-in-stock", said=f"{facts.afi:02X}")
    return fail("finding.eas-still-set") if facts.eas else PASS


@predicate(needs="a tag")
def tag_locks(facts: Facts, _: Rule) -> Judgement:
    """The tag doctor finds a wrong lock of the AFI, the DSFID or blocks."""
    if facts.diagnoses is None:
        return abstain(NO_TAG)
    faults = [diagnosis for diagnosis in facts.diagnoses if diagnosis.code in LOCKS]
    return fail_as_told(diagnosed(faults[0])) if faults else PASS


@predicate(needs="a tag; this station's journal")
def tag_ledger(facts: Facts, _: Rule) -> Judgement:
    """The journal has another tag for this part, or another item for this tag."""
    if facts.tag is None or facts.ledger is None:
        return abstain(NO_TAG if facts.tag is None else "finding.no-ledger")
    if facts.ledger.bound_to not in ("", facts.item.barcode):
        return fail("finding.written-for", barcode=facts.ledger.bound_to)
    holders = sorted(set(facts.ledger.holders))
    if len(holders) > 1:
        return fail("finding.tags-written", number=len(holders), uids=", ".join(holders))
    return PASS


@predicate(needs="a reading of all tags of the item")
def second_tag(facts: Facts, _: Rule) -> Judgement:
    """The item contains another tag that is neither blank nor the tag of one of its parts."""
    if facts.others is None:
        return abstain(NO_TAG if facts.tag is None else "finding.no-others-looked-for")
    wrong = [tag for tag in facts.others if tag.primary_item_identifier != facts.item.barcode]
    if wrong:
        second = wrong[0]
        owner = second.owner_institution or Sentence("finding.no-owner")
        if not second.primary_item_identifier:
            return fail("finding.second-tag-nothing", owner=owner)
        return fail("finding.second-tag", said=second.primary_item_identifier, owner=owner)
    return PASS


@predicate(needs="counted looks at the pad", takes=("limit",))
def read_margin(facts: Facts, rule: Rule) -> Judgement:
    """The tag answered in fewer than `limit` of the looks at the pad (1.0 = all of them)."""
    if facts.polls is None or facts.polls[1] < _ENOUGH:
        return abstain("finding.few-looks")
    answered, looks = facts.polls
    wanted = 1.0 if rule.limit is None else rule.limit
    return PASS if answered >= wanted * looks else fail("finding.answered-few", answered=answered, looks=looks)


_ENOUGH: Final = 4
"""Minimum number of looks for a judgment: the station's choice."""


def _usages(rule: Rule) -> str:
    wrong = [value for value in (rule.table or {}).values() if not _usage(value)]
    return f'"{wrong[0]}" is not a type of usage (two hexadecimal digits)' if wrong else ""


def _usage(text: str) -> bool:
    return len(text) == 2 and all(char in hexdigits for char in text)


@predicate(needs="a tag with a type of usage", takes=("table",), refuse=_usages)
def tag_usage(facts: Facts, rule: Rule) -> Judgement:
    """The type of usage is not the one in the rule's table (if the table has none: not the one in the tag profile)."""
    if facts.tag is None or facts.tag.type_of_usage is None:
        return abstain(NO_TAG if facts.tag is None else "finding.no-usage")
    code = wanted_of(facts, rule)
    expected = int(code, 16) if code else facts.site.usage
    if expected is None:
        return abstain("finding.not-said.usage")
    usage = facts.tag.type_of_usage
    if usage == expected:
        return PASS
    return fail("finding.usage", said=usage_words(usage), wanted=usage_words(expected))


def wanted_of(facts: Facts, rule: Rule) -> str:
    """Return the value that the rule's table requires for this item; "" = none."""
    table = rule.table or {}
    key = {"location": facts.item.location, "material": facts.item.material, "item_type": facts.item.item_type}
    return table.get(key[rule.table_by], table.get("*", ""))


CHECKS: Final = (
    single_tag,
    tag_identifier,
    tag_owner,
    tag_set,
    tag_structure,
    tag_security,
    tag_eas,
    tag_released,
    tag_locks,
    tag_ledger,
    second_tag,
    read_margin,
    tag_usage,
)
