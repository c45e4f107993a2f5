"""The workflows of the bench, and what each shows beside the common parts of a snapshot. Values only; all text is clean.

A new workflow needs a name here, a view, and a row in `tui.pages.menu`. Import from this package, not from its files.
"""

from __future__ import annotations

from enum import StrEnum

from station.domain.workflows.convert import ConvertState, ConvertView, DoneItem, StackLine, StackReport, StackState
from station.domain.workflows.inspect import (
    HistoryLine,
    InspectedTag,
    InspectView,
    LedgerLine,
    TagDiagnosis,
    TagRange,
    TagSummary,
    UndoOffer,
    UndoState,
)
from station.domain.workflows.release import ListFile, ListRead, ReleaseLine, ReleaseState, ReleaseView
from station.domain.workflows.retag import RetagState, RetagTask, RetagView, TagLine
from station.domain.workflows.sets import MOST_PARTS, PartState, SetModel, SetPart, SetState, SetView
from station.domain.workflows.withdraw import WithdrawState, WithdrawView

__all__ = [
    "MOST_PARTS",
    "ConvertState",
    "ConvertView",
    "DoneItem",
    "HistoryLine",
    "InspectView",
    "InspectedTag",
    "LedgerLine",
    "ListFile",
    "ListRead",
    "PartState",
    "ReleaseLine",
    "ReleaseState",
    "ReleaseView",
    "RetagState",
    "RetagTask",
    "RetagView",
    "SetModel",
    "SetPart",
    "SetState",
    "SetView",
    "StackLine",
    "StackReport",
    "StackState",
    "TagDiagnosis",
    "TagLine",
    "TagRange",
    "TagSummary",
    "UndoOffer",
    "UndoState",
    "WithdrawState",
    "WithdrawView",
    "Workflow",
    "WorkflowView",
]


class Workflow(StrEnum):
    """What the bench is used for just now: it says what a scan and an item on the pad mean."""

    PROCESS = "process"
    """One item from scan to verdict."""
    CONVERT = "convert"
    """Tags for a collection, one item after the other, without the checks of a person."""
    RELEASE = "release"
    """A truck's list: which items may leave, and why the others may not."""
    SETS = "sets"
    """All parts of one item, in any order."""
    INSPECT = "inspect"
    """What lies on the pad, from all sides; and the undo of a last write."""
    ERASE = "erase"
    """A tag becomes like a new one."""
    WITHDRAW = "withdraw"
    """What leaves the library: an item that is withdrawn, or given back to whom it was leased from."""
    MIGRATE = "migrate"
    """What another library's or an older tag says is carried over to this library's profile."""


WorkflowView = ConvertView | ReleaseView | WithdrawView | InspectView | SetView | RetagView
"""What a workflow shows besides."""
