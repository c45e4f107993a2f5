"""Tools of the tests that run the station as a process: starting it, a literal tag decoder, and direct access to its
files.

This module does not import the station. It reads tags, journal and results independently of the station's code.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from tests.support import forked
from tests.support.patience import PATIENCE_S

ROOT: Final = Path(__file__).resolve().parents[2]
STATION: Final = (sys.executable, "-m", "station")
PATIENCE: Final = 2 * PATIENCE_S
"""For a process that itself waits up to `PATIENCE_S` for others, so that it can report what it waited for."""

ISIL: Final = "US-ImagCC"
FINISHED: Final = 0x06
"""DSFID of a finished tag."""


Test = TypeVar("Test", bound=Callable[..., object])


def beside(test: Test) -> Test:
    """Mark a test that runs in parallel with others (see conftest.py)."""
    test.beside = True  # type: ignore[attr-defined]
    return test


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """Make a folder with a short name (Unix sockets need one), removed at the end. It contains the TMPDIR of the
    processes."""
    folder = Path(tempfile.mkdtemp(prefix="st", dir="/tmp"))
    (folder / "t").mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of the test, with temporary files in `folder` and without the developer's settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STATION_")}
    return {**kept, "TMPDIR": str(folder / "t"), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}


def start(folder: Path, *arguments: str, under: Sequence[str] = (), **how: Any) -> forked.Started:
    """Start `station ARGUMENTS`. `under` is a command that runs the station (strace)."""
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
    options |= {"cwd": ROOT, "env": environment(folder), "text": True}
    return subprocess.Popen([*under, *STATION, *arguments], **options) if under else forked.start(*arguments, **options)


class Ended:
    """A process that has ended, and its output."""

    def __init__(self, process: forked.Started, patience: float = PATIENCE) -> None:
        try:
            self.out, self.err = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            self.out, self.err = process.communicate()
            raise AssertionError(f"it did not end in {patience} s\n{self.out}\n{self.err}") from None
        self.code = process.returncode

    @property
    def json(self) -> Any:
        """Parse standard output as one JSON value."""
        return json.loads(self.out)

    def __repr__(self) -> str:
        return f"exit {self.code}\n{self.out}\n{self.err}"


def station(folder: Path, *arguments: str, **how: Any) -> Ended:
    """Run `station ARGUMENTS` to its end."""
    return Ended(start(folder, *arguments, **how))


# --- processes ------------------------------------------------------------------------------------------------------


def children(pid: int) -> set[int]:
    """Return the process numbers of all descendants."""
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, path.read_text().split()):
                found |= {child} | children(child)
    return found


def alive(pid: int) -> bool:
    """Return whether the process runs. A zombie that only waits to be reaped does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def wait_gone(pids: set[int], seconds: float) -> set[int]:
    """Wait until none of the processes runs; return those that still do."""
    end = time.monotonic() + seconds
    left = {pid for pid in pids if alive(pid)}
    while left and time.monotonic() < end:
        time.sleep(0.01)
        left = {pid for pid in left if alive(pid)}
    return left


def kill(process: forked.Started) -> None:
    """Send kill -9, and wait until the process and its emulators are gone."""
    family = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    left = wait_gone(family, PATIENCE)
    assert not left, f"orphans: {left}"


# --- tags -----------------------------------------------------------------------------------------------------------


def elements(memory: bytes) -> dict[int, bytes]:
    """Return relative OID -> raw data with its compaction scheme in front (ISO/IEC 15962: precursor, length, data).

    Decodes only what the demo's tags contain: no offset bytes, relative OIDs below 15, lengths below 128.
    """
    found: dict[int, bytes] = {}
    at = 0
    while at < len(memory) and memory[at]:
        precursor, length = memory[at], memory[at + 1]
        if precursor & 0x80 or precursor & 0x0F == 0x0F or length & 0x80 or at + 2 + length > len(memory):
            raise ValueError(f"at byte {at}: {memory[at : at + 4].hex()}")
        found[precursor & 0x0F] = bytes((precursor >> 4,)) + memory[at + 2 : at + 2 + length]
        at += 2 + length
    return found


def text_of(element: bytes) -> str:
    """Decode integer, 7-bit and ISIL compaction, as on the demo's tags."""
    scheme, data = element[0], element[1:]
    bits = "".join(f"{byte:08b}" for byte in data)
    if scheme == 1:
        return str(int.from_bytes(data, "big"))
    if scheme == 5:
        return "".join(chr(int(bits[at : at + 7], 2)) for at in range(0, len(bits) - 6, 7)).rstrip("\x7f")
    if scheme == 0:
        return _isil(bits)
    raise ValueError(f"compaction {scheme}")


def _isil(bits: str) -> str:
    """Decode the ISIL code of ISO 28560-2: five bits for each letter; 0 is the hyphen, 28 switches between uppercase
    and lowercase letters."""
    text, small = "", False
    for at in range(0, len(bits) - 4, 5):
        code = int(bits[at : at + 5], 2)
        if code == 28:
            small = not small
        elif code == 0:
            text += "-"
        elif code <= 26:
            text += chr((0x60 if small else 0x40) + code)
    return text


def tag_files(data: Path) -> dict[str, dict[str, Any]]:
    """Return UID -> content of the emulator's file."""
    found = {path.stem: json.loads(path.read_text()) for path in (data / "tags").glob("E0*.json")}
    assert all(tag["uid"] == uid for uid, tag in found.items())
    return found


def identifier(tag: dict[str, Any]) -> str | None:
    """Return the primary item identifier on the tag, or None if the tag is not finished."""
    if tag["dsfid"] != FINISHED:
        return None
    try:
        return text_of(elements(bytes.fromhex(tag["memory"]))[1])
    except (ValueError, KeyError, IndexError):
        return None


# --- the numbered items of `station demo --auto` -----------------------------------------------------------------------


def luhn(payload: str) -> str:
    """Append the check digit."""
    total = 0
    for place, digit in enumerate(reversed(payload)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return payload + str(-total % 10)


def barcode(number: int) -> str:
    """Return the barcode of the numbered item."""
    return luhn(f"3098{number:09d}")


def own(number: int) -> str:
    """Return the UID of the tag in the numbered item."""
    return f"E0040150{0x10000 + 2 * number:08X}"


def spare(number: int) -> str:
    """Return the UID of the blank tag with the numbered item."""
    return f"E0040150{0x10001 + 2 * number:08X}"


# --- journal and results ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def journal(data: Path) -> Iterator[sqlite3.Connection]:
    """Open the journal's database read-only."""
    connection = sqlite3.connect(f"file:{data / 'journal.db'}?mode=ro", uri=True)
    try:
        yield connection
    finally:
        connection.close()


def events(data: Path, kind: str) -> list[dict[str, Any]]:
    """Return every event of one kind, with its number as `seq`."""
    with journal(data) as sql:
        rows = sql.execute("SELECT seq, payload FROM events WHERE kind = ? ORDER BY seq", (kind,)).fetchall()
    return [{"seq": seq, **json.loads(payload)} for seq, payload in rows]


def deliveries(data: Path) -> list[dict[str, Any]]:
    """Return every row of the outbox."""
    with journal(data) as sql:
        rows = sql.execute("SELECT id, event_seq, system, state, intent FROM outbox ORDER BY event_seq, system")
        names = ("id", "event_seq", "system", "state")
        return [dict(zip(names, row[:4], strict=True)) | {"intent": json.loads(row[4])} for row in rows]


def results(data: Path) -> list[dict[str, Any]]:
    """Return every line of the results file."""
    path = data / "results.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def verified(folder: Path, data: Path) -> Any:
    """Run `station journal verify --json`, assert that it finds no problem, and return its result."""
    done = station(folder, "journal", "verify", "--json", "--data", str(data))
    assert done.code == 0 and done.json["ok"], repr(done)
    return done.json


def result_problems(data: Path) -> list[str]:
    """Return the faults in the journaled results and their deliveries, one to the file and one to Alma."""
    rows = deliveries(data)
    judged = {event["seq"]: event["barcode"] for event in events(data, "item-judged")}
    problems = [
        f"result {seq} of {code} goes to {systems}"
        for seq, code in judged.items()
        if (systems := sorted(row["system"] for row in rows if row["event_seq"] == seq)) != ["alma", "file"]
    ]
    return problems + [f"delivery {row['id']} without a result" for row in rows if row["event_seq"] not in judged]
