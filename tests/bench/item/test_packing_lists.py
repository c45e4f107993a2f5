"""Packing lists at the bench: rule 50 judges, the item gets the vendor of the list, and the journal stores the line."""

from __future__ import annotations

import pytest

from station.base.errors import StoreError
from station.domain.events import ItemJudged
from station.domain.findings import Outcome
from station.domain.item import ItemRecord
from station.domain.packing_lists.packing_list import LineKey, Receipt
from station.domain.snapshot import Snapshot
from station.domain.verdict import Verdict
from tests.support.simulated_bench import BOOK, Rig
from tests.support.told import told

KEY = LineKey("YBP INV-7", "1")


class Lists:
    """`domain.ports.PackingLists` with one answer for an item, and another once its number was scanned."""

    def __init__(self, said: Receipt | StoreError | None, scanned: Receipt | None = None) -> None:
        self.said, self.scanned = said, scanned

    def receipt(self, item: ItemRecord, scanned: str = "") -> Receipt | None:
        said = self.scanned if scanned else self.said
        if isinstance(said, StoreError):
            raise said
        return said


def done(lists: Lists, scan: str = "", *, late: bool = False) -> tuple[Snapshot, ItemJudged]:
    """Process an item. `scan`: the number on the piece; `late`: scan it only after the checks have begun."""
    rig = Rig(lists=lists)
    rig.scan(BOOK)
    if scan and not late:
        rig.scan(scan)
    rig.place(rig.world.tag(1))
    if scan and late:
        rig.scan(scan)
    shown = rig.pass_all()
    event = rig.journal.events[-1]
    assert isinstance(event, ItemJudged)
    return shown, event


def rule_50(shown: Snapshot) -> tuple[Outcome, str]:
    found = next(one for one in shown.findings if one.rule == "as-invoiced")
    return found.outcome, told(found.reason)


def test_a_listed_copy_passes_and_the_journal_has_its_line() -> None:
    shown, event = done(Lists(Receipt(listed=True, vendor="YBP", key=KEY)))
    assert rule_50(shown)[0] is Outcome.PASS
    assert event.receipt == KEY
    assert event.verdict is Verdict.PASS


def test_one_too_many_fails_the_item() -> None:
    shown, event = done(Lists(Receipt(listed=True, received=3, shipped=2, key=KEY)))
    assert rule_50(shown) == (Outcome.FAIL, "3 came, the list has 2")
    assert event.verdict is Verdict.FAIL


def test_the_vendor_of_the_list_is_the_items_where_its_record_names_none() -> None:
    shown, event = done(Lists(Receipt(listed=True, vendor="YBP", key=KEY)))
    assert event.item.vendor == "YBP"
    assert shown.item is not None
    assert shown.item.vendor == "YBP"
    assert done(Lists(Receipt(listed=False, vendor="GOBI")))[1].item.vendor == ""


@pytest.mark.parametrize("late", [False, True])
def test_the_number_on_the_piece_may_find_the_line(late: bool) -> None:
    shown, event = done(Lists(None, Receipt(listed=True, key=KEY)), scan="9780262033848", late=late)
    assert rule_50(shown)[0] is Outcome.PASS
    assert event.receipt == KEY


def test_lists_that_cannot_be_read_stop_nobody_and_the_rule_says_so() -> None:
    shown, event = done(Lists(StoreError("x.json: bad")))
    assert rule_50(shown) == (Outcome.ABSTAINED, "the packing lists cannot be read: x.json: bad")
    assert event.verdict is Verdict.PASS


def test_without_lists_the_rule_abstains() -> None:
    assert rule_50(done(Lists(None))[0]) == (Outcome.ABSTAINED, "no packing list or invoice says anything of it")
