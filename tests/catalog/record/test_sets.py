"""Sets with a barcode for each piece: real sets, and items that only look like sets. Examples by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from station.catalog.record.profiles import Item
from station.catalog.record.sets import set_of
from tests.support.for_each import for_each
from tests.support.told import told


def items(*numbers: str, **fields: str) -> list[Item]:
    return [Item(barcode=f"b{place}", call_number=number, **fields) for place, number in enumerate(numbers, start=1)]


@for_each(
    ("numbers", "sets"),
    [
        # docs/reference/systems.md#genuine-records, the genuine set
        (["V Vikings s.1 d.1", "V Vikings s.1 d.2", "V Vikings s.1 d.3"], [("b1", "b2", "b3")] * 3),
        (["V A d.2", "V A d.1"], [("b2", "b1")] * 2),
        (["V A disc 1", "V A d. 2"], [("b1", "b2")] * 2),
        (["V A dvd.1", "V A DVD.2"], [("b1", "b2")] * 2),
        # another season is another set
        (["V A s.1 d.1", "V A s.2 d.1", "V A s.1 d.2"], [("b1", "b3"), (), ("b1", "b3")]),
        # each copy is a separate set
        (["V A d.1 c.1", "V A d.2 c.1", "V A d.1 c.2", "V A d.2 c.2"], [("b1", "b2")] * 2 + [("b3", "b4")] * 2),
        # volumes are not a set
        (["QA1 .A2 v.1", "QA1 .A2 v.2"], [(), ()]),
        # two of the same disc: the items do not show which disc belongs to which set
        (["V A d.1", "V A d.1", "V A d.2"], [(), (), ()]),
        (["V A d.1"], [()]),
        (["V A d.0", "V A d.1"], [(), ()]),
        (["V A d.1", "V A d.300"], [(), ()]),
        (["V A", "V A"], [(), ()]),
    ],
)
def test_what_is_a_set(numbers: list[str], sets: list[tuple[str, ...]]) -> None:
    every = items(*numbers)
    found = [set_of(every, item.barcode) for item in every]
    assert [one.barcodes if one else () for one in found] == sets


def test_a_disc_without_an_item_is_said() -> None:
    every = items("V A d.1", "V A d.3")
    found = set_of(every, "b2")
    assert found is not None
    assert (found.number, found.size, found.missing) == (3, 3, (2,))
    assert told(found.sentence) == "Disc 3 of a set of 3; each has a barcode of its own. There is no item for Disc 2."


def test_discs_in_the_description_and_the_same_item_twice() -> None:
    """uva_demoRecs.mrc has the same 999 twice in one record."""
    one, two = (Item(barcode=f"b{n}", call_number="V A", description=f"disc {n}", copy="1") for n in (1, 2))
    found = set_of([one, two, two], "b2")
    assert found is not None
    assert found.barcodes == ("b1", "b2")
    other = Item(barcode="b3", call_number="V A", description="disc 2", copy="1", library="LAW")
    again = set_of([one, two, other], "b1")
    assert again is not None
    assert again.barcodes == ("b1", "b2")
    assert set_of([one], "nobody") is None


@given(st.lists(st.text(max_size=12), max_size=6), st.integers(0, 5))
def test_any_text(numbers: list[str], which: int) -> None:
    every = items(*numbers)
    found = set_of(every, f"b{which}")
    assert found is None or (f"b{which}" in found.barcodes and len(set(found.barcodes)) == len(found.barcodes) >= 2)
