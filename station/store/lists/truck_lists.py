"""Lists of trucks that lie as files in folders of the site: in the data directory, on a stick that was put in.

Nothing is kept of them: each look is made anew, so that a stick may come and go. Only files in the folders themselves, or
in folders of theirs (a stick is one of /media/NAME), can be chosen; links lead out of them and are left alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from station.base.text import clean
from station.base.words import Sentence
from station.catalog.barcodes.list import LARGEST, NoBarcodeList, barcodes_of
from station.domain.workflows import ListFile, ListRead

ENDINGS: Final = (".txt", ".csv", ".lst")
_DEEP: Final = 2
"""Folders in folders that are looked into."""
_LOOKS: Final = 2000
"""Names that are looked at in all: a stick full of pictures must not keep the bench waiting."""
_MOST: Final = 40
"""Files that are offered, the newest."""


class TruckLists:
    """`domain.ports.TruckLists` over folders, which need not exist."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)

    def files(self) -> tuple[ListFile, ...]:
        left = [_LOOKS]
        found = {path: at for folder in self._folders for path, at in _walk(folder, _DEEP, left)}
        newest = sorted(found, key=lambda path: (-found[path], path))[:_MOST]
        return tuple(
            ListFile(
                key=path,
                name=clean(Path(path).name, 60),
                at=datetime.fromtimestamp(found[path], UTC).astimezone().strftime("%Y-%m-%d %H:%M"),
            )
            for path in newest
        )

    def read(self, key: str) -> ListRead:
        name = clean(Path(key).name, 60)
        if key not in {one.key for one in self.files()}:
            return ListRead(refused=Sentence("release.file-gone", name=name))
        try:
            with os.fdopen(_without_links(key), "rb") as file:
                data = file.read(LARGEST + 1)
        except OSError:
            return ListRead(refused=Sentence("release.file-gone", name=name))
        try:
            lines = barcodes_of(data) if len(data) <= LARGEST else None
        except NoBarcodeList:
            lines = None
        if lines is None:
            return ListRead(refused=Sentence("release.file-no-list", name=name))
        return ListRead(lines=lines)


def _without_links(path: str) -> int:
    """A file that was changed into a link or a pipe meanwhile is not followed, and not waited for."""
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)


def _walk(folder: Path, deep: int, left: list[int]) -> Iterator[tuple[str, float]]:
    """Path and time of every list; what cannot be looked at is not there."""
    inner: list[Path] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                left[0] -= 1
                if left[0] < 0:
                    return
                if entry.name.startswith(".") or not _is_text(entry.path):
                    continue
                if entry.is_dir(follow_symlinks=False):
                    inner.append(Path(entry.path))
                elif entry.is_file(follow_symlinks=False) and entry.name.lower().endswith(ENDINGS):
                    yield entry.path, entry.stat(follow_symlinks=False).st_mtime
    except OSError:
        return
    for one in sorted(inner) if deep else ():
        yield from _walk(one, deep - 1, left)


def _is_text(name: str) -> bool:
    """A name that is no UTF-8 can be neither shown nor said to anybody."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
