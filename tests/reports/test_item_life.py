"""An item's life: no line repeats the title, and good answers that follow each other are one line."""

from __future__ import annotations

from pathlib import Path

from station.base.clock import SystemClock
from station.base.settings import Barcodes
from station.base.words import tell
from station.domain.events import CheckAnswered, ItemScanned
from station.domain.findings import Outcome
from station.domain.item import Barcode, ItemRecord
from station.reports.item_life import item_life
from station.store.owner import open_store
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
