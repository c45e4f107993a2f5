"""The file of archived events: a ZIP archive, which every machine can open.

`archive.json` is the header. Each member `events-NUMBER.jsonl` has up to 500 events in order, one a line: a JSON array of
number, time, kind, digest of the deliveries, hash of the event before, own hash (digests in hexadecimal), and the payload
as text. So each event proves itself (`event_hash`), and the hash that the journal keeps proves the event. The same events
always make the same bytes. The file is read as if a stranger had made it.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import struct
import zipfile
import zlib
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, NamedTuple

import msgspec

from station.base.errors import StoreCorrupt, StoreError
from station.base.sentence import Sentence
from station.store.database.disk import disk_errors
from station.store.database.event_hash import event_hash

FORMAT: Final = 1
DIRECTORY: Final = "archives"
"""Beside the journal."""
_HEADER: Final = "archive.json"
_MEMBER: Final = "events-{:012}.jsonl"
_EVENTS_OF_A_MEMBER: Final = 500
_LARGEST_MEMBER: Final = 1 << 28
"""Bytes."""
_CHUNK: Final = 1 << 20
_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""Time of each member. It is fixed, so that the same events make the same bytes."""
_DAMAGE: Final = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError),
    *(RuntimeError, KeyError),
)


class ArchivedRow(NamedTuple):
    """One event, as the journal had it."""

    seq: int
    at: str
    kind: str
    deliveries: str
    """Hexadecimal, as the two hashes."""
    prev: str
    hash: str
    payload: str


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What the archive is about."""

    format: int = FORMAT
    timelines: tuple[tuple[int, str], ...]
    """Number of the first event, and id, of each part of the journal."""
    first: int
    last: int
    count: int


class Written(NamedTuple):
    """A finished file."""

    size: int
    sha256: str


_ROW: Final = msgspec.json.Decoder(ArchivedRow)
_OF_HEADER: Final = msgspec.json.Decoder(Header)


def write(file: IO[bytes], header: Header, rows: Iterable[ArchivedRow]) -> None:
    """Write the archive. Raises `OSError`."""
    left = iter(rows)
    with zipfile.ZipFile(file, "w") as archive:
        _put(archive, _HEADER, msgspec.json.encode(header))
        while some := [*itertools.islice(left, _EVENTS_OF_A_MEMBER)]:
            lines = b"".join(msgspec.json.encode(row) + b"\n" for row in some)
            _put(archive, _MEMBER.format(some[0].seq), lines)


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    info = zipfile.ZipInfo(name, _TIME)
    info.create_system, info.external_attr, info.compress_type = 3, 0o600 << 16, zipfile.ZIP_DEFLATED
    archive.writestr(info, content, compresslevel=6)


def written(path: Path) -> Written:
    """Return size and digest of a file. Raises `StoreError`."""
    digest, size = hashlib.sha256(), 0
    with disk_errors(path), path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Written(size, digest.hexdigest())


class ArchiveFile:
    """Reads one archive. Raises `StoreCorrupt` for a damaged or changed one, and `StoreError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._opened() as archive:
            self.header: Header = _OF_HEADER.decode(self._content(archive, _HEADER))
            if self.header.format != FORMAT:
                raise StoreError(Sentence("archive.format", file=path.name, format=self.header.format, known=FORMAT))
            self._members = sorted(set(archive.namelist()) - {_HEADER})
        self._rows: dict[int, ArchivedRow] = {}
        """Of the member that was read last."""

    def row(self, seq: int) -> ArchivedRow | None:
        """Return an event, proven by its own hash; None if the archive does not have it."""
        if seq not in self._rows:
            place = bisect_right(self._members, _MEMBER.format(seq))
            if place:
                with self._opened() as archive:
                    self._rows = {row.seq: row for row in self._proven(archive, self._members[place - 1])}
        return self._rows.get(seq)

    def rows(self) -> Iterator[ArchivedRow]:
        """Yield all events in order, each proven by its own hash."""
        with self._opened() as archive:
            for member in self._members:
                yield from self._proven(archive, member)

    def _proven(self, archive: zipfile.ZipFile, member: str) -> Sequence[ArchivedRow]:
        rows = [_ROW.decode(line) for line in self._content(archive, member).splitlines()]
        for row in rows:
            journal = next(name for first, name in reversed(self.header.timelines) if first <= row.seq)
            prev, deliveries = bytes.fromhex(row.prev), bytes.fromhex(row.deliveries)
            value = event_hash(prev, journal, row.seq, row.at, row.kind, deliveries, row.payload.encode())
            if value.hex() != row.hash:
                raise StoreCorrupt(Sentence("archive.changed", file=self._path.name, seq=row.seq))
        return rows

    @staticmethod
    def _content(archive: zipfile.ZipFile, name: str) -> bytes:
        with archive.open(name) as packed:
            content = packed.read(_LARGEST_MEMBER + 1)
        if len(content) > _LARGEST_MEMBER:
            raise ValueError("too large")
        return content

    @contextmanager
    def _opened(self) -> Iterator[zipfile.ZipFile]:
        try:
            with (
                disk_errors(self._path),
                os.fdopen(os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file,
                zipfile.ZipFile(file) as archive,
            ):
                yield archive
        except (*_DAMAGE, StopIteration, msgspec.DecodeError) as error:
            raise StoreCorrupt(Sentence("archive.damaged", file=self._path.name)) from error
