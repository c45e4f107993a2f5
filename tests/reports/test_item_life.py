"""An item's life and the journal: no line repeats the title, and what says the same one after the other is one line."""

from __future__ import annotations

from pathlib import Path

from station.base.clock import SystemClock
from station.base.settings import Barcodes
from station.base.words import tell
from station.domain.events import CheckAnswered, DeliveryChanged, ItemScanned
from station.domain.findings import Outcome
from station.domain.item import Barcode, ItemRecord
from station.reports.item_life import item_life
from station.reports.tables.journal import GROUPS, journal
from station.store.owner import open_store
from station.store.queries.journal_search import EventFilter
from station.store.queries.queries import Queries
from tests.support import sample_events

BARCODE = "31234000000015"


def no_record(_: Barcode) -> ItemRecord:
    return sample_events.record()


def test_a_life_names_the_item_once_and_folds_good_answers(tmp_path: Path) -> None:
    path, clock = tmp_path / "journal.db", SystemClock()
    store = open_store(path, clock)
    good = CheckAnswered(barcode=BARCODE, finding=sample_events.finding(Outcome.PASS))
    bad = CheckAnswered(barcode=BARCODE, finding=sample_events.finding())
    scan = ItemScanned(barcode=BARCODE, part=1, item=sample_events.record())
    store.journal.record(scan, good, good, good, bad, sample_events.judged(BARCODE))
    store.close()
    queries, rules = Queries(path, clock, "ann"), Barcodes(length=0, prefixes=(), check_digit="none")
    life = item_life(queries, no_record, BARCODE, rules)
    lines = [tell(row[2]) for row in life.events.rows]
    assert life.title == "A title" and not any("A title" in line for line in lines)
    assert [line for line in lines if "checks answered" in line] == ["3 checks answered: good"]
    assert len(lines) == 4 and len(item_life(queries, no_record, BARCODE, rules, exactly=True).events.rows) == 6


def test_the_journal_folds_deliveries_that_arrived_one_after_the_other(tmp_path: Path) -> None:
    path, clock = tmp_path / "journal.db", SystemClock()
    store = open_store(path, clock)
    arrived = DeliveryChanged(delivery="d", system="alma", state="delivered", operator="machine")
    parked = DeliveryChanged(delivery="d", system="alma", state="parked", reason="rejected", operator="machine")
    store.journal.record(arrived, arrived, arrived, parked, arrived)
    store.close()
    queries = Queries(path, clock, "ann")
    rows = journal(queries, EventFilter(), None, 10).rows
    assert [row[0] for row in rows] == [5, 4, 3] and tell(rows[2][3]) == "3 deliveries arrived"
    assert len(journal(queries, EventFilter(kinds=GROUPS["deliveries"]), None, 10).rows) == 5
    assert len(journal(queries, EventFilter(), None, 10, exactly=True).rows) == 5
