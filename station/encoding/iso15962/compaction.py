"""ISO/IEC 15962 compaction schemes, bit exact, both directions.

    001 integer   big-endian number, fewest bytes          010 numeric   one digit per nibble, an odd count ends with F
    011 5-bit     41-5F, low five bits                     100 6-bit     20-5F, low six bits, no space at the end
    101 7-bit     00-7E                                    110 octets    ISO 8859-1        111 UTF-8

The last byte of 5-bit is filled with 00000.., of 6-bit with 100000.., of 7-bit with 11111... If that fill is as long as
a group, it looks like an additional character, which the decoder drops (docs/reference/tag-data.md#compaction: dp2
against GB/T 35660.2, 45 unit vectors).

Choice of scheme (`choose`): the shortest scheme that can carry the text; of equals, the first in the order integer,
numeric, 5-bit, 6-bit, 7-bit, octet string, UTF-8. This is dp2's order, except that dp2 never chooses octet string
automatically. Here, ISO 8859-1 text that no packed scheme carries is an octet string (WG11's clarification of ISO
28560-2:2011, 6.17: ISO 8859-1 by default, UTF-8 for what is outside it), because UTF-8 is never shorter.

Decoders enforce no minimum length: tags in use hold 5-bit strings of two characters. A zero-length value does occur
there and decodes to "".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Final

from station.base.errors import ElementInvalid, Undecodable


class Scheme(IntEnum):
    """Compaction codes, bits 7-5 of the precursor."""

    APPLICATION = 0
    """Application defined: ISIL code, content parameter."""
    INTEGER = 1
    NUMERIC = 2
    FIVE_BIT = 3
    SIX_BIT = 4
    SEVEN_BIT = 5
    OCTETS = 6
    """ISO 8859-1."""
    UTF8 = 7


NAMES: Final = {
    Scheme.APPLICATION: "application defined",
    Scheme.INTEGER: "integer",
    Scheme.NUMERIC: "numeric",
    Scheme.FIVE_BIT: "5-bit",
    Scheme.SIX_BIT: "6-bit",
    Scheme.SEVEN_BIT: "7-bit",
    Scheme.OCTETS: "octet string",
    Scheme.UTF8: "UTF-8",
}

TEXT_SCHEMES: Final = tuple(scheme for scheme in Scheme if scheme is not Scheme.APPLICATION)
MINIMUM: Final[Mapping[Scheme, int]] = {
    Scheme.INTEGER: 2,
    Scheme.NUMERIC: 2,
    Scheme.FIVE_BIT: 3,
    Scheme.SIX_BIT: 4,
    Scheme.SEVEN_BIT: 8,
}
"""Minimum characters for which the encoder chooses a scheme automatically, from dp2. They never cost a byte: below them
the packed form is as long as the text."""
NO_MINIMUM: Final[Mapping[Scheme, int]] = {}
"""The alternative: a packed scheme from one character on (tags in use have "BA" in 5-bit)."""
MAX_INTEGER: Final = 9_999_999_999_999_999_999
"""dp2's limit, 8AC7230489E7FFFF."""
_DIGITS: Final = frozenset("0123456789")


# --- what can carry a text ----------------------------------------------------------------------------------------------


def fits(text: str, scheme: Scheme) -> bool:
    """Return True if `scheme` can carry `text` so that a decoder returns exactly `text`."""
    if not text:
        return False
    match scheme:
        case Scheme.INTEGER:
            return _DIGITS.issuperset(text) and text[0] != "0" and len(text) <= 19 and int(text) <= MAX_INTEGER
        case Scheme.NUMERIC:
            return _DIGITS.issuperset(text)
        case Scheme.FIVE_BIT:
            return min(text) >= "\x41" and max(text) <= "\x5f"
        case Scheme.SIX_BIT:
            return min(text) >= "\x20" and max(text) <= "\x5f" and text[-1] != " "
        case Scheme.SEVEN_BIT:
            return max(text) <= "\x7e"
        case Scheme.OCTETS:
            return max(text) <= "\xff"
        case Scheme.UTF8:
            return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)
        case _:
            return False


def choose(text: str, minimum: Mapping[Scheme, int] = MINIMUM) -> Scheme:
    """Return the scheme for `text`: the shortest; of equals, the first in standard order. Raises `ElementInvalid` for
    "".

    The order is also the order of length, so the first scheme that fits is the shortest; `test_compaction` proves it.
    """
    count = len(text)
    for scheme in TEXT_SCHEMES:
        if count >= minimum.get(scheme, 1) and fits(text, scheme):
            return scheme
    raise ElementInvalid(f"no compaction scheme can carry {text!r}")


# --- packing ------------------------------------------------------------------------------------------------------------


def encode(text: str, scheme: Scheme) -> bytes:
    """Pack `text` by `scheme`; raises `ElementInvalid` if the scheme cannot carry it."""
    if not fits(text, scheme):
        raise ElementInvalid(f"{NAMES[scheme]} cannot carry {text!r}")
    match scheme:
        case Scheme.INTEGER:
            number = int(text)
            return number.to_bytes((number.bit_length() + 7) // 8, "big")
        case Scheme.NUMERIC:
            return bytes.fromhex(text if len(text) % 2 == 0 else text + "F")
        case Scheme.FIVE_BIT:
            return _pack(text.encode("ascii"), 5, 0b0000000)
        case Scheme.SIX_BIT:
            return _pack(text.encode("ascii"), 6, 0b1000000)
        case Scheme.SEVEN_BIT:
            return _pack(text.encode("ascii"), 7, 0b1111111)
        case Scheme.OCTETS:
            return text.encode("latin-1")
        case _:
            return text.encode("utf-8")


def decode(data: bytes, scheme: Scheme, offset: int = 0) -> str:
    """Unpack `data`. Raises `Undecodable` at `offset` plus the position in `data`. The text is raw: not yet cleaned."""
    if not data:
        return ""
    match scheme:
        case Scheme.INTEGER:
            return str(int.from_bytes(data, "big"))
        case Scheme.NUMERIC:
            return _decode_numeric(data, offset)
        case Scheme.FIVE_BIT:
            groups = _unpack(data, 5)
            if groups and groups[-1] == 0:
                groups.pop()
            if 0 in groups:
                raise Undecodable(offset, "5-bit code 00000 inside a string")
            return bytes([group | 0x40 for group in groups]).decode("ascii")
        case Scheme.SIX_BIT:
            groups = _unpack(data, 6)
            if groups and groups[-1] == 0x20:
                groups.pop()
            return bytes([group if group >= 0x20 else group | 0x40 for group in groups]).decode("ascii")
        case Scheme.SEVEN_BIT:
            groups = _unpack(data, 7)
            if groups and groups[-1] == 0x7F:
                groups.pop()
            if 0x7F in groups:
                raise Undecodable(offset, "7-bit code 1111111 inside a string")
            return bytes(groups).decode("ascii")
        case Scheme.OCTETS:
            return data.decode("latin-1")
        case Scheme.UTF8:
            try:
                return data.decode("utf-8")
            except UnicodeDecodeError as error:
                raise Undecodable(offset + error.start, "not UTF-8") from error
        case _:
            raise Undecodable(offset, "application defined data is not text")


def _decode_numeric(data: bytes, offset: int) -> str:
    digits = data.hex().removesuffix("f")
    if not digits.isdecimal():
        place = next(place for place, digit in enumerate(digits) if digit not in _DIGITS)
        raise Undecodable(offset + place // 2, f"nibble {digits[place].upper()} is not a decimal digit")
    return digits


def _pack(codes: Iterable[int], width: int, fill: int) -> bytes:
    """Concatenate the low `width` bits, most significant bit first; fill the last byte from the start of the 7-bit `fill`."""
    bits, count, mask = 0, 0, (1 << width) - 1
    for code in codes:
        bits = bits << width | code & mask
        count += width
    missing = -count % 8
    return (bits << missing | fill >> (7 - missing)).to_bytes((count + missing) // 8, "big")


def _unpack(data: bytes, width: int) -> list[int]:
    """Return the complete `width`-bit groups, most significant bit first; remaining bits are padding."""
    bits = int.from_bytes(data, "big")
    total = len(data) * 8
    mask = (1 << width) - 1
    return [(bits >> (total - end)) & mask for end in range(width, total + 1, width)]
