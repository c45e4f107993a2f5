"""Commands of the reader and states and errors of the tags: H20800-16e chapters 4 to 7, ISO/IEC 15693-3."""

from __future__ import annotations

import random

import pytest

from tests.support.feig_rig import SLIX, TI, Rig, frame

ONT_OFF = "81 05 0000000000000000000000 04 0000"  # RAM: report every tag each time
ADDRESSED = f"01 {SLIX}"


def uids(answer: str) -> list[str]:
    """Return the UIDs of an inventory answer (status first)."""
    records = answer[4:]
    assert len(records) == 20 * int(answer[2:4], 16)
    return [records[i + 4 : i + 20].upper() for i in range(0, len(records), 20)]


# -- inventory ---------------------------------------------------------------------------------------------------


def test_new_tags_only_reports_each_tag_once_until_rf_reset(rig: Rig) -> None:
    rig.tag()
    assert uids(rig.command("B0 01 00")) == [SLIX]
    assert rig.command("B0 01 00") == "01"
    assert uids(rig.command("B0 01 20")) == [SLIX]  # PRESC: presence check
    assert rig.command("69") == "00"
    assert uids(rig.command("B0 01 00")) == [SLIX]
    rig.do("lift", uid=SLIX)
    assert rig.command("B0 01 00") == "01"
    rig.do("place", uid=SLIX)
    assert uids(rig.command("B0 01 00")) == [SLIX]


def test_a_reported_tag_still_answers_when_addressed(rig: Rig) -> None:
    rig.tag()
    rig.command("B0 01 00")
    assert rig.dump()["state"] == "quiet"
    assert rig.command(f"B0 23 {ADDRESSED} 00 01") == "00010400" + "00000000"
    assert rig.command("B0 23 00 00 01") == "01"


def test_all_tags_each_time_without_ont(rig: Rig) -> None:
    rig.tag()
    assert rig.command(ONT_OFF) == "00"
    assert uids(rig.command("B0 01 00")) == [SLIX] == uids(rig.command("B0 01 00"))
    assert rig.command("B0 01 20") == "11"  # PRESC needs ONT and ACOLL


def test_four_data_sets_then_more(rig: Rig) -> None:
    names = [f"E0040100000000{n:02X}" for n in (0x11, 0x21, 0x31, 0x12, 0x13, 0x14)]  # three tags collide in slot 1
    for name in names:
        rig.tag(name)
    first, rest = rig.command("B0 01 00"), rig.command("B0 01 80")
    assert (first[:2], rest[:2]) == ("94", "00")
    assert len(uids(first)) == 4
    assert sorted(uids(first) + uids(rest)) == sorted(names)
    assert rig.command("B0 01 80") == "01"


def test_tags_that_differ_in_the_last_nibble_looked_at_only(rig: Rig) -> None:
    names = ["E004010000000001", "E004010100000001"]
    for name in names:
        rig.tag(name)
    assert uids(rig.command("B0 01 00")) == names


def test_one_slot_cannot_tell_two_tags_apart(rig: Rig) -> None:
    rig.tag()
    rig.tag(TI, chip="tag-it-hfi-plus")
    assert rig.command("81 04 00000000 19 0000 00000000000004") == "00"
    assert rig.command("B0 01 00") == "83"
    rig.do("lift", uid=TI)
    assert uids(rig.command("B0 01 00")) == [SLIX]


def test_without_anticollision_the_tag_is_selected(rig: Rig) -> None:
    rig.tag()
    rig.command("81 05 0000000000000000000000 00 0000")
    assert uids(rig.command("B0 01 00")) == [SLIX]
    assert rig.command("B0 23 02 00 01")[:2] == "00"


@pytest.mark.parametrize(("afi", "seen"), [("00", True), ("C2", True), ("C0", True), ("C1", False), ("D0", False)])
def test_inventory_of_a_family(rig: Rig, afi: str, seen: bool) -> None:
    rig.tag(SLIX, afi=0xC2)
    rig.command(f"81 04 00000000 29 {afi} 00 00000000000004")
    assert rig.command("B0 01 00")[:2] == ("00" if seen else "01")


def test_notification_waits_as_long_as_it_is_told(rig: Rig) -> None:
    rig.command(ONT_OFF)
    rig.do("reset-counters")
    assert rig.command("B0 01 40 0A") == "01"
    assert rig.seconds()["air"] >= 1.0
    rig.tag()
    assert uids(rig.command("B0 01 40 0A")) == [SLIX]


# -- states ------------------------------------------------------------------------------------------------------


def test_select_quiet_and_reset_to_ready(rig: Rig) -> None:
    rig.tag()
    rig.tag(TI, chip="tag-it-hfi-plus")
    assert rig.command("B0 23 02 00 01") == "01"  # no tag is selected
    assert rig.command(f"B0 25 {ADDRESSED}") == "00"
    assert rig.command("B0 2B 02")[4:20].upper() == SLIX
    assert rig.command(f"B0 25 31 08 {TI}") == "0000"  # UID_LF and CINF
    assert rig.command("B0 2B 02")[4:20].upper() == TI
    assert [tag["state"] for tag in rig.do("tags")["tags"]] == ["ready", "selected"]
    assert rig.command("B0 24 02 00 01 04 01020304") == "00"  # TI needs option 1: the reader knows the selected tag
    assert rig.command("B0 26 02") == "00"
    assert rig.command("B0 2B 02") == "01"
    assert rig.command(f"B0 02 {ADDRESSED}") == "00"
    assert rig.dump()["state"] == "quiet"
    assert rig.command(f"B0 26 {ADDRESSED}") == "00"
    assert rig.dump()["state"] == "ready"


def test_field_off_resets_state(rig: Rig) -> None:
    rig.tag()
    rig.command(f"B0 25 {ADDRESSED}")
    assert rig.command("6A 00") == "00"
    assert rig.command("B0 01 00") == "01"
    assert rig.command(f"B0 23 {ADDRESSED} 00 01") == "01"
    assert rig.command("6A 01") == "00"
    assert rig.command("B0 2B 02") == "01"
    assert rig.command("B0 2B 00")[:2] == "00"


def test_an_unaddressed_write_hits_every_tag(rig: Rig) -> None:
    """Two tags with the same content answer at once: the reader hears one answer."""
    other = "E004010000000002"
    rig.tag()
    rig.tag(other)
    assert rig.command("B0 24 00 03 01 04 04030201") == "00"
    assert rig.block(3) == rig.block(3, other) == "01020304"
    rig.do("poke", uid=other, block=3, memory="FF")
    assert rig.command("B0 23 00 03 01") == "02"  # different content: garbage


# -- blocks, registers, locks ------------------------------------------------------------------------------------


def test_blocks_travel_last_byte_first(rig: Rig) -> None:
    rig.tag()
    assert rig.command(f"B0 24 {ADDRESSED} 01 02 04 04030201 14131211") == "00"
    assert rig.dump()["memory"][:24] == "000000000102030411121314"
    assert rig.dump()["writes"] == {"1": 1, "2": 1}
    assert rig.command(f"B0 23 {ADDRESSED} 01 02") == "00020400040302010014131211"


def test_security_byte_and_status(rig: Rig) -> None:
    rig.tag(SLIX, locked=[1])
    assert rig.command(f"B0 23 09 {SLIX} 00 02") == "00020400000000000100000000"
    assert rig.command(f"B0 23 {ADDRESSED} 00 02") == "00020400000000000000000000"
    assert rig.command(f"B0 2C {ADDRESSED} 00 03") == "0003000100"
    assert rig.command(f"B0 2C {ADDRESSED} 1A 04") == "00020000"  # two blocks fewer: past the end
    sli = "E004010000000003"
    rig.tag(sli, chip="sli", locked=[1])
    assert rig.command(f"B0 23 09 {sli} 01 01") == "0001040000000000"  # H20800-16e 9.1.7: always 00
    assert rig.command(f"B0 2C 01 {sli} 01 01") == "000101"


def test_what_is_locked_stays(rig: Rig) -> None:
    rig.tag()
    for lock in ("22 01 {} 02 01", "28 01 {}", "2A 01 {}"):
        assert rig.command("B0 " + lock.format(SLIX)) == "00"
    assert rig.command(f"B0 24 {ADDRESSED} 01 03 04 01010101 02020202 03030303") == "951202"
    assert rig.dump()["memory"][:32] == "00000000010101010000000000000000"
    assert rig.command(f"B0 27 {ADDRESSED} C2") == "9512"
    assert rig.command(f"B0 29 {ADDRESSED} 06") == "9512"
    assert rig.command(f"B0 22 {ADDRESSED} 02 01") == "951102"
    assert rig.command(f"B0 28 {ADDRESSED}") == "9511"
    assert rig.command("B0 24 00 02 01 04 01010101") == "01"  # non-addressed: silent on errors


def test_registers(rig: Rig) -> None:
    rig.tag()
    assert rig.command(f"B0 29 {ADDRESSED} 06") == "00"
    assert rig.command(f"B0 27 {ADDRESSED} C2") == "00"
    assert rig.command(f"B0 2B {ADDRESSED}") == f"0006{SLIX.lower()}c2041c01"
    assert rig.command("B0 01 00")[4:8] == "0306"
    assert rig.dump()["writes"] == {"afi": 1, "dsfid": 1}


def test_memory_size_as_the_tag_says_it(idle_rig: Rig) -> None:
    rig = idle_rig.start("--mem-size", "air")
    rig.tag()
    assert rig.command(f"B0 2B {ADDRESSED}") == f"0000{SLIX.lower()}00031b01"


def test_chips(rig: Rig) -> None:
    short, long = "E004030000000001", "E004010800000001"
    rig.tag(short, chip="sli-l")
    rig.tag(long, chip="slix2")
    rig.tag(TI, chip="tag-it-hfi-plus")
    assert rig.command(f"B0 2B 01 {short}")[-6:-2] == "0408"
    assert rig.command(f"B0 2C 01 {short} 00 01") == "9501"
    assert rig.command(f"B0 23 01 {short} 08 01") == "9510"
    assert rig.command(f"B0 2B 01 {long}")[-6:-2] == "0450"
    assert rig.command(f"B0 24 01 {long} 4F 01 04 00000001") == "00"
    assert rig.command(f"B0 24 01 {long} 4F 01 04 00000001") == "00"
    assert rig.command(f"B0 23 01 {long} 4F 01") == "0001040000000002"
    assert rig.command(f"B0 24 01 {long} 4F 01 04 00000007") == "950f4f"
    assert rig.command(f"B0 2B 01 {TI}")[-6:-2] == "0440"


def test_option_flag_follows_wr_option(rig: Rig) -> None:
    """CFG4 byte 6: 00 automatic, 08 option 0, 0C option 1; automatic is 0 for TI in non-addressed mode."""
    rig.tag(TI, chip="tag-it-hfi-plus")
    assert rig.command(f"B0 27 01 {TI} C2") == "00"
    rig.command("81 04 00000000 0900 08 00000000000004")
    assert rig.command(f"B0 27 01 {TI} C2") == "9503"
    rig.command("81 04 00000000 0900 0C 00000000000004")
    assert rig.command(f"B0 27 01 {TI} C2") == "00"
    assert rig.command("B0 27 00 C2") == "00"
    rig.command("83 04")
    assert rig.command("B0 27 00 C2") == "01"
    rig.tag()
    rig.command("81 04 00000000 0900 0C 00000000000004")
    assert rig.command(f"B0 27 {ADDRESSED} C2") == "9503"  # NXP accepts option 0 only


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (f"B0 23 {ADDRESSED} 00", "81"),
        (f"B0 23 01 {SLIX[:14]} 00", "81"),
        (f"B0 23 {ADDRESSED} 00 00", "11"),
        (f"B0 23 {ADDRESSED} 00 81", "11"),
        (f"B0 23 {ADDRESSED} F0 20", "04"),
        (f"B0 23 03 {SLIX} 00 01", "11"),
        (f"B0 24 {ADDRESSED} 00 02 04 01020304", "81"),
        (f"B0 24 {ADDRESSED} 00 00 04", "11"),
        (f"B0 24 {ADDRESSED} 00 01 03 010203", "950200"),
        (f"B0 24 {ADDRESSED} 1C 01 04 01020304", "95101c"),
        (f"B0 27 {ADDRESSED}", "81"),
        (f"B0 2B {ADDRESSED} 00", "81"),
        ("B0 2B 01 E004010000009999", "01"),
        ("B0 02 00", "11"),
        ("B0 25 02", "11"),
        ("B0 77 00", "80"),
        ("B0", "81"),
        ("B0 01 C0 01", "11"),
        ("B0 01 00 00", "81"),
        ("72 01 00", "80"),
        ("74", "80"),
        ("B1 04 A2 01", "80"),
        ("52 01", "81"),
        ("65 00", "81"),
        ("66", "81"),
        ("66 02", "11"),
        ("69 00", "81"),
        ("6A 02", "11"),
        ("71 00", "81"),
    ],
)
def test_refusals(rig: Rig, body: str, status: str) -> None:
    rig.tag()
    assert rig.command(body) == status
    assert rig.do("counters")["air_writes"] == {}


# -- reader ------------------------------------------------------------------------------------------------------


def test_version_and_info(rig: Rig) -> None:
    assert rig.command("65") == "0002050030500138"
    assert rig.command("66 00") == "000205003050013800ff00ff"
    assert len(rig.ask(frame("FF 66 80"))) == 2 * 0x16


def test_configuration_blocks(rig: Rig) -> None:
    assert rig.command("80 01") == "000000 08 01 00 05 000a 000000000000".replace(" ", "")
    assert rig.command("80 84") == "0000000000 09 00 00 000000 000000 04".replace(" ", "")
    assert rig.command("80 05") == "000000000000000000000000 05 0000".replace(" ", "")
    assert rig.command("80 88") == "15"
    assert rig.command("81 00" + "00" * 14) == "16"
    assert rig.command("81 01 0000 07 03 00 05 000A 000000000000") == "11"
    assert rig.command("81 05" + "00" * 13) == "81"
    assert rig.command(ONT_OFF) == "00"
    assert rig.command("80 05")[24:26] == "04"
    assert rig.command("80 85")[24:26] == "05"
    assert rig.command("82 05") == "00"
    assert rig.command("80 85")[24:26] == "04"
    assert rig.command("83 C0") == "00"
    assert rig.command("80 85")[24:26] == "05"
    assert rig.command("80 05")[24:26] == "04"
    assert rig.command("63") == "00"
    assert rig.command("80 05")[24:26] == "05"


@pytest.mark.parametrize(
    "block",
    [
        "FF 00 08 01 00 05 000A 000000000000",  # 4.2 p23: "Do not configure address 255!"
        "00 00 08 01 00 06 000A 000000000000",  # p25: PSST is 0 to 5 ms
    ],
)
def test_an_interface_that_cannot_be(rig: Rig, block: str) -> None:
    """H20800-16e 4.2. It is assumed that these two are refused like BAUD and TRANS-FORM (note 1)."""
    before = rig.command("80 81")
    assert rig.command(f"81 81 {block}") == "11"
    assert rig.command("80 81") == before


def test_an_sli_sends_the_blocks_that_it_has(rig: Rig) -> None:
    """SL2 ICS20 rev. 3.1, 3.5.3.1. It is assumed that DB-N then gives the number of blocks received: no manual of a
    reader mentions it.
    """
    rig.tag(SLIX, chip="sli", memory="00" * 104 + "0102030405060708")
    assert rig.command(f"B0 23 {ADDRESSED} 1A 02") == "000204" + "00" + "04030201" + "00" + "08070605"
    assert rig.command(f"B0 23 {ADDRESSED} 1A 04") == "000204" + "00" + "04030201" + "00" + "08070605"
    assert rig.command(f"B0 23 09 {SLIX} 1B 05") == "000104" + "00" + "08070605"
    assert rig.command(f"B0 23 {ADDRESSED} 1C 01") == "9510"


def test_address(rig: Rig) -> None:
    rig.command("81 01 0700 08 01 00 05 000A 000000000000")
    assert rig.ask(frame("07 65"))[:6] == "0d0765"
    assert rig.ask(frame("FF 65"))[:6] == "0d0765"
    rig.unanswered(frame("00 65"))


def test_baud_rate_changes_with_eeprom_and_reset(rig: Rig) -> None:
    rig.set_speed(38400)
    assert rig.command("81 81 0000 06 00 00 05 000A 000000000000") == "00"
    assert rig.command("52 00") == "00"
    assert rig.command("63") == "00"  # still answered at the old speed
    assert rig.do("state")["baud"] == 9600
    rig.set_speed(9600)
    assert rig.command("52 00") == "00"


def test_scan_mode_has_no_host_commands(rig: Rig) -> None:
    rig.command("81 01 0000 08 01 00 05 000A 0000000000 01")
    assert rig.command("B0 01 00") == "82"
    assert rig.command("65")[:2] == "00"


def test_a_command_ends_with_tr_response_time(rig: Rig) -> None:
    rig.tag(TI, chip="tag-it-hfi-plus")
    rig.command("81 01 0000 08 01 00 05 0001 000000000000")  # 100 ms: four writes of 27 ms
    assert rig.command(f"B0 24 01 {TI} 00 08 04" + "01" * 32) == "0304"
    assert rig.dump(TI)["writes"] == {"0": 1, "1": 1, "2": 1, "3": 1}


@pytest.mark.parametrize(("options", "said"), [((), "83"), (("--assume-late-is-silence",), "01")])
def test_what_a_late_answer_is_called_is_assumed(idle_rig: Rig, options: tuple[str, ...], said: str) -> None:
    """H20800-16e 4.3 gives the length of TR-RESPONSE-TIME, but not the status at its end."""
    rig = idle_rig.start(*options)
    rig.tag()
    rig.command("81 01 0000 08 01 00 05 0001 000000000000")  # 100 ms: 17 reads of one block, about 6 ms each
    block = bytearray.fromhex(rig.do("state")["config"]["4"])
    block[13] = block[13] & 0x3F | 0x40  # one block at a time
    rig.command(f"81 04 {block.hex()}")
    assert rig.command(f"B0 23 {ADDRESSED} 00 08")[:2] == "00"
    assert rig.command(f"B0 23 {ADDRESSED} 00 1C") == said


@pytest.mark.parametrize(("options", "locks"), [((), "01"), (("--assume-slix-as-sli",), "00")])
def test_whether_a_slix_tells_its_locks_in_a_read_is_assumed(
    idle_rig: Rig, options: tuple[str, ...], locks: str
) -> None:
    """The manual of 2008 knows the SLI only (9.1.7). No source describes its reader with a younger tag of
    such a UID.
    """
    rig = idle_rig.start(*options)
    rig.tag()
    rig.command(f"B0 22 {ADDRESSED} 01 01")
    assert rig.command(f"B0 23 09 {SLIX} 00 02")[6:] == "00" + "00" * 4 + locks + "00" * 4
    assert rig.command(f"B0 23 09 {SLIX} 01 01")[6:8] == "01", "one block is read with Read Single Block"
    assert rig.command(f"B0 2C {ADDRESSED} 00 02") == "00020001"


def test_a_minimal_reader_inventories_reads_and_writes(idle_rig: Rig) -> None:
    idle_rig.start("--minimal", "refuses", "--with", "b02b")
    idle_rig.tag()
    assert idle_rig.command("65").startswith("00")
    assert uids(idle_rig.command("B0 01 00")) == [SLIX]
    assert idle_rig.command("69") == "00"
    assert idle_rig.command(f"B0 24 {ADDRESSED} 03 01 04 04030201") == "00"
    assert idle_rig.command(f"B0 23 {ADDRESSED} 03 01") == "0001040004030201"
    assert idle_rig.command(f"B0 2B {ADDRESSED}").startswith("00"), "--with adds the command"
    for other in (
        "80 04",
        "66 00",
        "6A 01",
        "71 0000000000000000",
        f"B0 27 {ADDRESSED} 07",
        f"B0 2C {ADDRESSED} 00 01",
    ):
        assert idle_rig.command(other) == "80"
    assert idle_rig.command(f"BF 01 0038 021F 22 20 {SLIX} 00") == "80"


def test_a_minimal_reader_that_is_silent_until_a_scenario_gives_it_all_commands(idle_rig: Rig) -> None:
    script = idle_rig.folder / "plain.toml"
    script.write_text(
        '[[steps]]\ndo = "minimal"\nanswer = "silent"\n[[steps]]\ndo = "minimal"\nanswer = ""\nafter_frames = 3\n'
    )
    idle_rig.start("--scenario", str(script))
    for other in ("80 04", f"B0 27 {ADDRESSED} 07"):
        idle_rig.unanswered(frame(f"FF {other}"))
    assert idle_rig.command("65").startswith("00")
    assert idle_rig.command("80 04").startswith("00")
    assert "not 'deaf'" in idle_rig.refused("minimal", answer="deaf")


def test_newer_output_only_where_asked_for(idle_rig: Rig) -> None:
    rig = idle_rig.start("--newer-output")
    assert rig.command("72 01 01 01 01 0003") == "00"
    assert rig.command("72 01 02 01 01 0003") == "81"


@pytest.mark.parametrize(
    "noise",
    ["07ffb001001c57", "06ffb001001c56", "0400", "00", "0b0b", "ff"],
)
def test_no_answer_to_a_damaged_frame_and_the_next_one_is_heard(rig: Rig, noise: str) -> None:
    rig.unanswered(noise, "frames_dropped")
    assert rig.command("52 00") == "00"


def test_no_well_formed_frame_ends_the_emulator(rig: Rig) -> None:
    """Random commands and data, mostly near the real ones: each is answered by a frame with a correct CRC."""
    rng = random.Random(1)
    rig.tag(locked=[2])
    rig.tag(TI, chip="tag-it-hfi-plus")
    rig.tag("6005000002112504", chip="srf55v02p")
    codes = [0x52, 0x65, 0x66, 0x69, 0x6A, 0x71, 0x82, 0x83]
    subs = [0x01, 0x02, *range(0x22, 0x2D), 0x77]
    targets = ["00", "02", f"01{SLIX}", f"09{SLIX}", f"01{TI}", "016005000002112504", "08", "0A", f"20{TI}", ""]
    for _ in range(1500):
        tail = rng.randbytes(rng.choice((0, 1, 2, 2, 3, 7))).hex()
        body = f"{rng.choice(codes):02X}{tail}"
        if rng.random() < 0.8:
            body = f"B0{rng.choice(subs):02X}{rng.choice(targets)}{tail}"
        if rng.random() < 0.05:
            body = f"8104{rng.randbytes(14).hex()}"
        assert rig.command(body)[:2] in {"00", "01", "02", "03", "04", "11", "16", "80", "81", "83", "94", "95"}, body
