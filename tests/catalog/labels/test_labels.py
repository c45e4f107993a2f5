"""Labels by template: effects of the switches, what does not fit, how an existing label differs. Sources in
each row.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import SettingsError
from station.catalog.labels import Difference, Template, compare, expected_label, parse, shipped
from station.catalog.labels.template import SHIPPED
from tests.support.for_each import for_each
from tests.support.told import told

_LC = "docs/reference/call-numbers.md#library-of-congress"
_DEWEY = "docs/reference/call-numbers.md#dewey-and-sudoc"
_LABELS = "docs/reference/call-numbers.md#spine-labels"
_ANSCR = "docs/reference/call-numbers.md#anscr"
ROWS = [
    ("QA76.9.D3 D38 2004", "lc", "QA|76.9|.D3|D38|2004", f"{_LABELS}: letters / number / .cutter / cutter / date"),
    ("PS3561.I48 O5", "lc", "PS|3561|.I48|O5", f"{_LC}, cutters"),
    ("Z39.5", "lc", "Z|39.5", f"{_LC}, class number"),
    ("D21.1.D58", "lc", "D|21.1|.D58", f"{_LC}, class number"),
    ("D761 .W54", "lc", "D|761|.W54", f"{_LC}, class number"),
    ("QA76.54. M87", "lc", "QA|76.54|M87", f"{_LC}: stray point in $a tolerated (UNT #14)"),
    ("PZ7.M3567585 Bs", "lc", "PZ|7|.M3567585|Bs", f"{_LC}: work letters"),
    ("QA76 .S73 1990b", "lc", "QA|76|.S73|1990b", f"{_LC}: date with work letter, case kept"),
    ("CD 1234", "lc", "CD|1234", f"{_LC}: accession numbers are local (Princeton #841)"),
    ("HC110 .E5 N4 1984", "lc", "HC|110|.E5|N4|1984", "uva_demoRecs.mrc, 999 $a"),
    (
        "BL 545 F4",
        "lc",
        "BL|545|F4",
        "evergreen_lul_fre_500.mrc, 949 $a: old record without point (University of Victoria)",
    ),
    ("DC 123.9 R5 R7 1908", "lc", "DC|123.9|R5|R7|1908", "evergreen_lul_fre_500.mrc, 949 $a"),
    ("QA76.9.D3D38 2004", "lc", "QA|76.9|.D3|D38|2004", "two cutters run together"),
    ("QA76.9.D3 D38 2004 v.2 c.2", "lc", "QA|76.9|.D3|D38|2004|v.2|c.2", f"{_LABELS}: / v. / c."),
    ("REF PE1680 .L49 2019", "lc", "REF|PE|1680|.L49|2019", f"{_LC}: optional prefix outside the number"),
    ("WG 120 C267 1995", "nlm", "WG|120|C267|1995", "NLM breaks as LC does (own choice)"),
    ("641.5/973 SMI", "dewey", "641.5973|SMI", f"{_DEWEY}: Koha drops every / when printing"),
    ("J 813.6 NIM 2019", "dewey", "J|813.6|NIM|2019", "one line a part (own choice)"),
    ("B MOZA MF A20", "anscr", "B|MOZA|MF|A20", f"{_ANSCR} first example"),
    ("[CD] MA BEAT SPL B 28", "anscr", "[CD]|MA|BEAT|SPL|B 28", f"{_ANSCR} second example"),
    ("Y 4.F 76/1:AF 8/12", "sudoc", "Y 4.|F 76/1:|AF 8/12", f"{_DEWEY}: at the colon; after the agency: own choice"),
    ("VIDEO .TV DRAM Vikings s.1 d.1", "local", "VIDEO|.TV|DRAM|Vikings|s.1|d.1", "uva_demoRecs.mrc"),
    ("  FIC   SMI ", "local", "FIC|SMI", "split at spaces (Alma's routine)"),
    ("", "lc", "", "no call number, no label"),
]
"""(call number, scheme, lines, source)."""
LC = "QA76.9.D3 D38 2004"


@for_each(("call_number", "scheme", "expected", "source"), ROWS)
def test_the_common_break(call_number: str, scheme: str, expected: str, source: str) -> None:
    found = expected_label(call_number, scheme, Template(name="t"))
    assert found.text == tuple(expected.split("|") if expected else ()), source
    assert bool(found.reason) == (not expected or call_number == "CD 1234" or "54." in call_number)


SWITCHES = [
    ({}, LC, "lc", "QA|76.9|.D3|D38|2004"),
    ({"letters_number": False}, LC, "lc", "QA76.9|.D3|D38|2004"),
    ({"decimal": "before"}, LC, "lc", "QA|76|.9|.D3|D38|2004"),
    ({"decimal": "after"}, LC, "lc", "QA|76.|9|.D3|D38|2004"),
    ({"cutters": False}, LC, "lc", "QA|76.9|.D3 D38|2004"),
    ({"inside_cutter": True}, LC, "lc", "QA|76.9|.D|3|D|38|2004"),
    ({"cutter_point": "hide"}, LC, "lc", "QA|76.9|D3|D38|2004"),
    ({"dewey_digits": 3}, "641.594872 SMI", "dewey", "641.594|872|SMI"),
    ({"dewey_digits": 2, "dewey_keep": 4}, "641.594872 SMI", "dewey", "641.5948|72|SMI"),
    ({"sudoc": ("colon",), "width": 20}, "Y 4.F 76/1:AF 8/12", "sudoc", "Y 4.F 76/1:|AF 8/12"),
    ({"sudoc": ("agency", "colon", "slash")}, "Y 4.F 76/1:AF 8/12", "sudoc", "Y 4.|F 76/|1:|AF 8/|12"),
    ({"sudoc": ("agency", "digits")}, "A 1.9:S 3", "sudoc", "A 1.|9:S|3"),
    ({"break_before": "("}, "MS 12(a)", "local", "MS|12|(a)"),
    ({"break_after": "/"}, "MS 12/3", "local", "MS|12/|3"),
    ({"local": ("colon",), "width": 20}, "Archive Box:12", "local", "Archive Box:|12"),
    ({"local": ("space", "bracket")}, "MS 12(a)", "local", "MS|12|(a)"),
    ({"local": ()}, "MS 12", "local", "MS 12"),
    ({"sudoc": ("agency", "hyphen")}, "Y 4.F 76/1:98-12", "sudoc", "Y 4.|F 76/1:98-|12"),
    ({"sudoc": ("point",)}, "HE 20.3612/3-2:9", "sudoc", "HE 20.|3612/3-2:9"),
    ({"sudoc": (), "width": 20}, "Y 4.F 76/1:AF 8/12", "sudoc", "Y 4.F 76/1:AF 8/12"),
    ({"letters_number": False, "decimal": "before"}, LC, "lc", "QA76|.9|.D3|D38|2004"),
    ({"break_longer": 4}, "PN1992.77.G53 G53", "lc", "PN|1992|.77|.G53|G53"),
    ({"split": "spaces"}, "QA 76.9 .D3 D38 v.2", "lc", "QA|76.9|.D3|D38|v.2"),
    ({"split": "spaces"}, "REF QA76.9.D3 D38 c.2", "lc", "REF|QA76.9.D3|D38|c.2"),
    ({"split": "spaces"}, "REF 641.5/973 SMI", "dewey", "REF|641.5973|SMI"),
    ({"split": "spaces", "most": 2}, "QA76.9 .D3 D38 2004", "lc", "QA76.9|.D3 D38 2004"),
    ({"volume": False}, "QA76 .S73 v.2 c.3", "lc", "QA|76|.S73|c.3"),
]


@for_each(("switches", "call_number", "scheme", "expected"), SWITCHES)
def test_switches(switches: dict[str, object], call_number: str, scheme: str, expected: str) -> None:
    """The switches of SpineOMatic's users (docs/reference/call-numbers.md#spine-labels)."""
    assert "|".join(expected_label(call_number, scheme, Template(name="t", **switches)).text) == expected


ALMA = [
    # knowledge.exlibrisgroup.com, Configuring Call Number Parsing when Printing Labels: the page's own examples
    ("alma-1", "CQ 9101 T39.994", "CQ|9101|T39|.994"),
    ("alma-1", "CM 1000 E61 -3,3,2+2", "CM|1000|E61|-3,3,2+2"),
    # The page prints its first example in six lines. By its logic (five, the last part is not split) there are five.
    ("alma-1", "QC 300 G662(9.03) F749(.03) +2", "QC|300|G662|(9.03)|F749(.03) +2"),
    # by its logic
    ("alma-1", "QA76.9 .D3 D38 2004", "QA76|.9|.D3|D38|2004"),
    ("alma-2", "QC 300 G662 2004", "QC|300|G662 2004"),
    ("alma-2", "QA76.9.D3 D38", "QA76.9.D3|D38"),
]


@pytest.mark.parametrize(("name", "call_number", "expected"), ALMA)
def test_as_alma_itself_breaks(name: str, call_number: str, expected: str) -> None:
    found = expected_label(call_number, "lc", shipped(name), copy="1")
    assert found.text == (*expected.split("|"), "c.1")


@for_each(
    ("holdings", "designation", "expected"),
    [
        ((), "v.2 pt.1", "v.2 pt.1"),
        (("designation",), "v.2 pt.1", "v.2|pt.1"),
        (("designation",), "v.2 (1990)", "v.2 (1990)"),
        (("space",), "v.12:no.3 (1990 May)", "v.12:no.3|(1990|May)"),
        (("colon",), "v.12:no.3 (1990)", "v.12:|no.3 (1990)"),
        (("bracket",), "v.12:no.3 (1990 May)", "v.12:no.3|(1990 May)"),
        (("bracket",), "no.3 [Index]", "no.3|[Index]"),
        (("space", "colon", "bracket"), "v.12:no.3 (1990)", "v.12:|no.3|(1990)"),
        (("space", "colon", "bracket"), "7", "v.7"),
    ],
)
def test_the_holdings_parser_is_apart_from_the_number(
    holdings: tuple[str, ...], designation: str, expected: str
) -> None:
    """docs/reference/call-numbers.md#spine-labels: separate holdings parser (spaces, colons, brackets). The call number
    itself is not changed.
    """
    template = Template(name="t", holdings=holdings, width=20)  # type: ignore[arg-type]
    found = expected_label("AP2 (Extra) :x", "local", template, description=designation)
    assert found.text == ("AP2", "(Extra)", ":x", *expected.split("|"))
    assert expected_label("AP2 .A1 v.9:no.3", "lc", template).text[:3] == ("AP", "2", ".A1")


@for_each(
    ("call_number", "description", "tail"),
    [
        ("QD506 .A1 L36 v.13 no.8-10 1997", "", "v.13|no.8-10|1997"),
        ("M1 .B4 op.125 1989", "", "op.125|1989"),
        ("QP33 .Z45 Pt.B v.173 2003", "", "Pt.B|v.173|2003"),
        ("AP30 .Z4 Jahrg.12 Heft 3 1995", "", "Jahrg.12|Heft 3|1995"),
        ("AP30 .Z4", "vol. 32 pt. 2", "vol. 32|pt. 2"),
        ("AP30 .Z4", "v.2 Index", "v.2|Index"),
        ("Micfilm S-144 reel 2 1889-1916", "", "reel 2|1889-1916"),
        ("P .L321 V. 1 NO. 2", "", "V. 1|NO. 2"),
        ("AP30 .Z4", "Nos.321-331 July 1998-July 1999", "Nos.|321-331|July 1998-|July 1999"),
        ("AP30 .Z4", "1999", "1999"),
        ("PN1997 .A1 DVD disc 2", "v.1", "v.1|disc 2"),
        ("PN1997 .A1 v.1", "disc 2", "v.1|disc 2"),
        ("PN1997 .A1 disc 2", "v.1 disc 2", "v.1|disc 2"),
        ("PN1997 .A1 v.1", "v.2", "v.1"),
        ("BX 1528 B7 Index", "13", "B7|v.13|Index"),  # Laurentian University
        ("3489 SUPP.", "76", "v.76|SUPP."),
        ("4371 PT.4", "2", "v.2|PT.4"),
        ("3489 p.2", "59", "v.59|p.2"),
        ("4371 PT.4", "4", "4371|PT.4"),
        ("3489 p.1 CD", "59", "3489|v.59|p.1|CD"),  # Laurentian University
        ("QA76 .J5 pt.1", "v.2", ".J5|v.2|pt.1"),
        ("QA76 .J5 v.2", "pt.1", ".J5|v.2|pt.1"),
        ("QA76 .J5 v.2", "v.2 no.3", ".J5|v.2|no.3"),
        ("M1500 .F6 op.50", "v.2", ".F6|op.50|v.2"),
        ("AS182 .S2 no.5", "v.5", ".S2|no.5"),  # one number, called differently
        ("ML1 .J39", "Vol.1, No.1-Vol.2, No.6 (Dec. 1993)", "Vol.1|No.1-Vol.2|No.6|(Dec.|1993)"),
    ],
)
def test_every_statement_of_a_volume_is_a_line(call_number: str, description: str, tail: str) -> None:
    found = expected_label(call_number, "", shipped(), description=description)
    expected = tail.split("|")
    assert list(found.text[-len(expected) :]) == expected


def test_a_template_may_keep_a_line_that_is_too_wide() -> None:
    kept = expected_label("AP30 .Z4", "lc", Template(name="t", break_wide=False), description="Nos.321-331")
    assert (kept.text[-1], len(kept.problems)) == ("Nos.321-331", 1)


@for_each(
    ("rule", "copy", "tail"),
    [
        ("from-2", "1", ".S73"),
        ("always", "9" * 5000, ".S73"),
        ("always", "\u0663", ".S73"),
        ("always", "one", ".S73"),
        ("always", "003", "c.3"),
        ("from-2", "2", "c.2"),
        ("always", "1", "c.1"),
        ("never", "2", ".S73"),
        ("always", "", ".S73"),
    ],
)
def test_copies(rule: str, copy: str, tail: str) -> None:
    assert expected_label("QA76 .S73", "lc", Template(name="t", copy=rule), copy=copy).text[-1] == tail


@for_each(
    ("copy", "description", "call_number", "tail"),
    [
        ("1", "", "QA76 .S73", (".S73",)),
        ("", "", "QA76 .S73", (".S73",)),
        ("2", "", "QA76 .S73", (".S73", "c.2")),
        ("2", "v.3", "QA76 .S73", ("v.3", "c.2")),
        ("", "2", "QA76 .S73", (".S73", "v.2")),
        ("", "disc 2", "QA76 .S73", (".S73", "disc 2")),
        ("2", "v.3", "QA76 .S73 v.3 c.2", (".S73", "v.3", "c.2")),
        ("", "v.2 pt.1", "QA76 .S73", ("v.2", "pt.1")),
    ],
)
def test_volume_and_copy_lines(copy: str, description: str, call_number: str, tail: tuple[str, ...]) -> None:
    found = expected_label(call_number, "lc", shipped(), copy=copy, description=description)
    assert found.text[-len(tail) :] == tail


def test_prefix_by_code_of_the_location_never_by_its_name() -> None:
    template = Template(name="t", prefixes={"REF": "REF", "MAIN+REF": "MAIN;REF"})
    assert expected_label("QA76", "lc", template, location="ref").text == ("REF", "QA", "76")
    assert expected_label("QA76", "lc", template, library="MAIN", location="REF").text == ("MAIN", "REF", "QA", "76")
    assert expected_label("QA76", "lc", template, location="Reference").text == ("QA", "76")
    assert expected_label("REF QA76", "lc", template, location="REF").text == ("REF", "QA", "76")
    assert expected_label("Ref 1234", "local", template, location="REF").text == ("Ref", "1234")
    assert expected_label("1234 REF", "local", template, location="REF").text == ("REF", "1234", "REF")


def test_oversize_by_height() -> None:
    template = shipped("dewey-narrow")
    assert expected_label("641 SMI", "dewey", template, height_cm=28.0).text[0] == "641"
    assert expected_label("641 SMI", "dewey", template, height_cm=28.5).text[0] == "OVERSIZE"
    assert expected_label("641 SMI", "dewey", template, height_cm=40).text[0] == "FOLIO"


def test_what_does_not_fit_is_said_and_never_cut() -> None:
    found = expected_label("QA76 .S73 Extraordinary", "lc", Template(name="t", width=5, height=3))
    assert found.text == ("QA", "76", ".S73", "Extraordinary")
    assert tuple(map(told, found.problems)) == (
        "Line 4 (Extraordinary) has 13 characters, the label takes 5. Use small type, or other lines.",
        "There are 4 lines, the label takes 3. Use small type, or other lines.",
    )


def test_no_number_no_label_with_a_reason() -> None:
    found = expected_label("  ", "lc", shipped())
    assert (found.text, told(found.reason)) == ((), "There is no call number, so the expected label is not known.")


@for_each(
    ("seen", "kinds"),
    [
        (["QA", "76.9", ".D3", "D38", "2004"], []),
        (["QA", "", "76.9", " .D3", "D38", "2004"], []),
        (["qa", "76.9", ".D 3", "D38", "2004"], [("spacing", 1, 1), ("spacing", 3, 3)]),
        (["QA", "76.9", ".D3", "D3B", "2OO4"], [("looks-alike", 4, 4), ("looks-alike", 5, 5)]),
        (["QA", "76.9", ".D3", "2004"], [("missing", 4, 0)]),
        (["REF", "QA", "76.9", ".D3", "D38", "2004"], [("extra", 0, 1)]),
        (["QA", "76.9", ".E3", "D38", "2004"], [("other", 3, 3)]),
        ([], [("missing", line, 0) for line in range(1, 6)]),
    ],
)
def test_line_by_line(seen: list[str], kinds: list[tuple[str, int, int]]) -> None:
    found = compare(("QA", "76.9", ".D3", "D38", "2004"), seen)
    assert [(one.kind.value, one.expected_line, one.seen_line) for one in found] == kinds
    assert all(one.sentence for one in found)


@given(
    st.lists(st.text("AB1 .", min_size=1, max_size=4), max_size=6), st.lists(st.text("AB1 .", max_size=4), max_size=6)
)
def test_no_difference_means_the_same_lines(expected: list[str], seen: list[str]) -> None:
    same = [" ".join(line.split()) for line in expected if line.split()]
    tidy = [" ".join(line.split()) for line in seen if line.split()]
    assert (compare(same, seen) == ()) == (same == tidy)
    assert Difference.OTHER.value == "other"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_ready_template_breaks_every_row(name: str) -> None:
    template = shipped(name)
    assert template.name == name
    assert template.about
    for call_number, scheme, expected, _ in ROWS:
        assert bool(expected_label(call_number, scheme, template).text) == bool(expected)


BAD = [
    ('name = "a"\nwidth = "x"\n', 2),
    ('name = "a"\nwidth = 3\n', 2),
    ('name = "a"\n\ncolour = 1\n', 3),
    ('name = "a"\n[[oversize]]\nabove_cm = -1\ntext = "x"', 3),
    ('name = "a"\nwidth = 5\n[prefixes]\nA = "x"\nB = "too wide"\n', 5),
    ('name = "a"\n[prefixes]\nA = "\\u001b"\n', 3),
    ('name = "a"\nname = "b"\n', None),
    ('name = "a"\nholdings = ["dash"]\n', 2),
    ('name = "a"\n\nmost = 3\n', 3),
    ("width = 5\n", None),
]


@for_each(("text", "line"), BAD)
def test_a_wrong_template_is_refused_with_its_line(text: str, line: int | None) -> None:
    with pytest.raises(SettingsError) as refused:
        parse(text, "mine.toml")
    assert "mine.toml" in told(refused.value.coded_detail)
    assert line is None or f"line {line}" in told(refused.value.coded_detail)


@given(
    st.text(max_size=60),
    st.sampled_from(["lc", "dewey", "nlm", "sudoc", "anscr", "local", ""]),
    st.sampled_from(SHIPPED),
)
def test_lines_are_whole_and_tidy(text: str, scheme: str, name: str) -> None:
    found = expected_label(text, scheme, shipped(name))
    assert all(line == line.strip() and line for line in found.text)
    assert bool(found.text) == bool(text.split())
