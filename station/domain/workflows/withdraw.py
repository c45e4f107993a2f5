"""What the checklist of an item that leaves the library shows."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class WithdrawState(StrEnum):
    """Where a checklist beside the main job stands; `bench.workflows.withdraw.MOVES` is its law."""

    FREE = "free"
    """No item is in hand."""
    ASKING = "asking"
    DONE = "done"
    """The verdict stands."""


class WithdrawView(msgspec.Struct, frozen=True, kw_only=True, tag="withdraw"):
    """The checklist of a task. Item, checks and verdict stand in the snapshot, as in the main job."""

    state: WithdrawState = WithdrawState.FREE
    task: str = "withdrawal"
    """"withdrawal" or "lease-return"."""
