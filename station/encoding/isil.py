"""The ISIL code of ISO 28560-2: three character sets with latches and shifts, compaction 000 (elements 3 and 11).

Source: tag-data-models.md 2.6 (dp2 and Helmet agree). 5-bit upper and lower case, 4-bit numeric; starts in upper
case; the last byte is filled with ones. A shift covers one character. Which of shift and latch an encoder takes is
not settled by a text we have seen; the rule here reproduces the standard's example US-InU-Mu and dp2's DE-Heu1: stay
in the set while it has the character; else shift if the character after it (or the end) is in the current set,
otherwise latch.
"""

from __future__ import annotations

from typing import Final

from station.errors import ElementInvalid, Undecodable

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
"""Set -> code -> (other set, latch?)."""
_TO: Final = tuple({action: code for code, action in controls.items()} for controls in _CONTROLS)


def encode(isil: str) -> bytes:
    """Pack an ISIL; raises `ElementInvalid` for a character that no set has."""
    if not isil:
        raise ElementInvalid("the ISIL is empty")
    bits = ""
    current = UPPER
    for place, char in enumerate(isil):
        if char in _SETS[current]:
            bits += _code(current, _SETS[current].index(char))
            continue
        other = next((number for number, chars in enumerate(_SETS) if char in chars), None)
        if other is None:
            raise ElementInvalid(f"an ISIL cannot hold {char!r}")
        latch = place + 1 < len(isil) and isil[place + 1] not in _SETS[current]
        bits += _code(current, _TO[current][other, latch]) + _code(other, _SETS[other].index(char))
        if latch:
            current = other
    bits += "1" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def decode(data: bytes, offset: int = 0) -> str:
    """Unpack an ISIL; zero bytes give "". Raises `Undecodable` at `offset` for more than a byte of padding."""
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
            # A control code behind a shift occurs only in the padding of ones.
            break
        else:
            other, latch = _CONTROLS[active][code]
            current, once = (other, None) if latch else (current, other)
    if last >= 8 or (1 << last) - 1 != bits & ((1 << last) - 1):
        raise Undecodable(offset, "the ISIL code ends in something that is neither a character nor padding")
    return text


def _code(character_set: int, value: int) -> str:
    return format(value, f"0{_WIDTH[character_set]}b")
