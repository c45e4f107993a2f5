"""False alarms that genuine records gave: the right case, which no rule reports, and a near miss, which is reported.

Call numbers, descriptions and dates are those of items in public test data: Laurentian University (Evergreen), University
of Virginia (SolrMarc), Penn State (psulib_traject), Princeton (marc_liberation), Duke and UNC (marc-to-argot). The near
misses are invented.
"""

from __future__ import annotations

from typing import Any

import msgspec

from station.domain.findings import Outcome
from station.domain.item import Barcode, ItemRecord, RecordFacts
from station.quality.checks.facts import Facts, Site
from station.quality.checks.table import PREDICATES
from station.quality.rulebook.shipped import shipped
from tests.support.for_each import for_each

RULES = {rule.check: rule for rule in shipped().rules if rule.check}
BOOK = ItemRecord(barcode=Barcode("31234000000016"), material="book", call_number_scheme="lc", marc=RecordFacts())


def outcome(check: str, facts: Facts) -> Outcome:
    return PREDICATES[check].run(facts, RULES[check]).outcome


def item(number: str = "", scheme: str = "lc", description: str = "", **changes: Any) -> ItemRecord:
    return msgspec.structs.replace(
        BOOK, call_number=number, call_number_scheme=scheme, description=description, **changes
    )


def described(**facts: Any) -> RecordFacts:
    return RecordFacts(**facts)


def fails(check: str, record: ItemRecord, **facts: Any) -> bool:
    return outcome(check, Facts(item=record, **facts)) is Outcome.FAIL


@for_each(
    ("number", "right", "wrong"),
    [
        ("D 531 L82 1922 v.1", "1", "2"),  # the class letter is no disc
        ("PT2603 .R397 Bd.2", "v.2", "v.3"),
        ("M178 .V58 op.125 v.3", "v.3", "v.2"),  # an opus is no volume
        ("PN1997.A1 M216 2014 v.2 disc.2", "v.2 disc.2", "v.2 disc.1"),
        ("QD1 .A45 v.12 no.3", "v.12", "v.13"),
        ("AP2 .N48 no.9-12", "no.10", "no.13"),
        ("Q1 .N2 v.121-23", "v.122", "v.124"),
        ("DA26 .E5 vol.4", "IV", "vol. VI"),
        ("3489 p.1 CD", "p.1", "p.2"),
        ("QA76 .J5 pt.1", "v.2 pt.1", "v.2 pt.3"),
        ("ML1 .J39 Vol.1, No.1-Vol.2, No.6", "Vol.2", "Vol.3"),
        ("ML1 .J39 Vol.1, No.1-Vol.4, No.6", "Vol.3", "Vol.5"),
        ("PN4841 .R3 v.29-v.32", "v.30", "v.33"),
    ],
)
def test_volume_and_number(number: str, right: str, wrong: str) -> None:
    assert not fails("volume_agrees", item(number, description=right))
    assert fails("volume_agrees", item(number, description=wrong))


@for_each(
    ("number", "description", "part_title"),
    [
        ("D 531 L82 1922", "1", ""),
        ("D 363 D35", "2", ""),
        ("3489 BK 1982", "1", ""),
        ("3489 CD Disk 1", "22", ""),
        ("J3306/5047.4 pt.31", "vol.1", ""),
        ("PN1997.A1M216 2014 DVD v.2 disc.2", "v.2 disc.2", "No. 1"),
        ("M1001 .B4 op.68 c.2", "c.2", "Symphony no. 6"),
    ],
)
def test_different_kinds_of_numbers_are_not_compared(number: str, description: str, part_title: str) -> None:
    record = item(number, description=description, marc=described(part_title=part_title))
    assert outcome("volume_agrees", Facts(item=record)) in (Outcome.ABSTAINED, Outcome.PASS)


@for_each(
    ("number", "scheme", "right", "wrong"),
    [
        ("LP 7429", "local", ("099", "local", "7429"), ("099", "local", "LP 7492")),
        ("C 0645", "local", ("099", "local", "C 645"), ("099", "local", "C 654")),
        (
            "A 1847 .H35 ser.2 no.4",
            "local",
            ("099", "local", "A 1847 .H35 2d ser. no.4"),
            ("099", "local", "A 1847 .H53"),
        ),
        ("Microfiche 90/61328", "local", ("099", "local", "MICRO-F 90/61328"), ("099", "local", "MICRO-F 90/61382")),
        ("MICRO-F 412", "local", ("099", "local", "Microfiche 412"), ("099", "local", "Microfiche 421")),
        ("Micfilm S-144", "local", ("099", "local", "Microfilm S-144"), ("099", "local", "Microfilm S-145")),
        ("E-18-Ad- 44 Plate 22", "local", ("099", "local", "E-18-Ad-44"), ("099", "local", "E-18-Ad-45")),
        ("Videocassette", "local", ("099", "local", "In Process"), None),
        ("QA 76.73 p98 D64", "lc", ("090", "lc", "QA76.73.P98 D64f 2001"), ("090", "lc", "QA76.37 .P98 D64")),
        ("PN1995.9.J34Z38 2014", "lc", ("050", "lc", "PN1997 .Z38 2013"), ("050", "lc", "PN1959.9.J34 Z38")),
        ("QD981 .D63 2020", "lc", ("050", "lc", "QD981 .D63 2021"), ("050", "lc", "QB981 .D63 2021")),
        ("L200.8 .L8 L68 1983", "lc", ("090", "lc", "L200"), ("090", "lc", "ML200.8.L8 L68 1983")),
        ("KJF .C47 1963", "lc", ("090", "lc", "KJF0 .C47 1963"), ("090", "lc", "KJC0 .C47 1963")),
        ("Pamph. v.683", "local", ("099", "local", "Pamph. v.683 etc."), ("099", "local", "Pamph. v.638")),
        ("828 C458O H88", "dewey", ("082", "dewey", "811/.2"), ("092", "dewey", "811.2 C458")),
    ],
)
def test_class(number: str, scheme: str, right: tuple[str, str, str], wrong: tuple[str, str, str] | None) -> None:
    assert not fails("class_agrees", item(number, scheme, marc=described(class_numbers=(right,))))
    assert wrong is None or fails("class_agrees", item(number, scheme, marc=described(class_numbers=(wrong,))))


@for_each(
    ("number", "right", "wrong"),
    [
        ("PN1995.9.C47M5 2015", "PN1997.2 .M52 2015", "QC454 .M52"),
        ("AP50.U5 1971", "PN2725.U4 U4", None),  # A takes periodicals of any subject
        ("HT384.I8I83 1999", "HT395.I8 I825 1999", "E384 .I8"),
        ("Z7405.H6 S37 1998", "QB15 .S37", None),  # a bibliography of astronomy, with the bibliographies
        ("QB15 .S37 1998", "Z5151 .S37", None),  # and with its subject
        ("QB15 .S37 1998", "QC5 .S37", "Z1035 .S37"),  # class Z below 1201 is about books
    ],
)
def test_a_library_classes_in_its_own_way_but_not_in_another_main_class(
    number: str, right: str, wrong: str | None
) -> None:
    assert not fails("class_near", item(number, marc=described(class_numbers=(("050", "lc", right),))))
    assert wrong is None or fails("class_near", item(number, marc=described(class_numbers=(("050", "lc", wrong),))))


def test_a_dewey_bibliography_is_near_its_subject() -> None:
    hint = described(class_numbers=(("082", "dewey", "520"),))
    assert not fails("class_near", item("016.52 S37", "dewey", marc=hint))
    assert fails("class_near", item("616.52 S37", "dewey", marc=hint))


@for_each(
    ("coded", "named", "right"),
    [
        ("mul", ("eng", "fre"), True),
        ("eng", ("mul",), True),
        ("nai", ("cre",), True),  # Algonquian languages are among those of North America
        ("sit", ("chi",), True),
        ("gsw", ("ger",), True),
        ("scr", ("hrv",), True),  # the old and the new code
        ("eng", ("Eng",), True),
        ("sla", ("ger",), False),
        ("pol", ("rus",), False),
        ("nor", ("eng", "fre"), False),
    ],
)
def test_languages_agree_by_family(coded: str, named: tuple[str, ...], right: bool) -> None:
    assert fails("language_plausible", item(marc=described(language=coded, languages=named))) is not right


def test_the_number_of_a_part_may_be_that_of_its_series() -> None:
    army = described(class_numbers=(("050", "lc", "UB787 .G7"),))
    in_a_series = item("DA947.Z9A56 v.5", description="v.5", extent="40 p.", marc=army)
    assert not fails("class_near", in_a_series)
    assert fails("class_near", msgspec.structs.replace(in_a_series, extent="5 v.")), "the record of the whole set"


@for_each(
    ("number", "scheme", "wrong"),
    [
        ("3463", "lc", "QA76,P98 D64"),
        ("CD 1234", "lc", "76.73 .P98 D64"),
        ("KJF .C47 1963", "lc", "TS1015,R577"),
        ("Fiction G758thefu 2015", "lc", "V. 1 1984"),
        ("UN/ST/ESA/289", "sudoc", "JX1901 .P4353"),
        ("FIC W498r", "dewey", "QA76.73 .P98"),
        ("QA76.575 E-JOURNAL", "lc", "QA76.575,E43"),
        ("TA405 -409.3 ebook", "lc", "TA405 -409.3"),
    ],
)
def test_a_number_of_the_librarys_own_making_is_not_of_the_wrong_scheme(number: str, scheme: str, wrong: str) -> None:
    assert not fails("call_number_parses", item(number, scheme))
    assert not fails("call_number_complete", item(number, scheme)), "one cause is reported once"
    assert fails("call_number_parses", item(wrong, scheme))
    assert not fails("call_number_complete", item(wrong, scheme))


def test_a_number_that_the_record_has_as_a_local_one_lacks_no_cutter() -> None:
    assert fails("call_number_complete", item("C16"))
    local = described(class_numbers=(("099", "local", "C16"),))
    assert not fails("call_number_complete", item("C16", marc=local))
    assert fails("call_number_complete", item("C17", marc=local))


def test_a_date_may_stand_in_place_of_a_cutter_where_the_record_has_it_so() -> None:
    assert not fails("call_number_complete", item("BS2213 1962"))
    journals = described(class_numbers=(("050", "lc", "F592.4 1983"),))
    assert not fails("call_number_complete", item("F592.4 1983 v.6", marc=journals))
    assert fails("call_number_complete", item("F592.4 1983"))
    assert fails(
        "call_number_complete", item("QA76.73 2026", marc=described(class_numbers=(("050", "lc", "QA76.73"),)))
    )


@for_each(
    ("number", "facts", "wrong"),
    [
        ("HD161 .I59 1982", {"years": ("1983",), "fixed_years": ("1983",)}, "HD161 .I59 1938"),  # the year of CIP
        ("PQ6543 .C64 1978", {"years": ("1980",), "named_years": ("1978",)}, "PQ6543 .C64 1987"),  # of a congress
        ("PS2262 .A1 1859b", {"years": ("1859",), "fixed_years": ("1859",)}, "PS2262 .A1 1959b"),
        ("QC925.7 .N4 1896", {"years": ("1879", "1904"), "fixed_years": ("1878", "1902")}, "QC925.7 .N4 1986"),
    ],
)
def test_date(number: str, facts: dict[str, Any], wrong: str) -> None:
    assert not fails("call_number_date", item(number, marc=described(**facts)))
    assert fails("call_number_date", item(wrong, marc=described(**facts)))


def test_the_date_of_a_serial_a_volume_or_a_map_is_not_that_of_the_record() -> None:
    later = {"years": ("1984",), "fixed_years": ("1984",)}
    assert fails("call_number_date", item("QP33 .Z45 1999", marc=described(**later)))
    assert not fails("call_number_date", item("QP33 .Z45 1999", marc=described(serial=True, **later)))
    assert not fails(
        "call_number_date", item("QM25.K3413 2004 v.1", "lc", "v.1", extent="volumes <1,3>", marc=described(**later))
    )
    part = item("B3279 .H45 1975 Bd.53", description="Bd.53", extent="x, 210 p.", marc=described(**later))
    assert not fails("call_number_date", part)
    assert fails("call_number_date", msgspec.structs.replace(part, extent="2 v.")), "the record of the whole set"
    assert not fails("call_number_date", item("G4831.P2 1950.G4", material="map", marc=described(**later)))


def test_years_of_a_serial_and_of_a_work_in_several_years() -> None:
    monthly = {"years": ("1993",), "fixed_years": ("1857",)}
    assert fails("years_agree", item(marc=described(**monthly)))
    assert not fails("years_agree", item(marc=described(serial=True, **monthly)))
    assert not fails("years_agree", item(marc=described(years=("1879",), fixed_years=("1878", "1902"))))
    assert fails("years_agree", item(marc=described(years=("1933",), fixed_years=("1983",))))


def test_without_a_number_of_pieces_in_the_item_nothing_is_compared() -> None:
    book = item(extent="345 pages", accompanying="1 CD-ROM")
    assert outcome("accompanying_parts", Facts(item=book)) is Outcome.ABSTAINED
    assert not fails("pieces_agree", book, counted=2)
    stated = msgspec.structs.replace(book, parts_given=True)
    assert fails("accompanying_parts", stated)
    assert fails("pieces_agree", book, counted=3)
    disc = msgspec.structs.replace(stated, material="music-cd", extent="1 sound disc", accompanying="1 booklet (39 p.)")
    fiches = item(extent="xiii, 331 p.", description="no.1115", parts=5, parts_given=True)
    assert not fails("accompanying_parts", fiches), "the record is of what was filmed"
    assert fails("accompanying_parts", msgspec.structs.replace(fiches, description=""))
    assert not fails("accompanying_parts", disc), "the booklet is in the case"
    assert fails("accompanying_parts", msgspec.structs.replace(disc, accompanying="1 booklet + 1 map"))


def test_a_tall_book_where_no_oversize_location_is_known() -> None:
    tall = item(height_cm=32.0, location="STACKS")
    assert outcome("oversize_location", Facts(item=tall)) is Outcome.ABSTAINED
    assert fails("oversize_location", tall, site=Site(oversize_locations=("FOLIO",)))


def test_a_description_of_the_extent_alone_has_no_size() -> None:
    assert not fails("copy_left_over", item(marc=described(extent_only=True)))
    assert fails("copy_left_over", item(marc=described(extent_only=False)))
