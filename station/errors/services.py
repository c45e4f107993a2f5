"""Errors of what keeps and delivers results: store and library systems."""

from __future__ import annotations

from station.errors.base import Recovery, StationError

# --- store ----------------------------------------------------------------------------------------------------------


class StoreError(StationError):
    """The journal or an index cannot be used."""

    code = "store"
    exit_code = 50
    sentence = "The station cannot save its work and has stopped. Nothing was lost. Fetch the technician."


class StoreFull(StoreError):
    """No space left on the device."""

    code = "store-full"
    sentence = "The station's disk is full. Fetch the technician; this item was not finished."


class StoreReadOnly(StoreError):
    """The database cannot be written."""

    code = "store-read-only"
    sentence = "The station may not write to its disk. Fetch the systems librarian."


class StoreLocked(StoreError):
    """Another program holds the database."""

    code = "store-locked"
    recovery = Recovery.RETRY_SELF
    sentence = "Another program is holding the station's journal. Close it, then try again."


class StoreCorrupt(StoreError):
    """The database is damaged, or its chain does not verify."""

    code = "store-corrupt"
    recovery = Recovery.ASK_STAFF
    sentence = "The station's journal is damaged. Do not go on; fetch the systems librarian."


class StoreTooNew(StoreError):
    """The database was written by a newer program."""

    code = "store-too-new"
    recovery = Recovery.ASK_STAFF
    sentence = "The data was written by a newer version of this program. Fetch the systems librarian."


class IndexUnusable(StoreError):
    """The catalog index is damaged, not ours, newer, or made with another item profile. It can be thrown away."""

    code = "index-unusable"
    recovery = Recovery.ASK_STAFF
    sentence = "The catalog index cannot be used. Fetch the systems librarian: the catalog must be imported again."


class PeopleUnusable(StoreError):
    """The file of names is damaged or not ours. The journal is whole; who works here cannot be told from a login."""

    code = "people-unusable"
    recovery = Recovery.ASK_STAFF
    sentence = "The file of names (people.db) cannot be used. The journal is whole. Fetch the systems librarian."


# --- sync -----------------------------------------------------------------------------------------------------------


class SyncError(StationError):
    """The library system could not be served; never raised itself."""

    code = "sync"
    recovery = Recovery.RETRY_SELF
    exit_code = 40
    sentence = "The library system did not take the result yet. Go on working; it is kept."
    body: str = ""
    """What it answered, if that helps a person; not cleaned."""

    def __init__(self, detail: str = "", *, body: str = "") -> None:
        self.body = body
        super().__init__(detail)


class Unreachable(SyncError):
    """No connection, or no answer to a question that changes nothing."""

    code = "unreachable"
    sentence = "The library system cannot be reached. Go on working; results are kept and sent later."


class Throttled(SyncError):
    """The library system asks us to slow down; `retry_after` is seconds, if it said."""

    code = "throttled"
    sentence = "The library system asks us to slow down. Go on working; results are sent later."

    def __init__(self, detail: str = "", retry_after: float | None = None, *, body: str = "") -> None:
        self.retry_after = retry_after
        super().__init__(detail, body=body)


class CredentialsRefused(SyncError):
    """The key is missing, wrong, or lacks a right."""

    code = "credentials-refused"
    recovery = Recovery.ASK_STAFF
    sentence = "The library system refuses the station's key. Go on working; tell the systems librarian."


class Rejected(SyncError):
    """The library system says no, and would say no again."""

    code = "rejected"
    recovery = Recovery.ASK_STAFF
    sentence = "The library system rejects this result. It is parked for the technician."


class Conflict(SyncError):
    """Somebody else changed what we wanted to change."""

    code = "conflict"
    recovery = Recovery.ASK_STAFF
    sentence = "Somebody else changed this item. The result is parked for the technician."
    sides: tuple[tuple[str, str, str], ...] = ()
    """(Field, ours, theirs), for a person to compare; not cleaned."""

    def __init__(self, detail: str = "", sides: tuple[tuple[str, str, str], ...] = (), *, body: str = "") -> None:
        self.sides = sides
        super().__init__(detail, body=body)


class InDoubt(SyncError):
    """A change was sent and no answer came: it may or may not have happened."""

    code = "in-doubt"
    sentence = "The library system did not confirm. The station looks before it sends anything again."
