"""Truck lists as files in folders of the site: in the data directory, or on a USB stick.

Nothing of them is cached, so that a stick may come and go. Only files in these folders, or in their subfolders (a stick
is one of /media/NAME), can be chosen. Links are ignored, since they may lead out of the folders.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from station.base.sentence import Sentence
from station.base.text import clean
from station.catalog.barcodes.list import LARGEST, NoBarcodeList, barcodes_of
from station.domain.workflows import ListFile, ListRead

ENDINGS: Final = (".txt", ".csv", ".lst")
_DEEP: Final = 2
"""Levels of subfolders to search."""
_LOOKS: Final = 2000
"""Most directory entries to read, so that a stick full of pictures does not keep the bench waiting."""
_MOST: Final = 40
"""Most files to offer, newest first."""


class TruckLists:
    """Implements `domain.ports.TruckLists` over folders, which need not exist."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = tuple(folders)

    def files(self) -> tuple[ListFile, ...]:
        left = [_LOOKS]
        times = {path: at for folder in self._folders for path, at in _walk(folder, _DEEP, left)}
        newest = sorted(times, key=lambda path: (-times[path], path))[:_MOST]
        return tuple(
            ListFile(
                key=path,
                name=clean(Path(path).name, 60),
                at=datetime.fromtimestamp(times[path], UTC).astimezone().strftime("%Y-%m-%d %H:%M"),
            )
            for path in newest
        )

    def read(self, key: str) -> ListRead:
        name = clean(Path(key).name, 60)
        if key not in {listed.key for listed in self.files()}:
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
    """Open a file. Do not follow it, or wait for it, if it was changed into a link or a pipe meanwhile."""
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)


def _walk(folder: Path, deep: int, left: list[int]) -> Iterator[tuple[str, float]]:
    """Yield path and time of every list. Skip entries that cannot be read."""
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
    for directory in sorted(inner) if deep else ():
        yield from _walk(directory, deep - 1, left)


def _is_text(name: str) -> bool:
    """Return False for a name that is not UTF-8: it can be neither displayed nor printed."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
