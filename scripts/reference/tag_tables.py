"""Tables, named choices and vocabulary of docs/tag-formats.md, from the tables and classes of the codecs."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from types import ModuleType
from typing import Final

from scripts.reference.markdown import first, notes, table
from station import encoding
from station.encoding import content
from station.encoding.content import RemarkKind
from station.encoding.iso15962 import data_elements
from station.encoding.iso15962.compaction import MINIMUM, NAMES, Scheme
from station.encoding.iso15962.data_elements import DEFINED, ELEMENTS, UNIQUE_ITEM_IDENTIFIER, DataElement, Place
from station.encoding.iso28560_3 import deviants, extensions
from station.encoding.profiles.profiles import READY, ready
from station.encoding.profiles.value import NAME_OF
from station.encoding.recognition import blank
from station.encoding.recognition.data_model import WritableModel
from station.encoding.recognition.registry import DATA_MODELS

OPEN: Final = "open"
"""Text of a cell that no public source settles."""
NOWHERE: Final = "nowhere"

_FORMS: Final = {
    data_elements.Form.TEXT: "text, by a compaction scheme",
    data_elements.Form.ISIL: "ISIL code (000)",
    data_elements.Form.BITMAP: "bit map (000)",
    data_elements.Form.OCTET: "one byte",
}
_SCHEME_RULES: Final = {
    Scheme.APPLICATION: ("ISIL code, content parameter", ""),
    Scheme.INTEGER: ("digits, no leading 0, up to 9999999999999999999", "a number in the fewest bytes"),
    Scheme.NUMERIC: ("digits", "one digit per nibble, an odd count ends with F"),
    Scheme.FIVE_BIT: ("41 to 5F (capitals and [ \\ ] ^ _)", "low five bits; the last byte is filled with 0"),
    Scheme.SIX_BIT: ("20 to 5F, no space at the end", "low six bits; filled with 100000"),
    Scheme.SEVEN_BIT: ("00 to 7E", "low seven bits; filled with ones"),
    Scheme.OCTETS: ("ISO 8859-1", "one byte per character"),
    Scheme.UTF8: ("everything", "UTF-8"),
}


def models() -> list[str]:
    """Return the table of data models, in the order in which they are tried."""
    rows = []
    for model in DATA_MODELS:
        written = "read and written" if isinstance(model, WritableModel) else "read"
        marked = "its DSFID" if model.marks_completion else "nothing: there is no such mark"
        rows.append((f"`{model.name}`", model.title, written, marked, str(len(model.kinds))))
    return table(("name", "data model", "here", "mark of a finished tag", "named oddities"), rows)


def blanks() -> list[str]:
    """Return the table of blank tags."""
    rows = []
    for pattern in blank.PATTERNS:
        rows.append((f"`{pattern.name}`", pattern.sentence, pattern.evidence))
    return table(("pattern", "what it is", "evidence"), rows)


# --- ISO 28560-1 ------------------------------------------------------------------------------------------------------


def elements() -> list[str]:
    """Return the table of the data elements of ISO 28560-1, with their place in each part."""
    rows = [_element(UNIQUE_ITEM_IDENTIFIER), *(_element(row) for row in ELEMENTS.values() if row.oid in DEFINED)]
    head = ("OID", "data element", "written as", "28560-2", "28560-3", "Danish 2005", "28560-4", "longest", "locked")
    return table(head, rows)


def _element(row: DataElement) -> tuple[str, ...]:
    banks = OPEN if row.part4 is None else ", ".join(bank.value for bank in row.part4) or NOWHERE
    longest = OPEN if row.max_length is None else f"{row.max_length} characters"
    if row.digits is not None:
        longest = f"exactly {row.digits} digits"
    locked = OPEN if row.lockable is None else "foreseen" if row.lockable else "no"
    return (
        str(row.oid),
        row.name,
        _FORMS[row.form],
        "yes" if row.part2 else "no",
        _places(row.part3),
        _places(row.danish),
        banks,
        longest,
        locked,
    )


def _places(places: Sequence[Place]) -> str:
    return "; ".join(_place(place) for place in places) or NOWHERE


def _place(place: Place) -> str:
    if not place.block:
        if place.offset is None or place.length is None:
            return "basic block"
        last = place.offset + place.length - 1
        return f"byte {place.offset}" if place.length == 1 else f"bytes {place.offset} to {last}"
    field = "" if place.offset is None else f", field {place.offset + 1}"
    return f"block {place.block}{field}{' (as an alternative)' if place.alternative else ''}"


def usages() -> list[str]:
    """Return the table of types of usage: classes and qualifiers."""
    rows = []
    for group, words in data_elements.USAGE_CLASSES.items():
        qualifiers = data_elements.USAGE_QUALIFIERS.get(group, {})
        shown = ", ".join(f"{number:X} {meaning}" for number, meaning in qualifiers.items())
        danish = "yes" if group in data_elements.DANISH_USAGES else ""
        rows.append((f"{group:X}", words, f"0 unspecified{', ' if shown else ''}{shown}", danish))
    return table(("class", "meaning", "qualifiers", "Danish 2005"), rows)


def media_formats() -> list[str]:
    """Return the table of media formats (other)."""
    return table(("code", "meaning"), [(f"{code:02X}", words) for code, words in data_elements.MEDIA_FORMATS.items()])


def supply_chain_stages() -> list[str]:
    """Return the table of supply chain stages, if a source has published the codes."""
    stages = data_elements.SUPPLY_CHAIN_STAGES
    if stages is None:
        return [
            "",
            f"Its codes are {OPEN}: not settled by a public source. The byte is shown as two hexadecimal digits.",
        ]
    return table(("code", "meaning"), [(f"{code:02X}", words) for code, words in stages.items()])


# --- ISO/IEC 15962 and ISO 28560-3 --------------------------------------------------------------------------------------


def schemes() -> list[str]:
    """Return the table of compaction schemes."""
    rows = []
    for scheme in Scheme:
        carries, packing = _SCHEME_RULES[scheme]
        least = MINIMUM.get(scheme)
        rows.append((f"`{scheme:03b}`", NAMES[scheme], carries, packing, "" if least is None else str(least)))
    return table(("code", "scheme", "carries", "packing", "minimum characters"), rows)


def extension_blocks() -> list[str]:
    """Return the table of extension blocks and their fields."""
    rows = []
    for block, oids in extensions.BLOCKS.items():
        names = "; ".join(f"{data_elements.element(oid).name} ({oid})" for oid in oids)
        rows.append((str(block), extensions.TITLES[block], names))
    future = f"{max(extensions.BLOCKS) + 1} to {extensions.UNSTRUCTURED_FROM - 1}"
    rows.append((future, "reserved for the future", "shown, not interpreted"))
    rows.append((f"{extensions.UNSTRUCTURED_FROM} and above", "unstructured", "a library's or a vendor's own; shown"))
    return table(("id", "block", "fields in order (relative OID)"), rows)


# --- oddities -----------------------------------------------------------------------------------------------------------


def remarks(kinds: Sequence[RemarkKind]) -> list[str]:
    """Return a data model's table of remarks; with evidence for the deviants of ISO 28560-3."""
    evidence = {getattr(deviants, name): note for name, note in notes(deviants).items() if name.isupper()}
    rows = []
    for kind in kinds:
        seen = next((note for owner, note in evidence.items() if owner is kind), "")
        rows.append((f"`{kind.code}`", kind.severity.value, kind.sentence, kind.advice, seen))
    return table(("code", "severity", "what the librarian reads", "what to do", "seen, rule"), rows)


# --- profiles -----------------------------------------------------------------------------------------------------------


def profiles() -> list[str]:
    """Return the ready-made site profiles: the content of each, its sources, and its open questions."""
    lines: list[str] = []
    for name in READY:
        profile = ready(name)
        written = (
            ", ".join(f"{NAME_OF[oid]} from `{source}`" for oid, source in profile.elements) or "nothing: read only"
        )
        locked = ", ".join(NAME_OF[oid] for oid in sorted(profile.lock)) or "nothing"
        lines += [
            "",
            f"### `{name}`",
            "",
            f"{profile.name}. {profile.about}",
            "",
            f"- data model `{profile.model}`; writes {written}",
            f"- DSFID {profile.dsfid:02X}, AFI {profile.afi_in_stock:02X} in stock and {profile.afi_on_loan:02X} on loan, "
            f"EAS {'used' if profile.eas else 'not used'}",
            f"- locks {locked}; reserves {profile.reserve} bytes; a tag has at least {profile.smallest} bytes",
            *(f"- source: {source}" for source in profile.sources),
            *(f"- open: {what}" for what in profile.open),
        ]
    return lines


PACKAGE: Final = "station.encoding."
WORDS: Final = frozenset(
    {
        *("iso15962.compaction.Scheme", "content.Part", "content.Severity", "content.TagState", "dumps.value.Format"),
        *("iso28560_4.codec.Application", "migration.migration.NoteKind"),
        *("iso15962.data_elements.Bank", "iso15962.data_elements.Form"),
    }
)
"""Enumerations that are vocabulary. Every other one is a named choice, which no public source settles."""


def modules() -> list[ModuleType]:
    """Return every module of `station.encoding` except the table of chips, which has its own page."""
    names = sorted(info.name for info in pkgutil.walk_packages(encoding.__path__, PACKAGE) if not info.ispkg)
    return [importlib.import_module(name) for name in names if name != f"{PACKAGE}chips"]


def enumerations() -> dict[str, type[Enum]]:
    """Return every enumeration of `station.encoding` as "module.Class"."""
    found: dict[str, type[Enum]] = {}
    for module in modules():
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Enum) and value.__module__ == module.__name__:
                found[f"{module.__name__.removeprefix(PACKAGE)}.{value.__name__}"] = value
    return found


def choices() -> list[type[Enum]]:
    """Return every named choice: the enumerations of `station.encoding` that are not vocabulary."""
    return [value for name, value in enumerations().items() if name not in WORDS]


def choices_section() -> list[str]:
    lines = [
        "",
        "## Named choices",
        "",
        "If public sources disagree or do not settle a question, the program has a name for each choice.",
    ]
    for name, choice in enumerations().items():
        if name not in WORDS:
            lines += ["", f"### `{name}`", "", *about_class(choice), *_members(choice)]
    return [*lines, *_writers()]


def writers() -> dict[str, type]:
    """Return the sets of choices of the data models: every dataclass `Choices`, as "module.Choices"."""
    found: dict[str, type] = {}
    for module in modules():
        kind = vars(module).get("Choices")
        if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__:
            found[f"{module.__name__.removeprefix(PACKAGE)}.Choices"] = kind
    return found


def _writers() -> list[str]:
    lines = ["", "### Choices of a writer", "", "The defaults are what the station writes."]
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
    lines = ["", "## Words", "", "The vocabulary of the values, as in `--json`."]
    for name, words in enumerations().items():
        if name in WORDS and words is not content.TagState:  # already in another section
            lines += ["", f"### `{name}`", "", *about_class(words), *_members(words)]
    return lines


def _members(kind: type[Enum]) -> list[str]:
    meanings = notes(kind)
    rows = [(f"`{member.name}`", f"{member.value}", meanings.get(member.name, "")) for member in kind]
    return table(("name", "value", "meaning, evidence"), rows)


def about_class(kind: type[Enum]) -> list[str]:
    """Return the docstring of a class."""
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
        f"- Whether part 1 intends them to be locked, for {len(locks)} of them: {', '.join(locks)}.",
        "- The codes of the supply chain stage (element 20)." if data_elements.SUPPLY_CHAIN_STAGES is None else "",
        *(f"- {first(choice.__doc__ or '')} See `{choice.__name__}` above." for choice in choices()),
        "- Differences of the editions of 2018 and 2023.",
        "- The Dutch byte map and its checksum; profiles of France, Sweden, the United Kingdom; layouts of Nedap, Tagsys and",
        "  Checkpoint: nothing at byte level was found.",
    ]
