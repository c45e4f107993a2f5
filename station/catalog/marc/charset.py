"""Character set of a record, from its leader and from its bytes.

Leader/09 is "a" for UTF-8 and blank for MARC-8 (MARC 21); real files are mislabeled both ways (openlibrary#10955).
UTF-8 with an accent in it is practically never valid by accident, so UTF-8 sequences win over a blank. No record is
refused for its characters: what is in neither set becomes U+FFFD and is counted, because barcode and call number are
readable in nearly all such records. Bytes that are not MARC-8 are not shown as MARC-8 letters: a wrong title is worse
than a title with gaps. Latin-1 that happens to be readable as MARC-8, letter for letter, cannot be recognized.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

from station.catalog.marc import marc8

Charset = Literal["ascii", "utf-8", "marc-8"]

TOLERATED: Final = 5
"""Up to one invalid character in this many is tolerated in a MARC-8 record."""

_HIGH: Final = re.compile(rb"[\x80-\xff]")
_UTF8: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_UNKNOWN: Final = "\ufffd".encode()


class Found(NamedTuple):
    """Character set of a record. `note` is not empty if the leader names the other one."""

    charset: Charset
    note: str = ""
    lost: int = 0
    """Number of characters that cannot be read, here or in the system that wrote the record."""


def detect(leader: str, data: bytes) -> Found:
    """Return the character set of a whole record."""
    escapes = b"\x1b" in data
    if data.isascii() and not escapes:
        return Found("ascii")
    says_utf8 = leader[9:10] == "a"
    as_utf8 = "" if says_utf8 else "leader says MARC-8, the text is UTF-8"
    as_marc8 = "leader says UTF-8, the text is MARC-8" if says_utf8 else ""
    lost = _undecodable(data)
    if not lost and (says_utf8 or not escapes):
        return Found("utf-8", as_utf8, data.count(_UNKNOWN))
    if lost and not escapes and len(_UTF8.findall(data)) > lost:
        return Found("utf-8", as_utf8, lost + data.count(_UNKNOWN))
    if marc8.PLAIN.fullmatch(data):
        return Found("marc-8", as_marc8)
    high, bad, unread = _senseless(data)
    if escapes or bad * TOLERATED <= max(high, 1):
        return Found("marc-8", as_marc8, unread)
    return Found("utf-8", "", lost + data.count(_UNKNOWN))


def decode(data: bytes, charset: Charset) -> str:
    """Return one subfield or control field as text, in NFC if it was MARC-8."""
    if charset == "marc-8":
        return marc8.decode(data)[0]
    return data.decode("utf-8", "replace")


def _senseless(data: bytes) -> tuple[int, int, int]:
    """Return (number of characters beyond ASCII, number of these that are invalid in MARC-8, number that become
    U+FFFD)."""
    high = bad = unread = 0
    for field in re.split(rb"[\x1d\x1e\x1f]", data):
        if field.isascii() and b"\x1b" not in field:
            continue
        text, senseless = marc8.decode(field)
        high += max(len(_HIGH.findall(field)), sum(not char.isascii() for char in text))
        unread += text.count("\ufffd")
        bad += senseless + sum(0x80 <= byte < 0xA0 and byte not in b"\x88\x89\x8d\x8e" for byte in field)
    return high, bad, unread


def _undecodable(data: bytes) -> int:
    """Return the number of places that are not UTF-8."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("utf-8", "replace").count("\ufffd") - data.count(_UNKNOWN)
    return 0
