"""The reader as a whole: control and configuration commands (H20800-16e chapter 5 and 6), the rest to IsoCommands."""

from __future__ import annotations

from collections.abc import Callable

from station.emulators.feig.config import SIZE, Config
from station.emulators.feig.frame import Answer, Request
from station.emulators.feig.iso import LENGTH_ERROR, OUT_OF_RANGE, UNKNOWN_COMMAND, IsoCommands
from station.emulators.radio import Radio, Steps

BROADCAST = 0xFF
# SW-REV 02.05, D-REV 00, HW-TYPE 30, SW-TYPE 80 decimal = ID CPR.M02, TR-TYPE ISO15693+14443A+14443B+Jewel.
VERSION = bytes.fromhex("0205 00 30 50 0138")
BUFFERS = bytes.fromhex("00ff 00ff")
INFO = {
    0x00: VERSION + BUFFERS,
    0x03: bytes(11),
    0x04: bytes.fromhex("01 00") + bytes(9),
    0x80: bytes.fromhex("00000001 00000000 0000 0000 0000 0000"),
}


class Reader:
    def __init__(self, radio: Radio, config: Config, iso: IsoCommands, *, newer_output: bool) -> None:
        """newer_output: also know [72] of the MR102 and UHF families, which the CPR.M02 does not have."""
        self._radio = radio
        self._config = config
        self._iso = iso
        self.output: dict[str, str] | None = None  # the last Set Output, hex
        self._reset_due = False
        self._commands: dict[int, Callable[[bytes], Steps[Answer]]] = {
            0x52: self._baud_detection,
            0x63: self._cpu_reset,
            0x65: self._version,
            0x66: self._info,
            0x69: self._rf_reset,
            0x6A: self._rf_output,
            0x71: self._set_output,
            0x80: self._read_config,
            0x81: self._write_config,
            0x82: lambda data: self._one_byte(data, self._config.save),
            0x83: lambda data: self._one_byte(data, self._config.default),
            0xB0: self._iso.run,
        }
        if newer_output:
            self._commands[0x72] = self._set_output_newer

    def hears(self, request: Request) -> bool:
        return request.address in (BROADCAST, self._config.address)

    def run(self, request: Request) -> Steps[Answer]:
        command = self._commands.get(request.command)
        if command is None:
            return Answer(UNKNOWN_COMMAND)
        return (yield from command(request.data))

    def answered(self) -> None:
        """The answer is on its way; a CPU reset happens now, so its answer still has the old address and baud."""
        if self._reset_due:
            self.power_on()

    def power_on(self) -> None:
        """Cold start: configuration from the EEPROM, field off and on."""
        self._reset_due = False
        self._config.restart()
        self._radio.forget()
        self._radio.field.powered = True
        self.output = None

    # -- control ---------------------------------------------------------------------------------------------------

    def _baud_detection(self, data: bytes) -> Steps[Answer]:
        yield from ()
        return Answer(0) if data == b"\x00" else Answer(LENGTH_ERROR)

    def _cpu_reset(self, data: bytes) -> Steps[Answer]:
        yield from ()
        if data:
            return Answer(LENGTH_ERROR)
        self._reset_due = True
        return Answer(0)

    def _version(self, data: bytes) -> Steps[Answer]:
        yield from ()
        return Answer(LENGTH_ERROR) if data else Answer(0, VERSION)

    def _info(self, data: bytes) -> Steps[Answer]:
        yield from ()
        if len(data) != 1:
            return Answer(LENGTH_ERROR)
        return Answer(0, INFO[data[0]]) if data[0] in INFO else Answer(OUT_OF_RANGE)

    def _rf_reset(self, data: bytes) -> Steps[Answer]:
        if data:
            return Answer(LENGTH_ERROR)
        yield from self._radio.reset()
        self._radio.field.powered = True
        return Answer(0)

    def _rf_output(self, data: bytes) -> Steps[Answer]:
        yield from ()
        if len(data) != 1:
            return Answer(LENGTH_ERROR)
        if data[0] > 1:  # one antenna on this reader
            return Answer(OUT_OF_RANGE)
        if data[0] == 0:
            self._radio.forget()
        self._radio.field.powered = data[0] == 1
        return Answer(0)

    def _set_output(self, data: bytes) -> Steps[Answer]:
        yield from ()
        if len(data) != 8:
            return Answer(LENGTH_ERROR)
        names = ("os", "osf", "os_time", "out_time")
        self.output = {name: data[2 * i : 2 * i + 2].hex() for i, name in enumerate(names)}
        return Answer(0)

    def _set_output_newer(self, data: bytes) -> Steps[Answer]:
        yield from ()
        if len(data) < 2 or len(data) != 2 + 4 * data[1]:
            return Answer(LENGTH_ERROR)
        if data[0] != 1:
            return Answer(OUT_OF_RANGE)
        self.output = {"outputs": data[2:].hex()}
        return Answer(0)

    # -- configuration ---------------------------------------------------------------------------------------------

    def _read_config(self, data: bytes) -> Steps[Answer]:
        yield from ()
        if len(data) != 1:
            return Answer(LENGTH_ERROR)
        return Answer(*self._config.read(data[0]))

    def _write_config(self, data: bytes) -> Steps[Answer]:
        yield from ()
        if len(data) != 1 + SIZE:
            return Answer(LENGTH_ERROR)
        return Answer(self._config.write(data[0], data[1:]))

    def _one_byte(self, data: bytes, action: Callable[[int], int]) -> Steps[Answer]:
        yield from ()
        return Answer(action(data[0])) if len(data) == 1 else Answer(LENGTH_ERROR)
