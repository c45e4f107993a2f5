"""Which call number applies, and its scheme: by handmade fields, and on the genuine files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pymarc import Field, Indicators, Record, Subfield

from station.catalog.callnumber import Scheme
from station.catalog.marc import marc
from station.catalog.record.call_number import Candidate, Level, candidates, scheme_of
from station.catalog.record.profiles import Item
from tests.support.for_each import for_each
from tests.support.told import told


def field(tag: str, *values: str, ind: str = "  ") -> Field:
    subfields = [Subfield(value[0], value[1:]) for value in values]
    return Field(tag, Indicators(ind[0], ind[1]), subfields)


def record(*fields: Field) -> Record:
    made = Record()
    made.fields.extend(fields)
    return made


def short(found: tuple[Candidate, ...]) -> list[tuple[str, str, str]]:
    return [(one.number, one.scheme.value, one.source) for one in found]


def test_item_before_holdings_before_hint() -> None:
    everything = record(
        field("050", "aQA76.9", "b.D3 D38 2004", ind="00"),
        field("090", "aQA1", "b.L6"),
        field("852", "kREF", "hPE1680", "i.L49", "m2019", ind="0 "),
    )
    item = Item(barcode="1", call_number="QA76 .S73", call_number_source="item field 949 $a")
    assert short(candidates(everything, item)) == [
        ("QA76 .S73", "lc", "item field 949 $a"),
        ("REF PE1680 .L49 2019", "lc", "holdings 852 $k$h$i$m"),
        ("QA1 .L6", "lc", "090 (hint)"),
        ("QA76.9 .D3 D38 2004", "lc", "050 (hint)"),
    ]
    assert [one.level for one in candidates(everything, item)][:3] == [Level.ITEM, Level.HOLDINGS, Level.HINT]
    assert candidates(record()) == ()


@for_each(
    ("ind", "values", "number", "scheme", "source"),
    [
        ("0 ", ["hQA76", "i.A25"], "QA76 .A25", "lc", "$k$h$i$m"),
        ("1 ", ["kREF", "h813.54", "iSMI"], "REF 813.54 SMI", "dewey", "$k$h$i$m"),
        ("2 ", ["hWG 120", "iH31"], "WG 120 H31", "nlm", "$k$h$i$m"),
        ("3 ", ["hA 1.9:993"], "A 1.9:993", "sudoc", "$k$h$i$m"),
        ("4 ", ["jCD 1234", "kAV"], "AV CD 1234", "local", "$k$j$m"),
        ("5 ", ["lScience news"], "Science news", "local", "$k$l$m"),
        ("6 ", ["hFolio 3"], "Folio 3", "local", "$k$h$i$m"),
        ("7 ", ["hMA BEAT", "iSPL B 28", "2anscr"], "MA BEAT SPL B 28", "anscr", "$k$h$i$m"),
        ("7 ", ["hQA76", "2rvk"], "QA76", "local", "$k$h$i$m"),
        ("8 ", ["hQA76"], "QA76", "local", "$k$h$i$m"),
        ("  ", ["hHD 9698 C2 A314 Per."], "HD 9698 C2 A314 Per.", "lc", "$k$h$i$m"),
    ],
)
def test_852_first_indicator(ind: str, values: list[str], number: str, scheme: str, source: str) -> None:
    """MARC 21 Holdings, 852 first indicator and $2."""
    assert short(candidates(record(field("852", *values, ind=ind)))) == [(number, scheme, f"holdings 852 {source}")]


def test_an_852_without_a_number_says_nothing() -> None:
    assert candidates(record(field("852", "bMAIN", "cSTACKS", "kREF", ind="0 "))) == ()
    assert candidates(record(field("852", "bMAIN", "j", ind="4 "))) == ()


def test_the_holdings_of_the_items_location_come_first() -> None:
    both = record(
        field("852", "bMAIN", "cSTACKS", "hQA1", ind="0 "),
        field("852", "bLAW", "cSTACKS", "hQA2", ind="0 "),
        field("852", "bLAW", "cRESERVE", "hQA3", ind="0 "),
    )
    near = Item(barcode="1", library="LAW", location="RESERVE")
    assert [one.number for one in candidates(both, near)] == ["QA3", "QA2", "QA1"]
    assert "of the item's location" in told(candidates(both, near)[0].reason)
    assert [one.number for one in candidates(both)] == ["QA1", "QA2", "QA3"]


def test_the_library_of_the_station_orders_the_hints() -> None:
    hints = record(
        field("050", "aQA76", "b.A25", ind="00"),
        field("082", "a005.1", "221", ind="00"),
        field("092", "a005.1", "bSMI"),
        field("060", "aWG 120", "bH31", ind="00"),
        field("086", "aA 1.9:993", ind="0 "),
        field("099", "aMA", "aBEAT", "aSPL", "aB28", ind=" 9"),
    )
    tags = {scheme: [one.source[:3] for one in candidates(hints, preferred=scheme)] for scheme in Scheme}
    assert tags[Scheme.LC] == ["050", "092", "082", "060", "086", "099"]
    assert tags[Scheme.DEWEY] == ["092", "082", "050", "060", "086", "099"]
    assert tags[Scheme.SUDOC][0] == "086"
    anscr = candidates(hints, preferred="anscr")[0]
    assert (anscr.number, anscr.scheme, anscr.source) == ("MA BEAT SPL B28", Scheme.ANSCR, "099 (hint)")


def test_086_says_whose_number_it_is() -> None:
    """MARC 21 086: first indicator 0 is SuDoc, 1 is Government of Canada, blank means $2; examples of MARC 21."""
    many = record(
        field("086", "aA 13.28:F 61/2/981 Glacier", ind="0 "),
        field("086", "aCS13-211", ind="1 "),
        field("086", "aHEU/G74.3C49", "2ordocs", ind="  "),
    )
    assert {one.number: one.scheme.value for one in candidates(many)} == {
        "A 13.28:F 61/2/981 Glacier": "sudoc",
        "CS13-211": "local",
        "HEU/G74.3C49": "local",
    }


def test_a_hint_that_does_not_follow_its_field_comes_behind() -> None:
    recording = record(field("050", "aTime-Life Music STBB-22", ind="00"), field("050", "aM1356", ind="10"))
    found = candidates(recording)
    assert short(found) == [("M1356", "lc", "050 (hint)"), ("Time-Life Music STBB-22", "local", "050 (hint)")]
    assert "does not follow the scheme of its field (lc)" in told(found[1].reason)


def test_an_items_scheme() -> None:
    said = Item(barcode="1", call_number="VIDEO .DVD00354", scheme="local", call_number_source="item field 999 $a")
    assert candidates(record(), said)[0].scheme is Scheme.LOCAL
    unsaid = Item(barcode="1", call_number="005.1 SMI", call_number_source="item field 949 $a")
    found = candidates(record(), unsaid)[0]
    assert (found.scheme, "reads as dewey" in told(found.reason)) == (Scheme.DEWEY, True)
    assert scheme_of("WG 120 H31") is Scheme.NLM
    assert scheme_of("A 1.9:993", Scheme.SUDOC) is Scheme.SUDOC


def test_text_is_cleaned() -> None:
    hostile = record(field("050", "aQA76\x1b[2J", "b.A25\u202e 1990", ind="00"))
    assert candidates(hostile)[0].number.isprintable()


# --- genuine records ------------------------------------------------------------------------------------------------


def records(path: Path) -> Iterator[Record]:
    for raw in marc.read(path.read_bytes()):
        assert isinstance(raw, marc.RawRecord)
        yield marc.parse(raw.data)


def test_genuine_sound_recording(shared: Path) -> None:
    (louis,) = records(shared / "data/marc/tr_louis_armstrong.marc")
    assert short(candidates(louis)) == [
        ("M1356", "lc", "050 (hint)"),
        ("Time-Life Music STBB-22", "local", "050 (hint)"),
    ]


def test_genuine_order_records(shared: Path) -> None:
    """By hand: record 3 of 10 has no class field; record 1 has no 050; all 099 are "J"."""
    first = [next(iter(candidates(one)), None) for one in records(shared / "data/marc/evergreen_sample_acq_order.mrc")]
    assert [one.number if one else "" for one in first] == [
        "523.2",
        "QB501.3 .B74 2003",
        "",
        "QB581 .S686 1996",
        "PZ8.3.S4665 Dr 2005",
        "QB582 .B57 2008",
        "TL793 .B847 1990",
        "QB501.5 .G75 1998",
        "QB46 .P377 1990",
        "QB521.5 .B57 2008",
    ]
    assert "a class number only" in (told(first[0].reason) if first[0] else "")


def test_genuine_holdings(shared: Path) -> None:
    """By hand: of 7 records two have a number in 852, without an indicator."""
    found = [candidates(one) for one in records(shared / "data/marc/evergreen_serials_mfhd.xml")]
    assert [short(one) for one in found if one] == [
        [("HD 9698 C2 A314 Per.", "lc", "holdings 852 $k$h$i$m")],
        [("HD 9698 C2 A3 Per.", "lc", "holdings 852 $k$h$i$m")],
    ]
