"""PyPI rfidgeek 2.0.1 and this codec on the same tags of the Danish model: where they agree, and the peer's
mistakes.

The peer's own methods run without a reader (`benchmarks.danish.Peer`).
"""

from __future__ import annotations

import sys
from importlib.metadata import version

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from benchmarks.danish import LEAST_CRC, UID, Peer, rfidgeek, section, tags
from station.encoding.content import TagContent
from station.encoding.iso28560_3.basic_block import crc16, crc_of, decode
from station.encoding.iso28560_3.danish import Danish32
from station.encoding.iso28560_3.write import encode
from tests.encoding.iso28560_3.written import codes, reverse
from tests.support.sample_tags import PROFILE, danish

NAMES = {0: "acquisition", 1: "for-circulation", 2: "not-for-circulation", 7: "discarded", 8: "patron-card"}
CONTENT = st.builds(
    TagContent,
    st.text("ABCabc0189", min_size=1, max_size=16),
    st.builds("{}-{}".format, st.sampled_from(["NO", "DK", "DE"]), st.text("A0189", min_size=1, max_size=9)),
    type_of_usage=st.just(0x10),
)


def written(content: TagContent, **more: int) -> str:
    country, library = content.owner_institution.split("-")
    numbers = {"partno": content.part, "nparts": content.parts} | more
    return Peer().write(id=content.primary_item_identifier, country=country, library=library, **numbers)


def low_crc() -> TagContent:
    """Return a content whose CRC begins with a zero."""
    for number in range(1000):
        content = TagContent(f"3012{number:03}", "NO-02030000", type_of_usage=0x10)
        if 0x100 <= crc_of(encode(content, 4, 32).data) < LEAST_CRC:
            return content
    raise AssertionError("no such content")


def test_it_is_the_version_that_was_read() -> None:
    assert version("rfidgeek") == "2.0.1"


def test_its_stand_in_for_pkg_resources_does_not_stay() -> None:
    """pytest itself checks whether that module is loaded, and would then use it."""
    assert rfidgeek() is not None
    found = sys.modules.get("pkg_resources")
    assert found is None or found.__spec__ is not None


# --- agreement ------------------------------------------------------------------------------------------------------


@given(CONTENT)
def test_it_writes_the_same_bytes_of_a_single_item(content: TagContent) -> None:
    memory = Danish32().encode(content, PROFILE, 4, 32).data
    assume(crc_of(memory) >= LEAST_CRC)
    assert written(content) == memory.hex()


@given(CONTENT, st.sampled_from(sorted(NAMES)), st.integers(1, 255), st.data())
def test_it_reads_what_we_write(content: TagContent, usage: int, parts: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(1, parts))
    owner = content.owner_institution
    wanted = TagContent(content.primary_item_identifier, owner, part, parts, usage << 4)
    memory = encode(wanted, 4, 32).data
    found = Peer(memory).read()
    assert found["error"] == ""
    assert (found["id"], f"{found['country']}-{found['library']}") == (wanted.primary_item_identifier, owner)
    assert (found["nparts"], found["partno"], found["usage_type"]) == (parts, part, NAMES[usage])
    assert found["crc"].lower() == memory[19:21].hex()
    if crc_of(memory) >= LEAST_CRC:
        assert found["crc_ok"]


@given(st.binary(min_size=1, max_size=40))
def test_the_crc_is_the_same(data: bytes) -> None:
    digits = rfidgeek().CRC().calculate(data)
    if crc16(data) >= LEAST_CRC:
        assert "".join(digits) == f"{crc16(data):04X}"


def test_it_writes_a_patron_card_as_we_do() -> None:
    made = Peer().write_patron_card(user_id="N001234567", country="NO", library="02030000")
    card = TagContent("N001234567", "NO-02030000", type_of_usage=0x80)
    assert made == Danish32().encode(card, PROFILE, 4, 32).data.hex()


# --- the peer's mistakes --------------------------------------------------------------------------------------------


def test_peer_writes_a_crc_below_1000_with_a_digit_missing() -> None:
    content = low_crc()
    ours = encode(content, 4, 32).data
    theirs = written(content)
    # "%02X" of 0ABC is ABC: three digits, so that the reader is given a block of three and a half bytes.
    assert len(theirs) == 63
    assert theirs != ours.hex()
    crc = f"{crc_of(ours):04x}"
    assert theirs[38:41] == crc[3] + crc[1:3]
    assert decode(ours).content.primary_item_identifier == content.primary_item_identifier


def test_peer_loses_a_byte_of_the_tag_if_the_crc_is_below_100() -> None:
    module = rfidgeek()
    data = next(bytes([a, b]) for a in range(256) for b in range(256) if crc16(bytes([a, b])) < 0x100)
    # Two CRC bytes are due. The peer gives one string, so that the country moves into the CRC's place.
    assert len(module.CRC().calculate(data)) == 1


def test_peer_calls_a_right_crc_below_1000_wrong() -> None:
    memory = encode(low_crc(), 4, 32).data
    found = Peer(memory).read()
    assert not found["crc_ok"]
    assert not codes(decode(memory))


def test_peer_writes_part_number_and_number_of_parts_in_the_wrong_order() -> None:
    for parts in range(2, 9):
        for part in range(1, parts):
            for number in range(100):
                content = TagContent(f"3012{number}", "NO-02030000", part, parts, 0x10)
                theirs = written(content)
                if len(theirs) == 64:
                    break
            memory = bytes.fromhex(theirs)
            assert memory[1:3] == bytes([part, parts])
            assert encode(content, 4, 32).data[1:3] == bytes([parts, part])
            # The peer's own reading then differs from what it wrote; this codec corrects it, with a remark.
            assert (Peer(memory).read()["nparts"], Peer(memory).read()["partno"]) == (part, parts)
            found = decode(memory)
            assert codes(found) == {"swapped-parts"}
            assert (found.content.parts, found.content.part) == (parts, part)


@pytest.mark.parametrize("usage", [3, 4, 5, 6, 9, 10, 15])
def test_peer_fails_on_types_of_usage_it_does_not_know(usage: int) -> None:
    memory = danish("3012", "NO02030000", first=0x10 | usage, size=32)
    with pytest.raises(KeyError):
        Peer(memory).read()
    assert decode(memory).content.type_of_usage == usage << 4


def test_peer_always_writes_for_circulation() -> None:
    content = TagContent("3012", "NO-02030000", type_of_usage=0x20)
    assert written(content)[:2] == "11"
    assert encode(content, 4, 32).data[0] == 0x12


def test_peer_cuts_a_long_identifier_without_a_word() -> None:
    # The result is a sound tag of another item. This codec refuses it, or puts the whole identifier into the library
    # block.
    theirs = Peer().write(id="12345678901234567890", partno=1, nparts=1, country="NO", library="02030000")
    assert bytes.fromhex(theirs)[3:19] == b"1234567890123456"
    assert decode(bytes.fromhex(theirs)).content.primary_item_identifier == "1234567890123456"


def test_peer_refuses_swapped_nibbles_and_misreads_reversed_blocks() -> None:
    swapped = danish("3012", "NO02030000", first=0x21, size=32)
    assert Peer(swapped).read()["error"].startswith("unknown-version")
    assert codes(decode(swapped)) == {"swapped-nibbles"}
    turned = reverse(danish("3012", "NO02030000", size=32))
    assert Peer(turned).read()["error"].startswith("unknown-version") or not Peer(turned).read()["crc_ok"]
    assert decode(turned).content.primary_item_identifier == "3012"


def test_peer_accepts_version_0_and_reads_no_long_owner() -> None:
    memory = danish("3012", "NO02030000", first=0x01, size=32)
    assert Peer(memory).read()["error"] == ""
    long = danish("3012", "NO02030000ABC")
    found = Peer(long[:32]).read()
    assert (found["library"], found["crc_ok"]) == ("02030000A", False)
    assert decode(long).stored_owner == "NO02030000ABC"


# --- the measurement ------------------------------------------------------------------------------------------------


def test_the_measurement_compares_equal_work() -> None:
    assert len(tags()) == len({memory for _, memory in tags()}) == 200
    assert UID == "E004015000000001"
    found = section(0.01)
    assert set(found.figures) == {
        *("decode per s", "decode per s, rfidgeek", "decode ratio"),
        *("encode per s", "encode per s, rfidgeek", "encode ratio"),
    }
    assert all(value > 0 for value in found.figures.values())
    for row in found.rows:
        assert row.ratio == pytest.approx(found.figures[f"{row.what} ratio"])
