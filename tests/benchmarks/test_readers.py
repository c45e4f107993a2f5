"""The operations of the readers: lists against the notes' literal figures, the goal against the emulator's counts."""

from __future__ import annotations

import pytest

from benchmarks import minimum, minimum_threem, readers
from benchmarks.cycle import CONTENT_BLOCKS


def ms(seconds: float, digits: int = 1) -> float:
    return round(seconds * 1e3, digits)


def test_wire_times_of_3m_are_those_of_table_6_5_where_it_counts_the_same_frames() -> None:
    # 6.5 counts an inventory without DSFID (8 / 10+8n) and reads in the old style (16 / 16+6k).
    assert ms(minimum_threem.wire(8, 10 + 8)) == 13.5
    assert ms(minimum_threem.wire(8, 10 + 80)) == 51.0
    assert ms(minimum_threem.wire(16, 16 + 6 * 8)) == 41.7
    assert ms(minimum_threem.wire(16, 16 + 6 * 28)) == 104.2
    assert ms(minimum_threem.wire(17 + 4 * 8, 16)) == 33.9


def test_lists_of_3m() -> None:
    one = minimum_threem.inventory(1, minimum.air_inventory(1))
    # two polls (13.86 + 9.78 ms) and one Stay Quiet of 12 bytes (3.74 + 0.31 ms)
    assert ms(one.air, 2) == round(13.86 + 9.78 + 4.05, 2)
    assert minimum_threem.read("", 8).wire == minimum_threem.wire(17, 57)
    listed = minimum_threem.cycle(CONTENT_BLOCKS)
    assert [exchange.command for exchange in listed if exchange.command] == [
        "fe", "fe", "0d", "02", "04", "02", "02", "04", "02", "0b", "09", "fe", "0d", "02",
    ]  # fmt: skip


def test_twenty_tags_by_hand() -> None:
    """6.4: a round of 16 slots is D(5) + o (320.9 + U(12) + 309.1) + e t3 + 15 x 37.76; the mask of 4 bits adds one
    byte.
    """
    answered, empty = 320.9 + 302.06 * 13 + 309.1, 323.3 + 151.03
    first = 113.27 + 302.06 * 5 + 16 * answered + 15 * 37.76
    again = 113.27 + 302.06 * 6 + 2 * answered + 14 * empty + 15 * 37.76
    assert readers.air_of(20) * 1e6 == pytest.approx(first + 4 * again, abs=0.5)
    low = [int(uid[-2:], 16) for uid in readers.UIDS]
    assert sorted(low) == list(range(20))
    assert sum(1 for nibble in range(16) if sum(one & 15 == nibble for one in low) == 2) == 4


@pytest.mark.parametrize("kind", readers.KINDS, ids=lambda kind: kind.name)
def test_the_goal_is_kept_or_there_is_a_reason(kind: readers.Kind) -> None:
    """By the emulator's counts, so that other load on the machine cannot change the result."""
    found = readers.measure(kind, 1, virtual=True)
    for operation in kind.operations:
        least = sum(exchange.seconds for exchange in kind.listed(operation))
        ratio = found[operation.name].counted / least
        # A ratio below 1 would mean a wrong list.
        assert ratio >= 0.999, f"{operation.name}: {ratio:.3f}"
        missed = ratio > readers.GOAL
        assert missed == ((kind.name, operation.name) in readers.REASONS), f"{operation.name}: {ratio:.3f}"
