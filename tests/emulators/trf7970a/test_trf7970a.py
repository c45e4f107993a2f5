"""The emulated TRF7970A EVM: the recorded conversation of rfidgeek, the firmware's texts, and rfidgeek itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from benchmarks.danish import rfidgeek
from tests.emulators.trf7970a.trf_rig import ON, ONE, TWO, TrfRig, air, request


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrfRig]:
    rig = TrfRig(tmp_path_factory.mktemp("trf"))
    rig.start()
    yield rig
    rig.close()


@pytest.fixture
def evm(running: TrfRig) -> TrfRig:
    running.anew()
    return running


@pytest.fixture
def on(evm: TrfRig) -> TrfRig:
    assert evm.say_text(request(ON)) == "Register write request.\r\n\r\n"
    return evm


def test_the_rigs_requests_are_those_that_clients_send() -> None:
    assert request("FF") == "0108000304FF0000"
    assert request("10 0021 0100") == "010C00030410002101000000"
    assert request("14 04 01 00") == "010B000304140401000000"
    assert request("18 20 23" + air(ONE) + "00 08") == "011400030418202301AB1200000104E000080000"


def test_the_given_conversation_byte_for_byte(evm: TrfRig, shared: Path) -> None:
    """Every byte of rfidgeek is answered as the stand-in answered it; the tags' memory is as in the trace."""
    entries = [json.loads(line) for line in (shared / "domain/traces/rfidgeek-trf7970a.jsonl").read_text().splitlines()]
    read = [entry["note"][18:-3] for entry in entries[1:] if entry["note"].startswith("Request mode.\r\n[0011")]
    evm.tag(ONE, memory=read[0])
    evm.tag(TWO, chip="tag-it-hfi-plus", memory=read[1])
    asked = ""
    for entry in entries[1:]:
        if entry["dir"] == ">":
            asked = entry["hex"]
            evm.send(asked)
        else:  # the last one: AFI without an address, for both tags; without the option flag the Tag-it is silent
            assert evm.receive(len(entry["hex"]) // 2) == entry["hex"], entry["note"]
    evm.quiet()
    assert evm.dump(ONE)["memory"][16:24] == "41424344"
    assert (evm.dump(ONE)["afi"], evm.dump(TWO)["afi"]) == (0xC2, 0)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("FF", "TRF7970A EVM \r\n\r\n"),
        ("FE", "Firmware Revision 03 from 11/Nov/2013 \r\n\r\n"),
        ("F0 00", "AGC Toggle\r\n"),
        ("F1 FF", "AM PM Toggle\r\n"),
        ("F3", "\r\n"),
        ("99", "\r\n"),
        ("17", "MCU reset.\r\n"),  # the watchdog acts before the end of the line (DeviceReset)
        ("03 FF", "Reader disabled.\r\n"),
        ("03 00", "Reader enabled.\r\n"),
        ("03 0A", "External clock.\r\n"),
        ("03 0B", "Internal clock.\r\n"),
        ("03 07", "\r\n"),
        ("F2 FF", "\r\n"),
        ("15 0F", "Direct command.\r\n\r\n"),
        ("16 91", "RAW mode.\r\n\r\n"),
        ("11 09 21", "Continous write request.\r\n\r\n"),
        ("12 09", "Register read request.\r\n[21]\r\n\r\n"),  # Trf797xInitialSettings
        ("12 00 01", "Register read request.\r\n[01][21]\r\n\r\n"),
        ("13 02 00", "Continous read request\r\n[01][21]\r\n\r\n"),
        ("14 06 01 00", "ISO 15693 Inventory request.\r\n\r\n"),
        ("18 02 2B", "Request mode.\r\n[]\r\n"),
    ],
)
def test_what_the_firmware_says(evm: TrfRig, body: str, said: str) -> None:
    evm.tag(ONE)
    assert evm.say_text(request(body)) == said, "the field is off after power-up"


def test_registers(on: TrfRig) -> None:
    assert on.say_text(request("12 00 01")) == "Register read request.\r\n[21][00]\r\n\r\n"
    assert on.say_text(request("11 00 31 02")) == "Continous write request.\r\n\r\n"
    assert on.do("state")["registers"] == {"00": 0x31, "01": 0x02, "09": 0x21}


def test_toggles_are_bits_of_chip_status_control(on: TrfRig) -> None:
    """host.c: F0 FF sets bit 2 (AGC), F1 FF clears bit 3 (PM), F2 FF clears bit 4 (half power); another byte does the reverse."""
    for body, value in (
        ("F0 FF", "25"),
        ("F1 00", "2D"),
        ("F2 00", "3D"),
        ("F0 00", "39"),
        ("F1 FF", "31"),
        ("F2 FF", "21"),
    ):
        on.say_text(request(body))
        assert on.say_text(request("12 00")) == f"Register read request.\r\n[{value}]\r\n\r\n", body


@pytest.mark.parametrize("body", ["03 FF", "17"])
def test_what_takes_the_chips_power_ends_the_field(on: TrfRig, body: str) -> None:
    on.tag(ONE)
    assert on.ask_air("26 01 00") == "0000" + air(ONE)
    on.say_text(request(body))
    assert on.say_text(request("12 00 01")) == "Register read request.\r\n[01][21]\r\n\r\n"
    assert on.ask_air("26 01 00") == ""


def test_of_sixteen_slots_request_mode_hears_the_first(on: TrfRig) -> None:
    """No end of frame follows, so that only tags whose UID ends with nibble 0 answer (ISO/IEC 15693-3 8.2)."""
    on.tag("E004010000000010")
    on.tag("E004010000000021")
    assert on.ask_air("06 01 00") == "0000" + air("E004010000000010")
    assert on.ask_air("26 01 00") == "z"
    on.tag("E004010000000030")
    assert on.ask_air("06 01 00") == "z"


@pytest.mark.parametrize(
    ("body", "said"),
    [("22 20" + air(ONE) + "00", {"0001020304", "z", ""}), ("26 01 00", {"0000" + air(ONE), "z", ""})],
)
def test_a_tag_leaves_at_any_moment(on: TrfRig, body: str, said: set[str]) -> None:
    """The answer is heard in part and its CRC does not fit; the firmware calls it a collision (Trf797xISR, bit 4)."""
    on.tag(ONE, memory="01020304")
    before = on.seconds()
    on.ask_air(body)
    whole = sum(value - before[kind] for kind, value in on.seconds().items() if kind != "total")
    heard = set()
    for step in range(1, 10):
        on.do("place", uid=ONE)
        on.do("move", uid=ONE, to="away", after=whole * step / 10)
        heard.add(on.ask_air(body))
        on.do("lift")
        on.say_text(request("FF"))
    assert heard == said


def test_noise_case_and_pieces(on: TrfRig) -> None:
    for text in (request("FF").lower(), "zz \r\n0" + request("FF"), "0101" + request("FF")):
        assert on.say_text(text) == "TRF7970A EVM \r\n\r\n"


def test_a_request_that_is_longer_than_the_buffer_is_lost(on: TrfRig) -> None:
    """100 characters (uart.c): 10 blocks of 4 bytes do not fit into one write."""
    body = "18 02 24 00 09" + "AB" * 40
    on.unanswered(request(body).encode().hex(), "frames_dropped")
    assert on.say_text(request("FF")) == "TRF7970A EVM \r\n\r\n"


def test_the_air_is_the_hosts_business(on: TrfRig) -> None:
    on.tag(ONE, memory="01020304")
    assert on.ask_air("02 20 00") == "0001020304"
    assert on.ask_air("22 20" + air(ONE) + "00") == "0001020304"
    assert on.ask_air("22 20" + air(ONE) + "7F") == "0110", "an addressed request gets the error of a missing block"
    assert on.ask_air("02 20 7F") == "", "an unaddressed request does not get the error"
    assert on.ask_air("42 20 00") == "000001020304", "with the option flag the lock byte comes first"
    on.tag(TWO, chip="tag-it-hfi-plus", memory="05060708")
    assert on.ask_air("02 20 00") == "z"
    assert on.ask_air("22 02" + air(ONE)) == "", "Stay Quiet has no answer"
    assert on.ask_air("02 20 00") == "0005060708"


def test_the_option_flag_and_the_end_of_frame(on: TrfRig) -> None:
    on.tag(TWO, chip="tag-it-hfi-plus")
    assert on.ask_air("22 21" + air(TWO) + "00 01020304") == "0103", "TI's tags need the option flag"
    assert on.ask_air("62 21" + air(TWO) + "00 01020304") == "00"
    assert on.block(0, TWO) == "01020304"
    assert on.seconds()["tprog"] >= 0.02


def found(rig: TrfRig, body: str = "14 06 01 00") -> list[str]:
    said = rig.say_text(request(body))
    return [air(part[:16]) for part in said.split("[")[1:]]


def test_anticollision_and_its_order(on: TrfRig) -> None:
    """Slots in order. The rounds of slots that collided follow, the last collision first."""
    uids = ["E004010000000001", "E004010000000011", "E004010000000002", "E004010000000003", "E004010000000013"]
    for uid in uids:
        on.tag(uid)
    assert found(on) == [
        *("E004010000000002",),
        *("E004010000000003", "E004010000000013"),
        *("E004010000000001", "E004010000000011"),
    ]
    assert found(on, "14 26 01 00") == [], "five tags in one slot"
    on.do("lift")
    on.do("place", uid=uids[0])
    assert found(on, "14 26 01 00") == uids[:1]


@pytest.mark.parametrize("right", [False, True])
def test_long_masks_are_assumed(tmp_path: Path, right: bool) -> None:
    """Two tags are equal in twelve bits: by its source the firmware then uses another mask than the standard's."""
    rig = TrfRig(tmp_path)
    rig.start(*(["--assume-right-masks"] if right else []))
    try:
        rig.say_text(request(ON))
        for uid in ("E004010000001123", "E004010000002123"):
            rig.tag(uid)
        assert len(found(rig)) == (2 if right else 0)
    finally:
        rig.close()


def test_afi_and_the_older_firmware(tmp_path: Path) -> None:
    rig = TrfRig(tmp_path)
    rig.start("--verbose-slots")
    try:
        rig.say_text(request(ON))
        rig.tag(ONE, afi=0x07)
        rig.tag("E004010000000005", afi=0xC2)
        said = rig.say_text(request("14 16 01 07 00"))
        assert said.count("[,7F]") == 15
        assert f"[{air(ONE)},7F]" in said
        rig.tag("E004010000000015", afi=0xC2)
        assert "[z,7F]" in rig.say_text(request("14 06 01 00"))
    finally:
        rig.close()


# --- rfidgeek -------------------------------------------------------------------------------------------------------


class Patient:
    """The client's port, which waits for the emulator: rfidgeek takes 100 ms without a byte for the end (known bug)."""

    def __init__(self, port: Any, rig: TrfRig) -> None:
        self._port, self._rig, self._before = port, rig, 0

    def write(self, data: bytes) -> None:
        self._before = self._rig.do("counters")["frames_out"]
        self._port.write(data)

    def readall(self) -> bytes:
        while self._rig.do("counters")["frames_out"] == self._before:
            pass
        return self._port.readall()

    def close(self) -> None:
        self._port.close()


@pytest.fixture
def client(evm: TrfRig) -> Iterator[Any]:
    assert version("rfidgeek") == "2.0.1"
    module = rfidgeek()
    peer = module.PyRFIDGeek(str(evm.link.resolve()))
    peer.sp = Patient(peer.sp, evm)
    peer.set_protocol(module.ISO15693)
    yield peer
    peer.close()


DATA = {"partno": 1, "nparts": 1, "id": "1301234567", "country": "DK", "library": "718500"}


def test_rfidgeek_finds_reads_and_writes(evm: TrfRig, client: Any) -> None:
    """Known quirk: it keeps UIDs in the byte order of the line, and reads nine blocks instead of eight."""
    evm.tag(ONE)
    evm.tag(TWO, chip="tag-it-hfi-plus")
    assert list(client.inventory()) == [air(ONE), air(TWO)]
    assert client.write_danish_model_tag(air(ONE), DATA)
    assert evm.dump(ONE)["memory"][:64] == (
        "1101013133303132333435363700000000000034A2444B37313835303000000000"[:64].lower()
    )
    read = client.read_danish_model_tag(air(ONE))
    assert read["crc_ok"]
    assert (read["id"], read["country"], read["library"]) == ("1301234567", "DK", "718500")


def test_rfidgeek_sets_the_afi(evm: TrfRig, client: Any) -> None:
    evm.tag(ONE, afi=0x00)
    client.unlock_afi(air(ONE))
    assert evm.dump(ONE)["afi"] == 0xC2
    client.lock_afi(air(ONE))
    assert evm.dump(ONE)["afi"] == 0x07


def test_rfidgeek_writes_the_afi_of_whatever_lies_there(evm: TrfRig, client: Any) -> None:
    """Known bug: the request has no address, so that the given UID has no effect."""
    evm.tag(ONE)
    evm.tag("E004010000000005")
    client.unlock_afi(air(ONE))
    assert evm.dump("E004010000000005")["afi"] == 0xC2


def test_rfidgeek_cannot_write_ti_tags(evm: TrfRig, client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Known bug: it never sets the option flag."""
    evm.tag(TWO, chip="tag-it-hfi-plus")
    assert not client.write_block(air(TWO), 0, ["01", "02", "03", "04"])
    assert evm.block(0, TWO) == "00000000"


def test_rfidgeek_takes_a_block_that_it_did_not_get_for_a_failure(evm: TrfRig, client: Any) -> None:
    evm.tag(ONE)
    evm.do("lift")
    assert client.read_danish_model_tag(air(ONE)) == {"error": "read-failed"}
