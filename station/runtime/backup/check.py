"""Check a backup by restoring it into a scratch directory: digests, the journal's own verification, its head, people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from station.base.clock import Clock
from station.base.credentials import Secret
from station.base.errors import BackupUnusable
from station.base.sentence import Sentence
from station.runtime.backup import archive
from station.runtime.backup.manifest import Manifest, binding
from station.runtime.backup.sealed import Files, unseal
from station.runtime.data_directory import CATALOG, HEADS, JOURNAL, PEOPLE
from station.store.catalog_index.index import sources_of
from station.store.database.database import open_writer
from station.store.database.disk import disk_errors
from station.store.journal.hash_chain import event_of
from station.store.people.names import People
from station.store.queries.queries import Queries
from station.sync.file_sink import newest_results

Progress = Callable[[int, int], None]
"""Called with the number of events checked and of all events."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that is whole."""

    manifest: Manifest
    keys: Files
    """Content of keys and certificates, by name; empty without a passphrase."""
    unfinished: int
    """Tags whose write had begun and not ended."""


def quiet(_checked: int, _all: int) -> None:
    """Show no progress."""


def check_file(
    path: Path, folder: Path, clock: Clock, passphrase: Secret | None = None, progress: Progress = quiet
) -> Checked:
    """Restore the backup into the new directory `folder`, and check it there. Journal and people then have the
    schemas of this program. Raises `BackupUnusable`, `PassphraseWrong`, `StoreTooNew` and `StoreError`."""
    with disk_errors(folder):
        folder.mkdir(mode=0o700)
    manifest, box = archive.extract(path, folder)
    keys: Files = {}
    if passphrase is not None:
        if manifest.sealing is None:
            raise BackupUnusable(Sentence("backup.no-keys"))
        keys = unseal(manifest.sealing, box, passphrase, binding(manifest.head, manifest.made_at))
    return Checked(manifest=manifest, keys=keys, unfinished=_check(folder, manifest, clock, progress))


def _check(folder: Path, manifest: Manifest, clock: Clock, progress: Progress) -> int:
    """Check what was extracted. Return the number of unfinished writes."""
    journal = folder / JOURNAL
    if JOURNAL not in {entry.name for entry in manifest.files}:
        raise BackupUnusable(Sentence("backup.names"))
    open_writer(journal).close()  # an older schema is brought up to date
    people = People(folder / PEOPLE)
    people.upgrade()
    queries = Queries(journal, clock)
    head = queries.head()
    if event_of(head) != event_of(manifest.head):
        raise BackupUnusable(Sentence("backup.other-head"))
    sent = newest_results(folder / manifest.results) if manifest.results else ()
    report = queries.verify(None, folder / HEADS, sent, progress=progress)
    if not report.ok:
        raise BackupUnusable(
            Sentence("backup.journal", why=next(iter((*report.problems, *report.missing_heads)), Sentence("chain.bad")))
        )
    people.require_whole()
    sources_of(folder / CATALOG)
    return len(queries.open_uids())
