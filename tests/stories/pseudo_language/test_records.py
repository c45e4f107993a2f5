"""Findings about records and call numbers in the pseudo-language."""

from __future__ import annotations

import pytest

import station.base.words
from station.base.sentence import Sentence
from station.catalog.findings.facts import TypeRow
from station.catalog.findings.findings import findings, rows
from station.catalog.record.call_number import candidates
from station.catalog.record.profiles import Item
from station.catalog.record.sets import ItemSet
from station.domain.item import Barcode, ItemRecord
from station.store.catalog_index.live import words
from station.sync.alma.codes import CODES
from station.sync.alma.record import ALTERNATIVE, HOLDING, ORIGIN, PROCESSES, TEMPORARY
from tests.catalog.record.test_call_number import field, record
from tests.support.for_each import for_each
from tests.support.pseudo_language import catalogue, plain_words
from tests.support.told import told

SCHEMES = "lc nlm dewey sudoc local anscr"
"""Names of schemes, as in the settings."""


@pytest.fixture(autouse=True)
def language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", catalogue())


@for_each("row", rows())
def test_no_finding_says_anything_by_itself(row) -> None:  # type: ignore[no-untyped-def]
    for said in (told(row.sentence).replace("{what}", ""), told(row.advice)):
        assert said and not said.startswith("record."), "there must be sentences"
        assert plain_words(told(said)) == set()


def test_what_a_record_describes_is_told() -> None:
    assert plain_words(told(TypeRow(leader="at").words)) == set()


@for_each(
    "source",
    ["item field 949 $0", "holdings 852 $1", "050 (hint)", ALTERNATIVE, HOLDING, TEMPORARY, "SIP2 field CS", ""],
)
def test_where_a_call_number_stands_is_told(source: str) -> None:
    item = ItemRecord(barcode=Barcode("1"), call_number_source=source, origin=Sentence.verbatim("catalog index"))
    assert bool(item.call_number_at) is bool(source)
    assert plain_words(told(item.call_number_at)) == plain_words(told(item.came_from)) == set()


def test_what_nobody_knows_stays_as_it_is() -> None:
    item = ItemRecord(barcode=Barcode("1"), call_number_source="shelf book", origin=ORIGIN)
    assert (told(item.call_number_at), told(item.came_from)) == ("shelf book", "Alma")


def test_a_set_an_age_and_how_an_item_stands_are_told() -> None:
    whole = ItemSet("DVD", 1, 3, ("1", "2"), missing=(3,))
    said = [told(whole.sentence), *(told(words(age)) for age in (1, 61, 7300, 200_000))]
    said += [station.base.words.tell(key) for key in PROCESSES.values()]
    assert plain_words(" ".join(said)) == set()


def test_why_a_call_number_counts_is_told() -> None:
    held = [field("852", "hQA1", "i.L6", "jQA2", "lQA3", "2lcc", "cQ", ind=f"{first} ") for first in " 012345678"]
    hints = [field(tag, "a641.5", ind=" 4") for tag in ("050", "060", "082", "084", "086", "090", "099")]
    hints += [field(tag, "aQA1", ind=" 0") for tag in ("050", "060", "082")] + [field("099", "aJ")]
    whole = record(*held, *hints)
    items = [Item(barcode="1", location="Q", call_number="QA1", scheme=scheme) for scheme in ("", "lc")]
    found = [one for item in items for one in candidates(whole, item)]
    assert len({told(one.reason) for one in found}) >= 15
    assert plain_words(" ".join(told(one.reason) for one in found), f"{SCHEMES} lcc") == set()


def test_what_was_found_in_a_record_is_told() -> None:
    poor = record(
        field("040", "erda"),
        field("337", "bs"),
        field("338", "bvd"),
        field("263"),
        field("880"),
        field("245", "6880-01"),
    )
    found = findings(poor)
    assert {"rda-without-carrier", "carrier-media", "projected-date"} <= {one.code for one in found}
    assert plain_words(" ".join(told(one.sentence) for one in found), "vd") == set()


@for_each("code", sorted(CODES))
def test_what_a_code_of_alma_means_is_told(code: str) -> None:
    for said in (told(CODES[code].sentence), told(CODES[code].remedy)):
        assert said and not said.startswith("alma.")
        assert plain_words(told(said)) == set()
