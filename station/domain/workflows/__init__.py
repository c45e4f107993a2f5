"""The workflows of the bench, and the view that each adds to the common parts of a snapshot. Values only; all text is
clean.

A new workflow needs a row in `manifest`, and its view. Import from this package, not from its files.
"""

from __future__ import annotations

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
from station.domain.workflows.manifest import MenuGroup, Workflow, WorkflowView
from station.domain.workflows.pack import PackState, PackView, Paper, PaperOrder
from station.domain.workflows.receive import CountedCopy, Offered, OrderFacts, ReceiveState, ReceiveView, ShortLine
from station.domain.workflows.release import ListFile, ListRead, ReleaseLine, ReleaseState, ReleaseView
from station.domain.workflows.retag import RetagState, RetagTask, RetagView, TagLine
from station.domain.workflows.sets import MOST_PARTS, PartState, SetModel, SetPart, SetState, SetView
from station.domain.workflows.withdraw import TagLeft, WithdrawState, WithdrawView

__all__ = [
    "MOST_PARTS",
    "ConvertState",
    "ConvertView",
    "CountedCopy",
    "DoneItem",
    "HistoryLine",
    "InspectView",
    "InspectedTag",
    "LedgerLine",
    "ListFile",
    "ListRead",
    "MenuGroup",
    "Offered",
    "OrderFacts",
    "PackState",
    "PackView",
    "Paper",
    "PaperOrder",
    "PartState",
    "ReceiveState",
    "ReceiveView",
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
    "ShortLine",
    "StackLine",
    "StackReport",
    "StackState",
    "TagDiagnosis",
    "TagLeft",
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
