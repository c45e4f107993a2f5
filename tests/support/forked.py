"""`station ARGUMENTS` as a process, forked from one that has imported it already (see `tests.support.zygote`)."""

from __future__ import annotations

import atexit
import json
import os
import select
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
COMMAND: Final = (sys.executable, "-m", "station")
ANEW: Final = os.environ.get("STATION_TESTS_EXEC") == "1" or not sys.platform.startswith("linux")
_lines: dict[int, socket.socket] = {}
"""Process number of whoever asks -> the line to its zygote."""
_one_at_a_time = threading.Lock()


def _line() -> socket.socket:
    found = _lines.get(os.getpid())
    if found is None:
        found, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        env = {name: value for name, value in os.environ.items() if not name.startswith("STATION_")}
        zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.support.zygote"],
            cwd=ROOT,
            env={**env, "PYTHONPATH": str(ROOT)},
            stdin=theirs.fileno(),
        )
        zygote.returncode = 0  # it ends with its line; nobody waits for it
        theirs.close()
        _lines[os.getpid()] = found
        atexit.register(found.close)
    return found


class Forked(subprocess.Popen[Any]):
    """`subprocess.Popen` whose process is the child of the zygote's keeper, and whose end the keeper tells."""

    _told = -1

    def __init__(self, args: Any, *, terminal: bool = False, **how: Any) -> None:
        self._terminal = terminal
        super().__init__(args, **how)

    def _execute_child(self, args: Any, *rest: Any) -> None:
        (_, _, _, _, cwd, env, _, _, _, *pipes) = rest
        p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, _, _, _, _, _, session, *_ = pipes
        wanted = {
            "args": [os.fspath(word) for word in args[len(COMMAND) :]],
            "cwd": os.fspath(cwd or Path.cwd()),
            "env": dict(os.environ if env is None else env),
            "session": bool(session) or self._terminal,
            "terminal": self._terminal,
        }
        self._told, told = os.pipe()
        ends = [own if own != -1 else place for place, own in enumerate((p2cread, c2pwrite, errwrite))]
        try:
            with _one_at_a_time:
                line = _line()
            socket.send_fds(line, [json.dumps(wanted).encode()], [*ends, told])
        finally:
            os.close(told)
            self._close_pipe_fds(p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite)  # type: ignore[attr-defined]
        self.pid = int(self._word() or 0)
        self._child_created = True

    def _word(self) -> str:
        heard = b""
        while not heard.endswith(b"\n"):
            data = os.read(self._told, 1)
            if not data:
                raise RuntimeError("the zygote of the tests, or a keeper, has ended; its words stand above")
            heard += data
        return heard.decode()

    def _try_wait(self, wait_flags: int) -> tuple[int, int]:
        if wait_flags & os.WNOHANG and not select.select([self._told], [], [], 0)[0]:
            return 0, 0
        status = int(self._word())
        os.close(self._told)
        return self.pid, status

    def _internal_poll(self, _deadstate: Any = None, **_: Any) -> int | None:
        if self.returncode is None and self._child_created:
            pid, status = self._try_wait(os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
        return self.returncode


def start(*arguments: object, **how: Any) -> subprocess.Popen[Any]:
    """`station ARGUMENTS`, started; `how` as for `subprocess.Popen` (not: preexec_fn, shell, pass_fds). `terminal`: its
    standard input, a pty, becomes its controlling terminal."""
    command = [*COMMAND, *map(str, arguments)]
    how.setdefault("cwd", ROOT)
    if not ANEW:
        return Forked(command, **how)
    # setsid --ctty becomes the station: no code of ours after the fork
    return subprocess.Popen([*(["setsid", "--ctty"] if how.pop("terminal", False) else []), *command], **how)


def run(*arguments: object, timeout: float = 60.0, input: Any = None, **how: Any) -> subprocess.CompletedProcess[Any]:
    """`station ARGUMENTS`, run to its end, with what it wrote."""
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
    how.setdefault("stdin", subprocess.DEVNULL if input is None else subprocess.PIPE)
    with start(*arguments, **how) as process:
        try:
            out, err = process.communicate(input, timeout)
        except BaseException:
            process.kill()
            raise
        return subprocess.CompletedProcess(process.args, process.poll() or 0, out, err)
