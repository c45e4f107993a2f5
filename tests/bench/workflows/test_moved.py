"""Process and an item that moves, or that was lost: it waits until the library system shows the new place."""

from __future__ import annotations

import msgspec
import pytest

from station.domain.events import Found, ItemScanned, Transferred
from station.domain.lost_items import LostItem
from station.domain.ports import NoDepartures
from station.domain.snapshot import Phase
from station.domain.transfers.transfer import Shelf, Transfer, TransferStep
from station.domain.withdrawals.withdrawal import Piece
from station.domain.workflows import Workflow
from tests.support.simulated_bench import BOOK, CATALOG, Rig, record
from tests.support.told import told


class Moving(NoDepartures):
    """The book moves to WEST, until the journal has read that."""

    def __init__(self, rig: Rig, lost: Piece | None = None) -> None:
        self._rig = rig
        self._lost = lost

    def transfer_of_item(self, barcode: str) -> Transfer | None:
        read = any(isinstance(event, Transferred) for event in self._rig.journal.events)
        if barcode != BOOK or self._lost is not None:
            return None
        return Transfer(
            id="transfer-7",
            barcode=BOOK,
            before=Shelf(library="EAST"),
            wanted=Shelf(library="WEST"),
            decided_at="2026-12-01T08:00:00+00:00",
            decided_by="tess",
            read_at="2026-12-02T08:00:00+00:00" if read else "",
            next_step=TransferStep.PROCESS if read else TransferStep.WAIT,
            newest=7,
        )

    def lost_item(self, barcode: str) -> LostItem | None:
        found = any(isinstance(event, Found) for event in self._rig.journal.events)
        return LostItem(self._lost, "2026-03-02T08:00:00+00:00") if self._lost is not None and not found else None


def at_the_bench(lost: Piece | None = None) -> Rig:
    rig = Rig()
    rig.start_with(departures=Moving(rig, lost))
    return rig


@pytest.mark.parametrize("workflow", [Workflow.PROCESS, Workflow.CONVERT])
def test_an_item_that_moves_waits_until_the_library_system_shows_it(
    monkeypatch: pytest.MonkeyPatch, workflow: Workflow
) -> None:
    monkeypatch.setitem(CATALOG, BOOK, msgspec.structs.replace(record(BOOK), library="EAST"))
    rig = at_the_bench()
    rig.enter(workflow)
    shown = rig.scan(BOOK)
    assert shown.fault is not None and shown.fault.code == "not-moved-yet"
    assert "It moves to WEST: the library system still shows EAST" in told(shown.fault.sentence)
    uid = rig.world.tag(1)
    rig.place(uid)
    assert not rig.world.tags[uid].writes
    assert not [event for event in rig.journal.events if isinstance(event, ItemScanned)]
    rig.lift()

    monkeypatch.setitem(CATALOG, BOOK, msgspec.structs.replace(record(BOOK), library="west"))
    rig.choose("retry")
    (read,) = [event for event in rig.journal.events if isinstance(event, Transferred)]
    assert (read.transfer, read.after.library, read.operator) == ("transfer-7", "west", rig.bench.desk.worker.id)
    assert rig.now.phase is Phase.NEED_TAG and rig.now.item is not None
    rig.place(uid)
    assert rig.world.tags[uid].writes, "it gets its tag as usual"


def test_an_answer_in_place_of_the_library_systems_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    old = msgspec.structs.replace(record(BOOK), library="WEST", unknown_to="alma")
    monkeypatch.setitem(CATALOG, BOOK, old)
    rig = at_the_bench()
    shown = rig.scan(BOOK)
    assert shown.fault is not None and shown.fault.code == "not-moved-yet"


def test_a_scan_of_a_lost_item_records_that_it_turned_up() -> None:
    rig = at_the_bench(Piece.MISSING)
    shown = rig.scan(BOOK)
    assert "It was missing. It is recorded as found." in told(shown.notice.sentence if shown.notice else "")
    assert [event.barcode for event in rig.journal.events if isinstance(event, Found)] == [BOOK]
    assert shown.phase is Phase.NEED_TAG
