"""The command line as processes on the real thing: emulated reader on a pty, real driver, real journal, real socket."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.catalog.sample import SAMPLE_ITEMS
from station.cli.settings_file import template
from station.control.client import connect
from station.control.lock import hold
from station.control.server import Server
from station.demo.process import Emulator
from station.errors import StationBusy
from station.settings import load
from station.store.queries import Queries
from station.wiring import JOURNAL, Station
from tests.conftest import ROOT, FakeClock

UID = "E004010000000001"
OTHER_UID = "E004010000000002"
FIRST, SECOND = SAMPLE_ITEMS[0][0], SAMPLE_ITEMS[1][0]


class Bench:
    def __init__(self, data: Path, reader: Emulator) -> None:
        self.data, self.reader = data, reader

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        # A shell that started us in the background has SIGINT ignored, and children inherit that.
        command = ["env", "--default-signal=INT", sys.executable, "-m", "station", "--data", str(self.data), *arguments]
        return subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=90)
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
    reader = Emulator("feig", arguments, tmp_path / "emulator.log")
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
    bench.reader.call("place", uid=UID)
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
    assert "another item" in stopped["error"]["sentence"]
    assert bench.json("tag", "decode")[1][0]["recognition"]["content"]["primary_item_identifier"] == FIRST
    code, _ = bench.json("tag", "write", SECOND, "--choose", "overwrite", "--choose", "scan")
    assert code == 0
    assert bench.json("tag", "decode")[1][0]["recognition"]["content"]["primary_item_identifier"] == SECOND


def test_sampling_over_two_processes(bench: Bench) -> None:
    """A table that trusts after one good item: the second item is asked the rules that are always asked, and says so."""
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
    assert (stream.looked == 1) is not ("not-sampled: " in out)
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


def test_wrong_pads_end_with_the_code_of_their_kind(bench: Bench) -> None:
    _import(bench)
    assert bench.run("tag", "read")[0] == 20
    assert bench.run("process", FIRST, "--timeout", "0.5")[0] == 20
    bench.reader.call("place", uid=UID)
    bench.reader.call("place", uid=OTHER_UID)
    code, out, _ = bench.run("tag", "read")
    assert code == 0
    assert out.count("UID ") == 2
    code, error = bench.json("process", FIRST, "--timeout", "1")
    assert (code, error["error"]["code"]) == (20, "tags-collide")
    bench.reader.call("unplug")
    assert bench.json("process", FIRST, "--timeout", "1")[0] == 10
    assert bench.json("doctor")[0] == 1


def test_beside_a_running_station(bench: Bench) -> None:
    """Reading works beside it, changing goes through it, a second station is refused by the name of the first."""
    _import(bench)
    settings = load(bench.data / "station.toml")
    bench.reader.call("place", uid=UID)
    with hold(bench.data, FakeClock()) as held:
        station = Station(settings, bench.data)
        station.start()
        server = Server(
            held,
            station.bench,
            retry=station.retry,
            imported=station.store.journal.record,
            quit_station=lambda: None,
        )
        server.start()
        try:
            code, error = bench.json("tag", "read")
            assert (code, error["error"]["code"]) == (4, "station-busy")
            assert f"process {os.getpid()}" in error["error"]["sentence"]
            code, out, err = bench.run("process", FIRST, "--pass-all")
            assert (code, out.splitlines()[0]) == (0, f"{FIRST}: pass"), err
            _import(bench)
            code, rows = bench.json("journal", "show")
            assert {"item-judged", "catalog-imported", "tag-write-verified"} <= {row["kind"] for row in rows}
            starts = [row for row in rows if row["kind"] == "station-started"]
            assert len(starts) == 1, "the item was done by the station that ran"
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
    """The item in hand is set aside, the journal closed, the lock given back; nothing was written."""
    _import(bench)
    process = bench.start("process", FIRST)
    assert process.stderr is not None
    line = process.stderr.readline()
    while line and "Lay" not in line:
        line = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
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
