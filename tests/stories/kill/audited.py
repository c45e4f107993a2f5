"""A process that dies at its Nth change of files in one folder: Python's own audit events (PEP 578) count them, so no code
of the station is replaced."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any, Final

CHANGES: Final = frozenset(
    {"os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "sqlite3.connect", "fcntl.flock"}
)


def die_at(folder: str, trace: str, target: str) -> None:
    """Write a line to the file `trace` for each change below `folder` (each SQLite database that is opened, each lock),
    and die by SIGKILL before the change number `target`; 0 = never."""
    handle = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    count = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        opened = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if not (opened or event in CHANGES) or (event != "fcntl.flock" and folder not in str(arguments[0])):
            return
        count += 1
        os.write(handle, f"{event} {arguments[0]}\n".encode())
        if count == int(target):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
