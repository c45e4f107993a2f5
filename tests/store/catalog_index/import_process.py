"""An import in a separate process, which tests stop, kill and measure.

    python -m tests.store.catalog_index.import_process JSON

It prints a line for each report of progress, pauses at a requested record until it reads a line, and prints at its end
the report or the refusal as JSON, with its peak memory.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

from station.base.errors import StationError
from station.base.settings import CatalogSettings
from station.base.words import tell
from station.store.catalog_index import unfinished_import
from station.store.catalog_index.import_file import import_file
from station.store.catalog_index.unfinished_import import Progress
from tests.support import forked


def started(source: Path, index: Path, *, anew: bool = False, **options: Any) -> forked.Started:
    """Start the process. Options: pause_at (records), commit (records in a transaction), replace. `anew`: not forked,
    so that the figure for its memory is correct."""
    told = json.dumps({"source": str(source), "index": str(index), **options})
    return forked.start(
        told,
        module="tests.store.catalog_index.import_process",
        anew=anew,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def ended(child: forked.Started) -> dict[str, Any]:
    """Let the process run to its end and return its last line."""
    out, _ = child.communicate("go on\n")
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


def main() -> None:
    told = json.loads(sys.argv[1])
    stopped: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: stopped.append(number))
    if "commit" in told:
        unfinished_import._COMMIT_RECORDS = told["commit"]  # type: ignore[misc]
        unfinished_import._COMMIT_BYTES = 1000 * told["commit"]  # type: ignore[misc]
    pauses = [told["pause_at"]] if "pause_at" in told else []
    notes: list[str] = []

    def progress(now: Progress) -> None:
        print(now.phase, now.records, flush=True)
        if pauses and now.records >= pauses[0]:
            pauses.clear()
            print("paused", flush=True)
            sys.stdin.readline()

    try:
        report = import_file(
            Path(told["source"]),
            Path(told["index"]),
            "symphony-949",
            CatalogSettings(),
            progress=progress,
            should_stop=lambda: bool(stopped),
            note=notes.append,
            replace=told.get("replace", False),
        )
        last: dict[str, Any] = {"records": report.records, "items": report.items, "replaced": report.replaced}
        last["deleted"], last["duplicates"] = report.deleted, report.duplicate_count
        last["rejected"], last["without"] = report.rejected_count, report.without_items
    except StationError as error:
        last = {"refused": tell(error.detail)}
    print(json.dumps({**last, "notes": notes, "memory": most_memory()}), flush=True)


def most_memory() -> int:
    """Return the peak memory in bytes. On Linux this is not `getrusage`, whose figure begins with that of the parent
    process (getrusage(2), "preserved across execve"), but this process's own high-water mark in /proc
    (proc_pid_status(5), VmHWM)."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    main()
