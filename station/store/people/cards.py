"""Staff cards and badges to people: in the file of names. A card or badge says who somebody is and proves nothing."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from station.base.errors import CardTaken, CardUnfit
from station.base.text import clean
from station.base.words import tell
from station.store.database.database import transaction
from station.store.people.names import People

LONGEST: Final = 64
"""Characters of a card's barcode."""
_RANDOM: Final = "08"
"""First byte of a UID of 4 bytes that the chip makes anew each time (ISO/IEC 14443-3, 6.5.4)."""
_BYTES: Final = (4, 7, 10)
"""Sizes of a UID (ISO/IEC 14443-3, 6.5.4); ISO/IEC 18092 (FeliCa) and 15693 have 8."""


class Kind(StrEnum):
    BARCODE = "barcode"
    BADGE = "badge"


class Card(msgspec.Struct, frozen=True):
    """One row."""

    kind: Kind
    text: str
    worker: str


def card_text(text: str) -> str:
    """A card's barcode as it is kept and compared."""
    return clean(text, LONGEST).casefold()


def badge_text(text: str) -> str:
    """A badge's UID as it is kept: hexadecimal digits. Raises `CardUnfit` for what is none, or changes each time."""
    plain = "".join(char for char in text.upper() if char not in " :-")
    if not plain or set(plain) - set("0123456789ABCDEF") or len(plain) // 2 not in (*_BYTES, 8) or len(plain) % 2:
        raise CardUnfit(tell("store.badge-form"))
    if len(plain) == 8 and plain.startswith(_RANDOM):
        raise CardUnfit(tell("store.badge-random"))
    return plain


class Cards:
    """The cards of the file of names."""

    def __init__(self, people: People) -> None:
        self._people = people

    def owner(self, kind: Kind, text: str) -> str:
        """The id of whoever has it; "" = nobody."""
        with self._people.reading() as sql:
            row = (
                sql.execute("SELECT worker FROM cards WHERE kind = ? AND card = ?", (kind, text)).fetchone()
                if sql is not None
                else None
            )
        return str(row[0]) if row is not None else ""

    def of(self, worker: str) -> tuple[Card, ...]:
        """All of one person's."""
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
        """It is this person's; raises `CardTaken` when it is another's."""
        with self._people.writing() as sql, transaction(sql):
            row = sql.execute("SELECT worker FROM cards WHERE kind = ? AND card = ?", (kind, text)).fetchone()
            if row is not None and row[0] != worker:
                raise CardTaken()
            sql.execute(
                "INSERT INTO cards (kind, card, worker) VALUES (?, ?, ?) ON CONFLICT DO NOTHING", (kind, text, worker)
            )

    def take_away(self, kind: Kind, text: str) -> bool:
        """It is nobody's any more (lost, given back); False when it was nobody's before."""
        with self._people.writing() as sql, transaction(sql):
            found = sql.execute("SELECT 1 FROM cards WHERE kind = ? AND card = ?", (kind, text)).fetchone()
            sql.execute("DELETE FROM cards WHERE kind = ? AND card = ?", (kind, text))
        return found is not None
