"""Recognize a scan in a field that is typed slowly, for a scanner without a prefix.

A scanner types a whole barcode in the time in which a person types two characters. So the end of a text is a scan if its
characters and the scanner's terminator came at that pace, after a pause, and look like a code: no blank, a digit or the
sign of a command barcode.
"""

from __future__ import annotations

from typing import Final

from station.domain.command_barcodes import PREFIX

KEY_S: Final = 0.04
"""Seconds per character, on average, that only a scanner types. Scanners need 1 to 20 ms; a person who types fast, 60."""
PAUSE_S: Final = 0.15
"""Seconds between a typed character and the first one of a scan: the hand goes from the keyboard to the scanner."""
LEAST: Final = 5
"""Minimum characters of a scan."""


class TypedScan:
    """Keeps the newest characters that came without a pause. Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._text = ""
        self._first = self._last = float("-inf")

    def type(self, character: str, now: float) -> bool:
        """Take one character of the field; return True if a scan may begin with it."""
        begins = not self._text or now - self._last > PAUSE_S
        if begins:
            self._text, self._first = "", now
        self._text = "" if character == " " else self._text + character
        self._last = now
        return begins

    def forget(self) -> None:
        """A character was deleted: a person types."""
        self._text = ""

    def end(self, now: float) -> str:
        """Take the terminator; return the scan that it ends, "" = none."""
        text, self._text = self._text, ""
        pace = (now - self._first) / max(1, len(text))
        looks = any(character.isdigit() for character in text) or text.startswith(PREFIX)
        return text if len(text) >= LEAST and looks and pace <= KEY_S else ""
