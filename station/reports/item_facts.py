"""The known facts of an item's record, as rows of a name and a value."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from station.base.sentence import EMPTY, Sentence
from station.base.words import knows, tell
from station.domain.item import ItemRecord, RecordFacts

_TOLD: Final = {"call_number_source": "call_number_at", "origin": "came_from", "status": "status_at"}
"""Fields that hold a code, and the attribute that has its text."""


def brief(item: ItemRecord) -> Iterator[tuple[str, str]]:
    """Yield the known ones of the few fields by which people know an item. The title is above them."""
    copy = tell("item.copy-number", copy=item.copy) if item.copy else ""
    material = f"item.material.{item.material}"
    values = {
        "author": item.author,
        "call-number": item.call_number,
        "which": " · ".join(filter(None, (item.description, copy))),
        "location": item.location,
        "barcode": str(item.barcode),
        "material": tell(material) if knows(material) else item.material,
        "isbn": ", ".join(item.isbns),
        "label": " / ".join(item.label_lines),
    }
    for name, value in values.items():
        if value:
            yield tell(f"office.head.{name}"), value


def facts(item: ItemRecord) -> Iterator[tuple[str, str]]:
    """Yield the known fields of the item, then further facts of its MARC record, then the fields for the site's
    rules."""
    for name in item.__struct_fields__:
        value = getattr(item, _TOLD.get(name, name))
        if value not in ("", (), None, EMPTY) and name not in ("marc", "chosen", "fullness", "price_of_file"):
            yield tell(f"catalog.field.{name.replace('_', '-')}"), _said(value)
    if item.missing:
        yield tell("catalog.field.missing"), ", ".join(tell(f"item.missing.{code}") for code in item.missing)
    marc = item.marc or RecordFacts()
    for name in marc.__struct_fields__:
        value = getattr(marc, name)
        if value not in ("", (), False):
            yield tell(f"catalog.marc.{name.replace('_', '-')}"), _said(value)
    for name, values in item.chosen:
        yield name, _said(values)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return tell("catalog.true") if value else tell("catalog.false")
    if isinstance(value, tuple):
        return " | ".join(" ".join(map(_said, part)) if isinstance(part, tuple) else _said(part) for part in value)
    return tell(value) if isinstance(value, Sentence) else str(value)
