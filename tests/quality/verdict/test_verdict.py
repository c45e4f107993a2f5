"""The verdict: the worst unwaived finding, in any order; a waiver needs role and reason, and stays in the journal."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.sentence import Sentence
from station.base.sentence_json import decode_sentence
from station.domain.events import FindingWaived
from station.domain.findings import Finding, Outcome, Severity
from station.domain.people.rights import Role
from station.domain.people.sign_on import MACHINE
from station.domain.verdict import Verdict, Waiver
from station.quality.verdict.verdict import is_sound, judge, settled, to_journal, verdict
from station.quality.verdict.waivers import rejudged
from tests.support.sample_events import judged

RANK = {Severity.CRITICAL: 3, Severity.MAJOR: 2, Severity.MINOR: 1, Severity.INFO: 0}
RULES = ["a", "b", "c", "d", "e"]
FINDINGS = st.lists(
    st.builds(
        Finding,
        rule=st.sampled_from(RULES),
        title=st.just("t"),
        severity=st.sampled_from(Severity),
        outcome=st.sampled_from(Outcome),
        by=st.sampled_from([MACHINE, "ann"]),
        reason=st.sampled_from(["", "r"]),
    ),
    max_size=12,
)
WAIVERS = st.lists(
    st.builds(
        Waiver,
        rule=st.sampled_from(RULES),
        by=st.just("eve"),
        role=st.sampled_from(Role),
        reason=st.sampled_from(["", "  ", "agreed with the donor"]),
    ),
    max_size=4,
)


def against(one: Finding) -> bool:
    """Tell whether it is a fail, or a critical rule that a person has not checked."""
    unseen = (one.severity, one.outcome) == (Severity.CRITICAL, Outcome.NOT_APPLICABLE) and one.by == "ann"
    return unseen or one.outcome is Outcome.FAIL


@given(FINDINGS, WAIVERS, st.randoms())
def test_the_verdict_is_the_worst_unwaived_finding_in_any_order(
    findings: list[Finding], waivers: list[Waiver], chance: object
) -> None:
    good = {one.rule for one in waivers if one.reason.strip()}
    ranks = [RANK[one.severity] for one in findings if against(one) and one.rule not in good]
    found = judge(findings, waivers)
    assert found.verdict is (Verdict.FAIL if max(ranks, default=0) >= 2 else Verdict.PASS)
    assert (found.worst is None) is (not ranks)
    if found.worst is not None:
        assert RANK[found.worst] == max(ranks)
        assert {one.severity for one in found.because} == {found.worst}
        assert not {one.rule for one in found.because} & good
    assert len(found.waived) == sum(against(one) and one.rule in good for one in findings)
    shuffled, again = list(findings), list(waivers)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    chance.shuffle(again)  # type: ignore[attr-defined]
    assert judge(shuffled, again).verdict is found.verdict is verdict(findings, waivers)
    assert judge(shuffled, again).worst is found.worst


@given(FINDINGS, WAIVERS)
def test_one_more_fail_never_makes_it_better_and_one_more_waiver_never_worse(
    findings: list[Finding], waivers: list[Waiver]
) -> None:
    worse = [*findings, Finding("z", "t", Severity.MAJOR, Outcome.FAIL, "ann")]
    assert verdict(worse, waivers) is Verdict.FAIL
    more = [*waivers, *(Waiver(rule, "eve", Role.SYSTEMS, "r") for rule in RULES)]
    assert verdict(findings, more) is Verdict.PASS


@pytest.mark.parametrize(
    ("waiver", "sound"),
    [
        (Waiver("a", "eve", Role.TECHNICIAN, "shelved there on purpose"), True),
        (Waiver("a", "eve", Role.TECHNICIAN, ""), False),
        (Waiver("a", "eve", Role.TECHNICIAN, " \t"), False),
        (Waiver("", "eve", Role.TECHNICIAN, "why"), False),
        (Waiver("a", "eve", "", "why"), False),  # type: ignore[arg-type]
    ],
)
def test_a_waiver_needs_a_role_and_a_reason(waiver: Waiver, sound: bool) -> None:
    bad = Finding("a", "t", Severity.CRITICAL, Outcome.FAIL, MACHINE)
    assert is_sound(waiver) is sound
    assert verdict([bad], [waiver]) is (Verdict.PASS if sound else Verdict.FAIL)


@pytest.mark.parametrize(
    ("severity", "by", "expected"),
    [
        (Severity.CRITICAL, "ann", Verdict.FAIL),
        (Severity.MAJOR, "ann", Verdict.PASS),
        (Severity.CRITICAL, MACHINE, Verdict.PASS),
    ],
)
def test_not_applicable_said_by_a_person_never_passes_a_critical_rule(
    severity: Severity, by: str, expected: Verdict
) -> None:
    """Older journals have such answers of people. The machine's "not applicable" differs: it knows the condition."""
    assert verdict([Finding("a", "t", severity, Outcome.NOT_APPLICABLE, by)]) is expected


@given(FINDINGS)
def test_what_is_journaled_keeps_every_fail_every_answer_and_what_passed(findings: list[Finding]) -> None:
    kept, passed = to_journal(findings)
    assert [one for one in findings if one.outcome is Outcome.FAIL] == [
        one for one in kept if one.outcome is Outcome.FAIL
    ]
    assert [one for one in findings if one.by != MACHINE] == [one for one in kept if one.by != MACHINE]
    assert list(passed) == [one.rule for one in findings if one.by == MACHINE and one.outcome is Outcome.PASS]
    assert verdict(kept) is verdict(findings)


def test_a_persons_answer_takes_the_place_of_the_machines_abstention_only() -> None:
    def one(rule: str, outcome: Outcome, by: str) -> Finding:
        return Finding(rule, "t", Severity.MAJOR, outcome, by)

    machine = [
        one("a", Outcome.ABSTAINED, MACHINE),
        one("b", Outcome.FAIL, MACHINE),
        one("c", Outcome.ABSTAINED, MACHINE),
    ]
    person = [one("a", Outcome.PASS, "ann"), one("b", Outcome.PASS, "ann"), one("c", Outcome.ABSTAINED, "ann")]
    assert settled(machine, person) == (machine[1], machine[2], *person)
    assert verdict(settled(machine, person)) is Verdict.FAIL


def test_a_finding_of_an_old_journal_is_still_read() -> None:
    old = b'{"rule":"price-present","title":"t","severity":"minor","outcome":"fail","by":"machine","reason":"no price"}'
    assert msgspec.json.decode(old, type=Finding, dec_hook=decode_sentence).number == 0


def test_a_finding_is_waived_once_and_only_what_failed() -> None:
    bad = Finding("a", "t", Severity.CRITICAL, Outcome.FAIL, MACHINE)
    worse = Finding("b", "t", Severity.MAJOR, Outcome.FAIL, "ann")
    first = msgspec.structs.replace(judged(), verdict=Verdict.FAIL, findings=(bad, worse), waivers=())
    waived = FindingWaived(
        barcode="1",
        rule="a",
        title=Sentence.verbatim("t"),
        severity=Severity.CRITICAL,
        reason="why",
        operator="eve",
        role=Role.TECHNICIAN,
    )
    once = rejudged(first, waived)
    assert once is not None
    assert (once.verdict, once.findings) == (Verdict.FAIL, (bad, worse))
    assert rejudged(once, waived) is None, "the finding is waived already"
    assert rejudged(first, msgspec.structs.replace(waived, rule="c")) is None
    twice = rejudged(once, msgspec.structs.replace(waived, rule="b"))
    assert twice is not None
    assert (twice.verdict, [waiver.rule for waiver in twice.waivers]) == (Verdict.PASS, ["a", "b"])
    assert rejudged(twice, msgspec.structs.replace(waived, rule="c")) is None, "the rule has no fail"
