"""Record findings: every row with one fact of a good record changed, and genuine records counted by hand."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymarc import Field, Indicators, Leader, Record, Subfield

from station.catalog.findings.facts import Piece
from station.catalog.findings.findings import CHECKS, findings, rows, too_poor
from station.catalog.marc import marc
from station.catalog.marc.marc import RawRecord
from station.catalog.record import profiles
from station.catalog.record.profiles import Item
from station.domain.findings import Severity
from station.domain.item import Barcode, ItemRecord
from tests.conftest import ROOT
from tests.support.for_each import for_each
from tests.support.told import told

ISBN = "9780306406157"
OTHER_ISBN = "9781861972712"
ITEM = ItemRecord(
    barcode=Barcode("31234000000016"),
    title="A title",
    call_number="QA76.73 .P98 D64 2026",
    call_number_scheme="lc",
    call_number_source="item field 949 $a",
    price="10.00",
)
PIECE = Piece(isbn=ISBN)


INDICATORS = {"024": "8 ", "100": "1 ", "245": "12", "264": " 1", "490": "0 ", "650": " 0", "776": "0 ", "830": " 0"}
"""Right indicators of fields whose indicators must not be blank."""
FIXED = "260101s2026    nyua     b    001 0 eng d"


def field(tag: str, *subfields: str, first: str = "", second: str = "") -> Field:
    pairs = [Subfield(text[0], text[1:]) for text in subfields]
    usual = INDICATORS.get(tag, "  ")
    return Field(tag, Indicators(first or usual[0], second or usual[1]), pairs)


def good() -> Record:
    """Return an RDA book with a Hebrew title and a faultless record."""
    record = Record()
    record.leader = Leader("00000nam a2200000 i 4500")
    record.add_field(
        Field("001", data="r1"),
        Field("007", data="ta"),
        Field("008", data=FIXED),
        field("020", f"a{ISBN}"),
        field("040", "aXXX", "erda"),
        field("100", "aDoe, Jane."),
        field("245", "6880-01", "aA title"),
        field("264", "aNew York :", "bPublisher,", "c2026."),
        field("300", "a10 pages"),
        field("336", "btxt"),
        field("337", "bn"),
        field("338", "bnc"),
        field("650", "aTitles."),
        field("880", "6245-01/(2/r", "aכותרת"),
    )
    return record


def put(tag: str, *subfields: str) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record.remove_fields(tag)
        record.add_field(field(tag, *subfields))

    return change


def add(*added: Field) -> Callable[[Record], None]:
    return lambda record: record.add_field(*added)


def drop(tag: str) -> Callable[[Record], None]:
    return lambda record: record.remove_fields(tag)


def leader(position: int, code: str) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        text = str(record.leader)
        record.leader = Leader(text[:position] + code + text[position + 1 :])

    return change


def also(*changes: Callable[[Record], None]) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        for one in changes:
            one(record)

    return change


def coded(at: int, text: str) -> Callable[[Record], None]:
    """Change 008 from a position on."""

    def change(record: Record) -> None:
        data = record.get_fields("008")[0].data or ""
        record.get_fields("008")[0].data = data[:at] + text + data[at + len(text) :]

    return change


def indicators(tag: str, both: str) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record.get_fields(tag)[0].indicators = Indicators(both[0], both[1])

    return change


def titled(text: str, count: str, language: str = "eng") -> Callable[[Record], None]:
    return also(put("245", "6880-01", f"a{text}"), indicators("245", f"1{count}"), coded(35, language))


def in_latin(text: str, count: str, language: str) -> Callable[[Record], None]:
    """Change the title, and leave out that in the other script."""
    return also(drop("880"), put("245", f"a{text}"), indicators("245", f"1{count}"), coded(35, language))


def same(_: Record) -> None:
    return None


def item(**changes: object) -> ItemRecord:
    import msgspec

    return msgspec.structs.replace(ITEM, **changes)


def held(barcode: str = str(ITEM.barcode), **values: str) -> Item:
    return Item(barcode=barcode, call_number=ITEM.call_number, **values)  # type: ignore[arg-type]


def put_fixed(data: str) -> Callable[[Record], None]:
    def change(record: Record) -> None:
        record.remove_fields("008")
        record.add_field(Field("008", data=data))

    return change


CASES: dict[str, list[tuple[Callable[[Record], None], dict[str, object], str]]] = {
    "rda-coded-aacr2": [(leader(18, "a"), {}, "leader/18")],
    "rda-not-said": [
        (also(put("040", "aXXX"), add(field("264", "c2026"))), {}, "= i"),
        (also(put("040", "epn"), add(field("264", "c2026"))), {}, "= i"),
    ],
    "rda-with-gmd": [(put("245", "6880-01", "aA title", "h[text (large print)]"), {}, "[text (large print)]")],
    "rda-without-carrier": [(drop("336"), {}, "336")],
    "type-007": [(also(drop("007"), add(Field("007", data="sd"))), {}, "007 says s")],
    "type-media": [(also(put("337", "bc"), put("338", "avolume")), {}, "337")],
    "type-carrier": [(also(drop("337"), add(field("337", "bn"), field("337", "bc")), put("338", "bcr")), {}, "cr")],
    "type-content": [
        (put("336", "bspw"), {}, "its content (336) is spw"),
        (leader(6, "c"), {}, "txt"),
    ],
    "carrier-media": [(also(drop("338"), add(field("338", "bnc"), field("338", "bsd"))), {}, "sd")],
    "carrier-007": [
        (
            also(
                add(Field("007", data="ss lunjlc"), field("337", "bs"), field("338", "bsd")),
            ),
            {},
            "sd, and 007 ss",
        )
    ],
    "type-item": [
        (same, {"item": item(item_type="VIDEO-DVD")}, "text, but the item type is VIDEO-DVD"),
        (same, {"item": item(item_type="cd")}, "cd"),
    ],
    "online-item": [
        (
            also(put("300", "a1 online resource"), put("337", "bc"), put("338", "bcr")),
            {"item": item(item_type="BOOK")},
            "The record is online, but the item type is BOOK",
        )
    ],
    "level-prepublication": [(leader(17, "8"), {}, "level 8")],
    "level-preliminary": [(leader(17, "5"), {}, "level 5"), (leader(17, "3"), {}, "level 3")],
    "level-unknown": [(leader(17, "u"), {}, "level u")],
    "level-minimal": [(leader(17, code), {}, f"level {code}") for code in "27KM"],
    "projected-date": [(add(field("263", "a202612")), {}, "202612")],
    "extent-unfinished": [(put("300", f"a{text}"), {}, text) for text in ("p. cm", "pages cm", "pages", "p. ;")],
    "vendor-field": [(add(field(tag, "ax")), {}, tag) for tag in ("936", "938", "994")],
    "price-missing": [
        (same, {"item": item(price="")}, "price"),
        (put("020", "a978-0-306-40615-7 :", "cPBK12"), {"item": item(price="ALL3")}, "price"),
    ],
    "call-number-missing": [(same, {"item": item(call_number="", call_number_source="")}, "no call number")],
    "call-number-class-only": [
        (same, {"item": item(call_number="QA76.73")}, "QA76.73"),
        (same, {"item": item(call_number="REF QA76.73 2001")}, "QA76.73"),
        (same, {"item": item(call_number="WG 120", call_number_scheme="nlm")}, "WG 120"),
        (same, {"item": item(call_number="813.54", call_number_scheme="dewey")}, "813.54"),
    ],
    "call-number-prefix-last": [
        (same, {"item": item(call_number="QA76.73 .P98 D64 REF")}, "REF"),
        (same, {"item": item(call_number="Oversize", call_number_scheme="local")}, "Oversize"),
    ],
    "call-number-not-of-scheme": [(same, {"item": item(call_number="CD 1234")}, "CD 1234 (lc)")],
    "isbn-not-in-record": [(same, {"piece": Piece(isbn=OTHER_ISBN)}, OTHER_ISBN)],
    "isbn-none-in-record": [(drop("020"), {}, ISBN)],
    "isbn-cancelled": [(put("020", f"z{ISBN}"), {}, "$z")],
    "isbn-only-as-ean": [(also(drop("020"), add(field("024", f"a{ISBN}", first="3"))), {}, "024")],
    "ean-not-in-record": [
        (add(field("024", "a036000291453", first="1")), {"piece": Piece(isbn="036000291452")}, "3600")
    ],
    "isbn-invalid": [(add(field("020", "a9780306406158 (pbk.)")), {}, "9780306406158")],
    "title-missing": [(put("245", "6880-01", "c/ by nobody"), {}, "245")],
    "extent-missing": [(put("300", "c24 cm"), {}, "300 $a")],
    "indicator-undefined": [
        (indicators("650", "  "), {}, "650 ##"),
        (indicators("245", "32"), {}, "245 32"),
        (add(field("246", "aOther", first="4")), {}, "246 4#"),
        (indicators("264", "  "), {}, "264 ##"),
        (also(indicators("650", "  "), indicators("264", "  ")), {}, "264 ##, 650 ##"),
        (also(add(field("856", "uhttp://example.org", first="4", second="9"))), {}, "856 49"),
    ],
    "title-added-entry": [
        (indicators("245", "02"), {}, "0, and there is a 100"),
        (drop("100"), {}, "1, and there is no 1XX"),
        (
            also(
                leader(18, "a"),
                put("040", "aDLC"),
                indicators("245", "02"),
                put("245", "aA history of the county", "6880-01"),
                indicators("245", "02"),
            ),
            {},
            "there is a 100",
        ),
    ],
    "nonfiling-count": [
        (titled("A title", "0"), {}, '0 for "A title"'),
        (titled("The title", "3"), {}, "3"),
        (titled("Programming Perl", "4"), {}, "4"),
        (titled("In the beginning", "7"), {}, "7"),
        (titled("L'histoire de la ville", "0", "fre"), {}, "0"),
        (titled("Die Stadt", "0", "ger"), {}, "0"),
        (add(field("830", "aDecade series.", second="4")), {}, "Decade"),
    ],
    "subject-missing": [(drop("650"), {}, "subject")],
    "publication-missing": [(drop("264"), {}, "264")],
    "extent-type": [
        (put("300", "a1 audio disc"), {}, "text, but its extent (300) is 1 audio disc"),
        (put("300", "a1 DVD (90 min.)"), {}, "DVD"),
    ],
    "year-future": [
        (put("264", "c2028."), {"year": 2026}, "2028"),
        (coded(7, "2062"), {"year": 2026}, "2062"),
        (
            also(leader(7, "s"), put("300", "avolumes"), coded(6, "c20269999")),
            {"year": 2026, "item": item(call_number="QA76 .S5 2062")},
            "2062",
        ),
    ],
    "letter-in-date": [
        (put("264", "cc2O19."), {}, "2O19"),
        (put("264", "c[l998]"), {}, "l998"),
        (coded(7, "2O26"), {}, "2O26"),
    ],
    "letter-in-isbn": [(add(field("020", "a97803O6406157 (pbk.)")), {}, "97803O6406157")],
    "level-dates": [
        (coded(6, "c20269999"), {}, "leader/07 m, 008/06 c"),
        (also(leader(7, "s"), put("300", "avolumes")), {}, "leader/07 s, 008/06 s"),
    ],
    "level-frequency": [(add(field("310", "aMonthly")), {}, "310")],
    "level-extent": [(also(leader(7, "s"), coded(6, "c20269999")), {}, "10 pages")],
    "form-carrier": [
        (coded(23, "a"), {}, "008 says a, the carrier is n"),
        (coded(23, "o"), {}, "008 says o"),
        (coded(23, "d"), {}, "008 says large print (d), but no other field does"),
        (coded(23, "f"), {}, "008 says braille or tactile (f), but no other field does"),
    ],
    "language-unknown": [
        (coded(35, "egn"), {}, "egn"),
        (add(field("041", "aenggre", "hgrk", first="1")), {}, "grk"),
    ],
    "country-unknown": [(coded(15, "nyc"), {}, "nyc")],
    "country-place": [(coded(15, "enk"), {}, "enk, but New York")],
    "series-not-traced": [(add(field("490", "aLectures", first="1")), {}, "Lectures")],
    "subject-source-missing": [(add(field("655", "aNovels.", second="7")), {}, "655 Novels.")],
    "alternate-without-link": [(add(field("880", "aכותרת")), {}, "כותרת")],
    "alternate-without-pair": [(add(field("880", "6250-02/(2/r", "aא")), {}, "250, number 02")],
    "pair-without-alternate": [(add(field("250", "6880-02", "aFirst")), {}, "250, number 02")],
    "characters-lost": [(add(field("500", "aCaf\ufffd")), {}, "Caf")],
    "characters-twice-encoded": [
        (add(field("500", "aCafÃ©")), {}, "CafÃ©"),
        (add(field("500", "aitâ€™s")), {}, "itâ€™s"),
    ],
    "characters-control": [(add(field("500", "aone\x07two")), {}, "500")],
    "fixed-length": [(put_fixed(FIXED[:-1]), {}, "39 characters")],
    "field-undefined": [
        (add(field("512", "aNote."), field("500", "aNote.", "bmore")), {}, "512, 500 $b"),
        (put("264", "aNew York :", "bPublisher,", "c2026.", "d2026."), {}, "264 $d"),
    ],
    "field-repeated": [
        (add(field("245", "aA title")), {}, "245"),
        (add(field("110", "aA body", first="2")), {}, "100, 110"),
        (put("245", "6880-01", "aA title /", "cby Doe.", "cby Doe."), {}, "245 $c"),
    ],
    "subfield-empty": [(put("300", "a10 pages", "b :", "c "), {}, "300 $b, 300 $c")],
    "title-a-missing": [(put("245", "6880-01", "bA title"), {}, "A title")],
    "text-damaged": [
        (add(field("500", "aBooks &amp; more.")), {}, "500 &amp;"),
        (put("264", "aNew York :", "bUniversit?t,", "c2026."), {}, "264 Universit?t"),
        (put("245", "6880-01", "aA title : $bdemonstrated"), {}, "245 : $b"),
        (put("245", "6880-01", "aA title ǂb demonstrated"), {}, "245 ǂb"),
    ],
    "word-doubled": [(titled("History of of towns", "0"), {}, "of of")],
    "bracket-open": [(put("264", "a[New York :", "bPublisher,", "c2026."), {}, "[New York")],
    "statement-unmarked": [
        (put("245", "6880-01", "aA title", "cby Doe."), {}, "by Doe."),
        (put("245", "6880-01", "aA title / by Doe."), {}, "A title / by Doe."),
    ],
    "name-direct": [(put("100", "aJane Doe."), {}, "Jane Doe.")],
    "name-dates": [(put("100", "aDoe, Jane,", "d1990-1950."), {}, "1990-1950.")],
    "name-misspelled": [
        (
            also(put("100", "aMiller, Jane."), put("245", "6880-01", "aA title /", "cJane Mliler.")),
            {},
            "Miller, but Mliler",
        )
    ],
    "person-as-topic": [(put("650", "aDoe, Jane,", "d1950-"), {}, "Doe, Jane,")],
    "heading-twice": [(add(field("650", "aTitles")), {}, "650 Titles")],
    "title-language": [
        (in_latin("Die Geschichte der Stadt und das Recht", "4", "eng"), {}, "eng in 008, ger in the title"),
        (in_latin("The history of the town", "4", "ger"), {}, "ger in 008, eng in the title"),
    ],
    "illustrations-uncoded": [
        (also(coded(18, "    "), put("300", "a10 pages :", "billustrations ;", "c24 cm")), {}, "illustrations")
    ],
    "bibliography-uncoded": [
        (
            also(coded(24, "    "), add(field("504", "aIncludes bibliographical references."))),
            {},
            "Includes bibliographical",
        )
    ],
    "medium-type": [
        (
            also(leader(18, "a"), put("040", "aXXX"), put("245", "6880-01", "aA title", "h[sound recording]")),
            {},
            "text, but the title says sound recording",
        )
    ],
    "disc-in-note": [(add(field("500", "aAccompanied by a CD-ROM in pocket.")), {}, "CD-ROM")],
    "letter-in-price": [(put("020", f"a{ISBN}", "c$2O.95"), {}, "2O.95")],
    "issn-invalid": [(add(field("490", "aLectures ;", "x0317-8472")), {}, "0317-8472")],
    "series-number": [
        (
            add(field("490", "aLectures ;", "vv. 3", first="1"), field("830", "aLectures ;", "v8.")),
            {},
            "v. 3 in 490, 8. in 8XX",
        )
    ],
    "barcode-twice": [(same, {"items": (held(), held(copy="2"))}, ITEM.barcode)],
    "copy-twice": [(same, {"items": (held(copy="2"), held("X2", copy="2"))}, "2, also on X2")],
    "volume-missing": [
        (
            same,
            {"items": (held(), held("X2", description="v.1"), held("X3", description="v.2"))},
            "others have v.1, v.2",
        )
    ],
    "volume-twice": [
        (
            same,
            {"items": (held(description="v.1"), held("X2", description="v.1"), held("X3", description="v.3"))},
            "v.1, also on X2",
        )
    ],
    "volume-beyond": [
        (
            put("300", "a3 v. ;"),
            {"items": (held(description="v.33"), held("X2", description="v.1"), held("X3", description="v.2"))},
            "v.33 of 3",
        )
    ],
    "volume-letter": [
        (
            same,
            {"items": (held(description="v.1O"), held("X2", description="v.1"), held("X3", description="v.2"))},
            "v.1O",
        )
    ],
    "location-missing": [(same, {"items": (held(library="MAIN"),), "located": True}, "no location")],
    "holdings-only": [(also(leader(6, "x"), drop("245"), add(Field("004", data="t1"))), {}, "004")],
    "characters-mislabelled": [(same, {"charset_note": "leader says MARC-8, the text is UTF-8"}, "MARC-8")],
}

FLAT = [
    pytest.param(code, change, facts, words, id=f"{code}-{number}")
    for code, cases in CASES.items()
    for number, (change, facts, words) in enumerate(cases)
]


def found(record: Record, **facts: object) -> tuple[str, ...]:
    return tuple(one.code for one in findings(record, **({"item": ITEM, "piece": PIECE} | facts)))  # type: ignore[arg-type]


def test_a_good_record_has_no_findings() -> None:
    assert found(good()) == ()


@for_each(("code", "change", "facts", "words"), FLAT)
def test_one_changed_fact_is_one_finding(
    code: str, change: Callable[[Record], None], facts: dict[str, object], words: str
) -> None:
    record = good()
    change(record)
    result = findings(record, **({"item": ITEM, "piece": PIECE} | facts))  # type: ignore[arg-type]
    assert [one.code for one in result] == [code]
    assert words in told(result[0].sentence) or any(words in where for where in result[0].fields)
    assert "{" not in told(result[0].sentence)
    assert result[0].advice
    assert result[0].fields


def test_every_row_has_its_cases_and_every_question_its_row() -> None:
    assert {row.code for row in rows()} == set(CASES), "a row has no case, or a case has no row"
    assert len(rows()) == len({row.code for row in rows()})
    assert {row.question for row in rows()} == set(CHECKS)


@for_each("row", rows())
def test_without_its_row_a_finding_goes(row) -> None:  # type: ignore[no-untyped-def]
    change, facts, _ = CASES[row.code][0]
    record = good()
    change(record)
    rest = [other for other in rows() if other is not row]
    assert found(record, **facts, table=rest) == ()


class NoItem:
    """An item that fails the test when a row reads any of its fields."""

    def __getattr__(self, name: str) -> str:
        raise AssertionError(f"the row looks at the item: {name}")


@for_each("row", [row for row in rows() if not row.item])
def test_a_row_that_looks_at_the_item_says_so(row) -> None:  # type: ignore[no-untyped-def]
    """Else a check of a file would judge only the first item of each record by it."""
    for cases in CASES.values():
        for change, facts, _ in cases:
            record = good()
            change(record)
            found(record, **{**facts, "item": NoItem(), "table": [row]})


@for_each("row", rows())
def test_every_row_says_its_source_in_sentences(row) -> None:  # type: ignore[no-untyped-def]
    assert row.source
    assert told(row.sentence).endswith((".", "}.")) and told(row.advice).endswith(".")


def test_rules_of_description_never_weigh() -> None:
    assert {row.severity for row in rows() if row.code.startswith("rda-")} == {Severity.INFO}


def test_the_manual_lists_every_row() -> None:
    page = (ROOT / "docs/catalog.md").read_text(encoding="utf-8")
    for row in rows():
        sentence = told(row.sentence).replace("{what}", "…").replace("|", "\\|")
        poor = " (needs cataloging)" if row.poor else ""
        assert f"| `{row.code}` | {row.severity.value}{poor} | {sentence} | {row.source} |" in page


@for_each(
    ("change", "facts"),
    [
        pytest.param(leader(18, "c"), {}, id="c is RDA without punctuation"),
        *(
            pytest.param(titled(text, count, language), {}, id=f"{count} for {text}")
            for text, count, language in (
                ("A to Z of gardens", "0", "eng"),
                ("The title", "4", "eng"),
                ('"The title" and others', "5", "eng"),
                ("[The title]", "5", "eng"),
                ("... and then", "0", "eng"),
                ("Los Angeles", "0", "spa"),
                ("La Fontaine et ses fables", "0", "fre"),
                ("L'\u00e9tranger", "2", "fre"),
                ("Das ist die Liebe", "0", "ger"),
                ("ha-Tikvah", "3", "heb"),
                ("al-Kitab", "3", "ara"),
                ("Un jour", "0", "fre"),
                ("A la carte", "0", "eng"),
                ("Война и мир", "0", "rus"),
            )
        ),
        pytest.param(also(leader(18, "a"), put("040", "aXXX"), indicators("245", "02")), {}, id="AACR2, not traced"),
        pytest.param(
            also(add(field("240", "aWorks", first="1", second="0")), indicators("245", "02")), {}, id="uniform"
        ),
        pytest.param(also(drop("650"), coded(33, "1")), {}, id="fiction has no subject"),
        pytest.param(also(drop("650"), add(field("050", "aPS3545", "b.O35"))), {}, id="literature has no subject"),
        pytest.param(
            also(drop("650"), add(field("099", "aOversize PS3545 .O35"))), {}, id="literature behind a collection word"
        ),
        *(
            pytest.param(
                also(drop("650"), put("245", "6880-01", "aA title :", f"b{text} /", "cJane Doe.")), {}, id=text
            )
            for text in (
                "a novel",
                "collected poems",
                "nouvelles",
                "roman",
                "Gedichte",
                "drama in drei Akten, ein Schauspiel",
            )
        ),
        pytest.param(also(drop("264"), add(field("260", "aNew York", "c2026"))), {}, id="260 as in AACR2"),
        pytest.param(put("300", "a1 volume (various pagings)"), {}, id="a volume"),
        pytest.param(put("264", "c2027."), {"year": 2026}, id="next year's book"),
        pytest.param(also(put("264", "c2569 [2026]"), coded(35, "tha")), {"year": 2026}, id="Buddhist years"),
        pytest.param(put("264", "cMDCCLX [1760]"), {"year": 2026}, id="Roman numerals"),
        pytest.param(coded(6, "n20uuuuuu"), {}, id="dates unknown"),
        pytest.param(also(coded(23, "d"), add(field("250", "aLarge print edition."))), {}, id="large print"),
        pytest.param(
            also(coded(23, "d"), add(field("490", "aThorndike large print series"))),
            {},
            id="large print, by its series",
        ),
        pytest.param(
            also(coded(23, "d"), add(field("650", "aLarge type books."))), {}, id="large print, by its subject"
        ),
        pytest.param(also(coded(23, "b"), add(field("533", "aMicrofiche."))), {}, id="reproduction"),
        pytest.param(coded(15, "xxu"), {}, id="United States"),
        pytest.param(also(put("264", "aSofii\u0361a :"), coded(15, "bg-")), {}, id="hyphens for blanks"),
        pytest.param(add(field("041", "a|||")), {}, id="fill characters in 041"),
        pytest.param(also(put("264", "aLondon ;", "aNew York :", "c2026."), coded(15, "enk")), {}, id="two places"),
        pytest.param(also(put("264", "aCambridge, Mass. :", "c2026."), coded(15, "mau")), {}, id="qualified place"),
        pytest.param(add(field("041", "aeng", "2iso639-3", second="7")), {}, id="language codes of another list"),
        pytest.param(also(put("264", "aLondon :"), coded(15, "uk ")), {}, id="discontinued country"),
        pytest.param(add(field("490", "aLectures", first="1"), field("830", "aLectures.")), {}, id="traced series"),
        pytest.param(add(field("655", "aNovels.", "2lcgft", second="7")), {}, id="source of a subject"),
        pytest.param(add(field("700", "aRoe, Jo", first="2", second="1")), {}, id="obsolete indicators"),
        pytest.param(also(put("040", "adcrb", "edcrmb")), {}, id="i by other rules"),
        pytest.param(also(drop("336"), drop("337"), drop("338"), put("040", "aXXX"), leader(18, "a")), {}, id="AACR2"),
        pytest.param(also(put("040", "aXXX"), leader(18, "a")), {}, id="33X alone proves nothing"),
        pytest.param(add(field("337", "bs", "3CD"), field("338", "bsd", "3CD")), {}, id="book with a disc"),
        pytest.param(
            also(drop("007"), add(Field("007", data="sd")), put("300", "a10 pages", "e1 CD")), {}, id="300 $e"
        ),
        pytest.param(leader(6, "o"), {}, id="kit"),
        pytest.param(same, {"items": (held(),), "located": True}, id="item of an order"),
        pytest.param(
            add(field("590", "zlocal"), field("440", "aSeries", second="0")), {}, id="local and former fields"
        ),
        pytest.param(put("264", "aBonn :", "b[s.n.],", "c[1984-"), {}, id="open date"),
        pytest.param(titled("That that is is, tra la la", "0"), {}, id="words that may be there twice"),
        pytest.param(add(field("856", "uhttp://x.org/?a=1&amp;b", first="4", second="1")), {}, id="address"),
        pytest.param(add(field("020", "a306406152 (SBN)")), {}, id="number of before ISBNs"),
        pytest.param(also(titled("El Paso", "0"), add(field("700", "aPlato", first="0"))), {}, id="one name"),
        pytest.param(put("100", "aH. D."), {}, id="initials"),
        pytest.param(
            add(field("655", "aNovels.", "2lcgft", second="7"), field("655", "aNovels.", "2fast", second="7")),
            {},
            id="two lists",
        ),
        pytest.param(
            same,
            {"items": (held(description="v.1"), held("X2", description="v.1"), held("X3", description="v.2"))},
            id="two copies of a volume",
        ),
        pytest.param(
            same,
            {"items": (held(description="v.9"), held("X2", description="v.1"), held("X3", description="v.2"))},
            id="gap",
        ),
        pytest.param(
            also(put("040", "aXXX"), drop("264"), add(field("260", "aNew York", "c2026"))),
            {},
            id="i is ISBD; without 264 nothing says RDA",
        ),
        pytest.param(
            also(leader(18, "a"), put("040", "aXXX"), add(field("264", "c2026"))),
            {},
            id="hybrid: AACR2 with 264 and 33X",
        ),
        pytest.param(
            also(drop("007"), add(Field("007", data="cr"), field("856", "uhttps://x", first="4", second="1"))),
            {},
            id="one record for print and online",
        ),
        pytest.param(
            also(
                drop("007"),
                *(drop(tag) for tag in ("337", "338")),
                add(Field("006", data="m        d"), Field("007", data="co"), field("337", "bc"), field("338", "bcd")),
                put("300", "a1 CD-ROM"),
            ),
            {"item": item(item_type="CD-ROM")},
            id="text on CD-ROM",
        ),
        pytest.param(
            also(put("300", "a1 online resource (10 pages)"), put("337", "bc"), put("338", "bcr")),
            {"item": item(item_type="ONLINE")},
            id="text online",
        ),
        pytest.param(
            also(drop("007"), add(Field("007", data="he"), field("533", "aMicrofiche"))),
            {"item": item(item_type="MICROFICHE")},
            id="microfiche of a book",
        ),
        pytest.param(also(leader(7, "s"), coded(6, "c"), drop("300")), {}, id="serial that still appears"),
        pytest.param(put("338", "bzu"), {}, id="carrier not specified"),
        pytest.param(
            also(drop("007"), put("300", "a1 map"), put("336", "bcri"), leader(6, "e"), add(Field("007", data="aj"))),
            {"item": item(item_type="BOOK")},
            id="map that is lent as a book",
        ),
        pytest.param(put("336", "bsti"), {}, id="a book of pictures"),
        pytest.param(add(field("336", "bsti")), {}, id="text with pictures"),
        pytest.param(put("336", "bzzz"), {}, id="content not specified"),
        pytest.param(put("300", "a10 pages", "e1 DVD"), {"item": item(item_type="DVD")}, id="the disc of a book"),
        pytest.param(
            also(drop("007"), add(Field("007", data="co"), field("300", "a1 CD-ROM"))),
            {"item": item(item_type="CD-ROM")},
            id="the disc of a book in a second 300",
        ),
        pytest.param(leader(6, "o"), {"item": item(item_type="DVD")}, id="kit that is lent as a DVD"),
        *(
            pytest.param(same, {"item": item(item_type=kind)}, id=f"text as {kind}")
            for kind in ("BOOKS", "book", "BOOK-CD", "3-WEEK", "INTERNET", "BOOKMOBILE DVDISH", "")
        ),
        pytest.param(leader(17, "1"), {}, id="full, material not examined"),
        pytest.param(put("300", "av. ;"), {}, id="open set of volumes"),
        pytest.param(put("300", "aiv, 93 p. ;"), {}, id="pages"),
        pytest.param(put("020", "a0306406152 (pbk.)"), {}, id="ISBN-10 of the same"),
        pytest.param(put("020", "a978-0-306-40615-7 :", "c$5"), {"item": item(price="")}, id="price in 020"),
        pytest.param(add(field("020", "z9780306406158")), {}, id="a wrong ISBN where it belongs"),
        pytest.param(add(field("880", "6250-00/(2/r", "aא")), {}, id="880 of its own"),
        pytest.param(same, {"piece": None}, id="no piece"),
        pytest.param(same, {"piece": Piece(isbn="nonsense")}, id="not a number"),
        pytest.param(add(field("024", "a036000291452")), {"piece": Piece(isbn="0036000291452")}, id="UPC as EAN"),
        pytest.param(
            add(field("500", "aO\u0098The \u009cÂge d’or, Ålesund, naïve")), {}, id="accents and sorting marks"
        ),
        pytest.param(same, {"item": item(call_number="FIC SMI", call_number_scheme="local")}, id="house scheme"),
        pytest.param(same, {"item": item(call_number="813.54 MAP", call_number_scheme="dewey")}, id="author Map"),
    ],
)
def test_what_is_right_is_not_reported(change: Callable[[Record], None], facts: dict[str, object]) -> None:
    record = good()
    change(record)
    assert found(record, **facts) == ()


@for_each(
    ("change", "code"),
    [
        pytest.param(
            also(drop("007"), add(Field("007", data="cr"), field("856", "uhttps://x", first="4", second="2"))),
            "type-007",
            id="a table of contents online is no version",
        ),
        pytest.param(
            also(drop("007"), add(Field("007", data="vd"), Field("006", data="m"))), "type-007", id="another 006"
        ),
        pytest.param(
            also(put("337", "bv"), put("338", "bvd"), add(field("856", "uhttps://x"))), "type-carrier", id="video disc"
        ),
        pytest.param(also(put("337", "bc"), put("338", "bcr")), "type-carrier", id="nothing else says online"),
        *(
            pytest.param(also(drop("650"), put("245", "6880-01", f"a{text}")), "subject-missing", id=text)
            for text in (
                "Roman law",
                "Nouvelles recherches en chimie",
                "A novel approach to tides",
                "The Romans in Gaul",
            )
        ),
    ],
)
def test_what_is_nearly_right_is_reported(change: Callable[[Record], None], code: str) -> None:
    record = good()
    change(record)
    assert code in found(record)


@for_each(
    ("kind", "description", "level", "reported"),
    [
        ("BOOKS", "bk.", "m", False),  # the booklet of a set of discs
        ("BOOKS", "cd. 4", "m", True),
        ("PERIODICAL", "Vol.7, No.1", "s", False),  # a periodical of discs
        ("PERIODICAL", "", "m", True),
    ],
)
def test_an_item_type_may_be_that_of_a_part_or_of_a_periodical(
    kind: str, description: str, level: str, reported: bool
) -> None:
    record = good()
    also(leader(6, "j"), leader(7, level), *(drop(tag) for tag in ("007", "336", "337", "338")))(record)
    found_codes = found(record, item=item(item_type=kind, description=description))
    assert ("type-item" in found_codes) is reported


@for_each(
    ("number", "reported"),
    [
        ("3489 CD", False),  # Laurentian University codes its accession numbers as LC
        ("M2000.G282C3 1987 CD", False),  # Penn State
        ("QA76 .S73 1990 REF", True),
        ("Microfilm", True),
    ],
)
def test_a_carrier_behind_a_number_is_no_collection_out_of_place(number: str, reported: bool) -> None:
    assert ("call-number-prefix-last" in found(good(), item=item(call_number=number))) is reported


def test_a_date_may_stand_in_place_of_a_cutter_where_the_record_has_it_so() -> None:
    record = good()
    dated = item(call_number="F592.4 1983 v.6")  # Penn State
    assert "call-number-class-only" in found(record, item=dated)
    add(field("050", "aF592.4 1983"))(record)
    assert "call-number-class-only" not in found(record, item=dated)
    assert "call-number-class-only" not in found(good(), item=item(call_number="BS941 1997 Bd.4"))


def test_nothing_is_missing_from_the_record_of_a_volume_of_works_bound_together() -> None:
    record = good()
    also(*(drop(tag) for tag in ("264", "300", "650", "880")))(record)
    missing = {"publication-missing", "extent-missing", "subject-missing"}
    assert missing <= set(found(record))
    put("245", "aHost bibliographic record for boundwith item barcode 32101066958685")(record)
    assert not missing & set(found(record))


def test_a_wrong_leader_is_not_reported_as_a_wrong_item_type_as_well() -> None:
    record = good()
    leader(6, "g")(record)
    assert "type-item" not in found(record, item=item(item_type="BOOK"))
    assert "type-carrier" in found(record, item=item(item_type="BOOK"))


def test_only_some_make_a_record_too_poor() -> None:
    """There is nothing to compare with the piece, or the record is only a sketch: a person must catalog it."""
    assert {row.code for row in rows() if row.poor} == {"title-missing", "level-preliminary"}
    record = good()
    also(leader(17, "5"), add(field("263", "a2601")))(record)
    assert [one.code for one in too_poor(findings(record, ITEM))] == ["level-preliminary"]
    assert too_poor(findings(good(), ITEM)) == ()


def test_a_holdings_record_is_asked_for_its_title_and_about_characters_only() -> None:
    record = Record()
    record.leader = Leader("00000cy  a2200000un 4500")
    record.add_field(Field("004", data="4711"), field("852", "bMAIN", "hQA76"))
    (found,) = findings(record)
    assert (found.code, told(found.sentence)) == (
        "holdings-only",
        "The title of this holdings record is not in the catalog: 004 4711.",
    )
    record.add_field(field("245", "aIts title"))
    assert findings(record) == ()
    record.add_field(field("852", "zCaf\ufffd"))
    assert [one.code for one in findings(record)] == ["characters-lost"]


def test_what_is_said_is_clean_and_short() -> None:
    record = good()
    record.add_field(field("245", "h\x1b]52;c;x\x07" + "x" * 5000))
    for one in findings(record, ITEM):
        assert len(told(one.sentence)) <= 200 and told(one.sentence).isprintable()


TEXT = st.text(max_size=12)
FIELDS = st.lists(
    st.tuples(
        st.sampled_from(["007", "020", "024", "040", "245", "263", "300", "337", "338", "852", "880", "994"]),
        st.lists(st.tuples(st.sampled_from("abceh6z"), TEXT), max_size=3),
        TEXT,
    ),
    max_size=6,
)


@given(FIELDS, st.text(max_size=30), TEXT, st.booleans())
def test_no_record_breaks_it_and_the_record_stays_as_it_was(
    parts: list[tuple[str, list[tuple[str, str]], str]], head: str, number: str, with_item: bool
) -> None:
    record = Record()
    for tag, pairs, data in parts:
        if tag == "007":
            record.add_field(Field(tag, data=data))
        else:
            record.add_field(Field(tag, Indicators(" ", " "), [Subfield(*pair) for pair in pairs]))
    record.leader = head  # type: ignore[assignment]
    before = copy.deepcopy([str(one) for one in record.fields])
    result = findings(record, ITEM if with_item else None, Piece(isbn=number))
    assert [str(one) for one in record.fields] == before
    order = [row.code for row in rows()]
    assert [one.code for one in result] == sorted((one.code for one in result), key=order.index)


# --- genuine records ------------------------------------------------------------------------------------------------


def _counts(path: Path) -> Counter[str]:
    with path.open("rb") as stream:
        records = [raw for raw in marc.read(stream) if isinstance(raw, RawRecord)]
    return Counter(one.code for raw in records for one in findings(marc.parse(raw.data)))


@pytest.mark.parametrize(
    ("name", "profile", "count"),
    [("evergreen_lul_fre_500.mrc", "symphony-949", 756), ("uva_demoRecs.mrc", "symphony-999", 16)],
)
def test_genuine_item_types_agree_with_their_records(name: str, profile: str, count: int, shared: Path) -> None:
    """Read by eye: BOOKS on text; VIDEO-DVD and VIDEO-CASS on leader/06 g, BOOK and INTERNET on a. With another type
    each gets the finding.
    """
    chosen = profiles.load(profile)
    with (shared / "data/marc" / name).open("rb") as stream:
        records = [marc.parse(raw.data) for raw in marc.read(stream) if isinstance(raw, RawRecord)]
    types = [(record, one.item_type) for record in records for one in profiles.items(record, chosen)]
    assert len(types) == count

    def told(kind: str | None) -> int:
        facts = [(record, item(item_type=kind or said)) for record, said in types]
        return sum("type-item" in {one.code for one in findings(record, each)} for record, each in facts)

    assert told(None) == 0
    assert told("MAP") == count


@pytest.mark.parametrize("name", ["evergreen_rda_bluray.mrc", "evergreen_rda_score_cd.mrc"])
def test_the_rda_samples_are_consistent(name: str, shared: Path) -> None:
    """Leader/18 i, 040 $e rda, 336 to 338, no $h (read by eye). They lack only a price."""
    assert set(_counts(shared / "data/marc" / name)) == {"price-missing"}


def test_order_records_counted_by_hand(shared: Path) -> None:
    """Raw bytes of the 10 records: leader/17 is 8 once and K once, one directory has 263, five have 994."""
    path = shared / "data/marc/evergreen_sample_acq_order.mrc"
    raws = path.read_bytes().split(b"\x1d")[:10]
    levels = Counter(raw.lstrip()[17:18] for raw in raws)
    directories = [raw.lstrip()[24 : raw.lstrip().index(b"\x1e")] for raw in raws]
    tags = Counter(one[at : at + 3] for one in directories for at in range(0, len(one), 12))
    assert (levels[b"8"], levels[b"K"], tags[b"263"], tags[b"994"]) == (1, 1, 1, 5)
    counts = _counts(path)
    assert counts["level-prepublication"] == 1
    assert counts["level-minimal"] == 1
    assert counts["projected-date"] == 1
    assert counts["vendor-field"] == 5, "the three records with 938 have 994 too"


def test_prepublication_leftovers_of_the_library_of_congress(shared: Path) -> None:
    """pymarc's twenty: leader/17 is 8 twice and 5 twice, four have 263, and four have no number of pages."""
    path = shared / "data/marc/pymarc_marc.dat"
    levels = Counter(raw[17:18] for raw in path.read_bytes().split(b"\x1d") if raw)
    assert (levels[b"8"], levels[b"5"]) == (2, 2)
    counts = _counts(path)
    assert counts["level-prepublication"] == 2
    assert counts["level-preliminary"] == 2
    assert counts["projected-date"] == 4
    assert counts["extent-unfinished"] == 4


def test_serial_holdings_without_their_titles_are_found(shared: Path) -> None:
    assert _counts(shared / "data/marc/evergreen_serials_mfhd.xml") == {"holdings-only": 7}
