"""Items are named by what a person recognizes: the title, else the call number, else the barcode."""

from __future__ import annotations

import pytest

from station.base.cells import cells
from station.base.errors import BarcodeUnknown, RecordNotTold
from station.bench.item.titles import LONGEST, Titles, name_of, name_of_part
from station.domain.events import ItemScanned
from station.domain.item import Barcode, ItemRecord
from station.domain.ports import Logged, NoHistory
from tests.support.for_each import for_each
from tests.support.simulated_bench import BOOK, CATALOG, NO_TITLE, OTHER, UNKNOWN, MemoryCatalog, Rig, record
from tests.support.told import told


class Scanned(NoHistory):
    def about_item(self, barcode: str) -> tuple[Logged, ...]:
        titles = ("Old title", "New title") if barcode == UNKNOWN else ()
        events = (ItemScanned(barcode=UNKNOWN, part=1, item=record(UNKNOWN, title=title)) for title in titles)
        return tuple(Logged(seq, "2026-01-01", event) for seq, event in enumerate(events))


def test_a_record_names_the_item_before_its_newest_scan_and_both_before_the_barcode() -> None:
    titles = Titles(MemoryCatalog(), Scanned())
    assert titles.of(BOOK) == CATALOG[BOOK].title
    assert titles.of(UNKNOWN) == "New title"
    assert Titles(MemoryCatalog(), NoHistory()).of(UNKNOWN) == UNKNOWN


@pytest.mark.parametrize("error", [BarcodeUnknown, RecordNotTold])
def test_a_catalog_that_gives_nothing_is_no_second_stop(error: type[Exception]) -> None:
    class Silent(MemoryCatalog):
        def find(self, barcode: Barcode) -> ItemRecord:
            raise error(barcode)

    assert Titles(Silent(), NoHistory()).of("\x1b[31m" + "7" * 99) == f"[31m{'7' * (LONGEST - 5)}…"


@for_each(
    ("title", "call_number", "name"),
    [
        ("Short", "QA 1", "Short"),
        ("", "QA 1", "QA 1"),
        ("\u202e", "", BOOK),
        ("\x1b]0;x\x07[bold]Red[/]", "", "]0;x[bold]Red[/]"),
        ("漢字" * 30, "", "漢字" * 9 + "漢…"),
        ("x" * 100_000, "", "x" * (LONGEST - 1) + "…"),
    ],
)
def test_a_name_is_clean_and_fits_a_line(title: str, call_number: str, name: str) -> None:
    said = name_of(record(BOOK, title=title, call_number=call_number))
    assert said == name and cells(said) <= LONGEST
    assert told(name_of_part(said, 2, 3)) == f"{name}, part 2 of 3" and told(name_of_part(said, 1, 1)) == name


def test_the_wrong_item_on_the_pad_is_told_which_one_to_put_back() -> None:
    rig = Rig()
    torn = rig.world.tag(1)
    rig.scan(BOOK)
    rig.world.lift_at_write = 3
    rig.place(torn)
    assert told(rig.place(rig.world.tag(2)).notice.sentence) == f'Different item. Put back "{CATALOG[BOOK].title}".'
    assert tuple(map(told, rig.now.unfinished)) == (CATALOG[BOOK].title,)


def test_the_stop_of_a_second_tag_shows_what_the_item_has_already() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    rig.pass_all()
    rig.lift()
    rig.scan(BOOK)
    fault = rig.place(rig.world.tag(2)).fault
    assert fault is not None and fault.code == "second-tag"
    assert (told(fault.sentence), told(fault.old)) == ("This item already has a tag.", CATALOG[BOOK].title)
    assert told(fault.do).startswith("Take the old tag out") and "..." not in told(fault.sentence) + told(fault.old)


def test_an_item_without_a_title_is_known_by_its_call_number() -> None:
    rig = Rig()
    rig.scan(NO_TITLE)
    rig.place(rig.world.tag(1))
    assert Titles(MemoryCatalog(), NoHistory()).of(NO_TITLE) == CATALOG[NO_TITLE].call_number != ""
    assert OTHER not in Titles(MemoryCatalog(), NoHistory()).of(NO_TITLE)
