"""One reader, its tags, its clock and its plug, held together: what a host frame does from arrival to answer.

What all emulated readers share; a family says what its frames are, what a request does and how long a byte takes.
"""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from station.emulators.faults import BEFORE, Fault, Faults
from station.emulators.field import Field
from station.emulators.line import PtyLine, TcpLine
from station.emulators.radio import Spend, Steps
from station.emulators.tags import Drawer


class Asked(Protocol):
    """A request of the host: its code in hex as faults name it, and its bytes on the wire."""

    @property
    def code(self) -> str: ...

    @property
    def size(self) -> int: ...


R = TypeVar("R", bound=Asked)


class Frames(Protocol[R]):
    """Bytes from the host to requests; what is no frame is dropped and counted."""

    dropped: int

    @property
    def waiting(self) -> bool: ...

    def feed(self, data: bytes) -> list[R]: ...

    def drop(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where an emulated reader lives: a pseudo-terminal behind `link`, or TCP at `listen` ("HOST:PORT")."""

    memory: Path
    link: Path | None = None
    listen: str = ""
    virtual: bool = False
    drip: bool = True
    seed: int = 0
    strict_line: bool = True  # a client at the wrong baud rate is not understood


class Device(Generic[R]):
    """A family fills in `framer`, `run`, `power_on`, `forget`, and the figures of its wire."""

    framer: Frames[R]

    def __init__(self, place: Place) -> None:
        self.place = place
        self.rng = random.Random(place.seed)  # noqa: S311 - a model, not a secret
        self.faults = Faults()
        self.drawer = Drawer(place.memory)
        self.field = Field(self.drawer, self.faults, self.rng)
        self.line: PtyLine | TcpLine
        if place.link is not None:
            self.line = PtyLine(place.link, drip=place.drip)
        else:
            self.line = TcpLine(place.listen, drip=place.drip)
        self.requests: deque[R] = deque()
        self.held: list[bytes] = []  # answers that will come too late, virtual clock only

    # -- what a family says ------------------------------------------------------------------------------------------

    @property
    def baud(self) -> int:
        raise NotImplementedError

    @property
    def bits_per_byte(self) -> int:
        raise NotImplementedError

    @property
    def gap(self) -> float:
        """Seconds between the last byte of an answer and the next request."""
        return 0.0

    def hears(self, request: R) -> bool:
        """Is the request for this reader?"""
        del request
        return True

    def run(self, request: R) -> Steps[bytes]:
        """Do it; the whole answer frame, empty for no answer."""
        raise NotImplementedError

    def instead(self, request: R, fault: Fault) -> bytes:
        """The answer frame that the fault "status" asks for."""
        raise NotImplementedError

    def answered(self) -> None:
        """The answer is on its way."""

    def power_on(self) -> None:
        """Cold start."""

    def forget(self) -> None:
        """The field went."""
        self.field.off()

    def state(self) -> dict[str, Any]:
        """What the control word "state" adds for this family."""
        return {}

    def words(self) -> dict[str, Callable[[dict[str, Any]], dict[str, Any]]]:
        """Control words of this family."""
        return {}

    # -- counters ----------------------------------------------------------------------------------------------------

    def reset_counters(self) -> None:
        self.frames_in = self.frames_out = self.framer.dropped = 0
        self.commands: Counter[str] = Counter()
        self.seconds = {"wire": 0.0, "air": 0.0, "tprog": 0.0, "gap": 0.0}
        self.field.air_writes.clear()

    def counters(self) -> dict[str, Any]:
        writes: dict[str, dict[str, int]] = {}
        for (uid, cell), count in sorted(self.field.air_writes.items()):
            writes.setdefault(uid, {})[cell] = count
        return {
            "frames_in": self.frames_in,
            "frames_out": self.frames_out,
            "frames_dropped": self.framer.dropped,
            "commands": dict(self.commands),
            "air_writes": writes,
            "seconds": {**self.seconds, "total": sum(self.seconds.values())},
        }

    # -- plug --------------------------------------------------------------------------------------------------------

    def unplug(self) -> None:
        """The reader loses its power with its plug: what it was doing is over, its RAM is lost."""
        self.line.unplug()
        self.framer.drop()
        self.requests.clear()
        self.held.clear()
        self.forget()

    def plug(self) -> None:
        if not self.line.plugged:
            self.power_on()
            self.line.plug()

    # -- one frame ---------------------------------------------------------------------------------------------------

    def hear(self, data: bytes) -> None:
        """Bytes from the host; answers that were held back arrive now, too late."""
        self.line.detune()
        for late in self.held:
            self._send(late)
        self.held.clear()
        if self.place.strict_line and self.line.speed not in (None, self.baud):
            return
        self.requests += self.framer.feed(data)

    def serve(self, request: R) -> Iterator[Spend]:
        """Everything one request does, as time is spent on it; the answer is sent before the last silence."""
        self.frames_in += 1
        self.commands[request.code] += 1
        if self.faults.silence or not self.hears(request):
            return
        struck = self.faults.at_command(request.code)
        for fault in struck:
            self._before(fault)
        yield self._wire(request.size)
        instead = next((fault for fault in struck if fault.kind == "status"), None)
        frame = b""
        if instead is None or instead.args.get("execute"):
            frame = yield from self.run(request)
        if instead is not None:
            frame = self.instead(request, instead)
        if not frame:
            return
        yield self._wire(len(frame))
        yield from self._deliver(frame, {f.kind: f for f in struck if f.kind not in BEFORE})
        self.answered()
        # The silence that a reader wants between its answer and the next request: it is not ready before.
        yield Spend("gap", self.gap)

    def _wire(self, count: int) -> Spend:
        return Spend("wire", self.bits_per_byte * count / self.baud)

    def _before(self, fault: Fault) -> None:
        if fault.kind == "lift-at-command":
            self.field.lift(fault.args.get("uid"))
        elif fault.kind == "enter-at-command":
            self.field.place(fault.args["uid"])

    def _deliver(self, frame: bytes, faults: dict[str, Fault]) -> Iterator[Spend]:
        if "garble-answer" in faults:
            bit = faults["garble-answer"].args.get("bit", self.rng.randrange(8 * len(frame)))
            damaged = bytearray(frame)
            damaged[bit // 8 % len(frame)] ^= 1 << bit % 8
            frame = bytes(damaged)
        if "truncate-answer" in faults:
            frame = frame[: faults["truncate-answer"].args.get("keep", len(frame) // 2)]
        if "drop-answer" in faults:
            return
        late = faults.get("late-answer")
        if late is not None:
            yield Spend("gap", late.args["ms"] / 1000)
        for _ in range(2 if "duplicate-answer" in faults else 1):
            if late is not None and self.place.virtual:
                self.held.append(frame)
            else:
                self._send(frame)

    def _send(self, frame: bytes) -> None:
        self.frames_out += 1
        if self.line.plugged:
            self.line.write(frame)
