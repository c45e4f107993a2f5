"""The formulas under the bench reproduce the literal figures of reader-protocols.md 6.4 and 6.5 (high data rate, 8E1)."""

from __future__ import annotations

from collections import Counter

import pytest

from bench import minimum
from bench.cycle import CONTENT_BLOCKS, CONTENT_BYTES, ISIL
from station.encoding import iso28560_2
from station.encoding.content import TagContent


def ms(seconds: float, digits: int) -> float:
    return round(seconds * 1e3, digits)


def test_air_times_are_those_of_table_6_4() -> None:
    assert ms(minimum.air(5, 12), 2) == 6.18  # inventory, one slot, one tag
    assert ms(minimum.air_inventory(0), 2) == 9.78
    assert ms(minimum.air_inventory(1), 2) == 13.86
    assert ms(minimum.air_read(1, security=False), 2) == 7.09
    assert ms(8 * minimum.air_read(1, security=False), 1) == 56.7
    assert ms(28 * minimum.air_read(1, security=False), 1) == 198.4
    assert ms(minimum.air_read(8, security=False), 2) == 15.85
    assert ms(minimum.air_read(28, security=False), 1) == 40.0
    assert ms(minimum.air_read(32, security=False), 1) == 44.8
    assert ms(minimum.air_read(8, security=True), 1) == 18.3
    assert ms(minimum.air_read(28, security=True), 1) == 48.5
    assert ms(minimum.air_write(), 2) == 7.09
    assert ms(minimum.air_write() + 0.0048, 1) == 11.9
    assert ms(8 * (minimum.air_write() + 0.0048), 0) == 95
    assert ms(minimum.air_write_byte(), 2) == 5.88
    assert ms(minimum.air_write_byte() + 0.0048, 1) == 10.7


@pytest.mark.parametrize(
    ("seconds", "table"),
    [
        (minimum.wire_inventory(1), 6.9),
        (minimum.wire_inventory(4), 15.5),
        (minimum.wire_inventory(10), 32.7),
        (minimum.wire_read(8), 18.6),
        (minimum.wire_read(28), 47.3),
        (minimum.wire_write(8), 16.0),
    ],
)
def test_wire_times_are_those_of_table_6_5_at_38400(seconds: float, table: float) -> None:
    assert ms(seconds, 1) == table


def test_list_holds_what_the_algorithm_asks_for_and_no_more() -> None:
    listed = minimum.cycle(CONTENT_BLOCKS)
    assert Counter(exchange.command for exchange in listed if exchange.command) == {
        "b001": 3,  # gate twice, once with the field on again
        "b02b": 2,  # undo image, DSFID and AFI at the end
        "b023": 5,  # undo image, body twice, block 0, all
        "b024": 2,  # body, block 0
        "b029": 1,
        "b027": 1,
        "69": 1,
    }
    # every block of content, DSFID and AFI are programmed once
    assert sum(exchange.tprog for exchange in listed) == pytest.approx((CONTENT_BLOCKS + 2) * 0.0048)


def test_gate_looks_begin_100_ms_apart() -> None:
    first, wait, second, *_ = minimum.cycle(CONTENT_BLOCKS)
    assert first.seconds + wait.seconds == pytest.approx(0.1)
    assert (first.command, second.command) == ("b001", "b001")


def test_content_counted_by_hand_is_what_the_encoder_makes() -> None:
    content = TagContent(primary_item_identifier="30980000000015", owner_institution=ISIL, type_of_usage=0x10)
    assert len(iso28560_2.encode(content)) == CONTENT_BYTES == 26
    assert CONTENT_BLOCKS == 7
