"""What the questions about a record may look at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from pymarc import Record

from station.base.text import clean
from station.base.words import tell
from station.catalog.callnumber import STANDARD, Options
from station.domain.item import ItemRecord


@dataclass(frozen=True, slots=True)
class Piece:
    """What is known of the thing in hand without its record."""

    isbn: str = ""
    """ISBN, EAN or UPC as scanned."""
    title: str = ""
    """As typed from the title page."""


class TypeRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes with some values of leader/06; a list that is empty is not checked."""

    leader: str
    fixed: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    """Words of item types, in capitals."""

    @property
    def words(self) -> str:
        """What such a record describes."""
        return tell(f"record.type.{self.leader}")


@dataclass(frozen=True, slots=True)
class Hit:
    """Something is wrong: what was found, and where."""

    what: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a question may look at."""

    record: Record
    item: ItemRecord | None
    piece: Piece | None
    charset_note: str
    types: tuple[TypeRow, ...]
    numbers: Options = STANDARD

    def leader(self, position: int) -> str:
        """One position of the leader; "" where it is too short."""
        return str(self.record.leader)[position : position + 1]

    @property
    def type_code(self) -> str:
        """Leader/06."""
        return self.leader(6)

    @property
    def type_row(self) -> TypeRow | None:
        """The matrix row of this record's type."""
        code = self.type_code
        return next((row for row in self.types if code and code in row.leader), None)

    def values(self, tag: str, code: str) -> tuple[str, ...]:
        """All texts of a subfield, cleaned, the empty ones left out."""
        found = (clean(value) for field in self.record.get_fields(tag) for value in field.get_subfields(code))
        return tuple(value for value in found if value)

    @property
    def fixed(self) -> tuple[str, ...]:
        """The 007 fields."""
        return tuple(field.data for field in self.record.get_fields("007") if field.data)

    @property
    def rules(self) -> frozenset[str]:
        """040 $e: by which rules it was described."""
        return frozenset(value.casefold().strip(" .") for value in self.values("040", "e"))


Check = Callable[[Facts, tuple[str, ...]], Hit | None]
"""A question: facts and the codes of its row; None = nothing is wrong."""
