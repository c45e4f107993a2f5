"""The file of a backup: a ZIP archive, which every machine can open. It is read as if a stranger had made it: only
regular files, only those of its manifest, only inside the directory into which they are written."""

from __future__ import annotations

import hashlib
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from station.base.errors import BackupUnusable
from station.base.sentence import Sentence
from station.runtime.backup import manifest as manifest_file
from station.runtime.backup.manifest import Entry, Manifest
from station.store.database.disk import disk_errors, sync_file

_CHUNK: Final = 1 << 20
_LARGEST_MANIFEST: Final = 1 << 24
"""Bytes, as the largest box of credentials, too."""
_DAMAGE: Final = (
    *(zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, ValueError, OverflowError),
    *(RuntimeError, NotImplementedError),  # encrypted, or packed in a way that this program does not know
)


def entry_of(folder: Path, name: str) -> Entry:
    """Return size and digest of a file in `folder`."""
    digest, size = hashlib.sha256(), 0
    with (folder / name).open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Entry(name, size, digest.hexdigest())


def write(path: Path, folder: Path, manifest: Manifest, box: bytes) -> None:
    """Make the new file `path` from the manifest's files in `folder` and the encrypted credentials, and sync it. Raises
    `StoreError`."""
    with disk_errors(path):
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "w+b") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(manifest_file.NAME, manifest_file.encode(manifest))
            for entry in manifest.files:
                archive.write(folder / entry.name, entry.name)
            if manifest.sealing is not None:
                archive.writestr(manifest_file.SEALED, box)
        sync_file(path)


def read_manifest(path: Path) -> Manifest:
    """Return the manifest of a backup. Raises `BackupUnusable`, `StoreTooNew` and `StoreError`."""
    with _opened(path) as archive:
        return manifest_file.decode(_small(archive, manifest_file.NAME))


def extract(path: Path, folder: Path) -> tuple[Manifest, bytes]:
    """Write the files of a backup into the empty directory `folder`, each compared with its digest. Return the manifest
    and the encrypted credentials (empty = none). Raises `BackupUnusable`, `StoreTooNew` and `StoreError`."""
    with _opened(path) as archive:
        manifest = manifest_file.decode(_small(archive, manifest_file.NAME))
        names = [entry.name for entry in manifest.files]
        expected = [manifest_file.NAME, *names, *([manifest_file.SEALED] * (manifest.sealing is not None))]
        if sorted(archive.namelist()) != sorted(expected):
            raise BackupUnusable(Sentence("backup.names"))
        for entry in manifest.files:
            target = folder / entry.name
            with disk_errors(target):
                target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                _extract(archive, entry, target)
        return manifest, b"" if manifest.sealing is None else _small(archive, manifest_file.SEALED)


def put(target: Path, content: bytes) -> None:
    """Write the new file `target`, readable by its owner only, and sync it. Raises `OSError`."""
    with os.fdopen(_new(target), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _new(target: Path) -> int:
    return os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _extract(archive: zipfile.ZipFile, entry: Entry, target: Path) -> None:
    digest, size = hashlib.sha256(), 0
    with archive.open(entry.name) as packed, os.fdopen(_new(target), "wb") as file:
        while size <= entry.size and (chunk := packed.read(_CHUNK)):
            size += len(chunk)
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if (size, digest.hexdigest()) != (entry.size, entry.sha256):
        raise BackupUnusable(Sentence("backup.changed", name=entry.name))


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as packed:
        content = packed.read(_LARGEST_MANIFEST + 1)
    if len(content) > _LARGEST_MANIFEST:
        raise BackupUnusable(Sentence("backup.changed", name=name))
    return content


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            yield archive
    except KeyError as error:
        raise BackupUnusable(Sentence("backup.names")) from error
    except OSError as error:
        raise BackupUnusable(f"{path}: {error.strerror}") from error
    except _DAMAGE as error:
        raise BackupUnusable(Sentence("backup.damaged", path=str(path))) from error
