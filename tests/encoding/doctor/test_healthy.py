"""The tag doctor reports nothing serious on sound tags of any writer, and raises on no tag."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.domain.tag_image import TagImage, Uid
from station.encoding.content import (
    Severity,
    TagContent,
    TagProfile,
    TagState,
)
from station.encoding.doctor.doctor import Diagnosis, examine
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.profiles.profiles import READY, ready
from station.encoding.recognition.recognise import recognise
from station.encoding.recognition.registry import writable
from station.encoding.write_plan.image import as_written, new_image
from tests.encoding.doctor.cases import BARCODE, DANISH, HEALTHY, LOCKED_AS_ASKED, SET, SLIX2, locked
from tests.support.sample_tags import ISIL, PROFILE, UID, danish, image, item, of_model, three_m

# --- sound tags -----------------------------------------------------------------------------------------------------


def grave(found: tuple[Diagnosis, ...]) -> list[Diagnosis]:
    return [each for each in found if each.severity is not Severity.INFO]


def test_a_healthy_tag_has_nothing() -> None:
    assert HEALTHY.diagnoses() == ()
    assert replace(HEALTHY, barcode=BARCODE, parts=1, part=1).diagnoses() == ()
    assert DANISH.diagnoses() == ()
    assert LOCKED_AS_ASKED.diagnoses() == ()


def vector_owner(memory: bytes) -> str:
    return iso28560_2_codec.decode(memory).content.owner_institution


@pytest.mark.parametrize(
    "vector",
    [v for v in of_model("28560-2", "28560-2") if v["direction"] == "both" and v.get("lock_map")],
    ids=lambda v: v["hex"][:16],
)
def test_vectors_of_the_standard_are_healthy(vector: dict[str, Any]) -> None:
    memory = bytes.fromhex(vector["hex"])
    owner = vector_owner(memory)
    content = iso28560_2_codec.decode(memory)
    blocks = [block for block, mark in enumerate(vector["lock_map"]) if mark in "lw"]
    lock = frozenset(raw.oid for raw in content.raw if raw.offset // 4 in blocks)
    profile = TagProfile(isil=owner, lock=lock, call_number_on_tag=True)
    tag = locked(image(memory, dsfid=6, afi=7), *blocks)
    found = grave(examine(tag, profile))
    # One vector of dp2 deliberately names no owner.
    assert {each.code for each in found} <= (set() if owner else {"owner-missing"})


@pytest.mark.parametrize(
    "vector", [v for v in of_model("28560-3", "28560-3") if v["direction"] == "both"], ids=lambda v: v["hex"][:44]
)
def test_vectors_of_part_3_are_healthy(vector: dict[str, Any]) -> None:
    memory, want = bytes.fromhex(vector["hex"]), vector["decoded"]
    if not want["primary_item_id"]:
        pytest.skip("names no item")
    owner = want["owner"]
    isil = f"{owner[:2]}-{owner[2:]}"
    tag = image(memory, dsfid=0x3E, afi=7, blocks=max(len(memory) // 4, 8) if len(memory) == 32 else 64)
    found = grave(examine(tag, TagProfile(isil=isil, model="28560-3", dsfid=0x3E)))
    assert {each.code for each in found} <= ({"owner-other"} if "DE-Own" in str(found) else set())


printable = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=16)


@given(
    identifier=printable,
    shelf=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x5F), max_size=12),
    usage=st.sampled_from([None, 0x10, 0x11, 0x00, 0x20, 0x60]),
    numbers=st.tuples(st.integers(1, 99), st.integers(1, 99)),
    lock=st.frozensets(st.sampled_from([1, 3, 5, 6])),
    slix2=st.booleans(),
)
def test_what_we_write_is_healthy(
    identifier: str, shelf: str, usage: int | None, numbers: tuple[int, int], lock: frozenset[int], slix2: bool
) -> None:
    profile = replace(PROFILE, lock=lock, call_number_on_tag=True)
    part, parts = sorted(numbers)
    content = TagContent(identifier, part=part, parts=parts, type_of_usage=usage, shelf_location=shelf)
    blank = image(blocks=80, uid=SLIX2) if slix2 else image()
    written = new_image(blank, content, profile)
    places = {
        block
        for element in iso28560_2_codec.decode(written.memory[:300]).content.elements
        if element.oid in lock
        for block in range(element.offset // 4, (element.offset + element.length - 1) // 4 + 1)
    }
    found = grave(examine(locked(written, *places), profile, barcode=identifier, parts=parts, part=part))
    assert not found


@pytest.mark.parametrize("name", [name for name in READY if not ready(name).read_only])
@given(
    number=st.integers(10_000, 9_999_999_999),
    shelf=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x5F), max_size=6),
    numbers=st.tuples(st.integers(1, 30), st.integers(1, 30)),
)
def test_what_the_ready_profiles_write_is_healthy(name: str, number: int, shelf: str, numbers: tuple[int, int]) -> None:
    site = ready(name)
    profile = site.tag_profile("DE-526")
    part, parts = sorted(numbers)
    content = TagContent(str(number), part=part, parts=parts, shelf_location=shelf if 6 in site.oids else "")
    blank = image(blocks=8) if profile.smallest == 32 else image()
    written = new_image(blank, content, profile)
    encoded = writable(profile.model).encode(as_written(content, profile), profile, 4, len(blank.memory))
    places = {
        block for offset, length in encoded.lock_bytes for block in range(offset // 4, (offset + length + 3) // 4)
    }
    found = grave(examine(locked(written, *places), profile, barcode=str(number), parts=parts, part=part))
    assert not found


# --- no exception on any tag ----------------------------------------------------------------------------------------

near = st.sampled_from(
    [item(BARCODE).memory, danish(BARCODE).ljust(112, b"\0"), three_m(BARCODE).ljust(112, b"\0"), SET.image.memory]
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    memory = bytearray(draw(near))
    for _ in range(draw(st.integers(0, 6))):
        memory[draw(st.integers(0, 111))] = draw(st.integers(0, 255))
    return bytes(memory)


contents = st.builds(
    TagContent,
    primary_item_identifier=st.text(max_size=20),
    owner_institution=st.text(max_size=20),
    part=st.integers(-2, 1200),
    parts=st.integers(-2, 1200),
)


@given(
    memory=st.one_of(st.binary(max_size=400), mutated()),
    uid=st.one_of(st.just(UID), st.just(SLIX2), st.text(max_size=20)),
    block_size=st.integers(0, 33),
    marks=st.lists(st.booleans(), max_size=90),
    system=st.tuples(st.integers(0, 255), st.sampled_from([0, 6, 0x3E, 7])),
    profile=st.builds(
        TagProfile,
        isil=st.sampled_from(["", ISIL, "DE-705", "Ä{}"]),
        model=st.sampled_from(["", "28560-2", "28560-3", "3m", "nonsense"]),
        lock=st.frozensets(st.integers(0, 40)),
        smallest=st.integers(0, 300),
        type_of_usage=st.integers(0, 255),
    ),
    options=st.fixed_dictionaries(
        {},
        optional={
            "barcode": st.text(max_size=20),
            "parts": st.integers(-1, 1000),
            "part": st.integers(-1, 1000),
            "unfinished": st.booleans(),
            "siblings": st.lists(contents, max_size=4),
            "in_stock": st.booleans(),
            "afi_locked": st.booleans(),
            "dsfid_locked": st.booleans(),
        },
    ),
)
def test_it_never_raises(
    memory: bytes,
    uid: str,
    block_size: int,
    marks: list[bool],
    system: tuple[int, int],
    profile: TagProfile,
    options: dict[str, Any],
) -> None:
    tag = TagImage(Uid(uid), block_size, memory, tuple(marks), *system)
    found = examine(tag, profile, **options)
    order = list(Severity)[::-1]
    assert [order.index(each.severity) for each in found] == sorted(order.index(each.severity) for each in found)
    for each in found:
        assert each.sentence
        assert each.advice
        assert each.offset is None or 0 <= each.offset < max(len(memory), 1)


@given(
    memory=st.one_of(
        st.binary(min_size=112, max_size=112), mutated(), near.map(lambda memory: memory[:4].ljust(112, b"\x55"))
    ),
    dsfid=st.sampled_from([0, 6, 0x3E, 0xC0, 0x44]),
)
def test_a_tag_that_is_neither_ours_nor_blank_has_something(memory: bytes, dsfid: int) -> None:
    tag = TagImage(UID, 4, memory, (False,) * 28, 7, dsfid)
    if recognise(tag, PROFILE).state not in (TagState.OURS, TagState.BLANK):
        assert grave(examine(tag, PROFILE))
