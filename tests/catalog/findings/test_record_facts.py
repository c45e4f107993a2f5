"""Facts of a MARC record for the quality rules, field by field."""

from __future__ import annotations

from pymarc import Field, Indicators, Leader, Record, Subfield

from station.base.settings import CatalogSettings
from station.catalog.findings.record_facts import describe_with_facts, plain_number, record_facts
from station.catalog.record import profiles
from station.catalog.record.record import describe_record
from station.domain.item import Barcode, ItemRecord, RecordFacts
from tests.support.for_each import for_each
from tests.support.told import told

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
        ((("055", "aFC3217.1|b.H34 1998"),), "class_numbers", (("055", "lc", "FC3217.1 .H34 1998"),)),
        ((("099", "aVIDEO|aDVD 12"),), "class_numbers", (("099", "local", "VIDEO DVD 12"),)),
        ((("020", "z0877663637 (pbk.)"),), "cancelled_isbns", ("9780877663638",)),
        ((("024", "a0043396264175"), ("028", "aCHAN 9075")), "other_numbers", ("43396264175", "CHAN9075")),
        ((("541", "cGift|aFriends"),), "acquisition", "Gift"),
        ((("541", "cGift|aFriends"), ("561", "aOther")), "donor", "Friends"),
        ((("561", "aFrom the estate of X"),), "donor", "From the estate of X"),
        ((("583", "acommitted to retain|c20150101|5XX"),), "retention", "committed to retain XX"),
        ((("583", "amicrofilmed"),), "retention", ""),
        (
            (("948", "hA local note"), ("948", "hNO HOLDINGS IN X - 2 OTHER HOLDINGS")),
            "exported_holdings",
            "NO HOLDINGS IN X - 2 OTHER HOLDINGS",
        ),
        ((("583", "aPreservation history|zIn pencil on verso"),), "retention", ""),
        ((("583", "awill preserve|5XX"),), "retention", "will preserve XX"),
        (
            (("111", "aCongress|d(1981 : Paris)"), ("500", "aFirst published 1959."), ("700", "aDoe|d1901-1980")),
            "named_years",
            ("1981", "1959"),
        ),
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
        ((("300", "a1 p."),), "extent_only", True),
        ((("300", "a1 p.|bill."),), "extent_only", False),
        ((("300", "a1 p. ;"),), "extent_only", False),
        ((("300", "a1 p."), ("040", "aXX|erda")), "extent_only", False),
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


def test_a_serial_is_told_by_leader_07() -> None:
    assert [facts(leader=f"00000na{level} a2200000 i 4500").serial for level in "msbi"] == [False, True, True, True]


@for_each("blank", [" ", "|", "#", "^", "-", "\\"])
def test_a_blank_of_008_however_it_was_written_is_no_audience(blank: str) -> None:
    assert facts(fixed=FIXED[:22] + blank + FIXED[23:]).audience == ""


def test_codes_of_another_list_than_marcs_are_no_marc_languages() -> None:
    record = Record()
    record.leader = Leader("00000nam a2200000 i 4500")
    of_iso = [Subfield("a", "wuu"), Subfield("2", "iso639-3")]
    record.add_field(
        Field("041", Indicators("0", "7"), of_iso),  # type: ignore[no-untyped-call]
        Field("041", Indicators("0", " "), [Subfield("a", "chi")]),  # type: ignore[no-untyped-call]
    )
    assert record_facts(record, ItemRecord(barcode=Barcode("1"))).languages == ("chi",)


def test_a_suppliers_barcode_of_another_copy_says_nothing_of_this_one() -> None:
    profile = profiles.load("symphony-999")

    def vendor_barcodes(*of_supplier: str) -> tuple[str, ...]:
        record = Record()
        record.leader = Leader("00000nam a2200000 i 4500")
        for tag, barcode in (("999", "X1"), ("999", "X2"), *(("949", one) for one in of_supplier)):
            record.add_field(Field(tag, Indicators(" ", " "), [Subfield("i", barcode)]))  # type: ignore[no-untyped-call]
        item = describe_with_facts(record.as_marc(), Barcode("X1"), profile, CatalogSettings())
        assert item.marc is not None
        return item.marc.vendor_barcodes

    assert vendor_barcodes("X2") == ()
    assert vendor_barcodes("X1") == ("X1",)
    assert vendor_barcodes("X2", "X9") == ("X2", "X9")


def test_a_upc_is_compared_as_it_is_scanned() -> None:
    assert plain_number("0 43396-26417 5") == plain_number("0043396264175")


def test_findings_of_the_catalog_go_along() -> None:
    codes = dict(facts(("263", "a202401")).findings)
    assert "202401" in told(codes["projected-date"])


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
