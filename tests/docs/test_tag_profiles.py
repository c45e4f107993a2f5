"""docs/tag-profiles.md against the program: the example is a valid profile, and the lists are complete."""

from __future__ import annotations

import re

import pytest

from station.base.errors import SettingsError
from station.encoding.iso28560_3.extensions import PLACE
from station.encoding.profiles.profiles import parse
from station.encoding.profiles.value import ALWAYS, ELEMENT_NAMES, SOURCES
from tests.docs.pages import rows, text
from tests.support.told import told

PAGE = "docs/tag-profiles.md"


def _example() -> str:
    return text(PAGE).partition("```toml\n")[2].partition("```")[0]


def test_the_example_is_a_sound_profile() -> None:
    site = parse(_example(), "ours.toml")
    assert site.oids == (1, 3, 4, 5, 6, 19)
    assert (site.smallest, site.reserve, site.leave_out) == (64, 1, (6,))


def test_the_refusal_that_the_page_shows_is_what_is_said() -> None:
    with pytest.raises(SettingsError) as refused:
        parse(_example().replace("item.call_number", "item.callnumber"), "ours.toml")
    shown = re.sub(r"\s+", " ", text(PAGE))
    expected = told(refused.value.detail)
    assert f"`{expected}`" in re.sub(r"line \d+", expected[11 : expected.index(":")], shown)


def test_every_key_is_explained() -> None:
    explained = {key.strip("[]` ") for cells in rows(PAGE, "A wrong profile is refused") for key in cells[0].split(",")}
    with pytest.raises(SettingsError) as refused:
        parse("qqq = 1\n", "x")
    assert explained == set(told(refused.value.detail).partition("known are ")[2].split(", "))


def test_every_element_has_its_name() -> None:
    table = rows(PAGE, "## Names of elements")
    assert {cells[1]: int(cells[0]) for cells in table} == dict(ELEMENT_NAMES)
    for oid, _, place in table:
        assert (place != "no") == (int(oid) in PLACE or int(oid) in ALWAYS), oid


def test_every_source_is_explained() -> None:
    table = {cells[0]: cells[1] for cells in rows(PAGE, "## Sources")}
    table.pop("constant:VALUE")
    assert table == dict(SOURCES)
