"""Results as lines of a file (JSON Lines): the library system of a library that has none connected.

One line a result, ASCII only, `delivery` first. A line counts when it is complete; a line torn by a crash is the last
one, and it is cut off before anything is appended (its delivery was never reported as done and comes again).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import threading
from pathlib import Path
from typing import Final

import msgspec

from station.deliveries import Check, CheckOutcome, Confirmation, Delivery, Receipt, Sending, unwitnessed
from station.errors import BarcodeUnknown, Conflict, InDoubt, Unreachable
from station.intents import KINDS, ResultIntent, kind
from station.model import Barcode, ItemRecord

_OWN: Final = b'{"delivery":"'
_TAIL_CHUNK: Final = 65536


class FileSink:
    """Appends to `path` with fsync; the folder is made when missing. Idempotent by the delivery's id."""

    side_by_side = 1
    kinds = KINDS

    def __init__(self, path: Path, name: str = "file") -> None:
        self.name = name
        self._path = path
        self._lock = threading.Lock()
        self._ids: dict[str, bytes] = {}
        """Delivery id -> SHA-256 of its line."""
        self._stamp: tuple[int, int] | None = None
        """(inode, size) of the file as `_ids` knows it."""

    def look_up(self, barcode: Barcode) -> ItemRecord:
        """A file of results holds no records."""
        raise BarcodeUnknown(f"{barcode}: a results file holds no records")

    def deliver(self, delivery: Delivery, sending: Sending = unwitnessed) -> Receipt:
        """Append the result's line, unless it is there. Raises `Unreachable` (nothing lasting was written),
        `InDoubt` (written, but the disk did not confirm) or `Conflict` (its id stands there with another result)."""
        with self._lock:
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                created = not self._path.exists()
                handle = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
            except OSError as error:
                raise Unreachable(f"{self._path}: {error.strerror}") from error
            try:
                return self._deliver(handle, delivery, created, sending)
            except OSError as error:
                raise Unreachable(f"{self._path}: {error.strerror}") from error
            finally:
                os.close(handle)

    def confirm(self, delivery: Delivery) -> Confirmation:
        """Is there a complete line with this id?"""
        with self._lock:
            try:
                handle = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError:
                return Confirmation.NOT_LANDED
            except OSError as error:
                raise Unreachable(f"{self._path}: {error.strerror}") from error
            try:
                self._know(handle)
                os.fsync(handle)
            except OSError as error:
                raise Unreachable(f"{self._path}: {error.strerror}") from error
            finally:
                os.close(handle)
            return Confirmation.LANDED if delivery.id in self._ids else Confirmation.NOT_LANDED

    def check(self) -> tuple[Check, ...]:
        """See `ports.CirculationSystem.check`: may the file be written, or made in a folder that may be?"""
        place = self._path if self._path.exists() else self._path.parent
        while not place.exists() and place != place.parent:
            place = place.parent
        if os.access(place, os.W_OK) and (place.is_dir() or place == self._path):
            return (Check(what="the results file can be written", outcome=CheckOutcome.GOOD, found=str(self._path)),)
        remedy = f"Give the station's account the right to write {place}."
        what = "the results file can be written"
        return (Check(what=what, outcome=CheckOutcome.BAD, found=str(self._path), remedy=remedy),)

    def _deliver(self, handle: int, delivery: Delivery, created: bool, sending: Sending) -> Receipt:
        self._know(handle)
        data = line(delivery)
        if delivery.id in self._ids:
            if self._ids[delivery.id] != _digest(data):
                # Only a journal that was put back to an older state gives one id to two results.
                raise Conflict(f"{self._path.name} holds another result under {delivery.id}")
            _terminate(handle)
            os.fsync(handle)
            return Receipt("the line was there", unchanged=True)
        sending("")
        end = _repair(handle)
        try:
            _write_all(handle, data, end)
        except OSError:
            self._stamp = None
            with contextlib.suppress(OSError):  # what cannot be cut off now is cut off by the next `_repair`
                os.ftruncate(handle, end)
            raise
        try:
            os.fsync(handle)
            if created:
                _sync_folder(self._path.parent)
        except OSError as error:
            self._stamp = None
            raise InDoubt(f"{self._path}: {error.strerror}") from error
        self._ids[delivery.id] = _digest(data)
        self._stamp = _stamp(handle)
        return Receipt(f"line in {self._path.name}")

    def _know(self, handle: int) -> None:
        """Read the ids of all complete lines, unless the file is as this object left it."""
        if self._stamp == _stamp(handle):
            return
        ids: dict[str, bytes] = {}
        with os.fdopen(os.dup(handle), "rb") as file:
            file.seek(0)
            for row in file:
                found = _id_of(row)
                if found is not None:
                    ids[found] = _digest(row)
        self._ids = ids
        self._stamp = _stamp(handle)


def line(delivery: Delivery) -> bytes:
    """The delivery's line: one JSON object, ASCII, ending in a line feed. A result's has no `kind`, as ever."""
    fields: dict[str, object] = {"delivery": delivery.id, "at": delivery.event_at, "event": delivery.event_seq}
    if isinstance(delivery.intent, ResultIntent):
        fields |= _result(delivery.intent)
    else:
        values = {name: value for name, value in msgspec.to_builtins(delivery.intent).items() if name != "type"}
        fields |= {"kind": kind(delivery.intent), **values}
    return json.dumps(fields, ensure_ascii=True, separators=(",", ":")).encode("ascii") + b"\n"


def _result(intent: ResultIntent) -> dict[str, object]:
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
                "reason": finding.reason,
                "note": finding.note,
            }
            for finding in intent.findings
        ],
    }


def _digest(row: bytes) -> bytes:
    return hashlib.sha256(row.rstrip(b"\n")).digest()


def _id_of(row: bytes) -> str | None:
    if not row.startswith(_OWN):
        return None
    try:
        found = json.loads(row)["delivery"]
    except (ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) else None


def _repair(handle: int) -> int:
    """Make the file end with a complete line and return its size: a torn line of ours is cut off, a complete one and
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
    """What follows the last line feed, and where it starts."""
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
