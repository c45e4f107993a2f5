"""FEIG OBID ISO-Host commands to the reader itself, as data: one row and one function for each command.

Sources: FEIG H20800-16e ch. 5 (configuration) and 6 (control); [64], [72] and [A0] of newer families:
docs/reference/readers.md#feig-commands.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final, NamedTuple

from station.base.errors import LocalProtocolError
from station.drivers.feig import replies
from station.drivers.feig.replies import (
    Acknowledged,
    Antenna,
    Configuration,
    DeviceId,
    Functions,
    Inputs,
    Opaque,
    ReaderInfo,
    SoftwareVersion,
)
from station.drivers.feig.request import Request, Row
from station.drivers.reader.operands import byte_values, word_values

BAUD_DETECTION: Final = Row("Baud Rate Detection", 0x52)
CPU_RESET: Final = Row("CPU Reset", 0x63)
SYSTEM_RESET: Final = Row("System Reset", 0x64)
SOFTWARE_VERSION: Final = Row("Get Software Version", 0x65)
READER_INFO: Final = Row("Get Reader Info", 0x66)
RF_RESET: Final = Row("RF Reset", 0x69)
RF_ON_OFF: Final = Row("RF Output ON/OFF", 0x6A)
SET_OUTPUT: Final = Row("Set Output", 0x71)
SET_OUTPUT_NEWER: Final = Row("Set Output (newer families)", 0x72)
GET_INPUT: Final = Row("Get Input", 0x74)
ADJUST_ANTENNA: Final = Row("Adjust Antenna", 0x75)
READ_CONFIGURATION: Final = Row("Read Configuration", 0x80)
WRITE_CONFIGURATION: Final = Row("Write Configuration", 0x81)
SAVE_CONFIGURATION: Final = Row("Save Configuration", 0x82)
DEFAULT_CONFIGURATION: Final = Row("Set Default Configuration", 0x83)
LOGIN: Final = Row("Reader Login", 0xA0)

COMMANDS: Final = (
    BAUD_DETECTION,
    CPU_RESET,
    SYSTEM_RESET,
    SOFTWARE_VERSION,
    READER_INFO,
    RF_RESET,
    RF_ON_OFF,
    SET_OUTPUT,
    SET_OUTPUT_NEWER,
    GET_INPUT,
    ADJUST_ANTENNA,
    READ_CONFIGURATION,
    WRITE_CONFIGURATION,
    SAVE_CONFIGURATION,
    DEFAULT_CONFIGURATION,
    LOGIN,
)

BLOCKS: Final = 64
"""Number of possible configuration blocks (bits 5 to 0 of CFG-ADR)."""
BLOCK_BYTES: Final = 14
_EEPROM, _ALL = 0x80, 0x40


class Output(NamedTuple):
    """One output of [72]: number and state as the reader's own manual defines them, and time in tenths of a second."""

    number: int
    state: int
    tenths: int


def baud_detection() -> Request[Acknowledged]:
    """52 00."""
    return Request(BAUD_DETECTION, b"\x00", replies.acknowledged)


def cpu_reset() -> Request[Acknowledged]:
    """63: restart the reader after its answer. The line settings and the address of the EEPROM then apply."""
    return Request(CPU_RESET, b"", replies.acknowledged)


def system_reset(mode: int = 0) -> Request[Acknowledged]:
    """64 MODE, of UHF, LR and MR2xx readers. That mode 00 means the reader itself is from memory, not from a manual."""
    return Request(SYSTEM_RESET, byte_values(mode=mode), replies.acknowledged)


def software_version() -> Request[SoftwareVersion]:
    """65."""
    return Request(SOFTWARE_VERSION, b"", replies.software_version)


def reader_info() -> Request[ReaderInfo]:
    """66 mode 00: firmware and buffers."""
    return Request(READER_INFO, b"\x00", replies.reader_info)


def usb_controller() -> Request[Opaque]:
    """66 mode 02 (ID CPR.04 only): SW-REV(2) D-REV HW-TYPE and seven bytes without meaning."""
    return Request(READER_INFO, b"\x02", partial(replies.opaque, 11))


def decoder_info() -> Request[Opaque]:
    """66 mode 03: DEC-TYPE and data for the factory only."""
    return Request(READER_INFO, b"\x03", partial(replies.opaque, 11))


def functions() -> Request[Functions]:
    """66 mode 04: optional functions of the firmware."""
    return Request(READER_INFO, b"\x04", replies.functions)


def device_id() -> Request[DeviceId]:
    """66 mode 80: device number and licenses."""
    return Request(READER_INFO, b"\x80", replies.device_id)


def rf_reset() -> Request[Acknowledged]:
    """69: field off for 15 ms and on again (6.6)."""
    return Request(RF_RESET, b"", replies.acknowledged)


def rf_output(antenna: int) -> Request[Acknowledged]:
    """6A: 0 = field off, 1 or 2 = that antenna on."""
    return Request(RF_ON_OFF, byte_values(antenna=antenna), replies.acknowledged)


def set_output(outputs: int, frequencies: int, tenths: int, relay_tenths: int = 0) -> Request[Acknowledged]:
    """71: OS(2) OSF(2) OS-TIME(2, 100 ms) OUT-TIME(2). OS bits 1-0 green, 3-2 red, 5-4 beeper; 01 on, 10 off, 11 flash.
    A time of 0 leaves the output unchanged; FFFF means without limit."""
    words = word_values(outputs=outputs, frequencies=frequencies, time=tenths, relay=relay_tenths)
    return Request(SET_OUTPUT, words, replies.acknowledged)


def set_output_newer(outputs: Sequence[Output]) -> Request[Acknowledged]:
    """72: MODE 01, OUT-N, then OUT-NR OUT-S OUT-TIME(2, 100 ms) each. Output numbers are in the reader's own manual."""
    if not 1 <= len(outputs) <= 8:
        raise LocalProtocolError(f"{len(outputs)} outputs cannot be set at once")
    data = bytes((0x01, len(outputs)))
    for output in outputs:
        data += byte_values(output=output.number, state=output.state) + word_values(time=output.tenths)
    return Request(SET_OUTPUT_NEWER, data, replies.acknowledged)


def get_input() -> Request[Inputs]:
    """74."""
    return Request(GET_INPUT, b"", replies.inputs)


def adjust_antenna() -> Request[Antenna]:
    """75 (6.10): measure the antenna in use and set MIN_LVL of CFG3 in RAM accordingly."""
    return Request(ADJUST_ANTENNA, b"", replies.antenna)


def read_configuration(block: int, *, eeprom: bool = False) -> Request[Configuration]:
    """80: read the configuration in force (RAM), or the one that the reader starts with (`eeprom`)."""
    return Request(READ_CONFIGURATION, _address(block, eeprom), replies.configuration)


def write_configuration(block: int, content: bytes, *, eeprom: bool = False) -> Request[Acknowledged]:
    """81: write to RAM, which is lost at a reset, or to the EEPROM, which takes effect at the next reset."""
    if len(content) != BLOCK_BYTES:
        raise LocalProtocolError(f"a configuration block has {BLOCK_BYTES} bytes")
    return Request(WRITE_CONFIGURATION, _address(block, eeprom) + content, replies.acknowledged)


def save_configuration(block: int | None) -> Request[Acknowledged]:
    """82: copy one block (None = all) from RAM to the EEPROM."""
    return Request(SAVE_CONFIGURATION, _one_or_all(block), replies.acknowledged)


def default_configuration(block: int | None, *, eeprom: bool = False) -> Request[Acknowledged]:
    """83: restore one block (None = all) to the factory setting."""
    where = _one_or_all(block)[0] | (_EEPROM if eeprom else 0)
    return Request(DEFAULT_CONFIGURATION, bytes((where,)), replies.acknowledged)


def login(password: bytes) -> Request[Acknowledged]:
    """A0 READER-ID (4 bytes), for readers that are configured to require it (MR102, RF290R)."""
    if len(password) != 4:
        raise LocalProtocolError("a reader's password has 4 bytes")
    return Request(LOGIN, password, replies.acknowledged)


def _address(block: int, eeprom: bool) -> bytes:
    if not 0 <= block < BLOCKS:
        raise LocalProtocolError(f"there is no configuration block {block}")
    return bytes((block | (_EEPROM if eeprom else 0),))


def _one_or_all(block: int | None) -> bytes:
    return bytes((_ALL,)) if block is None else _address(block, eeprom=False)
