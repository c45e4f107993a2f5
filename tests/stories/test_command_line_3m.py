"""The main job on the command line with an emulated 3M reader: the same stories as with FEIG, with another driver."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.cli.admin.settings_file import template
from tests.stories.test_command_line import FIRST, OTHER_UID, UID, Bench, _import
from tests.stories.test_command_line import test_the_main_job_by_command_line as test_the_main_job
from tests.support.controlled_emulator import controlled

__all__ = ["test_the_main_job"]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    arguments = ["--link", str(tmp_path / "reader"), "--memory", str(tmp_path / "tags")]
    arguments += ["--control", str(tmp_path / "c.sock"), "--clock", "virtual"]
    reader = controlled("threem", arguments, tmp_path / "emulator.log")
    try:
        for uid in (UID, OTHER_UID):
            reader.call("create", uid=uid, chip="slix", memory="", afi=0, dsfid=0, locked=[])
        values = {"library.isil": "US-ImagCC", "reader.port": str(tmp_path / "reader"), "reader.driver": "3m"}
        (data / "station.toml").write_text(template(**values), encoding="utf-8")
        yield Bench(data, reader)
    finally:
        reader.stop()


def test_a_tag_lifted_in_mid_write_is_told_and_finished_when_it_is_back(bench: Bench) -> None:
    _import(bench)
    code, report = bench.json("doctor")
    assert (code, "3M / Bibliotheca 5.0.2" in str(report)) == (0, True), report
    bench.reader.call("place", uid=UID)
    bench.reader.call("lift-after-writes", n=3, mode="subset")
    code, lifted = bench.json("process", FIRST, "--pass-all", "--timeout", "2")
    assert (code, lifted["error"]["code"]) == (20, "tag-lost"), lifted
    bench.reader.call("place", uid=UID)
    code, out, err = bench.run("process", FIRST, "--pass-all")
    assert code == 0, err
    assert out.startswith(f"{FIRST}: pass\ntag {UID}\n")
    assert bench.json("journal", "verify")[1]["ok"] is True
    tag = bench.reader.call("dump", uid=UID)["tag"]
    assert (tag["dsfid"], tag["afi"]) == (6, 7)
