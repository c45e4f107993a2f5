"""Catalog files as sentences: the permitted content of a file, and how a sentence is made from it.

The format is GNU gettext's (`gettext_files`). Its `msgid` is a key (`error.tag-lost`, `outbox.button.discard`), its
`msgstr` the sentence, in English as in any other language. Placeholders for values are written `{name}`; nothing else
in braces is allowed, so that a catalog can name values but cannot access their attributes.

The station's own code reads the files: the codec (`station.encoding`) needs no other package, and Babel costs a command
0.1 s. Tests compare the two. The standard library's `gettext` chooses the plural form. The alternative was the runtime
of Project Fluent: its last release is of March 2023.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

from station.base.text import clean
from station.base.words.gettext_files import GettextError, PluralRule, read_mo, read_po

KEY: Final = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
LONGEST: Final = 1000
"""Maximum characters in a sentence."""
RETIRED: Final = "retired"
"""The file of the messages of any area that only older journals tell."""
_PLACE: Final = re.compile(r"\{([a-z_]+)\}")
_NUMBERS_TRIED: Final = 3
"""Numbers, from 0, for which a plural rule is tried when it is read: it may divide by zero."""
_COUNT: Final = frozenset({"count"})
"""A plural form may omit the number ("one item")."""


class WordsError(ValueError):
    """A catalog file cannot be used. The message states where and why."""


class Entry(NamedTuple):
    """One key with its sentence, or with one sentence for each plural form of its language."""

    key: str
    forms: tuple[str, ...]
    where: str
    """File name; with the line number for a PO file."""
    plural: Callable[[int], int]
    """Maps a number to the index of its plural form, as given in the file's header."""

    @property
    def places(self) -> frozenset[str]:
        """Return the names of the values that the sentence takes."""
        return frozenset(name for form in self.forms for name in _PLACE.findall(form))


class Catalogue:
    """Sentences of one language. `behind`: the catalog for keys that this one lacks."""

    def __init__(self, own: Mapping[str, Entry], behind: Catalogue | None = None) -> None:
        self.own = own
        self.behind = behind

    @cached_property
    def entries(self) -> Mapping[str, Entry]:
        """Return all entries, including those of `behind`."""
        return {**(self.behind.entries if self.behind is not None else {}), **self.own}

    def tell(self, key: str, count: int | None, values: Mapping[str, object]) -> str:
        """Return the sentence with its values. For an unknown key, return the key with the values: a missing text must
        not stop the bench. A test walks the source and finds every key and value that would be missing."""
        entry = self.own.get(key)
        if entry is None:
            if self.behind is not None:
                return self.behind.tell(key, count, values)
            if "otherwise" in values:
                return str(values["otherwise"])
            return f"{key} ({', '.join(map(str, values.values()))})" if values else key
        text = entry.forms[0]
        if count is not None:
            text = entry.forms[min(entry.plural(abs(count)), len(entry.forms) - 1)]
            values = {"count": count, **values}
        return _PLACE.sub(lambda match: str(values.get(match[1], match[0])), text) if values else text


class Areas(Mapping[str, Entry]):
    """The entries of a folder with one file per area (the first word of a key). A file is read when its first sentence
    is needed, because a command uses few areas.

    A build compiles AREA.po to AREA.mo (`setup.py`). A checkout has no AREA.mo, so AREA.po is read and cannot be stale.
    Neither is validated here: a test validates the shipped files.
    """

    def __init__(self, folder: Path) -> None:
        self._files = {path.stem: path for suffix in ("po", "mo") for path in sorted(folder.glob(f"*.{suffix}"))}
        self._read: dict[str, dict[str, Entry]] = {}

    def area(self, name: str) -> Mapping[str, Entry]:
        """Return the entries of one file."""
        entries = self._read.get(name)
        if entries is None:
            path = self._files.get(name)
            entries = self._read[name] = {} if path is None else _as_shipped(path)
        return entries

    def __getitem__(self, key: str) -> Entry:
        return self.area(key.partition(".")[0]).get(key) or self.area(RETIRED)[key]

    def __iter__(self) -> Iterator[str]:
        for name in self._files:
            yield from self.area(name)

    def __len__(self) -> int:
        return sum(len(self.area(name)) for name in self._files)


def _as_shipped(path: Path) -> dict[str, Entry]:
    if path.suffix == ".mo":
        rule, sentences = read_mo(path.read_bytes())
    else:
        rule, messages = read_po(path.read_text(encoding="utf-8"))
        sentences = {message.key: message.forms for message in messages}
    plural = _plural(rule)
    return {key: Entry(key, forms, path.name, plural) for key, forms in sentences.items()}


def read(text: str, source: str, behind: Catalogue | None = None) -> Catalogue:
    """Return one PO file as a catalog. `behind`: the catalog whose keys and placeholders it must match; None = it is
    the first.

    Raise `WordsError` with `source` and line for: text that is not a PO file; a repeated, unknown or malformed key;
    braces that name no value, or a value that the first language does not have; text that a screen could not show
    unchanged.
    """
    return join([(text, source)], behind)


def join(files: Iterable[tuple[str, str]], behind: Catalogue | None = None) -> Catalogue:
    """Return several PO files of one language as one catalog; (text, source) each. Raise `WordsError`."""
    known = behind.entries if behind is not None else None
    entries: dict[str, Entry] = {}
    places: dict[str, str] = {}
    """Location of each key, translated or not."""
    for text, source in files:
        try:
            rule, messages = read_po(text)
            plural = _plural(rule)
        except GettextError as error:
            raise WordsError(f"{source}: not a PO file: {error}") from error
        for message in messages:
            where = f"{source}:{message.line}"
            if message.key in places:
                raise WordsError(f"{where}: {message.key} is also at {places[message.key]}")
            places[message.key] = where
            if message.translated:  # otherwise `behind` supplies it
                entry = Entry(message.key, message.forms, where, plural)
                _check(entry, known)
                entries[message.key] = entry
    return Catalogue(entries, behind)


def _plural(rule: PluralRule) -> Callable[[int], int]:
    try:
        plural = gettext.c2py(rule.expression)
        for number in range(_NUMBERS_TRIED):
            plural(number)
    except (ValueError, ZeroDivisionError) as error:
        raise GettextError(f"Plural-Forms: {error}") from error
    return plural


def _check(entry: Entry, known: Mapping[str, Entry] | None) -> None:
    if not KEY.fullmatch(entry.key):
        raise WordsError(f"{entry.where}: {entry.key!r} is not a valid key (area.name)")
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


def files_of(language: str, folder: Path) -> list[Path]:
    """Return the catalog files of a language in a folder: LANGUAGE.po, and every PO file of the folder LANGUAGE."""
    file = folder / f"{language}.po"
    return [*([file] if file.is_file() else []), *sorted((folder / language).glob("*.po"))]


def load(paths: Iterable[Path], behind: Catalogue | None) -> Catalogue:
    """Return a catalog from files on disk. Raise `WordsError` as `join` does, and if a file cannot be read."""
    texts = []
    for path in paths:
        try:
            texts.append((path.read_text(encoding="utf-8"), f"{path.parent.name}/{path.name}"))
        except (OSError, UnicodeDecodeError) as error:
            raise WordsError(f"{path}: {error}") from error
    return join(texts, behind)
