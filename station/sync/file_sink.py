"""Results as lines of a file (JSON Lines), for a library without a connected library system.

One line per result, ASCII only, `delivery` first. A line counts when it is complete. A line torn by a crash is the last
one, and it is cut off before the next append (its delivery was never reported as done and comes again).

Before each append the sink checks whether the delivery's line already exists. The memory for that does not grow with
the file: a set of fixed size that can report "certainly not" (a Bloom filter; B. H. Bloom, CACM 13 (1970) 422).
Otherwise the file itself is read. With half a million lines that is one new delivery in a thousand.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from station.base.errors import BarcodeUnknown, Conflict, InDoubt, Rejected, Unreachable
from station.base.files import open_own
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.deliveries.delivery import (
    Check,
    CheckOutcome,
    Confirmation,
    Delivery,
    Receipt,
    Sending,
    unwitnessed,
)
from station.domain.deliveries.intents import KINDS, ResultIntent, kind
from station.domain.events import Head
from station.domain.item import Barcode, ItemRecord

_OWN: Final = b'{"delivery":"'
_TAIL_CHUNK: Final = 65536
_MOST_READ: Final = 1 << 20
"""Bytes at the end of the file that are read to find the newest event: more than a thousand lines."""
_DELIVERY: Final = re.compile(r"([0-9a-f]{16})-([1-9][0-9]{0,17})-.+")
"""Id of a delivery: journal id, number of its event, system."""

_log = logging.getLogger("station.sync.file_sink")


class FileSink:
    """Appends to `path` with fsync; creates a missing folder. Idempotent by the delivery's id."""

    side_by_side = 1
    kinds = KINDS - {"withdraw", "move"}
    """A file cannot confirm that an item is gone or moved: a person does."""

    def __init__(self, path: Path, tell: Callable[[Sentence], str], name: str = "file") -> None:
        """`tell`: see `line`."""
        self.name = name
        self._path = path
        self._tell = tell
        self._lock = threading.Lock()
        self._there = _Perhaps()
        """Ids of the complete lines."""
        self._stamp: tuple[int, int] | None = None
        """(inode, size) of the file when `_there` was last correct."""

    def look_up(self, barcode: Barcode) -> ItemRecord:
        """Raise `BarcodeUnknown`: a results file holds no records."""
        raise BarcodeUnknown(f"{barcode}: a results file holds no records")

    def deliver(self, delivery: Delivery, sending: Sending = unwitnessed) -> Receipt:
        """Append the result's line, unless it exists. Raises `Rejected` for another kind, `Unreachable` (nothing lasting
        was written), `InDoubt` (written, but the disk did not confirm) or `Conflict` (the file has another result under
        this id)."""
        if kind(delivery.intent) not in self.kinds:
            raise Rejected(Sentence("delivery.file-cannot", what=delivery.intent.words))
        with self._lock:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                created = not self._path.exists()
                handle = open_own(self._path, os.O_RDWR, 0o640)
            except OSError as error:
                raise Unreachable(f"{self._path}: {error.strerror}") from error
            try:
                return self._deliver(handle, delivery, created, sending)
            except OSError as error:
                raise Unreachable(f"{self._path}: {error.strerror}") from error
            finally:
                os.close(handle)

    def confirm(self, delivery: Delivery) -> Confirmation:
        """Return whether a complete line with this id exists."""
        with self._lock:
            try:
                handle = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                return Confirmation.NOT_LANDED
            except OSError as error:
                raise Unreachable(f"{self._path}: {error.strerror}") from error
            try:
                row = self._found(handle, delivery.id)
                os.fsync(handle)
            except OSError as error:
                raise Unreachable(f"{self._path}: {error.strerror}") from error
            finally:
                os.close(handle)
            return Confirmation.LANDED if row is not None else Confirmation.NOT_LANDED

    def check(self) -> tuple[Check, ...]:
        """Implement `ports.CirculationSystem.check`: can the file be written, or created in its folder?"""
        what = Sentence("sync-check.file.writable")
        where = Sentence.verbatim(clean(str(self._path), 500))
        place = self._path if self._path.exists() else self._path.parent
        while not place.exists() and place != place.parent:
            place = place.parent
        if os.access(place, os.W_OK) and (place.is_dir() or place == self._path):
            return (Check(what=what, outcome=CheckOutcome.GOOD, found=where),)
        remedy = Sentence("sync-check.file.do", place=clean(str(place), 500))
        return (Check(what=what, outcome=CheckOutcome.BAD, found=where, remedy=remedy),)

    def _deliver(self, handle: int, delivery: Delivery, created: bool, sending: Sending) -> Receipt:
        row = self._found(handle, delivery.id)
        data = line(delivery, self._tell)
        if row is not None:
            if row != data.rstrip(b"\n") and not _is_told_otherwise(row, data, delivery):
                # Only a journal that was restored to an older state gives one id to two results.
                raise Conflict(f"{self._path.name} holds another result under {delivery.id}")
            _terminate(handle)
            os.fsync(handle)
            return Receipt(Sentence("delivery.line-there"), unchanged=True)
        sending("")
        end = _repair(handle)
        try:
            _write_all(handle, data, end)
        except OSError:
            self._stamp = None
            with contextlib.suppress(OSError):  # if this fails, the next `_repair` cuts it off
                os.ftruncate(handle, end)
            raise
        try:
            os.fsync(handle)
            if created:
                _sync_folder(self._path.parent)
        except OSError as error:
            self._stamp = None
            raise InDoubt(f"{self._path}: {error.strerror}") from error
        self._there.add(delivery.id)
        self._stamp = _stamp(handle)
        return Receipt(Sentence("delivery.line", file=self._path.name))

    def _found(self, handle: int, name: str) -> bytes | None:
        """Return the newest complete line with this id, without its line feed; None = there is none."""
        self._know(handle)
        if name not in self._there:
            return None
        plain = name.encode()
        newest = None
        for row in _rows(handle):
            # Another writer may have escaped the id, so that its plain form is not in the line.
            if (plain in row or b"\\" in row) and _id_of(row) == name:
                newest = row.rstrip(b"\n")
        return newest

    def _know(self, handle: int) -> None:
        """Read the ids of all complete lines, unless the file is unchanged since the last time."""
        if self._stamp == _stamp(handle):
            return
        there = _Perhaps()
        for row in _rows(handle):
            delivery_id = _id_of(row)
            if delivery_id is not None:
                there.add(delivery_id)
        self._there = there
        self._stamp = _stamp(handle)


def newest_results(path: Path) -> tuple[Head, ...]:
    """Return for each journal id the newest event that has a line in the last MiB of the results file at `path`. The
    heads have no hash. () if the file cannot be read."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _MOST_READ))
            rows = file.read(_MOST_READ).splitlines()
    except OSError as error:
        if not isinstance(error, FileNotFoundError):
            _log.warning("the results file was not compared with the journal: %s", error)
        return ()
    newest: dict[str, Head] = {}
    for row in rows:
        head = _head_of(row)
        if head is not None and (head.journal_id not in newest or head.seq > newest[head.journal_id].seq):
            newest[head.journal_id] = head
    return tuple(newest.values())


def lines_until(path: Path, head: Head) -> Iterator[bytes]:
    """Yield the complete lines of the results file at `path`, without those of events that are newer than `head` in its
    journal. Raises `OSError`."""
    with path.open("rb") as file:
        for line in file:
            event = _head_of(line)
            newer = event is not None and event.journal_id == head.journal_id and event.seq > head.seq
            if line.endswith(b"\n") and not newer:
                yield line


def _head_of(row: bytes) -> Head | None:
    """Return the event of a line; None for a line of another form."""
    if not row.startswith(_OWN):
        return None
    try:
        line = msgspec.json.decode(row, type=_Line)
    except msgspec.DecodeError:
        return None
    fits = _DELIVERY.fullmatch(line.delivery)
    return Head(line.at, line.event, "", fits[1]) if fits is not None and int(fits[2]) == line.event else None


class _Line(msgspec.Struct):
    """The fields that all lines have."""

    delivery: str
    at: str
    event: int


class _Perhaps:
    """A set of names in a fixed 1 MiB. It may report a name that was never added, but never misses an added name.

    With 500,000 names that happens to 7 of 10,000 others, with a million to 2 of 100: (1 - e^(-kn/m))^k, m = 2^23 bits,
    k = 6.
    """

    BITS: Final = 2**23
    HASHES: Final = 6

    def __init__(self) -> None:
        self._bits = bytearray(self.BITS // 8)

    def add(self, name: str) -> None:
        for at in self._places(name):
            self._bits[at >> 3] |= 1 << (at & 7)

    def __contains__(self, name: str) -> bool:
        return all(self._bits[at >> 3] & (1 << (at & 7)) for at in self._places(name))

    def _places(self, name: str) -> Iterator[int]:
        drawn = hashlib.sha256(name.encode(errors="surrogatepass")).digest()
        return (int.from_bytes(drawn[4 * n : 4 * n + 4]) % self.BITS for n in range(self.HASHES))


def _rows(handle: int) -> Iterator[bytes]:
    with os.fdopen(os.dup(handle), "rb") as file:
        file.seek(0)
        yield from file


def line(delivery: Delivery, tell: Callable[[Sentence], str]) -> bytes:
    """Return the delivery's line: one JSON object, ASCII, ending in a line feed. The line of a result has no `kind`.
    `tell` gives its sentences in the station's language."""
    fields: dict[str, object] = {"delivery": delivery.id, "at": delivery.event_at, "event": delivery.event_seq}
    if isinstance(delivery.intent, ResultIntent):
        fields |= _result(delivery.intent, tell)
    else:
        values = {
            name: value for name, value in msgspec.to_builtins(delivery.intent, enc_hook=tell).items() if name != "type"
        }
        fields |= {"kind": kind(delivery.intent), **values}
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def _result(intent: ResultIntent, tell: Callable[[Sentence], str]) -> dict[str, object]:
    return {
        "barcode": intent.barcode,
        "uid": intent.uid,
        "part": intent.part,
        "parts": intent.parts,
        "verdict": intent.verdict.value,
        "operator": intent.operator,
        "findings": [
            {
                "rule": finding.rule,
                "title": finding.title,
                "severity": finding.severity.value,
                "outcome": finding.outcome.value,
                "by": finding.by,
                "reason": tell(Sentence.of(finding.reason)),
                "note": tell(finding.note),
            }
            for finding in intent.findings
        ],
    }


def _is_told_otherwise(row: bytes, data: bytes, delivery: Delivery) -> bool:
    """Return True if a line differs from `data` only in the wording of sentences. The station may have changed its
    language, or the program its words, after the line was written. A person's text must be the same."""
    if not isinstance(delivery.intent, ResultIntent):
        return False
    there, ours = json.loads(row), json.loads(data)
    kept = there.get("findings")
    findings = zip(delivery.intent.findings, kept if isinstance(kept, list) else (), ours["findings"], strict=False)
    for finding, *objects in findings:
        for field, sentence in (("reason", Sentence.of(finding.reason)), ("note", finding.note)):
            if sentence.text is None:
                for values in objects:
                    if isinstance(values, dict):  # the file has other writers
                        values.pop(field, None)
    return bool(there == ours)


def _id_of(row: bytes) -> str | None:
    if not row.startswith(_OWN):
        return None
    try:
        delivery_id = json.loads(row)["delivery"]
    except (ValueError, KeyError, TypeError):
        return None
    return delivery_id if isinstance(delivery_id, str) else None


def _repair(handle: int) -> int:
    """Make the file end with a complete line, and return its size. A torn line of ours is cut off; a complete line and
    foreign text get their line feed."""
    tail, start = _tail(handle)
    if not tail:
        return start
    torn = _OWN.startswith(tail[: len(_OWN)]) or not tail.strip(b"\0")
    if torn and _id_of(tail) is None:
        os.ftruncate(handle, start)
        os.fsync(handle)
        return start
    _write_all(handle, b"\n", start + len(tail))
    return start + len(tail) + 1


def _terminate(handle: int) -> None:
    tail, start = _tail(handle)
    if tail:
        _write_all(handle, b"\n", start + len(tail))


def _tail(handle: int) -> tuple[bytes, int]:
    """Return the bytes after the last line feed, and their position."""
    size = os.fstat(handle).st_size
    start, tail = size, b""
    while start > 0:
        step = min(_TAIL_CHUNK, start)
        chunk = os.pread(handle, step, start - step)
        cut = chunk.rfind(b"\n")
        if cut >= 0:
            return chunk[cut + 1 :] + tail, start - step + cut + 1
        tail = chunk + tail
        start -= step
    return tail, 0


def _write_all(handle: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        count = os.pwrite(handle, view, at)
        if count == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        at += count
        view = view[count:]


def _stamp(handle: int) -> tuple[int, int]:
    stat = os.fstat(handle)
    return stat.st_ino, stat.st_size


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
