"""The pictures of the rules: each rule has one, and each is true, because the rule also judges the drawn facts."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec
import pytest
from pymarc import Field, Indicators, Record, Subfield

from station.base.sentence import Sentence
from station.catalog.findings.findings import findings
from station.catalog.labels.expected import problems
from station.catalog.labels.template import shipped as template
from station.domain.findings import Outcome
from station.encoding.doctor import doctor
from station.manual.pictures import picture, sketch
from station.manual.pictures.examples import example, fitted
from station.manual.pictures.frames import MARK, ROOM
from station.manual.pictures.items import BASES, CHANGES, TABLES
from station.manual.pictures.sides import COMPARED
from station.quality.checks.facts import Facts
from station.quality.checks.judgement import PASS, Judgement, Predicate, abstain
from station.quality.checks.table import PREDICATES
from station.quality.rulebook.shipped import shipped, with_site
from station.quality.rules import Applies, Catalogue, Rule
from station.quality.verdict.checklist import machine_findings
from tests.quality.examples import TODAY, changed
from tests.support.for_each import for_each
from tests.support.told import told

SHIPPED = shipped()
RULES = SHIPPED.rules
PASSES, FAILS = "✓ passes", "× fails"
TALLEST = 24
"""Lines. A screen of 80 x 24 shows it on two pages."""


def drawn(rule: Rule) -> str:
    return "\n".join(picture(rule, SHIPPED))


def flat(text: str) -> str:
    """Return the text without lines and white space, because boxes break long text."""
    return re.sub(r"[\s│►]", "", text)


# --- every rule has its picture ---------------------------------------------------------------------------------------


@for_each("rule", RULES)
def test_every_rule_has_a_picture_that_passes_and_fails(rule: Rule) -> None:
    lines = picture(rule, SHIPPED)
    assert 7 <= len(lines) <= TALLEST
    assert max(map(len, lines)) <= ROOM == 76
    assert all(line.isprintable() and line == line.rstrip() for line in lines)
    assert "\n".join(sketch(rule.sketch)) in "\n".join(lines)
    if rule.by_machine:
        assert PASSES in drawn(rule)
        assert f"{FAILS} ({rule.severity.value})" in drawn(rule)
    if rule.pass_reasons:
        assert "Tag cut up: the rule passes" in lines and "✓ Yes: the rule passes" not in lines
    elif rule.by_person:
        assert "✓ Yes: the rule passes" in lines
        assert flat(f"× No, {SHIPPED.words(rule)[0]}: the rule fails ({rule.severity.value})") in flat(drawn(rule))


def test_every_machine_check_has_its_sides_and_its_example() -> None:
    assert set(COMPARED) == set(PREDICATES)
    assert set(CHANGES) == set(PREDICATES) - {"field"}
    assert set(TABLES) <= set(PREDICATES) | {rule.id for rule in RULES}


# --- every picture is true --------------------------------------------------------------------------------------------


@for_each("rule", [rule for rule in RULES if rule.by_machine])
def test_what_is_drawn_passes_and_fails_in_the_engine(rule: Rule) -> None:
    shown = example(rule)
    assert shown.right is not None
    assert shown.wrong is not None
    alone = Catalogue((shown.rule,), SHIPPED.reasons)
    right, wrong = (machine_findings(alone, facts, TODAY)[0] for facts in (shown.right, shown.wrong))
    assert (right.outcome, wrong.outcome) == (Outcome.PASS, Outcome.FAIL)
    assert all(word in drawn(rule) for word in told(wrong.reason).split())
    assert shown.rule == rule or (not rule.table and shown.rule.table and shown.invented)


CHANGED = [(name, at) for name, changes in CHANGES.items() for at in range(len(changes))]


@for_each(("name", "at"), CHANGED)
def test_every_change_is_of_one_fact(name: str, at: int) -> None:
    """The wrong item equals the right one except for the named path and what follows from it."""
    change = CHANGES[name][at]
    rule = next(rule for rule in RULES if rule.check == name)
    value = change.value(rule) if callable(change.value) else change.value
    base = BASES[change.base]
    wrong = changed(base, change.path, value)
    assert wrong != base
    assert changed(wrong, change.path, _at(base, change.path)) == base
    assert bool(change.follows) is (name in ("record_findings", "full_record_findings", "copy_left_over", "label_fits"))


def _at(facts: object, path: str) -> object:
    for name in path.split("."):
        facts = getattr(facts, name)
    return facts


@for_each("rule", [rule for rule in RULES if rule.by_machine])
def test_the_boxes_show_what_differs(rule: Rule) -> None:
    """The drawing differs where the facts of the two examples differ, and has the mark there at least once. The one
    exception is a label that lacks its last line.
    """
    text = drawn(rule)
    assert (MARK in text) is (rule.id != "volume-expected")


@for_each("name", [name for name in PREDICATES if name != "field"])
def test_a_picture_follows_the_check(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the check passes everything, fails everything or abstains, there is no picture of the examples."""
    rule = next(rule for rule in RULES if rule.check == name)
    for said in (PASS, Judgement(Outcome.FAIL, Sentence.verbatim("no")), abstain("who knows")):
        monkeypatch.setitem(PREDICATES, name, _always(PREDICATES[name], said))
        lines = picture(rule, SHIPPED)
        assert PASSES not in lines
        assert not any(line.startswith(FAILS) for line in lines if "Fail," not in line)


def _always(predicate: Predicate, said: Judgement) -> Predicate:
    run: Callable[[Facts, Rule], Judgement] = lambda _facts, _rule: said  # noqa: E731
    return Predicate(predicate.name, run, predicate.fails, predicate.needs, predicate.takes)


# --- the catalog and the label template do find what an example shows ----------------------------------------------------


def _record_of(facts: Facts) -> Record:
    """Return a record of the fields in the picture."""
    record = Record()
    leader = list("00000nam a2200000 i 4500")
    fixed = list("260601s2026    nyu           000 0 eng d")
    data: dict[str, str] = {}
    indicators: dict[str, dict[str, str]] = {"100": {"1": "1"}, "264": {"2": "1"}, "650": {"2": "0"}}
    subfields: dict[str, list[Subfield]] = {}
    for name, values in facts.item.chosen:
        for value in values:
            tag, first = name[:3], int(name[4:6]) if name[3] == "/" else 0
            if tag == "LDR":
                leader[first] = value
            elif tag == "008":
                fixed[first : first + len(value)] = value
            elif name[3] == "/":
                data[tag] = value
            elif name[3] == "^":
                indicators.setdefault(tag, {})[name[4]] = value.replace("#", " ")
            else:
                subfields.setdefault(tag, []).append(Subfield(name[4], value))
    record.leader = "".join(leader)  # type: ignore[assignment]
    for tag, value in (data | {"008": "".join(fixed)}).items():
        record.add_field(Field(tag=tag, data=value))
    for tag, found in subfields.items():
        both = Indicators(indicators.get(tag, {}).get("1", " "), indicators.get(tag, {}).get("2", " "))
        record.add_field(Field(tag=tag, indicators=both, subfields=found))
    return record


FOUND_IN_RECORD = [rule.id for rule in RULES if rule.check in ("full_record_findings", "copy_left_over")] + [
    rule.id
    for rule in RULES
    if rule.check == "record_findings"
    and rule.id not in ("item-type-agrees", "items-agree")  # of items, not of the record
]


@for_each("name", FOUND_IN_RECORD)
def test_record_findings_of_a_picture_are_the_catalogs(name: str) -> None:
    rule = SHIPPED.rule(name, TODAY)
    assert rule is not None
    shown = example(rule)
    for facts, found in ((shown.right, False), (shown.wrong, True)):
        assert facts is not None
        assert facts.item.marc is not None
        said = {
            (one.code, told(one.sentence)) for one in findings(_record_of(facts), year=2026) if one.code in rule.codes
        }
        assert {(code, told(sentence)) for code, sentence in facts.item.marc.findings} <= said
        assert bool(said) is found


def test_what_does_not_fit_a_label_is_what_the_template_says() -> None:
    rule = SHIPPED.rule("label-fits", TODAY)
    assert rule is not None
    shown = example(rule)
    for facts in (shown.right, shown.wrong):
        assert facts is not None
        expected = tuple(map(told, problems(list(facts.item.label_lines), template())))
        assert expected == tuple(map(told, facts.item.label_problems))


def test_the_tag_doctors_words_are_its_own() -> None:
    for name in ("tag_structure", "tag_locks"):
        for one in CHANGES[name][0].value:
            assert one.code in {check.code for check in doctor.CHECKS}
            assert "{" not in one.sentence


# --- a site's rules ---------------------------------------------------------------------------------------------------


def test_a_rule_that_a_site_changed_is_drawn_as_it_is_there() -> None:
    site = with_site(
        '[[change]]\nid = "item-released"\ncodes = ["AWAY"]\nseverity = "minor"\n\n'
        '[[change]]\nid = "class-location"\ntable = { QA76 = "STACKS" }\n\n'
        '[[change]]\nid = "tag-place"\napplies = { materials = ["kit"] }\n',
        "site.toml",
    )
    released, fitting, place = (site.rule(name, TODAY) for name in ("item-released", "class-location", "tag-place"))
    assert released is not None
    assert fitting is not None
    assert place is not None
    assert "× fails (minor): its status is AWAY" in picture(released, site)
    assert "× fails (major): QA76 belongs to STACKS, not to MUSIC" in picture(fitting, site)
    assert not any("For example" in line for line in picture(fitting, site))
    assert any("Is the tag inside the back cover?" in line for line in picture(place, site))


OPERATORS = [
    ("present", [], None, "is empty"),
    ("absent", [], None, "is there"),
    ("equals", ["x1"], None, "is …"),
    ("one-of", ["x1", "x2"], None, "is …"),
    ("none-of", ["x1"], None, "is x1"),
    ("matches", ["QA*"], None, "is …"),
    ("matches-not", ["Q?*"], None, "is Qx"),
    ("at-least", [], 3.0, "is 2"),
    ("at-most", [], 3.0, "is 4"),
]


@for_each(("operator", "values", "limit", "reason"), OPERATORS)
def test_a_sites_rule_over_a_field_has_its_picture(
    operator: str, values: list[str], limit: float | None, reason: str
) -> None:
    rule = msgspec.structs.replace(
        RULES[0],
        id="own",
        number=100,
        check="field",
        field="949$t",
        operator=operator,
        values=tuple(values),
        limit=limit,
    )  # type: ignore[arg-type]
    lines = picture(rule, SHIPPED)
    assert PASSES in lines
    assert any(line.startswith(FAILS) and f"949$t {reason}" in line for line in lines)


def test_a_rule_that_nothing_fits_has_no_example_but_does_not_fail() -> None:
    rule = msgspec.structs.replace(RULES[0], check="read_margin", limit=0.0)
    assert picture(rule, SHIPPED) == ()
    never = msgspec.structs.replace(RULES[0], applies=Applies(materials=("map",), leased=True, gift=True))
    assert picture(never, SHIPPED) == ()


def test_an_item_is_fitted_to_the_lists_of_a_rule() -> None:
    rule = msgspec.structs.replace(
        RULES[0], applies=Applies(materials=("map",), locations=("MAPS",), item_types=("M1", "M2"))
    )
    item = fitted(BASES["book"], rule).item
    assert (item.material, item.location, item.item_type) == ("map", "MAPS", "M1")
