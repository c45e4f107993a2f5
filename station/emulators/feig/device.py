"""The FEIG reader as a device: its configuration decides about line, times and frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from station.emulators.device import Device as Base
from station.emulators.device import Place
from station.emulators.faults import Fault
from station.emulators.feig.config import Config
from station.emulators.feig.frame import Answer, Framer, Request, encode
from station.emulators.feig.iso import IsoCommands
from station.emulators.feig.reader import Reader
from station.emulators.radio import Radio, Steps


@dataclass(frozen=True, kw_only=True)
class Options(Place):
    baud: int = 38400
    parity: str = "E"
    tprog: float = 0.0048  # seconds to program one cell
    option_wait: float = 0.020  # seconds until the reader asks for the answer when the option flag is set
    frames: str = "standard"  # standard, advanced, both
    mem_size_as_air: bool = False
    newer_output: bool = False


class Device(Base[Request]):
    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.config = Config(options.memory / "eeprom.json", options.baud, options.parity)
        self.radio = Radio(self.field, self.config, options.tprog, options.option_wait)
        iso = IsoCommands(self.radio, self.config, mem_size_as_air=options.mem_size_as_air)
        self.reader = Reader(self.radio, self.config, iso, newer_output=options.newer_output)
        self.framer = Framer(standard=options.frames != "advanced", advanced=options.frames != "standard")
        self._address = 0
        self.reset_counters()

    @property
    def baud(self) -> int:
        return self.config.baud

    @property
    def bits_per_byte(self) -> int:
        return self.config.bits_per_byte

    @property
    def gap(self) -> float:
        return self.config.psst

    def hears(self, request: Request) -> bool:
        self._address = self.config.address  # a new address is spoken from the next request on
        return self.reader.hears(request)

    def run(self, request: Request) -> Steps[bytes]:
        answer = yield from self.reader.run(request)
        return self._frame(request, answer)

    def instead(self, request: Request, fault: Fault) -> bytes:
        return self._frame(request, Answer(fault.args["code"], bytes.fromhex(fault.args.get("data", ""))))

    def _frame(self, request: Request, answer: Answer) -> bytes:
        return encode(self._address, request.command, answer, advanced=request.advanced)

    def answered(self) -> None:
        self.reader.answered()

    def power_on(self) -> None:
        self.reader.power_on()

    def forget(self) -> None:
        self.radio.forget()

    def state(self) -> dict[str, Any]:
        return {
            "parity": self.config.parity,
            "config": {str(number): block.hex() for number, block in self.config.ram.items()},
            "output": self.reader.output,
        }
