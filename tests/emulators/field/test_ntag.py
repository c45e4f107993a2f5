"""An emulated NTAG as silicon: commands, locks, counter, password, states (NTAG213/215/216 data sheet rev. 3.2)."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.emulators.field.chips import CHIPS
from station.emulators.field.faults import Faults
from station.emulators.field.field import Field
from station.emulators.field.file import Drawer, Tag
from station.emulators.field.ndef import pages
from station.emulators.field.ntag import Picc, Said, crc_a

UID = "04A1B2C3D4E5F6"
ACK, NAK, NAK_AUTH = Said(b"\x0a", 4), Said(b"\x00", 4), Said(b"\x04", 4)


def put(folder: Path, chip: str = "ntag213", *, strange: bool = False) -> tuple[Picc, Field]:
    drawer, faults = Drawer(folder), Faults()
    field = Field(drawer, faults, random.Random(1))
    field.assumed.unknown_is_nak = strange
    drawer.add(Tag.from_json({"uid": UID, "chip": chip}))
    field.place(UID)
    return select(field), field


def select(field: Field, *, halted: bool = False) -> Picc:
    card = field.cards()[0]
    assert card.wake(all_of_them=halted) == bytes.fromhex("4400")
    assert card.select(0, bytes.fromhex("8804a1b29f")) == 0x04
    assert card.select(1, bytes.fromhex("c3d4e5f604")) == 0x00
    return card


def say(card: Picc, text: str) -> Said | None:
    return card.command(bytes.fromhex(text))


def test_the_crc_is_that_of_the_standard() -> None:
    """ISO/IEC 14443-3 annex B: 00 00 -> A0 1E, 12 34 -> 26 CF."""
    assert crc_a(b"\0\0") == bytes.fromhex("a01e")
    assert crc_a(b"\x12\x34") == bytes.fromhex("26cf")


@pytest.mark.parametrize(
    ("chip", "last", "version", "container", "fresh"),
    [
        ("ntag213", 0x2C, "0004040201000f03", "e1101200", "0103a00c340300fe"),
        ("ntag215", 0x86, "0004040201001103", "e1103e00", "0300fe00"),
        ("ntag216", 0xE6, "0004040201001303", "e1106d00", "0300fe00"),
    ],
)
def test_what_a_new_one_holds(tmp_path: Path, chip: str, last: int, version: str, container: str, fresh: str) -> None:
    card, _ = put(tmp_path, chip)
    assert say(card, "60") == Said(bytes.fromhex(version))
    assert say(card, "3000") == Said(bytes.fromhex("04a1b29fc3d4e5f604480000" + container))
    read = say(card, "3004")
    assert read is not None
    assert read.data.hex().startswith(fresh)
    # the last page wraps to page 0; PWD and PACK read as zeros
    assert say(card, f"30{last:02x}") == Said(bytes(4) + bytes.fromhex("04a1b29fc3d4e5f604480000"))
    assert say(card, f"30{last + 1:02x}") == NAK


def test_fast_read(tmp_path: Path) -> None:
    card, _ = put(tmp_path)
    whole = say(card, "3a002c")
    assert whole is not None
    assert len(whole.data) == 180
    assert whole.data[160:] == bytes.fromhex("000000bd040000ff000500000000000000000000")
    assert say(card, "3a0504") == NAK


def test_a_refused_command_sends_it_to_idle(tmp_path: Path) -> None:
    card, field = put(tmp_path)
    assert say(card, "302d") == NAK
    assert say(card, "3000") is None
    assert card.state == "idle"
    select(field)


@pytest.mark.parametrize("strange", [False, True])
def test_an_unknown_command_is_silence_or_nak(tmp_path: Path, strange: bool) -> None:
    """Both are assumed, and nfcpy accepts both. The tag falls back to idle either way."""
    card, _ = put(tmp_path, strange=strange)
    assert say(card, "1a00") == (NAK if strange else None)
    assert card.state == "idle"


def test_halt_and_waking(tmp_path: Path) -> None:
    card, field = put(tmp_path)
    assert say(card, "5000") is None
    assert card.wake(all_of_them=False) is None, "a halted tag ignores REQA"
    select(field, halted=True)
    assert say(card, "302d") == NAK
    assert card.state == "halt", "a tag that was woken from Halt falls back to Halt"


@pytest.mark.parametrize("page", range(45))
def test_which_pages_can_be_written(tmp_path: Path, page: int) -> None:
    card, _ = put(tmp_path)
    before = card.tag.memory.hex()
    said = say(card, f"a2{page:02x}ffffffff")
    if page < 2:
        assert said == NAK
        assert card.tag.memory.hex() == before
    else:
        assert said == ACK
        kept = {2: "0448ffff", 0x28: "ffffffbd"}.get(page, "ffffffff")
        assert card.tag.cell(str(page)).hex() == kept


def test_one_time_bits_are_only_ever_set(tmp_path: Path) -> None:
    card, _ = put(tmp_path)
    assert say(card, "a203e1101202") == ACK
    assert say(card, "a203e1101200") == ACK
    assert card.tag.cell("3").hex() == "e1101202"
    assert say(card, "a20200000100") == ACK  # BL-CC
    assert say(card, "a20200000800") == ACK  # L-CC, which is frozen
    assert say(card, "a203ffffffff") == ACK


def test_block_locking_bits_freeze_lock_bits(tmp_path: Path) -> None:
    card, _ = put(tmp_path)
    assert say(card, "a20200001200") == ACK  # BL9-4 and L4
    assert say(card, "a2020000e0ff") == ACK  # L5 to L7 frozen, and L8, L9; L10 to L15 not
    assert card.tag.cell("2").hex() == "044812fc"
    assert {page for page in range(4, 16) if card.locked(page)} == {4, 10, 11, 12, 13, 14, 15}


def test_dynamic_block_locking_bits_freeze_lock_bits(tmp_path: Path) -> None:
    """NXP on 00 00 3F at page 28 (community.nxp.com/thread/399134): "the corresponding page locking bits cannot be
    written anymore", so pages 16 to 39 stay writable forever. Each of the six bits is for four pages, two lock bits.
    """
    card, _ = put(tmp_path)
    assert say(card, "a22801000200") == ACK  # L16-17, and BL20-23
    assert say(card, "a228ffff0000") == ACK  # all but L20-21 and L22-23
    assert card.tag.cell("40").hex() == "f3ff02bd"
    assert {page for page in range(16, 40) if not card.locked(page)} == {20, 21, 22, 23}
    assert say(card, "a21461626364") == ACK
    assert say(card, "a21861626364") == NAK


def test_compatibility_write(tmp_path: Path) -> None:
    card, _ = put(tmp_path)
    assert say(card, "a004") == ACK
    assert say(card, "61626364" + "00" * 12) == ACK
    assert card.tag.cell("4") == b"abcd"
    assert say(card, "a004") == ACK
    assert say(card, "61626364") == NAK


def test_password_and_its_limit(tmp_path: Path) -> None:
    """AUTH0 = 10, AUTHLIM = 2, and reading is guarded too. Written values take effect at the next power-up."""
    card, field = put(tmp_path)
    for page, data in ((0x2B, "31323334"), (0x2C, "35360000"), (0x29, "0400000a"), (0x2A, "82050000")):
        assert say(card, f"a2{page:02x}{data}") == ACK
    assert say(card, "a20a61626364") == ACK, "the guard is not in effect yet"
    field.off()
    select(field)
    assert say(card, "a20962626262") == ACK, "page 9 is not guarded"
    assert say(card, "300a") == NAK
    select(field)
    read = say(card, "3009")
    assert read is not None
    assert read.data == b"bbbb" + bytes.fromhex("04a1b29fc3d4e5f604480000"), (
        "a READ wraps to page 0 before the guarded pages"
    )
    assert say(card, "a20a00000000") == NAK
    select(field)
    assert say(card, "1b31323334") == Said(b"56")
    assert say(card, "a20a65666768") == ACK
    field.off()
    for _ in range(2):
        select(field)
        assert say(card, "1b00000000") == NAK
    select(field)
    assert say(card, "1b31323334") == NAK_AUTH, "the limit is permanent"
    field.off()
    select(field)
    assert say(card, "1b31323334") == NAK_AUTH


def test_the_counter(tmp_path: Path) -> None:
    """NFC_CNT_EN: the counter counts once per power-up, at the first READ."""
    card, field = put(tmp_path)
    assert say(card, "3902") == NAK, "the counter is not enabled"
    select(field)
    assert say(card, "a22a10050000") == ACK
    for expected in (1, 2):
        field.off()
        select(field)
        say(card, "3004")
        say(card, "3004")
        assert say(card, "3902") == Said(bytes((expected, 0, 0)))


def test_configuration_lock(tmp_path: Path) -> None:
    card, field = put(tmp_path)
    assert say(card, "a22a40050000") == ACK
    field.off()
    select(field)
    assert say(card, "a22a00050000") == NAK
    select(field)
    assert say(card, "a22b31313131") == ACK, "the configuration lock does not cover the password"


@pytest.mark.parametrize("mode", ["old", "new", "subset", "any"])
def test_a_page_torn_in_mid_write(tmp_path: Path, mode: str) -> None:
    card, field = put(tmp_path)
    field._faults.arm("lift-after-writes", {"mode": mode, "mask": "0ff0"})
    assert say(card, "a206ffffffff") is None
    assert field.uids == []
    torn = Drawer(tmp_path)[UID].cell("6").hex()
    assert torn == {"old": "00000000", "new": "ffffffff", "subset": "0ff00000", "any": "0ff00000"}[mode]


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=12), st.sampled_from(["ntag213", "ntag215"]))
def test_no_command_changes_what_is_read_only(
    tmp_path_factory: pytest.TempPathFactory, said: list[bytes], chip: str
) -> None:
    card, field = put(tmp_path_factory.mktemp("tags"), chip)
    uid = bytes(card.tag.memory[:10])
    container = int.from_bytes(card.tag.cell("3"), "big")
    for command in said:
        card.command(command)
        if card.state != "active":
            field.off()
            select(field)
    assert card.tag.memory[:10] == uid
    assert int.from_bytes(card.tag.cell("3"), "big") & container == container
    assert len(card.tag.memory) == 4 * CHIPS[chip].blocks


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="holds 144 bytes"):
        pages(CHIPS["ntag213"], bytes.fromhex(UID), bytes(150))
