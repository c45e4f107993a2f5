"""`station reader info`, `signal` and `configuration` against the emulated FEIG reader; a 3M reader has no configuration."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from station.cli import station
from station.cli.admin.settings_file import template
from tests.drivers.feig.test_against_emulator import Bench
from tests.drivers.threem.test_against_emulator import Pad

CFG4 = "0000000009000000000000000004"  # H20800-16e annex E


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def run(bench: Bench, *arguments: str, driver: str = "feig", code: int = 0) -> Any:
    """Run the command and return its JSON."""
    data = Path(bench.link).parent / "data"
    data.mkdir(exist_ok=True)
    settings = {"library.isil": "US-TxDa", "reader.port": bench.link, "reader.driver": driver, "reader.answer_ms": 8000}
    (data / "station.toml").write_text(template(**settings))
    result = CliRunner().invoke(station, ["reader", *arguments, "--data", str(data), "--json"])
    assert result.exit_code == code, result.output
    return json.loads(result.stdout)


def test_what_a_reader_says_of_itself(bench: Bench) -> None:
    told = run(bench, "info")
    assert told["capabilities"]["name"] == "FEIG CPR.M02"
    assert told["capabilities"]["can_eas"] is True
    description = told["description"]
    assert (description["software_type"], description["hardware"], description["frames"]) == (80, "30", "standard")
    assert (description["receive_buffer"], description["device"], description["t_cl"]) == (255, "00000001", False)
    assert description["inputs"] is None  # a CPR.M02 has no Get Input


def test_all_blocks_in_force_and_in_words(bench: Bench) -> None:
    blocks = {one["number"]: one for one in run(bench, "configuration", "read")["blocks"]}
    assert blocks[4]["data"] == CFG4
    assert "16 slots" in blocks[4]["meaning"]
    assert "38400 baud, parity even" in blocks[1]["meaning"]
    assert "every tag is reported at every inventory" in blocks[5]["meaning"]  # the station has set it in RAM
    (kept,) = run(bench, "configuration", "read", "5", "--eeprom")["blocks"]
    assert "each tag is reported once (ONT)" in kept["meaning"]


def test_a_block_is_written_only_when_it_is_said_so_and_read_back(bench: Bench) -> None:
    # 16 slots, no filter; byte 7 is irrelevant here.
    wanted = CFG4[:14] + "01" + CFG4[16:]
    refused = run(bench, "configuration", "write", "4", wanted, code=2)
    assert "--yes" in refused["error"]["sentence"]
    assert bench.do("state")["config"]["4"] == CFG4
    done = run(bench, "configuration", "write", "4", wanted, "--yes")
    assert (done["changed"], done["block"]["data"]) == (True, wanted)
    assert bench.do("state")["config"]["4"] == wanted
    assert run(bench, "configuration", "write", "4", wanted)["changed"] is False
    run(bench, "configuration", "save", "4", "--yes")
    run(bench, "configuration", "restart", "--yes")
    assert bench.do("state")["config"]["4"] == wanted
    run(bench, "configuration", "default", "4", "--eeprom", "--yes")
    run(bench, "configuration", "restart", "--yes")
    assert bench.do("state")["config"]["4"] == CFG4


def test_a_reader_that_says_done_and_did_nothing_is_found_out(bench: Bench) -> None:
    wanted = CFG4[:14] + "01" + CFG4[16:]
    bench.do("status", command="81", n=2, code=0)  # the first one is the station's own (ONT)
    refused = run(bench, "configuration", "write", "4", wanted, "--yes", code=11)
    assert "did not keep" in refused["error"]["detail"]
    assert bench.do("state")["config"]["4"] == CFG4


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("write", "4", "00"), 2),
        (("write", "64", "00" * 14), 2),
        (("save",), 2),
        (("default", "4", "--all"), 2),
        (("read", "40"), 21),
        (("write", "1", "ff" * 14, "--yes"), 11),
    ],
)
def test_nonsense_is_refused(bench: Bench, arguments: tuple[str, ...], code: int) -> None:
    before = bench.do("state")["config"]
    assert "error" in run(bench, "configuration", *arguments, code=code)
    assert bench.do("state")["config"]["1"] == before["1"]


def test_lamp_and_beeper(bench: Bench) -> None:
    run(bench, "signal", "bad")
    assert bench.do("state")["output"]["os"] == "0014"


def test_a_reader_of_another_family_says_what_it_has_not(tmp_path: Path) -> None:
    pad = Pad(tmp_path)
    try:
        assert run(pad, "info", driver="3m")["description"] is None
        for command in (("configuration", "read"), ("signal", "good")):
            assert run(pad, *command, driver="3m", code=21)["error"]["code"] == "not-possible"
    finally:
        pad.close()
