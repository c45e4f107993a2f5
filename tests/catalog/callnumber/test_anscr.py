"""ANSCR: the four terms, made from the facts of a recording and compared with them.

The comments work out the numbers of the genuine records (docs/reference/systems.md#genuine-records) by hand, from the
fields of each record.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymarc import Field, Indicators, Leader, Record, Subfield

from station.catalog.callnumber import Options, Role, Scheme, anscr, parse
from station.catalog.callnumber.anscr import Contained, Kind, Name, Rules, Work, categories, check, generate
from station.catalog.callnumber.value import NotThisScheme
from station.catalog.marc import marc
from station.catalog.record import anscr as anscr_marc
from tests.support.for_each import for_each

ARMSTRONG = Name("Armstrong, Louis", frozenset({"prf"}), main=True)
LOUIS = Work("Louis Armstrong", (ARMSTRONG,), issue_numbers=("STBB-22",), forms=("pp",), language="eng")
AIDA = Work(
    "Aïda",
    (Name("Verdi, Giuseppe", main=True), Name("Ponselle, Rosa", frozenset({"prf"}))),
    uniform_title="Aïda",
    issue_numbers=("8910-M",),
    forms=("op",),
    language="ita",
)

# --- the table ------------------------------------------------------------------------------------------------------


def test_there_are_46_categories() -> None:
    """Cal State LA (docs/reference/call-numbers.md#anscr): its own count, and its list of the groups E, G and Z."""
    assert len(anscr.CATEGORIES) == 46
    groups = {first: sorted(name for name in anscr.CATEGORIES if name[0] == first) for first in "EGMZ"}
    assert groups == {
        "E": ["EA", "EB", "EC", "ES"],
        "G": ["GG", "GO", "GP", "GS", "GV", "GW", "GX"],
        "M": ["MA", "MC", "MG", "MJ", "MN", "MR"],
        "Z": ["ZI", "ZM", "ZR", "ZRC", "ZS", "ZU"],
    }
    assert set("ABCDFHJKLPQRSTUVWXY") < set(anscr.CATEGORIES)
    assert {"RC", "SR", "ST", "VN"} < set(anscr.CATEGORIES)


def test_every_category_says_what_its_second_term_is_made_of() -> None:
    assert set(Rules().second_term) == set(anscr.CATEGORIES)
    assert {Rules().second_term[name][0] for name in ("B", "C", "D", "EA", "F", "GP", "H", "J")} == {Kind.COMPOSER}
    assert {Rules().second_term[name][0] for name in ("MA", "MC", "MG", "MJ", "MN", "MR")} == {Kind.PERFORMER}


@for_each("category", sorted(anscr.CATEGORIES))
def test_a_number_of_every_category_can_be_read_made_and_checked(category: str) -> None:
    spoken = category in {"SR", "ST", "T", "U", "V", "VN", "W", "X", "Y", "ZI", "ZS", "ZU"}
    work = dataclasses.replace(AIDA, spoken=spoken, forms=())
    made = generate(work, category)
    found = parse(made.number)
    assert (found.scheme, found.of(Role.TERM)[0], len(found.of(Role.TERM))) == (Scheme.ANSCR, category, 4)
    assert check(made.number, work) == ()
    assert check(made.number, dataclasses.replace(work, spoken=not spoken))[:1] != () or category == "S"


# --- reading --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("B MOZA MF A20", ["B", "MOZA", "MF", "A20"]),  # Waukegan
        ("[CD] MA BEAT SPL B 28", ["MA", "BEAT", "SPL", "B 28"]),  # Los Angeles Public Library, Arts division
        ("MB CLAP MMJ C3-2", ["MB", "CLAP", "MMJ", "C3-2"]),  # Montvale, with its own category
        ("K BROO PROD B46", ["K", "BROO", "PROD", "B46"]),  # Montvale
    ],
)
def test_published_examples(text: str, terms: list[str]) -> None:
    rules = Rules(categories=frozenset(anscr.CATEGORIES) | {"MB"})
    found = parse(text, "anscr", Options(anscr=rules))
    assert (found.scheme, list(found.of(Role.TERM))) == (Scheme.ANSCR, terms)


def test_order_of_a_library() -> None:
    """Montvale's page: MA MCCAR LWR M29, MA SPRING TJ S29, MA SPRING VM S14 (its second terms are longer than four)."""
    row = ["MA MCCAR LWR M29", "MA SPRING TJ S29", "MA SPRING VM S14"]
    found = [parse(text, "anscr") for text in row]
    assert [one.key for one in found] == sorted(one.key for one in found)
    assert "more than 4 letters" in found[0].remarks[0]
    longer = Options(anscr=Rules(name_letters=6))
    assert parse(row[1], "anscr", longer).remarks == ()


def test_digits_count_as_a_number_and_spaces_do_not_count() -> None:
    assert parse("B MOZA MF A 20").key == parse("b moza mf A20").key
    assert parse("B MOZA MF A5").key < parse("B MOZA MF A20").key < parse("B MOZA MF A20-1").key


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("BB MOZA MF A20", "BB is no category"),
        ("B", "it has 1 terms"),
        ("B MOZA MF A20 X Y", "it has 6 terms"),
        ("B MO.ZA MF A20", "letters and digits only"),
        ("", "nothing is no category"),
    ],
)
def test_what_is_no_anscr_number(text: str, reason: str) -> None:
    with pytest.raises(NotThisScheme, match=reason):
        anscr.parse(text)
    assert parse(text, "anscr").scheme is Scheme.LOCAL


def test_a_number_without_a_scheme_is_not_taken_for_anscr_too_easily() -> None:
    assert parse("A 5 B").scheme is not Scheme.ANSCR
    assert parse("V Smith Jones").scheme is not Scheme.ANSCR
    assert parse("F SMITH").scheme is Scheme.LOCAL


# --- making ---------------------------------------------------------------------------------------------------------


@for_each(
    ("title", "skip", "language", "term"),
    [
        ("Sgt. Pepper's lonely hearts club band", 0, "eng", "SPL"),  # Los Angeles: SPL
        ("Me and Mr. Johnson", 0, "eng", "MMJ"),  # Montvale: MMJ
        ("The magic flute", 4, "eng", "MF"),  # Waukegan: MF
        ("The magic flute", 0, "eng", "MF"),
        ("Die Zauberflöte", 4, "ger", "ZAU"),
        ("Die Zauberflöte", 0, "ger", "ZAU"),
        ("Die hard", 0, "eng", "DH"),
        ("L.A. woman", 0, "fre", "LW"),
        ("Defined", 0, "eng", "DEF"),
        ("8th annual concert", 0, "eng", "8AC"),
        ("Of the", 0, "eng", "OT"),
        ("Étude", 0, "fre", "ETU"),
    ],
)
def test_third_term(title: str, skip: int, language: str, term: str) -> None:
    made = generate(dataclasses.replace(LOUIS, title=title, skip=skip, language=language), "MJ")
    assert made.terms[2].text == term


def test_widths_are_settings() -> None:
    narrow = Rules(name_letters=3, title_words=2, title_letters=4, issue_digits=3)
    work = dataclasses.replace(LOUIS, title="What a wonderful world", issue_numbers=("CD 12345",))
    assert generate(work, "MJ", narrow).number == "MJ ARM WW A345"
    assert generate(dataclasses.replace(work, title="Satchmo"), "MJ", narrow).number == "MJ ARM SATC A345"
    assert check("MJ ARM WW A345", work, narrow)[1:] == ()
    with pytest.raises(ValueError, match="no category"):
        generate(work, "MJ", Rules(categories=frozenset({"M"})))


def test_published_numbers_are_made_again() -> None:
    """Montvale: Clapton (with its own category; it prints the digits as "C3-2"), The Producers (four letters in term
    3); Los Angeles: The Beatles. The pages do not show the issue numbers: those here only have the same ends as the
    labels.
    """
    own = Rules(categories=frozenset(anscr.CATEGORIES) | {"MB"})
    clapton = Work("Me and Mr. Johnson", (Name("Clapton, Eric", main=True),), issue_numbers=("48423-2",))
    assert generate(clapton, "MB", own).number == "MB CLAP MMJ C32"
    assert generate(clapton, "MB", own).terms[1].reason == "performer Clapton, Eric (1XX)"
    producers = Work("The producers", (Name("Brooks, Mel", main=True),), issue_numbers=("SK 89646",))
    assert generate(producers, "K", Rules(title_letters=4)).number == "K BROO PROD B46"
    beatles = Work(
        "Sgt. Pepper's Lonely Hearts Club Band", (Name("Beatles", main=True),), issue_numbers=("CDP 7 46442 8",)
    )
    assert generate(beatles, "MA").number == "MA BEAT SPL B28"


def test_second_term_by_category() -> None:
    assert generate(AIDA, "B").number == "B VERD AID P10"
    assert generate(AIDA, "MA").number == "MA PONS AID P10"
    assert generate(AIDA, "L").number == "L AIDA AID P10"
    anthology = Work("Opera gala", contained=(Contained("Bizet, Georges", "Carmen"),), issue_numbers=("77",))
    assert generate(anthology, "B").number == "B BIZE OG B77"
    poems = Work("Poems", (Name("Frost, Robert", main=True),), spoken=True)
    assert generate(poems, "U").number == "U FROS POE"
    assert "028" in generate(poems, "U").remarks[0]
    nothing = generate(Work(""), "B")
    assert (nothing.number, len(nothing.remarks)) == ("B", 3)


def test_performers() -> None:
    beatles = Work("Help!", (Name("The Beatles", main=True),), issue_numbers=("CDP 7 46439 2",))
    assert generate(beatles, "MR").number == "MR BEAT HEL B92"
    credited = Work("Hits", credit="Russell Watson, vocals ; with orchestra.", issue_numbers=("475 629-4",))
    assert generate(credited, "MA").terms[1].text == "WATS"
    band = Work("Hits", credit="Amici Forever.", issue_numbers=("1",))
    assert generate(band, "MA").number == "MA AMIC HIT A1"


# --- checking -------------------------------------------------------------------------------------------------------


def said(number: str, work: Work) -> list[tuple[int, bool]]:
    return [(finding.term, finding.sure) for finding in check(number, work)]


def test_check_finds_each_wrong_term() -> None:
    assert said("B VERD AID P10", AIDA) == []
    assert said("b verd aid p 10", AIDA) == []
    assert said("ES VERD AID P10", AIDA) == [(1, False)]
    assert said("U VERD AID P10", AIDA) == [(1, True)]
    assert said("B PONS AID P10", AIDA) == [(2, True)]
    assert said("B VERD AI P10", AIDA) == [(3, True)]
    assert said("B VERD AID A10", AIDA) == [(4, True)]
    assert said("B VERD AID P11", AIDA) == [(4, True)]
    assert said("B VERD AID", AIDA) == [(4, True)]
    assert said("B MOZA MF A20", AIDA) == [(2, True), (3, True), (4, True), (4, True)]
    assert said("BB MOZA", AIDA) == [(0, True)]
    assert check(parse("QA76 .A25"), AIDA)[0].sentence == "This is no ANSCR number."
    wrong = check("B PONS AID P10", AIDA)[0].sentence
    assert wrong == "Term 2 is PONS; by the record it would be VERD (composer Verdi, Giuseppe (1XX))."


def test_check_accepts_what_the_record_also_gives() -> None:
    two = dataclasses.replace(AIDA, title="Opera arias", uniform_title="Operas", issue_numbers=("LM 6029-2", "7"))
    for number in ("B VERD OA P92", "B VERD OA P29", "B VERD OPE P92", "B VERD OA P7"):
        assert check(number, two) == ()
    assert check("B VERD OA P28", two) != ()


def test_check_without_facts_finds_nothing_wrong() -> None:
    assert check("B VERD AID P10", Work("")) == ()


# --- category -------------------------------------------------------------------------------------------------------


@for_each(
    ("work", "expected"),
    [
        (Work("", forms=("op",)), ["B"]),
        (Work("", forms=("jz",)), ["MJ"]),
        (Work("", forms=("sy", "co")), ["ES", "EC"]),
        (Work("", forms=("sg",)), ["D", "MA"]),
        (Work("", forms=("cr",)), ["RC"]),
        (Work("", forms=("uu",)), []),
        (Work("", forms=("mu",)), []),
        (Work("", mediums=("ka",)), ["GP"]),
        (Work("", mediums=("ka", "ka")), ["GP"]),
        (Work("", mediums=("ka", "sa")), []),
        (Work("", mediums=("wa",)), ["GW"]),
        (Work("", mediums=("bb",)), ["GW"]),
        (Work("", mediums=("pa",)), ["GX"]),
        (Work("", spoken=True, texts="p"), ["U"]),
        (Work("", spoken=True, texts="f"), ["V"]),
        (Work("", spoken=True, texts="d", forms=("op",)), ["T"]),
        (Work("", audience="j"), ["ZM"]),
        (Work("", audience="a", spoken=True), ["ZS"]),
        (Work("", audience="c", spoken=True, texts="p"), ["ZU"]),
        (Work("", audience="j", forms=("cr",)), ["ZRC"]),
        (Work("", audience="e", forms=("cr",)), ["RC"]),
        (Work(""), []),
    ],
)
def test_categories_by_code(work: Work, expected: list[str]) -> None:
    found = categories(work)
    assert [proposal.category for proposal in found] == expected
    assert all(proposal.reason for proposal in found)


def test_only_categories_that_the_library_has_are_proposed() -> None:
    assert categories(Work("", forms=("jz",)), Rules(categories=frozenset({"M"}))) == ()


# --- from MARC ------------------------------------------------------------------------------------------------------


def recordings(path: Path) -> dict[int, Work]:
    found = {}
    for raw in marc.read(path.read_bytes()):
        assert isinstance(raw, marc.RawRecord)
        record = marc.parse(raw.data)
        if anscr_marc.is_recording(record):
            found[raw.number] = anscr_marc.work(record)
    return found


def test_genuine_louis_armstrong(shared: Path) -> None:
    """100 Armstrong, Louis, prf; 245 10 Louis Armstrong; 028 STBB-22; 008/18-19 pp; 048 trumpet and dance orchestra."""
    (work,) = recordings(shared / "data/marc/tr_louis_armstrong.marc").values()
    assert generate(work, "MJ").number == "MJ ARMS LA A22"
    assert [proposal.category for proposal in categories(work)] == ["MA"]
    assert said("MJ ARMS LA A22", work) == [(1, False)]
    assert check("MA ARMS LA A22", work) == ()


@pytest.mark.parametrize(
    ("record", "category", "number", "codes"),
    [
        # no 1XX; 700 Büchner $t Dantons Tod; 245 Danton's death; 008/30 d; no 028
        (4, "T", "T BUCH DD", ["T"]),
        # 100 Eben; 245 14 The organ music of Petr Eben; 700 Schiager prf; 028 CDA67194; 008/18-19 uu; 650 Organ music
        (11, "GO", "GO EBEN OMP S94", ["GO"]),
        # 100 Rameau; 245 Règne Amour; first 700 prf Sampson; 028 CDA67447; op
        (17, "B", "B RAME RA S47", ["B"]),
        # no heading; 511 Amici Forever.; 245 Defined; 028 82876 68883-2; pp
        (20, "MA", "MA AMIC DEF A32", ["MA"]),
        # 100 Watson; 245 Amore musica; 028 475 629-4; pp
        (21, "MA", "MA WATS AM W94", ["MA"]),
        # 110 Trio da Paz prf; 245 Black Orpheus; 028 KOKO 1299; jz
        (26, "MJ", "MJ TRIO BO T99", ["MJ"]),
        # no composer; 245 03 Le Voci modenesi; first 700 prf Chelotti; 028 GB 1032; op
        (31, "B", "B CHEL VM C32", ["B"]),
        # 100 Verdi; 245 Aïda.; 700 Ponselle prf; 028 0 8910-M (those with 1 are matrix numbers); op
        (42, "B", "B VERD AID P10", ["B"]),
        # 100 Verdi; 245 Verdi arias III; 700 Callas without a role; 028 7243 5 66462 2 3; no code; 650 Operas -- Excerpts
        (43, "B", "B VERD VAI C23", ["B"]),
    ],
)
def test_genuine_opera_recordings(shared: Path, record: int, category: str, number: str, codes: list[str]) -> None:
    work = recordings(shared / "data/marc/loc_opera43_marcxml.xml")[record]
    assert generate(work, category).number == number
    assert [proposal.category for proposal in categories(work)] == codes
    complete = len(number.split()) == 4
    assert [finding.term for finding in check(number, work)] == ([] if complete else [4])


def test_genuine_file_has_seventeen_recordings(shared: Path) -> None:
    """docs/reference/systems.md#genuine-records: 16 music and 1 spoken among 43."""
    found = recordings(shared / "data/marc/loc_opera43_marcxml.xml")
    assert (sum(not work.spoken for work in found.values()), sum(work.spoken for work in found.values())) == (16, 1)
    for work in found.values():
        for category in anscr.CATEGORIES:
            made = generate(work, category)
            assert all(finding.term in (1, 4) for finding in check(made.number, work)), made


def test_facts_of_a_record() -> None:
    record = Record()
    record.leader = Leader("00000cjm a2200000 a 4500")
    record.fields.extend(
        [
            Field("008", data="000000s2000    xx mun j         z  ger d"),
            Field("028", Indicators("0", "2"), [Subfield("a", "CD\x1b[2J 1")]),
            Field("028", Indicators("1", "2"), [Subfield("a", "matrix")]),
            Field("047", Indicators(" ", " "), [Subfield("a", "op"), Subfield("a", "sg")]),
            Field("047", Indicators(" ", "7"), [Subfield("a", "xx"), Subfield("2", "local")]),
            Field("048", Indicators(" ", " "), [Subfield("a", "va02"), Subfield("b", "ka01")]),
            Field("130", Indicators("4", " "), [Subfield("a", "Die Oper.")]),
            Field("245", Indicators("0", "4"), [Subfield("a", "Die Oper /")]),
            Field("700", Indicators("1", " "), [Subfield("a", "Prey, Hermann,"), Subfield("e", "singer.")]),
            Field("700", Indicators("1", " "), [Subfield("a", "Wunderlich, Fritz,"), Subfield("4", "http://x/prf")]),
            Field("700", Indicators("1", "2"), [Subfield("a", "Weber, C. M. von,"), Subfield("t", "Oberon.")]),
        ]
    )
    work = anscr_marc.work(record)
    assert (work.title, work.skip, work.uniform_title, work.uniform_skip) == ("Die Oper", 4, "Die Oper", 4)
    assert work.issue_numbers[0].isprintable()
    assert len(work.issue_numbers) == 1
    assert (work.forms, work.mediums, work.audience, work.language) == (("mu", "op", "sg"), ("va", "ka"), "j", "ger")
    assert work.names == (
        Name("Prey, Hermann", frozenset({"sng"})),
        Name("Wunderlich, Fritz", frozenset({"prf"})),
    )
    assert work.contained == (Contained("Weber, C. M. von", "Oberon"),)
    assert anscr_marc.is_recording(record)
    assert anscr_marc.work(Record()) == Work("")


_text = st.text(max_size=30)


@given(
    st.builds(
        Work,
        _text,
        names=st.lists(
            st.builds(Name, _text, st.sets(st.sampled_from(["prf", "cmp", "aut", ""])).map(frozenset)), max_size=3
        ).map(tuple),
        skip=st.integers(0, 9),
        uniform_title=_text,
        contained=st.lists(st.builds(Contained, _text, _text), max_size=2).map(tuple),
        credit=_text,
        issue_numbers=st.lists(_text, max_size=2).map(tuple),
        spoken=st.booleans(),
        forms=st.lists(st.sampled_from(["op", "jz", "??"]), max_size=2).map(tuple),
        audience=st.sampled_from(["", "j", "?"]),
    ),
    st.sampled_from(sorted(anscr.CATEGORIES)),
)
def test_what_is_made_of_any_facts_passes_its_own_check(work: Work, category: str) -> None:
    made = generate(work, category)
    assert made.number.split()[0] == category
    if len(made.terms) == 4:
        wrong = [finding for finding in check(made.number, work) if finding.term != 1]
        assert wrong == []
