"""The command line as processes on a real station: emulated reader on a pty, real driver, real journal, real socket."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.base.errors import StationBusy
from station.base.settings import load
from station.base.words import Session
from station.catalog.sample.sample import SAMPLE_ITEMS
from station.cli.admin.settings_file import template
from station.demo.process import Emulator
from station.domain.events import ItemJudged, TruckReleased
from station.runtime.data_directory import JOURNAL
from station.runtime.lock import hold
from station.runtime.serving import serving
from station.runtime.socket.client import connect
from station.runtime.station import Station
from station.store.queries.queries import Queries
from tests.conftest import ROOT, FakeClock
from tests.support import forked
from tests.support.controlled_emulator import controlled
from tests.support.patience import PATIENCE_S

UID = "E004010000000001"
OTHER_UID = "E004010000000002"
FIRST, SECOND = SAMPLE_ITEMS[0][0], SAMPLE_ITEMS[1][0]


class Bench:
    def __init__(self, data: Path, reader: Emulator) -> None:
        self.data, self.reader = data, reader

    def start(self, *arguments: str) -> forked.Started:
        return forked.start(
            "--data",
            self.data,
            *arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=PATIENCE_S)
        return process.returncode, out, err

    def json(self, *arguments: str) -> tuple[int, Any]:
        code, out, err = self.run(*arguments, "--json")
        assert err == ""
        return code, json.loads(out)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (tmp_path / "tags").mkdir()
    arguments = ["--link", str(tmp_path / "reader"), "--memory", str(tmp_path / "tags")]
    arguments += ["--control", str(tmp_path / "c.sock"), "--clock", "virtual", "--no-drip"]
    reader = controlled("feig", arguments, tmp_path / "emulator.log")
    try:
        for uid in (UID, OTHER_UID):
            reader.call("create", uid=uid, chip="slix", memory="", afi=0, dsfid=0, locked=[])
        values = {"library.isil": "US-ImagCC", "reader.port": str(tmp_path / "reader")}
        (data / "station.toml").write_text(template(**values), encoding="utf-8")
        yield Bench(data, reader)
    finally:
        reader.stop()


def _import(bench: Bench) -> None:
    code, report = bench.json("catalog", "import", str(ROOT / "station/catalog/data/sample.mrc"))
    assert code == 0
    assert report["items"] > 20


def test_the_main_job_by_command_line(bench: Bench) -> None:
    _import(bench)
    code, report = bench.json("doctor")
    assert (code, report["ok"]) == (0, True), report
    assert "Put one tag on the pad" in str(report), "doctor has seen the reader read no tag"
    bench.reader.call("place", uid=UID)
    code, report = bench.json("doctor")
    assert (code, report["ok"], "it has read a tag" in str(report)) == (0, True, True), report
    code, before = bench.json("tag", "decode")
    assert [(tag["image"]["uid"], tag["recognition"]["state"]) for tag in before] == [(UID, "blank")]

    code, out, err = bench.run("process", FIRST, "--pass-all")
    assert code == 0, err
    assert out.startswith(f"{FIRST}: pass\ntag {UID}\n")
    assert "Good." in err

    code, after = bench.json("tag", "decode")
    content = after[0]["recognition"]["content"]
    assert after[0]["recognition"]["state"] == "ours"
    assert content["primary_item_identifier"] == FIRST
    assert content["owner_institution"] == "US-ImagCC"
    assert bench.json("journal", "verify")[1]["ok"] is True
    lines = (bench.data / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["barcode"] for line in lines] == [FIRST]
    assert bench.json("outbox", "show")[1]["counts"] == {"delivered": 1}


def test_write_and_stop_and_overwrite(bench: Bench) -> None:
    _import(bench)
    bench.reader.call("place", uid=UID)
    code, written = bench.json("tag", "write", FIRST)
    assert (code, written["outcome"], written["uid"]) == (0, "verified", UID)
    code, stopped = bench.json("tag", "write", SECOND)
    assert code == 20
    assert 'The tag on the pad is for "' in stopped["error"]["sentence"]
    assert bench.json("tag", "decode")[1][0]["recognition"]["content"]["primary_item_identifier"] == FIRST
    code, _ = bench.json("tag", "write", SECOND, "--choose", "overwrite", "--choose", "scan")
    assert code == 0
    assert bench.json("tag", "decode")[1][0]["recognition"]["content"]["primary_item_identifier"] == SECOND


def test_sampling_over_two_processes(bench: Bench) -> None:
    """A table that trusts after one good item: for the second item, only the rules that are always asked are asked, and
    the output says so."""
    _import(bench)
    settings = (bench.data / "station.toml").read_text(encoding="utf-8")
    before, head, after = settings.partition("[sampling]")
    after = after.replace("enabled = false", "enabled = true", 1).replace('table = ""', 'table = "ours.toml"', 1)
    (bench.data / "station.toml").write_text(before + head + after, encoding="utf-8")
    runs = "".join(f"[{level}]\nin_succession = 1\n" for level in ("new", "tightened"))
    rows = "".join(f"[[{level}]]\nlot_from = 500\nlot_to = 500\nsample = 1\n" for level in ("normal", "reduced"))
    (bench.data / "ours.toml").write_text(f'name = "ours"\nsource = "this test"\n{runs}{rows}', encoding="utf-8")
    bench.reader.call("place", uid=UID)
    code, first = bench.json("process", FIRST, "--pass-all")
    assert code == 0
    assert "not-sampled" not in {finding["outcome"] for finding in first["findings"]}
    bench.reader.call("lift", uid="all")
    bench.reader.call("place", uid=OTHER_UID)
    code, out, err = bench.run("process", SECOND, "--pass-all")
    assert code == 0, err
    queries = Queries(bench.data / JOURNAL, FakeClock())
    ((stream, _),) = queries.streams()
    assert (stream.level, stream.drawn) == ("normal", 1)
    assert (stream.looked == 1) is not ("not sampled this time" in out)
    code, again = bench.json("quality", "sampling", "replay")
    assert (code, again["items"], again["draws"], again["problems"]) == (0, 2, 1, [])
    assert queries.verify().ok


def test_questions_to_the_pad_without_a_running_station(bench: Bench) -> None:
    _import(bench)
    assert bench.json("pad", "items") == (0, [])
    bench.reader.call("place", uid=UID)
    code, tags = bench.json("pad", "update", FIRST)
    assert (code, [(tag["uid"], tag["barcode"], tag["secure"]) for tag in tags]) == (0, [(UID, FIRST, True)])
    code, tags = bench.json("pad", "security", FIRST, "off")
    assert (code, tags[0]["secure"], tags[0]["afi"]) == (0, False, 0xC2)
    code, out, _ = bench.run("pad", "items")
    assert code == 0 and out.split() == [FIRST, *["part", "1", "of", "1", "not", "secured", "(AFI", "C2)", "ours"], UID]
    code, error = bench.json("pad", "security", SECOND, "off")
    assert (code, error["error"]["code"]) == (20, "not-finished")
    assert "not on the pad" in error["error"]["sentence"]
    assert bench.json("journal", "verify")[1]["ok"] is True


def test_inspect_undo_and_histories(bench: Bench) -> None:
    """A tag is overwritten by mistake; the undo restores the first item, byte for byte."""
    _import(bench)
    assert bench.json("inspect") == (0, [])
    bench.reader.call("place", uid=UID)
    assert bench.json("tag", "write", FIRST)[0] == 0
    before = bench.reader.call("dump", uid=UID)["tag"]
    assert bench.json("tag", "write", SECOND, "--choose", "overwrite", "--choose", "scan")[0] == 0
    code, (tag,) = bench.json("inspect")
    assert (code, tag["barcode"], tag["undo"]["barcode"], tag["undo"]["refused"]) == (0, SECOND, SECOND, "")
    code, out, _ = bench.run("inspect")
    assert code == 0 and f"Barcode: {SECOND}" in out and "No block is locked" in out
    code, _, _ = bench.run("undo")
    assert code == 2, "there is no operator to answer"
    code, (after,) = bench.json("undo", "--yes")
    assert (code, after["barcode"]) == (0, FIRST)
    now = bench.reader.call("dump", uid=UID)["tag"]
    assert (now["memory"], now["afi"], now["dsfid"]) == (before["memory"], before["afi"], before["dsfid"])
    code, error = bench.json("undo", "--yes")
    assert code != 0 and error["error"]["code"] == "undo-refused"
    code, told = bench.json("tag", "history", UID)
    assert code == 0 and any("is as it was before" in line["said"] for line in told["history"])
    code, told = bench.json("tag", "history", FIRST)
    assert code == 0 and any(UID in line for line in told["ledger"])
    code, ledger = bench.json("tag", "ledger")
    assert (code, [line["kind"] for line in ledger]) == (0, ["used-again"])
    assert bench.json("tag", "history", "nobody")[0] == 1
    assert bench.json("journal", "verify")[1]["ok"] is True


def test_conversion_and_its_stack(bench: Bench) -> None:
    """Two items in two runs of one session; then both on the pad together, then one too many."""
    _import(bench)
    listed = bench.data / "list.txt"
    for uid, barcode, keep in ((UID, FIRST, ["--keep-open"]), (OTHER_UID, SECOND, ["--keep-open"])):
        listed.write_text(f"# a cart\n{barcode}\n", encoding="utf-8")
        bench.reader.call("place", uid=uid)
        code, told = bench.json("convert", str(listed), *keep)
        assert (code, told["done"]) == (0, 1), told
        bench.reader.call("lift", uid="all")
    bench.reader.call("place", uid=UID)
    code, half = bench.json("stack", "verify")
    assert code == 1
    assert [(line["barcode"], line["state"]) for line in half["lines"]] == [(FIRST, "right"), (SECOND, "missing")]
    bench.reader.call("place", uid=OTHER_UID)
    code, whole = bench.json("stack", "verify", FIRST, SECOND)
    assert code == 0 and {line["state"] for line in whole["lines"]} == {"right"}
    code, out, _ = bench.run("stack", "verify", FIRST)
    assert code == 1 and f"extra: {SECOND}" in out and "1 of 2 right" in out
    bench.reader.call("lift", uid="all")
    listed.write_text(f"{FIRST}\n{SECOND}\n=cmd|x!A1\n31234000000065\n", encoding="utf-8")
    code, looked = bench.json("release", "check", str(listed))
    assert (code, looked["right"], looked["sentence"]) == (1, 2, "2 of 4 can go; 2 cannot")
    report = bench.data / "report.csv"
    code, out, _ = bench.run("release", "truck", str(listed), "--truck", "=7", "--csv", str(report), "--slip")
    assert code == 1 and "not right: 31234000000065" in out and "flag slip" in out
    assert "\r\n'=cmd|x!A1," in report.read_bytes().decode()
    logged = [row.event for row in Queries(bench.data / JOURNAL, FakeClock()).events()]
    (released,) = (event for event in logged if isinstance(event, TruckReleased))
    assert (released.truck, released.right) == ("=7", (FIRST, SECOND))
    assert [line.barcode for line in released.wrong] == ["=cmd|x!A1", "31234000000065"]
    code, of_session = bench.json("release", "truck", "--session")
    assert (code, of_session["right"]) == (0, 2)
    listed.write_text("31234000000065\n", encoding="utf-8")
    code, told = bench.json("convert", str(listed))
    assert code != 0 and told["error"]["code"] == "barcode-unknown"
    judged = [row for row in Queries(bench.data / JOURNAL, FakeClock()).events() if isinstance(row.event, ItemJudged)]
    assert [row.event.barcode for row in judged if isinstance(row.event, ItemJudged)] == [FIRST, SECOND]
    assert len({row.event.session for row in judged if isinstance(row.event, ItemJudged)} - {""}) == 1
    assert bench.json("journal", "verify")[1]["ok"] is True


def test_wrong_pads_end_with_the_code_of_their_kind(bench: Bench) -> None:
    _import(bench)
    assert bench.run("tag", "read")[0] == 20
    assert bench.run("process", FIRST, "--timeout", "2")[0] == 20
    bench.reader.call("place", uid=UID)
    bench.reader.call("place", uid=OTHER_UID)
    code, out, _ = bench.run("tag", "read")
    assert code == 0
    assert out.count("UID ") == 2
    code, error = bench.json("process", FIRST, "--timeout", "3")
    assert (code, error["error"]["code"]) == (20, "tags-collide")
    bench.reader.call("unplug")
    assert bench.json("process", FIRST, "--timeout", "3")[0] == 10
    assert bench.json("doctor")[0] == 1


def test_beside_a_running_station(bench: Bench) -> None:
    """While a station runs, commands that read work beside it, commands that change go through it, and a second station
    is refused with the process number of the first."""
    _import(bench)
    settings = load(bench.data / "station.toml")
    bench.reader.call("place", uid=UID)
    with hold(bench.data, FakeClock()) as held:
        station = Station(settings, bench.data, Session())
        station.start()
        server = serving(held, station, lambda: None)
        server.start()
        try:
            code, error = bench.json("tag", "read")
            assert (code, error["error"]["code"]) == (4, "station-busy")
            assert f"Process {os.getpid()}" in error["error"]["sentence"]
            code, out, err = bench.run("process", FIRST, "--pass-all")
            assert (code, out.splitlines()[0]) == (0, f"{FIRST}: pass"), err
            _import(bench)
            code, rows = bench.json("journal", "show")
            assert {"item-judged", "catalog-imported", "tag-write-verified"} <= {row["kind"] for row in rows}
            starts = [row for row in rows if row["kind"] == "station-started"]
            assert len(starts) == 1, "the running station must process the item"
            assert bench.json("outbox", "retry", "--all") == (0, {"retried": 0})
            code, report = bench.json("doctor")
            assert (code, report["ok"]) == (0, True), report
            with pytest.raises(StationBusy), hold(bench.data, FakeClock()):
                pass
        finally:
            server.stop()
            station.stop()
    assert connect(bench.data) is None


def test_ctrl_c_ends_in_order(bench: Bench) -> None:
    """The item in process is set aside, the journal is closed, the lock is released; nothing is written."""
    _import(bench)
    process = bench.start("process", FIRST)
    assert process.stderr is not None
    line = process.stderr.readline()
    while line and "Put" not in line:
        line = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert out == ""
    kinds = [row.kind for row in Queries(bench.data / JOURNAL, FakeClock()).journal_page()]
    assert kinds[0] == "station-stopped"
    assert "item-set-aside" in kinds
    with hold(bench.data, FakeClock()):
        pass


def test_a_broken_file_leaves_the_catalog(bench: Bench, tmp_path: Path) -> None:
    _import(bench)
    for name, content in (("empty.mrc", b""), ("junk.mrc", os.urandom(5000)), ("cut.xml", b"<collection><record>")):
        path = tmp_path / name
        path.write_bytes(content)
        code, error = bench.json("catalog", "import", str(path))
        assert (code, error["error"]["code"]) == (31, "import-refused")
    code, item = bench.json("catalog", "show", FIRST)
    assert (code, item["title"]) == (0, SAMPLE_ITEMS[0][1])


def test_a_part_can_be_named_and_a_half_written_tag_given_up(bench: Bench) -> None:
    _import(bench)
    dvd = next(barcode for barcode, _title, special in SAMPLE_ITEMS if "three parts" in special)
    bench.reader.call("place", uid=UID)
    code, written = bench.json("tag", "write", dvd, "--part", "2")
    assert code == 0, written
    content = bench.json("tag", "decode")[1][0]["recognition"]["content"]
    assert (content["part"], content["parts"]) == (2, 3)

    bench.reader.call("lift", uid="all")
    bench.reader.call("lift-after-writes", n=3, mode="subset")
    bench.reader.call("place", uid=OTHER_UID)
    assert bench.run("tag", "write", FIRST, "--timeout", "1")[0] == 20
    assert bench.json("tag", "abandon", UID) == (1, {"uid": UID, "given_up": False})
    assert bench.json("tag", "abandon", OTHER_UID.lower()) == (0, {"uid": OTHER_UID, "given_up": True})
    assert bench.json("tag", "abandon", OTHER_UID) == (1, {"uid": OTHER_UID, "given_up": False})
    assert Queries(bench.data / JOURNAL, FakeClock()).open_uids() == frozenset()
    assert bench.json("journal", "verify")[1]["ok"] is True
