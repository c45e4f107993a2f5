"""Jobs: the screen names the sender of work from another terminal, and the work ends with its connection."""

from __future__ import annotations

import pytest

from station.domain import events
from station.domain.commands import Act, BeginJob, Cancel, Command, EndJob, Enter, InspectPad, Scan
from station.domain.notices import DONE
from station.domain.snapshot import Light, Phase, Sound
from station.domain.workflows import ConvertState, SetState, SetView, Workflow
from tests.support.simulated_bench import BOOK, CATALOG, DVD, Rig
from tests.support.told import told

JOB = BeginJob("j1", "ann (pts/3)")
GONE = EndJob("j1")


def sent(*commands: Command) -> Rig:
    """Return a bench after a job began and sent these commands."""
    rig = Rig()
    for command in (JOB, *commands):
        rig.bench.handle(command, job=JOB.job)
    return rig


def test_the_screen_says_who_sent_the_work_until_it_ends() -> None:
    rig = sent(Scan(BOOK))
    assert rig.now.sender == "ann (pts/3)"
    rig.place(rig.world.tag(1))
    rig.pass_all()
    rig.bench.handle(GONE)
    assert (rig.now.sender, rig.now.phase) == ("", Phase.DONE)
    assert "item-set-aside" not in rig.journal.kinds()


def test_an_item_in_hand_is_put_down_when_its_terminal_goes() -> None:
    rig = sent(Scan(BOOK))
    rig.bench.handle(GONE)
    assert (rig.now.phase, rig.now.item, rig.now.sender) == (Phase.IDLE, None, "")
    assert (rig.now.notice.code, rig.now.sound) == ("notice.sender-gone", Sound.WARNING)
    assert "ann (pts/3)" in told(rig.now.notice.sentence) and "Title of" in told(rig.now.notice.sentence)
    (aside,) = [one for one in rig.journal.events if isinstance(one, events.ItemSetAside)]
    assert (aside.barcode, told(aside.reason)) == (BOOK, "the terminal that sent it was closed")


def test_an_item_whose_sender_left_in_mid_check_waits_for_a_person() -> None:
    rig = sent(Scan(BOOK))
    rig.place(rig.world.tag(1))
    rig.bench.handle(GONE)
    assert (rig.now.notice.code, rig.now.item) == ("notice.sender-gone", None)
    assert [one.barcode for one in rig.now.unjudged] == [BOOK]
    rig.lift()
    rig.scan(BOOK)
    rig.cancel()
    assert rig.now.unjudged == (), "an operator who sets it aside has decided"


def test_a_half_written_tag_stays_known_and_is_finished_when_it_comes_back() -> None:
    rig = sent(Scan(BOOK))
    uid = rig.world.tag(1)
    rig.world.lift_at_write = 3
    rig.place(uid)
    rig.bench.handle(GONE)
    assert tuple(map(told, rig.now.unfinished)) == (CATALOG[BOOK].title,)
    rig.lift()
    rig.place(uid)
    assert rig.now.phase is Phase.CHECKING and rig.now.item is not None and rig.now.item.barcode == BOOK


def test_no_job_begins_while_an_item_is_in_hand() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.bench.handle(JOB, "t")
    answer = rig.now.answered[-1]
    assert (answer.ticket, answer.code) == ("t", "bench-busy") and CATALOG[BOOK].title in told(answer.sentence)
    for command in (Enter(Workflow.SETS), Scan(DVD), GONE):
        rig.bench.handle(command, job=JOB.job)
    assert (rig.now.workflow, rig.now.sender) == (Workflow.PROCESS, "")
    assert rig.now.item is not None and rig.now.item.barcode == BOOK


def test_a_terminal_may_finish_what_is_left_from_before_a_restart() -> None:
    rig = Rig()
    rig.enter(Workflow.SETS)
    rig.scan(DVD)
    rig.start()
    rig.bench.handle(JOB, "t", JOB.job)
    assert rig.now.answered[-1].code == DONE and rig.now.workflow is Workflow.SETS


def test_no_job_begins_while_an_item_waits_in_another_workflow() -> None:
    rig = Rig()
    rig.enter(Workflow.SETS)
    rig.scan(DVD)
    rig.enter(Workflow.PROCESS)
    rig.bench.handle(JOB, "t")
    assert rig.now.answered[-1].code == "bench-busy" and rig.now.sender == ""


def test_a_scan_at_the_bench_does_not_go_into_the_job_of_another_terminal() -> None:
    rig = sent(Enter(Workflow.SETS), Scan(DVD))
    before = rig.now.sound_number
    rig.bench.handle(Scan(BOOK), "t")
    assert rig.now.answered[-1].code == "bench-busy"
    assert (rig.now.light, rig.now.sound) == (Light.WARNING, Sound.WARNING) and rig.now.sound_number > before
    assert told(rig.now.prompt) == "ann (pts/3) is using the bench. Wait until that is done."
    rig.enter(Workflow.ERASE)
    view = rig.now.workflow_view
    assert rig.now.workflow is Workflow.SETS and isinstance(view, SetView) and view.barcode == DVD
    rig.bench.handle(GONE, job=JOB.job)
    assert rig.scan(BOOK).item is not None, "the bench is the operator's again"


def test_no_other_program_uses_the_pad_during_a_job() -> None:
    rig = sent(Enter(Workflow.ERASE))
    rig.place(rig.world.tag(1))
    answer = rig.ask(InspectPad())
    assert answer.refusal is not None and answer.refusal.code == "bench-busy"


def test_a_conversion_ends_and_the_bench_is_back_where_it_was() -> None:
    rig = sent(Enter(Workflow.CONVERT), Scan(BOOK))
    rig.bench.handle(GONE)
    assert rig.now.workflow is Workflow.PROCESS and rig.journal.kinds()[-2:] == ["item-set-aside", "conversion-ended"]
    assert rig.now.notice.code == "notice.sender-gone"


def test_the_operators_own_conversion_goes_on() -> None:
    rig = Rig()
    rig.enter(Workflow.CONVERT)
    for command in (JOB, Scan(BOOK), GONE):
        rig.bench.handle(command, job=JOB.job)
    assert rig.now.workflow_view is not None and rig.now.workflow_view.state is ConvertState.LINE  # type: ignore[union-attr]
    assert rig.now.item is None and "conversion-ended" not in rig.journal.kinds()


def test_a_set_is_put_down_with_what_is_missing() -> None:
    rig = sent(Enter(Workflow.SETS), Scan(DVD))
    rig.bench.handle(GONE)
    closed = [one for one in rig.journal.events if isinstance(one, events.SetClosed)]
    assert [one.complete for one in closed] == [False] and rig.now.workflow is Workflow.PROCESS
    rig.enter(Workflow.SETS)
    assert rig.now.workflow_view is not None and rig.now.workflow_view.state is SetState.EMPTY  # type: ignore[union-attr]


def test_a_set_of_another_terminal_that_the_bench_sets_aside_ends_its_job() -> None:
    rig = sent(Enter(Workflow.SETS), Scan(DVD))
    rig.cancel()
    assert (rig.now.sender, rig.now.workflow) == ("", Workflow.PROCESS), "the bench is free at once"
    assert rig.scan(BOOK).item is not None
    for late in (Cancel(), Enter(Workflow.SETS), Scan(DVD)):
        rig.bench.handle(late, "t", JOB.job)
        assert rig.now.answered[-1].code == "notice.job-over"
    rig.bench.handle(GONE)
    assert rig.now.item is not None and rig.now.item.barcode == BOOK, "what is in hand now is the operator's"


def test_a_job_goes_on_after_it_sets_its_own_work_aside() -> None:
    rig = sent(Enter(Workflow.SETS), Scan(DVD), Cancel())
    assert (rig.now.sender, rig.now.workflow) == ("ann (pts/3)", Workflow.SETS)


def test_a_conversion_goes_on_after_the_bench_sets_one_item_aside() -> None:
    rig = sent(Enter(Workflow.CONVERT), Scan(BOOK))
    rig.cancel()
    rig.bench.handle(Scan(DVD), job=JOB.job)
    assert rig.now.sender == "ann (pts/3)" and rig.now.item is not None and rig.now.item.barcode == DVD


def test_a_checklist_is_left() -> None:
    rig = sent(Enter(Workflow.WITHDRAW), Scan(BOOK))
    rig.bench.handle(GONE)
    assert rig.journal.kinds()[-1] == "checklist-left" and rig.now.workflow is Workflow.PROCESS


def test_a_tag_that_is_to_be_erased_is_put_down() -> None:
    rig = sent(Enter(Workflow.ERASE))
    rig.place(rig.world.tag(1))
    rig.look()
    rig.bench.handle(Act("want"), job=JOB.job)
    rig.bench.handle(GONE)
    assert rig.now.workflow is Workflow.PROCESS and "tag-erased" not in rig.journal.kinds()


@pytest.mark.parametrize("workflow", [Workflow.ERASE, Workflow.MIGRATE])
def test_a_terminal_that_waits_for_a_tag_is_sent_away_by_set_aside(workflow: Workflow) -> None:
    rig = sent(Enter(workflow))
    rig.cancel()
    assert (rig.now.sender, rig.now.workflow) == ("", Workflow.PROCESS), "the bench is free at once"
    rig.bench.handle(Act("want"), "t", JOB.job)
    assert rig.now.answered[-1].code == "notice.job-over"
    assert rig.scan(BOOK).item is not None


def test_a_second_job_waits_for_the_first() -> None:
    rig = sent(Scan(BOOK))
    rig.bench.handle(BeginJob("j2", "bea"), "t2")
    answer = rig.now.answered[-1]
    assert (answer.ticket, answer.code) == ("t2", "station-busy") and "ann (pts/3)" in told(answer.sentence)
    rig.bench.handle(EndJob("j2"))
    assert rig.now.sender == "ann (pts/3)" and rig.now.item is not None, (
        "the end of a job that never began must do nothing"
    )
    rig.bench.handle(GONE)
    rig.bench.handle(BeginJob("j2", "bea"), "t3")
    assert rig.now.answered[-1].code == DONE and rig.now.sender == "bea"


def test_a_notice_that_a_job_leaves_names_its_sender() -> None:
    rig = sent(Enter(Workflow.CONVERT), Act("end"))
    rig.bench.handle(GONE)
    assert told(rig.now.notice.sentence).startswith("ann (pts/3): Session ended")


def test_a_notice_names_the_sender_of_its_own_job_once() -> None:
    rig = sent(Scan(BOOK))
    rig.bench.handle(GONE)
    said = told(rig.now.notice.sentence)
    for name in ("j2", "j3"):
        rig.bench.handle(BeginJob(name, "bea"), job=name)
        rig.bench.handle(EndJob(name), job=name)
    assert said and told(rig.now.notice.sentence) == said


def test_hostile_text_in_a_sender_is_cleaned() -> None:
    rig = Rig()
    rig.bench.handle(BeginJob("j", "\x1b]52;c;x\x07" + "x" * 300))
    assert "\x1b" not in rig.now.sender and len(rig.now.sender) <= 40
