"""Parts of enumerations, by a table; and their keys, which the catalog index keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from station.catalog.callnumber.designations import LEVEL
from station.catalog.callnumber.enumeration import split
from station.catalog.callnumber.parts import _Reader, read, through
from station.catalog.record.shelf_keys import VERSION, key_of
from tests.support.for_each import for_each

PARTS = [
    ("v.13 no.8-10 1997", "level v.13|level no.8-10|date 1997"),
    ("v.12:no.3(1990:Mar.)", "level v.12|level no.3|date 1990|date Mar."),
    ("Pt.B v.176 no.1,3-4,6 2006", "level Pt.B|level v.176|level no.1,3-4,6|date 2006"),
    ("Jahrg.12 Heft 3 1995", "level Jahrg.12|level Heft 3|date 1995"),
    ("3. Reihe 12. Jahrg. 2e livr.", "level 3. Reihe|level 12. Jahrg.|level 2e livr."),
    ("vol. II, pt. A", "level vol. II|level pt. A"),
    ("n.s. v.3 & suppl.", "new series n.s.|level v.3|supplement suppl."),
    ("Index v.1-v.3", "index Index|level v.1-v.3"),
    ("no.51-v.61", "level no.51|level v.61"),
    ("Nov. 1987-Apr.1990", "date Nov.|date 1987|date Apr.|date 1990"),
    ("1988/90 Sum. May 26b", "date 1988|date 90|date Sum.|date May|date 26b"),
    ("1984:no.2-1985:no.3", "date 1984|level no.2|date 1985|level no.3"),
    ("Nos. 11 [YR.] 1999", "level Nos. 11|date YR.] 1999"),
    ("\u0442\u043e\u043c 3 \u2116 2", "level \u0442\u043e\u043c 3|level \u2116 2"),
    ("no.7 plates 118th", "level no.7|text plates|text 118th"),
    ("v.XLIX-L v.AB", "level v.XLIX-L|text v|text AB"),
]
"""(text, parts with their kinds)."""


@for_each(
    ("first", "end", "year"),
    [(1998, "02", 2002), (1998, "99", 1999), (1998, "8", 1998), (1999, "0", 2000), (1988, "1990", 1990)],
)
def test_the_last_year_of_a_span(first: int, end: str, year: int) -> None:
    assert through(first, end) == year


@for_each(("text", "parts"), PARTS)
def test_parts(text: str, parts: str) -> None:
    assert "|".join(f"{part.kind} {text[part.start : part.end]}" for part in read(text)) == parts


@for_each(
    ("text", "enumeration"),
    [
        (" .A1 L36 v.13 no.8-10 1997", "v.13 no.8-10 1997"),
        (" .T75 2015 summer", "2015 summer"),
        (" .A1 1972 v.1 c.2", "v.1"),
        (" .A1 op.18, no.1 B8", ""),
        (" .M356 May 1999", ""),
        (" .R782 Apr. 1999", "Apr. 1999"),
        (" 1567Part 3", "Part 3"),
        (" V. S. Naipaul", ""),
    ],
)
def test_where_an_enumeration_begins(text: str, enumeration: str) -> None:
    assert split(text, keep=0)[1] == enumeration


NUMBERS = (
    "REF QA76.9 .A5b D38 1990-95 v.2 no.1-3,5 1999:Jan. c.2", "813.54 S52m 1999/2000 pt.A", "WG 120 AA1 2001 Suppl.",
    "Y 4.J 89/1:S.HRG.104-374/998", "B MOZA MF A20 v.2", "Micfilm S-1192 1791 Aug.-Dec.", "V. 3 1986", "KF 4558 2nd .A92",
    "AP30 .T75 n.s. Bd. XII Index 2015 summer", "A 1834-48 .S74 maps",
    "AP2 .X3 V.90(2012:Jan-June)inc.", "KF32 .A2 97th Cong. 1st sess.",
)  # fmt: skip


def test_other_keys_have_another_version() -> None:
    """If this fails, the keys have changed: change `shelf_keys.VERSION` and the digest."""
    keys = [key_of(number, "") for number in NUMBERS]
    digest = hashlib.sha256("\n".join(keys).encode()).hexdigest()
    assert (VERSION, digest[:16]) == ("3", "e0efce14caab0bdc")


@given(st.sampled_from(sorted(LEVEL)), st.sampled_from([str.lower, str.upper, str.capitalize]), st.integers(0, 99_999))
def test_one_level_is_read_as_in_any_text(word: str, written: Callable[[str], str], number: int) -> None:
    text = f"{written(word)}.{number}"
    assert read(text) == _Reader(text).parts()
