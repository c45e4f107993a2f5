"""A new tag whose first block was torn is unfinished, not unknown. A tag that only looks strange stays unknown."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.tag_image import TagImage
from station.encoding.content import TagContent, TagProfile, TagState
from station.encoding.recognition.recognise import recognise
from station.encoding.recognition.torn_first_block import rest_of
from station.encoding.write_plan.image import new_image
from station.encoding.write_plan.plan import plan_write
from station.encoding.write_plan.steps import SetBlocks
from tests.support.sample_tags import PROFILE, image

PART_3 = TagProfile(isil=PROFILE.isil, model="28560-3", dsfid=0x3E)
CONTENTS = (
    TagContent("30123456789012"),
    TagContent("30123456789012", part=3, parts=12, type_of_usage=0x10),
    TagContent("AB-12345678901234"[:16], part=1, parts=2),
    TagContent("QA 76.73 copy 1"),
)


def torn(content: TagContent, profile: TagProfile, word: bytes) -> TagImage:
    """Return a new tag as the plan leaves it if power fails during its last block write."""
    new = new_image(image(), content, profile)
    plan = plan_write(image(), new)
    writes = [step for step in plan.steps if isinstance(step, SetBlocks)]
    assert writes[-1].first == 0  # block 0 is written last
    return dataclasses.replace(new, memory=word + new.memory[4:], dsfid=0, afi=0)


@given(st.binary(min_size=4, max_size=4), st.sampled_from(CONTENTS), st.sampled_from([PROFILE, PART_3]))
def test_a_torn_first_block_is_an_unfinished_write(word: bytes, content: TagContent, profile: TagProfile) -> None:
    found = recognise(torn(content, profile, word), profile)
    assert found.state is TagState.INCOMPLETE
    assert found.identifier == ""


@pytest.mark.parametrize("profile", [PROFILE, PART_3])
def test_it_says_why(profile: TagProfile) -> None:
    tag = torn(CONTENTS[1], profile, b"\xff\xff\xff\xff")
    assert rest_of(tag.memory, 4) == profile.model
    assert "begun and not finished" in recognise(tag, profile).reasons[0]
    marked = dataclasses.replace(tag, dsfid=0x55)
    assert recognise(marked, profile).state is TagState.UNKNOWN  # marked as something else


@pytest.mark.parametrize(
    "memory",
    [
        b"\xe1\x40\x0e\x01\x03\x10\xd1\x01\x0cU\x04example.org\xfe",  # a tag written by a phone
        b"\xff\xff\xff\xff" + b"Some text that a person wrote on this tag",
        b"\xff\xff\xff\xff" + bytes(range(1, 100)),
        b"\xff\xff\xff\xff\x02\x01\xd0\x00",  # a content parameter that names missing elements
        b"\xff\xff\xff\xff\x02\x01\x40\x11\x01\x05\x14\x01\x0b",  # an identifier after it
    ],
)
def test_what_is_only_strange_stays_unknown(memory: bytes) -> None:
    tag = image(memory)
    assert rest_of(tag.memory, 4) == ""
    assert recognise(tag, PROFILE).state is TagState.UNKNOWN


@given(st.binary(max_size=200), st.integers(1, 32))
def test_any_memory(memory: bytes, block_size: int) -> None:
    assert rest_of(memory, block_size) in ("", "28560-2", "28560-3")
