"""The blind second check: the second person sees nothing of the first verdict; a technician decides a disagreement."""

from __future__ import annotations

import pytest

from station.base.sentence import Sentence
from station.base.words import tell
from station.domain import events
from station.domain.commands import Enter, LookFirst, SignOn
from station.domain.correction_states import CorrectionKind, CorrectionState
from station.domain.corrections.correction import SECOND_CHECK, advance, refusal
from station.domain.corrections.correction import opened as correction_opened
from station.domain.findings import Finding, Outcome, Severity
from station.domain.people.rights import Role
from station.domain.ports import Worker
from station.domain.snapshot import Phase
from station.domain.verdict import Verdict
from station.domain.workflows import InspectView, ReleaseView, Workflow
from station.quality.verdict.corrections import recheck_order
from station.quality.verdict.second_check import disagreements
from tests.support.simulated_bench import BOOK, CATALOG, Rig
from tests.support.told import told


def second_check(first: dict[str, str], second: dict[str, str]) -> Rig:
    """Let a student answer the checks, order a recheck, and let another person answer them. Both arguments: rule ->
    reason of a fail."""
    rig = Rig(people=Workers())
    tag = rig.world.tag(1)
    for who, fails in (("tim", first), ("ann", second)):
        rig.bench.handle(SignOn(who))
        rig.lift()
        rig.look(2)
        rig.scan(BOOK)
        if who == "ann":
            hidden = [flag for flag in rig.now.flags if flag.kind is not CorrectionKind.RECHECK]
            assert not hidden, "the second person must not see the first person's findings"
            assert all(reason not in told(rig.now.notice.sentence) for reason in first.values())
        rig.place(tag)
        rig.look(2)
        while rig.now.phase is Phase.CHECKING:
            check = rig.now.checks[rig.now.current_check]
            rules = [check.rule, *(one.rule for one in check.covers)]
            failed = next((rule for rule in rules if rule in fails), "")
            reason = check.reasons[0] if failed else ""
            rig.answer(Outcome.FAIL if failed else Outcome.PASS, reason)
        if who == "tim":
            rig.journal.record(
                recheck_order(
                    "order",
                    CATALOG[BOOK],
                    1,
                    worker="w-tim",
                    due="2026-12-01",
                    found_by="machine",
                    reason=Sentence.verbatim("drawn"),
                )
            )
    return rig


class Workers:
    """`ports.Workforce` in which every person is an operator with a separate id."""

    def find(self, name: str) -> Worker:
        return Worker(id=name if name.startswith("w-") else f"w-{name}", name=name, role=Role.OPERATOR, registered=True)


def disagreement(rig: Rig) -> events.CorrectionOpened | None:
    opened = [e for e in rig.journal.events if isinstance(e, events.CorrectionOpened) and e.rule == SECOND_CHECK]
    assert len(opened) < 2
    return opened[0] if opened else None


def test_two_who_agree_need_no_technician() -> None:
    assert disagreement(second_check({}, {})) is None
    rig = second_check({"spine-label": "x"}, {"spine-label": "x"})
    assert disagreement(rig) is None
    (order,) = [e for e in rig.journal.events if isinstance(e, events.CorrectionRechecked) and e.correction == "order"]
    assert not order.passed


@pytest.mark.parametrize(("first", "second"), [({}, {"spine-label": "x"}), ({"spine-label": "x"}, {})])
def test_where_two_disagree_a_technician_decides(first: dict[str, str], second: dict[str, str]) -> None:
    rig = second_check(first, second)
    opened = disagreement(rig)
    assert opened is not None
    assert (opened.owner, opened.worker, opened.found_by) == ("technician", "w-tim", "w-ann")
    said = tell("finding.second.pass-fail" if second else "finding.second.fail-pass", title="")
    assert said in told(opened.reason)
    mended = [e for e in rig.journal.events if isinstance(e, events.CorrectionMended)]
    assert not mended, "a pass by the second person must not count as a mend"
    assert [told(flag.title) for flag in rig.now.flags if "disagree" in told(flag.title)], (
        "after the verdict it must be shown"
    )


def test_only_a_technician_ends_a_disagreement() -> None:
    opened = disagreement(second_check({}, {"spine-label": "x"}))
    assert opened is not None
    now = correction_opened(opened)
    mend = events.CorrectionMended(correction=now.id, operator="w-ann")
    assert refusal(now, mend, Role.OPERATOR) is not None and refusal(now, mend, Role.TECHNICIAN) is None
    assert advance(now, mend).state is CorrectionState.CLOSED


def test_what_was_mended_in_between_is_no_disagreement() -> None:
    first = [Finding("label", "Label", Severity.MAJOR, Outcome.FAIL, "w-tim", Sentence.verbatim("crooked"))]
    second = [Finding("label", "Label", Severity.MAJOR, Outcome.PASS, "w-ann")]
    assert disagreements(first, second, {"label"}) and not disagreements(first, second, ())
    machine = [Finding("label", "Label", Severity.MAJOR, Outcome.PASS, "machine")]
    assert not disagreements(machine, first, ()), "only findings of persons are compared"


# --- blind on the screen ----------------------------------------------------------------------------------------------


def failed_by_tim() -> Rig:
    """Return a rig where Tim has failed the item, a recheck is ordered, and Tim's result is still on the screen."""
    rig = Rig(people=Workers())
    rig.bench.handle(SignOn("tim"))
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    rig.look(2)
    while rig.now.phase is Phase.CHECKING:
        check = rig.now.checks[rig.now.current_check]
        rig.answer(Outcome.FAIL, check.reasons[0])
    rig.journal.record(
        recheck_order(
            "order",
            CATALOG[BOOK],
            1,
            worker="w-tim",
            due="2026-12-01",
            found_by="machine",
            reason=Sentence.verbatim("drawn"),
        )
    )
    rig.bench.handle(SignOn(""))
    assert rig.now.verdict is Verdict.FAIL and rig.now.findings
    return rig


def shows_reason(rig: Rig) -> bool:
    """Return whether the screen shows any of Tim's reasons."""
    shown = repr(rig.now)
    return any(
        told(one.reason) in shown for e in rig.journal.events if isinstance(e, events.ItemJudged) for one in e.findings
    )


def test_the_result_leaves_the_screen_when_somebody_comes_who_owes_the_second_check() -> None:
    rig = failed_by_tim()
    rig.bench.handle(SignOn("ann"))
    assert rig.now.phase is Phase.IDLE and rig.now.verdict is None and not shows_reason(rig)


def test_it_stays_for_whom_it_is_no_secret() -> None:
    rig = failed_by_tim()
    rig.journal.record(events.SecondCheckSeen(correction="order", operator="w-tess"))
    rig.bench.handle(SignOn("tess"))
    assert rig.now.verdict is Verdict.FAIL and shows_reason(rig)


@pytest.mark.parametrize("workflow", [Workflow.INSPECT, Workflow.RELEASE])
def test_histories_and_trucks_say_nothing_to_whoever_owes_it(workflow: Workflow) -> None:
    """They are shown to Tim, disappear when Ann signs on, and are shown again to a person from whom the result is not
    hidden."""
    rig = failed_by_tim()
    rig.lift()
    rig.look(3)
    rig.bench.handle(Enter(workflow))
    rig.scan(BOOK)

    def said() -> str:
        workflow_view = rig.now.workflow_view
        if isinstance(workflow_view, InspectView):
            return " ".join(told(line.said) for line in workflow_view.history)
        assert isinstance(workflow_view, ReleaseView)
        return " ".join(told(reason) for line in workflow_view.lines for reason in line.reasons)

    mark = "item-judged" if workflow is Workflow.INSPECT else "It failed."
    assert mark in said()
    rig.bench.handle(SignOn("ann"))
    assert mark not in said() and said()
    rig.bench.handle(LookFirst("order"))
    rig.bench.handle(Enter(Workflow.PROCESS))
    rig.bench.handle(Enter(workflow))
    rig.scan(BOOK)
    assert mark in said()


def test_who_has_looked_does_no_second_check() -> None:
    rig = failed_by_tim()
    rig.lift()
    rig.look(2)
    rig.bench.handle(SignOn("tess"))
    rig.bench.handle(LookFirst("order"))
    assert rig.now.notice.code == "notice.looked"
    rig.scan(BOOK)
    rig.place(next(iter(rig.world.tags)))
    rig.look(2)
    while rig.now.phase is Phase.CHECKING:
        rig.answer(Outcome.PASS, "")
    done = [e for e in rig.journal.events if isinstance(e, events.CorrectionRechecked) and e.correction == "order"]
    assert not done and rig.journal.corrections["order"].state is CorrectionState.OPEN
    assert rig.journal.corrections["order"].seen == ("w-tess",)
