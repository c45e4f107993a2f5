"""A process that dies at its Nth change of files in one folder: Python's own audit events (PEP 578) count them, so no code
of the station is replaced."""

from __future__ import annotations

import os
import signal
import sqlite3
import sys
from typing import Any, Final

CHANGES: Final = frozenset(
    {"os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "sqlite3.connect", "fcntl.flock"}
)


WRITES: Final = ("BEGIN", "COMMIT", "INSERT", "UPDATE", "DELETE", "VACUUM")
"""How an SQL statement begins that changes a database. Checkpoints do not count: some come when nothing happens."""


def die_at(folder: str, trace: str, target: str, statements: str = "") -> None:
    """Write a line to the file `trace` for each change below `folder` (each SQLite database that is opened, each lock),
    and die by SIGKILL before the change number `target`; 0 = never. With `statements`, each SQL statement that changes a
    database is a change, too."""
    handle = os.open(trace, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    count = 0

    def statement(sql: str) -> None:
        if sql.startswith(WRITES):
            change(f"sql {sql[:60]}")

    def traced(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(statement)
        return connection

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        opened = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if not (opened or event in CHANGES) or (event != "fcntl.flock" and folder not in str(arguments[0])):
            return
        change(f"{event} {arguments[0]}")

    def change(line: str) -> None:
        nonlocal count
        count += 1
        os.write(handle, f"{line}\n".encode())
        if count == int(target):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
    connect = sqlite3.connect
    if statements:
        sqlite3.connect = traced  # type: ignore[assignment]  # Python tells no audit hook about statements
