"""Runs of `station` in which one system call on a file in the data directory fails. The kernel asks this process about
each call.

A child installs a seccomp filter whose listener this process holds (seccomp(2), seccomp_unotify(2); no privilege is
needed). Each call of `CALLS`, from Python and from SQLite alike, then waits for the answer: continue, or an error
number. So every call is intercepted and counted. Linux on x86-64 only.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
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
from typing import Final, NoReturn

from tests.support import forked
from tests.support.patience import PATIENCE_S

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


def run(data: Path, *words: str, fault: Fault = NEVER) -> Ran:
    """Run `station WORDS --data DATA` with this fault."""
    module, *arguments = (__name__,) if words[0] == REMEMBER else ("station", *words)
    with (
        tempfile.TemporaryDirectory(prefix="st", dir="/tmp") as folder,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        socket.socket(socket.AF_UNIX) as listening,
    ):
        place = f"{folder}/line"
        listening.bind(place)
        listening.listen()
        listening.settimeout(PATIENCE_S)
        process = forked.Process(
            *(*arguments, "--data", data),
            module=module,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            before=(f"{__name__}:intercepted", place),
        )
        with listening.accept()[0] as line:
            _, (listener,), _, _ = socket.recv_fds(line, 1, 1)
            line.send(b"x")
            calls, failed = _answer(listener, str(data), fault)
            os.close(listener)
        code = process.wait()
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode())
    return Ran(code, *texts, calls, failed)


def works_here() -> bool:
    """Return False on a platform whose calls have other numbers."""
    return sys.platform == "linux" and platform.machine() == "x86_64"


# --- in the process of the command -----------------------------------------------------------------------------------


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


def intercepted(place: str) -> None:
    """Give the listener of this process's calls to the process that waits at the socket `place`."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(place)
        listener = _listen()
        socket.send_fds(line, [b"x"], [listener])
        os.close(listener)
        line.recv(1)


def main() -> NoReturn:
    """Do what `REMEMBER` says."""
    from station.domain.item import Barcode, ItemRecord
    from station.store.catalog_index.last_answers import LastAnswers

    file, barcode = LastAnswers(Path(sys.argv[-1]) / "remembered.db"), Barcode("31234567890126")
    file.keep("alma", ItemRecord(barcode=barcode, title="A book"), "2030-01-01T00:00:00.000Z")
    raise SystemExit(file.find("alma", barcode) is None)


# --- in the process of the test -------------------------------------------------------------------------------------


def _answer(listener: int, data: str, fault: Fault) -> tuple[list[tuple[str, str]], int]:
    left = fault.at
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
        if path.startswith(f"{data}/") or path == data:
            calls.append((name, path.removeprefix(f"{data}/")))
            if name in fault.calls:
                left -= 1
                error = fault.number if left == 0 or (fault.stays and left < 0 < fault.at) else 0
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
