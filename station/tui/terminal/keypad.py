"""Keys pressed by hand: a numeric keypad, a foot switch. A barcode scanner is a keyboard too.

A character counts as a key only if it is alone: `Keys.alone_ms` of silence before and after it. So the characters of a
scan never count, whole or broken, with or without the scanner's prefix. A key that types no character (Page Down, F13)
counts at once. A key that is held down counts once.
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.settings import Keys
from station.domain.command_barcodes import ScreenCommand

HELD_S: Final = 0.8
"""Seconds within which the same key is held down, not pressed again. Longer than the usual delay before a keyboard
repeats a key (250 to 660 ms), and each repetition extends it."""
_DIGITS: Final = "0123456789"

Wanted = ScreenCommand | str
"""What a key taps: the button of a command, or the button with this digit."""


class Press(msgspec.Struct, frozen=True):
    """A key that may count."""

    wanted: Wanted
    number: int
    """Number of the key event."""
    at_once: bool
    """False: it counts only if it is still `alone` after the silence."""


class Keypad:
    """Tells which keys were pressed by hand. Times are seconds of a monotonic clock."""

    def __init__(self, settings: Keys) -> None:
        self.silence = settings.alone_ms / 1000
        """Seconds of silence before and after a character that counts."""
        self._wanted: dict[str, Wanted] = {digit: digit for digit in _DIGITS} if settings.numbers else {}
        for command, keys in (
            (ScreenCommand.PASS, settings.good),
            (ScreenCommand.FAIL, settings.fail),
            (ScreenCommand.BACK, settings.back),
            (ScreenCommand.SET_ASIDE, settings.set_aside),
        ):
            self._wanted |= dict.fromkeys(keys, command)
        self._events = 0
        self._last = float("-inf")
        self._counted = ""
        self._held_until = float("-inf")

    def feed(self, key: str, character: str | None, now: float) -> Press | None:
        """Take every key event: its name in Textual, and the character that it types, if any."""
        typed = character if character is not None and character.isprintable() else None
        silent = now - self._last >= self.silence
        self._last, self._events = now, self._events + 1
        wanted = self._wanted.get(typed or key)
        held = key == self._counted and now < self._held_until
        if held or (wanted is not None and (typed is None or silent)):
            self._counted, self._held_until = key, now + HELD_S
        if held or wanted is None or (typed is not None and not silent):
            return None
        return Press(wanted, self._events, at_once=typed is None)

    def alone(self, press: Press) -> bool:
        """Return True if no other key followed."""
        return press.number == self._events
