"""Errors of the store and of library systems, which keep and deliver results."""

from __future__ import annotations

from station.base.errors.base import Detail, Recovery, StationError
from station.base.sentence import Sentence

# --- store ----------------------------------------------------------------------------------------------------------


class StoreError(StationError):
    """The journal or an index cannot be used."""

    code = "store"
    exit_code = 50
    has_remedy = True


class StoreFull(StoreError):
    """No space left on the device."""

    code = "store-full"


class StoreIo(StoreError):
    """The disk failed to read or write (EIO). This does not show damage to stored data: the next attempt may
    succeed."""

    code = "store-io"


class StoreReadOnly(StoreError):
    """The database cannot be written."""

    code = "store-read-only"


class StoreLocked(StoreError):
    """Another program uses the database."""

    code = "store-locked"
    recovery = Recovery.RETRY_SELF


class StoreCorrupt(StoreError):
    """The database is damaged, or its hash chain does not verify."""

    code = "store-corrupt"
    recovery = Recovery.ASK_STAFF


class StoreTooNew(StoreError):
    """The database was written by a newer program."""

    code = "store-too-new"
    recovery = Recovery.ASK_STAFF


class JournalOlder(StoreError):
    """The end of the journal is missing: an older copy was put back, or `journal.db-wal` was lost. Only `station
    journal continue` can continue it."""

    code = "journal-older"
    recovery = Recovery.ASK_STAFF


class JournalRestored(JournalOlder):
    """The data directory was restored from a backup, and the journal was not continued yet. Events that the station
    journaled after the backup may have gone out, so only `station journal continue --restored` can continue it."""

    code = "journal-restored"
    has_remedy = False


class JournalMissing(StoreError):
    """There is no journal in the data directory: no station has run there, or it is the wrong directory."""

    code = "journal-missing"
    recovery = Recovery.ASK_STAFF
    has_remedy = False


class ArchiveUnusable(StoreError):
    """The payload of an old event is in an archive that is not here, or damaged; `detail` names the file. Put a good copy
    back."""

    code = "archive-unusable"
    recovery = Recovery.ASK_STAFF
    detail_is = Detail.FIRST


class BackupUnusable(StoreError):
    """A backup is damaged, incomplete, or not made by this program; `detail` says where. Nothing was restored."""

    code = "backup-unusable"
    recovery = Recovery.ASK_STAFF
    has_remedy = False
    detail_is = Detail.FIRST


class PassphraseWrong(BackupUnusable):
    """The passphrase does not open the keys of a backup, or the keys were changed."""

    code = "passphrase-wrong"


class UpdateKept(StoreError):
    """The data cannot go back to an earlier version: that would lose events, or there was no update. `detail` says how
    many. Nothing has changed."""

    code = "update-kept"
    recovery = Recovery.ASK_STAFF
    has_remedy = False
    detail_is = Detail.FIRST


class IndexUnusable(StoreError):
    """The catalog index is damaged, not made by this program, newer, or made with another item profile. It can be
    deleted."""

    code = "index-unusable"
    recovery = Recovery.ASK_STAFF


class RecordChanged(IndexUnusable):
    """A record of the catalog index differs from what was imported: it was changed on the disk. The index must be
    rebuilt."""

    code = "record-changed"


class PeopleUnusable(StoreError):
    """The file of names is damaged or not made by this program. The journal is intact, but a login cannot be matched to
    a worker."""

    code = "people-unusable"
    recovery = Recovery.ASK_STAFF


class PinsUnusable(StoreError):
    """PINs cannot be checked: the key "pin-pepper" is missing or has changed. Without the old key, `station people pin
    recover` gives the first of them anew."""

    code = "pins-unusable"
    recovery = Recovery.ASK_STAFF


# --- sync -----------------------------------------------------------------------------------------------------------


class SyncError(StationError):
    """The library system could not be served; never raised itself."""

    code = "sync"
    recovery = Recovery.RETRY_SELF
    exit_code = 40
    has_remedy = True
    body: str = ""
    """The library system's answer, if it helps a person; not cleaned."""

    def __init__(self, detail: str | Sentence = "", *, body: str = "") -> None:
        self.body = body
        super().__init__(detail)


class Unreachable(SyncError):
    """No connection, or no answer to a request that changes nothing."""

    code = "unreachable"


class Throttled(SyncError):
    """The library system asks for fewer requests; `retry_after` is the wait in seconds, if given."""

    code = "throttled"

    def __init__(self, detail: str | Sentence = "", retry_after: float | None = None, *, body: str = "") -> None:
        self.retry_after = retry_after
        super().__init__(detail, body=body)


class CredentialsRefused(SyncError):
    """The key is missing, wrong, or lacks a right."""

    code = "credentials-refused"
    recovery = Recovery.ASK_STAFF


class Rejected(SyncError):
    """The library system refused the change, and would refuse it again."""

    code = "rejected"
    recovery = Recovery.ASK_STAFF


class Conflict(SyncError):
    """The data to change were changed elsewhere in the meantime."""

    code = "conflict"
    recovery = Recovery.ASK_STAFF
    sides: tuple[tuple[str, str, str], ...] = ()
    """(Field, ours, theirs), for a person to compare; not cleaned."""

    def __init__(
        self, detail: str | Sentence = "", sides: tuple[tuple[str, str, str], ...] = (), *, body: str = ""
    ) -> None:
        self.sides = sides
        super().__init__(detail, body=body)


class InDoubt(SyncError):
    """A change was sent and no answer came: it may or may not have taken effect."""

    code = "in-doubt"
    has_remedy = False
