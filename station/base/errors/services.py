"""Errors of what keeps and delivers results: store and library systems."""

from __future__ import annotations

from station.base.errors.base import Recovery, StationError

# --- store ----------------------------------------------------------------------------------------------------------


class StoreError(StationError):
    """The journal or an index cannot be used."""

    code = "store"
    exit_code = 50


class StoreFull(StoreError):
    """No space left on the device."""

    code = "store-full"


class StoreIo(StoreError):
    """The disk failed to read or write (EIO). That says nothing about what is stored: the next try may work."""

    code = "store-io"


class StoreReadOnly(StoreError):
    """The database cannot be written."""

    code = "store-read-only"


class StoreLocked(StoreError):
    """Another program holds the database."""

    code = "store-locked"
    recovery = Recovery.RETRY_SELF


class StoreCorrupt(StoreError):
    """The database is damaged, or its chain does not verify."""

    code = "store-corrupt"
    recovery = Recovery.ASK_STAFF


class StoreTooNew(StoreError):
    """The database was written by a newer program."""

    code = "store-too-new"
    recovery = Recovery.ASK_STAFF


class JournalOlder(StoreError):
    """The journal lacks what its exported heads say: an older copy was put back. Only `station journal continue` goes on
    with it."""

    code = "journal-older"
    recovery = Recovery.ASK_STAFF


class JournalMissing(StoreError):
    """There is no journal in the data directory: no station has run there, or another directory is meant."""

    code = "journal-missing"
    recovery = Recovery.ASK_STAFF


class IndexUnusable(StoreError):
    """The catalog index is damaged, not ours, newer, or made with another item profile. It can be thrown away."""

    code = "index-unusable"
    recovery = Recovery.ASK_STAFF


class RecordChanged(IndexUnusable):
    """A record of the catalog index is not what was imported: the disk changed it. The index must be rebuilt."""

    code = "record-changed"


class PeopleUnusable(StoreError):
    """The file of names is damaged or not ours. The journal is whole; who works here cannot be told from a login."""

    code = "people-unusable"
    recovery = Recovery.ASK_STAFF


class PinsUnusable(StoreError):
    """PINs cannot be proven: the key "pin-pepper" is missing or another one. All PINs must be set anew."""

    code = "pins-unusable"
    recovery = Recovery.ASK_STAFF


# --- sync -----------------------------------------------------------------------------------------------------------


class SyncError(StationError):
    """The library system could not be served; never raised itself."""

    code = "sync"
    recovery = Recovery.RETRY_SELF
    exit_code = 40
    body: str = ""
    """What it answered, if that helps a person; not cleaned."""

    def __init__(self, detail: str = "", *, body: str = "") -> None:
        self.body = body
        super().__init__(detail)


class Unreachable(SyncError):
    """No connection, or no answer to a question that changes nothing."""

    code = "unreachable"


class Throttled(SyncError):
    """The library system asks us to slow down; `retry_after` is seconds, if it said."""

    code = "throttled"

    def __init__(self, detail: str = "", retry_after: float | None = None, *, body: str = "") -> None:
        self.retry_after = retry_after
        super().__init__(detail, body=body)


class CredentialsRefused(SyncError):
    """The key is missing, wrong, or lacks a right."""

    code = "credentials-refused"
    recovery = Recovery.ASK_STAFF


class Rejected(SyncError):
    """The library system says no, and would say no again."""

    code = "rejected"
    recovery = Recovery.ASK_STAFF


class Conflict(SyncError):
    """Somebody else changed what we wanted to change."""

    code = "conflict"
    recovery = Recovery.ASK_STAFF
    sides: tuple[tuple[str, str, str], ...] = ()
    """(Field, ours, theirs), for a person to compare; not cleaned."""

    def __init__(self, detail: str = "", sides: tuple[tuple[str, str, str], ...] = (), *, body: str = "") -> None:
        self.sides = sides
        super().__init__(detail, body=body)


class InDoubt(SyncError):
    """A change was sent and no answer came: it may or may not have happened."""

    code = "in-doubt"
