"""A proof for each layer in which an item has to be undone or changed."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.base.sentence import EMPTY, Sentence


class Layer(StrEnum):
    """Layers in the order in which they are undone or changed."""

    DECISION = "decision"
    """Somebody decided, and a named librarian approved."""
    SIGNS = "signs"
    """The stop signs were asked."""
    SYSTEM = "system"
    """The library system: item, holdings record and bibliographic record by the site's policy."""
    OCLC = "oclc"
    """The holding in OCLC."""
    LABEL = "label"
    """The spine label (transfers)."""
    TAG = "tag"
    """Every tag of the item."""
    MARKS = "marks"
    """Stamps, barcode and label."""
    PLACE = "place"
    """The box or the list in which the item leaves."""


class ProofState(StrEnum):
    """State of a proof."""

    PROVEN = "proven"
    """The station read it back, or a person tapped what only a person can see."""
    BY_HAND = "by-hand"
    """A person confirmed what no system could confirm."""
    WAITING = "waiting"
    """Somebody else works on it: the library system, or a date is awaited."""
    OPEN = "open"
    """It is still to do here."""
    REFUSED = "refused"
    """It was refused: a person must decide."""
    NOT_NEEDED = "not-needed"
    NOT_KNOWN = "not-known"


SETTLED = frozenset({ProofState.PROVEN, ProofState.BY_HAND, ProofState.NOT_NEEDED})
"""States in which nothing is left to do."""


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """The proof of one layer."""

    layer: Layer
    state: ProofState
    code: str = ""
    """Why it has this state; "" = the state says all. Words: `proof.LAYER.CODE`."""
    at: str = ""
    """ISO 8601, UTC; "" = nothing happened yet."""
    by: str = ""
    """Id of the person; "" = the station."""
    seq: int = 0
    """Number of the event that proves it; 0 = none."""
    until: str = ""
    """ISO 8601 date at which a person looks again; "" = none."""
    detail: Sentence = EMPTY
    """What was read or said, for display."""

    @property
    def settled(self) -> bool:
        return self.state in SETTLED
