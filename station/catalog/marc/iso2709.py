"""ISO 2709 (MARC 21 exchange format): cut a stream into records and a record into fields, without trusting redundant
lengths.

Leader (24 bytes: length 00-04, base address 12-16), directory (12 bytes per field: tag, length, start), fields each
ended by 1E, record ended by 1D. Records are cut at 1D, which occurs nowhere else in MARC-8 or UTF-8 text, and the
lengths are compared with the result: a record with a wrong length, or a truncated one, does not affect its neighbors.
Source: MARC 21 Specifications for Record Structure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Protocol

import msgspec

MAX_RECORD: Final = 2_000_000
"""Maximum bytes of one record. The format's own limit is 99,999, which real files sometimes exceed."""

_CHUNK: Final = 1 << 18
_RECORD_END: Final = b"\x1d"
_FIELD_END: Final = 0x1E
_PADDING: Final = b"\r\n\t \x00\x1a"
_BOM: Final = b"\xef\xbb\xbf"
_LEADER_START: Final = re.compile(rb"(?=([0-9]{5})[A-Za-z |#][A-Za-z |#])")
_TAG: Final = re.compile(rb"[0-9A-Za-z]{3}\Z")


class Readable(Protocol):
    """Required interface of an input: sequential reading of bytes."""

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size`; empty at the end."""
        ...


class BadRecord(Exception):
    """A piece of a file that is not a usable record; the text says why. Never leaves the catalog."""


Frame = tuple[int, bytes, str]
"""Bytes of a stream up to an end of record: their offset, the bytes, and a defect that is known without looking at them."""


class Piece(msgspec.Struct, frozen=True):
    """One candidate for a record. `problem` describes a defect found so far, `note` what was repaired."""

    offset: int
    data: bytes
    problem: str = ""
    note: str = ""


class Parts(msgspec.Struct, frozen=True):
    """A record split into fields: field bytes without their terminator, in directory order."""

    leader: str
    fields: tuple[tuple[str, bytes], ...]
    note: str = ""


def pieces(stream: Readable) -> Iterator[Piece]:
    """Yield the records of a stream; junk and truncated records are pieces with a `problem`. Memory is bounded."""
    for frame in frames(stream):
        yield from pieces_in(frame)


def pieces_in(frame: Frame) -> Sequence[Piece]:
    """Return the records in one frame: mostly one, none in padding, two if the first has lost its end."""
    offset, data, problem = frame
    body = data
    while body[:3] == _BOM or (body and body[:1] in _PADDING):
        body = body[3:] if body[:3] == _BOM else body.lstrip(_PADDING)
    offset += len(data) - len(body)
    if not problem and body[:5].isdigit() and int(body[:5]) == len(body):
        return (Piece(offset, body),)
    return tuple(_examine(offset, body, problem)) if body.strip(_PADDING) else ()


def frames(stream: Readable) -> Iterator[Frame]:
    """Cut a stream at its ends of record. An empty frame says that much was read and there is no record yet."""
    buffer = bytearray()
    start = searched = 0
    dropped = 0
    head = b""
    """The dropped data, up to the maximum length of a record: a leader, or junk."""
    while True:
        at = buffer.find(_RECORD_END, searched)
        if at >= 0:
            if dropped:
                yield start - dropped, head, f"longer than {MAX_RECORD} bytes without an end of record"
                dropped = 0
            else:
                yield start, bytes(buffer[: at + 1]), ""
            del buffer[: at + 1]
            start += at + 1
            searched = 0
            continue
        searched = len(buffer)
        if searched > MAX_RECORD:
            head = head if dropped else bytes(buffer.lstrip(_PADDING)[:MAX_RECORD]) or b"?"
            dropped += searched
            start += searched
            buffer.clear()
            searched = 0
            yield start, b"", ""
        chunk = stream.read(_CHUNK)
        if not chunk:
            break
        buffer += chunk
    if dropped:
        yield start - dropped, head, f"longer than {MAX_RECORD} bytes without an end of record"
    elif buffer:
        yield start, bytes(buffer), "the file ends in the middle of this record"


def _examine(offset: int, data: bytes, problem: str) -> Iterator[Piece]:
    if problem:
        if not data[:5].isdigit():
            problem = f"{problem}; it does not look like MARC"
        yield Piece(offset, data, problem)
        return
    stated = int(data[:5]) if data[:5].isdigit() else -1
    for match in _LEADER_START.finditer(data, 1):
        at = match.start()
        if int(match[1]) == len(data) - at and at + 24 < len(data):
            lost = "a record without its end" if stated >= 0 else "junk before a record"
            yield Piece(offset, data[:at], f"{at} bytes of {lost}")
            yield Piece(offset + at, data[at:])
            return
    if stated < 0:
        yield Piece(offset, data, "it does not begin with a record length: not MARC")
    else:
        yield Piece(offset, data, "", f"its leader says {stated} bytes, it has {len(data)}")


def take_apart(data: bytes) -> Parts:
    """Cut one record (leader to 1D) into fields by its directory, or by its field terminators if the two disagree.

    Raise `BadRecord` with the reason.
    """
    if len(data) > MAX_RECORD:
        raise BadRecord(f"longer than {MAX_RECORD} bytes")
    if len(data) < 26:
        raise BadRecord(f"only {len(data)} bytes: too short for a leader and a directory")
    if data[-1:] != _RECORD_END:
        raise BadRecord("the record has no end")
    leader = data[:24].decode("ascii", "replace")
    first_end = data.find(b"\x1e", 24)
    if first_end < 0:
        raise BadRecord("the directory has no end")
    base, note = first_end + 1, ""
    if "\ufffd" in leader:
        note = "the leader has characters that are not text"
    if not (data[12:17].isdigit() and int(data[12:17]) == base):
        note = f"{note}; wrong base address" if note else "wrong base address"
    directory = data[24:first_end]
    if len(directory) % 12:
        raise BadRecord(f"the directory has {len(directory)} bytes, which is not a multiple of 12")
    body = data[base:-1]
    if directory.isalnum():
        plain = _in_order(directory, body)
        if plain is not None:
            return Parts(leader, plain, note)
    tags = []
    for at in range(0, len(directory), 12):
        tag = directory[at : at + 3]
        if not _TAG.match(tag):
            raise BadRecord(f"directory entry {at // 12 + 1} has no tag")
        tags.append(tag.decode("ascii"))
    if not tags:
        raise BadRecord("it has no fields")
    found = _by_directory(directory, body)
    if found is None:
        found = _by_terminators(directory, body, len(tags))
        note = f"{note}; directory repaired" if note else "directory repaired"
    return Parts(leader, tuple(zip(tags, found, strict=True)), note)


def _in_order(directory: bytes, body: bytes) -> tuple[tuple[str, bytes], ...] | None:
    """Return the fields of a regular record, with fields in sequence as in the directory; None for any other record.
    Nearly every record is regular."""
    fields = body.split(b"\x1e")
    if fields.pop() or len(fields) * 12 != len(directory):
        return None
    text = directory.decode("ascii")
    found = []
    at = start = 0
    try:
        for field in fields:
            length = len(field) + 1
            # length and start are beside each other, four and five digits: one number
            if int(text[at + 3 : at + 12]) != length * 100_000 + start or start > 99_999:
                return None
            found.append((text[at : at + 3], field))
            at += 12
            start += length
    except ValueError:
        return None
    return tuple(found)


def _by_directory(directory: bytes, body: bytes) -> list[bytes] | None:
    """Return the fields if every entry is exactly one terminated field and no two overlap; else None."""
    found = []
    total = 0
    for at in range(3, len(directory), 12):
        digits = directory[at : at + 9]
        if not digits.isdigit():
            return None
        length, start = int(digits[:4]), int(digits[4:])
        end = start + length - 1
        if length < 1 or end >= len(body) or body[end] != _FIELD_END or body.find(_FIELD_END, start, end) >= 0:
            return None
        total += length
        found.append(body[start:end])
    return found if total <= len(body) else None


def _by_terminators(directory: bytes, body: bytes, count: int) -> list[bytes]:
    """Return the fields by their terminators, in the order of the directory's start positions."""
    chunks = body.split(b"\x1e")
    if chunks and not chunks[-1].strip(_PADDING):
        chunks.pop()
    if len(chunks) != count:
        raise BadRecord(f"the directory names {count} fields, the record has {len(chunks)}")
    starts = [directory[at + 7 : at + 12] for at in range(0, len(directory), 12)]
    if not all(start.isdigit() for start in starts) or len(set(starts)) != count:
        return chunks
    order = sorted(range(count), key=lambda index: int(starts[index]))
    found = [b""] * count
    for position, index in enumerate(order):
        found[index] = chunks[position]
    return found
