"""A right lent at another terminal: it applies to the question on the screen and to no other, whatever is tried."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain import events
from station.domain.commands import Authorise, CancelQuestion, GivePin, Scan, SignOff, SignOn, UndoWrite, UpdateItem
from station.domain.pad_answers import Refusal
from station.domain.people.rights import Role
from station.domain.people.sign_on import SIGNING_ON, Pin, Why, lending
from station.domain.tag_image import Uid
from station.domain.workflows import Workflow
from tests.bench.staff import PINS, Staff, rig_with
from tests.bench.test_authorise import come, locking, of, sign_on_prompt
from tests.bench.test_bench import encoded
from tests.support.simulated_bench import BOOK, OTHER, Rig
from tests.support.told import told

ITEMS = (BOOK, OTHER)
LENDERS = ("tess", "sys", "ann", "tim", "gone")


def asks(rig: Rig, number: int) -> str:
    """Place another library's tag for this item and ask to overwrite it. Return the question on the screen."""
    rig.cancel()
    rig.lift()
    rig.look(2)
    rig.scan(ITEMS[number])
    rig.world.place(Uid(f"E0040100{number + 1:08X}"))
    rig.look(2)
    rig.choose("overwrite")
    return sign_on_prompt(rig).question


_NUMBERS = itertools.count()
"""Of the grants: a used one leaves the staff's list, so its length would name two grants alike."""


def granted(staff: Staff, who: str, purpose: str) -> str:
    name = f"g{next(_NUMBERS)}-{purpose}"
    staff.grants[name] = (f"w-{who}", purpose)
    return name


def armed(rig: Rig) -> bool:
    """Return whether the first gesture for overwriting was made."""
    return rig.now.fault is not None and "keep" in {choice.id for choice in rig.now.fault.choices}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.integers(0, 1), st.just(0)),
        st.tuples(st.just("grant"), st.sampled_from(LENDERS), st.integers(0, 5)),
        st.tuples(st.just("authorise"), st.integers(0, 5), st.integers(0, 5)),
        st.tuples(st.sampled_from(["withdraw", "late", "lift", "sign-off"]), st.just(0), st.integers(0, 5)),
    ),
    max_size=14,
)


@given(STEPS)
def test_a_grant_arms_the_one_question_that_it_was_given_for_and_only_while_that_stands(
    steps: list[tuple[str, Any, int]],
) -> None:
    rig, staff = rig_with()
    for number, item in enumerate(ITEMS):
        rig.world.tag(number + 1, **encoded(item, "DE-Heu1"))
    come(rig, "ann")
    asked: list[str] = []
    grants: list[tuple[str, str, str]] = []
    used: set[str] = set()
    for what, value, other in steps:
        before = armed(rig)
        now = rig.now.sign_on_prompt
        stands = now.question if now is not None and now.why is Why.AUTHORISE else ""
        if what == "ask":
            asked.append(asks(rig, value))
        elif what == "grant" and asked:
            question = asked[other % len(asked)]
            grants.append((granted(staff, value, lending(question)), value, question))
        elif what == "authorise" and asked and grants:
            grant, who, question = grants[value % len(grants)]
            named = asked[other % len(asked)]
            rig.bench.handle(Authorise(named, grant))
            good = grant not in used and question == named == stands and who in ("tess", "sys")
            used.add(grant)
            assert armed(rig) is (before or good)
            assert good or not stands or sign_on_prompt(rig).question == stands, (
                "the same question must be on the screen"
            )
            assert not good or rig.now.sign_on_prompt is None
        elif what == "withdraw":
            named = asked[other % len(asked)] if asked else ""
            rig.bench.handle(CancelQuestion(named or "none"))
            assert (rig.now.sign_on_prompt is None) is (not stands or named == stands)
        elif what == "late":
            rig.clock.pause(61)
            rig.look()
            assert rig.now.sign_on_prompt is None or rig.now.sign_on_prompt.why is not Why.AUTHORISE
        elif what == "lift":
            rig.lift()
            rig.look(2)
            assert rig.now.sign_on_prompt is None or rig.now.sign_on_prompt.why is not Why.AUTHORISE
        elif what == "sign-off":
            rig.bench.handle(SignOff())
            come(rig, "ann")
        assert rig.world.write_commands == 0 and rig.now.worker == "w-ann"
    assert of(rig, events.TagWriteStarted) == []


def test_a_grant_to_sign_on_lends_nothing_and_one_that_lends_signs_nobody_on() -> None:
    rig, staff = rig_with()
    rig.world.tag(1, **encoded(BOOK, "DE-Heu1"))
    come(rig, "ann")
    question = asks(rig, 0)
    rig.bench.handle(Authorise(question, granted(staff, "tess", SIGNING_ON)))
    assert sign_on_prompt(rig).question == question and not armed(rig)
    rig.bench.handle(SignOn("w-tess", granted(staff, "tess", lending(question))))
    assert rig.now.worker == "w-ann"


def test_a_role_taken_away_between_proof_and_question_lends_nothing() -> None:
    rig, staff = rig_with()
    rig.world.tag(1, **encoded(BOOK, "DE-Heu1"))
    come(rig, "ann")
    question = asks(rig, 0)
    grant = granted(staff, "tess", lending(question))
    staff.roles["tess"] = Role.OPERATOR
    rig.bench.handle(Authorise(question, grant))
    assert (
        sign_on_prompt(rig).question == question
        and "technician" in told(sign_on_prompt(rig).sentence)
        and not armed(rig)
    )
    assert [(one.worker, one.code) for one in of(rig, events.SignOnRefused)] == [("w-tess", "not-allowed")]


def test_somebody_half_way_at_the_screen_does_not_lend_by_anothers_grant() -> None:
    """The screen already asks for another person's PIN when Tess answers at a terminal: the right is lent by Tess."""
    rig, staff = rig_with()
    rig.world.tag(1, **encoded(BOOK, "DE-Heu1"))
    come(rig, "ann")
    question = asks(rig, 0)
    rig.bench.handle(Scan("staff-sys"))
    assert (sign_on_prompt(rig).who, sign_on_prompt(rig).worker, sign_on_prompt(rig).right) == (
        "Sys",
        "w-sys",
        "overwrite-foreign",
    )
    rig.bench.handle(Authorise(question, granted(staff, "tess", lending(question))))
    rig.bench.handle(GivePin(Pin(PINS["sys"])))
    rig.scan(BOOK)
    assert [one.authorised for one in of(rig, events.TagWriteStarted)] == ["w-tess"]


# --- requests to the pad ----------------------------------------------------------------------------------------------


def test_an_undo_over_the_socket_says_which_right_it_lacks_and_takes_a_grant_for_this_undo_alone() -> None:
    rig, staff = rig_with()
    uid = rig.world.tag(1)
    come(rig, "tess")
    rig.scan(BOOK)
    rig.place(uid)
    rig.cancel()
    come(rig, "ann")
    written = rig.world.tags[uid].image()
    attempt = of(rig, events.TagWriteStarted)[-1].attempt
    request = UndoWrite(uid=uid, attempt=attempt, source="command line")
    assert refusal(rig, request).right == "undo-others"
    others = (lending("undo E0 x"), SIGNING_ON, lending(UndoWrite(uid=uid, attempt="another").purpose))
    for purpose in others:
        refused = refusal(rig, with_grant(request, granted(staff, "tess", purpose)))
        assert refused.right == "undo-others" and rig.world.tags[uid].image() == written
    good = granted(staff, "bea", lending(request.purpose))
    assert refusal(rig, with_grant(request, good)).right == "undo-others", "bea does not have this right"
    good = granted(staff, "tess", lending(request.purpose))
    rig.bench.handle(SignOff())
    assert refusal(rig, with_grant(request, good)).code == "sign-on-needed"
    come(rig, "ann")
    assert rig.ask(with_grant(request, good)).refusal is None
    (done,) = of(rig, events.TagUndoVerified)
    assert (done.operator, done.authorised) == ("w-ann", "w-tess")
    assert staff.grants.get(good) is None


def refusal(rig: Rig, request: UndoWrite) -> Refusal:
    found = rig.ask(request).refusal
    assert found is not None
    return found


def with_grant(request: UndoWrite, grant: str) -> UndoWrite:
    return msgspec.structs.replace(request, grant=grant)


@pytest.mark.parametrize("login", ["ann", "tess"])
def test_no_other_program_locks_a_tag_without_somebodys_right_to_it(login: str) -> None:
    rig = locking(login, Workflow.PROCESS)
    rig.bench.desk.ports = replace(rig.bench.desk.ports, askers=rig.asker)
    uid = rig.world.tag(1)
    rig.world.place(uid)
    rig.look(2)
    answer = rig.ask(UpdateItem(barcode=BOOK, source="Alma"))
    if login == "tess":
        assert answer.refusal is None and rig.world.tags[uid].locked
        return
    assert answer.refusal is not None
    assert (answer.refusal.code, answer.refusal.right, answer.refusal.uid) == ("not-allowed", "lock", uid)
    assert rig.world.write_commands == 0 and not rig.world.tags[uid].locked
    assert rig.now.sign_on_prompt is None, "the screen must not ask on behalf of another program"


@pytest.mark.parametrize(
    ("lender", "names_tag", "locked"), [("tess", True, True), ("tess", False, False), ("bea", True, False)]
)
def test_the_right_to_lock_is_lent_for_one_tag_by_somebody_who_has_it(
    lender: str, names_tag: bool, locked: bool
) -> None:
    rig = locking("ann", Workflow.PROCESS)
    rig.bench.desk.ports = replace(rig.bench.desk.ports, askers=rig.asker)
    staff = rig.bench.desk.authenticator
    assert isinstance(staff, Staff)
    uid = rig.world.tag(1)
    rig.world.place(uid)
    rig.look(2)
    request = UpdateItem(barcode=BOOK, uid=uid if names_tag else "", source="Alma")
    answer = rig.ask(msgspec.structs.replace(request, grant=granted(staff, lender, lending(request.purpose))))
    assert (answer.refusal is None, bool(rig.world.tags[uid].locked)) == (locked, locked)
    assert [one.authorised for one in of(rig, events.TagWriteStarted)] == (["w-tess"] if locked else [])
