"""A real PostgreSQL 17 for tests: without privileges, in a directory of its own, on a Unix socket.

The fixtures of `tests/conftest.py` start one server for each process of tests, and make a new database for each test.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

import psycopg

from station.demo.postgres import UNPRIVILEGED
from station.store.postgres.connection import connect
from station.store.postgres.migrations import migrate
from tests.support.patience import PATIENCE_S

_OWNER: Final = "owner"
"""Superuser of the server."""
_TEMPLATE: Final = "template_center"
_SETTINGS: Final = {
    "listen_addresses": "",
    "fsync": "off",  # a killed process loses nothing that it has written; a power cut is not tested
    "max_connections": "50",
    "shared_buffers": "32MB",
    "max_wal_size": "128MB",
}


def _runs(process: str) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class PostgresServer:
    """One server. Its directory is removed by `stop`."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._as_user = ("setpriv", *UNPRIVILEGED) if os.geteuid() == 0 else ("setpriv",)
        # Not below pytest's own folder: others may not enter that, and the path of a socket has at most 107 bytes.
        self._home = Path(tempfile.mkdtemp(prefix="pg-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT") or None))
        if os.geteuid() == 0:
            shutil.chown(self._home, "nobody", "nogroup")
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        initdb = [programs / "initdb", "--no-sync", "--username", _OWNER, "--auth=trust", "--encoding=UTF8"]
        self._run([*initdb, "--locale=C.UTF-8", "--pgdata", self._data])
        self.start()
        self._execute(f"CREATE DATABASE {_TEMPLATE}")
        with connect(self.address(_TEMPLATE)) as connection:
            migrate(connection)

    @property
    def _data(self) -> Path:
        return self._home / "data"

    def _run(self, command: list[str | Path]) -> None:
        done = subprocess.run([*self._as_user, *command], capture_output=True, text=True, cwd="/", check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        """Start the server, and wait until it answers. The kernel ends it with the process that runs the tests."""
        settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
        server = [self._programs / "postgres", "-D", self._data, "-k", self._home, *settings]
        with (self._home / "log").open("ab") as log:
            started = [*self._as_user, "--pdeathsig=QUIT", *server]
            self._process = subprocess.Popen(started, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        latest = time.monotonic() + PATIENCE_S
        while True:
            try:
                return self._execute("SELECT 1")
            except psycopg.OperationalError:
                lost = self._process.poll() is not None or time.monotonic() > latest
                assert not lost, (self._home / "log").read_text(errors="replace")
                time.sleep(0.02)

    def kill(self) -> None:
        """End the server and the processes of its connections without a warning, as a power cut does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)  # now it makes no further process
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        self._process.kill()
        self._process.wait(PATIENCE_S)
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(int(child), signal.SIGKILL)
        latest = time.monotonic() + PATIENCE_S
        while any(map(_runs, children)):  # a server refuses to start while an earlier one's process is left
            assert time.monotonic() < latest
            time.sleep(0.01)

    def stop(self) -> None:
        """End the server, and remove its directory."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(PATIENCE_S)
        shutil.rmtree(self._home)

    def address(self, database: str, user: str = _OWNER) -> str:
        """Return the address of a database for libpq."""
        return f"host={self._home} dbname={database} user={user}"

    def new_database(self) -> str:
        """Make a database with the center's schema. Return its name."""
        name = f"center_{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
        return name

    def drop(self, database: str) -> None:
        """Remove a database, even if somebody is connected to it."""
        self._execute(f"DROP DATABASE {database} WITH (FORCE)")

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement)
