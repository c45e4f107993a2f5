"""Cutter numbers for words and names by the table of the Library of Congress, as a proposal for the shelflist.

Source: Classification and Shelflisting Manual G 63, as in docs/reference/call-numbers.md#library-of-congress (BYU 4.8
shows the table): the second letter after a vowel, S, Qu or another consonant gives the first digit; each further letter
gives one more digit by the expansion table. Words that begin with a number get .A12 to .A19, at first one from the
middle.

A shelflist adjusts these numbers to those already in it, so the proposal is only a starting point for the cataloger.
The table lists only some letters; a letter between two of them gets the digit of the letter before it (the manual: the
next higher or lower). "Sch" is one step of the table, so that the letter after it comes next (the manual's own example:
Schreiber .S37).
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

from station.catalog.callnumber.value import fold

_VOWEL: Final = ("bdlnprsu", "23456789")
_S: Final = ("aceimtuw", "23456789")
"""For S: "ch" is 3, and "h" is treated like "i"; see `_after_s`."""
_QU: Final = ("aeiorty", "3456789")
_CONSONANT: Final = ("aeioruy", "3456789")
_EXPANSION: Final = ("aeimptw", "3456789")
NUMERAL: Final = "A15"
"""For words that begin with a digit: the middle of A12 to A19, with room on both sides."""


def cutter(word: str, digits: int = 2) -> str:
    """Return the Cutter number of a word with at least `digits` digits: "Campbell" -> "C36". Raise `ValueError` if
    `digits` is below 1, or the word has no Latin letter or leading digit."""
    if digits < 1:
        raise ValueError("a cutter has at least one digit")
    letters = fold(word)
    if letters[:1].isascii() and letters[:1].isdigit():
        return NUMERAL
    letters = "".join(char for char in letters if "a" <= char <= "z")
    if not letters:
        raise ValueError("there is no letter to make a cutter of")
    first, rest = letters[0], letters[1:]
    if first == "q" and rest[:1] == "u":
        rest = rest[1:]
        number = _digit(_QU, rest)
    elif first == "q":
        number = "2" if rest[:1] < "u" else "9"
    elif first == "s":
        number = _after_s(rest)
        rest = rest.removeprefix("c") if rest.startswith("ch") else rest
    elif first in "aeiou":
        number = _digit(_VOWEL, rest)
    else:
        number = _digit(_CONSONANT, rest)
    return first.upper() + number + "".join(_digit(_EXPANSION, char) for char in rest[1:digits])


def _after_s(rest: str) -> str:
    if rest[:1] == "c":
        return "3" if rest[1:2] >= "h" else "2"
    return _digit(_S, "i" if rest[:1] == "h" else rest)


def _digit(table: tuple[str, str], rest: str) -> str:
    """Return the digit of the last letter in the table that does not come after the first letter of `rest`; "" sorts
    before all."""
    letters, digits = table
    return digits[max(0, bisect_right(letters, rest[:1]) - 1)]
