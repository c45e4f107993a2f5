"""The one tree of errors. Adapters raise them; they are caught in exactly two places: the bench and the courier
(and, at the very edge, the command line, which turns them into an exit code).

Each class says whose fault it is by its place in the tree, and carries

* `code`      - stable, for journals, JSON and docs/errors.md (a test compares the two),
* `recovery`  - who acts next,
* `exit_code` - what a command line ends with (`EXIT_CODES` lists them all),
* `sentence`  - what a student worker reads; `detail` is what an engineer reads.

Anything raised that is not a `StationError` is a bug: it is journaled, stops the line and is shown.
"""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Final


class Recovery(StrEnum):
    """Who acts next after an error."""

    RETRY_SELF = "retry-self"
    """The station tries again by itself."""
    REPLACE_ITEM = "replace-item"
    """The operator does something with the item or its tag."""
    ASK_OPERATOR = "ask-operator"
    """The operator decides."""
    ASK_STAFF = "ask-staff"
    """The technician or the systems librarian decides."""
    STOP_LINE = "stop-line"
    """Nothing more is done until somebody has looked."""


EXIT_CODES: Final = {
    0: "done; everything is as it should be",
    1: "done, but the result is not good (a check failed, a chain does not verify, a script did not end as written)",
    2: "the command line itself is wrong (unknown option, missing argument)",
    3: "station.toml is missing or wrong",
    4: "the station is busy: another process holds it",
    10: "the reader or its port is missing, busy or gone",
    11: "the reader answers, but not as its manual says, or it refuses",
    20: "the tag is absent, lost, locked, wrong, or there is more than one",
    21: "the content cannot be encoded or decoded",
    30: "the barcode or the record is not usable",
    31: "the file could not be imported",
    40: "the library system does not answer or refuses",
    50: "the journal or the catalog index cannot be used",
    70: "a defect of the program",
}


class StationError(Exception):
    """Root of the tree; never raised itself."""

    code: ClassVar[str] = "station"
    recovery: ClassVar[Recovery] = Recovery.STOP_LINE
    exit_code: ClassVar[int] = 70
    sentence: ClassVar[str] = "Something went wrong. Please fetch the technician."

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        super().__init__(f"{self.code}: {detail}" if detail else self.code)

    @property
    def message(self) -> str:
        """The operator's sentence; subclasses with facts weave them in."""
        return self.sentence


# --- the program itself ---------------------------------------------------------------------------------------------


class StationClosed(StationError):
    """Work was handed to a part that is shutting down."""

    code = "station-closed"
    recovery = Recovery.ASK_OPERATOR
    exit_code = 4
    sentence = "The station is shutting down. Start it again and repeat the last step."


class StationBusy(StationError):
    """Another process holds the data directory."""

    code = "station-busy"
    recovery = Recovery.ASK_OPERATOR
    exit_code = 4
    sentence = "Another station is already running with this data. Use that one, or close it first."

    @property
    def message(self) -> str:
        """The sentence with the process that holds it."""
        return f"{self.sentence} ({self.detail})" if self.detail else self.sentence


class ControlRefused(StationError):
    """The running station did not take a request over its socket, or answered nonsense."""

    code = "control-refused"
    recovery = Recovery.ASK_STAFF
    exit_code = 4
    sentence = "The running station did not take the command. Look at its screen."


class StationDefect(StationError):
    """An exception that is nobody's fault but ours, caught at the bench."""

    code = "defect"
    sentence = "The program has a defect and stopped this item. Nothing more was written. Fetch the technician."


class SettingsError(StationError):
    """station.toml is missing, malformed, or has a key or value that is not known."""

    code = "settings"
    recovery = Recovery.ASK_STAFF
    exit_code = 3
    sentence = "The station's settings are not usable. Fetch the systems librarian."

    @property
    def message(self) -> str:
        """The sentence with the reason: settings are read by staff, so the detail helps."""
        return f"{self.sentence} ({self.detail})" if self.detail else self.sentence


# --- transport: the cable -------------------------------------------------------------------------------------------


class TransportError(StationError):
    """Bytes do not travel; never raised itself."""

    code = "transport"
    recovery = Recovery.ASK_STAFF
    exit_code = 10
    sentence = "The reader cannot be reached. Check its cable and its power."


class PortMissing(TransportError):
    """The configured port does not exist."""

    code = "port-missing"
    recovery = Recovery.RETRY_SELF
    sentence = "The reader is not connected. Plug it in; the station goes on by itself."


class PortBusy(TransportError):
    """Another program holds the port."""

    code = "port-busy"
    sentence = "Another program is using the reader. Close that program; the station goes on by itself."


class PortDenied(TransportError):
    """The operating system does not let us open the port."""

    code = "port-denied"
    sentence = "The station may not use the reader's port. Fetch the systems librarian (group dialout)."


class PortLost(TransportError):
    """The port vanished while it was in use."""

    code = "port-lost"
    recovery = Recovery.RETRY_SELF
    sentence = "The reader was unplugged. Plug it in again; the station goes on by itself."


class ReaderSilent(TransportError):
    """No (complete) answer before the deadline. What happened at the tag is unknown."""

    code = "reader-silent"
    recovery = Recovery.RETRY_SELF
    sentence = "The reader does not answer. Check its power; the station keeps trying."


# --- protocol: the language -----------------------------------------------------------------------------------------


class ProtocolError(StationError):
    """Bytes travel but make no sense; never raised itself."""

    code = "protocol"
    exit_code = 11
    sentence = "The reader and the station do not understand each other. Fetch the technician."


class LocalProtocolError(ProtocolError):
    """We asked for something that the protocol cannot say."""

    code = "protocol-local"


class RemoteProtocolError(ProtocolError):
    """The reader sent a frame that its manual does not allow; `data` holds the bytes."""

    code = "protocol-remote"
    recovery = Recovery.RETRY_SELF

    def __init__(self, detail: str = "", data: bytes = b"") -> None:
        self.data = data
        super().__init__(f"{detail} [{data.hex()}]" if data else detail)


class ReaderRefused(ProtocolError):
    """The reader answered with a status that is no tag's fault; `status` is its number."""

    code = "reader-refused"
    recovery = Recovery.ASK_STAFF
    sentence = "The reader refuses the command. Fetch the technician."

    def __init__(self, status: int, detail: str = "") -> None:
        self.status = status
        super().__init__(f"status {status:02X} {detail}".strip())


# --- tag: what lies on the pad --------------------------------------------------------------------------------------


class TagError(StationError):
    """The tag on the pad cannot be used as it is; never raised itself."""

    code = "tag"
    recovery = Recovery.REPLACE_ITEM
    exit_code = 20
    sentence = "There is a problem with the tag on the pad."


class TagAbsent(TagError):
    """The addressed tag does not answer; nothing had been written in this step."""

    code = "tag-absent"
    sentence = "No tag answers. Lay the item flat on the middle of the pad."


class TagLost(TagError):
    """The tag went away during a write: `written` of `planned` steps were proven."""

    code = "tag-lost"
    sentence = "The item was lifted while its tag was being written. Put the same item back on the pad."

    def __init__(self, written: int, planned: int, detail: str = "") -> None:
        self.written = written
        self.planned = planned
        super().__init__(f"{written} of {planned} steps proven {detail}".strip())


class TagRefused(TagError):
    """The tag itself answered with an ISO 15693 error code `iso_error` (ISO/IEC 15693-3, 7.4.2)."""

    code = "tag-refused"
    sentence = "The tag refuses the command. Try once more; if it happens again, use a new tag."

    def __init__(self, iso_error: int, detail: str = "", block: int | None = None) -> None:
        self.iso_error = iso_error
        self.block = block
        where = "" if block is None else f" at block {block}"
        super().__init__(f"ISO error {iso_error:02X}{where} {detail}".strip())


class TagLocked(TagError):
    """A block (or AFI, DSFID) that would have to change is locked; `what` names it."""

    code = "tag-locked"
    sentence = "This tag is locked and cannot be rewritten. Use a new tag."

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(what)


class TagsCollide(TagError):
    """More than one tag is in the field."""

    code = "tags-collide"
    sentence = "More than one tag is on the pad. Leave only one item on it."


class TagMismatch(TagError):
    """The tag read back is not what was written."""

    code = "tag-mismatch"
    sentence = "The tag does not hold what was written. Try once more; if it happens again, use a new tag."


class TagUnreadable(TagError):
    """The tag is there, but its memory cannot be read (twice the same)."""

    code = "tag-unreadable"
    sentence = "The tag cannot be read reliably. Move the item to the middle of the pad, or use a new tag."


class TagGivenUp(TagError):
    """Too many interrupted writes: the tag is not tried again."""

    code = "tag-given-up"
    sentence = "Writing this tag failed too often. Take it out and use a new tag."


class NotFinished(TagError):
    """A command without an operator came to a stop that somebody must decide; carries the fault's own sentence."""

    code = "not-finished"
    recovery = Recovery.ASK_OPERATOR
    sentence = "The station stopped at this item and nobody was there to decide."

    def __init__(self, sentence: str, detail: str = "") -> None:
        self.said = sentence
        super().__init__(detail)

    @property
    def message(self) -> str:
        """What the operator's screen said."""
        return self.said


# --- encoding: the content ------------------------------------------------------------------------------------------


class EncodingError(StationError):
    """Content and tag format do not fit together; never raised itself."""

    code = "encoding"
    recovery = Recovery.ASK_STAFF
    exit_code = 21
    sentence = "The data cannot be put on a tag. Set the item aside for the technician."


class ElementInvalid(EncodingError):
    """A data element has a value that its format does not allow."""

    code = "element-invalid"


class DoesNotFit(EncodingError):
    """The content is larger than the tag: `needed` and `available` are bytes."""

    code = "does-not-fit"
    recovery = Recovery.REPLACE_ITEM
    sentence = "The tag is too small for this data. Use a bigger tag."

    def __init__(self, needed: int, available: int) -> None:
        self.needed = needed
        self.available = available
        super().__init__(f"{needed} bytes needed, {available} available")


class Undecodable(EncodingError):
    """Memory that does not follow its data model, at byte `offset`. The decoders raise nothing else."""

    code = "undecodable"
    sentence = "The tag holds something that the station cannot read."

    def __init__(self, offset: int, reason: str) -> None:
        self.offset = offset
        self.reason = reason
        super().__init__(f"at byte {offset}: {reason}")


# --- catalog --------------------------------------------------------------------------------------------------------


class CatalogError(StationError):
    """A barcode or record is not usable; never raised itself."""

    code = "catalog"
    recovery = Recovery.ASK_STAFF
    exit_code = 30
    sentence = "The record cannot be used. Set the item aside for the technician."


class BarcodeMalformed(CatalogError):
    """The scanned text is not one of this library's barcodes (length, prefix, check digit, two in one burst)."""

    code = "barcode-malformed"
    recovery = Recovery.ASK_OPERATOR
    sentence = "That is not one of our barcodes. Scan the library's barcode again."


class BarcodeUnknown(CatalogError):
    """No record has this barcode."""

    code = "barcode-unknown"
    sentence = "No record has this barcode. Set the item aside for the technician."


class RecordIncomplete(CatalogError):
    """The record lacks something without which nothing may be written; `missing` names it."""

    code = "record-incomplete"
    sentence = "The record is not complete. Set the item aside for the technician."

    def __init__(self, missing: str) -> None:
        self.missing = missing
        super().__init__(f"no {missing}")

    @property
    def message(self) -> str:
        """The sentence names what is missing."""
        return f"The record has no {self.missing}. Set the item aside for the technician."


class BarcodeAmbiguous(CatalogError):
    """Two items in the catalog have this barcode; which one is meant cannot be known."""

    code = "barcode-ambiguous"
    sentence = "Two items in the catalog have this barcode. Set the item aside for the technician."


class ImportRefused(CatalogError):
    """A catalog file could not be imported; the index is as it was."""

    code = "import-refused"
    exit_code = 31
    sentence = "The file was not imported; the catalog is as it was."

    @property
    def message(self) -> str:
        """The sentence with the reason."""
        return f"{self.sentence} ({self.detail})" if self.detail else self.sentence


# --- store ----------------------------------------------------------------------------------------------------------


class StoreError(StationError):
    """The journal or an index cannot be used."""

    code = "store"
    exit_code = 50
    sentence = "The station cannot save its work and has stopped. Nothing was lost. Fetch the technician."


class StoreFull(StoreError):
    """No space left on the device."""

    code = "store-full"
    sentence = "The station's disk is full. Fetch the technician; this item was not finished."


class StoreReadOnly(StoreError):
    """The database cannot be written."""

    code = "store-read-only"
    sentence = "The station may not write to its disk. Fetch the systems librarian."


class StoreLocked(StoreError):
    """Another program holds the database."""

    code = "store-locked"
    recovery = Recovery.RETRY_SELF
    sentence = "Another program is holding the station's journal. Close it, then try again."


class StoreCorrupt(StoreError):
    """The database is damaged, or its chain does not verify."""

    code = "store-corrupt"
    recovery = Recovery.ASK_STAFF
    sentence = "The station's journal is damaged. Do not go on; fetch the systems librarian."


class StoreTooNew(StoreError):
    """The database was written by a newer program."""

    code = "store-too-new"
    recovery = Recovery.ASK_STAFF
    sentence = "The data was written by a newer version of this program. Fetch the systems librarian."


class IndexUnusable(StoreError):
    """The catalog index is damaged, not ours, newer, or made with another item profile. It can be thrown away."""

    code = "index-unusable"
    recovery = Recovery.ASK_STAFF
    sentence = "The catalog index cannot be used. Fetch the systems librarian: the catalog must be imported again."


# --- sync -----------------------------------------------------------------------------------------------------------


class SyncError(StationError):
    """The library system could not be served; never raised itself."""

    code = "sync"
    recovery = Recovery.RETRY_SELF
    exit_code = 40
    sentence = "The library system did not take the result yet. Go on working; it is kept."


class Unreachable(SyncError):
    """No connection, or no answer to a question that changes nothing."""

    code = "unreachable"
    sentence = "The library system cannot be reached. Go on working; results are kept and sent later."


class Throttled(SyncError):
    """The library system asks us to slow down; `retry_after` is seconds, if it said."""

    code = "throttled"
    sentence = "The library system asks us to slow down. Go on working; results are sent later."

    def __init__(self, detail: str = "", retry_after: float | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(detail)


class CredentialsRefused(SyncError):
    """The key is missing, wrong, or lacks a right."""

    code = "credentials-refused"
    recovery = Recovery.ASK_STAFF
    sentence = "The library system refuses the station's key. Go on working; tell the systems librarian."


class Rejected(SyncError):
    """The library system says no, and would say no again."""

    code = "rejected"
    recovery = Recovery.ASK_STAFF
    sentence = "The library system rejects this result. It is parked for the technician."


class Conflict(SyncError):
    """Somebody else changed what we wanted to change."""

    code = "conflict"
    recovery = Recovery.ASK_STAFF
    sentence = "Somebody else changed this item. The result is parked for the technician."


class InDoubt(SyncError):
    """A change was sent and no answer came: it may or may not have happened."""

    code = "in-doubt"
    sentence = "The library system did not confirm. The station looks before it sends anything again."


def walk(root: type[StationError] = StationError) -> list[type[StationError]]:
    """Every class of the tree, root first."""
    found = [root]
    for child in root.__subclasses__():
        found.extend(walk(child))
    return found
