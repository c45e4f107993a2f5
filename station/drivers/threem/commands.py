"""3M commands and error codes, as data: one row for each command and each code.

Source: 3M RFID Reader Model 210 Protocol Specification 1.0.0 (2009), "Normal Commands" and Appendix A. The probe and
Extended Info are taken from the known clients and the answers of a real 810 (tests/vectors/3m810-live-capture.jsonl). A
UID travels most significant byte first, memory in its own order, counts as plain counts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Final, Generic, TypeVar

import msgspec

from station.base.errors import (
    LocalProtocolError,
    ReaderRefused,
    RemoteProtocolError,
    StationError,
    TagAbsent,
    TagRefused,
)
from station.domain.tag_image import Uid
from station.drivers.line.cursor import Cursor, Misshapen
from station.drivers.reader.on_air import is_texas
from station.drivers.reader.operands import byte_values, uid_bytes
from station.drivers.threem import replies
from station.drivers.threem.frame import PROBE_COMMAND, PROBE_START, START
from station.drivers.threem.replies import (
    BLOCK_SIZE,
    AirAnswer,
    Blocks,
    Done,
    Event,
    ExtendedInfo,
    InventoryAnswer,
    Number,
    Refused,
    TagInformation,
    Version,
)

E = TypeVar("E", bound=Event)

MOST_BLOCKS: Final = 255
"""Blocks that one command can name (the count has one byte)."""

# --- commands -------------------------------------------------------------------------------------------------------


class Row(msgspec.Struct, frozen=True):
    """One command of the manual. `addressed`: it carries a UID."""

    name: str
    code: int
    addressed: bool = False
    changes_tag: bool = False
    start: int = START


PROBE: Final = Row("Probe", PROBE_COMMAND, start=PROBE_START)
READ_BLOCK_UID: Final = Row("Read Block UID", 0xFE)
READER_VERSION: Final = Row("Reader Version", 0x11)
EXTENDED_INFO: Final = Row("Extended Info", 0x13)
PASS_THRU: Final = Row("ISO Pass thru", 0x14)
QUIET: Final = Row("Quiet", 0x01, addressed=True)
READ_MULTIBLOCK: Final = Row("Read Multiblock", 0x02, addressed=True)
CHECK_EAS: Final = Row("Check EAS", 0x03, addressed=True)
WRITE_MULTIBLOCK: Final = Row("Write Multiblock", 0x04, addressed=True, changes_tag=True)
WRITE_BLOCK: Final = Row("Write Block", 0x05, addressed=True, changes_tag=True)
LOCK_AFI: Final = Row("Lock AFI", 0x06, addressed=True, changes_tag=True)
WRITE_AND_LOCK: Final = Row("Write & Lock Block", 0x07, addressed=True, changes_tag=True)
LOCK_BLOCK: Final = Row("Lock Block", 0x08, addressed=True, changes_tag=True)
WRITE_AFI: Final = Row("Write AFI", 0x09, addressed=True, changes_tag=True)
GET_AFI: Final = Row("Get AFI", 0x0A, addressed=True)
WRITE_DSFID: Final = Row("Write DSFID", 0x0B, addressed=True, changes_tag=True)
EAS_CONTROL: Final = Row("EAS Control", 0x0C, addressed=True, changes_tag=True)
TAG_INFO: Final = Row("Tag Info", 0x0D, addressed=True)
LOCK_DSFID: Final = Row("Lock DSFID", 0x0E, addressed=True, changes_tag=True)
GET_DSFID: Final = Row("Get DSFID", 0x0F, addressed=True)

COMMANDS: Final = (
    PROBE,
    READ_BLOCK_UID,
    READER_VERSION,
    EXTENDED_INFO,
    PASS_THRU,
    QUIET,
    READ_MULTIBLOCK,
    CHECK_EAS,
    WRITE_MULTIBLOCK,
    WRITE_BLOCK,
    LOCK_AFI,
    WRITE_AND_LOCK,
    LOCK_BLOCK,
    WRITE_AFI,
    GET_AFI,
    WRITE_DSFID,
    EAS_CONTROL,
    TAG_INFO,
    LOCK_DSFID,
    GET_DSFID,
)
CODES: Final = frozenset(row.code for row in COMMANDS if row.start == START)


@dataclass(frozen=True, slots=True)
class Request(Generic[E]):
    """A command with the data after its code, and the parser of the data after ERR (and after the UID, if one was
    sent)."""

    row: Row
    data: bytes
    parse: Callable[[bytes], E | Refused]
    uid: bytes = b""


PROBE_DATA: Final = b"\x00\x11"


def probe() -> Request[Version]:
    """D5 .. 04 00 11: the greeting of every known client; answered with the same three bytes and the version."""
    return Request(PROBE, PROBE_DATA, replies.version)


def reader_version() -> Request[Version]:
    """11."""
    return Request(READER_VERSION, b"", replies.version)


def extended_info() -> Request[ExtendedInfo]:
    """13 with the parameters that Biblio-RFID sends, the only known ones."""
    return Request(EXTENDED_INFO, bytes.fromhex("040100020003000400"), replies.extended_info)


def inventory(*, afi: int = 0, dsfid: bool = True) -> Request[InventoryAnswer]:
    """FE: AFI (0 = all) and response options. Bit 2 has no meaning (manual) and is set by every known client."""
    options = 0x04 | replies.WITH_UID | (replies.WITH_DSFID if dsfid else 0)
    data = byte_values(afi=afi) + bytes((options,))
    return Request(READ_BLOCK_UID, data, partial(replies.inventory, data))


def quiet(uid: Uid) -> Request[Done]:
    """01: the tag stays silent at the next inventory."""
    return _addressed(QUIET, uid, b"", replies.done)


def read_blocks(uid: Uid, first: int, count: int, *, options: int | None = None) -> Request[Blocks]:
    """02: FIRST COUNT [OPT]; None = without OPT, the form in the capture of a real 810."""
    tail = b"" if options is None else byte_values(options=options)
    parse = partial(replies.blocks, first, count, options or 0)
    return _addressed(READ_MULTIBLOCK, uid, _range(first, count) + tail, parse)


def write_blocks(uid: Uid, first: int, content: bytes) -> Request[Done]:
    """04: FIRST COUNT 00 and the blocks, in memory order."""
    if not content or len(content) % BLOCK_SIZE:
        raise LocalProtocolError(f"{len(content)} bytes are not whole blocks of {BLOCK_SIZE}")
    data = _range(first, len(content) // BLOCK_SIZE) + b"\x00" + content
    return _addressed(WRITE_MULTIBLOCK, uid, data, replies.written)


def lock_block(uid: Uid, block: int) -> Request[Done]:
    """08. Irreversible."""
    return _addressed(LOCK_BLOCK, uid, byte_values(block=block), replies.done)


def get_afi(uid: Uid) -> Request[Number]:
    """0A."""
    return _addressed(GET_AFI, uid, b"", replies.number)


def write_afi(uid: Uid, afi: int) -> Request[Done]:
    """09."""
    return _addressed(WRITE_AFI, uid, byte_values(afi=afi), replies.done)


def lock_afi(uid: Uid) -> Request[Done]:
    """06. Irreversible."""
    return _addressed(LOCK_AFI, uid, b"", replies.done)


def get_dsfid(uid: Uid) -> Request[Number]:
    """0F."""
    return _addressed(GET_DSFID, uid, b"", replies.number)


def write_dsfid(uid: Uid, dsfid: int) -> Request[Done]:
    """0B."""
    return _addressed(WRITE_DSFID, uid, byte_values(dsfid=dsfid), replies.done)


def lock_dsfid(uid: Uid) -> Request[Done]:
    """0E. Irreversible."""
    return _addressed(LOCK_DSFID, uid, b"", replies.done)


def check_eas(uid: Uid) -> Request[Number]:
    """03: a tag whose EAS bit is off does not answer on the air, so "off" is error 06, as is an absent tag."""
    return _addressed(CHECK_EAS, uid, b"", replies.number)


def eas_control(uid: Uid, *, on: bool) -> Request[Done]:
    """0C."""
    return _addressed(EAS_CONTROL, uid, bytes((on,)), replies.done)


def tag_information(uid: Uid, wanted: int = 0x0F) -> Request[TagInformation]:
    """0D."""
    return _addressed(TAG_INFO, uid, byte_values(wanted=wanted), partial(replies.tag_information, wanted))


OVERRIDE_WAIT: Final = 0x1000
SEND_EOF: Final = 0x2000
_WAIT_UNITS: Final = 0x07FF
"""Control options of ISO Pass thru: bit 12, bit 13, and the wait in bits 0 to 10."""


def pass_thru(air: bytes, most: int, control: int = 0) -> Request[AirAnswer]:
    """14: an ISO 15693 request from its flags on, without CRC; `most` bytes of answer, without CRC."""
    if not (1 <= len(air) <= 0xFFF and 1 <= most <= 0xFFF and 0 <= control <= 0x3FFF):
        raise LocalProtocolError("not a valid request to pass through")
    data = len(air).to_bytes(2, "big") + most.to_bytes(2, "big") + control.to_bytes(2, "big") + air
    return Request(PASS_THRU, data, replies.air_answer)


def write_control(uid: Uid) -> int:
    """Return the control options for a passed-through request that changes the tag.

    Texas Instruments tags answer only after an end of frame some 10 ms after the request: bit 13, wait in units of 9.44
    us. Other tags get no such end of frame; the reader waits up to 20 ms for them, in units of 18.88 us (manual, ISO
    Pass thru, footnote **; 20 ms: ISO/IEC 15693-3).
    """
    if is_texas(uid):
        return OVERRIDE_WAIT | SEND_EOF | round(10_000 / 9.44) & _WAIT_UNITS
    return OVERRIDE_WAIT | round(20_000 / 18.88) & _WAIT_UNITS


def _addressed(row: Row, uid: Uid, data: bytes, parse: Callable[[bytes], E | Refused]) -> Request[E]:
    raw = uid_bytes(uid)
    return Request(row, raw + data, parse, raw)


def _range(first: int, count: int) -> bytes:
    if not (0 <= first <= 0xFF and 1 <= count <= MOST_BLOCKS and first + count <= 0x100):
        raise LocalProtocolError(f"{count} blocks from block {first} cannot be requested at once")
    return bytes((first, count))


# --- error codes ----------------------------------------------------------------------------------------------------


class Blame(Enum):
    """Cause of an error code: the tag or the reader."""

    TAG_SILENT = "the tag does not answer, or not legibly: after a write the outcome is unknown"
    TAG_REFUSES = "the tag says no"
    READER_REFUSES = "the reader says no"


class ErrorCode(msgspec.Struct, frozen=True):
    """One error code of Appendix A."""

    code: int
    meaning: str
    blame: Blame
    iso_error: int = 0x0F
    """The ISO/IEC 15693-3 error of the same meaning."""


NO_TRANSPONDER: Final = 0x06
NOT_PUT: Final = 0x16
OPTION_NOT_SUPPORTED: Final = 0x31
PARAMETER_ERROR: Final = 0x32
NOT_ENOUGH_MEMORY: Final = 0xFE
NOT_IMPLEMENTED: Final = 0x02

_ROWS: Final = (
    ErrorCode(NOT_IMPLEMENTED, "command not implemented", Blame.READER_REFUSES),
    ErrorCode(NO_TRANSPONDER, "no transponder", Blame.TAG_SILENT),
    ErrorCode(0x0F, "unknown error", Blame.TAG_REFUSES),
    ErrorCode(0x11, "memory not available", Blame.TAG_REFUSES, iso_error=0x10),
    ErrorCode(0x12, "memory locked", Blame.TAG_REFUSES, iso_error=0x12),
    ErrorCode(0x15, "memory not read", Blame.TAG_SILENT),
    ErrorCode(NOT_PUT, "memory not put", Blame.TAG_REFUSES, iso_error=0x13),
    ErrorCode(0x21, "tag command not supported", Blame.TAG_REFUSES, iso_error=0x01),
    ErrorCode(0x22, "tag command unknown", Blame.TAG_REFUSES, iso_error=0x02),
    ErrorCode(0x23, "tag command option not supported", Blame.TAG_REFUSES, iso_error=0x03),
    ErrorCode(0x30, "not supported by this tag", Blame.TAG_REFUSES, iso_error=0x01),
    ErrorCode(OPTION_NOT_SUPPORTED, "option not supported", Blame.READER_REFUSES),
    ErrorCode(PARAMETER_ERROR, "parameter error", Blame.READER_REFUSES),
    ErrorCode(0xFD, "cancelled", Blame.READER_REFUSES),
    ErrorCode(NOT_ENOUGH_MEMORY, "not enough memory", Blame.READER_REFUSES),
)
ERRORS: Final = {row.code: row for row in _ROWS}
"""Appendix A."""


def refusal(request: Request[E], error: int, data: bytes) -> Refused:
    """Return a refusal as a value. Its data is empty, or the UID (if one was sent) and at most one more byte.

    The refusal of a command that is not implemented does not repeat the UID (manual, "Reader Error(s)"). Whether other
    refusals always do is not certain, so both forms are accepted. Raises `Misshapen`.
    """
    cursor = Cursor(data)
    if not cursor.left:
        return Refused(error)
    if not request.uid:
        raise Misshapen(f"error {error:02X} carries {len(data)} bytes")
    cursor.expect(request.uid, "UID")
    beside = cursor.number() if cursor.left else None
    cursor.end()
    return Refused(error, beside if request.row is WRITE_MULTIBLOCK else None)


def error_for(refused: Refused, command: str) -> StationError:
    """Return the station's error for a refusal."""
    known = ERRORS.get(refused.error)
    if known is None:  # the LOCK byte of a block may hold any number
        return RemoteProtocolError(f"{command}: unknown error {refused.error:02X}")
    detail = f"{command}: {known.meaning} (error {known.code:02X})"
    match known.blame:
        case Blame.TAG_SILENT:
            return TagAbsent(detail)
        case Blame.TAG_REFUSES:
            return TagRefused(known.iso_error, detail, refused.block)
        case Blame.READER_REFUSES:
            return ReaderRefused(known.code, f"{known.meaning}, to {command}")
