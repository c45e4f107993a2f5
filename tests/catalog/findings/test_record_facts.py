"""Facts of a MARC record for the quality rules, field by field."""

from __future__ import annotations

from pymarc import Field, Indicators, Leader, Record, Subfield

from station.base.settings import CatalogSettings
from station.catalog.findings.record_facts import plain_number, record_facts
from station.catalog.record.record import describe_record
from station.domain.item import Barcode, ItemRecord, RecordFacts
from tests.support.for_each import for_each

FIXED = "240101s2019    xx     e      000 0 eng d"


def facts(*fields: tuple[str, str], leader: str = "00000nam a2200000 i 4500", fixed: str = FIXED) -> RecordFacts:
    """Return the facts of fields such as ("541", "cGift|aFriends")."""
    record = Record()
    record.leader = Leader(leader)
    record.add_field(Field("008", data=fixed))  # type: ignore[no-untyped-call]
    for tag, text in fields:
        pairs = [Subfield(one[0], one[1:]) for one in text.split("|")]
        record.add_field(Field(tag, Indicators(" ", " "), pairs))  # type: ignore[no-untyped-call]
    return record_facts(record, ItemRecord(barcode=Barcode("1")))


@for_each(
    ("fields", "name", "value"),
    [
        ((("250", "aSecond edition."),), "edition", "Second edition."),
        ((("264", "cc2018."), ("260", "c[2019?]")), "years", ("2018", "2019")),
        ((), "fixed_years", ("2019",)),
        ((("245", "aT|nVolume 2|pRivers"),), "part_title", "Volume 2 Rivers"),
        (
            (("050", "aQA76.73|b.P98"), ("090", "aQA9|b.X1")),
            "class_numbers",
            (("090", "lc", "QA9 .X1"), ("050", "lc", "QA76.73 .P98")),
        ),
        ((("050", "aChandos Records CHAN 9075"),), "class_numbers", ()),
        ((("099", "aVIDEO|aDVD 12"),), "class_numbers", (("099", "local", "VIDEO DVD 12"),)),
        ((("020", "z0877663637 (pbk.)"),), "cancelled_isbns", ("9780877663638",)),
        ((("024", "a0043396264175"), ("028", "aCHAN 9075")), "other_numbers", ("43396264175", "CHAN9075")),
        ((("541", "cGift|aFriends"),), "acquisition", "Gift"),
        ((("541", "cGift|aFriends"), ("561", "aOther")), "donor", "Friends"),
        ((("561", "aFrom the estate of X"),), "donor", "From the estate of X"),
        ((("583", "acommitted to retain|c20150101|5XX"),), "retention", "committed to retain XX"),
        ((("583", "amicrofilmed"),), "retention", ""),
        (
            (("949", "i31234000000016"), ("952", "p31234000000024")),
            "vendor_barcodes",
            ("31234000000016", "31234000000024"),
        ),
        ((("338", "bnc"), ("338", "bsd")), "carriers", ("nc", "sd")),
        ((("041", "aengfre|dger|hrus"),), "languages", ("eng", "fre", "ger")),
        ((), "language", "eng"),
        ((), "audience", "e"),
        ((("300", "a1 p.|c24 cm"),), "height_given", True),
        ((("300", "a1 p."),), "height_given", False),
    ],
)
def test_field_by_field(fields: tuple[tuple[str, str], ...], name: str, value: object) -> None:
    assert getattr(facts(*fields), name) == value


def test_leader_and_kinds() -> None:
    assert facts(leader="00000dam a2200000 i 4500").deleted
    assert not facts().deleted
    assert facts(leader="00000nem a2200000 i 4500").audience == "", "008/22 of a map has another meaning"
    assert facts(leader="00000nas a2200000 i 4500").audience == "", "008/22 of a serial has another meaning"
    assert facts(fixed="short").fixed_years == ()


def test_a_upc_is_compared_as_it_is_scanned() -> None:
    assert plain_number("0 43396-26417 5") == plain_number("0043396264175")


def test_findings_of_the_catalog_go_along() -> None:
    codes = dict(facts(("263", "a202401")).findings)
    assert "202401" in codes["projected-date"]


def test_a_record_by_itself_has_no_facts_until_they_are_asked_for() -> None:
    record = Record()
    record.leader = Leader("00000nam a2200000 i 4500")
    record.add_field(Field("245", Indicators("0", "0"), [Subfield("a", "T")]))  # type: ignore[no-untyped-call]
    assert describe_record(record.as_marc(), CatalogSettings()).marc is None


def test_of_two_008_fields_the_fuller_one_counts() -> None:
    for first, second in ((" " * 35 + "heb  ", FIXED), (FIXED, " " * 35 + "heb  ")):
        record = Record()
        record.leader = Leader("00000nam a2200000 i 4500")
        for text in (first, second):
            record.add_field(Field("008", data=text))  # type: ignore[no-untyped-call]
        found = record_facts(record, ItemRecord(barcode=Barcode("1")))
        assert (found.fixed_years, found.language, found.audience) == (("2019",), "eng", "e")
    assert record_facts(Record(), ItemRecord(barcode=Barcode("1"))).fixed_years == ()  # type: ignore[no-untyped-call]
