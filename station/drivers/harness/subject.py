"""The reader under test: its operations, counted and timed, without the irreversible ones."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final, Protocol, TypeVar

from station.base.clock import Clock, Deadline
from station.base.errors import ChipUnfit, LocalProtocolError, NotPossible
from station.base.settings import Reader
from station.domain.inventory import BlocksRead, Inventory, SystemInformation
from station.domain.ports import ReaderCapabilities
from station.domain.tag_image import Uid
from station.drivers.harness.results import Stopped
from station.drivers.line.serial import Transport
from station.drivers.reader.owner import ManagedReader

T = TypeVar("T")

_NOT_SENT: Final = (ChipUnfit, LocalProtocolError, NotPossible, Stopped)
"""Errors after which nothing was sent to the reader."""
GRACE_S: Final = 1.0
"""Seconds that a busy machine may add to the driver's own deadline (`reader.operation_ms`)."""


_BLOCK: Final = "block "


def runs(touched: Collection[str]) -> tuple[str, ...]:
    """Return the touched parts as text: blocks in order, consecutive ones joined ("blocks 0 to 27"), then the rest."""
    groups: list[list[int]] = []
    for number in sorted(int(name.removeprefix(_BLOCK)) for name in touched if name.startswith(_BLOCK)):
        if groups and number == groups[-1][-1] + 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    blocks = [f"blocks {run[0]} to {run[-1]}" if run[1:] else f"{_BLOCK}{run[0]}" for run in groups]
    return (*blocks, *sorted(name for name in touched if not name.startswith(_BLOCK)))


class Sent:
    """Number of writes to the line."""

    def __init__(self) -> None:
        self.frames = 0


class Recording(Protocol):
    """Requests to which a recording has no answer."""

    @property
    def unknown(self) -> int:
        """Number of such requests so far."""
        ...

    @property
    def last_unknown(self) -> bool:
        """Whether the last request was one of them."""
        ...


class Complete:
    """No recording, or a recording of this same run."""

    unknown: Final = 0
    last_unknown: Final = False


class _Counting:
    def __init__(self, line: Transport, sent: Sent) -> None:
        self._line = line
        self._sent = sent

    def write(self, data: bytes, deadline: Deadline) -> None:
        self._sent.frames += 1
        self._line.write(data, deadline)

    def read(self, deadline: Deadline) -> bytes:
        return self._line.read(deadline)

    def discard_input(self) -> int:
        return self._line.discard_input()

    def close(self) -> None:
        self._line.close()


def counting(open_line: Callable[[], Transport], sent: Sent) -> Callable[[], Transport]:
    """Return a function that opens the line as `open_line` does, and counts the writes in `sent`."""
    return lambda: _Counting(open_line(), sent)


def never() -> bool:
    """Return False: the run is never stopped."""
    return False


class Subject:
    """`domain.ports.Reader` without `lock_block`. Once `stop` returns True, an operation raises `Stopped` instead of
    beginning."""

    def __init__(
        self,
        reader: ManagedReader,
        clock: Clock,
        settings: Reader,
        sent: Sent | None = None,
        stop: Callable[[], bool] = never,
        recording: Recording | None = None,
    ) -> None:
        """`sent`: None if the driver opens its own line, so that the writes cannot be counted. `recording`: the
        recording that takes the reader's place, if it is not of this run."""
        self.recording = recording or Complete()
        self._reader = reader
        self._clock = clock
        self._limit = settings.operation_ms / 1000 + GRACE_S
        self.sent = sent
        self.stop = stop
        self.operations = 0
        self.late: list[tuple[str, float]] = []
        """Operations that exceeded the deadline, with their seconds."""
        self.scratch = ""
        """UID of the tag whose changes are recorded in `touched`."""
        self.touched: set[str] = set()
        """Names of the parts of that tag that may have been changed so far."""

    @property
    def capabilities(self) -> ReaderCapabilities:
        return self._reader.capabilities

    def now(self) -> float:
        """Return monotonic time in seconds."""
        return self._clock.monotonic()

    def _run(self, name: str, work: Callable[[], T]) -> T:
        if self.stop():
            raise Stopped
        began = self._clock.monotonic()
        self.operations += 1
        try:
            return work()
        finally:
            took = self._clock.monotonic() - began
            if took > self._limit:
                self.late.append((name, took))

    def reconnect(self) -> None:
        self._run("reconnect", self._reader.reconnect)

    def inventory(self) -> Inventory:
        return self._run("inventory", self._reader.inventory)

    def system_information(self, uid: Uid) -> SystemInformation:
        return self._run("system_information", lambda: self._reader.system_information(uid))

    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        return self._run("read_blocks", lambda: self._reader.read_blocks(uid, first, count))

    def _change(self, name: str, uid: Uid, what: Collection[str], work: Callable[[], None]) -> None:
        """Record what may be changed, unless nothing was sent."""
        new = set(what) - self.touched if uid == self.scratch else set()
        self.touched |= new
        try:
            self._run(name, work)
        except _NOT_SENT:
            self.touched -= new
            raise

    def write_blocks(self, uid: Uid, first: int, data: bytes, block_size: int) -> None:
        blocks = [f"{_BLOCK}{first + number}" for number in range(len(data) // max(block_size, 1))]
        self._change("write_blocks", uid, blocks, lambda: self._reader.write_blocks(uid, first, data, block_size))

    def write_afi(self, uid: Uid, afi: int) -> None:
        self._change("write_afi", uid, ["AFI"], lambda: self._reader.write_afi(uid, afi))

    def write_dsfid(self, uid: Uid, dsfid: int) -> None:
        self._change("write_dsfid", uid, ["DSFID"], lambda: self._reader.write_dsfid(uid, dsfid))

    def read_eas(self, uid: Uid) -> bool:
        return self._run("read_eas", lambda: self._reader.read_eas(uid))

    def write_eas(self, uid: Uid, on: bool) -> None:
        self._change("write_eas", uid, ["EAS bit"], lambda: self._reader.write_eas(uid, on))

    def reset_field(self) -> None:
        self._run("reset_field", self._reader.reset_field)

    def close(self) -> None:
        """Release the port."""
        self._reader.close()
