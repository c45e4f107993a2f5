"""Where a copy is counted, and what that says: each outcome and each key, cell by cell."""

from __future__ import annotations

import pytest

from station.domain.packing_lists.packing_list import LineKey, ListKind, PackingLine
from station.domain.receiving.counting import CountOutcome, Fit, OpenLine, Purpose, place_of

OUT, WHY = CountOutcome, Purpose


def line(name: str = "1", quantity: int = 2, **values: object) -> OpenLine:
    return OpenLine(key=LineKey("list-1", name), line=PackingLine(line=name, quantity=quantity), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lines", "purpose", "has_lists", "key", "outcome"),
    [
        ([line()], WHY.PURCHASE, True, "1", OUT.MATCHED),
        ([line(here=2, here_now=1)], WHY.PURCHASE, True, "1", OUT.OVER),
        ([line(here=2)], WHY.PURCHASE, True, "1", OUT.DUPLICATE),
        ([line(ordered=2, order_here=2)], WHY.PURCHASE, True, "1", OUT.DUPLICATE),
        ([line(cancelled=True)], WHY.PURCHASE, True, "1", OUT.CANCELLED),
        ([line(fit=Fit.RELATED)], WHY.PURCHASE, True, "1", OUT.WRONG_EDITION),
        ([line(fit=Fit.RELATED, here=2)], WHY.PURCHASE, True, "", OUT.NOT_ORDERED),
        ([], WHY.PURCHASE, False, "", OUT.NOT_ORDERED),
        ([], WHY.APPROVAL, True, "", OUT.NOT_ORDERED),
        ([], WHY.APPROVAL, False, "", OUT.MATCHED),
        ([], WHY.STANDING, False, "", OUT.MATCHED),
        ([], WHY.LEASE, False, "", OUT.MATCHED),
        ([line()], WHY.GIFT, False, "", OUT.MATCHED),
        # the surest key counts, then a line that lacks copies, then this shipment's, then what is in a box
        ([line("1"), line("2", fit=Fit.ORDER_LINE, here=2, here_now=2)], WHY.PURCHASE, True, "2", OUT.OVER),
        ([line("1", here=2), line("2")], WHY.PURCHASE, True, "2", OUT.MATCHED),
        ([line("1"), line("2", in_shipment=True)], WHY.PURCHASE, True, "2", OUT.MATCHED),
        ([line("1", kind=ListKind.ORDER), line("2")], WHY.PURCHASE, True, "2", OUT.MATCHED),
        ([line("1", fit=Fit.RELATED), line("2")], WHY.PURCHASE, True, "2", OUT.MATCHED),
    ],
)
def test_a_copy_is_counted_on_the_surest_line_that_lacks_copies(
    lines: list[OpenLine], purpose: Purpose, has_lists: bool, key: str, outcome: CountOutcome
) -> None:
    place = place_of(lines, purpose, has_lists=has_lists)
    assert (place.key.line if place.key else "", place.outcome) == (key, outcome)


def test_a_person_sees_that_a_piece_is_another_edition() -> None:
    place = place_of([line(fit=Fit.CHOSEN)], Purpose.PURCHASE, has_lists=True, other_edition=True)
    assert place.outcome is CountOutcome.WRONG_EDITION and place.key == LineKey("list-1", "1")
