"""ANSCR categories by headings, where the codes of the record say nothing; and names with letters that a label spells.

The headings are those of genuine records: docs/reference/systems.md#genuine-records (traject's and Evergreen's samples,
github.com/solrmarc/solrmarc) and the Evergreen jazz sample.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from station.catalog.callnumber.anscr import Heading, Name, Work, categories, generate
from station.catalog.callnumber.value import fold
from station.catalog.marc import marc
from station.catalog.record import anscr as anscr_marc
from tests.conftest import missing
from tests.support.for_each import for_each


def proposed(*headings: str, **facts: object) -> list[str]:
    """Return the categories of a recording of music without codes, with these headings ("main -- subdivision")."""
    made = tuple(Heading(tuple(one.split(" -- "))) for one in headings)
    return [one.category for one in categories(Work("T", headings=made, **facts))]  # type: ignore[arg-type]


@for_each(
    ("heading", "expected"),
    [
        ("Christmas music", ["RC"]),
        ("Carols, English", ["RC"]),
        ("Hanukkah music", ["R"]),
        ("Easter music", ["R"]),
        ("Folk songs, Easter Island", ["Q"]),
        ("Operas -- Excerpts", ["B"]),
        ("Choruses, Sacred (Mixed voices) with orchestra", ["C"]),
        ("Requiems, Unaccompanied", ["C"]),
        ("Gregorian chants", ["C"]),
        ("Songs (High voice) with piano", ["D"]),
        ("Songs", ["D", "MA"]),
        ("Orchestral music", ["EA"]),
        ("Symphonic poems", ["EA"]),
        ("Symphonies", ["ES"]),
        ("Ballets -- Excerpts", ["EB"]),
        ("Concertos (Piano with string orchestra)", ["EC"]),
        ("Violin with orchestra", ["EC", "EA"]),
        ("String quartets", ["F"]),
        ("Trios (Piano, clarinet, violin)", ["F"]),
        ("Flute and piano music", ["F", "GW"]),
        ("Piano music (4 hands)", ["GP"]),
        ("Sonatas (Piano)", ["GP"]),
        ("Harpsichord music, Arranged", ["GP"]),
        ("Organ music", ["GO"]),
        ("Guitar music", ["GG"]),
        ("Violin music", ["GV"]),
        ("Harp music", ["GS"]),
        ("Horn music", ["GW"]),
        ("Percussion music", ["GX"]),
        ("Band music", ["H"]),
        ("Electronic music", ["J"]),
        ("Musical revues, comedies, etc -- Excerpts", ["K"]),
        ("Motion picture music", ["L"]),
        ("Popular music -- United States", ["MA"]),
        ("Country music -- To 1951", ["MC"]),
        ("Gospel music", ["MG"]),
        ("Piano with jazz ensemble", ["MJ"]),
        ("Concertos (Clarinet with jazz ensemble)", ["MJ"]),
        ("Big band music", ["MJ"]),
        ("New Age music", ["MN"]),
        ("Blues (Music)", ["MR"]),
        ("Rock music -- 1981-1990", ["MR"]),
        ("Folk music -- United States", ["P"]),
        ("Folk music", ["P", "Q"]),
        ("Sitar and tabla music", ["Q"]),
        ("Children's songs", ["ZM"]),
        ("Christmas music -- Juvenile sound recordings", ["ZRC"]),
        ("Hymns, English -- Instrumental settings", []),
        ("Improvisation (Music)", []),
        ("Sonatas", []),
    ],
)
def test_music(heading: str, expected: list[str]) -> None:
    assert proposed(heading) == expected


@for_each(
    ("heading", "expected"),
    [
        ("American poetry -- 20th century", ["U"]),
        ("Jealousy -- Drama", ["T"]),
        ("Stand-up comedy routines", ["S"]),
        ("Radio programs", ["SR"]),
        ("Bird songs", ["Y"]),
        ("French language -- Conversation and phrase books", ["X"]),
        ("Presidents -- United States -- Biography", ["VN"]),
        ("Detective and mystery stories", ["V"]),
        ("Children's stories", ["ZS"]),
        ("Interviews", ["W"]),
    ],
)
def test_what_is_not_music(heading: str, expected: list[str]) -> None:
    assert proposed(heading, spoken=True) == expected


def test_a_name_says_nothing_about_the_kind_of_recording() -> None:
    blues = Heading(("Blues Brothers", "Juvenile literature"), topical=False)
    assert [one.category for one in categories(Work("T", headings=(blues,)))] == ["ZM"]


def test_codes_come_before_headings_and_holidays_before_all() -> None:
    assert proposed("Jazz", forms=("pp",)) == ["MA"]
    assert proposed("Christmas music", forms=("pp",)) == ["RC", "MA"]
    assert proposed("Piano music", forms=("mu", "mr")) == ["GP", "H"], "several forms: the headings say more"
    assert proposed("Piano music", audience="j") == ["ZM"]


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("Kœchlin, Charles", "KOEC"),
        ("KŒCHLIN, CHARLES", "KOEC"),
        ("Gœury, Jean", "GOEU"),
        ("Ægidius", "AEGI"),
        ("Ørsted, Anders", "ORST"),
        ("Groß, Eva", "GROS"),
        ("Łukaszewski, Paweł", "LUKA"),
        ("Guðmundsson, Björk", "GUDM"),
        ("Þorláksson, Jón", "THOR"),
        ("Đorđević, Ana", "DORD"),
        ("Işık, Ayşe", "ISIK"),
        ("Dvořák, Antonín", "DVOR"),
        ("Gilʹelʹs, Ėmilʹ", "GILE"),
        ("ʻAbd al-Wahhāb", "ABDA"),
    ],
)
def test_letters_are_spelled_as_a_label_has_them(name: str, term: str) -> None:
    made = generate(Work("T", (Name(name, frozenset({"cmp"})),), issue_numbers=("CD 12",)), "GP")
    assert made.number.split()[1] == term


@pytest.mark.parametrize(("text", "folded"), [("Œuvre", "oeuvre"), ("Straße", "strasse"), ("Ⅷ", "viii")])
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_genuine_recordings_without_a_usable_code_get_a_category(shared: Path) -> None:
    """Library of Congress: 008/18-19 is "uu", "mu" or blank in all of them; the first has no heading either."""
    path = shared / "data" / "marc" / "loc_opera43_marcxml.xml"
    if not path.is_file():
        missing("../shared/data/marc")
    records = [marc.parse(raw.data) for raw in marc.read(path.read_bytes()) if isinstance(raw, marc.RawRecord)]
    works = [anscr_marc.work(one) for one in records if anscr_marc.is_recording(one)]
    found = {work.title[:16]: [one.category for one in categories(work)] for work in works}
    assert found["Niels W. Gage--E"] == []
    assert found["The organ music "] == ["GO"]
    assert found["Richard Tauber"] == ["B", "D"]
    assert found["Verdi arias III"] == ["B"]
    assert found["History of music"][:2] == ["C", "D"]
