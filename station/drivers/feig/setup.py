"""Identity and settings of a FEIG reader, for the technician. Reading is harmless; writing is a separate command.

Blocks of H20800-16e chapter 4 are described in text. For readers of other families only the bytes are shown.
"""

from __future__ import annotations

from typing import Final, TypeVar

import msgspec

from station.base.errors import ReaderRefused
from station.drivers.feig import control
from station.drivers.feig.line import FeigLine
from station.drivers.feig.models import Model, of, transponders
from station.drivers.feig.replies import Event, Refused, SoftwareVersion
from station.drivers.feig.request import Request
from station.drivers.line.connection import operation

E = TypeVar("E", bound=Event)

BAUD: Final = {
    0x05: 4800, 0x06: 9600, 0x07: 19200, 0x08: 38400, 0x09: 57600, 0x0B: 115_200, 0x0D: 230_400,
    0x80: 100_000, 0x81: 125_000, 0x82: 250_000, 0x83: 500_000,
}  # fmt: skip
_PARITY: Final = {0: "none", 1: "even", 2: "odd"}
_MOST_KNOWN: Final = 8
"""Number of configuration blocks that H20800-16e defines: CFG0 to CFG7."""


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """A reader as it describes itself."""

    model: str
    firmware: str
    hardware: str
    """HW-TYPE, hexadecimal."""
    software_type: int
    transponders: tuple[str, ...]
    frames: str
    receive_buffer: int | None = None
    send_buffer: int | None = None
    device: str = ""
    """Device number, hexadecimal; "" if the reader does not report it."""
    t_cl: bool | None = None
    inputs: tuple[bool, ...] | None = None
    customs: str = ""
    """How custom commands (EAS) reach the tag."""


class ConfigurationBlock(msgspec.Struct, frozen=True):
    """One configuration block."""

    number: int
    eeprom: bool
    data: str
    """14 bytes, hexadecimal."""
    meaning: tuple[str, ...]


class Setup:
    """Reads and writes the reader's settings. Not thread-safe, like the reader it belongs to."""

    def __init__(self, line: FeigLine) -> None:
        self._line = line.channel.connection
        self._channel = line.channel
        self._feig = line
        self._version: SoftwareVersion | None = None
        self._customs = ""

    def greeted(self, version: SoftwareVersion, customs: str) -> None:
        """Store the identity that the reader reported."""
        self._version = version
        self._customs = customs

    @property
    def model(self) -> Model:
        """The reader's model, by its SW-TYPE."""
        return of(self._version.software_type if self._version else -1)

    @operation
    def describe(self) -> Description:
        """Ask the reader for everything it reports about itself; leave out what it refuses. Raises what the line
        raises."""
        version = self._channel.ask(control.software_version())
        info = self._known(control.reader_info())
        device = self._known(control.device_id())
        functions = self._known(control.functions())
        inputs = self._known(control.get_input())
        return Description(
            model=f"FEIG {self.model.name}",
            firmware=f"{version.software >> 8}.{version.software & 0xFF:02d}",
            hardware=f"{version.hardware_type:02X}",
            software_type=version.software_type,
            transponders=transponders(version.transponder_types),
            frames="advanced" if self._feig.advanced else "standard",
            receive_buffer=info.receive_buffer if info else None,
            send_buffer=info.send_buffer if info else None,
            device=f"{device.number:08X}" if device else "",
            t_cl=functions.t_cl if functions else None,
            inputs=inputs.on if inputs else None,
            customs=self._customs,
        )

    def _known(self, request: Request[E]) -> E | None:
        event = self._channel.exchange(request)
        return None if isinstance(event, Refused) else event

    @operation
    def read(self, block: int, *, eeprom: bool = False) -> ConfigurationBlock | None:
        """Return one block; None if the reader refuses it."""
        event = self._channel.exchange(control.read_configuration(block, eeprom=eeprom))
        if isinstance(event, Refused):
            return None
        meaning = meanings(block, event.data) if self.model.configuration else ()
        return ConfigurationBlock(block, eeprom, event.data.hex().upper(), meaning)

    @operation
    def read_all(self, *, eeprom: bool = False) -> tuple[ConfigurationBlock, ...]:
        """Return every block that the reader allows to be read."""
        blocks = (self.read(number, eeprom=eeprom) for number in range(_MOST_KNOWN))
        return tuple(block for block in blocks if block is not None)

    @operation
    def write(self, block: int, content: bytes, *, eeprom: bool = False) -> ConfigurationBlock:
        """Write one block and read it back. Raises `ReaderRefused` if the block does not hold the new content."""
        self._channel.ask(control.write_configuration(block, content, eeprom=eeprom))
        kept = self.read(block, eeprom=eeprom)
        if kept is None or bytes.fromhex(kept.data) != content:
            raise ReaderRefused(0x00, f"configuration block {block} did not keep what was written")
        return kept

    @operation
    def save(self, block: int | None) -> None:
        """Copy one block (None = all) from RAM to the EEPROM."""
        self._channel.ask(control.save_configuration(block))

    @operation
    def default(self, block: int | None, *, eeprom: bool = False) -> None:
        """Restore one block (None = all) to the factory setting."""
        self._channel.ask(control.default_configuration(block, eeprom=eeprom))

    @operation
    def restart(self) -> None:
        """CPU reset: the EEPROM's settings take effect. The line has to be reopened."""
        self._channel.ask(control.cpu_reset())


def meanings(number: int, data: bytes) -> tuple[str, ...]:
    """Describe a block of H20800-16e in text, as far as it matters here (4.2, 4.5, 4.6)."""
    if number == 1:
        return (
            f"address {data[0]}",
            f"{BAUD.get(data[2], f'code {data[2]:02X}')} baud, parity {_PARITY.get(data[3] & 3, 'not known')}",
            f"{data[5]} ms of silence before a frame (PSST)",
            f"answers within {int.from_bytes(data[6:8], 'big') / 10:g} s (TR-RESPONSE-TIME)",
            "scan mode: host commands to tags are refused" if data[13] & 1 else "host mode",
        )
    if number == 4:
        option = {0b10: "option flag 0", 0b11: "option flag 1"}.get(data[6] >> 2 & 3, "option flag by the chip")
        return (
            "1 slot: a second tag can stay unseen" if data[4] & 0x10 else "16 slots",
            f"only tags with AFI {data[5]:02X}" if data[4] & 0x20 else "tags of every AFI",
            f"modulation {'10' if data[4] & 0x02 else '100'} %",
            f"writes with {option}",
            f"block size {data[13] & 0x1F}",
        )
    if number == 5:
        return (
            "each tag is reported once (ONT)" if data[11] & 1 else "every tag is reported at every inventory",
            "anticollision on" if data[11] & 4 else "anticollision off: one tag is selected",
        )
    return ()
