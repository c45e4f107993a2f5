"""Buttons without touch: the button that a command barcode, a key or a foot switch taps.

The effect and the guards are those of the button as the screen shows it now. A button that is not shown, or is not
active, is not tapped.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.screen import Screen

from station.domain.choice import SETS_ASIDE
from station.domain.command_barcodes import FailReason, OnScreen, ScreenCommand
from station.domain.commands import Act, AllGood, Answer, CallStaff, Cancel, Choose
from station.domain.findings import Outcome
from station.domain.snapshot import Snapshot
from station.tui.drawing.checks import page_checks
from station.tui.widgets.touch import Action, Go, TouchButton


def tappable(screen: Screen[Any]) -> list[TouchButton]:
    """Return the buttons that can be tapped on this screen now."""
    return [
        one for one in screen.query(TouchButton) if one.offered is not None and one.offered.enabled and one.is_on_screen
    ]


def numbered_button(digit: str, shown: Iterable[TouchButton]) -> TouchButton | None:
    """Return the button with this digit."""
    return next((one for one in shown if one.offered is not None and one.offered.key == digit), None)


def button_of(command: ScreenCommand, shown: Iterable[TouchButton]) -> TouchButton | None:
    """Return the button that has the command's effect now."""
    return next((one for one in shown if one.offered is not None and _has_effect(one.offered, command)), None)


def does_of(command: OnScreen, snapshot: Snapshot) -> Answer | CallStaff | Go | None:
    """Return the effect of a command whose button is one tap away: a reason of the page's checks, or an entry of the
    menu; None = not possible now."""
    if command is ScreenCommand.CALL_STAFF:
        return CallStaff() if snapshot.staff_call is None else None
    if command is ScreenCommand.UNDO:
        return Go.UNDO if snapshot.undo else None
    if not isinstance(command, FailReason):
        return None
    for check in page_checks(snapshot):
        for cover in check.covers if check.answer is None else ():
            if cover.number == command.number and command.code in {code for code, *_ in cover.reasons}:
                return Answer(check.rule, Outcome.FAIL, command.code)
    return None


def _has_effect(action: Action, command: ScreenCommand) -> bool:
    does = action.does
    match command:
        case ScreenCommand.PASS:
            return isinstance(does, AllGood) or (isinstance(does, Answer) and does.outcome is Outcome.PASS)
        case ScreenCommand.FAIL:
            return does is Go.REASONS
        case ScreenCommand.UNDO:
            return isinstance(does, Act) and does.name == "undo-count"
        case ScreenCommand.SET_ASIDE:
            return isinstance(does, Cancel) or (isinstance(does, Choose) and does.choice in SETS_ASIDE)
        case ScreenCommand.BACK:
            return action.is_back or does in (Go.BACK, Go.CLOSE)
        case _:
            return False
