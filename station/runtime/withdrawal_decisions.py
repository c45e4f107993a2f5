"""The decision that an item leaves, as a desk or a command makes it."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import msgspec

from station.base.errors import DepartureRefused
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.base.settings.withdrawal import WithdrawalOptions
from station.base.text import clean
from station.domain.deliveries.intents import Bib, Holdings
from station.domain.events import WithdrawalDecided
from station.domain.item_question import ItemAnswer
from station.domain.withdrawals.pull_list import PullStanding
from station.domain.withdrawals.stop_signs import Reply, SignAnswer
from station.domain.withdrawals.withdrawal import Piece
from station.runtime.library_systems import close_systems, system_that, systems

LONGEST_NOTE = 300
"""Characters of a note or a reason."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What a person wants to happen to an item."""

    barcode: str
    part: int = 0
    reason: str
    destination: str
    note: str = ""
    approver: str = ""
    piece: Piece = Piece.PRESENT
    despite_reason: str = ""
    """Why the item leaves although a stop sign says yes."""
    cart: str = ""
    list: str = ""
    line: str = ""


def wish_of_line(line: PullStanding, piece: Piece, despite_reason: str) -> Wish:
    """Return the decision of a pull list for one of its lines."""
    return Wish(
        barcode=line.content.barcode,
        reason=line.reason,
        destination=line.destination,
        approver=line.approver,
        piece=piece,
        despite_reason=despite_reason,
        list=line.list,
        line=line.content.line,
    )


def deleting_system(settings: Settings, data: Path) -> str:
    """Return the name of the library system that can delete items; "" = none can."""
    opened = systems(settings, data)
    try:
        return system_that(opened, "withdraw")
    finally:
        close_systems(opened)


def stopping(signs: Collection[SignAnswer]) -> tuple[str, ...]:
    """Return the signs that reply yes."""
    return tuple(answer.sign.value for answer in signs if answer.reply is Reply.YES)


def decided(settings: Settings, data: Path, wish: Wish, answer: ItemAnswer, operator: str) -> WithdrawalDecided:
    """Return the decision to journal. `answer`: what library system and catalog said of the item.

    Raises `DepartureRefused` for an item without a record; for a reason, a destination or an approver that the settings
    do not name; and for a stop sign that says yes, without a reason why the item leaves all the same.
    """
    options = settings.withdrawal
    if answer.record is None:
        raise DepartureRefused(Sentence("withdrawal.no-record", barcode=wish.barcode))
    approver = clean(wish.approver, 100)
    refuse_unknown(options, wish.reason, wish.destination, approver)
    despite = stopping(answer.signs)
    if despite and not wish.despite_reason.strip():
        words = Sentence.joined([Sentence(f"withdrawal.sign.{sign}") for sign in despite], between=", ")
        raise DepartureRefused(Sentence("withdrawal.stopped", signs=words))
    return WithdrawalDecided(
        barcode=wish.barcode,
        part=wish.part,
        reason=wish.reason,
        destination=wish.destination,
        note=clean(wish.note, LONGEST_NOTE),
        approver=approver,
        piece=wish.piece,
        holdings=Holdings(options.holdings),
        bib=Bib(options.bib),
        signs=answer.signs,
        despite=despite,
        despite_reason=clean(wish.despite_reason, LONGEST_NOTE) if despite else "",
        cart=wish.cart,
        list=wish.list,
        line=wish.line,
        system="" if wish.part else deleting_system(settings, data),
        item=answer.record,
        operator=operator,
    )


def refuse_unknown(options: WithdrawalOptions, reason: str, destination: str, approver: str) -> None:
    """Raise `DepartureRefused` for a reason, a destination or an approver that the settings do not name."""
    _refuse_other("reason", reason, [entry.code for entry in options.reasons])
    _refuse_other("destination", destination, [entry.code for entry in options.destinations])
    if options.approvers:
        _refuse_other("approver", clean(approver, 100), options.approvers)


def _refuse_other(name: str, value: str, known: Collection[str]) -> None:
    if not value:
        raise DepartureRefused(Sentence(f"withdrawal.no-{name}", known=", ".join(known)))
    if value not in known:
        raise DepartureRefused(Sentence(f"withdrawal.unknown-{name}", value=clean(value, 60), known=", ".join(known)))
