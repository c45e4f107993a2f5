"""The write-ahead log is lost, cut or damaged after a kill: the start notices that the newest events are gone."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from station.base.errors import JournalOlder
from station.store.journal import newest_head
from station.sync.file_sink import line, newest_results
from tests.store.journal.test_timeline import Bench
from tests.support import sample_events
from tests.support.told import raises_told, told


@pytest.fixture
def killed(tmp_path: Path) -> Bench:
    """One event is in the file; the deliveries of events 2 to 5 are only in the write-ahead log."""
    bench = Bench(tmp_path / "bench")
    bench.folder.mkdir()
    bench.session("1")
    store = bench.open()
    for barcode in "2345":
        store.journal.record(sample_events.judged(barcode), deliveries=[sample_events.delivery("file", barcode)])
    copy = Bench(Path(shutil.copytree(bench.folder, tmp_path / "killed")))
    store.close()
    return copy


def cut(log: Path) -> None:
    os.truncate(log, log.stat().st_size // 2)


def flip(log: Path) -> None:
    content = bytearray(log.read_bytes())
    content[len(content) // 2] ^= 1
    log.write_bytes(content)


@pytest.mark.parametrize("harm", [Path.unlink, cut, flip])
def test_a_journal_without_its_newest_events_is_refused_and_then_reuses_no_id(
    killed: Bench, harm: Callable[[Path], None]
) -> None:
    given = {row.id for row in killed.queries.outbox_page()}
    log = killed.path.with_name("journal.db-wal")
    harm(log)
    left = log.read_bytes() if log.exists() else b""
    assert "lacks event 5" in killed.refused()
    assert (log.read_bytes() if log.exists() else b"") == left, "what is left may still be wanted"
    assert not killed.queries.verify(None, killed.heads).ok
    killed.go_on()
    assert killed.queries.verify(None, killed.heads).ok
    assert not given.intersection(killed.session("6", "7", "8", "9"))


def test_the_killed_journal_with_its_log_goes_on(killed: Bench) -> None:
    assert [name.split("-")[1] for name in killed.session("6")] == ["6"]


def test_as_many_other_events_do_not_hide_the_loss(killed: Bench) -> None:
    """The lost events have the numbers of those that were made without them."""
    mark = newest_head.file_of(killed.path)
    lost = mark.read_bytes()
    killed.path.with_name("journal.db-wal").unlink()
    mark.unlink()
    killed.session("6", "7", "8", "9")
    mark.write_bytes(lost)
    assert "lacks event 5" in killed.refused()
    killed.go_on()
    mark.write_bytes(lost)
    killed.session("10")


def test_a_torn_newest_head_refuses_nothing(killed: Bench) -> None:
    mark = newest_head.file_of(killed.path)
    content = mark.read_bytes()
    mark.write_bytes(content[:40].replace(b" 5 ", b" 9 ") + content[40:])
    assert killed.session("6")


def test_a_result_that_went_out_shows_the_loss(killed: Bench, tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    rows = [line(row, told) for row in killed.queries.outbox_page()]
    results.write_bytes(b"a note\n" + b"".join(rows))
    sent = newest_results(results)
    assert [head.seq for head in sent] == [5]
    assert killed.queries.lost_heads(None, sent) == ()
    newest_head.file_of(killed.path).unlink()
    killed.path.with_name("journal.db-wal").unlink()
    killed.session("6", "7", "8", "9", heads=False)
    assert killed.queries.lost_heads(None, sent) == sent
    with raises_told(JournalOlder, match="event 5"):
        killed.queries.check_heads(None, sent)


def test_an_item_costs_one_sync_more_whatever_the_number_of_systems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    store = Bench(tmp_path).open()
    systems = ("alma", "file", "sip2")
    store.journal.record(
        sample_events.judged("1"), deliveries=[sample_events.delivery(system, "1") for system in systems]
    )
    assert synced == []
    for head in store.outbox.heads():
        store.outbox.lease(head.id)
    store.close()
    assert len(synced) == 1
