"""kill -9 at random points of scripted runs: journaled events persist, no tag reads as a wrong item, the run resumes.

A chain is one data directory: it is killed again and again until its kills are used up, and then must run to its end.
Half of the kills come after a random time, half after a random number of changes in the folder of the emulated tags.
These changes are writes over the air, so those kills hit a tag in the middle of its write.
"""

from __future__ import annotations

import json
import random
import subprocess
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.support import forked, station_process

NO_RESULT = (8, 14)
"""Items (modulo 15) of the stories that end without a verdict."""


class Chain:
    """One data directory, its seed and its counts."""

    def __init__(self, folder: Path, seed: int, items: int, *, fast: bool) -> None:
        self.folder, self.items, self.fast = folder, items, fast
        self.random = random.Random(seed)
        self.counts: Counter[str] = Counter()
        self.generation = 0
        self._begin()

    def run(self, kills: int) -> Counter[str]:
        """Kill this many times, check after each kill, then let the run finish."""
        while self.counts["kills"] < kills:
            process = station_process.start(self.folder, *self.command)
            if self._wait(process):
                station_process.kill(process)
                self.counts["kills"] += 1
                self.look()
            else:
                self._ended(station_process.Ended(process))
        self._ended(station_process.station(self.folder, *self.command))
        return self.counts

    def _ended(self, last: station_process.Ended) -> None:
        """Check a run that ended: everything must be as if no kill had happened. The chain then starts over."""
        assert last.code == 0, repr(last)
        assert [row["number"] for row in last.json["items"]] == list(range(1, self.items + 1))
        self.look()
        self.finished()
        self.counts["runs that came to their end"] += 1
        self._begin()

    def _begin(self) -> None:
        self.generation += 1
        self.data = self.folder / f"d{self.generation}"
        fast = ["--fast"] * self.fast
        self.command = ["demo", "--data", str(self.data), "--auto", str(self.items), "--json", *fast]
        self.originals: dict[str, str | None] = {}

    def _wait(self, process: forked.Started) -> bool:
        """Wait for the chosen point; return False if the run ended before it."""
        if self.random.random() < 0.5:
            try:
                process.wait(self.random.uniform(0.2, 3.0))
            except subprocess.TimeoutExpired:
                return True
            return False
        left = self.random.randrange(self.items * 2 + 1, self.items * 2 + 40)  # new tags change the folder too
        if (self.data / "tags").exists():
            left = self.random.randrange(1, 40)
        seen = -1
        while process.poll() is None:
            try:
                now = (self.data / "tags").stat().st_mtime_ns
            except FileNotFoundError:
                now = -1
            if now != seen:
                seen, left = now, left - 1
                if left <= 0:
                    return True
            time.sleep(0.0005)
        return False

    # --- what must hold at any time ---------------------------------------------------------------------------------

    def look(self) -> None:
        """Check that the journal verifies, results have their deliveries, and no tag reads as a wrong item."""
        if not (self.data / "journal.db").exists():
            self.counts["before the journal"] += 1
            return
        station_process.verified(self.folder, self.data)
        assert station_process.result_problems(self.data) == []
        with station_process.journal(self.data) as sql:
            self.counts["in mid-write"] += sql.execute("SELECT count(*) FROM attempts WHERE ended IS NULL").fetchone()[
                0
            ]
        self.counts["results seen"] += len(station_process.events(self.data, "item-judged"))
        for uid, tag in station_process.tag_files(self.data).items():
            self.counts["tags read"] += 1
            says = station_process.identifier(tag)
            first = self.originals.setdefault(uid, None if tag.get("writes") else says)
            number = (int(uid[8:], 16) - 0x10000) // 2
            assert says in (None, first, station_process.barcode(number)), f"{uid} reads as {says}"
            if says is None and tag.get("writes"):
                self.counts["incomplete tags"] += 1
        lines = Counter(line["delivery"] for line in _whole_lines(self.data))
        assert not [line for line, count in lines.items() if count > 1], "a result is twice in the file"

    def finished(self) -> None:
        """Check that every result is in each place exactly once."""
        wanted = sorted(
            station_process.barcode(n) for n in range(1, self.items + 1) if (n - 1) % 15 + 1 not in NO_RESULT
        )
        assert sorted(event["barcode"] for event in station_process.events(self.data, "item-judged")) == wanted
        assert sorted(line["barcode"] for line in station_process.results(self.data)) == wanted
        assert {row["state"] for row in station_process.deliveries(self.data)} == {"delivered"}
        alma = json.loads((self.data / "alma.json").read_text())
        for code in wanted:
            assert alma[code]["item_data"]["internal_note_3"].count("RFID [") == 1, code
        holders = Counter(station_process.identifier(tag) for tag in station_process.tag_files(self.data).values())
        for code in wanted:
            assert holders[code] >= 1, f"no tag holds {code}"


def _whole_lines(data: Path) -> list[dict[str, Any]]:
    path = data / "results.jsonl"
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    return [json.loads(line) for line in lines]


def chains(plans: list[tuple[int, int, int, bool]]) -> Counter[str]:
    """Run (seed, items, kills, fast) chains, two at a time."""

    def one(plan: tuple[int, int, int, bool]) -> Counter[str]:
        seed, items, kills, fast = plan
        with station_process.short_folder() as folder:
            return Chain(folder, seed, items, fast=fast).run(kills)

    total: Counter[str] = Counter()
    with ThreadPoolExecutor(2) as pool:
        for counts in pool.map(one, plans):
            total.update(counts)
    return total


@station_process.beside
def test_two_kills() -> None:
    counts = chains([(1, 3, 2, True)])
    assert counts["kills"] == 2


@pytest.mark.soak
def test_a_hundred_kills() -> None:
    counts = chains([(100 + number, 15, 10, number % 2 == 0) for number in range(10)])
    print(f"\nkill -9 of the station: {dict(counts)}; wrong tags 0, lost or doubled results 0")
    assert counts["kills"] == 100
    assert counts["in mid-write"] >= 10, "too few kills hit a write"
