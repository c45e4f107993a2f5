"""Generator of docs/tag-formats.md: the formats of tags, from the tables and docstrings of `station.encoding`."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Final

from scripts.reference import tag_tables as tables
from scripts.reference.markdown import about, block, notes, table
from scripts.reference.tag_examples import EXAMPLES, OWN, byte_map, mid_write, uhf_map
from station.encoding import content
from station.encoding.doctor.doctor import CHECKS
from station.encoding.iso15962 import compaction, data_elements, elements, isil
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.iso28560_2 import layout as iso28560_2_layout
from station.encoding.iso28560_3 import basic_block, danish, extensions, without_crc
from station.encoding.iso28560_3 import write as iso28560_3_write
from station.encoding.iso28560_4 import codec as iso28560_4_codec
from station.encoding.iso28560_4 import other_uhf, urn40
from station.encoding.migration import migration
from station.encoding.recognition import rfid501
from station.encoding.recognition.registry import DATA_MODELS
from station.encoding.write_plan import plan

_STATES: Final = {
    content.TagState.BLANK: "One of the patterns of blank tags.",
    content.TagState.UNKNOWN: "No data model reads it; the station reports the evidence in the bytes.",
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
        "The content of library tags, as `station.encoding` reads and writes it. The ISO standards were not available. All of",
        "this comes from public documents and programs, which are cited. A question that no public source settles is a named",
        f'choice with both sides cited, or is marked "{tables.OPEN}" (not settled by a public source).',
        "",
        "This page is made from the tables and docstrings of `station/encoding/` by `python -m scripts.reference.pages docs`; a",
        "test compares them. Byte maps are the output of `station tag explain`. The text cites the reference pages",
        "[tag data](reference/tag-data.md), [tag writing](reference/tag-writing.md), and [readers](reference/readers.md).",
        "",
        "How to call this from your own program: [encoding.md](encoding.md). Published test vectors, with the",
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
        *about(importlib.import_module("station.encoding.recognition.recognise")),
        "",
        "The data models, in the order in which they are tried:",
        *tables.models(),
        "",
        "A memory is blank if all of it follows one of these patterns:",
        *tables.blanks(),
        "",
        "The station gives each tag one of these states:",
        *table(("state", "meaning"), rows),
    ]


def _part_1() -> list[str]:
    return [
        "",
        "## ISO 28560-1: the data elements",
        "",
        *about(data_elements),
        "",
        f'In the table, "{tables.OPEN}" means: not settled by a public source.',
        *tables.elements(),
        "",
        "Relative OIDs 27 to 31 are reserved; ISO/IEC 15962 can carry up to 127, and unknown ones are read as text.",
        "",
        "### Type of usage (element 5)",
        "",
        "Class in the high nibble, qualifier in the low one. ISO 28560-3 and the Danish model carry only the class.",
        *tables.usages(),
        "",
        "### Media format (element 19)",
        *tables.media_formats(),
        "",
        "### Supply chain stage (element 20)",
        *tables.supply_chain_stages(),
    ]


def _chapter(title: str, module: ModuleType, **parts: ModuleType) -> list[str]:
    """Return a module's docstring, and those of its parts under subheadings."""
    lines = ["", f"## {title}", "", *about(module)]
    for heading, part in parts.items():
        lines += ["", f"### {heading.replace('_', ' ')}", "", *about(part)]
    return lines


def _maps() -> list[str]:
    lines = [
        "",
        "## Byte maps",
        "",
        "Each byte of a tag belongs to one range; the letters under the bytes are those of the legend. The library that reads",
        f"them is {OWN.isil}. Every memory but the last is a published vector, filled with zeros to whole blocks.",
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
        "a first block of zeros mark it as unfinished, whatever follows. A reader that checks either never takes it for an item.",
        *block(byte_map(torn)),
    ]
    return lines


def _oddities() -> list[str]:
    lines = [
        "",
        "## Oddities and deviants",
        "",
        "Remarks of a data model on a tag that it can read. No irregularity is accepted silently, and none of these is ever",
        "written. `{...}` is a placeholder for the value found.",
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
        "Problems that `station tag doctor` finds besides the oddities above, on a tag of any format.",
        *table(
            ("code", "severity", "what the librarian reads", "what to do"),
            [(f"`{check.code}`", check.severity.value, check.sentence, check.advice) for check in CHECKS],
        ),
    ]


def tags_page() -> str:
    """Return docs/tag-formats.md."""
    lines = [
        *_head(),
        *_recognition(),
        *_part_1(),
        *_chapter(
            "ISO 28560-2: elements of ISO/IEC 15962",
            iso28560_2_codec,
            Order_and_locks=iso28560_2_layout,
            The_element_layout=elements,
            The_ISIL_code=isil,
            Compaction_schemes=compaction,
        ),
        *tables.schemes(),
        *_chapter(
            "ISO 28560-3 and the Danish model",
            basic_block,
            How_it_is_written=iso28560_3_write,
            The_Danish_model_as_it_is_written=danish,
            Without_a_valid_CRC=without_crc,
            Extension_blocks=extensions,
        ),
        *tables.extension_blocks(),
        *_chapter("3M (RFID 501)", rfid501),
        *_chapter("ISO 28560-4: UHF tags", iso28560_4_codec),
        "",
        "Two banks of the standard's examples (ISO/TS 28560-4:2014 p. 49 and 52, as quoted in dp2's TestUHF.cs), which name",
        "different owners:",
        *block(uhf_map()),
        "",
        "Remarks:",
        *tables.remarks(iso28560_4_codec.KINDS),
        "",
        "### URN Code 40",
        "",
        *about(urn40),
        "",
        "### What libraries write instead",
        "",
        *about(other_uhf),
        *_chapter("From one format to another", migration),
        *_chapter("How a tag is changed", plan),
        *_maps(),
        *_oddities(),
        *_doctor(),
        "",
        "## Site profiles",
        "",
        "The layout of one library's tags, as data (`tag.profile` in station.toml).",
        *tables.profiles(),
        *tables.choices_section(),
        *tables.words_section(),
        *tables.open_section(),
        *_sources(),
    ]
    return "\n".join(lines) + "\n"
