"""`station harness --reader replay:FILE` with captures that are not runs of the harness: what they prove, and what they
cannot."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from crccheck.crc import Crc16Genibus

from station.cli import station
from station.cli.admin.settings_file import template
from station.drivers.harness import reading, writing
from station.drivers.line.capture import load
from tests.conftest import ROOT, SHARED, missing
from tests.drivers.feig.test_against_emulator import A, Bench

REAL = ROOT / "tests" / "vectors" / "3m810-live-capture.jsonl"
FIRST, SECOND = "E004010031269117", "E00401001F77FB98"
EVERY = [case.name for case in (*reading.CASES, *writing.CASES)]


def harness(file: Path, *options: str, code: int = 0) -> dict[str, Any]:
    arguments = ["harness", "--json", "--reader", f"replay:{file}", *options]
    result = CliRunner().invoke(station, arguments)
    assert result.exit_code == code, result.output
    told: dict[str, Any] = json.loads(result.stdout)
    return told


def outcomes(told: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {one["case"]: (one["outcome"], one["detail"]) for one in told["results"]}


def test_the_capture_of_a_real_3m_810_shows_what_it_can_and_nothing_else() -> None:
    told = harness(REAL)
    seen = outcomes(told)
    assert {case for case, (outcome, _) in seen.items() if outcome == "passed"} == {
        *("connect", "several", "read-first", "deadline")
    }
    assert {outcome for outcome, _ in seen.values()} == {"passed", "skipped"}
    assert seen["connect"] == ("passed", "3M / Bibliotheca, firmware 5.0.2")
    assert seen["several"][1] == f"{FIRST}, {SECOND}", "every request of the case was recorded"
    assert seen["read-first"][1].startswith("8 blocks of 4 bytes; ")
    assert seen["read-first"][1].endswith("not recorded and were refused"), "the detail must say how it was done"
    assert {*EVERY, "deadline"} == set(seen), "no case may be left out"
    assert seen["one"] == ("skipped", "where 2 tags lay none can be found alone")
    assert all(detail for outcome, detail in seen.values() if outcome == "skipped"), "each must say why"
    assert told["recording"].startswith(f"A recording (6 requests, tags {FIRST}, {SECOND}) stands for the reader")
    assert (told["driver"], told["restored"], told["tag"]) == ("3m", None, None)


def test_the_given_capture_is_that_file(shared: Path) -> None:
    given = load(shared / "domain" / "traces" / "REAL-3m810-live-capture.jsonl")
    assert [line.hex for line in given.lines] == [line.hex for line in load(REAL).lines]


def test_what_a_capture_shows_can_fail(tmp_path: Path) -> None:
    """The same recording with another read of a tag that returns other data."""
    lines = REAL.read_text().splitlines()
    (at,) = [number for number, line in enumerate(lines) if "d6000d02e0040100312691170008" in line]
    question, answer = json.loads(lines[at]), json.loads(lines[at + 1])
    other = bytearray.fromhex(answer["hex"])
    other[16] ^= 1  # block 0, after number and lock
    other[-2:] = Crc16Genibus.calc(bytes(other[1:-2])).to_bytes(2, "big")
    file = tmp_path / "unsteady.jsonl"
    again = [json.dumps(question), json.dumps({**answer, "hex": other.hex()})]
    file.write_text("\n".join([*lines, *again]) + "\n")
    told = harness(file, code=1)
    outcome, detail = outcomes(told)["read-first"]
    assert outcome == "failed" and "read again it is another one" in detail


def test_a_damaged_answer_in_a_capture_is_a_failure_though_other_questions_were_not_recorded(tmp_path: Path) -> None:
    lines = REAL.read_text().splitlines()
    (at,) = [number for number, line in enumerate(lines) if "d6000d02e0040100312691170008" in line]
    answer = json.loads(lines[at + 1])
    lines[at + 1] = json.dumps({**answer, "hex": answer["hex"][:-2] + "00"})
    file = tmp_path / "damaged.jsonl"
    file.write_text("\n".join(lines) + "\n")
    outcome, detail = outcomes(harness(file, code=1))["read-first"]
    assert outcome == "failed" and "protocol-remote" in detail


def data_for(bench: Bench, folder: Path) -> Path:
    folder.mkdir()
    values = {"library.isil": "US-TxDa", "reader.port": bench.link, "reader.answer_ms": 8000}
    (folder / "station.toml").write_text(template(**values))
    return folder


def test_any_recording_of_the_station_s_own_is_tried_without_the_reader(tmp_path: Path) -> None:
    """`station reader capture` connects, looks, and reads the whole tag. All cases that need no more pass."""
    bench = Bench(tmp_path)
    file = tmp_path / "device.jsonl"
    try:
        bench.do("create", uid=A, chip="slix", memory="0102030405", dsfid=6, afi=7, locked=[3], place=True)
        data = data_for(bench, tmp_path / "data")
        made = CliRunner().invoke(station, ["reader", "capture", "--data", str(data), str(file)])
        assert made.exit_code == 0, made.output
    finally:
        bench.close()
    seen = outcomes(harness(file))
    for case in ("connect", "one", "repeated", "information"):
        assert seen[case][0] == "passed", seen[case]
    assert seen["one"][1] == A
    assert seen["information"][1] == "28 blocks of 4 bytes, AFI 07, DSFID 06"
    assert seen["absent"][0] == "skipped" and "the recording does not show it" in seen["absent"][1]
    assert seen["write-one"] == (
        "skipped",
        "a recording cannot be written to, unless it is one of a run of the harness",
    )
    assert "failed" not in {outcome for outcome, _ in seen.values()}


def test_a_run_of_the_harness_whose_report_is_gone_is_a_recording_like_any_other(tmp_path: Path) -> None:
    meta = {"meta": {"driver": "3m", "harness": True}}
    file = tmp_path / "run.jsonl"
    file.write_text("\n".join([json.dumps(meta), *REAL.read_text().splitlines()[1:]]))
    assert outcomes(harness(file))["several"][0] == "passed"


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda file: file.write_text('{"dir": ">", "hex": "0108000304FF0000"}\n'), "name it by --driver"),
        (lambda file: file.write_text("no capture\n"), "Line 1"),
        (lambda file: None, "No such file"),
    ],
    ids=["a stranger's protocol", "no capture", "nothing"],
)
def test_what_cannot_be_played_is_said(tmp_path: Path, make: Callable[[Path], object], says: str) -> None:
    file = tmp_path / "it.jsonl"
    make(file)
    result = CliRunner().invoke(station, ["harness", "--reader", f"replay:{file}"])
    assert result.exit_code != 0
    assert says in result.stderr


def test_a_trace_of_nfcpy_itself_finds_its_tag() -> None:
    path = SHARED / "domain" / "traces" / "nfcpy-pn532-ntag213.jsonl"
    if not path.exists():
        missing("../shared")
    if importlib.util.find_spec("nfc") is None:
        missing("nfcpy")
    seen = outcomes(harness(path))
    assert seen["one"][1].startswith("04A1B2C3D4E5F6")
    assert seen["repeated"][0] == "passed"
    assert seen["information"][0] == "skipped"
