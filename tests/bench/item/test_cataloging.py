"""A piece without a usable record goes to the queue for original cataloging with one tap."""

from __future__ import annotations

import pytest

from station.base.errors import RecordUnreadable
from station.domain.events import CatalogingRequested
from station.domain.item import Barcode, ItemRecord
from station.domain.snapshot import Phase, Sound
from tests.support.simulated_bench import BOOK, NO_CALL, NO_TITLE, UNKNOWN, MemoryCatalog, Rig
from tests.support.told import told

ISBN = "9780306406157"
UNKNOWN_TOO = Barcode("31234000000073")


def requests(rig: Rig) -> list[CatalogingRequested]:
    return [event for event in rig.journal.events if isinstance(event, CatalogingRequested)]


def test_one_tap_puts_it_into_the_queue() -> None:
    rig, barcode, code = Rig(), UNKNOWN, "barcode-unknown"
    shown = rig.scan(barcode)
    assert shown.fault is not None
    assert [choice.id for choice in shown.fault.choices] == ["dismiss", "cataloging"]
    assert [choice.main for choice in shown.fault.choices] == [True, False]
    shown = rig.choose("cataloging")
    (event,) = requests(rig)
    assert (event.barcode, event.code, event.isbn) == (barcode, code, "")
    assert event.request and event.reason
    assert event.operator == rig.settings.station.operator
    assert rig.journal.kinds()[-2:] == ["choice-made", "cataloging-requested"]
    assert shown.phase is Phase.IDLE
    assert barcode in told(shown.notice.sentence) and shown.notice.code == "notice.cataloging"
    assert shown.sound is Sound.ACCEPTED
    rig.choose("cataloging")
    assert len(requests(rig)) == 1, "a double tap must be harmless"


def test_an_item_whose_record_was_rejected_at_the_import_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(_: object, barcode: Barcode) -> ItemRecord:
        raise RecordUnreadable(f"{barcode} is in record 2 of export.mrc")

    monkeypatch.setattr(MemoryCatalog, "find", find)
    rig = Rig()
    shown = rig.scan(UNKNOWN)
    assert shown.fault is not None and shown.fault.code == "record-unreadable"
    assert told(shown.fault.sentence) == "The record of this item could not be read."
    assert len(told(shown.fault.sentence).split()) <= 12
    assert "record 2 of export.mrc" in told(shown.fault.detail)
    assert [choice.id for choice in shown.fault.choices] == ["dismiss", "cataloging"]
    rig.choose("cataloging")
    assert [(event.barcode, event.code) for event in requests(rig)] == [(UNKNOWN, "record-unreadable")]


def test_the_isbn_that_is_scanned_meanwhile_goes_along() -> None:
    rig = Rig()
    rig.scan(UNKNOWN)
    before = len(rig.journal.kinds())
    shown = rig.scan("0-306-40615-2")
    assert shown.fault is not None and shown.fault.code == "barcode-unknown"
    assert shown.notice.code == "notice.isbn-taken"
    assert len(rig.journal.kinds()) == before, "it must not be refused"
    rig.choose("cataloging")
    assert requests(rig)[0].isbn == ISBN


def test_the_isbn_of_one_piece_is_not_given_to_the_next() -> None:
    rig = Rig()
    rig.scan(UNKNOWN)
    rig.scan(ISBN)
    rig.scan(UNKNOWN_TOO)
    rig.choose("cataloging")
    assert [(event.barcode, event.isbn) for event in requests(rig)] == [(UNKNOWN_TOO, "")]


@pytest.mark.parametrize("barcode", [BOOK, NO_CALL, NO_TITLE])
def test_nothing_is_offered_where_a_record_will_do(barcode: Barcode) -> None:
    rig = Rig()
    rig.world.place(rig.world.tag(1))
    shown = rig.scan(barcode)
    assert "cataloging" not in [choice.id for choice in (shown.fault.choices if shown.fault else ())]
    rig.choose("cataloging")
    assert requests(rig) == []


def test_an_isbn_at_any_other_time_is_still_refused() -> None:
    rig = Rig()
    shown = rig.scan(ISBN)
    assert (shown.wrong_scan, shown.notice.code) == ("isbn", "notice.publisher-barcode")
    assert rig.journal.kinds()[-1] == "scan-refused"


def test_set_aside_asks_for_nothing() -> None:
    rig = Rig()
    rig.scan(UNKNOWN)
    rig.choose("dismiss")
    assert requests(rig) == []
