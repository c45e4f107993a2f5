"""kill -9 while old events are archived, a disk without room or rights, and changed bits: the old state or the new one,
and a sentence."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station.cli.admin.settings_file import template
from station.runtime.data_directory import ARCHIVES, JOURNAL
from station.store.database.database import open_reader
from station.store.journal import hash_chain
from station.store.owner import open_store
from tests.conftest import FakeClock
from tests.stories.kill.test_backup import changes, targets
from tests.support import sample_events, station_process
from tests.support.rights import plain_user

ITEMS = 24
ARCHIVE = ("journal", "archive", "--older-than", "1", "--json")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with the data directory `d`, whose items are finished."""
    with station_process.short_folder() as folder:
        data = folder / "d"
        data.mkdir(0o700)
        (data / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
        store = open_store(data / JOURNAL, FakeClock(), head_directory=data / "heads")
        for number in range(ITEMS):
            uid, barcode = f"E0040100{number:08X}", f"3{number:013}"
            store.journal.record(
                sample_events.started(str(number), uid, barcode), sample_events.verified(str(number), uid, barcode)
            )
            store.journal.record(sample_events.judged(barcode))
        store.close()
        yield folder


def run(folder: Path, *words: str, at: int = 0, before: tuple[str, ...] = ()) -> station_process.Ended:
    """Run a command on the data directory `w/d`, which dies at change `at`; 0 = it does not die."""
    dies = ("tests.stories.kill.audited:die_at", str(folder / "w"), str(folder / "t" / "trace"), str(at), "sql")
    return station_process.station(folder, *words, "--data", str(folder / "w" / "d"), before=before or dies)


def fresh(folder: Path) -> Path:
    """Return the data directory `w/d` as it was made."""
    shutil.rmtree(folder / "w", ignore_errors=True)
    shutil.copytree(folder / "d", folder / "w" / "d")
    return folder / "w" / "d"


def payloads(data: Path) -> list[bytes]:
    with closing(sqlite3.connect(data / JOURNAL)) as sql:
        return [bytes(row[0]) for row in sql.execute("SELECT payload FROM events WHERE kind <> 'events-archived'")]


def verified(folder: Path) -> dict[str, object]:
    ran = run(folder, "journal", "verify", "--json")
    assert ran.code == 0, repr(ran)
    return dict(ran.json)


@pytest.mark.parametrize("part", [8, pytest.param(0, marks=pytest.mark.soak)])
def test_a_killed_archiving_leaves_the_journal_of_before_or_a_whole_archive(folder: Path, part: int) -> None:
    old = payloads(fresh(folder))
    assert run(folder, *ARCHIVE).code == 0
    new, count = payloads(folder / "w" / "d"), changes(folder)
    assert new != old
    killed, points = 0, targets(part, count)
    for at in points:
        data = fresh(folder)
        ended = run(folder, *ARCHIVE, at=at)
        assert ended.code in (-9, 0), repr(ended)
        killed += ended.code == -9
        left = payloads(data)
        assert left in (old, new)
        assert verified(folder)["archived"] == (ITEMS if left == new else 0)
        assert run(folder, *ARCHIVE).code == 0
        assert (payloads(data), verified(folder)["archived"]) == (new, ITEMS)
        assert [path.suffix for path in (data / ARCHIVES).iterdir()] == [".zip"]
    assert killed > 0.9 * len(points), "a slow machine has a few changes more, such as another head"


def test_a_disk_without_room_or_rights_gets_a_sentence_and_changes_nothing(folder: Path) -> None:
    data = fresh(folder)
    old = payloads(data)
    (data / ARCHIVES).mkdir(0o500)
    refused = run(folder, *ARCHIVE, before=plain_user())
    assert (refused.code, refused.json["error"]["code"]) == (50, "store-read-only")
    (data / ARCHIVES).chmod(0o700)
    refused = run(folder, *ARCHIVE, before=("tests.support.rights:no_larger_files", "1000"))
    assert refused.code == 50, repr(refused)
    assert (payloads(data), list((data / ARCHIVES).iterdir())) == (old, [])
    verified(folder)


@pytest.mark.parametrize("trials", [50, pytest.param(1000, marks=pytest.mark.soak)])
def test_a_changed_bit_of_an_archive_is_found(folder: Path, trials: int) -> None:
    data = fresh(folder)
    made = run(folder, *ARCHIVE)
    file = Path(made.json["archives"][0]["path"])
    whole, dice = file.read_bytes(), random.Random(trials)
    with closing(open_reader(data / JOURNAL)) as sql:
        assert hash_chain.verify(sql).ok
        for _ in range(trials):
            content = bytearray(whole)
            content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
            file.write_bytes(content)
            report = hash_chain.verify(sql)
            assert not report.ok and report.first_bad is None
            assert file.name in json.dumps([str(problem) for problem in report.problems])
