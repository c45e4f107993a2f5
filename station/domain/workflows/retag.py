"""What the workflows about one tag show, erase and migrate, as values. All text is clean."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.domain.workflows.sets import WorkflowAnswer


class RetagTask(StrEnum):
    """What shall be done to the tag."""

    ERASE = "erase"
    """It becomes like a new one."""
    MIGRATE = "migrate"
    """What it says is carried over to this library's own profile."""


class RetagState(StrEnum):
    """Where it stands; `bench.workflows.retag.rules.MOVES` is the law."""

    EMPTY = "empty"
    """No tag was laid down."""
    SHOWN = "shown"
    """What is on it, and what would become of it, is shown; nothing is written yet."""
    SURE = "sure"
    """Somebody wants it: the second gesture is asked for."""
    WRITING = "writing"
    STOPPED = "stopped"
    """Something went wrong, or the tag is half written."""
    DONE = "done"


class TagLine(msgspec.Struct, frozen=True):
    """What becomes of one thing on the tag."""

    kind: str
    """"kept", "changed", "guessed", "dropped", "does-not-fit" (`encoding.migration.values.NoteKind`), or "erased"."""
    name: str
    before: str = ""
    """As it stands on the tag: a code, not what it means."""
    after: str = ""
    reason: str = ""
    old: str = ""
    """`before` as people read it: a code with what it means."""
    new: str = ""
    """`after` likewise."""


class RetagView(msgspec.Struct, frozen=True, kw_only=True, tag="errand"):
    """One tag, and what would become of it."""

    task: RetagTask = msgspec.field(default=RetagTask.ERASE, name="errand")
    state: RetagState = RetagState.EMPTY
    uid: str = ""
    says: str = ""
    """What it is, in a sentence."""
    barcode: str = ""
    """The item that it names, as far as that is certain, or that was scanned for it."""
    title: str = ""
    """Of that item, where the catalog knows it."""
    bound: str = ""
    """What the ledger of verified writes says that it carries, in a sentence; "" = nothing."""
    target: str = ""
    """What it would be afterwards."""
    lines: tuple[TagLine, ...] = ()
    refused: str = ""
    """Why it cannot be done, a sentence; "" = it can."""
    commands: int = 0
    """Writing commands that are planned."""
    answers: tuple[WorkflowAnswer, ...] = ()
    steps_done: int = 0
    steps_total: int = 0

    def count(self, *kinds: str) -> int:
        """How many lines are of these kinds."""
        return sum(1 for line in self.lines if line.kind in kinds)
