"""The ISIL code of ISO 28560-2: three character sets with latches and shifts, compaction 000 (elements 3 and 11).

    upper    5 bits  - A..Z :     lower    5 bits  - a..z /     numeric  4 bits  0..9 - :

The code starts in upper case; the last byte is filled with ones; a shift covers one character. Source:
docs/reference/tag-data.md#isil-code (dp2 and Helmet agree).

No available text settles when an encoder shifts and when it latches, and the code is not unique. The rule here
reproduces the standard's example US-InU-Mu and dp2's DE-Heu1: stay in the set while it has the character; else shift if
the next character (or the end) is in the current set, otherwise latch. If another sequence of sets saves a byte (true
of no ISIL seen so far), that one is written.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from station.base.errors import ElementInvalid, Undecodable

UPPER: Final = 0
LOWER: Final = 1
NUMERIC: Final = 2

_SETS: Final = ("-ABCDEFGHIJKLMNOPQRSTUVWXYZ:", "-abcdefghijklmnopqrstuvwxyz/", "0123456789-:")
_WIDTH: Final = (5, 5, 4)
_CONTROLS: Final = (
    {0b11100: (LOWER, True), 0b11101: (LOWER, False), 0b11110: (NUMERIC, True), 0b11111: (NUMERIC, False)},
    {0b11100: (UPPER, True), 0b11101: (UPPER, False), 0b11110: (NUMERIC, True), 0b11111: (NUMERIC, False)},
    {0b1100: (UPPER, True), 0b1101: (UPPER, False), 0b1110: (LOWER, True), 0b1111: (LOWER, False)},
)
"""Set -> code -> (other set, True for a latch)."""


def _bits(character_set: int, value: int) -> str:
    return format(value, f"0{_WIDTH[character_set]}b")


_LETTERS: Final = tuple({char: _bits(number, code) for code, char in enumerate(s)} for number, s in enumerate(_SETS))
"""Set -> character -> its bits."""
_TO: Final = tuple(
    {action: _bits(number, code) for code, action in controls.items()} for number, controls in enumerate(_CONTROLS)
)
"""Set -> (other set, True for a latch) -> the bits of the control code."""


# --- packing ----------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=64)
def encode(isil: str) -> bytes:
    """Pack an ISIL; raise `ElementInvalid` for a character that is in no set."""
    if not isil:
        raise ElementInvalid("the ISIL is empty")
    for char in isil:
        if not any(char in letters for letters in _LETTERS):
            raise ElementInvalid(f"an ISIL cannot hold {char!r}")
    bits, least = _by_rule(isil), _least(isil)
    if len(least) + 7 >> 3 < len(bits) + 7 >> 3:
        bits = least
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _by_rule(isil: str) -> str:
    """Return the bits by the rule of the module's docstring."""
    bits = ""
    current = UPPER
    for place, char in enumerate(isil):
        if char in _LETTERS[current]:
            bits += _LETTERS[current][char]
            continue
        other = next(number for number, letters in enumerate(_LETTERS) if char in letters)
        latch = place + 1 < len(isil) and isil[place + 1] not in _LETTERS[current]
        bits += _TO[current][other, latch] + _LETTERS[other][char]
        if latch:
            current = other
    return bits


def _least(isil: str) -> str:
    """Return the fewest bits: before each character an optional latch, then the character, optionally shifted."""
    ways = {UPPER: ""}
    for char in isil:
        for current, bits in tuple(ways.items()):
            for (other, latch), code in _TO[current].items():
                if latch and (other not in ways or len(bits + code) < len(ways[other])):
                    ways[other] = bits + code
        after: dict[int, str] = {}
        for current, bits in ways.items():
            for number, letters in enumerate(_LETTERS):
                if char in letters:
                    way = bits + ("" if number == current else _TO[current][number, False]) + letters[char]
                    if current not in after or len(way) < len(after[current]):
                        after[current] = way
        ways = after
    return min(ways.values(), key=len)


# --- unpacking --------------------------------------------------------------------------------------------------------


def decode(data: bytes, offset: int = 0) -> str:
    """Unpack an ISIL; zero bytes give "". Raises `Undecodable` at `offset` for a complete byte of padding or more."""
    bits = int.from_bytes(data, "big")
    left = len(data) * 8
    text = ""
    current = UPPER
    once: int | None = None
    last = left
    while True:
        active = current if once is None else once
        width = _WIDTH[active]
        if left < width:
            break
        left -= width
        code = (bits >> left) & ((1 << width) - 1)
        if code < len(_SETS[active]):
            text += _SETS[active][code]
            once = None
            last = left
        elif once is not None:
            # A control code after a shift occurs only in the padding of ones.
            break
        else:
            other, latch = _CONTROLS[active][code]
            current, once = (other, None) if latch else (current, other)
    if last >= 8 or (1 << last) - 1 != bits & ((1 << last) - 1):
        raise Undecodable(offset, "the ISIL code ends in something that is neither a character nor padding")
    return text
