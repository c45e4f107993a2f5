"""The packing lists of a station: which line an item belongs to, the results of a line, and what the journal stores."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from station.base.errors import StoreError
from station.base.settings import Receiving
from station.domain.events import ItemJudged
from station.domain.item import Barcode, ItemRecord, RecordFacts
from station.domain.packing_lists import LineKey, PackingLine, PackingList, Receipt
from station.domain.snapshot import Verdict
from station.store.lists.packing_lists import PackingLists
from station.store.owner import open_store
from station.store.projections.projections import compare
from tests.conftest import FakeClock

ISBN = "9780262033848"
A, B, C = (Barcode(f"3199900000000{n}") for n in (1, 2, 3))


def a_list(*lines: PackingLine, name: str = "INV-7", vendor: str = "YBP", given: str = "2026-03-02") -> PackingList:
    return PackingList(name=name, vendor=vendor, lines=lines, given=given)


def item(barcode: str = A, **values: object) -> ItemRecord:
    return ItemRecord(barcode=Barcode(barcode), title="A book", **values)  # type: ignore[arg-type]


class Desk:
    def __init__(self, folder: Path, expect: str = "same-vendor") -> None:
        self.came: dict[LineKey, frozenset[str]] = {}
        settings = msgspec.convert({"expect_listed": expect}, Receiving)
        self.lists = PackingLists(folder / "packing lists", settings, lambda key: self.came.get(key, frozenset()))

    def receipt(self, one: ItemRecord, scanned: str = "") -> Receipt | None:
        return self.lists.receipt(one, scanned)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def line_of(receipt: Receipt | None) -> tuple[str, str] | None:
    return (receipt.key.list, receipt.key.line) if receipt and receipt.key else None


def test_an_item_is_found_by_barcode_order_line_and_number(desk: Desk) -> None:
    desk.lists.keep(
        a_list(
            PackingLine(line="1", numbers=(ISBN,)),
            PackingLine(line="2", order_line="POL-1"),
            PackingLine(line="3", barcode=A),
            PackingLine(line="4", numbers=("93624115567",)),
        )
    )
    assert line_of(desk.receipt(item(A, isbns=(ISBN,), purchase="POL-1"))) == ("YBP INV-7", "3")
    assert line_of(desk.receipt(item(B, isbns=(ISBN,), purchase="POL-1"))) == ("YBP INV-7", "2")
    assert line_of(desk.receipt(item(B, isbns=(ISBN,)))) == ("YBP INV-7", "1")
    assert line_of(desk.receipt(item(B, marc=RecordFacts(other_numbers=("93624115567",))))) == ("YBP INV-7", "4")
    assert line_of(desk.receipt(item(B), "0 93624 11556 7")) == ("YBP INV-7", "4")
    assert desk.receipt(item(B)) is None


def test_a_barcoded_copy_is_nobody_elses(desk: Desk) -> None:
    desk.lists.keep(a_list(PackingLine(line="1", barcode=A, numbers=(ISBN,))))
    assert line_of(desk.receipt(item(A))) == ("YBP INV-7", "1")
    assert desk.receipt(item(B, isbns=(ISBN,))) is None


def test_copies_are_counted_each_once_and_fill_one_list_after_the_other(desk: Desk) -> None:
    desk.lists.keep(a_list(PackingLine(line="1", numbers=(ISBN,), quantity=1, ordered=2)))
    desk.lists.keep(a_list(PackingLine(line="5", numbers=(ISBN,)), name="INV-8", given="2026-03-09"))
    first, second = LineKey("YBP INV-7", "1"), LineKey("YBP INV-8", "5")
    found = desk.receipt(item(A, isbns=(ISBN,)))
    assert found is not None
    assert (found.key, found.received, found.shipped, found.ordered) == (first, 1, 1, 2)
    desk.came[first] = frozenset({A})
    again = desk.receipt(item(A, isbns=(ISBN,)))
    assert again == found
    other = desk.receipt(item(B, isbns=(ISBN,)))
    assert other is not None
    assert (other.key, other.received) == (second, 1)
    desk.came[second] = frozenset({B})
    third = desk.receipt(item(C, isbns=(ISBN,)))
    assert third is not None
    assert (third.key, third.received, third.shipped) == (first, 2, 1)


def test_a_closed_list_expects_nothing_and_keeps_what_came(desk: Desk) -> None:
    desk.lists.keep(msgspec.structs.replace(a_list(PackingLine(line="1", numbers=(ISBN,))), closed="2026-03-05"))
    assert desk.receipt(item(B, isbns=(ISBN,), vendor="YBP")) is None
    desk.came[LineKey("YBP INV-7", "1")] = frozenset({A})
    assert line_of(desk.receipt(item(A, isbns=(ISBN,)))) == ("YBP INV-7", "1")


@pytest.mark.parametrize(
    ("expect", "vendor", "wrong"),
    [
        ("never", "YBP", False),
        ("same-vendor", "ybp", True),
        ("same-vendor", "GOBI", False),
        ("same-vendor", "", False),
        ("always", "", True),
    ],
)
def test_when_an_item_should_be_on_a_list(tmp_path: Path, expect: str, vendor: str, wrong: bool) -> None:
    desk = Desk(tmp_path, expect)
    assert desk.receipt(item(B, vendor=vendor)) is None  # no list, so nothing is missing
    desk.lists.keep(a_list(PackingLine(line="1", numbers=(ISBN,))))
    found = desk.receipt(item(B, vendor=vendor))
    assert found == (Receipt(listed=False, vendor=vendor) if wrong else None)


def test_a_list_that_was_given_again_takes_the_place_of_the_first(desk: Desk) -> None:
    assert not desk.lists.keep(a_list(PackingLine(line="1", numbers=(ISBN,))))
    assert desk.receipt(item(B, isbns=(ISBN,))) is not None
    assert desk.lists.keep(a_list(PackingLine(line="1", order_line="POL-1")))
    assert desk.receipt(item(B, isbns=(ISBN,))) is None
    assert len(desk.lists.all()) == 1


def test_hostile_names_stay_in_the_directory(desk: Desk) -> None:
    desk.lists.keep(a_list(PackingLine(line="1", barcode=A), name="../../etc/x", vendor="a/b"))
    assert [one.name for one in desk.lists.all()] == ["../../etc/x"]
    assert [path.parent for path in desk.lists.directory.rglob("*")] == [desk.lists.directory]


def test_a_list_is_named_by_its_number_where_that_is_enough(desk: Desk) -> None:
    desk.lists.keep(a_list(PackingLine(line="1", barcode=A)))
    assert desk.lists.find("INV-7") == desk.lists.find("YBP INV-7")
    desk.lists.keep(a_list(PackingLine(line="1", barcode=B), vendor="GOBI"))
    assert desk.lists.find("INV-7") is None
    assert desk.lists.find("GOBI INV-7") is not None


def test_a_file_that_cannot_be_read_is_named(desk: Desk) -> None:
    desk.lists.keep(a_list(PackingLine(line="1", barcode=A)))
    (desk.lists.directory / "x.json").write_text('{"name": "x"}')
    with pytest.raises(StoreError, match=r"x\.json"):
        desk.receipt(item(A))
    (desk.lists.directory / "x.json").unlink()
    assert desk.receipt(item(A)) is not None


def judged(barcode: str, key: LineKey | None, part: int = 1) -> ItemJudged:
    return ItemJudged(
        barcode=barcode, uid="", part=part, parts=2, verdict=Verdict.PASS, findings=(), item=item(barcode), receipt=key
    )  # fmt: skip


def test_the_journal_counts_what_came_and_can_count_it_anew(tmp_path: Path) -> None:
    store = open_store(tmp_path / "journal.db", FakeClock())
    key = LineKey("YBP INV-7", "1")
    try:
        for event in (judged(A, key), judged(A, key, part=2), judged(B, key), judged(C, None)):
            store.journal.record(event)
        assert store.queries.arrived(key) == {A, B}
        assert store.queries.arrived(LineKey("YBP INV-7", "2")) == frozenset()
        store.rebuild()
        assert store.queries.arrived(key) == {A, B}
        assert store._owner.call(lambda writer: compare(writer.connection)) == ()
    finally:
        store.close()
