"""Order lines of the library system in lists."""

from __future__ import annotations

import pytest

from station.domain.receiving.order_line import OrderedCopy, OrderLine, OrderLineState


@pytest.mark.parametrize(
    ("received", "state", "today", "expected"),
    [
        (0, OrderLineState.ACTIVE, "2026-04-01", "active"),
        (1, OrderLineState.ACTIVE, "2026-04-02", "late"),
        (2, OrderLineState.ACTIVE, "2026-04-02", "received"),
        (0, OrderLineState.CANCELLED, "2026-04-02", "cancelled"),
        (2, OrderLineState.CLOSED, "2026-04-02", "closed"),
    ],
)
def test_a_line_is_late_only_while_it_is_due_and_lacks_copies(
    received: int, state: OrderLineState, today: str, expected: str
) -> None:
    copies = tuple(OrderedCopy(received="2026-03-30" if place < received else "") for place in range(2))
    line = OrderLine(number="POL-1", state=state, quantity=2, copies=copies, expected="2026-04-01")
    assert line.standing(today) == expected
