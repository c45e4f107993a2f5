"""The workflow of sets as the operator sees it: any order, several at once, missing parts, renumbering, loose discs."""

from __future__ import annotations

import random
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base import errors
from station.base.settings import Sets
from station.bench.item.counted_parts import counted, sized
from station.bench.workflows.sets.rules import MOVES, SetInHand, Trigger
from station.domain import events
from station.domain.ports import Logged
from station.domain.snapshot import Light, Phase, Snapshot
from station.domain.tag_image import TagImage, Uid
from station.domain.verdict import Verdict
from station.domain.workflows import MOST_PARTS, PartState, SetModel, SetState, SetView, Workflow
from station.encoding.content import TagProfile, TagState
from station.encoding.recognition.recognise import recognise
from tests.bench.test_bench import encoded
from tests.support.simulated_bench import BOOK, CATALOG, DVD, ISIL, OTHER, SETTINGS, Rig
from tests.support.told import told

MAIN = msgspec.structs.replace(SETTINGS, sets=Sets(model="main"))


def sets(settings: object = SETTINGS) -> Rig:
    rig = Rig(settings)  # type: ignore[arg-type]
    rig.enter(Workflow.SETS)
    return rig


def view(shown: Snapshot) -> SetView:
    assert isinstance(shown.workflow_view, SetView)
    return shown.workflow_view


def says(rig: Rig, uid: Uid) -> tuple[str, int, int]:
    """Return identifier, part and number of parts of one of the library's finished tags, by the decoder."""
    tag = rig.world.tags[uid]
    locked = tuple(n in tag.locked for n in range(tag.blocks))
    seen = recognise(TagImage(uid, 4, bytes(tag.memory), locked, tag.afi, tag.dsfid), TagProfile(ISIL))
    assert seen.state is TagState.OURS and seen.content is not None, seen
    return seen.content.primary_item_identifier, seen.content.part, seen.content.parts


def lay(rig: Rig, *uids: Uid) -> Snapshot:
    rig.world.place(*uids)
    return rig.look(3)


def alone(rig: Rig, *uids: Uid) -> Snapshot:
    rig.world.lift()
    rig.look(2)
    return lay(rig, *uids)


def of_kind(rig: Rig, kind: type) -> list:  # type: ignore[type-arg]
    return [event for event in rig.journal.events if isinstance(event, kind)]


def made(rig: Rig) -> list[Uid]:
    """Make a finished set of three, with its parts placed one by one."""
    tags = [rig.world.tag(n) for n in (1, 2, 3)]
    rig.scan(DVD)
    for tag in tags:
        alone(rig, tag)
    rig.act("loose", "0")
    return tags


# --- part after part, in any order --------------------------------------------------------------------------------


def test_a_part_whose_tag_was_erased_meanwhile_must_be_put_down_again() -> None:
    rig = sets()
    tags = [rig.world.tag(n) for n in (1, 2, 3)]
    rig.scan(DVD)
    for tag in tags:
        alone(rig, tag)
    assert view(rig.now).state is SetState.COUNT
    rig.enter(Workflow.ERASE)
    rig.look(2)
    rig.act("want")
    rig.scan(DVD)
    rig.enter(Workflow.SETS)
    assert view(rig.now).state is SetState.GATHER
    rig.act("loose", "0")
    assert of_kind(rig, events.SetClosed) == []
    rig.lift()
    lay(rig, tags[2])
    assert view(rig.now).state is SetState.COUNT and says(rig, tags[2]) == (DVD, 3, 3)


def test_parts_one_by_one_what_is_missing_is_shown_all_the_time() -> None:
    rig = sets()
    tags = [rig.world.tag(n) for n in (1, 2, 3)]
    shown = rig.scan(DVD)
    assert (view(shown).missing, view(shown).chosen) == ((1, 2, 3), 1)
    missing = [view(alone(rig, tag)).missing for tag in tags]
    assert missing == [(2, 3), (3,), ()]
    assert [says(rig, tag) for tag in tags] == [(DVD, 1, 3), (DVD, 2, 3), (DVD, 3, 3)]
    assert view(rig.now).state is SetState.COUNT
    shown = rig.act("loose", "1")
    assert view(shown).state is SetState.COMPLETE and shown.light is Light.GOOD
    (closed,) = of_kind(rig, events.SetClosed)
    assert (closed.complete, closed.seen, closed.missing, closed.loose) == (True, (1, 2, 3), (), 1)


def test_any_order_by_hand_and_by_what_the_tags_say() -> None:
    rig = sets()
    second, first = rig.world.tag(1, **encoded(DVD, part=2, parts=3)), rig.world.tag(2)
    rig.scan(DVD)
    assert view(lay(rig, second)).missing == (1, 3)
    assert rig.world.tags[second].writes == 0, "the tag is already right"
    rig.act("part", "3")
    assert view(alone(rig, first)).missing == (1,)
    assert says(rig, first) == (DVD, 3, 3)


def test_a_set_may_begin_with_one_of_its_parts() -> None:
    rig = sets()
    shown = lay(rig, rig.world.tag(1, **encoded(DVD, part=2, parts=3)))
    assert (view(shown).barcode, view(shown).missing) == (DVD, (1, 3))


def test_several_tags_of_the_set_at_once() -> None:
    rig = sets()
    tags = [rig.world.tag(n, **encoded(DVD, part=n, parts=3)) for n in (1, 2, 3)]
    rig.scan(DVD)
    shown = lay(rig, *tags)
    assert view(shown).state is SetState.COUNT
    assert all(part.here for part in view(shown).parts)
    assert not any(rig.world.tags[tag].writes for tag in tags)


def test_several_new_tags_are_numbered_only_when_somebody_says_so() -> None:
    rig = sets()
    tags = [rig.world.tag(n) for n in (1, 2, 3)]
    rig.scan(DVD)
    shown = lay(rig, *tags)
    assert view(shown).state is SetState.ASK_ORDER
    assert [one.id for one in view(shown).answers] == ["number-them", "one-at-a-time"]
    assert not any(rig.world.tags[tag].writes for tag in tags)
    shown = rig.choose("number-them")
    assert view(shown).state is SetState.COUNT
    assert {says(rig, tag) for tag in tags} == {(DVD, 1, 3), (DVD, 2, 3), (DVD, 3, 3)}


def test_one_at_a_time_after_all() -> None:
    rig = sets()
    tags = [rig.world.tag(n) for n in (1, 2)]
    rig.scan(DVD)
    lay(rig, *tags)
    assert view(rig.choose("one-at-a-time")).state is SetState.GATHER
    assert not any(rig.world.tags[tag].writes for tag in tags)
    assert view(rig.look(3)).state is SetState.GATHER, "the same tags must not be asked about again"
    assert view(alone(rig, tags[1])).missing == (2, 3)


def test_more_new_tags_than_parts_are_refused() -> None:
    rig = sets()
    rig.scan(DVD)
    shown = lay(rig, *(rig.world.tag(n) for n in range(1, 6)))
    assert shown.fault is not None and shown.fault.code == "no-such-part"


def test_a_part_lies_there_while_the_next_is_laid_beside_it() -> None:
    rig = sets()
    tags = [rig.world.tag(n) for n in (1, 2, 3)]
    rig.scan(DVD)
    assert [view(lay(rig, tag)).missing for tag in tags] == [(2, 3), (3,), ()]


# --- what does not belong --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stranger", "code"),
    [
        (encoded(OTHER), "other-item"),
        (encoded(DVD, isil="DE-99"), "foreign-tag"),
        ({"memory": bytearray(b"\x77" * 112)}, "unknown-content"),
    ],
)
def test_a_stranger_among_them_keeps_all_from_being_written(stranger: dict[str, object], code: str) -> None:
    rig = sets()
    new, other = rig.world.tag(1), rig.world.tag(2, **stranger)
    rig.scan(DVD)
    shown = lay(rig, new, other)
    assert shown.fault is not None and shown.fault.code == code
    assert shown.fault.choices == ()
    assert (rig.world.tags[new].writes, rig.world.tags[other].writes) == (0, 0)
    rig.world.pad.remove(other)
    shown = rig.look(3)
    assert shown.fault is None
    assert says(rig, new) == (DVD, 1, 3)


def test_the_tag_of_a_part_that_the_set_does_not_have() -> None:
    rig = sets()
    new, fourth = rig.world.tag(1), rig.world.tag(2, **encoded(DVD, part=4, parts=4))
    rig.scan(DVD)
    lay(rig, new, fourth)
    rig.choose("size-0")
    shown = rig.look(3)
    assert shown.fault is not None and shown.fault.code == "part-beyond"
    assert (rig.world.tags[new].writes, rig.world.tags[fourth].writes) == (0, 0)


def test_two_tags_that_are_the_same_part() -> None:
    rig = sets()
    twins = [rig.world.tag(n, **encoded(DVD, part=2, parts=3)) for n in (1, 2)]
    rig.scan(DVD)
    shown = lay(rig, *twins)
    assert shown.fault is not None and shown.fault.code == "part-twice"


def test_a_new_tag_for_a_part_that_has_one_takes_two_gestures() -> None:
    rig = sets()
    tags = made(rig)
    new = rig.world.tag(9)
    rig.scan(DVD)
    rig.act("part", "2")
    shown = alone(rig, new)
    assert shown.fault is not None and shown.fault.code == "second-tag"
    assert [choice.id for choice in shown.fault.choices] == ["replace"]
    assert "Scan the barcode" in told(rig.choose("replace").fault.sentence)  # type: ignore[union-attr]
    rig.scan(DVD)
    assert says(rig, new) == (DVD, 2, 3)
    assert {b.part: b.uid for b in rig.journal.bindings_for(DVD)} == {1: tags[0], 2: new, 3: tags[2]}


def test_another_barcode_takes_the_gesture_back() -> None:
    rig = sets()
    made(rig)
    new = rig.world.tag(9)
    rig.scan(DVD)
    rig.act("part", "2")
    alone(rig, new)
    rig.choose("replace")
    shown = rig.scan(BOOK)
    assert shown.notice.code == "sets.another-barcode"
    assert rig.world.tags[new].writes == 0


def test_a_locked_block_is_refused_before_the_wire() -> None:
    rig = sets()
    tag = rig.world.tag(1, locked={1})
    rig.scan(DVD)
    before = rig.world.write_commands
    shown = lay(rig, tag)
    assert shown.fault is not None and shown.fault.code == "tag-locked"
    assert rig.world.write_commands == before


# --- the number of parts ---------------------------------------------------------------------------------------------------


def test_renumbering_rewrites_each_tag_and_only_by_its_own_address() -> None:
    rig = sets()
    tags = made(rig)
    rig.scan(DVD)
    shown = rig.act("size", "4")
    assert view(shown).state is SetState.ASK_SIZE and "1, 2, 3" in told(shown.prompt)
    assert not of_kind(rig, events.SetSized)
    shown = rig.choose("size-1")
    (said,) = of_kind(rig, events.SetSized)
    assert (said.parts, said.before, said.record_parts) == (4, 3, 3)
    assert [part.state for part in view(shown).parts] == [*[PartState.OLD_TOTAL] * 3, PartState.NO_TAG]
    new = rig.world.tag(4)
    alone(rig, tags[1], tags[0])
    assert [says(rig, tag)[1:] for tag in tags] == [(1, 4), (2, 4), (3, 3)]
    alone(rig, tags[2])
    assert view(alone(rig, new)).missing == ()
    assert [says(rig, tag)[1:] for tag in (*tags, new)] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    for tag in tags:
        kinds = [
            type(e).__name__ for e in rig.journal.events if getattr(e, "uid", "") == tag and "Write" in type(e).__name__
        ]
        assert kinds == ["TagWriteStarted", "TagWriteVerified"] * 2


def test_the_number_is_asked_where_tags_and_record_differ() -> None:
    rig = sets()
    tags = [rig.world.tag(n, **encoded(DVD, part=n, parts=4)) for n in (1, 2, 3)]
    rig.scan(DVD)
    shown = lay(rig, *tags)
    assert (
        view(shown).state is SetState.ASK_SIZE and "4 parts" in told(shown.prompt) and "record 3" in told(shown.prompt)
    )
    assert not any(rig.world.tags[tag].writes for tag in tags)
    rig.choose("size-1")
    assert view(rig.look(3)).missing == (4,)
    assert not any(rig.world.tags[tag].writes for tag in tags), "the tags are already right"


def test_the_records_number_when_that_is_right() -> None:
    rig = sets()
    tags = [rig.world.tag(n, **encoded(DVD, part=n, parts=4)) for n in (1, 2, 3)]
    rig.scan(DVD)
    lay(rig, *tags)
    rig.choose("size-0")
    rig.look(3)
    assert [says(rig, tag)[1:] for tag in tags] == [(1, 3), (2, 3), (3, 3)]


def test_a_set_does_not_become_smaller_than_its_tags() -> None:
    rig = sets()
    made(rig)
    rig.scan(DVD)
    shown = rig.act("size", "2")
    assert view(shown).state is SetState.GATHER and shown.notice.code == "sets.has-a-tag"


@pytest.mark.parametrize("said", ["0", "100", "-1", "x", "", "3", "٣"])
def test_a_size_that_is_none_does_nothing(said: str) -> None:
    rig = sets()
    rig.scan(DVD)
    assert view(rig.act("size", said)).state is SetState.GATHER


def test_what_was_counted_stands_in_the_main_job_too() -> None:
    rig = sets()
    tags = made(rig)
    rig.scan(DVD)
    rig.act("size", "4")
    rig.choose("size-1")
    alone(rig, *tags)
    rig.cancel()
    rig.enter(Workflow.PROCESS)
    rig.lift()
    shown = rig.scan(DVD)
    assert shown.item is not None and shown.item.parts == 4 and shown.part == 4
    rig.world.place(tags[1])
    rig.look(3)
    assert says(rig, tags[1]) == (DVD, 2, 4), "the main job must not write it back to 2 of 3"


def test_the_record_counts_again_once_it_has_changed() -> None:
    said = sized([Logged(1, "", events.SetSized(barcode=DVD, model=SetModel.EVERY, parts=4, before=3, record_parts=3))])
    assert counted(CATALOG[DVD], said).parts == 4
    assert counted(msgspec.structs.replace(CATALOG[DVD], parts=5), said).parts == 5
    assert counted(CATALOG[DVD], None) is CATALOG[DVD]


def test_catalogers_are_told_of_a_record_that_is_wrong() -> None:
    rig = sets()
    rig.scan(DVD)
    rig.act("size", "2")
    rig.choose("size-1")
    for n in (1, 2):
        alone(rig, rig.world.tag(n))
    rig.act("loose", "0")
    (request,) = of_kind(rig, events.CatalogingRequested)
    assert (request.barcode, request.code) == (DVD, "set-parts") and "2 parts" in told(request.reason)


# --- one tag on the main part ------------------------------------------------------------------------------------------------


def test_main_part_with_count() -> None:
    rig = sets(MAIN)
    tag = rig.world.tag(1)
    shown = rig.scan(DVD)
    assert [part.state for part in view(shown).parts] == [PartState.NO_TAG, PartState.BY_EYE, PartState.BY_EYE]
    shown = lay(rig, tag)
    assert says(rig, tag) == (DVD, 1, 3)
    assert view(shown).state is SetState.COUNT and "Count all pieces" in told(shown.prompt)
    assert view(rig.act("loose", "3")).state is SetState.COMPLETE


def test_main_part_with_another_count_is_asked_and_the_tag_written_anew() -> None:
    rig = sets(MAIN)
    tag = rig.world.tag(1)
    rig.scan(DVD)
    lay(rig, tag)
    assert view(rig.act("loose", "4")).state is SetState.ASK_SIZE
    rig.choose("size-1")
    shown = rig.look(3)
    assert says(rig, tag) == (DVD, 1, 4) and view(shown).state is SetState.COUNT
    assert view(rig.act("loose", "4")).state is SetState.COMPLETE


def test_one_tag_is_enough_for_the_main_job() -> None:
    rig = sets(MAIN)
    tag = rig.world.tag(1)
    rig.scan(DVD)
    lay(rig, tag)
    rig.act("loose", "3")
    shown = rig.act("process")
    assert shown.workflow is Workflow.PROCESS and shown.item is not None and shown.item.tags == 1
    rig.look(3)
    shown = rig.pass_all()
    assert shown.verdict in (Verdict.PASS, Verdict.FAIL)
    if shown.verdict is Verdict.PASS:
        assert all(delivery.intent.whole for delivery in rig.journal.deliveries if hasattr(delivery.intent, "whole"))


def test_a_set_with_one_tag_gets_no_second_one_from_the_main_job() -> None:
    rig = sets(MAIN)
    tag, fresh = rig.world.tag(1), rig.world.tag(2)
    rig.scan(DVD)
    lay(rig, tag)
    rig.act("loose", "3")
    rig.enter(Workflow.PROCESS)
    rig.lift()
    assert rig.scan(DVD).part == 1
    shown = lay(rig, fresh)
    assert shown.fault is not None and shown.fault.code == "second-tag"
    assert rig.world.tags[fresh].writes == 0


def test_the_model_is_changed_only_where_no_other_part_has_a_tag() -> None:
    rig = sets()
    made(rig)
    rig.scan(DVD)
    assert rig.act("model", "main").notice.code == "sets.has-a-tag"


# --- leaving, faults, the end of the station ------------------------------------------------------------------------------------


def test_another_barcode_does_not_drop_a_set_that_is_begun() -> None:
    rig = sets()
    rig.scan(DVD)
    lay(rig, rig.world.tag(1))
    shown = rig.scan(BOOK)
    assert view(shown).barcode == DVD and shown.notice.code == "sets.finish-first"
    shown = rig.cancel()
    assert view(shown).state is SetState.EMPTY and "2, 3" in told(shown.notice.sentence)
    (closed,) = of_kind(rig, events.SetClosed)
    assert (closed.complete, closed.missing) == (False, (2, 3))


def test_a_set_waits_while_the_bench_does_something_else() -> None:
    rig = sets()
    rig.scan(DVD)
    lay(rig, rig.world.tag(1))
    rig.lift()
    assert rig.enter(Workflow.PROCESS).item is None
    rig.scan(BOOK)
    shown = rig.enter(Workflow.SETS)
    assert (view(shown).barcode, view(shown).missing) == (DVD, (2, 3))
    assert rig.enter(Workflow.PROCESS).item.barcode == BOOK  # type: ignore[union-attr]


def test_a_part_that_is_lifted_in_mid_write_is_finished_when_it_is_back() -> None:
    rig = sets()
    tag, other = rig.world.tag(1), rig.world.tag(2)
    rig.scan(DVD)
    rig.world.lift_at_write = 3
    shown = lay(rig, tag)
    assert shown.fault is not None and shown.fault.code == "tag-lost"
    shown = rig.look(3)
    assert shown.fault is not None, "the fault must stay while the half-written tag is away"
    assert rig.place(other).fault is not None and rig.world.tags[other].writes == 0
    rig.world.lift()
    rig.look(2)
    shown = lay(rig, tag)
    assert shown.fault is None and says(rig, tag) == (DVD, 1, 3)


def test_what_only_passed_over_the_pad_is_forgotten() -> None:
    rig = sets()
    tag = rig.world.tag(1)
    rig.scan(DVD)
    rig.world.place(tag)
    rig.look(1)
    rig.world.at_command[rig.world.commands + 2] = rig.world.lift
    shown = rig.look(3)
    assert shown.fault is None and rig.world.tags[tag].writes == 0
    assert view(lay(rig, tag)).missing == (2, 3)


def test_tags_that_collide_stop_the_work_until_the_pad_can_be_read_again() -> None:
    rig = sets()
    rig.scan(DVD)
    rig.world.garbled = 4
    shown = rig.look(1)
    assert shown.fault is not None and shown.fault.code == "tags-collide"
    assert rig.look(5).fault is None


def test_something_laid_beside_it_at_the_last_moment_keeps_it_from_being_written() -> None:
    rig = sets()
    tag, late = rig.world.tag(1), rig.world.tag(2, **encoded(OTHER))
    rig.scan(DVD)
    rig.world.place(tag)
    rig.look(1)
    # inventory, then system information and blocks of the tag: the gate makes the next inventory
    rig.world.at_command[rig.world.commands + 4] = lambda: rig.world.place(late)
    rig.look(1)
    assert rig.world.tags[tag].writes == 0


def test_the_reader_unplugged_and_back() -> None:
    rig = sets()
    tag = rig.world.tag(1)
    rig.scan(DVD)
    rig.world.plugged = False
    shown = rig.look(3)
    assert shown.phase is Phase.STOPPED and not shown.reader_ready
    assert view(shown).barcode == DVD
    rig.world.plugged = True
    rig.look(3)
    assert view(lay(rig, tag)).missing == (2, 3)


def test_the_pad_is_busy_for_others_while_a_set_is_in_hand() -> None:
    from station.domain.commands import ReadPad

    rig = sets()
    rig.scan(DVD)
    answer = rig.ask(ReadPad())
    assert answer.refusal is not None and answer.refusal.code == "bench-busy"


def test_an_unknown_barcode_is_said_and_nothing_else() -> None:
    rig = sets()
    shown = rig.scan("31234000000065")
    assert view(shown).state is SetState.EMPTY and shown.notice.code == "barcode-unknown" and shown.fault is None


class Cut(BaseException):
    """A power failure."""


def killed(seed: int) -> Counter[str]:
    """Renumber one set from three parts to four, with kills at random commands, then resume it to its end."""
    chance = random.Random(seed)
    counts: Counter[str] = Counter()
    rig = sets()
    tags = [*made(rig), rig.world.tag(4)]
    before = len(of_kind(rig, events.TagWriteVerified))

    def cut() -> None:
        raise Cut

    def work() -> None:
        rig.look(2)
        if view(rig.now).state is SetState.COMPLETE:
            rig.scan(DVD)
        if view(rig.now).state is SetState.EMPTY:
            rig.scan(DVD)
        if len(view(rig.now).parts) == 3:
            rig.act("size", "4")
            rig.choose("size-1")
        for tag in chance.sample(tags, 4):
            alone(rig, tag)
        rig.act("loose", "0")

    rig.scan(DVD)
    for _ in range(3):
        rig.world.at_command[rig.world.commands + chance.randrange(1, 160)] = cut
        try:
            work()
            rig.world.at_command.clear()
            break
        except Cut:
            counts["kills"] += 1
            counts["in mid-write"] += bool(rig.journal.open_attempts())
            rig.world.at_command.clear()
            rig.world.lift()
            rig.start()
            assert rig.now.workflow is Workflow.SETS or view_of(rig) is None
            if rig.now.workflow is not Workflow.SETS:
                rig.enter(Workflow.SETS)
            for tag in tags:
                seen = state(rig, tag)
                assert seen in (None, *[(DVD, n, total) for n in range(1, 5) for total in (3, 4)]), seen
    work()
    assert sorted(says(rig, tag) for tag in tags) == [(DVD, n, 4) for n in (1, 2, 3, 4)]
    assert {b.part: b.parts for b in rig.journal.bindings_for(DVD)} == dict.fromkeys((1, 2, 3, 4), 4)
    assert not rig.journal.open_attempts()
    assert len(of_kind(rig, events.SetSized)) == 1
    assert of_kind(rig, events.SetClosed)[-1].complete
    assert len(of_kind(rig, events.TagWriteVerified)) > before
    return counts


def view_of(rig: Rig) -> SetView | None:
    return rig.now.workflow_view if isinstance(rig.now.workflow_view, SetView) else None


def state(rig: Rig, uid: Uid) -> tuple[str, int, int] | None:
    try:
        return says(rig, uid)
    except AssertionError:
        return None


@pytest.mark.parametrize("seed", range(4))
def test_killed_while_it_is_renumbered(seed: int) -> None:
    killed(seed)


@pytest.mark.soak
def test_killed_at_many_points() -> None:
    counts: Counter[str] = Counter()
    for seed in range(400):
        counts += killed(seed)
    print(f"\nsets, killed at a command: {dict(counts)}")
    assert counts["kills"] >= 300 and counts["in mid-write"] >= 50


# --- the table of moves ----------------------------------------------------------------------------------------------------


def test_every_state_is_reached_and_can_be_left() -> None:
    assert set(MOVES.values()) == set(SetState)
    assert {state for state, _ in MOVES} == set(SetState)
    assert {trigger for _, trigger in MOVES} == set(Trigger)


@given(st.sampled_from(list(SetState)), st.sampled_from(list(Trigger)))
def test_what_is_no_move_cannot_happen(state: SetState, trigger: Trigger) -> None:
    now = SetInHand()
    now.state = state
    if (state, trigger) in MOVES:
        now.move(trigger)
        assert now.state is MOVES[state, trigger]
    else:
        with pytest.raises(errors.StationDefect):
            now.move(trigger)
        assert now.state is state


TAPS = st.one_of(
    st.tuples(st.just("scan"), st.sampled_from([DVD, BOOK, OTHER, "31234000000065", "x"])),
    st.tuples(
        st.just("act"),
        st.sampled_from(["part 1", "part 3", "size 2", "size 4", "model main", "model every", "loose 1"]),
    ),
    st.tuples(
        st.just("choose"),
        st.sampled_from(["number-them", "one-at-a-time", "size-0", "size-1", "replace", "keep", "retry"]),
    ),
    st.tuples(st.just("lay"), st.sets(st.integers(0, 6), max_size=4)),
    st.tuples(st.just("lift"), st.none()),
    st.tuples(st.just("leave"), st.none()),
    st.tuples(st.just("tear"), st.integers(1, 12)),
)


@given(st.lists(TAPS, max_size=14))
def test_whatever_is_tapped_and_laid_no_tag_is_wrong(steps: list[tuple[str, object]]) -> None:
    """No defect, no write to another library's or another item's tag, no two tags in the ledger for one part."""
    rig = sets()
    tags = [rig.world.tag(n) for n in range(4)]
    strangers = [
        rig.world.tag(10, **encoded(OTHER)),
        rig.world.tag(11, **encoded(DVD, isil="DE-99")),
        rig.world.tag(12, **encoded(DVD, part=2, parts=3)),
    ]
    before = [rig.world.tags[uid].image() for uid in strangers[:2]]
    for what, value in steps:
        match what:
            case "scan":
                rig.scan(str(value))
            case "act":
                name, _, argument = str(value).partition(" ")
                rig.act(name, argument)
            case "choose":
                rig.choose(str(value))
            case "lay":
                rig.world.pad = [[*tags, *strangers][index] for index in value]  # type: ignore[attr-defined]
                rig.look(3)
            case "lift":
                rig.lift()
            case "leave":
                rig.cancel()
            case "tear":
                rig.world.lift_at_write = value  # type: ignore[assignment]
        assert not of_kind(rig, events.DefectFound), of_kind(rig, events.DefectFound)
        assert len(view(rig.now).parts) <= MOST_PARTS
    assert [rig.world.tags[uid].image() for uid in strangers[:2]] == before
    for barcode in (DVD, BOOK, OTHER):
        parts = [b.part for b in rig.journal.bindings_for(barcode)]
        assert len(parts) == len(set(parts))
