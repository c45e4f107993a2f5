"""Character set of a record, from its leader and from its bytes.

Leader/09 is "a" for UTF-8 and blank for MARC-8 (MARC 21); real files are mislabeled both ways (openlibrary#10955).
UTF-8 with an accent in it is practically never valid by accident, so valid UTF-8 wins over a blank. Bytes that are
neither are refused: a wrong title on the screen is worse than a record that must be looked at. Latin-1 that happens to
be readable as MARC-8, letter for letter, cannot be recognized and is not refused.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from station.catalog.marc import marc8
from station.catalog.marc.iso2709 import BadRecord

Charset = Literal["ascii", "utf-8", "marc-8"]

TOLERATED: Final = 5
"""Up to one invalid character in this many is tolerated in a MARC-8 record."""

_HIGH: Final = re.compile(rb"[\x80-\xff]")


def detect(leader: str, data: bytes) -> tuple[Charset, str]:
    """Return (character set, note if the leader was wrong) of a whole record. Raise `BadRecord`."""
    escapes = b"\x1b" in data
    if data.isascii() and not escapes:
        return "ascii", ""
    says_utf8 = leader[9:10] == "a"
    problem = ""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        problem = f"byte {error.start} is not UTF-8 ({error.reason})"
    if says_utf8 and not problem:
        return "utf-8", ""
    if not says_utf8 and not problem and not escapes:
        return "utf-8", "leader says MARC-8, the text is UTF-8"
    if marc8.PLAIN.fullmatch(data):
        return "marc-8", "leader says UTF-8, the text is MARC-8" if says_utf8 else ""
    high, bad = _senseless(data)
    if bad * TOLERATED > max(high, 1):
        raise BadRecord(f"wrong character set: not MARC-8 ({bad} characters make no sense) and {problem or 'escapes'}")
    return "marc-8", "leader says UTF-8, the text is MARC-8" if says_utf8 else ""


def decode(data: bytes, charset: Charset) -> str:
    """Return one subfield or control field as text, in NFC if it was MARC-8. The bytes have passed `detect`."""
    if charset == "marc-8":
        return marc8.decode(data)[0]
    return data.decode("utf-8", "replace")


def _senseless(data: bytes) -> tuple[int, int]:
    """Return (number of characters beyond ASCII, number of these that are invalid in MARC-8)."""
    high = bad = 0
    for field in re.split(rb"[\x1d\x1e\x1f]", data):
        if field.isascii() and b"\x1b" not in field:
            continue
        text, senseless = marc8.decode(field)
        high += max(len(_HIGH.findall(field)), sum(not char.isascii() for char in text))
        bad += senseless + sum(0x80 <= byte < 0xA0 and byte not in b"\x88\x89\x8d\x8e" for byte in field)
    return high, bad
