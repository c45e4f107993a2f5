"""Pull lists in the journal: how a line stands after ticks, decisions and what was taken back, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from station.base.errors import DepartureRefused
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState
from station.domain.item import Barcode
from station.domain.withdrawals.pull_list import (
    PullLine,
    PullList,
    PullListStanding,
    PullOutcome,
    PullStanding,
    pull_list_id,
)
from station.domain.withdrawals.withdrawal import Piece
from station.store.projections import pull_lists
from tests.store.lists.test_packing_lists import A, B, C, Desk, item
from tests.store.projections.test_withdrawals import Leaving
from tests.support.told import raises_told


class Pulling(Leaving):
    """The same desk with weeding lists."""

    def imports(self, *barcodes: str, name: str = "Cooking") -> str:
        content = PullList(
            name=name,
            reason="weeded",
            destination="recycle",
            lines=tuple(PullLine(line=barcode, barcode=barcode, title=f"Title {barcode}") for barcode in barcodes),
        )
        return pull_list_id(self.order(ev.PullListImported(content=content, operator="tess")))

    def ticks(
        self, ident: str, outcome: PullOutcome, line: str = A, *, recalled: bool = False, source: str = ""
    ) -> None:
        tick = ev.PullTicked(list=ident, line=line, outcome=outcome, recalled=recalled, source=source, operator="olaf")
        self.order(tick)

    def closes(self, ident: str) -> None:
        self.order(ev.PullListClosed(list=ident, operator="tess"))

    def line(self, ident: str, name: str = A) -> PullStanding:
        return next(line for line in self.queries.pull_lines(ident) if line.content.line == name)

    def counts(self, ident: str) -> tuple[int, int, int]:
        """Return lines to look for, on loan and withdrawn."""
        now = self.standing(ident)
        return now.unseen, now.on_loan, now.withdrawn

    def standing(self, ident: str) -> PullListStanding:
        now = self.queries.pull_list(ident)
        assert now is not None
        return now


@pytest.fixture
def pulling(tmp_path: Path) -> Iterator[Pulling]:
    desk = Desk(tmp_path)
    made = Pulling(desk)
    with closing(made.desk.store):
        yield made
        desk.check()


def test_an_item_at_hand_was_found_whatever_was_ticked_before(pulling: Pulling) -> None:
    ident = pulling.imports(A, B)
    pulling.ticks(ident, PullOutcome.ON_LOAN, recalled=True)
    assert (pulling.line(ident).recalled, pulling.counts(ident)) == (True, (1, 1, 0))
    withdrawal = pulling.decides(list=ident, line=A)
    line = pulling.line(ident)
    assert (line.outcome, line.recalled, line.withdrawal) == (PullOutcome.FOUND, False, withdrawal)
    assert pulling.counts(ident) == (1, 0, 1)


def test_a_line_that_is_back_is_to_look_for_until_somebody_looks(pulling: Pulling) -> None:
    ident = pulling.imports(A, B)
    pulling.ticks(ident, PullOutcome.ON_LOAN, recalled=True)
    pulling.ticks(ident, PullOutcome.BACK, source="alma")
    line = pulling.line(ident)
    assert (line.outcome, line.recalled, line.to_look_for) == (PullOutcome.BACK, False, True)
    assert pulling.counts(ident) == (2, 0, 0) and pulling.standing(ident).waits
    pulling.ticks(ident, PullOutcome.NOT_FOUND)
    assert pulling.counts(ident) == (1, 0, 0)


def test_only_a_library_system_says_that_a_piece_is_back_and_only_of_a_line_on_loan(pulling: Pulling) -> None:
    ident = pulling.imports(A)
    for before in (None, PullOutcome.NOT_FOUND, PullOutcome.FOUND):
        if before is not None:
            pulling.ticks(ident, before)
        for answer in (PullOutcome.BACK, PullOutcome.GONE):
            with raises_told(DepartureRefused, "is not on loan"):
                pulling.ticks(ident, answer, source="alma")
        assert pulling.line(ident).outcome is before, "a person was faster"
    pulling.ticks(ident, PullOutcome.ON_LOAN)
    with raises_told(DepartureRefused, "is not on loan"):
        pulling.ticks(ident, PullOutcome.BACK)
    assert pulling.counts(ident) == (0, 1, 0)


def test_an_item_that_came_back_and_leaves_without_its_piece_was_not_found(pulling: Pulling) -> None:
    ident = pulling.imports(A)
    pulling.ticks(ident, PullOutcome.ON_LOAN)
    pulling.ticks(ident, PullOutcome.BACK, source="alma")
    pulling.decides(list=ident, line=A, piece=Piece.MISSING)
    assert (pulling.line(ident).outcome, pulling.counts(ident)) == (None, (0, 0, 1))


@pytest.mark.parametrize("ticked", [None, PullOutcome.NOT_FOUND, PullOutcome.ON_LOAN])
def test_an_item_that_leaves_without_its_piece_was_not_found(pulling: Pulling, ticked: PullOutcome | None) -> None:
    ident = pulling.imports(A)
    if ticked is not None:
        pulling.ticks(ident, ticked)
    pulling.decides(list=ident, line=A, piece=Piece.LOST)
    assert pulling.line(ident).outcome is ticked
    assert pulling.counts(ident) == (0, 0, 1)


@pytest.mark.parametrize("ticked", [None, PullOutcome.NOT_FOUND])
def test_a_line_is_open_again_with_its_tick_if_its_item_stays(pulling: Pulling, ticked: PullOutcome | None) -> None:
    ident = pulling.imports(A)
    if ticked is not None:
        pulling.ticks(ident, ticked)
    withdrawal = pulling.decides(list=ident, line=A)
    with raises_told(DepartureRefused, "withdrawn already"):
        pulling.ticks(ident, PullOutcome.FOUND)
    before = pulling.standing(ident).newest
    pulling.cancels(withdrawal)
    line = pulling.line(ident)
    assert (line.outcome, line.withdrawal) == (ticked, "")
    assert pulling.standing(ident).newest > before, "a page that shows the list is out of date"
    assert pulling.queries.pull_line(A) == line, "the bench offers it again"
    pulling.ticks(ident, PullOutcome.FOUND)


def test_a_decision_names_an_open_line_of_its_own_item(pulling: Pulling) -> None:
    ident, closed = pulling.imports(A, B), pulling.imports(A, name="Old")
    pulling.closes(closed)
    for fields, why in (
        ({"list": "pull-1", "line": A}, "no pull list"),
        ({"list": "", "line": A}, "no pull list"),
        ({"list": closed, "line": A}, "is closed"),
        ({"list": ident, "line": C}, "no line"),
        ({"list": ident, "line": ""}, "no line"),
        ({"list": ident, "line": B}, "another item"),
    ):
        with raises_told(DepartureRefused, why):
            pulling.decides(**fields)
    assert (pulling.deliveries(), pulling.counts(ident)) == ([], (2, 0, 0))
    pulling.decides(list=ident, line=A)
    with raises_told(DepartureRefused, "decided already"):
        pulling.decides(list=ident, line=A)


def test_a_part_that_leaves_alone_leaves_its_line_open(pulling: Pulling) -> None:
    ident = pulling.imports(A)
    pulling.decides(list=ident, line=A, part=2)
    assert (pulling.line(ident).withdrawal, pulling.counts(ident)) == ("", (1, 0, 0))
    withdrawal = pulling.decides(list=ident, line=A)
    assert pulling.line(ident).withdrawal == withdrawal


def test_an_item_that_left_for_another_list_is_gone(pulling: Pulling) -> None:
    first, second = pulling.imports(A), pulling.imports(A, name="Attic")
    pulling.ticks(second, PullOutcome.ON_LOAN)
    now = pulling.queries.pull_line(A)
    assert now is not None and now.list == second, "the newest open list"
    before = pulling.standing(second).newest
    withdrawal = pulling.decides(list=first, line=A)
    line = pulling.line(second)
    assert (line.outcome, line.withdrawal) == (PullOutcome.GONE, withdrawal)
    assert pulling.counts(second) == (0, 0, 1)
    assert pulling.standing(second).newest > before
    assert pulling.queries.pull_line(A) is None
    pulling.cancels(withdrawal)
    assert pulling.line(second).outcome is PullOutcome.ON_LOAN
    assert pulling.line(first).outcome is None


def test_an_item_that_left_for_no_list_is_gone(pulling: Pulling) -> None:
    ident = pulling.imports(A)
    withdrawal = pulling.decides(piece=Piece.LOST)
    assert (pulling.line(ident).outcome, pulling.line(ident).withdrawal) == (PullOutcome.GONE, withdrawal)
    later = pulling.imports(A, B, name="Late")
    assert pulling.counts(later) == (1, 0, 1), "also if it left before the list was imported"


def test_an_item_that_an_order_of_an_earlier_version_deleted_is_gone(pulling: Pulling) -> None:
    ident = pulling.imports(A)
    pulling.orders_deletion()
    assert pulling.line(ident).outcome is None, "it may still be refused, or decided"
    pulling.settles(DeliveryState.DELIVERED)
    assert pulling.line(ident).outcome is PullOutcome.GONE
    with raises_told(DepartureRefused, "withdrawn already"):
        pulling.ticks(ident, PullOutcome.FOUND)


def test_a_line_without_a_barcode_is_ticked_by_hand(pulling: Pulling) -> None:
    content = PullList(
        name="Cards", reason="weeded", destination="recycle", lines=(PullLine(line="7"), PullLine(line="8"))
    )
    ident = pull_list_id(pulling.order(ev.PullListImported(content=content, operator="tess")))
    pulling.ticks(ident, PullOutcome.NOT_FOUND, "8")
    assert [line.outcome for line in pulling.queries.pull_lines(ident)] == [None, PullOutcome.NOT_FOUND]
    assert pulling.queries.pull_line("") is None
    pulling.decides(list=ident, line="7")
    assert pulling.line(ident, "7").outcome is None


def test_a_closed_list_stays_as_it_was_read(pulling: Pulling) -> None:
    ident = pulling.imports(A)
    pulling.closes(ident)
    assert (pulling.queries.pull_lists(), pulling.queries.pull_line(A)) == ((), None)
    (now,) = pulling.queries.pull_lists(everything=True)
    assert now.closed_at
    for late in (lambda: pulling.ticks(ident, PullOutcome.FOUND), lambda: pulling.closes(ident)):
        with raises_told(DepartureRefused, "is closed"):
            late()


def test_a_tick_reads_one_line_of_a_long_list(pulling: Pulling, monkeypatch: pytest.MonkeyPatch) -> None:
    ident = pulling.imports(*(Barcode(f"3199901{n:07}") for n in range(50)), A)

    def every_line(*_: object) -> None:
        raise AssertionError("all lines were read")

    monkeypatch.setattr(pull_lists, "pull_lines", every_line)
    pulling.ticks(ident, PullOutcome.NOT_FOUND)
    line = pulling.queries.pull_line(A)
    assert line is not None and line.content.title == f"Title {A}" and line.outcome is PullOutcome.NOT_FOUND
    pulling.decides(list=ident, line=A, item=item(A))
