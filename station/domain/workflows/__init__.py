"""The workflows of the bench, and what each shows beside the common parts of a snapshot. Values only; all text is clean.

Whoever adds a workflow adds its name here, its view, and its row in `tui.pages.menu`.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.domain.workflows.retag import RetagView
from station.domain.workflows.sets import SetView


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


class ReleaseState(StrEnum):
    """Where a truck's list stands; `bench.workflows.release.rules.MOVES` is its law."""

    OPEN = "open"
    RELEASED = "released"


class ReleaseLine(msgspec.Struct, frozen=True, kw_only=True):
    """One item of a truck's list."""

    barcode: str
    title: str = ""
    right: bool = False
    reasons: tuple[str, ...] = ()
    """Why it may not leave, sentences."""
    notes: tuple[str, ...] = ()
    """What does not hold it back."""


class ListFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that holds the list of a truck."""

    key: str
    """Where it lies: what it is chosen by."""
    name: str
    at: str = ""
    """When it was written, for people."""


class ListRead(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in such a file."""

    lines: tuple[str, ...] = ()
    refused: str = ""
    """Why it is no list, a sentence."""


class ReleaseView(msgspec.Struct, frozen=True, kw_only=True, tag="release"):
    """A truck's list in the order of the scans."""

    state: ReleaseState = ReleaseState.OPEN
    truck: str = ""
    """Name of the truck, from its label; "" = none was scanned."""
    lines: tuple[ReleaseLine, ...] = ()
    files: tuple[ListFile, ...] = ()
    """Lists in files, where one is being chosen."""


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


class TagRange(msgspec.Struct, frozen=True, kw_only=True):
    """Some bytes of a tag and what they are for."""

    offset: int
    length: int
    part: str
    """`encoding.content.Part`."""
    label: str
    value: str = ""
    note: str = ""


class TagDiagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with a tag, or worth knowing."""

    code: str
    severity: str
    sentence: str
    advice: str


class HistoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a history."""

    seq: int
    at: str
    said: str


class LedgerLine(msgspec.Struct, frozen=True, kw_only=True):
    """A second tag, or a tag that was used again."""

    kind: str
    """"second-tag" or "used-again"."""
    uid: str
    barcode: str
    part: int
    at: str
    """When that write was verified."""
    sentence: str


class UndoOffer(msgspec.Struct, frozen=True, kw_only=True):
    """The last write to a tag, which can be taken back."""

    attempt: str
    barcode: str
    at: str
    operator: str
    back_to: str
    """What the tag would be again, in words."""
    begun: bool = False
    """It was begun and not finished."""
    refused: str = ""
    """Why it cannot be; "" = it can."""


class UndoState(StrEnum):
    """Where an undo stands; `bench.item.undo.MOVES` is its law."""

    RESTS = "rests"
    ASKED = "asked"
    """The station asks whether it is really meant."""
    DONE = "done"
    REFUSED = "refused"
    BROKEN = "broken"
    """Begun and not finished: the tag must come back."""


class InspectedTag(msgspec.Struct, frozen=True, kw_only=True):
    """One tag from all sides. All text has passed `text.clean`."""

    uid: str
    chip: str
    state: str
    summary: str
    barcode: str = ""
    """"" unless it is a finished tag."""
    afi: int | None = 0
    """None: the reader does not tell it; the same of `dsfid`."""
    dsfid: int | None = 0
    block_size: int = 4
    memory: bytes = b""
    locked: tuple[int, ...] = ()
    """Numbers of the locked blocks."""
    lines: tuple[str, ...] = ()
    """The tag in words."""
    ranges: tuple[TagRange, ...] = ()
    """Every byte of the memory is in exactly one."""
    dump: tuple[str, ...] = ()
    """The memory with the letters of its ranges under it, and their legend."""
    diagnoses: tuple[TagDiagnosis, ...] = ()
    """The worst first; () = nothing is wrong."""
    ledger: tuple[str, ...] = ()
    """Second tags and former items, sentences."""
    history: tuple[HistoryLine, ...] = ()
    """The newest first."""
    undo: UndoOffer | None = None
    to_do: tuple[str, ...] = ()
    """What an undo that was just done leaves to people, sentences."""


class TagSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One of several tags on the pad."""

    uid: str
    summary: str


class InspectView(msgspec.Struct, frozen=True, kw_only=True, tag="inspect"):
    """What lies on the pad, one tag of it in full; or the history of an item whose barcode was scanned."""

    tags: tuple[TagSummary, ...] = ()
    shown: InspectedTag | None = None
    barcode: str = ""
    """The item whose history stands here."""
    title: str = ""
    history: tuple[HistoryLine, ...] = ()
    ledger: tuple[str, ...] = ()
    undo: UndoState = UndoState.RESTS
    said: str = ""
    """What became of the undo."""


WorkflowView = ConvertView | ReleaseView | WithdrawView | InspectView | SetView | RetagView
"""What a workflow shows besides."""
