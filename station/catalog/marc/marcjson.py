"""MARC-in-JSON as a stream: an array of records, one record per line, or consecutive records.

    {"leader": "...", "fields": [{"001": "..."}, {"245": {"ind1": "1", "ind2": "0", "subfields": [{"a": "..."}]}}]}

The format is Ross Singer's proposal as Koha serves it (application/marc-in-json; docs/reference/systems.md#koha). One
record is held at a time. A record in another format is refused alone. Broken JSON ends the file, unless each record is
on its own line: then the next line is tried.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from pymarc import Field, Indicators, Leader, Record, Subfield

from station.catalog.marc.iso2709 import MAX_RECORD, BadRecord, Readable
from station.catalog.marc.text_formats import (
    is_code,
    is_control,
    is_tag,
    leader_of,
    left_out,
    text_field,
    unread_in,
)

MAX_FIELDS: Final = 10_000
"""Maximum fields of one record, as for MARCXML."""
_LONGEST: Final = 8 * MAX_RECORD
"""Maximum characters of JSON for one record: escaping everything as \\uXXXX makes it six times as long."""

_NOTES: Final = 10
"""Notes on one record."""

_CHUNK: Final = 1 << 16
_DECODER: Final = json.JSONDecoder(strict=False)
"""Accepts control characters in texts."""
_BETWEEN: Final = " \t\r\n,[]\x00\x1a"
"""Characters that may occur between records."""
_BROKEN: Final = -(1 << 62)
"""Marks that the nesting is unknown after broken JSON, which was already reported."""
_NEAR_THE_END: Final = 16
"""Characters near the end in which an error may be due to a cut: the error of a cut literal or escape is at its
start."""


class FromJson(NamedTuple):
    """One record as compact JSON, or why it was refused with what is known of it."""

    data: bytes
    problem: str = ""
    notes: tuple[str, ...] = ()


def records(stream: Readable) -> Iterator[FromJson]:
    """Yield the records in order, usable or not."""
    text = ""
    decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode
    ended = False
    enough = 0
    """Number of characters needed before the next attempt, so that a long record is not parsed again for every
    chunk."""
    arrays = 0
    """Number of open arrays."""
    lost = False
    """True after broken JSON, until the next line that begins with a record."""
    while not ended:
        chunk = stream.read(_CHUNK)
        ended = not chunk
        text += decode(chunk, final=ended)
        if lost:
            at = text.find("\n{")
            lost, text = at < 0, text[at + 1 :] if at >= 0 else text[-1:]
            if lost:
                continue
        while True:
            between, text = _parted(text)
            arrays += between.count("[") - between.count("]")
            if not text or not (ended or len(text) >= enough):
                break
            try:
                value, used = _DECODER.raw_decode(text)
            except (ValueError, RecursionError) as error:
                if not ended and len(text) <= _LONGEST and _unfinished(error, len(text)):
                    enough = 2 * len(text)
                    break
                yield FromJson(_bytes(_until(text, "\n{")), f"broken JSON: {error}")
                arrays = _BROKEN
                at = text.find("\n{")
                lost, text, enough = at < 0, text[at + 1 :] if at >= 0 else "", 0
                continue
            yield _checked(value)
            text = text[used:]
            enough = 0
    if arrays > 0:
        yield FromJson(b"", "the file ends before its array does: it was cut off, records are missing")


def _until(text: str, end: str) -> str:
    """Return the text up to `end`, at most as long as a record may be."""
    return text[:MAX_RECORD].partition(end)[0]


def _bytes(text: str) -> bytes:
    """Return UTF-8, with U+FFFD for lone surrogates."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _parted(text: str) -> tuple[str, str]:
    """Return (text between records, the rest)."""
    rest = text.lstrip(_BETWEEN)
    return text[: len(text) - len(rest)], rest


def _unfinished(error: Exception, length: int) -> bool:
    """Return True if the text may only be incomplete: the error is at its end, or in an unterminated string."""
    if not isinstance(error, json.JSONDecodeError):
        return False
    return error.pos >= length - _NEAR_THE_END or error.msg.startswith("Unterminated string")


def _checked(value: Any) -> FromJson:
    data = _bytes(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    notes: list[str] = []
    try:
        found = record(value, notes)
    except BadRecord as error:
        return FromJson(data[:MAX_RECORD], str(error))
    lost = unread_in(found.fields)
    return FromJson(data, notes=(*notes, *([lost] if lost else [])))


def one(data: bytes) -> Record:
    """Return the one record of a JSON text. Raise `BadRecord`."""
    try:
        value = json.loads(data, strict=False)
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"broken JSON: {error}") from error
    return record(value)


def record(value: Any, notes: list[str] | None = None) -> Record:
    """Return a record from its JSON value. `notes` receives what was repaired or left out. Raise `BadRecord` with the
    defect."""
    said = notes if notes is not None else []
    if not isinstance(value, dict):
        raise BadRecord("a record is a JSON object")
    text, fields = value.get("leader"), value.get("fields")
    if not isinstance(text, str):
        raise BadRecord("it has no leader")
    leader, note = leader_of(text)
    said += [note] if note else []
    if not isinstance(fields, list) or not fields:
        raise BadRecord("it has no fields")
    if len(fields) > MAX_FIELDS:
        raise BadRecord(f"more than {MAX_FIELDS} fields")
    found = Record()
    found.leader = Leader(leader)
    size = 0
    for number, entry in enumerate(fields, start=1):
        if not isinstance(entry, dict) or len(entry) != 1:
            raise BadRecord(f"field {number}: not an object with one tag")
        tag, body = next(iter(entry.items()))
        if not is_tag(tag):
            said += [left_out(number, tag[:20])][: _NOTES - len(said)]
            continue
        field = text_field(tag, body) if isinstance(body, str) else _data(number, tag, body)
        size += len(field.data or "") + sum(len(subfield.value) for subfield in field.subfields)
        if size > MAX_RECORD:
            raise BadRecord(f"longer than {MAX_RECORD} characters")
        found.fields.append(field)
    if not found.fields:
        raise BadRecord("it has no fields")
    return found


def _data(number: int, tag: str, body: Any) -> Field:
    if not isinstance(body, dict) or not isinstance(body.get("subfields"), list) or is_control(tag):
        raise BadRecord(f"field {number} ({tag}) has no subfields")
    indicators = [body.get(name, " ") for name in ("ind1", "ind2")]
    if not all(isinstance(indicator, str) and len(indicator) <= 1 for indicator in indicators):
        raise BadRecord(f"field {number} ({tag}): an indicator is not one character")
    subfields: list[Subfield] = []
    for entry in body["subfields"]:
        if not isinstance(entry, dict) or len(entry) != 1:
            raise BadRecord(f"field {number} ({tag}): a subfield is not an object with one code")
        code, text = next(iter(entry.items()))
        if not is_code(code) or not isinstance(text, str):
            raise BadRecord(f"field {number} ({tag}): a subfield is not a code with a text")
        subfields.append(Subfield(code, text))
    return Field(tag, Indicators(indicators[0] or " ", indicators[1] or " "), subfields)
