"""The reader's radio: requests to the field, their answers, and the duration of each exchange.

Everything that takes time is a generator of Spend; its caller waits, or only counts.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Protocol, TypeVar

from station.emulators.field import air
from station.emulators.field.field import Field

T = TypeVar("T")


@dataclass(frozen=True)
class Spend:
    """Time spent on kind: "wire", "air", "tprog" or "gap"."""

    kind: str
    seconds: float


Steps = Generator[Spend, None, T]

# Statuses of H20800-16e annex C that the radio itself determines.
OK, NO_TRANSPONDER, DATA_FALSE, WRITE_ERROR, RF_ERROR, ISO_ERROR = 0x00, 0x01, 0x02, 0x03, 0x83, 0x95


class Failed(Exception):
    """A failed exchange: status and, for ISO_ERROR, the tag's error code."""

    def __init__(self, status: int, data: bytes = b"") -> None:
        super().__init__(status, data)
        self.status = status
        self.data = data


@dataclass(frozen=True)
class Target:
    """Target of a request: uid in addressed mode (MSB first), else the selected tag or any tag."""

    uid: bytes = b""
    selected: bool = False

    @property
    def flags(self) -> int:
        return air.HIGH_RATE | (air.SELECT if self.selected else 0)


@dataclass(frozen=True)
class Found:
    dsfid: int
    uid: bytes  # MSB first


class Policy(Protocol):
    """How a reader uses its radio."""

    @property
    def response_time(self) -> float:
        """Seconds after which a transponder command is abandoned; 0 = no limit."""
        ...

    @property
    def one_slot(self) -> bool: ...

    @property
    def anticollision(self) -> bool: ...

    @property
    def afi(self) -> int | None: ...

    @property
    def write_option(self) -> int | None:
        """The option flag to use; None = the one that the tag's maker requires."""
        ...


class Radio:
    def __init__(self, field: Field, config: Policy, tprog: float, option_wait: float, late: int = RF_ERROR) -> None:
        """tprog, option_wait: seconds that a tag programs, and seconds until the reader sends the end of frame with
        option 1. late: status of a command whose time has expired."""
        self.field = field
        self._config = config
        self.tprog = field.tprog = tprog
        self._option_wait = option_wait
        self._late = late
        self._selected: bytes = b""
        self._spent = 0.0

    def begin(self) -> None:
        """Begin a new host command: TR-RESPONSE-TIME starts."""
        self._spent = 0.0

    def reset(self) -> Steps[None]:
        """Switch the field off for 15 ms and on again."""
        self.forget()
        yield Spend("air", air.RF_RESET / 1e6)

    def forget(self) -> None:
        """Switch the field off: no tag is quiet or selected any longer."""
        self.field.off()
        self._selected = b""

    def _takes(self, microseconds: float, kind: str = "air") -> Spend:
        self._spent += microseconds / 1e6
        return Spend(kind, microseconds / 1e6)

    def exchange(
        self, code: int, target: Target, params: bytes = b"", *, option: bool = False, maker: bytes = b""
    ) -> Steps[bytes]:
        """Send one request that programs nothing. Return the data of the answer, or raise Failed."""
        self._in_time()
        flags = target.flags | (air.OPTION if option else 0)
        frame = air.request(code, flags=flags, maker=maker, uid=target.uid, params=params)
        yield self._takes(air.down(len(frame)))
        heard = self.field.answers(frame)
        if not heard:
            yield self._takes(air.T3)
            raise Failed(NO_TRANSPONDER)
        yield self._takes(air.T1 + air.up(len(heard[0])) + air.T2)
        self._stayed()
        return self._content(heard)

    def write(self, code: int, target: Target, params: bytes, *, maker: bytes = b"") -> Steps[None]:
        """Send one programming request (21, 22, 27 to 2A) with the option flag that the tag's maker requires. Raises
        Failed."""
        self._in_time()
        option = self._option(target)
        flags = target.flags | (air.OPTION if option else 0)
        frame = air.request(code, flags=flags, maker=maker, uid=target.uid, params=params)
        yield self._takes(air.down(len(frame)))
        before = self.field.programmed
        heard = self.field.answers(frame)
        if not heard:
            yield self._takes(air.WRITE_POLL)
            raise Failed(NO_TRANSPONDER)
        if self.field.programmed > before:
            if option:
                yield self._takes(self._option_wait * 1e6, "tprog")
                yield self._takes(air.EOF)
            else:
                yield self._takes(self.tprog * 1e6, "tprog")
        yield self._takes(air.T1 + air.up(len(heard[0])) + air.T2)
        self._stayed()
        self._content(heard)

    def quiet(self, uid: bytes) -> Steps[None]:
        """Send Stay Quiet, which has no answer."""
        frame = air.request(0x02, uid=uid)
        self.field.answers(frame)
        yield self._takes(air.down(len(frame)) + air.T2)

    def select(self, uid: bytes) -> Steps[None]:
        yield from self.exchange(0x25, Target(uid))
        self._selected = uid

    def inventory(self) -> Steps[tuple[list[Found], bool]]:
        """Return all tags that answer, and whether a collision remained unresolved."""
        one_slot, resolve = self._config.one_slot, self._config.anticollision
        found: list[Found] = []
        unresolved = False
        queue = [(0, 0)]
        while queue:
            mask, length = queue.pop(0)
            frame = air.inventory_request(mask, length, one_slot=one_slot, afi=self._config.afi)
            slots = self.field.slots(frame)
            yield self._takes(self._round(frame, slots, 1 if one_slot else 16))
            for slot, heard in sorted(slots.items()):
                if len(heard) == 1 and heard[0][2:10][::-1].hex().upper() not in self.field.uids:
                    unresolved = True  # the tag left while it answered
                elif len(heard) == 1:
                    found.append(Found(heard[0][1], heard[0][2:10][::-1]))
                elif one_slot or not resolve or length + 4 > 60:
                    unresolved = True
                else:
                    queue.append((mask | slot << length, length + 4))
        return found, unresolved

    @staticmethod
    def _round(frame: bytes, slots: dict[int, list[bytes]], count: int) -> float:
        answered = len(slots) * (air.T1 + air.up(12) + air.T2)
        return air.down(len(frame)) + answered + (count - len(slots)) * air.T3 + (count - 1) * air.EOF

    def _option(self, target: Target) -> bool:
        """CFG4 WR-OPTION. Automatic: 1 for Texas Instruments if the reader knows the tag's UID, else 0."""
        if self._config.write_option is not None:
            return bool(self._config.write_option)
        known = self._selected if target.selected else target.uid
        return known[:2] == b"\xe0\x07"

    def _in_time(self) -> None:
        limit = self._config.response_time
        if 0 < limit <= self._spent:
            raise Failed(self._late)

    def _stayed(self) -> None:
        """Raise Failed (wrong CRC) if a tag left while it answered, because its answer was only heard in part."""
        if not self.field.heard_whole():
            raise Failed(DATA_FALSE)

    @staticmethod
    def _content(heard: list[bytes]) -> bytes:
        if len(heard) > 1 or not air.intact(heard[0]):
            raise Failed(DATA_FALSE)
        if heard[0][0] & 0x01:
            raise Failed(ISO_ERROR, heard[0][1:2])
        return heard[0][1:-2]
