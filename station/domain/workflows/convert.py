"""View of a conversion session, and the report on a stack of finished items."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.sentence import Sentence


class StackState(StrEnum):
    """Result for one tag of a stack."""

    RIGHT = "right"
    MISSING = "missing"
    """Belongs to the stack but did not answer."""
    EXTRA = "extra"
    """Answered but does not belong to the stack."""
    WRONG = "wrong"
    """Belongs to the stack but is not as required."""


class StackLine(msgspec.Struct, frozen=True, kw_only=True):
    """One item (or tag) of a stack."""

    state: StackState
    barcode: str = ""
    """Empty for a tag that names no item."""
    part: int = 1
    parts: int = 1
    title: str = ""
    uid: str = ""
    """Empty for a tag that did not answer."""
    reasons: tuple[Sentence, ...] = ()
    """Why it is not right."""


class StackReport(msgspec.Struct, frozen=True):
    """Comparison of a whole stack: right lines in the order of work, then missing, extra and wrong ones."""

    lines: tuple[StackLine, ...] = ()

    def of(self, state: StackState) -> tuple[StackLine, ...]:
        """Return the lines in one state."""
        return tuple(line for line in self.lines if line.state is state)

    @property
    def whole(self) -> bool:
        """Return True if everything that belongs to the stack is there and right, and nothing else is."""
        return bool(self.lines) and all(line.state is StackState.RIGHT for line in self.lines)

    @property
    def doubtful(self) -> bool:
        """Return True if the stack contains a tag that must be taken out and inspected."""
        return any(line.state in (StackState.EXTRA, StackState.WRONG) for line in self.lines)


class DoneItem(msgspec.Struct, frozen=True):
    """One part of an item finished in this session."""

    barcode: str
    part: int = 1
    parts: int = 1
    title: str = ""


class ConvertState(StrEnum):
    """State of a conversion session; the state table is `bench.workflows.convert.session.MOVES`."""

    CLOSED = "closed"
    """No session is open."""
    LINE = "line"
    """Items are processed in sequence."""
    STOPPED = "stopped"
    """A question is open; work continues once it is answered."""
    LAY_STACK = "lay-stack"
    """The operator must put the whole stack on the pad."""
    STACK = "stack"
    """The stack was read; its report is shown."""


class ConvertView(msgspec.Struct, frozen=True, kw_only=True, tag="convert"):
    """A conversion session."""

    state: ConvertState = ConvertState.CLOSED
    session: str = ""
    done: int = 0
    """Parts finished with a good verdict in this session."""
    not_good: int = 0
    """Verdicts of this session that were a fail."""
    per_hour: int | None = None
    """Items per hour, without pauses; None until there are enough items."""
    newest: tuple[DoneItem, ...] = ()
    """The last items finished, newest first."""
    stack: tuple[DoneItem, ...] = ()
    """Items finished since the last right stack, in the order of work."""
    stack_size: int = 8
    report: StackReport | None = None
    """Report on the stack when last read."""
