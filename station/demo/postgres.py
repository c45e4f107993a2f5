"""A PostgreSQL 17 server of its own: found by the version that its program states, never by the order of the PATH. It runs
without privileges, on a Unix socket, in a directory that it alone uses."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Final, Self

from station.base.clock import Clock, Deadline
from station.base.errors import ExtraMissing
from station.base.sentence import Sentence

VERSION: Final = "17"
OWNER: Final = "owner"
"""Superuser of the server."""
UNPRIVILEGED: Final = ("--reuid=nobody", "--regid=nogroup", "--clear-groups")
"""Options of `setpriv` with which root starts PostgreSQL, which refuses to run as root."""
_START_S: Final = 60.0
_Command = list[str | Path]


def version_of(postgres: Path) -> str:
    """Return the major version that a server's program states; "" = it states none."""
    try:
        stated = subprocess.run([postgres, "--version"], capture_output=True, text=True, check=True, timeout=_START_S)
    except (OSError, subprocess.SubprocessError):
        return ""
    version = re.match(r"postgres \(PostgreSQL\) (\d+)\.", stated.stdout)
    return version[1] if version else ""


def programs_of(folders: Sequence[Path]) -> Path | None:
    """Return the first folder whose server is of the version that the center needs. A link is followed, because the
    server's other programs are beside the file itself."""
    servers = (folder / "postgres" for folder in folders)
    real = dict.fromkeys(server.resolve() for server in servers if server.is_file())
    return next((server.parent for server in real if version_of(server) == VERSION), None)


@cache
def programs() -> Path | None:
    """Return the folder of this machine's PostgreSQL 17: Debian's, or on the PATH. None = there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return programs_of([*debian, Path("/usr/local/bin"), *map(Path, os.get_exec_path())])


class Cluster:
    """A context manager: inside it, the server runs. Its directory is removed at the end. The kernel ends the server if
    this process is killed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._end = ExitStack()

    def __enter__(self) -> Self:
        """Raises `ExtraMissing` where PostgreSQL 17 is not installed."""
        folder = programs()
        if folder is None:
            raise ExtraMissing(Sentence("fleet.no-postgres", version=VERSION))
        with ExitStack() as undo:
            # Not below the demo's directory: another account may not enter that. The path of a socket has 107 bytes.
            self._home = Path(undo.enter_context(tempfile.TemporaryDirectory(prefix="station-pg-")))
            if os.geteuid() == 0:
                shutil.chown(self._home, "nobody", "nogroup")
            self._run(folder / "initdb", "--no-sync", f"--username={OWNER}", "--auth=trust", "--encoding=UTF8",
                      "--locale=C.UTF-8", f"--pgdata={self._home / 'data'}")  # fmt: skip
            self._start(folder, undo)
            self._end = undo.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.close()

    def address(self, database: str) -> str:
        """Return the address of a database for libpq, as the superuser."""
        return f"host={self._home} dbname={database} user={OWNER}"

    def create(self, database: str) -> None:
        """Make an empty database."""
        self._run(self._folder / "createdb", f"--host={self._home}", f"--username={OWNER}", database)

    def _start(self, folder: Path, undo: ExitStack) -> None:
        self._folder = folder
        server: _Command = [folder / "postgres", "-D", self._home / "data", "-k", self._home, "-c", "listen_addresses="]
        with (self._home / "log").open("ab") as log:
            process = subprocess.Popen(
                _unprivileged(server, "--pdeathsig=QUIT"),
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for the demo, which ends the server last
            )
        undo.callback(_ended, process)
        deadline = Deadline(self._clock, _START_S)
        ready: _Command = [folder / "pg_isready", "--quiet", f"--host={self._home}"]
        while subprocess.run(ready, cwd="/", check=False).returncode:
            if process.poll() is not None or deadline.expired:
                raise ExtraMissing((self._home / "log").read_text(errors="replace")[-500:])
            self._clock.pause(0.05)

    def _run(self, *command: str | Path) -> None:
        done = subprocess.run(_unprivileged(command), capture_output=True, text=True, cwd="/", check=False)
        if done.returncode:
            raise ExtraMissing((done.stdout + done.stderr)[-500:])


def _unprivileged(command: Sequence[str | Path], *options: str) -> _Command:
    return ["setpriv", *options, *(UNPRIVILEGED if os.geteuid() == 0 else ()), *command]


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # fast: connections end, nothing is lost
    process.wait()
