"""Withdrawal of items by scan and tap only, on the real bench; and the look of the screen."""

from __future__ import annotations

import msgspec
import pytest

from station.domain.events import WithdrawalJudged
from station.domain.findings import Outcome
from station.domain.snapshot import Light, Snapshot
from station.domain.workflows import WithdrawState, WithdrawView, Workflow
from station.quality.checks.facts import Facts
from station.tui.workflows.process import ProcessScreen
from station.tui.workflows.withdraw import WithdrawScreen
from tests.support.simulated_bench import BOOK
from tests.tui.app_on_bench import live
from tests.tui.running_app import EVERY_SIZE, SIZES, running
from tests.tui.scenes import RIVERS, SCENES, _asked
from tests.tui.test_screens import targets_are_good
from tests.tui.whole import tells


def _leaving(name: str, state: WithdrawState, **more: object) -> Snapshot:
    view = WithdrawView(state=state)
    return msgspec.structs.replace(SCENES[name], workflow=Workflow.WITHDRAW, workflow_view=view, **more)


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
}


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_every_view_says_what_it_must_and_nothing_is_cut(size: tuple[int, int]) -> None:
    async with running(VIEWS["free"], size) as desk:
        for name, view in VIEWS.items():
            await desk.show(view)
            targets_are_good(desk, size)
            tells(desk, SAID[name], "card")


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
