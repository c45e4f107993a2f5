"""One reader, its tags, its clock and its plug, held together: what a host frame does from arrival to answer."""

from __future__ import annotations

import random
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.emulators.faults import BEFORE, Fault, Faults
from station.emulators.feig.config import Config
from station.emulators.feig.frame import Answer, Framer, Request, encode
from station.emulators.feig.iso import IsoCommands
from station.emulators.feig.line import Line
from station.emulators.feig.radio import Radio, Spend
from station.emulators.feig.reader import Reader
from station.emulators.field import Field
from station.emulators.tags import Drawer


@dataclass(frozen=True)
class Options:
    link: Path
    memory: Path
    virtual: bool = False
    baud: int = 38400
    parity: str = "E"
    drip: bool = False
    seed: int = 0
    tprog: float = 0.0048  # seconds to program one cell
    option_wait: float = 0.020  # seconds until the reader asks for the answer when the option flag is set
    frames: str = "standard"  # standard, advanced, both
    mem_size_as_air: bool = False
    newer_output: bool = False
    strict_line: bool = True  # a client at the wrong baud rate is not understood


class Device:
    def __init__(self, options: Options) -> None:
        self.options = options
        self.rng = random.Random(options.seed)  # noqa: S311 - a model, not a secret
        self.faults = Faults()
        self.drawer = Drawer(options.memory)
        self.field = Field(self.drawer, self.faults, self.rng)
        self.config = Config(options.memory / "eeprom.json", options.baud, options.parity)
        self.radio = Radio(self.field, self.config, options.tprog, options.option_wait)
        iso = IsoCommands(self.radio, self.config, mem_size_as_air=options.mem_size_as_air)
        self.reader = Reader(self.radio, self.config, iso, newer_output=options.newer_output)
        self.framer = Framer(standard=options.frames != "advanced", advanced=options.frames != "standard")
        self.line = Line(options.link, drip=options.drip)
        self.requests: deque[Request] = deque()
        self.held: list[bytes] = []  # answers that will come too late, virtual clock only
        self.reset_counters()

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

    # -- plug ------------------------------------------------------------------------------------------------------

    def unplug(self) -> None:
        """The reader loses its power with its plug: what it was doing is over, its RAM is lost."""
        self.line.unplug()
        self.framer.drop()
        self.requests.clear()
        self.held.clear()
        self.radio.forget()

    def plug(self) -> None:
        if not self.line.plugged:
            self.reader.power_on()
            self.line.plug()

    # -- one frame ---------------------------------------------------------------------------------------------------

    def hear(self, data: bytes) -> None:
        """Bytes from the host; answers that were held back arrive now, too late."""
        self.line.detune()
        for late in self.held:
            self._send(late)
        self.held.clear()
        if self.options.strict_line and self.line.speed not in (None, self.config.baud):
            return
        self.requests += self.framer.feed(data)

    def serve(self, request: Request) -> Iterator[Spend]:
        """Everything one request does, as time is spent on it; the answer is sent before the last silence."""
        self.frames_in += 1
        self.commands[request.code] += 1
        if self.faults.silence or not self.reader.hears(request):
            return
        struck = self.faults.at_command(request.code)
        for fault in struck:
            self._before(fault)
        yield self._wire(request.size)
        instead = next((fault for fault in struck if fault.kind == "status"), None)
        address = self.config.address
        if instead is None or instead.args.get("execute"):
            answer = yield from self.reader.run(request)
        if instead is not None:
            answer = Answer(instead.args["code"], bytes.fromhex(instead.args.get("data", "")))
        frame = encode(address, request.command, answer, advanced=request.advanced)
        yield self._wire(len(frame))
        yield from self._deliver(frame, {f.kind: f for f in struck if f.kind not in BEFORE})
        self.reader.answered()
        # The silence that a reader wants between its answer and the next request: it is not ready before.
        yield Spend("gap", self.config.psst)

    def _wire(self, count: int) -> Spend:
        return Spend("wire", self.config.bits_per_byte * count / self.config.baud)

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
            if late is not None and self.options.virtual:
                self.held.append(frame)
            else:
                self._send(frame)

    def _send(self, frame: bytes) -> None:
        self.frames_out += 1
        if self.line.plugged:
            self.line.write(frame)
