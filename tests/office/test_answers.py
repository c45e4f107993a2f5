"""Every error has an answer: a status, and where a form can mend it, a field."""

from __future__ import annotations

from station.base.errors import walk
from station.office.answers import FIELDS, STATUS


def test_every_code_has_a_row_and_no_row_is_left_over() -> None:
    assert {error.code for error in walk()} == STATUS.keys()
    assert FIELDS.keys() <= STATUS.keys()
    assert all(400 <= status < 600 for status in STATUS.values())
