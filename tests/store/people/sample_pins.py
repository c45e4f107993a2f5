"""PINs for tests: fast parameters, and a hasher that only counts its calls."""

from __future__ import annotations

from pathlib import Path

from station.base.credentials import Secret
from station.base.settings.people import People as Figures
from station.domain.people.sign_on import Pin
from station.store.people.names import People
from station.store.people.pin_hash import PinHasher
from station.store.people.pins import Pins
from tests.conftest import FakeClock

QUICK = Figures(pin_memory_kib=8192, pin_passes=1, tries=3, delay_s=60, longest_delay_s=600, lock_after=8)
PEPPER = Secret("pepper")
RIGHT, WRONG = Pin("482913"), Pin("482914")


class PlainHasher(PinHasher):
    """Counts the calls without hashing, for thousands of tries."""

    def __init__(self) -> None:
        self.calls = 0

    @property
    def pepper_mark(self) -> str:
        return "mark"

    def make(self, worker: str, pin: Pin) -> str:
        return f"{worker}:{pin.text}"

    def verify(self, verifier: str, worker: str, pin: Pin) -> bool:
        self.calls += 1
        return verifier == f"{worker}:{pin.text}"

    def waste(self, pin: Pin) -> None:
        self.calls += 1

    def outdated(self, verifier: str) -> bool:
        return False


def pins_at(
    path: Path, clock: FakeClock, *, hasher: PinHasher | None = None, boot: str = "boot-1", figures: Figures = QUICK
) -> Pins:
    return Pins(People(path), lambda: hasher or PlainHasher(), figures, clock, boot)
