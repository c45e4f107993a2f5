"""The courier: its share of requests under a backlog, look-ups during that, and its start with a hundred thousand
deliveries waiting.

The rate is counted where requests arrive: in the emulated library system's own log. The long backlog runs on a
simulated clock, because ten thousand deliveries at five requests per second take more than two hours.
"""

from __future__ import annotations

import json
import random
import socket
import subprocess
import sys
import time
import tracemalloc
from bisect import bisect_left
from pathlib import Path
from typing import Any, Final

from benchmarks.report import Row, Section, duration, median
from station.base import settings
from station.base.clock import SystemClock
from station.base.credentials import Secret
from station.base.errors import BarcodeUnknown
from station.domain.deliveries.delivery import Check, Confirmation, Delivery, NewDelivery, Receipt, Sending, unwitnessed
from station.domain.deliveries.intents import KINDS, ResultIntent
from station.domain.events import StationStarted
from station.domain.item import Barcode, ItemRecord
from station.domain.verdict import Verdict
from station.store.database.database import open_writer
from station.store.journal.journal import JournalStore
from station.store.journal.outbox import OutboxStore
from station.store.owner import open_store
from station.sync.alma.system import Alma
from station.sync.courier.courier import Courier
from station.sync.courier.rate_limit import RateLimit
from station.sync.courier.shared_quota import SharedQuota
from station.sync.courier.thread import CourierThread

SHARE: Final = 5
"""Requests per second."""
REQUESTS: Final = 5
"""Requests for one result at Alma: the search, the item, the item again, the change, the item once more."""
LATENCY_MS: Final = 150
_BATCH: Final = 1000


class TurnedClock:
    """Clock that only `pause` advances."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        """Return the simulated seconds."""
        return self.seconds

    def now(self) -> str:
        """Return a fixed time of day for the journal."""
        return "2026-11-25T12:00:00.000000+00:00"

    def day(self, ahead: int = 0) -> str:
        return f"2026-11-{25 + min(ahead, 5):02}"

    def pause(self, seconds: float) -> None:
        """Advance the clock."""
        self.seconds += seconds


class Paced:
    """A library system with Alma's rate limit that answers without delay."""

    name = "alma"
    side_by_side = 4
    kinds = KINDS

    def __init__(self, clock: TurnedClock) -> None:
        self._clock = clock
        self._rate_limit = RateLimit(SHARE, clock)
        self.stamps: list[float] = []

    def look_up(self, barcode: Barcode) -> ItemRecord:
        """Raise `BarcodeUnknown`: this system has no items."""
        raise BarcodeUnknown(barcode)

    def deliver(self, delivery: Delivery, sending: Sending = unwitnessed) -> Receipt:
        """Make five requests; the fourth follows the third at once."""
        for number in range(REQUESTS):
            if number == 3:
                sending(delivery.id)
                self._rate_limit.spend()
            else:
                self._rate_limit.take(2 if number == 2 else 1)
            self.stamps.append(self._clock.seconds)
        return Receipt()

    def confirm(self, _delivery: Delivery) -> Confirmation:
        """Return LANDED, because no delivery is lost here."""
        return Confirmation.LANDED

    def check(self) -> tuple[Check, ...]:
        """Return (): there is nothing to check."""
        return ()


def section(folder: Path, backlog: int, waiting: int, seconds: float) -> Section:
    """Run `backlog` deliveries on the simulated clock, a start with `waiting`, and `seconds` of real work with the
    emulator."""
    rows: list[Row] = []
    figures: dict[str, float] = {}
    _turned(folder / "turned.db", backlog, rows, figures)
    _start(folder / "start.db", waiting, rows, figures)
    _real(folder, seconds, rows, figures)
    how = f"share {SHARE} requests/s, {REQUESTS} requests a delivery, {LATENCY_MS} ms an answer, 4 lanes side by side"
    return Section(title="Outbox and courier", how=how, rows=tuple(rows), figures=figures)


def _fill(journal: JournalStore, count: int) -> None:
    for first in range(0, count, _BATCH):
        journal.record(
            StationStarted(version="bench", station="bench"),
            deliveries=[
                NewDelivery("alma", f"{number:014}", _result(f"{number:014}"))
                for number in range(first, min(count, first + _BATCH))
            ],
        )


def _result(barcode: str) -> ResultIntent:
    return ResultIntent(barcode=barcode, uid="E004015012345678", part=1, parts=1, verdict=Verdict.PASS)


def _turned(path: Path, backlog: int, rows: list[Row], figures: dict[str, float]) -> None:
    clock = TurnedClock()
    sql = open_writer(path)
    try:
        journal = JournalStore(sql, clock)
        _fill(journal, backlog)
        system = Paced(clock)
        courier = Courier(OutboxStore(sql, journal), {"alma": system}, clock, random.Random(1))
        began = time.perf_counter()
        while courier.step() == 0.0:
            pass
        took = time.perf_counter() - began
    finally:
        sql.close()
    if len(system.stamps) != backlog * REQUESTS:
        raise RuntimeError("not all of the backlog was delivered")
    used = (len(system.stamps) - SHARE) / (system.stamps[-1] - system.stamps[0]) / SHARE
    most = most_in_a_second(system.stamps)
    figures |= {
        "share used, backlog": used,
        "most in a second, backlog": most,
        "courier ms a delivery": took / backlog * 1e3,
    }
    rows.append(Row(what=f"share used, {backlog:,} waiting", value=f"{used:.1%}", beside=">= 95 %", how="turned clock"))
    rows.append(Row(what="most requests in any second", value=str(most), beside=f"<= {SHARE}", how="turned clock"))
    rows.append(
        Row(
            what="courier and store, each delivery",
            value=duration(took / backlog),
            how="lease, witness, settle: 3 commits",
        )
    )


def _start(path: Path, waiting: int, rows: list[Row], figures: dict[str, float]) -> None:
    sql = open_writer(path)
    try:
        journal = JournalStore(sql, TurnedClock())
        _fill(journal, waiting)
        clock = SystemClock()
        tracemalloc.start()
        began = time.perf_counter()
        outbox = OutboxStore(sql, journal)
        outbox.recover()
        courier = Courier(outbox, {"alma": Paced(TurnedClock())}, clock, random.Random(1))
        job, _ = courier.begin()
        took = time.perf_counter() - began
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    finally:
        sql.close()
    if job is None:
        raise RuntimeError("no delivery was leased")
    figures |= {"start s": took, "start peak bytes": peak}
    rows.append(
        Row(what=f"start with {waiting:,} waiting", value=duration(took), how="recover, count, lease the first")
    )
    rows.append(Row(what="memory of that start, peak", value=f"{peak / 1e6:.1f} MB", how="tracemalloc"))


def _real(folder: Path, seconds: float, rows: list[Row], figures: dict[str, float]) -> None:
    codes = [f"3123400000{number:04}" for number in range(int(seconds * SHARE) + 40)]
    items = {code: _item(code, 1000 + number) for number, code in enumerate(codes)}
    (folder / "items.json").write_text(json.dumps(items))
    command = [sys.executable, "-m", "station.emulators.library_systems.alma", "--items", str(folder / "items.json")]
    process = subprocess.Popen(
        [*command, "--control", str(folder / "c")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    if process.stdout is None or process.stdin is None:
        raise RuntimeError("no pipes")
    try:
        base_url = json.loads(process.stdout.readline())["base_url"]
        control = socket.socket(socket.AF_UNIX)
        control.connect(str(folder / "c"))
        lines = control.makefile("rwb")

        def do(what: str, **options: Any) -> dict[str, Any]:
            lines.write(json.dumps({"do": what, **options}).encode() + b"\n")
            lines.flush()
            answer: dict[str, Any] = json.loads(lines.readline())
            return answer

        do("slow", ms=LATENCY_MS)
        _drain(folder / "real.db", base_url, codes, seconds, rows, figures)
        stamps = [row["at"] for row in do("log")["requests"]]
        most, peak = most_in_a_second(stamps), do("log")["peak"]
        steady = [at for at in stamps if stamps[0] + 1.0 <= at < stamps[0] + seconds]
        used = len(steady) / (seconds - 1.0) / SHARE
        figures |= {"share used, real": used, "most in a second, real": most}
        rows.append(
            Row(what=f"share used, {seconds:.0f} s of work", value=f"{used:.1%}", beside=">= 95 %", how="real clock")
        )
        rows.append(
            Row(
                what="most requests in any second",
                value=str(max(most, peak)),
                beside=f"<= {SHARE}",
                how="the server's log",
            )
        )
        do("slow", ms=0)
        _look_ups(base_url, codes, rows, figures)
        lines.close()
        control.close()
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def _drain(
    path: Path, base_url: str, codes: list[str], seconds: float, rows: list[Row], figures: dict[str, float]
) -> None:
    clock = SystemClock()
    share = SharedQuota(path.with_suffix(".share"), clock)
    alma = Alma(
        settings.Alma(base_url=base_url, requests_per_second=SHARE), lambda: Secret("bench"), clock, quota=share
    )
    store = open_store(path, clock)
    waits: list[float] = []
    try:
        store.journal.record(
            StationStarted(version="bench", station="bench"),
            deliveries=[NewDelivery("alma", code, _result(code)) for code in codes],
        )
        courier = CourierThread(Courier(store.outbox, {"alma": alma}, clock, random.Random(1)), store.outbox)
        courier.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(seconds / 6)
            began = time.perf_counter()
            alma.look_up(Barcode(codes[0]))
            waits.append(time.perf_counter() - began)
        courier.stop()
    finally:
        store.close()
        alma.close()
    figures["look-up beside the backlog s"] = median(waits)
    rows.append(
        Row(what="look-up beside the backlog, p50", value=duration(median(waits)), how="2 requests of the same share")
    )


def _look_ups(base_url: str, codes: list[str], rows: list[Row], figures: dict[str, float]) -> None:
    clock = SystemClock()
    cold: list[float] = []
    warm: list[float] = []
    for _ in range(5):
        alma = Alma(settings.Alma(base_url=base_url, requests_per_second=20), lambda: Secret("bench"), clock)
        for number, code in enumerate(codes[:5]):
            began = time.perf_counter()
            alma.look_up(Barcode(code))
            (warm if number else cold).append(time.perf_counter() - began)
        alma.close()
    figures |= {"look-up cold s": median(cold), "look-up warm s": median(warm)}
    rows.append(
        Row(what="look-up cold, p50", value=duration(median(cold)), how="new connection, 2 requests, no latency")
    )
    rows.append(Row(what="look-up warm, p50", value=duration(median(warm)), how="kept connection, 2 requests"))


def _item(code: str, pid: int) -> dict[str, Any]:
    return {
        "bib_data": {"mms_id": "99", "title": "Bench"},
        "holding_data": {"holding_id": "22", "call_number": "QA 76", "call_number_type": {"value": "0", "desc": None}},
        "item_data": {
            "pid": str(pid), "barcode": code, "library": {"value": "MAIN", "desc": None}, "internal_note_3": "",
            "location": {"value": "stacks", "desc": None}, "policy": {"value": "A", "desc": None},
            "process_type": {"value": "", "desc": None}, "base_status": {"value": "1", "desc": None},
            "modification_date": "2020-01-01Z",
        },
        "link": "x",
    }  # fmt: skip


def most_in_a_second(stamps: list[float]) -> int:
    """Return the maximum number of stamps in any half-open second."""
    ordered = sorted(stamps)
    return max(bisect_left(ordered, at + 1.0 - 1e-9) - index for index, at in enumerate(ordered))
