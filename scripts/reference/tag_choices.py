"""The last chapters of docs/tag-formats.md: named choices, vocabulary, and what is open."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from dataclasses import fields, is_dataclass
from enum import Enum
from types import ModuleType
from typing import Final

from scripts.reference.markdown import first, notes, table
from station import encoding
from station.encoding import content
from station.encoding.iso15962 import data_elements

PACKAGE: Final = "station.encoding."
WORDS: Final = frozenset(
    {
        *("iso15962.compaction.Scheme", "content.Part", "content.Severity", "content.TagState", "dumps.value.Format"),
        *("iso28560_4.codec.Application", "migration.migration.NoteKind"),
        *("iso15962.data_elements.Bank", "iso15962.data_elements.Form"),
    }
)
"""Enumerations that are vocabulary. Every other one is a named choice: something that no public source settles."""


def modules() -> list[ModuleType]:
    """Every module of `station.encoding` but the table of chips, which has a page of its own."""
    names = sorted(info.name for info in pkgutil.walk_packages(encoding.__path__, PACKAGE) if not info.ispkg)
    return [importlib.import_module(name) for name in names if name != f"{PACKAGE}chips"]


def enumerations() -> dict[str, type[Enum]]:
    """Every enumeration of `station.encoding` as "module.Class"."""
    found: dict[str, type[Enum]] = {}
    for module in modules():
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Enum) and value.__module__ == module.__name__:
                found[f"{module.__name__.removeprefix(PACKAGE)}.{value.__name__}"] = value
    return found


def choices() -> list[type[Enum]]:
    """Every named choice: the enumerations of `station.encoding` that are no vocabulary."""
    return [value for name, value in enumerations().items() if name not in WORDS]


def choices_section() -> list[str]:
    lines = [
        "",
        "## Named choices",
        "",
        "Where public sources disagree or are silent, the program has a name for each side.",
    ]
    for name, choice in enumerations().items():
        if name not in WORDS:
            lines += ["", f"### `{name}`", "", *about_class(choice), *_members(choice)]
    return [*lines, *_writers()]


def writers() -> dict[str, type]:
    """The sets of choices that a data model carries: every dataclass `Choices`, as "module.Choices"."""
    found: dict[str, type] = {}
    for module in modules():
        kind = vars(module).get("Choices")
        if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__:
            found[f"{module.__name__.removeprefix(PACKAGE)}.Choices"] = kind
    return found


def _writers() -> list[str]:
    lines = ["", "### What a writer is given", "", "The defaults are what the station writes."]
    for name, kind in writers().items():
        lines += ["", f"`{name}`: {' '.join((kind.__doc__ or '').split())}"]
        rows = []
        for field in fields(kind):
            default = (
                f"{type(field.default).__name__}.{field.default.name}"
                if isinstance(field.default, Enum)
                else f"{field.default}"
            )
            rows.append((f"`{field.name}`", f"`{default}`"))
        lines += table(("choice", "default"), rows)
    return lines


def words_section() -> list[str]:
    lines = ["", "## Words", "", "The vocabulary of the values, as it stands in `--json`."]
    for name, words in enumerations().items():
        if name in WORDS and words is not content.TagState:  # which stands further up
            lines += ["", f"### `{name}`", "", *about_class(words), *_members(words)]
    return lines


def _members(kind: type[Enum]) -> list[str]:
    meanings = notes(kind)
    rows = [(f"`{member.name}`", f"{member.value}", meanings.get(member.name, "")) for member in kind]
    return table(("name", "value", "meaning, evidence"), rows)


def about_class(kind: type[Enum]) -> list[str]:
    """The docstring of a class."""
    return inspect.cleandoc(kind.__doc__ or "").splitlines()


def open_section() -> list[str]:
    cells = [
        f"{row.name} ({row.oid})"
        for row in data_elements.ELEMENTS.values()
        if row.oid in data_elements.DEFINED and row.max_length is None
    ]
    locks = [
        f"{row.name} ({row.oid})"
        for row in data_elements.ELEMENTS.values()
        if row.oid in data_elements.DEFINED and row.lockable is None
    ]
    return [
        "",
        "## What is open",
        "",
        "These need the text of the standards:",
        "",
        f"- Longest value of {len(cells)} of {len(data_elements.DEFINED)} data elements: {', '.join(cells)}.",
        f"- Whether part 1 foresees that they are locked, for {len(locks)} of them: {', '.join(locks)}.",
        "- The codes of the supply chain stage (element 20)." if data_elements.SUPPLY_CHAIN_STAGES is None else "",
        *(f"- {first(choice.__doc__ or '')} See `{choice.__name__}` above." for choice in choices()),
        "- Differences of the editions of 2018 and 2023.",
        "- The Dutch byte map and its checksum; profiles of France, Sweden, the United Kingdom; layouts of Nedap, Tagsys and",
        "  Checkpoint: nothing at byte level was found.",
    ]
