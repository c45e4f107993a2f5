"""Run `station ARGUMENTS`, or another `python -m MODULE ARGUMENTS`, as a process forked from one that has imported it
already (see `tests.support.zygote`)."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Final

ROOT: Final = Path(__file__).resolve().parents[2]
ANEW: Final = os.environ.get("STATION_TESTS_EXEC") == "1" or not sys.platform.startswith("linux")


class Zygote:
    """A connection to one process that forks stations."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        env = {name: value for name, value in os.environ.items() if not name.startswith("STATION_")}
        command = [sys.executable, "-m", "tests.support.zygote"]
        with theirs:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=env | {"PYTHONPATH": str(ROOT)}, stdin=theirs.fileno()
            )

    def ask(self, wanted: dict[str, Any], descriptors: list[int]) -> None:
        """Request a forked process. See `tests.support.zygote` for the request."""
        socket.send_fds(self._line, [json.dumps(wanted).encode()], descriptors)

    def close(self) -> None:
        """Stop the zygote. Its stations continue to run."""
        self._line.close()
        self._process.wait()


_zygotes: dict[int, Zygote] = {}
"""Process number of the requester -> its zygote."""
_one_at_a_time = threading.Lock()


def _zygote() -> Zygote:
    with _one_at_a_time:
        found = _zygotes.get(os.getpid())
        if found is None:
            found = _zygotes[os.getpid()] = Zygote()
            atexit.register(found.close)
        return found


class Process:
    """A process of a module (by default the station), with the methods of `subprocess.Popen` that tests use."""

    def __init__(
        self,
        *arguments: object,
        module: str = "station",
        stdin: Any = None,
        stdout: Any = None,
        stderr: Any = None,
        text: bool = False,
        cwd: Path | str = ROOT,
        env: dict[str, str] | None = None,
        terminal: bool = False,
        start_new_session: bool = False,
        third: int | None = None,
        before: tuple[str, ...] = (),
    ) -> None:
        """`module`: it or its `__main__` has a function `main`. `terminal`: standard input, a pty, becomes the
        controlling terminal. `third`: the process gets it as descriptor 3. `before`: "MODULE:FUNCTION" and its
        arguments, called in the process before the command."""
        self.args = _command(module, *arguments)
        self.returncode: int | None = None
        self._reading: list[_Thread] = []
        theirs: list[Any] = []
        self.stdin, self.stdout, self.stderr = (
            _end(place, wanted, text, theirs) for place, wanted in enumerate((stdin, stdout, stderr))
        )
        self._told, told = os.pipe()
        wanted = {
            "module": module,
            "args": [str(argument) for argument in arguments],
            "cwd": str(cwd),
            "env": dict(os.environ if env is None else env),
            "session": start_new_session or terminal,
            "terminal": terminal,
            "before": before,
        }
        places = [fd if isinstance(fd, int) else fd.fileno() for fd in theirs]
        try:
            _zygote().ask(wanted, [told, *places, *(() if third is None else (third,))])
        finally:
            os.close(told)
            for fd in theirs:
                if not isinstance(fd, int):
                    fd.close()
        self.pid = self._word()

    def _word(self) -> int:
        heard = b""
        while not heard.endswith(b"\n"):
            data = os.read(self._told, 1)
            if not data:
                raise RuntimeError("the zygote of the tests has ended; see its output above")
            heard += data
        return int(heard)

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the pipes and wait, as `subprocess.Popen` does."""
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream is not None:
                stream.close()
        self.wait()

    def poll(self) -> int | None:
        """Return the exit code, or None while the process runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the process and return its exit code; it is negative after a signal."""
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
            self.returncode = os.waitstatus_to_exitcode(self._word())
            os.close(self._told)
        return self.returncode

    def communicate(self, input: Any = None, timeout: float | None = None) -> tuple[Any, Any]:
        """Write all of `input`, read all output, and wait. Can be called again after a timeout."""
        end = None if timeout is None else time.monotonic() + timeout
        if not self._reading:
            self._reading = [_Thread(lambda: _write(self.stdin, input)), *map(_read, (self.stdout, self.stderr))]
        for one in self._reading:
            one.join(None if end is None else max(0.0, end - time.monotonic()))
            if one.is_alive():
                raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        self.wait(None if end is None else max(0.0, end - time.monotonic()))
        return self._reading[1].found, self._reading[2].found

    def send_signal(self, number: int) -> None:
        """Send the signal unless the process has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class _Thread(threading.Thread):
    """A thread that keeps the result of its function."""

    def __init__(self, work: Callable[[], Any]) -> None:
        super().__init__(daemon=True)
        self._work, self.found = work, None
        self.start()

    def run(self) -> None:
        self.found = self._work()


def _read(stream: IO[Any] | None) -> _Thread:
    def all_of_it() -> Any:
        if stream is None:
            return None
        with stream:
            return stream.read()

    return _Thread(all_of_it)


def _write(stream: IO[Any] | None, data: Any) -> None:
    with contextlib.suppress(BrokenPipeError):
        if stream is not None:
            with stream:
                if data:
                    stream.write(data)


def _end(place: int, wanted: Any, text: bool, theirs: list[Any]) -> IO[Any] | None:
    """Append the process's end of standard input, output or error to `theirs`: a descriptor that stays open here, or a
    file that is closed once it is sent. Return our end if there is one."""
    match wanted:
        case None:
            theirs.append(place)
        case subprocess.DEVNULL:
            theirs.append(open(os.devnull, "r+b", buffering=0))  # noqa: SIM115 - closed when it is sent
        case subprocess.PIPE:
            reading, writing = os.pipe()
            own, given = (reading, writing) if place else (writing, reading)
            theirs.append(open(given, "wb" if place else "rb", buffering=0))  # noqa: SIM115
            mode = "r" if place else "w"
            return open(own, mode, encoding="utf-8") if text else open(own, f"{mode}b")
        case _:
            theirs.append(wanted if isinstance(wanted, int) else wanted.fileno())
    return None


def _command(module: str, *arguments: object) -> list[str]:
    return [sys.executable, "-m", module, *map(str, arguments)]


Started = Process | subprocess.Popen[Any]


def start(*arguments: object, module: str = "station", anew: bool = ANEW, **how: Any) -> Started:
    """Start `python -m MODULE ARGUMENTS`; `how` as for `Process`. `anew`: start a new interpreter instead of a fork,
    unless the process calls something `before`."""
    if how.get("before") or not anew:
        return Process(*arguments, module=module, **how)
    # setsid --ctty replaces itself with the station, so no Python code runs after the fork
    command = [*(["setsid", "--ctty"] if how.pop("terminal", False) else []), *_command(module, *arguments)]
    return subprocess.Popen(command, **{"cwd": ROOT} | how)


def run(*arguments: object, timeout: float = 60.0, input: Any = None, **how: Any) -> subprocess.CompletedProcess[Any]:
    """Run `python -m MODULE ARGUMENTS` to its end and return its output."""
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
    how.setdefault("stdin", subprocess.DEVNULL if input is None else subprocess.PIPE)
    process = start(*arguments, **how)
    try:
        out, err = process.communicate(input, timeout)
    except BaseException:
        process.kill()
        raise
    return subprocess.CompletedProcess(process.args, process.wait(), out, err)


def emulator(name: str, *arguments: object) -> Started:
    """Start `python -m station.emulators.NAME ARGUMENTS`. It ends when its standard input is closed."""
    module = f"station.emulators.{name}"
    return start(*arguments, module=module, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
