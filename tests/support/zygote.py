"""Where the tests' station processes come from: one process that has imported the station, and forks for each command.

What runs is the command `station` in a process of its own, with its own number, files, signals, environment and end; only the
second that every start spends on imports, and on reading the sentences, rules and settings that it is shipped with, is saved.
`STATION_TESTS_EXEC=1` starts each anew, as does anything that must stand before the command (strace, setpriv, env).

A request is one datagram: JSON, with four descriptors beside it: standard input, output, error, and a pipe that is told the
process number, then how it ended.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import importlib
import json
import os
import pkgutil
import random
import signal
import socket
import sys
import termios
from typing import Any, Final

PRELOADED: Final = ("station.runtime.station", "station.demo", "station.tui", "textual.app")
LONGEST: Final = 200_000
BYTES_LEFT_OUT: Final = 4


def preload() -> None:
    """Import what commands need, as far as it starts no thread, and read what is the same for all of them."""
    import station.cli
    from station.base.words import english
    from station.cli.admin.settings_file import sections
    from station.quality.rulebook.shipped import shipped

    names = [found.name for found in pkgutil.walk_packages(station.cli.__path__, "station.cli.")]
    for name in (*names, *PRELOADED):
        importlib.import_module(name)
    english()
    sections()
    shipped()


def main() -> None:
    """Serve on descriptor 0 until its other end is closed."""
    line = socket.socket(fileno=os.dup(0))
    preload()
    gc.collect()
    gc.freeze()  # no command looks through, and so copies, what it was forked with
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # keepers are nobody's to wait for
    while True:
        data, fds, _, _ = socket.recv_fds(line, LONGEST, BYTES_LEFT_OUT)
        if not data:
            return
        if os.fork() == 0:
            line.close()
            _keep(json.loads(data), *fds)
        for fd in fds:
            os.close(fd)


def _keep(wanted: dict[str, Any], stdin: int, stdout: int, stderr: int, told: int) -> None:
    """The parent of one command: says its number, waits, says how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.close(told)
        _run(wanted, stdin, stdout, stderr)
    for fd in (stdin, stdout, stderr):
        os.close(fd)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.write(told, f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    os.write(told, f"{status}\n".encode())
    os._exit(0)


def _run(wanted: dict[str, Any], stdin: int, stdout: int, stderr: int) -> None:
    """The command itself. Never returns."""
    for place, fd in enumerate((stdin, stdout, stderr)):
        os.dup2(fd, place)
    for fd in {stdin, stdout, stderr} - {0, 1, 2}:
        os.close(fd)
    if wanted["session"]:
        os.setsid()
    if wanted["terminal"]:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["env"])
    random.seed()
    sys.argv = ["station", *wanted["args"]]
    code = 0
    try:
        sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115 - the process's own
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
        sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
        from station.cli import main as station

        station()
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(end.code + "\n")
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    finally:
        import threading

        threading._shutdown()  # type: ignore[attr-defined]
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                code = code or 120
        os._exit(code & 0xFF)


if __name__ == "__main__":
    main()
