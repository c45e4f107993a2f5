"""A bench sends its journal to the center over HTTPS, whatever happens to the center or on the way."""

from __future__ import annotations

import http.client
import shutil
import ssl
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import cast

import msgspec
import pytest
from click.testing import CliRunner, Result

from station.base.clock import SystemClock
from station.base.errors import CredentialsRefused, JournalRestored
from station.base.settings import load
from station.cli import station
from station.domain.heartbeat import Heartbeat
from station.fleet.center import Center
from station.fleet.link import Link, LinkStatus, LinkThread, Unsent, center_notice, screen_is_first, unsent
from station.fleet.paths import EVENTS, HEAD, HEARTBEAT, JOIN, MOVED, SECOND_TAGS, TAGS
from station.fleet.wire import MOST_BYTES
from station.store.database.archives import is_stub
from station.store.postgres.connection import connect
from station.store.postgres.invitations import invite
from tests.fleet.conftest import ServedCenter
from tests.support.copied_bench import CopiedBench
from tests.support.patience import PATIENCE_S
from tests.support.told import told

ITEMS = tuple(f"3000100000{number:04}" for number in range(0, 400, 4))


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(station, ["--data", str(data), *words])


def code(center: ServedCenter, bench: str | None = None) -> str:
    with connect(center.database) as connection:
        return invite(connection, "Main", timedelta(hours=1), bench)


@pytest.fixture
def bench(tmp_path: Path, center: ServedCenter) -> CopiedBench:
    """A bench with work, which joined the center."""
    made = CopiedBench(tmp_path / "bench")
    made.work("30001000000010", "30001000000028")
    center.settings_of_bench(made.folder)
    joined = run(made.folder, "fleet", "join", code(center))
    assert joined.exit_code == 0, joined.output
    return made


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something is true."""
    latest = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < latest
        time.sleep(0.01)


def frame(value: object) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(value))


def link_of(bench: CopiedBench) -> tuple[Link, Center]:
    asked = Center(load(bench.folder / "station.toml").fleet, bench.folder, SystemClock())
    return Link(bench.path, asked, SystemClock()), asked


def sent(bench: CopiedBench) -> list[str]:
    """Send until there is nothing to send. Return the states."""
    link, asked = link_of(bench)
    with closing(asked):
        states = [link.step().state]
        while states[-1] == "sent":
            states.append(link.step().state)
    return states


def path_at(center: ServedCenter) -> list[tuple[object, ...]]:
    with connect(center.database) as connection:
        return connection.execute("SELECT seq, at, kind, payload, deliveries, hash FROM events ORDER BY seq").fetchall()


def test_the_tail_arrives_over_https_byte_for_byte(center: ServedCenter, bench: CopiedBench) -> None:
    count = len(bench.rows())
    assert unsent(bench.path) == Unsent(count, bench.rows()[0][1])

    assert sent(bench) == ["sent", "current"]
    assert path_at(center) == bench.rows()
    assert unsent(bench.path).count == 0

    bench.work("30001000000044")
    assert unsent(bench.path).count == len(bench.rows()) - count
    assert sent(bench) == ["sent", "current"]
    assert path_at(center) == bench.rows()


def test_more_than_a_batch_is_sent_in_order(center: ServedCenter, bench: CopiedBench) -> None:
    for _ in range(6):
        bench.work(*ITEMS)

    link, asked = link_of(bench)
    with closing(asked):
        assert link.step().state == "sent"
    assert 0 < unsent(bench.path).count < len(bench.rows())

    assert sent(bench)[-2:] == ["sent", "current"]
    assert path_at(center) == bench.rows()


def test_a_bench_works_without_its_center_and_catches_up(center: ServedCenter, bench: CopiedBench) -> None:
    center.kill()
    assert sent(bench) == ["away"]
    bench.work("30001000000044")
    assert unsent(bench.path).count == len(bench.rows())

    center.start()
    assert sent(bench) == ["sent", "current"]
    assert path_at(center) == bench.rows()


def test_a_kill_of_the_server_in_mid_batch_loses_and_doubles_nothing(center: ServedCenter, bench: CopiedBench) -> None:
    """The kill comes while a request waits for the lock of its bench in the database."""
    bench.work(*ITEMS)
    link, asked = link_of(bench)
    thread = LinkThread(link, asked, SystemClock())
    with connect(center.database) as holder, holder.transaction():
        holder.execute("SELECT 1 FROM bench FOR UPDATE")
        thread.start()
        waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%receive_events%'"
        with connect(center.database) as looker:
            eventually(lambda: looker.execute(waiting).fetchone() is not None)
        center.kill()
    center.start()
    eventually(lambda: thread.status.state == "current")
    thread.stop(PATIENCE_S)

    assert path_at(center) == bench.rows()
    with connect(center.database) as connection:
        assert connection.execute("SELECT count(*) FROM quarantine").fetchone() == (0,)


def test_a_defect_does_not_end_the_thread(center: ServedCenter, bench: CopiedBench) -> None:
    """A thread that ended would leave all later events unsent, and nothing would show it."""
    link, asked = link_of(bench)
    steps = iter([RuntimeError("a defect")])

    class Failing:
        def step(self) -> LinkStatus:
            for error in steps:
                raise error
            return link.step()

    thread = LinkThread(cast(Link, Failing()), asked, SystemClock())
    thread.start()
    eventually(lambda: thread.status.state == "current")
    thread.stop(PATIENCE_S)
    assert path_at(center) == bench.rows()


def test_a_heartbeat_tells_how_the_bench_is(center: ServedCenter, bench: CopiedBench) -> None:
    link, asked = link_of(bench)
    heartbeat = Heartbeat(at=bench.clock.now(), version="1.0", worker="w-1", hour=12, advice=("lost",), unsent=7)
    with closing(asked):
        assert link.tell(heartbeat) == "taken"

    with connect(center.database) as connection:
        row = connection.execute("SELECT snapshot, seen > now() - interval '1 hour' FROM bench").fetchone()
    assert row == (msgspec.to_builtins(heartbeat) | {"advice": ["lost"]}, True)


def test_a_thread_beats_also_while_nothing_can_be_sent(center: ServedCenter, bench: CopiedBench) -> None:
    link, asked = link_of(bench)
    with connect(center.database) as connection:
        connection.execute("UPDATE timeline SET head_seq = 9, head = sha256('')")
    thread = LinkThread(link, asked, SystemClock(), lambda: Heartbeat(version="1.0"))
    thread.start()

    def is_heard() -> bool:
        with connect(center.database) as connection:
            return connection.execute("SELECT snapshot ->> 'link' FROM bench").fetchone() == ("older",)

    eventually(is_heard)
    thread.stop(PATIENCE_S)
    assert thread.status.state == "older"


@pytest.mark.parametrize(
    ("changed_at", "due", "waits"),
    [(9.9, 10.0, True), (9.0, 10.0, False), (9.9, 8.5, True), (9.9, 7.5, False), (9.9, 11.0, False)],
    ids=["just changed", "quiet again", "due for a while", "due for long", "not due"],
)
def test_a_request_leaves_the_processor_to_the_screen_for_a_moment(changed_at: float, due: float, waits: bool) -> None:
    assert screen_is_first(10.0, changed_at, due) is waits


NOW = "2026-12-03T10:00:00+00:00"


@pytest.mark.parametrize(
    ("status", "left", "said", "refuses"),
    [
        (LinkStatus("current"), Unsent(0, ""), "", False),
        (LinkStatus("away"), Unsent(3, "2026-12-03T09:59:30+00:00"), "", False),
        (
            LinkStatus("away"),
            Unsent(1, "2026-12-03T09:58:30+00:00"),
            "1 event is not at the center yet (1 minute)",
            False,
        ),
        (
            LinkStatus("sent"),
            Unsent(9, "2026-12-03T02:00:00+00:00"),
            "9 events are not at the center yet (8 hours)",
            False,
        ),
        (
            LinkStatus("away"),
            Unsent(9, "2026-12-01T02:00:00+00:00"),
            "9 events are not at the center yet (2 days)",
            False,
        ),
        (LinkStatus("away"), Unsent(9, "2027-12-01T02:00:00+00:00"), "", False),
        (
            LinkStatus("refused", "fork"),
            Unsent(9, NOW),
            "The center refuses this bench's copy. Tell the systems librarian.",
            True,
        ),
        (
            LinkStatus("refused", "moved"),
            Unsent(9, NOW),
            "The center knows this bench elsewhere. Tell the systems librarian.",
            True,
        ),
        (
            LinkStatus("older"),
            Unsent(0, ""),
            "The center has newer work of this bench. Tell the systems librarian.",
            True,
        ),
    ],
)
def test_the_screen_tells_of_events_that_wait_and_of_a_refusal(
    status: LinkStatus, left: Unsent, said: str, refuses: bool
) -> None:
    notice = center_notice(status, left, NOW)
    assert (told(notice.sentence), notice.refuses) == (said, refuses)


def test_a_copy_on_another_machine_sends_nothing_until_a_person_says_that_the_bench_moved(
    center: ServedCenter, bench: CopiedBench, tmp_path: Path
) -> None:
    """An exact copy has no fork yet: only the machine and the journal's file tell it from the first one."""
    sent(bench)
    clone = bench.copy_to(tmp_path / "clone")
    center.settings_of_bench(clone.folder)
    shutil.copytree(bench.folder / "credentials", clone.folder / "credentials")
    clone.work("30001000000051")
    link, asked = link_of(clone)
    with closing(asked):
        assert link.step() == LinkStatus("refused", "moved")
        assert link.tell(Heartbeat(version="clone")) == "moved"
    assert path_at(center) == bench.rows()
    with connect(center.database) as connection:
        assert connection.execute("SELECT moved IS NOT NULL, snapshot FROM bench").fetchone() == (True, None)
        assert connection.execute("SELECT count(*) FROM quarantine").fetchone() == (0,)
    bench.work("30001000000069")
    assert sent(bench) == ["sent", "current"]

    assert run(clone.folder, "fleet", "join", "--moved").exit_code == 0
    link, asked = link_of(clone)
    with closing(asked):
        assert link.step() == LinkStatus("refused", "fork")
    assert sent(bench) == ["current"]
    bench.work("30001000000077")
    assert sent(bench) == ["refused"]


def test_a_clone_is_refused_and_the_first_bench_goes_on(
    center: ServedCenter, bench: CopiedBench, tmp_path: Path
) -> None:
    sent(bench)
    clone = bench.copy_to(tmp_path / "clone")
    center.settings_of_bench(clone.folder)
    (clone.folder / "credentials").mkdir()
    key = clone.folder / "credentials" / "fleet"
    key.write_text((bench.folder / "credentials" / "fleet").read_text())
    key.chmod(0o600)
    bench.work("30001000000044")
    sent(bench)
    clone.work("30001000000051")
    with connect(center.database) as connection:
        connection.execute("UPDATE bench SET machine = NULL")  # of an earlier version

    assert sent(clone) == ["refused"]
    bench.work("30001000000069")
    assert sent(bench) == ["sent", "current"]
    assert path_at(center) == bench.rows()


def test_an_older_copy_that_did_not_continue_sends_nothing(
    center: ServedCenter, bench: CopiedBench, tmp_path: Path
) -> None:
    older = tmp_path / "older.db"
    older.write_bytes(bench.path.read_bytes())
    bench.work("30001000000044")
    sent(bench)
    rows = bench.rows()
    bench.path.write_bytes(older.read_bytes())

    assert sent(bench) == ["older"]
    assert path_at(center) == rows


def test_the_newer_journal_that_comes_back_after_an_older_copy_went_on_is_not_sent_again_and_again(
    center: ServedCenter, bench: CopiedBench
) -> None:
    """Its events are at the center, as a lost part."""
    older = bench.path.read_bytes()
    bench.work("30001000000044")
    sent(bench)
    newer = bench.path.read_bytes()
    bench.path.write_bytes(older)
    bench.go_on("00000000000000aa")
    assert sent(bench) == ["sent", "current"]
    path = path_at(center)

    bench.path.write_bytes(newer)
    link, asked = link_of(bench)
    with closing(asked):
        assert [link.step().state for _ in range(2)] == ["sent", "older"]
    assert path_at(center) == path


def test_a_restored_bench_has_its_journal_and_outbox_again_and_goes_on(
    center: ServedCenter, bench: CopiedBench, tmp_path: Path
) -> None:
    bench.go_on("00000000000000aa")
    bench.work("30001000000044")
    sent(bench)
    name = (bench.folder / "credentials" / "fleet").read_text().partition(".")[0]
    fresh = CopiedBench(tmp_path / "fresh")
    center.settings_of_bench(fresh.folder)

    restored = run(fresh.folder, "fleet", "restore", code(center, name))

    assert restored.exit_code == 0, restored.output
    assert fresh.rows() == bench.rows()
    assert fresh.outbox() == bench.outbox()
    assert run(fresh.folder, "journal", "verify").exit_code == 0
    assert run(fresh.folder, "fleet", "restore", "CODE").exit_code != 0, "there is a journal now"
    assert sent(bench) == ["away"], "the key of the former machine ended"
    with pytest.raises(JournalRestored):
        fresh.work("30001000000051")
    continued = run(fresh.folder, "journal", "continue", "--restored", "--yes", "--operator", "tess")
    assert continued.exit_code == 0, continued.output
    assert sent(fresh) == ["sent", "current"]
    assert path_at(center) == fresh.rows()
    assert run(fresh.folder, "journal", "verify").exit_code == 0


def test_a_copy_without_intents_does_not_verify(center: ServedCenter, bench: CopiedBench, tmp_path: Path) -> None:
    sent(bench)
    with connect(center.database) as connection:
        connection.execute("DELETE FROM delivery")
    name = (bench.folder / "credentials" / "fleet").read_text().partition(".")[0]
    fresh = CopiedBench(tmp_path / "fresh")
    center.settings_of_bench(fresh.folder)

    restored = run(fresh.folder, "fleet", "restore", code(center, name))

    assert restored.exit_code == 50, restored.output
    assert not fresh.path.exists()


def test_a_wrong_key_or_code_is_refused(center: ServedCenter, bench: CopiedBench, tmp_path: Path) -> None:
    key = bench.folder / "credentials" / "fleet"
    right = key.read_text()
    name, _, secret = right.strip().partition(".")
    for wrong in (f"{name}.{secret[::-1]}", f"{name[::-1]}.{secret}", f"nobody.{secret}", f"{name}."):
        key.write_text(wrong)
        _, asked = link_of(bench)
        with closing(asked), pytest.raises(CredentialsRefused):
            asked.path()
    other = CopiedBench(tmp_path / "other")
    other.work("30001000000010")
    center.settings_of_bench(other.folder)
    assert run(other.folder, "fleet", "join", "AAAAA-AAAAA-AAAAA-AAAAA").exit_code != 0
    assert not (other.folder / "credentials").exists()


def test_hostile_requests_get_a_status_and_harm_nobody(center: ServedCenter, bench: CopiedBench) -> None:
    key = (bench.folder / "credentials" / "fleet").read_text().strip()
    bomb = zlib.compress(bytes(MOST_BYTES + 1))
    whole = frame([["0" * 16, 0, bytes(32)], []])
    calls: list[tuple[str, str, bytes, str, int]] = [
        ("GET", HEAD, b"", "", 401),
        ("POST", EVENTS, whole, f"Bearer {key}0", 401),
        ("POST", EVENTS, b"", f"Bearer {key}", 400),
        ("POST", EVENTS, b"\x00" * 100, f"Bearer {key}", 400),
        ("POST", EVENTS, bomb, f"Bearer {key}", 400),
        ("POST", EVENTS, whole, f"Bearer {key}", 400),
        ("POST", EVENTS, whole[:-3], f"Bearer {key}", 400),
        ("GET", f"{EVENTS}?after=-1", b"", f"Bearer {key}", 400),
        ("GET", SECOND_TAGS, b"", "", 401),
        ("POST", TAGS, b"", "", 401),
        ("POST", TAGS, bytes(5000), f"Bearer {key}", 413),
        ("POST", TAGS, zlib.compress(msgspec.msgpack.encode({"barcode": "a\0"})), f"Bearer {key}", 400),
        ("POST", JOIN, bytes(100_000), "", 413),
        ("POST", HEARTBEAT, bytes(5_000), f"Bearer {key}", 413),
        ("POST", HEARTBEAT, zlib.compress(bytes(100_000)), f"Bearer {key}", 400),
        ("POST", HEARTBEAT, frame([bytes(32), {"unsent": -1}]), f"Bearer {key}", 400),
        ("POST", HEARTBEAT, frame([bytes(32), {"version": "\x00"}]), f"Bearer {key}", 400),
        ("POST", HEARTBEAT, frame([bytes(32), {"worker": "w" * 65}]), f"Bearer {key}", 400),
        ("POST", HEARTBEAT, frame([bytes(32), {"advice": ["lost"] * 11}]), f"Bearer {key}", 400),
        ("POST", HEARTBEAT, frame([bytes(31), {}]), f"Bearer {key}", 400),
        ("POST", HEARTBEAT, frame([bytes(32), {}]), f"Bearer {key}0", 401),
        ("POST", MOVED, frame([bytes(32)]), f"Bearer {key}0", 401),
        ("POST", JOIN, b"x", "", 400),
        ("GET", "/", b"", "", 404),
    ]
    context = ssl.create_default_context(cafile=center.ca_file)
    for method, path, body, authorization, expected in calls:
        with closing(
            http.client.HTTPSConnection("localhost", center.port, timeout=PATIENCE_S, context=context)
        ) as line:
            line.request(method, path, body, {"Authorization": authorization} if authorization else {})
            assert (path, line.getresponse().status) == (path, expected)
    assert sent(bench) == ["sent", "current"]


def test_the_center_speaks_tls_1_3_only(center: ServedCenter) -> None:
    context = ssl.create_default_context(cafile=center.ca_file)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    line = http.client.HTTPSConnection("localhost", center.port, timeout=PATIENCE_S, context=context)
    with closing(line), pytest.raises(ssl.SSLError):
        line.request("GET", HEAD)


def test_status_at_the_center_and_at_the_bench(center: ServedCenter, bench: CopiedBench) -> None:
    before = run(bench.folder, "fleet", "status")
    assert f"acknowledged: {len(bench.rows())}, the oldest of " in before.output
    sent(bench)
    assert "acknowledged: 0." in run(bench.folder, "fleet", "status").output
    (center.data / "station.toml").write_text(f'[fleet]\ndatabase = "{center.database}"\n')
    at_center = run(center.data, "fleet", "status", "--json")
    (known,) = msgspec.json.decode(at_center.output)
    assert (known["site"], known["events"], known["lost"], known["quarantine"]) == ("Main", len(bench.rows()), 0, 0)


def test_a_running_station_sends_its_journal_and_starts_without_the_center(
    center: ServedCenter, bench: CopiedBench
) -> None:
    center.kill()
    command = [sys.executable, "-m", "station", "serve", "--data", str(bench.folder)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as station_process:
        try:
            assert station_process.stderr is not None
            assert "Ctrl-C" in station_process.stderr.readline()
            assert unsent(bench.path).count == len(bench.rows())
            center.start()
            eventually(lambda: unsent(bench.path).count == 0)
        finally:
            station_process.terminate()
        assert station_process.wait(PATIENCE_S) == 0
    assert path_at(center) == bench.rows(), "the last events were sent at the end"
    assert bench.rows()[-1][2] == "station-stopped"


def test_archived_events_are_sent_whole_and_a_restored_journal_needs_no_archive(
    center: ServedCenter, bench: CopiedBench, tmp_path: Path
) -> None:
    bench.archive("31234000000016")
    whole = [row for row in bench.rows() if not is_stub(cast("bytes", row[3]))]
    assert len(whole) < len(bench.rows())
    assert sent(bench) == ["sent", "current"]
    name = (bench.folder / "credentials" / "fleet").read_text().partition(".")[0]
    fresh = CopiedBench(tmp_path / "fresh")
    center.settings_of_bench(fresh.folder)

    restored = run(fresh.folder, "fleet", "restore", code(center, name))

    assert restored.exit_code == 0, restored.output
    assert [row for row in fresh.rows() if row in whole] == whole
    assert [row[5] for row in fresh.rows()] == [row[5] for row in bench.rows()]
    assert run(fresh.folder, "journal", "verify").exit_code == 0


def test_an_event_whose_archive_is_missing_stops_the_link_and_says_so(center: ServedCenter, bench: CopiedBench) -> None:
    bench.archive("31234000000016").unlink()
    link, asked = link_of(bench)
    with closing(asked):
        status = link.step()

    assert (status.state, status.why) == ("away", "archive-unusable")
    assert path_at(center) == []
