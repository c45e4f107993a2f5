"""Below the faces nothing is told: import, bench, journal and courier do their work without one message catalog."""

from __future__ import annotations

import random
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from station.base import words
from station.base.sentence import Sentence
from station.base.settings import CatalogSettings
from station.base.words import catalogue, library
from station.catalog.sample import sample
from station.domain.deliveries.delivery import DeliveryState
from station.domain.findings import Outcome
from station.domain.item import Barcode
from station.domain.snapshot import Phase
from station.domain.verdict import Verdict
from station.runtime.socket import wire
from station.store.catalog_index.import_file import import_file
from station.store.catalog_index.index import CatalogIndex
from station.store.journal.outbox import OutboxStore
from station.store.queries.summaries import summary
from station.sync.courier.courier import Courier
from station.sync.file_sink import FileSink
from tests.bench.item.test_page_of_checks import all_good
from tests.bench.item.test_sampling import RealJournal
from tests.conftest import ROOT
from tests.store.journal.test_journal import in_memory
from tests.support.simulated_bench import SETTINGS, Rig

PROFILE = "symphony-949"
AT_ONCE = replace(SETTINGS, delivery=replace(SETTINGS.delivery, take_back_s=0.0))
"""A delivery does not wait until its verdict cannot be taken back."""


def forget_catalogs() -> None:
    for cache in (library.english, library.shipped_areas, words._english):
        cache.cache_clear()
    words.use()


@pytest.fixture
def tellers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """List each place that lets a catalog file be read. No catalog is in memory, and each file reads as empty."""
    places: list[str] = []

    def unread(_path: Path) -> dict[str, object]:
        stack = [frame for frame in traceback.extract_stack()[:-1] if frame.filename.startswith(str(ROOT))]
        teller = next(frame for frame in reversed(stack) if "/station/base/" not in frame.filename)
        places.append(f"{Path(teller.filename).relative_to(ROOT)}:{teller.lineno}")
        return {}

    monkeypatch.setattr(catalogue, "_as_shipped", unread)
    forget_catalogs()
    yield places
    monkeypatch.undo()
    forget_catalogs()


def key_of(sentence: Sentence) -> str:
    """Return what a results file of no language would have."""
    return sentence.key or str(sentence.text)


def test_an_import_two_items_and_their_deliveries_read_no_catalog(tellers: list[str], tmp_path: Path) -> None:
    words.tell("state.need-tag")
    assert {place.partition(":")[0] for place in tellers} == {"tests/stories/test_no_catalog_is_read.py"}
    tellers.clear()
    forget_catalogs()

    records = tmp_path / "records.mrc"
    records.write_bytes(sample.numbered(3) + b"no record\x1d")
    report = import_file(records, tmp_path / "index.db", PROFILE, CatalogSettings())
    assert report.items == 3 and report.rejected

    good, bad, other = (Barcode(sample.numbered_barcode(number)) for number in (1, 2, 3))
    with closing(in_memory()) as sql, closing(CatalogIndex(tmp_path / "index.db", PROFILE, CatalogSettings())) as index:
        rig = Rig(AT_ONCE, journal=RealJournal(sql))
        rig.start_with(catalog=index)
        tags = [rig.world.tag(number) for number in (1, 2)]
        rig.scan(good)
        assert rig.place(tags[0]).phase is Phase.CHECKING
        assert all_good(rig).verdict is Verdict.PASS
        rig.lift()
        assert rig.scan("no barcode").notice.code
        rig.scan(other)
        rig.place(tags[0])
        assert rig.now.fault is not None and rig.now.fault.code == "other-item"
        rig.choose("set-aside")
        rig.lift()
        rig.scan(bad)
        rig.place(tags[1])
        rig.answer(Outcome.FAIL, rig.now.checks[0].covers[0].reasons[0][0])
        all_good(rig)
        assert rig.now.verdict is Verdict.FAIL
        for snapshot in rig.shown:
            assert wire.encode(wire.Reply(snapshot=snapshot))

        outbox = OutboxStore(sql, rig.journal)
        courier = Courier(outbox, {"file": FileSink(tmp_path / "results.jsonl", key_of)}, rig.clock, random.Random(1))
        while not courier.step():
            pass
        assert [delivery.state for delivery in rig.journal.deliveries_of(good)] == [DeliveryState.DELIVERED]
        assert courier.status().depth == 0
        assert all(summary(event).key for event in rig.journal.events)
    assert tellers == []
