"""The EVM as a device: 115200 baud 8N1, text in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from station.emulators.field.faults import Fault
from station.emulators.reader.device import Device as Base
from station.emulators.reader.device import Place
from station.emulators.reader.radio import Steps
from station.emulators.trf7970a.commands import LINE, Commands
from station.emulators.trf7970a.frame import Framer, Request


@dataclass(frozen=True, kw_only=True)
class Options(Place):
    tprog: float = 0.0048  # seconds to program one cell
    rssi: int = 0x7F  # signal strength in the chip's register, for every tag
    right_masks: bool = False  # assumed
    verbose: bool = False  # firmware before 2013 also reports empty and collided slots


class Device(Base[Request]):
    addressed = False

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.options = options
        self.commands_known = Commands(
            self.field, options.tprog, options.rssi, right_masks=options.right_masks, verbose=options.verbose
        )
        self.framer = Framer()
        self.reset_counters()

    @property
    def baud(self) -> int:
        return 115_200

    @property
    def bits_per_byte(self) -> int:
        return 10

    def power_on(self) -> None:
        self.commands_known.power_on()

    def run(self, request: Request) -> Steps[bytes]:
        return self.commands_known.run(request.command, request.data)

    def instead(self, request: Request, fault: Fault) -> bytes:
        """The fault "status": a tag's answer with flags and data (`data`), or error `code`."""
        data = bytes.fromhex(fault.args.get("data", "")) or bytes((0x01, fault.args["code"]))
        del request
        return b"Request mode." + LINE + b"[" + data.hex().upper().encode() + b"]" + LINE

    def overflow(self, request: Request) -> bytes:
        """Return no answer: the request is lost."""
        del request
        return b""

    def state(self) -> dict[str, Any]:
        return {
            "parity": "N",
            "registers": {f"{key:02X}": value for key, value in self.commands_known.registers.items()},
        }
