"""A scripted operator: performs the steps of a person for each item, and observes the outcome.

It uses only the means of a person: commands to the bench, actions at the imaginary bench, and the snapshots.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

import msgspec

from station.base.words import tell
from station.demo.process import Emulator
from station.demo.shelf import DemoTag
from station.domain.commands import Answer, Cancel, Choose, Scan
from station.domain.findings import Outcome
from station.domain.ports import BenchPort
from station.domain.snapshot import Phase, Snapshot

PATIENCE: Final = 90.0
"""Seconds that the operator waits for anything."""


class Disappointed(Exception):
    """An expected state was not reached in time. The text names it and the actual state."""


class Eyes:
    """Observes every snapshot and waits for a matching one. Short-lived snapshots are not missed."""

    def __init__(self, bench: BenchPort) -> None:
        self._condition = threading.Condition()
        self._latest = bench.snapshot
        self._seen: list[Snapshot] = [bench.snapshot]
        self._end = bench.subscribe(self._see)

    def _see(self, snapshot: Snapshot) -> None:
        with self._condition:
            self._latest = snapshot
            self._seen.append(snapshot)
            self._condition.notify_all()

    def close(self) -> None:
        """End the subscription."""
        self._end()

    def forget(self) -> None:
        """Forget the snapshots seen so far, except the latest."""
        with self._condition:
            self._seen = [self._latest]

    def wait(self, what: str, fits: Callable[[Snapshot], bool], seconds: float = PATIENCE) -> Snapshot:
        """Return the first matching snapshot since `forget`. Raises `Disappointed` if no snapshot arrives for
        `seconds`."""
        with self._condition:
            at = 0
            while True:
                for snapshot in self._seen[at:]:
                    if fits(snapshot):
                        return snapshot
                at = len(self._seen)
                if not self._condition.wait(seconds):
                    last = self._latest
                    fault = last.fault.code if last.fault else tell("demo.no-fault")
                    raise Disappointed(
                        tell("demo.waited", what=what, phase=last.phase.value, fault=fault, prompt=tell(last.prompt))
                    )


class Seen(msgspec.Struct, frozen=True):
    """Outcome of one item."""

    outcome: str
    """"pass", "fail", or the code of the fault at which the item was set aside."""
    faults: tuple[str, ...] = ()


class Operator:
    """The scripted operator's actions and observations."""

    def __init__(self, bench: BenchPort, reader: Emulator, ils: Emulator | None) -> None:
        self.bench = bench
        self.reader = reader
        self.ils = ils
        self.eyes = Eyes(bench)

    # --- actions ----------------------------------------------------------------------------------------------------

    def scan(self, barcode: str) -> None:
        """Scan a barcode."""
        self.eyes.forget()
        self.bench.submit(Scan(barcode))

    def place(self, tag: DemoTag) -> None:
        """Put the item on the pad."""
        self.eyes.forget()
        self.reader.call("place", uid=tag.uid)

    def lift(self) -> None:
        """Take everything off the pad."""
        self.reader.call("lift", uid="all")

    def choose(self, choice: str) -> None:
        """Tap a choice."""
        self.eyes.forget()
        self.bench.submit(Choose(choice))

    # --- observations -----------------------------------------------------------------------------------------------

    def fault(self, code: str) -> Snapshot:
        """Wait for this fault."""
        return self.eyes.wait(
            tell("demo.wait.fault", code=code), lambda s: s.fault is not None and s.fault.code == code
        )

    def second_gesture(self) -> Snapshot:
        """After a tap on "overwrite", wait until the bench asks for the barcode again and offers to keep the tag
        instead."""
        return self.eyes.wait(
            tell("demo.wait.second"),
            lambda s: s.fault is not None and "keep" in {choice.id for choice in s.fault.choices},
        )

    def overwrite_if_asked(self, barcode: str) -> None:
        """Wait for the checks. If the bench asks about the tag first, overwrite it."""
        shown = self.eyes.wait(
            tell("demo.wait.phase", phase=Phase.CHECKING.value),
            lambda s: s.phase is Phase.CHECKING or (s.fault is not None and s.fault.code == "incomplete-tag"),
        )
        if shown.fault is not None:
            self.choose("overwrite")
            self.second_gesture()
            self.scan(barcode)

    def phase(self, phase: Phase) -> Snapshot:
        """Wait for this phase."""
        return self.eyes.wait(
            tell("demo.wait.phase", phase=phase.value), lambda s: s.phase is phase and s.fault is None
        )

    def judge(self, failing: str = "") -> str:
        """Answer the checklist: everything passes except the rule `failing`. Return the verdict."""
        shown = self.phase(Phase.CHECKING)
        for check in shown.checks[shown.current_check :]:
            bad = check.rule == failing
            outcome = Outcome.FAIL if bad else Outcome.PASS
            self.bench.submit(
                Answer(
                    check.rule,
                    outcome,
                    next(code for cover in check.covers for code, *_ in cover.reasons) if bad else "",
                )
            )
        done = self.eyes.wait(tell("demo.wait.verdict"), lambda s: s.number > shown.number and s.verdict is not None)
        return done.verdict.value if done.verdict is not None else ""

    def set_aside(self) -> None:
        """Set the item aside."""
        self.eyes.forget()
        self.bench.submit(Cancel())
        self.eyes.wait(tell("demo.wait.free"), lambda s: s.phase in (Phase.IDLE, Phase.NEED_SCAN) and s.item is None)

    def set_aside_quietly(self) -> None:
        """Set the current item aside, if any, without waiting."""
        self.bench.submit(Cancel())

    def clear(self) -> None:
        """Empty the pad, and wait until the station has noticed it: three inventories, of which the first may have
        begun earlier."""
        self.lift()
        self.eyes.forget()
        self.eyes.wait(tell("demo.wait.reader"), lambda s: s.reader_ready)
        before = self._inventories()
        deadline = time.monotonic() + PATIENCE
        while self._inventories() < before + 3:
            if time.monotonic() > deadline:
                raise Disappointed(tell("demo.waited-look"))
            time.sleep(0.02)

    def _inventories(self) -> int:
        """Return the number of inventory commands that the reader has received."""
        return int(self.reader.call("counters")["commands"].get("b001", 0))
