"""FEIG OBID ISO-Host commands and status bytes, as data: one row a command, one row a status.

Sources: FEIG H20800-16e ch. 5 and 6 (reader control), 7.1 (B0, ISO 15693 host commands), Annex C (status bytes),
Annex F (each block travels byte-reversed). A UID travels most significant byte first. DB-N is a plain count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Final, Generic, TypeVar

import msgspec

from station.drivers.feig import replies
from station.drivers.feig.replies import (
    Acknowledged,
    Blocks,
    Configuration,
    Event,
    InventoryAnswer,
    ReaderInfo,
    Refused,
    SecurityStatus,
    SoftwareVersion,
    TagInformation,
)
from station.errors import (
    LocalProtocolError,
    ReaderRefused,
    RemoteProtocolError,
    StationError,
    TagAbsent,
    TagRefused,
)
from station.model import Uid

E = TypeVar("E", bound=Event)

MAX_DATA: Final = 128
"""Bytes of tag memory one command may carry: 32 blocks of 4, 16 of 8 (H20800-16e 7.1)."""
MAX_BLOCKS: Final = 32

# --- commands -------------------------------------------------------------------------------------------------------


class Row(msgspec.Struct, frozen=True):
    """One command of the manual. `sub` is the ISO sub-command of B0; `answers`: statuses read as an answer."""

    name: str
    code: int
    sub: int | None = None
    changes_tag: bool = False
    answers: tuple[int, ...] = (0x00,)


BAUD_DETECTION: Final = Row("Baud Rate Detection", 0x52)
SOFTWARE_VERSION: Final = Row("Get Software Version", 0x65)
READER_INFO: Final = Row("Get Reader Info", 0x66)
RF_RESET: Final = Row("RF Reset", 0x69)
RF_ON_OFF: Final = Row("RF Output ON/OFF", 0x6A)
SET_OUTPUT: Final = Row("Set Output", 0x71)
READ_CONFIGURATION: Final = Row("Read Configuration", 0x80)
WRITE_CONFIGURATION: Final = Row("Write Configuration", 0x81)
INVENTORY: Final = Row("Inventory", 0xB0, 0x01, answers=(0x00, 0x01, 0x83, 0x84, 0x93, 0x94))
STAY_QUIET: Final = Row("Stay Quiet", 0xB0, 0x02)
LOCK_BLOCKS: Final = Row("Lock Multiple Blocks", 0xB0, 0x22, changes_tag=True)
READ_BLOCKS: Final = Row("Read Multiple Blocks", 0xB0, 0x23)
WRITE_BLOCKS: Final = Row("Write Multiple Blocks", 0xB0, 0x24, changes_tag=True)
SELECT: Final = Row("Select", 0xB0, 0x25)
RESET_TO_READY: Final = Row("Reset to Ready", 0xB0, 0x26)
WRITE_AFI: Final = Row("Write AFI", 0xB0, 0x27, changes_tag=True)
LOCK_AFI: Final = Row("Lock AFI", 0xB0, 0x28, changes_tag=True)
WRITE_DSFID: Final = Row("Write DSFID", 0xB0, 0x29, changes_tag=True)
LOCK_DSFID: Final = Row("Lock DSFID", 0xB0, 0x2A, changes_tag=True)
SYSTEM_INFORMATION: Final = Row("Get System Information", 0xB0, 0x2B)
SECURITY_STATUS: Final = Row("Get Multiple Block Security Status", 0xB0, 0x2C)

COMMANDS: Final = (
    BAUD_DETECTION,
    SOFTWARE_VERSION,
    READER_INFO,
    RF_RESET,
    RF_ON_OFF,
    SET_OUTPUT,
    READ_CONFIGURATION,
    WRITE_CONFIGURATION,
    INVENTORY,
    STAY_QUIET,
    LOCK_BLOCKS,
    READ_BLOCKS,
    WRITE_BLOCKS,
    SELECT,
    RESET_TO_READY,
    WRITE_AFI,
    LOCK_AFI,
    WRITE_DSFID,
    LOCK_DSFID,
    SYSTEM_INFORMATION,
    SECURITY_STATUS,
)
CODES: Final = frozenset(row.code for row in COMMANDS)


@dataclass(frozen=True, slots=True)
class Request(Generic[E]):
    """A command with its DATA, and the way to read its answer from (status, DATA)."""

    row: Row
    data: bytes
    parse: Callable[[int, bytes], E]


def baud_detection() -> Request[Acknowledged]:
    """52 00."""
    return Request(BAUD_DETECTION, b"\x00", replies.acknowledged)


def software_version() -> Request[SoftwareVersion]:
    """65."""
    return Request(SOFTWARE_VERSION, b"", replies.software_version)


def reader_info() -> Request[ReaderInfo]:
    """66 mode 00."""
    return Request(READER_INFO, b"\x00", replies.reader_info)


def rf_reset() -> Request[Acknowledged]:
    """69: field off for 15 ms and on again (6.6)."""
    return Request(RF_RESET, b"", replies.acknowledged)


def rf_output(antenna: int) -> Request[Acknowledged]:
    """6A: 0 = field off, 1 or 2 = that antenna on."""
    return Request(RF_ON_OFF, _bytes(antenna=antenna), replies.acknowledged)


def set_output(outputs: int, frequencies: int, tenths: int) -> Request[Acknowledged]:
    """71: OS(2) OSF(2) OS-TIME(2, 100 ms) OUT-TIME(2). OS bits 1-0 green, 3-2 red, 5-4 beeper; 01 on, 10 off, 11 flash."""
    if not (0 <= outputs <= 0xFFFF and 0 <= frequencies <= 0xFFFF and 0 <= tenths <= 0xFFFF):
        raise LocalProtocolError("an output word has 16 bits")
    words = (outputs, frequencies, tenths, 0)
    return Request(SET_OUTPUT, b"".join(word.to_bytes(2, "big") for word in words), replies.acknowledged)


def read_configuration(block: int) -> Request[Configuration]:
    """80: block number with bit 7 clear = what is in force (RAM), not the EEPROM."""
    return Request(READ_CONFIGURATION, _configuration_address(block), replies.configuration)


def write_configuration(block: int, content: bytes) -> Request[Acknowledged]:
    """81, RAM only: nothing the station sets survives the reader's power."""
    if len(content) != 14:
        raise LocalProtocolError("a configuration block has 14 bytes")
    return Request(WRITE_CONFIGURATION, _configuration_address(block) + content, replies.acknowledged)


def inventory(*, more: bool = False) -> Request[InventoryAnswer]:
    """B0 01: a new inventory, or (`more`, MODE 80) the rest that the reader holds after a status 94."""
    return Request(INVENTORY, b"\x01\x80" if more else b"\x01\x00", replies.inventory)


def stay_quiet(uid: Uid) -> Request[Acknowledged]:
    """B0 02."""
    return _addressed(STAY_QUIET, uid, b"")


def lock_blocks(uid: Uid, first: int, count: int) -> Request[Acknowledged]:
    """B0 22: DB-ADR DB-N. Irreversible."""
    return _addressed(LOCK_BLOCKS, uid, _range(first, count))


def read_blocks(uid: Uid, first: int, count: int, *, security: bool) -> Request[Blocks]:
    """B0 23: DB-ADR DB-N; MODE bit 3 asks for the block security status (else every SEC byte is 00)."""
    mode = 0x09 if security else 0x01
    data = bytes((0x23, mode)) + uid_bytes(uid) + _range(first, count)
    return Request(READ_BLOCKS, data, _ok(replies.blocks, count))


def write_blocks(uid: Uid, first: int, content: bytes, block_size: int) -> Request[Acknowledged]:
    """B0 24: DB-ADR DB-N DB-SIZE, then the blocks, each byte-reversed. `content` is in memory order."""
    if not 1 <= block_size <= 32 or not content or len(content) % block_size or len(content) > MAX_DATA:
        raise LocalProtocolError(f"{len(content)} bytes are not 1 to 128 bytes of whole blocks of {block_size}")
    wire = b"".join(content[at : at + block_size][::-1] for at in range(0, len(content), block_size))
    params = _range(first, len(content) // block_size) + bytes((block_size,)) + wire
    return _addressed(WRITE_BLOCKS, uid, params)


def select(uid: Uid) -> Request[Acknowledged]:
    """B0 25."""
    return _addressed(SELECT, uid, b"")


def reset_to_ready(uid: Uid) -> Request[Acknowledged]:
    """B0 26."""
    return _addressed(RESET_TO_READY, uid, b"")


def write_afi(uid: Uid, afi: int) -> Request[Acknowledged]:
    """B0 27."""
    return _addressed(WRITE_AFI, uid, _bytes(afi=afi))


def lock_afi(uid: Uid) -> Request[Acknowledged]:
    """B0 28. Irreversible."""
    return _addressed(LOCK_AFI, uid, b"")


def write_dsfid(uid: Uid, dsfid: int) -> Request[Acknowledged]:
    """B0 29."""
    return _addressed(WRITE_DSFID, uid, _bytes(dsfid=dsfid))


def lock_dsfid(uid: Uid) -> Request[Acknowledged]:
    """B0 2A. Irreversible."""
    return _addressed(LOCK_DSFID, uid, b"")


def system_information(uid: Uid) -> Request[TagInformation]:
    """B0 2B."""
    raw = uid_bytes(uid)
    return Request(SYSTEM_INFORMATION, b"\x2b\x01" + raw, _ok(replies.tag_information, raw))


def security_status(uid: Uid, first: int, count: int) -> Request[SecurityStatus]:
    """B0 2C: DB-ADR DB-N."""
    data = b"\x2c\x01" + uid_bytes(uid) + _range(first, count)
    return Request(SECURITY_STATUS, data, _ok(replies.security_status, count))


def uid_bytes(uid: Uid) -> bytes:
    """The 8 bytes of a UID, most significant first; raises `LocalProtocolError` for what is none."""
    try:
        raw = bytes.fromhex(uid)
    except ValueError:
        raw = b""
    if len(raw) != 8 or len(uid) != 16:
        raise LocalProtocolError(f"{uid!r} is no UID")
    return raw


A = TypeVar("A")


def _ok(parse: Callable[[A, bytes], E], asked: A) -> Callable[[int, bytes], E]:
    return partial(_parse_ok, parse, asked)


def _parse_ok(parse: Callable[[A, bytes], E], asked: A, _status: int, data: bytes) -> E:
    return parse(asked, data)


def _addressed(row: Row, uid: Uid, params: bytes) -> Request[Acknowledged]:
    if row.sub is None:
        raise LocalProtocolError(f"{row.name} addresses no tag")
    return Request(row, bytes((row.sub, 0x01)) + uid_bytes(uid) + params, replies.acknowledged)


def _bytes(**values: int) -> bytes:
    for name, value in values.items():
        if not 0 <= value <= 0xFF:
            raise LocalProtocolError(f"{name} {value} is not a byte")
    return bytes(values.values())


def _range(first: int, count: int) -> bytes:
    if not (0 <= first <= 0xFF and 1 <= count <= MAX_BLOCKS and first + count <= 0x100):
        raise LocalProtocolError(f"{count} blocks from block {first} cannot be asked for at once")
    return bytes((first, count))


def _configuration_address(block: int) -> bytes:
    if not 0 <= block <= 0x3F:
        raise LocalProtocolError(f"there is no configuration block {block}")
    return bytes((block,))


# --- statuses -------------------------------------------------------------------------------------------------------


class Carries(Enum):
    """What a refusing reply's DATA may hold."""

    NOTHING = "nothing"
    BLOCK = "at most DB-ADR-E"
    ISO_ERROR = "ISO-ERROR and at most DB-ADR-E"


class Blame(Enum):
    """Whose matter a status is."""

    NOBODY = "nobody"
    TAG_SILENT = "the tag does not answer, or not legibly: after a write the outcome is unknown"
    TAG_REFUSES = "the tag says no"
    READER_REFUSES = "the reader says no"


class Status(msgspec.Struct, frozen=True):
    """One status byte of Annex C."""

    code: int
    meaning: str
    blame: Blame
    carries: Carries = Carries.NOTHING
    iso_error: int = 0x0F
    """The ISO/IEC 15693-3 error that says the same, where the reader names none itself."""


_ROWS: Final = (
    Status(0x00, "ok", Blame.NOBODY),
    Status(0x01, "no transponder", Blame.TAG_SILENT),
    Status(0x02, "data false (CRC or parity on the air)", Blame.TAG_SILENT),
    Status(0x03, "write error", Blame.TAG_REFUSES, Carries.BLOCK, iso_error=0x13),
    Status(0x04, "address error", Blame.TAG_REFUSES, iso_error=0x10),
    Status(0x05, "wrong transponder type", Blame.TAG_REFUSES, iso_error=0x01),
    Status(0x08, "authentication error", Blame.READER_REFUSES),
    Status(0x0E, "general error", Blame.READER_REFUSES),
    Status(0x10, "EEPROM failure", Blame.READER_REFUSES),
    Status(0x11, "parameter range error", Blame.READER_REFUSES),
    Status(0x15, "configuration read not allowed", Blame.READER_REFUSES),
    Status(0x16, "configuration write not allowed", Blame.READER_REFUSES),
    Status(0x80, "unknown command", Blame.READER_REFUSES),
    Status(0x81, "length error", Blame.READER_REFUSES),
    Status(0x82, "command not available", Blame.READER_REFUSES),
    Status(0x83, "RF communication error", Blame.TAG_SILENT),
    Status(0x84, "RF warning", Blame.TAG_SILENT),
    Status(0x93, "data buffer overflow", Blame.READER_REFUSES),
    Status(0x94, "more data", Blame.READER_REFUSES),
    Status(0x95, "ISO 15693 error", Blame.TAG_REFUSES, Carries.ISO_ERROR),
    Status(0x96, "ISO 14443 error", Blame.READER_REFUSES),
    Status(0xF1, "hardware warning", Blame.READER_REFUSES),
)
STATUSES: Final = {row.code: row for row in _ROWS}
"""Annex C. 01, 83, 84, 93 and 94 are no refusals of an inventory: `INVENTORY.answers`."""


def refusal(status: int, data: bytes) -> Refused:
    """A refusing reply as a value; raises `replies.Misshapen` when DATA holds what the status does not carry."""
    carries = STATUSES[status].carries
    iso_error = None
    rest = data
    if carries is Carries.ISO_ERROR:
        if not data:
            raise replies.Misshapen("an ISO error without its code")
        iso_error, rest = data[0], data[1:]
    if len(rest) > (0 if carries is Carries.NOTHING else 1):
        raise replies.Misshapen(f"status {status:02X} carries {len(data)} bytes")
    return Refused(status, iso_error, rest[0] if rest else None)


def error_for(refused: Refused, row: Row) -> StationError:
    """The error of the station that a refusal stands for."""
    status = STATUSES[refused.status]
    detail = f"{row.name}: {status.meaning} (status {status.code:02X})"
    match status.blame:
        case Blame.TAG_SILENT:
            return TagAbsent(detail)
        case Blame.TAG_REFUSES:
            iso_error = status.iso_error if refused.iso_error is None else refused.iso_error
            return TagRefused(iso_error, detail, refused.block)
        case Blame.READER_REFUSES:
            return ReaderRefused(refused.status, f"{status.meaning}, to {row.name}")
        case Blame.NOBODY:
            return RemoteProtocolError(f"{row.name}: a refusal that is none")
