"""One share for all processes of a data directory: exact on a manual clock, intact after kill -9, damage costs a second
but never exceeds the limit; and real processes, counted in the log of their library system."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import struct
import subprocess
import sys
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.clock import SystemClock
from station.base.errors import Unreachable
from station.domain.events import StationStarted
from station.runtime.data_directory import JOURNAL
from station.store.owner import open_store
from station.sync.alma.opening import SHARE
from station.sync.courier import shared_quota
from station.sync.courier.rate_limit import RateLimit
from station.sync.courier.shared_quota import SharedQuota
from tests.conftest import ROOT, FakeClock
from tests.support import forked, sample_events
from tests.support.alma_process import CANARY, AlmaProcess, fictitious
from tests.support.patience import PATIENCE_S
from tests.support.told import raises_told
from tests.sync.courier.test_rate_limit import most_in_a_second

RATE = 5


def two(folder: Path, clock: FakeClock, rate: float = RATE) -> tuple[RateLimit, RateLimit]:
    """Make two limits as in two processes, with only the file in common."""
    first, second = (RateLimit(rate, clock, SharedQuota(folder / SHARE, clock)) for _ in range(2))
    return first, second


def test_two_together_never_exceed_it_and_use_it(tmp_path: Path, clock: FakeClock) -> None:
    stamps = []
    for number in range(2_000):
        two_of_them = two(tmp_path, clock) if number % 100 == 0 else two_of_them  # noqa: F821 (a new start)
        two_of_them[number % 3 == 0].take()
        stamps.append(clock.seconds)
    assert most_in_a_second(stamps) == RATE
    assert (len(stamps) - RATE) / (stamps[-1] - stamps[0]) >= 0.95 * RATE


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from(["take", "take-two", "spend", "give", "wait"])), max_size=60)
)
def test_whatever_three_processes_do_the_second_is_kept(moves: list[tuple[int, str]]) -> None:
    import tempfile

    clock, stamps = FakeClock(), []
    with tempfile.TemporaryDirectory() as folder:
        paces = [RateLimit(3, clock, SharedQuota(Path(folder) / SHARE, clock)) for _ in range(3)]
        for which, what in moves:
            if what == "wait":
                clock.pause(0.4)
            elif what == "give":
                paces[which].give()
            else:
                paces[which].spend() if what == "spend" else paces[which].take(2 if what == "take-two" else 1)
                stamps.append(clock.seconds)
    assert not stamps or most_in_a_second(stamps) <= 3


def test_different_shares_of_one_file_each_keep_their_own(tmp_path: Path, clock: FakeClock) -> None:
    """Settings changed while a command still runs: the process with the smaller share waits for all requests sent."""
    large = RateLimit(5, clock, SharedQuota(tmp_path / SHARE, clock))
    small = RateLimit(0.5, clock, SharedQuota(tmp_path / SHARE, clock))
    for _ in range(5):
        large.take()
    before = clock.seconds
    small.take()
    assert clock.seconds >= before + 2.0


DAMAGE = {
    "short": lambda data: data[:50],
    "long": lambda data: data + b"x",
    "no ledger": lambda data: b"hello\n" + data[6:],
    "count": lambda data: data[:44] + b"\xff\xff\xff\xff" + data[48:],
    "not a number": lambda data: data[:48] + b"\xff" * 8 + data[56:],
    "all in the future": lambda data: data[:48] + struct.pack("<5d", *(9e9 + n for n in range(5))) + data[88:],
    "in the future": lambda data: data[:48] + b"\0\0\0\0\0\0\xf0\x7e" + data[56:],
}


@pytest.mark.parametrize("what", DAMAGE)
def test_damage_costs_a_second_and_never_the_limit(tmp_path: Path, clock: FakeClock, what: str) -> None:
    for _ in range(RATE):
        two(tmp_path, clock)[0].take()
    file = tmp_path / SHARE
    file.write_bytes(DAMAGE[what](file.read_bytes()))
    before = clock.seconds
    two(tmp_path, clock)[1].take()
    assert before + 1.0 <= clock.seconds <= before + 1.1
    two(tmp_path, clock)[1].take()
    assert clock.seconds <= before + 1.1, "the file must be intact again"


def test_before_the_last_start_of_the_machine_nothing_counts(tmp_path: Path, clock: FakeClock) -> None:
    for boot, waits in (("one", False), ("one", True), ("two", False), ("two", True)):
        before = clock.seconds
        for _ in range(RATE):
            RateLimit(RATE, clock, SharedQuota(tmp_path / SHARE, clock, boot)).take()
        assert (clock.seconds > before) is waits, boot


def test_where_it_cannot_be_kept_nothing_is_sent(tmp_path: Path, clock: FakeClock) -> None:
    with raises_told(Unreachable, match="nothing is sent"):
        RateLimit(RATE, clock, SharedQuota(tmp_path / "none" / SHARE, clock)).take()
    (tmp_path / SHARE).mkdir()
    with raises_told(Unreachable, match="nothing is sent"):
        RateLimit(RATE, clock, SharedQuota(tmp_path / SHARE, clock)).take()


def test_a_disk_that_takes_nothing_sends_nothing_and_holds_nothing(
    tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    rate_limit = RateLimit(2, clock, SharedQuota(tmp_path / SHARE, clock))

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", full)
        for _ in range(3):
            with raises_told(Unreachable, match="No space left"):
                rate_limit.take(2)
        patch.setattr(os, "pwrite", lambda *_: 7)
        with raises_told(Unreachable, match="only 7 of"):
            rate_limit.take(2)
    before = clock.seconds
    rate_limit.take(2)
    rate_limit.spend()
    assert clock.seconds <= before + 0.01


def test_who_is_stopped_in_the_midst_of_a_look_is_waited_for_but_not_for_ever(tmp_path: Path, clock: FakeClock) -> None:
    rate_limit = RateLimit(RATE, clock, SharedQuota(tmp_path / SHARE, clock))
    rate_limit.take()
    with (tmp_path / SHARE).open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        before = clock.seconds
        with raises_told(Unreachable, match="keeps .* locked"):
            rate_limit.take()
        assert clock.seconds >= before + shared_quota.BUSY_S
        fcntl.flock(held, fcntl.LOCK_UN)
    rate_limit.take()


def test_nobody_else_may_read_it_and_it_is_one_write_of_less_than_a_page(tmp_path: Path, clock: FakeClock) -> None:
    two(tmp_path, clock)[0].take()
    found = (tmp_path / SHARE).stat()
    assert found.st_mode & 0o777 == 0o600
    assert found.st_size < 4096


# --- processes ------------------------------------------------------------------------------------------------------

TAKER = """
import sys
from pathlib import Path
from station.base.clock import SystemClock
from station.sync.courier.shared_quota import SharedQuota
from station.sync.courier.rate_limit import RateLimit
clock = SystemClock()
pace = RateLimit(20, clock, SharedQuota(Path(sys.argv[1]), clock))
print("begun", flush=True)
while True:
    pace.take()
    print(clock.monotonic(), flush=True)
"""


def test_kill_nine_at_any_moment_leaves_it_whole(tmp_path: Path) -> None:
    """Takers are killed in the middle of their work, one after another, while another continues. The file has what
    was taken, and no process waits for the killed ones."""
    stamps: list[float] = []
    path = tmp_path / SHARE

    def begin() -> subprocess.Popen[str]:
        taker = subprocess.Popen([sys.executable, "-c", TAKER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert taker.stdout is not None
        assert taker.stdout.readline() == "begun\n"
        return taker

    survivor = begin()
    try:
        for _ in range(2):
            victim = begin()
            assert victim.stdout is not None
            stamps += [float(victim.stdout.readline()) for _ in range(11)]  # so that they are more than 20
            os.kill(victim.pid, signal.SIGKILL)
            rest, _ = victim.communicate(timeout=PATIENCE_S)
            stamps += [float(line) for line in rest.splitlines() if line.endswith(tuple("0123456789"))]
            whole = SharedQuota(path, SystemClock())
            with opened(whole) as times:
                assert len(times) < shared_quota.ENTRIES, "damage would have filled the file"
    finally:
        survivor.kill()
        rest, _ = survivor.communicate(timeout=PATIENCE_S)
    stamps += [float(line) for line in rest.splitlines()[:-1]]
    with opened(SharedQuota(path, SystemClock())) as times:
        taken = list(times)
    assert most_in_a_second(taken) <= 20
    assert len(taken) >= min(len(stamps), shared_quota.ENTRIES) > 20, "the file must have each request that was taken"


@contextmanager
def opened(one: SharedQuota) -> Iterator[list[float]]:
    """Yield the times, once no other process has the file open."""
    while True:
        with one.opened() as times:
            if times is not None:
                yield list(times)
                return


COURIER = """
import sys
from pathlib import Path
from random import Random
from station.base import credentials, settings
from station.base.clock import SystemClock
from station.store.owner import open_store
from station.sync.courier.courier import Courier
from station.sync.courier.thread import CourierThread
from station.runtime.library_systems import systems
from station.runtime.data_directory import JOURNAL
data = Path(sys.argv[1])
clock = SystemClock()
found = systems(settings.load(data / "station.toml"), data)
store = open_store(data / JOURNAL, clock)
courier = CourierThread(Courier(store.outbox, found, clock, Random(1)), store.outbox)
courier.start()
print("begun", flush=True)
sys.stdin.read()
courier.stop()
store.close()
"""


@pytest.mark.parametrize(
    "killed", [pytest.param(False, marks=pytest.mark.soak, id="to the end"), pytest.param(True, id="kill -9")]
)
def test_the_station_and_commands_beside_it_together_keep_the_share_at_the_library_system(
    alma: AlmaProcess, tmp_path: Path, killed: bool
) -> None:
    """Counted in the emulator's own log. On a busy machine, requests sent a second apart may arrive closer together.
    Therefore the count covers seven tenths of a second, in which two unconnected processes would have sent twice the
    share."""
    codes = [f"3123400000{number:04}" for number in range(60)]
    alma.reset({code: fictitious(code, pid=100 + number) for number, code in enumerate(codes)})
    (tmp_path / "credentials").mkdir(mode=0o700)
    key = tmp_path / "credentials" / "alma"
    key.write_text(CANARY)
    key.chmod(0o600)
    (tmp_path / "station.toml").write_text(
        f'[library]\nisil = "US-XxExmp"\n[delivery.file]\nenabled = false\n'
        f'[delivery.alma]\nenabled = true\nbase_url = "{alma.base_url}"\nrequests_per_second = {RATE}\n'
    )
    store = open_store(tmp_path / JOURNAL, SystemClock())
    for code in codes:
        store.journal.record(
            StationStarted(version="0", station="share"), deliveries=[sample_events.delivery("alma", code)]
        )
    store.close()

    def beside() -> forked.Started:
        words = ("sync", "check", "alma", "--json", "--data", tmp_path)
        return forked.start(*words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    station = subprocess.Popen(
        [sys.executable, "-c", COURIER, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert station.stdout is not None
        assert station.stdout.readline() == "begun\n"
        checks = [beside(), beside()]
        if killed:
            checks[0].kill()
        for check in checks:
            out, _ = check.communicate(timeout=PATIENCE_S)
            if not killed:
                assert json.loads(out)["systems"]["alma"][0]["outcome"] == "good"
        if killed:
            station.kill()
            out, _ = beside().communicate(timeout=PATIENCE_S)
            assert json.loads(out)["systems"]["alma"][0]["outcome"] == "good", "no process may wait for a killed one"
    finally:
        station.communicate("", timeout=PATIENCE_S)
    rows = alma.do("log")["requests"]
    asked = {row["path"] for row in rows}
    assert {"/almaws/v1/bibs/test"} < asked, "both must have sent requests"
    stamps = sorted(row["at"] for row in rows)
    assert len(stamps) > 2 * RATE
    most = max(bisect_left(stamps, at + 0.7) - index for index, at in enumerate(stamps))
    assert most <= RATE, stamps
