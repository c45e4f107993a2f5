"""From Alma's call to the bytes in the tag and back: real server, real bench, real driver, emulated reader."""

from __future__ import annotations

import itertools
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from station.base.errors import SettingsError
from station.base.settings import Settings, Web
from station.base.words import Session
from station.domain.commands import Cancel, Scan
from station.domain.snapshot import Phase
from station.https import certificates
from station.runtime.lock import hold
from station.runtime.serving import serving
from station.runtime.station import Station
from tests.conftest import FakeClock
from tests.support import station_process
from tests.support.patience import PATIENCE_S
from tests.support.served_pad import NOW, Answer, security, until, update
from tests.support.station_with_web import BOOKS, DVD, IN_STOCK, ISIL, ON_LOAN, SECOND, Whole, whole
from tests.support.told import told


@pytest.fixture(scope="module")
def running() -> Iterator[Whole]:
    with station_process.short_folder() as folder, whole(folder) as it:
        yield it


@pytest.fixture
def station(running: Whole) -> Iterator[Whole]:
    """The running station with an empty pad and no item in process."""
    running.reader.call("lift")
    running.station.bench.submit(Cancel())
    until(lambda: running.now.phase is Phase.IDLE)
    yield running
    running.reader.call("lift")


_BOOKS = itertools.count()


@pytest.fixture
def book() -> str:
    """A book for which no other test has written a tag."""
    return BOOKS[next(_BOOKS)]


def items(answer: Answer) -> list[tuple[str | None, ...]]:
    assert answer.status == 200, answer.body
    names = ("barcode", "is_secure", "is_complete", "total_num_of_parts")
    return [tuple(item.findtext(name) for name in names) for item in answer.xml.iter("item")]


def written(station: Whole, barcode: str) -> str:
    """Write a tag of the item through the web service and return its UID."""
    uid = station.create(BOOKS.index(barcode))
    station.place(uid)
    answer = station.desk.call("POST", "/itemUpdate", update(barcode))
    assert answer.status == 200, answer.body
    return uid


def test_new_tag_lent_and_returned(station: Whole, book: str) -> None:
    assert items(station.desk.call("GET", "/getItems?reader_ip=1")) == []
    uid = written(station, book)
    tag = station.memory(uid)
    assert (station.says(uid), tag["afi"], tag["locked"]) == (book, IN_STOCK, [])
    assert station_process.text_of(station_process.elements(bytes.fromhex(tag["memory"]))[3]) == ISIL
    assert items(station.desk.call("GET", "/getItems")) == [(book, "true", "true", "1")]

    notices: list[str] = []
    unsubscribe = station.station.bench.subscribe(lambda snapshot: notices.append(snapshot.notice.code))
    assert station.desk.call("POST", "/setSecurity", security(book, "false")).status == 200
    lent = station.memory(uid)
    assert lent["afi"] == ON_LOAN and lent["memory"] == tag["memory"] and lent["dsfid"] == tag["dsfid"]
    assert items(station.desk.call("GET", "/getItems")) == [(book, "false", "true", "1")]
    until(lambda: "pad.not-secured" in notices)  # it may be over by now
    unsubscribe()

    assert station.desk.call("POST", "/setSecurity", security(book, "true")).status == 200
    assert station.memory(uid)["afi"] == IN_STOCK
    told = [(e["uid"], e["secure"], e["source"]) for e in station.journal("security-write-verified") if e["uid"] == uid]
    assert told == [(uid, False, "Alma"), (uid, True, "Alma")]
    order = station.journal(
        "tag-write-started", "tag-write-verified", "security-write-started", "security-write-verified"
    )
    assert [e["kind"] for e in order if e["uid"] == uid] == [
        "tag-write-started",
        "tag-write-verified",
        *("security-write-started", "security-write-verified") * 2,
    ]


def test_lifted_in_mid_write(station: Whole, book: str) -> None:
    uid = written(station, book)
    before = station.memory(uid)
    station.reader.call("lift-after-writes", n=1, mode="old")
    answer = station.desk.call("POST", "/setSecurity", security(book, "false"))
    assert answer.status == 500
    assert "lifted" in answer.message and "not known" in answer.message
    (event,) = [e for e in station.journal("security-write-interrupted") if e["uid"] == uid]
    assert (event["code"], event["barcode"], event["secure"]) == ("tag-lost", book, False)
    assert station.memory(uid)["memory"] == before["memory"]
    assert station.says(uid) == book, "the identity must be unchanged"
    station.place(uid)
    assert station.desk.call("POST", "/setSecurity", security(book, "false")).status == 200
    assert station.memory(uid)["afi"] == ON_LOAN


def test_the_touch_screen_in_mid_item(station: Whole, book: str) -> None:
    uid = written(station, book)
    station.station.bench.submit(Scan(SECOND))
    until(lambda: station.now.item is not None)
    before = station.memory(uid)
    calls = [
        ("GET", "/getItems", None),
        ("POST", "/setSecurity", security(book, "false")),
        ("POST", "/itemUpdate", update(book)),
    ]
    for method, path, body in calls:
        answer = station.desk.call(method, path, body)
        assert answer.status == 503 and "The clockmaker" in answer.message, answer.body
    assert station.memory(uid) == before
    assert station.now.item is not None and station.now.item.barcode == SECOND
    station.station.bench.submit(Cancel())
    until(lambda: station.now.item is None)
    assert items(station.desk.call("GET", "/getItems")) == [(book, "true", "true", "1")]


def test_two_clients_at_the_same_time(station: Whole, book: str) -> None:
    """Two browsers on one reader: every answer is complete, and writes and reads are never mixed."""
    uid = written(station, book)
    answers: list[Answer] = []

    def lend() -> None:
        for secure in ("false", "true", "false"):
            answers.append(station.desk.call("POST", "/setSecurity", security(book, secure)))

    def look() -> None:
        for _ in range(5):
            answers.append(station.desk.call("GET", "/getItems"))

    threads = [threading.Thread(target=lend), threading.Thread(target=look)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert [answer.status for answer in answers] == [200] * 8, [answer.body for answer in answers]
    for answer in answers:
        assert answer.xml.findtext("success") == "true" or items(answer)[0][0] == book
    assert station.memory(uid)["afi"] == ON_LOAN
    kinds = [e["kind"] for e in station.journal("security-write-started", "security-write-verified") if e["uid"] == uid]
    assert kinds == ["security-write-started", "security-write-verified"] * 3, "each must end before the next starts"


def test_a_set_part_by_part_and_then_together(station: Whole) -> None:
    """Each part is written separately. Then the whole set is on the pad, is complete, and is lent with one call."""
    uids = [station.create(0x100 + part) for part in (1, 2, 3)]
    for part, uid in enumerate(uids, 1):
        station.reader.call("lift")
        station.place(uid)
        answer = station.desk.call("POST", "/itemUpdate", update(DVD, part, uid))
        assert answer.status == 200, answer.body
    assert items(station.desk.call("GET", "/getItems")) == [(DVD, "true", "false", "3")]
    station.place(*uids)
    assert items(station.desk.call("GET", "/getItems")) == [(DVD, "true", "true", "3")]
    assert station.desk.call("POST", "/setSecurity", security(DVD, "false")).status == 200
    assert [station.memory(uid)["afi"] for uid in uids] == [ON_LOAN] * 3
    assert station.desk.call("POST", "/itemUpdate", update(DVD, 1, uids[0])).status == 409, "one part at a time"
    tags = "".join(f"<tag><tag_id>{uid}</tag_id><part_num>{n}</part_num></tag>" for n, uid in enumerate(uids, 1))
    several = f"<rfid><items><item><barcode>{DVD}</barcode><tags>{tags}</tags></item></items></rfid>".encode()
    before = [station.memory(uid) for uid in uids]
    answer = station.desk.call("POST", "/itemUpdate", several)
    assert answer.status == 400
    assert "one part at a time" in (answer.xml.findtext("ExceptionDetail/Message") or "")
    assert [station.memory(uid) for uid in uids] == before


def test_unplugged(station: Whole, book: str) -> None:
    uid = written(station, book)
    station.reader.call("unplug")
    try:
        answer = station.desk.call("POST", "/setSecurity", security(book, "false"))
        assert answer.status == 503, answer.body
        until(lambda: not station.now.reader_ready)
    finally:
        station.reader.call("plug")
    until(lambda: station.now.reader_ready)
    assert station.memory(uid)["afi"] == IN_STOCK


def test_another_items_tag_is_not_overwritten(station: Whole, book: str) -> None:
    uid = written(station, book)
    before = station.memory(uid)
    answer = station.desk.call("POST", "/itemUpdate", update(SECOND))
    assert answer.status == 409 and 'The tag on the pad is for "' in answer.message
    assert station.memory(uid) == before
    (event,) = [e for e in station.journal("pad-request-refused") if e["code"] == "other-item"]
    assert (event["asked"], event["barcode"], event["source"]) == ("update-item", SECOND, "Alma")


def test_the_light_on_the_screen(station: Whole) -> None:
    assert station.now.web_ready and told(station.now.web) == f"port {station.desk.server.port}"


def test_the_command_lines_twins_go_through_the_running_station(station: Whole, book: str) -> None:
    uid = station.create(BOOKS.index(book))
    station.place(uid)
    bench = station.station.bench
    with hold(station.data, FakeClock()) as held:
        server = serving(held, station.station, lambda: None)
        server.start()
        try:
            data = ("--data", str(station.data), "--json")
            done = station_process.station(station.data.parent, "pad", "update", book, *data)
            assert done.code == 0 and done.json[0]["uid"] == uid, repr(done)
            done = station_process.station(station.data.parent, "pad", "security", book, "off", *data)
            assert done.code == 0 and done.json[0]["secure"] is False
            assert station.memory(uid)["afi"] == ON_LOAN
            (tag,) = station_process.station(station.data.parent, "pad", "items", *data).json
            assert (tag["barcode"], tag["afi"], tag["uid"]) == (book, ON_LOAN, uid)
            bench.submit(Scan(SECOND))
            until(lambda: station.now.item is not None)
            done = station_process.station(station.data.parent, "pad", "items", *data)
            assert (done.code, done.json["error"]["code"]) == (4, "bench-busy")
            bench.submit(Cancel())
            until(lambda: station.now.item is None)
            done = station_process.station(station.data.parent, "pad", "update", SECOND, *data)
            assert (done.code, done.json["error"]["code"]) == (20, "not-finished")
        finally:
            server.stop()
    sources = {e["source"] for e in station.journal("security-write-verified") if e["uid"] == uid}
    assert sources == {"command line"}


def test_a_port_that_is_taken_shows_and_the_station_works_on() -> None:
    with socket.socket() as taken, station_process.short_folder() as folder:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        certificates.make(folder, (), NOW)
        station = Station(Settings(web=Web(enabled=True, port=port)), folder, Session())
        station.start()
        try:
            until(lambda: bool(station.bench.snapshot.web))
            shown = station.bench.snapshot
            assert not shown.web_ready and told(shown.web) == f"port {port} is taken or not allowed"
            assert station.web is None
        finally:
            station.stop()


def test_without_a_certificate_it_does_not_start() -> None:
    with station_process.short_folder() as folder:
        station = Station(Settings(web=Web(enabled=True, port=0)), folder, Session())
        with pytest.raises(SettingsError, match="station web certificate make"):
            station.start()


def test_switched_off_it_loads_nothing_and_listens_nowhere() -> None:
    with station_process.short_folder() as folder:
        code = (
            "import sys, pathlib; from station.base.settings import Settings; from station.base.words import Session; "
            "from station.runtime.station import Station; "
            f"s = Station(Settings(), pathlib.Path({str(folder)!r}), Session()); s.start(); s.stop(); "
            "print([n for n in ('uvicorn', 'starlette', 'cryptography') if n in sys.modules])"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE_S, check=True
        )
        assert done.stdout.strip() == "[]"
