"""Captures: the conversation with a reader as a file of sent bytes, received bytes and events, with times.

JSON lines. The first line is `{"meta": {...}}`; a later one begins another session. Then, in order of time:

    {"t": SECONDS, "dir": ">", "hex": HEX}       written to the reader
    {"t": SECONDS, "dir": "<", "hex": HEX}       read from it, in the pieces in which it arrived
    {"t": SECONDS, "event": NAME, ...}           opened, not-opened (code), silent and lost (during: write, read,
                                                 discard), discarded (count; after: number of empty
                                                 discards just before), closed, full

`t` counts from the beginning of the session on a clock that never goes back. The given traces of other clients have the
same lines. Other keys in a line are ignored.

A capture holds everything that went over the cable: UIDs and contents of tags, and any passwords that were sent to a
tag.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Final, TypeVar

import msgspec

from station.base.clock import Clock, Deadline
from station.base.errors import CaptureUnreadable, PortLost, ReaderSilent, TransportError
from station.base.files import open_own
from station.drivers.line.serial import Transport

_LOG = logging.getLogger(__name__)

T = TypeVar("T")

LIMIT: Final = 100_000_000
"""Largest capture in bytes; it then ends with the event `full`. Polling a pad makes about 50 MB a day."""

TO_READER: Final = ">"
FROM_READER: Final = "<"


class Line(msgspec.Struct, frozen=True):
    """One line of a capture other than a meta line. `hex` belongs to `dir`; the fields after `event` belong to
    `event`."""

    t: float = 0.0
    dir: str = ""
    hex: str = ""
    event: str = ""
    count: int = 0
    code: str = ""
    during: str = ""
    after: int = 0

    @property
    def data(self) -> bytes:
        """The transferred bytes."""
        return bytes.fromhex(self.hex)


class Capture(msgspec.Struct, frozen=True):
    """A loaded capture: the first session's meta line and all other lines."""

    meta: dict[str, object]
    lines: tuple[Line, ...]

    @property
    def exchanges(self) -> int:
        """Number of requests sent."""
        return sum(line.dir == TO_READER for line in self.lines)

    @property
    def seconds(self) -> float:
        """Seconds from the first to the last line of the longest session."""
        return max((line.t for line in self.lines), default=0.0)


def load(path: Path) -> Capture:
    """Read a capture. Raises `CaptureUnreadable`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CaptureUnreadable(f"{path}: {error}") from error
    return parse(text)


def parse(text: str) -> Capture:
    """Read the text of a capture. Raises `CaptureUnreadable` with the line number."""
    meta: dict[str, object] = {}
    lines: list[Line] = []
    for number, row in enumerate(text.splitlines(), 1):
        if not row.strip():
            continue
        try:
            value = msgspec.json.decode(row)
            if isinstance(value, dict) and isinstance(value.get("meta"), dict):
                meta = meta or value["meta"]
                continue
            line = msgspec.convert(value, Line)
            bytes.fromhex(line.hex)
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise CaptureUnreadable(f"line {number}: {error}") from error
        if (line.dir not in (TO_READER, FROM_READER)) is (not line.event):
            raise CaptureUnreadable(f'line {number}: neither ">" nor "<" nor an event')
        lines.append(line)
    if not lines:
        raise CaptureUnreadable("nothing in it")
    return Capture(meta, tuple(lines))


class Recorder:
    """Appends to a capture. A full or missing disk ends the recording, never the work."""

    def __init__(self, path: Path, clock: Clock, meta: dict[str, object], limit: int = LIMIT) -> None:
        self._path = path
        self._clock = clock
        self._limit = limit
        self._began = clock.monotonic()
        self._file: IO[str] | None = None
        try:
            descriptor = open_own(path, os.O_WRONLY | os.O_APPEND)
            self._file = os.fdopen(descriptor, "w", encoding="ascii")
            self._size = os.fstat(descriptor).st_size
        except OSError as error:
            _LOG.error("%s: nothing is recorded: %s", path, error)
            return
        about = {**meta, "began": clock.now(), "host->reader": TO_READER, "reader->host": FROM_READER}
        self._put({"meta": about})

    def bytes(self, direction: str, data: bytes) -> None:
        """Record transferred bytes."""
        self._put({"t": self._now(), "dir": direction, "hex": data.hex()})

    def event(self, name: str, **facts: object) -> None:
        """Record an event."""
        self._put({"t": self._now(), "event": name, **facts})

    def close(self) -> None:
        """End the recording. May be called twice."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                _LOG.error("%s: %s", self._path, error)

    def _now(self) -> float:
        return round(self._clock.monotonic() - self._began, 6)

    def _put(self, value: dict[str, object]) -> None:
        if self._file is None:
            return
        line = json.dumps(value, ensure_ascii=True) + "\n"
        full = self._size + len(line) > self._limit
        if full:
            line = json.dumps({"t": self._now(), "event": "full"}) + "\n"
        try:
            self._file.write(line)
            self._file.flush()
            self._size += len(line)
        except OSError as error:
            _LOG.error("%s: the recording ends: %s", self._path, error)
            full = True
        if full:
            self.close()


class CapturingTransport:
    """A transport that records the traffic of another one."""

    def __init__(self, line: Transport, recorder: Recorder) -> None:
        self._line = line
        self._recorder = recorder
        self._vain = 0
        """Number of empty discards since the last line; they are not recorded as lines."""

    def write(self, data: bytes, deadline: Deadline) -> None:
        """See `Transport.write`. The data is recorded before it is sent, so the capture shows what was being sent when
        the cable was pulled."""
        self._vain = 0
        self._recorder.bytes(TO_READER, data)
        self._seen(lambda: self._line.write(data, deadline), "write")

    def read(self, deadline: Deadline) -> bytes:
        data = self._seen(lambda: self._line.read(deadline), "read")
        self._vain = 0
        self._recorder.bytes(FROM_READER, data)
        return data

    def discard_input(self) -> int:
        count = self._seen(self._line.discard_input, "discard")
        if count:
            self._recorder.event("discarded", count=count, after=self._vain)
            self._vain = 0
        else:
            self._vain += 1
        return count

    def close(self) -> None:
        self._recorder.event("closed")
        self._line.close()

    def _seen(self, work: Callable[[], T], during: str) -> T:
        try:
            return work()
        except ReaderSilent:
            self._vain = 0
            self._recorder.event("silent", during=during)
            raise
        except PortLost:
            self._recorder.event("lost", during=during, after=self._vain)
            self._vain = 0
            raise


def recording(open_line: Callable[[], Transport], recorder: Recorder) -> Callable[[], Transport]:
    """Return a function that opens the line as `open_line` does, and records it."""

    def opened() -> Transport:
        try:
            line = open_line()
        except TransportError as error:
            recorder.event("not-opened", code=error.code)
            raise
        recorder.event("opened")
        return CapturingTransport(line, recorder)

    return opened
