"""Rejected lots in the journal: the items that were not asked about, the orders for them, and when they are done."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.correction_states import CorrectionKind, Result
from station.domain.findings import Outcome
from station.domain.sampling import RejectedLot, Whose
from station.runtime.lot_rechecks import LotOrders
from station.store.database import migrations
from station.store.database.database import open_writer
from station.store.projections import projections, sampling
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.store.journal.test_journal import in_memory
from tests.store.projections.test_sampling import Desk, item
from tests.support.told import told


def rejected(desk: Desk, first: int = 100, vendor: str = "") -> list[str]:
    """Bring a stream to sampling, then find a bad item. Return the barcodes that were not asked about."""
    for number in range(2):
        desk.one(record=item(first + number, vendor))
    left: list[str] = []
    for number in range(10, 30):
        record, drawn = desk.drawn(item(first + number, vendor))
        desk.judged(record, drawn, Outcome.FAIL if drawn.asked and left else Outcome.PASS)
        if drawn.asked and left:
            return left
        left += [] if drawn.asked else [record.barcode]  # type: ignore[attr-defined]
    raise AssertionError("no later item was asked about")


def order(barcode: str, ident: str, worker: str = "ann") -> ev.CorrectionOpened:
    return ev.CorrectionOpened(
        correction=ident,
        what=CorrectionKind.RECHECK,
        barcode=barcode,
        title=Sentence.verbatim("once more"),
        due="2026-12-01",
        worker=worker,
    )


def lots(sql: sqlite3.Connection) -> tuple[RejectedLot, ...]:
    return sampling.rejected_lots(sql)


def test_items_stay_until_they_are_gone_through() -> None:
    with closing(in_memory()) as sql:
        desk = Desk(sql)
        assert lots(sql) == ()
        left = rejected(desk)
        (lot,) = lots(sql)
        assert (lot.whose, lot.subject, lot.lot, list(lot.items), lot.unordered) == (
            Whose.WORKER, "ann", 1, left, lot.items,
        )  # fmt: skip
        desk.journal.record(order(left[0], "aa"))
        (lot,) = lots(sql)
        assert (list(lot.items), list(lot.unordered)) == (left, left[1:])
        desk.journal.record(ev.CorrectionRechecked(correction="aa", passed=True, operator="bea"))
        (lot,) = lots(sql) or (None,)
        assert (list(lot.items) if lot else []) == left[1:], "a recheck must remove the item"
        for number, barcode in enumerate(left[1:]):
            desk.journal.record(order(barcode, f"b{number}"))
            gone = ev.CorrectionClosed(
                correction=f"b{number}", result=Result.WITHDRAWN, reason=Sentence.verbatim("lost"), operator="bea"
            )
            desk.journal.record(gone)
        assert lots(sql) == ()
        assert projections.compare(sql) == ()


def test_an_item_that_somebody_was_asked_about_since_is_no_longer_of_it() -> None:
    with closing(in_memory()) as sql:
        desk = Desk(sql)
        left = rejected(desk)
        record, drawn = desk.drawn(item(int(left[0][1:])))
        assert drawn.asked, "every item must be asked about now"
        desk.judged(record, drawn)
        assert [one for lot in lots(sql) for one in lot.items] == left[1:]


def test_an_item_that_was_drawn_and_never_judged_is_not_of_it() -> None:
    """It was set aside and has passed no check; its next scan continues there."""
    with closing(in_memory()) as sql:
        desk = Desk(sql)
        desk.one(record=item(1)), desk.one(record=item(2))
        aside = next(found for found in (desk.drawn(item(50 + number)) for number in range(3)) if not found[1].asked)
        for number in range(10, 30):
            record, drawn = desk.drawn(item(100 + number))
            desk.judged(record, drawn, Outcome.FAIL if drawn.asked else Outcome.PASS)
            if drawn.asked:
                break
        barcodes = [one for lot in lots(sql) for one in lot.items]
        assert aside[0].barcode not in barcodes  # type: ignore[attr-defined]


def test_lots_of_workers_and_vendors_stand_beside_each_other() -> None:
    with closing(in_memory()) as sql:
        desk = Desk(sql)
        left = rejected(desk)
        theirs = rejected(desk, 5000, "Baker")
        found = {(lot.whose, lot.subject): list(lot.items) for lot in lots(sql)}
        assert found[Whose.WORKER, "ann"] == left
        assert found[Whose.VENDOR, "Baker"] == theirs
        assert projections.compare(sql) == ()


def test_older_journals_get_the_same_table(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path / "journal.db")) as sql:
        desk = Desk(sql)
        rejected(desk), rejected(desk, 5000, "Baker")
        before = projections.dump(sql)["rejections"]
        assert len(before) == 2
        sql.execute("DROP TABLE rejections")
        sql.execute("DROP INDEX corrections_rechecked")
        sql.execute("DELETE FROM _sqlite_migrations WHERE name = '0009-rejections'")
        sql.execute("PRAGMA user_version = 8")
        assert migrations.migrate(sql) == migrations.SCHEMA_VERSION - 8
        assert projections.dump(sql)["rejections"] == before


def test_orders_name_the_work_and_say_no_name(tmp_path: Path) -> None:
    with closing(open_writer(tmp_path / "journal.db")) as sql:
        desk = Desk(sql)
        left = rejected(desk)
        theirs = rejected(desk, 5000, "Baker")
        make = LotOrders(Queries(tmp_path / "journal.db", FakeClock()), FakeClock(), 7)
        (own,) = {lot.lot for lot in lots(sql) if lot.whose is Whose.WORKER}
        orders = make("worker", "ann", own, "sue")
        assert [one.barcode for one in orders] == left
        assert {(one.worker, one.found_by, one.what) for one in orders} == {("ann", "sue", CorrectionKind.RECHECK)}
        assert not any("ann" in told(one.reason) for one in orders), "a reason is kept after the name is erased"
        assert len({one.correction for one in orders}) == len(left)
        vendors = make("vendor", "Baker", 1, "sue")
        assert [one.barcode for one in vendors] == theirs and all("Baker" in told(one.reason) for one in vendors)
        desk.journal.record(*orders)
        assert make("worker", "ann", own, "sue") == ()
        assert make("worker", "ann", 99, "sue") == make("nobody", "ann", 1, "sue") == ()
