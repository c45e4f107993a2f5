"""`station doctor` at a bench tells the state of the link to its center, and changes nothing."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

from station.https import certificates
from station.store.postgres.benches import end_key
from station.store.postgres.connection import connect
from tests.fleet.conftest import ServedCenter
from tests.fleet.test_adopt import id_of
from tests.fleet.test_link import bench as bench  # the fixture
from tests.fleet.test_link import run, sent
from tests.support.copied_bench import CopiedBench


def told(bench: CopiedBench) -> dict[str, tuple[str, str]]:
    """Return level and finding of the link's lines."""
    lines = json.loads(run(bench.folder, "doctor", "--json").stdout)["lines"]
    return {
        line["name"]: (line["level"], line["found"]) for line in lines if line["name"] in ("center", "unsent events")
    }


def test_a_good_link_and_events_that_wait(center: ServedCenter, bench: CopiedBench) -> None:
    before = told(bench)
    assert before["center"][0] == "OK"
    level, finding = before["unsent events"]
    assert (level, finding.partition(" ")[0]) == ("WARN", str(len(bench.rows())))
    assert bench.rows()[0][1] in finding, "the oldest one, which is old"
    with connect(center.database) as owner:
        assert owner.execute("SELECT count(*) FROM event").fetchone() == (0,), "nothing is sent"
    sent(bench)
    assert told(bench)["unsent events"] == ("OK", "none")


def test_a_center_that_is_away_and_a_key_that_ended(center: ServedCenter, bench: CopiedBench) -> None:
    center.kill()
    assert told(bench)["center"][0] == "WARN", "the bench works on"
    center.start()
    with connect(center.database) as owner:
        end_key(owner, id_of(bench))
    level, finding = told(bench)["center"]
    assert level == "FAIL" and "does not accept the key" in finding


def test_an_older_copy_and_the_journal_of_another_bench(center: ServedCenter, bench: CopiedBench) -> None:
    older = bench.path.read_bytes()
    bench.work("30001000000044")
    sent(bench)
    bench.path.write_bytes(older)
    level, finding = told(bench)["center"]
    assert level == "FAIL" and "newer events" in finding
    other = CopiedBench(bench.folder / "other")
    other.work("30001000000051")
    bench.path.write_bytes(other.path.read_bytes())
    level, finding = told(bench)["center"]
    assert level == "FAIL" and "another journal" in finding


def test_a_certificate_that_ends_soon_or_has_ended(center: ServedCenter, bench: CopiedBench) -> None:
    for days, expected in ((10, "valid until"), (-1, "certificate")):
        center.stop()
        made = datetime.now(UTC) - timedelta(days=certificates.LEAF_DAYS - days)
        certificates.make(center.data, (), made)
        center.settings_of_bench(bench.folder)
        center.start()
        level, finding = told(bench)["center"]
        assert level == "WARN" and expected in finding, finding


def test_a_bench_without_a_center_has_no_line_about_one(bench: CopiedBench) -> None:
    (bench.folder / "station.toml").write_text("")
    assert told(bench) == {}
