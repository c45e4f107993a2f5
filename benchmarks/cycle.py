"""The complete cycle of one blank tag (inventory, read, plan, write, verify, AFI), divided by the minimum counted by
hand.

Real: bench, driver, owner threads, pty, emulator (a separate process, real clock), journal on disk. The wall time runs
from the beginning of the first look at the pad that sees the tag until the event TagWriteVerified is committed. The
divisor comes from `minimum`, whose list is counted by hand and never made from traffic.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks import minimum, minimum_threem
from benchmarks.report import Row, Section, duration, median
from station.base.clock import SystemClock
from station.base.settings import Library, Reader, Settings
from station.bench.bench import Bench
from station.bench.bench_ports import BenchPorts
from station.catalog.sample.sample import numbered, numbered_barcode
from station.demo.process import Emulator
from station.domain.commands import Scan
from station.domain.deliveries.delivery import NewDelivery
from station.domain.events import AnyEvent, TagWriteVerified
from station.domain.inventory import Inventory
from station.domain.ports import Journal, StationStatus
from station.domain.ports import Reader as BareReader
from station.domain.snapshot import Phase, Snapshot
from station.drivers.registry import reader_owner
from station.quality.rules import Catalogue
from station.runtime import library_systems as systems_of
from station.runtime.data_directory import CATALOG, HEADS, JOURNAL
from station.store.catalog_index.import_file import import_file
from station.store.owner import open_store

ISIL: Final = "US-ImagCC"

CONTENT_BYTES: Final = 8 + 3 + 9 + 3 + 3
"""The elements on the tag, counted by hand from ISO 28560-2 and ISO/IEC 15962, each with precursor and length byte:

1 primary item identifier, 14 digits beginning with 3098: integer compaction, below 2**45 = 6 bytes: 2 + 6 = 8
2 content parameter: bits for elements 3, 4, 5, one byte: 2 + 1 = 3
3 owner institution US-ImagCC, ISIL code: U S - I 5 bits each, m with a latch 10, a g 5 each, C with a latch 10, C 5,
  55 bits = 7 bytes: 2 + 7 = 9
4 set information "11", integer compaction, one byte: 2 + 1 = 3
5 type of usage, one octet: 2 + 1 = 3
"""
CONTENT_BLOCKS: Final = -(-CONTENT_BYTES // minimum.BLOCK)


class Times(msgspec.Struct):
    """Times that the proxies recorded for one item."""

    began: float = 0.0
    ended: float = 0.0
    gate: float = 0.0
    silence: float = 0.0
    counters: dict[str, Any] = msgspec.field(default_factory=dict)


class TimedReader:
    """The station's reader; records the start of the first look that saw a tag."""

    def __init__(self, reader: BareReader) -> None:
        self._reader = reader
        self.times = Times()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)

    def inventory(self) -> Inventory:
        began = time.perf_counter()
        seen = self._reader.inventory()
        if seen.tags and not self.times.began:
            self.times.began = began
        return seen


class TimedJournal:
    """The station's journal; records when the verified write was committed, and reads the emulator's counters at that
    moment."""

    def __init__(self, journal: Journal, note: Callable[[Times], None]) -> None:
        self._journal = journal
        self._note = note
        self.times = Times()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def record(self, *events: AnyEvent, deliveries: Sequence[NewDelivery] = ()) -> int:
        seq = self._journal.record(*events, deliveries=deliveries)
        if any(isinstance(event, TagWriteVerified) for event in events):
            self.times.ended = time.perf_counter()
            self._note(self.times)
        return seq


class PausedClock(SystemClock):
    """The machine's clock; adds up the intentional waits."""

    def __init__(self) -> None:
        self.waited = 0.0

    def pause(self, seconds: float) -> None:
        began = time.perf_counter()
        super().pause(seconds)
        self.waited += time.perf_counter() - began


QUIET_S: Final = 0.01
"""Seconds between the last look at the empty pad and the one that sees the tag. In a station this is `reader.poll_ms`.
So no driver's silence between two looks counts toward the item."""


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One item. Seconds."""

    wall: float
    gate: float
    """Waits between the looks of the gate."""
    silence: float
    """Waits of the driver before new frames (PSST)."""
    emulator: dict[str, float]
    commands: dict[str, int]


class Kind(msgspec.Struct, frozen=True):
    """A reader for the measurement of the cycle."""

    title: str
    how: str
    module: str
    options: tuple[str, ...]
    settings: dict[str, Any]
    listed: tuple[minimum.Exchange, ...]


_NAMES: Final = {
    "fe": "inventory",
    "0d": "tag information",
    "02": "read blocks",
    "04": "write blocks",
    "0b": "write DSFID",
    "09": "write AFI",
    "14": "pass-through",
    "b001": "inventory",
    "b02b": "system information",
    "b023": "read blocks",
    "b02c": "security status",
    "b024": "write blocks",
    "b029": "write DSFID",
    "b027": "write AFI",
    "69": "RF reset",
}


FEIG: Final = Kind(
    title="1. The whole cycle",
    how="38400 baud 8E1",
    module="feig",
    options=("--baud", str(minimum.BAUD)),
    settings={},
    listed=minimum.cycle(CONTENT_BLOCKS),
)
THREEM: Final = Kind(
    title="1a. The whole cycle on a 3M 810",
    how="19200 baud 8N1, as delivered; 5 ms of silence where a doubled answer could be taken for the next one are ours, and no "
    "field reset is possible",
    module="threem",
    options=(),
    settings={"driver": "3m"},
    listed=minimum_threem.cycle(CONTENT_BLOCKS),
)


def section(runs: int, kind: Kind = FEIG) -> Section:
    """Write this many tags through the real driver, and compare with the list."""
    listed = kind.listed
    least = sum(exchange.seconds for exchange in listed)
    measured = measure(runs, kind)
    wall = median([run.wall for run in measured])
    rows = [
        Row(what="blank tag to verified", value=duration(wall), beside=duration(least), ratio=wall / least),
    ]
    figures = {
        "ms": wall * 1e3,
        "minimum ms": least * 1e3,
        "ratio": wall / least,
    }
    for name, mine, beside, how in _spent(measured, listed, wall):
        figures[f"{name} ms"] = mine * 1e3
        figures[f"{name} minimum ms"] = beside * 1e3
        rows.append(Row(what=f"  {name}", value=f"{mine * 1e3:.1f} ms", beside=f"{beside * 1e3:.1f} ms", how=how))
    for command, extra in sorted(_beyond(measured, listed).items()):
        figures[f"beyond the list: {command}"] = extra
        rows.append(Row(what=f"  beyond the list: {command}", value=f"{extra:+d}", how="exchanges a tag"))
    return Section(
        title=kind.title,
        how=f"median of {runs} blank ICODE SLIX, {CONTENT_BLOCKS} blocks of content, {kind.how}, real clock, "
        "pty, journal on disk; beside: exchanges counted by hand x formulas",
        rows=tuple(rows),
        figures=figures,
    )


def _spent(
    runs: Sequence[Run], listed: Sequence[minimum.Exchange], wall: float
) -> tuple[tuple[str, float, float, str], ...]:
    """Return (part, seconds measured, seconds in the list, method). Measured ones are medians, so they need not add up
    exactly."""
    counted = {kind: median([run.emulator[kind] for run in runs]) for kind in ("wire", "air", "tprog", "gap")}
    gate = median([run.gate for run in runs])
    silence = median([run.silence for run in runs])
    rest = wall - counted["wire"] - counted["air"] - counted["tprog"] - gate - silence
    return (
        ("wire", counted["wire"], sum(e.wire for e in listed), "counted by the emulator"),
        ("air", counted["air"], sum(e.air for e in listed), "counted by the emulator, RF resets included"),
        ("programming", counted["tprog"], sum(e.tprog for e in listed), "counted by the emulator"),
        (
            "silence before frames",
            silence,
            sum(e.gap for e in listed),
            "waited by the driver",
        ),
        ("gate", gate, sum(e.rest for e in listed), "the rest of 100 ms between two looks"),
        ("software and waking up", rest, 0.0, "all else"),
    )


def _beyond(runs: Sequence[Run], listed: Sequence[minimum.Exchange]) -> dict[str, int]:
    """Return the exchanges that the median run has more (or fewer) than the list, by name."""
    sent = sorted(runs, key=lambda run: run.wall)[len(runs) // 2].commands
    wanted = Counter(exchange.command for exchange in listed if exchange.command)
    extra = {name: sent.get(name, 0) - wanted[name] for name in sorted({*sent, *wanted})}
    return {_NAMES.get(name, name): count for name, count in extra.items() if count}


def measure(runs: int, kind: Kind = FEIG) -> tuple[Run, ...]:
    """Encode this many blank tags."""
    with tempfile.TemporaryDirectory(prefix="station-bench-") as name:
        folder = Path(name)
        settings = Settings(library=Library(isil=ISIL), reader=Reader(port=str(folder / "reader"), **kind.settings))
        _import(folder, settings, runs + 1)
        memory = folder / "tags"
        memory.mkdir()
        options = ["--link", str(folder / "reader"), "--memory", str(memory), "--control", str(folder / "control")]
        options += ["--clock", "real", "--no-drip", "--tprog", str(minimum.TPROG * 1e3), *kind.options]
        emulator = Emulator(kind.module, options, folder / "emulator.log")
        try:
            return _encode(runs, folder, settings, emulator)
        finally:
            emulator.stop()


def _import(folder: Path, settings: Settings, count: int) -> None:
    source = folder / "catalog.mrc"
    source.write_bytes(numbered(count))
    import_file(
        source,
        folder / CATALOG,
        settings.catalog.profile,
        settings.catalog,
    )


def _encode(runs: int, folder: Path, settings: Settings, emulator: Emulator) -> tuple[Run, ...]:
    store = open_store(folder / JOURNAL, SystemClock(), head_directory=folder / HEADS)
    driver_clock, bench_clock = PausedClock(), PausedClock()
    owner = reader_owner(settings.reader, driver_clock)
    owner.start()
    try:
        reader = TimedReader(owner.reader)

        def note(times: Times) -> None:
            times.gate, times.silence = bench_clock.waited, driver_clock.waited
            times.counters = emulator.call("counters")

        journal = TimedJournal(store.journal, note)
        snapshots: list[Snapshot] = []
        numbers = iter(range(1, 10**6))
        bench = Bench(
            BenchPorts(
                reader=reader,
                catalog=systems_of.catalog_index(settings, folder),
                journal=_as_journal(journal),
                clock=bench_clock,
                settings=settings,
                rules=Catalogue((), ()),
                systems=("file",),
                new_id=lambda: f"{next(numbers):032x}",
                publish=snapshots.append,
                status=lambda viewer: StationStatus(lately=store.queries.seen_by(viewer).lately()),
            )
        )
        bench.tick()
        found = []
        for number in range(1, runs + 2):
            uid = f"E0040150{number:08X}"
            emulator.call("create", uid=uid, chip="slix")
            bench.handle(Scan(numbered_barcode(number)))
            if snapshots[-1].phase is not Phase.NEED_TAG:
                raise RuntimeError(f"the bench does not wait for a tag: {snapshots[-1]}")
            reader.times = journal.times = times = Times()
            bench_clock.pause(QUIET_S)
            emulator.call("place", uid=uid)
            emulator.call("reset-counters")
            driver_clock.waited = bench_clock.waited = 0.0
            bench.tick()
            if not times.began or not times.ended:
                raise RuntimeError(f"the tag was not written: {snapshots[-1]}")
            found.append(
                Run(
                    wall=times.ended - times.began,
                    gate=times.gate,
                    silence=times.silence,
                    emulator=times.counters["seconds"],
                    commands=times.counters["commands"],
                )
            )
            emulator.call("lift")
            bench.tick()
            bench.tick()
        return tuple(found[1:])  # the first run is a warm-up
    finally:
        owner.stop()
        store.close()


def _as_journal(journal: Any) -> Journal:
    """Cast the proxy, which has every method of the protocol through `__getattr__`."""
    found: Journal = journal
    return found
