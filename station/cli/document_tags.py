"""docs/tag-formats.md: the formats of tags, made from the tables and docstrings of `station.encoding`."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from enum import Enum
from types import ModuleType
from typing import Final

from station import encoding
from station.cli import document_tag_tables as tables
from station.cli.document_tag_examples import EXAMPLES, OWN, byte_map, mid_write, uhf_map
from station.cli.markdown import about, block, first, notes, table
from station.encoding import (
    compaction,
    content,
    elements,
    extensions,
    isil,
    iso28560_2,
    iso28560_3,
    iso28560_4,
    oids,
    rfid501,
    uhf_fields,
    urn40,
)
from station.encoding.doctor import CHECKS
from station.encoding.registry import DATA_MODELS

WORDS: Final = frozenset(
    {
        *("compaction.Scheme", "content.Part", "content.Severity", "content.TagState", "dumps_value.Format"),
        *("iso28560_4.Application", "migrate.NoteKind", "oids.Bank", "oids.Form"),
    }
)
"""Enumerations that are vocabulary. Every other one is a named choice: something that no public source settles."""
_STATES: Final = {
    content.TagState.BLANK: "One of the patterns of blank tags.",
    content.TagState.UNKNOWN: "Nothing that any data model reads; what can be seen in the bytes is said.",
}

_SOURCES: Final = (
    ("dp2", "DigitalPlatform/dp2 (C#, Apache-2.0), at 4e3a3a3: its tests quote GB/T 35660.2 = ISO 28560-2:2014"),
    ("helmet", "the parser of the Helmet libraries' labeller (Python, public source text)"),
    ("wildau", "BibliothekTHWildau/ISO28560 at af511eb, node-rfid-server at 7033c65, rfid-playground at d81c234"),
    ("libdanrfid", "GallusMax/libdanrfid at baef0bb (Java, GPL-3)"),
    ("thkoeln", "TH Köln's api.rfid (Java, public source text), after real tags of Bibliotheca's"),
    ("rfidgeek", "PyPI rfidgeek 2.0.1 (MIT)"),
    ("je4", "je4/Library-RFID-Tools at ddf0d5b (Java, GPL-3)"),
    ("perl", "dpavlin/Biblio-RFID at 778b37e (Perl, GPL-2)"),
    ("Doc 067, DK", '"RFID Data Model for Libraries", Doc 067, July 2005, public'),
    ("CLAR, WG11", "clarifications of ISO 28560:2011 published at biblstandard.dk"),
    ("AS", "contents of AS/NZS ISO 28560.1:2015"),
)


def _head() -> list[str]:
    return [
        "# Tag formats",
        "",
        "What stands on library tags, as `station.encoding` reads and writes it. The texts of ISO were not at hand; all of this",
        "comes from public documents and programs, and each piece says from which. What no public source settles is a named",
        f'choice with both sides cited, or is marked "{tables.OPEN}", which means: not settled by a public source.',
        "",
        "This page is made from the tables and docstrings of `station/encoding/` by `python -m station.cli.documents docs`; a",
        'test compares them. Byte maps are what `station tag decode` prints. "tag-data-models.md" in the text means the notes',
        "on public sources from which this project began.",
        "",
        "How to call all this from a program of your own: [encoding.md](encoding.md). Published test vectors, with the",
        "citation of each: [tests/vectors](../tests/vectors/README.md).",
    ]


def _sources() -> list[str]:
    return ["", "## Sources by their keys", *table(("key", "source"), _SOURCES)]


def _recognition() -> list[str]:
    states = notes(content.TagState)
    rows = [(state.value, states.get(state.name) or _STATES[state]) for state in content.TagState]
    return [
        "",
        "## Which format a tag has",
        "",
        *about(importlib.import_module("station.encoding.recognise")),
        "",
        "The data models, in the order in which they are tried:",
        *tables.models(),
        "",
        "A memory that follows one of these patterns as a whole is blank:",
        *tables.blanks(),
        "",
        "To this station a tag is one of these:",
        *table(("state", "meaning"), rows),
    ]


def _part_1() -> list[str]:
    return [
        "",
        "## ISO 28560-1: the data elements",
        "",
        *about(oids),
        "",
        f'In the table, "{tables.OPEN}" means: not settled by a public source.',
        *tables.elements(),
        "",
        "Relative OIDs 27 to 31 are reserved; ISO/IEC 15962 can carry up to 127, and unknown ones are read as text.",
        "",
        "### Type of usage (element 5)",
        "",
        "Class in the high nibble, qualifier in the low one. ISO 28560-3 and the Danish model carry the class alone.",
        *tables.usages(),
        "",
        "### Media format (element 19)",
        *tables.media_formats(),
        "",
        "### Supply chain stage (element 20)",
        *tables.supply_chain_stages(),
    ]


def _chapter(title: str, *modules: ModuleType) -> list[str]:
    lines = ["", f"## {title}"]
    for module in modules:
        lines += ["", *about(module)]
    return lines


def _maps() -> list[str]:
    lines = [
        "",
        "## Byte maps",
        "",
        "Each byte of a tag belongs to one range; the letters under the bytes are those of the legend. The library that looks",
        f"is {OWN.isil}. Every memory but the last is a published vector.",
    ]
    for example in EXAMPLES:
        lines += ["", f"### {example.title}", "", f"Source: {example.source}. {example.note}".rstrip()]
        lines += block(byte_map(example.image))
    torn = mid_write()
    lines += [
        "",
        "### A tag in mid-write",
        "",
        "The worked example while its identifier is being changed, after half of the writes of the plan. DSFID "
        f"{torn.dsfid:02X} and",
        "a first block of zeros say so, whatever stands behind them: nobody who honours either takes this for an item.",
        *block(byte_map(torn)),
    ]
    return lines


def _oddities() -> list[str]:
    lines = [
        "",
        "## Oddities and deviants",
        "",
        "What a data model remarks on a tag that it can read. Nothing odd is accepted silently, and nothing of this is ever",
        "written. `{...}` stands for what is found.",
    ]
    for model in DATA_MODELS:
        lines += ["", f"### {model.title}"]
        lines += tables.remarks(model.kinds) if model.kinds else ["", "None."]
    return lines


def _doctor() -> list[str]:
    return [
        "",
        "## The tag doctor",
        "",
        "What `station tag doctor` looks for beside the oddities above, on a tag of any format.",
        *table(
            ("code", "severity", "what the librarian reads", "what to do"),
            [(f"`{check.code}`", check.severity.value, check.sentence, check.advice) for check in CHECKS],
        ),
    ]


def modules() -> list[ModuleType]:
    """Every module of `station.encoding`."""
    names = sorted(info.name for info in pkgutil.iter_modules(encoding.__path__, "station.encoding."))
    return [importlib.import_module(name) for name in names]


def enumerations() -> dict[str, type[Enum]]:
    """Every enumeration of `station.encoding` as "module.Class"."""
    found: dict[str, type[Enum]] = {}
    for module in modules():
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Enum) and value.__module__ == module.__name__:
                found[f"{module.__name__.rpartition('.')[2]}.{value.__name__}"] = value
    return found


def choices() -> list[type[Enum]]:
    """Every named choice: the enumerations of `station.encoding` that are no vocabulary."""
    return [value for name, value in enumerations().items() if name not in WORDS]


def _choices() -> list[str]:
    lines = [
        "",
        "## Named choices",
        "",
        "Where public sources disagree or are silent, the program has a name for each side.",
    ]
    for name, choice in enumerations().items():
        if name not in WORDS:
            lines += ["", f"### `{name}`", "", *about_class(choice), *_members(choice)]
    return lines


def _words() -> list[str]:
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


def _open() -> list[str]:
    cells = [
        f"{row.name} ({row.oid})"
        for row in oids.ELEMENTS.values()
        if row.oid in oids.DEFINED and row.max_length is None
    ]
    locks = [
        f"{row.name} ({row.oid})" for row in oids.ELEMENTS.values() if row.oid in oids.DEFINED and row.lockable is None
    ]
    return [
        "",
        "## What is open",
        "",
        "These need the text of the standards:",
        "",
        f"- Longest value of {len(cells)} of {len(oids.DEFINED)} data elements: {', '.join(cells)}.",
        f"- Whether part 1 foresees that they are locked, for {len(locks)} of them: {', '.join(locks)}.",
        "- The codes of the supply chain stage (element 20)." if oids.SUPPLY_CHAIN_STAGES is None else "",
        *(f"- {first(choice.__doc__ or '')} See `{choice.__name__}` above." for choice in choices()),
        "- Differences of the editions of 2018 and 2023.",
        "- The Dutch byte map and its checksum; profiles of France, Sweden, the United Kingdom; layouts of Nedap, Tagsys and",
        "  Checkpoint: nothing at byte level was found.",
    ]


def tags_page() -> str:
    """docs/tag-formats.md."""
    lines = [
        *_head(),
        *_recognition(),
        *_part_1(),
        *_chapter("ISO 28560-2: elements of ISO/IEC 15962", iso28560_2, elements),
        "",
        "### Compaction schemes",
        "",
        *about(compaction),
        *tables.schemes(),
        "",
        "### The ISIL code",
        "",
        *about(isil),
        *_chapter("ISO 28560-3 and the Danish model", iso28560_3, extensions),
        *tables.extension_blocks(),
        *_chapter("3M (RFID 501)", rfid501),
        *_chapter("ISO 28560-4: UHF tags", iso28560_4),
        "",
        "Two banks of the standard's examples (ISO/TS 28560-4:2014 p. 49 and 52, as quoted in dp2's TestUHF.cs), which name",
        "different owners:",
        *block(uhf_map()),
        "",
        "Remarks:",
        *tables.remarks(iso28560_4.KINDS),
        "",
        "### URN Code 40",
        "",
        *about(urn40),
        "",
        "### What libraries write instead",
        "",
        *about(uhf_fields),
        *_maps(),
        *_oddities(),
        *_doctor(),
        "",
        "## Site profiles",
        "",
        "How one library's tags look, as data (`tag.profile` in station.toml).",
        *tables.profiles(),
        *_choices(),
        *_words(),
        *_open(),
        *_sources(),
    ]
    return "\n".join(lines) + "\n"
