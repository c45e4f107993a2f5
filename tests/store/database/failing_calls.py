"""Runs of `station` in which one system call on a file in the data directory fails. The kernel asks this process about
each call.

A child installs a seccomp filter whose listener this process holds (seccomp(2), seccomp_unotify(2); no privilege is
needed). Each call of `CALLS`, from Python and from SQLite alike, then waits for the answer: continue, or an error
number. So every call is intercepted and counted. Linux on x86-64 only.

One process serves: one request per line on stdin (JSON: see `_run`), one answer per line on stdout.

    python -m tests.store.database.failing_calls
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import os
import platform
import select
import socket
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

ROOT: Final = Path(__file__).resolve().parents[3]

CALLS: Final = {
    **{0: "read", 1: "write", 2: "open", 17: "pread64", 18: "pwrite64", 74: "fsync", 75: "fdatasync", 77: "ftruncate"},
    **{82: "rename", 83: "mkdir", 86: "link", 87: "unlink", 257: "openat", 263: "unlinkat", 285: "fallocate"},
    **{258: "mkdirat", 264: "renameat", 265: "linkat", 316: "renameat2"},
}
"""Number on x86-64 (arch/x86/entry/syscalls/syscall_64.tbl) -> name."""
_PATH_FIRST: Final = frozenset({"open", "rename", "mkdir", "link", "unlink"})
_PATH_SECOND: Final = frozenset({"openat", "unlinkat", "mkdirat", "renameat", "linkat", "renameat2"})
SYNCS: Final = frozenset({"fsync", "fdatasync"})
GROWS: Final = frozenset(CALLS.values()) - {"read", "pread64", "unlink", "unlinkat"}
"""Calls that may need space on the disk."""

# linux/seccomp.h, linux/filter.h, linux/prctl.h
_SECCOMP, _SET_MODE_FILTER, _NEW_LISTENER, _NO_NEW_PRIVS = 317, 1, 8, 38
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_RECEIVE, _SEND = 0xC0502100, 0xC0182101
_QUESTION, _ANSWER = struct.Struct("QIIiIQ6Q"), struct.Struct("QqiI")
_GO_ON = 1


@dataclass(frozen=True)
class Fault:
    """The `at`-th of the selected calls (1 = the first) fails with `number`; with `stays`, all later ones fail, too."""

    at: int
    number: int = errno.EIO
    stays: bool = False
    calls: frozenset[str] = frozenset(CALLS.values())


NEVER: Final = Fault(0)
REMEMBER: Final = "remember"
"""Not a command of `station`: store an answer in remembered.db and look it up. Exit code 0 = found, 1 = not found."""


@dataclass(frozen=True)
class Ran:
    """The result of a run."""

    code: int
    out: str
    err: str
    calls: list[tuple[str, str]]
    """Each call on a file of the data directory: (name of the call, path of the file below the directory)."""
    failed: int
    """Number of calls that were refused."""


class Rig:
    """The tests' connection to the serving process."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.store.database.failing_calls"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def run(self, data: Path, *words: str, fault: Fault = NEVER) -> Ran:
        """Run `station WORDS --data DATA` with this fault."""
        request = {"data": str(data), "words": words, "at": fault.at, "number": fault.number, "stays": fault.stays}
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps({**request, "calls": sorted(fault.calls)}).encode() + b"\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        return Ran(**{**answer, "calls": [(name, path) for name, path in answer["calls"]]})

    def close(self) -> None:
        """Stop the process."""
        self._process.communicate()


def works_here() -> bool:
    """Return False on a platform whose calls have other numbers."""
    return sys.platform == "linux" and platform.machine() == "x86_64"


# --- the serving process ----------------------------------------------------------------------------------------------


class _Line(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("true", ctypes.c_ubyte),
        ("false", ctypes.c_ubyte),
        ("value", ctypes.c_uint),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("lines", ctypes.POINTER(_Line)))


def _listen() -> int:
    """Make each of `CALLS` in this process and its children wait for the process that holds the descriptor."""
    lines = [_Line(_LOAD, 0, 0, 0)]
    lines += [_Line(_EQUAL, len(CALLS) - at, 0, number) for at, number in enumerate(CALLS)]
    lines += [_Line(_RETURN, 0, 0, _ALLOW), _Line(_RETURN, 0, 0, _NOTIFY)]
    program = _Program(len(lines), (_Line * len(lines))(*lines))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
    found: int = libc.syscall(_SECCOMP, _SET_MODE_FILTER, _NEW_LISTENER, ctypes.byref(program))
    if found < 0:
        raise OSError(ctypes.get_errno(), "seccomp")
    return found


def _child(line: socket.socket, out: int, err: int, words: list[str]) -> NoReturn:
    os.dup2(out, 1)
    os.dup2(err, 2)
    code = 71
    try:
        from station.cli import station

        listener = _listen()
        socket.send_fds(line, [b"x"], [listener])
        os.close(listener)
        line.recv(1)
        try:
            remember(words[-1]) if words[0] == REMEMBER else station(words, prog_name="station")
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 72
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(code)


def remember(data: str) -> NoReturn:
    from station.domain.item import Barcode, ItemRecord
    from station.store.catalog_index.last_answers import LastAnswers

    file, barcode = LastAnswers(Path(data) / "remembered.db"), Barcode("31234567890126")
    file.keep("alma", ItemRecord(barcode=barcode, title="A book"), "2030-01-01T00:00:00.000Z")
    raise SystemExit(file.find("alma", barcode) is None)


def _run(wanted: dict[str, Any]) -> dict[str, Any]:
    ours, theirs = socket.socketpair()
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            ours.close()
            _child(theirs, out.fileno(), err.fileno(), [*wanted["words"], "--data", wanted["data"]])
        theirs.close()
        _, listeners, _, _ = socket.recv_fds(ours, 1, 1)
        ours.send(b"x")
        calls, failed = _answer(listeners[0], wanted)
        ours.close()
        os.close(listeners[0])
        _, status = os.waitpid(pid, 0)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode())
    code = os.waitstatus_to_exitcode(status)
    return {"code": code, "out": texts[0], "err": texts[1], "calls": calls, "failed": failed}


def _answer(listener: int, wanted: dict[str, Any]) -> tuple[list[tuple[str, str]], int]:
    inside, about, left = wanted["data"] + "/", frozenset(wanted["calls"]), wanted["at"]
    calls: list[tuple[str, str]] = []
    failed = 0
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    while True:
        if not poll.poll()[0][1] & select.POLLIN:
            return calls, failed
        question = bytearray(_QUESTION.size)
        try:
            fcntl.ioctl(listener, _RECEIVE, question)
        except FileNotFoundError:  # the calling process was killed meanwhile
            continue
        number_of, pid, _, call, _, _, first, second, *_ = _QUESTION.unpack(question)
        name = CALLS[call]
        path = _path_of(pid, name, first, second)
        error = 0
        if path.startswith(inside) or path == wanted["data"]:
            calls.append((name, path.removeprefix(inside)))
            if name in about:
                left -= 1
                error = (
                    wanted["number"]
                    if left == 0 or (wanted["stays"] and 0 < wanted["at"] <= wanted["at"] - left)
                    else 0
                )
                failed += bool(error)
        fcntl.ioctl(listener, _SEND, _ANSWER.pack(number_of, 0, -error, 0 if error else _GO_ON))


def _path_of(pid: int, name: str, first: int, second: int) -> str:
    if name in _PATH_FIRST or name in _PATH_SECOND:
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            memory.seek(first if name in _PATH_FIRST else second)
            return memory.read(4096).split(b"\0")[0].decode(errors="replace")
    try:
        return str(Path(f"/proc/{pid}/fd/{first}").readlink())
    except OSError:
        return ""


def main() -> None:
    """Serve until stdin ends."""
    from tests.support.zygote import preload

    preload()
    for request in sys.stdin:
        print(json.dumps(_run(json.loads(request))), flush=True)


if __name__ == "__main__":
    main()
