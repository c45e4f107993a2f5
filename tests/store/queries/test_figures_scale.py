"""Statistics of a hundred thousand verdicts: their memory does not grow with the journal."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from station.cli.admin.settings_file import template
from station.domain import events as ev
from station.domain.findings import Finding, Outcome, Severity
from station.domain.verdict import Verdict
from station.runtime.data_directory import JOURNAL
from station.store.database.database import open_writer, transaction
from station.store.journal.journal import JournalStore
from tests.conftest import ROOT, FakeClock
from tests.store.projections.test_sampling import item

CHILD = """
import json, resource, sys
from click.testing import CliRunner
from station.cli import station
said = {}
for words in json.loads(sys.argv[2]):
    result = CliRunner().invoke(station, ["--data", sys.argv[1], "quality", *words, "--json"])
    assert result.exit_code == 0, result.output
    said[" ".join(words)] = json.loads(result.stdout)
print(json.dumps({"said": said, "kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""
WORDS = [
    ["stats", "--by", "material"],
    ["stats", "--by", "vendor"],
    ["stats", "--by", "vendor", "--chart", "--group", "500"],
    ["sampling", "replay"],
]


def journal(data: Path, count: int) -> int:
    """Record this many verdicts of three vendors, one in fifty bad by a fixed seed. Return the number of bad ones."""
    data.mkdir()
    (data / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    dice, bad = random.Random(2), 0
    good = Finding("label", "The label", Severity.MAJOR, Outcome.PASS, "ann")
    wrong = Finding("label", "The label", Severity.MAJOR, Outcome.FAIL, "ann")
    with closing(open_writer(data / JOURNAL)) as sql:
        store = JournalStore(sql, FakeClock())
        for start in range(0, count, 5000):
            with transaction(sql):
                for number in range(start, min(count, start + 5000)):
                    failed = dice.random() < 0.02
                    bad += failed
                    verdict = ev.ItemJudged(
                        barcode=f"3{number:013d}",
                        uid="",
                        part=1,
                        parts=1,
                        verdict=Verdict.FAIL if failed else Verdict.PASS,
                        findings=(wrong if failed else good,),
                        item=item(number, f"vendor {number % 3}"),
                        operator="ann",
                    )
                    store.append((verdict,))
    return bad


def asked(data: Path) -> dict:
    result = subprocess.run(
        [sys.executable, "-c", CHILD, str(data), json.dumps(WORDS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    return json.loads(result.stdout)


def compare(tmp_path: Path, small: int, large: int, grows_kib: int) -> None:
    journal(tmp_path / "small", small)
    bad = journal(tmp_path / "large", large)
    few, many = asked(tmp_path / "small"), asked(tmp_path / "large")
    (row,) = many["said"]["stats --by material"]
    assert (row["tally"]["judged"], row["person"]["of"], row["person"]["found"]) == (large, large, bad)
    vendors = many["said"]["stats --by vendor"]
    assert sum(one["tally"]["bad"] for one in vendors) == bad
    charts = many["said"]["stats --by vendor --chart --group 500"]
    points = [point for one in charts for point in one["chart"]["points"]]
    assert sum(point["group"]["bad"] for point in points) == bad
    assert sum(point["group"]["looked"] for point in points) == large
    assert many["kib"] - few["kib"] < grows_kib, (few["kib"], many["kib"])


@pytest.mark.soak
def test_a_hundred_thousand_verdicts(tmp_path: Path) -> None:
    """Only the page cache of SQLite (2 MiB) and the points of the charts may be added."""
    compare(tmp_path, 1000, 100_000, grows_kib=24 * 1024)
