"""FEIG status bytes, as data: one row for each status, with the data that a refusal carries and the station's error.

Source: FEIG H20800-16e Annex C; for 0B, 13, 14, 17, 31 to 37, 85 and 97, which that manual does not have, the driver
InlayTester.Drivers.FeigReader (commit bb5e42f), tested by its authors on newer readers. Statuses with data: 83, 94 and 95
(7.1 p. 80); on newer readers also 84 and 93, and 02 in the answer to a transparent command (Siemens RF290R 9.1 p. 79).
96 has its own code (Annex C2).
"""

from __future__ import annotations

from enum import Enum
from typing import Final

import msgspec

from station.base.errors import ReaderPassword, ReaderRefused, RemoteProtocolError, StationError, TagAbsent, TagRefused
from station.drivers.feig.replies import Refused
from station.drivers.line.cursor import Misshapen


class Carries(Enum):
    """Permitted DATA of a refusal."""

    NOTHING = "nothing"
    BLOCK = "at most DB-ADR-E"
    ISO_ERROR = "ISO-ERROR and at most DB-ADR-E"
    DATA = "anything: data received before the error, which is not used"


class Blame(Enum):
    """Cause of a status: the tag, the reader, or neither."""

    NOBODY = "nobody"
    TAG_SILENT = "the tag does not answer, or not legibly: after a write the outcome is unknown"
    TAG_REFUSES = "the tag says no"
    READER_REFUSES = "the reader says no"
    WANTS_PASSWORD = "the reader wants a log-in"


class Status(msgspec.Struct, frozen=True):
    """One status byte."""

    code: int
    meaning: str
    blame: Blame
    carries: Carries = Carries.NOTHING
    iso_error: int = 0x0F
    """The ISO/IEC 15693-3 error of the same meaning, for a refusal without its own code."""


_ROWS: Final = (
    Status(0x00, "ok", Blame.NOBODY),
    Status(0x01, "no transponder", Blame.TAG_SILENT),
    Status(0x02, "data false (CRC or parity on the air)", Blame.TAG_SILENT, Carries.DATA),
    Status(0x03, "write error", Blame.TAG_REFUSES, Carries.BLOCK, iso_error=0x13),
    Status(0x04, "address error", Blame.TAG_REFUSES, iso_error=0x10),
    Status(0x05, "wrong transponder type", Blame.TAG_REFUSES, iso_error=0x01),
    Status(0x08, "authentication error", Blame.READER_REFUSES),
    Status(0x0B, "collision", Blame.TAG_SILENT, Carries.DATA),
    Status(0x0E, "general error", Blame.READER_REFUSES),
    Status(0x10, "EEPROM failure", Blame.READER_REFUSES),
    Status(0x11, "parameter range error", Blame.READER_REFUSES),
    Status(0x13, "log-in requested", Blame.WANTS_PASSWORD),
    Status(0x14, "log-in error", Blame.WANTS_PASSWORD),
    Status(0x15, "configuration read not allowed", Blame.READER_REFUSES),
    Status(0x16, "configuration write not allowed", Blame.READER_REFUSES),
    Status(0x17, "firmware activation required", Blame.READER_REFUSES),
    *(Status(code, "error of the reader's SAM", Blame.READER_REFUSES, Carries.DATA) for code in range(0x31, 0x38)),
    Status(0x80, "unknown command", Blame.READER_REFUSES),
    Status(0x81, "length error", Blame.READER_REFUSES),
    Status(0x82, "command not available", Blame.READER_REFUSES),
    Status(0x83, "RF communication error", Blame.TAG_SILENT, Carries.DATA),
    Status(0x84, "RF warning", Blame.TAG_SILENT, Carries.DATA),
    Status(0x85, "EPC error", Blame.READER_REFUSES, Carries.DATA),
    Status(0x93, "data buffer overflow", Blame.READER_REFUSES, Carries.DATA),
    Status(0x94, "more data", Blame.READER_REFUSES, Carries.DATA),
    Status(0x95, "ISO 15693 error", Blame.TAG_REFUSES, Carries.ISO_ERROR),
    Status(0x96, "ISO 14443 error", Blame.READER_REFUSES, Carries.DATA),
    Status(0x97, "cryptography error", Blame.READER_REFUSES, Carries.DATA),
    Status(0xF1, "hardware warning", Blame.READER_REFUSES),
)
STATUSES: Final = {row.code: row for row in _ROWS}
"""By status byte. For an inventory, 01, 0B, 83, 84, 93 and 94 are answers, not refusals: see `INVENTORY.answers`."""


def refusal(status: int, data: bytes) -> Refused:
    """Return a refusal as a value. Raises `Misshapen` if DATA holds more than the status may carry."""
    carries = STATUSES[status].carries
    iso_error = None
    rest = data
    if carries is Carries.ISO_ERROR:
        if not data:
            raise Misshapen("an ISO error without its code")
        iso_error, rest = data[0], data[1:]
    elif carries is Carries.DATA:
        rest = b""
    if len(rest) > (0 if carries is Carries.NOTHING else 1):
        raise Misshapen(f"status {status:02X} carries {len(data)} bytes")
    return Refused(status, iso_error, rest[0] if rest else None)


def error_for(refused: Refused, command: str) -> StationError:
    """Return the station's error for a refusal."""
    status = STATUSES[refused.status]
    detail = f"{command}: {status.meaning} (status {status.code:02X})"
    match status.blame:
        case Blame.TAG_SILENT:
            return TagAbsent(detail)
        case Blame.TAG_REFUSES:
            iso_error = status.iso_error if refused.iso_error is None else refused.iso_error
            return TagRefused(iso_error, detail, refused.block)
        case Blame.READER_REFUSES:
            return ReaderRefused(refused.status, f"{status.meaning}, to {command}")
        case Blame.WANTS_PASSWORD:
            return ReaderPassword(refused.status, f"{status.meaning}, to {command}")
        case Blame.NOBODY:
            return RemoteProtocolError(f"{command}: a status that is not a refusal")
