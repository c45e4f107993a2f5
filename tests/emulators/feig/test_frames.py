"""The vendor's frames, byte for byte: docs/reference/readers.md#feig-frames (H20800-16e annex F, and what Biblio-RFID
sends)."""

from __future__ import annotations

import json
from pathlib import Path

import crccheck
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.emulators.feig.frame import Answer, crc16, encode
from station.emulators.field import air
from tests.support import feig_rig
from tests.support.feig_rig import SLIX, TI, Rig, frame
from tests.support.for_each import for_each

# Frames of 1.6 with their CRC, requests and answers alike.
GOLDEN = """
1EFFB02401E00700000147677E0003040403020114131211242322217C34
1700B0000304000403020100141312110024232221B45B
06FF52000F6E
06005200FCA8
05FF65E5CB
06FF6600CDBF
05FF698901
06006900F6FA
07FFB001001C56
1B00B000020300E00401000012AB01033EE00700000071AB02C9F3
0FFFB02B01E00401000012AB0112AE
11FFB02301E00401000012AB010004E6ED
1C00B00004040001001104003130333100353433320000003736C015
22FFB02401E00401000012AB0100040403020100070605040B0A09080F0E0D0CAAA7
0600B000D572
0600B0015C63
020009FFB001001843
02000800B00119CE
02001300B000010300E00401000012AB01007C
07FFB0018014D2
11FFB02309E00401000012AB010008209B
0700B0951072FD
0800B0951205FC09
10FFB02701E00401000012AB01C2EF7D
0FFFB02801E00401000012AB017BDA
11FFB02201E00401000012AB010008DFA2
10FFB104A201E00401000012AB01FFB6
05FF63D3AE
06FF6A006D16
06FF8004A044
0DFF7100100000000300006D9E
28FFB02401E00401000012AB01000504333231303736353442413938464544432E2E2E2E002EA6EE
0600B08154E7
"""


@for_each("text", GOLDEN.split())
def test_every_golden_frame_has_the_crc_we_compute(text: str) -> None:
    data = bytes.fromhex(text)
    assert crc16(data[:-2]) == data[-2:]


@given(st.binary(max_size=300))
def test_crc_agrees_with_crccheck(data: bytes) -> None:
    assert crc16(data) == crccheck.crc.Crc16Mcrf4XX.calc(data).to_bytes(2, "little")
    assert feig_rig.crc16(data) == crc16(data)
    assert air.crc(data) == crccheck.crc.CrcX25.calc(data).to_bytes(2, "little")


@pytest.mark.parametrize(
    "text", ["00000228E06D580104E0D060", "0078F0", "260100F60A", "060100CD09", "022B26A3", "02200047 50"]
)
def test_air_crc_of_real_transcripts(text: str) -> None:
    """docs/reference/readers.md#iso-15693-requests."""
    assert air.intact(bytes.fromhex(text))


def test_long_answers_leave_in_an_advanced_frame() -> None:
    short = encode(0, 0xB0, Answer(0, bytes(249)), advanced=False)
    assert (len(short), short[0]) == (255, 255)
    long = encode(0, 0xB0, Answer(0, bytes(250)), advanced=False)
    assert (len(long), long[:3].hex()) == (258, "020102")


# -- against the running emulator -------------------------------------------------------------------------------


def test_vendor_example_four_byte_blocks(rig: Rig) -> None:
    """H20800-16e annex F: written as the vendor writes, read as the vendor reads."""
    rig.tag("E00700000147677E", chip="tag-it-hfi-plus")
    write = "1effb02401e00700000147677e000304040302011413121124232221" + "7c34"
    assert rig.ask(write) == "0600b000d572"
    assert rig.dump("E00700000147677E")["memory"].startswith("010203041112131421222324" + "00")
    read = rig.ask(frame("FF B0 23 01 E00700000147677E 00 03"))
    assert read == "1700b0000304000403020100141312110024232221" + "b45b"


def test_vendor_example_eight_byte_blocks(rig: Rig) -> None:
    rig.tag("6005000002112504", chip="srf55v02p")
    blocks = ("0807060504030201", "1817161514131211", "2827262524232221")
    write = frame("FF B0 24 01 6005000002112504 03 03 08" + "".join(blocks))
    assert write.endswith("e625")
    assert rig.ask(write) == "0600b000d572"
    read = rig.ask(frame("FF B0 23 01 6005000002112504 03 03"))
    assert read == "2300b0000308" + "".join("00" + block for block in blocks) + "9965"


def test_what_biblio_rfid_sends_is_answered_as_the_notes_say(rig: Rig) -> None:
    rig.tag(SLIX, memory="0411000131333031323334353637" + "0000")
    rig.tag(TI, chip="tag-it-hfi-plus", dsfid=0x3E)
    assert rig.ask("06ff52000f6e") == "06005200fca8"
    assert rig.ask("05ff65e5cb")[:6] == "0d0065"
    assert rig.ask("06ff6600cdbf")[:6] == "110066"
    assert rig.ask("05ff698901") == "06006900f6fa"
    assert rig.ask("07ffb001001c56") == "1b00b000020300e00401000012ab01033ee00700000071ab02c9f3"
    assert rig.ask("11ffb02301e00401000012ab010004e6ed") == ("1c00b00004040001001104003130333100353433320000003736c015")
    assert rig.ask("22ffb02401e00401000012ab0100040403020100070605040b0a09080f0e0d0caaa7") == "0600b000d572"
    assert rig.dump()["memory"].startswith("000102030405060708090a0b0c0d0e0f" + "00")


def test_the_padding_bug_of_biblio_rfid_is_a_length_error(rig: Rig) -> None:
    rig.tag()
    bad = "28ffb02401e00401000012ab01000504333231303736353442413938464544432e2e2e2e002ea6ee"
    assert rig.ask(bad) == "0600b08154e7"
    assert rig.do("counters")["air_writes"] == {}


def test_computed_answers(rig: Rig) -> None:
    assert rig.ask("07ffb001001c56") == "0600b0015c63"  # no tag
    rig.tag(SLIX, locked=[5])
    over = frame("FF B0 23 01" + SLIX + "1C 01")
    assert rig.ask(over) == "0700b0951072fd"  # ISO error 10: the block does not exist
    five = frame("FF B0 24 01" + SLIX + "05 01 04 01020304")
    assert rig.ask(five) == "0800b0951205fc09"  # ISO error 12 at block 5
    assert rig.ask("10ffb02701e00401000012ab01c2ef7d") == "0600b000d572"
    assert rig.dump()["afi"] == 0xC2
    assert rig.ask("0fffb02801e00401000012ab017bda") == "0600b000d572"
    assert rig.dump()["afi_locked"] is True
    assert rig.ask("11ffb02301e00401000012ab010004e6ed")[:12] == "1c00b0000404"
    assert rig.ask("06ff8004a044")[:8] == "14008000"
    assert rig.ask("0dff7100100000000300006d9e") == "06007100" + feig_rig.crc16(bytes.fromhex("06007100")).hex()
    assert rig.do("state")["output"] == {"os": "0010", "osf": "0000", "os_time": "0003", "out_time": "0000"}
    assert rig.ask("10ffb104a201e00401000012ab01ffb6")[6:8] == "80"  # this reader has no B1


def test_lock_of_eight_blocks_stops_at_the_locked_one(rig: Rig) -> None:
    rig.tag(SLIX, locked=[5])
    assert rig.ask("11ffb02201e00401000012ab010008dfa2")[6:-4] == "951105"
    assert rig.dump()["locked"] == [0, 1, 2, 3, 4, 5]


def test_advanced_frames_when_the_reader_speaks_them(idle_rig: Rig) -> None:
    rig = idle_rig.start("--frames", "both")
    assert rig.ask("020009ffb001001843") == "02000800b00119ce"
    rig.tag()
    assert rig.ask("020009ffb001001843") == "02001300b000010300e00401000012ab01007c"
    rig.do("lift")
    assert rig.ask("07ffb001001c56") == "0600b0015c63"


def test_advanced_frames_are_noise_to_the_cpr_m02(rig: Rig) -> None:
    rig.unanswered("020009ffb001001843", "frames_dropped")


def test_every_host_frame_of_the_trace_is_understood(rig: Rig, shared: Path) -> None:
    """Only the host's bytes are evidence. The answers in the trace come from a stand-in."""
    rig.tag(SLIX)
    rig.tag(TI, chip="tag-it-hfi-plus", dsfid=0x3E)
    lines = (shared / "domain/traces/biblio-rfid-cprm02.jsonl").read_text(encoding="utf-8").splitlines()
    sent = [line["hex"] for line in map(json.loads, lines) if line.get("dir") == ">"]
    assert len(sent) > 30
    padded = [text for text in sent if "b02401" in text and text.startswith("28")]
    for text in sent:
        assert rig.ask(text)[6:8] == ("81" if text in padded else "00"), text
    assert len(padded) == 2
