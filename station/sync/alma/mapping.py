"""Mapping of the station's facts to fields of an Alma item: a site's own table, as TOML.

    name = "main-library"

    [fields]
    internal_note_3 = "{entry}"
    inventory_number = "{uid}"
    statistics_note_1 = "RFID {verdict} {date}"
    physical_condition = "{condition}"
    weeding_number = "{weeding_number}"
    weeding_date = "{weeding_date}"

    [conditions]
    spine-label = "RELABEL"

A template holds facts in braces and text around them. A field is written if all its facts are known, else it is left
alone. The station overwrites a field only if the field is empty or its value has the shape of the template: that is how
the station recognizes its own text. Any other value belongs to another person or program, and a person decides.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping as MappingOf
from pathlib import Path
from string import Formatter
from typing import Final

import msgspec

from station.base import settings
from station.base.errors import Rejected, SettingsError
from station.base.text import clean
from station.base.toml_lines import line_of, named_key
from station.sync.alma.fields import REFUSED, WRITABLE, Kind

ENTRY: Final = "entry"
CONDITION: Final = "condition"
FACTS: Final[dict[str, str]] = {
    ENTRY: "",
    "uid": r"[0-9A-F]{1,32}",
    "part": r"[0-9]{1,3}",
    "parts": r"[0-9]{1,3}",
    "set": r"[0-9]{1,3}/[0-9]{1,3}",
    "verdict": r"(?:pass|fail|abandoned)",
    "rules": r"[A-Za-z0-9._-]+(?:, [A-Za-z0-9._-]+)*",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    CONDITION: "",
    "weeding_number": "",
    "weeding_date": "",
}
"""Facts allowed in braces, each with the pattern by which its value is recognized; "" = only the exact value is
recognized."""
DATES: Final = ("date", "weeding_date")
NOTE_ONLY: Final = "note-only"
OWN_FILE: Final = ".toml"


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A valid mapping. `fields`: field of item_data -> template. `conditions`: failed rule -> code of Alma's table of
    physical conditions."""

    name: str
    about: str = ""
    fields: dict[str, str]
    conditions: dict[str, str] = {}

    @property
    def note_field(self) -> str:
        """The field with the station's entry; "" = none."""
        return next((field for field, template in self.fields.items() if template == f"{{{ENTRY}}}"), "")

    def render(self, facts: MappingOf[str, str]) -> dict[str, str]:
        """Return field -> value, for every field except the entry's whose facts are all known. Raises `Rejected` for a
        value that the field cannot hold."""
        found: dict[str, str] = {}
        for field, template in self.fields.items():
            names = _names(template)
            if field == self.note_field or not all(facts.get(name) for name in names):
                continue
            value = template.format_map({name: facts[name] for name in names})
            if len(value) > WRITABLE[field].limit:
                raise Rejected(f"{field}: {len(value)} characters, where {WRITABLE[field].limit} are allowed")
            if WRITABLE[field].kind is Kind.DATE and not re.fullmatch(FACTS["date"], value):
                raise Rejected(f"{field}: {clean(value, 60)!r} is not a date (YYYY-MM-DD)")
            found[field] = value
        return found

    def ours(self, field: str, value: str, wanted: str) -> bool:
        """Return True if this value may be overwritten with `wanted`: it is empty, equal, or of the template's
        shape."""
        if not value.strip() or same(value, wanted):
            return True
        if self.fields[field] == f"{{{CONDITION}}}":
            return value in self.conditions.values()
        shape = _shape(self.fields[field])
        return bool(shape) and re.fullmatch(shape, " ".join(value.split()).removesuffix("Z")) is not None

    def condition(self, rules: tuple[str, ...]) -> str:
        """Return the code of the first failed rule that has one; "" if none has."""
        return next((self.conditions[rule] for rule in rules if rule in self.conditions), "")


def note_only(field: str) -> Mapping:
    """Return a mapping of only the station's entry, in one note."""
    return Mapping(name=NOTE_ONLY, fields={field: f"{{{ENTRY}}}"})


def same(one: str, other: str) -> bool:
    """Return True if the values are equal for Alma: apart from white space and a Z after a date."""
    return " ".join(one.split()).removesuffix("Z") == " ".join(other.split()).removesuffix("Z")


def parse(text: str, file: str) -> Mapping:
    """Read a mapping. Raises `SettingsError` "FILE, line N: what is wrong" for an invalid one."""
    name = clean(file)
    try:
        raw = tomllib.loads(text)
        found = msgspec.convert(raw, Mapping)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name}: {error}") from error
    except RecursionError as error:
        raise SettingsError(f"{name}: nested too deeply") from error
    except msgspec.ValidationError as error:
        line = line_of(text, _no_text(raw) or named_key(str(error)))
        raise SettingsError(f"{name}, line {line}: {clean(str(error), 500)}") from error
    for key, wrong in _wrong(found):
        raise SettingsError(f"{name}, line {line_of(text, key)}: {wrong}")
    return found


def _no_text(raw: dict[str, object]) -> tuple[str, ...]:
    """Return the key of a table entry that is not text, which the decoder does not name; () if there is none."""
    tables = ((table, raw.get(table)) for table in ("fields", "conditions"))
    wrong = (
        (table, key)
        for table, rows in tables
        if isinstance(rows, dict)
        for key, value in rows.items()
        if not isinstance(value, str)
    )
    return next(wrong, ())


def _wrong(found: Mapping) -> list[tuple[tuple[str, ...], str]]:
    """Return (key, fault) of every invalid entry."""
    wrong: list[tuple[tuple[str, ...], str]] = []
    if not found.fields:
        wrong.append((("fields",), "no field is named"))
    for field, template in found.fields.items():
        said = _field(field) or _template(field, template)
        if said:
            wrong.append((("fields", field), f"{clean(field, 60)}: {said}"))
    entries = [field for field, template in found.fields.items() if ENTRY in _names(template)]
    if len(entries) > 1:
        wrong.append((("fields", entries[1]), f"{{{ENTRY}}} is already in {entries[0]}"))
    for rule, code in found.conditions.items():
        if not code or clean(code, WRITABLE["physical_condition"].limit) != code:
            wrong.append((("conditions", rule), f"{clean(code, 60)!r} cannot be a code"))
    uses = any(CONDITION in _names(template) for template in found.fields.values())
    if found.conditions and not uses:
        wrong.append((("conditions",), f"no field has {{{CONDITION}}}, so these codes would never be written"))
    return wrong


def _field(field: str) -> str:
    if field in WRITABLE:
        return ""
    if field in REFUSED:
        return f"the station must not write it: {REFUSED[field]}"
    near = difflib.get_close_matches(field, list(WRITABLE), n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]}?" if near else f"; the station can write: {', '.join(WRITABLE)}"
    return f"an Alma item has no such field{hint}"


def _template(field: str, template: str) -> str:
    rule = WRITABLE[field]
    try:
        pieces = list(Formatter().parse(template))
    except ValueError as error:
        return f"the template is broken: {error}"
    if any(spec or conversion for _, _, spec, conversion in pieces):
        return "only the names of facts are allowed in braces"
    names = _names(template)
    unknown = [name for name in names if name not in FACTS]
    if unknown:
        return f"there is no fact {{{clean(unknown[0], 40)}}}; there are: {', '.join(FACTS)}"
    if not names:
        return "the template contains no fact"
    alone = template == f"{{{names[0]}}}"
    if ENTRY in names and (not alone or rule.kind is not Kind.NOTE):
        return f"{{{ENTRY}}} must be the whole template of a note field"
    if rule.kind is Kind.DATE and not (alone and names[0] in DATES):
        return f"the field holds a date: only {{{'} or {'.join(DATES)}}} is allowed"
    if rule.kind is Kind.CODE and template != f"{{{CONDITION}}}":
        return f"the field holds a code: only {{{CONDITION}}} is allowed"
    literal = "".join(text for text, *_ in pieces)
    if clean(literal, 2000) != " ".join(literal.split()):
        return "the template has characters that cannot be shown"
    if len(literal) + len(names) > rule.limit:
        return f"longer than {rule.limit} characters"
    return ""


def _names(template: str) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(name for _, name, _, _ in Formatter().parse(template) if name is not None))
    except ValueError:
        return ()


def _shape(template: str) -> str:
    """Return a regular expression for the template's values; "" if it has a fact without a pattern."""
    shape = ""
    for text, name, _, _ in Formatter().parse(template):
        shape += re.escape(text)
        if name is None:
            continue
        if not FACTS[name]:
            return ""
        shape += FACTS[name]
    return shape


def load_mapping(config: settings.Alma, data: Path) -> Mapping:
    """Return the mapping that the settings name: the entry alone, or that of the site's own file. Raises
    `SettingsError` with file and line."""
    name = config.mapping
    if name == NOTE_ONLY:
        return note_only(config.note_field)
    if not name.endswith(OWN_FILE):
        said = clean(name, 60)
        raise SettingsError(
            f"delivery.alma.mapping: {said!r} is neither {NOTE_ONLY} nor a file of your own ({OWN_FILE})"
        )
    path = data / name
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"delivery.alma.mapping: {path}: {error}") from error
    return parse(text, name)
