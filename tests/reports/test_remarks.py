"""Equal remarks about lines are said once."""

from __future__ import annotations

import pytest

from station.base import words
from station.base.sentence import Sentence
from station.base.words import alone, tell
from station.reports.remarks import grouped

NO_CODE = Sentence("invoice.objection.no-code")


@pytest.mark.parametrize(
    ("lines", "english", "spanish"),
    [
        (("",), "No account code.", "Sin código de cuenta."),
        (("7",), "Line 7: no account code.", "Línea 7: sin código de cuenta."),
        (("1", "2"), "No account code: lines 1, 2.", "Sin código de cuenta: líneas 1, 2."),
        (
            tuple(map(str, range(1, 201))),
            "No account code: lines 1 to 200.",
            "Sin código de cuenta: líneas 1 a 200.",
        ),
        (
            ("1", "2", "3", "5", "7", "9", "A-1", "12", "13", "14"),
            "No account code: lines 1 to 3, 5, 7, 9, A-1 and 3 more.",
            "Sin código de cuenta: líneas 1 a 3, 5, 7, 9, A-1 y 3 más.",
        ),
    ],
)
def test_equal_remarks_are_said_once_with_their_lines(lines: tuple[str, ...], english: str, spanish: str) -> None:
    other = Sentence("invoice.objection.total", off="2.00")
    for language, text in (("en", english), ("es", spanish)):
        words.use(language)
        remarks = grouped([(NO_CODE, line) for line in lines] + [(other, "")])
        assert [alone(tell(remark)) for remark in remarks] == [text, alone(tell(other))]
