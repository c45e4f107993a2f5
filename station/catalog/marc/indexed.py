"""A record whose fields are found by tag without looking at all of them: the rules ask for some hundred fields of each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pymarc import Field, Indicators, Leader, Record, Subfield


class IndexedRecord(Record):
    """A pymarc record that is only read: its fields do not change."""

    __slots__ = ("by_tag",)

    def __init__(self, leader: Leader, fields: Iterable[Field]) -> None:
        super().__init__()
        self.leader = leader
        self.fields.extend(fields)
        self.by_tag: dict[str, list[Field]] = {}
        for field in self.fields:
            self.by_tag.setdefault(field.tag, []).append(field)

    @classmethod
    def of(cls, record: Record) -> IndexedRecord:
        """Return this record, with its fields by tag."""
        return record if isinstance(record, cls) else cls(record.leader, record.fields)

    def get_fields(self, *tags: Any) -> list[Field]:
        """Return the fields with these tags, in the order of the record."""
        there = tags if len(tags) == 1 else [tag for tag in tags if tag in self.by_tag]
        if len(there) == 1:
            return self.by_tag.get(there[0]) or []
        return super().get_fields(*there) if there else []


class DataField(Field):
    """A data field whose parts are known to have their form, so that pymarc need not look at them again."""

    __slots__ = ()

    def __init__(self, tag: str, indicators: Indicators, subfields: list[Subfield]) -> None:
        self.tag = tag
        self._indicators = indicators
        self.subfields = subfields
        self.data = None
        self.control_field = False
