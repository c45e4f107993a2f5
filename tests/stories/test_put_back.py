"""An older journal is restored while the station does not run: the start is refused, and only a command continues
it."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from station.demo import stage
from tests.support import station_process
from tests.support.whole_bench import until

OLDER = (
    "The end of the journal is missing. Put the newest copy (or journal.db-wal) back, or run station journal continue."
)

CAUSES = "Perhaps an older copy was put back, or journal.db-wal was lost. Then run station journal continue"


def auto(folder: Path, count: int) -> station_process.Ended:
    return station_process.station(
        folder, "demo", "--data", str(folder / "d"), "--auto", str(count), "--fast", "--json"
    )


def final_at_once() -> None:
    """Called in the demo's process: a verdict cannot be taken back. Its result goes out at once, and not when the log was
    emptied because nothing was written for a while."""
    pytest.MonkeyPatch().setattr(stage, "DEMO_TOML", f"{stage.DEMO_TOML}\n[delivery]\ntake_back_s = 0\n")


def told(folder: Path, *words: str) -> station_process.Ended:
    ended = station_process.station(folder, *words, "--data", str(folder / "d"))
    assert "Traceback" not in ended.out + ended.err
    return ended


def entries(data: Path) -> Counter[str]:
    """Return the number of the station's entries in the notes of the imaginary Alma, by delivery id."""
    return Counter(re.findall(r"RFID \[([^\]]+)\]", (data / "alma.json").read_text()))


def test_a_log_that_is_lost_after_a_kill_is_noticed_and_no_result_gets_an_old_id() -> None:
    """The events of the whole session are only in the write-ahead log, which somebody removes as a leftover."""
    with station_process.short_folder() as folder:
        data = folder / "d"
        words = ("demo", "--data", str(data), "--auto", "6", "--fast", "--json")
        running = station_process.start(folder, *words, before=(f"{__name__}:final_at_once",))
        until(lambda: len(station_process.results(data)) >= 2, "two results went out")
        station_process.kill(running)
        for end in ("-wal", "-shm"):
            (data / f"journal.db{end}").unlink()
        sent = {row["delivery"] for row in station_process.results(data)}

        refused = auto(folder, 2)
        assert (refused.code, refused.out, OLDER in refused.err) == (50, "", True)
        (data / "journal.head").rename(data / "away")
        assert auto(folder, 2).code == 50, "the results that went out show it, too"
        (data / "away").rename(data / "journal.head")
        verified = told(folder, "journal", "verify")
        assert (verified.code, CAUSES in verified.out) == (1, True)
        checked = told(folder, "doctor").out
        assert ("FAIL  journal" in checked, CAUSES in checked) == (True, True)

        assert told(folder, "journal", "continue", "--yes", "--operator", "tess").code == 0
        assert auto(folder, 2).code == 0
        rows = Counter(row["delivery"] for row in station_process.results(data))
        assert max(rows.values()) == 1 and max(entries(data).values()) == 1
        parent = {name.partition("-")[0] for name in sent}
        assert {name for name in rows if name.partition("-")[0] in parent} == sent, "no id of the lost part comes again"
        assert told(folder, "journal", "verify").code == 0


def test_last_nights_copy_is_refused_and_goes_on_as_a_timeline() -> None:
    with station_process.short_folder() as folder:
        data = folder / "d"
        journal, copy = data / "journal.db", folder / "copy.db"
        assert auto(folder, 3).code == 0
        shutil.copy(journal, copy)
        assert auto(folder, 5).code == 0
        shutil.copy(copy, journal)
        results, heads = station_process.results(data), sorted((data / "heads").iterdir())[-1].read_text()

        refused = auto(folder, 5)
        assert (refused.code, refused.out, OLDER in refused.err) == (50, "", True)
        assert "Traceback" not in refused.err
        assert "ERROR station.store" in (data / "station.log").read_text()
        assert journal.read_bytes() == copy.read_bytes()
        assert (station_process.results(data), sorted((data / "heads").iterdir())[-1].read_text()) == (results, heads)
        assert "station journal continue" in told(folder, "journal", "verify").out
        assert OLDER in told(folder, "journal", "show").err

        gone_on = told(folder, "journal", "continue", "--yes", "--operator", "tess", "--json")
        assert gone_on.code == 0, repr(gone_on)
        made = json.loads(gone_on.out)
        assert told(folder, "journal", "verify").code == 0
        assert auto(folder, 5).code == 0
        rows = Counter(row["delivery"] for row in station_process.results(data))
        assert max(rows.values()) == 1
        assert max(entries(data).values()) == 1
        new = {name.partition("-")[0] for name in rows} - {made["parent"]}
        assert new == {made["journal"]}, "the lost items must be processed again as results of the new timeline"
        assert told(folder, "journal", "verify").code == 0

        shutil.copy(copy, journal)
        again = auto(folder, 5)
        assert (again.code, again.out, OLDER in again.err) == (50, "", True)
