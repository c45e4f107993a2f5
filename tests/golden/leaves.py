"""Values as leaves: one text, number or flag for each path, so that values of different shapes can be compared."""

from __future__ import annotations

import dataclasses
from enum import Enum
from functools import cache
from typing import Any, Final

import msgspec

from station.base.sentence import Sentence
from station.base.words import spoken, tell
from station.domain.findings import Check, Covered, Finding

Leaves = dict[str, Any]
"""A path names the place of a leaf: a line of an output, a field of a value."""
MOVED: Final[dict[str, str]] = {}
"""Path of a part of the snapshot -> its path when the texts were recorded."""


def leaves(value: Any, path: str = "") -> Leaves:
    """Return the leaves of a value, with texts as a face shows them. Empty leaves are left out, so that a new field with
    an empty default is no difference."""
    path = MOVED.get(path, path)
    if isinstance(value, Sentence):
        value = tell(value)
    if isinstance(value, msgspec.Struct):
        value = {name: getattr(value, name) for name in value.__struct_fields__}
    if dataclasses.is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {place: leaf for name, part in value.items() for place, leaf in leaves(part, f"{path}/{name}").items()}
    if isinstance(value, tuple | list):
        if all(isinstance(part, Finding | Check | Covered) for part in value):
            return {f"{path}/{part.rule}": _folded(part, spoken()) for part in value}
        return leaves(dict(enumerate(value)), path)
    if isinstance(value, frozenset | set):
        return leaves(sorted(value), path)
    if isinstance(value, bytes):
        value = value.hex()
    return {path: value.value if isinstance(value, Enum) else value} if value else {}


@cache
def _folded(value: msgspec.Struct, language: str) -> str:
    """Return all leaves of a value as one text: an item has 40 findings, the same in most snapshots. Sketches are left
    out, because the screens' pictures show them (`tests/tui/__snapshots__`)."""
    known = {path[1:]: leaf for path, leaf in leaves(value).items()}
    return "; ".join(f"{path}: {leaf}" for path, leaf in known.items() if path != "rule" and "sketch" not in path)


def lines(path: str, text: str) -> Leaves:
    """Return each line of a text as a leaf."""
    return {f"{path}/{number:03}": line for number, line in enumerate(text.splitlines(), 1) if line}
