"""The PN532 board as a device: 115200 baud 8N1 until the host sets another speed. Each command is acknowledged
first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from station.emulators.field.faults import Fault
from station.emulators.pn532.commands import VERSION, Commands, Waiting
from station.emulators.pn532.frame import ACK, CHIP, SYNTAX_ERROR, Framer, Request, encode
from station.emulators.pn532.radio import RadioA
from station.emulators.reader.device import Device as Base
from station.emulators.reader.device import Place
from station.emulators.reader.radio import Steps

FIRST_BAUD = 115_200
OVERFLOW = 0x0E  # internal buffer overflow


@dataclass(frozen=True, kw_only=True)
class Options(Place):
    tprog: float = 0.0041  # seconds to program a page (NTAG213/215/216 data sheet: 4.1 ms)
    version: bytes = VERSION
    strange: bool = False  # assumed: a tag answers NAK to an unknown command
    nak_status: int = 0x14  # assumed: status of InDataExchange after a NAK to a write
    sleeps: bool = True  # after power-on, the chip sleeps until it receives five edges


class Device(Base[Request]):
    framer: Framer

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.options = options
        self.field.assumed.unknown_is_nak = options.strange
        self.radio = RadioA(self.field, options.tprog)
        self.chip = Commands(self.radio, options.version, options.nak_status)
        self.framer = Framer()
        self._baud = FIRST_BAUD
        self._last = b""
        self._polling: Request | None = None
        self.power_on()
        self.reset_counters()

    @property
    def baud(self) -> int:
        return self._baud

    @property
    def bits_per_byte(self) -> int:
        return 10

    def power_on(self) -> None:
        self.chip.power_on()
        self._baud = FIRST_BAUD
        self._last = b""
        self._polling = None
        if self.options.sleeps:
            self.framer.sleep()

    def forget(self) -> None:
        self.radio.switch(False)

    def hear(self, data: bytes) -> None:
        """Take in bytes from the host. On a pty, a change of speed can overtake bytes that were sent before it. So a
        client that sets the speed just agreed is assumed to have sent its ACK."""
        self.line.detune()
        if self.chip.next_baud is not None and self.line.speed == self.chip.next_baud:
            self._settle_baud()
        super().hear(data)

    def acknowledge(self, request: Request) -> bytes:
        """Return the ACK that precedes the answer. A continued poll was already acknowledged."""
        return ACK if request.kind == "command" and request is not self._polling else b""

    def run(self, request: Request) -> Steps[bytes]:
        polled = request is self._polling
        self._polling = None
        if request.kind == "ack":
            self._settle_baud()
            return b""
        if request.kind == "nack":
            return self._last
        handler = self.chip.known.get(request.command)
        try:
            answer = None if handler is None else (yield from handler(request.data))
        except Waiting:
            self._polling = request
            if polled:
                self.commands[request.code] -= 1
                self.frames_in -= 1
            return b""
        self._last = SYNTAX_ERROR if answer is None else encode(bytes((CHIP, request.command + 1)) + answer)
        return self._last

    def _settle_baud(self) -> None:
        if self.chip.next_baud is not None:
            self._baud, self.chip.next_baud = self.chip.next_baud, None

    def answered(self) -> None:
        if self.chip.sleeping:
            self.chip.sleeping = False
            self.framer.sleep()

    def tick(self) -> None:
        """Repeat an endless poll when a tag has arrived."""
        if self._polling is not None and not self.requests and self.field.card_awaits():
            self.requests.append(self._polling)

    def instead(self, request: Request, fault: Fault) -> bytes:
        """The fault "status": `data`, or only the status byte, after the right response code."""
        data = bytes.fromhex(fault.args.get("data", "")) or bytes((fault.args["code"],))
        return encode(bytes((CHIP, request.command + 1)) + data)

    def overflow(self, request: Request) -> bytes:
        """Status 0E where a command has a status, else a syntax error (7.1)."""
        if request.command in (0x40, 0x42):
            return encode(bytes((CHIP, request.command + 1, OVERFLOW)))
        return SYNTAX_ERROR

    def misaddressed(self, request: Request, frame: bytes) -> bytes:
        """Return the answer to another command, because there are no addresses."""
        if frame in (SYNTAX_ERROR, ACK):
            return frame
        at = 8 if frame[3:5] == b"\xff\xff" else 5
        body = bytearray(frame[at:-2])
        body[1] = (request.command + 3) & 0xFF
        return encode(bytes(body))

    def state(self) -> dict[str, Any]:
        return {"parity": "N", "asleep": self.framer.asleep, "rf_on": self.radio.on, "targets": len(self.chip.targets)}
