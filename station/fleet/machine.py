"""Which machine and which journal file a bench has: a copy of the data directory on another machine shows itself."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

_MACHINE: Final = Path("/etc/machine-id")


def machine_digest(journal: Path, machine: Path = _MACHINE) -> bytes:
    """Return the SHA-256 of the machine's id and of the inode of the journal's file. The id itself stays here. A machine
    without an id counts as one whose id is empty. Raises `OSError` without a journal."""
    try:
        own = machine.read_bytes().strip()
    except OSError:
        own = b""
    return hashlib.sha256(b"station-machine-1\n%s\n%d\n" % (own, journal.stat().st_ino)).digest()
