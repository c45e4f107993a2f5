"""`station journal verify` on a long journal: time and memory of the command in its own process, compared with the
minimum cost of reading and hashing the same events."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks import long_journal
from benchmarks.report import Row, Section, duration
from station.base.clock import SystemClock
from station.runtime.data_directory import JOURNAL
from station.store.database.database import open_reader
from station.store.journal import hash_chain
from station.store.owner import open_store

_RUN: Final = """
import json, os, sys, time
began = time.perf_counter()
child = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[1:]], os.environ,
    file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
_, status, used = os.wait4(child, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), time.perf_counter() - began, used.ru_utime + used.ru_stime,
    used.ru_maxrss * 1024]))
"""
"""Runs a command from a small process: Linux counts the parent's memory in the child's peak (getrusage(2))."""


def section(folder: Path, events: int) -> Section:
    """Measure a journal of this many events: verify it with the command, only read and hash it, and open it as the
    station does."""
    path = folder / "verify" / JOURNAL
    path.parent.mkdir()
    items = long_journal.make(path.parent, events)
    with closing(open_reader(path)) as sql:
        hash_chain.export_head(sql, path.parent / "heads", SystemClock().now())
    floor, chain = _floor(path), _chain(path)
    verify = ("journal", "verify", "--json", "--data", str(path.parent))
    took, work, peak = command("-m", "station", *verify)
    idle = command("-m", "station", "journal", "show", "--limit", "1", "--json", "--data", str(path.parent))
    began = perf_counter()
    store = open_store(path, SystemClock(), head_directory=path.parent / "heads")
    opened = perf_counter() - began
    store.close()
    size = path.stat().st_size
    rows = (
        Row(
            what="journal verify",
            value=duration(took),
            beside=duration(floor),
            ratio=took / floor,
            how=f"the command in its own process, processor time {work:.2f} s; beside: only read and hash the events",
        ),
        Row(
            what="its hash chain alone",
            value=duration(chain),
            beside=duration(took),
            ratio=chain / took,
            how="beside: journal verify, which also checks the derived tables and SQLite's integrity",
        ),
        Row(
            what="peak memory of journal verify",
            value=f"{peak / 1e6:.1f} MB",
            beside=f"{idle[2] / 1e6:.1f} MB",
            ratio=peak / idle[2],
            how="beside: `journal show` of one event",
        ),
        Row(
            what="open the journal at the start",
            value=duration(opened),
            beside=duration(took),
            ratio=opened / took,
            how="structure of the file, newest exported heads; beside: journal verify",
        ),
    )
    figures = {
        "verify s": took,
        "verify processor s": work,
        "read and hash s": floor,
        "chain s": chain,
        "verify peak bytes": peak,
        "show peak bytes": idle[2],
        "open s": opened,
    }
    return Section(
        title="Verify a journal",
        how=f"{events:,} events of {items:,} items, {size / 1e6:,.0f} MB",
        rows=rows,
        figures=figures,
    )


def command(*words: str) -> tuple[float, float, int]:
    """Return wall seconds, CPU seconds and peak memory in bytes of Python with these arguments."""
    measured = [sys.executable, "-c", _RUN, *words]
    code, seconds, work, peak = json.loads(subprocess.run(measured, stdout=subprocess.PIPE, check=True).stdout)
    if code:
        raise RuntimeError(f"{words} ended with {code}")
    return float(seconds), float(work), int(peak)


def _floor(path: Path) -> float:
    """Return the seconds to read every event and hash its bytes, unchecked."""
    began = perf_counter()
    with closing(open_reader(path)) as sql:
        for (payload,) in sql.execute("SELECT payload FROM events ORDER BY seq"):
            hashlib.sha256(payload).digest()
    return perf_counter() - began


def _chain(path: Path) -> float:
    """Return the seconds to recompute the hash chain."""
    began = perf_counter()
    with closing(open_reader(path)) as sql:
        hash_chain.verify(sql)
    return perf_counter() - began
