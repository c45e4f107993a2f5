"""The emulated PN532 in bytes: frames of UM0701-02, and what two real clients send (the recorded traces)."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.nfcpy_peer import NfcPad
from tests.support.patience import PATIENCE_S
from tests.support.pn532_rig import ACK, NTAG, OTHER, Pn532Rig, frame


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pn532Rig]:
    rig = Pn532Rig(tmp_path_factory.mktemp("pn532"))
    rig.start()
    yield rig
    rig.close()


@pytest.fixture
def chip(running: Pn532Rig) -> Pn532Rig:
    running.anew()
    return running


@pytest.fixture
def awake(chip: Pn532Rig) -> Pn532Rig:
    chip.waken()
    return chip


def test_the_rigs_frames_are_those_of_the_given_conversation() -> None:
    assert frame("D402") == "0000ff02fed4022a00"
    assert frame("D44A0100") == "0000ff04fcd44a0100e100"
    assert frame("D4320A59F43F114D85616F266287") == "0000ff0ef2d4320a59f43f114d85616f266287a200"


def test_it_sleeps_until_it_hears_five_edges(chip: Pn532Rig) -> None:
    """A frame with nothing before it wakes the chip and is lost; the next frame is heard."""
    chip.send(frame("D402"))
    chip.quiet()
    assert chip.ask(frame("D402")) == "0000ff06fad50332010607e800"


@pytest.mark.parametrize("preamble", ["5555" + "00" * 14, "00" * 10, "55" * 4])
def test_what_clients_send_to_wake_it(chip: Pn532Rig, preamble: str) -> None:
    assert chip.ask(preamble + frame("D402")).startswith("0000ff06fad50332")


def test_power_down_and_waking_again(awake: Pn532Rig) -> None:
    assert awake.command("16 B0 00") == "00"
    assert awake.do("state")["asleep"]
    awake.waken()


@pytest.mark.parametrize("size", [1, 200, 253, 254, 255, 262])
def test_the_line_test_gives_every_byte_back(awake: Pn532Rig, size: int) -> None:
    """The longest frame is an extended one."""
    data = "00" + bytes(number & 0xFF for number in range(size)).hex()
    assert awake.command("00" + data) == data


@pytest.mark.parametrize(
    "damaged",
    [
        "0000ff03fed4022a00",  # length checksum
        "0000ff02fed4022b00",  # data checksum
        "0000ffffff010a00",  # too long
    ],
)
def test_a_damaged_frame_is_not_answered_and_the_next_one_is(awake: Pn532Rig, damaged: str) -> None:
    awake.unanswered(damaged, "frames_dropped")
    assert awake.command("02") == "32010607"


@pytest.mark.parametrize("body", ["D499", "D504", "D406", "D44A", "D41402", "D41207 08"])
def test_what_is_not_understood_is_a_syntax_error(awake: Pn532Rig, body: str) -> None:
    if body == "D41402":
        assert awake.command("1402") == ""  # the chip accepts virtual card mode
        return
    assert awake.ask(frame(body)) == "0000ff01ff7f8100"


def test_a_nack_sends_the_last_answer_again(awake: Pn532Rig) -> None:
    first = awake.ask(frame("D402"))
    awake.send("0000ffff0000")
    assert awake.answer() == first


def test_speed_changes_with_the_hosts_ack(awake: Pn532Rig) -> None:
    assert awake.command("1004") == ""  # 115200: the speed does not change
    assert awake.command("1000") == ""
    assert awake.do("state")["baud"] == 115200
    awake.send(ACK)
    while awake.do("state")["baud"] != 9600:
        pass
    awake.set_speed(9600)
    assert awake.command("02") == "32010607"
    assert awake.command("1009".replace("1009", "1008")) == ""


# --- tags -----------------------------------------------------------------------------------------------------------


def found(rig: Pn532Rig, body: str = "4A0100") -> str:
    return rig.command(body)


def test_one_tag_is_found_and_told_as_in_the_given_conversation(awake: Pn532Rig) -> None:
    awake.tag(NTAG, chip="ntag213")
    awake.command("3205 01 00 01")
    assert found(awake) == "01010044000704a1b2c3d4e5f6"
    assert awake.command("06 6303") == "80"


def test_nobody(awake: Pn532Rig) -> None:
    awake.command("3205 FF 01 00")
    assert found(awake) == "00"
    assert awake.command("06 6339") == "26", "SENS_REQ is still in the FIFO, by which nfcpy recognizes this case"


def test_a_poll_without_end_waits_for_a_tag(awake: Pn532Rig) -> None:
    """MxRtyPassiveActivation is FF, the default: no answer until a tag arrives."""
    awake.send(frame("D44A0100"))
    assert awake.receive(6) == ACK
    awake.quiet()
    awake.tag(NTAG, chip="ntag213")
    assert awake.answer() == frame("D54B01010044000704a1b2c3d4e5f6")


def test_a_poll_without_end_is_given_up_by_the_hosts_ack(awake: Pn532Rig) -> None:
    awake.send(frame("D44A0100"))
    assert awake.receive(6) == ACK
    awake.send(ACK)
    awake.settled()
    assert awake.command("02") == "32010607"
    awake.tag(NTAG, chip="ntag213")
    awake.quiet()


def test_two_tags_collide_and_are_both_found(awake: Pn532Rig) -> None:
    """By bits: the first tag is the one that sends 1 where they differ (04 A1 = ..100001.., 04 11 = ..010001..)."""
    awake.command("3205 01 00 01")
    awake.tag(NTAG, chip="ntag213", text="one")
    awake.tag(OTHER, chip="ntag213", text="two")
    both = found(awake, "4A0200")
    assert both.startswith("02")
    assert [both[12:26], both[36:50]] == [OTHER.lower(), NTAG.lower()]
    for number in (1, 2):
        page = awake.command(f"40 0{number} 3000")
        assert page[:2] == "00"
        assert page[2:8] == (both[12:18] if number == 1 else both[36:42])


def test_one_of_two_by_its_uid(awake: Pn532Rig) -> None:
    awake.command("3205 01 00 01")
    awake.tag(NTAG, chip="ntag213")
    awake.tag(OTHER, chip="ntag213")
    for uid in (NTAG, OTHER):
        awake.command("3201 00")
        assert found(awake, f"4A0100 88{uid}") == f"01010044000 7{uid.lower()}".replace(" ", "")
    awake.command("3201 00")
    assert found(awake, "4A0100 8804000000000000") == "00"


def test_the_crc_is_the_hosts_business_when_the_registers_say_so(awake: Pn532Rig) -> None:
    awake.command("3205 01 00 01")
    awake.tag(NTAG, chip="ntag213")
    found(awake)
    whole = awake.command("42 3000")
    assert whole == "00" + "04a1b29fc3d4e5f604480000e1101200"
    assert awake.command("42 A204 01020304") == "02", "four bits instead of a CRC"
    awake.command("08 6303 00")
    assert awake.command("42 3000") == whole + crc_a(whole[2:])
    assert awake.command("42 A204 01020304") == "000a"
    assert awake.command("42 A200 01020304") == "0000", "NAK: page 0 is read only"
    assert awake.command("42 3000") == "01", "and the tag sleeps"
    found(awake)
    awake.command("08 6302 00")
    assert awake.command("42 3000") == "01", "without a CRC there is no answer"
    assert awake.command("42 3000" + crc_a("3000")) == whole


def crc_a(text: str) -> str:
    """Return the CRC of ISO/IEC 14443-3, annex B, by crccheck."""
    from crccheck.crc import CrcA

    return CrcA.calc(bytes.fromhex(text)).to_bytes(2, "little").hex()


@pytest.mark.parametrize(("options", "status"), [((), "14"), (("--assume-nak-status", "01"), "01")])
def test_what_a_refused_write_is_called_is_assumed(tmp_path: Path, options: tuple[str, ...], status: str) -> None:
    rig = Pn532Rig(tmp_path)
    rig.start(*options)
    try:
        rig.waken()
        rig.tag(NTAG, chip="ntag213")
        found(rig)
        assert rig.command("40 01 A204 01020304") == "00"
        assert rig.command("40 01 A200 01020304") == status
        assert rig.block(4, NTAG) == "01020304"
    finally:
        rig.close()


def test_release_deselect_select_and_presence(awake: Pn532Rig) -> None:
    awake.tag(NTAG, chip="ntag213")
    found(awake)
    assert awake.command("00 06") == "00"
    assert awake.command("44 01") == "00"
    assert awake.command("00 06") == "01"
    assert awake.command("54 01") == "00"
    assert awake.command("40 01 3004")[:2] == "00"
    assert awake.command("40 02 3004") == "27"
    awake.do("lift")
    assert awake.command("44 01") == "00"
    assert awake.command("54 01") == "27"


def test_what_is_released_is_forgotten(awake: Pn532Rig) -> None:
    """UM0701-02 7.3.11: InRelease erases what the chip knows of the target; InDeselect (7.3.10) keeps it. 7.2.3: D5 05,
    no error, field, number of targets, four bytes each (Tg, 106 kbit/s both ways, type 00), state of the SAM.
    """
    awake.command("3205 01 00 01")
    awake.tag(NTAG, chip="ntag213")
    awake.tag(OTHER, chip="ntag213")
    found(awake, "4A0200")
    assert awake.command("44 00") == "00"
    assert awake.command("04") == "000102" + "01000000" + "02000000" + "80"
    assert awake.command("52 01") == "00"
    assert awake.command("04") == "000101" + "02000000" + "80"
    assert awake.command("54 01") == "27"
    assert awake.command("40 01 3004") == "27"
    assert awake.command("40 02 3004")[:2] == "00", "the other tag keeps its number"
    assert awake.command("52 00") == "00"
    assert awake.command("04") == "00010080"
    assert awake.command("40 02 3004") == "27"


def test_the_items_of_rf_configuration_have_their_lengths(awake: Pn532Rig) -> None:
    """7.3.1, and the lengths that nfcpy sends in the recorded conversation."""
    for item in (
        "01 00",
        "02 000B0A",
        "04 00",
        "05 010001",
        "0A" + "00" * 11,
        "0B" + "00" * 8,
        "0C FF0485",
        "0D" + "00" * 9,
    ):
        assert awake.command("32" + item) == ""
        assert awake.ask(frame("D432" + item.replace(" ", "") + "00")) == "0000ff01ff7f8100"
    assert awake.ask(frame("D432" + "0300")) == "0000ff01ff7f8100"


@pytest.mark.parametrize(("options", "checked", "raw"), [((), "01", "01"), (("--assume-nak",), "02", "0000")])
def test_an_unknown_command_of_a_tag_is_assumed(
    tmp_path: Path, options: tuple[str, ...], checked: str, raw: str
) -> None:
    """Silence is a time-out (01). Four bits have no CRC (02); if the host wants none, they are the answer."""
    rig = Pn532Rig(tmp_path)
    rig.start(*options)
    try:
        rig.waken()
        rig.tag(NTAG, chip="ntag213")
        found(rig)
        assert rig.command("42 1A00") == checked
        found(rig)
        rig.command("08 6303 00")
        assert rig.command("42 1A00") == raw
    finally:
        rig.close()


def test_a_poll_without_end_is_given_up_by_the_next_command(awake: Pn532Rig) -> None:
    awake.send(frame("D44A0100"))
    assert awake.receive(6) == ACK
    assert awake.command("02") == "32010607"
    awake.tag(NTAG, chip="ntag213")
    awake.quiet()


def test_a_poll_without_end_finds_a_tag_that_is_heard_every_third_time(awake: Pn532Rig) -> None:
    """Each look asks twice, so that the first two looks get no answer."""
    awake.tag(NTAG, chip="ntag213")
    awake.do("couple", uid=NTAG, heard=1, of=3)
    awake.send(frame("D44A0100"))
    assert awake.receive(6) == ACK
    assert awake.answer() == frame("D54B01010044000704a1b2c3d4e5f6")
    awake.do("couple", uid=NTAG, heard=1, of=1)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("40 01 3000", {"01", "02", "00" + "04a1b29fc3d4e5f604480000e1101200"}),  # heard in part: the CRC does not fit
        ("42 3000", {"01", "02", "00" + "04a1b29fc3d4e5f604480000e1101200"}),
        ("4A 01 00", {"00", "01010044000704a1b2c3d4e5f6"}),
    ],
)
def test_a_tag_leaves_at_any_moment(awake: Pn532Rig, body: str, said: set[str]) -> None:
    awake.command("3205 01 00 00")
    heard = set()
    whole = 0.0
    for step in range(12):
        awake.command("3201 00")
        awake.tag(NTAG, chip="ntag213")
        if body[:2] != "4A":
            found(awake)
        if step == 0:
            before = awake.do("counters")["seconds"]["total"]
            awake.command(body)
            whole = awake.do("counters")["seconds"]["total"] - before
            continue
        awake.do("move", uid=NTAG, to="away", after=whole * step / 12)
        heard.add(awake.command(body))
        awake.do("lift")
        awake.command("02")
    assert heard == said


def test_a_tag_that_is_lifted_is_a_time_out(awake: Pn532Rig) -> None:
    awake.tag(NTAG, chip="ntag213")
    found(awake)
    awake.do("lift-at-command", command="42")
    assert awake.command("42 3000") == "01"


# --- the recorded conversations -------------------------------------------------------------------------------------


def conversation(shared: Path, name: str) -> list[tuple[str, list[str]]]:
    """Yield the host's bytes, and the stand-in's answers to them."""
    said: list[tuple[str, list[str]]] = []
    for line in (shared / "domain/traces" / name).read_text().splitlines()[1:]:
        entry = json.loads(line)
        if entry["dir"] == ">":
            said.append((entry["hex"], []))
        else:
            said[-1][1].append(entry["hex"])
    return said


def test_every_byte_that_nfcpy_sent_is_answered(chip: Pn532Rig, shared: Path) -> None:
    """The stand-in's answers are not evidence, but a difference must have a known reason.

    nfcpy raises the speed at its start and lowers it at its end. Each change takes effect with its ACK.
    """
    chip.tag(NTAG, chip="ntag213", user="0311d1010d5402656e31333031323334353637fe")
    differ = set()
    agreed: int | None = None
    speeds = []
    for asked, given in conversation(shared, "nfcpy-pn532-ntag213.jsonl"):
        chip.send(asked)
        if asked == ACK:
            if agreed is not None:
                while chip.do("state")["baud"] != agreed:
                    pass
                chip.set_speed(agreed)
                speeds.append(agreed)
            continue
        assert chip.receive(6) == ACK, asked
        answer = chip.answer()
        assert given[0] == ACK
        if answer != given[1]:
            differ.add((asked[-18:], given[1][10:-4], answer[10:-4]))
        agreed = {"d41007": 921600, "d41004": 115200}.get(asked[-10:-4])
    assert speeds == [921600, 115200]
    # RxMode after the second activation: the emulator switches the CRC on again, because activation itself needs it.
    assert differ == {("ff04fcd4066303c000", "d50700", "d50780")}


def test_every_datagram_that_nfcpy_sent_is_answered(tmp_path: Path, shared: Path) -> None:
    """The same with nfcpy's udp device. A command that the tag does not know (1A) is silence there too."""
    pad = NfcPad(tmp_path, "nfcudp", "--listen", "127.0.0.1:0")
    try:
        pad.label(user="0311d1010d5402656e31333031323334353637fe")
        host, _, port = pad.link.rpartition(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.connect((host, int(port)))
            client.settimeout(PATIENCE_S)
            for asked, given in conversation(shared, "nfcpy-udp-type2.jsonl"):
                client.send(bytes.fromhex(asked))
                if given:
                    assert client.recv(4096).hex() == given[0]
            client.setblocking(False)
            pad.do("settle")
            with pytest.raises(BlockingIOError):
                client.recv(4096)
    finally:
        pad.close()


def asked_by_datagram(pad: NfcPad, *frames: str) -> list[str]:
    """Return the answer to each frame on the air, or ""; the virtual clock shows when nothing more will arrive."""
    host, _, port = pad.link.rpartition(":")
    heard = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect((host, int(port)))
        client.setblocking(False)
        for frame_ in frames:
            client.send(f"106A {frame_}".encode())
            pad.do("settle")
            try:
                heard.append(client.recv(4096).decode().removeprefix("106A "))
            except BlockingIOError:
                heard.append("")
    return heard


SELECTED = ("26", "93708804a1b29f", "9570c3d4e5f604")


@pytest.mark.parametrize(("options", "said"), [((), ""), (("--assume-nak",), "00")])
def test_over_udp_an_unknown_command_is_assumed_too(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    pad = NfcPad(tmp_path, "nfcudp", "--listen", "127.0.0.1:0", *options)
    try:
        pad.label(NTAG)
        assert asked_by_datagram(pad, *SELECTED, "1a00") == ["4400", "04", "00", said]
    finally:
        pad.close()


def test_over_udp_tags_that_differ_drown_each_other_and_one_that_leaves_is_not_heard(tmp_path: Path) -> None:
    pad = NfcPad(tmp_path, "nfcudp", "--listen", "127.0.0.1:0")
    try:
        pad.label(NTAG)
        pad.label(OTHER)
        assert asked_by_datagram(pad, "26", "9320") == ["4400", ""], "both tags have the same ATQA, but different UIDs"
        pad.do("lift")
        pad.label(NTAG)
        assert asked_by_datagram(pad, *SELECTED, "3004")[-1] != ""
        # READ is 4 bytes and 2 of CRC at 9 bits and 106 kbit/s: the request takes about 0.4 ms, and the answer 1.6 ms
        pad.do("move", uid=NTAG, to="away", after=0.001)
        assert asked_by_datagram(pad, "3004") == [""]
        assert pad.do("state")["on_pad"] == []
    finally:
        pad.close()
