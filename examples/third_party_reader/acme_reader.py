"""A reader driver in a separate package. It drives an imaginary reader, "ACME Desk", which speaks lines of ASCII.

A request is `NUMBER WORD ARGUMENTS`. The answer is `NUMBER OK VALUES`, `NUMBER ABSENT` or `NUMBER REFUSED ISO_ERROR`.
The answer repeats the number of its request, so a late answer is never taken for the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from station.base.clock import Clock, Deadline
from station.base.errors import (
    LocalProtocolError,
    NotPossible,
    PortLost,
    PortMissing,
    RemoteProtocolError,
    TagAbsent,
    TagRefused,
)
from station.base.settings import Reader
from station.domain.inventory import BlocksRead, Inventory, SystemInformation, TagSeen
from station.domain.ports import Lack, ReaderCapabilities, Signal
from station.domain.tag_image import Uid
from station.drivers.line.serial import Transport

T = TypeVar("T")

MOST_BLOCKS: Final = 8
LONGEST_LINE: Final = 1000


class AcmeReader:
    """Implements `station.domain.ports.Reader`. One thread uses it; it is closed until `reconnect` succeeds."""

    def __init__(self, open_line: Callable[[], Transport], clock: Clock, settings: Reader) -> None:
        self._open_line, self._clock, self._settings = open_line, clock, settings
        self._line: Transport | None = None
        self._received = b""
        self._number = 0

    @property
    def capabilities(self) -> ReaderCapabilities:
        return ReaderCapabilities("ACME Desk", "", MOST_BLOCKS, MOST_BLOCKS, block_sizes=(4,), lacks=(Lack.EAS,))

    # --- the line ---------------------------------------------------------------------------------------------------

    def reconnect(self) -> None:
        self.close()
        self._line = self._open_line()
        self._ask("HELLO", self._deadline(), len)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line, self._received = None, b""

    def _deadline(self) -> Deadline:
        """The end of one operation. All exchanges of the operation share it."""
        return Deadline(self._clock, self._settings.operation_ms / 1000)

    def _ask(self, request: str, deadline: Deadline, parse: Callable[[list[str]], T]) -> T:
        """Send a request and parse the values of its answer. `parse` raises ValueError for bad values."""
        if self._line is None:
            raise PortMissing(self._settings.port)
        self._number = (self._number + 1) % 1000
        try:
            self._line.write(f"{self._number} {request}\n".encode("ascii"), deadline)
            while (line := self._next_line(self._line, deadline).split())[:1] != [str(self._number)]:
                pass  # a late answer
        except PortLost:
            self.close()
            raise
        try:
            match line[1:]:
                case ["OK", *values]:
                    return parse(values)
                case ["REFUSED", iso_error]:
                    raise TagRefused(int(iso_error, 16))
                case ["ABSENT"]:
                    raise TagAbsent
        except ValueError as error:
            raise RemoteProtocolError(f"{request}: {error}") from error
        raise RemoteProtocolError(f"{request}: unknown answer {line[1:2]}")

    def _next_line(self, line: Transport, deadline: Deadline) -> str:
        while b"\n" not in self._received:
            if len(self._received) > LONGEST_LINE:
                raise RemoteProtocolError("a line without an end", self._received[:20])
            self._received += line.read(deadline)  # raises ReaderSilent at the deadline
        found, _, self._received = self._received.partition(b"\n")
        return found.decode("ascii", "replace")

    # --- the operations ---------------------------------------------------------------------------------------------

    def inventory(self) -> Inventory:
        def parse(values: list[str]) -> Inventory:
            pairs = zip(values[::2], values[1::2], strict=True)
            return Inventory(tuple(TagSeen(Uid(uid), int(dsfid, 16)) for uid, dsfid in pairs))

        return self._ask("INVENTORY", self._deadline(), parse)

    def system_information(self, uid: Uid) -> SystemInformation:
        def parse(values: list[str]) -> SystemInformation:
            dsfid, afi, size, count = (int(value, 16) for value in values)
            return SystemInformation(uid, dsfid, afi, size, count)

        return self._ask(f"INFORMATION {uid}", self._deadline(), parse)

    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        """Read in requests of at most `MOST_BLOCKS`. The reader answers with data and one letter per block: L (locked)
        or -."""
        if count < 1:
            raise LocalProtocolError("no block to read")
        deadline = self._deadline()
        data, locked = b"", ""
        for at in range(first, first + count, MOST_BLOCKS):
            some = min(MOST_BLOCKS, first + count - at)
            more, letters = self._ask(f"READ {uid} {at} {some}", deadline, lambda values: tuple(values))
            data, locked = data + bytes.fromhex(more), locked + letters
        return BlocksRead(first, 4, data, tuple(letter == "L" for letter in locked))

    def write_blocks(self, uid: Uid, first: int, data: bytes, block_size: int) -> None:
        if not data or block_size != 4 or len(data) % block_size:
            raise LocalProtocolError("not whole blocks of 4 bytes")
        deadline, step = self._deadline(), MOST_BLOCKS * block_size
        for at in range(0, len(data), step):
            self._ask(f"WRITE {uid} {first + at // block_size} {data[at : at + step].hex()}", deadline, len)

    def write_afi(self, uid: Uid, afi: int) -> None:
        self._ask(f"AFI {uid} {afi:02X}", self._deadline(), len)

    def write_dsfid(self, uid: Uid, dsfid: int) -> None:
        self._ask(f"DSFID {uid} {dsfid:02X}", self._deadline(), len)

    def lock_block(self, uid: Uid, block: int) -> None:
        self._ask(f"LOCK {uid} {block}", self._deadline(), len)

    def read_eas(self, uid: Uid) -> bool:
        raise NotPossible("this reader has no command for the EAS bit")

    def write_eas(self, uid: Uid, on: bool) -> None:
        raise NotPossible("this reader has no command for the EAS bit")

    def reset_field(self) -> None:
        self._ask("RESET", self._deadline(), len)

    def signal(self, signal: Signal) -> None:
        """This reader has no lamp and no buzzer."""
