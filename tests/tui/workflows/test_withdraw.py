"""Withdrawal of items by scan and tap only, on the real bench; and the look of the screen."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from station.base.sentence import Sentence
from station.base.words import tell
from station.bench.workflows.withdraw.rules import light, prompt_of
from station.domain.commands import Act, Cancel
from station.domain.events import WithdrawalJudged
from station.domain.findings import Outcome
from station.domain.snapshot import Light, Phase, Snapshot
from station.domain.withdrawals.stop_signs import Reply, Sign, SignAnswer
from station.domain.workflows import TagLeft, WithdrawState, WithdrawView, Workflow
from station.quality.checks.facts import Facts
from station.tui.widgets.touch import Type
from station.tui.workflows.process import ProcessScreen
from station.tui.workflows.withdraw import CHECKLIST, WithdrawScreen, leaving_actions
from tests.support.simulated_bench import BOOK
from tests.tui.app_on_bench import live
from tests.tui.running_app import EVERY_SIZE, SIZES, running
from tests.tui.scenes import RIVERS, SCENES, _asked
from tests.tui.test_screens import targets_are_good
from tests.tui.whole import tells


def _leaving(name: str, state: WithdrawState, **more: object) -> Snapshot:
    view = WithdrawView(state=state)
    return msgspec.structs.replace(SCENES[name], workflow=Workflow.WITHDRAW, workflow_view=view, **more)


def _on_its_way(state: WithdrawState, **more: Any) -> Snapshot:
    view = WithdrawView(state=state, barcode=BOOK, **{"title": RIVERS.title, **more})
    prompt = prompt_of(view)
    return msgspec.structs.replace(
        SCENES["idle"], workflow=Workflow.WITHDRAW, workflow_view=view, prompt=prompt, light=light(view)
    )


_REPLIES = {Sign.LAST_HERE: Reply.YES, Sign.LOAN: Reply.NO, Sign.REQUEST: Reply.NO}
_SIGNS = tuple(
    SignAnswer(
        sign=sign,
        reply=_REPLIES.get(sign, Reply.NOT_KNOWN),
        source="alma" if sign in _REPLIES else "",
        detail="0" if sign is Sign.LAST_HERE else "",
    )
    for sign in Sign
)
_NO_SIGN = tuple(SignAnswer(sign=sign, reply=Reply.NO, source="record") for sign in Sign)
_ABOUT = f"{RIVERS.call_number} · {RIVERS.author}"
_STRIP = _on_its_way(WithdrawState.STRIP, tags=(TagLeft("E004010000000001", 1),))
_OPEN = _asked("marks-cancelled", Facts(item=RIVERS, task="withdrawal"))
VIEWS: dict[str, Snapshot] = {
    "free": _leaving("idle", WithdrawState.FREE, prompt="Scan the item to withdraw"),
    "asking": _leaving(
        "check-label",
        WithdrawState.ASKING,
        light=Light.NEUTRAL,
        **_OPEN,
    ),
    "fail": _leaving("fail", WithdrawState.DONE, prompt="Not done: it may not leave. Put it on the problem shelf"),
    "decide": _on_its_way(WithdrawState.DECIDE, title="Atlas of shadows", signs=_NO_SIGN, about=_ABOUT),
    "cart": _on_its_way(
        WithdrawState.DECIDE,
        signs=_SIGNS,
        about=_ABOUT,
        cart="Weeded 2026-11-24",
        list="Fall",
        reason="Weeded",
        destination="Recycling",
        approver="Ida Lund",
    ),
    "stop-sign": _on_its_way(
        WithdrawState.DECIDE, signs=_SIGNS, about=_ABOUT, reason="Weeded", destination="Recycling", list="Fall"
    ),
    "late": _on_its_way(WithdrawState.WAIT, late=True, may_cancel=True),
    "confirm": _on_its_way(WithdrawState.CONFIRM, may_cancel=True),
    "strip-one-part": _on_its_way(
        WithdrawState.STRIP, parts=3, tags=(TagLeft("E004010000000002", 2),), may_cancel=True, cancels_part=2
    ),
    "strip": _on_its_way(
        WithdrawState.STRIP, parts=3, tags=tuple(TagLeft(f"E00401000000000{n}", n) for n in (2, 1, 3))
    ),
    "writing": msgspec.structs.replace(
        _STRIP,
        phase=Phase.WRITING,
        state=Phase.WRITING.value,
        prompt=Sentence("state.writing"),
        light=Light.BUSY,
        steps_done=7,
        steps_total=12,
    ),
}

SAID: dict[str, tuple[str, ...]] = {
    "free": (
        "Scan the item to withdraw",
        "Withdrawal: the checks",
        "Leave it on the pad: its tag is erased once the library system has deleted it.",
        "Lease return",
    ),
    "asking": (
        "Check 3 of 3 moderate",
        "Withdrawn: is every mark of ours canceled, barcode and label too?",
        "│WITHDRAWN│",
        "✓ Yes",
        "× No",
    ),
    "fail": (
        "Not done: it may not leave. Put it on the problem shelf",
        "1 check failed, one note for staff",
        "× Spine label: a line is missing",
        "i Property stamp: there is no stamp",
        "Withdrawal",
        "Lease return",
    ),
    "decide": (
        '"Atlas of shadows": Is it this item? Then tap Withdraw',
        "> Atlas of shadows",
        _ABOUT,
        "Retention",
        "Withdraw",
        "Piece is not here",
    ),
    "cart": (
        "From cart Weeded 2026-11-24: Weeded · Recycling",
        "It is on pull list Fall.",
        *(tell(f"withdrawal.sign.{sign.value}") for sign in Sign),
    ),
    "stop-sign": (
        "Stop: it may have to stay. Read why, then decide",
        "Last in this library: yes (Alma · 0 other items)",
        RIVERS.title,
        _ABOUT,
        "From pull list Fall: Weeded · Recycling",
        *(tell(f"withdrawal.sign.{sign.value}") for sign in Sign),
        "Librarian approved it",
        "Wrong edition",
    ),
    "late": ("No answer yet. Put it on the shelf to strip later", "Next item", "It stays"),
    "confirm": ("Then a technician confirms", "Deletion confirmed", "It stays"),
    "strip": ("Put part 2 on the pad. Parts left: 3", "Tag of part 2 destroyed", "Part 3 is missing"),
    "strip-one-part": ("Put part 2 on the pad. Parts left: 1", "Tag of part 2 destroyed", "Part 2 stays"),
    "writing": ("WAIT", tell("state.writing"), RIVERS.title, "7 of 12 steps", tell("stage.hold-still")),
}


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_every_view_says_what_it_must_and_nothing_is_cut(size: tuple[int, int]) -> None:
    async with running(VIEWS["free"], size) as desk:
        for name, view in VIEWS.items():
            await desk.show(view)
            targets_are_good(desk, size)
            tells(desk, SAID[name], "card")


@pytest.mark.parametrize("state", list(WithdrawState)[1:], ids=str)
def test_the_way_back_is_offered_while_there_is_one(state: WithdrawState) -> None:
    if state in CHECKLIST or state is WithdrawState.CHOOSE:
        return
    stays = [
        [
            action.does
            for action in leaving_actions(WithdrawView(state=state, may_cancel=may))
            if action.label == "It stays"
        ]
        for may in (True, False)
    ]
    assert stays == [[Type("stays", "withdraw.ask.stays")], []]


@pytest.mark.parametrize("size", EVERY_SIZE, ids=str)
async def test_a_withdrawal_by_scan_and_tap(size: tuple[int, int]) -> None:
    async with live(size=size) as desk:
        rig = desk.rig

        async def tap(label: str) -> None:
            desk.later()
            await desk.until(lambda: label in desk.labels())
            await desk.tap(label)

        await tap("Menu")
        await desk.sees("What would you like to do?")
        while "Withdraw" not in desk.labels():  # on a small screen the menu has pages
            await tap(next(label for label in desk.labels() if label.startswith("More")))
        await tap("Withdraw")
        await desk.sees("Scan the item to withdraw")
        assert type(desk.app.screen) is WithdrawScreen
        targets_are_good(desk, size)
        await tap("Lease return")
        await desk.sees("Scan the leased item")
        await tap("Withdrawal")
        await desk.sees("Scan the item to withdraw")
        await desk.scan(BOOK)
        desk.later()
        await desk.until(lambda: "✓ Yes" in desk.labels())
        targets_are_good(desk, size)
        await tap("✓ Yes")
        await desk.sees("Is the tag destroyed")
        targets_are_good(desk, size)
        await tap("Later: still to erase")
        await desk.sees("Withdrawn: is every")
        await tap("< Back")
        await desk.sees("Is the tag destroyed")
        await tap("Tag destroyed, or none")
        targets_are_good(desk, size)
        await tap("It has no tag")
        await desk.sees("Withdrawn: is every")
        await tap("× No")
        await tap("Barcode not struck out")
        await desk.sees("Not done: it may")
        (judged,) = (event for event in rig.journal.events if isinstance(event, WithdrawalJudged))
        assert [one.rule for one in judged.findings if one.outcome is Outcome.FAIL] == ["marks-cancelled"]
        await desk.scan(BOOK)
        await tap("Set aside")
        await desk.sees("Scan the item to withdraw")
        await tap("< Back")
        await desk.until(lambda: type(desk.app.screen) is ProcessScreen)


@pytest.mark.parametrize("name", ["decide", "stop-sign", "late", "strip"])
async def test_an_item_before_its_checks_can_be_set_aside(name: str) -> None:
    async with running(size=SIZES[0]) as desk:
        await desk.show(VIEWS[name])
        await desk.tap("Set aside")
        await desk.tap("< Back")
        assert desk.bench.sent[-2:] == [Cancel(), Act("back")]


async def test_a_tag_that_is_written_is_not_set_aside() -> None:
    async with running(size=SIZES[0]) as desk:
        await desk.show(VIEWS["writing"])
        await desk.tap("Set aside")
        assert Cancel() not in desk.bench.sent
