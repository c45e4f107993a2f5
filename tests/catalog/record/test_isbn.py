"""The station's own reading of ISBNs agrees with python-stdnum, which is slower because it also reads other characters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean
from stdnum import isbn as stdnum_isbn

from station.catalog.record import isbn

_TEXTS = st.text("0123456789Xx- ", max_size=18)
_BODIES = st.from_regex(r"(97[89])?[0-9]{9}", fullmatch=True)


@given(_TEXTS | _BODIES.map(lambda body: body + (ean.calc_check_digit(body) if len(body) == 12 else "X")) | _BODIES)
def test_agrees_with_stdnum(text: str) -> None:
    number = isbn.plain(text)
    assert number == stdnum_isbn.compact(text)
    assert isbn.is_valid(number) is stdnum_isbn.is_valid(number)
    if isbn.is_valid(number):
        assert isbn.as_13(number) == stdnum_isbn.to_isbn13(number)
