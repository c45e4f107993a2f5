"""The tag doctor in detail: byte positions, sets, owners, AFI pairs, text with control characters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.domain.tag_image import TagImage
from station.encoding.content import (
    Severity,
    TagContent,
)
from station.encoding.doctor.doctor import examine
from station.encoding.doctor.item import is_isil
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from tests.encoding.doctor.cases import (
    BARCODE,
    CASES,
    DANISH,
    DANISH_PROFILE,
    HEALTHY,
    MINE,
    OTHER,
    PLAIN,
    SET,
    Seen,
    changed,
    locked,
    one_with,
    part_2,
)
from tests.support.for_each import for_each
from tests.support.sample_tags import ISIL, PROFILE, UID, danish, image, item, three_m


def test_broken_structure_names_the_byte_of_the_announced_model() -> None:
    broken = changed(HEALTHY.image, 1, b"\x7f")
    [one] = [each for each in examine(broken, PROFILE) if each.code == "structure-broken"]
    assert "ISO 28560-2" in one.sentence
    with pytest.raises(iso28560_2_codec.Undecodable) as error:
        iso28560_2_codec.decode(broken.memory)
    assert one.offset == error.value.offset
    assert f"byte {one.offset}" in one.sentence


def test_leftover_item_has_its_place_and_number() -> None:
    sick, _ = CASES["leftover-item"]
    [one] = [each for each in sick.diagnoses() if each.code == "leftover-item"]
    assert "123456789012" in one.sentence
    assert one.offset is not None
    assert sick.image.memory[one.offset : one.offset + len(PLAIN)] == PLAIN


def test_leftover_text_has_its_place() -> None:
    sick, _ = CASES["leftover-text"]
    [one] = [each for each in sick.diagnoses() if each.code == "leftover-text"]
    assert (one.offset, one.length) == (81, 9)
    assert "Smith, J." in one.sentence


def test_the_marker_of_a_writer_is_no_private_text() -> None:
    marked = examine(changed(HEALTHY.image, 108, b"W_OK"), PROFILE)
    assert {each.severity for each in marked} <= {Severity.INFO}
    assert not {each.code for each in marked} & {"leftover-item", "leftover-text", "leftover-bytes"}


def test_places() -> None:
    first = one_with(CASES["first-block-zero"][0].diagnoses(), "first-block-zero")
    assert (first.offset, first.length) == (0, 4)
    rest = one_with(CASES["leftover-bytes"][0].diagnoses(), "leftover-bytes")
    assert (rest.offset, rest.length) == (80, 2)
    earlier = part_2((1, BARCODE), (3, ISIL))
    end = len(iso28560_2_codec.encode_elements([(1, BARCODE), (3, ISIL)]))
    late = one_with(examine(changed(earlier, end + 9, PLAIN), PROFILE), "leftover-item")
    assert (late.offset, late.length) == (end + 9, len(PLAIN))
    owner = one_with(CASES["owner-malformed"][0].diagnoses(), "owner-malformed")
    assert owner.offset is not None
    assert CASES["owner-malformed"][0].image.memory[owner.offset] & 0x0F == 3


def test_the_last_byte_can_be_at_fault() -> None:
    [one] = [
        each for each in examine(TagImage(UID, 4, b"\x11\x01\x05\x03", (), 7, 6), PROFILE) if each.offset is not None
    ]
    assert (one.code, one.offset) == ("structure-broken", 3)


@pytest.mark.parametrize(("length", "code"), [(10, "owner-other"), (11, "owner-cut")])
def test_an_owner_is_cut_only_where_its_field_is_full(length: int, code: str) -> None:
    isil = "US-InUMusicLib"
    tag = image(danish(BARCODE, isil.replace("-", "")[:length], size=32), dsfid=0x3E, afi=7, blocks=8)
    found = {each.code for each in examine(tag, replace(PROFILE, isil=isil))}
    assert found & {"owner-other", "owner-cut"} == {code}


@pytest.mark.parametrize(("parts", "named"), [(14, "missing: 3 to 14."), (15, "missing: 13 parts.")])
def test_many_missing_parts_are_counted(parts: int, named: str) -> None:
    sick = Seen(item(BARCODE, part=2, parts=parts), siblings=(replace(MINE, parts=parts),))
    assert one_with(sick.diagnoses(), "set-incomplete").sentence.endswith(named)


def test_two_of_the_other_tags_may_be_the_same_part() -> None:
    assert "part 1." in one_with(replace(SET, siblings=(MINE, MINE)).diagnoses(), "part-twice").sentence


def test_a_single_item_among_others_lacks_nothing() -> None:
    other = TagContent(OTHER, ISIL)
    assert {each.code for each in replace(HEALTHY, siblings=(other,)).diagnoses()} == {"stranger"}


def test_text_on_a_tag_cannot_act() -> None:
    hostile = changed(HEALTHY.image, 80, b"\x1b]52;c;AAAA\x07 Smith")
    for each in examine(hostile, PROFILE):
        assert each.sentence.isprintable()


def test_a_3m_tag_is_not_blamed_for_naming_no_owner() -> None:
    found = {each.code for each in examine(image(three_m(BARCODE), afi=7), PROFILE)}
    assert "owner-missing" not in found
    assert "other-model" in found


def test_the_pair_of_the_profile_counts_and_not_the_number() -> None:
    site = replace(PROFILE, afi_in_stock=0xDA, afi_on_loan=0xD7)
    assert not examine(replace(HEALTHY.image, afi=0xDA), site)
    assert {each.code for each in examine(replace(HEALTHY.image, afi=0xD7), site)} == {"afi-on-loan"}
    assert {each.code for each in examine(replace(HEALTHY.image, afi=0xC2), site)} == {"afi-other-system"}


@pytest.mark.parametrize(
    ("afi", "use"),
    [(0x07, "in stock"), (0xC2, "on loan"), (0x21, "on loan"), (0xD6, "3M"), (0xD7, "3M"), (0xDA, "3M")],
)
def test_values_of_other_systems_are_named(afi: int, use: str) -> None:
    elsewhere = replace(PROFILE, afi_in_stock=0x90, afi_on_loan=0x91)
    one = one_with(examine(replace(HEALTHY.image, afi=afi), elsewhere), "afi-other-system")
    assert f"AFI {afi:02X}" in one.sentence
    assert use in one.sentence
    # The 3M values get no meaning, because the source contradicts itself.
    assert ("contradict" in one.sentence) is (use == "3M")


@pytest.mark.parametrize(("known", "noted"), [(None, True), (False, False), (True, False)])
def test_whether_the_afi_is_locked_may_be_unknown(known: bool | None, noted: bool) -> None:
    found = examine(replace(HEALTHY.image, afi=0), PROFILE, afi_locked=known)
    assert ("whether the AFI is locked" in one_with(found, "afi-not-set").detail) is noted


@pytest.mark.parametrize(
    ("dsfid", "code"),
    [(0x00, "dsfid-unfinished"), (0xC0, "dsfid-unfinished"), (0x3E, "dsfid-other-model"), (0x44, "dsfid-unknown")],
)
def test_a_dsfid_gets_one_diagnosis(dsfid: int, code: str) -> None:
    assert {each.code for each in examine(replace(HEALTHY.image, dsfid=dsfid), PROFILE)} == {code}


def test_a_collection_whose_finished_tags_have_dsfid_00() -> None:
    old = replace(DANISH_PROFILE, dsfids_28560_3=(0x3E, 0x00))
    assert examine(replace(DANISH.image, dsfid=0), old) == ()


def test_a_gate_that_does_not_use_the_afi() -> None:
    one_value = replace(PROFILE, afi_in_stock=0xC2, afi_on_loan=0xC2)
    assert not examine(replace(HEALTHY.image, afi=0xC2), one_value)


def test_a_locked_block_behind_the_content_is_not_in_the_way() -> None:
    found = {each.code for each in examine(locked(part_2((1, BARCODE), (3, "DE-705")), 27), PROFILE)}
    assert "locked-in-the-way" not in found


def test_only_the_blocks_that_must_change_are_in_the_way() -> None:
    foreign = part_2((1, BARCODE), (3, "DE-705"))
    # The identifier is already there, in the same place.
    assert "locked-in-the-way" not in Seen(locked(foreign, 0)).codes()
    one = one_with(Seen(locked(foreign, 0, 4)).diagnoses(), "locked-in-the-way")
    assert "locked blocks are in the way (block 4)" in one.sentence
    assert (one.offset, one.length) == (16, 4)
    assert one.detail == f"block 4 holds {foreign.memory[16:20].hex(' ').upper()}"


@pytest.mark.parametrize(("block", "for_ever"), [(0, True), (1, True), (2, False)])
def test_a_lock_on_any_block_of_a_wrong_identifier_is_for_ever(block: int, for_ever: bool) -> None:
    tag = item(OTHER)
    identifier = iso28560_2_codec.decode(tag.memory).raw[0]
    assert (identifier.offset, identifier.length) == (0, 8)
    found = Seen(locked(tag, block), barcode=BARCODE).diagnoses()
    assert ("locked-wrong-identifier" in {each.code for each in found}) is for_ever
    if for_ever:
        assert one_with(found, "locked-wrong-identifier").detail == f"locked: {block}"
        # One cause is reported once.
        assert "locked-in-the-way" not in {each.code for each in found}


def test_the_blocks_that_should_be_locked() -> None:
    one = one_with(CASES["not-locked"][0].diagnoses(), "not-locked")
    assert one.sentence == "Not locked, although this library locks what is there: block 1."
    assert (one.offset, one.length) == (4, 4)


def test_locks_of_a_tag_with_blocks_of_one_byte() -> None:
    tag = replace(item(BARCODE), block_size=1, locked=(False,) * 112)
    assert Seen(tag).diagnoses() == ()
    one = one_with(Seen(locked(tag, 1, 2)).diagnoses(), "locked-needlessly")
    assert one.sentence.endswith("does not lock what is there: blocks 1 to 2.")
    assert (one.offset, one.length) == (1, 1)
    wrong = one_with(Seen(locked(tag, 3), barcode=OTHER).diagnoses(), "locked-wrong-identifier")
    assert wrong.detail == "locked: 3"


def test_a_tag_without_memory_is_not_too_small() -> None:
    assert {each.code for each in examine(TagImage(UID, 4, b"", (), 7, 6), replace(PROFILE, smallest=32))} == {
        "memory-unread"
    }


@for_each(
    ("text", "good"),
    [
        ("US-InU-Mu", True),
        ("DE-526", True),
        ("CN-120104-C-YBL", True),
        ("ZDB-1", True),
        ("OCLC-DLC", True),
        ("FI-He", True),
        ("us-InU", False),
        ("DE526", False),
        ("GB-", False),
        ("GB-1234567890123", True),
        ("GB-12345678901234", False),
        ("USA12-1", False),
        ("DE-Fé", False),
        ("CN-130103-1-SJZLIB", False),
        ("", False),
    ],
)
def test_the_form_of_an_isil(text: str, good: bool) -> None:
    # biblstandard.dk/isil/structure.htm. The last CN one is a genuine field tag that breaks the rule.
    assert is_isil(text) is good
