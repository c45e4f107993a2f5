"""Differences: byte for byte, lock for lock, element for element, in every model that can be written."""

from __future__ import annotations

import dataclasses
from random import Random

import pytest

from station.base.errors import ElementInvalid
from station.encoding.content import TagContent, TagProfile
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.image import as_written, new_image
from station.encoding.write_plan.verify import differences, element_differences
from tests.support.sample_tags import ISIL, barcode, danish, image, item

TWO = TagProfile(isil=ISIL, call_number_on_tag=True)
THREE = TagProfile(isil=ISIL, call_number_on_tag=True, model="28560-3", dsfid=0x3E)
MODELS = pytest.mark.parametrize("profile", [TWO, THREE], ids=["28560-2", "28560-3"])
CONTENT = TagContent(
    "31234567890128", part=2, parts=3, shelf_location="QA76 .B3", further=((17, "A title"), (18, "P-1"), (19, "01"))
)


def test_locks_are_compared_only_where_it_is_asked_for() -> None:
    want = item("31234567890128")
    have = dataclasses.replace(want, locked=(True, *want.locked[1:]))
    assert differences(want, have) == ()
    assert differences(want, have, locks=True) == ("Block 0: open expected, locked read",)
    assert differences(have, want, locks=True) == ("Block 0: locked expected, open read",)
    # A status that was not read counts as open.
    assert differences(have, dataclasses.replace(want, locked=()), locks=True) == (
        "Block 0: locked expected, open read",
    )


@MODELS
def test_what_was_written_reads_back_without_a_difference(profile: TagProfile) -> None:
    random = Random(1)
    for _ in range(50):
        content = dataclasses.replace(CONTENT, primary_item_identifier=barcode(random))
        tag = new_image(image(), content, profile)
        assert element_differences(as_written(content, profile), recognise(tag, profile), profile.model) == ()


@MODELS
def test_every_element_that_differs_is_named(profile: TagProfile) -> None:
    other = TagContent(
        barcode(Random(5)), shelf_location="QA77", type_of_usage=0x20, further=((17, "Another"), (21, "R"))
    )
    found = element_differences(
        as_written(CONTENT, profile), recognise(new_image(image(), other, profile), profile), profile.model
    )
    assert [line.split(":")[0] for line in found] == [
        "Primary item identifier",
        "Set information",
        "Type of usage",
        "Shelf location",
        "Title",
        "Product identifier local",
        "Media format (other)",
        "Supplier invoice number",
    ]
    assert found[4] == "Title: A title expected, Another read"
    assert found[6] == "Media format (other): 01 expected, nothing read"
    assert found[7] == "Supplier invoice number: nothing expected, R read"


@MODELS
def test_another_model_an_unfinished_tag_and_another_s_tag_differ_as_a_whole(profile: TagProfile) -> None:
    wanted = as_written(CONTENT, profile)
    tag = new_image(image(), CONTENT, profile)
    other = "28560-3" if profile.model == "28560-2" else "28560-2"
    assert len(element_differences(wanted, recognise(tag, profile), other)) == 1
    for different, state in (
        (recognise(dataclasses.replace(tag, dsfid=0), profile), "incomplete"),
        (recognise(dataclasses.replace(tag, dsfid=0xC0), profile), "incomplete"),
        (recognise(tag, dataclasses.replace(profile, isil="DE-1")), "foreign"),
        (recognise(image(), profile), "blank"),
    ):
        (line,) = element_differences(wanted, different, profile.model)
        assert f"reads as {state}" in line


def test_a_model_that_nobody_knows() -> None:
    with pytest.raises(ElementInvalid, match="no data model"):
        element_differences(CONTENT, recognise(image(), TWO), "28560-9")


def test_the_owner_is_the_same_institution_without_its_hyphen() -> None:
    """Another system wrote the tag, and its hyphen cannot be restored. The model still finds that the tag is ours."""
    profile = TagProfile(isil="EUR-1", model="28560-3", dsfid=0x3E)
    found = recognise(image(danish("123", "EUR1"), dsfid=0x3E), profile)
    assert found.content is not None
    assert found.content.owner_institution == "EU-R1"
    expected = TagContent("123", "EUR-1", type_of_usage=0x10)
    assert element_differences(expected, found, "28560-3") == ()
    assert len(element_differences(dataclasses.replace(expected, owner_institution="EUR-2"), found, "28560-3")) == 1
