"""The lock between processes: refused with the holder's name, released, dropped by the kernel with a killed holder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from station.base.errors import SettingsMissing, StationBusy
from station.runtime.lock import LOCK_NAME, Holder, hold, holder
from tests.conftest import FakeClock
from tests.support.patience import PATIENCE_S
from tests.support.told import raises_told, told

_HOLD = """
import sys
from pathlib import Path
from station.runtime.lock import hold
with hold(Path(sys.argv[1])):
    sys.stdout.write("held\\n")
    sys.stdout.flush()
    sys.stdin.readline()
"""


def _other_process(data: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def _end(process: subprocess.Popen[str]) -> None:
    process.communicate("\n", timeout=PATIENCE_S)


def test_a_second_station_is_refused_naming_the_first(tmp_path: Path, clock: FakeClock) -> None:
    process = _other_process(tmp_path)
    try:
        with pytest.raises(StationBusy) as refused, hold(tmp_path, clock):
            pass
        assert f"Process {process.pid}" in told(refused.value.sentence)
        found = holder(tmp_path)
        assert found is not None
        assert found.pid == process.pid
    finally:
        _end(process)


def test_a_killed_holder_blocks_nobody(tmp_path: Path, clock: FakeClock) -> None:
    process = _other_process(tmp_path)
    process.kill()
    process.communicate(timeout=PATIENCE_S)
    assert (tmp_path / LOCK_NAME).read_text() != "", "its account is still there, but has no effect"
    assert holder(tmp_path) is None
    with hold(tmp_path, clock) as held:
        assert held.valid


def test_the_lock_is_given_back(tmp_path: Path, clock: FakeClock) -> None:
    with hold(tmp_path, clock) as held, pytest.raises(StationBusy), hold(tmp_path, clock):
        pass
    assert not held.valid
    assert holder(tmp_path) is None
    with hold(tmp_path, clock):
        pass


def test_a_passing_probe_does_not_refuse_a_start(tmp_path: Path) -> None:
    """The refused lock is tried again after a pause. Here the holder releases it during the pause."""
    first = hold(tmp_path, FakeClock())
    first.__enter__()

    class LetsGo(FakeClock):
        def pause(self, seconds: float) -> None:
            first.__exit__(None, None, None)

    with hold(tmp_path, LetsGo()) as held:
        assert held.valid


@pytest.mark.parametrize("account", [b"", b'{"pid": 4194999, "since": "a killed one"}'])
def test_a_probe_that_stands_still_does_not_refuse_a_start_either(tmp_path: Path, account: bytes) -> None:
    """A holder that has not signed yet is waited for: a probe may get no processor time for seconds."""
    first = hold(tmp_path, FakeClock())
    first.__enter__()
    (tmp_path / LOCK_NAME).write_bytes(account)

    class LetsGo(FakeClock):
        def pause(self, seconds: float) -> None:
            super().pause(seconds)
            if self.seconds > 1002.0:
                first.__exit__(None, None, None)

    with hold(tmp_path, LetsGo()) as held:
        assert held.valid


def test_a_missing_directory_names_init(tmp_path: Path, clock: FakeClock) -> None:
    with raises_told(SettingsMissing, match="none does not exist"), hold(tmp_path / "none", clock):
        pass


@pytest.mark.parametrize("content", [b"", b"junk", b"\xff\xfe", b'{"pid": "x"}', b"[1]"])
def test_a_damaged_account_still_refuses(tmp_path: Path, clock: FakeClock, content: bytes) -> None:
    with hold(tmp_path, clock):
        (tmp_path / LOCK_NAME).write_bytes(content)
        assert holder(tmp_path) == Holder()
        with raises_told(StationBusy, match="unknown process"), hold(tmp_path, clock):
            pass


def test_a_second_station_is_refused_although_the_lock_file_was_moved_away(tmp_path: Path, clock: FakeClock) -> None:
    process = _other_process(tmp_path)
    try:
        (tmp_path / LOCK_NAME).rename(tmp_path / "away")
        assert holder(tmp_path) is not None
        with pytest.raises(StationBusy), hold(tmp_path, clock):
            pass
    finally:
        _end(process)
    with hold(tmp_path, clock) as held:
        assert held.valid
    assert holder(tmp_path) is None
