"""Items that are not there, and the events that record it and that they turned up, made from their record."""

from __future__ import annotations

import msgspec

from station.domain.events import Found, Lost
from station.domain.item import ItemRecord
from station.domain.withdrawals.withdrawal import Piece, TitleEffect


class LostItem(msgspec.Struct, frozen=True):
    """An item that is lost, missing or claimed returned. `since`: ISO 8601, UTC."""

    piece: Piece
    since: str


def lost(
    record: ItemRecord, piece: Piece, reason: str, operator: str, effect: TitleEffect = TitleEffect.NOT_KNOWN
) -> Lost:
    return Lost(
        barcode=record.barcode,
        piece=piece,
        title=record.title,
        library=record.library,
        format=record.material,
        effect=effect,
        price=record.price,
        reason=reason,
        operator=operator,
    )


def found(record: ItemRecord, reason: str, operator: str, uid: str = "") -> Found:
    """Return the event. `uid`: the tag by which the item was recognized; "" = none."""
    return Found(
        barcode=record.barcode,
        title=record.title,
        library=record.library,
        format=record.material,
        price=record.price,
        reason=reason,
        uid=uid,
        operator=operator,
    )
