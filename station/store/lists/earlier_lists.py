"""Packing lists of versions before schema 12 of the journal: one JSON file for each list, in a directory. They are taken
over into the journal once. The files stay where they are."""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from station.base.text import clean
from station.domain.events import PackingListTakenOver
from station.domain.packing_lists.packing_list import PackingLine, PackingList
from station.store.owner import Store

_ENDING: Final = ".json"
_log = logging.getLogger("station.store")


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Content of a file."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    vendor: Annotated[str, Meta(max_length=60)] = ""
    date: Annotated[str, Meta(pattern=r"^(\d{4}-\d\d-\d\d)?\Z")] = ""
    lines: Annotated[tuple[PackingLine, ...], Meta(min_length=1, max_length=10000)]
    given: str = ""
    """Time of the import, ISO 8601."""
    source: Annotated[str, Meta(max_length=200)] = ""
    closed: str = ""
    """Time at which the list was closed, ISO 8601; "" = open."""


def take_over(store: Store, directory: Path) -> None:
    """Journal the lists in `directory` in one transaction, the oldest import first, unless that was done before. A file
    that is not a list is journaled by its name. If a file cannot be read from the disk, nothing is journaled, and the
    next start tries again. Raises `StoreError`."""
    try:
        files = sorted(path for path in directory.glob(f"*{_ENDING}") if path.is_file())
        if not files or store.queries.lists_taken_over():
            return
        lists = [_event(path.name, path.read_bytes()) for path in files]
    except OSError as error:
        _log.warning("the packing lists of an earlier version were not taken over: %s: %s", directory, error)
        return
    store.journal.record(*sorted(lists, key=lambda event: event.imported_at))
    _log.info("%d packing lists of an earlier version were taken over from %s", len(lists), directory)


def _event(file: str, data: bytes) -> PackingListTakenOver:
    digest = hashlib.sha256(data).hexdigest()
    try:
        content = msgspec.json.decode(data, type=_File)
    except msgspec.MsgspecError as error:
        return PackingListTakenOver(file=clean(file, 200), digest=digest, problem=clean(str(error), 300))
    return PackingListTakenOver(
        file=clean(file, 200),
        digest=digest,
        content=PackingList(name=content.name, vendor=content.vendor, date=content.date, lines=content.lines),
        source=content.source,
        imported_at=_time(content.given),
        closed=bool(content.closed),
        closed_at=_time(content.closed),
    )


def _time(text: str) -> str:
    """Return the time, or "" for a text that is none."""
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError:
        return ""
