"""`station journal archive`: what goes to a file, what stays, and what the station knows with and without the file."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from station.base.errors import ArchiveUnusable
from station.base.sentence import Sentence
from station.cli import station
from station.cli.admin.settings_file import template
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState
from station.runtime.data_directory import ARCHIVES, JOURNAL
from station.store.database.database import open_writer
from station.store.journal.journal import JournalStore
from station.store.journal.outbox import OutboxStore
from station.store.projections import projections
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.stories.test_stored_form import opened, process
from tests.support.simulated_bench import BOOK, DVD, OTHER, RULES, Rig
from tests.support.told import told

STOP = "This tag belongs to another library (US-dlc)."
ARCHIVED = {"check-answered", "item-scanned", "line-stopped", "tag-recognised", "tag-write-started"}


def run(data: Path, *words: str) -> Result:
    return CliRunner().invoke(station, ["--data", str(data), *words])


def archive(data: Path, *words: str) -> dict[str, Any]:
    ran = run(data, "journal", "archive", "--older-than", "1", *words, "--json")
    assert ran.exit_code == 0, ran.output
    return dict(json.loads(ran.stdout))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with BOOK passed and delivered, DVD failed with a correction, OTHER passed and not delivered."""
    data = tmp_path_factory.mktemp("made")
    (data / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    with opened(data, RULES) as journal:
        rig = Rig(journal=journal)  # type: ignore[arg-type]
        process(rig, BOOK, 1)
        process(rig, DVD, 2, fails="undamaged")
        process(rig, OTHER, 3)
        stopped = ev.LineStopped(code="foreign-tag", sentence=Sentence.verbatim(STOP))
        journal.record(stopped, ev.ItemSetAside(barcode="3", reason=Sentence.verbatim("foreign-tag")))
        delivered(journal, but=OTHER)
    return data


def delivered(journal: JournalStore, but: str = "") -> None:
    """Deliver the results of all items but one."""
    outbox = OutboxStore(journal.sql, journal)
    for delivery in outbox.heads():
        if delivery.lane != but:
            outbox.lease(delivery.id)
            outbox.settle(delivery.id, DeliveryState.DELIVERED)


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "data")
    return tmp_path / "data"


def payloads(data: Path) -> dict[int, tuple[str, dict[str, Any]]]:
    """Return kind and payload by number, as the journal holds them."""
    with closing(sqlite3.connect(data / JOURNAL)) as sql:
        rows = sql.execute("SELECT seq, kind, payload FROM events")
        return {seq: (kind, json.loads(payload)) for seq, kind, payload in rows}


def plain(data: Path) -> list[str]:
    """Return the page of the journal as a screen shows it."""
    return [told(row.summary) for row in Queries(data / JOURNAL, FakeClock()).journal_page(limit=200, plain=True)]


def facts(data: Path) -> Any:
    """Return what is counted, listed and derived."""
    asked = (
        ("quality", "stats", "--by", "worker"),
        ("quality", "stats"),
        ("corrections", "list"),
        ("corrections", "figures"),
    )
    ran = [run(data, *words, "--json").stdout for words in asked]
    with closing(open_writer(data / JOURNAL)) as sql:
        return ran, projections.dump(sql)


def test_only_finished_and_delivered_items_go_to_the_file(data: Path) -> None:
    before = payloads(data)
    (made,) = archive(data)["archives"]
    after = payloads(data)
    gone = {seq for seq, row in before.items() if after[seq] != row}
    assert {before[seq][0] for seq in gone} == ARCHIVED
    assert {before[seq][1].get("barcode", BOOK) for seq in gone} == {BOOK}, (
        "one waits for its correction, one is not sent"
    )
    assert (made["first"], made["last"], made["count"]) == (min(gone), max(gone), len(gone))
    with zipfile.ZipFile(made["path"]) as file:
        lines = [json.loads(line) for name in file.namelist()[1:] for line in file.read(name).splitlines()]
    assert {row[0]: json.loads(row[6]) for row in lines} == {seq: before[seq][1] for seq in gone}
    assert "Nothing was archived" in run(data, "journal", "archive", "--older-than", "1").stdout


def test_chain_figures_and_histories_are_those_of_before(data: Path) -> None:
    counted, history = facts(data), run(data, "tag", "history", BOOK, "--json").stdout
    shown = json.loads(run(data, "journal", "show", "--full", "--json", "--limit", "200").stdout)
    page = plain(data)
    assert any(STOP[:-1] in line for line in page)
    archive(data)
    assert plain(data)[1:] == page
    assert facts(data) == counted
    assert run(data, "tag", "history", BOOK, "--json").stdout == history
    assert json.loads(run(data, "journal", "show", "--full", "--json", "--limit", "200").stdout)[1:] == shown
    report = json.loads(run(data, "journal", "verify", "--json").stdout)
    assert report["ok"] and report["archived"] > 10 and not report["missing_archives"]
    assert run(data, "journal", "rebuild").exit_code == 0
    assert facts(data) == counted
    queries = Queries(data / JOURNAL, FakeClock())
    write = next(entry.event for entry in queries.about_item(BOOK) if isinstance(entry.event, ev.TagWriteStarted))
    assert write.old.memory, "an undo has the image of before the write"


def test_without_the_file_each_answer_says_where_the_event_is(data: Path) -> None:
    counted, today = facts(data), Queries(data / JOURNAL, FakeClock()).lately().today
    (made,) = archive(data)["archives"]
    away = data.parent / "away.zip"
    Path(made["path"]).rename(away)
    name = Path(made["path"]).name
    assert facts(data) == counted
    shown = run(data, "journal", "show", "--limit", "200")
    assert shown.exit_code == 0 and f"is in the archive {name}" in shown.stdout
    verified = run(data, "journal", "verify")
    assert verified.exit_code == 0, verified.output
    assert f"the archive {name} is not here" in verified.stdout
    assert f"{made['count']} events were not verified" in verified.stdout
    with pytest.raises(ArchiveUnusable) as missing:
        Queries(data / JOURNAL, FakeClock()).about_item(BOOK)
    assert name in told(missing.value.detail)
    for words in (("journal", "rebuild"), ("tag", "history", BOOK)):
        refused = run(data, *words, "--json")
        assert json.loads(refused.stdout)["error"]["code"] == "archive-unusable", words
    assert facts(data) == counted
    assert STOP[:-1] not in "".join(plain(data)), "its sentence is in the archive"
    assert Queries(data / JOURNAL, FakeClock()).lately().today == today, "the idle screen needs no archive"
    away.rename(made["path"])
    assert run(data, "journal", "rebuild").exit_code == 0
    assert facts(data) == counted


def test_a_damaged_file_is_found_and_read_like_a_missing_one(data: Path) -> None:
    (made,) = archive(data)["archives"]
    file = Path(made["path"])
    whole = file.read_bytes()
    for content in (whole[:-300], whole.replace(b"events-0", b"events-1"), b""):
        file.write_bytes(content)
        assert run(data, "journal", "verify").exit_code == 1
        shown = run(data, "journal", "show", "--limit", "200")
        assert shown.exit_code == 0 and re.search(rf"archive {file.name} (is damaged|was changed)", shown.stdout)
        refused = run(data, "tag", "history", BOOK, "--json")
        assert json.loads(refused.stdout)["error"]["code"] == "archive-unusable"
    file.write_bytes(whole)
    assert run(data, "journal", "verify").exit_code == 0


def test_an_item_with_an_open_correction_stays_whole(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    with opened(tmp_path, RULES) as journal:
        process(Rig(journal=journal), BOOK, 1, fails="undamaged")  # type: ignore[arg-type]
        delivered(journal)
    before = payloads(tmp_path)
    archive(tmp_path)
    gone = [before[seq] for seq, row in payloads(tmp_path).items() if seq in before and row != before[seq]]
    assert {kind for kind, _ in gone} == {"tag-recognised"}, "which names no item"


def test_an_archive_of_another_journal_is_not_read_in_place_of_the_own_one(data: Path, tmp_path: Path) -> None:
    """Each of its events proves itself, but not by the hash that this journal keeps."""
    other = tmp_path / "other"
    other.mkdir()
    (other / "station.toml").write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    with opened(other, RULES) as journal:
        process(Rig(journal=journal), BOOK, 1)  # type: ignore[arg-type]
        delivered(journal)
    (made,), (foreign,) = archive(data)["archives"], archive(other)["archives"]
    Path(made["path"]).write_bytes(Path(foreign["path"]).read_bytes())
    with pytest.raises(ArchiveUnusable) as refused:
        Queries(data / JOURNAL, FakeClock()).about_item(BOOK)
    assert "was changed" in told(refused.value.detail)


def test_what_was_unfinished_goes_to_the_next_archive(data: Path) -> None:
    (first,) = archive(data)["archives"]
    with closing(open_writer(data / JOURNAL)) as sql:
        outbox = OutboxStore(sql, JournalStore(sql, FakeClock()))
        (delivery,) = outbox.heads()
        outbox.lease(delivery.id)
        outbox.settle(delivery.id, DeliveryState.DELIVERED)
    before = payloads(data)
    (second,) = archive(data)["archives"]
    gone = [before[seq] for seq, row in payloads(data).items() if before.get(seq, row) != row]
    assert {row["barcode"] for _, row in gone} == {OTHER}
    report = json.loads(run(data, "journal", "verify", "--json").stdout)
    assert report["ok"] and report["archived"] == first["count"] + second["count"]


@pytest.mark.parametrize("column", ["at", "kind", "payload", "deliveries", "hash"])
def test_a_change_of_what_stayed_in_the_journal_is_found_without_the_file(data: Path, column: str) -> None:
    (made,) = archive(data)["archives"]
    Path(made["path"]).unlink()
    values = {
        "at": "at || 'x'",
        "kind": "'choice-made'",
        "payload": "CAST(replace(CAST(payload AS TEXT), '3', '4') AS BLOB)",
    }
    with closing(sqlite3.connect(data / JOURNAL, isolation_level=None)) as sql:
        sql.execute("DROP TRIGGER events_no_update")
        statement = f"UPDATE events SET {column} = {values.get(column, 'randomblob(32)')} WHERE seq = ?"
        assert sql.execute(statement, (made["first"],)).rowcount == 1
    assert run(data, "journal", "verify").exit_code == 1


def test_a_payload_is_only_replaced_by_a_stub_of_an_archive(data: Path) -> None:
    with closing(sqlite3.connect(data / JOURNAL, isolation_level=None)) as sql:
        for change in ("payload = CAST('{\"archive\":1}' AS BLOB)", "payload = x'7b7d'", "at = ''"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                sql.execute(f"UPDATE events SET {change} WHERE seq = 1")


def test_a_backup_has_the_archives(data: Path, tmp_path: Path) -> None:
    archive(data)
    assert run(data, "backup", "create", str(tmp_path / "b.zip")).exit_code == 0
    restored = tmp_path / "restored"
    assert run(restored, "restore", str(tmp_path / "b.zip")).exit_code == 0
    assert json.loads(run(restored, "journal", "verify", "--json").stdout)["archived"] > 10


def test_an_archive_elsewhere_is_found_and_named_by_the_backup(data: Path, tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    (made,) = archive(data, "--to", str(tmp_path / "share"))["archives"]
    assert Path(made["path"]).parent == tmp_path / "share" and not (data / ARCHIVES).exists()
    assert json.loads(run(data, "journal", "verify", "--json").stdout)["archived"] == made["count"]
    assert made["path"] in run(data, "backup", "create", str(tmp_path / "b.zip")).stdout


def test_a_file_that_an_interrupted_archiving_left_is_used_or_named(data: Path) -> None:
    shutil.copytree(data, again := data.parent / "again")
    (made,) = archive(again)["archives"]
    name = Path(made["path"]).name
    (data / ARCHIVES).mkdir()
    shutil.copy(made["path"], data / ARCHIVES / name)
    stranger = data / ARCHIVES / name.replace(".zip", "0.zip")
    stranger.write_bytes(b"")
    ran = run(data, "journal", "archive", "--older-than", "1")
    assert ran.exit_code == 0 and f"{stranger} belongs to no event" in ran.stderr, ran.output
    assert json.loads(run(data, "journal", "verify", "--json").stdout)["archived"] == made["count"]
