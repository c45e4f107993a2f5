"""The moves of one item: which of them may lead to a write and to a verdict, and that every state can be left."""

from __future__ import annotations

import pytest

from station.base.errors import StationDefect
from station.bench.moves import moved
from station.bench.workflows.process.moves import MOVES, Trigger
from station.domain.snapshot import Phase


def test_every_phase_is_reached_and_left() -> None:
    assert set(MOVES.values()) == {at for at, _ in MOVES} == set(Phase)
    assert {trigger for _, trigger in MOVES} == set(Trigger)


def test_a_write_begins_only_where_an_item_waits_for_its_tag() -> None:
    assert [at for (at, _), to in MOVES.items() if to is Phase.WRITING] == [Phase.NEED_TAG]


def test_a_verdict_comes_only_from_the_checks() -> None:
    assert [at for (at, _), to in MOVES.items() if to is Phase.DONE] == [Phase.CHECKING]
    assert {at for (at, _), to in MOVES.items() if to is Phase.CHECKING} == {
        Phase.WRITING,
        Phase.STOPPED,
        Phase.DONE,
        Phase.IDLE,  # the item was lifted, and its verdict is taken back
        Phase.NEED_SCAN,  # so it is while the next item is on the pad
    }


def test_an_item_in_mid_write_is_not_put_down() -> None:
    assert (Phase.WRITING, Trigger.RESTS) not in MOVES


def test_what_is_no_move_is_a_defect() -> None:
    with pytest.raises(StationDefect, match="no move judged from idle"):
        moved(MOVES, Phase.IDLE, Trigger.JUDGED)
