"""Recognition of a tag: its state, the reasons, and their sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import DumpUnreadable
from station.base.text import clean
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import BEING_WRITTEN, TagContent, TagProfile, TagState, user_memory
from station.encoding.doctor.doctor import examine
from station.encoding.doctor.system import SYSTEM_CHECKS
from station.encoding.dumps.value import Format
from station.encoding.dumps.write import listing, write_dump
from station.encoding.iso28560_2 import codec as iso28560_2_codec
from station.encoding.recognition import evidence
from station.encoding.recognition.explain import explain
from station.encoding.recognition.recognise import recognise
from station.encoding.recognition.registry import DATA_MODELS, data_model
from station.encoding.write_plan.verify import differences
from tests.encoding.hostile_memories import TAGS
from tests.support.for_each import for_each
from tests.support.sample_tags import ISIL, PROFILE, danish, image, of_model, three_m

OURS = iso28560_2_codec.encode(TagContent("31234567890128", ISIL, type_of_usage=0x10))
THEIRS = iso28560_2_codec.encode(TagContent("31234567890128", "DE-Heu1", type_of_usage=0x10))
NOBODYS = iso28560_2_codec.encode(TagContent("31234567890128"))
OURS_3 = danish("31234567890128", "USInU-Mu")
MODEL_NAMES = sorted(model.name for model in DATA_MODELS)
CERTAIN = sorted(model.name for model in DATA_MODELS if not getattr(model, "only_claims", False))


@for_each(
    ("memory", "dsfid", "state", "model", "reason"),
    [
        (b"", 0x00, TagState.BLANK, "blank", "zero"),
        (b"", 0x06, TagState.BLANK, "blank", "DSFID is 06"),
        (b"\x55" * 24, 0x00, TagState.BLANK, "blank", "3M"),
        (OURS, 0x06, TagState.OURS, "28560-2", "this library"),
        (OURS, 0x00, TagState.INCOMPLETE, "28560-2", "not finished"),
        (OURS, 0x3E, TagState.INCOMPLETE, "28560-2", "not finished"),
        (OURS, 0x02, TagState.INCOMPLETE, "28560-2", "claim only"),
        (THEIRS, 0x06, TagState.FOREIGN, "28560-2", "DE-Heu1, not US-InU-Mu"),
        (THEIRS, 0x00, TagState.INCOMPLETE, "28560-2", "not finished"),
        (NOBODYS, 0x06, TagState.FOREIGN, "28560-2", "names no owner"),
        (bytes(4) + OURS[4:], 0x06, TagState.INCOMPLETE, "unknown", "not finished"),
        (bytes(4) + OURS[4:], 0x00, TagState.INCOMPLETE, "unknown", "first block is zero"),
        (danish("123"), 0x3E, TagState.FOREIGN, "28560-3", "CRC is right"),
        (danish("123"), 0x00, TagState.INCOMPLETE, "28560-3", "another system"),
        (danish("123"), 0x06, TagState.INCOMPLETE, "28560-3", "claim only"),
        (danish(""), 0x3E, TagState.INCOMPLETE, "28560-3", "names no item"),
        (OURS_3, 0x3E, TagState.OURS, "28560-3", "this library"),
        (three_m("31234567890128"), 0x00, TagState.FOREIGN, "3m", "3M"),
        # The station's own mark applies to every model, also to a model whose tags have no mark, and to blank memory.
        (three_m("31234567890128"), 0xC0, TagState.INCOMPLETE, "3m", "DSFID C0 says"),
        (OURS, 0xC0, TagState.INCOMPLETE, "28560-2", "DSFID C0 says"),
        (OURS_3, 0xC0, TagState.INCOMPLETE, "28560-3", "DSFID C0 says"),
        (b"", 0xC0, TagState.INCOMPLETE, "unknown", "DSFID C0 says"),
        (b"\xff" * 112, 0xC0, TagState.INCOMPLETE, "unknown", "DSFID C0 says"),
        (b"\xff" * 112, 0x06, TagState.UNKNOWN, "unknown", "no data model"),
        (b"W_OK", 0x06, TagState.UNKNOWN, "unknown", "no data model"),
    ],
)
def test_states(memory: bytes, dsfid: int, state: TagState, model: str, reason: str) -> None:
    found = recognise(image(memory, dsfid=dsfid), PROFILE)
    assert (found.state, found.model) == (state, model)
    assert any(reason in line for line in found.reasons), found.reasons
    assert bool(found.identifier) == (state in (TagState.OURS, TagState.FOREIGN))
    if state is TagState.INCOMPLETE and model != "unknown" and memory != danish(""):
        assert found.content is not None
        assert found.content.primary_item_identifier


@pytest.mark.parametrize(
    ("memory", "state"),
    [
        (b"", TagState.BLANK),
        (OURS, TagState.INCOMPLETE),
        (OURS_3, TagState.INCOMPLETE),
        (three_m("31234567890128"), TagState.FOREIGN),
        (b"W_OK", TagState.UNKNOWN),
    ],
)
def test_a_dsfid_and_an_afi_that_the_reader_does_not_tell(memory: bytes, state: TagState) -> None:
    """Unknown values mark nothing as finished, and no rule judges them. Every display shows that they are unknown."""
    untold = replace(image(memory), dsfid=None, afi=None)
    found = recognise(untold, PROFILE)
    assert found.state is state
    assert (state is TagState.INCOMPLETE) == any("does not tell the DSFID" in reason for reason in found.reasons)
    words = explain(untold, found, PROFILE)
    assert "DSFID: this reader does not tell it." in words and "AFI: this reader does not tell it." in words
    assert not {one.code for one in examine(untold, PROFILE)} & {one.code for one in SYSTEM_CHECKS}
    assert listing(untold)[0].endswith("DSFID not told  AFI not told")
    assert differences(image(memory, dsfid=6), untold)[0] == "DSFID: 06 expected, not told read"
    for form in (Format.FLIPPER, Format.PROXMARK):
        with pytest.raises(DumpUnreadable, match="did not report them"):
            write_dump(untold, form)


def test_without_an_isil_nothing_is_ours() -> None:
    nobody = TagProfile(isil="")
    assert recognise(image(NOBODYS, dsfid=6), nobody).state is TagState.FOREIGN
    assert recognise(image(danish("1", ""), dsfid=0x3E), nobody).state is TagState.FOREIGN


def test_the_owner_must_be_equal_not_similar() -> None:
    for isil in ("US-InU", "US-InU-Mu2", "us-inu-mu", "DE-InU-Mu"):
        assert recognise(image(OURS, dsfid=6), TagProfile(isil=isil)).state is TagState.FOREIGN


def test_a_collection_may_accept_other_dsfids() -> None:
    tolerant = TagProfile(isil=ISIL, dsfids_28560_2=(0x06, 0x86), dsfids_28560_3=(0x3E, 0x00))
    assert recognise(image(OURS, dsfid=0x86), tolerant).state is TagState.OURS
    assert recognise(image(danish("123"), dsfid=0), tolerant).state is TagState.FOREIGN
    assert recognise(image(OURS, dsfid=0), tolerant).state is TagState.INCOMPLETE


def test_the_profile_s_own_dsfid_commits() -> None:
    assert recognise(image(OURS, dsfid=0x46), TagProfile(isil=ISIL, dsfid=0x46)).state is TagState.OURS


def test_a_tag_without_memory() -> None:
    for block_size in (0, 4):
        nothing = TagImage(Uid("E004015000000001"), block_size, b"", (), 0, 6)
        assert recognise(nothing, PROFILE).state is TagState.UNKNOWN
        assert explain(nothing, recognise(nothing, PROFILE))


def test_the_counter_of_a_slix2_is_no_memory() -> None:
    slix2 = "E00401081F453D8F"
    counter = bytes(79 * 4) + bytes.fromhex("05000001")
    memory = TagState.INCOMPLETE  # "something behind block 0"
    for uid, state in (
        (slix2, TagState.BLANK),
        ("E00401501F453D8F", memory),
        ("E00401181F453D8F", memory),  # bit 36 set: SLIX
        ("E00402081F453D8F", memory),  # another chip family
        ("nonsense", memory),
    ):
        assert recognise(image(counter, blocks=80, uid=uid), PROFILE).state is state
    assert len(user_memory(image(counter, blocks=80, uid=slix2))) == 316
    assert any("counter" in line for line in explain(image(counter, blocks=80, uid=slix2), recognise(image(), PROFILE)))


# --- safety ---------------------------------------------------------------------------------------------------------


@given(TAGS)
def test_any_tag_is_judged_and_an_unfinished_one_is_never_an_identity(tag: TagImage) -> None:
    found = recognise(tag, PROFILE)
    assert found.reasons
    assert 0 <= found.confidence <= 1
    assert found.content == (found.decoding.content if found.decoding else None)
    if found.identifier:
        decoding = found.decoding
        assert decoding is not None
        assert decoding.sound
        assert found.content is not None
        assert found.identifier == found.content.primary_item_identifier
        assert any(user_memory(tag)[: tag.block_size])
        if data_model(found.model).marks_completion:
            assert PROFILE.commits(found.model, tag.dsfid)
    if found.state in (TagState.BLANK, TagState.UNKNOWN):
        assert found.decoding is None
    if tag.dsfid == BEING_WRITTEN and tag.memory and tag.block_size:
        assert found.state is TagState.INCOMPLETE


@given(TAGS)
def test_candidates_are_all_models_ranked_with_reasons(tag: TagImage) -> None:
    found = recognise(tag, PROFILE)
    if found.candidates:
        # Models that can only make a claim are tried if no other model reads the memory soundly.
        asked = sorted(candidate.model for candidate in found.candidates)
        assert asked == (CERTAIN if found.candidates[0].sound else MODEL_NAMES)
    ranks = [(candidate.sound, candidate.confidence) for candidate in found.candidates]
    assert ranks == sorted(ranks, reverse=True)
    for candidate in found.candidates:
        assert candidate.reasons[0] == candidate.reason
        assert (candidate.confidence > 0) == (not candidate.reason.startswith("Not "))
    if found.decoding is not None:
        best = found.candidates[0]
        assert (best.model, best.confidence, best.sound) == (found.model, found.confidence, found.decoding.sound)


@given(TAGS)
def test_what_is_said_is_clean(tag: TagImage) -> None:
    found = recognise(tag, PROFILE)
    for line in (*found.reasons, *(reason for c in found.candidates for reason in c.reasons)):
        assert clean(line, 2000) == " ".join(line.split()), line


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=80), st.integers(1, 90))
def test_clean_has_a_short_way_for_plain_text_that_changes_nothing(text: str, limit: int) -> None:
    # An invisible character forces the long way, which removes it.
    assert clean(text, limit) == clean(f"\u200b{text}"[: limit * 8], limit) or len(text) >= limit * 8


# --- every vector, each as its model only ---------------------------------------------------------------------------

FULL_TAGS = [
    (name, vector)
    for file, models in (
        ("28560-2", ("28560-2", "28560-2/hint")),
        ("28560-3", ("28560-3", "danish/reversed-blocks")),
        ("3m-rfid501", ("3m-rfid501",)),
    )
    for model in models
    for vector in of_model(file, model)
    for name in [file.removesuffix("-rfid501")]
]


@for_each(("name", "vector"), FULL_TAGS)
def test_every_vector_is_recognised_as_its_model_and_as_no_other(name: str, vector: dict[str, Any]) -> None:
    memory = bytes.fromhex(vector["hex"])
    for blocks in (0, 28, 80):
        size = max(blocks, -(-len(memory) // 4))
        dsfid = {"28560-2": 0x06, "28560-3": 0x3E}.get(name, 0)
        found = recognise(image(memory, dsfid=dsfid, blocks=size), PROFILE)
        if "state" in vector["decoded"]:
            assert found.state is TagState.BLANK
            continue
        if vector.get("negative"):
            assert not found.identifier
            assert not any(candidate.sound for candidate in found.candidates)
            continue
        assert found.model == name
        first, *others = found.candidates
        assert first.model == name
        assert first.sound
        # "11 01 01 00" begins a Danish tag without an item and is also a whole ISO 28560-2 tag: the CRC decides.
        for other in others:
            assert not other.sound or other.confidence < first.confidence
        assert found.decoding is not None
        assert found.decoding.model == name


@pytest.mark.parametrize("vector", of_model("28560-3", "28560-3/negative"), ids=lambda value: value["hex"][:24])
def test_a_wrong_check_is_never_an_identity(vector: dict[str, Any]) -> None:
    for dsfid in (0x3E, 0x06, 0x00):
        found = recognise(image(bytes.fromhex(vector["hex"]), dsfid=dsfid), PROFILE)
        assert not found.identifier
        assert found.state in (TagState.INCOMPLETE, TagState.UNKNOWN)
        assert any("CRC is wrong" in reason for candidate in found.candidates for reason in candidate.reasons)


# --- the content of unknown memory ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("memory", "reason"),
    [
        (bytes.fromhex("e1400d01 030b d101 0754 02656e 68656c6c6f fe"), "NFC tag for phones does and holds a message"),
        (bytes.fromhex("e2400001 00000400 030b d101"), "NFC tag for phones does and holds a message"),
        (bytes.fromhex("e1400d01"), "NFC tag for phones does:"),
        (b"\xff" * 112, "Bytes 0 to 111 all hold FF"),
        (b"\xc3\xa9" + b"LIBRARY   7 " + bytes(40), 'Readable text at byte 2: "LIBRARY 7".'),
        (b"\xc3\xa9\xff" + b"\0" * 20 + b"W_OK" + b"\1", 'The mark "W_OK" of a Bibliotheca writer stands at byte 23'),
        (bytes(range(255, 143, -1)), "The rest looks random"),
    ],
)
def test_an_unknown_memory_comes_with_evidence(memory: bytes, reason: str) -> None:
    found = recognise(image(memory), PROFILE)
    assert found.state is TagState.UNKNOWN
    assert any(reason in line for line in found.reasons), found.reasons


def test_evidence_is_bounded() -> None:
    many = (b"\xfeabcd" + b"\xee" * 8) * 100
    said = evidence.sentences(many)
    assert len([line for line in said if "Readable" in line]) == evidence.MOST_TOLD
    assert len([line for line in said if "all hold" in line]) == evidence.MOST_TOLD
    assert said[-2:] == ("97 more pieces of readable text.", "97 more places with one repeated byte.")
    assert len(evidence.ranges(many)) == 200


@pytest.mark.parametrize("memory", [b"", b"\0", b"abc", bytes(range(1, 40)), b"\x11\x01" * 40])
def test_chance_is_not_seen_in_little_or_orderly_data(memory: bytes) -> None:
    assert not any("random" in line for line in evidence.sentences(memory))


def with_locks(memory: bytes, at: int, size: int = 4) -> bytes:
    """Return the memory with a lock byte before (0) or after (`size`) each block."""
    blocks = (memory[block : block + size] for block in range(0, len(memory), size))
    return b"".join(block[:at] + b"\0" + block[at:] for block in blocks)


def turned(memory: bytes, size: int = 4) -> bytes:
    return b"".join(memory[block : block + size][::-1] for block in range(0, len(memory), size))


@for_each(
    ("memory", "title"),
    [
        (turned(OURS.ljust(112, b"\0")), "ISO 28560-2"),
        (turned(OURS.ljust(112, b"\0"), 8), "ISO 28560-2"),
        (OURS.ljust(112, b"\0")[::-1], "ISO 28560-2"),
        (turned(OURS.ljust(112, b"\0")[::-1]), "ISO 28560-2"),
        (with_locks(OURS.ljust(112, b"\0"), 0), "ISO 28560-2"),
        (with_locks(OURS.ljust(112, b"\0"), 4), "ISO 28560-2"),
        (with_locks(turned(OURS_3), 0), "ISO 28560-3 (Danish model)"),
        (with_locks(turned(three_m("31234567890128")), 0), "3M"),
    ],
)
def test_another_order_of_bytes_is_named_and_never_a_tag_to_write_again(memory: bytes, title: str) -> None:
    tag = replace(image(), memory=memory, locked=(False,) * (len(memory) // 4), dsfid=6)
    judged = recognise(tag, PROFILE)
    assert (judged.state, judged.identifier) == (TagState.UNKNOWN, ""), "an order of bytes gives no identity"
    assert any(f" a tag of {title}" in reason and "Correct the reader" in reason for reason in judged.reasons)
    diagnoses = {each.code: each.advice for each in examine(tag, PROFILE)}
    assert "byte-order" in diagnoses and "structure-broken" not in diagnoses
    assert not any("again" in advice for advice in diagnoses.values())
