"""Keys of the message catalog that the journal may hold, with the names of their values.

`python -m tests.golden.journal_keys` adds new keys to `journal-keys.toml`. It removes and changes nothing.

Which sentences reach an event cannot be read from the source: an error of any room may become the detail of a stop, and a
sentence passes through several functions before it is journaled. So each key that a room below the faces names counts,
because the events that one run journals hold only a part of them.
"""

from __future__ import annotations

import ast
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from station.base.words import english
from station.base.words.catalogue import Entry
from tests.architecture.source_files import Source, sources

FILE: Final = Path(__file__).parent / "journal-keys.toml"
RETIRED: Final = "retired.po"
"""The file in which a key stays told that no source names any more."""
_NOT_JOURNALED: Final = re.compile(r"station/(cli|demo|emulators|manual|office|reports|tui|web|store/queries)/")
"""The faces, and the sentences that are made when an event is read."""
_NAMES_A_KEY: Final = re.compile(r"[\"'][a-z0-9-]+\.[a-z0-9{-]")
_HOLE: Final = "[a-z0-9-]*"

Keys = Mapping[str, list[str]]
"""Names of values, sorted, by key."""


def values_of(entry: Entry) -> list[str]:
    """Return the names of the values that a message takes; `count` also if it only chooses the form."""
    return sorted(entry.places | ({"count"} if len(entry.forms) > 1 else set()))


def catalog() -> Keys:
    """Return every message that can be told, also the retired ones."""
    return {key: values_of(entry) for key, entry in english().entries.items()}


def journaled() -> Keys:
    """Return each key that the present program may journal."""
    rooms = [
        source for source in sources() if not _NOT_JOURNALED.match(source.name) and _NAMES_A_KEY.search(source.text)
    ]
    known = catalog()
    found = named(rooms, known)
    return {key: values for key, values in known.items() if key in found}


def named(rooms: Iterable[Source], keys: Iterable[str]) -> set[str]:
    """Return which of these keys the files name: whole, or as an f-string, whose values may be any word."""
    whole: set[object] = set()
    patterns: set[str] = set()
    for source in rooms:
        whole |= {text.value for text in source.nodes(ast.Constant)}
        hold_english = {
            id(value)
            for call in source.nodes(ast.Call)
            if ast.unparse(call.func) == "Sentence.english"
            for value in call.args
        }
        patterns |= {_pattern(text) for text in source.nodes(ast.JoinedStr) if id(text) not in hold_english}
    composed = re.compile("|".join(sorted(patterns - {""})) or "(?!)")
    return {key for key in keys if key in whole or composed.fullmatch(key)}


def _pattern(text: ast.JoinedStr) -> str:
    """Return the pattern of the keys that an f-string can make; "" = it begins with no area."""
    first = text.values[0]
    if not isinstance(first, ast.Constant) or not re.match(r"[a-z0-9-]+\.", str(first.value)):
        return ""
    return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else _HOLE for part in text.values)


def listed() -> Keys:
    """Return what journal-keys.toml lists."""
    return tomllib.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def problems(listed: Keys, journaled: Keys, catalog: Keys) -> list[str]:
    """Return what an older journal would no longer say, and what the list lacks."""
    return [
        *(
            f"{key} has left the catalog: move its message to {RETIRED} of words/en and words/es"
            for key in listed
            if key not in catalog
        ),
        *(
            f"{key} takes {catalog[key]}, and journals hold {values}: move the message to {RETIRED}, and name a new key"
            for key, values in listed.items()
            if catalog.get(key, values) != values
        ),
        *(f"{key} is new: python -m tests.golden.journal_keys" for key in journaled if key not in listed),
    ]


def keys_in(value: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield each sentence with a key in a stored value, and the names of its values. A sentence that holds its own English
    needs no message."""
    match value:
        case [str(key), dict(values)]:
            if key and "english" not in values:
                yield key, sorted(values)
            yield from keys_in(list(values.values()))
        case list():
            for part in value:
                yield from keys_in(part)
        case dict():
            yield from keys_in(list(value.values()))


def main() -> None:
    """Add the new keys to the list."""
    together = dict(sorted({**journaled(), **listed()}.items()))
    rows = (f'"{key}" = {json.dumps(values)}\n' for key, values in together.items())
    FILE.write_text(_HEADING + "".join(rows), encoding="utf-8")


_HEADING: Final = """\
# Keys that journals may hold, with the names of their values. A key never leaves this list, and its values never change.
# See docs/how-to/add-a-sentence.md; `python -m tests.golden.journal_keys` adds new keys.
"""

if __name__ == "__main__":
    main()
