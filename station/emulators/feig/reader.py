"""The reader as a whole: control and configuration commands (H20800-16e chapter 5 and 6); the rest is in
IsoCommands."""

from __future__ import annotations

from collections.abc import Callable

from station.emulators.feig.config import SIZE, Config
from station.emulators.feig.custom import Customs
from station.emulators.feig.frame import Answer, Request
from station.emulators.feig.iso import LENGTH_ERROR, OUT_OF_RANGE, UNKNOWN_COMMAND, IsoCommands
from station.emulators.feig.models import Model
from station.emulators.reader.radio import Radio, Steps

BROADCAST = 0xFF
FLASH_LOADER = 0x55
INFO = {
    0x02: bytes.fromhex("0100 00 30") + bytes(7),
    0x03: bytes(11),
    0x04: bytes.fromhex("01 00") + bytes(9),
    0x80: bytes.fromhex("00000001 00000000 0000 0000 0000 0000"),
}
PASSWORD = 4  # bytes of a READER-ID


class Reader:
    def __init__(self, radio: Radio, config: Config, iso: IsoCommands, customs: Customs, model: Model) -> None:
        self._model = model
        self._radio = radio
        self._config = config
        self._iso = iso
        self.output: dict[str, str] | None = None  # the last Set Output, hex
        self._reset_due = False
        self._flashing = False
        self._commands: dict[int, Callable[[bytes], Steps[Answer]]] = {
            0x52: self._baud_detection,
            FLASH_LOADER: self._flash_loader,
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
            0xBF: customs.transparent,
        }
        others: dict[int, Callable[[bytes], Steps[Answer]]] = {
            0x64: self._system_reset,
            0x72: self._set_output_newer,
            0x74: self._get_input,
            0x75: self._adjust_antenna,
            0xA0: self._login,
        }
        self._commands |= {code: others[code] for code in model.more}
        if model.customs:
            self._commands[0xB1] = customs.run

    def hears(self, request: Request) -> bool:
        """Return whether the reader accepts the request. [55] must carry the reader's own address (6.2). In the flash
        loader the reader accepts nothing."""
        if self._flashing or (request.command == FLASH_LOADER and request.address == BROADCAST):
            return False
        return request.address in (BROADCAST, self._config.address)

    def run(self, request: Request) -> Steps[Answer]:
        if request.command == 0xB0:
            return (yield from self._iso.run(request.data, advanced=request.advanced))
        command = self._commands.get(request.command)
        if command is None:
            return Answer(UNKNOWN_COMMAND)
        return (yield from command(request.data))

    def answered(self) -> None:
        """Carry out a pending CPU reset. It happens after the answer, which so still has the old address and baud
        rate."""
        if self._reset_due:
            self.power_on()

    def power_on(self) -> None:
        """Cold start: configuration from the EEPROM, field off and on."""
        self._reset_due = self._flashing = False
        self._config.restart()
        self._radio.forget()
        self._radio.field.powered = True
        self.output = None

    # -- control ---------------------------------------------------------------------------------------------------

    def _baud_detection(self, data: bytes) -> Steps[Answer]:
        yield from ()
        return Answer(0) if data == b"\x00" else Answer(LENGTH_ERROR)

    def _flash_loader(self, data: bytes) -> Steps[Answer]:
        """[55] (6.2): only unplugging ends the flash loader."""
        yield from ()
        self._flashing = not data
        return Answer(LENGTH_ERROR) if data else Answer(0)

    def _cpu_reset(self, data: bytes) -> Steps[Answer]:
        yield from ()
        if data:
            return Answer(LENGTH_ERROR)
        self._reset_due = True
        return Answer(0)

    def _version(self, data: bytes) -> Steps[Answer]:
        yield from ()
        return Answer(LENGTH_ERROR) if data else Answer(0, self._model.version)

    def _info(self, data: bytes) -> Steps[Answer]:
        yield from ()
        if len(data) != 1:
            return Answer(LENGTH_ERROR)
        if data[0] not in self._model.info:
            return Answer(OUT_OF_RANGE)
        if data[0] == 0x00:
            return Answer(0, self._model.version + b"".join(size.to_bytes(2, "big") for size in self._model.buffers))
        return Answer(0, INFO[data[0]])

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
        if data[0] > self._model.antennas:
            return Answer(OUT_OF_RANGE)
        if data[0] == 0:
            self._radio.forget()
        self._radio.field.powered = data[0] != 0
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

    def _system_reset(self, data: bytes) -> Steps[Answer]:
        """[64] MODE; 00 is the reader itself (assumed)."""
        yield from ()
        if len(data) != 1:
            return Answer(LENGTH_ERROR)
        if data[0]:
            return Answer(OUT_OF_RANGE)
        self._reset_due = True
        return Answer(0)

    def _get_input(self, data: bytes) -> Steps[Answer]:
        """[74]: no input is active."""
        yield from ()
        return Answer(LENGTH_ERROR) if data else Answer(0, b"\0")

    def _adjust_antenna(self, data: bytes) -> Steps[Answer]:
        """[75]: without a field there is no antenna voltage."""
        yield from ()
        if data:
            return Answer(LENGTH_ERROR)
        return Answer(0, bytes((0x80 if self._radio.field.powered else 0,)))

    def _login(self, data: bytes) -> Steps[Answer]:
        """[A0] READER-ID; this reader requires none and accepts any."""
        yield from ()
        return Answer(0) if len(data) == PASSWORD else Answer(LENGTH_ERROR)

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
