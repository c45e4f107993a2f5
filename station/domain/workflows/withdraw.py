"""View of the checklist for an item that leaves the library."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class WithdrawState(StrEnum):
    """State of a withdrawal checklist; the state table is `bench.workflows.withdraw.MOVES`."""

    FREE = "free"
    """No item is in hand."""
    ASKING = "asking"
    DONE = "done"
    """The verdict is given."""


class WithdrawView(msgspec.Struct, frozen=True, kw_only=True, tag="withdraw"):
    """The checklist of a task. Item, checks and verdict are in the snapshot, as in the workflow "process"."""

    state: WithdrawState = WithdrawState.FREE
    task: str = "withdrawal"
    """"withdrawal" or "lease-return"."""
