"""Staff cards and badges with their owners, in the file of names. A card or badge names a person but proves nothing."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from station.base.errors import CardTaken, CardUnfit
from station.base.sentence import Sentence
from station.base.text import clean
from station.store.people.names import People

LONGEST: Final = 64
"""Maximum characters of a card's barcode."""
_RANDOM: Final = "08"
"""First byte of a 4-byte UID that the chip changes each time (ISO/IEC 14443-3, 6.5.4)."""
_BYTES: Final = (4, 7, 10)
"""UID sizes (ISO/IEC 14443-3, 6.5.4); ISO/IEC 18092 (FeliCa) and 15693 have 8."""


class Kind(StrEnum):
    BARCODE = "barcode"
    BADGE = "badge"


class Card(msgspec.Struct, frozen=True):
    """A row of the table of cards."""

    kind: Kind
    text: str
    worker: str


def card_text(text: str) -> str:
    """Return a card's barcode as it is stored and compared."""
    return clean(text, LONGEST).casefold()


def badge_text(text: str) -> str:
    """Return a badge's UID as it is stored: hexadecimal digits. Raises `CardUnfit` for an invalid UID or one that
    changes each time."""
    plain = "".join(char for char in text.upper() if char not in " :-")
    if not plain or set(plain) - set("0123456789ABCDEF") or len(plain) // 2 not in (*_BYTES, 8) or len(plain) % 2:
        raise CardUnfit(Sentence("store.badge-form"))
    if len(plain) == 8 and plain.startswith(_RANDOM):
        raise CardUnfit(Sentence("store.badge-random"))
    return plain


class Cards:
    """The cards in the file of names."""

    def __init__(self, people: People) -> None:
        self._people = people

    def owner(self, kind: Kind, text: str) -> str:
        """Return the owner's id; "" = no owner."""
        with self._people.reading() as sql:
            row = (
                sql.execute("SELECT worker FROM cards WHERE kind = ? AND card = ?", (kind, text)).fetchone()
                if sql is not None
                else None
            )
        return str(row[0]) if row is not None else ""

    def of(self, worker: str) -> tuple[Card, ...]:
        """Return all cards of one person."""
        with self._people.reading() as sql:
            rows = (
                list(
                    sql.execute("SELECT kind, card, worker FROM cards WHERE worker = ? ORDER BY kind, card", (worker,))
                )
                if sql is not None
                else []
            )
        return tuple(Card(Kind(kind), card, owner) for kind, card, owner in rows)

    def give(self, kind: Kind, text: str, worker: str) -> None:
        """Assign a card to a person. Raises `CardTaken` if it is another person's."""
        with self._people.writing() as sql:
            row = sql.execute("SELECT worker FROM cards WHERE kind = ? AND card = ?", (kind, text)).fetchone()
            if row is not None and row[0] != worker:
                raise CardTaken()
            sql.execute(
                "INSERT INTO cards (kind, card, worker) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (kind, text, worker)
            )

    def take_away(self, kind: Kind, text: str) -> bool:
        """Remove a card (lost, returned) from its owner. Return False if it had none."""
        with self._people.writing() as sql:
            card = sql.execute("SELECT 1 FROM cards WHERE kind = ? AND card = ?", (kind, text)).fetchone()
            sql.execute("DELETE FROM cards WHERE kind = ? AND card = ?", (kind, text))
        return card is not None
