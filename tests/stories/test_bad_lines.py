"""Connection faults: the reader's port and its frames, and an Alma that is absent, slow, failing, or silent after the
effect.

The station, the reader and Alma are separate processes. The tests request faults at the control sockets.
"""

from __future__ import annotations

import fcntl
import os
import pty
import random
import stat
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support import station_process
from tests.support.rights import plain_user
from tests.support.whole_bench import Bench, bench, until

# --- the port -----------------------------------------------------------------------------------------------------------


def without_reader(
    desk: Bench, code: str, *, before: tuple[str, ...] = (), timeout: str = "3"
) -> station_process.Ended:
    """Process an item whose tag cannot be reached; assert exit code 10 with this error, a sentence, and no result."""
    barcode, uid = desk.item()
    done = desk.station("process", barcode, "--pass-all", "--timeout", timeout, "--json", before=before)
    assert done.code == 10, repr(done)
    assert done.json["error"]["code"] == code, repr(done)
    assert any(start in done.json["error"]["sentence"] for start in ("The reader", "Another", "The station"))
    assert "Traceback" not in done.err
    desk.blank(uid)
    assert barcode not in {event["barcode"] for event in station_process.events(desk.data, "item-judged")}
    return done


@contextmanager
def port(desk: Bench, path: str | Path) -> Iterator[None]:
    """Set another port in station.toml."""
    file = desk.data / "station.toml"
    before = file.read_text()
    file.write_text(before.replace(str(desk.reader.link), str(path)))
    try:
        yield
    finally:
        file.write_text(before)


def test_port_missing(shared_desk: Bench) -> None:
    with port(shared_desk, "/dev/serial/by-id/nothing"):
        without_reader(shared_desk, "port-missing")


def test_port_that_is_no_serial_port(shared_desk: Bench) -> None:
    with port(shared_desk, shared_desk.data / "journal.db"):
        without_reader(shared_desk, "port-missing")
    station_process.verified(shared_desk.folder, shared_desk.data)


def test_port_locked_by_another_program(shared_desk: Bench) -> None:
    handle = os.open(shared_desk.reader.link, os.O_RDWR | os.O_NOCTTY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        without_reader(shared_desk, "port-busy")
    finally:
        os.close(handle)


def test_port_opened_exclusively_by_another_program(shared_desk: Bench) -> None:
    before = plain_user()
    handle = os.open(shared_desk.reader.link, os.O_RDWR | os.O_NOCTTY)
    try:
        fcntl.ioctl(handle, termios.TIOCEXCL)
        without_reader(shared_desk, "port-busy", before=before)
    finally:
        fcntl.ioctl(handle, termios.TIOCNXCL)
        os.close(handle)


def test_port_without_permission(shared_desk: Bench) -> None:
    before = plain_user()
    device = Path(os.path.realpath(shared_desk.reader.link))
    mode = stat.S_IMODE(device.stat().st_mode)
    device.chmod(0)
    try:
        without_reader(shared_desk, "port-denied", before=before)
    finally:
        device.chmod(mode)


@station_process.beside
def test_a_silent_reader(template: Path) -> None:
    with bench(template) as desk:
        desk.reader.do("silence", on=True)
        without_reader(desk, "reader-silent", timeout="6")


@station_process.beside
def test_something_else_at_the_port(template: Path) -> None:
    """A device that answers everything with junk (a scale, a modem) causes an error of the reader, not a defect."""
    master, slave = pty.openpty()
    path = os.ttyname(slave)

    def babble() -> None:
        try:
            while os.read(master, 4096):
                os.write(master, b"\x07ERROR\r\n" * 5)
        except OSError:
            return

    thread = threading.Thread(target=babble, daemon=True)
    thread.start()
    with bench(template) as desk:
        barcode, uid = desk.item()
        with port(desk, path):
            done = desk.station("process", barcode, "--pass-all", "--timeout", "6")
        desk.blank(uid)
    os.close(slave)
    os.close(master)
    assert done.code in (10, 11), repr(done)
    assert "Traceback" not in done.err and done.err.strip()


def connected(desk: Bench, barcode: str, timeout: str) -> Any:
    """Start `station process`; return once it has found its reader and waits for a tag."""
    frames = desk.reader.do("counters")["frames_in"]
    process = desk.start("process", barcode, "--pass-all", "--timeout", timeout, "--json")
    until(lambda: desk.reader.do("counters")["frames_in"] > frames + 6, "some looks at the pad", process)
    return process


def test_the_reader_is_unplugged_and_stays_away(shared_desk: Bench) -> None:
    desk = shared_desk
    barcode, uid = desk.item(place=False)
    process = connected(desk, barcode, "3")
    desk.reader.do("unplug")
    try:
        done = station_process.Ended(process)
    finally:
        desk.reader.do("plug")
    assert done.code == 10, repr(done)
    assert done.json["error"]["code"] in ("port-lost", "port-missing")
    desk.reader.do("place", uid=uid)
    again = desk.station("process", barcode, "--pass-all")
    assert again.code == 0, repr(again)
    desk.holds(uid, barcode)


def test_the_reader_comes_back_and_the_item_is_done(shared_desk: Bench) -> None:
    desk = shared_desk
    barcode, uid = desk.item(place=False)
    process = connected(desk, barcode, "60")
    desk.reader.do("unplug")
    desk.reader.do("plug")
    desk.reader.do("place", uid=uid)
    done = station_process.Ended(process)
    assert done.code == 0, repr(done)
    desk.holds(uid, barcode)


# --- frames -------------------------------------------------------------------------------------------------------------

FRAME_FAULTS: dict[str, dict[str, Any]] = {
    "drop-answer": {},
    "late-answer": {"ms": 300},
    "garble-answer": {},
    "truncate-answer": {},
    "duplicate-answer": {},
}


def disturbed(desk: Bench, kind: str, seed: int) -> None:
    """Process an item while the reader's answers are sometimes corrupted, and assert that it ends correctly."""
    chance = random.Random(f"{kind} {seed}")
    barcode, uid = desk.item()
    # The first frames are the greeting; an item takes about forty.
    at = 0
    for _ in range(2):
        at += chance.randrange(4, 13)  # an item of 7 blocks takes some 28 exchanges: the UID identifies the chip
        desk.reader.do(kind, n=at, **FRAME_FAULTS[kind])
    done = desk.station("process", barcode, "--pass-all", "--timeout", "60")
    assert done.code == 0, repr(done)
    assert "Traceback" not in done.err
    assert desk.reader.do("faults")["armed"] == [], "every fault must have occurred"
    desk.holds(uid, barcode)
    desk.reader.do("clear-faults")


@station_process.beside
def test_disturbed_answers(template: Path) -> None:
    with bench(template) as desk:
        for kind in FRAME_FAULTS:
            disturbed(desk, kind, 0)


@pytest.mark.soak
@pytest.mark.parametrize("kind", FRAME_FAULTS)
def test_disturbed_answers_at_many_places(template: Path, kind: str) -> None:
    with bench(template) as desk:
        for seed in range(100, 160):
            disturbed(desk, kind, seed)
    print(f"\n{kind}: 60 items with two spoilt answers each, 60 tags right")


# --- Alma ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def running(template: Path) -> Iterator[Bench]:
    """A bench whose station runs on a pty for all tests below."""
    with bench(template, alma_s=2.0) as desk:
        desk.open()
        yield desk


def history(desk: Bench, barcode: str, system: str = "alma") -> list[str]:
    """Return the journaled states of the item's delivery."""
    ids = {
        row["id"]
        for row in station_process.deliveries(desk.data)
        if row["intent"]["barcode"] == barcode and row["system"] == system
    }
    return [
        event["state"] for event in station_process.events(desk.data, "delivery-changed") if event["delivery"] in ids
    ]


def effects(desk: Bench, barcode: str) -> int:
    """Return how often Alma changed the item."""
    return [effect["barcode"] for effect in desk.ils.do("log")["effects"]].count(barcode)


def passes(desk: Bench) -> str:
    """Pass an item, whatever Alma does. Return its barcode."""
    barcode, uid = desk.item()
    done = desk.station("process", barcode, "--pass-all", "--json")
    assert done.code == 0 and done.json["outcome"] == "pass", repr(done)
    desk.holds(uid, barcode)
    return barcode


def drained(desk: Bench, *barcodes: str) -> None:
    """Request another try now, and wait until every delivery has arrived, once."""
    assert desk.station("outbox", "retry", "--all").code == 0
    until(lambda: all(set(desk.states(code).values()) == {"delivered"} for code in barcodes), "the deliveries", None)
    for code in barcodes:
        desk.delivered_once(code)
        assert effects(desk, code) == 1


Order = tuple[str, dict[str, Any]]

CASES: list[Any] = [
    # (name, requested faults, the state through which the delivery must pass, commands that end the fault)
    pytest.param([("down", {})], "deferred", [("up", {})], id="absent"),
    pytest.param([("status", {"n": 1, "code": 401})], "deferred", [], id="401"),
    pytest.param([("status", {"n": 1, "code": 403})], "deferred", [], id="403"),
    pytest.param([("throttle", {"n": 1, "as": "status", "retry_after": 1})], "deferred", [], id="429"),
    pytest.param([("throttle", {"n": 1, "as": "body"})], "deferred", [], id="threshold-with-status-200"),
    pytest.param([("status", {"n": 1, "code": 500})], "deferred", [], id="500"),
    pytest.param([("html", {"n": 1})], "deferred", [], id="html"),
    pytest.param([("half", {"n": 2})], "deferred", [], id="half-an-answer"),
    pytest.param([("drop-before-effect", {"n": 1})], "in-doubt", [], id="lost-before-the-effect"),
    pytest.param([("drop-answer-after-effect", {"n": 1})], "in-doubt", [], id="lost-after-the-effect"),
    pytest.param([("error", {"n": 1, "code": "40166411"})], "parked", [], id="rejected"),
    # Last, because requests that timed out are still served later and would use up the fault of another case.
    pytest.param([("slow", {"ms": 3000})], "deferred", [("slow", {"ms": 0})], id="slow"),
]


@pytest.mark.parametrize(("orders", "state", "end"), CASES)
def test_alma_in_trouble(running: Bench, orders: list[Order], state: str, end: list[Order]) -> None:
    for word, arguments in orders:
        running.ils.do(word, **arguments)
    try:
        barcode = passes(running)
        until(lambda: state in history(running, barcode), state, None)
        until(lambda: running.states(barcode)["file"] == "delivered", "the line in the file", None)
    finally:
        for word, arguments in end:
            running.ils.do(word, **arguments)
    drained(running, barcode)
    states = history(running, barcode)
    assert states[0] == state and states[-1] == "delivered" and states.count("delivered") == 1, states


def test_alma_away_for_several_items_then_the_outbox_drains_in_order(running: Bench) -> None:
    running.ils.do("down")
    try:
        barcodes = [passes(running) for _ in range(3)]
        until(lambda: "deferred" in history(running, barcodes[0]), "the first one deferred", None)
        # After some failures in succession the courier stops trying, so that later deliveries may still be pending. A
        # leased delivery is being tried at this moment.
        shown = running.station("outbox", "show", "--json").json["counts"]
        assert sum(shown.get(state, 0) for state in ("deferred", "pending", "leased")) >= 3, shown
        assert all(running.states(code)["alma"] != "delivered" for code in barcodes)
    finally:
        running.ils.do("up")
    drained(running, *barcodes)
    lines = [line["barcode"] for line in station_process.results(running.data)]
    assert [code for code in lines if code in barcodes] == barcodes
    station_process.verified(running.folder, running.data)


def test_what_others_change_in_the_same_moment_stays(running: Bench) -> None:
    code = station_process.barcode(running.number + 1)
    running.ils.do("edit-between", when="put-get", barcode=code, field="public_note", value="somebody else was here")
    assert passes(running) == code
    until(lambda: set(running.states(code).values()) == {"delivered"}, "the delivery", None)
    running.delivered_once(code)
    item = running.ils.do("dump", barcode=code)["item"]["item_data"]
    assert item["public_note"] == "somebody else was here"


@station_process.beside
def test_the_station_is_killed_while_alma_holds_the_answer(template: Path) -> None:
    """The effect has happened, the answer never came, the station died: the next one checks, and does not write
    twice."""
    with bench(template) as desk:
        screen = desk.open()
        desk.ils.do("drop-answer-after-effect", n=1)
        desk.ils.do("slow", ms=300)
        barcode = passes(desk)
        until(lambda: effects(desk, barcode) == 1, "the effect", screen.process)
        screen.process.kill()
        screen.process.wait()
        screen.close()
        desk.ils.do("slow", ms=0)
        desk.open()
        until(lambda: set(desk.states(barcode).values()) == {"delivered"}, "the deliveries", None)
        desk.delivered_once(barcode)
        assert effects(desk, barcode) == 1
        station_process.verified(desk.folder, desk.data)
