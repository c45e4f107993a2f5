"""FEIG status bytes, as data: one row a status; what a refusing reply carries and which error of the station it is.

Source: FEIG H20800-16e Annex C. Which carry data: 83, 94 and 95 (7.1 p. 80), on newer readers 84 and 93, too, and 02 in answer
to a transparent command (Siemens RF290R 9.1 p. 79); 96 has a code of its own (Annex C2).
"""

from __future__ import annotations

from enum import Enum
from typing import Final

import msgspec

from station.base.errors import ReaderRefused, RemoteProtocolError, StationError, TagAbsent, TagRefused
from station.drivers.feig.replies import Refused
from station.drivers.line.cursor import Misshapen


class Carries(Enum):
    """What a refusing reply's DATA may hold."""

    NOTHING = "nothing"
    BLOCK = "at most DB-ADR-E"
    ISO_ERROR = "ISO-ERROR and at most DB-ADR-E"
    DATA = "anything: what had come by then, which is of no use any more"


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
    Status(0x02, "data false (CRC or parity on the air)", Blame.TAG_SILENT, Carries.DATA),
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
    Status(0x83, "RF communication error", Blame.TAG_SILENT, Carries.DATA),
    Status(0x84, "RF warning", Blame.TAG_SILENT, Carries.DATA),
    Status(0x93, "data buffer overflow", Blame.READER_REFUSES, Carries.DATA),
    Status(0x94, "more data", Blame.READER_REFUSES, Carries.DATA),
    Status(0x95, "ISO 15693 error", Blame.TAG_REFUSES, Carries.ISO_ERROR),
    Status(0x96, "ISO 14443 error", Blame.READER_REFUSES, Carries.DATA),
    Status(0xF1, "hardware warning", Blame.READER_REFUSES),
)
STATUSES: Final = {row.code: row for row in _ROWS}
"""Annex C. 01, 83, 84, 93 and 94 are no refusals of an inventory: `INVENTORY.answers`."""


def refusal(status: int, data: bytes) -> Refused:
    """A refusing reply as a value; raises `Misshapen` when DATA holds what the status does not carry."""
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
    """The error of the station that a refusal stands for."""
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
        case Blame.NOBODY:
            return RemoteProtocolError(f"{command}: a refusal that is none")
