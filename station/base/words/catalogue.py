"""PO files as sentences: the permitted content of a catalogue file, and how a sentence is made from it.

The format is GNU gettext's (PO files; plural forms by the header's `Plural-Forms`). Its `msgid` is a key
(`error.tag-lost`, `outbox.button.discard`), its `msgstr` the sentence, in English as in any other language.
Placeholders for values are written `{name}`; nothing else in braces is allowed, so that a catalogue can name values but
never reach into them.

Babel (actively maintained as of 2026) reads PO files; the standard library's `gettext` chooses the plural form. The
alternative was the runtime of Project Fluent: its last release is of March 2023, and it takes twice as long to import.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from station.base.text import clean

KEY: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
LONGEST: Final = 1000
"""Maximum characters in a sentence."""
_PLACE: Final = re.compile(r"\{([a-z_]+)\}")
_COUNT: Final = frozenset({"count"})
"""A plural form may omit the number ("one item")."""


class WordsError(ValueError):
    """A catalogue file cannot be used; the message says where and why."""


@dataclass(frozen=True)
class Entry:
    """One key with its sentence, or with one sentence for each plural form of its language."""

    key: str
    forms: tuple[str, ...]
    comment: str
    """For translators: where the sentence is shown, and the meaning of its placeholders."""
    where: str
    """File and line."""
    plural: Callable[[int], int]
    """Maps a number to the index of its plural form, as given in the file's header."""

    @property
    def places(self) -> frozenset[str]:
        """Return the names of the values that the sentence takes."""
        return frozenset(name for form in self.forms for name in _PLACE.findall(form))


class Catalogue:
    """Sentences of one language. `behind`: the catalogue used for keys that this one lacks."""

    def __init__(self, entries: Mapping[str, Entry], behind: Catalogue | None = None) -> None:
        self.own = dict(entries)
        self.behind = behind

    @property
    def entries(self) -> dict[str, Entry]:
        """Return all entries, including those of `behind`."""
        return {**(self.behind.entries if self.behind is not None else {}), **self.own}

    def tell(self, key: str, count: int | None, values: Mapping[str, object]) -> str:
        """Return the sentence with its values. For an unknown key, return the key with the values: a missing text must
        not stop the bench. A test walks the source and finds every key and value that would be missing."""
        entry = self.own.get(key)
        if entry is None:
            if self.behind is not None:
                return self.behind.tell(key, count, values)
            return f"{key} ({', '.join(map(str, values.values()))})" if values else key
        text = entry.forms[0]
        if count is not None:
            text = entry.forms[min(entry.plural(abs(count)), len(entry.forms) - 1)]
            values = {"count": count, **values}
        return _PLACE.sub(lambda found: str(values.get(found[1], found[0])), text) if values else text


def read(text: str, source: str, behind: Catalogue | None = None) -> Catalogue:
    """Return one PO file as a catalogue. `behind`: the catalogue whose keys and placeholders it must match; None = it
    is the first.

    Raise `WordsError` with `source` and line for: text that is not a PO file; a repeated, unknown or malformed key;
    braces that name no value, or a value that the first language does not have; text that a screen could not show
    unchanged.
    """
    return join([(text, source)], behind)


def join(files: Iterable[tuple[str, str]], behind: Catalogue | None = None) -> Catalogue:
    """Return several PO files of one language as one catalogue; (text, source) each. Raise `WordsError`."""
    from babel.messages.pofile import PoFileError, read_po

    known = behind.entries if behind is not None else None
    entries: dict[str, Entry] = {}
    for text, source in files:
        try:
            one = read_po(io.StringIO(text), abort_invalid=True)
            plural = gettext.c2py(one.plural_expr)
        except (PoFileError, ValueError, LookupError) as error:
            raise WordsError(f"{source}: not a PO file: {error}") from error
        for message in one:
            if not message.id:
                continue
            key = message.id if isinstance(message.id, str) else message.id[0]
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            if message.fuzzy or not forms or not all(forms):
                continue  # not translated yet: the catalogue behind supplies it
            entry = Entry(key, forms, " ".join(message.auto_comments), f"{source}:{message.lineno}", plural)
            _check(entry, known, entries)
            entries[key] = entry
        _refuse_twice(text, source)
    return Catalogue(entries, behind)


def _check(entry: Entry, known: Mapping[str, Entry] | None, already: Mapping[str, Entry]) -> None:
    if not KEY.fullmatch(entry.key):
        raise WordsError(f"{entry.where}: {entry.key!r} is not a valid key (area.name)")
    if entry.key in already:
        raise WordsError(f"{entry.where}: {entry.key} is also at {already[entry.key].where}")
    for form in entry.forms:
        rest = _PLACE.sub("", form)
        if "{" in rest or "}" in rest:
            raise WordsError(f"{entry.where}: {entry.key}: only the name of a value is allowed in braces")
        if clean(form, LONGEST) != form:
            raise WordsError(f"{entry.where}: {entry.key}: a screen cannot show this text unchanged")
    if known is None:
        return
    first = known.get(entry.key)
    if first is None:
        raise WordsError(f"{entry.where}: {entry.key}: no such key")
    if entry.places - _COUNT != first.places - _COUNT or not entry.places <= first.places | _COUNT:
        wanted = ", ".join(f"{{{name}}}" for name in sorted(first.places)) or "none"
        raise WordsError(f"{entry.where}: {entry.key}: the sentence must have these values: {wanted}")


def _refuse_twice(text: str, source: str) -> None:
    """Raise `WordsError` for a repeated key. Babel merges a repeated key, and the intended one cannot be known."""
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("msgid ") and line != 'msgid ""':
            if line in seen:
                raise WordsError(f"{source}:{number}: {line.removeprefix('msgid ')} is there twice")
            seen.add(line)


def files_of(language: str, folder: Path) -> list[Path]:
    """Return the catalogue files of a language in a folder: LANGUAGE.po, and every PO file of the folder LANGUAGE."""
    one = folder / f"{language}.po"
    return [*([one] if one.is_file() else []), *sorted((folder / language).glob("*.po"))]


def load(paths: Iterable[Path], behind: Catalogue | None) -> Catalogue:
    """Return a catalogue from files on disk. Raise `WordsError` as `join` does, and if a file cannot be read."""
    texts = []
    for path in paths:
        try:
            texts.append((path.read_text(encoding="utf-8"), f"{path.parent.name}/{path.name}"))
        except (OSError, UnicodeDecodeError) as error:
            raise WordsError(f"{path}: {error}") from error
    return join(texts, behind)
