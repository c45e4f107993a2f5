"""Files that the station writes in its data directory: for its own account only, and never through a symbolic link.

A command that root runs on the account's directory must not empty the file that a link in it names.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def open_own(path: Path, flags: int, mode: int = 0o600) -> int:
    """Open (or create) the file, and return its descriptor. Raises `OSError`, also for a symbolic link (ELOOP)."""
    return os.open(path, flags | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, mode)


def replace_alike(new: Path, path: Path) -> None:
    """Put a new file in the place of another; the same accounts may read it. Raises `OSError`."""
    with suppress(FileNotFoundError):
        new.chmod(stat.S_IMODE(path.stat().st_mode))
    new.replace(path)


def replace_own(path: Path, content: bytes, *, sync: bool = False) -> None:
    """Replace the file as a whole: after a crash it is the old one or the new one, with `sync` even after a power cut.
    Raises `OSError`."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    with os.fdopen(open_own(beside, os.O_WRONLY | os.O_EXCL), "wb") as file:
        file.write(content)
        if sync:
            file.flush()
            os.fsync(file.fileno())
    beside.replace(path)
