"""What the inspection of tags shows: memory, diagnoses, history, and the undo of the last write."""

from __future__ import annotations

from enum import StrEnum

import msgspec


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
