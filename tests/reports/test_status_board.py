"""The status board of a station that does not run."""

from __future__ import annotations

from pathlib import Path

import msgspec

from station.cli.session.status_board import lines_of
from station.domain import events as ev
from station.domain.receiving.difference import DifferenceKind
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
