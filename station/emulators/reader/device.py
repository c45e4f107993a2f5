"""One reader with its tags, its clock and its plug: the processing of a host frame from arrival to answer.

This is the shared part of all emulated readers. A family defines its frames, its requests and the duration of a byte.
"""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from station.emulators.field.faults import Fault, Faults
from station.emulators.field.field import Field
from station.emulators.field.file import Drawer
from station.emulators.reader.line import PtyLine, TcpLine
from station.emulators.reader.radio import Spend, Steps
from station.emulators.reader.udp import UdpLine


class Asked(Protocol):
    """A request of the host: its code in hex, as faults name it, and its size in bytes on the wire."""

    @property
    def code(self) -> str: ...

    @property
    def size(self) -> int: ...


R = TypeVar("R", bound=Asked)


class Frames(Protocol[R]):
    """Turns bytes from the host into requests. Bytes that are not a frame are dropped and counted."""

    dropped: int

    @property
    def waiting(self) -> bool: ...

    def feed(self, data: bytes) -> list[R]: ...

    def drop(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Place:
    """Place and options of an emulated reader: a pseudo-terminal at `link`, or TCP at `listen` ("HOST:PORT")."""

    memory: Path
    link: Path | None = None
    listen: str = ""
    virtual: bool = False
    drip: bool = True
    seed: int = 0
    strict_line: bool = True  # a client with the wrong baud rate is not understood


class Device(Generic[R]):
    """An emulated reader. A family provides `framer`, `run`, `power_on`, `forget`, and the figures of its wire."""

    ignores_while_busy = False  # True: a command that arrives during another one is ignored; False: it waits
    working = False  # a request is being carried out

    framer: Frames[R]
    addressed = True  # an answer carries an address, so that it can come from another reader

    def __init__(self, place: Place) -> None:
        self.place = place
        self.rng = random.Random(place.seed)  # noqa: S311 - a model, not a secret
        self.faults = Faults()
        self.drawer = Drawer(place.memory)
        self.field = Field(self.drawer, self.faults, self.rng)
        self.line: PtyLine | TcpLine | UdpLine = self.connect(place)
        self.elapsed = 0.0  # seconds since the start: spent ones with the virtual clock, real ones with the real clock
        self.heard = 0  # host frames since the start
        self.bytes_in = self.bytes_out = 0  # bytes on the line since the start, understood or not
        self.requests: deque[R] = deque()
        self._replug_at: float | None = None
        self.held: list[bytes] = []  # answers that are delivered too late, with the virtual clock only

    def connect(self, place: Place) -> PtyLine | TcpLine | UdpLine:
        """Create the line. A family may override this."""
        if place.link is not None:
            return PtyLine(place.link, drip=place.drip)
        return TcpLine(place.listen, drip=place.drip)

    # -- for a family to override ------------------------------------------------------------------------------------

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
        """Return whether the request is for this reader."""
        del request
        return True

    def acknowledge(self, request: R) -> bytes:
        """Return the bytes that are sent before the request is carried out; empty for none."""
        del request
        return b""

    def tick(self) -> None:
        """Check for an awaited event after time has passed."""

    def run(self, request: R) -> Steps[bytes]:
        """Carry out the request. Return the whole answer frame; empty for no answer."""
        raise NotImplementedError

    def instead(self, request: R, fault: Fault) -> bytes:
        """Return the answer frame for the fault "status"."""
        raise NotImplementedError

    def overflow(self, request: R) -> bytes:
        """Return the answer of a reader that runs out of memory; empty for none."""
        raise NotImplementedError

    def misaddressed(self, request: R, frame: bytes) -> bytes:
        """Return the answer as if it came from another reader, or was about another tag, with a right checksum."""
        del request
        return frame

    def answered(self) -> None:
        """Called after the answer was sent."""

    def power_on(self) -> None:
        """Cold-start the reader."""

    def forget(self) -> None:
        """Switch the field off."""
        self.field.off()

    def state(self) -> dict[str, Any]:
        """Return this family's additions to the control word "state"."""
        return {}

    def words(self) -> dict[str, Callable[[dict[str, Any]], dict[str, Any]]]:
        """Return this family's control words."""
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
        """Pull the plug. The reader loses its power: its current work ends, and its RAM is lost."""
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
        """Take in bytes from the host. Answers that were held back are delivered now, too late."""
        self.bytes_in += len(data)
        self.line.detune()
        for late in self.held:
            self._send(late)
        self.held.clear()
        if self.mistuned:
            return
        heard = self.framer.feed(data)
        if self.ignores_while_busy:
            now = [] if self.working or self.requests else heard[:1]
            self.framer.dropped += len(heard) - len(now)
            heard = now
        self.requests += heard

    @property
    def mistuned(self) -> bool:
        """Whether the client's speed differs from the reader's, so that neither understands the other."""
        return self.place.strict_line and self.line.speed not in (None, self.baud)

    def serve(self, request: R) -> Iterator[Spend]:
        """Carry out one request, yielding the time it takes. The answer is sent before the last silence."""
        self.frames_in += 1
        self.heard += 1
        self.commands[request.code] += 1
        if self.faults.silence or not self.hears(request):
            return
        struck = {fault.kind: fault for fault in self.faults.at_command(request.code)}
        if "drop-request" in struck:
            return
        for fault in struck.values():
            self._before(fault)
        yield self._wire(request.size)
        if "reboot-at-command" in struck:
            self.reboot()
            return
        pulled = struck.get("unplug-at-command")
        if pulled is not None and "keep" not in pulled.args:
            self._pull(pulled)
            return
        first = self.acknowledge(request)
        if first:
            yield self._wire(len(first))
            self._send(first)
        instead = struck.get("status")
        frame = b""
        if "overflow" in struck:
            frame = self.overflow(request)
        elif instead is None or instead.args.get("execute"):
            frame = yield from self.run(request)
        if instead is not None:
            frame = self.instead(request, instead)
        if not frame:
            return
        yield self._wire(len(frame))
        yield from self._deliver(request, frame, struck)
        if pulled is not None:
            self._pull(pulled)
            return
        self.answered()
        # The silence that a reader needs between its answer and the next request: it is not ready earlier.
        yield Spend("gap", self.gap)

    def _wire(self, count: int) -> Spend:
        return Spend("wire", self.bits_per_byte * count / self.baud)

    def _before(self, fault: Fault) -> None:
        if fault.kind == "lift-at-command":
            self.field.lift(fault.args.get("uid"))
        elif fault.kind == "enter-at-command":
            self.field.place(fault.args["uid"])

    def _deliver(self, request: R, frame: bytes, faults: dict[str, Fault]) -> Iterator[Spend]:
        frame = self._spoilt(request, frame, faults)
        if "drop-answer" in faults:
            return
        late = faults.get("late-answer")
        for slow in (late, faults.get("delay-answer")):
            if slow is not None:
                yield Spend("gap", slow.args["ms"] / 1000)
        for _ in range(2 if "duplicate-answer" in faults else 1):
            if late is not None and self.place.virtual:
                self.held.append(frame)
            else:
                self._send(frame)

    def _spoilt(self, request: R, frame: bytes, faults: dict[str, Fault]) -> bytes:
        """Return the answer with all struck faults applied, in the order of this function."""
        if "wrong-address" in faults:
            frame = self.misaddressed(request, frame)
        if "garble-answer" in faults:
            bit = faults["garble-answer"].args.get("bit", self.rng.randrange(8 * len(frame)))
            damaged = bytearray(frame)
            damaged[bit // 8 % len(frame)] ^= 1 << bit % 8
            frame = bytes(damaged)
        if "drop-bytes" in faults:
            args = faults["drop-bytes"].args
            at = args.get("at", self.rng.randrange(len(frame)))
            frame = frame[:at] + frame[at + args.get("count", 1) :]
        if "truncate-answer" in faults:
            frame = frame[: faults["truncate-answer"].args.get("keep", len(frame) // 2)]
        if "unplug-at-command" in faults:
            frame = frame[: faults["unplug-at-command"].args["keep"]]
        if "garbage" in faults:
            args = faults["garbage"].args
            noise = bytes.fromhex(args.get("data", "")) or self.rng.randbytes(args.get("count", 8))
            where = args.get("where", "before")
            frame = noise if where == "instead" else noise + frame if where == "before" else frame + noise
        return frame

    def _pull(self, fault: Fault) -> None:
        """Pull the plug. After `replug` real seconds it is plugged in again."""
        self.unplug()
        if "replug" in fault.args:
            self._replug_at = time.monotonic() + fault.args["replug"]

    def look_at_plug(self) -> None:
        """Plug the reader in again if it is time."""
        if self._replug_at is not None and time.monotonic() >= self._replug_at:
            self._replug_at = None
            self.plug()

    def reboot(self) -> None:
        """Restart the reader while plugged in: its current work and pending answers are lost, and tags are reset."""
        self.framer.drop()
        self.requests.clear()
        self.held.clear()
        self.forget()
        self.power_on()

    def _send(self, frame: bytes) -> None:
        """Send a frame, unless the client has changed to another speed and cannot understand it."""
        self.frames_out += 1
        if self.line.plugged:
            self.line.detune()
            if self.mistuned:
                return
            self.bytes_out += len(frame)
            self.line.write(frame)
