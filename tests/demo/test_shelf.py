"""The items of the demo: what is said of the item in hand."""

from __future__ import annotations

from station.base import words
from station.base.settings import Settings
from station.demo.shelf import shelf
from station.domain.item import Barcode, ItemRecord
from tests.tui.scenes import ITEM


class OneItem:
    def find(self, barcode: Barcode) -> ItemRecord:
        assert barcode == ITEM.barcode
        return ITEM


def test_the_item_in_hand_is_described_in_the_language_of_the_bench() -> None:
    sample = [(str(ITEM.barcode), "LC call number with two cutters")]
    words.speak("es")
    try:
        (item,) = shelf(sample, OneItem(), Settings())
        assert item.item.hint == "etiqueta nueva, en blanco"
    finally:
        words.use()
    (item,) = shelf(sample, OneItem(), Settings())
    assert item.item.hint == "a new, blank tag; LC call number with two cutters"
