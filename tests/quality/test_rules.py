"""The rules of the catalog: each with a passing item and one changed fact; without the rule its example is not found."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.sentence import Sentence
from station.base.words import tell
from station.domain.commands import Answer
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import Barcode, ItemRecord, RecordFacts
from station.quality.checks.applies import applies
from station.quality.checks.facts import Facts
from station.quality.checks.table import PREDICATES
from station.quality.rulebook.shipped import shipped
from station.quality.rules import NUMBERS, Catalogue, Rule
from station.quality.verdict.checklist import answered, checks, machine_findings
from tests.quality.examples import BASES, CATALOGUE, MACHINE, PERSON, TODAY, Machine, changed
from tests.support.for_each import for_each
from tests.support.told import told

SHIPPED = shipped()
CASES = [(name, one) for name, examples in MACHINE.items() for one in examples]


def outcome(catalogue: Catalogue, facts: Facts) -> dict[str, Finding]:
    return {finding.rule: finding for finding in machine_findings(catalogue, facts, TODAY)}


def failed(catalogue: Catalogue, facts: Facts) -> list[str]:
    return [name for name, finding in outcome(catalogue, facts).items() if finding.outcome is Outcome.FAIL]


def why(catalogue: Catalogue, facts: Facts, name: str) -> tuple[str, ...]:
    """Return the keys of the machine's reason: a sentence, and the sentences that it contains."""
    rule = catalogue.rule(name, TODAY)
    assert rule is not None
    said = PREDICATES[rule.check].run(facts, rule).reason
    assert isinstance(said, Sentence)
    return (said.key, *(value.key for value in said.values.values() if isinstance(value, Sentence)))


def by_person(catalogue: Catalogue, name: str) -> list[str]:
    """Return the rules that fail when a person gives the example's reason, and passes everything else."""
    base, reason = PERSON[name]
    found: list[str] = []
    for check in checks(catalogue, base, TODAY):
        wrong = reason in tuple(map(told, check.reasons))
        said = answered(check, Answer(check.rule, Outcome.FAIL if wrong else Outcome.PASS, reason), "ann")
        assert said is not None
        found += [one.rule for one in said.findings if one.outcome is Outcome.FAIL]
    return found


def is_seen(catalogue: Catalogue, rule: Rule) -> bool:
    """Tell whether all examples of the rule are found, by machine and by person."""
    machine = MACHINE.get(rule.id, ())
    return all(rule.id in failed(catalogue, changed(one.base, one.path, one.value)) for one in machine) and (
        not rule.by_person or rule.id in by_person(catalogue, rule.id)
    )


# --- the catalog of rules -------------------------------------------------------------------------------------------


def test_all_numbers_of_the_catalogue_have_a_rule() -> None:
    assert {rule.number for rule in SHIPPED.rules} == set(NUMBERS)
    assert len({rule.id for rule in SHIPPED.rules}) == len(SHIPPED.rules)
    for_sites = {"field"}  # tested in test_fields
    assert {rule.check for rule in SHIPPED.rules if rule.check} == set(PREDICATES) - for_sites, (
        "every predicate has a rule"
    )


def test_every_rule_has_its_examples() -> None:
    assert {rule.id for rule in SHIPPED.rules if rule.by_machine} == set(MACHINE)
    assert {rule.id for rule in SHIPPED.rules if rule.by_person} == set(PERSON)


@for_each("rule", SHIPPED.rules)
def test_every_rule_says_what_a_person_needs(rule: Rule) -> None:
    assert rule.title and rule.compares and rule.owner and rule.advice and rule.source
    assert rule.in_force(TODAY)
    if rule.by_person:
        assert rule.question.endswith("?") or "?" in rule.question
        assert rule.reasons and rule.look


# --- one fact changed -----------------------------------------------------------------------------------------------


@for_each("name", BASES)
def test_the_passing_items_pass(name: str) -> None:
    assert failed(CATALOGUE, BASES[name]) == []


def test_of_a_volume_and_of_a_whole_book_every_rule_that_applies_knows_its_answer() -> None:
    """Some rules can judge only a volume, others only a whole book."""
    of_volume, of_book = (
        {one.rule for one in outcome(CATALOGUE, BASES[name]).values() if one.outcome is Outcome.ABSTAINED}
        for name in ("book", "single")
    )
    assert of_volume & of_book == set()


@for_each(("name", "one"), CASES)
def test_one_fact_changed_fails_this_rule_alone_with_its_reason(name: str, one: Machine) -> None:
    assert failed(CATALOGUE, one.base) == [], "the unchanged facts pass"
    facts = changed(one.base, one.path, one.value)
    assert failed(CATALOGUE, facts) == [name]
    finding = outcome(CATALOGUE, facts)[name]
    assert one.word in (told(finding.reason) if not one.word.startswith("finding.") else why(CATALOGUE, facts, name))
    assert (finding.by, finding.title) == ("machine", SHIPPED.rule(name, TODAY).title)  # type: ignore[union-attr]


@for_each("name", PERSON)
def test_a_persons_reason_fails_the_rule_that_it_belongs_to(name: str) -> None:
    assert by_person(CATALOGUE, name) == [name]


@for_each("rule", CATALOGUE.rules)
def test_without_a_rule_its_examples_go_unseen(rule: Rule) -> None:
    others = tuple(msgspec.structs.replace(r, retired=True) if r.id == rule.id else r for r in CATALOGUE.rules)
    assert is_seen(CATALOGUE, rule)
    assert not is_seen(Catalogue(others, CATALOGUE.reasons), rule)


# --- unknown facts --------------------------------------------------------------------------------------------------

UNKNOWN = Facts(item=ItemRecord(barcode=Barcode("31234000000016")))


def test_a_rule_whose_facts_nobody_gave_abstains_and_says_so() -> None:
    found = outcome(SHIPPED, UNKNOWN)
    # These rules judge even an empty item: it has no number and no price, and the catalog was not asked whether it is
    # known.
    knows = {"barcode-known", "call-number-complete", "price-present"}
    for rule in SHIPPED.rules:
        finding = found.get(rule.id)
        if rule.id in knows or finding is None or finding.outcome is Outcome.NOT_APPLICABLE:
            continue
        assert finding.outcome is Outcome.ABSTAINED, rule.id
        assert finding.reason, rule.id
    for predicate in PREDICATES.values():
        assert predicate.fails.endswith("."), predicate.name


@pytest.mark.parametrize(
    "name", ["prefix-on-label", "strip-in-place", "finish", "no-stamp", "no-stamp-before-binding", "lease-marks"]
)
def test_a_persons_rule_that_waits_for_the_site_is_not_asked_but_told(name: str) -> None:
    facts = changed(BASES["unseen"], "item.marc.acquisition", "")
    facts = changed(facts, "site.bind_first_item_types", ())
    finding = outcome(SHIPPED, facts)[name]
    assert (finding.outcome, finding.by) == (Outcome.ABSTAINED, "machine")
    rule = SHIPPED.rule(name, TODAY)
    assert rule is not None and applies(rule, facts)[1].startswith("finding.not-said.")
    assert told(finding.reason) == tell(applies(rule, facts)[1])
    assert name not in {cover.rule for check in checks(SHIPPED, facts, TODAY) for cover in check.covers}


RECORDS = st.builds(
    RecordFacts,
    edition=st.text(max_size=9),
    years=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    fixed_years=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    part_title=st.text(max_size=9),
    class_numbers=st.lists(
        st.tuples(st.sampled_from(["050", "082", "090"]), st.sampled_from(["lc", "dewey"]), st.text(max_size=9)),
        max_size=2,
    ).map(tuple),
    vendor_barcodes=st.lists(st.text(max_size=15), max_size=2).map(tuple),
    acquisition=st.sampled_from(["", "Gift", "Lease", "x"]),
    language=st.text(max_size=3),
    languages=st.lists(st.text(max_size=3), max_size=2).map(tuple),
    audience=st.text(max_size=1),
)
ITEMS = st.builds(
    ItemRecord,
    barcode=st.text(max_size=15).map(Barcode),
    call_number=st.text(max_size=20),
    call_number_scheme=st.sampled_from(["lc", "dewey", "nlm", "anscr", "sudoc", "local", ""]),
    location=st.text(max_size=5),
    description=st.text(max_size=8),
    parts=st.integers(1, 255),
    material=st.sampled_from(["book", "dvd", "music-cd", ""]),
    extent=st.text(max_size=20) | st.sampled_from(["2 discs", "v.", "345 p.", "a", "1 score + 4 parts"]),
    accompanying=st.text(max_size=20),
    height_cm=st.none() | st.floats(0, 500),
    label_lines=st.lists(st.text(max_size=5), max_size=3).map(tuple),
    notes=st.lists(st.text(max_size=5), max_size=2).map(tuple),
    marc=st.none() | RECORDS,
)


@given(item=ITEMS, scanned=st.text(max_size=15), counted=st.none() | st.integers(-1, 300), part=st.integers(1, 255))
def test_no_record_makes_a_rule_fail_with_an_exception(
    item: ItemRecord, scanned: str, counted: int | None, part: int
) -> None:
    facts = Facts(item=item, part=part, scanned=scanned, counted=counted, label_seen=("x",), site=BASES["book"].site)
    for finding in machine_findings(CATALOGUE, facts, TODAY):
        told = finding.outcome in (Outcome.FAIL, Outcome.ABSTAINED)
        assert bool(finding.reason) is told, finding
    for check in checks(CATALOGUE, facts, TODAY):
        assert check.covers[0].rule == check.rule
        assert check.reasons


@given(st.permutations(CATALOGUE.rules), st.sampled_from([one for _, one in CASES]))
def test_the_order_of_the_rules_does_not_matter(rules: list[Rule], one: Machine) -> None:
    facts = changed(one.base, one.path, one.value)
    usual = outcome(CATALOGUE, facts)
    assert outcome(Catalogue(tuple(rules), CATALOGUE.reasons), facts) == usual


@pytest.mark.parametrize(
    ("changes", "day", "holds"),
    [
        ({}, "2026-01-01", True),
        ({}, "2025-12-31", False),
        ({"valid_to": "2026-06-30"}, "2026-06-30", True),
        ({"valid_to": "2026-06-30"}, "2026-07-01", False),
        ({"retired": True}, "2026-06-01", False),
    ],
)
def test_a_rule_holds_within_its_days(changes: dict[str, object], day: str, holds: bool) -> None:
    rule = msgspec.structs.replace(SHIPPED.rules[0], **changes)
    assert rule.in_force(day) is holds
    assert bool(machine_findings(Catalogue((rule,), SHIPPED.reasons), BASES["book"], day)) is holds


@pytest.mark.parametrize(
    ("status", "task", "outcome_of_rule"),
    [
        ("on-order", "processing", Outcome.PASS),
        ("in-process", "processing", Outcome.PASS),
        ("available", "processing", Outcome.PASS),
        ("not-for-loan", "processing", Outcome.PASS),
        ("withdrawn", "processing", Outcome.FAIL),
        ("lost", "processing", Outcome.FAIL),
        ("missing", "processing", Outcome.FAIL),
        ("loan", "processing", Outcome.FAIL),
        ("withdrawn", "withdrawal", Outcome.PASS),
        ("lost", "withdrawal", Outcome.FAIL),
    ],
)
def test_new_material_is_on_order_or_in_process_but_not_lost(status: str, task: str, outcome_of_rule: Outcome) -> None:
    facts = changed(changed(BASES["book"], "item.status", status), "task", task)
    assert outcome(SHIPPED, facts)["item-released"].outcome is outcome_of_rule


def test_a_hidden_record_is_a_note() -> None:
    found = outcome(SHIPPED, changed(BASES["book"], "item.suppressed", True))["not-suppressed"]
    assert (found.outcome, found.severity) == (Outcome.FAIL, Severity.MINOR)


def test_conditions_that_nobody_can_answer() -> None:
    rule = SHIPPED.rule("no-stamp", TODAY)
    stamp = SHIPPED.rule("property-stamp", TODAY)
    assert rule is not None and stamp is not None
    unknown = changed(BASES["book"], "item.marc.acquisition", "")
    assert applies(rule, unknown) == (None, "finding.not-said.leased")
    assert applies(stamp, unknown) == (True, ""), "an item of unknown ownership counts as owned"
    by_type = changed(unknown, "site.leased_item_types", ("LEASE",))
    assert applies(rule, by_type) == (False, "")
    assert applies(rule, changed(by_type, "item.item_type", "LEASE")) == (True, "")
    assert applies(stamp, changed(by_type, "item.item_type", "LEASE")) == (False, "")


BY_ITEM = frozenset(
    {
        *("barcode-known", "barcode-format", "item-released", "not-suppressed", "as-invoiced", "lease-identified"),
        *(
            "tag-single",
            "tag-identifier",
            "tag-owner",
            "tag-set",
            "tag-structure",
            "tag-security",
            "tag-eas",
            "tag-released",
        ),
        *("tag-locks", "tag-ledger", "second-tag", "read-margin", "tag-usage"),
        *("spine-label", "call-number-scheme", "call-number-complete", "call-number-dated", "call-number-unique"),
        *("prefix-wanted", "class-location", "volume-expected", "label-fits", "pieces-counted", "price-present"),
        *("price-plausible", "location-known"),
    }
)
"""Rules that need only item, tag, settings and shelf list."""


@for_each("base", BASES)
def test_without_a_record_the_machine_passes_nothing_that_needs_one(base: str) -> None:
    """The item's data alone, as when the library system does not permit reading its record."""
    whole = BASES[base]
    alone = msgspec.structs.replace(
        whole.item,
        marc=None,
        extent="",
        accompanying="",
        height_cm=None,
        retained=False,
        unread=Sentence.verbatim("no right to read it"),
    )
    alone = msgspec.structs.replace(alone, description="v.2", call_number="QA76.73 .P98 v.2")
    without = msgspec.structs.replace(whole, item=alone)
    passed = {name for name, one in outcome(CATALOGUE, without).items() if one.outcome is Outcome.PASS}
    assert passed <= BY_ITEM
