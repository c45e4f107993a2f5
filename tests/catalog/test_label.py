"""Expected labels: tables, each row with its source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.catalog import label

Q = "processing-and-quality.md"


@pytest.mark.parametrize(
    ("call_number", "scheme", "expected", "source"),
    [
        ("QA76.9.D3 D38 2004", "lc", "QA|76.9|.D3|D38|2004", f"{Q} 5.3: letters / number / .cutter / cutter / date"),
        ("PS3561.I48 O5", "lc", "PS|3561|.I48|O5", f"{Q} 5.1 row 3"),
        ("Z39.5", "lc", "Z|39.5", f"{Q} 5.1 row 2"),
        ("D21.1.D58", "lc", "D|21.1|.D58", f"{Q} 5.1 row 2"),
        ("D761 .W54", "lc", "D|761|.W54", f"{Q} 5.1 row 2"),
        ("QA76.54. M87", "lc", "QA|76.54|M87", f"{Q} 5.1: stray point in $a tolerated (UNT #14)"),
        ("PZ7.M3567585 Bs", "lc", "PZ|7|.M3567585|Bs", f"{Q} 5.1: work letters"),
        ("QA76 .S73 1990b", "lc", "QA|76|.S73|1990b", f"{Q} 5.1: date with work letter, case kept"),
        ("CD 1234", "lc", "CD|1234", f"{Q} 5.1: accession numbers are local (Princeton #841)"),
        ("HC110 .E5 N4 1984", "lc", "HC|110|.E5|N4|1984", "uva_demoRecs.mrc, 999 $a"),
        ("BL 545 F4", "lc", "BL|545|F4", "evergreen_lul_fre_500.mrc, 949 $a: old record without point (UVic, 5.3)"),
        ("DC 123.9 R5 R7 1908", "lc", "DC|123.9|R5|R7|1908", "evergreen_lul_fre_500.mrc, 949 $a"),
        ("QA76.9.D3D38 2004", "lc", "QA|76.9|.D3|D38|2004", "two cutters run together"),
        ("QA76.9.D3 D38 2004 v.2 c.2", "lc", "QA|76.9|.D3|D38|2004|v.2|c.2", f"{Q} 5.3: / v. / c."),
        ("REF PE1680 .L49 2019", "lc", "REF|PE|1680|.L49|2019", f"{Q} 5.1: optional prefix outside the number"),
        ("WG 120 C267 1995", "nlm", "WG|120|C267|1995", "NLM breaks as LC does (own choice)"),
        ("641.5/973 SMI", "dewey", "641.5973|SMI", f"{Q} 5.2: Koha drops every / when printing"),
        ("J 813.6 NIM 2019", "dewey", "J|813.6|NIM|2019", "one line a part (own choice)"),
        ("B MOZA MF A20", "anscr", "B|MOZA|MF|A20", f"{Q} 5.5 first example"),
        ("[CD] MA BEAT SPL B 28", "anscr", "[CD]|MA|BEAT|SPL|B 28", f"{Q} 5.5 second example"),
        ("Y 4.F 76/1:AF 8/12", "sudoc", "Y 4.|F 76/1:|AF 8/12", f"{Q} 5.2: at the colon; after the agency: own choice"),
        ("VIDEO .TV DRAM Vikings s.1 d.1", "local", "VIDEO|.TV|DRAM|Vikings|s.1|d.1", "uva_demoRecs.mrc"),
        ("  FIC   SMI ", "local", "FIC|SMI", "split at spaces (Alma routine, 5.3)"),
        ("", "lc", "", "no call number, no label"),
    ],
)
def test_lines(call_number: str, scheme: str, expected: str, source: str) -> None:
    assert label.lines(call_number, scheme) == tuple(expected.split("|") if expected else ()), source


def test_prefix_comes_from_the_location_code_and_is_not_doubled() -> None:
    table = {"JUVREF": "J;REF", "REF": "REF"}
    assert label.lines("641.5 SMI", "dewey", location="JUVREF", prefixes=table) == ("J", "REF", "641.5", "SMI")
    assert label.lines("641.5 SMI", "dewey", location="juvref", prefixes=table)[:2] == ("J", "REF")
    assert label.lines("641.5 SMI", "dewey", location="Juvenile Reference", prefixes=table) == ("641.5", "SMI")
    assert label.lines("REF QA76 .S73", "lc", location="REF", prefixes=table) == ("REF", "QA", "76", ".S73")


@pytest.mark.parametrize(
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
    assert label.lines(call_number, "lc", copy=copy, description=description)[-len(tail) :] == tail


@pytest.mark.parametrize(
    ("call_number", "scheme", "does"),
    [
        ("QA76.9.D3 D38 2004", "lc", True),
        ("REF QA76.9.D3", "lc", True),
        ("CD 1234", "lc", False),
        ("XZ 12 .A3", "lc", False),
        ("IX 12 .A3", "lc", False),
        ("641.5 SMI", "lc", False),
        ("641.5 SMI", "dewey", True),
        ("64 SMI", "dewey", False),
        ("MA BEAT SPL B 28", "anscr", True),
        ("MZ BEAT SPL B28", "anscr", False),
        ("MA BEAT SPL", "anscr", False),
        ("Y 4.F 76/1:AF 8/12", "sudoc", True),
        ("WG 120 C267", "nlm", True),
        ("HC 110 C267", "nlm", False),
    ],
)
def test_follows(call_number: str, scheme: str, does: bool) -> None:
    assert label.follows(call_number, scheme) is does


def test_there_are_46_anscr_categories() -> None:
    """processing-and-quality.md section 5.5 lists 46, "count verified"; the row below is counted from its text."""
    assert len(label.ANSCR_CATEGORIES) == 46


@given(st.text(max_size=80), st.sampled_from(["lc", "dewey", "nlm", "sudoc", "anscr", "local", ""]))
def test_no_character_is_lost_and_none_invented(text: str, scheme: str) -> None:
    lines = label.lines(text, scheme, prefixes={})
    assert all(line == line.strip() and line for line in lines)
    kept = "".join("".join(lines).split()).replace("/", "").replace(".", "")
    assert kept.startswith("".join(text.split()).replace("/", "").replace(".", "").rstrip("0123456789c ")[:3])
