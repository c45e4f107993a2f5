"""Datagrams of nfcpy's udp device to tags. There is no reader in between, so anticollision takes place on the wire.

One datagram is one frame, as text: the air interface ("106A") and the frame in hex, without CRC. "RFOFF" switches the
field off (nfcpy 1.0.4, clf/udp.py, and the given conversation `nfcpy-udp-type2.jsonl`). Two different answers at the
same time would collide bit by bit, which a datagram cannot express, so there is no answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from station.emulators.field.faults import Fault
from station.emulators.field.ntag import Picc
from station.emulators.reader.device import Device as Base
from station.emulators.reader.device import Place
from station.emulators.reader.radio import Spend, Steps
from station.emulators.reader.udp import UdpLine

AIR = "106A"
BITS = 9  # a byte and its parity bit
RATE = 106_000
TURN = 0.000_091_2  # frame delay time after a bit 1: 1236 / fc (ISO/IEC 14443-3 6.2.1)
LEVELS = {0x93: 0, 0x95: 1}
SHORT = {0x26: False, 0x52: True}  # REQA, WUPA


@dataclass(frozen=True)
class Request:
    """One datagram: `kind` of air interface, and the frame; RFOFF has no frame."""

    kind: str
    frame: bytes
    size: int

    @property
    def code(self) -> str:
        return self.frame[:1].hex() or self.kind.lower()


class Datagrams:
    """Each datagram is one request. Any other datagram is dropped and counted."""

    def __init__(self) -> None:
        self.dropped = 0

    waiting = False

    def feed(self, data: bytes) -> list[Request]:
        try:
            kind, _, text = data.decode("ascii").strip().partition(" ")
            frame = bytes.fromhex(text)
        except ValueError:
            self.dropped += 1
            return []
        if kind != "RFOFF" and not frame:
            self.dropped += 1
            return []
        return [Request(kind, frame, len(data))]

    def drop(self) -> None:
        """Do nothing: there are no fragments."""


@dataclass(frozen=True, kw_only=True)
class Options(Place):
    tprog: float = 0.0041  # seconds to program a page (NTAG213/215/216 data sheet: 4.1 ms)
    strange: bool = False  # assumed: NAK to an unknown command


class Device(Base[Request]):
    addressed = False

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.options = options
        self.field.tprog = options.tprog
        self.field.assumed.unknown_is_nak = options.strange
        self.framer = Datagrams()
        self._speaking: list[Picc] = []
        self.reset_counters()

    def connect(self, place: Place) -> UdpLine:
        return UdpLine(place.listen)

    @property
    def baud(self) -> int:
        return RATE

    @property
    def bits_per_byte(self) -> int:
        return BITS

    def _wire(self, count: int) -> Spend:
        """A datagram has two letters for each byte on the air, and only the air takes time."""
        return Spend("air", BITS * (count / 2 + 2) / RATE + TURN)

    def run(self, request: Request) -> Steps[bytes]:
        if request.kind == "RFOFF":
            self.forget()
            return b""
        if request.kind != AIR:
            return b""  # no tag of another kind is modeled
        before = self.field.programmed
        answers = list(dict.fromkeys(self._answers(request.frame)))
        if self.field.programmed > before:
            yield Spend("tprog", self.options.tprog)
        if len(answers) != 1:
            return b""
        return f"{AIR} {answers[0].hex()}".encode()

    def _answers(self, frame: bytes) -> list[bytes]:
        found: list[bytes] = []
        self._speaking.clear()
        for card in self.field.cards():
            said: bytes | None
            if len(frame) == 1 and frame[0] in SHORT:
                said = card.wake(all_of_them=SHORT[frame[0]])
            elif len(frame) == 2 and frame[0] in LEVELS and frame[1] == 0x20:
                said = card.anticollision(LEVELS[frame[0]])
            elif len(frame) == 7 and frame[0] in LEVELS and frame[1] == 0x70:
                sak = card.select(LEVELS[frame[0]], frame[2:])
                said = None if sak is None else bytes((sak,))
            else:
                answer = card.command(frame)
                said = None if answer is None else answer.data
            if said is not None:
                found.append(said)
                self._speaking.append(card)
        return found

    def _deliver(self, request: Request, frame: bytes, faults: dict[str, Fault]) -> Iterator[Spend]:
        """Deliver the answer, unless a tag left while it answered."""
        if all(self.field.there(card) for card in self._speaking):
            yield from super()._deliver(request, frame, faults)

    def instead(self, request: Request, fault: Fault) -> bytes:
        """The fault "status": a tag's NAK, or `data`."""
        data = bytes.fromhex(fault.args.get("data", "")) or bytes((fault.args["code"],))
        return f"{request.kind} {data.hex()}".encode()

    def overflow(self, request: Request) -> bytes:
        """Return no answer: the request is lost."""
        del request
        return b""

    def state(self) -> dict[str, Any]:
        return {"parity": "N"}
