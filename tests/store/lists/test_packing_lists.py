"""The packing lists in the journal: which line an item belongs to, and what a replacement and a close leave behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from station.base.errors import PackingRefused, WorkerGone
from station.base.settings import Receiving
from station.domain import events as ev
from station.domain.item import Barcode, ItemRecord, RecordFacts
from station.domain.packing_lists.packing_list import LineKey, MissingCopies, PackingLine, PackingList, Receipt
from station.domain.people.rights import Role
from station.domain.receiving.vendor import Vendor
from station.domain.verdict import Verdict
from station.store.database.database import open_reader
from station.store.database.decoding import Decoder
from station.store.lists.packing_lists import PackingLists
from station.store.owner import open_store
from station.store.projections import packing_lists
from station.store.projections.projections import compare, dump
from tests.conftest import FakeClock
from tests.support.told import raises_told, told

ISBN, OTHER = "9780262033848", "9780306406157"
A, B, C = (Barcode(f"3199900000000{n}") for n in (1, 2, 3))


def a_list(*lines: PackingLine, name: str = "INV-7", vendor: str = "YBP") -> PackingList:
    return PackingList(name=name, vendor=vendor, lines=lines)


def item(barcode: str = A, **values: object) -> ItemRecord:
    return ItemRecord(barcode=Barcode(barcode), title="A book", **values)  # type: ignore[arg-type]


class Desk:
    """A journal, and the packing lists as the bench sees them."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "journal.db"
        self.store = open_store(self.path, FakeClock())

    def lists(self, expect: str = "same-vendor") -> PackingLists:
        return PackingLists(self.store.queries, msgspec.convert({"expect_listed": expect}, Receiving))

    def imports(self, content: PackingList) -> str:
        """Import a list. Return its id."""
        return ev.list_id(self.store.journal.order(ev.PackingListImported(content=content, operator="ann")))

    def replaces(self, ident: str, *lines: PackingLine) -> None:
        (standing,) = (one for one in self.store.queries.packing_lists() if one.id == ident)
        content = PackingList(name=standing.name, vendor=standing.vendor, lines=lines)
        self.store.journal.order(
            ev.PackingListReplaced(list=ident, replaces=standing.newest, content=content, operator="ann")
        )

    def receipt(self, one: ItemRecord, scanned: str = "") -> Receipt | None:
        return self.lists().receipt(one, scanned)

    def line(self, one: ItemRecord, scanned: str = "") -> LineKey | None:
        receipt = self.receipt(one, scanned)
        return receipt.key if receipt is not None else None

    def judges(self, barcode: str, key: LineKey | None, part: int = 1) -> int:
        return self.store.journal.record(
            ev.ItemJudged(
                barcode=barcode,
                uid="",
                part=part,
                parts=2,
                verdict=Verdict.PASS,
                findings=(),
                item=item(barcode),
                receipt=key,
            )
        )

    def came(self, ident: str) -> dict[str, set[str]]:
        """Return the items that arrived, by the number of their line."""
        lines = self.store.queries.packing_list_lines(ident)
        return {one.line.line: set(one.barcodes) for one in lines if one.barcodes}

    def events(self, kind: type[ev.Event]) -> list[ev.AnyEvent]:
        with closing(open_reader(self.path)) as sql:
            rows = sql.execute("SELECT seq, kind, payload FROM events WHERE kind = ?", (ev.kind_of(kind),)).fetchall()
            return [Decoder(sql)(*row) for row in rows]

    def check(self) -> None:
        """The tables follow from the events, and a rebuild makes them again."""
        with closing(open_reader(self.path)) as sql:
            assert compare(sql) == ()
            live = dump(sql)
        self.store.rebuild()
        with closing(open_reader(self.path)) as sql:
            assert dump(sql) == live


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.store.close()


def test_an_item_is_found_by_barcode_order_line_and_number(desk: Desk) -> None:
    ident = desk.imports(
        a_list(
            PackingLine(line="1", numbers=(ISBN,)),
            PackingLine(line="2", order_line="POL-1"),
            PackingLine(line="3", barcode=A),
            PackingLine(line="4", numbers=("93624115567",)),
        )
    )
    assert desk.line(item(A, isbns=(ISBN,), purchase="POL-1")) == LineKey(ident, "3")
    assert desk.line(item(B, isbns=(ISBN,), purchase="POL-1")) == LineKey(ident, "2")
    assert desk.line(item(B, isbns=(ISBN,))) == LineKey(ident, "1")
    assert desk.line(item(B, marc=RecordFacts(other_numbers=("93624115567",)))) == LineKey(ident, "4")
    assert desk.line(item(B), "0 93624 11556 7") == LineKey(ident, "4")
    assert desk.receipt(item(B)) is None


def test_a_barcoded_copy_is_nobody_elses(desk: Desk) -> None:
    ident = desk.imports(a_list(PackingLine(line="1", barcode=A, numbers=(ISBN,))))
    assert desk.line(item(A)) == LineKey(ident, "1")
    assert desk.receipt(item(B, isbns=(ISBN,))) is None


def test_copies_are_counted_each_once_and_fill_one_list_after_the_other(desk: Desk) -> None:
    first = LineKey(desk.imports(a_list(PackingLine(line="1", numbers=(ISBN,), quantity=1, ordered=2))), "1")
    second = LineKey(desk.imports(a_list(PackingLine(line="5", numbers=(ISBN,)), name="INV-8")), "5")
    receipt = desk.receipt(item(A, isbns=(ISBN,)))
    assert receipt is not None
    assert (receipt.key, receipt.received, receipt.shipped, receipt.ordered) == (first, 1, 1, 2)
    desk.judges(A, first)
    desk.judges(A, first, part=2)
    assert desk.receipt(item(A, isbns=(ISBN,))) == receipt
    other = desk.receipt(item(B, isbns=(ISBN,)))
    assert other is not None
    assert (other.key, other.received) == (second, 1)
    desk.judges(B, second)
    third = desk.receipt(item(C, isbns=(ISBN,)))
    assert third is not None
    assert (third.key, third.received, third.shipped) == (first, 2, 1)
    desk.check()


def test_a_closed_list_expects_nothing_keeps_what_came_and_journals_what_is_missing(desk: Desk) -> None:
    ident = desk.imports(
        a_list(
            PackingLine(line="1", numbers=(ISBN,), title="Algorithms", quantity=3),
            PackingLine(line="2", barcode=C),
        )
    )
    desk.judges(A, LineKey(ident, "1"))
    desk.store.journal.order(ev.PackingListClosed(list=ident, operator="ann"))
    (event,) = desk.events(ev.PackingListClosed)
    assert event == ev.PackingListClosed(
        list=ident,
        vendor="YBP",
        name="INV-7",
        missing=(
            MissingCopies(line="1", title="Algorithms", copies=2),
            MissingCopies(line="2", copies=1),
        ),
        operator="ann",
    )
    assert desk.receipt(item(B, isbns=(ISBN,), vendor="YBP")) is None
    assert desk.line(item(A, isbns=(ISBN,))) == LineKey(ident, "1")
    with raises_told(PackingRefused, match="closed already"):
        desk.store.journal.order(ev.PackingListClosed(list=ident, operator="ann"))
    desk.check()


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
def test_when_an_item_should_be_on_a_list(desk: Desk, expect: str, vendor: str, wrong: bool) -> None:
    lists = desk.lists(expect)
    assert lists.receipt(item(B, vendor=vendor)) is None  # no list, so nothing is missing
    desk.imports(a_list(PackingLine(line="1", numbers=(ISBN,))))
    assert lists.receipt(item(B, vendor=vendor)) == (Receipt(listed=False, vendor=vendor) if wrong else None)


def test_a_record_may_name_the_vendor_of_a_list_otherwise(desk: Desk) -> None:
    desk.imports(a_list(PackingLine(line="1", numbers=(ISBN,)), vendor="YBP Library Services"))
    assert desk.lists().receipt(item(B, vendor="YBP")) is None
    vendor = Vendor(id="ybp", name="YBP Library Services", names=("YBP",))
    desk.store.journal.record(ev.VendorRecorded(content=vendor, operator="ann"))
    assert desk.lists().receipt(item(B, vendor="YBP")) == Receipt(listed=False, vendor="YBP")


def test_what_arrived_stays_with_its_copy_when_the_list_is_replaced(desk: Desk) -> None:
    ident = desk.imports(
        a_list(
            PackingLine(line="1", numbers=(ISBN,), title="Algorithms"),
            PackingLine(line="2", numbers=(OTHER,), title="Other", quantity=2),
        )
    )
    in_hand = desk.line(item(C, isbns=(OTHER,)))
    desk.judges(A, LineKey(ident, "1"))
    desk.judges(B, LineKey(ident, "2"))
    desk.replaces(
        ident,
        PackingLine(line="1", numbers=(OTHER,), title="Other"),
        PackingLine(line="2", numbers=(OTHER,), barcode=B, title="Other, barcoded"),
        PackingLine(line="3", numbers=("93624115567",)),
    )
    assert desk.came(ident) == {"2": {B}, "1": {A}}, "line 1 of A is the earlier one"
    earlier = desk.store.queries.packing_list_lines(ident)[-1]
    assert (earlier.current, earlier.line.title, earlier.missing) == (False, "Algorithms", 0)
    desk.judges(C, in_hand)
    assert desk.line(item(C, isbns=(OTHER,))) == in_hand
    desk.check()
    desk.replaces(ident, PackingLine(line="9", numbers=(ISBN,)))
    assert desk.came(ident)["9"] == {A}, "the copy is listed again"
    assert desk.receipt(item(B, isbns=("93624115567",))) is None
    desk.check()


def test_an_item_that_is_in_hand_while_its_line_goes_counts_for_its_copy(desk: Desk) -> None:
    ident = desk.imports(a_list(PackingLine(line="1", numbers=(ISBN,))))
    in_hand = desk.line(item(A, isbns=(ISBN,)))
    desk.replaces(ident, PackingLine(line="1", numbers=(OTHER,)), PackingLine(line="2", barcode=A))
    desk.judges(A, in_hand)
    assert desk.came(ident) == {"2": {A}}
    desk.check()


def test_a_verdict_that_is_taken_back_no_longer_counts_after_a_replacement(desk: Desk) -> None:
    ident = desk.imports(a_list(PackingLine(line="1", numbers=(ISBN,), quantity=2)))
    judged = desk.judges(A, LineKey(ident, "1"))
    desk.replaces(ident, PackingLine(line="1", barcode=A), PackingLine(line="2", barcode=B))
    assert desk.came(ident) == {"1": {A}}
    desk.store.journal.take_back(ev.VerdictTakenBack(barcode=A, part=1, uid="", judged=judged, first=judged, rules=()))
    assert desk.came(ident) == {}
    desk.check()


def test_vendor_and_number_are_taken_once_and_a_list_changes_only_as_it_was_shown(desk: Desk) -> None:
    ident = desk.imports(a_list(PackingLine(line="1", barcode=A)))
    with raises_told(PackingRefused, match="--replace"):
        desk.imports(a_list(PackingLine(line="1", barcode=B), vendor="ybp"))
    desk.imports(a_list(PackingLine(line="1", barcode=B), vendor="YBP INV-7", name="A"))
    newest = next(one.newest for one in desk.store.queries.packing_lists() if one.id == ident)
    desk.replaces(ident, PackingLine(line="1", barcode=C))
    with raises_told(PackingRefused, match="changed meanwhile"):
        desk.store.journal.order(
            ev.PackingListReplaced(list=ident, replaces=newest, content=a_list(PackingLine(line="1", barcode=B)))
        )
    assert desk.line(item(C)) == LineKey(ident, desk.store.queries.packing_list_lines(ident)[0].key.line)


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("packing_lists", "UPDATE packing_lists SET vendor = 'GOBI'"),
        ("packing_lines", "UPDATE packing_lines SET quantity = 20"),
        ("packing_numbers", "DELETE FROM packing_numbers"),
    ],
)
def test_verify_finds_a_list_that_was_changed_outside_the_journal(desk: Desk, table: str, statement: str) -> None:
    desk.imports(a_list(PackingLine(line="1", numbers=(ISBN,))))
    assert desk.store.queries.verify().ok
    with closing(sqlite3.connect(desk.path)) as sql, sql:
        sql.execute(statement)
    assert tuple(map(told, desk.store.queries.verify().problems)) == (
        f"the table {table} does not follow from the events",
    )
    desk.store.rebuild()
    assert desk.store.queries.verify().ok


def test_a_person_who_left_imports_and_closes_nothing(desk: Desk) -> None:
    ident = desk.imports(a_list(PackingLine(line="1", barcode=A)))
    desk.store.journal.record(
        ev.WorkerRegistered(worker="w-1", role=Role.OPERATOR), ev.WorkerLeft(worker="w-1", reason="left")
    )
    for event in (
        ev.PackingListImported(content=a_list(PackingLine(line="1", barcode=B), name="INV-8"), operator="w-1"),
        ev.PackingListClosed(list=ident, operator="w-1"),
    ):
        with pytest.raises(WorkerGone):
            desk.store.journal.order(event)


def test_a_scan_looks_up_its_line_by_index(desk: Desk) -> None:
    with closing(open_reader(desk.path)) as sql:
        parameters = packing_lists.fitting_parameters(A, "POL-1", (ISBN,))
        rows = sql.execute(f"EXPLAIN QUERY PLAN {packing_lists.FITTING}", parameters).fetchall()
    plan = [str(row[3]) for row in rows]
    assert not [step for step in plan if step.startswith("SCAN") and not step.startswith("SCAN n VIRTUAL TABLE")], plan
    for index in ("packing_lines_barcode", "packing_lines_order", "PRIMARY KEY (number=?)"):
        assert any(step.startswith("SEARCH") and index in step for step in plan), (index, plan)
