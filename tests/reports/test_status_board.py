"""The status board of a station that does not run."""

from __future__ import annotations

from pathlib import Path

import msgspec

from station.base.settings.withdrawal import WithdrawalOptions
from station.cli.session.status_board import lines_of
from station.domain import events as ev
from station.domain.item import Barcode, ItemRecord
from station.domain.receiving.difference import DifferenceKind
from station.domain.status_board import Departing
from station.domain.withdrawals.pull_list import PullLine, PullList, PullOutcome
from station.domain.withdrawals.withdrawal import NextStep, withdrawal_id
from station.reports.status_board import StatusBoards
from station.store.owner import open_store
from tests.conftest import FakeClock
from tests.support import sample_events


def test_a_set_with_parts_without_a_tag_is_named_until_all_have_one(tmp_path: Path, clock: FakeClock) -> None:
    store = open_store(tmp_path / "journal.db", clock)
    whole = msgspec.structs.replace(sample_events.judged().item, title="The glass harbor", parts=2)
    boards = StatusBoards(store.queries, clock, lambda: None, lambda: None)

    def tagged(part: int) -> None:
        uid = f"E00401000000000{part}"
        store.journal.record(
            ev.ItemScanned(barcode=whole.barcode, part=part, item=whole),
            sample_events.verified(f"a{part}", uid, whole.barcode, part),
        )

    try:
        tagged(1)
        board = boards.board("")
        assert board.open_sets.oldest == ("The glass harbor (…0015): part 2 has no tag. Scan it to go on.",)
        assert board.troubled and "1 set with parts without a tag" in "\n".join(lines_of(board))
        tagged(2)
        assert boards.board("").open_sets.count == 0
    finally:
        store.close()


def test_differences_with_vendors_are_counted_and_the_overdue_ones_named(tmp_path: Path, clock: FakeClock) -> None:
    store = open_store(tmp_path / "journal.db", clock)
    boards = StatusBoards(store.queries, clock, lambda: None, lambda: None)
    try:
        assert "Differences with vendors" not in "\n".join(lines_of(boards.board("")))
        opened = ev.DifferenceOpened(
            what=DifferenceKind.SHORT,
            shipment="shipment-1",
            title="The glass harbor",
            owner="Acquisitions",
            due="2999-01-01",
        )
        store.journal.record(opened, msgspec.structs.replace(opened, title="Late", due="2000-01-01"))
        board = boards.board("")
        assert (board.open_differences, board.overdue_differences.count) == (2, 1) and board.troubled
        assert board.overdue_differences.oldest == ("Late: short (due 2000-01-01)",)
        assert "! 1 overdue" in "\n".join(lines_of(board))
    finally:
        store.close()


DAY = 86_400


def test_what_leaves_is_counted_by_age_and_the_bench_counts_the_same(tmp_path: Path, clock: FakeClock) -> None:
    store = open_store(tmp_path / "journal.db", clock)
    names = {"w-tess": "Tess"}
    boards = StatusBoards(
        store.queries, clock, lambda: None, lambda: None, names.__getitem__, options=WithdrawalOptions(red_days=10)
    )
    try:
        assert boards.board("").departing == Departing() and "Withdrawals" not in "\n".join(lines_of(boards.board("")))
        decided, deleted = decision("31234000000015"), decision("31234000000023")
        store.journal.record(decided)
        ident = withdrawal_id(store.journal.record(deleted))
        store.journal.record(ev.Withdrawn(withdrawal=ident, barcode=deleted.barcode, operator="w-tess"))
        store.journal.record(ev.TagErased(attempt="e1", uid="E004015012345601", barcode=deleted.barcode))
        store.journal.record(pull_list("Cooking", 3), pull_list("Gone home", 1), pull_list("Maps", 1))
        first, second, third = (standing.id for standing in store.queries.pull_lists())
        tick = ev.PullTicked(list=first, line="0", outcome=PullOutcome.ON_LOAN, operator="w-tess")
        store.journal.record(tick, msgspec.structs.replace(tick, list=second))
        store.journal.record(msgspec.structs.replace(tick, list=third, outcome=PullOutcome.NOT_FOUND))

        clock.pause(3 * DAY - 1)
        young = boards.board("").departing
        assert (young.open, young.late.count, young.late_lists.count) == (2, 0, 0), "nothing is three days old"
        (ready,) = store.queries.ready_to_strip()
        assert (young.ready, ready.next_step) == (1, NextStep.STRIKE), "marks are to strike: it is ready to strip"
        assert (young.lists, young.on_loan) == (1, 2)

        clock.pause(1)
        board = boards.board("")
        amber = board.departing
        assert (amber.late.count, amber.very_late, amber.late_lists.count, amber.very_late_lists) == (2, 0, 2, 0)
        assert amber.late_lists.oldest == (
            "Cooking: 2 to look for, 1 on loan (Tess, 3 days old)",
            "Gone home: 0 to look for, 1 on loan (Tess, 3 days old)",
        ), "a list with nothing to look for and nothing on loan does not wait"
        assert not board.troubled

        clock.pause(7 * DAY)
        board = boards.board("")
        assert (board.departing.very_late, board.departing.very_late_lists) == (2, 2) and board.troubled
        text = "\n".join(lines_of(board))
        assert "Withdrawals: 2 open\n  ! 2 withdrawals are very late\n  · 2 withdrawals are late" in text
        assert "  ! 2 pull lists are very late" in text and "  · 1 item is ready to strip" in text
        store.journal.record(ev.PullListClosed(list=first, operator="w-tess"))
        assert boards.board("").departing.lists == 0
    finally:
        store.close()


def decision(barcode: str) -> ev.WithdrawalDecided:
    item = ItemRecord(barcode=Barcode(barcode), title="Soup")
    return ev.WithdrawalDecided(barcode=barcode, reason="weeded", destination="recycle", item=item, operator="w-tess")


def pull_list(name: str, count: int) -> ev.PullListImported:
    lines = tuple(PullLine(line=str(at), title=f"Soup {at}") for at in range(count))
    content = PullList(name=name, reason="weeded", destination="recycle", lines=lines)
    return ev.PullListImported(content=content, operator="w-tess")
