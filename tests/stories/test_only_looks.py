"""`station run --safe` opens although the site's files are wrong, shows tags and records, and changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import whole_bench
from tests.support.whole_bench import Bench, Screen

BROKEN = '[rules]\nsite_file = "none.toml"\n[labels]\ntemplate = "none.toml"\n[web]\nenabled = true\nport = 0\n'


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with whole_bench.bench(whole_bench.prepare(tmp_path, 2)) as bench:
        yield bench


def kinds(bench: Bench) -> dict[int, str]:
    return {row["seq"]: row["kind"] for row in bench.station("journal", "show", "--json").json}


def test_a_safe_station_looks_and_changes_nothing(bench: Bench) -> None:
    finished, finished_uid = bench.item()
    done = bench.station("process", finished, "--pass-all")
    assert done.code == 0, repr(done)
    settings = bench.data / "station.toml"
    settings.write_text(settings.read_text() + BROKEN)
    assert bench.station("process", finished).code == 3, "the site's files refuse an ordinary start"
    before, memory = kinds(bench), bench.reader.dump(finished_uid)["memory"]
    deliveries = bench.states(finished)

    bench.screen = Screen(bench.folder, "run", "--safe", "--data", str(bench.data))
    whole_bench.until(lambda: (bench.data / "station.sock").exists(), "the station's socket", bench.screen.process)
    verdict = bench.station("process", finished, "--pass-all", "--json")
    assert verdict.json["error"]["code"] == "only-looks", repr(verdict)
    blank, blank_uid = bench.item()
    write = bench.station("process", blank, "--json")
    assert write.json["error"]["code"] == "only-looks", repr(write)

    assert {kind for seq, kind in kinds(bench).items() if seq not in before} == {
        *("station-started", "item-scanned", "tag-recognised", "line-stopped", "item-set-aside"),
    }
    assert bench.reader.dump(finished_uid)["memory"] == memory
    bench.blank(blank_uid)
    assert bench.states(finished) == deliveries
