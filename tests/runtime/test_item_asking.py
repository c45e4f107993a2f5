"""Ask about an item: the record as it is now, who does not have it, and the stop signs with their sources."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from station.base.errors import BarcodeUnknown, RecordNotTold, Unreachable
from station.base.settings import Settings
from station.domain.item import Barcode, ItemRecord
from station.domain.item_question import ItemQuestion
from station.domain.withdrawals.stop_signs import Reply, Sign, SignAnswer, TitleStanding
from station.runtime.item_asking import ItemAsking
from station.runtime.stop_signs import PAUSE_S, AskedSigns
from tests.conftest import FakeClock

RECORD = ItemRecord(barcode=Barcode("1"), library="MAIN")


class Title:
    """A source that answers until it is `silent`."""

    def __init__(self, source: str, *libraries: str) -> None:
        self.standing = TitleStanding(source=source, libraries=libraries)
        self.silent = False
        self.asked = 0

    def title_standing(self, item: ItemRecord) -> TitleStanding:
        self.asked += 1
        if self.silent:
            raise Unreachable("down")
        if item.barcode != RECORD.barcode:
            raise BarcodeUnknown("nobody")
        return self.standing


def last_here(answers: tuple[SignAnswer, ...]) -> tuple[Reply, str]:
    return next((row.reply, row.source) for row in answers if row.sign is Sign.LAST_HERE)


def test_a_silent_library_system_leaves_the_answer_to_the_catalog_and_is_not_asked_again_at_once() -> None:
    clock, live, index = FakeClock(), Title("alma"), Title("catalog", "MAIN")
    signs = AskedSigns((live, index), Settings(), clock)
    assert last_here(signs.answers(RECORD)) == (Reply.YES, "alma")
    live.silent = True
    for _ in range(2):
        assert last_here(signs.answers(RECORD)) == (Reply.NO, "catalog")
    assert live.asked == 2, "an operator waits for each question"
    clock.pause(PAUSE_S)
    live.silent = False
    assert last_here(signs.answers(RECORD)) == (Reply.YES, "alma")


def test_an_item_that_a_source_does_not_have_leaves_the_sign_not_known() -> None:
    signs = AskedSigns((Title("alma"),), Settings(), FakeClock())
    assert last_here(signs.answers(ItemRecord(barcode=Barcode("2")))) == (Reply.NOT_KNOWN, "")


class Records:
    """A catalog with one item."""

    name = "alma"

    def find(self, barcode: Barcode) -> ItemRecord:
        if barcode == "3":
            raise RecordNotTold("down")
        if barcode != RECORD.barcode:
            raise BarcodeUnknown("nobody")
        return RECORD


def test_signs_come_only_when_asked_for_and_an_unknown_item_names_who_was_asked() -> None:
    title = Title("alma")
    live = Mock(spec_set=("name",))
    live.name = "alma"
    asking = ItemAsking(Records(), live, AskedSigns((title,), Settings(), FakeClock()))
    plain = asking.answer(ItemQuestion(barcode="1"))
    assert (plain.record, plain.unknown_to, plain.signs, title.asked) == (RECORD, "", (), 0)
    assert last_here(asking.answer(ItemQuestion(barcode="1", signs=True)).signs) == (Reply.YES, "alma")
    unknown = asking.answer(ItemQuestion(barcode="2", signs=True))
    assert (unknown.record, unknown.unknown_to) == (None, "alma")
    with pytest.raises(RecordNotTold):
        asking.answer(ItemQuestion(barcode="3"))
