"""Make a backup while the station works.

The order makes all parts fit the journal of one moment. Exported heads are read before that moment, so none is newer
than the journal. The file of names is the same before and after it, so each PIN has its event. Results are read after
it, without the lines of newer events, so no result that the journal calls delivered is missing.

The backup is made beside its place, checked like a backup that comes from elsewhere, synced, and then given its name,
which must be free.
"""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import Final

from station import __version__
from station.base.clock import Clock
from station.base.credentials import Secret
from station.base.errors import BackupUnusable
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.base.text import clean
from station.domain.events import Head
from station.runtime.backup import archive
from station.runtime.backup.check import Progress, check_file, quiet
from station.runtime.backup.contents import Source, archives, content_of, key_files, plain_files
from station.runtime.backup.keep import file_name
from station.runtime.backup.manifest import Manifest, binding, is_safe
from station.runtime.backup.sealed import seal
from station.runtime.backup.workplace import workplace
from station.runtime.data_directory import ARCHIVES, CATALOG, JOURNAL, PEOPLE
from station.store.catalog_index.index import copy_index
from station.store.database.archives import Archives
from station.store.database.database import open_reader
from station.store.database.disk import disk_errors, sync_file
from station.store.journal.snapshot import journal_snapshot
from station.store.people.names import People
from station.sync.file_sink import lines_until

_TRIES: Final = 20
"""Number of attempts to find the file of names at rest: it changes when a person signs on."""


def create(
    settings: Settings,
    data: Path,
    target: Path,
    clock: Clock,
    passphrase: Secret | None = None,
    progress: Progress = quiet,
    *,
    catalog: bool = False,
) -> tuple[Path, Manifest]:
    """Back up the data directory as the new file `target`, or as a file with its own name in the directory `target`.
    With a passphrase, also keys and certificates; with `catalog`, the index of the catalog. Return the file and its
    manifest. Raises `BackupUnusable` if the copy cannot be trusted, and `StoreError`; then no file was made."""
    with workplace(target if target.is_dir() else target.parent) as place:
        folder, made = place / "data", place / "backup"
        with disk_errors(folder):
            folder.mkdir(mode=0o700)
        manifest, box = _collect(settings, data, folder, clock, passphrase, catalog=catalog)
        archive.write(made, folder, manifest, box)
        check_file(made, place / "checked", clock, passphrase, progress)
        path = target / file_name(manifest.head, manifest.made_at) if target.is_dir() else target
        _name(made, path)
    return path, manifest


def _collect(
    settings: Settings, data: Path, folder: Path, clock: Clock, passphrase: Secret | None, *, catalog: bool
) -> tuple[Manifest, bytes]:
    """Copy everything to `folder`. Return the manifest and the encrypted credentials."""
    with disk_errors(data):
        sources = plain_files(settings, data)
        names = [source.name for source in sources if source.usable and _take(source, folder)]
    made_at, people = clock.now(), People(data / PEOPLE)
    for attempt in range(_TRIES):
        before, after = folder / f".{attempt}", folder / PEOPLE
        people.copy(before)
        with journal_snapshot(data / JOURNAL, clock) as journal:
            people_schema = people.copy(after)
            same = not people_schema or (before.exists() and before.read_bytes() == after.read_bytes())
            before.unlink(missing_ok=True)
            if same:
                journal.copy(folder / JOURNAL)
                head, journal_schema = journal.head, journal.schema
                break
            after.unlink()
    else:
        raise BackupUnusable(Sentence("backup.people-change"))
    with disk_errors(data):
        results = _results(settings, data, folder, head)
        names += [source.name for source in archives(data) if source.usable and _take(source, folder)]
        keys = [source for source in key_files(settings, data) if source.usable] if passphrase is not None else []
        files = {source.name: content_of(source) for source in keys}
    sealing, box = (None, b"") if passphrase is None else seal(files, passphrase, binding(head, made_at))
    if catalog and (data / CATALOG).exists():
        copy_index(data / CATALOG, folder / CATALOG)
        names.append(CATALOG)
    names += [JOURNAL, *([PEOPLE] * bool(people_schema)), *([results] * bool(results))]
    manifest = Manifest(
        made_at=made_at,
        version=__version__,
        head=head,
        journal_schema=journal_schema,
        people_schema=people_schema,
        results=results,
        files=tuple(archive.entry_of(folder, name) for name in names),
        sealing=sealing,
        left_out=tuple(clean(source.name) for source in sources if not source.usable),
        archives=_elsewhere(folder),
    )
    return manifest, box


def _elsewhere(folder: Path) -> tuple[str, ...]:
    """Return the archives that the journal names and the backup does not have."""
    with closing(open_reader(folder / JOURNAL, any_schema=True)) as sql:
        archives = Archives(sql).all_of()
    return tuple(
        str(Path(archived.directory) / archived.file)
        for archived in archives
        if not (folder / ARCHIVES / archived.file).exists()
    )


def _take(source: Source, folder: Path) -> bool:
    """Copy a file. Return False if it is gone by now."""
    target = folder / source.name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        archive.put(target, content_of(source))
    except FileNotFoundError:
        return False
    return True


def _results(settings: Settings, data: Path, folder: Path, head: Head) -> str:
    """Copy the results file up to the journal's head. Return its name; "" = it is not in the data directory, or there is
    none."""
    path = data / settings.delivery.file.path
    name = os.path.relpath(path, data)
    if not is_safe(name) or not path.is_file():
        return ""
    target = folder / name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with target.open("xb") as file:
        file.writelines(lines_until(path, head))
    return name


def _name(made: Path, target: Path) -> None:
    """Give the finished file its name. A file that has this name already stays."""
    with disk_errors(target):
        try:
            os.link(made, target)
        except FileExistsError:
            raise BackupUnusable(Sentence("backup.exists", path=str(target))) from None
        except OSError:  # a disk without hard links, such as a USB stick
            if target.exists():
                raise BackupUnusable(Sentence("backup.exists", path=str(target))) from None
            made.rename(target)
        sync_file(target.parent)
