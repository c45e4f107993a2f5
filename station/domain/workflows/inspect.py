"""View of the inspection of tags: memory, diagnoses, history, and the undo of the last write."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.sentence import EMPTY, Sentence


class TagRange(msgspec.Struct, frozen=True, kw_only=True):
    """A range of bytes on a tag and its purpose."""

    offset: int
    length: int
    part: str
    """`encoding.content.Part`."""
    label: str
    value: str = ""
    note: str = ""


class TagDiagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """One defect of a tag, or one fact worth knowing."""

    code: str
    severity: str
    sentence: Sentence
    advice: Sentence


class HistoryLine(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a history."""

    seq: int
    at: str
    said: Sentence
    plain: Sentence = EMPTY
    """The same for a screen: titles, no ids, no codes."""


class LedgerLine(msgspec.Struct, frozen=True, kw_only=True):
    """A second tag of an item, or a tag that was used again."""

    kind: str
    """"second-tag" or "used-again"."""
    uid: str
    barcode: str
    part: int
    at: str
    """Time at which that write was verified."""
    sentence: Sentence


class UndoOffer(msgspec.Struct, frozen=True, kw_only=True):
    """The last write to a tag, if it can be undone."""

    attempt: str
    barcode: str
    title: str = ""
    """Name of the item."""
    question: Sentence = EMPTY
    """Asks for confirmation, and says what the tag will be again."""
    at: str
    operator: str
    back_to: Sentence
    """Description of the tag's content after the undo."""
    begun: bool = False
    """True if the undo was started and not finished."""
    refused: Sentence = EMPTY
    """Why it cannot be undone; empty = it can."""


class UndoState(StrEnum):
    """State of an undo; the state table is `bench.item.undo.MOVES`."""

    RESTS = "rests"
    ASKED = "asked"
    """The station asks for confirmation."""
    DONE = "done"
    REFUSED = "refused"
    BROKEN = "broken"
    """Started and not finished: the tag must be put back on the pad."""


class InspectedTag(msgspec.Struct, frozen=True, kw_only=True):
    """Full inspection of one tag. All text has passed `text.clean`."""

    uid: str
    chip: str
    state: str
    summary: Sentence
    barcode: str = ""
    """Empty unless the tag is finished."""
    afi: int | None = 0
    """None: the reader does not report it; likewise for `dsfid`."""
    dsfid: int | None = 0
    block_size: int = 4
    memory: bytes = b""
    locked: tuple[int, ...] = ()
    """Numbers of the locked blocks."""
    lines: tuple[Sentence, ...] = ()
    """Description of the tag, line by line."""
    ranges: tuple[TagRange, ...] = ()
    """Ranges of the memory; every byte is in exactly one."""
    dump: tuple[Sentence, ...] = ()
    """Memory dump with the letters of its ranges below the bytes, and their legend."""
    diagnoses: tuple[TagDiagnosis, ...] = ()
    """Worst first; () = nothing is wrong."""
    ledger: tuple[Sentence, ...] = ()
    """Second tags and former items."""
    history: tuple[HistoryLine, ...] = ()
    """Newest first."""
    undo: UndoOffer | None = None
    to_do: tuple[Sentence, ...] = ()
    """Follow-up work that the undo just done leaves to people."""


class TagSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One of several tags on the pad."""

    uid: str
    summary: Sentence


class InspectView(msgspec.Struct, frozen=True, kw_only=True, tag="inspect"):
    """The tags on the pad with one shown in full, or the history of an item whose barcode was scanned."""

    tags: tuple[TagSummary, ...] = ()
    shown: InspectedTag | None = None
    barcode: str = ""
    """The item whose history is shown."""
    title: str = ""
    history: tuple[HistoryLine, ...] = ()
    ledger: tuple[Sentence, ...] = ()
    undo: UndoState = UndoState.RESTS
    said: Sentence = EMPTY
    """Outcome of the undo."""
