"""The law of a tag write: what the journal holds when a write, its proof or its last entry fails."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from station.base import errors
from station.bench.item import tag_writer
from station.domain.events import AnyEvent, TagUndoStarted, TagWriteInterrupted, TagWriteStarted, TagWriteVerified
from station.domain.snapshot import Phase
from station.domain.workflows import InspectView, UndoState, Workflow
from tests.bench.test_bench import encoded
from tests.support.simulated_bench import BOOK, Rig


def refuse(rig: Rig, kind: type[AnyEvent]) -> Callable[[], None]:
    """Let the journal refuse the events of one kind. Return a function that ends it."""
    record = rig.journal.record

    def refused(*events: AnyEvent, **values: object) -> int:
        if any(isinstance(event, kind) for event in events):
            raise errors.StoreFull("no space")
        return record(*events, **values)  # type: ignore[arg-type]

    rig.journal.record = refused  # type: ignore[method-assign]
    return lambda: setattr(rig.journal, "record", record)


def test_a_write_whose_end_cannot_be_journaled_stays_open_and_is_finished_later() -> None:
    rig = Rig()
    uid = rig.world.tag(1)
    journal_again = refuse(rig, TagWriteVerified)
    rig.scan(BOOK)
    rig.place(uid)
    assert rig.now.fault is not None and rig.now.fault.code == "store-full"
    assert not [event for event in rig.journal.events if isinstance(event, TagWriteInterrupted)]
    assert rig.journal.open_attempt(uid) is not None, "as after a power cut"
    journal_again()
    rig.choose("retry")
    assert rig.look(2).phase is Phase.CHECKING
    assert rig.journal.open_attempt(uid) is None


def test_a_tag_whose_elements_differ_is_interrupted_and_never_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_writer, "element_differences", lambda *_: ("owner institution",))
    rig = Rig()
    uid = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(uid)
    assert rig.now.fault is not None and rig.now.fault.code == "tag-mismatch"
    assert [event.code for event in rig.journal.events if isinstance(event, TagWriteInterrupted)] == ["tag-mismatch"]
    assert not [event for event in rig.journal.events if isinstance(event, TagWriteVerified)]
    assert rig.journal.open_attempt(uid) is not None


@pytest.mark.parametrize("times", [1, 2, 3])
def test_a_block_that_turns_back_is_planned_anew_twice_and_each_command_counts(times: int) -> None:
    """A chip does not keep one block when the field goes off, `times` times."""
    rig = Rig()
    uid = rig.world.tag(1)
    commands, resets = 0, 0
    reset = rig.reader.reset_field

    def turn_back() -> None:
        nonlocal resets
        reset()
        resets += 1
        if resets <= times:
            rig.world.tags[uid].memory[52:56] = b"OLD!"

    def counted(write: Callable[..., None]) -> Callable[..., None]:
        def writing(*values: object) -> None:
            nonlocal commands
            commands += 1
            write(*values)

        return writing

    rig.reader.reset_field = turn_back  # type: ignore[method-assign]
    for name in ("write_blocks", "write_afi", "write_dsfid"):
        setattr(rig.reader, name, counted(getattr(rig.reader, name)))
    rig.scan(BOOK)
    rig.place(uid)
    (started,) = [event for event in rig.journal.events if isinstance(event, TagWriteStarted)]
    end = rig.journal.events[-1]
    assert resets == min(times, 2) + 1
    if times < 3:
        assert isinstance(end, TagWriteVerified) and end.writes == commands
    else:
        (interrupted,) = [event for event in rig.journal.events if isinstance(event, TagWriteInterrupted)]
        assert interrupted.planned != started.steps, "the steps of the newest plan"
        assert interrupted.written == interrupted.planned - 1, "all but the last comparison"


def test_an_equal_tag_is_proven_as_it_was_read_and_the_field_stays_on() -> None:
    rig = Rig()
    resets: list[str] = []
    reset = rig.reader.reset_field
    rig.reader.reset_field = lambda: (resets.append("reset"), reset())[1]  # type: ignore[method-assign,func-returns-value]
    rig.scan(BOOK)
    assert rig.place(rig.world.tag(1, **{**encoded(BOOK), "afi": 0})).phase is Phase.CHECKING
    assert resets == ["reset"], "a tag that was written is read back with the field off in between"
    equal = Rig()
    equal.reader.reset_field = lambda: resets.append("reset of the equal tag")  # type: ignore[method-assign]
    equal.scan(BOOK)
    assert equal.place(equal.world.tag(1, **encoded(BOOK))).phase is Phase.CHECKING
    assert resets == ["reset"]


def test_what_the_reader_cannot_do_is_refused_before_anything_is_journaled(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    uid = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(uid)
    rig.cancel()
    rig.enter(Workflow.INSPECT)
    rig.look(3)
    rig.act("undo")
    monkeypatch.setattr(rig.reader, "capabilities", msgspec.structs.replace(rig.reader.capabilities, iso15693=False))
    rig.act("undo-yes")
    assert isinstance(rig.now.workflow_view, InspectView)
    assert rig.now.workflow_view.undo is UndoState.REFUSED
    assert not [event for event in rig.journal.events if isinstance(event, TagUndoStarted)]
