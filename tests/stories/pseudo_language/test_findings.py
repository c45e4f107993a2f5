"""Findings of the quality rules in the pseudo-language: why a check fails, why its result is unknown, and what a person
compares with. Titles, questions and texts of the buttons come from the rules (TOML)."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import msgspec
import pytest

import station.base.words
from station.base.cells import cells
from station.base.sentence import EMPTY
from station.base.words import english
from station.domain.commands import Answer
from station.domain.correction_states import CorrectionKind
from station.domain.corrections.correction import opened as correction_opened
from station.domain.finding_words import reason_of
from station.domain.findings import Finding, Outcome, Severity
from station.domain.item import Barcode, ItemRecord, RecordFacts
from station.domain.people.rights import Role
from station.domain.ports import NoShelfList
from station.domain.verdict import Verdict
from station.manual.pictures import sketch
from station.manual.rule_facts import english_name_of, facts_of, name_of
from station.quality.checks.facts import Facts, Site
from station.quality.checks.piece_count import compare
from station.quality.checks.table import PREDICATES
from station.quality.rulebook.shipped import shipped, with_site
from station.quality.rules import Catalogue
from station.quality.sketches import SKETCHES, WIDEST
from station.quality.verdict.checklist import answered, checks, machine_findings
from station.quality.verdict.corrections import recheck_order, steps
from station.quality.verdict.second_check import Disagreement
from tests.quality.examples import BASES, CATALOGUE, MACHINE, SITE_FILE, TODAY, changed
from tests.support.for_each import for_each
from tests.support.pseudo_language import UNITS, catalogue, plain_words, pseudo
from tests.support.told import told


@pytest.fixture(autouse=True)
def language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", catalogue())


NAMES = "AFI EAS MARC library isil station catalog rebuild"
"""Signs, and words that are typed."""


def texts(value: Any) -> str:
    """Return the texts of records, tags and settings, without the names of the fields."""
    if isinstance(value, dict):
        return " ".join(texts(one) for one in value.values())
    if isinstance(value, list | tuple):
        return " ".join(map(texts, value))
    return str(value)


def in_another_language() -> Catalogue:
    """Return the rules as a site's file translates them (docs/quality.md, "In another language")."""
    changes = {table["id"]: table for table in tomllib.loads(SITE_FILE)["change"]}
    for rule in shipped().rules:
        said = {
            name: pseudo(getattr(rule, name)) for name in ("title", "question", "look", "advice") if getattr(rule, name)
        }
        changes[rule.id] = {**changes.get(rule.id, {}), "id": rule.id, **said}
    reasons = [{"code": one.code, "family": one.family, "words": pseudo(one.words)} for one in shipped().reasons]
    lines = []
    for kind, tables in (("change", list(changes.values())), ("reason", reasons)):
        for table in tables:
            lines += [f"[[{kind}]]", *(f"{name} = {_toml(value)}" for name, value in table.items())]
    return with_site("\n".join(lines), "site.toml")


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {json.dumps(one)}" for name, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def said_by_itself(facts: Facts) -> set[str]:
    """Return the plain words in the findings about an item."""
    sentences = [told(one.reason) for one in machine_findings(CATALOGUE, facts, TODAY)]
    sentences += [told(check.expectation) for check in checks(CATALOGUE, facts, TODAY)]
    return plain_words(
        " ".join(sentences), f"{UNITS} {NAMES} {SITE_FILE} {texts(msgspec.to_builtins(facts, enc_hook=told))}"
    )


CASES = [(name, one) for name, examples in MACHINE.items() for one in examples]


@for_each(("name", "one"), CASES)
def test_no_fail_says_anything_by_itself(name: str, one: Any) -> None:
    facts = changed(one.base, one.path, one.value)
    assert any(finding.rule == name and finding.reason for finding in machine_findings(CATALOGUE, facts, TODAY))
    assert said_by_itself(facts) == set()


BARE = ItemRecord(barcode=Barcode("31234000000016"))
UNKNOWN = Facts(item=BARE)
UNKNOWNS = {
    "nothing": UNKNOWN,
    "a record": msgspec.structs.replace(UNKNOWN, item=msgspec.structs.replace(BARE, marc=RecordFacts())),
    "a number": msgspec.structs.replace(UNKNOWN, scanned="9780131103627", counted=3),
    "no site": msgspec.structs.replace(BASES["book"], site=Site()),
    **{
        f"{name} without {what}": changed(base, what, None)
        for name, base in BASES.items()
        for what in ("tag", "eas", "polls")
    },
}


@for_each("facts", UNKNOWNS.values())
def test_nobody_can_say_and_says_so_in_the_language(facts: Facts) -> None:
    assert said_by_itself(facts) == set()


def test_a_site_file_translates_the_rules() -> None:
    """No plain text of the rules remains in titles, questions, looks, reasons and drawings."""
    rules = in_another_language()
    for facts in BASES.values():
        known = texts(msgspec.to_builtins(facts, enc_hook=told)) + SITE_FILE + "QA"
        for check in checks(rules, facts, TODAY, each=True):
            sentences = [
                told(check.question),
                *map(told, check.reasons),
                *(line for name in check.sketches for line in sketch(name)),
                *(text for one in check.covers for text in (one.title, told(one.look))),
            ]
            assert plain_words(" ".join(sentences), known) == set(), check.rule
        assert plain_words(" ".join(one.title for one in machine_findings(rules, facts, TODAY))) == set()
    assert plain_words(" ".join(rule.advice for rule in rules.rules)) == set()


def test_a_rule_is_explained_in_the_language() -> None:
    """Every row about every rule. English text about codes and the site comes from the rules."""
    rules = in_another_language()
    for rule in rules.rules:
        known = (
            f"{rule.compares} {rule.owner} {rule.source} {rule.codes} {rule.table} {rule.asked_with} {rule.opposite}"
        )
        known += f" {rule.applies.materials} {rule.applies.locations} {rule.applies.item_types} {rule.applies.tasks}"
        known += f" {rule.requires} part parts place wanted"  # placeholders in a question
        for key, what in facts_of(rule, rules):
            assert plain_words(name_of(key)) == set() and english_name_of(key).isascii()
            assert plain_words(what, known) == set(), (rule.id, key)


def test_the_catalogue_says_of_a_check_what_the_program_says() -> None:
    told = english().entries
    for name, one in PREDICATES.items():
        key = name.replace("_", "-")
        assert told[f"rule.fails.{key}"].forms == (" ".join(one.fails.split()),)
        assert (told[f"rule.needs.{key}"].forms[0] if one.needs else "") == one.needs
    checks_told = {key.rpartition(".")[2] for key in told if key.startswith(("rule.fails.", "rule.needs."))}
    assert checks_told == {name.replace("_", "-") for name in PREDICATES}


@pytest.mark.parametrize("name", SKETCHES)
def test_a_drawing_keeps_its_form_in_letters_twice_as_wide(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = sketch(name)
    assert plain_words(" ".join(lines), "QA") == set()
    assert max(map(cells, lines)) <= WIDEST
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", english())
    assert [corners(line) for line in lines] == [corners(line) for line in sketch(name)]


def corners(line: str) -> list[tuple[int, str]]:
    """Return the column and the sign of each drawing character in a line, as a terminal shows it."""
    return [(cells(line[:at]), sign) for at, sign in enumerate(line) if sign in "│┤├┬┴┐┘└┌▒█▄▀╲╱"]


def test_a_site_rule_over_a_field_says_so_in_the_language() -> None:
    head = '[[rule]]\nid = "ours"\nnumber = 101\nfamily = "record"\ntitle = "Ours"\ncompares = "a field"\n'
    head += 'severity = "major"\nhow = "machine"\ncheck = "field"\nfield = "949$t"\n'
    for operator in ('"present"', '"absent"', '"at-most"\nlimit = 3', '"equals"\nvalues = ["7"]'):
        rules = with_site(f"{head}operator = {operator}\n", "site.toml")
        for value in ((), ("5",), ("---",)):
            facts = Facts(item=msgspec.structs.replace(BARE, chosen=(("949$t", value),)))
            found = [one for one in machine_findings(rules, facts, TODAY) if one.rule == "ours"]
            assert plain_words(told(found[0].reason)) == set(), found
    assert plain_words(told(NoShelfList().same_number(BARE).unknown)) == set()


def test_no_count_of_pieces_says_anything_by_itself() -> None:
    for numbers in ((3, 3, 3, 3), (2, 3, 3, 3), (3, 2, 3, 3), (3, 3, 2, 3), (3, 3, 3, 2), (1, 2, 3, 3), (2, 2, 3, 3)):
        assert plain_words(told(compare(*numbers).sentence)) == set()


def test_a_persons_answer_leaves_no_sentence_of_its_own() -> None:
    for base in BASES.values():
        for check in checks(CATALOGUE, base, TODAY):
            fails = [code for cover in check.covers for code, *_ in cover.reasons]
            passes = [code for cover in check.covers for code, *_ in cover.pass_reasons]
            for answer in (
                Answer(check.rule, Outcome.FAIL, fails[-1]),
                Answer(check.rule, Outcome.PASS, *passes[-1:], scanned=True),
            ):
                said = answered(check, answer, "7")
                assert said is not None
                for one in said.findings:
                    assert plain_words(told(reason_of(one.reason)), answer.reason) == set()


def test_corrections_are_opened_and_mended_in_the_language() -> None:
    order = recheck_order("k1", BARE, 1, worker="7", due="", found_by="machine", reason=EMPTY)
    assert plain_words(told(order.title)) == set()
    for first, second in ((Outcome.PASS, Outcome.FAIL), (Outcome.FAIL, Outcome.PASS)):
        assert plain_words(told(Disagreement("r", "", first, second).sentence)) == set()
    assert plain_words(station.base.words.tell("finding.second.title")) == set()
    standing = correction_opened(msgspec.structs.replace(order, what=CorrectionKind.MEND, rule="r", found_by="7"))
    passed = Finding("r", "", Severity.MAJOR, Outcome.PASS, "8")
    (step,) = steps(
        (standing,), (passed,), 1, Verdict.PASS, operator="8", role=Role.OPERATOR, recheck_due="", second_look=False
    )
    assert plain_words(told(getattr(step, "note", ""))) == set() and getattr(step, "note", "")
