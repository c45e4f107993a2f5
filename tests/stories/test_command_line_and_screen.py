"""Every action of the screen has an equivalent on the command line, alone with the data and with a running station.

Also the ways to end a station: signals and a terminal that disappears, including in the middle of a write.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from station.base.settings import load
from station.demo.staff import STAFF, employ
from station.domain.commands import Cancel
from station.domain.workflows import SetView, Workflow
from station.runtime.socket.client import connect
from tests.support import station_process
from tests.support.patience import PATIENCE_S
from tests.support.whole_bench import Bench, Screen, until

FOREIGN = "110101666f6f6261720000000000000000000088af4445353236000000000000000000"
"""An ISO 28560-3 tag of another library (TH Wildau's published example: tests/vectors/28560-3.jsonl)."""


def said(ended: station_process.Ended, code: int) -> station_process.Ended:
    """Assert that it ended with this code, printed something, and printed no traceback."""
    assert ended.code == code, repr(ended)
    assert "Traceback" not in ended.out + ended.err
    assert ended.out.strip() or ended.err.strip()
    return ended


# --- alone with the data ------------------------------------------------------------------------------------------------


def test_process_writes_judges_and_delivers(shared_desk: Bench) -> None:
    desk = shared_desk
    code, uid = desk.item()
    done = said(desk.station("process", code, "--pass-all", "--json"), 0)
    assert {name: done.json[name] for name in ("barcode", "outcome", "uid", "part")} == {
        "barcode": code,
        "outcome": "pass",
        "uid": uid,
        "part": 1,
    }
    desk.holds(uid, code)
    assert [event["barcode"] for event in station_process.events(desk.data, "item-judged")].count(code) == 1
    station_process.verified(desk.folder, desk.data)


def test_process_asks_nobody_when_nobody_is_there(shared_desk: Bench) -> None:
    """The tag is written and verified, the checks have no answer: the item is set aside, without a verdict."""
    desk = shared_desk
    code, uid = desk.item()
    done = said(desk.station("process", code), 20)
    assert "--answer title-in-hand=" in done.err
    desk.holds(uid, code)
    assert code not in {event["barcode"] for event in station_process.events(desk.data, "item-judged")}
    assert code in {event["barcode"] for event in station_process.events(desk.data, "item-set-aside")}


def test_process_a_failed_check_ends_with_1(shared_desk: Bench) -> None:
    desk = shared_desk
    code, _ = desk.item()
    done = said(desk.station("process", code, "--pass-all", "--answer", "title-in-hand=fail:Other title", "--json"), 1)
    assert done.json["outcome"] == "fail"
    findings = {finding["rule"]: (finding["outcome"], finding["reason"]) for finding in done.json["findings"]}
    assert findings["title-in-hand"] == ("fail", "this is another title")
    assert findings["spine-label"][0] == "pass"


def test_process_a_second_look_closes_a_correction_where_people_do_not_sign_on(shared_desk: Bench) -> None:
    desk = shared_desk
    code, _ = desk.item()
    fail = ("--answer", "title-in-hand=fail:Other title")
    done = said(desk.station("process", code, "--pass-all", *fail, "--operator", "ann", "--json"), 1)
    (flag,) = done.json["flags"]
    assert flag["new"] and flag["state"] == "open"
    again = said(desk.station("process", code, "--pass-all", "--operator", "ann", "--json"), 0)
    assert again.json["flags"] == []
    shown = said(desk.station("corrections", "show", flag["correction"], "--json"), 0)
    assert [(one["state"], one["result"], one["barcode"]) for one in shown.json] == [("closed", "mended", code)]
    rechecks = station_process.events(desk.data, "correction-rechecked")
    (second_look,) = [event["second_look"] for event in rechecks if event["correction"] == flag["correction"]]
    assert second_look, "the journal must say that no other person rechecked"


def test_process_a_fail_is_mended_by_one_and_rechecked_by_another(desk: Bench) -> None:
    """The whole loop with sign-on, through the real program and the emulated reader: flag, mend, recheck, and both results
    delivered."""
    settings = desk.data / "station.toml"
    settings.write_text(settings.read_text() + "[people]\nsign_on = true\n")
    employ(load(settings), desk.data)
    code, _ = desk.item()

    def station_as(login: str, *words: str) -> station_process.Ended:
        """Run a command as this person, whose PIN is on stdin."""
        (pin,) = [pin for name, _, _, pin, _ in STAFF if name == login]
        (desk.folder / "pin").write_text(f"{pin}\n")
        with (desk.folder / "pin").open() as stdin:
            return desk.station(*words, "--operator", login, stdin=stdin)

    process = ("process", code, "--pass-all")
    done = said(station_as("tess", *process, "--answer", "title-in-hand=fail:Other title", "--json"), 1)
    (flag,) = done.json["flags"]
    assert flag["new"] and flag["state"] == "open"
    mended = said(station_as("ann", *process, "--json"), 0)
    assert [(one["correction"], one["state"]) for one in mended.json["flags"]] == [(flag["correction"], "mended")]
    again = said(station_as("ann", *process), 0)
    assert "another check is due" in again.out, "no person rechecks own work"
    other = said(station_as("tess", *process, "--json"), 0)
    assert other.json["flags"] == []
    shown = said(station_as("tess", "corrections", "show", flag["correction"], "--json"), 0)
    assert [(one["state"], one["result"], one["barcode"]) for one in shown.json] == [("closed", "mended", code)]
    (recheck,) = station_process.events(desk.data, "correction-rechecked")
    assert not recheck.get("second_look") and recheck["operator"] == "w-demo-tess"
    station_process.verified(desk.folder, desk.data)


def test_process_foreign_tag_needs_two_gestures(shared_desk: Bench) -> None:
    desk = shared_desk
    code, uid = desk.item(memory=FOREIGN, afi=0x07, dsfid=0x3E)
    before = desk.reader.dump(uid)

    def unchanged() -> bool:
        after = desk.reader.dump(uid)
        return all(before[name] == after[name] for name in ("memory", "afi", "dsfid", "writes"))

    refused = said(desk.station("process", code, "--pass-all", "--json"), 20)
    assert "DE-526" in refused.json["error"]["detail"]
    assert unchanged()
    once = said(desk.station("process", code, "--pass-all", "--choose", "overwrite"), 20)
    assert "Scan the barcode of" in once.err and "again to overwrite" in once.err
    assert unchanged()
    aside = said(desk.station("process", code, "--choose", "set-aside", "--json"), 1)
    assert aside.json["outcome"] == "set-aside"
    assert unchanged()
    said(desk.station("process", code, "--pass-all", "--choose", "overwrite", "--choose", "scan"), 0)
    desk.holds(uid, code)


@pytest.mark.parametrize(
    ("tag", "code", "words"),
    [
        pytest.param({"place": False}, "tag-absent", "No tag answers", id="no-tag"),
        pytest.param({"locked": [1]}, "tag-locked", "locked", id="locked-block"),
        pytest.param({"chip": "sli-l"}, "does-not-fit", "too small", id="too-small"),
        pytest.param({"memory": "a5" * 112}, "not-finished", "does not know", id="unknown-content"),
    ],
)
def test_process_a_tag_that_will_not_do(shared_desk: Bench, tag: dict[str, Any], code: str, words: str) -> None:
    desk = shared_desk
    barcode, uid = desk.item(**tag)
    before = desk.reader.dump(uid)
    done = said(
        desk.station("process", barcode, "--pass-all", "--timeout", "2.5", "--json"),
        21 if code == "does-not-fit" else 20,
    )
    assert done.json["error"]["code"] == code, repr(done)
    assert words in done.json["error"]["sentence"]
    after = desk.reader.dump(uid)
    assert (after["memory"], after["dsfid"], after["writes"]) == (before["memory"], before["dsfid"], {})


def test_process_two_tags_write_nothing(shared_desk: Bench) -> None:
    desk = shared_desk
    code, uid = desk.item()
    other = station_process.spare(desk.number)
    desk.reader.do("create", uid=other, place=True)
    done = said(desk.station("process", code, "--pass-all", "--timeout", "2.5", "--json"), 20)
    assert done.json["error"]["code"] == "tags-collide"
    desk.blank(uid)
    desk.blank(other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("39999999999996", "no record"),
        ("30980000000016", "check digit"),
        ("3098000000001", "13"),
        ("3098000000001530980000000015", "2 times in one scan"),
        ("3098000000OO15", "not allowed"),
    ],
    ids=["unknown", "check-digit", "short", "two-in-one-burst", "letters"],
)
def test_process_a_barcode_that_will_not_do(shared_desk: Bench, text: str, words: str) -> None:
    desk = shared_desk
    desk.reader.do("lift")
    done = said(desk.station("process", text, "--timeout", "60"), 30)
    assert words in done.err
    assert done.out == ""


def test_tag_write_read_and_decode(shared_desk: Bench) -> None:
    desk = shared_desk
    code, uid = desk.item()
    wrote = said(desk.station("tag", "write", code, "--json"), 0)
    assert wrote.json["outcome"] == "verified"
    desk.holds(uid, code)
    memory = desk.reader.dump(uid)["memory"]
    (image,) = said(desk.station("tag", "read", "--json"), 0).json
    assert (image["uid"], image["memory"].lower(), image["dsfid"], image["afi"]) == (uid, memory, 6, 7)
    (decoded,) = said(desk.station("tag", "decode", "--json"), 0).json
    assert decoded["recognition"]["content"]["primary_item_identifier"] == code
    (dump,) = said(desk.station("tag", "decode", memory, "--json"), 0).json
    assert dump["recognition"]["content"] == decoded["recognition"]["content"]
    said(desk.station("tag", "decode", "11zz"), 21)
    desk.reader.do("lift")
    said(desk.station("tag", "read"), 20)


def test_journal_outbox_and_doctor_look_without_changing(shared_desk: Bench) -> None:
    desk = shared_desk
    code, _ = desk.item()
    said(desk.station("process", code, "--pass-all"), 0)
    said(desk.station("outbox", "retry", "--all"), 0)
    before = station_process.events(desk.data, "item-judged"), station_process.deliveries(desk.data)
    rows = said(desk.station("journal", "show", "--limit", "1000", "--json"), 0).json
    assert [row["seq"] for row in rows] == sorted((row["seq"] for row in rows), reverse=True)
    full = said(desk.station("journal", "show", "--limit", "1000", "--json", "--full"), 0).json
    assert code in json.dumps(full)
    head = station_process.verified(desk.folder, desk.data)["head"]
    said(desk.station("journal", "verify", "--head", head), 0)
    said(desk.station("journal", "verify", "--head", "00" * 32), 1)
    shown = said(desk.station("outbox", "show", "--json"), 0).json
    assert sum(shown["counts"].values()) == len(before[1])
    lines = {line["name"]: line["level"] for line in said(desk.station("doctor", "--json"), 0).json["lines"]}
    assert lines["Alma"] == "OK", "like the adapter, doctor takes plain http on this computer"
    assert {name for name, level in lines.items() if level == "FAIL"} == set()
    settings = (desk.data / "station.toml").read_text()
    (desk.data / "station.toml").write_text(settings.replace("http://127.0.0.1", "http://alma.example.edu"))
    lines = {line["name"]: line["level"] for line in said(desk.station("doctor", "--json"), 1).json["lines"]}
    (desk.data / "station.toml").write_text(settings)
    assert {name for name, level in lines.items() if level == "FAIL"} == {"Alma"}, "elsewhere it must be https"
    assert (station_process.events(desk.data, "item-judged"), station_process.deliveries(desk.data)) == before


# --- against a running station ------------------------------------------------------------------------------------------


def test_the_twins_go_to_the_running_station(desk: Bench) -> None:
    screen = desk.open()
    code, uid = desk.item()
    done = said(desk.station("process", code, "--pass-all", "--json"), 0)
    assert (done.json["outcome"], done.json["uid"]) == ("pass", uid)
    desk.holds(uid, code)
    until(lambda: set(desk.states(code).values()) == {"delivered"}, "its deliveries")
    desk.delivered_once(code)
    # A second item with a failed check, a tag written without a verdict, and an unknown item.
    second, second_uid = desk.item()
    said(desk.station("process", second, "--pass-all", "--answer", "spine-label=fail:Line missing"), 1)
    desk.holds(second_uid, second)
    third, third_uid = desk.item()
    said(desk.station("tag", "write", third), 0)
    desk.holds(third_uid, third)
    said(desk.station("process", "39999999999996"), 30)
    # The journal belongs to the running station, and is readable beside it.
    station_process.verified(desk.folder, desk.data)
    assert len(station_process.events(desk.data, "station-started")) == 1
    doctor = {line["name"]: line for line in desk.station("doctor", "--json").json["lines"]}
    assert str(screen.process.pid) in doctor["station"]["found"]
    assert doctor["reader"]["level"] == "OK"
    # A command that needs exclusive access to the data is refused, and names the process that holds it.
    for command in (["tag", "read"], ["tag", "decode"]):
        refused = said(desk.station(*command), 4)
        assert str(screen.process.pid) in refused.err
    # An import is journaled by the running station.
    said(desk.station("catalog", "import", str(desk.data / "numbered.mrc")), 0)
    assert len(station_process.events(desk.data, "catalog-imported")) == 2
    screen.process.terminate()
    assert screen.process.wait(PATIENCE_S) == 0
    assert len(station_process.events(desk.data, "station-stopped")) == 1
    station_process.verified(desk.folder, desk.data)


def test_a_killed_terminal_ends_its_job_and_a_second_one_waits(desk: Bench) -> None:
    desk.open()
    code, _ = desk.item(place=False)
    twin = desk.start("process", code)
    station = connect(desk.data)
    assert station is not None
    with station:
        until(lambda: station.snapshot().item is not None, "the item in hand")
        assert station.snapshot().sender, "the screen must name the sender"
        busy = said(desk.station("process", station_process.barcode(79), "--json"), 4)
        assert busy.json["error"]["code"] == "station-busy" and "is using the bench" in busy.json["error"]["detail"]
        twin.kill()
        twin.communicate()
        until(lambda: station.snapshot().item is None, "the item put down")
        now = station.snapshot()
        assert (now.sender, now.notice.code) == ("", "notice.sender-gone")
        for number in (signal.SIGHUP, signal.SIGTERM):  # its terminal was closed; it was asked to end
            twin = desk.start("process", code)
            until(lambda: station.snapshot().item is not None, "the item in hand again")
            twin.send_signal(number)
            twin.communicate()
            until(lambda: station.snapshot().item is None, f"the item put down after {number.name}")
            assert station.snapshot().sender == ""
    assert [event["barcode"] for event in station_process.events(desk.data, "item-set-aside")] == [code] * 3
    left, _ = desk.item()
    assert desk.station("process", left, "--json").json["error"]["code"] == "not-finished", "no answers were given"
    station = connect(desk.data)
    assert station is not None
    with station:
        until(lambda: station.snapshot().notice.code == "notice.sender-gone", "word of the item without a verdict")
        assert [one.barcode for one in station.snapshot().unjudged] == [left]
    following, uid = desk.item()
    said(desk.station("process", following, "--pass-all"), 0)
    desk.holds(uid, following)


def test_a_set_that_the_bench_sets_aside_ends_its_command(desk: Bench) -> None:
    desk.open()
    code, _ = desk.item(place=False)
    station = connect(desk.data)
    assert station is not None
    with station:
        twin = desk.start("set", code, "--timeout", "600")
        until(lambda: isinstance(view := station.snapshot().workflow_view, SetView) and view.barcode == code, "a set")
        station.submit(Cancel())
        until(lambda: station.snapshot().sender == "", "a free bench")
        ended = said(station_process.Ended(twin), 1)
        assert "Set aside at the bench." in ended.err and "is using the bench" not in ended.err
        assert station.snapshot().workflow is Workflow.PROCESS


def test_a_parked_delivery_is_sent_again_when_asked(desk: Bench) -> None:
    screen = desk.open()
    code, uid = desk.item()
    desk.ils.do("error", n=2, code="40166411")
    said(desk.station("process", code, "--pass-all"), 0)
    until(lambda: desk.states(code) == {"alma": "parked", "file": "delivered"}, "the parked delivery")
    (row,) = [row for row in station_process.deliveries(desk.data) if row["state"] == "parked"]
    desk.ils.do("error", n=0)
    assert said(desk.station("outbox", "retry", "no-such-id"), 1).out.strip() == "0 to be sent again"
    assert said(desk.station("outbox", "retry", row["id"], "--json"), 0).json == {"retried": 1}
    until(lambda: desk.states(code)["alma"] == "delivered", "the delivery")
    desk.delivered_once(code)
    desk.holds(uid, code)
    assert screen.process.poll() is None


# --- the ends of a station ----------------------------------------------------------------------------------------------


class Demo:
    """`station demo` on a pty, with access to its emulators."""

    def __init__(self, folder: Path, *, controlling: bool = True) -> None:
        self.folder, self.data = folder, folder / "d"
        self.screen = Screen(folder, "demo", "--data", str(self.data), controlling=controlling)
        until(lambda: (self.data / "station.sock").exists(), "the demo", self.screen.process)
        self.family = station_process.children(self.screen.process.pid)
        assert len(self.family) >= 2, "the two emulators must run"
        (self.run,) = (folder / "t").glob("station-demo-*")

    def do(self, word: str, **arguments: Any) -> dict[str, Any]:
        """Send a command to the emulated reader."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(PATIENCE_S)
            line.connect(str(self.run / "reader.sock"))
            line.sendall(json.dumps({"do": word, **arguments}).encode() + b"\n")
            answer: dict[str, Any] = json.loads(line.makefile("rb").readline())
        assert answer["ok"], answer
        return answer

    def in_mid_write(self) -> tuple[str, str]:
        """Start to write a blank tag. Return its barcode and UID once the write has begun."""
        catalog = {event["barcode"]: uid for event, uid in self._blank_items()}
        barcode, uid = next(iter(catalog.items()))
        self.do("place", uid=uid)
        twin = station_process.start(self.folder, "process", barcode, "--pass-all", "--data", str(self.data))
        until(lambda: bool(self.do("dump", uid=uid)["tag"]["writes"]), "the first block", self.screen.process)
        threading.Thread(target=twin.communicate, daemon=True).start()
        return barcode, uid

    def _blank_items(self) -> list[tuple[dict[str, Any], str]]:
        """Return the first item of the sample catalog with a blank tag."""
        blank = [tag for tag in self.do("tags")["tags"] if tag["chip"] == "slix" and not int(tag["memory"], 16)]
        first = json.loads((self.data / "alma.json").read_text())
        return [({"barcode": next(iter(first))}, blank[0]["uid"])]


@pytest.mark.parametrize(
    ("controlling", "leave"),
    [
        pytest.param(
            True, lambda demo: os.kill(demo.screen.process.pid, signal.SIGTERM), id="SIGTERM", marks=pytest.mark.soak
        ),
        pytest.param(
            True, lambda demo: os.kill(demo.screen.process.pid, signal.SIGHUP), id="SIGHUP", marks=pytest.mark.soak
        ),
        pytest.param(True, lambda demo: demo.screen.hang_up(), id="terminal-lost"),
        pytest.param(
            False,
            lambda demo: demo.screen.hang_up(),
            id="terminal-lost-without-controlling-tty",
            marks=pytest.mark.soak,
        ),
    ],
)
@station_process.beside
def test_a_demo_in_mid_write_leaves_in_order(controlling: bool, leave: Callable[[Demo], None]) -> None:
    with station_process.short_folder() as folder:
        demo = Demo(folder, controlling=controlling)
        try:
            barcode, uid = demo.in_mid_write()
            leave(demo)
            # Generous for a busy machine; an idle one needs about half a second.
            demo.screen.process.wait(PATIENCE_S)
            assert station_process.wait_gone(demo.family, PATIENCE_S) == set(), "the emulators must end, too"
        finally:
            demo.screen.close()
        assert not demo.run.exists(), "its sockets must be gone"
        station_process.verified(folder, demo.data)
        assert station_process.result_problems(demo.data) == []
        tag = station_process.tag_files(demo.data)[uid]
        started = [
            event["attempt"] for event in station_process.events(demo.data, "tag-write-started") if event["uid"] == uid
        ]
        ended = [
            event["attempt"]
            for kind in ("tag-write-verified", "tag-write-interrupted")
            for event in station_process.events(demo.data, kind)
        ]
        assert started and set(started) <= set(ended), "the write in progress must end or be journaled as interrupted"
        verified = uid in {event["uid"] for event in station_process.events(demo.data, "tag-write-verified")}
        assert station_process.identifier(tag) == (barcode if verified else None)
        assert len(station_process.events(demo.data, "station-stopped")) == 1
        # The same data can be used again at once.
        again = station_process.station(folder, "demo", "--data", str(demo.data), "--auto", "1", "--fast")
        assert again.code == 0, repr(again)


@station_process.beside
def test_a_killed_demo_leaves_no_orphans() -> None:
    with station_process.short_folder() as folder:
        demo = Demo(folder)
        demo.screen.process.kill()
        demo.screen.process.wait(PATIENCE_S)
        assert station_process.wait_gone(demo.family, PATIENCE_S) == set()
        demo.screen.close()
