"""Proofs and next step of a withdrawal, from what the journal knows."""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.deliveries.delivery import DeliveryState
from station.domain.withdrawals.proof import Layer, Proof, ProofState
from station.domain.withdrawals.stop_signs import Reply, Sign, SignAnswer
from station.domain.withdrawals.withdrawal import LEFT_OPEN, LeavingTag, NextStep, Piece, TagStanding, TitleEffect

RETURN: Final = "lease-return"
"""Task of a checklist for an item that goes back to its vendor."""


class Act(msgspec.Struct, frozen=True):
    """An event that proves something."""

    seq: int
    at: str
    by: str = ""


class WithdrawalFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What the journal knows of a withdrawal."""

    task: str = "withdrawal"
    part: int = 0
    piece: Piece = Piece.PRESENT
    decided: Act | None = None
    signs: tuple[SignAnswer, ...] = ()
    despite: tuple[str, ...] = ()
    delivery_state: DeliveryState | None = None
    delivery_detail: Sentence = EMPTY
    deleted: Act | None = None
    by_hand: bool = False
    oclc_owner: str = ""
    """Who removes the holding in OCLC, as the settings said at the deletion: "none", "library-system", "by-hand"; "" = the
    item is not deleted, or was before the station asked."""
    oclc_until: str = ""
    tags: tuple[LeavingTag, ...] = ()
    tag_by_checklist: Act | None = None
    """A person said in the checklist how the tag was destroyed."""
    tag_read_blank: Act | None = None
    """The checklist read a tag as erased."""
    passed: Act | None = None
    """The checklist passed."""
    failed: bool = False
    """The newest checklist failed."""
    placed: Act | None = None
    place: str = ""
    oclc: Act | None = None
    oclc_stays: bool = False
    canceled: bool = False

    @property
    def title_effect(self) -> TitleEffect:
        return title_effect(self.part, self.signs)


def title_effect(part: int, signs: tuple[SignAnswer, ...]) -> TitleEffect:
    """Return what the withdrawal means for the title in its library."""
    if part:
        return TitleEffect.PART
    reply = reply_to(signs, Sign.LAST_HERE)
    return {Reply.YES: TitleEffect.TITLE, Reply.NO: TitleEffect.COPY}.get(reply, TitleEffect.NOT_KNOWN)


def reply_to(signs: tuple[SignAnswer, ...], sign: Sign) -> Reply:
    """Return the reply to a sign; a sign that was not asked is not known."""
    return next((answer.reply for answer in signs if answer.sign is sign), Reply.NOT_KNOWN)


def proofs_of(facts: WithdrawalFacts) -> tuple[Proof, ...]:
    """Return the proofs in the order of the layers."""
    return (_decision(facts), _signs(facts), _system(facts), _oclc(facts), _tag(facts), _marks(facts), _place(facts))


def next_step(facts: WithdrawalFacts) -> NextStep:
    """Return what has to happen next: the first layer that is not settled, with OCLC last."""
    if facts.canceled:
        return NextStep.NOTHING
    proofs = {proof.layer: proof for proof in proofs_of(facts)}
    system = proofs[Layer.SYSTEM]
    if not system.settled:
        if system.state is ProofState.WAITING:
            return NextStep.WAIT
        if system.state is ProofState.REFUSED:
            return NextStep.SETTLE
        return NextStep.CONFIRM if facts.decided is not None else NextStep.DECIDE
    if proofs[Layer.TAG].state is ProofState.OPEN:
        return NextStep.STRIP
    if not proofs[Layer.MARKS].settled:
        return NextStep.STRIKE
    if not proofs[Layer.PLACE].settled:
        return NextStep.PLACE
    return NextStep.NOTHING if proofs[Layer.OCLC].settled else NextStep.OCLC


def finished_at(facts: WithdrawalFacts) -> str:
    """Return when the last proof came (ISO 8601, UTC); "" = it is not finished, or was canceled."""
    if facts.canceled or next_step(facts) is not NextStep.NOTHING:
        return ""
    acts = (facts.decided, facts.deleted, facts.passed, facts.placed, facts.oclc)
    return max((*(act.at for act in acts if act is not None), *(tag.at for tag in facts.tags)), default="")


def _decision(facts: WithdrawalFacts) -> Proof:
    if facts.decided is None:
        state = ProofState.NOT_NEEDED if facts.task == RETURN else ProofState.OPEN
        return Proof(layer=Layer.DECISION, state=state)
    return _proved(Layer.DECISION, facts.decided)


def _signs(facts: WithdrawalFacts) -> Proof:
    asked = any(answer.reply is not Reply.NOT_KNOWN for answer in facts.signs)
    if facts.decided is None or not asked:
        state = ProofState.NOT_NEEDED if facts.task == RETURN else ProofState.NOT_KNOWN
        return Proof(layer=Layer.SIGNS, state=state)
    return _proved(Layer.SIGNS, facts.decided, code="despite" if facts.despite else "")


def _system(facts: WithdrawalFacts) -> Proof:
    if facts.part:
        return Proof(layer=Layer.SYSTEM, state=ProofState.NOT_NEEDED, code="part")
    if facts.deleted is not None:
        state = ProofState.BY_HAND if facts.by_hand else ProofState.PROVEN
        return _proved(Layer.SYSTEM, facts.deleted, state)
    match facts.delivery_state:
        case None if facts.task == RETURN:
            return Proof(layer=Layer.SYSTEM, state=ProofState.NOT_NEEDED)
        case None:
            return Proof(layer=Layer.SYSTEM, state=ProofState.OPEN, code="by-person")
        case DeliveryState.PARKED:
            return Proof(layer=Layer.SYSTEM, state=ProofState.REFUSED, detail=facts.delivery_detail)
        case DeliveryState.DISCARDED:
            return Proof(layer=Layer.SYSTEM, state=ProofState.OPEN, code="discarded")
        case _:
            return Proof(layer=Layer.SYSTEM, state=ProofState.WAITING, code="ordered")


def _oclc(facts: WithdrawalFacts) -> Proof:
    if facts.oclc is not None:
        return _proved(Layer.OCLC, facts.oclc, ProofState.BY_HAND, code="stays" if facts.oclc_stays else "")
    if facts.part or facts.task == RETURN:
        return Proof(layer=Layer.OCLC, state=ProofState.NOT_NEEDED)
    if facts.deleted is None:
        return Proof(layer=Layer.OCLC, state=ProofState.WAITING, code="after-deletion")
    if facts.oclc_owner in ("", "none"):
        return Proof(layer=Layer.OCLC, state=ProofState.NOT_NEEDED, code="no-owner")
    if reply_to(facts.signs, Sign.LAST_UNDER_SYMBOL) is Reply.NO:
        return Proof(layer=Layer.OCLC, state=ProofState.NOT_NEEDED, code="others-stay")
    state = ProofState.OPEN if facts.oclc_owner == "by-hand" else ProofState.WAITING
    return Proof(layer=Layer.OCLC, state=state, code=facts.oclc_owner, until=facts.oclc_until)


def _tag(facts: WithdrawalFacts) -> Proof:
    """An answer in a checklist names no tag: it proves nothing about those that are known to carry the item, but about the
    one tag of an item for which nobody decided, as in older journals."""
    if facts.piece is not Piece.PRESENT:
        return Proof(layer=Layer.TAG, state=ProofState.NOT_NEEDED, code="watched")
    live = sum(tag.standing is TagStanding.LIVE for tag in facts.tags)
    if facts.tag_by_checklist is not None and live <= (1 if facts.decided is None else 0):
        return _proved(Layer.TAG, facts.tag_by_checklist, ProofState.BY_HAND, code="checklist")
    left_open = [tag for tag in facts.tags if tag.standing in LEFT_OPEN]
    if len(left_open) == 1 and not live and facts.tag_read_blank is not None:
        return _proved(Layer.TAG, facts.tag_read_blank)
    if left_open:
        if _system(facts).settled:
            return Proof(layer=Layer.TAG, state=ProofState.OPEN)
        return Proof(layer=Layer.TAG, state=ProofState.WAITING, code="after-deletion")
    if not facts.tags:
        state = ProofState.PROVEN if facts.passed is not None else ProofState.NOT_KNOWN
        return Proof(layer=Layer.TAG, state=state, code="none-known")
    newest = max(facts.tags, key=lambda tag: tag.seq)
    erased = all(tag.standing is TagStanding.ERASED for tag in facts.tags)
    state = ProofState.PROVEN if erased else ProofState.BY_HAND
    return Proof(layer=Layer.TAG, state=state, at=newest.at, seq=newest.seq)


def _marks(facts: WithdrawalFacts) -> Proof:
    if facts.piece is not Piece.PRESENT:
        return Proof(layer=Layer.MARKS, state=ProofState.NOT_NEEDED, code="no-piece")
    if facts.passed is not None:
        return _proved(Layer.MARKS, facts.passed)
    return Proof(layer=Layer.MARKS, state=ProofState.OPEN, code="failed" if facts.failed else "")


def _place(facts: WithdrawalFacts) -> Proof:
    if facts.placed is not None:
        detail = Sentence.verbatim(facts.place)
        return msgspec.structs.replace(_proved(Layer.PLACE, facts.placed), detail=detail)
    if facts.piece is not Piece.PRESENT:
        return Proof(layer=Layer.PLACE, state=ProofState.NOT_NEEDED, code="no-piece")
    state = ProofState.NOT_NEEDED if facts.decided is None else ProofState.OPEN
    return Proof(layer=Layer.PLACE, state=state)


def _proved(layer: Layer, act: Act, state: ProofState = ProofState.PROVEN, code: str = "") -> Proof:
    return Proof(layer=layer, state=state, code=code, at=act.at, by=act.by, seq=act.seq)
