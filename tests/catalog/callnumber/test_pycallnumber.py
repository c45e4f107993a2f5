"""Comparison with pycallnumber 0.2.0: it agrees on the tables of docs/call-numbers.md, except for its known defects.

Defects: docs/reference/call-numbers.md#pycallnumber (1 to 5), and forms that it does not know, so that it reads the
number as a local one.
"""

from __future__ import annotations

import functools
from itertools import pairwise
from typing import Any, Final

import pytest

from benchmarks.callnumbers import pycallnumber
from station.catalog.callnumber import Options, Scheme, parse
from tests.catalog.callnumber.test_page import ORDER
from tests.support.for_each import for_each

DIFFERS: Final = {
    ("PZ7.M3567585 Har 1999b", "PZ7.M3567585 Zed 1999b"): "1: work letters vanish before a date with a letter",
    ("QA76 .S73 c.2", "QA76 .S73 no.2"): "2: the designation does not count",
    ("QA76 .S73 no.2", "QA76 .S73 v.2"): "2: the designation does not count",
    ("QA76 .A1 c.2", "QA76 .A1 v.1"): "2: the designation does not count",
    ("REF QA76 .A1", "QA76 .A1 c.2"): "3: a prefix makes it local",
    ("QA76", "QA76 v.2"): "a volume of a class number alone is local",
    ("QA76 v.10", "QA76 1990"): "a volume of a class number alone is local",
    ("QA 101.1 .A101 A101", "QA 101.1 .A101m"): "a letter at a cutter makes it local",
    ("HD28 .Y555 Suppl.", "HD28 .Y555 Index"): "our choice: indexes stand behind supplements",
    ("REF QA76 .A25", "REF QA76 .A3"): "3: behind a prefix cutters are whole numbers",
    ("R 184.7 .N49", "R 185 .B52x"): "a letter at a cutter makes it local",
    ("QA 101.1 .A101", "QA 101.1 .A101m"): "a letter at a cutter makes it local",
    ("R 241.F5 B297", "R 241 .F5 .B8"): "a point before the second cutter makes it a number",
    ("M5 .L3 2000 .K2 1880", "M5.L3.K2"): "a point before the second cutter makes it a number",
    ("KF 4558", "KF 4558 1st"): "an ordinal or a date of the class makes it local",
    ("KF 4558", "KF 4558 1901"): "an ordinal or a date of the class makes it local",
    ("QA 101.1", "QA 101.1 1989"): "a date of the class makes it local",
    ("QA 101.1 1990 .A34 .B55", "QA 101.1 1990 .A34 .B6"): "a date of the class makes it local",
    ("QA 101.1 1990 .A34 .B6", "QA 101.1 1990 .A5"): "a date of the class makes it local",
    ("JX 33 .A5 1968 .I31", "JX 33 .A5 1968 .I4"): "cutters behind a date are whole numbers",
    ("R 241.23 .F2498 1994", "R 241.230001 .F2498 1994"): "decimals of more than four digits make it local",
    ("R 241.231 .F2498 1994", "R 241.244444 .F2498 1994"): "decimals of more than four digits make it local",
    ("B8.14 L3", "B9 20th L3"): "an ordinal of the class makes it local",
    ("B9 L3", "B9.2 2000 L3"): "a date of the class makes it local",
    ("AP2 .L549 v.12(1990:Mar.)", "AP2 .L549 v.12(1990:Apr.)"): "our choice: months by the calendar",
    ("AP2 .L549 v.x", "AP2 .L549 v.lx"): "Roman numbers are letters",
    ("AP2 .L549 v.lx", "AP2 .L549 v.cxl"): "Roman numbers are letters",
    ("QP33 .Z45 Pt.A v.190", "QP33 .Z45 Pt.B v.9"): "2: the designation does not count",
    ("QA76.5 .J73 v.16 Jan.-Apr. 1992", "QA76.5 .J73 v.16 Sept.-Dec. 1992"): "2: words do not count",
    ("AP30 .T75 2015 summer", "AP30 .T75 2015 winter"): "2: words do not count",
    ("E175.4 .N5 v.11 1990 no.2", "E175.4 .N5 v.11 no.3 1989"): "our choice: numbers before dates",
    ("AS182 .S213 n.F. Bd.2", "AS182 .S213 3. Folge Bd.1"): "an ordinal before its designation",
    ("AP20 .R4 t.IV", "AP20 .R4 2e sér. t.1"): "an ordinal before its designation",
    ("ML5 .G654 Suppl.", "ML5 .G654 Index v.1-35"): "our choice: indexes stand behind supplements",
    ("HQ1101 .M72 v.3 July-Dec.1992 & suppl.", "HQ1101 .M72 v.3 Jan.-June 1993"): "our choice: dates by the calendar",
    ("I 29.21:M 75/2/1996", "I 29.21:M 75/2/998"): "three digits are no year",
    ("G4364 .L8 A1", "G4364 .L8:2G7"): "the colon of a map makes it local",
    ("813.54 S6", "813.54 SMI"): "a name as book number makes it local",
    ("Y 4.J 89/2:98/52", "Y 4.J 89/2:S.HRG.104-374"): "S.HRG. stands with the letters (our switch has that too)",
}
"""Neighbors in our tables that pycallnumber sorts differently, and the reason."""
COMPARED: Final = [row for row in ORDER if row[0] in ("lc", "dewey", "sudoc") and row[1] == Options()]


@functools.cache
def key(text: str) -> Any:
    return pycallnumber().callnumber(text).for_sort()


def test_it_agrees_on_all_else() -> None:
    found = {
        (left, right)
        for _, _, numbers, _ in COMPARED
        for left, right in pairwise(numbers)
        if not key(left) < key(right)
    }
    assert found == set(DIFFERS)


def test_how_much_is_compared() -> None:
    """Many more neighbors are compared than differ, so that the agreement means something."""
    assert sum(len(numbers) - 1 for _, _, numbers, _ in COMPARED) > 7 * len(DIFFERS)


@for_each(("left", "right"), DIFFERS)
def test_we_keep_the_order_where_it_does_not(left: str, right: str) -> None:
    scheme = parse(left).scheme
    assert parse(left, scheme).key < parse(right, scheme).key


@pytest.mark.parametrize("text", ["CD 1234", "I 3", "XZ 1"])
def test_letters_that_are_no_class(text: str) -> None:
    """Defect 4."""
    assert type(pycallnumber().callnumber(text)).__name__ == "LcClass"
    assert parse(text, "lc").scheme is Scheme.LOCAL


@pytest.mark.parametrize("text", ["QA76.54. M87", "M1507.A+", "PQ4453.10th .F3", "REF QA76 .A25", "E525.5 123d"])
def test_what_it_takes_for_local(text: str) -> None:
    """Defects 3 and 5; genuine numbers."""
    assert type(pycallnumber().callnumber(text)).__name__ == "Local"
    assert parse(text).scheme is Scheme.LC


def test_variants_that_it_takes_for_other_places() -> None:
    assert key("PS3561 .W35 F3") != key("PS3561 .W35 xF3")
    assert key("QA76.54. M87") != key("QA76.54 .M87")
    assert key("QA76 .S73 v.2") == key("QA76 .S73 vol. 2") == key("QA76 .S73 c.2")
