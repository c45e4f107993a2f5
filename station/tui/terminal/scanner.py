"""Barcode scanner input: recognize the key bursts of a keyboard-wedge scanner by their configured frame alone.

A burst is: prefix (may be empty, may hold control characters), text, terminator. Timing never completes a burst;
`abandon_after_ms` only discards an unfinished one, and only when the next key arrives. Without a prefix any printable
key begins a burst; with a prefix, only the prefix does.

Scanner errors that must not be taken for a barcode are passed on in a form that no barcode has, so that the bench
refuses them with a sentence: a second code in the same burst has a carriage return before it, as a blank may belong to a
barcode, and a burst longer than `MAX_BURST` characters is cut and ends with an ellipsis.
"""

from __future__ import annotations

import unicodedata
from typing import Final

import msgspec

from station.base.settings import Scanner

MAX_BURST: Final = 256
"""Maximum characters of a burst."""

ENTER_KEYS: Final = frozenset({"enter", "ctrl+j", "ctrl+m"})
TAB_KEYS: Final = frozenset({"tab", "ctrl+i"})
_GS1_SEPARATORS: Final = frozenset("\x1c\x1d\x1e\x1f")
"""Control characters that belong to the content of a 2-D code (ISO/IEC 15434)."""


_CONTROLS: Final = {
    **{f"ctrl+{chr(ord('a') + number)}": chr(number + 1) for number in range(26)},  # not for people
    "ctrl+backslash": "\x1c",
    "ctrl+right_square_bracket": "\x1d",
    "ctrl+circumflex_accent": "\x1e",
    "ctrl+underscore": "\x1f",
}
"""Characters of control keys; a terminal in the Kitty keyboard protocol sends the key without its character."""


class KeyTaken(msgspec.Struct, frozen=True):
    """Result for one key: `taken` = it belongs to the scanner; `text` = it completed a burst."""

    taken: bool
    text: str | None = None


_LEFT: Final = KeyTaken(False)
_TAKEN: Final = KeyTaken(True)


class BurstCollector:
    """Collects keys and returns bursts. Times are seconds of a monotonic clock."""

    def __init__(self, settings: Scanner) -> None:
        self._prefix = settings.prefix
        self._terminators = ENTER_KEYS if settings.terminator == "enter" else TAB_KEYS
        self._patience = settings.abandon_after_ms / 1000
        self._typed = ""
        self._matched = 0
        self._overflow = False
        self._last = float("-inf")

    @property
    def open(self) -> bool:
        """True while a burst is unfinished."""
        return bool(self._typed) or self._matched > 0

    def expects(self, now: float) -> bool:
        """True while the next key belongs to an unfinished burst that is not abandoned."""
        return self.open and now - self._last <= self._patience

    def feed(self, key: str, character: str | None, now: float) -> KeyTaken:
        """Take one key: its name in Textual, and the character that it types, if any."""
        if not self.expects(now):
            self._reset()
        if key in self._terminators:
            return self._finish()
        character = character or _CONTROLS.get(key)
        if character is None or len(character) != 1:
            return _LEFT  # function keys and arrows are never part of a burst and do not end it
        if self._matched < len(self._prefix):
            return self._match_prefix(character, now)
        if not self._typed and not self._prefix and not _is_text(character):
            return _LEFT  # without a prefix only text begins a burst, so that control keys keep their function
        if key in ENTER_KEYS or self._restarts(character):
            character = "\r"
        elif not _is_text(character) and character not in _GS1_SEPARATORS:
            return _LEFT
        self._last = now
        if len(self._typed) < MAX_BURST:
            self._typed += character
        else:
            self._overflow = True
        return _TAKEN

    def discard(self) -> None:
        """Forget an unfinished burst: it was a key pressed by hand, or was broken off before one."""
        self._reset()

    def _match_prefix(self, character: str, now: float) -> KeyTaken:
        if character == self._prefix[self._matched]:
            self._matched += 1
        elif self._matched and character == self._prefix[0]:
            self._matched = 1
        else:
            self._reset()
            return _LEFT
        self._last = now
        return _TAKEN

    def _restarts(self, character: str) -> bool:
        """True for the prefix within a burst: the terminator between two codes was lost."""
        return character in self._prefix and unicodedata.category(character) == "Cc"  # not for people

    def _finish(self) -> KeyTaken:
        text = self._typed + "…" if self._overflow else self._typed
        self._reset()
        return KeyTaken(True, text) if text.strip() else _TAKEN

    def _reset(self) -> None:
        self._typed = ""
        self._matched = 0
        self._overflow = False


def _is_text(character: str) -> bool:
    return unicodedata.category(character) != "Cc"  # not for people
