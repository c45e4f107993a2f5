"""Targets of the contract that need no device: emulated readers in separate processes, and recordings."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from station.base.clock import Clock
from station.base.settings import Reader
from station.drivers.harness.hands import Hands, Played, Wish
from station.drivers.harness.playing import as_recorded, how
from station.drivers.harness.results import Answer
from station.drivers.harness.subject import Sent, Subject, counting
from station.drivers.harness.suite import Suite
from station.drivers.line.capture import Recorder, load, recording
from station.drivers.line.opening import opener
from station.drivers.line.replay import Replay
from station.drivers.line.serial import Transport
from station.drivers.registry import DRIVERS, driver, make_reader
from station.emulators.pytest_plugin import EmulatedReader
from tests.conftest import missing

from .ideal import HarnessOperator

ANSWER_MS: Final = 100


@dataclass(frozen=True)
class Target:
    """An emulated reader, its scratch tag, and the cases that are skipped on it."""

    name: str
    driver: str
    reader: str
    chip: str
    uid: str
    skips: frozenset[str]
    options: tuple[str, ...] = ()
    tag: dict[str, Any] = field(default_factory=dict)
    network: bool = False

    def __str__(self) -> str:
        return self.name


_NTAG: Final = frozenset({"afi", "dsfid", "eas"})

TARGETS: Final = (
    Target("feig-cpr-slix", "feig", "feig", "slix", "E004015000000001", frozenset(), tag={"locked": [5]}),
    Target(
        "feig-advanced-ti",
        "feig",
        "feig",
        "tag-it-hfi-plus",
        "E007000000000001",
        frozenset({"eas", "locked"}),
        ("--model", "mr102"),
        {"memory": "11223344" * 64},
        network=True,
    ),
    Target("3m-sli", "3m", "3m", "sli", "E004010000000001", frozenset(), tag={"locked": [0], "memory": "AA55" * 56}),
    Target("3m-lri2k", "3m", "3m", "lri2k", "E002200000000001", frozenset({"eas", "locked"})),
    Target("nfcpy-tty", "nfcpy", "pn532", "ntag213", "04A1B2C3D4E5F6", _NTAG),
)
UDP: Final = Target(
    "nfcpy-udp", "nfcpy", "nfcudp", "ntag213", "04A1B2C3D4E5F6", _NTAG | {"several", "unplugged", "silent"}
)
"""nfcpy's udp device cannot distinguish a missing peer from an empty field, and cannot report a collision of tags: no
datagram exists for either. It also waits a second for each missing answer (in virtual time here)."""
_LOCK_PAGE_10: Final = {"block": 2, "memory": "04480004"}
"""For the NTAG whose UID ends with E5F6: lock bytes (data sheet 8.5.2) that lock user page 6."""


class EmulatorsHands:
    """Moves the tags and the plug of an emulated reader by its control commands."""

    def __init__(self, emulated: EmulatedReader, scratch: str, other: str, *, plug: bool) -> None:
        self._emulated = emulated
        self._scratch, self._other = scratch, other
        self._plug = plug

    def do(self, wish: Wish) -> bool:
        """Return False for an action that a reader without a plug (nfcudp) cannot do."""
        reader = self._emulated
        match wish:
            case Wish.TWO if not self._plug:
                return False
            case Wish.EMPTY | Wish.SCRATCH | Wish.TWO:
                reader.do("lift")
                wanted = {Wish.EMPTY: (), Wish.SCRATCH: (self._scratch,), Wish.TWO: (self._other, self._scratch)}
                for uid in wanted[wish]:
                    reader.do("place", uid=uid)
                return True
            case Wish.UNPLUG | Wish.PLUG if self._plug:
                reader.do("unplug" if wish is Wish.UNPLUG else "plug")
                return True
            case Wish.DEAFEN | Wish.HEAR if self._plug:
                reader.do("silence", on=wish is Wish.DEAFEN)
                return True
        return False


@contextmanager
def emulated(target: Target) -> Iterator[EmulatedReader]:
    """Yield the reader, with the scratch tag and another tag in its drawer and an empty pad."""
    if target.driver == "nfcpy" and importlib.util.find_spec("nfc") is None:
        missing("nfcpy")
    reader = EmulatedReader(target.reader, network=target.network, options=target.options)
    try:
        reader.tags.add(target.uid, chip=target.chip, place=False, **target.tag)
        if target.chip == "ntag213":
            reader.do("poke", uid=target.uid, **_LOCK_PAGE_10)
        reader.tags.add(target.uid[:-4] + "0F0F", chip=target.chip, place=False)
        yield reader
    finally:
        reader.close()


def hands_of(target: Target, reader: EmulatedReader) -> Hands:
    """Return the hands that operate this reader."""
    return EmulatorsHands(reader, target.uid, target.uid[:-4] + "0F0F", plug=target.reader != "nfcudp")


def settings_of(target: Target, reader: EmulatedReader) -> Reader:
    """Return the settings that reach this reader."""
    prefix = "udp:" if target.reader == "nfcudp" else "tcp://" if target.network else ""
    frames = "advanced" if target.network else "auto"
    return Reader(driver=target.driver, port=prefix + reader.port, answer_ms=ANSWER_MS, frames=frames)


def run_on(settings: Reader, hands: Hands, folder: Path, clock: Clock, capture: Path | None = None) -> Suite:
    """Run the whole contract on the reader of these settings. Record the line to `capture`, if given."""
    line: Callable[[], Transport] = opener(driver(settings.driver).line(settings), clock, folder)
    recorder = None
    if capture is not None:
        recorder = Recorder(capture, clock, how(settings))
        line = recording(line, recorder)
    sent = None if settings.port.startswith("udp:") else Sent()
    if sent is not None:
        line = counting(line, sent)
    subject = Subject(make_reader(settings, clock, line), clock, settings, sent)
    suite = Suite(subject, hands, settings, HarnessOperator(folder))
    try:
        suite.run()
    finally:
        subject.close()
        if recorder is not None:
            recorder.close()
    return suite


def play(capture: Path, answers: list[Answer], folder: Path, clock: Clock) -> tuple[Suite, Replay]:
    """Run the whole contract on a recording of a run, in the recorded order."""
    made = load(capture)
    settings = as_recorded(made.meta)
    assert settings.driver in DRIVERS
    replay = Replay(made, clock)
    sent = Sent()
    subject = Subject(make_reader(settings, clock, counting(replay.connect, sent)), clock, settings, sent)
    suite = Suite(subject, Played(answers), settings, HarnessOperator(folder))
    try:
        suite.run()
    finally:
        subject.close()
    return suite, replay
