"""Record the corpus: `python -m tests.golden.record`. This was done once, at commit 21120db; the script refuses to
repeat it."""

from __future__ import annotations

import contextlib
import gzip
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from station.base.clock import SystemClock
from station.base.errors import StationError
from station.base.settings import Reader
from station.domain.events import encode
from station.domain.ports import Signal
from station.domain.tag_image import Uid
from station.drivers.line.capture import FROM_READER, TO_READER, CapturingTransport, Recorder, load
from station.drivers.line.opening import open_line
from station.drivers.line.tcp import TCP
from station.drivers.registry import driver, make_reader
from station.store.owner import open_store
from tests.conftest import FakeClock
from tests.golden import doings, names
from tests.golden.corpus import CORPUS, JOURNAL
from tests.support import sample_events, station_process


def journal(path: Path) -> list[str]:
    """Return a journal with one event of each kind, and the events as stored."""
    store = open_store(path, FakeClock())
    for event in sample_events.ONE_OF_EACH:
        store.journal.record(event)
    store.close()
    return [encode(event).decode() for event in sample_events.ONE_OF_EACH]


def wire(kind: str, capture: Path) -> list[dict[str, str]]:
    """Record the main job, locks, EAS and refusals over one emulated reader: each request with its answer."""
    clock = SystemClock()
    with doings.reader(kind) as one:
        settings = Reader(driver=kind, port=f"{TCP}{one.port}", operation_ms=20_000)
        line = driver(kind).line(settings)
        recorder = Recorder(capture, clock, {})
        found = make_reader(settings, clock, lambda: CapturingTransport(open_line(line), recorder))
        first, second = (Uid(uid) for uid, _ in doings.LABELS)
        steps: list[Callable[[], object]] = [
            found.inventory,
            lambda: found.system_information(first),
            lambda: found.read_blocks(first, 0, 28),
            lambda: found.write_blocks(first, 2, bytes(range(16)), 4),
            lambda: found.read_blocks(first, 0, 8),
            lambda: found.write_afi(first, 0xC2),
            lambda: found.write_dsfid(first, 0x3E),
            lambda: found.lock_block(second, 5),
            lambda: found.write_blocks(second, 5, bytes(4), 4),
            lambda: found.read_blocks(second, 4, 3),
            lambda: found.read_eas(first),
            lambda: found.write_eas(first, True),
            lambda: found.read_eas(first),
            lambda: found.signal(next(iter(Signal))),
            found.reset_field,
            lambda: found.read_blocks(Uid("E00401500000FFFF"), 0, 1),
            found.inventory,
        ]
        found.reconnect()
        for step in steps:
            with contextlib.suppress(StationError):  # a refusal of the reader is part of the recorded exchange
                step()
        recorder.close()
    pairs: list[dict[str, str]] = []
    for each in load(capture).lines:
        if each.dir == TO_READER:
            pairs.append({"sent": each.hex, "answered": ""})
        elif each.dir == FROM_READER:
            pairs[-1]["answered"] += each.hex
    return pairs


def write(name: str, value: Any) -> None:
    """Write one file of the corpus, compressed without a date, so that equal content gives equal files."""
    data = json.dumps(value, indent=1, ensure_ascii=True, sort_keys=True).encode()
    (CORPUS / f"{name}.json.gz").write_bytes(gzip.compress(data, mtime=0))


def main() -> None:
    """Record all parts of the corpus."""
    if JOURNAL.exists():
        raise SystemExit("The corpus is there. It is never recorded again: name a difference in changes.toml.")
    with tempfile.TemporaryDirectory(prefix="st", dir="/tmp") as made, station_process.short_folder() as short:
        folder = Path(made)
        write("wire", {kind: wire(kind, folder / f"{kind}.jsonl") for kind in ("feig", "3m")})
        write("demo", doings.demo(short))
        write("names", {facet: read() for facet, read in names.FACETS.items()})
        write("tests", names.tests())
        (folder / "hostile").mkdir()
        write("calls", doings.calls(folder / "hostile"))
        write("events", journal(folder / "journal.db"))
        JOURNAL.write_bytes(gzip.compress((folder / "journal.db").read_bytes(), mtime=0))


if __name__ == "__main__":
    main()
