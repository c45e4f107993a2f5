"""Targets of labels: a directory, a CUPS queue, a device file. Every job is first saved as a file.

A directory keeps the file. For a queue or a device, the file is deleted only after all of it was accepted, so a failed
print leaves it. Every failure is a `PrintError` with a sentence that tells the operator what to do.
"""

from __future__ import annotations

import errno
import os
import re
import select
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import Final, Literal

import msgspec

from station.base.clock import Clock, Deadline
from station.base.errors import LabelNotSaved, LabelRefused, PrinterFailed, SettingsError
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell

KEPT: Final = "labels"
"""Directory, in the data directory, of files on their way to a queue or a device."""
QUEUE_S: Final = 30.0
"""Seconds that CUPS may take to accept a job."""
STALLED_S: Final = 30.0
"""Seconds after which a device that accepts nothing has failed."""
_PAUSE_S: Final = 0.05
_CHUNK: Final = 4096
_QUEUE: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,126}")  # not for people
"""Accepted queue names: those that CUPS allows (no space, "/" or "#"), unless they look like an option."""
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")  # not for people
_MOST: Final = 100_000
_NO_LINKS: Final = frozenset({errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK})


class Target(msgspec.Struct, frozen=True):
    """Target of a job."""

    kind: Literal["directory", "cups", "device"]
    where: str

    def __str__(self) -> str:
        return self.where if self.kind == "directory" else f"{self.kind}:{self.where}"


class Printed(msgspec.Struct, frozen=True):
    """Result of one job."""

    target: str
    file: str = ""
    """The file that was kept; "" = it was sent to a printer."""
    said: str = ""
    """Answer of the queue."""
    code: Literal["printed", "saved"] = "printed"
    """saved: the target is a directory, not a printer."""


def target(text: str) -> Target:
    """Read DIR, cups:QUEUE or device:PATH. Raises `SettingsError`."""
    if text.startswith("cups:"):
        queue = text.removeprefix("cups:")
        if not _QUEUE.fullmatch(queue):
            raise SettingsError(Sentence("print.no-queue", name=repr(clean(queue))))
        return Target("cups", queue)
    if text.startswith("device:"):
        path = text.removeprefix("device:")
        if not path.startswith("/") or "\0" in path:
            raise SettingsError(Sentence("print.no-device", name=repr(clean(path))))
        return Target("device", path)
    if not text.strip() or "\0" in text:
        raise SettingsError(Sentence("print.no-directory"))
    return Target("directory", text)


class PrintJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job to print."""

    content: bytes
    name: str
    """File name, without suffix."""
    suffix: Literal["pdf", "zpl"]
    media: str
    """CUPS name of the page size: a queue with another size would cut the label."""


def send(job: PrintJob, where: Target, data: Path, clock: Clock) -> Printed:
    """Save one job and send it to its target."""
    suffix = job.suffix
    if where.kind == "device" and suffix != "zpl":
        raise LabelRefused(Sentence("print.zpl-only"))
    directory = data / where.where if where.kind == "directory" else data / KEPT
    file = save(job.content, job.name, suffix, directory)
    if where.kind == "directory":
        return Printed(str(where), str(file), code="saved")
    answer = ""
    if where.kind == "cups":
        answer = _queue(where.where, file, job)
    else:
        _device(where.where, job.content, file, clock)
    try:
        file.unlink()
    except OSError as error:
        # It is printed: a leftover copy is not a failure, but the result names the file.
        return Printed(str(where), str(file), f"{answer} ({error.strerror})".strip())
    return Printed(str(where), "", answer)


def obstacle(where: Target, data: Path) -> str:
    """Return why a job could not be sent there now; "" = nothing is known against it. Prints and writes nothing."""
    match where.kind:
        case "cups":
            return _queue_obstacle(where.where)
        case "device":
            path = Path(where.where)
            if not path.is_char_device():
                return tell("print.device.none", path=path)
            return "" if os.access(path, os.W_OK) else f"{path}: {tell('print.device.may-not')}"
        case "directory":
            directory = data / where.where
            there = next(folder for folder in (directory, *directory.parents) if folder.exists())
            if not there.is_dir():
                return f"{there}: {tell('print.file-in-its-place')}"
            return "" if os.access(there, os.W_OK | os.X_OK) else f"{there}: {tell('print.may-not-write')}"


def forget_slips(where: Target, data: Path) -> tuple[int, tuple[Path, ...]]:
    """Delete the files of flag slips in the label directory, and of those waiting for a printer. Return how many were
    deleted, and the files that could not be deleted. The slips name the person who corrects a defect, so an erased name
    must not remain in them. Slips about open corrections can be printed again."""
    gone, left = 0, []
    for directory in {data / KEPT, *([data / where.where] if where.kind == "directory" else [])}:
        for file in sorted(directory.glob("flag-*")):
            if file.suffix not in (".pdf", ".zpl"):
                continue
            try:
                file.unlink()
                gone += 1
            except OSError:
                left.append(file)
    return gone, tuple(left)


# --- directory ------------------------------------------------------------------------------------------------------


def save(content: bytes, name: str, suffix: str, directory: Path) -> Path:
    """Write a whole file or none, and never overwrite another one: "name.pdf", else "name-2.pdf", ..."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not a file name")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(prefix=f".{name}.", suffix=".part", dir=directory)
        try:
            _write(handle, content, directory)
            file = _place(Path(part), name, suffix, directory)
        finally:
            Path(part).unlink(missing_ok=True)
        _sync_directory(directory)
    except OSError as error:
        raise LabelNotSaved(_words(error, directory)) from error
    return file


def _write(handle: int, content: bytes, directory: Path) -> None:
    """Write and sync. Whoever may read the directory may read the file."""
    with os.fdopen(handle, "wb") as stream:
        os.fchmod(handle, 0o666 & directory.stat().st_mode)
        stream.write(content)
        stream.flush()
        os.fsync(handle)


def _place(part: Path, name: str, suffix: str, directory: Path) -> Path:
    """Move the file to a free name. A hard link fails atomically if the name is taken; without hard links, the name is
    claimed first."""
    for number in range(1, _MOST):
        file = directory / (f"{name}.{suffix}" if number == 1 else f"{name}-{number}.{suffix}")
        try:
            os.link(part, file)
        except FileExistsError:
            continue
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            if not _claimed(file):
                continue
            part.replace(file)
        return file
    raise FileExistsError(errno.EEXIST, "there are too many labels of this name", str(directory))


def _claimed(file: Path) -> bool:
    try:
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644))
    except FileExistsError:
        return False
    return True


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _words(error: OSError, directory: Path) -> str:
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            reason = tell("print.disk-full")
        case errno.EACCES | errno.EPERM | errno.EROFS:
            reason = tell("print.may-not-write")
        case errno.ENOTDIR | errno.EEXIST:
            reason = tell("print.file-in-its-place")
        case _:
            reason = error.strerror or str(error)
    return f"{directory}: {reason}"


# --- CUPS -----------------------------------------------------------------------------------------------------------


def _queue(queue: str, file: Path, job: PrintJob) -> str:
    """Give the file to `lp` (CUPS): unchanged for ZPL, at its true size for PDF. Return the answer of `lp`."""
    options = ["raw"] if job.suffix == "zpl" else ["print-scaling=none", f"media={job.media}"]  # not for people
    how = [word for option in options for word in ("-o", option)]
    command = ["lp", "-d", queue, "-t", file.name, *how, "--", str(file)]
    environment = {**os.environ, "LC_ALL": "C"}  # not for people
    try:
        result = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=QUEUE_S, env=environment, check=False
        )
    except FileNotFoundError as error:
        raise PrinterFailed(Sentence("print.lp-missing"), str(file)) from error
    except subprocess.TimeoutExpired as error:
        raise PrinterFailed(Sentence("print.cups-silent", seconds=f"{QUEUE_S:g}", queue=queue), str(file)) from error
    except OSError as error:
        raise PrinterFailed(Sentence("print.lp-fails", why=error.strerror or str(error)), str(file)) from error
    if result.returncode != 0:
        reason = clean(result.stderr.decode("utf-8", "replace")) or Sentence("print.lp-ended", code=result.returncode)
        raise PrinterFailed(Sentence("print.queue", queue=queue, why=reason), str(file))
    return clean(result.stdout.decode("utf-8", "replace"))


def _queue_obstacle(queue: str) -> str:
    """Ask `lpstat -a` (CUPS): its exit code is 1 for an unknown queue, and it says whether a queue takes jobs."""
    environment = {**os.environ, "LC_ALL": "C"}  # not for people
    try:
        result = subprocess.run(
            ["lpstat", "-a", queue],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=QUEUE_S,
            env=environment,
            check=False,
        )
    except FileNotFoundError:
        return tell("print.lp-missing")
    except subprocess.TimeoutExpired:
        return tell("print.cups-silent", seconds=f"{QUEUE_S:g}", queue=queue)
    except OSError as error:
        return tell("print.lp-fails", why=error.strerror)
    text = clean((result.stderr or result.stdout).decode("utf-8", "replace"))
    if result.returncode == 0 and " not accepting " not in text:  # not for people
        return ""
    return tell("print.queue", queue=queue, why=text or tell("print.lp-ended", code=result.returncode))


# --- device ---------------------------------------------------------------------------------------------------------

_DEVICE_WORDS: Final = {
    errno.ENOENT: "print.device.not-there",
    errno.ENXIO: "print.device.nothing",
    errno.ENODEV: "print.device.went-away",
    errno.EACCES: "print.device.may-not",
    errno.EPERM: "print.device.may-not",
    errno.EBUSY: "print.device.busy",
    errno.EIO: "print.device.fault",
    errno.ENOSPC: "print.device.no-paper",
    errno.EPIPE: "print.device.went-away",
    errno.ETIMEDOUT: "print.device.stalled",
}
"""Meanings for a printer, as catalog keys; ENODEV, EBUSY, EIO and ENOSPC as Linux's usblp driver returns them."""


def _device(path: str, content: bytes, file: Path, clock: Clock) -> None:
    """Write everything, or raise `PrinterFailed` with the number of bytes that the printer accepted.

    Never blocks forever. usblp accepts a write before the printer has the data: with O_NONBLOCK, a program must wait
    until the device can be written again before closing it (comment of usblp_wwait in the kernel).
    """
    sent = 0
    try:
        handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        try:
            if not stat.S_ISCHR(os.fstat(handle).st_mode):
                raise PrinterFailed(Sentence("print.device.none", path=path), str(file))
            while sent < len(content):
                _wait(handle, clock)
                sent += _some(handle, content[sent : sent + _CHUNK])
            _wait(handle, clock)
        finally:
            os.close(handle)
    except OSError as error:
        key = _DEVICE_WORDS.get(error.errno or 0)
        reason = f"{path}: {tell(key) if key else error.strerror or str(error)}"
        if sent:
            reason = tell("print.device.took", why=reason, sent=sent, bytes=len(content))
        raise PrinterFailed(reason, str(file)) from error


def _wait(handle: int, clock: Clock) -> None:
    """Wait until the device can be written. Raises `TimeoutError` if it stays full."""
    deadline = Deadline(clock, STALLED_S)
    while not select.select([], [handle], [], 0)[1]:
        if deadline.expired:
            raise TimeoutError(errno.ETIMEDOUT, "")
        clock.pause(_PAUSE_S)


def _some(handle: int, chunk: bytes) -> int:
    try:
        return os.write(handle, chunk)
    except BlockingIOError:
        return 0
