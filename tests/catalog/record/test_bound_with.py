"""Titles of works bound together: Alma's host record has none of its own, and its text is never shown as one.

The first record is that of barcode 32101066958685 of Princeton University Library (github.com/pulibrary/bibdata at
e8aa404d, spec/fixtures/files/alma/scsb_dump_fixtures/host.xml), by its fields.
"""

from __future__ import annotations

import pytest
from pymarc import Field, Indicators, Record, Subfield

from station.catalog.record import bound_with, record

HOST = "Host bibliographic record for boundwith item barcode 32101066958685 :"
UPDATED = "updated 4-23-21 11:14 AM"


def field(tag: str, *pairs: tuple[str, str]) -> Field:
    return Field(tag, Indicators("0", "0"), [Subfield(code, value) for code, value in pairs])


def host(*fields: Field) -> Record:
    made = Record()
    made.add_field(field("245", ("a", HOST), ("b", UPDATED)), *fields)
    return made


def bound(*titles: str) -> list[Field]:
    return [field("774", ("t", title), ("w", "9929455783506421")) for title in titles]


@pytest.mark.parametrize(
    ("fields", "shown"),
    [
        (
            bound("Suchende seelen;", "Zwischenakt; sittenroman,", "Das ewige rätsel; roman,"),
            "Suchende seelen [+ 2]",
        ),
        (bound("Suchende seelen;"), "Suchende seelen"),
        (bound("Suchende seelen;", "Suchende seelen"), "Suchende seelen"),
        ([field("774", ("a", "Doe, Jane."), ("s", "Works."))], "Works."),
        ([field("774", ("w", "99"))], ""),
        ([field("501", ("a", "Bound with: First work / Doe, Jane -- Second work."))], "First work / Doe, Jane [+ 1]"),
        ([field("501", ("a", "With: Only work."))], "Only work."),
        ([*bound("From 774"), field("501", ("a", "With: From 501"))], "From 774"),
        ([], ""),
    ],
)  # fmt: skip
def test_the_titles_of_the_works_are_shown(fields: list[Field], shown: str) -> None:
    assert record.title(host(*fields)) == shown


@pytest.mark.parametrize(
    ("text", "is_host"),
    [
        (f"{HOST} {UPDATED}", True),
        ("HOST BIBLIOGRAPHIC RECORD FOR BOUND-WITH ITEM", True),
        ("Host record for bound with volume", True),
        ("Bound with honor", False),
        ("The host", False),
    ],
)
def test_a_host_record_is_known_by_its_text(text: str, is_host: bool) -> None:
    assert bound_with.is_host_title(text) is is_host


def test_an_ordinary_title_stays_whatever_else_the_record_names() -> None:
    made = Record()
    made.add_field(field("245", ("a", "Own title /")), *bound("Other"), field("501", ("a", "With: Third")))
    assert record.title(made) == "Own title"
