"""URN Code 40: three characters in 16 bits, with escapes for other characters. The text of a UHF tag's UII (ISO
28560-4).

    word = 1600 x c1 + 40 x c2 + c3 + 1, high byte first; A-Z = 1-26, "-" 27, "." 28, ":" 29, 0-9 = 30-39, 0 = padding
    FB  digits - 9 (4 bits), bytes - 4 (4 bits), number big-endian     long numeric string, 9 to 24 digits
    FC  one byte                                                      one character of ISO/IEC 646
    FD  two bytes                                                     one character of UTF-8
    FE  three bytes                                                   one character of UTF-8

The greatest word is FA00, so a first byte distinguishes words and escapes, also at odd offsets. Text that ends in the
middle of a word or before an escape is filled with 0; a UII of odd length ends with one byte 00. FF has no meaning.

Source: docs/reference/tag-data.md#uhf-tags; the vectors (ISO/TS 28560-4:2014 p. 49 and the IPC standard for test
letters p. 17, both as quoted in dp2's TestUHF.cs).

Choices that the sources leave open:
- A run of nine or more digits is a long numeric string (dp2, and the IPC example), even if words would be shorter.
- Its digit count gives the number of its leading zeros. Decoders restore them; dp2's decoder drops them (and reads from
  the wrong place unless the string comes first), so the encoder leaves leading zeros in words, as dp2's does since
  2025.
- A decoder accepts words filled up before the end (two texts put together). Padding *before* a character of the same
  word is refused, because some writers mean a space by it (bookwaves URNCode40.java) and others nothing.
"""

from __future__ import annotations

import re
from typing import Final

from station.base.errors import ElementInvalid, Undecodable
from station.encoding.iso15962.cursor import Cursor

ALPHABET: Final = "\0ABCDEFGHIJKLMNOPQRSTUVWXYZ-.:0123456789"
"""Characters by code; code 0 is padding."""
PADDING: Final = "\0"
LONG_NUMBER: Final = 0xFB
ISO_646: Final = 0xFC
UTF8_THREE: Final = 0xFE
LEAST_DIGITS: Final = 9
MOST_DIGITS: Final = 24
LEAST_BYTES: Final = 4
_PLACE: Final = {char: place for place, char in enumerate(ALPHABET)}
_SEGMENTS: Final = re.compile(
    rf"(?P<number>[1-9][0-9]{{{LEAST_DIGITS - 1},{MOST_DIGITS - 1}}})|(?P<word>[A-Z.:0-9-])|(?P<other>.)", re.DOTALL
)


def encode(text: str) -> bytes:
    """Pack `text`. Raises `ElementInvalid` for "" and for a character that UTF-8 encodes in four bytes or not at all.

    The result may have an odd number of bytes: `even` fills it up.
    """
    if not text:
        raise ElementInvalid("an empty text cannot be written")
    packed = b""
    word = ""
    for segment in _SEGMENTS.finditer(text):
        if segment["word"]:
            word += segment["word"]
            continue
        packed += _words(word)
        word = ""
        packed += _long_number(segment["number"]) if segment["number"] else _escape(segment["other"])
    return packed + _words(word)


def even(data: bytes) -> bytes:
    """Return `data` with a byte 00 after it if its length is odd, because UHF memory is written in words."""
    return data + bytes(len(data) % 2)


def decode(data: bytes, offset: int = 0) -> str:
    """Unpack `data`, including its padding. The text is raw: not yet cleaned. Raises `Undecodable` at `offset` plus the
    position in `data`."""
    cursor = Cursor(data)
    text = ""
    try:
        while cursor.remaining:
            text += _decode_one(cursor)
    except Undecodable as error:
        raise Undecodable(offset + error.offset, error.reason) from None
    return text


def decode_words(data: bytes, *, padding: str = "") -> str:
    """Unpack words only, without escapes, an even number of bytes; `padding` replaces 0. Raises `Undecodable`.

    For field formats that use a space as padding.
    """
    if len(data) % 2:
        raise Undecodable(len(data), "a word has two bytes")
    places = (place for at in range(0, len(data), 2) for place in _places(data, at))
    return "".join(ALPHABET[place] if place else padding for place in places)


# --- one piece ------------------------------------------------------------------------------------------------------


def _words(text: str) -> bytes:
    packed = b""
    for start in range(0, len(text), 3):
        first, second, third = (_PLACE[char] for char in text[start : start + 3].ljust(3, PADDING))
        packed += (1600 * first + 40 * second + third + 1).to_bytes(2, "big")
    return packed


def _long_number(digits: str) -> bytes:
    number = int(digits)
    # Nine digits that do not begin with 0 need 27 bits, so there are always at least four bytes.
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return bytes([LONG_NUMBER, (len(digits) - LEAST_DIGITS) << 4 | len(data) - LEAST_BYTES]) + data


def _escape(char: str) -> bytes:
    try:
        data = char.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ElementInvalid(f"U+{ord(char):04X} cannot be written") from error
    if len(data) > 3:
        raise ElementInvalid(f"{char!r} cannot be written: URN Code 40 has no escape for it")
    return bytes([ISO_646 + len(data) - 1]) + data


def _decode_one(cursor: Cursor) -> str:
    """Return one word or escape; padding is ""."""
    start = cursor.offset
    lead = cursor.peek()
    if lead < LONG_NUMBER:
        if cursor.remaining == 1 and lead == 0:
            cursor.byte()
            return ""
        return _text(_places(cursor.take(2), 0, start), start)
    cursor.byte()
    if lead == LONG_NUMBER:
        return _decode_number(cursor, start)
    if lead > UTF8_THREE:
        raise Undecodable(start, "FF is not an escape of URN Code 40")
    data = cursor.take(lead - ISO_646 + 1)
    try:
        char = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Undecodable(start + 1, "not UTF-8") from error
    if len(char) != 1:
        raise Undecodable(start + 1, "more than one character after an escape for one")
    return char


def _decode_number(cursor: Cursor, start: int) -> str:
    lengths = cursor.byte()
    digits = (lengths >> 4) + LEAST_DIGITS
    text = str(int.from_bytes(cursor.take((lengths & 0x0F) + LEAST_BYTES), "big"))
    if len(text) > digits:
        raise Undecodable(start, f"a number of {len(text)} digits where {digits} are promised")
    return text.zfill(digits)


def _places(data: bytes, at: int, offset: int = 0) -> tuple[int, int, int]:
    """Return the three codes of one word; 0000 is read as padding, like 0001."""
    value = max(int.from_bytes(data[at : at + 2], "big") - 1, 0)
    if value >= 64000:
        raise Undecodable(offset + at, f"word {value + 1:04X} is out of range")
    return value // 1600, value // 40 % 40, value % 40


def _text(places: tuple[int, int, int], offset: int) -> str:
    text = "".join(ALPHABET[place] for place in places).rstrip(PADDING)
    if PADDING in text:
        raise Undecodable(offset, "padding before a character")
    return text
