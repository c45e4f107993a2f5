"""Facts that the checks of a record may use."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final, NamedTuple

import msgspec
from pymarc import Field, Record

from station.base.sentence import Sentence
from station.base.text import clean, clean_sentence
from station.catalog.callnumber import STANDARD, CallNumber, Options, parse
from station.catalog.marc.indexed import IndexedRecord
from station.catalog.record import bound_with
from station.catalog.record.call_number import candidates
from station.catalog.record.profiles import Item
from station.catalog.record.record import title
from station.domain.item import ItemRecord


@dataclass(frozen=True, slots=True)
class Piece:
    """Data about the piece in hand, independent of its record."""

    isbn: str = ""
    """ISBN, EAN or UPC as scanned."""
    title: str = ""
    """Title as typed from the title page."""


class TypeRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Values that belong to some values of leader/06. An empty list is not checked."""

    leader: str
    fixed: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    carriers: tuple[str, ...] = ()
    contents: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    """Words of item types, in capitals."""

    @property
    def words(self) -> Sentence:
        """Return what such a record describes."""
        return Sentence(f"record.type.{self.leader}")


@dataclass(frozen=True, slots=True)
class Hit:
    """A defect: the value found (a clean text, or a sentence of the area `record.what`), and its fields."""

    what: str | Sentence
    fields: tuple[str, ...]


def shown(what: str | Sentence) -> str | Sentence:
    """Return a found value, and the values within, clean and bounded."""
    return clean(what, _LONGEST) if isinstance(what, str) else clean_sentence(what, _LONGEST)


class Numbered(NamedTuple):
    """A call number with its scheme and its source, for display."""

    text: str = ""
    scheme: str = ""
    source: str = ""


class Parts(NamedTuple):
    """A field with the codes and the texts of its subfields; a control field has one text and no code."""

    field: Field
    tag: str
    codes: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """Facts that a check may use. Each is found once, because many checks use it; the record does not change meanwhile."""

    record: IndexedRecord
    item: ItemRecord | None
    types: tuple[TypeRow, ...]
    piece: Piece | None = None
    charset_note: str = ""
    numbers: Options = STANDARD
    year: int = 0
    """The year of the day on which the record is judged; 0 = unknown."""
    items: tuple[Item, ...] = ()
    """All items of the record, as its item fields have them."""
    located: bool = False
    """True if the item fields of this library have a place for the location."""

    @cached_property
    def _values(self) -> dict[str, tuple[str, ...]]:
        """Keep the results of `values`, by tag and code."""
        return {}

    @cached_property
    def _leader(self) -> str:
        return str(self.record.leader)

    def leader(self, position: int) -> str:
        """Return one position of the leader; "" if the leader is too short."""
        return self._leader[position : position + 1]

    def fields(self, *tags: str) -> list[Field]:
        """Return the fields with these tags, in order."""
        return self.record.get_fields(*tags)

    def raw(self, tag: str, codes: str) -> str:
        """Return the texts of these subfields as they are in the record, joined by blanks."""
        return " ".join([text for field in self.fields(tag) for code, text in field.subfields if code in codes])

    @cached_property
    def parts(self) -> list[Parts]:
        """Return all fields, each with its codes and texts."""
        return [
            Parts(field, field.tag, *zip(*field.subfields, strict=True))
            if field.subfields
            else Parts(field, field.tag, (), (field.data or "",))
            for field in self.record.fields
        ]

    @property
    def tagged_texts(self) -> Iterator[tuple[str, str]]:
        """Yield (tag, text) of all fields and subfields."""
        return ((part.tag, text) for part in self.parts for text in part.texts)

    @cached_property
    def all_text(self) -> str:
        """Return the text of all fields and subfields, as it is in the record: what is not in it is in none of them."""
        return " ".join(chain.from_iterable([part.texts for part in self.parts]))

    @cached_property
    def links(self) -> tuple[tuple[str, str, str], ...]:
        """Return (tag of the field, linked tag, occurrence) of each readable $6."""
        linking = [part.field for part in self.parts if "6" in part.codes]
        return tuple((field.tag, *link) for field in linking if (link := link_of(field)) is not None)

    @cached_property
    def type_code(self) -> str:
        """Return leader/06."""
        return self.leader(6)

    @cached_property
    def type_row(self) -> TypeRow | None:
        """Return the matrix row of this record's type."""
        code = self.type_code
        return next((row for row in self.types if code and code in row.leader), None)

    def values(self, tag: str, code: str) -> tuple[str, ...]:
        """Return all non-empty texts of a subfield, cleaned."""
        fields = self.record.by_tag.get(tag)
        if fields is None:
            return ()
        name = tag + code
        values = self._values.get(name)
        if values is None:
            texts = [clean(text) for field in fields for this, text in field.subfields if this == code]
            values = self._values[name] = tuple([text for text in texts if text])
        return values

    def first(self, tag: str, code: str) -> str:
        """Return the first of these texts; "" = none."""
        return next(iter(self.values(tag, code)), "")

    @cached_property
    def title(self) -> str:
        """Return the title as the item's record has it; "" = none."""
        return title(self.record)

    @cached_property
    def numbered(self) -> Numbered:
        """Return the call number of the item, or of the record if there is no item."""
        if self.item is not None:
            return Numbered(self.item.call_number, self.item.call_number_scheme, self.item.call_number_source)
        ranked = candidates(self.record, options=self.numbers)
        return Numbered(ranked[0].number, ranked[0].scheme.value, ranked[0].source) if ranked else Numbered()

    @cached_property
    def number(self) -> CallNumber:
        """Return the same, parsed."""
        return parse(self.numbered.text, self.numbered.scheme or None, self.numbers)

    def texts(self) -> Iterator[str]:
        """Yield the text of every subfield, as it is in the record."""
        for part in self.parts:
            if part.codes:
                yield from part.texts

    @cached_property
    def coded(self) -> str:
        """Return 008 with its 40 characters; "" if it has another length, because its positions are shifted then."""
        return self.fixed_field if len(self.fixed_field) == _CODED else ""

    @cached_property
    def fixed_field(self) -> str:
        """Return 008."""
        return fixed_field(self.record)

    @cached_property
    def is_partial(self) -> bool:
        """Return True for a record below full level (MARC leader/17; BFAS ELvl K and M)."""
        return self.leader(17) in _PARTIAL

    @cached_property
    def is_host(self) -> bool:
        """Return True for the record of a volume of works bound together, which describes no work."""
        return bound_with.is_host(self.record)

    @cached_property
    def has_accompanying(self) -> bool:
        """Return True if the thing has more than one part: accompanying material (300 $e), or a second 300."""
        return bool(self.values("300", "e")) or len(self.values("300", "a")) > 1 < len(self.fields("300"))

    @cached_property
    def fixed(self) -> tuple[str, ...]:
        """Return the 007 fields."""
        return tuple(field.data for field in self.fields("007") if field.data)

    @cached_property
    def rules(self) -> frozenset[str]:
        """Return 040 $e: the rules by which the record was described."""
        return frozenset(value.casefold().strip(" .") for value in self.values("040", "e"))


def link_of(field: Field) -> tuple[str, str] | None:
    """Return (tag, occurrence) from $6; None if there is no readable $6."""
    match = _LINK.match(next(iter(field.get_subfields("6")), "")) if not field.is_control_field() else None
    return (match[1], match[2]) if match else None


_LINK: Final = re.compile(r"(\d{3})-(\d{2})(?!\d)")
_CODED: Final = 40
_LONGEST: Final = 120
"""Maximum characters of a value in a finding."""
_PARTIAL: Final = frozenset("23578JKMuz")  # not for people


def fixed_field(record: Record) -> str:
    """Return 008. MARC 21 permits one; if a record has two (genuine records do, the first nearly empty), the fuller one
    is used."""
    texts = [field.data or "" for field in record.get_fields("008")]
    if len(texts) == 1:
        return texts[0]
    return max(texts, key=lambda text: sum(char not in " |" for char in text), default="")


Check = Callable[[Facts, tuple[str, ...]], Hit | None]
"""A check: takes the facts and the codes of its row; None = nothing is wrong."""
