"""The person's checklist: only what applies, filled in from the record, with one tap for related checks."""

from __future__ import annotations

import msgspec
import pytest

from station.base.sentence import Sentence
from station.domain.commands import Answer
from station.domain.finding_words import note_of
from station.domain.findings import Check, Outcome, Severity, seconds_to_look
from station.domain.item import Barcode, ItemRecord, RecordFacts
from station.quality.checks.applies import applies
from station.quality.checks.facts import Facts, Site
from station.quality.checks.table import PREDICATES
from station.quality.rulebook.shipped import shipped
from station.quality.rules import Applies, Catalogue, Rule
from station.quality.verdict.checklist import answered, checks, counted_by_hand, machine_findings, set_apart, skipped
from tests.quality.examples import BASES, CATALOGUE, TODAY, changed
from tests.support.for_each import for_each
from tests.support.told import told

RULES = shipped()
ITEM = ItemRecord(
    barcode=Barcode("31234000000016"),
    title="Imaginary proofs",
    author="Doe, Jane",
    description="v.2",
    material="book",
    location="STACKS",
    height_cm=24.0,
    label_lines=("QA", "76.73"),
)


def facts(part: int = 1, **changes: object) -> Facts:
    return Facts(item=msgspec.structs.replace(ITEM, **changes), part=part)


def bound(item_type: str) -> Facts:
    return msgspec.structs.replace(facts(item_type=item_type), site=Site(bind_first_item_types=("BIND",)))


def found(these: Facts, **more: object) -> dict[str, Check]:
    return {check.rule: check for check in checks(RULES, these, TODAY, **more)}  # type: ignore[arg-type]


def covered(check: Check) -> list[str]:
    return [cover.rule for cover in check.covers]


@for_each(
    ("changes", "expected"),
    [
        ({}, ["title-in-hand", "spine-label", "property-stamp"]),
        ({"label_lines": ()}, ["title-in-hand", "property-stamp", "spine-label"]),
        ({"accompanying": "1 map"}, ["title-in-hand", "spine-label", "property-stamp", "pieces-counted"]),
        ({"parts": 2}, ["title-in-hand", "set-part", "spine-label", "property-stamp", "pieces-counted"]),
        ({"material": "dvd"}, ["title-in-hand", "spine-label", "disc-marked"]),
        ({"material": "object"}, ["title-in-hand", "spine-label"]),
        ({"notes": ("Ask Ann",)}, ["title-in-hand", "spine-label", "property-stamp", "note-read"]),
        (
            {"material": "music-cd", "parts": 3, "accompanying": "1 booklet"},
            ["title-in-hand", "set-part", "spine-label", "pieces-counted", "disc-marked"],
        ),
    ],
)
def test_only_what_applies_is_asked(changes: dict[str, object], expected: list[str]) -> None:
    assert list(found(facts(**changes))) == expected


def test_the_pieces_of_a_set_are_counted_with_its_first_part() -> None:
    assert "pieces-counted" in found(facts(parts=3))
    assert "pieces-counted" not in found(facts(part=2, parts=3))


def test_pieces_that_only_a_person_counts_have_a_page_of_their_own_and_those_of_a_set_a_line() -> None:
    assert found(facts(accompanying="1 map"))["pieces-counted"].alone
    page = found(facts(parts=3))
    assert not page["pieces-counted"].alone
    assert seconds_to_look(tuple(page.values()), 1.5) == 3.0, "time for the page, and to count"


def test_what_is_looked_at_together_is_one_tap_and_of_a_trainee_each_by_itself() -> None:
    record = RecordFacts(edition="2nd ed.", years=("2026",))
    asked = found(facts(marc=record))
    assert covered(asked["title-in-hand"]) == ["title-in-hand", "edition-in-hand", "volume-in-hand", "undamaged"]
    assert tuple(map(told, asked["title-in-hand"].looks)) == (
        "title and author",
        "edition and year",
        "volume or part",
        "whole and undamaged",
    )
    assert covered(asked["spine-label"]) == ["spine-label", "label-place", "volume-on-label"]
    each = found(facts(marc=record), each=True)
    assert sum(len(check.covers) for check in asked.values()) == len(each)
    assert all(covered(check) == [name] and not check.looks for name, check in each.items())


def test_a_tap_has_the_worst_severity_and_all_reasons_of_what_it_answers() -> None:
    asked = found(facts())["property-stamp"]
    assert covered(asked) == ["property-stamp", "tag-place"]
    assert asked.severity is Severity.MAJOR
    assert tuple(map(told, asked.reasons))[:2] == ("No stamp", "Stamp in wrong place")
    assert "Tag on metal" in tuple(map(told, asked.reasons))


def test_where_the_lead_does_not_apply_the_first_of_the_others_asks() -> None:
    asked = {check.rule: check for check in checks(CATALOGUE, changed(BASES["book"], "item.material", "object"), TODAY)}
    assert "property-stamp" not in asked
    assert told(asked["finish"].question) == "Is it there: date slip?"


def test_a_label_that_was_scanned_is_not_asked_for_again() -> None:
    seen = msgspec.structs.replace(facts(), label_seen=("QA", "76.73"))
    assert covered(found(facts())["spine-label"])[0] == "spine-label"
    assert "spine-label" not in [cover for check in found(seen).values() for cover in covered(check)]


def test_questions_and_expectations_are_filled_in_from_the_record() -> None:
    these = facts(2, parts=3, accompanying="1 booklet", extent="2 discs", alternate_title="Мнимые доказательства")
    asked = found(these)
    assert told(asked["set-part"].question) == "Is the piece in your hand part 2 of 3?"
    assert told(asked["set-part"].expectation).splitlines() == ["Part 2 of 3", "v.2"]
    assert told(asked["title-in-hand"].expectation).splitlines() == [
        "Мнимые доказательства",
        "Imaginary proofs",
        "Doe, Jane",
        "v.2",
    ]
    assert told(asked["spine-label"].expectation).splitlines() == ["QA", "76.73"]
    assert all(check.answer is None and check.reasons for check in asked.values())


def test_sources_that_disagree_about_the_pieces_stand_with_the_question() -> None:
    pieces = found(facts(description="", extent="2 audio discs", accompanying="1 booklet", parts=2))["pieces-counted"]
    assert told(pieces.expectation).splitlines() == ["2 audio discs", "+ 1 booklet", "! record: 3", "! item: 2"]
    assert (pieces.counted, pieces.counts) == (None, ()), "the number of pieces of a pass is unknown"
    pieces = found(facts(description="", extent="2 audio discs", parts=2))["pieces-counted"]
    assert told(pieces.expectation).splitlines() == ["2 audio discs", "together 2"]
    assert (pieces.counted, pieces.counts) == (2, (0, 1, 3, 4))


def test_what_a_person_must_know_of_set_label_and_script_stands_with_the_question() -> None:
    these = facts(
        alternate_author="Мнимый, А.",
        set_note=Sentence.verbatim("Disc 2 of a set of 3; each has a barcode of its own."),
        label_problems=(Sentence.verbatim("There are 12 lines, the label takes 9."),),
        marc=RecordFacts(edition="2nd ed.", years=("2026",)),
    )
    asked = found(these)
    assert told(asked["title-in-hand"].expectation).splitlines() == [
        "Imaginary proofs",
        "Мнимый, А.",
        "Doe, Jane",
        "2nd ed, 2026",
        "v.2",
        "Disc 2 of a set of 3; each has a barcode of its own.",
    ]
    assert told(asked["spine-label"].expectation).splitlines() == [
        "QA",
        "76.73",
        "! There are 12 lines, the label takes 9.",
    ]


def test_braces_in_a_record_are_only_text() -> None:
    asked = found(facts(parts=2, title="{part} {0} {parts!r}", description="{"))
    assert "{part} {0} {parts!r}" in told(asked["title-in-hand"].expectation)


# --- answers --------------------------------------------------------------------------------------------------------


def test_a_pass_answers_every_rule_of_the_tap() -> None:
    said = answered(found(facts())["title-in-hand"], Answer("title-in-hand", Outcome.PASS), "ann")
    assert said is not None
    assert {one.rule: (one.outcome, one.by) for one in said.findings} == {
        "title-in-hand": (Outcome.PASS, "ann"),
        "volume-in-hand": (Outcome.PASS, "ann"),
        "undamaged": (Outcome.PASS, "ann"),
    }


def test_a_ready_note_is_journaled_with_its_key_and_a_typed_one_as_its_text() -> None:
    check = found(facts())["title-in-hand"]
    for note, kept in (("On the spine", note_of("On the spine")), ("spine torn", Sentence.verbatim("spine torn"))):
        done = answered(check, Answer("title-in-hand", Outcome.FAIL, "Damaged", note=note), "ann")
        assert done is not None and done.answer is not None and done.answer.note == kept
    assert note_of("On the spine").key == "note.ready"


def test_a_fail_is_that_of_the_reasons_rule_and_leaves_the_others_open() -> None:
    check = found(facts())["title-in-hand"]
    answer = Answer("title-in-hand", Outcome.FAIL, "Damaged", note="spine\x1b[31m torn", photo="/media/p1.jpg")
    said = answered(check, answer, "ann")
    assert said is not None and said.answer is not None
    assert (said.answer.rule, said.answer.code, told(said.answer.reason)) == (
        "undamaged",
        "damaged",
        "the item is damaged",
    )
    assert (said.answer.number, said.answer.photo, said.answer.severity) == (51, "/media/p1.jpg", Severity.MAJOR)
    assert "\x1b" not in told(said.answer.note) and "torn" in told(said.answer.note)
    assert {one.rule: one.outcome for one in said.others} == {
        "title-in-hand": Outcome.ABSTAINED,
        "volume-in-hand": Outcome.ABSTAINED,
    }
    assert all(one.reason for one in said.others)


@pytest.mark.parametrize(
    "answer",
    [
        Answer("spine-label", Outcome.PASS),
        Answer("title-in-hand", Outcome.ABSTAINED),
        Answer("title-in-hand", Outcome.NOT_SAMPLED),
        Answer("title-in-hand", Outcome.FAIL),
        Answer("title-in-hand", Outcome.FAIL, "Because"),
        Answer("title-in-hand", Outcome.FAIL, "no-such-code"),
        Answer("title-in-hand", Outcome.NOT_APPLICABLE),
    ],
)
def test_what_is_no_answer(answer: Answer) -> None:
    assert answered(found(facts())["title-in-hand"], answer, "ann") is None


def test_a_reason_may_be_given_as_its_code() -> None:
    check = answered(found(facts())["title-in-hand"], Answer("title-in-hand", Outcome.FAIL, "damaged"), "ann")
    assert check is not None and check.answer is not None
    assert (check.answer.code, told(check.answer.reason)) == ("damaged", "the item is damaged")


def test_not_applicable_answers_only_the_rules_whose_data_say_so() -> None:
    """Each shipped rule that asks a person, alone. No critical rule accepts "not applicable"; rules to which an item
    can be an exception do.
    """
    taken = set()
    for rule in (one for one in CATALOGUE.rules if one.by_person):
        alone = msgspec.structs.replace(rule, applies=Applies(), asked_with="", ask="always", table=None)
        (check,) = checks(Catalogue((alone,), CATALOGUE.reasons), facts(), TODAY)
        if answered(check, Answer(rule.id, Outcome.NOT_APPLICABLE), "ann") is not None:
            taken.add(rule.id)
            assert rule.severity is not Severity.CRITICAL
    assert taken == {"property-stamp", "gift-plate", "foreign-marks", "disc-marked", "strip-in-place", "finish"}


def test_not_applicable_is_said_of_one_rule_and_the_others_are_still_asked() -> None:
    gift = facts(marc=RecordFacts(acquisition="Gift", donor="Imaginary Friends"))
    together = found(gift)["property-stamp"]
    assert covered(together) == ["property-stamp", "tag-place", "gift-plate", "foreign-marks"]
    assert answered(together, Answer("property-stamp", Outcome.NOT_APPLICABLE), "ann") is None, (
        "not for all covered rules at once"
    )
    mine, rest = set_apart(RULES, together, "gift-plate", gift, TODAY)
    assert (covered(mine), told(mine.question)) == (["gift-plate"], "Does the gift plate say this?")
    assert covered(rest) == ["property-stamp", "tag-place", "foreign-marks"]
    said = answered(mine, Answer("gift-plate", Outcome.NOT_APPLICABLE), "ann")
    assert said is not None
    assert [(one.rule, one.outcome) for one in said.findings] == [("gift-plate", Outcome.NOT_APPLICABLE)]
    _, rest = set_apart(RULES, together, "property-stamp", gift, TODAY)
    assert (covered(rest)[0], told(rest.question)) == ("tag-place", "Is the tag inside the back cover?")


def test_a_scan_of_the_label_says_nothing_of_how_it_looks() -> None:
    said = answered(found(facts())["spine-label"], Answer("spine-label", Outcome.PASS, scanned=True), "ann")
    assert said is not None
    assert {one.rule: one.outcome for one in said.findings} == {
        "spine-label": Outcome.PASS,
        "volume-on-label": Outcome.PASS,
        "label-place": Outcome.ABSTAINED,
    }


def test_a_count_by_hand_is_the_fourth_source() -> None:
    these = facts(description="", extent="2 audio discs", parts=2, material="music-cd")
    check = found(these)["pieces-counted"]
    rule = RULES.rule("pieces-counted", TODAY)
    assert rule is not None
    for answer, counted, key in (
        (Answer("pieces-counted", Outcome.PASS), 2, ""),
        (Answer("pieces-counted", Outcome.FAIL, "Piece missing", count=1), 1, "finding.pieces.odd.count"),
        (Answer("pieces-counted", Outcome.FAIL, "Wrong piece"), None, "finding.not-counted"),
    ):
        said = answered(check, answer, "ann")
        assert said is not None
        assert counted_by_hand([said]) == counted
        judged = PREDICATES[rule.check].run(msgspec.structs.replace(these, counted=counted_by_hand([said])), rule)
        assert (judged.reason.key or told(judged.reason)) == key
        assert (judged.outcome is Outcome.PASS) is (not key)


# --- conditions and sampling ----------------------------------------------------------------------------------------

PERSON = Rule(
    id="x",
    number=100,
    family="label",
    title="t",
    compares="c",
    severity=Severity.MINOR,
    how="person",
    question="Good?",
    look="x",
    reasons=("damaged",),
)


@for_each(
    ("condition", "holds_for", "not_for"),
    [
        (Applies(materials=("book", "")), facts(material=""), facts(material="dvd")),
        (Applies(locations=("STACKS",)), facts(), facts(location="OVERSIZE")),
        (Applies(item_types=("REF",)), facts(item_type="REF"), facts()),
        (
            Applies(tasks=("withdrawal", "processing"), notes=True),
            msgspec.structs.replace(facts(notes=("n",)), task="withdrawal"),
            facts(),
        ),
        (Applies(parts_at_least=2), facts(parts=2), facts()),
        (Applies(parts_at_most=1), facts(), facts(parts=2)),
        (Applies(several_pieces=True), facts(accompanying="1 map"), facts(marc=RecordFacts())),
        (Applies(accompanying=True), facts(accompanying="1 map"), facts(marc=RecordFacts())),
        (Applies(accompanying=False), facts(), facts(accompanying="1 map")),
        (Applies(label_known=True), facts(), facts(label_lines=())),
        (Applies(label_known=False), facts(label_lines=()), facts()),
        (Applies(used=True), msgspec.structs.replace(facts(), foreign=True), facts()),
        (Applies(volume=True), facts(), facts(description="")),
        (Applies(edition=True), facts(marc=RecordFacts(edition="2")), facts(marc=RecordFacts())),
        (Applies(tag_replaced=True), msgspec.structs.replace(facts(), replaced="E0"), facts()),
        (Applies(notes=True), facts(notes=("n",)), facts()),
        (Applies(leased=True), facts(marc=RecordFacts(acquisition="Lease")), facts(marc=RecordFacts(acquisition="x"))),
        (Applies(gift=True), facts(marc=RecordFacts(acquisition="Gift")), facts(marc=RecordFacts(acquisition="x"))),
        (Applies(bind_first=True), bound("BIND"), bound("BOOK")),
        (Applies(bind_first=False), bound("BOOK"), bound("BIND")),
        (Applies(materials=("book",), parts_at_least=2), facts(parts=2), facts(parts=2, material="dvd")),
    ],
)
def test_every_condition_alone_and_all_together(condition: Applies, holds_for: Facts, not_for: Facts) -> None:
    rule = msgspec.structs.replace(PERSON, applies=condition)
    assert applies(rule, holds_for) == (True, "")
    assert applies(rule, not_for) == (False, "")
    assert applies(PERSON, not_for) == (True, ""), "a rule without a condition always applies"
    assert checks(Catalogue((msgspec.structs.replace(rule, retired=True),), RULES.reasons), holds_for, TODAY) == ()


@pytest.mark.parametrize("name", ["several_pieces", "accompanying", "edition"])
def test_a_condition_on_the_record_is_not_known_while_no_record_was_read(name: str) -> None:
    rule = msgspec.structs.replace(PERSON, applies=Applies(**{name: True}))  # type: ignore[arg-type]
    assert applies(rule, facts()) == (None, "finding.no-marc")


def test_a_rule_is_for_processing_unless_it_says_otherwise() -> None:
    """The withdrawal of docs/reference/quality-sources.md#withdrawal, item layer: owner, canceled marks, tag; not
    whether the label is straight.
    """
    asked = {
        task: [
            [cover.rule for cover in check.covers]
            for check in checks(RULES, msgspec.structs.replace(BASES[base], task=task), TODAY)
        ]
        for base, task in (("elsewhere", "withdrawal"), ("leased", "lease-return"))
    }
    assert asked["withdrawal"] == [["title-in-hand", "volume-in-hand"], ["tag-released"], ["marks-cancelled"]]
    assert asked["lease-return"] == [["title-in-hand", "volume-in-hand", "undamaged"], ["own-marks-off"]]
    withdrawn = msgspec.structs.replace(facts(notes=("n",), accompanying="1 map"), task="withdrawal")
    assert "note-read" in found(withdrawn)
    assert "pieces-counted" not in found(withdrawn), "a set with a missing part may leave"
    assert applies(PERSON, withdrawn) == (False, "")
    leaves = [rule.id for rule in RULES.rules if "withdrawal" in rule.applies.tasks and rule.by_machine]
    assert leaves == [
        "barcode-known",
        "barcode-format",
        "item-released",
        "tag-released",
        "retention-kept",
    ]


def test_a_sampling_plan_spares_what_need_not_be_asked_of_every_item() -> None:
    these = facts(accompanying="1 map")
    asked = found(these, asked=lambda _rule: False)
    assert list(asked) == ["title-in-hand", "pieces-counted"]
    assert covered(asked["title-in-hand"]) == ["title-in-hand"]
    spared = skipped(RULES, these, TODAY, lambda _rule: False)
    everything = {cover for check in found(these).values() for cover in covered(check)}
    assert {one.rule for one in spared} == everything - {"title-in-hand", "pieces-counted"}
    assert {one.outcome for one in spared} == {Outcome.NOT_SAMPLED}


def test_findings_carry_rule_title_number_and_severity_in_the_order_of_the_rules() -> None:
    machine = [rule for rule in RULES.rules if rule.by_machine]
    said = [one for one in machine_findings(RULES, BASES["book"], TODAY) if RULES.rule(one.rule, TODAY) in machine]
    assert [(f.rule, f.title, f.severity, f.number) for f in said] == [
        (r.id, r.title, r.severity, r.number) for r in machine
    ]


# --- one cause, one finding ---------------------------------------------------------------------------------------------


@for_each(
    ("changes", "stands", "told_once"),
    [
        ({"item.call_number": "QA76.73 .P98 D64 0226"}, "call-number-typed", "call-number-date"),
        ({"item.call_number": "QA76.73 .P98 D64 2O26"}, "call-number-typed", "call-number-dated"),
        (
            {"item.marc.fixed_years": ("1999",), "item.call_number": "QA76.73 .P98 D64 1950"},
            "years-agree",
            "call-number-date",
        ),
        ({"item.location": "STAKCS"}, "location-known", "class-location"),
    ],
)
def test_two_rules_that_see_one_cause_give_one_finding(changes: dict[str, object], stands: str, told_once: str) -> None:
    numbers = (("050", "lc", "QA76.73 .P98 D64 2026"),)
    wrong = changed(BASES["single"], "item.marc.class_numbers", numbers)
    wrong = changed(changed(wrong, "label_seen", None), "receipt.library", "")
    for path, value in changes.items():
        wrong = changed(wrong, path, value)
    outcomes = {finding.rule: finding for finding in machine_findings(CATALOGUE, wrong, TODAY)}
    assert [rule for rule, finding in outcomes.items() if finding.outcome is Outcome.FAIL] == [stands]
    other = outcomes[told_once]
    assert other.outcome is Outcome.ABSTAINED
    assert told(other.reason).startswith("another rule reports the cause: ")


def test_the_worse_of_two_findings_with_one_cause_stands() -> None:
    """A site may make either rule the worse one."""
    rules = tuple(
        msgspec.structs.replace(rule, severity=Severity.CRITICAL) if rule.id == "class-location" else rule
        for rule in CATALOGUE.rules
    )
    lost = changed(changed(BASES["single"], "item.location", "STAKCS"), "receipt.library", "")
    findings = machine_findings(Catalogue(rules, CATALOGUE.reasons), lost, TODAY)
    assert {finding.rule for finding in findings if finding.outcome is Outcome.FAIL} == {
        "class-location",
        "location-known",
    }
