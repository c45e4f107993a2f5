"""The socket: the station's answers and refusals; no message ends the station."""

from __future__ import annotations

import queue
import socket
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.bus import Bus
from station.base.errors import (
    BarcodeUnknown,
    ControlRefused,
    OtherVersion,
    OwnWork,
    StationClosed,
    StationDefect,
    StoreReadOnly,
)
from station.base.sentence import Sentence
from station.base.sentence_json import decode_sentence
from station.domain.choice import Choice
from station.domain.commands import (
    Answer,
    Assign,
    BeginJob,
    Cancel,
    Choose,
    Close,
    Command,
    EndJob,
    Mend,
    Recheck,
    Reopen,
    Scan,
    SelectPart,
    SignOn,
    Waive,
)
from station.domain.correction_states import Result as Ended
from station.domain.events import (
    CatalogImported,
    CatalogingRequested,
    CatalogingResolved,
    Ordered,
    RetrainingHeld,
    WorkerRegistered,
)
from station.domain.findings import Outcome
from station.domain.item import ItemRecord
from station.domain.notices import Notice
from station.domain.people.rights import Role
from station.domain.snapshot import Fault, Phase, Snapshot
from station.runtime.lock import hold
from station.runtime.socket import wire
from station.runtime.socket.client import Client, RemoteBench, connect
from station.runtime.socket.server import MAX_CLIENTS, MAX_QUEUED, Orders, Server
from tests.conftest import FakeClock
from tests.support.patience import PATIENCE_S
from tests.support.told import told

ANSWER_S = PATIENCE_S
"""Only to make a broken server fail the test instead of blocking it."""


class Bench:
    """Records its commands; publishes the snapshots that the test sets."""

    def __init__(self) -> None:
        self.asked: queue.Queue[Command] = queue.Queue()
        self.jobs: list[str] = []
        """The job of each command."""
        self.bus = Bus(Snapshot(number=1))
        self.imported: list[Ordered] = []

    waiting = 0

    def submit(self, command: Command, job: str = "") -> str:
        self.asked.put(command)
        self.jobs.append(job)
        return "ticket"

    def ordered(self, events: Sequence[Ordered], *_: object) -> int:
        self.imported += events
        return 7

    @property
    def snapshot(self) -> Snapshot:
        return self.bus.latest

    def subscribe(self, subscriber: Callable[[Snapshot], None]) -> Callable[[], None]:
        return self.bus.subscribe(subscriber)


class Running:
    def __init__(self, data: Path, bench: Bench, server: Server, quits: list[bool], retried: list[str | None]) -> None:
        self.data, self.bench, self.server, self.quits, self.retried = data, bench, server, quits, retried


@contextmanager
def running(data: Path, retry: Callable[..., int] | None = None) -> Iterator[Running]:
    bench, quits, retried = Bench(), [], []

    def note(delivery: str | None, *_: object) -> int:
        retried.append(delivery)
        return 3

    with hold(data, FakeClock()) as held:
        server = Server(
            held,
            bench,
            quit_station=lambda: quits.append(True),
            orders=cast(Orders, SimpleNamespace(retried=retry or note, order=bench.ordered)),
        )
        server.start()
        try:
            yield Running(data, bench, server, quits, retried)
        finally:
            assert server.stop(ANSWER_S)


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path) as it:
        yield it


class Raw:
    """A client that can send anything."""

    def __init__(self, data: Path, name: str = wire.SOCKET_NAME) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(ANSWER_S)
        self.socket.connect(str(data / name))
        self.file = self.socket.makefile("rb")

    def say(self, data: bytes) -> None:
        self.socket.sendall(data)

    def hear(self) -> dict[str, object]:
        return msgspec.json.decode(self.file.readline(), type=dict)

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.socket.close()


COMMANDS = [
    Scan("31234000000007"),
    Choose("retry"),
    Answer("r1", Outcome.FAIL, "torn", "page 3"),
    Reopen(),
    Cancel(),
    SelectPart(2),
    SignOn("bea"),
    Waive("r1", "fits", "tess"),
    Assign("k1", "me", "2026-12-31", "x"),
    Mend("k1", "new label"),
    Recheck("k1", False, "crooked"),
    Close("k1", Ended.WITHDRAWN, "lost"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: type(command).__name__)
def test_a_command_reaches_the_bench(station: Running, command: Command) -> None:
    client = connect(station.data)
    assert client is not None
    with client:
        client.submit(command)
    assert station.bench.asked.get(timeout=ANSWER_S) == command


def test_the_documented_line_is_understood(station: Running) -> None:
    with Raw(station.data) as raw:
        raw.say(b'{"version": 4, "submit": {"type": "scan", "text": "31234000000007"}}\n')
        assert raw.hear() == {"version": 4, "ok": True, "ticket": "ticket"}
        asked = b'{"version": 4, "snapshot": true}\n{"version": 4, "retry":"abc"}\n'
        asked += b'{"version": 4, "retry_all":true}\n{"version": 4, "quit":true}\n'
        for byte in asked:
            raw.say(bytes([byte]))
        assert "snapshot" in raw.hear()
        assert raw.hear() == {"version": 4, "retried": 3}
        assert raw.hear() == {"version": 4, "retried": 3}
        assert raw.hear() == {"version": 4, "ok": True}
    assert station.retried == ["abc", None]
    assert station.quits == [True]


@pytest.mark.parametrize("line", [b'{"snapshot": true}', b'{"version": 3, "order": {"kind": "new"}, "more": 1}'])
def test_a_request_of_another_version_is_refused_in_a_sentence(station: Running, line: bytes) -> None:
    with Raw(station.data) as raw:
        raw.say(line + b"\n")
        error = raw.hear()["error"]
    assert (error["code"], error["sentence"]) == ("other-version", ["error.other-version", {}])
    assert station.bench.asked.empty()


@pytest.mark.parametrize("line", [b'{"ok": true, "snapshot": {"notice": ""}}', b'{"version": 3, "ok": true}'])
def test_a_station_of_another_version_is_refused_in_a_sentence(line: bytes) -> None:
    with pytest.raises(OtherVersion) as refused:
        wire.decode_reply(line)
    assert told(refused.value.sentence) == "The running station has another version. End it and start it again."


def test_an_import_is_handed_to_the_journal(station: Running) -> None:
    client = connect(station.data)
    assert client is not None
    with client:
        client.order([CatalogImported(source="a\u001b[2Jb.mrc", records=3, items=2, rejected=1)])
    assert station.bench.imported == [CatalogImported(source="a[2Jb.mrc", records=3, items=2, rejected=1)]


def test_what_is_said_about_the_cataloging_queue_is_handed_on_clean(station: Running) -> None:
    client = connect(station.data)
    assert client is not None
    with client:
        client.order([CatalogingRequested(request="c1", title="a\u001b[2Jb", reason=Sentence.verbatim("no record"))])
        client.order([CatalogingResolved(request="c1", record_id="9\n1")])
    assert station.bench.imported == [
        CatalogingRequested(request="c1", title="a[2Jb", reason=Sentence.verbatim("no record")),
        CatalogingResolved(request="c1", record_id="9 1"),
    ]


def test_an_order_is_handed_on_clean_and_its_refusal_comes_back(tmp_path: Path) -> None:
    taken: list[object] = []

    def order(events: Sequence[object], *_: object) -> int:
        taken.extend(events)
        if len(taken) == 2:
            raise OwnWork("w-1")
        return 1

    with hold(tmp_path, FakeClock()) as held:
        server = Server(
            held,
            Bench(),
            quit_station=lambda: None,
            orders=cast(Orders, SimpleNamespace(order=order)),
        )
        server.start()
        try:
            client = connect(tmp_path)
            assert client is not None
            with client:
                client.order([RetrainingHeld(worker="w-1", rules=("a\u001b[2Jb",), note="c\nd")])
                with pytest.raises(OwnWork, match="w-1"):
                    client.order([WorkerRegistered(worker="w-2", role=Role.SYSTEMS, operator="e\u202ef")])
        finally:
            assert server.stop(ANSWER_S)
    assert taken == [
        RetrainingHeld(worker="w-1", rules=("a[2Jb",), note="c d"),
        WorkerRegistered(worker="w-2", role=Role.SYSTEMS, operator="ef"),
    ]


def test_a_station_that_takes_no_orders_says_so(tmp_path: Path) -> None:
    with hold(tmp_path, FakeClock()) as held:
        server = Server(held, Bench(), quit_station=lambda: None)
        server.start()
        client = connect(tmp_path)
        assert client is not None
        with client, pytest.raises(ControlRefused):
            client.order([WorkerRegistered(worker="w-2", role=Role.SYSTEMS)])
        assert server.stop(ANSWER_S)


def test_texts_are_cleaned_at_the_door(station: Running) -> None:
    with Raw(station.data) as raw:
        raw.say(b'{"version": 4, "submit": {"type": "scan", "text": "3123\\u001b]52;c;x\\u0007\\u202e4"}}\n')
        raw.hear()
    assert station.bench.asked.get(timeout=ANSWER_S) == Scan("3123]52;c;x4")


BAD = [
    b"junk",
    b"\xff\xfe\x00",
    b"[]",
    b"null",
    b'{"version": 4}',
    b'{"version": 4, "submit": null}',
    b'{"version": 4, "submit": {"type": "format-disk"}}',
    b'{"version": 4, "submit": {"type": "scan"}}',
    b'{"version": 4, "submit": {"type": "scan", "text": 5}}',
    b'{"version": 4, "submit": {"type": "answer", "rule": "x", "outcome": "maybe"}}',
    b'{"version": 4, "snapshot": true, "watch": true}',
    b'{"version": 4, "snapshot": false}',
    b'{"version": 4, "unknown": true}',
    b"[" * 60000,
    b'{"a":' * 10000,
]


@pytest.mark.parametrize("line", BAD, ids=range(len(BAD)))
def test_bad_input_gets_an_error_line_and_the_next_line_works(station: Running, line: bytes) -> None:
    with Raw(station.data) as raw:
        raw.say(line + b"\n")
        answer = raw.hear()
        assert isinstance(answer["error"], dict)
        assert answer["error"]["code"] == "control-refused"
        raw.say(b'{"version": 4, "snapshot": true}\n')
        assert "snapshot" in raw.hear()
    assert station.bench.asked.empty()


def test_an_endless_line_is_cut_off(station: Running) -> None:
    with Raw(station.data) as raw:
        raw.say(b"x" * (wire.MAX_REQUEST + 1))
        assert "error" in raw.hear()
        assert raw.file.readline() == b"", "the station closed"
    client = connect(station.data)
    assert client is not None
    with client:
        assert client.snapshot().number == 1


def test_too_many_clients_are_refused_and_the_first_still_served(station: Running) -> None:
    first = connect(station.data)
    assert first is not None
    with first:
        crowd = [Raw(station.data) for _ in range(MAX_CLIENTS)]
        assert crowd[-1].hear()["error"]
        for raw in crowd:
            raw.__exit__()
        assert first.snapshot().number == 1


def test_a_defect_behind_the_socket_does_not_end_it(tmp_path: Path) -> None:
    def broken(*_: object) -> int:
        raise ZeroDivisionError

    with running(tmp_path, broken) as station:
        client = connect(station.data)
        assert client is not None
        with client:
            with pytest.raises(StationDefect):
                client.retry(None)
            assert client.snapshot().number == 1


def test_an_error_keeps_its_class_on_its_way(tmp_path: Path) -> None:
    def unknown(delivery: str | None, *_: object) -> int:
        raise BarcodeUnknown(str(delivery))

    with running(tmp_path, unknown) as station:
        client = connect(station.data)
        assert client is not None
        with client, pytest.raises(BarcodeUnknown, match="d-1"):
            client.retry("d-1")


SEEN = Snapshot(
    number=2,
    phase=Phase.STOPPED,
    item=ItemRecord(barcode="31234000000007", title="Ein «Buch» 東京 [b]", height_cm=23.5),  # type: ignore[arg-type]
    fault=Fault(
        "tag-locked", Sentence.verbatim("Locked."), choices=(Choice("new", Sentence.verbatim("New tag"), main=True),)
    ),
)


def test_a_remote_bench_sees_what_the_bench_publishes(station: Running) -> None:
    remote = RemoteBench(station.data)
    seen: queue.Queue[Snapshot | None] = queue.Queue()
    remote.subscribe(seen.put)
    remote.start()
    ends: queue.Queue[str] = queue.Queue()
    remote.start(at_end=lambda: ends.put("first"))  # one for each item of a conversion
    remote.start(at_end=lambda: seen.put(None))
    try:
        station.bench.bus.publish(SEEN)
        assert seen.get(timeout=ANSWER_S) == SEEN
        assert remote.snapshot == SEEN
        remote.submit(Scan("1"))
        assert station.bench.asked.get(timeout=ANSWER_S) == Scan("1")
        assert station.server.stop(ANSWER_S)
        assert seen.get(timeout=ANSWER_S) is None, "the subscriber learns of the end"
        assert remote.closed
        remote.start(at_end=lambda: ends.put("late"))
        assert [ends.get(timeout=ANSWER_S), ends.get(timeout=ANSWER_S)] == ["first", "late"], (
            "every caller learns of the end, also a late one"
        )
        with pytest.raises(StationClosed):
            remote.submit(Scan("2"))
    finally:
        assert remote.stop(ANSWER_S)


def test_a_job_ends_with_its_connection(station: Running) -> None:
    begin = BeginJob("j1", "ann (pts/3)")
    with Raw(station.data) as raw:
        raw.say(wire.encode(wire.Request(submit=begin)))
        assert raw.hear()["ok"]
        assert station.bench.asked.get(timeout=ANSWER_S) == begin
    assert station.bench.asked.get(timeout=ANSWER_S) == EndJob("j1")


def test_a_watcher_that_does_not_read_loses_old_snapshots_only(station: Running) -> None:
    with Raw(station.data) as raw:
        raw.say(b'{"version": 4, "watch": true}\n')
        assert "snapshot" in raw.hear()
        big = "x" * 50_000
        for number in range(2, 400):
            station.bench.bus.publish(Snapshot(number=number, notice=Notice("notice", Sentence.of(big))))
        newest = 0
        while newest != 399:
            snapshot = msgspec.convert(raw.hear()["snapshot"], Snapshot, dec_hook=decode_sentence)
            assert snapshot.number > newest, "snapshots arrive in order"
            newest = snapshot.number


def test_the_socket_is_private_and_goes_away(tmp_path: Path) -> None:
    path = tmp_path / wire.SOCKET_NAME
    with running(tmp_path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()
    assert connect(tmp_path) is None
    with pytest.raises(StationClosed):
        RemoteBench(tmp_path)


def test_a_stale_socket_file_is_replaced(tmp_path: Path) -> None:
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(tmp_path / wire.SOCKET_NAME))
    stale.close()
    assert connect(tmp_path) is None
    with running(tmp_path) as station:
        client = connect(station.data)
        assert client is not None
        client.close()


def test_no_server_without_the_lock(tmp_path: Path) -> None:
    with hold(tmp_path, FakeClock()) as held:
        pass
    server = Server(held, Bench(), quit_station=lambda: None)
    with pytest.raises(ValueError, match="lock"):
        server.start()
    server.stop()


def test_something_else_in_the_sockets_place_is_an_error(tmp_path: Path) -> None:
    (tmp_path / wire.SOCKET_NAME).mkdir()
    with pytest.raises(StoreReadOnly), running(tmp_path):
        pass
    assert connect(tmp_path) is None


def test_a_path_too_long_for_a_socket_works_by_its_directory(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)
    with running(deep):
        client = connect(deep)
        assert client is not None
        with client:
            assert client.snapshot().number == 1
        assert (deep / wire.SOCKET_NAME).is_socket()
    assert not (deep / wire.SOCKET_NAME).exists()


@given(st.binary(max_size=300), st.integers(1, 50))
def test_lines_do_not_depend_on_how_bytes_arrive(data: bytes, size: int) -> None:
    whole = wire.Lines(1000).feed(data)
    cut = wire.Lines(1000)
    assert [line for at in range(0, len(data), size) for line in cut.feed(data[at : at + size])] == whole
    assert whole == data.split(b"\n")[:-1]


@given(st.binary(max_size=200))
def test_random_bytes_raise_only_bad_line(data: bytes) -> None:
    for decode in (wire.decode_request, wire.decode_reply):
        with suppress(wire.BadLine):
            decode(data)


def test_an_answer_travels_whole(tmp_path: Path) -> None:
    """Count, photo and all: if the count were lost on the way, the set would count as uncounted."""
    sent = Answer("pieces-counted", Outcome.FAIL, "Piece missing", "one is cracked", "photos/1.jpg", 2, True)
    with running(tmp_path) as station:
        client = connect(tmp_path)
        assert client is not None
        with client:
            client.submit(sent)
            assert station.bench.asked.get(timeout=ANSWER_S) == sent
            client.submit(msgspec.structs.replace(sent, photo="a\x1b]0;x\x07", note="\x1b[2J"))
            got = station.bench.asked.get(timeout=ANSWER_S)
    assert isinstance(got, Answer)
    assert "\x1b" not in got.photo + got.note
    assert (got.count, got.scanned) == (2, True)


def test_a_watch_that_begins_after_the_end_is_over_at_once() -> None:
    """Its thread may be scheduled only after the command has ended."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    client = Client(ours)
    client.close()
    assert list(client.watch()) == []
    theirs.close()


def test_a_client_that_fills_the_queue_is_told_that_the_bench_is_busy(station: Running) -> None:
    scan = b'{"version":4,"submit":{"type":"scan","text":"31234000000015"}}\n'
    station.bench.waiting = 1
    with Raw(station.data) as wild, Raw(station.data) as other:
        for _ in range(MAX_QUEUED):
            wild.say(scan)
            assert wild.hear()["ok"] is True
        wild.say(scan)
        refused = wild.hear()["error"]
        assert isinstance(refused, dict) and refused["code"] == "bench-busy", refused
        other.say(scan)
        assert other.hear()["ok"] is True, "another program is not kept out"
        station.bench.waiting = 0
        wild.say(scan)
        assert wild.hear()["ok"] is True
    assert station.bench.asked.qsize() == MAX_QUEUED + 2
