"""Character set of a record, from its leader, from its bytes, and from the other records of its file.

Leader/09 is "a" for UTF-8 and blank for MARC-8 (MARC 21); real files are mislabeled both ways (openlibrary#10955), and
some are in Windows-1252. UTF-8 with an accent in it is practically never valid by accident, so UTF-8 sequences win over
a blank. No record is refused for its characters: what cannot be read, and what can be read in two ways (`evidence`),
becomes U+FFFD and is counted, because barcode and call number are readable in nearly all such records. A wrong title is
worse than a title with gaps.

A record that is not clear by itself is read like its file. The import then stores it with the set in leader/09 (`mark`),
because its file is not at hand when it is read again.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final, Literal, NamedTuple

from station.catalog.marc import marc8
from station.catalog.marc.evidence import SURE, Decision, Evidence, Place, evidence, places_of

Charset = Literal["ascii", "utf-8", "marc-8", "windows-1252", "unclear"]

MARKS: Final[dict[str, Charset]] = {"m": "marc-8", "w": "windows-1252"}
"""Leader/09 of a stored record that was read like its file. MARC 21 defines neither, so in a file they say nothing."""

_HIGH: Final = re.compile(rb"[\x80-\xff]")
_UTF8: Final = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_UNDEFINED: Final = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
"""Bytes that Windows-1252 does not define."""
_UNKNOWN: Final = "\ufffd".encode()


class Found(NamedTuple):
    """Character set of a record. `note` is not empty if the leader names another one."""

    charset: Charset
    note: str = ""
    lost: int = 0
    """Number of characters that cannot be read, here or in the system that wrote the record."""


def detect(leader: str, data: bytes) -> Found:
    """Return the character set of a whole record."""
    escapes = b"\x1b" in data
    if data.isascii() and not escapes:
        return Found("ascii")
    if leader[9:10] in MARKS:
        return _as(MARKS[leader[9:10]], data, "")
    says_utf8 = leader[9:10] == "a"
    as_utf8 = "" if says_utf8 else "leader says MARC-8, the text is UTF-8"
    as_marc8 = "leader says UTF-8, the text is MARC-8" if says_utf8 else ""
    lost, valid, places = _utf8(data)
    if not lost and (says_utf8 or not escapes):
        return Found("utf-8", as_utf8, data.count(_UNKNOWN))
    if lost and not escapes and valid >= lost:
        return Found("utf-8", as_utf8, lost + data.count(_UNKNOWN))
    decision: Decision = "marc-8" if escapes else evidence(data, places).decision
    if decision == "unclear":
        return Found("unclear", "MARC-8 or Windows-1252: not clear", len(_HIGH.findall(data)))
    return _as(decision, data, as_marc8, None if escapes else places)


def _as(charset: Charset, data: bytes, as_marc8: str, places: list[Place] | None = None) -> Found:
    if charset == "windows-1252":
        return Found(charset, "the text is Windows-1252", len(_UNDEFINED.findall(data)))
    beyond_ascii = data if places is None else b" ".join([run + ahead[:1] for _, run, ahead in places])
    return Found("marc-8", as_marc8, 0 if marc8.PLAIN.fullmatch(beyond_ascii) else _unread(data))


def evidence_of(data: bytes) -> Evidence:
    """Return the evidence of a whole record for the set of its file. Only MARC-8 has escape sequences."""
    if b"\x1b" in data:
        return Evidence(SURE)
    lost, valid, places = _utf8(data)
    return evidence(data, places) if valid < lost else Evidence()


def mark(data: bytes, charset: Decision) -> bytes:
    """Return an unclear record with the set of its file in leader/09."""
    code = next((code for code, known in MARKS.items() if known == charset), "")
    return data[:9] + code.encode() + data[10:] if code else data


def unmarked(data: bytes) -> bytes:
    """Return a record as a file has it with a blank in leader/09 if it has one of the letters of `MARKS`: only the
    import gives them a meaning."""
    return data[:9] + b" " + data[10:] if data[9:10].decode("latin-1") in MARKS else data


def decode_field(body: bytes, charset: Charset) -> str:
    """Return a data field as text, with the delimiters between its subfields (1F)."""
    if charset == "marc-8":
        return marc8.decode_field(body)
    return decode(body, charset)


def decode(data: bytes, charset: Charset) -> str:
    """Return one subfield or control field as text, in NFC if it was not UTF-8."""
    if charset == "marc-8":
        return marc8.decode(data)[0]
    if charset == "windows-1252":
        return unicodedata.normalize("NFC", data.decode("cp1252", "replace"))
    if charset == "unclear":
        return data.decode("ascii", "replace")
    return data.decode("utf-8", "replace")


def _unread(data: bytes) -> int:
    """Return the number of characters that become U+FFFD in MARC-8."""
    fields = (field for field in re.split(rb"[\x1d\x1e\x1f]", data) if not field.isascii() or b"\x1b" in field)
    return sum(marc8.decode(field)[0].count("\ufffd") for field in fields)


def _utf8(data: bytes) -> tuple[int, int, list[Place]]:
    """Return the number of places that are not UTF-8; and if there are any, the number of those that are, and all
    `places_of` the record."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        places = places_of(data)
        high = b" ".join([run for _, run, _ in places])
        return high.decode("utf-8", "replace").count("\ufffd") - high.count(_UNKNOWN), len(_UTF8.findall(high)), places
    return 0, 0, []
