"""The thread that reads items that move: it journals only what the library system shows now, and goes on after errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station.base.errors import BarcodeUnknown, Unreachable
from station.domain import events as ev
from station.domain.item import Barcode, ItemRecord
from station.domain.transfers.transfer import Shelf, TransferStep, transfer_id
from station.runtime.transfer_reader import TransferReader, waiting
from tests.store.lists.test_packing_lists import A, B, C, Desk, item

EAST, WEST = Shelf(library="EAST"), Shelf(library="WEST")


class Places:
    """A library system with the library of each item; None = it does not answer."""

    def __init__(self, **libraries: str | None) -> None:
        self.libraries = libraries
        self.asked = threading.Event()

    def find(self, barcode: Barcode) -> ItemRecord:
        self.asked.set()
        library = self.libraries.get(f"i{barcode[-1]}", "")
        if library is None:
            raise Unreachable()
        if not library:
            raise BarcodeUnknown(barcode)
        return item(barcode, library=library)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    with closing(made.store):
        for barcode in (A, B, C):
            decided = ev.TransferDecided(barcode=barcode, before=EAST, wanted=WEST, item=item(barcode), operator="tess")
            made.store.journal.record(decided)
        yield made


def steps(desk: Desk) -> list[TransferStep]:
    return [transfer.next_step for transfer in desk.store.queries.transfers()]


def test_only_what_is_shown_now_is_journaled_and_no_error_stops_the_rest(desk: Desk) -> None:
    places = Places(i1=None, i2="EAST", i3="WEST")
    reader = TransferReader(desk.store.queries, lambda: places, desk.store.journal.order)
    reader.step(places)
    assert steps(desk) == [TransferStep.WAIT, TransferStep.WAIT, TransferStep.PROCESS]
    places.libraries |= {"i1": "WEST", "i2": "WEST"}
    assert [transfer.barcode for transfer in waiting(desk.store.queries)] == [A, B], "what is read needs no look-up"
    reader.step(places)
    reader.step(places)
    assert steps(desk) == [TransferStep.PROCESS] * 3
    assert len(desk.events(ev.Transferred)) == 3, "each once"


def test_a_person_who_was_faster_does_not_stop_it(desk: Desk) -> None:
    ident = transfer_id(1)

    class Faster(Places):
        def find(self, barcode: Barcode) -> ItemRecord:
            if barcode == A:
                desk.store.journal.record(ev.TransferCanceled(transfer=ident, reason="stays", operator="tess"))
            return super().find(barcode)

    places = Faster(i1="WEST", i2="WEST", i3="WEST")
    TransferReader(desk.store.queries, lambda: places, desk.store.journal.order).step(places)
    assert steps(desk) == [TransferStep.PROCESS] * 2


def test_the_thread_looks_and_stops(desk: Desk) -> None:
    places = Places(i1="WEST", i2="WEST", i3="WEST")
    reader = TransferReader(desk.store.queries, lambda: places, desk.store.journal.order)
    reader.start()
    assert places.asked.wait(30)
    assert reader.stop()
    assert not any(thread.name == "transfers" for thread in threading.enumerate())
