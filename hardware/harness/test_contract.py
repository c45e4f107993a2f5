"""Run the contract, the same for every driver, on its emulator, on the recording of that run, and on recorded
devices."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest

from hardware.harness.ideal import outcomes
from hardware.harness.targets import TARGETS, UDP, Target, emulated, hands_of, play, run_on, settings_of
from station.base.clock import Clock
from station.drivers.harness import reading, writing
from station.drivers.harness.results import Report
from station.drivers.harness.suite import DEADLINE
from station.emulators.pytest_plugin import EmulatedReader
from tests.conftest import ROOT, FakeClock
from tests.support.fair import FairClock
from tests.support.virtual_udp import virtual_udp

ALL = {case.name for case in (*reading.CASES, *writing.CASES, DEADLINE)}
CAPTURES = sorted((ROOT / "hardware" / "captures").glob("*.report.json"))


def state(tag: dict[str, object]) -> dict[str, object]:
    return {name: tag.get(name) for name in ("memory", "afi", "dsfid", "eas", "locked", "afi_locked", "dsfid_locked")}


@pytest.mark.parametrize("target", [target for target in TARGETS if target.name != "3m-lri2k"], ids=str)
def test_a_driver_keeps_the_contract_on_its_emulator_and_on_the_recording(target: Target, tmp_path: Path) -> None:
    check(target, tmp_path, tmp_path / "run.jsonl")


def test_nfcpy_s_udp_device_keeps_the_contract(tmp_path: Path) -> None:
    """Run in virtual time: the device waits a second for each missing answer."""
    check(UDP, tmp_path, None)


@pytest.mark.soak
def test_every_other_target_too(tmp_path: Path) -> None:
    (target,) = [target for target in TARGETS if target.name == "3m-lri2k"]
    check(target, tmp_path, tmp_path / "run.jsonl")


@contextmanager
def clock_for(target: Target, reader: EmulatedReader) -> Iterator[Clock]:
    """Yield real time that allows for the emulator (`FairClock`); for nfcpy's udp device, which waits in nfcpy, virtual
    time."""
    if target is UDP:
        virtual = FakeClock()
        with virtual_udp(lambda: reader.do("settle"), virtual):
            yield virtual
    else:
        with closing(FairClock(reader.control)) as fair:
            yield fair


def check(target: Target, tmp_path: Path, capture: Path | None) -> None:
    with emulated(target) as reader:
        before = {tag.uid: state(tag._dump()) for tag in reader.tags}
        with clock_for(target, reader) as clock:
            suite = run_on(settings_of(target, reader), hands_of(target, reader), tmp_path, clock, capture)
        after = {tag.uid: state(tag._dump()) for tag in reader.tags}
        writes = reader.counters["air_writes"]
    wanted = {name: "skipped" if name in target.skips else "passed" for name in ALL}
    assert outcomes(suite) == wanted, suite.results
    assert after == before, "the written tag and the tag beside it are unchanged"
    assert suite.restored is not None and suite.restored.exact
    assert writes[target.uid], "the scratch tag was written"
    assert set(writes) == {target.uid}
    if capture is None:
        return
    played, replay = play(capture, suite.hands, tmp_path, FakeClock())
    assert outcomes(played) == wanted, played.results
    assert [result.detail for result in played.results] == [result.detail for result in suite.results]
    assert replay.done, "the whole recording was played"


NONE_YET = pytest.param(
    Path("none"), marks=pytest.mark.skip(reason="hardware/captures has no capture of a real device yet")
)


@pytest.mark.parametrize("path", CAPTURES or [NONE_YET], ids=lambda path: path.name)
def test_a_recorded_device_still_keeps_what_it_kept(path: Path, tmp_path: Path) -> None:
    """`path`: a report that `station harness --capture hardware/captures` wrote."""
    report = msgspec.json.decode(path.read_bytes(), type=Report)
    capture = path.with_name(path.name.replace(".report.json", ".jsonl"))
    played, _ = play(capture, list(report.hands), tmp_path, FakeClock())
    assert outcomes(played) == {result.case: result.outcome.value for result in report.results}
