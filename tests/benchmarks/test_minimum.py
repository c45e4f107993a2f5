"""The formulas under the bench reproduce the literal figures of docs/reference/readers.md#air-time and #wire-time (high
data rate, 8E1)."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks import minimum
from benchmarks import minimum_pn532 as pn532
from benchmarks import minimum_threem as threem
from benchmarks.cycle import CONTENT_BLOCKS, CONTENT_BYTES, ISIL
from station.encoding.content import TagContent
from station.encoding.iso28560_2 import codec as iso28560_2_codec


def ms(seconds: float, digits: int) -> float:
    return round(seconds * 1e3, digits)


def test_air_times_are_those_of_table_6_4() -> None:
    assert ms(minimum.air(5, 12), 2) == 6.18  # inventory, one slot, one tag
    assert ms(minimum.air_inventory(0), 2) == 9.78
    assert ms(minimum.air_inventory(1), 2) == 13.86
    assert ms(minimum.air_read(1, security=False), 2) == 7.09
    assert ms(8 * minimum.air_read(1, security=False), 1) == 56.7
    assert ms(28 * minimum.air_read(1, security=False), 1) == 198.4
    assert ms(minimum.air_read(8, security=False), 2) == 15.85
    assert ms(minimum.air_read(28, security=False), 1) == 40.0
    assert ms(minimum.air_read(32, security=False), 1) == 44.8
    assert ms(minimum.air_read(8, security=True), 1) == 18.3
    assert ms(minimum.air_read(28, security=True), 1) == 48.5
    assert ms(minimum.air_write(), 2) == 7.09
    assert ms(minimum.air_write() + 0.0048, 1) == 11.9
    assert ms(8 * (minimum.air_write() + 0.0048), 0) == 95
    assert ms(minimum.air_write_byte(), 2) == 5.88
    assert ms(minimum.air_write_byte() + 0.0048, 1) == 10.7


@pytest.mark.parametrize(
    ("seconds", "table"),
    [
        (minimum.wire_inventory(1), 6.9),
        (minimum.wire_inventory(4), 15.5),
        (minimum.wire_inventory(10), 32.7),
        (minimum.wire_read(8), 18.6),
        (minimum.wire_read(28), 47.3),
        (minimum.wire_write(8), 16.0),
    ],
)
def test_wire_times_are_those_of_table_6_5_at_38400(seconds: float, table: float) -> None:
    assert ms(seconds, 1) == table


def test_list_holds_what_the_algorithm_asks_for_and_no_more() -> None:
    listed = minimum.cycle(CONTENT_BLOCKS)
    assert Counter(exchange.command for exchange in listed if exchange.command) == {
        "b001": 3,  # gate twice, once with the field on again
        "b02b": 2,  # undo image, DSFID and AFI at the end
        "b023": 5,  # undo image, body twice, block 0, all
        "b024": 2,  # body, block 0
        "b029": 1,
        "b027": 1,
        "69": 1,
    }
    # every block of content, DSFID and AFI are programmed once
    assert sum(exchange.tprog for exchange in listed) == pytest.approx((CONTENT_BLOCKS + 2) * 0.0048)


def test_gate_looks_begin_100_ms_apart() -> None:
    first, wait, second, *_ = minimum.cycle(CONTENT_BLOCKS)
    assert first.seconds + wait.seconds == pytest.approx(0.1)
    assert (first.command, second.command) == ("b001", "b001")


def test_content_counted_by_hand_is_what_the_encoder_makes() -> None:
    content = TagContent(primary_item_identifier="30980000000015", owner_institution=ISIL, type_of_usage=0x10)
    assert len(iso28560_2_codec.encode(content)) == CONTENT_BYTES == 26
    assert CONTENT_BLOCKS == 7


def us(seconds: float) -> int:
    return round(seconds * 1e6)


def test_air_times_of_an_ntag_are_those_of_its_data_sheet() -> None:
    """NTAG213F/216F rev. 3.1: figure 14 (GET_VERSION 283 and 868 us), 15 (READ 368, 1548), 17 (WRITE 708, ACK 57); 9.2."""
    assert [us(pn532.down(count)) for count in (3, 4, 8)] == [283, 368, 708]
    assert [us(pn532.up(count)) for count in (10, 18)] == [868, 1548]
    assert (us(pn532.TAGS_ACK), us(pn532.FDT)) == (57, 86)  # 1172/fc = 86.4: the sheet says "approximately 87"


def test_frames_of_a_pn532_are_those_of_its_manual_and_of_nfcpy_s_trace() -> None:
    """UM0701-02; the lengths of the given frames (docs/reference/readers.md#pn532-frames): GetFirmwareVersion is 9
    bytes, its answer 13."""
    version, told = bytes.fromhex("0000FF02FED4022A00"), bytes.fromhex("0000FF06FAD50332010607E800")
    assert pn532.wire(2, 6) == (len(version) + 6 + len(told)) * 10 / 115_200
    assert [exchange.command for exchange in pn532.inventory(1)] == ["32", "4a"]
    assert [exchange.command for exchange in pn532.inventory(5)] == ["32", "4a", "44", "4a", "44", "4a"]
    # after two tags there may be a third
    assert [exchange.what for exchange in pn532.inventory(2)] == ["off", "find 2", "halt", "find 0"]
    assert [exchange.command for exchange in pn532.write(8)] == ["32", "4a", *["40"] * 8]
    read8, read28 = pn532.read(8)[-1], pn532.read(28)[-1]
    # pages 2 to 11 and 2 to 40: the request has five bytes, the answer the status and the pages
    assert read8.wire == pytest.approx((7 + 5 + 6 + 7 + 3 + 40) * 10 / 115_200)
    assert read28.wire == pytest.approx((7 + 5 + 6 + 7 + 3 + 156) * 10 / 115_200)


FEIG_FRAMES = {
    # docs/reference/readers.md#feig-frames: of H20800-16e annex F or sent by Biblio-RFID, and computed ones; answers by
    # 1.4's table
    "b001": ("07FFB001001C56", "1000B0000103" + "00E00401000012AB01" + "0000"),
    "b02b": ("0FFFB02B01E00401000012AB0112AE", "1300B000" + "00" + "E00401000012AB01" + "00" + "041C" + "01" + "0000"),
    "b029": ("10FFB02901E00401000012AB0106" + "0000", "0600B000D572"),
    "b027": ("10FFB02701E00401000012AB01C2EF7D", "0600B000D572"),
    "69": ("05FF698901", "06006900F6FA"),
}
THREEM_FRAMES = {
    # section 2: of the live capture of a real 810 (FE without and 02 with an option more, old style), computed, and by its table
    "0d": ("D6000C0DE00401000012AB010F0000", "D600130D00E00401000012AB010F00001B0301000000"),
    "0b": ("D6000C0BE00401000012AB01060000", "D6000C0B00E00401000012AB010000"),
    "09": ("D6000C09E00401000012AB01C20000", "D6000C0900E00401000012AB010000"),
}


def test_bytes_on_the_wire_are_those_of_whole_frames() -> None:
    """Each command of the two cycles whose size does not depend on the number of blocks; and commands with counted
    blocks.
    """
    for listed, frames, bits_per_second, bits in (
        (minimum.cycle(CONTENT_BLOCKS), FEIG_FRAMES, 38400, 11),
        (threem.cycle(CONTENT_BLOCKS), THREEM_FRAMES, 19200, 10),
    ):
        seen = set()
        for exchange in listed:
            if exchange.command in frames:
                asked, told = map(bytes.fromhex, frames[exchange.command])
                assert exchange.wire == pytest.approx((len(asked) + len(told)) * bits / bits_per_second), exchange.what
                seen.add(exchange.command)
        assert seen == set(frames)
    # FEIG, four blocks: 1.6 [V]
    blocks = ("00" + "01001104", "00" + "31303331", "00" + "35343332", "00" + "00003736")
    read = ("11FFB02301E00401000012AB010004E6ED", "1C00B0000404" + "".join(blocks) + "C015")
    write = ("22FFB02401E00401000012AB01000404" + "03020100070605040B0A09080F0E0D0C" + "AAA7", "0600B000D572")
    assert minimum.wire_read(4) == sum(len(bytes.fromhex(one)) for one in read) * 11 / 38400
    assert minimum.wire_write(4) == sum(len(bytes.fromhex(one)) for one in write) * 11 / 38400
    # 3M 04, one block: D6 LEN CMD UID FIRST COUNT 00 DATA CRC; D6 LEN CMD ERR UID CRC
    one_block = ("D6001204E00401000012AB01000100AABBCCDD0000", "D6000C0400E00401000012AB010000")
    assert threem.write("", 1).wire == sum(len(bytes.fromhex(one)) for one in one_block) * 10 / 19200
    # 3M FE with DSFIDs, two tags: seven bytes in front of them, nine each, CRC
    looked = ("D60005FE0007DA02", "D60019FE00000702" + "00E004010031269117" * 2 + "0000")
    assert threem.inventory(2, 0.0).wire == sum(len(bytes.fromhex(one)) for one in looked) * 10 / 19200


def test_bytes_of_a_pn532_are_those_of_whole_frames() -> None:
    """UM0701-02, as in the recorded conversation of nfcpy: each command with its ACK (6 bytes) and its answer."""
    uid = "04A1B2C3D4E5F6"
    listed = "0000FF0FF1D54B01010044000704A1B2C3D4E5F60000"
    for exchange, asked, told in (
        (pn532.field(""), "0000FF04FCD4320100F900", "0000FF02FED533F800"),
        (pn532.find(1), "0000FF04FCD44A0200E000", listed),
        (pn532.find(0), "0000FF04FCD44A0200E000", "0000FF03FDD54B00E000"),
        (pn532.halt(), "0000FF03FDD44400E800", "0000FF03FDD54500E600"),
        (pn532.select()[1], "0000FF0CF4D44A010088" + uid + "0000", listed),
        (pn532.write(1)[-1], "0000FF09F7D44001A204" + "01020304" + "0000", "0000FF03FDD54100EA00"),
    ):
        frames = [bytes.fromhex(asked), bytes.fromhex("0000FF00FF00"), bytes.fromhex(told)]
        assert exchange.wire == pytest.approx(sum(map(len, frames)) * 10 / 115_200), exchange.command
        for one in (frames[0], frames[2]):
            assert one[3] == len(one) - 7, "the frame has the length that it gives"
