"""What the process-level tests share: the station as a process, a literal tag decoder, and direct looks at what it left.

Nothing here imports the station: tags, journal and results are read as a stranger would read them.
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
"""For a process that waits for others with the same patience, and says what it missed."""

ISIL: Final = "US-ImagCC"
FINISHED: Final = 0x06
"""DSFID of a finished tag."""


Test = TypeVar("Test", bound=Callable[..., object])


def beside(test: Test) -> Test:
    """Mark a test that runs in a thread beside the others (see conftest.py)."""
    test.beside = True  # type: ignore[attr-defined]
    return test


@contextlib.contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a short name (Unix sockets need one), removed at the end; the processes' TMPDIR lies in it."""
    folder = Path(tempfile.mkdtemp(prefix="st", dir="/tmp"))
    (folder / "t").mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def environment(folder: Path) -> dict[str, str]:
    """The test's own environment, with temporary files below `folder` and no settings of the developer's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("STATION_")}
    return {**kept, "TMPDIR": str(folder / "t"), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}


def start(folder: Path, *arguments: str, before: Sequence[str] = (), **how: Any) -> subprocess.Popen[str]:
    """Start `station ARGUMENTS`; `before` is what stands in front of the command (setpriv, strace)."""
    options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | how
    options |= {"cwd": ROOT, "env": environment(folder), "text": True}
    return (
        subprocess.Popen([*before, *STATION, *arguments], **options) if before else forked.start(*arguments, **options)
    )


class Ended:
    """What a process left behind."""

    def __init__(self, process: subprocess.Popen[str], patience: float = PATIENCE) -> None:
        try:
            self.out, self.err = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            process.kill()
            self.out, self.err = process.communicate()
            raise AssertionError(f"it did not end in {patience} s\n{self.out}\n{self.err}") from None
        self.code = process.returncode

    @property
    def json(self) -> Any:
        """Standard output as one JSON value."""
        return json.loads(self.out)

    def __repr__(self) -> str:
        return f"exit {self.code}\n{self.out}\n{self.err}"


def station(folder: Path, *arguments: str, **how: Any) -> Ended:
    """Run `station ARGUMENTS` to its end."""
    return Ended(start(folder, *arguments, **how))


# --- processes ------------------------------------------------------------------------------------------------------


def children(pid: int) -> set[int]:
    """Process numbers of all descendants now."""
    found: set[int] = set()
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, path.read_text().split()):
                found |= {child} | children(child)
    return found


def alive(pid: int) -> bool:
    """Does it run? (A zombie that only waits to be reaped does not.)"""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")


def wait_gone(pids: set[int], seconds: float) -> set[int]:
    """Wait until none of them runs; returns those that still do."""
    end = time.monotonic() + seconds
    left = {pid for pid in pids if alive(pid)}
    while left and time.monotonic() < end:
        time.sleep(0.01)
        left = {pid for pid in left if alive(pid)}
    return left


def kill(process: subprocess.Popen[str]) -> None:
    """kill -9, and wait until it and its emulators are gone."""
    family = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    left = wait_gone(family, PATIENCE)
    assert not left, f"orphans: {left}"


# --- tags -----------------------------------------------------------------------------------------------------------


def elements(memory: bytes) -> dict[int, bytes]:
    """Relative OID -> raw data with its compaction scheme in front (ISO/IEC 15962: precursor, length, data).

    Only what the demo's tags have: no offset bytes, relative OIDs below 15, lengths below 128.
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
    """Integer, 7-bit and ISIL compaction, as the demo's tags have them."""
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
    """ISO 28560-2 ISIL code: five bits a letter, 0 the hyphen, 28 changes between capitals and small letters."""
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
    """UID -> the emulator's own file."""
    found = {path.stem: json.loads(path.read_text()) for path in (data / "tags").glob("E0*.json")}
    assert all(tag["uid"] == uid for uid, tag in found.items())
    return found


def identifier(tag: dict[str, Any]) -> str | None:
    """The primary item identifier that the tag gives itself out for; None while it is no finished tag."""
    if tag["dsfid"] != FINISHED:
        return None
    try:
        return text_of(elements(bytes.fromhex(tag["memory"]))[1])
    except (ValueError, KeyError, IndexError):
        return None


# --- the numbered items of `station demo --auto` -----------------------------------------------------------------------


def luhn(payload: str) -> str:
    """With its check digit."""
    total = 0
    for place, digit in enumerate(reversed(payload)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return payload + str(-total % 10)


def barcode(number: int) -> str:
    """Barcode of the numbered item."""
    return luhn(f"3098{number:09d}")


def own(number: int) -> str:
    """UID of the tag in the numbered item."""
    return f"E0040150{0x10000 + 2 * number:08X}"


def spare(number: int) -> str:
    """UID of the blank tag beside it."""
    return f"E0040150{0x10001 + 2 * number:08X}"


# --- journal and results ------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def journal(data: Path) -> Iterator[sqlite3.Connection]:
    """The journal's database, read only."""
    connection = sqlite3.connect(f"file:{data / 'journal.db'}?mode=ro", uri=True)
    try:
        yield connection
    finally:
        connection.close()


def events(data: Path, kind: str) -> list[dict[str, Any]]:
    """Every event of one kind with its number as `seq`."""
    with journal(data) as sql:
        rows = sql.execute("SELECT seq, payload FROM events WHERE kind = ? ORDER BY seq", (kind,)).fetchall()
    return [{"seq": seq, **json.loads(payload)} for seq, payload in rows]


def deliveries(data: Path) -> list[dict[str, Any]]:
    """Every row of the outbox."""
    with journal(data) as sql:
        rows = sql.execute("SELECT id, event_seq, system, state, intent FROM outbox ORDER BY event_seq, system")
        names = ("id", "event_seq", "system", "state")
        return [dict(zip(names, row[:4], strict=True)) | {"intent": json.loads(row[4])} for row in rows]


def results(data: Path) -> list[dict[str, Any]]:
    """Every line of the results file."""
    path = data / "results.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def verified(folder: Path, data: Path) -> Any:
    """`station journal verify --json`, which must say that all is well."""
    done = station(folder, "journal", "verify", "--json", "--data", str(data))
    assert done.code == 0 and done.json["ok"], repr(done)
    return done.json


def result_problems(data: Path) -> list[str]:
    """What is wrong with the journaled results and their deliveries (one to the file, one to Alma)."""
    rows = deliveries(data)
    judged = {event["seq"]: event["barcode"] for event in events(data, "item-judged")}
    problems = [
        f"result {seq} of {code} goes to {systems}"
        for seq, code in judged.items()
        if (systems := sorted(row["system"] for row in rows if row["event_seq"] == seq)) != ["alma", "file"]
    ]
    return problems + [f"delivery {row['id']} without a result" for row in rows if row["event_seq"] not in judged]
