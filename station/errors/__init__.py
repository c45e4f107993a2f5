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

from station.errors.base import (
    EXIT_CODES,
    BenchBusy,
    ControlRefused,
    ExtraMissing,
    Recovery,
    SettingsError,
    StationBusy,
    StationClosed,
    StationDefect,
    StationError,
)
from station.errors.content import (
    BarcodeAmbiguous,
    BarcodeMalformed,
    BarcodeUnknown,
    CatalogError,
    DoesNotFit,
    DumpUnreadable,
    ElementInvalid,
    EncodingError,
    ImportRefused,
    NotPossible,
    RecordIncomplete,
    Undecodable,
)
from station.errors.printing import LabelNotSaved, LabelRefused, PrinterFailed, PrintError
from station.errors.reader import (
    ChipUnfit,
    LocalProtocolError,
    NotFinished,
    PortBusy,
    PortDenied,
    PortLost,
    PortMissing,
    ProtocolError,
    ReaderRefused,
    ReaderSilent,
    RemoteProtocolError,
    TagAbsent,
    TagError,
    TagGivenUp,
    TagLocked,
    TagLost,
    TagMismatch,
    TagRefused,
    TagsCollide,
    TagUnreadable,
    TransportError,
)
from station.errors.services import (
    Conflict,
    CredentialsRefused,
    IndexUnusable,
    InDoubt,
    Rejected,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreReadOnly,
    StoreTooNew,
    SyncError,
    Throttled,
    Unreachable,
)
from station.errors.work import (
    CorrectionNotOpen,
    CorrectionUnknown,
    NotAllowed,
    OwnWork,
    ReasonMissing,
    WorkerGone,
    WorkError,
    WorkerTaken,
    WorkerUnknown,
)

__all__ = [
    "EXIT_CODES",
    "BarcodeAmbiguous",
    "BarcodeMalformed",
    "BarcodeUnknown",
    "BenchBusy",
    "CatalogError",
    "ChipUnfit",
    "Conflict",
    "ControlRefused",
    "CorrectionNotOpen",
    "CorrectionUnknown",
    "CredentialsRefused",
    "DoesNotFit",
    "DumpUnreadable",
    "ElementInvalid",
    "EncodingError",
    "ExtraMissing",
    "ImportRefused",
    "InDoubt",
    "IndexUnusable",
    "LabelNotSaved",
    "LabelRefused",
    "LocalProtocolError",
    "NotAllowed",
    "NotFinished",
    "NotPossible",
    "OwnWork",
    "PortBusy",
    "PortDenied",
    "PortLost",
    "PortMissing",
    "PrintError",
    "PrinterFailed",
    "ProtocolError",
    "ReaderRefused",
    "ReaderSilent",
    "ReasonMissing",
    "RecordIncomplete",
    "Recovery",
    "Rejected",
    "RemoteProtocolError",
    "SettingsError",
    "StationBusy",
    "StationClosed",
    "StationDefect",
    "StationError",
    "StoreCorrupt",
    "StoreError",
    "StoreFull",
    "StoreLocked",
    "StoreReadOnly",
    "StoreTooNew",
    "SyncError",
    "TagAbsent",
    "TagError",
    "TagGivenUp",
    "TagLocked",
    "TagLost",
    "TagMismatch",
    "TagRefused",
    "TagUnreadable",
    "TagsCollide",
    "Throttled",
    "TransportError",
    "Undecodable",
    "Unreachable",
    "WorkError",
    "WorkerGone",
    "WorkerTaken",
    "WorkerUnknown",
    "walk",
]


def walk(root: type[StationError] = StationError) -> list[type[StationError]]:
    """Every class of the tree, root first."""
    found = [root]
    for child in root.__subclasses__():
        found.extend(walk(child))
    return found
