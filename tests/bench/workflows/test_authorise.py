"""A technician on the spot in the other workflows: conversion, sets, erase, migrate, undo. The work continues."""

from __future__ import annotations

import pytest

from station.domain import events
from station.domain.commands import CancelQuestion, GivePin
from station.domain.people.sign_on import Pin, Why
from station.domain.snapshot import Phase
from station.domain.workflows import (
    ConvertState,
    ConvertView,
    InspectView,
    RetagState,
    RetagView,
    SetState,
    UndoState,
    Workflow,
)
from tests.bench.staff import PINS
from tests.bench.test_authorise import come, desk, lend, locking, of, sign_on_prompt
from tests.bench.test_bench import encoded
from tests.bench.workflows.sets.test_sets import view as set_view
from tests.support.simulated_bench import BOOK, DVD, OTHER, Rig

FOREIGN = {"foreign-tag": encoded(BOOK, "DE-Heu1"), "unknown-content": {"memory": bytearray(b"\xde\xad\xbe\xef" * 28)}}


# --- conversion -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", FOREIGN)
def test_overwriting_in_a_conversion_is_authorised_for_this_tag_and_the_line_goes_on(code: str) -> None:
    rig = desk("ann")
    rig.enter(Workflow.CONVERT)
    rig.scan(BOOK)
    rig.place(rig.world.tag(1, **FOREIGN[code]))
    assert rig.now.fault is not None and rig.now.fault.code == code
    rig.choose("overwrite")
    assert sign_on_prompt(rig).why is Why.AUTHORISE
    rig.scan(BOOK)
    assert rig.world.write_commands == 0, "the second gesture alone must give no right"
    lend(rig, "tess")
    assert (rig.now.worker, rig.now.workflow, rig.now.sign_on_prompt) == ("w-ann", Workflow.CONVERT, None)
    assert rig.world.write_commands == 0
    rig.scan(BOOK)
    (started,) = of(rig, events.TagWriteStarted)
    assert (started.operator, started.authorised) == ("w-ann", "w-tess")
    workflow_view = rig.now.workflow_view
    assert isinstance(workflow_view, ConvertView) and workflow_view.state is ConvertState.LINE
    assert [item.barcode for item in workflow_view.newest] == [BOOK]
    rig.lift()
    rig.scan(OTHER)
    rig.place(rig.world.tag(2, **encoded(OTHER, "DE-Heu1")))
    rig.choose("overwrite")
    assert sign_on_prompt(rig).why is Why.AUTHORISE, "the right must be lent for one tag only"


def test_locking_in_a_conversion_is_authorised_once_and_the_line_goes_on() -> None:
    rig = locking("ann", Workflow.CONVERT)
    tags = [rig.world.tag(1), rig.world.tag(2)]
    rig.scan(BOOK)
    rig.place(tags[0])
    assert rig.now.fault is not None and rig.now.fault.code == "not-allowed"
    assert rig.world.write_commands == 0 and sign_on_prompt(rig).why is Why.AUTHORISE
    lend(rig, "tess")
    rig.look(3)
    rig.lift()
    rig.scan(OTHER)
    rig.place(tags[1])
    assert rig.now.sign_on_prompt is None and all(rig.world.tags[tag].locked for tag in tags)
    assert isinstance(rig.now.workflow_view, ConvertView) and rig.now.workflow_view.done == 2
    assert {(one.operator, one.authorised) for one in of(rig, events.TagWriteStarted)} == {("w-ann", "w-tess")}


# --- sets -------------------------------------------------------------------------------------------------------------


def test_locking_in_a_set_is_authorised_once_and_the_set_goes_on() -> None:
    rig = locking("ann", Workflow.SETS)
    tags = [rig.world.tag(number) for number in (1, 2, 3)]
    rig.scan(DVD)
    rig.world.place(tags[0])
    rig.look(3)
    assert rig.now.fault is not None and rig.now.fault.code == "not-allowed"
    assert rig.world.write_commands == 0 and sign_on_prompt(rig).why is Why.AUTHORISE
    lend(rig, "tess")
    assert set_view(rig.now).state is SetState.GATHER and rig.now.sign_on_prompt is None
    for tag in tags[1:]:
        rig.world.lift()
        rig.look(2)
        rig.world.place(tag)
        rig.look(3)
        assert rig.now.sign_on_prompt is None, "the right must hold until the operator changes"
    assert all(rig.world.tags[tag].locked for tag in tags)
    assert {(one.operator, one.authorised) for one in of(rig, events.TagWriteStarted)} == {("w-ann", "w-tess")}


@pytest.mark.parametrize("how", ["withdrawn", "lifted", "operator"])
def test_no_tag_of_a_set_is_locked_without_it(how: str) -> None:
    rig = locking("ann", Workflow.SETS)
    tag = rig.world.tag(1)
    rig.scan(DVD)
    rig.world.place(tag)
    rig.look(3)
    if how == "lifted":
        rig.world.lift()
        rig.look(3)
        assert rig.now.sign_on_prompt is None, "the request must end with its act"
        rig.bench.handle(GivePin(Pin(PINS["tess"])))
    elif how == "operator":
        lend(rig, "bea")
    else:
        rig.bench.handle(CancelQuestion())
    rig.look(5)
    assert rig.world.write_commands == 0 and not rig.world.tags[tag].locked
    if how == "withdrawn":
        assert rig.now.sign_on_prompt is None
        rig.choose("retry")
        rig.look(3)
        assert sign_on_prompt(rig).why is Why.AUTHORISE, "the right must be requested again"


def test_a_technician_needs_nobody_and_a_set_that_locks_nothing_asks_nobody() -> None:
    rig = locking("tess", Workflow.SETS)
    tag = rig.world.tag(1)
    rig.scan(DVD)
    rig.world.place(tag)
    rig.look(3)
    assert rig.world.tags[tag].locked and rig.now.sign_on_prompt is None
    plain = desk("ann")
    plain.enter(Workflow.SETS)
    plain.scan(DVD)
    plain.world.place(plain.world.tag(1))
    plain.look(3)
    assert len(of(plain, events.TagWriteStarted)) == 1 and plain.now.sign_on_prompt is None


# --- erase ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("login", "asked"), [("tim", True), ("ann", True), ("tess", False)])
def test_a_foreign_tag_is_erased_by_the_right_of_a_technician(login: str, asked: bool) -> None:
    rig = desk(login)
    rig.enter(Workflow.ERASE)
    tag = rig.world.tag(1, **encoded(BOOK, "DE-Heu1"))
    rig.world.place(tag)
    rig.look(3)
    rig.act("want")
    assert (rig.now.sign_on_prompt is not None) is asked
    if asked:
        rig.scan(BOOK)
        assert rig.world.write_commands == 0
        lend(rig, "tess")
    workflow_view = rig.now.workflow_view
    assert isinstance(workflow_view, RetagView) and workflow_view.state is RetagState.SURE, (
        "the work must continue after the first gesture"
    )
    rig.scan(BOOK)
    assert rig.world.tags[tag].image() == (bytes(112), 0, 0)
    lent = "w-tess" if asked else ""
    (started,), (erased,) = of(rig, events.TagWriteStarted), of(rig, events.TagErased)
    assert (started.operator, started.authorised) == (erased.operator, erased.authorised) == (f"w-{login}", lent)


# --- undo -------------------------------------------------------------------------------------------------------------


def another_persons(rig: Rig) -> str:
    """Show Bea a tag that Ann wrote, and let Bea ask for the undo. Return its UID."""
    uid = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(uid)
    assert rig.now.phase is Phase.CHECKING
    rig.cancel()
    rig.lift()
    come(rig, "bea")
    rig.enter(Workflow.INSPECT)
    rig.place(uid)
    rig.look(2)
    rig.act("undo")
    rig.act("undo-yes")
    assert sign_on_prompt(rig).why is Why.AUTHORISE
    return uid


def test_a_lent_right_to_undo_holds_until_the_undo_is_over_and_stands_in_its_end() -> None:
    """The tag is lifted in the middle. When it is placed again, the same undo continues without a second request."""
    rig = desk("ann")
    uid = another_persons(rig)
    rig.world.lift_at_write = 2
    lend(rig, "tess")
    assert isinstance(rig.now.workflow_view, InspectView) and rig.now.workflow_view.undo is UndoState.BROKEN
    rig.world.lift()
    rig.look(2)
    rig.place(uid)  # type: ignore[arg-type]
    rig.look(2)
    assert rig.now.sign_on_prompt is None and rig.world.tags[uid].image() == (bytes(112), 0, 0)  # type: ignore[index]
    (done,) = of(rig, events.TagUndoVerified)
    assert (done.operator, done.authorised) == ("w-bea", "w-tess")
    assert {one.authorised for one in of(rig, events.TagUndoStarted)} == {"w-tess"}


def test_an_undo_that_another_person_finds_half_done_asks_once_for_each_time_the_tag_is_laid_down() -> None:
    rig = desk("ann")
    uid = rig.world.tag(1)
    rig.scan(BOOK)
    rig.place(uid)
    rig.cancel()
    rig.lift()
    rig.enter(Workflow.INSPECT)
    rig.place(uid)
    rig.look(2)
    rig.act("undo")
    rig.world.lift_at_write = 2
    rig.act("undo-yes")
    assert isinstance(rig.now.workflow_view, InspectView) and rig.now.workflow_view.undo is UndoState.BROKEN
    rig.world.lift()
    rig.look(2)
    come(rig, "bea")
    rig.place(uid)
    rig.look(2)
    assert sign_on_prompt(rig).why is Why.AUTHORISE
    rig.scan("staff-tess")
    rig.look(5)
    assert sign_on_prompt(rig).who == "Tess", "looks at the pad must not ask again"
    rig.bench.handle(CancelQuestion())
    rig.look(5)
    assert rig.now.sign_on_prompt is None
    rig.world.lift()
    rig.look(2)
    rig.place(uid)
    rig.look(2)
    lend(rig, "tess")
    assert rig.world.tags[uid].image() == (bytes(112), 0, 0)
    assert of(rig, events.TagUndoVerified)[-1].authorised == "w-tess"
