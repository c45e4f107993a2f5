"""Writing 28560-3 and the Danish model: exactly the published bytes, contents both ways, everything else refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.base.errors import DoesNotFit, ElementInvalid
from station.base.text import clean
from station.encoding.content import TagContent, TagProfile, TagState
from station.encoding.iso15962.data_elements import element
from station.encoding.iso28560_3.basic_block import BASIC, SHORT, decode
from station.encoding.iso28560_3.danish import Danish, Danish32
from station.encoding.iso28560_3.models import Iso28560Part3
from station.encoding.iso28560_3.write import Choices, cannot_carry, encode, objections
from station.encoding.recognition.data_model import WritableModel
from station.encoding.recognition.recognise import recognise
from station.encoding.recognition.registry import data_model, writable
from tests.encoding.iso28560_3.written import codes, contents, crc, frame, owned
from tests.support.for_each import for_each
from tests.support.sample_tags import danish, image, of_model
from tests.support.told import told

BOTH = [vector for vector in of_model("28560-3", "28560-3") if vector["direction"] == "both"]
PROFILE = TagProfile(isil="DE-705", model="28560-3", dsfid=0x3E)
SPILLING = Choices(spill_owner=True)
PLAIN = TagContent("3012", "DE-705", type_of_usage=0x10)


def bare(content: TagContent) -> TagContent:
    """Return the content without its evidence."""
    return replace(content, elements=())


# --- the published bytes --------------------------------------------------------------------------------------------


@for_each("vector", BOTH)
@for_each("model", ["28560-3", "danish", "danish-32"])
def test_a_vector_is_written_byte_for_byte(vector: dict[str, Any], model: str) -> None:
    want = bytes.fromhex(vector["hex"])
    row = vector["decoded"]
    content = TagContent(
        row["primary_item_id"],
        f"{row['owner'][:2]}-{row['owner'][2:]}",
        row["part_no"],
        row["parts"],
        row["type_of_usage"] << 4,
    )
    made = writable(model).encode(content, PROFILE, 4, len(want))
    assert made.data == want
    assert made.content_end == min(len(want), BASIC)
    assert not made.lock_bytes


def test_there_are_vectors() -> None:
    assert len(BOTH) >= 5


def test_bytes_with_every_block_by_hand() -> None:
    content = TagContent(
        "B0001234567", "DE-526", 2, 3, 0x20, "QA76",
        ((7, "BB"), (8, "aj"), (9, "sup"), (11, "DE-ILL"), (12, "T99"), (13, "1234567890123"), (17, "Títle"),
         (19, "02"), (20, "40"), (22, "ALT-1"), (23, "Lib01"), (24, "Br1"), (25, "ALTILL")),
    )  # fmt: skip
    want = (
        danish("B0001234567", "DE526", first=0x12, parts=3, part=2)
        + frame(1, b"\x02ALT-1\0Lib01")
        + frame(2, b"sup\0\0\0\x001234567890123\0\x40")
        + frame(3, b"QA76\0aj\0BB\0Br1")
        + frame(4, "Títle".encode())
        + frame(5, b"DE-ILL\0T99\0ALTILL")
    )
    made = encode(content, 4, 256)
    assert made.data == want + b"\0"
    assert made.content_end == len(want)
    assert bare(decode(made.data).content) == content


@pytest.mark.parametrize(("usage", "first"), [(None, 0x16), (0x00, 0x10), (0x10, 0x11), (0x80, 0x18), (0xF0, 0x1F)])
def test_type_of_usage_is_its_class(usage: int | None, first: int) -> None:
    assert encode(replace(PLAIN, type_of_usage=usage), 4, 112).data[0] == first


def test_a_long_identifier_as_wg11_has_it() -> None:
    content = TagContent("LONG-IDENTIFIER-OVER-16", "DE-705", type_of_usage=0x10, further=((19, "01"),))
    made = encode(content, 4, 112)
    assert made.data == danish("\x01") + frame(1, b"\x01LONG-IDENTIFIER-OVER-16") + b"\0"
    assert bare(decode(made.data).content) == content
    with pytest.raises(ElementInvalid, match="Primary item identifier: it has 23 characters; its field has 16"):
        encode(content, 4, 112, choices=Choices(spill_identifier=False))
    with pytest.raises(DoesNotFit):
        encode(content, 4, 32)
    with pytest.raises(ElementInvalid, match="Alternative item identifier"):
        encode(replace(content, further=((22, "x"),)), 4, 112)


def test_a_long_owner_only_if_that_is_chosen() -> None:
    content = TagContent("3012", "CN-120104-C-YBL", type_of_usage=0x10)
    with pytest.raises(ElementInvalid, match="Owner institution"):
        encode(content, 4, 112)
    made = Iso28560Part3(SPILLING).encode(content, PROFILE, 4, 112)
    assert made.data[21:34] == bytes(13)
    decoded = decode(made.data)
    assert bare(decoded.content) == content
    assert owned(decoded, "CN-120104-C-YBL")


# --- contents both ways ---------------------------------------------------------------------------------------------


@given(contents(), st.sampled_from([34, 35, 64, 112, 256, 1024]), st.sampled_from([1, 4, 8]))
def test_a_content_comes_back(content: TagContent, size: int, block_size: int) -> None:
    try:
        made = encode(content, block_size, size)
    except DoesNotFit:
        assert cannot_carry(content, size)
        return
    assert len(made.data) <= size
    assert len(made.data) == min(size, made.content_end + 1)
    assert crc(made.data[:34]) == made.data[19] | made.data[20] << 8
    decoded = decode(made.data.ljust(size, b"\0"))
    assert bare(decoded.content) == content
    assert not codes(decoded) - {"owner-field-full"}
    assert decoded.end == made.content_end
    assert not cannot_carry(content, size)


@given(contents(), st.frozensets(st.integers(1, 26)), st.sampled_from([4, 8, 16]), st.sampled_from([32, 256, 1024]))
def test_what_is_locked_fills_whole_blocks(
    content: TagContent, lock: frozenset[int], block_size: int, size: int
) -> None:
    if size == SHORT:
        content = TagContent(content.primary_item_identifier, "DE-705", type_of_usage=0x10)
    try:
        made = encode(content, block_size, size, lock=lock)
    except DoesNotFit:
        return
    decoded = decode(made.data.ljust(size, b"\0"), block_size)
    assert bare(decoded.content) == content
    locked = [False] * size
    for start, length in made.lock_bytes:
        assert start % block_size == length % block_size == 0
        assert length
        assert start + length <= size
        locked[start : start + length] = [True] * length
    basic = not lock.isdisjoint({1, 3, 4, 5})
    for item in decoded.content.elements:
        must = item.oid in lock or (basic and item.offset < 34)
        if must:
            assert all(locked[item.offset : item.offset + item.length]), item
    wanted = basic or any(item.oid in lock for item in decoded.content.elements)
    assert bool(made.lock_bytes) == wanted
    # After the locked bytes another block can be added later.
    if made.lock_bytes and size > SHORT and made.content_end + 8 < size:
        grown = made.data[: made.content_end] + frame(101, b"x")
        assert decode(grown.ljust(size, b"\0"), block_size).end == len(grown)


@pytest.mark.parametrize(
    ("lock", "fields", "want"),
    [
        ({1}, (), ((0, 36),)),
        ({1}, ((17, "Title"),), ((0, 36),)),
        ({1, 17}, ((17, "Title"),), ((0, 44),)),
        ({17}, ((17, "Title"),), ((36, 12),)),
        ({17}, (), ()),
        ({19}, ((17, "Title"), (19, "01")), ((36, 8),)),
    ],
)
def test_lock_bytes_by_hand(
    lock: set[int], fields: tuple[tuple[int, str], ...], want: tuple[tuple[int, int], ...]
) -> None:
    assert encode(replace(PLAIN, further=fields), 4, 112, lock=frozenset(lock)).lock_bytes == want


def test_a_policy_of_the_profile_reaches_the_bytes() -> None:
    made = Iso28560Part3().encode(PLAIN, replace(PROFILE, lock=frozenset({1, 3})), 4, 112)
    assert made.lock_bytes == ((0, 36),)
    assert made.data[34:37] == b"\x01\x01\0"
    short = Iso28560Part3().encode(PLAIN, replace(PROFILE, lock=frozenset({1, 3})), 4, 32)
    assert (short.lock_bytes, len(short.data)) == (((0, 32),), 32)


# --- refusals -------------------------------------------------------------------------------------------------------


@for_each(
    ("change", "oid"),
    [
        ({"primary_item_identifier": ""}, 1),
        ({"primary_item_identifier": "3012é"}, 1),
        ({"primary_item_identifier": " 3012"}, 1),
        ({"primary_item_identifier": "30\x0012"}, 1),
        ({"owner_institution": "ZDB-1"}, 3),
        ({"owner_institution": "O-12345"}, 3),
        ({"owner_institution": "OCLC-ABC"}, 3),
        ({"owner_institution": "DEXYZ"}, 3),
        ({"owner_institution": "DE-DE-5"}, 3),
        ({"owner_institution": "DE--5"}, 3),
        ({"owner_institution": "DE-Müns"}, 3),
        ({"owner_institution": "DE-123456789012"}, 3),
        ({"parts": 0, "part": 0}, 4),
        ({"parts": 1, "part": 2}, 4),
        ({"parts": 256, "part": 1}, 4),
        ({"type_of_usage": 0x12}, 5),
        ({"type_of_usage": 0x01}, 5),
        ({"type_of_usage": 0x18}, 5),
        ({"type_of_usage": 0x100}, 5),
        ({"type_of_usage": -16}, 5),
        ({"shelf_location": "a\x1bb"}, 6),
        ({"shelf_location": "x" * 201}, 6),
        ({"further": ((14, "x"),)}, 14),
        ({"further": ((15, "x"),)}, 15),
        ({"further": ((16, "x"),)}, 16),
        ({"further": ((26, "x"),)}, 26),
        ({"further": ((27, "x"),)}, 27),
        ({"further": ((99, "x"),)}, 99),
        ({"further": ((2, "D0"),)}, 2),
        ({"further": ((1, "x"),)}, 1),
        ({"further": ((3, "DE-1"),)}, 3),
        ({"further": ((7, ""),)}, 7),
        ({"further": ((7, "a  b"),)}, 7),
        ({"further": ((17, "x"), (17, "y"))}, 17),
        ({"shelf_location": "a", "further": ((6, "b"),)}, 6),
        ({"further": ((13, "123"),)}, 13),
        ({"further": ((19, "1"),)}, 19),
        ({"further": ((19, "0x"),)}, 19),
        ({"further": ((19, "ab"),)}, 19),
        ({"further": ((19, "00"), (22, "x"))}, 19),
        ({"further": ((20, "00"),)}, 20),
        ({"further": ((20, "100"),)}, 20),
        ({"further": ((23, "DE-705"),)}, 23),
    ],
)
def test_what_would_not_come_back_is_refused_by_name(change: dict[str, Any], oid: int) -> None:
    content = replace(PLAIN, **change)
    assert [row[0] for row in objections(content)] == [oid]
    assert oid in dict(cannot_carry(content, 1024))
    with pytest.raises(ElementInvalid, match=element(oid).name.split(" (")[0]):
        encode(content, 4, 1024)


def test_a_block_that_would_be_too_long_is_refused() -> None:
    further = tuple((oid, "x" * 100) for oid in (9, 10, 18))
    found = dict(objections(replace(PLAIN, further=further)))
    assert set(found) == {9, 10, 18}
    assert "306 bytes long, of at most 255" in found[9]
    with pytest.raises(ElementInvalid, match="Supplier identifier"):
        encode(replace(PLAIN, further=further), 4, 1024)


@pytest.mark.parametrize(
    ("content", "size", "needed"),
    [
        (PLAIN, 31, 32),
        (PLAIN, 0, 32),
        (replace(PLAIN, owner_institution="DE-1234567890"), 32, 34),
        (replace(PLAIN, owner_institution="DE-1234567890"), 33, 34),
        (replace(PLAIN, further=((17, "Title"),)), 32, 43),
        (replace(PLAIN, further=((17, "Title"),)), 42, 43),
    ],
)
def test_what_is_larger_than_the_tag_is_never_cut(content: TagContent, size: int, needed: int) -> None:
    with pytest.raises(DoesNotFit) as refused:
        encode(content, 4, size)
    assert (refused.value.needed, refused.value.available) == (needed, size)
    assert cannot_carry(content, size)


def test_what_fits_exactly_fits() -> None:
    content = replace(PLAIN, further=((17, "Title"), (25, "x")))
    assert encode(content, 4, 50).content_end == 50
    assert not cannot_carry(content, 50)
    assert [row[0] for row in cannot_carry(content, 49)] == [25]
    assert [row[0] for row in cannot_carry(content, 43)] == [25]
    # The first blocks stay, and so does a later block that is small enough.
    assert [row[0] for row in cannot_carry(content, 42)] == [17]


def without(content: TagContent, oids: set[int]) -> TagContent:
    """Return the content without these elements, as migration leaves them out."""
    return replace(
        content,
        owner_institution="" if 3 in oids else content.owner_institution,
        type_of_usage=content.type_of_usage & 0xF0 if 5 in oids and content.type_of_usage else content.type_of_usage,
        shelf_location="" if 6 in oids else content.shelf_location,
        further=tuple(row for row in content.further if row[0] not in oids),
    )


ANY = st.builds(
    TagContent,
    st.text("A0é ", min_size=1, max_size=30),
    st.text("DEab1-", max_size=18),
    st.just(1),
    st.integers(0, 300),
    st.none() | st.integers(0, 255),
    st.text("ab \x1bé", max_size=8),
    st.lists(st.tuples(st.integers(7, 31), st.text("A09é ", max_size=14)), max_size=6).map(
        lambda rows: tuple(sorted(rows))
    ),
)


@given(ANY, st.integers(0, 160), st.sampled_from([Choices(), SPILLING, Choices(spill_identifier=False)]))
def test_without_what_it_cannot_carry_it_is_carried(content: TagContent, size: int, choices: Choices) -> None:
    left_out = dict(cannot_carry(content, size, choices=choices))
    assert list(left_out) == sorted(left_out)
    rest = without(content, set(left_out))
    if left_out.keys() & {1, 4}:
        with pytest.raises((ElementInvalid, DoesNotFit)):
            encode(content, 4, size, choices=choices)
        return
    made = encode(rest, 4, size, choices=choices)
    found = bare(decode(made.data.ljust(size, b"\0")).content)
    assert found == replace(rest, type_of_usage=0x60 if rest.type_of_usage is None else rest.type_of_usage)
    if left_out:
        with pytest.raises((ElementInvalid, DoesNotFit)):
            encode(content, 4, size, choices=choices)


# --- the Danish model -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["danish", "danish-32"])
def test_the_danish_model_is_chosen_by_name_and_reads_as_28560_3(name: str) -> None:
    model = writable(name)
    assert isinstance(model, WritableModel)
    assert model.name == "28560-3"
    made = model.encode(replace(PLAIN, type_of_usage=None), PROFILE, 4, 112)
    assert made.data == danish("3012") + b"\0"
    judged = recognise(image(made.data, dsfid=0x3E), PROFILE)
    assert (judged.state, judged.model) == (TagState.OURS, "28560-3")
    assert data_model(name).read(image(made.data), made.data.ljust(112, b"\0")).content.owner_institution == "DE-705"


def test_the_danish_model_on_32_bytes() -> None:
    full = TagContent("A1B2C3D4E5F6G7H8", "NO-02030000X", type_of_usage=0x10)
    assert Danish32().encode(full, PROFILE, 4, 32).data == danish("A1B2C3D4E5F6G7H8", "NO02030000X", size=32)
    with pytest.raises(ElementInvalid, match="10 characters behind its country; there is room for 9"):
        Danish32().encode(replace(full, owner_institution="NO-02030000XY"), PROFILE, 4, 112)
    assert Danish().encode(replace(full, owner_institution="NO-02030000XY"), PROFILE, 4, 112).content_end == BASIC
    with pytest.raises(DoesNotFit):
        Danish().encode(replace(full, owner_institution="NO-02030000XY"), PROFILE, 4, 32)


@for_each(
    ("change", "model", "oid"),
    [
        ({"type_of_usage": 0x30}, Danish(), 5),
        ({"type_of_usage": 0x60}, Danish32(), 5),
        ({"type_of_usage": 0x11}, Danish(), 5),
        ({"owner_institution": "de-705"}, Danish(), 3),
        ({"owner_institution": "ZDB-1"}, Danish(), 3),
        ({"shelf_location": "QA"}, Danish(), 6),
        ({"further": ((17, "Title"),)}, Danish(), 17),
        ({"further": ((13, "1234567890123"),)}, Danish(), 13),
        ({"further": ((9, "sup"),)}, Danish32(), 9),
        ({"primary_item_identifier": "A" * 17}, Danish(), 1),
    ],
)
def test_what_the_danish_model_has_no_place_for(change: dict[str, Any], model: Danish, oid: int) -> None:
    content = replace(PLAIN, **change)
    assert [row[0] for row in model.cannot_carry(content, 112)] == [oid]
    with pytest.raises(ElementInvalid, match=element(oid).name):
        model.encode(content, PROFILE, 4, 112)


@pytest.mark.parametrize("model", [Danish(), Danish32(), Iso28560Part3()])
def test_a_refusal_quotes_nothing_that_could_act(model: Iso28560Part3) -> None:
    hostile = "Z\x1b]52;c;x\x07-1"
    content = TagContent(
        hostile, hostile, 0, 0, 0x12, hostile, ((7, hostile), (13, hostile), (19, hostile), (99, hostile))
    )
    found = model.cannot_carry(content, 112)
    assert {oid for oid, _ in found} >= {1, 3, 4, 5, 6, 7, 13, 19, 99}
    assert all(clean(reason) == reason for _, reason in found)
    with pytest.raises(ElementInvalid) as refused:
        model.encode(content, PROFILE, 4, 112)
    assert clean(told(refused.value.coded_detail)) == told(refused.value.coded_detail)


def test_the_danish_blocks() -> None:
    content = replace(PLAIN, further=((9, "sup"), (10, "ord"), (18, "loc"), (19, "01"), (21, "inv"), (22, "ALT")))
    made = Danish().encode(content, PROFILE, 4, 112)
    assert made.data == danish("3012") + frame(1, b"\x01ALT") + frame(2, b"sup\0loc\0ord\0inv") + b"\0"
    assert Danish().cannot_carry(content, 112) == ()
    assert {oid for oid, _ in Danish().cannot_carry(content, 32)} == {9, 10, 18, 19, 21, 22}
    assert {oid for oid, _ in Danish32().cannot_carry(content, 112)} == {9, 10, 18, 19, 21, 22}


@given(contents(), st.integers(28, 140))
def test_danish_writers_refuse_exactly_what_they_name(content: TagContent, size: int) -> None:
    for model in (Danish(), Danish32(), Iso28560Part3()):
        named = model.cannot_carry(content, size)
        try:
            made = model.encode(content, PROFILE, 4, size)
        except (ElementInvalid, DoesNotFit):
            assert named
        else:
            assert not named
            assert bare(decode(made.data.ljust(size, b"\0")).content) == content
