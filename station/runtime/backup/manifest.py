"""The manifest of a backup: what it holds, by digest, and at which event of the journal it was made."""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import BackupUnusable, StoreTooNew
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.events import Head
from station.runtime.backup.workplace import SUFFIX

NAME: Final = "manifest.json"
SEALED: Final = "credentials.sealed"
FORMAT: Final = 1
_LONGEST_NAME: Final = 500


class Entry(msgspec.Struct, frozen=True):
    """A file of the backup. `name`: its path in the data directory, with "/"."""

    name: str
    size: int
    """Bytes."""
    sha256: str
    """Hexadecimal."""


class Sealing(msgspec.Struct, frozen=True, kw_only=True):
    """How the credentials are encrypted (`sealed`)."""

    n: int
    """Cost of scrypt (RFC 7914): a power of two."""
    r: int
    p: int
    salt: str
    """Hexadecimal, like the nonce."""
    nonce: str


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """Made with the backup, and its first file."""

    format: int = FORMAT
    made_at: str
    """ISO 8601, UTC."""
    version: str
    """Of the program that made it."""
    head: Head
    """Of the journal in the backup."""
    journal_schema: int
    people_schema: int
    """0 = there was no file of names."""
    results: str = ""
    """Name of the results file; empty = it is not in the data directory, or there was none."""
    files: tuple[Entry, ...]
    sealing: Sealing | None = None
    """None = the backup has no credentials."""
    left_out: tuple[str, ...] = ()
    """Files that were not taken, because they are no regular files or have unusable names."""
    archives: tuple[str, ...] = ()
    """Archives of old events that the journal names, and that are elsewhere."""


class _Format(msgspec.Struct):
    format: int


def binding(head: Head, made_at: str) -> str:
    """Return the text to which the credentials of a backup are bound."""
    return f"{head.journal_id} {made_at}"


def encode(manifest: Manifest) -> bytes:
    """Return the manifest as JSON."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1)


def decode(content: bytes) -> Manifest:
    """Return the manifest in this JSON. Raises `StoreTooNew` for the format of a newer program, and `BackupUnusable`."""
    try:
        number = msgspec.json.decode(content, type=_Format).format
        if number > FORMAT:
            raise StoreTooNew(Sentence("backup.format", format=number, known=FORMAT))
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as error:
        raise BackupUnusable(clean(str(error))) from error
    names = [entry.name for entry in manifest.files]
    if len(set(names)) < len(names) or not all(map(is_safe, names)):
        raise BackupUnusable(Sentence("backup.names"))
    return manifest


def is_safe(name: str) -> bool:
    """Return whether a file of this name stays inside the directory into which it is written."""
    parts = name.split("/")
    return (
        clean(name, _LONGEST_NAME) == name
        and not {"", ".", ".."}.intersection(parts)
        and "\\" not in name
        and parts[0] not in (NAME, SEALED)
        and not parts[0].endswith(SUFFIX)
    )
