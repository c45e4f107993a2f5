"""The FEIG reader as a device: its configuration determines line, times and frames."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from station.emulators.feig.config import Config
from station.emulators.feig.custom import Customs
from station.emulators.feig.frame import STX, Answer, Framer, Request, crc16, encode
from station.emulators.feig.iso import UNKNOWN_COMMAND, IsoCommands
from station.emulators.feig.models import MODELS
from station.emulators.feig.reader import Reader
from station.emulators.field.faults import Fault
from station.emulators.reader.device import Device as Base
from station.emulators.reader.device import Place
from station.emulators.reader.radio import NO_TRANSPONDER, OK, RF_ERROR, Radio, Steps
from station.emulators.reader.vocabulary import Vocabulary

NEEDED = frozenset({"65", "69", "b001", "b023", "b024"})  # greeting, RF reset (ONT), inventory, read, write
BUFFER_OVERFLOW = 0x93  # H20800-16e annex C


@dataclass(frozen=True, kw_only=True)
class Options(Place):
    baud: int = 38400
    parity: str = "E"
    tprog: float = 0.0048  # seconds to program one cell
    option_wait: float = 0.020  # seconds until the reader asks for the answer when the option flag is set
    model: str = "cpr.m02"
    sw_type: int | None = None  # instead of the model's own
    frames: str = ""  # standard, advanced, both; empty: those of the model
    mem_size_as_air: bool = False
    newer_output: bool = False  # supports [72], too
    without: frozenset[str] = frozenset()  # commands that this firmware does not have
    mute: frozenset[str] = frozenset()  # commands that it does not answer
    idle: frozenset[str] = frozenset()  # commands that it answers with OK and does not carry out
    minimal: str = ""  # only the needed commands, and `added`: `vocabulary.REFUSES` or `SILENT`
    added: frozenset[str] = frozenset()
    more_at_255: bool = False  # a standard request never has an advanced answer: 94 instead
    length_in_bytes: bool = False  # unit of RSP-LENGTH of [BF]
    exact_length: bool = False  # [BF] accepts answers of exactly RSP-LENGTH
    late_is_silence: bool = False  # exceeding TR-RESPONSE-TIME is 01, not 83
    slix_as_sli: bool = False  # SEC of several blocks is 00 for every tag whose UID begins as an SLI's
    silence_is_write_error: bool = False  # a tag silent to a command's first write is 03, not 01


class Device(Base[Request]):
    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.config = Config(options.memory / "eeprom.json", options.baud, options.parity)
        late = NO_TRANSPONDER if options.late_is_silence else RF_ERROR
        self.radio = Radio(self.field, self.config, options.tprog, options.option_wait, late)
        model = MODELS[options.model]
        if options.sw_type is not None:
            model = replace(model, sw_type=options.sw_type)
        if options.newer_output:
            model = replace(model, more=model.more | {0x72})
        frames = options.frames or model.frames
        iso = IsoCommands(
            self.radio,
            self.config,
            mem_size_as_air=options.mem_size_as_air,
            data_sets=model.data_sets,
            longest=model.buffers[1],
            silence_is_write_error=options.silence_is_write_error,
            slix_as_sli=options.slix_as_sli,
            grows=frames != "standard" and not options.more_at_255,
        )
        customs = Customs(
            self.radio,
            self.config,
            tag_crc=model.tag_crc,
            length_in_bytes=options.length_in_bytes,
            exact=options.exact_length,
        )
        self.reader = Reader(self.radio, self.config, iso, customs, model)
        self.vocabulary = Vocabulary(
            NEEDED, options.without, options.added, options.minimal, options.mute, options.idle
        )
        self.framer = Framer(standard=frames != "advanced", advanced=frames != "standard")
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
        self._address = self.config.address  # a new address takes effect with the next request
        return self.reader.hears(request)

    def run(self, request: Request) -> Steps[bytes]:
        if not self.vocabulary.has(request.code):
            silent = self.vocabulary.silent_to(request.code)
            return b"" if silent else self._frame(request, Answer(UNKNOWN_COMMAND))
        if self.vocabulary.only_says_ok(request.code):
            return self._frame(request, Answer(OK))
        answer = yield from self.reader.run(request)
        return self._frame(request, answer)

    def instead(self, request: Request, fault: Fault) -> bytes:
        return self._frame(request, Answer(fault.args["code"], bytes.fromhex(fault.args.get("data", ""))))

    def overflow(self, request: Request) -> bytes:
        return self._frame(request, Answer(BUFFER_OVERFLOW))

    def misaddressed(self, request: Request, frame: bytes) -> bytes:
        """The answer as if from the reader with the next address."""
        del request
        at = 3 if frame[0] == STX else 1
        body = frame[:at] + bytes(((frame[at] + 1) & 0x7F,)) + frame[at + 1 : -2]
        return body + crc16(body)

    def _frame(self, request: Request, answer: Answer) -> bytes:
        return encode(self._address, request.command, answer, advanced=request.advanced)

    def answered(self) -> None:
        self.reader.answered()

    def power_on(self) -> None:
        self.reader.power_on()

    def forget(self) -> None:
        self.radio.forget()

    def words(self) -> dict[str, Any]:
        return {"minimal": self.vocabulary.say, "misbehave": self.vocabulary.misbehave}

    def state(self) -> dict[str, Any]:
        return {
            "parity": self.config.parity,
            "config": {str(number): block.hex() for number, block in self.config.ram.items()},
            "output": self.reader.output,
        }
