"""Erase and migrate as the operator sees them: shown first, two gestures, verified, resumable, and removed from the
ledger."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import station.base.words
from station.bench.workflows.retag.rules import MOVES, Trigger, blank_of
from station.domain import events
from station.domain.commands import SignOn
from station.domain.item_state import ItemState
from station.domain.people.rights import Right, Role, least, may
from station.domain.ports import Worker
from station.domain.snapshot import Light, Phase, Snapshot
from station.domain.tag_image import TagImage, Uid
from station.domain.workflows import RetagState, RetagView, TagLine, Workflow
from station.encoding.content import TagContent, TagProfile
from station.encoding.recognition import rfid501
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.image import new_image
from station.store.database.database import open_writer
from station.store.projections import item_states
from tests.bench.item.test_sampling import RealJournal
from tests.bench.test_authorise import desk as signed_on
from tests.bench.test_authorise import lend
from tests.bench.test_bench import encoded
from tests.bench.workflows.sets.test_sets import Cut, lay, of_kind, says
from tests.support.pseudo_language import catalogue, plain_words
from tests.support.simulated_bench import BOOK, ISIL, OTHER, UNKNOWN, Rig
from tests.support.told import told

FOREIGN = {"isil": "DE-99"}


class Staff:
    """`ports.Workforce`: one person of each role, with the name of the role."""

    def find(self, name: str) -> Worker:
        role = Role(name) if name in set(Role) else Role.OPERATOR
        return Worker(id=f"w-{name}", name=name, role=role, registered=True)


def bench(workflow: Workflow = Workflow.ERASE, role: Role = Role.TECHNICIAN) -> Rig:
    rig = Rig(people=Staff())
    rig.bench.handle(SignOn(role.value))
    rig.enter(workflow)
    return rig


def view(shown: Snapshot) -> RetagView:
    assert isinstance(shown.workflow_view, RetagView), shown.workflow_view
    return shown.workflow_view


def image(rig: Rig, uid: Uid) -> TagImage:
    tag = rig.world.tags[uid]
    return TagImage(uid, 4, bytes(tag.memory), tuple(n in tag.locked for n in range(tag.blocks)), tag.afi, tag.dsfid)


def in_model(model: str, barcode: str, isil: str = ISIL, **more: object) -> dict[str, object]:
    """Return a finished tag of another data model, made by that model's encoder."""
    blank = TagImage(Uid("E004010000000000"), 4, bytes(112), (False,) * 28, 0, 0)
    dsfid = {"28560-3": 0x3E, "danish": 0x3E, "28560-2": 0x06}.get(model, 0x3E)
    profile = TagProfile(isil, model=model, dsfid=dsfid)
    made = new_image(blank, TagContent(barcode, isil, **more), profile)  # type: ignore[arg-type]
    return {"memory": bytearray(made.memory), "afi": made.afi, "dsfid": made.dsfid}


def of_3m(barcode: str) -> dict[str, object]:
    """A tag of the 3M layout with this item on it: 04, set information, and the barcode
    (docs/reference/tag-data.md#3m-layout)."""
    memory = bytearray(bytes((rfid501.MAGIC, 0x11, 0x00, 0x01)) + barcode.encode().ljust(16, b"\0") + bytes(112 - 20))
    return {"memory": memory, "afi": 0xD6, "dsfid": 0x00}


def erased(rig: Rig, uid: Uid) -> bool:
    tag = rig.world.tags[uid]
    return not any(tag.memory) and (tag.afi, tag.dsfid) == (0, 0)


# --- erase -----------------------------------------------------------------------------------------------------------------


def test_what_is_on_it_is_named_before_anything_is_written() -> None:
    rig = bench()
    tag = rig.world.tag(1, **encoded(BOOK))
    shown = lay(rig, tag)
    assert view(shown).state is RetagState.SHOWN and view(shown).barcode == BOOK
    assert view(shown).title == f"Title of {BOOK}"
    assert {(told(line.name), line.before) for line in view(shown).lines} >= {("Primary item identifier", BOOK)}
    assert view(shown).commands > 0 and rig.world.tags[tag].writes == 0


def test_codes_are_told_with_what_they_mean_and_reasons_in_the_language_of_the_bench(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lines_of(workflow: Workflow) -> dict[str, TagLine]:
        rig = bench(workflow)
        tag = rig.world.tag(1, **in_model("28560-3", BOOK, "DE-99", type_of_usage=0x20, further=((19, "02"),)))
        return {told(line.name): line for line in view(lay(rig, tag)).lines}

    for workflow in (Workflow.ERASE, Workflow.MIGRATE):
        usage = lines_of(workflow)["Type of usage"]
        assert (usage.before, told(usage.old)) == ("20", "20 (not for circulation)")
        assert told(lines_of(workflow)["Media format (other)"].old) == "02 (CD or DVD)"
    assert (usage.after, told(usage.new)) == ("20", "20 (not for circulation)")

    monkeypatch.setattr(station.base.words.current_session(), "catalogue", catalogue())
    lines = lines_of(Workflow.MIGRATE)
    assert plain_words(told(lines["Owner institution"].reason)) == set() != {lines["Owner institution"].reason}
    assert plain_words(f"{told(lines['Type of usage'].old)} {told(lines['Set information'].old)}") == set()


def test_two_gestures_then_it_is_like_new_and_the_ledger_lets_it_go() -> None:
    rig = Rig(people=Staff())
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(tag)
    rig.pass_all()
    rig.lift()
    rig.enter(Workflow.ERASE)
    shown = lay(rig, tag)
    assert BOOK in told(view(shown).bound)
    shown = rig.act("want")
    assert view(shown).state is RetagState.SURE and BOOK in told(shown.prompt) and not erased(rig, tag)
    shown = rig.scan(BOOK)
    assert view(shown).state is RetagState.DONE and shown.light is Light.GOOD
    assert erased(rig, tag)
    assert rig.journal.binding_of(tag) is None and rig.journal.bindings_for(BOOK) == ()
    kinds = rig.journal.kinds()
    assert kinds.index("tag-erased") > max(n for n, kind in enumerate(kinds) if kind == "tag-write-started")
    (started,) = [e for e in of_kind(rig, events.TagWriteStarted) if e.purpose]
    assert (started.purpose, started.barcode) == ("erase", BOOK)
    assert recognise(started.old, TagProfile(ISIL)).identifier == BOOK, "the journal must have the image for the undo"


def test_an_erased_tag_is_used_at_once() -> None:
    rig = bench()
    tag = rig.world.tag(1, **encoded(BOOK))
    lay(rig, tag)
    rig.act("want")
    rig.scan(BOOK)
    shown = rig.scan(OTHER)
    assert shown.workflow is Workflow.PROCESS
    assert says(rig, tag) == (OTHER, 1, 1) and rig.now.phase is Phase.CHECKING


def test_another_barcode_takes_it_back() -> None:
    rig = bench()
    tag = rig.world.tag(1, **encoded(BOOK))
    lay(rig, tag)
    rig.act("want")
    shown = rig.scan(UNKNOWN)
    assert view(shown).state is RetagState.SHOWN and shown.notice.code == "retag.another-barcode"
    rig.act("want")
    assert view(rig.choose("keep")).state is RetagState.SHOWN
    assert rig.world.tags[tag].writes == 0


def test_a_stray_tag_is_erased_after_both_items_were_named() -> None:
    rig = bench()
    tag = rig.world.tag(1, **encoded(OTHER))
    lay(rig, tag)
    rig.act("want")
    shown = rig.scan(BOOK)
    assert told(shown.prompt) == f'This tag says "Title of {OTHER}". You scanned "Title of {BOOK}". Erase it?'
    assert [answer.id for answer in view(shown).answers] == ["keep", "stray"]
    assert view(rig.choose("keep")).state is RetagState.SHOWN
    rig.act("want")
    rig.scan(BOOK)
    assert not erased(rig, tag)
    assert view(rig.choose("stray")).state is RetagState.DONE
    assert erased(rig, tag)
    (started,) = of_kind(rig, events.TagWriteStarted)
    assert told(started.note) == f"stray tag, found with {BOOK}"


def test_a_stray_tag_is_not_the_items_own(tmp_path: Path) -> None:
    """The item's own tag stands, and so does its state: only the second tag is gone."""
    with closing(open_writer(tmp_path / "journal.db")) as sql:
        rig = Rig(journal=RealJournal(sql))
        rig.scan(OTHER)
        rig.place(rig.world.tag(2))
        rig.pass_all()
        rig.lift()
        rig.enter(Workflow.ERASE)
        tag = rig.world.tag(1, **encoded(OTHER))
        lay(rig, tag)
        rig.act("want")
        rig.scan(BOOK)
        rig.choose("stray")
        assert erased(rig, tag)
        state = item_states.state_of(sql, OTHER)
        assert state is not None and state.state is ItemState.PASSED


def test_a_technician_approves_the_erasure_of_a_stray_tag_where_people_sign_on() -> None:
    rig = signed_on("ann")
    rig.enter(Workflow.ERASE)
    tag = rig.world.tag(1, **encoded(OTHER))
    lay(rig, tag)
    rig.act("want")
    rig.scan(BOOK)
    rig.choose("stray")
    assert not erased(rig, tag)
    lend(rig, "tess")
    assert erased(rig, tag)
    (started,) = of_kind(rig, events.TagWriteStarted)
    assert started.authorised == "w-tess"


def test_a_tag_that_names_an_item_is_not_erased_by_lifting_it() -> None:
    rig = bench()
    tag = rig.world.tag(1, **encoded(BOOK))
    lay(rig, tag)
    rig.act("want")
    rig.lift()
    rig.look(2)
    assert view(lay(rig, tag)).state is RetagState.SHOWN
    assert rig.world.tags[tag].writes == 0


def test_a_tag_without_a_name_is_taken_off_and_laid_down_again() -> None:
    rig = bench()
    tag = rig.world.tag(1, memory=bytearray(b"\x77" * 112))
    lay(rig, tag)
    shown = rig.act("want")
    assert "take it off" in told(shown.prompt)
    rig.lift()
    shown = rig.look(2)
    assert "Put the same tag back" in told(shown.prompt)
    assert view(lay(rig, tag)).state is RetagState.DONE and erased(rig, tag)


def test_another_tag_laid_down_instead_is_shown_and_not_erased() -> None:
    rig = bench()
    first, second = (rig.world.tag(n, memory=bytearray(b"\x77" * 112)) for n in (1, 2))
    lay(rig, first)
    rig.act("want")
    rig.lift()
    rig.look(2)
    shown = lay(rig, second)
    assert view(shown).state in (RetagState.SHOWN, RetagState.EMPTY)
    rig.look(4)
    assert (rig.world.tags[first].writes, rig.world.tags[second].writes) == (0, 0)


def test_the_whole_number_typed_is_a_second_gesture_too() -> None:
    rig = bench()
    tag = rig.world.tag(1, memory=bytearray(b"\x77" * 112))
    lay(rig, tag)
    rig.act("want")
    rig.act("uid", "E0")
    assert rig.world.tags[tag].writes == 0
    rig.act("uid", tag)
    assert erased(rig, tag)


def test_locked_blocks_are_refused_before_the_wire() -> None:
    rig = bench()
    tag = rig.world.tag(1, **{**encoded(BOOK), "locked": {0, 2, 20}})
    before = rig.world.write_commands
    shown = lay(rig, tag)
    assert "0, 2" in told(view(shown).refused) and "20" not in told(view(shown).refused), "block 20 is already zero"
    rig.act("want")
    assert view(rig.now).state is RetagState.SHOWN and rig.world.write_commands == before


def test_an_empty_tag_has_nothing_to_be_erased() -> None:
    rig = bench()
    assert told(view(lay(rig, rig.world.tag(1))).refused) == "This tag is already empty."


def test_two_tags_are_one_too_many() -> None:
    rig = bench()
    first, second = rig.world.tag(1, **encoded(BOOK)), rig.world.tag(2, **encoded(OTHER))
    shown = lay(rig, first, second)
    assert shown.fault is not None and shown.fault.code == "tags-collide"
    rig.world.pad.remove(second)
    assert view(rig.look(4)).barcode == BOOK


@pytest.mark.parametrize("gesture", [False, True], ids=["shown", "sure"])
@pytest.mark.parametrize("workflow", [Workflow.ERASE, Workflow.MIGRATE])
@pytest.mark.parametrize("stays", [0, 1], ids=["the first stays", "the second stays"])
def test_the_report_of_a_tag_that_is_no_longer_alone_goes(workflow: Workflow, gesture: bool, stays: int) -> None:
    """No report is shown of a tag that may not be the intended one. The next single tag on the pad gets a new
    report."""
    rig = bench(workflow)
    tags = [rig.world.tag(number, **in_model("danish", item)) for number, item in ((1, BOOK), (2, OTHER))]
    assert view(lay(rig, tags[0])).barcode == BOOK
    if gesture:
        assert view(rig.act("want")).state is RetagState.SURE
    rig.world.place(tags[1])
    shown = rig.look(4)
    assert shown.fault is not None and shown.fault.code == "tags-collide"
    now = view(shown)
    assert (now.uid, now.barcode, now.title, now.lines, now.commands, told(now.bound)) == ("", "", "", (), 0, "")
    rig.scan(BOOK)
    assert not any(rig.world.tags[tag].writes for tag in tags), "an earlier gesture must no longer count"
    rig.world.pad.remove(tags[1 - stays])
    now = view(rig.look(4))
    assert (now.state, now.uid, now.barcode) == (RetagState.SHOWN, tags[stays], (BOOK, OTHER)[stays])


@pytest.mark.parametrize(
    "workflow",
    [Workflow.ERASE, Workflow.MIGRATE, Workflow.SETS, Workflow.INSPECT, Workflow.RELEASE, Workflow.WITHDRAW],
)
def test_a_reader_that_is_gone_is_said_although_a_verdict_waits_behind(workflow: Workflow) -> None:
    """The main job's verdict needs no reader, but the present workflow does."""
    rig = Rig(people=Staff())
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(tag)
    rig.pass_all()
    rig.enter(workflow)
    rig.world.plugged = False
    shown = rig.look(3)
    assert not shown.reader_ready and shown.fault is not None and shown.fault.code in ("port-lost", "port-missing")
    assert (shown.phase, shown.light, shown.state) == (Phase.STOPPED, Light.BAD, "stopped")
    rig.world.plugged = True
    shown = rig.look(3)
    assert shown.reader_ready and shown.fault is None and shown.phase is not Phase.STOPPED


def test_a_half_written_tag_with_another_beside_it_is_still_the_one_that_is_waited_for() -> None:
    rig = bench()
    tag, other = rig.world.tag(1, **encoded(BOOK)), rig.world.tag(2, **encoded(OTHER))
    lay(rig, tag)
    rig.act("want")
    rig.world.lift_at_write = 4
    rig.scan(BOOK)
    rig.world.place(tag, other)
    rig.look(4)
    assert view(rig.now).uid == tag and rig.world.tags[other].writes == 0
    rig.world.pad.remove(other)
    rig.look(4)
    assert view(rig.now).state is RetagState.DONE and erased(rig, tag)


def test_a_second_tag_laid_beside_it_after_the_first_gesture_stops_it() -> None:
    rig = bench()
    tag, other = rig.world.tag(1, **encoded(BOOK)), rig.world.tag(2)
    lay(rig, tag)
    rig.act("want")
    rig.world.place(other)
    rig.scan(BOOK)
    assert rig.now.fault is not None and rig.world.tags[tag].writes == 0


def test_a_tag_that_changed_meanwhile_is_shown_anew() -> None:
    rig = bench()
    tag = rig.world.tag(1, **encoded(BOOK))
    lay(rig, tag)
    rig.act("want")
    rig.world.tags[tag].afi = 0xC2
    shown = rig.scan(BOOK)
    assert view(shown).state is RetagState.SHOWN and shown.notice.code == "retag.changed"
    assert rig.world.tags[tag].writes == 0


@pytest.mark.parametrize(
    ("content", "role", "allowed"),
    [
        (encoded(BOOK), Role.TRAINEE, False),
        (encoded(BOOK), Role.OPERATOR, True),
        (encoded(BOOK, **FOREIGN), Role.OPERATOR, False),
        (encoded(BOOK, **FOREIGN), Role.TECHNICIAN, True),
        ({"memory": bytearray(b"\x77" * 112)}, Role.OPERATOR, False),
    ],
)
def test_who_may(content: dict[str, object], role: Role, allowed: bool) -> None:
    rig = bench(role=role)
    tag = rig.world.tag(1, **content)
    lay(rig, tag)
    shown = rig.act("want")
    assert view(shown).state is (RetagState.SURE if allowed else RetagState.SHOWN)
    if not allowed:
        right = Right.ERASE_TAG if content == encoded(BOOK) else Right.OVERWRITE_FOREIGN
        assert least(right).value in told(shown.notice.sentence) and not may(role, right)
        rig.scan(BOOK)
        assert rig.world.tags[tag].writes == 0


def test_a_tag_that_is_lifted_is_finished_when_it_is_back_and_only_here() -> None:
    rig = bench()
    tag = rig.world.tag(1, **encoded(BOOK))
    lay(rig, tag)
    rig.act("want")
    rig.world.lift_at_write = 4
    shown = rig.scan(BOOK)
    assert shown.fault is not None and view(shown).state is RetagState.STOPPED
    assert rig.look(3).fault is not None
    assert recognise(image(rig, tag), TagProfile(ISIL)).identifier == "", "a half-erased tag must have no identifier"

    rig.enter(Workflow.PROCESS)
    shown = rig.place(tag)
    assert "half erased" in told(shown.tag_summary) and shown.phase is Phase.NEED_SCAN
    rig.lift()
    rig.enter(Workflow.ERASE)
    rig.look(2)
    shown = lay(rig, tag)
    assert view(shown).state is RetagState.DONE and erased(rig, tag)
    assert not rig.journal.open_attempts()


@pytest.mark.parametrize("workflow", [Workflow.ERASE, Workflow.MIGRATE])
def test_a_tag_that_left_before_the_proof_is_proven_when_it_is_back(workflow: Workflow) -> None:
    """Every byte was written, so nothing is left to write. The chip does not keep a block when the field goes off."""
    rig = bench(workflow)
    tag = rig.world.tag(1, **(encoded(BOOK) if workflow is Workflow.ERASE else source_of("28560-3")))
    reset = rig.reader.reset_field
    rig.reader.reset_field = lambda: (reset(), rig.world.lift())[0]  # type: ignore[method-assign,func-returns-value]
    lay(rig, tag)
    rig.act("want")
    assert view(rig.scan(BOOK)).state is RetagState.STOPPED
    written = bytes(rig.world.tags[tag].memory)

    def turn_back() -> None:
        reset()
        rig.world.tags[tag].memory[8:12] = b"OLD!"

    rig.reader.reset_field = turn_back  # type: ignore[method-assign]
    shown = lay(rig, tag)
    assert shown.fault is not None and shown.fault.code == "tag-mismatch"
    assert rig.journal.open_attempts(), "it is not journaled as done"
    rig.reader.reset_field = reset  # type: ignore[method-assign]
    rig.lift()
    assert view(lay(rig, tag)).state is RetagState.DONE
    assert bytes(rig.world.tags[tag].memory) == written and not rig.journal.open_attempts()


def test_a_half_erased_tag_in_the_main_job_stops_and_can_be_overwritten() -> None:
    rig = bench()
    tag = rig.world.tag(1, **encoded(BOOK))
    lay(rig, tag)
    rig.act("want")
    rig.world.lift_at_write = 4
    rig.scan(BOOK)
    rig.enter(Workflow.PROCESS)
    rig.scan(BOOK)
    shown = rig.place(tag)
    assert shown.fault is not None and shown.fault.code == "incomplete-tag"
    rig.choose("overwrite")
    rig.scan(BOOK)
    assert says(rig, tag) == (BOOK, 1, 1) and not rig.journal.open_attempts()


@pytest.mark.parametrize("workflow", [Workflow.ERASE, Workflow.MIGRATE])
def test_what_was_done_before_is_over_when_the_workflow_is_entered_again(workflow: Workflow) -> None:
    """Its tag left, or was written again, while another workflow was on the bench."""
    rig = Rig(people=Staff())
    tags = [rig.world.tag(number, **encoded(BOOK, "DE-99")) for number in (1, 2)]
    rig.bench.handle(SignOn(Role.TECHNICIAN.value))
    rig.enter(workflow)
    lay(rig, tags[0])
    rig.act("want")
    assert view(rig.scan(BOOK)).state is RetagState.DONE
    rig.enter(Workflow.PROCESS)
    rig.lift()
    rig.place(tags[1])
    rig.enter(workflow)
    assert view(rig.now).state is RetagState.EMPTY, "the state must be empty before the first look at the pad"
    shown = rig.look(2)
    assert (view(shown).state, view(shown).uid) == (RetagState.SHOWN, tags[1])


def test_the_next_tag_is_shown_though_nobody_saw_the_pad_empty() -> None:
    rig = bench()
    tags = [rig.world.tag(number, **encoded(BOOK)) for number in (1, 2)]
    lay(rig, tags[0])
    rig.act("want")
    assert view(rig.scan(BOOK)).state is RetagState.DONE
    rig.world.place(tags[0], tags[1])
    assert view(rig.look(3)).state is RetagState.DONE, "its tag is still on the pad"
    rig.world.lift()
    shown = lay(rig, tags[1])
    assert (view(shown).state, view(shown).uid) == (RetagState.SHOWN, tags[1])


# --- migrate -----------------------------------------------------------------------------------------------------------------


SOURCES = {
    "28560-3": in_model("28560-3", BOOK, "DE-99", part=2, parts=3),
    "danish": in_model("28560-3", BOOK, ISIL),
    "3m": of_3m(BOOK),
    "28560-2 of another library": encoded(BOOK, "DE-99"),
}


def source_of(name: str) -> dict[str, object]:
    """Return a tag's values with a separate copy of its memory."""
    return {**SOURCES[name], "memory": bytearray(SOURCES[name]["memory"])}  # type: ignore[arg-type]


@pytest.mark.parametrize("source", SOURCES)
def test_migrated_to_our_profile_after_its_report(source: str) -> None:
    rig = bench(Workflow.MIGRATE)
    tag = rig.world.tag(1, **source_of(source))
    before = rig.world.tags[tag].image()
    shown = lay(rig, tag)
    if "scan" in told(shown.prompt).lower() and view(shown).state is RetagState.SHOWN and not view(shown).commands:
        shown = rig.scan(BOOK)
    assert view(shown).commands > 0, view(shown)
    kinds = Counter(line.kind for line in view(shown).lines)
    assert kinds["kept"] >= 1 and view(shown).barcode == BOOK
    assert rig.world.tags[tag].image() == before
    rig.act("want")
    shown = rig.scan(BOOK)
    assert view(shown).state is RetagState.DONE, view(shown)
    part, parts = (2, 3) if source == "28560-3" else (1, 1)
    assert says(rig, tag) == (BOOK, part, parts)
    assert (rig.world.tags[tag].afi, rig.world.tags[tag].dsfid) == (0x07, 0x06)
    bound = rig.journal.binding_of(tag)
    assert bound is not None and (bound.barcode, bound.part, bound.parts) == (BOOK, part, parts)


def test_a_tag_of_an_item_that_is_not_ours_is_not_made_ours() -> None:
    rig = bench(Workflow.MIGRATE)
    shown = lay(rig, rig.world.tag(1, **encoded("foobar", "DE-99")))
    assert "not an item of this library" in told(view(shown).refused) and view(shown).lines
    assert view(rig.act("want")).state is RetagState.SHOWN


def test_an_item_does_not_get_a_second_tag_by_migration() -> None:
    rig = Rig(people=Staff())
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    rig.pass_all()
    rig.lift()
    rig.enter(Workflow.MIGRATE)
    shown = lay(rig, rig.world.tag(2, **encoded(BOOK, "DE-99")))
    assert "already has a tag" in told(view(shown).refused)


def test_an_erase_is_taken_back_by_inspect_and_the_ledger_with_it() -> None:
    rig = Rig(people=Staff())
    tag = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(tag)
    rig.pass_all()
    rig.lift()
    rig.enter(Workflow.ERASE)
    lay(rig, tag)
    rig.act("want")
    rig.scan(BOOK)
    rig.lift()
    rig.enter(Workflow.INSPECT)
    lay(rig, tag)
    rig.act("undo")
    rig.act("undo-yes")
    assert says(rig, tag) == (BOOK, 1, 1)
    bound = rig.journal.binding_of(tag)
    assert bound is not None and bound.barcode == BOOK


def test_our_own_tag_as_it_should_be_needs_nothing() -> None:
    rig = bench(Workflow.MIGRATE)
    shown = lay(rig, rig.world.tag(1, **encoded(BOOK)))
    assert "already as it should be" in told(view(shown).refused)


def test_a_new_tag_has_nothing_to_carry_over() -> None:
    rig = bench(Workflow.MIGRATE)
    assert "Nothing on this tag" in told(view(lay(rig, rig.world.tag(1))).refused)


def test_a_locked_block_in_the_way_is_said_in_the_report() -> None:
    rig = bench(Workflow.MIGRATE)
    tag = rig.world.tag(1, **{**source_of("28560-3"), "locked": {0}})
    before = rig.world.write_commands
    shown = lay(rig, tag)
    assert "locked" in told(view(shown).refused) and view(shown).lines
    rig.act("want")
    assert rig.world.write_commands == before


def test_half_migrated_is_finished_to_the_image_that_was_journaled() -> None:
    rig = bench(Workflow.MIGRATE)
    tag = rig.world.tag(1, **source_of("28560-3"))
    lay(rig, tag)
    rig.act("want")
    rig.world.lift_at_write = 3
    rig.scan(BOOK)
    assert rig.now.fault is not None
    rig.start()
    rig.enter(Workflow.MIGRATE)
    shown = lay(rig, tag)
    assert view(shown).state is RetagState.DONE and says(rig, tag) == (BOOK, 2, 3)
    started = [e for e in of_kind(rig, events.TagWriteStarted) if e.purpose == "migrate"]
    assert started[0].new.memory == bytes(rig.world.tags[tag].memory) and started[1].resumes == started[0].attempt


# --- power failures ---


def killed(seed: int, workflow: Workflow) -> Counter[str]:
    """Erase or migrate one tag of another model, with power failures at random commands and with torn writes."""
    chance = random.Random(seed)
    counts: Counter[str] = Counter()
    rig = bench(workflow)
    tag = rig.world.tag(1, **source_of(chance.choice(["28560-3", "28560-2 of another library"])))
    first = recognise(image(rig, tag), TagProfile(ISIL)).identifier
    rig.world.tear = lambda old, new: bytes(a if chance.random() < 0.5 else b for a, b in zip(old, new, strict=True))

    def cut() -> None:
        raise Cut

    for _ in range(4):
        rig.world.at_command[rig.world.commands + chance.randrange(1, 60)] = cut
        if chance.random() < 0.5:
            rig.world.lift_at_write = chance.randrange(1, 20)
        try:
            rig.world.lift()
            rig.look(2)
            lay(rig, tag)
            if view(rig.now).state is RetagState.SHOWN and view(rig.now).commands:
                rig.act("want")
                rig.scan(BOOK)
        except Cut:
            counts["kills"] += 1
            counts["in mid-write"] += bool(rig.journal.open_attempts())
            rig.world.lift()
            rig.start()
            rig.enter(workflow)
        rig.world.at_command.clear()
        rig.world.lift_at_write = None
        now = recognise(image(rig, tag), TagProfile(ISIL))
        assert now.identifier in ("", first, BOOK), now
    for _ in range(3):
        if view(rig.now).state is RetagState.DONE:
            break
        rig.world.lift()
        rig.look(3)
        lay(rig, tag)
        if view(rig.now).state is RetagState.SHOWN and view(rig.now).commands:
            from station.domain.commands import SignOn

            rig.bench.handle(SignOn("technician"))
            rig.act("want")
            rig.scan(BOOK)
    assert not rig.journal.open_attempts()
    if workflow is Workflow.ERASE:
        assert erased(rig, tag)
    else:
        assert says(rig, tag)[0] == BOOK
    return counts


@pytest.mark.parametrize("workflow", [Workflow.ERASE, Workflow.MIGRATE])
@pytest.mark.parametrize("seed", range(3))
def test_killed_in_the_middle(seed: int, workflow: Workflow) -> None:
    killed(seed, workflow)


@pytest.mark.soak
@pytest.mark.parametrize("workflow", [Workflow.ERASE, Workflow.MIGRATE])
def test_killed_at_many_points(workflow: Workflow) -> None:
    counts: Counter[str] = Counter()
    for seed in range(400):
        counts += killed(seed, workflow)
    print(f"\n{workflow}, killed at a command: {dict(counts)}")
    assert counts["kills"] >= 300 and counts["in mid-write"] >= 50


# --- the table of moves ---


def test_every_state_is_reached_and_can_be_left() -> None:
    assert set(MOVES.values()) == {state for state, _ in MOVES} == set(RetagState)
    assert {trigger for _, trigger in MOVES} == set(Trigger)


def test_blank_keeps_what_is_no_memory_of_the_data_model() -> None:
    blank = blank_of(TagImage(Uid("E004010000000001"), 4, b"\x11" * 112, (False,) * 28, 7, 6))
    assert (blank.memory, blank.afi, blank.dsfid) == (bytes(112), 0, 0)


TAPS = st.sampled_from(
    ["want", "scan book", "scan other", "scan x", "lift", "lay 0", "lay 1", "lay 2", "lay 0 1", "keep", "leave"]
)


@given(st.sampled_from([Workflow.ERASE, Workflow.MIGRATE]), st.lists(TAPS, max_size=14))
def test_no_tag_is_changed_that_was_not_wanted_twice(workflow: Workflow, steps: list[str]) -> None:
    """Without a tap and a scan of the named item, or a tap and the tag placed again, no byte of any tag changes."""
    rig = bench(workflow)
    tags = [
        rig.world.tag(0, **encoded(BOOK, "DE-99")),
        rig.world.tag(1, **encoded(OTHER)),
        rig.world.tag(2, memory=bytearray(b"\x77" * 112)),
    ]
    wanted = False
    for step in steps:
        before = [rig.world.tags[uid].image() for uid in tags]
        what, *rest = step.split()
        match what:
            case "want":
                rig.act("want")
                wanted = view(rig.now).state is RetagState.SURE
            case "scan":
                rig.scan({"book": BOOK, "other": OTHER, "x": "x"}[rest[0]])
            case "lift":
                rig.lift()
            case "lay":
                rig.world.pad = [tags[int(n)] for n in rest]
                rig.look(3)
            case "keep":
                rig.choose("keep")
            case "leave":
                rig.cancel()
        assert not of_kind(rig, events.DefectFound), of_kind(rig, events.DefectFound)
        after = [rig.world.tags[uid].image() for uid in tags]
        changed = [n for n, (a, b) in enumerate(zip(before, after, strict=True)) if a != b]
        if rig.now.workflow is not workflow:
            return  # the main job continues after an erase
        assert len(changed) <= 1
        if changed:
            assert wanted and step in ("scan book", "scan other", "lay 2"), (changed, step)
            wanted = False
