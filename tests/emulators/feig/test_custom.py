"""[B1] and [BF] of the emulated FEIG reader, and the differences of its models: literal bytes, by H20800-16e 8.1 and
the notes' B1.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.feig_rig import SLIX, TI, Rig, crc16, frame

READ_0 = "22 20 01AB1200000104E0 00"  # docs/reference/readers.md#iso-15693-requests: addressed, high rate
ALARM = "22 A5 04 01AB1200000104E0"
SET = "22 A2 04 01AB1200000104E0"
SEQUENCE = "2fb36270d5a7907fe8b18038d281497682da9a866faf8bb0f19cd112a57237ef"  # docs/reference/readers.md#nxp-commands
NO_TAG = "01"


def rig_of(folder: Path, *options: str) -> Rig:
    rig = Rig(folder).start(*options)
    rig.tag(chip="slix", memory="01020304")
    return rig


def iso_crc(text: str) -> str:
    """The air's CRC is the wire's, complemented (docs/reference/readers.md#iso-15693-requests)."""
    value = int.from_bytes(crc16(bytes.fromhex(text)), "little") ^ 0xFFFF
    return value.to_bytes(2, "little").hex()


@pytest.fixture
def rig(tmp_path: Path):  # type: ignore[no-untyped-def]
    rig = rig_of(tmp_path)
    yield rig
    rig.close()


def test_a_read_comes_with_the_tags_crc(rig: Rig) -> None:
    assert rig.command(f"BF 01 0038 021F {READ_0}") == "00" + "0001020304" + iso_crc("0001020304")


def test_the_length_bounds_what_is_taken_and_zero_waits_for_nothing(rig: Rig) -> None:
    assert rig.command(f"BF 01 0030 021F {READ_0}") == "02"  # 6 bytes are not the whole answer: the CRC does not fit
    assert rig.command(f"BF 01 0000 021F {READ_0}") == "00"
    assert rig.command("BF 01 0038 021F 22 20 02AB1200000104E0 00") == NO_TAG


def test_a_tags_error_is_an_answer_like_any_other(rig: Rig) -> None:
    assert rig.command("BF 01 0038 021F 22 20 01AB1200000104E0 5A") == "00" + "0110" + iso_crc("0110")


def test_eas_by_air_and_the_silence_of_a_bit_that_is_off(rig: Rig) -> None:
    assert rig.command(f"BF 01 0118 021F {ALARM}") == NO_TAG
    assert rig.command(f"BF 02 0018 021F {SET}") == "00" + "0078f0"  # docs/reference/readers.md#iso-15693-requests
    assert rig.dump()["eas"]
    assert rig.command(f"BF 01 0118 021F {ALARM}") == "00" + "00" + SEQUENCE + iso_crc("00" + SEQUENCE)


def test_who_listens_at_the_wrong_time_hears_nothing_and_the_write_is_done_all_the_same(rig: Rig) -> None:
    """Mode 1 samples at t1 only (8.1); the tag programs for 4.8 ms."""
    assert rig.command("BF 01 0018 021F 22 21 01AB1200000104E0 01 AABBCCDD") == NO_TAG
    assert rig.block(1) == "aabbccdd"
    # Mode 5: 16 grids of 302 us are 4.83 ms, 40 are 12 ms.
    assert rig.command("BF 05 0018 021F 0010 22 21 01AB1200000104E0 01 00000001") == "000078f0"
    assert rig.command("BF 05 0018 021F 0028 22 21 01AB1200000104E0 01 00000002") == NO_TAG
    assert rig.block(1) == "00000002"


def test_option_1_wants_its_end_of_frame(rig: Rig) -> None:
    rig.tag(uid=TI, chip="tag-it-hfi-plus")
    write = "62 21 02AB7100000007E0 01 0000000"
    assert rig.command(f"BF 02 0018 021F {write}1") == NO_TAG
    assert rig.command(f"BF 03 0018 021F 846A {write}2") == "000078f0"  # 20 ms
    assert rig.command(f"BF 03 0018 021F 0A00 {write}3") == NO_TAG  # 1.5 ms: the tag is still programming
    assert rig.block(1, TI) == "00000003"


def test_inventory_by_air_gives_each_slots_answer(rig: Rig) -> None:
    one = "0000" + "01ab1200000104e0"
    assert rig.command("BF 04 0060 021F 021F 06 01 00") == "00" + one + iso_crc(one)
    assert rig.command("BF 04 0040 021F 021F 06 01 00") == NO_TAG  # answers of another length are ignored
    rig.tag(uid="E00401000012AB11", chip="slix")  # the same slot
    assert rig.command("BF 04 0060 021F 021F 06 01 00") == "02"


@pytest.mark.parametrize(
    ("body", "status"),
    [("BF 01 0038", "81"), ("BF 06 0038 021F 22 20", "11"), ("BF 03 0018 021F 84", "81"), ("BF 01 0038 021F 22", "81")],
)
def test_what_is_no_transparent_command(rig: Rig, body: str, status: str) -> None:
    assert rig.command(body) == status


def test_in_scan_mode_there_is_none(rig: Rig) -> None:
    interface = rig.command("80 01")[2:]
    assert rig.command("81 01" + interface[:-2] + "01") == "00"
    assert rig.command(f"BF 01 0038 021F {READ_0}") == "82"


def test_a_cpr_02_sends_zeros_where_the_crc_stood(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "--model", "cpr.02")
    assert rig.command(f"BF 01 0038 021F {READ_0}") == "00" + "0001020304" + "0000"
    rig.close()


def test_the_length_may_count_bytes_instead(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "--assume-length-in-bytes")
    assert rig.command(f"BF 01 0007 021F {READ_0}") == "00" + "0001020304" + iso_crc("0001020304")
    assert rig.command(f"BF 01 0006 021F {READ_0}") == "02"
    rig.close()


def test_or_only_answers_of_just_that_length_are_taken(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "--assume-exact-length")
    assert rig.command(f"BF 01 0038 021F {READ_0}") == "00" + "0001020304" + iso_crc("0001020304")
    assert rig.command(f"BF 01 0040 021F {READ_0}") == "02"
    assert rig.command("BF 01 0038 021F 22 20 01AB1200000104E0 5A") == "02"  # a tag's error is shorter
    rig.close()


def test_custom_commands_are_gone_from_the_cpr_family(rig: Rig) -> None:
    assert rig.command(f"B1 04 A2 01 {SLIX}") == "80"


def test_custom_commands_of_an_mr101(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "--model", "mr101")
    # docs/reference/readers.md#feig-frames: set EAS, computed with the vendor's CRC.
    assert rig.ask("10 FF B1 04 A2 01 E00401000012AB01 FF B6")[:8] == "0600b100"
    assert rig.dump()["eas"]
    assert rig.command(f"B1 04 A5 01 {SLIX}") == "00"
    assert rig.command(f"B1 04 A3 01 {SLIX}") == "00"
    assert rig.command(f"B1 04 A5 01 {SLIX}") == NO_TAG
    assert rig.command("B1 04 A2 00") == "00"  # non-addressed
    assert rig.dump()["eas"]
    assert rig.command(f"B1 04 A4 01 {SLIX}") == "00"
    assert rig.command(f"B1 04 A3 01 {SLIX}") == "9512"  # locked: the tag's own code
    assert rig.command(f"B1 04 A9 01 {SLIX}") == "80"
    assert rig.command(f"B1 07 A4 01 {SLIX}") == "80"
    assert rig.command("B1 04 A2 01 E004") == "81"
    assert rig.command("B1 04 A2 03") == "11"
    rig.close()


def test_an_mr102_hears_advanced_frames_only(tmp_path: Path) -> None:
    rig = rig_of(tmp_path, "--model", "mr102")
    rig.unanswered("05FF65E5CB", "frames_dropped")
    # docs/reference/readers.md#feig-frames: inventory in an advanced frame, and the answer with one tag.
    assert rig.ask("02 0009 FF B0 01 00 1843") == "020013" + "00b00001" + "0300e00401000012ab01" + "007c"
    reset = bytes.fromhex("020008FF6400")
    assert rig.ask((reset + crc16(reset)).hex())[6:12] == "006400"
    rig.close()


@pytest.mark.parametrize(("assumed", "head"), [((), "0019"), (("--assume-more-at-255",), "9418")])
def test_an_answer_of_more_than_255_bytes(tmp_path: Path, assumed: tuple[str, ...], head: str) -> None:
    """H60301-3e p. 17: the answer is then an advanced frame, although the request was a standard one. If a firmware
    does not do so, 24 records fit (docs/reference/readers.md#feig-tag-commands), and the rest is fetched.
    """
    rig = Rig(tmp_path).start("--model", "mr101", *assumed)
    for number in range(25):
        rig.tag(uid=f"E00401500000{number:04X}", chip="slix")
    answer = rig.ask(frame("FF B0 01 00"))
    if assumed:
        assert answer[:2] == f"{7 + 240:02x}"
        assert answer[6:10] == head
        assert rig.command("B0 01 80")[:4] == "0001"
    else:
        assert answer[:14] == "020103" + "00b0" + head
    rig.close()


def test_the_flash_loader_is_started_by_the_readers_own_address_only(rig: Rig) -> None:
    """H20800-16e 6.2: COM-ADR 255 is ignored. The loader ends only when the plug is pulled."""
    rig.unanswered(frame("FF 55"))
    assert rig.command("69") == "00"
    assert rig.ask(frame("00 55"))[6:8] == "00"
    rig.unanswered(frame("FF 65"))
    rig.do("unplug")
    rig.hang_up()
    rig.do("plug")
    assert rig.command("69") == "00"


def test_what_only_the_cpr_04_has(tmp_path: Path) -> None:
    rig = Rig(tmp_path).start("--model", "cpr.04")
    assert rig.command("74") == "0000"
    assert rig.command("75") == "0080"
    assert rig.command("6A 02") == "00"
    assert rig.command("66 02")[:2] == "00"
    assert rig.command("72 01 01 00 01 0003") == "80"
    rig.close()
