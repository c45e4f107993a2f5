"""ISO/IEC 15962 compaction schemes, bit exact, both directions.

Source: tag-data-models.md 2.4 (dp2 against GB/T 35660.2, 45 unit vectors). Decoders enforce no minimum length: field
tags hold 5-bit strings of two characters. A zero-length value is legal in the field and decodes to "".

Choice of scheme (`choose`): of all schemes that may carry the text, the shortest; of equals, the first in the order
integer, numeric, 5-bit, 6-bit, 7-bit, octet string, UTF-8. This is dp2's order, except that dp2 never chooses octet
string by itself: here ISO 8859-1 text that no packed scheme carries is an octet string (CLAR 2011: ISO 8859-1 by
default), since UTF-8 would be longer or the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from station.errors import ElementInvalid, Undecodable


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
MINIMUM: Final = {Scheme.INTEGER: 2, Scheme.NUMERIC: 2, Scheme.FIVE_BIT: 3, Scheme.SIX_BIT: 4, Scheme.SEVEN_BIT: 8}
"""Fewest characters for which the encoder takes a scheme by itself."""
MAX_INTEGER: Final = 9_999_999_999_999_999_999
_DIGITS: Final = frozenset("0123456789")


def fits(text: str, scheme: Scheme) -> bool:
    """True if `scheme` can carry `text` so that a decoder gets exactly `text` back."""
    if not text:
        return False
    match scheme:
        case Scheme.INTEGER:
            return _DIGITS.issuperset(text) and text[0] != "0" and len(text) <= 19 and int(text) <= MAX_INTEGER
        case Scheme.NUMERIC:
            return _DIGITS.issuperset(text)
        case Scheme.FIVE_BIT:
            return all("\x41" <= char <= "\x5f" for char in text)
        case Scheme.SIX_BIT:
            return all("\x20" <= char <= "\x5f" for char in text) and text[-1] != " "
        case Scheme.SEVEN_BIT:
            return all(char <= "\x7e" for char in text)
        case Scheme.OCTETS:
            return all(char <= "\xff" for char in text)
        case Scheme.UTF8:
            return not any("\ud800" <= char <= "\udfff" for char in text)
        case _:
            return False


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
            return _pack(((ord(char) & 0x1F) for char in text), 5, "0000000")
        case Scheme.SIX_BIT:
            return _pack(((ord(char) & 0x3F) for char in text), 6, "1000000")
        case Scheme.SEVEN_BIT:
            return _pack((ord(char) for char in text), 7, "1111111")
        case Scheme.OCTETS:
            return text.encode("latin-1")
        case _:
            return text.encode("utf-8")


def choose(text: str) -> Scheme:
    """The scheme for `text`: the shortest, of equals the first in standard order. Raises `ElementInvalid` for ""."""
    legal = [scheme for scheme in TEXT_SCHEMES if len(text) >= MINIMUM.get(scheme, 1) and fits(text, scheme)]
    if not legal:
        raise ElementInvalid(f"no compaction scheme can carry {text!r}")
    return min(legal, key=lambda scheme: (len(encode(text, scheme)), scheme))


def decode(data: bytes, scheme: Scheme, offset: int = 0) -> str:
    """Unpack `data`; raises `Undecodable` at `offset` plus the place in `data`. The text is raw: not yet cleaned."""
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
            return "".join(chr(group | 0x40) for group in groups)
        case Scheme.SIX_BIT:
            groups = _unpack(data, 6)
            if groups and groups[-1] == 0x20:
                groups.pop()
            return "".join(chr(group if group >= 0x20 else group | 0x40) for group in groups)
        case Scheme.SEVEN_BIT:
            groups = _unpack(data, 7)
            if groups and groups[-1] == 0x7F:
                groups.pop()
            if 0x7F in groups:
                raise Undecodable(offset, "7-bit code 1111111 inside a string")
            return "".join(map(chr, groups))
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
    digits = data.hex()
    if digits.endswith("f"):
        digits = digits[:-1]
    for place, digit in enumerate(digits):
        if digit not in _DIGITS:
            raise Undecodable(offset + place // 2, f"nibble {digit.upper()} is not a decimal digit")
    return digits


def _pack(groups: Iterable[int], width: int, padding: str) -> bytes:
    """Concatenate `width`-bit groups, most significant bit first; fill the last byte from the start of `padding`."""
    bits = "".join(format(group, f"0{width}b") for group in groups)
    bits += padding[: -len(bits) % 8]
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def _unpack(data: bytes, width: int) -> list[int]:
    """Whole `width`-bit groups, most significant bit first; bits left over are padding."""
    bits = int.from_bytes(data, "big")
    total = len(data) * 8
    mask = (1 << width) - 1
    return [(bits >> (total - end)) & mask for end in range(width, total + 1, width)]
