"""Read MARC 21 from a file: ISO 2709, MARCXML and MARC-in-JSON, MARC-8 and UTF-8, good and bad.

`read` never raises on bad content: a record that cannot be used is a `Rejected` with its number and reason, and reading
continues. `parse` turns one raw record into a pymarc `Record` (all text decoded, nothing cleaned: `record.describe`
cleans). Records read from MARCXML or JSON are kept in that format.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Final, Literal

import msgspec
from pymarc import Field, Indicators, Leader, Record, Subfield

from station.base.text import clean
from station.catalog.marc import charset, iso2709, marcjson, marcxml
from station.catalog.marc.charset import Charset
from station.catalog.marc.evidence import STRAY, Decision, Evidence
from station.catalog.marc.indexed import DataField, IndexedRecord
from station.catalog.marc.iso2709 import BadRecord, Readable
from station.catalog.marc.text_formats import text_field, unread

Format = Literal["iso2709", "marcxml", "marc-in-json"]

HOLDINGS: Final = frozenset("uvxy")
"""Leader/06 of holdings records (MARC 21 Format for Holdings Data, leader)."""
_SNIFF: Final = 4096
_WEIGHED: Final = 5_000
"""Records that are enough to know the character set of a file."""
_MEANWHILE: Final = 50
_BOM: Final = b"\xef\xbb\xbf"


FieldText = tuple[str, list[tuple[str, str]]]
"""Tag of a data field, and the code and text of each subfield."""

_new: Final = tuple.__new__
"""Makes a named tuple in half the time of its class."""
_TEXTS: Final = {b"<": marcxml.one, b"{": marcjson.one}
"""First byte of a record kept as text -> its parser."""


class NotMarc(Exception):
    """The whole file has another format; the text says which. Never leaves the catalog and its importer."""


class RawRecord(msgspec.Struct, frozen=True):
    """One usable record: its number in the file (from 1, bad records included), its bytes, and notes on repairs."""

    number: int
    data: bytes
    notes: tuple[str, ...] = ()
    end: int = -1
    """Bytes of the stream up to the end of this record, where reading can continue; -1 where it cannot (XML, JSON)."""
    known: iso2709.Parts | Record | None = None
    """Result of an earlier parse, for `fields_of`."""
    charset: Charset | Literal[""] = ""
    """Of a record in ISO 2709; "" for the other formats, which say it themselves."""


class Rejected(msgspec.Struct, frozen=True):
    """One record (or piece of junk) that is not usable, with the reason. `offset` is in bytes; -1 = unknown (XML)."""

    number: int
    reason: str
    offset: int = -1
    data: bytes = b""
    """Its bytes as far as they were kept, at most as long as a record may be."""


def sniff(head: bytes) -> Format:
    """Return the format of a file by its first bytes. Raise `NotMarc`, naming the actual format if recognized."""
    if not head.strip():
        raise NotMarc("the file is empty")
    start = head.removeprefix(_BOM).lstrip(b"\r\n\t \x00\x1a")
    if start[:1] == b"<" or head[:4] in (b"\xff\xfe<\x00", b"\xfe\xff\x00<"):
        return "marcxml"
    if start[:1] == b"{" or (start[:1] == b"[" and start[1:].lstrip()[:1] in (b"{", b"")):
        return "marc-in-json"
    if start[:5].isdigit() or b"\x1e" in head or b"\x1d" in head:
        return "iso2709"
    kinds = {
        b"\x1f\x8b": "it is compressed (gzip): unpack it first",
        b"PK": "it is compressed (zip): unpack it first",
        b"BZh": "it is compressed (bzip2): unpack it first",
        b"[": "it looks like JSON, but not like a list of records",
        b"=LDR": "it is MARC in MARCMaker text form: export ISO 2709, MARCXML or MARC-in-JSON instead",
        b"SQLite format 3": "it is a database",
    }
    for magic, said in kinds.items():
        if start.startswith(magic):
            raise NotMarc(said)
    raise NotMarc("it is neither ISO 2709 nor MARCXML nor MARC-in-JSON")


def read(source: Readable | bytes) -> Iterator[RawRecord | Rejected]:
    """Return all records of a file in order, usable or not. Raise `NotMarc` before the first, and no other error of
    this module."""
    stream: Readable = io.BytesIO(source) if isinstance(source, bytes) else source
    head = stream.read(_SNIFF)
    kind = sniff(head)
    whole = _Joined(head, stream)
    match kind:
        case "iso2709":
            return read_frames(iso2709.frames(whole))
        case "marcxml":
            return _read_marcxml(whole)
        case _:
            return _read_json(whole)


def read_on(stream: Readable, number: int, end: int) -> Iterator[RawRecord | Rejected]:
    """Return the records after record `number`, from a stream positioned at its `end`."""
    return read_frames(iso2709.frames(stream), number + 1, end)


def frames(stream: Readable) -> Iterator[iso2709.Frame] | None:
    """Return the frames of a file in ISO 2709, for `read_frames`; None for another format. Raise `NotMarc`."""
    head = stream.read(_SNIFF)
    return iso2709.frames(_Joined(head, stream)) if sniff(head) == "iso2709" else None


def file_evidence(source: Readable | bytes, meanwhile: Callable[[], None] = lambda: None) -> Evidence:
    """Return the evidence of the first records of a file (`_WEIGHED`) for its character set. `meanwhile` is called now and
    then, as it takes some hundredths of a second. Raise `NotMarc`."""
    stream: Readable = io.BytesIO(source) if isinstance(source, bytes) else source
    head = stream.read(_SNIFF)
    marc8 = windows = 0
    if sniff(head) == "iso2709":
        for number, piece in enumerate(islice(iso2709.pieces(_Joined(head, stream)), _WEIGHED)):
            evidence = charset.evidence_of(piece.data)
            marc8 += evidence.marc8
            windows += evidence.windows
            if not number % _MEANWHILE:
                meanwhile()
    return Evidence(marc8, windows)


def read_like_file(records: Iterable[RawRecord | Rejected], evidence: Evidence) -> Iterator[RawRecord | Rejected]:
    """Return the records; those whose character set is not clear by themselves are read like their file."""
    decision = evidence.decision
    for record in records:
        unclear = isinstance(record, RawRecord) and record.charset == "unclear" and decision != "unclear"
        yield _marked(record, decision) if unclear and isinstance(record, RawRecord) else record


def _marked(record: RawRecord, decision: Decision) -> RawRecord:
    if decision == "marc-8" and STRAY.search(record.data):
        return record
    (piece,) = iso2709.pieces(io.BytesIO(charset.mark(record.data, decision)))
    again = _examined(record.number, piece.data, piece.note, record.end)
    return again if isinstance(again, RawRecord) else record


def read_frames(frames: Iterable[iso2709.Frame], first: int = 1, start: int = 0) -> Iterator[RawRecord | Rejected]:
    """Yield the records in these frames; the first one has the number `first`. `start`: offset of the frames' stream in
    its file."""
    number = first
    for frame in frames:
        for piece in iso2709.pieces_in(frame):
            offset = start + piece.offset
            if piece.problem:
                yield Rejected(number, piece.problem, offset, piece.data)
            else:
                yield _examined(number, charset.unmarked(piece.data), piece.note, offset + len(piece.data))
            number += 1


def _examined(number: int, data: bytes, note: str, end: int) -> RawRecord | Rejected:
    try:
        parts = iso2709.take_apart(data)
    except BadRecord as error:
        return Rejected(number, str(error), end - len(data), data)
    found = charset.detect(parts.leader, data)
    notes = tuple([text for text in (note, parts.note, found.note, unread(found.lost)) if text])
    return RawRecord(number, data, notes, end, parts, found.charset)


def _read_marcxml(stream: Readable) -> Iterator[RawRecord | Rejected]:
    for number, found in enumerate(marcxml.records(stream), 1):
        if found.record is None:
            yield Rejected(number, clean(found.problem), data=found.text.encode())
        else:
            yield RawRecord(number, marcxml.snippet(found.record), found.notes, known=found.record)


def _read_json(stream: Readable) -> Iterator[RawRecord | Rejected]:
    for number, found in enumerate(marcjson.records(stream), 1):
        if found.problem:
            yield Rejected(number, clean(found.problem), data=found.data)
        else:
            yield RawRecord(number, found.data, found.notes)


def parse(data: bytes) -> IndexedRecord:
    """Return one record, decoded. Raise `BadRecord` with the reason, and nothing else."""
    if data[:1] in _TEXTS:
        return IndexedRecord.of(_TEXTS[data[:1]](data))
    parts = iso2709.take_apart(data)
    kind = charset.detect(parts.leader, data).charset
    return IndexedRecord(Leader(parts.leader), [_field(tag, body, kind) for tag, body in parts.fields])


def fields_of(
    data: bytes, tags: frozenset[str], known: iso2709.Parts | Record | None = None, kind: Charset | Literal[""] = ""
) -> list[Field]:
    """Return only the fields with these tags, in order, as needed for indexing. `known`, `kind`: results of an earlier
    reading (`RawRecord.known`, `RawRecord.charset`). Raise `BadRecord`."""
    if data[:1] in _TEXTS:
        record = known if isinstance(known, Record) else _TEXTS[data[:1]](data)
        return [field for field in record.fields if field.tag in tags]
    parts = known if isinstance(known, iso2709.Parts) else iso2709.take_apart(data)
    wanted = [(tag, body) for tag, body in parts.fields if tag in tags]
    text = b"".join([body for _, body in wanted])
    if text.isascii() and b"\x1b" not in text:
        kind = "ascii"
    elif not kind:
        kind = charset.detect(parts.leader, data).charset
    return [_field(tag, body, kind) for tag, body in wanted]


def only(record: RawRecord, tags: frozenset[str]) -> RawRecord:
    """Return the record with only the fields with these tags as `known` (all of them, if it is kept as text), so that
    `fields_of` and the others need not look at the rest again. Raise `BadRecord`."""
    known, data = record.known, record.data
    if data[:1] in _TEXTS:
        known = known if isinstance(known, Record) else _TEXTS[data[:1]](data)
    else:
        parts = known if isinstance(known, iso2709.Parts) else iso2709.take_apart(data)
        known = iso2709.Parts(parts.leader, tuple([field for field in parts.fields if field[0] in tags]))
    return RawRecord(record.number, data, record.notes, record.end, known, record.charset)


def texts_of(
    data: bytes, tags: frozenset[str], known: iso2709.Parts | Record | None = None, kind: Charset | Literal[""] = ""
) -> Iterator[FieldText]:
    """Yield the data fields with these tags as text, in order. As `fields_of`, without making fields, which takes most
    of its time. Raise `BadRecord`."""
    if data[:1] in _TEXTS:
        for field in fields_of(data, tags, known):
            yield field.tag, [(one.code, one.value) for one in field.subfields]
        return
    parts = known if isinstance(known, iso2709.Parts) else iso2709.take_apart(data)
    for tag, body in [field for field in parts.fields if field[0] in tags]:
        if body.isascii() and b"\x1b" not in body:
            text = body.decode("ascii")
        else:
            kind = kind or charset.detect(parts.leader, data).charset
            text = charset.decode_field(body, kind)
        yield tag, [(piece[:1], piece[1:]) for piece in text.split("\x1f")[1:]]


def leader_of(data: bytes, known: iso2709.Parts | Record | None = None) -> str:
    """Return the leader. Raise `BadRecord`."""
    if data[:1] in _TEXTS:
        record = known if isinstance(known, Record) else _TEXTS[data[:1]](data)
        return str(record.leader)
    return known.leader if isinstance(known, iso2709.Parts) else iso2709.take_apart(data).leader


def without_charset(data: bytes) -> bytes:
    """Return a record without leader/09, in which the import marks the set of its file (`charset.mark`)."""
    return data if data[:1] in _TEXTS else data[:9] + data[10:]


def _field(tag: str, body: bytes, kind: Charset) -> Field:
    if tag < "010" and tag.isdigit():
        return Field(tag, data=charset.decode(body, kind))
    if body.isascii() and (kind != "marc-8" or body.replace(b"\x1f", b"").decode("ascii").isprintable()):
        start, *texts = body.decode("ascii").split("\x1f")
        if texts or tag.isdigit():
            marks = _new(Indicators, start if len(start) == 2 else start[:2].ljust(2))
            return DataField(tag, marks, [_new(Subfield, (text[0], text[1:])) for text in texts if text])
    first, *rest = body.split(b"\x1f")
    if not rest and not tag.isdigit():
        return text_field(tag, charset.decode(body, kind))
    indicators = (first[:2].decode("ascii", "replace") + "  ")[:2]
    subfields = [
        Subfield(piece[:1].decode("ascii", "replace"), charset.decode(piece[1:], kind)) for piece in rest if piece
    ]
    return DataField(tag, Indicators(indicators[0], indicators[1]), subfields)


class _Joined:
    """The first bytes, already read by `sniff`, then the rest of the stream; for sequential reading only."""

    def __init__(self, head: bytes, stream: Readable) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        """Return the next bytes, at most `size`; empty at the end."""
        if not self._head:
            return self._stream.read(size)
        given, self._head = self._head[:size], self._head[size:]
        return given
