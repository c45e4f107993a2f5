"""Migration: one note for every element, and every note agrees with the new bytes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import ElementInvalid, EncodingError, Undecodable
from station.encoding.content import Decoding, ElementValue, Recognition, TagContent, TagProfile, TagState
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.migration.migration import Migration, MigrationNote, NoteKind, migrate
from station.encoding.profiles.profiles import ready
from station.encoding.recognition.recognise import recognise
from station.encoding.recognition.registry import DATA_MODELS, data_model, writable
from tests.support.sample_tags import ISIL, VECTORS, danish, image, three_m, vectors

PART_2 = ready("us-28560-2").tag_profile(ISIL)
PART_3 = ready("iso-28560-3").tag_profile(ISIL)
DANISH = ready("danish-32").tag_profile(ISIL)
KEPT, CHANGED, DROPPED, NO_ROOM, GUESSED = NoteKind
ID = "31234567890128"


def read(model: str, memory: bytes, blocks: int = 28) -> Decoding:
    tag = image(memory, blocks=blocks)
    return data_model(model).read(tag, tag.memory)


def part_2(content: TagContent, **more: bytes) -> Decoding:
    return read("28560-2", iso28560_2_codec.encode(content) + more.get("behind", b""), blocks=64)


def one(migration: Migration, oid: int) -> MigrationNote:
    found = [note for note in migration.notes if note.oid == oid]
    assert len(found) == 1, migration.notes
    return found[0]


def kinds(migration: Migration) -> dict[int, NoteKind]:
    return {note.oid: note.kind for note in migration.notes}


# --- duties of a migration, one by one --------------------------------------------------------------------------------


def test_the_example_of_the_standard_becomes_28560_3() -> None:
    memory = bytes.fromhex("9100051cbe991a140201d0140204b34607441cb6e2e335d6830207acc09ebaa06f6b0000")
    found = migrate(read("28560-2", memory), PART_3, size=112)
    assert kinds(found) == {1: KEPT, 2: DROPPED, 3: KEPT, 4: KEPT, 5: GUESSED, 6: KEPT}
    assert found.content == TagContent("123456789012", "US-InU-Mu", 3, 12, 0x10, "QA268.L55")
    assert found.encoded is not None
    assert found.encoded.data[:3] == b"\x11\x0c\x03"
    assert found.encoded.data[3:19] == b"123456789012".ljust(16, b"\0")
    assert found.encoded.data[21:34] == b"USInU-Mu".ljust(13, b"\0")
    assert b"QA268.L55" in found.encoded.data[34:]


def test_the_qualifier_of_the_usage_has_no_place_in_part_3() -> None:
    found = migrate(part_2(TagContent(ID, ISIL, type_of_usage=0x12)), PART_3, size=112)
    note = one(found, 5)
    assert (note.kind, note.before, note.after) == (CHANGED, "12", "10")
    assert "class" in note.reason
    assert migrate(part_2(TagContent(ID, ISIL, type_of_usage=0x12)), PART_2, size=112).content == TagContent(
        ID, ISIL, type_of_usage=0x12
    )


def test_the_hyphen_that_part_3_leaves_out_is_a_guess_on_the_way_back() -> None:
    note = one(migrate(read("28560-3", danish(ID, "DE705")), PART_2, size=112), 3)
    assert (note.kind, note.after) == (GUESSED, "DE-705")
    assert "DE705" in note.reason


def test_the_owner_is_replaced_only_when_asked() -> None:
    source = part_2(TagContent(ID, "DE-705"))
    assert one(migrate(source, PART_2, size=112), 3).kind is KEPT
    ours = one(migrate(source, PART_2, size=112, take_over=True), 3)
    assert (ours.kind, ours.before, ours.after) == (CHANGED, "DE-705", ISIL)
    none = migrate(part_2(TagContent(ID)), PART_2, size=112)
    assert 3 not in kinds(none)
    given_one = one(migrate(part_2(TagContent(ID)), PART_2, size=112, take_over=True), 3)
    assert (given_one.kind, given_one.before, given_one.after) == (CHANGED, "", ISIL)
    own = one(migrate(part_2(TagContent(ID, ISIL)), PART_2, size=112, take_over=True), 3)
    assert own.kind is KEPT


def test_what_3m_knows_and_no_element_holds_is_named() -> None:
    found = migrate(read("3m", three_m(ID)), PART_2, size=112, take_over=True)
    dropped = {note.name: note.before for note in found.notes if note.kind is DROPPED}
    assert dropped["Item type"] == "book"
    assert "Branch and library" in " ".join(dropped) or {"Branch", "Library"} <= set(dropped)
    assert any("ustom" in name for name in dropped)
    assert (one(found, 19).kind, one(found, 19).after) == (GUESSED, "01")
    assert found.content is not None
    assert found.content.primary_item_identifier == ID


@pytest.mark.parametrize(("kind", "media"), [(1, "01"), (4, "03"), (6, "02"), (5, None), (0, None), (14, None)])
def test_item_types_of_3m(kind: int, media: str | None) -> None:
    memory = bytearray(three_m(ID))
    memory[3] = kind
    found = migrate(read("3m", bytes(memory)), PART_2, size=112)
    assert dict(found.content.further if found.content else ()).get(19) == media


@pytest.mark.parametrize("oid", [14, 15, 16, 26])
def test_local_data_has_no_place_in_part_3(oid: int) -> None:
    found = migrate(
        part_2(TagContent(ID, ISIL, type_of_usage=0x10, further=((oid, "of ours"), (17, "Title")))), PART_3, size=112
    )
    note = one(found, oid)
    assert (note.kind, note.before, note.after) == (DROPPED, "of ours", "")
    assert note.reason
    assert one(found, 17).kind is KEPT


def test_an_owner_too_long_for_a_32_byte_tag_is_never_cut() -> None:
    owner = "DE-1234567890"
    found = migrate(part_2(TagContent(ID, owner, type_of_usage=0x10)), DANISH, size=32)
    assert found.encoded is None
    assert one(found, 3).kind is NO_ROOM
    assert "Owner institution" in found.refused
    assert {note.after for note in found.notes} == {""}
    ours = migrate(part_2(TagContent(ID, owner, type_of_usage=0x10)), DANISH, size=32, take_over=True)
    assert ours.encoded is not None
    assert len(ours.encoded.data) == 32
    assert one(ours, 3).after == ISIL
    listed = TagProfile(ISIL, dsfid=0x3E, model="28560-3", leave_out=(3,))
    assert one(migrate(part_2(TagContent(ID, owner)), listed, size=32), 3).kind is NO_ROOM
    assert migrate(part_2(TagContent(ID, owner)), listed, size=32).encoded is not None


def test_a_class_of_usage_that_the_danish_model_does_not_have_is_not_turned_into_another_silently() -> None:
    source = part_2(TagContent(ID, ISIL, type_of_usage=0x30))
    found = migrate(source, DANISH, size=32)
    assert found.encoded is None
    assert (one(found, 5).kind, one(found, 5).reason) == (NO_ROOM, "the Danish model has no class 3")
    assert "if leave_out lists it" in found.refused
    listed = migrate(source, replace(DANISH, leave_out=(5,)), size=32)
    # Doc 067 has no "none": class 1 is written, as in the Norwegian profile.
    assert (one(listed, 5).kind, one(listed, 5).before, one(listed, 5).after) == (CHANGED, "30", "10")
    assert one(listed, 5).reason
    # A qualifier is dropped alone, with a note.
    qualified = one(migrate(part_2(TagContent(ID, ISIL, type_of_usage=0x71)), DANISH, size=32), 5)
    assert (qualified.kind, qualified.before, qualified.after) == (CHANGED, "71", "70")


def test_an_identifier_too_long_for_a_32_byte_tag_stops_everything() -> None:
    found = migrate(part_2(TagContent("12345678901234567", ISIL)), DANISH, size=32)
    assert found.encoded is None
    assert found.content is None
    assert one(found, 1).kind is NO_ROOM
    assert one(found, 3).kind is DROPPED
    assert "Primary item identifier" in found.refused


def test_what_is_left_out_for_room_goes_in_the_order_of_the_profile() -> None:
    source = part_2(TagContent(ID, ISIL, 1, 1, 0x10, "QA 76.73", ((17, "A long title of a book"), (22, "Alternative"))))
    left: list[set[int]] = []
    for size in range(112, 32, -1):
        found = migrate(source, PART_2, size=size)
        assert found.encoded is not None
        assert len(found.encoded.data) <= size
        left.append({oid for oid, kind in kinds(found).items() if kind is NO_ROOM})
    steps = [now for before, now in pairwise([{0}, *left]) if now != before]
    # In the last step but one the shelf location is back: without it element 22 would not fit either.
    assert steps == [set(), {17}, {17, 6}, {17, 22}, {17, 6, 22}]
    plain = migrate(source, TagProfile(ISIL), size=64)
    assert {oid for oid, kind in kinds(plain).items() if kind is NO_ROOM} == {22}, "the highest relative OID first"
    other = TagProfile(ISIL, leave_out=(22, 6))
    assert {oid for oid, kind in kinds(migrate(source, other, size=64)).items() if kind is NO_ROOM} == {22}


def test_what_cannot_fit_at_all_goes_before_what_is_listed_first() -> None:
    """A title that does not fit beside the identifier and the owner displaces no other element."""
    target = TagProfile(ISIL, leave_out=(6, 17))
    source = part_2(TagContent(ID, ISIL, 1, 1, 0x10, "QA", ((17, "A title of a book, too long"),)))
    for size in range(34, 50):
        found = migrate(source, target, size=size)
        assert (one(found, 6).kind, one(found, 17).kind) == (KEPT, NO_ROOM), size


def test_nothing_fits_where_the_identifier_does_not() -> None:
    found = migrate(part_2(TagContent(ID, ISIL)), TagProfile(ISIL), size=6)
    assert found.encoded is None
    assert one(found, 1).kind is NO_ROOM
    small = migrate(part_2(TagContent(ID, ISIL)), TagProfile(ISIL, smallest=64), size=32)
    assert small.encoded is None
    assert "64" in small.refused


def test_what_the_profile_does_not_write_is_dropped_by_name() -> None:
    source = part_2(TagContent(ID, ISIL, 1, 1, 0x10, "QA", ((17, "Title"),)))
    found = migrate(source, PART_2, size=112, keep=ready("us-28560-2").oids)
    assert {oid for oid, kind in kinds(found).items() if kind is DROPPED} == {6, 17}
    assert (one(found, 17).before, one(found, 17).reason) == ("Title", "the site's profile does not write it")
    assert one(found, 6).reason == one(found, 17).reason


# --- claims -----------------------------------------------------------------------------------------------------------


def test_a_claim_is_refused_unless_the_barcode_was_scanned() -> None:
    tag = image(iso28560_2_codec.encode(TagContent(ID, ISIL, shelf_location="QA 76")), dsfid=0)
    claim = recognise(tag, PART_2)
    assert claim.state is TagState.INCOMPLETE
    refused = migrate(claim, PART_2, size=112)
    assert (refused.content, refused.encoded, refused.notes) == (None, None, ())
    assert "scan" in refused.refused
    found = migrate(claim, PART_2, size=112, barcode=ID)
    assert one(found, 1).kind is KEPT
    assert {one(found, oid).kind for oid in (3, 4, 6)} == {GUESSED}
    wrong = migrate(claim, PART_2, size=112, barcode="31234567890136")
    assert wrong.encoded is None
    assert "31234567890136" in wrong.refused
    assert migrate(recognise(tag, PART_2), PART_2, size=112, barcode=ID).encoded is not None


def test_an_unsound_decoding_is_a_claim() -> None:
    sound = part_2(TagContent(ID, ISIL))
    unsound = Decoding(sound.model, sound.content, 0.3, "plausible", sound=False)
    assert migrate(unsound, PART_2, size=112).encoded is None
    assert migrate(unsound, PART_2, size=112, barcode=ID).encoded is not None


def test_a_sound_tag_with_another_barcode_than_the_item_is_not_carried_over() -> None:
    found = migrate(part_2(TagContent(ID, ISIL)), PART_2, size=112, barcode="31234567890136")
    assert found.encoded is None


def test_a_tag_that_names_no_item_takes_the_scanned_barcode() -> None:
    source = read("28560-3", danish("", "DE705"))
    assert migrate(source, PART_2, size=112).encoded is None
    found = migrate(source, PART_2, size=112, barcode=ID)
    note = one(found, 1)
    assert (note.kind, note.before, note.after) == (CHANGED, "", ID)


@pytest.mark.parametrize("memory", [b"", b"\x55" * 24, b"here be dragons!" * 2])
def test_nothing_comes_from_nothing(memory: bytes) -> None:
    found = migrate(recognise(image(memory), PART_2), PART_2, size=112, barcode=ID)
    assert found == Migration(None, None, (), found.refused)
    assert found.refused


def test_a_target_that_only_reads_is_an_error() -> None:
    with pytest.raises(ElementInvalid):
        migrate(part_2(TagContent(ID)), ready("3m-read-only").tag_profile(ISIL), size=112)
    with pytest.raises(ValueError):
        migrate(part_2(TagContent(ID)), PART_2, size=0)


# --- oddities of the old tag ------------------------------------------------------------------------------------------


def test_swapped_parts_are_a_guess() -> None:
    found = migrate(read("28560-3", danish(ID, parts=2, part=3)), PART_2, size=112)
    note = one(found, 4)
    assert (note.kind, note.after) == (GUESSED, "part 2 of 3")


def test_an_element_whose_code_is_its_writers_own_is_not_copied_as_text() -> None:
    memory = iso28560_2_codec.encode(TagContent(ID, ISIL)) + bytes.fromhex("0802abcd")
    found = migrate(read("28560-2", memory), PART_2, size=112)
    assert (one(found, 8).kind, one(found, 8).before) == (DROPPED, "AB CD")
    assert "only its writer" in one(found, 8).reason


def test_a_text_that_the_station_cut_is_not_written_as_if_it_were_whole() -> None:
    for title, kind in (("x" * 199 + "…", DROPPED), ("Wait…", KEPT)):
        content = TagContent(ID, ISIL, further=((17, title),), elements=(ElementValue(17, "Title", title, 30, 203),))
        found = migrate(Decoding("28560-2", content, 0.9, "a test"), PART_2, size=512)
        assert one(found, 17).kind is kind


def test_a_tag_without_set_information_is_taken_for_a_single_part_and_that_is_a_guess() -> None:
    found = migrate(read("28560-2", bytes.fromhex("11051cbe991a14")), PART_2, size=112)
    note = one(found, 4)
    assert (note.kind, note.before, note.after) == (GUESSED, "", "part 1 of 1")
    assert "one part" in note.reason


def test_blocks_that_were_not_read_are_named() -> None:
    memory = danish(ID) + bytes.fromhex("0501000501")[:4] + b"\x77\x00"
    source = read("28560-3", memory)
    assert source.remarks
    found = migrate(source, PART_2, size=112)
    lost = [note for note in found.notes if note.oid == 0]
    assert [note.kind for note in lost] == [DROPPED]
    assert lost[0].reason


def test_an_unstructured_block_is_dropped_by_name() -> None:
    payload = b"vendor"
    head = bytes([4 + len(payload), 0x65, 0x00])
    check = 0
    for byte in head + payload:
        check ^= byte
    found = migrate(read("28560-3", danish(ID) + head + bytes([check]) + payload), PART_2, size=112)
    dropped = [note for note in found.notes if note.oid == 0]
    assert len(dropped) == 1
    assert "101" in dropped[0].name


# --- the rule, over all readable memories -----------------------------------------------------------------------------


def check(source: Decoding | Recognition, target: TagProfile, size: int, **more: object) -> Migration:
    """Migrate; check that every note agrees with the bytes, and that every element has exactly one note."""
    found = migrate(source, target, size=size, **more)  # type: ignore[arg-type]
    decoding = source.decoding if isinstance(source, Recognition) else source
    assert decoding is not None
    if not found.notes:
        assert found.refused
        assert found.encoded is None
        return found
    before = Counter(item.oid for item in decoding.content.elements)
    after = Counter(note.oid for note in found.notes)
    assert before - after == Counter(), "an element has no note"
    extra = after - before
    assert all(any(note.oid == oid and note.before == "" for note in found.notes) for oid in extra)
    assert all(count == 1 for oid, count in extra.items() if oid)
    there: dict[int, str] = {}
    if found.encoded is not None:
        assert len(found.encoded.data) <= size
        memory = found.encoded.data.ljust(size, b"\0")
        blocks = image(memory, blocks=-(-size // 4))
        got = data_model(target.model).read(blocks, memory)
        assert got.sound
        content = got.content
        there = {
            1: content.primary_item_identifier,
            3: content.owner_institution,
            4: f"part {content.part} of {content.parts}",
            5: "" if content.type_of_usage is None else f"{content.type_of_usage:02X}",
            6: content.shelf_location,
            **dict(content.further),
        }
        there |= {item.oid: item.value for item in content.elements if item.oid == 2}
        there = {oid: value for oid, value in there.items() if value}
        assert found.content is not None
        assert not found.refused
        assert {item.oid for item in content.elements if item.value} <= set(there)
    else:
        assert found.refused
        assert found.content is None
        assert any(note.kind is NO_ROOM for note in found.notes)
    written = [note for note in found.notes if note.after]
    assert {note.oid: note.after for note in written} == there
    assert len(written) == len(there)
    for note in found.notes:
        assert note.name
        assert (note.kind in (KEPT, CHANGED, GUESSED)) == bool(note.after), note
        assert note.kind is not KEPT or note.before == note.after, note
        assert note.kind is not CHANGED or note.before != note.after, note
        assert note.kind is KEPT or note.reason, note
    return found


TARGETS = ((PART_2, 112), (PART_3, 112), (DANISH, 32), (PART_2, 32), (PART_3, 36), (PART_2, 256), (PART_3, 256))


def _everything() -> list[tuple[str, Decoding]]:
    """Return all published memories that some model reads, by every model that reads them."""
    found = []
    for path in sorted(VECTORS.glob("*.jsonl")):
        for vector in vectors(path.stem):
            try:
                memory = bytes.fromhex(vector.get("hex", ""))
            except ValueError:
                continue
            for model in DATA_MODELS:
                tag = image(memory, blocks=max(28, -(-len(memory) // 4)))
                try:
                    found.append((f"{path.stem} {memory[:12].hex()}", model.read(tag, tag.memory)))
                except Undecodable:
                    continue
    assert len(found) > 20
    return found


@pytest.mark.parametrize(("target", "size"), TARGETS)
def test_every_published_memory_to_every_target(target: TagProfile, size: int) -> None:
    for _, decoding in _everything():
        for take_over in (False, True):
            check(decoding, target, size, take_over=take_over)
            check(decoding, target, size, take_over=take_over, barcode=decoding.content.primary_item_identifier or ID)


TEXT = st.text(st.sampled_from("ABCDEFGHIJ 0123456789-.abcäßΩ"), min_size=1, max_size=24).map(
    lambda t: " ".join(t.split()) or "x"
)
ISILS = st.sampled_from(["", ISIL, "DE-705", "DE-526", "CN-120104-C-YBL", "FI-Em", "ZDB-1", "O-1234", "DK-718500"])
FURTHER = {
    **dict.fromkeys((7, 8, 9, 10, 12, 14, 15, 16, 17, 18, 21, 22, 24, 25, 26), TEXT),
    11: st.sampled_from(["DE-526", "US-X"]),
    13: st.integers(0, 10**13 - 1).map("{:013d}".format),
    19: st.integers(0, 255).map("{:02X}".format),
    20: st.integers(0, 255).map("{:02X}".format),
    23: st.sampled_from(["Lib01", "Stadtbücherei", "DE-705"]),
}


@st.composite
def contents(draw: st.DrawFn) -> TagContent:
    parts = draw(st.integers(1, 300))
    chosen = draw(st.lists(st.sampled_from(sorted(FURTHER)), unique=True, max_size=6))
    return TagContent(
        draw(
            st.one_of(
                st.from_regex(r"[0-9]{6,18}", fullmatch=True), st.from_regex(r"[A-Z][A-Z0-9]{2,17}", fullmatch=True)
            )
        ),
        draw(ISILS),
        draw(st.integers(1, parts)),
        parts,
        draw(st.one_of(st.none(), st.integers(0, 255))),
        draw(st.one_of(st.just(""), TEXT)),
        tuple((oid, draw(FURTHER[oid])) for oid in sorted(chosen)),
    )


@given(contents(), st.sampled_from(["28560-2", "28560-3"]), st.sampled_from(TARGETS), st.booleans())
def test_every_content_to_every_target(
    content: TagContent, model: str, to: tuple[TagProfile, int], take_over: bool
) -> None:
    profile = TagProfile(ISIL, model=model)
    try:
        memory = writable(model).encode(content, profile, 4, 512).data
    except EncodingError:
        return
    target, size = to
    check(read(model, memory, blocks=128), target, size, take_over=take_over)


@given(contents(), st.sampled_from(TARGETS), st.sets(st.integers(1, 26)))
def test_the_profiles_own_choice_of_elements(content: TagContent, to: tuple[TagProfile, int], keep: set[int]) -> None:
    try:
        source = part_2(content)
    except EncodingError:
        return
    target, size = to
    found = check(source, target, size, keep=keep)
    written = {note.oid for note in found.notes if note.after}
    assert written <= keep | {1, 2, 3, 4, 5}


@given(contents())
def test_on_a_large_tag_of_the_same_model_nothing_is_lost(content: TagContent) -> None:
    try:
        source = part_2(content)
    except EncodingError:
        return
    found = check(source, PART_2, 512)
    assert found.encoded is not None
    assert {note.kind for note in found.notes if note.oid not in (2, 5)} == {KEPT}
    assert found.content is not None
    assert found.content.further == source.content.further


@given(st.binary(min_size=28, max_size=64), st.sampled_from(TARGETS))
def test_any_memory_that_is_read_at_all(memory: bytes, to: tuple[TagProfile, int]) -> None:
    target, size = to
    for start in (b"", b"\x11\x06\x1c\x68\x5d\x52\xe4\xd0", bytes([4, 0x11, 0, 1]) + b"ABC123".ljust(16, b"\0")):
        tag = image(start + memory, blocks=32)
        for model in DATA_MODELS:
            try:
                decoding = model.read(tag, tag.memory)
            except Undecodable:
                continue
            check(decoding, target, size, barcode=decoding.content.primary_item_identifier or ID)
