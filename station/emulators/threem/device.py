"""The 3M reader as a device: 19200 baud 8N1, fixed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from station.emulators.field.faults import Fault
from station.emulators.reader.device import Device as Base
from station.emulators.reader.device import Place
from station.emulators.reader.radio import Radio, Steps
from station.emulators.reader.vocabulary import Vocabulary
from station.emulators.threem.commands import NO_MEMORY, NOT_IMPLEMENTED, OK, OPTION, Commands, Habits, Refused
from station.emulators.threem.frame import PROBE_START, START, Framer, Request, encode

PROBE = b"\x00\x11"
NEEDED = frozenset({"d5", "fe", "02", "04", "0a"})  # the probe, the commands in the capture of a real 810, and a write


@dataclass(frozen=True, kw_only=True)
class Options(Place):
    tprog: float = 0.0048  # seconds to program one cell
    option_wait: float = 0.010  # seconds until the EOF that TI's tags need (specification: about 10 ms)
    version: bytes = bytes.fromhex("0a050002")  # of the 810 in the capture
    probe: bool = True  # answer the probe D5, which is not in the specification
    without: frozenset[str] = frozenset()  # commands that this firmware does not have
    mute: frozenset[str] = frozenset()  # commands that it does not answer
    idle: frozenset[str] = frozenset()  # commands that it answers with OK and does not carry out
    minimal: str = ""  # only the needed commands, and `added`: `vocabulary.REFUSES` or `SILENT`
    added: frozenset[str] = frozenset()
    bare_errors: bool = False  # assumed: errors do not repeat the UID
    dsfid_option: bool = True
    ignores_dsfid: bool = False
    quiet_is_kept: bool = True
    silence_is_error: bool = False
    new_style: bool = True
    most_blocks: int = 255


class Device(Base[Request]):
    ignores_while_busy = True  # specification 1.1

    def __init__(self, options: Options) -> None:
        super().__init__(options)
        self.options = options
        self.habits = Habits(
            dsfid_option=options.dsfid_option,
            ignores_dsfid=options.ignores_dsfid,
            quiet_is_kept=options.quiet_is_kept,
            silence_is_error=options.silence_is_error,
            new_style=options.new_style,
            most_blocks=options.most_blocks,
        )
        self.vocabulary = Vocabulary(
            NEEDED, options.without, options.added, options.minimal, options.mute, options.idle
        )
        self._options_known()
        self.radio = Radio(self.field, self.habits, options.tprog, options.option_wait)
        self.commands_known = Commands(self.radio, self.habits, options.version)
        self.framer = Framer()
        self.reset_counters()

    @property
    def baud(self) -> int:
        return 19200

    @property
    def bits_per_byte(self) -> int:
        return 10

    def forget(self) -> None:
        self.radio.forget()

    def run(self, request: Request) -> Steps[bytes]:
        if request.start == PROBE_START:
            if not self.options.probe or (request.command, request.data) != (0x04, PROBE):
                return b""
            return encode(PROBE_START, b"\x04" + PROBE + self.options.version)
        known = self.commands_known
        command, data = request.command, request.data
        uid = data[:8] if command in known.addressed else b""
        if not self.vocabulary.has(request.code) or command not in known.plain | known.addressed:
            if self.vocabulary.silent_to(request.code):
                return b""
            return encode(START, bytes((command, NOT_IMPLEMENTED)))
        if self.vocabulary.only_says_ok(request.code):
            return encode(START, bytes((command, OK)) + uid)
        try:
            if command in known.plain:
                answer = yield from known.plain[command](data)
            else:
                if len(uid) < 8:
                    raise Refused(0x32)
                answer = yield from known.addressed[command](uid, data[8:])
        except Refused as refused:
            if refused.error == OPTION and self.vocabulary.silent:
                return b""
            beside = b"" if self.options.bare_errors or len(uid) < 8 else uid + refused.beside
            return encode(START, bytes((command, refused.error)) + beside)
        return encode(START, bytes((command, OK)) + uid + answer)

    def instead(self, request: Request, fault: Fault) -> bytes:
        payload = bytes((request.command, fault.args["code"])) + bytes.fromhex(fault.args.get("data", ""))
        return encode(request.start, payload)

    def overflow(self, request: Request) -> bytes:
        return encode(request.start, bytes((request.command, NO_MEMORY)))

    def misaddressed(self, request: Request, frame: bytes) -> bytes:
        """Return an answer about another tag, whose UID differs in its last byte; without a UID, an answer to another
        command."""
        payload = bytearray(frame[3:-2])
        if request.command in self.commands_known.addressed and len(payload) >= 10:
            payload[9] ^= 0x01
        else:
            payload[0] ^= 0x40
        return encode(frame[0], bytes(payload))

    def state(self) -> dict[str, Any]:
        return {"parity": "N", "deaf_to_quiet": self.habits.deaf_to_quiet}

    def words(self) -> dict[str, Any]:
        return {"deaf-to-quiet": self._deaf, "minimal": self._minimal, "misbehave": self.vocabulary.misbehave}

    def _minimal(self, said: dict[str, Any]) -> dict[str, Any]:
        answer = self.vocabulary.say(said)
        self._options_known()
        return answer

    def _options_known(self) -> None:
        """Set the supported options. A minimal reader supports inventory and read only as in the capture."""
        self.habits.dsfid_option = self.options.dsfid_option and not self.vocabulary.minimal
        self.habits.new_style = self.options.new_style and not self.vocabulary.minimal

    def _deaf(self, said: dict[str, Any]) -> dict[str, Any]:
        self.habits.deaf_to_quiet = bool(said.get("on", True))
        return {"deaf_to_quiet": self.habits.deaf_to_quiet}
