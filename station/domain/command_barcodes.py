"""Command barcodes: printed barcodes that have the effect of a button on the screen.

Each text begins with `PREFIX`. No item barcode has its character (`catalog.barcodes`), no ISBN, and no magnetic card
(their tracks begin with "%", ";" or "+"). Upper and lower case mean the same, because Caps Lock changes what a scanner
types.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from station.base.settings import COMMAND_PREFIX

PREFIX: Final = COMMAND_PREFIX


class ScreenCommand(StrEnum):
    """A button of the screen, whatever it is called in the current state."""

    PASS = "pass"
    """Pass, or ALL GOOD."""
    FAIL = "fail"
    """Ask for the reason of a fail."""
    SET_ASIDE = "set-aside"
    BACK = "back"
    UNDO = "undo"
    """Undo the last tag write; the screen asks first."""
    CALL_STAFF = "call-staff"


class FailReason(msgspec.Struct, frozen=True):
    """Fail the check of this rule for this reason."""

    number: int
    """The rule's number in the catalog of rules."""
    code: str
    """Code of the reason in the taxonomy."""


OnScreen = ScreenCommand | FailReason


def is_command(text: str) -> bool:
    """Return True if the text is a command barcode, known or not. It is never an item's barcode, and never a card."""
    return text.strip().startswith(PREFIX)


def command_of(text: str) -> OnScreen | None:
    """Return the command of a scanned text; None = it is no command barcode, or an unknown one."""
    if not is_command(text):
        return None
    name = text.strip().removeprefix(PREFIX).casefold()
    number, dot, code = name.partition(".")
    if dot:
        return FailReason(int(number), code) if number.isascii() and number.isdigit() and len(number) <= 4 else None
    return next((one for one in ScreenCommand if one.value == name), None)


def text_of(command: OnScreen) -> str:
    """Return the text of a command's barcode."""
    name = command.value if isinstance(command, ScreenCommand) else f"{command.number}.{command.code}"
    return f"{PREFIX}{name.upper()}"
