"""Generated faults against the nfcpy driver and its PN532, in virtual time: drivers/campaign.py for Type 2 labels.

Every operation ends by its deadline, with a result or with an error that fits the fault (`FAULTS`). Without a fault it
succeeds. Whatever an operation reports as done is in the emulator's memory. The other label never changes, and neither
does a page that the operation does not address. nfcpy's own waiting (`time.sleep` after a write and at the end) is
virtual too.
"""

from __future__ import annotations

import importlib.util
import logging
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from station.base.errors import ProtocolError, TagAbsent, TagRefused, TransportError
from station.base.settings import Reader
from station.domain.tag_image import Uid
from station.drivers.registry import driver
from tests.conftest import SOAK, FakeClock, missing
from tests.drivers.emulator_process import Stranger, VirtualLine
from tests.support.nfcpy_peer import BADGE, OTHER

TARGET, BYSTANDER = Uid(BADGE), Uid(OTHER)
BOTH = (TARGET, BYSTANDER)
WELL = {"do": "couple", "uid": TARGET, "heard": 1, "of": 1}
"""The tag hears every request."""
PAGES, SIZE = 36, 4
USER = 4 * SIZE
"""Bytes before the user memory."""
SEEDS = 300 if SOAK else 50
SOAK_SEEDS = int(os.environ.get("STATION_CAMPAIGN", "10000"))
OPERATION_MS = 5000
TEARS = ("old", "new", "any", "subset", "erased0")
_SILENT, _GARBLED, _ABSENT = "reader-silent", "protocol-remote", "tag-absent"
FAULTS: dict[str, set[str]] = {
    # Permitted outcomes besides "done", by fault.
    "none": set(),
    "drop-answer": {_SILENT},
    "drop-request": {_SILENT},
    "late-answer": {_SILENT},
    "reboot-at-command": {_SILENT},
    "silence": {_SILENT},
    "jammed": {_SILENT},
    "truncate-answer": {_SILENT},  # the driver waits for the rest of the frame
    "drop-bytes": {_SILENT, _GARBLED},
    "garble-answer": {_GARBLED, _SILENT},  # a flipped bit in the frame's start or length: not a frame
    "duplicate-answer": set(),
    "garbage": set(),  # bytes that are not a frame are skipped
    "wrong-address": {_GARBLED},
    "overflow": {"reader-refused", _GARBLED},
    # 01 is the chip's "the tag did not answer in time", 02 a wrong CRC. Commands without a status take either for data.
    "status": {_ABSENT, _GARBLED, "reader-refused"},
    "couple": {_ABSENT},
    "lift-at-command": {_ABSENT},
    "lift-after-writes": {_ABSENT},
    "lift-in-block": {_ABSENT},
    "unplug": {"port-lost"},
    "unplug-at-command": {"port-lost"},
    "pulled": {"port-lost"},
}


class Labels:
    """One emulator and many schedules."""

    def __init__(self, folder: Path) -> None:
        self.stranger = Stranger("pn532", folder)
        self.clock = FakeClock()
        self.outcomes: Counter[str] = Counter()
        self.line: VirtualLine | None = None
        self._known: dict[Uid, bytes] = {}
        self._on_pad: set[str] = set()
        settings = Reader(driver="nfcpy", operation_ms=OPERATION_MS)
        self.reader = driver("nfcpy").make(self._open, self.clock, settings)

    def _open(self) -> VirtualLine:
        self.line = VirtualLine(self.stranger, self.clock)
        return self.line

    def close(self) -> None:
        self.reader.close()
        self.stranger.close()

    def run(self, seed: int) -> None:
        """Run one schedule; raise AssertionError with the seed and its operations when an invariant is broken."""
        chance = random.Random(seed)
        tags = [
            {"do": "create", "uid": uid, "chip": "ntag213", "user": chance.randbytes(PAGES * SIZE).hex(), "place": True}
            for uid in BOTH
        ]
        self.stranger.do_all({"do": "clear-faults"}, {"do": "plug"}, *({**tag, "replace": True} for tag in tags))
        self._look()
        self.reader.reconnect()
        story: list[str] = []
        for _ in range(chance.randrange(2, 6)):
            fault = self._arm(chance)
            try:
                self._step(chance, fault, story)
            except AssertionError as error:
                raise AssertionError(f"seed {seed}: {'; '.join(story)}") from error

    def _look(self) -> dict[Uid, bytes]:
        """Read the memories and the tags on the pad; return the memories of the previous look."""
        before = self._known
        dumps = [{"do": "dump", "uid": uid} for uid in BOTH]
        _, state, *told = self.stranger.do_all({"do": "settle"}, {"do": "state"}, *dumps)
        self._on_pad = set(state["on_pad"])
        self._known = {uid: bytes.fromhex(one["tag"]["memory"]) for uid, one in zip(BOTH, told, strict=True)}
        return before

    def _step(self, chance: random.Random, fault: str, story: list[str]) -> None:
        kind = chance.choice(("inventory", "read", "read", "write", "write", "system"))
        first = chance.randrange(PAGES - 1)
        count = chance.randrange(1, min(8, PAGES - first))
        data = chance.randbytes(count * SIZE)
        story.append(f"{fault}: {kind} {count} from {first}")
        began = self.clock.seconds
        try:
            said = self._act(kind, first, count, data)
            ended = "done"
        except (TransportError, ProtocolError, TagAbsent, TagRefused) as error:
            said, ended = None, error.code
        self.outcomes[ended] += 1
        assert self.clock.seconds - began <= OPERATION_MS / 1000 + 0.1, f"{self.clock.seconds - began} s"
        assert ended == "done" or ended in FAULTS[fault], f"{ended} after {fault}"
        before, after = self._look(), self._known
        at, end = USER + first * SIZE, USER + (first + count) * SIZE
        assert after[BYSTANDER] == before[BYSTANDER], "the other tag has changed"
        whole = slice(0) if kind == "write" else slice(at, end)
        kept = (after[TARGET][:at], after[TARGET][whole], after[TARGET][end:])
        assert kept == (before[TARGET][:at], before[TARGET][whole], before[TARGET][end:]), "another page has changed"
        if ended == "done":
            self._true(kind, said, after[TARGET][at:end], data, fault)
        places = [{"do": "place", "uid": uid} for uid in BOTH]
        self.stranger.do_all({"do": "clear-faults"}, {"do": "plug"}, WELL, *places)
        if self.line is not None:
            self.line.jammed_at = 0
        if ended not in ("done", _ABSENT) or fault in ("unplug", "unplug-at-command", "pulled"):
            self.reader.reconnect()

    def _act(self, kind: str, first: int, count: int, data: bytes) -> Any:
        if kind == "inventory":
            return self.reader.inventory().uids
        if kind == "system":
            return self.reader.system_information(TARGET).block_count
        if kind == "read":
            return self.reader.read_blocks(TARGET, first, count).data
        return self.reader.write_blocks(TARGET, first, data, SIZE)

    def _true(self, kind: str, said: Any, there: bytes, data: bytes, fault: str) -> None:
        if kind == "read":
            assert said == there
        elif kind == "write":
            assert there == data
        elif kind == "system":
            assert said == PAGES
        elif not FAULTS[fault]:
            assert said == self._on_pad
        else:  # a chip that reports no tag ends the look; a tag that stays while the other is lifted is seen
            assert said <= set(BOTH)
            assert said >= self._on_pad or not fault.startswith("lift")

    def _arm(self, chance: random.Random) -> str:
        """Arm a fault within the next sixty exchanges, more than an operation has: some faults are still armed at its
        end.
        """
        kind = chance.choice(("none", "none", *FAULTS))
        n = chance.randrange(1, 60)
        do = self.stranger.do
        match kind:
            case "none":
                pass
            case "late-answer":
                do(kind, n=n, ms=5000)
            case "truncate-answer":
                do(kind, n=n, keep=chance.randrange(8))
            case "drop-bytes":
                do(kind, n=n, count=chance.randrange(1, 4))
            case "garbage":
                do(kind, n=n, where=chance.choice(("before", "behind")))
            case "status":
                do(kind, n=n, code=chance.choice((0x01, 0x02)), execute=chance.random() < 0.5)
            case "couple":
                of = chance.randrange(1, 6)
                do(kind, uid=TARGET, heard=chance.randrange(of + 1), of=of)
            case "lift-at-command":
                do(kind, n=n, uid=chance.choice(BOTH))
            case "lift-after-writes":
                do(kind, n=chance.randrange(1, 5), mode=chance.choice(TEARS))
            case "lift-in-block":
                do(kind, block=str(4 + chance.randrange(PAGES)), bytes=chance.randrange(SIZE + 1))
            case "silence":
                do(kind, on=True)
            case "unplug":
                do(kind)
            case "unplug-at-command":
                do(kind, n=n, **({"keep": chance.randrange(12)} if chance.random() < 0.7 else {}))
            case "jammed":
                assert self.line is not None
                self.line.jammed_at = n
            case "pulled":
                assert self.line is not None
                self.line.lost_after = chance.randrange(400)
            case _:
                do(kind, n=n)
        return kind


@pytest.fixture
def labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Labels]:
    if importlib.util.find_spec("nfc") is None:
        missing("nfcpy")
    import nfc.clf.pn53x
    import nfc.clf.pn532

    labels = Labels(tmp_path)
    virtual = SimpleNamespace(sleep=labels.clock.pause, time=time.time)
    for module in (nfc.clf.pn532, nfc.clf.pn53x):
        monkeypatch.setattr(module, "time", virtual)
    logging.getLogger("station").setLevel(logging.CRITICAL)  # nfcpy logs each damaged frame
    yield labels
    logging.getLogger("station").setLevel(logging.NOTSET)
    labels.close()


def test_every_schedule_keeps_the_laws(labels: Labels) -> None:
    for seed in range(SEEDS):
        labels.run(seed)
    # Faults took effect, but not in every operation.
    assert labels.outcomes["done"] > SEEDS
    assert {"reader-silent", "protocol-remote", "tag-absent", "port-lost", "reader-refused"} <= set(labels.outcomes)


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_ten_thousand_schedules(labels: Labels) -> None:
    for seed in range(SEEDS, SEEDS + SOAK_SEEDS):
        labels.run(seed)
    print(f"nfcpy: {SOAK_SEEDS} schedules, operations by their end: {dict(labels.outcomes)}")
