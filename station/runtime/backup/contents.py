"""What a backup takes from the data directory besides databases and results.

Taken: settings and other TOML files, the list of the catalog's source files, the site's words, lists of trucks, packing
lists of earlier versions, exported heads, archives of old events, and each file that the settings name. Not taken: what
is imported or made again (labels, rejected records, log, shares of the library systems). The index of the catalog is
taken on request.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from station.base.settings import Settings
from station.runtime.backup.manifest import is_safe
from station.runtime.data_directory import ARCHIVES, CATALOG, HEADS, JOURNAL, PEOPLE, head_directory
from station.store.catalog_index.index import sources_path
from station.store.journal.hash_chain import HEAD_FILES

KEYS: Final = ("credentials", "web")
"""Folders of keys and certificates: taken only on request, and encrypted."""
_WORDS: Final = "words"


class Source(msgspec.Struct, frozen=True):
    """A file to take. `name`: its path in the data directory, with "/"."""

    name: str
    path: Path
    usable: bool
    """False = it is no regular file, or its name cannot be kept."""


def plain_files(settings: Settings, data: Path) -> tuple[Source, ...]:
    """Return the files that are taken as they are. Raises `OSError`."""
    folders = {_WORDS, settings.receiving.lists, *settings.trucks.lists}
    apart = {settings.delivery.file.path, settings.reader.capture, settings.web.key}
    named = {text for text in _texts(msgspec.to_builtins(settings)) if text not in apart and "\0" not in text}
    sources: dict[str, Source] = {}
    for path in (*data.glob("*.toml"), *(data / name for name in named | folders)):
        name = os.path.relpath(path, data)
        if name.split("/")[0] in (".", "..", ARCHIVES, HEADS, JOURNAL, PEOPLE, *KEYS):
            continue
        if not path.is_dir() or name in {os.path.normpath(folder) for folder in folders}:
            sources |= {source.name: source for source in _under(path, name)}
    for path in head_directory(settings, data).glob(HEAD_FILES):
        sources |= {source.name: source for source in _under(path, f"{HEADS}/{path.name}")}
    beside = sources_path(data / CATALOG)
    sources |= {source.name: source for source in _under(beside, beside.name)}
    return tuple(sources[name] for name in sorted(sources))


def archives(data: Path) -> tuple[Source, ...]:
    """Return the archives of old events. Take them after the journal: it names no archive that is not finished. Raises
    `OSError`."""
    sources = _under(data / ARCHIVES, ARCHIVES)
    return tuple(source for source in sources if source.name.endswith(".zip"))


def key_files(settings: Settings, data: Path) -> tuple[Source, ...]:
    """Return the files with keys and certificates. Raises `OSError`."""
    key = os.path.relpath(data / settings.web.key, data)
    return tuple(source for name in (*KEYS, key) if name != "." for source in _under(data / name, name))


def content_of(source: Source) -> bytes:
    """Return the content of a file that is small. Raises `OSError`, also if it is a link by now."""
    with os.fdopen(os.open(source.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        return file.read()


def _under(path: Path, name: str) -> Iterator[Source]:
    """Yield the file, or the files in the folder; nothing if it does not exist. Links are not followed."""
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return
    if not stat.S_ISDIR(mode):
        yield Source(name, path, stat.S_ISREG(mode) and is_safe(name))
        return
    for child in sorted(path.iterdir()):
        yield from _under(child, f"{name}/{child.name}")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _texts(member)
