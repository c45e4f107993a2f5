"""The rules as data: what ships, what a bad rule file says, and each machine rule by one fact changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.encoding.content import TagContent
from station.errors import SettingsError
from station.model import Barcode, ItemRecord, Outcome, Severity, Verdict
from station.quality.checklist import machine_findings, verdict
from station.quality.facts import Facts
from station.quality.machine import PREDICATES
from station.quality.rules import Rule, merge, parse
from tests.conftest import ROOT

TODAY = "2026-06-01"
TEXT = (ROOT / "station/quality/catalogue.toml").read_text(encoding="utf-8")
SHIPPED = parse(TEXT, "catalogue.toml", frozenset(PREDICATES))
MACHINE = tuple(rule for rule in SHIPPED if rule.how == "machine")

BARCODE = Barcode("31234000000016")
ISIL = "US-TxImag"
ITEM = ItemRecord(
    barcode=BARCODE,
    title="Imaginary discs",
    call_number="QA76.73 .P98 D64 2026",
    call_number_scheme="lc",
    location="OVERSIZE",
    material="music-cd",
    parts=2,
    accompanying="1 booklet",
    height_cm=31.0,
    price="10.00",
    label_lines=("QA", "76.73"),
)
GOOD = Facts(
    item=ITEM,
    part=2,
    tag=TagContent(BARCODE, ISIL, part=2, parts=2),
    afi=0x07,
    tags_in_field=1,
    isil=ISIL,
    afi_in_stock=0x07,
    oversize_cm=30.0,
    oversize_locations=("OVERSIZE",),
)
"""A record and tag that pass every shipped machine rule."""


def item(**changes: object) -> Facts:
    return msgspec.structs.replace(GOOD, item=msgspec.structs.replace(ITEM, **changes))


def tag(**changes: object) -> Facts:
    return msgspec.structs.replace(GOOD, tag=dataclasses.replace(GOOD.tag, **changes))


def facts(**changes: object) -> Facts:
    return msgspec.structs.replace(GOOD, **changes)


# Rule -> facts that differ from GOOD in one thing and fail that rule, with a word of the reason.
FAILING: dict[str, list[tuple[Facts, str]]] = {
    "tag-single": [(facts(tags_in_field=2), "2 tags"), (facts(tags_in_field=0), "0 tags")],
    "tag-identifier": [
        (tag(primary_item_identifier="31234000000024"), "31234000000024"),
        (tag(primary_item_identifier=""), "nothing"),
    ],
    "tag-owner": [(tag(owner_institution="DE-Heu1"), "DE-Heu1"), (tag(owner_institution=""), "nothing")],
    "tag-set": [(tag(part=1), "part 1 of 2"), (tag(parts=3), "part 2 of 3"), (facts(part=1), "part 2 of 2")],
    "tag-security": [(facts(afi=0xC2), "C2"), (facts(afi=0x00), "00")],
    "call-number-complete": [(item(call_number="QA76.73"), "cutter"), (item(call_number=""), "no call number")],
    "oversize-location": [(item(height_cm=28.0), "not oversize"), (item(location="STACKS"), "STACKS")],
    "price-present": [(item(price=""), "no price")],
    "label-fits": [(item(label_problems=("Line 1 (EXTRAORDINARY) is too wide.",)), "EXTRAORDINARY")],
    # One part only changes three facts at once (record, tag, part in hand), since they must agree.
    "accompanying-parts": [
        (
            msgspec.structs.replace(
                GOOD,
                item=msgspec.structs.replace(ITEM, parts=1),
                part=1,
                tag=TagContent(BARCODE, ISIL, part=1, parts=1),
            ),
            "1 booklet",
        )
    ],
}

# Rule -> facts in which it cannot know.
ABSTAINING: dict[str, list[Facts]] = {
    "tag-single": [facts(tags_in_field=None)],
    "tag-identifier": [facts(tag=None)],
    "tag-owner": [facts(tag=None), facts(isil="")],
    "tag-set": [facts(tag=None)],
    "tag-security": [facts(afi=None)],
    "call-number-complete": [item(call_number_scheme="local"), item(call_number_scheme="sudoc")],
    "oversize-location": [item(height_cm=None)],
    "accompanying-parts": [],
    "price-present": [],
    "label-fits": [],
}


def outcome(rules: tuple[Rule, ...], these: Facts) -> dict[str, tuple[Outcome, str]]:
    return {f.rule: (f.outcome, f.reason) for f in machine_findings(rules, these, TODAY)}


def failing(rules: tuple[Rule, ...]) -> set[str]:
    """The examples (by rule) that these rules find."""
    return {
        name
        for name, examples in FAILING.items()
        if all(outcome(rules, these).get(name, (Outcome.PASS, ""))[0] is Outcome.FAIL for these, _ in examples)
    }


# --- what ships ----------------------------------------------------------------------------------------------------------


def test_the_shipped_rules_are_the_table_of_this_test() -> None:
    assert {rule.id for rule in MACHINE} == set(FAILING) == set(ABSTAINING)
    assert len({rule.id for rule in SHIPPED}) == len(SHIPPED)
    assert {rule.check for rule in MACHINE} == set(PREDICATES), "no predicate without a rule, no rule without one"
    assert len(MACHINE) >= 6


@pytest.mark.parametrize("rule", SHIPPED, ids=lambda rule: rule.id)
def test_every_shipped_rule_says_what_a_person_needs(rule: Rule) -> None:
    assert rule.title and rule.compares and rule.owner and rule.number > 0
    assert rule.in_force(TODAY)
    if rule.how == "person":
        assert rule.question.endswith("?") and len(rule.reasons) == len(set(rule.reasons)) >= 2
        assert not rule.check
    else:
        assert not rule.question and not rule.reasons


def test_the_good_example_passes_every_machine_rule() -> None:
    assert {name: found for name, found in outcome(SHIPPED, GOOD).items() if found != (Outcome.PASS, "")} == {}


@pytest.mark.parametrize(
    ("name", "these", "word"),
    [(name, these, word) for name, examples in FAILING.items() for these, word in examples],
)
def test_one_fact_changed_fails_one_rule_with_its_reason(name: str, these: Facts, word: str) -> None:
    found = outcome(SHIPPED, these)
    assert [rule for rule, (what, _) in found.items() if what is Outcome.FAIL] == [name]
    assert word in found[name][1]


@pytest.mark.parametrize(
    ("name", "these"), [(name, these) for name, examples in ABSTAINING.items() for these in examples]
)
def test_a_rule_that_cannot_know_abstains_and_says_why(name: str, these: Facts) -> None:
    what, reason = outcome(SHIPPED, these)[name]
    assert what is Outcome.ABSTAINED and reason


@pytest.mark.parametrize("rule", MACHINE, ids=lambda rule: rule.id)
def test_without_a_rule_its_examples_go_unseen(rule: Rule) -> None:
    """Checks the examples: each is found by its own rule alone, so that a rule switched off turns them red."""
    assert failing(SHIPPED) == set(FAILING)
    retired = tuple(msgspec.structs.replace(r, retired=True) if r.id == rule.id else r for r in SHIPPED)
    assert failing(retired) == set(FAILING) - {rule.id}


@pytest.mark.parametrize("name", sorted(PREDICATES))
def test_every_predicate_judges_the_good_and_the_empty_without_an_error(name: str) -> None:
    assert PREDICATES[name].__name__ == name
    assert (PREDICATES[name].__doc__ or "").startswith("Rule ")
    empty = Facts(item=ItemRecord(barcode=BARCODE), part=1)
    for these in (GOOD, empty):
        judgement = PREDICATES[name](these)
        assert judgement.outcome in (Outcome.PASS, Outcome.FAIL, Outcome.ABSTAINED)
        assert bool(judgement.reason) is (judgement.outcome is not Outcome.PASS)


@given(
    call_number=st.text(max_size=30),
    scheme=st.sampled_from(["lc", "dewey", "nlm", "anscr", "sudoc", "local", ""]),
    height=st.none() | st.floats(0, 500),
    location=st.text(max_size=8),
    parts=st.integers(0, 999),
)
def test_no_record_makes_a_predicate_fail_with_an_exception(
    call_number: str, scheme: str, height: float | None, location: str, parts: int
) -> None:
    these = item(call_number=call_number, call_number_scheme=scheme, height_cm=height, location=location, parts=parts)
    for predicate in PREDICATES.values():
        predicate(these)


@pytest.mark.parametrize(
    ("scheme", "call_number", "what"),
    [
        ("lc", "QA76.73 .P98 D64 2026", Outcome.PASS),
        ("lc", "QA76.73.P98", Outcome.PASS),
        ("lc", "QA76.73", Outcome.FAIL),
        ("lc", "QA", Outcome.FAIL),
        ("dewey", "005.133 D64", Outcome.PASS),
        ("dewey", "005.133", Outcome.FAIL),
        ("dewey", "D64", Outcome.FAIL),
        ("dewey", "J 005.133 D64", Outcome.PASS),
        ("dewey", "REF 005.133", Outcome.FAIL),
        ("dewey", " ", Outcome.FAIL),
        ("nlm", "WG 120 D64", Outcome.PASS),
        ("nlm", "WG 120", Outcome.FAIL),
    ],
)
def test_complete_call_numbers(scheme: str, call_number: str, what: Outcome) -> None:
    judged = PREDICATES["call_number_complete"](item(call_number=call_number, call_number_scheme=scheme))
    assert judged.outcome is what


@pytest.mark.parametrize(("height", "what"), [(30.0, Outcome.FAIL), (30.1, Outcome.PASS), (29.9, Outcome.FAIL)])
def test_the_limit_itself_is_not_oversize(height: float, what: Outcome) -> None:
    assert PREDICATES["oversize_location"](item(height_cm=height)).outcome is what


# --- files that are not sound -----------------------------------------------------------------------------------------------

PERSON = """
[[rule]]
id = "look"
number = 1
title = "t"
compares = "c"
severity = "minor"
how = "person"
question = "Good?"
reasons = ["No"]
"""
MACHINE_TEXT = PERSON.replace('how = "person"', 'how = "machine"\ncheck = "single_tag"')


def without(key: str) -> str:
    return "\n".join(line for line in PERSON.splitlines() if not line.startswith(f"{key} ="))


BAD: list[tuple[str, str, Callable[[], str]]] = [
    ("not TOML", "not valid TOML", lambda: "[[rule]\nid="),
    ("another table", "only [[rule]] tables", lambda: PERSON + "\n[other]\nx = 1\n"),
    ("rule is no list", "only [[rule]] tables", lambda: "[rule]\nid = 'x'\n"),
    ("unknown field", "rule 1 (look)", lambda: PERSON + 'colour = "red"\n'),
    ("unknown condition", "rule 1 (look)", lambda: PERSON + "applies = { moon = true }\n"),
    ("unknown severity", "rule 1 (look)", lambda: PERSON.replace("minor", "grave")),
    ("unknown way", "rule 1 (look)", lambda: PERSON.replace('"person"', '"oracle"')),
    ("wrong type", "rule 1 (look)", lambda: PERSON.replace("number = 1", 'number = "one"')),
    ("a day that is none", "rule 1 (look)", lambda: PERSON + 'valid_from = "soon"\n'),
    ("a day half written", "rule 1 (look)", lambda: PERSON + 'valid_to = "2026-6-1"\n'),
    ("an empty id", "rule 1 ()", lambda: PERSON.replace('"look"', '""')),
    ("no title", "rule 1 (look)", lambda: without("title")),
    ("no id", "rule 1 (?)", lambda: without("id")),
    ("no question", "needs a question and reasons", lambda: without("question")),
    ("no reasons", "needs a question and reasons", lambda: without("reasons")),
    ("no such check", "no machine check is called 'twin_tag'", lambda: MACHINE_TEXT.replace("single_tag", "twin_tag")),
    ("no check", "no machine check is called ''", lambda: PERSON.replace('"person"', '"machine"')),
    ("id twice", "rule 2: the id 'look' stands twice", lambda: PERSON + PERSON),
    ("a number as rule", "rule 1 (?)", lambda: "rule = [1]\n"),
]


@pytest.mark.parametrize(("words", "make"), [(words, make) for _, words, make in BAD], ids=[name for name, _, _ in BAD])
def test_a_bad_rule_file_is_refused_with_file_and_rule(words: str, make: Callable[[], str]) -> None:
    with pytest.raises(SettingsError) as raised:
        parse(make(), "site.toml", frozenset(PREDICATES))
    assert raised.value.detail.startswith("site.toml")
    assert words in raised.value.detail


def test_sound_files_are_read_and_a_site_replaces_by_id() -> None:
    (rule,) = parse(PERSON, "site.toml", frozenset())
    assert (rule.id, rule.severity, rule.reasons) == ("look", Severity.MINOR, ("No",))
    assert parse("", "site.toml", frozenset()) == ()
    site = (msgspec.structs.replace(SHIPPED[0], severity=Severity.INFO), rule)
    merged = merge(SHIPPED, site)
    assert [r.id for r in merged] == [*(r.id for r in SHIPPED), "look"]
    assert merged[0].severity is Severity.INFO and merged[1:-1] == SHIPPED[1:]


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
    rule = msgspec.structs.replace(MACHINE[0], **changes)
    assert rule.in_force(day) is holds
    assert bool(machine_findings((rule,), GOOD, day)) is holds


def test_only_critical_and_major_fails_keep_the_item_back() -> None:
    (example,) = machine_findings((MACHINE[0],), GOOD, TODAY)
    for severity in Severity:
        for what in Outcome:
            finding = msgspec.structs.replace(example, severity=severity, outcome=what)
            stops = what is Outcome.FAIL and severity in (Severity.CRITICAL, Severity.MAJOR)
            assert verdict([example, finding]) is (Verdict.FAIL if stops else Verdict.PASS)
    assert verdict([]) is Verdict.PASS
