"""Requirements on every result, for any input."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Final

from station.encoding.content import Range, TagContent

_FORBIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Categories of characters that could control a terminal or a screen, and of unassigned ones."""


class Finding(AssertionError):
    """A forbidden result of the code under test."""


def demand(condition: bool, sentence: str) -> None:
    """Raise `Finding` unless the condition holds."""
    if not condition:
        raise Finding(sentence)


def texts(value: object) -> Iterator[str]:
    """Yield every text in a value: fields of dataclasses, members of collections, at any depth."""
    if isinstance(value, Enum):
        return
    if isinstance(value, str):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    elif isinstance(value, dict):
        yield from texts(tuple(value.items()))
    elif isinstance(value, tuple | list | set | frozenset):
        for item in value:
            yield from texts(item)


def demand_clean(value: object) -> None:
    """Require that no text of the result holds a control character."""
    for text in texts(value):
        for char in text:
            if not " " <= char <= "~" and unicodedata.category(char) in _FORBIDDEN:
                raise Finding(f"{char!r} in {text!r}")


def said(content: TagContent) -> tuple[object, ...]:
    """Return the content of a tag without the evidence of its place."""
    return (
        content.primary_item_identifier,
        content.owner_institution,
        content.part,
        content.parts,
        content.type_of_usage,
        content.shelf_location,
        content.further,
    )


def demand_same(wanted: TagContent, got: TagContent, what: str) -> None:
    """Require that two contents are equal."""
    demand(said(wanted) == said(got), f"{what}: {said(wanted)} became {said(got)}")


def demand_sane(content: TagContent) -> None:
    """Require the guarantees of `TagContent`."""
    demand(content.part >= 1, f"part {content.part}")
    demand(content.parts >= 1, f"{content.parts} parts")
    demand(content.type_of_usage is None or 0 <= content.type_of_usage <= 0xFF, f"usage {content.type_of_usage}")
    oids = [oid for oid, _ in content.further]
    demand(oids == sorted(set(oids)), f"further elements {oids} are not ascending")
    demand(all(oid > 6 for oid in oids), f"further elements {oids} hold one of 1 to 6")


def demand_cover(ranges: Iterable[Range], size: int) -> None:
    """Require ranges in order, without gap or overlap, from byte 0 to the end."""
    at = 0
    for found in ranges:
        demand(found.offset == at and found.length > 0, f"a range of {found.length} at {found.offset}, not at {at}")
        at += found.length
    demand(at == size, f"the ranges end at {at}, the memory at {size}")
