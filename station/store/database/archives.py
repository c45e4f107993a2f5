"""Events whose payload is in an archive. The journal keeps their other columns, and as payload a stub: the number of the
event `EventsArchived` that names the archive, and what look-ups need."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

import msgspec

from station.base.errors import ArchiveUnusable, StoreCorrupt, StoreError
from station.base.sentence import Sentence
from station.domain import events as ev
from station.store.database.archive_file import DIRECTORY, ArchiveFile
from station.store.database.database import Sql

_MARK: Final = b'{"archive":'
"""How each stub begins. No event does: its first field is another one."""
_NAMED_BY: Final = "SELECT payload FROM events WHERE seq = ? AND kind = 'events-archived'"
_ALL: Final = "SELECT seq FROM events WHERE kind = 'events-archived' ORDER BY seq"


class _Stub(msgspec.Struct):
    archive: int


_STUB: Final = msgspec.json.Decoder(_Stub)
_FIELDS: Final = ("barcode", "uid", "code")


def is_stub(payload: bytes) -> bool:
    return payload.startswith(_MARK)


def stub(number: int, payload: bytes) -> bytes:
    """Return what stays of a payload in the journal. `number`: the event that names the archive."""
    whole: dict[str, Any] = msgspec.json.decode(payload)
    kept: dict[str, Any] = {"archive": number} | {name: whole[name] for name in _FIELDS if name in whole}
    if isinstance(item := whole.get("item"), dict) and "title" in item:
        kept["item"] = {"title": item["title"]}
    return msgspec.json.encode(kept)


class Digest:
    """Digest of the rows that an archiving leaves in the journal: the hash of the chain proves a payload that is there,
    and this digest the rows without it."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def add(self, seq: int, at: str, kind: str, deliveries: bytes, value: bytes, stub: bytes) -> None:
        line = f"{seq}\n{at}\n{kind}\n{deliveries.hex()}\n{value.hex()}\n{len(stub)}\n"
        self._digest.update(line.encode() + stub)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


class Archives:
    """Payloads of archived events of one journal. For one connection."""

    def __init__(self, sql: Sql) -> None:
        self._sql = sql
        self._events: dict[int, ev.EventsArchived] = {}
        self._files: dict[Path, ArchiveFile] = {}

    def whole(self, seq: int, payload: bytes) -> bytes:
        """Return the payload as it was journaled. Raises `ArchiveUnusable`, and `StoreCorrupt`."""
        if not is_stub(payload):
            return payload
        number = archive_of(payload)
        archived = self.named_by(number)
        path = self.path(archived)
        if path is None:
            raise ArchiveUnusable(Sentence("archive.missing", number=seq, file=archived.file))
        try:
            if path not in self._files:
                self._files[path] = ArchiveFile(path)
            row = self._files[path].row(seq)
        except StoreError as error:
            raise ArchiveUnusable(error.detail) from error
        stated = self._sql.execute("SELECT hash FROM events WHERE seq = ?", (seq,)).fetchone()
        if row is None or stated is None or bytes(stated[0]).hex() != row.hash:
            raise ArchiveUnusable(Sentence("archive.changed", file=archived.file, seq=seq))
        return row.payload.encode()

    def named_by(self, number: int) -> ev.EventsArchived:
        """Return the event that names an archive. Raises `StoreCorrupt`."""
        if number not in self._events:
            row = self._sql.execute(_NAMED_BY, (number,)).fetchone()
            event = None if row is None else _decoded(bytes(row[0]))
            if not isinstance(event, ev.EventsArchived):
                raise StoreCorrupt(Sentence("archive.unknown", number=number))
            self._events[number] = event
        return self._events[number]

    def all_of(self) -> tuple[ev.EventsArchived, ...]:
        """Return what names the archives, oldest first."""
        return tuple(map(self.named_by, self.numbers()))

    def numbers(self) -> tuple[int, ...]:
        """Return the numbers of the events that name the archives, oldest first."""
        return tuple(int(seq) for (seq,) in self._sql.execute(_ALL))

    def path(self, archived: ev.EventsArchived) -> Path | None:
        """Return where the archive is: in its directory, or beside the journal, as after a restore. None = nowhere."""
        beside = self._beside()
        places = [Path(archived.directory)] if archived.directory else []
        places += [beside] if beside is not None else []
        name = Path(archived.file).name
        return next((place / name for place in places if (place / name).is_file()), None)

    def _beside(self) -> Path | None:
        journal = next((str(file) for _, name, file in self._sql.execute("PRAGMA database_list") if name == "main"), "")
        return Path(journal).parent / DIRECTORY if journal else None


def archive_of(payload: bytes) -> int:
    """Return the number of the event that names the archive of a stub. Raises `StoreCorrupt`."""
    try:
        return _STUB.decode(payload).archive
    except msgspec.DecodeError as error:
        raise StoreCorrupt(Sentence("archive.unknown", number=0)) from error


def _decoded(payload: bytes) -> ev.AnyEvent | None:
    try:
        return ev.decode(payload)
    except msgspec.DecodeError:
        return None
