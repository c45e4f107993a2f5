"""The main job on the command line with readers that have only the commands that inventory, read and write need. Each
reader refuses other commands, or does not answer them. The station reports what such a reader cannot do, and writes
nothing."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.cli.admin.settings_file import template
from station.domain.commands import Scan
from station.domain.snapshot import Phase
from station.drivers.reader.known import KEPT
from tests.cli.session.test_sign_on import running
from tests.stories.test_command_line import FIRST, OTHER_UID, UID, Bench, _import
from tests.stories.test_command_line import test_the_main_job_by_command_line as test_the_main_job
from tests.support.controlled_emulator import controlled
from tests.support.whole_bench import until

__all__ = ["test_the_main_job"]

MODULES = {"feig": "feig", "3m": "threem"}
SETS_ALL = {"feig": "b02b,b027,b029", "3m": "09,0b,0f"}
"""Commands beyond the minimum: System Information, AFI and DSFID."""
SETS_NO_AFI = {"feig": "b02b,b029", "3m": "0b,0f"}
SETS_NO_DSFID = {"feig": "b02b,b027", "3m": "09,0f"}
LEAST = {"feig": "", "3m": ""}
READERS = [(driver, answer) for driver in MODULES for answer in ("refuses", "silent")]


def bench_on(folder: Path, driver: str, answer: str, added: str) -> Bench:
    data = folder / "data"
    data.mkdir(mode=0o700)
    arguments = [
        "--link",
        str(folder / "reader"),
        "--memory",
        str(folder / "tags"),
        "--control",
        str(folder / "c.sock"),
    ]
    arguments += ["--clock", "virtual", "--no-drip", "--minimal", answer, "--with", added]
    reader = controlled(MODULES[driver], arguments, folder / "emulator.log")
    for uid in (UID, OTHER_UID):
        reader.call("create", uid=uid, chip="slix", memory="", afi=0, dsfid=0, locked=[])
    values = {"library.isil": "US-ImagCC", "reader.port": str(folder / "reader"), "reader.driver": driver}
    (data / "station.toml").write_text(template(**values, **{"reader.answer_ms": 100}), encoding="utf-8")
    return Bench(data, reader)


def content(bench: Bench) -> dict[str, Any]:
    """Return the content of the tag without its radio state, "quiet" after an inventory without field reset."""
    tag: dict[str, Any] = bench.reader.call("dump", uid=UID)["tag"]
    return {name: value for name, value in tag.items() if name != "state"}


@pytest.fixture(params=READERS, ids="-".join)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    driver, answer = request.param
    bench = bench_on(tmp_path, driver, answer, SETS_ALL[driver])
    yield bench
    bench.reader.stop()


@pytest.mark.parametrize(
    ("driver", "added", "says"),
    [
        *[(driver, SETS_NO_AFI, "this reader cannot set the AFI") for driver in MODULES],
        *[(driver, SETS_NO_DSFID, "this reader cannot set the DSFID") for driver in MODULES],
        ("feig", LEAST, "this reader cannot set the DSFID"),
        ("3m", LEAST, "this reader does not report the DSFID"),
    ],
)
def test_what_cannot_be_set_is_said_and_no_item_passes(
    tmp_path: Path, driver: str, added: dict[str, str], says: str
) -> None:
    bench = bench_on(tmp_path, driver, "refuses", added[driver])
    try:
        _import(bench)
        code, report = bench.json("doctor")
        assert (code, report["ok"]) == (1, False), "the station would not work"
        assert "take another reader" in str(report)
        bench.reader.call("place", uid=UID)
        before = content(bench)
        assert bench.json("tag", "decode")[1][0]["recognition"]["state"] == "blank", "it must read tags"
        code, stopped = bench.json("process", FIRST, "--pass-all", "--timeout", "3")
        assert (code, stopped["error"]["code"]) == (21, "not-possible"), stopped
        assert says in str(stopped["error"])
        assert content(bench) == before, "nothing may be written"
        assert not (bench.data / "results.jsonl").exists(), "no result may be delivered"
        assert bench.json("journal", "verify")[1]["ok"] is True
    finally:
        bench.reader.stop()


@pytest.mark.parametrize("driver", MODULES)
def test_doctor_says_what_the_reader_of_the_running_station_lacks(tmp_path: Path, driver: str) -> None:
    bench = bench_on(tmp_path, driver, "refuses", SETS_NO_AFI[driver])
    try:
        _import(bench)
        with running(bench.data) as station:
            bench.reader.call("place", uid=UID)
            until(lambda: station.bench.snapshot.phase is Phase.NEED_SCAN, "the tag is seen")
            station.bench.submit(Scan(FIRST))
            until(lambda: station.bench.snapshot.fault is not None, "the reader cannot set the AFI")
            code, report = bench.json("doctor")
            assert (code, report["ok"]) == (1, False), "no item can pass here"
            assert "This reader cannot write the AFI. Items cannot be finished here." in str(
                report
            ) and "take another reader" in str(report)
    finally:
        bench.reader.stop()


def test_an_afi_that_is_right_already_needs_no_command(tmp_path: Path) -> None:
    bench = bench_on(tmp_path, "3m", "refuses", SETS_NO_AFI["3m"])
    try:
        _import(bench)
        bench.reader.call("poke", uid=UID, afi=7)
        bench.reader.call("place", uid=UID)
        code, out, err = bench.run("process", FIRST, "--pass-all")
        assert code == 0, err
        assert out.startswith(f"{FIRST}: pass\n")
        tag = bench.reader.call("dump", uid=UID)["tag"]
        assert (tag["afi"], tag["dsfid"]) == (7, 6)
    finally:
        bench.reader.stop()


@pytest.mark.parametrize("driver", MODULES)
def test_what_doctor_finds_lacking_is_kept_for_the_next_start(tmp_path: Path, driver: str) -> None:
    bench = bench_on(tmp_path, driver, "refuses", SETS_NO_AFI[driver])
    try:
        assert bench.run("doctor")[0] == 1
        kept = json.loads((bench.data / KEPT).read_text(encoding="utf-8"))
        assert "set-afi" in itertools.chain(*kept.values())
    finally:
        bench.reader.stop()


def test_doctor_says_nothing_good_of_a_reader_that_cannot_read_the_tag_on_its_pad(tmp_path: Path) -> None:
    bench = bench_on(tmp_path, "feig", "refuses", SETS_ALL["feig"])
    try:
        bench.reader.call("place", uid=UID)
        bench.reader.call("misbehave", without=["b023"])
        code, report = bench.json("doctor")
        (line,) = (one for one in report["lines"] if one["name"] == "reader")
        assert (code, line["level"]) == (1, "FAIL"), line
        assert "has read a tag" not in line["found"]
    finally:
        bench.reader.stop()
