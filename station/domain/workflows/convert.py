"""What a conversion session shows, and the report on a stack of finished items."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class StackState(StrEnum):
    """What one tag of a stack came to."""

    RIGHT = "right"
    MISSING = "missing"
    """Belongs to the stack and did not answer."""
    EXTRA = "extra"
    """Answered, and does not belong to the stack."""
    WRONG = "wrong"
    """Belongs to the stack, and something about it is not as it must be."""


class StackLine(msgspec.Struct, frozen=True, kw_only=True):
    """One item (or tag) of a stack."""

    state: StackState
    barcode: str = ""
    """"" for a tag that names no item."""
    part: int = 1
    parts: int = 1
    title: str = ""
    uid: str = ""
    """"" for what did not answer."""
    reasons: tuple[str, ...] = ()
    """Why it is not right, sentences."""


class StackReport(msgspec.Struct, frozen=True):
    """A look at a whole stack: what is right, in the order of work; then missing, extra and wrong ones."""

    lines: tuple[StackLine, ...] = ()

    def of(self, state: StackState) -> tuple[StackLine, ...]:
        """The lines of one kind."""
        return tuple(line for line in self.lines if line.state is state)

    @property
    def whole(self) -> bool:
        """Everything that belongs to the stack is there and right, and nothing else is."""
        return bool(self.lines) and all(line.state is StackState.RIGHT for line in self.lines)

    @property
    def doubtful(self) -> bool:
        """Something lies there that must be taken out and looked at."""
        return any(line.state in (StackState.EXTRA, StackState.WRONG) for line in self.lines)


class DoneItem(msgspec.Struct, frozen=True):
    """One part of an item that was finished in this session."""

    barcode: str
    part: int = 1
    parts: int = 1
    title: str = ""


class ConvertState(StrEnum):
    """Where a conversion session stands; `bench.workflows.convert.session.MOVES` is its law."""

    CLOSED = "closed"
    """No session is open."""
    LINE = "line"
    """One item after the other."""
    STOPPED = "stopped"
    """A doubt stands; the line goes on when it is answered."""
    LAY_STACK = "lay-stack"
    """The whole stack is to be laid on the pad."""
    STACK = "stack"
    """The stack was looked at; its report stands."""


class ConvertView(msgspec.Struct, frozen=True, kw_only=True, tag="convert"):
    """A conversion session."""

    state: ConvertState = ConvertState.CLOSED
    session: str = ""
    done: int = 0
    """Parts finished and good in this session."""
    not_good: int = 0
    """Verdicts of this session that were a fail."""
    per_hour: int | None = None
    """Items an hour, pauses left out; None before there are enough."""
    newest: tuple[DoneItem, ...] = ()
    """The last ones finished, the newest first."""
    stack: tuple[DoneItem, ...] = ()
    """Finished since the last stack that was right, in the order of work."""
    stack_size: int = 8
    report: StackReport | None = None
    """The stack as it was last looked at."""
