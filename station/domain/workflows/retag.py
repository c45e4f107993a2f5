"""Views of the workflows for one tag, erase and migrate, as values. All text is clean."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.choice import Choice


class RetagTask(StrEnum):
    """Task to perform on the tag."""

    ERASE = "erase"
    """Erase it, so that it is like a new one."""
    MIGRATE = "migrate"
    """Carry over its content to this library's own profile."""


class RetagState(StrEnum):
    """State of the task; the state table is `bench.workflows.retag.rules.MOVES`."""

    EMPTY = "empty"
    """No tag is on the pad."""
    SHOWN = "shown"
    """The tag's content and the planned result are shown; nothing is written yet."""
    SURE = "sure"
    """The operator asked for it; a second gesture must confirm."""
    WRITING = "writing"
    STOPPED = "stopped"
    """An error occurred, or the tag is half written."""
    DONE = "done"


class TagLine(msgspec.Struct, frozen=True):
    """Change of one value on the tag."""

    kind: str
    """"kept", "changed", "guessed", "dropped", "does-not-fit" (`encoding.migration.migration.NoteKind`), or "erased"."""
    name: Sentence
    before: str = ""
    """Raw value on the tag: a code, not its meaning."""
    after: str = ""
    reason: Sentence = EMPTY
    old: Sentence = EMPTY
    """`before` for display: a code with its meaning."""
    new: Sentence = EMPTY
    """`after` for display."""


class RetagView(msgspec.Struct, frozen=True, kw_only=True, tag="errand"):
    """One tag, and the planned result of the task."""

    task: RetagTask = msgspec.field(default=RetagTask.ERASE, name="errand")
    state: RetagState = RetagState.EMPTY
    uid: str = ""
    says: Sentence = EMPTY
    """Description of the tag."""
    barcode: str = ""
    """The item that the tag names, if certain, or whose barcode was scanned for it."""
    title: str = ""
    """Title of that item, if the catalog has it."""
    bound: Sentence = EMPTY
    """The item that the tag carries according to the ledger of verified writes; empty = none."""
    target: Sentence = EMPTY
    """Description of the tag after the task."""
    lines: tuple[TagLine, ...] = ()
    refused: Sentence = EMPTY
    """Why the task cannot be done; empty = it can."""
    commands: int = 0
    """Number of planned write commands."""
    held: str = ""
    """Barcode of the item in the operator's hand, if it is not the item that the tag names; "" = it is, or none was
    scanned."""
    answers: tuple[Choice, ...] = ()
    steps_done: int = 0
    steps_total: int = 0

    def count(self, *kinds: str) -> int:
        """Return the number of lines of these kinds."""
        return sum(1 for line in self.lines if line.kind in kinds)
