"""The parent of the tests' station processes: it has imported the station and forks for each command.

Each command `station` or emulator runs in a separate process, with its own process number, files, signals, environment
and end. This saves only the second that every start takes for imports and for reading the sentences, rules and settings
of the package. With `STATION_TESTS_EXEC=1` each process starts in a new interpreter, as does any process that runs
under another command (strace, setpriv, env).

A request is one datagram: JSON with the descriptors of a pipe, to which the zygote writes the process number and then
the exit status, and of standard input, output, error, and perhaps a fourth one, which the process gets as number 3. The
command ends as a program in the interpreter ends: it waits for threads and runs exit functions. Only the modules are
not torn down.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import fcntl
import gc
import importlib
import json
import os
import pkgutil
import random
import select
import signal
import socket
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

PRELOADED: Final = (
    *("station.runtime.station", "station.demo", "station.tui", "textual.app", "sqlite_utils.migrations"),
    *(f"station.emulators.{kind}.__main__" for kind in ("feig", "threem", "pn532", "trf7970a", "nfcudp")),
    *(f"station.emulators.library_systems.{name}" for name in ("alma", "sip2", "voyager")),
)
LONGEST: Final = 200_000
DESCRIPTORS: Final = 5
HUGE: Final = 2 << 20
"""Bytes of a huge page."""
COLLAPSE: Final = 25
"""MADV_COLLAPSE (asm-generic/mman-common.h)."""


def preload() -> None:
    """Import all modules that commands need and that start no thread, and read the data that all commands share."""
    import station.cli
    import station.sync
    from station.base.setting_fields import sections
    from station.base.settings import parse
    from station.base.words import english
    from station.cli.admin.settings_file import template
    from station.quality.rulebook.shipped import shipped

    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # NumPy, which sqlite-utils imports, would otherwise start threads
    # station.sync: a command with a library system imports its client, which takes longer than most commands run.
    for room in (station.cli, station.sync):
        for found in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            importlib.import_module(found.name)
    for name in PRELOADED:
        importlib.import_module(name)
    _ = english().entries  # reads all areas
    sections()
    shipped()
    parse(template(**{"library.isil": "US-TxDa"}))


class Command:
    """State of the forked process: its exit code, set before its interpreter ends."""

    code = 0


def main() -> None:
    """Serve on descriptor 0 until its other end is closed. Also returns in each forked process, after its command."""
    atexit.register(_leave)  # the first to register runs last
    line = socket.socket(fileno=os.dup(0))
    preload()
    gc.collect()
    gc.set_threshold(20_000)  # the same as in tests/conftest.py
    gc.freeze()  # no command scans, and so copies, the objects that it inherited
    _in_huge_pages()
    running: dict[int, tuple[int, int]] = {}
    """Descriptor of each command's process -> its number and the pipe for its exit status."""
    ready = select.poll()
    ready.register(line, select.POLLIN)
    while True:
        for fd, _ in ready.poll():
            if fd in running:
                ready.unregister(fd)
                _ended(fd, *running.pop(fd))
                continue
            data, received, _, _ = socket.recv_fds(line, LONGEST, DESCRIPTORS)
            if not data:
                return
            told, *fds = received
            pid = os.fork()
            if pid == 0:
                _close(line.detach(), told, *running, *(one for _, one in running.values()))
                _run(json.loads(data), fds)
                return
            _close(*fds)
            os.write(told, f"{pid}\n".encode())
            process = os.pidfd_open(pid)
            running[process] = pid, told
            ready.register(process, select.POLLIN)


def _in_huge_pages() -> None:
    """Let the kernel put this process's memory into huge pages (madvise(2), MADV_COLLAPSE, Linux 6.1; without it, all
    stays as it is). A fork then shares 2 MiB at a time and not each of twenty thousand pages."""
    libc = ctypes.CDLL(None)
    libc.madvise.argtypes = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        place, rights, _, _, file, *name = line.split(maxsplit=5)
        if rights == "rw-p" and file == "0" and name in ([], ["[heap]"]):
            first, last = (int(number, 16) for number in place.split("-"))
            first, last = -(-first // HUGE) * HUGE, last // HUGE * HUGE
            if first < last:
                libc.madvise(first, last - first, COLLAPSE)


def _ended(process: int, pid: int, told: int) -> None:
    """Report how a command's process ended."""
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(BrokenPipeError):  # the test did not wait
        os.write(told, f"{status}\n".encode())
    _close(process, told)


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _leave() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            Command.code = Command.code or 120
    os._exit(Command.code & 0xFF)


def _main(name: str) -> Callable[[], int | None]:
    """Return the function that `python -m NAME` calls."""
    module = importlib.import_module(name)
    if hasattr(module, "__path__"):
        module = importlib.import_module(f"{name}.__main__")
    main: Callable[[], int | None] = module.main
    return main


def _function(name: str) -> Callable[..., object]:
    module, _, function = name.partition(":")
    found: Callable[..., object] = getattr(importlib.import_module(module), function)
    return found


def _run(wanted: dict[str, Any], descriptors: list[int]) -> None:
    """Run the command."""
    Command.code = 1
    for place, fd in enumerate(descriptors):
        os.dup2(fd, place)
    _close(*(set(descriptors) - set(range(len(descriptors)))))
    if wanted["session"]:
        os.setsid()
    if wanted["terminal"]:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(wanted["cwd"])
    os.environ.clear()
    os.environ.update(wanted["env"])
    random.seed()
    sys.argv = [wanted["module"], *wanted["args"]]
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115 - the process's own
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.__stdin__, sys.__stdout__, sys.__stderr__ = sys.stdin, sys.stdout, sys.stderr  # type: ignore[misc]
    try:
        if wanted["before"]:
            name, *arguments = wanted["before"]
            _function(name)(*arguments)
        sys.exit(_main(wanted["module"])())
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(end.code + "\n")
        Command.code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException:
        sys.excepthook(*sys.exc_info())


if __name__ == "__main__":
    main()
