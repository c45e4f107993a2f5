"""`station backup` and `station restore`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import click

from station.base.credentials import Secret
from station.base.local_time import local_minute
from station.base.text import clean
from station.base.words import tell
from station.cli.admin.journal import checking
from station.cli.shared.app import App, data_option, json_option, pass_app, prompt
from station.runtime.backup.check import Checked, check_file
from station.runtime.backup.create import create as create_backup
from station.runtime.backup.keep import Keep, remove_expired
from station.runtime.backup.manifest import Manifest
from station.runtime.backup.restore import is_empty
from station.runtime.backup.restore import restore as restore_backup
from station.runtime.backup.sealed import SHORTEST
from station.runtime.data_directory import BACKUPS, CATALOG, SETTINGS_NAME
from station.store.catalog_index.rebuild import remembered
from station.store.database.disk import disk_errors

_LONGEST_LINE = 4096
_FILE = click.argument("file", type=click.Path(path_type=Path))
_KEYS = click.option(
    "--credentials",
    is_flag=True,
    help="Also keys and certificates, encrypted with a passphrase: typed, or read from stdin as one line.",
)
_COUNT = click.IntRange(0, 1000)


@click.group()
def backup() -> None:
    """Backups of the data directory: make one while the station works, check one."""


@backup.command()
@data_option
@json_option
@click.argument("target", required=False, type=click.Path(path_type=Path))
@_KEYS
@click.option("--keep-days", type=_COUNT, default=0, help="Keep the newest backup of each of so many days.")
@click.option("--keep-weeks", type=_COUNT, default=0, help="The same for weeks.")
@click.option("--keep-months", type=_COUNT, default=0, help="The same for months.")
@click.option("--catalog", is_flag=True, help="Also the catalog, which is otherwise imported again from its files.")
@pass_app
def create(
    app: App, target: Path | None, credentials: bool, catalog: bool, keep_days: int, keep_weeks: int, keep_months: int
) -> None:
    """Back up journal, people, settings, words, lists, heads and results as one file, and check it. TARGET: a new file,
    or a directory, where the file gets its own name; by default, "backups" in the data directory.

    The station may be running. With a keep rule, older backups of this station in the directory are removed when no rule
    keeps them, after the new one is checked. Keys and certificates are taken only with --credentials.
    """
    keep = Keep(days=keep_days, weeks=keep_weeks, months=keep_months)
    settings = app.settings()
    place = target if target is not None else _own_directory(app)
    if keep != Keep() and not place.is_dir():
        raise click.UsageError("The keep rules need a directory as TARGET.")
    if not place.is_dir() and (place.exists() or not place.parent.is_dir()):
        raise click.UsageError("TARGET is a new file in a directory that exists, or such a directory.")
    passphrase = _passphrase(new=True) if credentials else None
    with checking(app) as progress:
        made, manifest = create_backup(settings, app.data, place, app.clock, passphrase, progress, catalog=catalog)
    removed = remove_expired(made, manifest.head, keep) if keep != Keep() else ()
    app.report(
        {**_summary(manifest, made), "removed": [str(path) for path in removed]},
        [
            tell("backup.made", count=manifest.head.seq, path=str(made)),
            *_remarks(manifest),
            *(tell("backup.removed", path=str(path)) for path in removed),
        ],
    )
    if not credentials:
        app.note(tell("backup.without-keys"))


@backup.command()
@data_option
@json_option
@_FILE
@_KEYS
@pass_app
def verify(app: App, file: Path, credentials: bool) -> None:
    """Restore the backup FILE into a scratch directory ($TMPDIR), verify its journal there, and compare its manifest.
    With --credentials, also open its keys. Exit code 50 if the backup cannot be used."""
    passphrase = _passphrase(new=False) if credentials else None
    with tempfile.TemporaryDirectory(prefix="station-") as scratch, checking(app) as progress:
        checked = check_file(file, Path(scratch) / "data", app.clock, passphrase, progress)
    manifest = checked.manifest
    whole = tell("backup.whole", count=manifest.head.seq, at=local_minute(manifest.made_at), version=manifest.version)
    app.report(_summary(manifest, file), [whole, *_remarks(manifest)])


@click.command()
@data_option
@json_option
@_FILE
@_KEYS
@pass_app
def restore(app: App, file: Path, credentials: bool) -> None:
    """Restore the backup FILE into the data directory, which is empty or does not exist. With --credentials, also its
    keys. The backup is checked first.

    Afterwards `station journal continue --restored` begins a new timeline, so that no result goes out twice. Until then
    the station does not start.
    """
    if not is_empty(app.data):
        raise click.UsageError("The data directory is not empty. Name another one with --data.")
    passphrase = _passphrase(new=False) if credentials else None
    with checking(app) as progress:
        checked = restore_backup(file, app.data, app.clock, passphrase, progress)
    app.speak()
    app.report(_summary(checked.manifest, file) | {"unfinished": checked.unfinished}, _restored(app, checked))


def _restored(app: App, checked: Checked) -> list[str]:
    manifest = checked.manifest
    lines = [
        tell("backup.restored", count=manifest.head.seq, path=str(app.data), at=local_minute(manifest.made_at)),
        *_remarks(manifest),
    ]
    if checked.unfinished:
        lines.append(tell("backup.unfinished", count=checked.unfinished))
    if not checked.keys:
        lines.append(tell("backup.keys-missing"))
    lines += [tell("backup.look-at-settings", path=str(app.data / SETTINGS_NAME)), tell("backup.continue")]
    if CATALOG not in {entry.name for entry in manifest.files} and (sources := remembered(app.data / CATALOG)):
        lines.append(tell("backup.catalog-missing", command="station catalog rebuild"))
        lines += [f"  {clean(source.path)}" for source in sources]
    return lines


def _own_directory(app: App) -> Path:
    """Return the directory for backups in the data directory; make it if there is none."""
    directory = app.data / BACKUPS
    with disk_errors(directory):
        directory.mkdir(mode=0o700, exist_ok=True)
    return directory


def _remarks(manifest: Manifest) -> list[str]:
    return [
        *(tell("backup.left-out", name=name) for name in manifest.left_out),
        *(tell("backup.archive-elsewhere", path=path) for path in manifest.archives),
    ]


def _summary(manifest: Manifest, path: Path) -> dict[str, object]:
    return {
        "file": str(path),
        "made_at": manifest.made_at,
        "version": manifest.version,
        "journal": manifest.head.journal_id,
        "events": manifest.head.seq,
        "head": manifest.head.hash,
        "journal_schema": manifest.journal_schema,
        "people_schema": manifest.people_schema,
        "credentials": manifest.sealing is not None,
        "left_out": manifest.left_out,
        "archives": manifest.archives,
    }


def _passphrase(*, new: bool) -> Secret:
    """Read the passphrase: at a terminal without echo, and twice for a new one; else the next line of stdin."""
    if sys.stdin.isatty():
        text = prompt(tell("backup.passphrase"), hidden=True)
        if new and prompt(tell("backup.passphrase-again"), hidden=True) != text:
            raise click.UsageError("Those were two different passphrases. Nothing was backed up.")
    else:
        text = sys.stdin.readline(_LONGEST_LINE).rstrip("\r\n")
    if not text or (new and len(text) < SHORTEST):
        raise click.UsageError(f"Give a passphrase of at least {SHORTEST} characters, typed or on stdin.")
    return Secret(text)
