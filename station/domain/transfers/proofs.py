"""Proofs and next step of a transfer, from what the journal knows."""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.deliveries.delivery import DeliveryState
from station.domain.transfers.transfer import TransferStep
from station.domain.withdrawals.proof import Layer, Proof, ProofState


class Act(msgspec.Struct, frozen=True):
    """An event that proves something."""

    seq: int
    at: str
    by: str = ""


class TransferFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal knows of a transfer."""

    decided: Act
    read: Act | None = None
    """The library system showed, or a person confirmed, what is wanted."""
    by_hand: bool = False
    passed: Act | None = None
    """Every part of the item passed its checks since then."""
    site: str = ""
    packed: Act | None = None
    """It was put into a box of its site since then."""
    box: str = ""
    delivery_state: DeliveryState | None = None
    delivery_detail: Sentence = EMPTY
    canceled: bool = False
    withdrawn: bool = False
    """The item leaves the library: nothing is left to do here."""


BY_PERSON: Final = "by-person"
"""Code of a proof that waits until a person has changed the item in the library system."""
ORDERED: Final = "ordered"
"""Code of a proof that waits until the library system has carried out its order."""


def proofs_of(facts: TransferFacts) -> tuple[Proof, ...]:
    """Return the proofs in the order of the layers."""
    return (
        _proof(Layer.DECISION, facts.decided, ProofState.PROVEN),
        _system(facts),
        _proof(Layer.LABEL, facts.passed, ProofState.PROVEN),
        _proof(Layer.TAG, facts.passed, ProofState.PROVEN),
        _place(facts),
    )


def next_step(facts: TransferFacts) -> TransferStep:
    if facts.canceled or facts.withdrawn:
        return TransferStep.NOTHING
    if facts.read is None:
        return TransferStep.SETTLE if facts.delivery_state is DeliveryState.PARKED else TransferStep.WAIT
    if facts.passed is None:
        return TransferStep.PROCESS
    if facts.site and facts.packed is None:
        return TransferStep.PACK
    return TransferStep.NOTHING


def finished_at(facts: TransferFacts) -> str:
    """Return when the last proof came (ISO 8601, UTC); "" = it is not finished, or was canceled."""
    if facts.canceled or facts.withdrawn or next_step(facts) is not TransferStep.NOTHING:
        return ""
    return max(act.at for act in (facts.read, facts.passed, facts.packed) if act is not None)


def _system(facts: TransferFacts) -> Proof:
    if facts.read is not None:
        return _proof(Layer.SYSTEM, facts.read, ProofState.BY_HAND if facts.by_hand else ProofState.PROVEN)
    if facts.delivery_state is DeliveryState.PARKED:
        return Proof(layer=Layer.SYSTEM, state=ProofState.REFUSED, detail=facts.delivery_detail)
    ordered = facts.delivery_state not in (None, DeliveryState.DISCARDED)
    return Proof(layer=Layer.SYSTEM, state=ProofState.WAITING, code=ORDERED if ordered else BY_PERSON)


def _place(facts: TransferFacts) -> Proof:
    if not facts.site:
        return Proof(layer=Layer.PLACE, state=ProofState.NOT_NEEDED)
    proof = _proof(Layer.PLACE, facts.packed, ProofState.PROVEN)
    return msgspec.structs.replace(proof, detail=Sentence.verbatim(facts.box)) if facts.box else proof


def _proof(layer: Layer, act: Act | None, state: ProofState) -> Proof:
    if act is None:
        return Proof(layer=layer, state=ProofState.OPEN)
    return Proof(layer=layer, state=state, at=act.at, by=act.by, seq=act.seq)
