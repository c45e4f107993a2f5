"""The item object as a property: fields that are not the station's return unchanged, and the digest covers what a PUT
writes."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import Rejected
from station.sync.alma.item import READ_ONLY, AlmaItem, differences
from tests.support.alma_process import fictitious
from tests.support.told import raises_told

NAMES = st.text("abcdefghijklmnopqrstuvwxyz_0123456789", min_size=1, max_size=12).map(lambda name: f"x_{name}")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
EXTRA = st.dictionaries(NAMES, VALUES, max_size=5)
TEXT = st.text(max_size=60)


def with_extra(
    top: dict[str, Any], bib: dict[str, Any], holding: dict[str, Any], data: dict[str, Any]
) -> dict[str, Any]:
    item = fictitious()
    item["bib_data"] |= bib
    item["holding_data"] |= holding
    item["item_data"] |= data
    return item | top


def encoded(item: dict[str, Any]) -> bytes:
    return json.dumps(item).encode()


@given(EXTRA, EXTRA, EXTRA, EXTRA, TEXT, TEXT)
def test_what_is_not_ours_goes_back_as_it_came(
    top: dict[str, Any], bib: dict[str, Any], holding: dict[str, Any], data: dict[str, Any], note: str, number: str
) -> None:
    item = with_extra(top, bib, holding, data)
    sent = json.loads(AlmaItem(encoded(item)).with_fields({"internal_note_1": note, "inventory_number": number}))
    expected = copy.deepcopy(item)
    expected["item_data"] |= {"internal_note_1": note, "inventory_number": number}
    assert sent == expected
    assert list(sent) == list(item), "in the original order"


@given(EXTRA)
def test_no_change_goes_out_that_was_not_asked_for(data: dict[str, Any]) -> None:
    item = AlmaItem(encoded(with_extra({}, {}, {}, data)))
    assert differences(item, AlmaItem(item.with_fields({}))) == ()
    assert AlmaItem(item.with_fields({})).digest == item.digest


@given(st.sampled_from(sorted(READ_ONLY - {"pid"})), VALUES)
def test_what_alma_sets_itself_is_not_in_the_digest(field: str, value: object) -> None:
    item, other = fictitious(), fictitious()
    other["item_data"][field] = value
    assert AlmaItem(encoded(item)).digest == AlmaItem(encoded(other)).digest


@pytest.mark.parametrize("part", ["item_data", "holding_data"])
@given(NAMES, st.text(min_size=1, max_size=20))
def test_every_other_field_is_in_the_digest(part: str, name: str, value: str) -> None:
    item, other = fictitious(), fictitious()
    other[part][name] = value
    assert AlmaItem(encoded(item)).digest != AlmaItem(encoded(other)).digest
    coded = fictitious()
    coded[part][name] = {"value": value, "desc": "whatever Alma calls it"}
    assert AlmaItem(encoded(coded)).digest == AlmaItem(encoded(other)).digest, (
        "a description must not count as a change"
    )


@pytest.mark.parametrize("absent", [None, "", {"value": "", "desc": None}, {"value": None, "desc": None}])
def test_all_kinds_of_absent_are_one(absent: object) -> None:
    assert AlmaItem(encoded(fictitious(pages=absent))).digest == AlmaItem(encoded(fictitious(pages=""))).digest


@pytest.mark.parametrize("field", ["barcode", "library", "location"])
def test_the_traps_cannot_be_sent(field: str) -> None:
    """An empty barcode makes Alma invent one; another library or location moves the item (1.4, rules 1 and 2)."""
    item = AlmaItem(encoded(fictitious()))
    if field == "barcode":
        with raises_told(Rejected, match="no barcode"):
            item.with_fields({field: ""})
    broken = AlmaItem(encoded(fictitious()))
    broken._item = {name: value for name, value in broken._item.items() if name != field}
    with raises_told(Rejected, match=r"no barcode|would have changed"):
        broken.with_fields({"internal_note_1": "x"})
