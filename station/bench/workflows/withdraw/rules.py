"""An item that leaves: its moves, what the large sentence says, and its light. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from station.base.cells import cut
from station.base.sentence import Sentence
from station.bench.item.titles import LONGEST
from station.domain.snapshot import Light
from station.domain.withdrawals.stop_signs import Reply, SignAnswer
from station.domain.withdrawals.withdrawal import NextStep, Piece
from station.domain.workflows import WithdrawState, WithdrawView


class Trigger(StrEnum):
    """Triggers of the moves before the checklist."""

    SCANNED = "scanned"
    """An item without a decision was scanned."""
    CHOOSES = "chooses"
    """Something is to choose first."""
    CHOSEN = "chosen"
    """Everything is chosen."""
    AWAITED = "awaited"
    """The deletion was ordered."""
    REFUSED = "refused"
    """The library system refused, or nobody can tell."""
    BY_PERSON = "by-person"
    """No system can confirm the deletion."""
    DELETED = "deleted"
    """The deletion is confirmed, and a tag still carries the item."""
    LEFT = "left"
    """The item was put aside, or has nothing to do before its checklist."""


_S, _H = WithdrawState, Trigger
_STEPS: Final = {
    _H.AWAITED: _S.WAIT,
    _H.REFUSED: _S.REFUSED,
    _H.BY_PERSON: _S.CONFIRM,
    _H.DELETED: _S.STRIP,
    _H.LEFT: _S.FREE,
}
MOVES: Final[dict[tuple[WithdrawState, Trigger], WithdrawState]] = {
    (_S.FREE, _H.SCANNED): _S.DECIDE,
    (_S.FREE, _H.CHOOSES): _S.CHOOSE,
    (_S.DECIDE, _H.CHOOSES): _S.CHOOSE,
    (_S.CHOOSE, _H.CHOOSES): _S.CHOOSE,
    (_S.CHOOSE, _H.CHOSEN): _S.DECIDE,
    **{
        (state, trigger): then
        for state in (_S.FREE, _S.DECIDE, _S.CHOOSE, _S.WAIT, _S.REFUSED, _S.CONFIRM, _S.STRIP)
        for trigger, then in _STEPS.items()
    },
}
"""Moves up to the checklist. Every step of an open withdrawal can follow every other: the library system, a technician and
another bench move it, too."""

NEXT: Final = {
    NextStep.WAIT: _H.AWAITED,
    NextStep.SETTLE: _H.REFUSED,
    NextStep.CONFIRM: _H.BY_PERSON,
    NextStep.STRIP: _H.DELETED,
}
"""Triggers of the steps before the checklist."""


def against(signs: tuple[SignAnswer, ...]) -> tuple[SignAnswer, ...]:
    """Return the stop signs that are up."""
    return tuple(answer for answer in signs if answer.reply is Reply.YES)


def prompt_of(view: WithdrawView) -> Sentence:
    """Return the large sentence before the checklist. No sentence asks for a piece that is not at hand."""
    without = "" if view.piece is Piece.PRESENT else ".without"
    match view.state:
        case _S.DECIDE if against(view.signs):
            return Sentence("withdraw.stop-sign")
        case _S.DECIDE:
            return Sentence("withdraw.is-it-this", title=cut(view.title, LONGEST))
        case _S.CHOOSE:
            return Sentence(f"withdraw.choose.{view.asks}")
        case _S.WAIT:
            return Sentence(f"withdraw{without}.{'late' if view.late else 'wait'}")
        case _S.REFUSED:
            return Sentence(f"withdraw{without}.refused")
        case _S.CONFIRM:
            return Sentence("withdraw.confirm")
        case _S.STRIP if view.parts > 1 and view.tags:
            return Sentence("withdraw.strip-part", part=view.tags[0].part, count=len(view.tags))
        case _S.STRIP:
            return Sentence("withdraw.strip")
        case _:
            return Sentence(f"withdraw.scan.{view.task}")


def light(view: WithdrawView) -> Light:
    """Return red for a stop, amber for what waits, neutral for a question."""
    match view.state:
        case _S.REFUSED:
            return Light.BAD
        case _S.DECIDE if against(view.signs):
            return Light.BAD
        case _S.CONFIRM:
            return Light.WARNING
        case _S.WAIT:
            return Light.WARNING if view.late else Light.BUSY
        case _:
            return Light.NEUTRAL
