"""The workflows of the bench, and the view that each adds to the common parts of a snapshot. Values only; all text is
clean.

A new workflow needs a name here, a view, and a row in `tui.pages.menu`. Import from this package, not from its files.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

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
    "TAG_FIRST",
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
    """The current workflow of the bench. It determines the meaning of a scan and of an item on the pad."""

    PROCESS = "process"
    """One item from scan to verdict."""
    CONVERT = "convert"
    """Tags for a collection, one item after the other, without checks by a person."""
    RELEASE = "release"
    """A truck's list: the items that may leave, and why the others may not."""
    SETS = "sets"
    """All parts of one item, in any order."""
    INSPECT = "inspect"
    """Full inspection of the tags on the pad, and the undo of a last write."""
    ERASE = "erase"
    """Erase a tag, so that it is like a new one."""
    WITHDRAW = "withdraw"
    """Items that leave the library: withdrawn, or returned to their lessor."""
    MIGRATE = "migrate"
    """Carry over the content of another library's or an older tag to this library's profile."""


TAG_FIRST: Final = frozenset({Workflow.ERASE, Workflow.MIGRATE})
"""Workflows that wait for a tag, with nothing in hand until it comes."""
WorkflowView = ConvertView | ReleaseView | WithdrawView | InspectView | SetView | RetagView
"""Additional data that a workflow shows."""
