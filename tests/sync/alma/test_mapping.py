"""Which facts go into which fields: valid tables, refused tables with their line, and the text that the station may
overwrite."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import Rejected, SettingsError
from station.sync.alma.fields import REFUSED, WRITABLE
from station.sync.alma.item import READ_ONLY
from station.sync.alma.mapping import FACTS, note_only, parse, same
from tests.conftest import missing
from tests.support.for_each import for_each
from tests.support.told import raises_told, told

SITE = """\
name = "main"
about = "what our site wants"

[fields]
internal_note_3 = "{entry}"
inventory_number = "{uid}"
statistics_note_1 = "RFID {verdict} {date}"
storage_location_id = "{set}"
physical_condition = "{condition}"
weeding_number = "{weeding_number}"
weeding_date = "{weeding_date}"

[conditions]
spine-label = "RELABEL"
"""
RESULT = {"uid": "E004015012345678", "verdict": "pass", "date": "2026-11-24", "set": "1/3", "part": "1", "parts": "3"}


def test_a_result_fills_the_fields_whose_facts_are_known() -> None:
    mapping = parse(SITE, "m.toml")
    assert mapping.note_field == "internal_note_3"
    assert mapping.render(RESULT) == {
        "inventory_number": "E004015012345678", "statistics_note_1": "RFID pass 2026-11-24", "storage_location_id": "1/3",
    }  # fmt: skip
    assert mapping.condition(("title-in-hand", "spine-label")) == "RELABEL"
    assert mapping.render({"condition": "RELABEL"}) == {"physical_condition": "RELABEL"}
    weeding = {"weeding_number": "W-7", "weeding_date": "2026-11-25"}
    assert mapping.render(weeding) == weeding
    assert note_only("public_note").render(RESULT) == {}


@for_each(
    ("field", "line", "words"),
    [
        ('barcode = "{uid}"', 5, "must not write it: it is what the item is found by"),
        ('location = "{set}"', 5, "must not write it: changing it moves the item"),
        ('library = "{set}"', 5, "moves the item"),
        ('pid = "{uid}"', 5, "must not write it"),
        ('process_type = "{verdict}"', 5, "Alma sets it by itself"),
        ('policy = "{verdict}"', 5, "how the item circulates"),
        ('po_line = "{date}"', 5, "acquisitions"),
        ('rfid = "{uid}"', 5, "no such field"),
        ('internal_note3 = "{uid}"', 5, "did you mean internal_note_3?"),
        ('inventory_number = "{tag}"', 5, "no fact {tag}"),
        ('inventory_number = "fixed"', 5, "contains no fact"),
        ('inventory_number = "{uid"', 5, "broken"),
        ('inventory_number = "{uid!r}"', 5, "only the names"),
        ('inventory_number = "{uid:>99}"', 5, "only the names"),
        ('inventory_number = "{}"', 5, "no fact"),
        ('inventory_number = "{uid.__class__}"', 5, "no fact"),
        ('inventory_number = "{entry}"', 5, "of a note field"),
        ('internal_note_1 = "RFID {entry}"', 5, "must be the whole template"),
        ('weeding_date = "{uid}"', 5, "holds a date"),
        ('weeding_date = "on {date}"', 5, "holds a date"),
        ('physical_condition = "BAD {verdict}"', 5, "holds a code"),
        ('physical_condition = "{verdict}"', 5, "holds a code"),
        (f'inventory_number = "{"x" * 100}{{uid}}"', 5, "longer than 100"),
        ('inventory_number = "\\u001b[2J{uid}"', 5, "cannot be shown"),
        ('internal_note_1 = "{entry}"\ninternal_note_2 = "{entry}"', 6, "is already in internal_note_1"),
        ("internal_note_1 = 1", 5, "Expected `str`"),
        ("", 4, "no field"),
        ('internal_note_1 = "{entry}"\n[conditions]\nspine-label = "X"', 6, "would never be written"),
        ('physical_condition = "{condition}"\n[conditions]\nspine-label = ""', 7, "cannot be a code"),
    ],
)
def test_what_is_refused_with_its_line(field: str, line: int, words: str) -> None:
    text = f'name = "m"\n\n# ours\n[fields]\n{field}\n'
    with pytest.raises(SettingsError) as caught:
        parse(text, "m.toml")
    assert f"m.toml, line {line}: " in told(caught.value.detail)
    assert words in told(caught.value.detail)


@pytest.mark.parametrize("text", ["", "name =", 'name = "m"', 'name = "m"\nfield = {}\n[fields]\n', "[" * 5000])
def test_what_is_no_mapping(text: str) -> None:
    with raises_told(SettingsError, match="m.toml"):
        parse(text, "m.toml")


@for_each(
    ("field", "value", "ours"),
    [
        ("inventory_number", "", True),
        ("inventory_number", "  ", True),
        ("inventory_number", "E0040150AAAAAAAA", True),
        ("inventory_number", "INV 17", False),
        ("inventory_number", "E0040150AAAAAAAA moved", False),
        ("statistics_note_1", "RFID fail 2025-01-01", True),
        ("statistics_note_1", "RFID  fail 2025-01-01", True),
        ("statistics_note_1", "TOT RENEW: 0", False),
        ("physical_condition", "RELABEL", True),
        ("physical_condition", "BRITTLE", False),
        ("weeding_number", "W-7", True),
        ("weeding_number", "W-6", False),
        ("weeding_date", "2026-11-25Z", True),
        ("weeding_date", "2020-01-01Z", False),
    ],
)
def test_whose_text_it_is(field: str, value: str, ours: bool) -> None:
    """A field that is empty, holds the wanted text, or has the template's form is the station's. Any other text belongs
    to a person."""
    wanted = {"weeding_number": "W-7", "weeding_date": "2026-11-25"}.get(field, "E004015012345678")
    assert parse(SITE, "m.toml").ours(field, value, wanted) is ours


@given(st.fixed_dictionaries({name: st.from_regex(shape, fullmatch=True) for name, shape in FACTS.items() if shape}))
def test_what_the_station_wrote_is_known_again(facts: dict[str, str]) -> None:
    text = 'name = "m"\n[fields]\nstatistics_note_1 = "[{uid}] {part}/{parts} = {set} ({verdict}: {rules}) {date}."\n'
    mapping = parse(text, "m.toml")
    try:
        (value,) = mapping.render(facts).values()
    except Rejected:
        return
    assert mapping.ours("statistics_note_1", value, "another")
    assert not mapping.ours("statistics_note_1", value + " and more", "another")


def test_values_that_a_field_cannot_hold() -> None:
    mapping = parse(SITE, "m.toml")
    with raises_told(Rejected, match="100 are allowed"):
        mapping.render({"weeding_number": "x" * 101})
    with raises_told(Rejected, match="not a date"):
        mapping.render({"weeding_date": "soon"})


def test_dates_are_the_same_with_and_without_z() -> None:
    assert same("2026-11-25", "2026-11-25Z")
    assert same(" a  b ", "a b")
    assert not same("a", "b")


def test_the_tables_cover_the_vendors_xsd(shared: Path) -> None:
    """Every element of item_data and holding_data is writable by a mapping, refused with a reason, or Alma's own. A
    mapping may not name an element that the XSD marks as output only."""
    path = shared / "data" / "alma" / "rest_item_2018.xsd"
    if not path.is_file():
        missing("../shared/data/alma")
    space = "{http://www.w3.org/2001/XMLSchema}"
    root = ET.parse(path).getroot()
    for name in ("item_data", "holding_data"):
        kind = next(one for one in root.findall(f"{space}complexType") if one.get("name") == name)
        for element in kind.iter(f"{space}element"):
            field = str(element.get("name"))
            if element.find(f"{space}annotation") is None:
                continue
            tags = element.findtext(f"{space}annotation/{space}appinfo/{space}tags") or ""
            assert (field in WRITABLE) ^ (field in REFUSED), field
            if re.fullmatch(r"\s*api get\s*", tags):
                assert field in REFUSED and field in READ_ONLY, field
    assert not set(WRITABLE) & READ_ONLY
    assert all(rule.newer for field, rule in WRITABLE.items() if field not in path.read_text())
