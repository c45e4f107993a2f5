"""One event of the journal as a table: each field by its name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.reports.tables.table import Column, Table, table
from station.store.queries.second_check_cover import EventRow

_WHOLE: Final = (msgspec.Struct, Sentence, dict, tuple, frozenset)
"""Types of values with parts."""


def event(row: EventRow) -> Table:
    """Return the fields that are not empty. Fields of a field are named "item.title" or "findings.1.rule"."""
    return table(
        (Column("field", Sentence("office.head.field")), Column("value", Sentence("office.head.value"))),
        list(_fields(row.event, "")),
        id_at=0,
    )


def _fields(value: object, name: str) -> Iterator[tuple[str, Sentence]]:
    if isinstance(value, Sentence):
        if value != EMPTY:
            yield name, value
    elif isinstance(value, tuple | frozenset) and not any(isinstance(member, _WHOLE) for member in value):
        yield from _fields(", ".join(map(str, value)), name)
    elif isinstance(value, _WHOLE) or dataclasses.is_dataclass(value):
        for part, member in _parts(value):
            yield from _fields(member, f"{name}.{part}" if name else part)
    elif value not in ("", b"", None):
        yield name, Sentence.verbatim(value.hex() if isinstance(value, bytes) else str(value))


def _parts(value: Any) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield from value.items()
    elif isinstance(value, tuple | frozenset):
        yield from ((str(number), member) for number, member in enumerate(value, 1))
    else:
        names = value.__struct_fields__ if isinstance(value, msgspec.Struct) else value.__dataclass_fields__
        yield from ((name, getattr(value, name)) for name in names)
