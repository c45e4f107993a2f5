"""MARC records with order fields as lists: orders, and what an invoice in the records names."""

from __future__ import annotations

from pathlib import Path

import pytest
from pymarc import Field, Indicators, Record, Subfield

from station.acquisitions.order_records import looks_like, read
from station.base.errors import PackingRefused
from station.domain.packing_lists.packing_list import ListKind
from tests.conftest import missing
from tests.support.for_each import for_each
from tests.support.told import raises_told


def records(*fields: tuple[str, str], number: str = "9780262033848") -> bytes:
    """Return a record that is made up: a title, an ISBN, and fields of (tag, "$aTEXT$bTEXT")."""
    record = Record(force_utf8=True)
    for tag, text in (("245", "$aAlgorithms"), *((("020", f"$a{number}"),) if number else ()), *fields):
        pairs = [Subfield(part[0], part[1:]) for part in text.split("$")[1:]]
        record.add_field(Field(tag, Indicators(" ", " "), pairs))
    return record.as_marc()


def genuine(shared: Path, name: str) -> bytes:
    file = shared / "data" / name
    if not file.exists():
        missing(name)
    return file.read_bytes()


def test_each_order_field_is_a_line_for_its_library_and_fund(shared: Path) -> None:
    (brodart,) = read(genuine(shared, "edifact/brodart_onorder_970.mrc"), "brodart.001")
    assert (brodart.kind, brodart.vendor, brodart.name, len(brodart.lines)) == (
        ListKind.ORDER,
        "BRODART",
        "brodart",
        88,
    )
    first = brodart.lines[0]
    assert (first.numbers, first.library, first.fund, first.price) == (
        ("9781416594239",),
        "FRRLS-BA",
        "TESTFUND1",
        "25.00",
    )
    (gobi,) = read(genuine(shared, "oclc/gobi_order_980_4recs.mrc"), "gobi.mrc", default_list="MARCH")
    assert (gobi.name, gobi.lines[0].vendor_number, gobi.lines[0].fund) == ("MARCH", "40028220053", "ENG2")


def test_a_field_with_an_invoice_number_is_in_the_box(shared: Path) -> None:
    (invoice,) = read(genuine(shared, "oclc/gobi_invoice_980_981.mrc"), "i.mrc", default_vendor="GOBI")
    assert (invoice.kind, invoice.vendor, invoice.name, invoice.date) == (
        ListKind.BOX,
        "GOBI",
        "243967",
        "2013-03-07",
    )
    assert invoice.lines[0].price == "60.00"


@for_each(
    "data, refusal",
    [
        (records(("970", "$p9.99"), number=""), r'o\.mrc, record 1: its 970 orders "Algorithms"'),
        (records(("650", "$aAlgorithms")), r"o\.mrc: no record has an order field: 970, 960, 980, 952"),
        (records(("970", "$p9.99"), ("960", "$s9.99")), r"--profile: evergreen-970, brodart-970, innovative-960"),
        (records(("970", "$p9.99"))[:-20], r"o\.mrc, record 1: "),
        (b"<html></html>", r"o\.mrc"),
    ],
)
def test_a_file_that_is_not_wholly_understood_is_refused(data: bytes, refusal: str) -> None:
    with raises_told(PackingRefused, match=refusal):
        read(data, "o.mrc")


def test_a_named_profile_chooses_among_several_fields() -> None:
    data = records(("970", "$p9.99$q2"), ("960", "$s8.88$o3"))
    (by_970,) = read(data, "o.mrc", profile="evergreen-970")
    (by_960,) = read(data, "o.mrc", profile="innovative-960")
    assert ([line.quantity for line in by_970.lines], [line.price for line in by_960.lines]) == ([2], ["8.88"])


def test_a_disc_without_isbn_is_known_by_its_other_number() -> None:
    (listed,) = read(records(("024", "$a093624115567"), ("970", "$p9.99"), number=""), "o.mrc")
    assert listed.lines[0].numbers == ("93624115567",)


@pytest.mark.parametrize("data", [b"list,isbn\nA,1\n", b"9780262033848,2\n", b"UNA:+.? '", b"", b"{}"])
def test_only_a_leader_begins_a_file_of_records(data: bytes) -> None:
    assert looks_like(records()) and not looks_like(data)
