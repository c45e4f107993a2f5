"""The emulated 3M reader by the specification's tables and the capture of a real 810: literal bytes in, literal bytes out."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support import forked
from tests.support.feig_rig import TI
from tests.support.patience import PATIENCE_S
from tests.support.threem_rig import FIRST, SECOND, SLIX, ThreemRig, frame

NOBODY = "E0040100DEADBEEF"
BACKWARDS = bytes.fromhex(SLIX)[::-1].hex()


def low(text: str) -> str:
    return text.replace(" ", "").lower()


def test_the_real_capture_is_answered_byte_for_byte(pad: ThreemRig) -> None:
    """The same two tags on the pad of the emulator: all six answers are those of the real 810."""
    pad.tag(FIRST, chip="slix", memory="04110001313330323039393939390000".ljust(64, "0"), afi=0xDA)
    pad.tag(SECOND, chip="slix", memory="04110000323030303030303030303432", afi=0xDA)
    trace = (ROOT / "tests/vectors/3m810-live-capture.jsonl").read_text(encoding="utf-8").splitlines()[1:]
    lines = [json.loads(line)["hex"] for line in trace]
    assert len(lines) == 12
    for sent, answered in zip(lines[::2], lines[1::2], strict=True):
        said = pad.ask(sent)
        if sent.startswith("d60005fe"):  # the order of the tags is random
            assert sorted((said[16:32], said[32:48])) == sorted((answered[16:32], answered[32:48]))
            assert said[:16] == answered[:16]
        else:
            assert said == answered


@pytest.mark.parametrize("name", ["3m810-live-capture", "biblio-rfid-3m810"])
def test_every_host_frame_of_the_traces_is_answered(pad: ThreemRig, name: str) -> None:
    for uid in (FIRST, SECOND, SLIX):
        pad.tag(uid, chip="slix")
    pad.tag("E00700000071AB02", chip="tag-it-hfi-plus")
    trace = (ROOT / f"tests/vectors/{name}.jsonl").read_text(encoding="utf-8").splitlines()[1:]
    for line in map(json.loads, trace):
        if line["dir"] == ">":
            said = pad.ask(line["hex"])
            assert said[6:8] == line["hex"][6:8]
            assert said[8:10] == "00"


def test_inventory_options(pad: ThreemRig) -> None:
    assert pad.command("FE 00 05") == "fe00000500"
    pad.tag(dsfid=0x3E, afi=0x07)
    pad.tag(TI, chip="tag-it-hfi-plus", dsfid=0x06, afi=0xC2)
    assert pad.command("FE 00 05") == low(f"FE 00 00 05 02 {SLIX} {TI}")
    assert pad.command("FE 00 07") == low(f"FE 00 00 07 02 3E {SLIX} 06 {TI}")
    assert pad.command("FE 07 05") == low(f"FE 00 07 05 01 {SLIX}")
    assert pad.command("FE D7 05") == low("FE 00 D7 05 00")
    assert pad.command("FE 00 45 01") == low("FE 00 00 45 00")  # Tag-it transponders only
    assert pad.command("FE 00 45 02") == low(f"FE 00 00 45 02 {SLIX} {TI}")
    assert pad.command("FE 00 80") == "fe31"


def test_all_tags_are_found_at_every_look_and_collisions_are_resolved(pad: ThreemRig) -> None:
    uids = [f"E004010000000{number:03X}" for number in (1, 0x11, 0x21, 0x101, 0x201, 0x111)]
    for uid in uids:
        pad.tag(uid)
    for _ in range(2):
        said = pad.command("FE 00 05")
        assert said[:10] == "fe00000506"
        assert {said[at : at + 16].upper() for at in range(10, len(said), 16)} == set(uids)


def test_a_tag_that_does_not_hear_the_quiet_command_is_listed_twice(pad: ThreemRig) -> None:
    """Specification: "the reader does not remove duplicate addresses"; bit 5 skips the second poll."""
    pad.tag()
    pad.do("deaf-to-quiet", on=True)
    assert pad.command("FE 00 05") == low(f"FE 00 00 05 02 {SLIX} {SLIX}")
    assert pad.command("FE 00 25") == low(f"FE 00 00 25 01 {SLIX}")


@pytest.mark.parametrize(("options", "seen"), [((), "00"), (("--assume-quiet-ends",), "01")])
def test_quiet(idle_pad: ThreemRig, options: tuple[str, ...], seen: str) -> None:
    """A quiet tag ignores Read Block UID, but answers addressed commands. How long it stays quiet is assumed."""
    idle_pad.start(*options)
    idle_pad.tag()
    assert idle_pad.command(f"01 {SLIX}") == low(f"01 00 {SLIX}")
    assert idle_pad.command("FE 00 05")[8:10] == seen
    assert idle_pad.command(f"0A {SLIX}") == low(f"0A 00 {SLIX} 00")
    idle_pad.do("lift")
    idle_pad.do("place", uid=SLIX)
    for _ in range(2):
        assert idle_pad.command("FE 00 05")[8:10] == "01"  # the tag had lost power: it is ready again


def test_reading_in_all_shapes(pad: ThreemRig) -> None:
    pad.tag(memory="00112233" * 28, locked=[1])
    assert pad.command(f"02 {SLIX} 00 02") == low(f"02 00 {SLIX} 02 00 00 00112233 01 01 00112233")
    assert pad.command(f"02 {SLIX} 00 02 04") == low(f"02 00 {SLIX} 00 02 00 00112233 01 00112233")
    assert pad.command(f"02 {SLIX} 01 02 08") == low(f"02 00 {SLIX} 02 01 00112233 02 00112233")
    assert pad.command(f"02 {SLIX} 01 02 0C") == low(f"02 00 {SLIX} 01 02 00112233 00112233")
    assert pad.command(f"02 {SLIX} 01 01") == low(f"02 00 {SLIX} 01 01 01 00112233")
    assert pad.command(f"02 {SLIX} 1B 02") == low(f"02 11 {SLIX}")
    # City-of-Helsinki/signum-savotta sends this to real readers. No block is in error.
    assert pad.command(f"02 {SLIX} 00 02 05") == low(f"02 00 {SLIX} 00 02 00 00112233 01 00112233")
    assert pad.command(f"02 {SLIX} 00 01 10") == low(f"02 31 {SLIX}")
    assert pad.command(f"02 {SLIX} 00 00") == low(f"02 32 {SLIX}")
    assert pad.command(f"02 {NOBODY} 00 01") == low(f"02 06 {NOBODY}")


def test_writing(pad: ThreemRig) -> None:
    pad.tag(locked=[5])
    assert pad.command(f"04 {SLIX} 02 02 00 01020304 05060708") == low(f"04 00 {SLIX} 04")
    assert pad.dump()["memory"][16:32] == "0102030405060708"
    assert pad.command(f"04 {SLIX} 04 02 00 11111111 22222222") == low(f"04 12 {SLIX} 05")
    assert (pad.block(4), pad.block(5)) == ("11111111", "00000000")
    assert pad.command(f"04 {SLIX} 1B 02 00 11111111 22222222") == low(f"04 11 {SLIX} 1C")
    assert pad.command(f"04 {SLIX} 00 01 01 11111111") == low(f"04 31 {SLIX}")
    assert pad.command(f"04 {SLIX} 00 02 00 11111111") == low(f"04 32 {SLIX}")
    assert pad.command(f"04 {NOBODY} 00 01 00 11111111") == low(f"04 06 {NOBODY} 00")
    assert pad.command(f"05 {SLIX} 08 0A0B0C0D") == low(f"05 00 {SLIX}")
    assert pad.command(f"07 {SLIX} 09 0A0B0C0D") == low(f"07 00 {SLIX}")
    assert pad.command(f"08 {SLIX} 0A") == low(f"08 00 {SLIX}")
    assert pad.command(f"08 {SLIX} 0A") == low(f"08 12 {SLIX}")
    assert pad.command(f"05 {SLIX} 09 00000000") == low(f"05 12 {SLIX}")
    assert pad.dump()["locked"] == [5, 9, 10]
    assert (pad.block(8), pad.block(9)) == ("0a0b0c0d", "0a0b0c0d")


def test_afi_and_dsfid(pad: ThreemRig) -> None:
    pad.tag(afi=0xDA, dsfid=0x31)
    for get, put, lock, old in (("0A", "09", "06", "DA"), ("0F", "0B", "0E", "31")):
        assert pad.command(f"{get} {SLIX}") == low(f"{get} 00 {SLIX} {old}")
        assert pad.command(f"{put} {SLIX} D7") == low(f"{put} 00 {SLIX}")
        assert pad.command(f"{get} {SLIX}") == low(f"{get} 00 {SLIX} D7")
        assert pad.command(f"{lock} {SLIX}") == low(f"{lock} 00 {SLIX}")
        assert pad.command(f"{put} {SLIX} 00") == low(f"{put} 12 {SLIX}")
        assert pad.command(f"{put} {NOBODY} 00") == low(f"{put} 06 {NOBODY}")
    tag = pad.dump()
    assert (tag["afi"], tag["dsfid"], tag["afi_locked"], tag["dsfid_locked"]) == (0xD7, 0xD7, True, True)


def test_eas(pad: ThreemRig) -> None:
    pad.tag()
    pad.tag(TI, chip="tag-it-hfi-plus")
    assert pad.command(f"03 {SLIX}") == low(f"03 06 {SLIX} 00")
    assert pad.command(f"0C {SLIX} 01") == low(f"0C 00 {SLIX}")
    assert pad.command(f"03 {SLIX}") == low(f"03 00 {SLIX} 01")
    assert pad.dump()["eas"] is True
    assert pad.command(f"0C {SLIX} 00") == low(f"0C 00 {SLIX}")
    assert pad.command(f"03 {SLIX}") == low(f"03 06 {SLIX} 00")
    assert pad.command(f"0C {TI} 01") == low(f"0C 06 {TI}")  # another manufacturer's tag does not answer it
    assert pad.command(f"0C {SLIX} 02") == low(f"0C 32 {SLIX}")


def test_tag_info(pad: ThreemRig) -> None:
    pad.tag(afi=0xDA, dsfid=0x31)
    assert pad.command(f"0D {SLIX} 0F") == low(f"0D 00 {SLIX} 0F 31 DA 03 1B 0001")
    assert pad.command(f"0D {SLIX} 06") == low(f"0D 00 {SLIX} 06 DA 03 1B")
    assert pad.command(f"0D {SLIX} F0") == low(f"0D 00 {SLIX} 00")
    assert pad.command(f"0D {NOBODY} 0F") == low(f"0D 06 {NOBODY}")


def test_pass_through_reads(pad: ThreemRig) -> None:
    pad.tag(memory="55555555")
    assert pad.command(f"14 000B 0006 0000 22 20 {BACKWARDS} 00") == low("14 00 83 0005 00 55555555")
    assert pad.command(f"14 000B 0003 0000 22 20 {BACKWARDS} 00") == low("14 00 83 0003 00 5555")
    assert pad.command(f"14 000B 0006 0000 22 20 {BACKWARDS} 1C") == low("14 00 83 0002 01 10")
    assert pad.command("14 0003 000A 0000 26 01 00") == low(f"14 00 83 000A 00 00 {BACKWARDS}")
    assert pad.command(f"14 000C 0006 0000 22 20 {BACKWARDS} 00") == "1431"
    assert pad.command(f"14 000B 0006 4000 22 20 {BACKWARDS} 00") == "1431"


@pytest.mark.parametrize(("options", "silence"), [((), "1400000000"), (("--assume-silence-is-error",), "1406")])
def test_pass_through_writes_need_the_wait_that_the_tag_needs(
    idle_pad: ThreemRig, options: tuple[str, ...], silence: str
) -> None:
    """Footnote **: TI's tags answer after an end of frame, other tags when they are done. A write whose answer is not
    heard is still done.
    """
    idle_pad.start(*options)
    idle_pad.tag()
    idle_pad.tag(TI, chip="tag-it-hfi-plus")
    texas = bytes.fromhex(TI)[::-1].hex()
    assert idle_pad.command(f"14 000F 0001 0000 22 21 {BACKWARDS} 00 01020304") == silence
    assert idle_pad.block(0) == "01020304"
    assert idle_pad.command(f"14 000F 0001 1423 22 21 {BACKWARDS} 00 05060708") == low("14 00 83 0001 00")
    assert idle_pad.command(f"14 000F 0001 1423 62 21 {texas} 00 01020304") == silence
    assert idle_pad.command(f"14 000F 0001 3423 62 21 {texas} 00 05060708") == low("14 00 83 0001 00")
    assert idle_pad.command(f"14 000F 0002 3423 22 21 {texas} 00 05060708") == low("14 00 83 0002 01 03")


def test_versions_and_what_it_does_not_know(pad: ThreemRig) -> None:
    assert pad.command("11") == low("11 00 0A 05 00 02")
    assert pad.command("13 04 0100 0200 0300 0400") == low("13 00 02 0101 0302 0203 00")
    assert pad.command("12") == "1202"
    assert pad.command("09 E004") == "0932"


def test_other_firmware(idle_pad: ThreemRig) -> None:
    idle_pad.start(
        "--without", "0d,0c", "--no-dsfid-option", "--most-blocks", "4", "--assume-bare-errors", "--version", "0a030206"
    )
    idle_pad.tag()
    assert idle_pad.command("11") == low("11 00 0A 03 02 06")
    assert idle_pad.command(f"0D {SLIX} 0F") == "0d02"
    assert idle_pad.command("FE 00 07") == "fe31"
    assert idle_pad.command(f"02 {SLIX} 00 05") == "02fe"
    assert idle_pad.command(f"02 {NOBODY} 00 01") == "0206"


def test_a_minimal_reader_has_what_the_capture_shows_and_a_write(idle_pad: ThreemRig) -> None:
    idle_pad.start("--minimal", "refuses", "--with", "0b")
    idle_pad.tag()
    assert idle_pad.ask("D500050400118C66") == "d500090400110a0500027250"
    assert idle_pad.command("FE 00 05") == low(f"FE 00 00 05 01 {SLIX}")
    assert idle_pad.command(f"04 {SLIX} 03 01 00 01020304") == low(f"04 00 {SLIX} 04")
    assert idle_pad.command(f"02 {SLIX} 03 01") == low(f"02 00 {SLIX} 01 03 00 01020304")
    assert idle_pad.command(f"0A {SLIX}") == low(f"0A 00 {SLIX} 00")
    assert idle_pad.command(f"0B {SLIX} 06") == low(f"0B 00 {SLIX}"), "--with adds the command"
    for other in ("11", f"0D {SLIX} 0F", f"09 {SLIX} 07", f"0F {SLIX}", f"08 {SLIX} 00", f"0C {SLIX} 01", "13"):
        assert idle_pad.command(other) == low(f"{other[:2]} 02")
    assert idle_pad.command("FE 00 07") == "fe31"
    assert idle_pad.command(f"02 {SLIX} 03 01 04") == low(f"02 31 {SLIX}")


def test_a_minimal_reader_that_is_silent(idle_pad: ThreemRig) -> None:
    idle_pad.start("--minimal", "silent")
    idle_pad.tag()
    for other in (f"0D {SLIX} 0F", f"09 {SLIX} 07", "FE 00 07", f"02 {SLIX} 03 01 04"):
        idle_pad.unanswered(frame(other))
    assert idle_pad.command(f"02 {SLIX} 00 01") == low(f"02 00 {SLIX} 01 00 00 00000000")
    # The control command of a scenario gives the reader all commands again.
    assert idle_pad.do("minimal", answer="") == {"ok": True, "minimal": "", "with": []}
    assert idle_pad.command("FE 00 07") == low(f"FE 00 00 07 01 00 {SLIX}")
    assert idle_pad.command(f"09 {SLIX} 07") == low(f"09 00 {SLIX}")


class TestFrames:
    def test_a_damaged_frame_is_not_answered_and_the_next_one_is(self, pad: ThreemRig) -> None:
        good = frame("FE 00 05")
        for at in range(0, 8 * (len(good) // 2 - 3), 7):
            bad = bytearray.fromhex(good)
            bad[3 + at // 8] ^= 1 << at % 8
            pad.unanswered(bad.hex(), "frames_dropped")
        assert pad.ask(good) == frame("FE 00 00 05 00")

    def test_bytes_before_the_start_byte_are_passed_over(self, pad: ThreemRig) -> None:
        assert pad.ask("00ff0611" + frame("FE 00 05")) == frame("FE 00 00 05 00")

    def test_a_command_that_comes_while_another_one_is_done_is_ignored(self, pad: ThreemRig) -> None:
        """Specification 1.1: "The reader will ignore a command sent while it is processing another command." """
        before = pad.do("counters")["frames_dropped"]
        assert pad.ask(frame("11") + frame("FE 00 05")) == frame("11 00 0A 05 00 02")
        pad.quiet()
        assert pad.do("counters")["frames_dropped"] == before + 1
        assert pad.ask(frame("FE 00 05")) == frame("FE 00 00 05 00")

    def test_a_length_that_cannot_be(self, pad: ThreemRig) -> None:
        pad.unanswered("d60002fe00", "frames_dropped")
        pad.unanswered("d6ffff11", "frames_dropped")

    def test_the_probe_can_be_unknown(self, idle_pad: ThreemRig) -> None:
        idle_pad.start("--no-probe")
        idle_pad.unanswered("d500050400118c66")
        assert idle_pad.command("11") == low("11 00 0A 05 00 02")

    def test_another_baud_rate_is_not_understood(self, pad: ThreemRig) -> None:
        pad.set_speed(38400)
        pad.send(frame("11"))
        pad.quiet()
        assert pad.do("counters")["frames_in"] == 0


class TestFaults:
    """The faults of the FEIG emulator, with this emulator."""

    def test_lifted_in_the_middle_of_a_write(self, pad: ThreemRig) -> None:
        pad.tag()
        pad.do("lift-after-writes", n=2, mode="any", mask="deadbeef")
        assert pad.command(f"04 {SLIX} 00 03 00 01010101 02020202 03030303") == low(f"04 16 {SLIX} 01")
        assert (pad.block(0), pad.block(1), pad.block(2)) == ("01010101", "deadbeef", "00000000")
        assert pad.do("state")["on_pad"] == []
        pad.do("place", uid=SLIX)
        pad.do("lift-after-writes", n=1, mode="old")
        assert pad.command(f"04 {SLIX} 00 01 00 07070707") == low(f"04 06 {SLIX} 00")

    def test_answers_are_dropped_cut_doubled_late_and_garbled(self, pad: ThreemRig) -> None:
        whole = frame("11 00 0A 05 00 02")
        pad.do("drop-answer")
        pad.unanswered(frame("11"))
        pad.do("truncate-answer", keep=3)
        pad.send(frame("11"))
        assert pad.receive(3) == whole[:6]
        pad.quiet()
        pad.do("duplicate-answer", command="11")
        assert (pad.ask(frame("11")), pad.answer()) == (whole, whole)
        pad.do("garble-answer", bit=0)
        pad.send(frame("11"))
        assert pad.receive(len(whole) // 2) == "d7" + whole[2:]
        pad.do("late-answer", ms=5000, command="11")
        pad.unanswered(frame("11"))
        assert (pad.ask(frame("FE 00 05")), pad.answer()) == (whole, frame("FE 00 00 05 00"))

    def test_the_probe_has_a_name_of_its_own(self, pad: ThreemRig) -> None:
        pad.do("drop-answer", command="04")
        assert pad.ask("d500050400118c66") == "d500090400110a0500027250"
        assert pad.do("counters")["commands"] == {"d5": 1}
        assert len(pad.do("faults")["armed"]) == 1

    @pytest.mark.parametrize("execute", [False, True])
    def test_any_error_on_demand(self, pad: ThreemRig, execute: bool) -> None:
        pad.tag()
        pad.do("status", command="09", code=0x16, data=SLIX, execute=execute)
        assert pad.command(f"09 {SLIX} 07") == low(f"09 16 {SLIX}")
        assert pad.dump()["afi"] == (7 if execute else 0)

    def test_silence(self, pad: ThreemRig) -> None:
        pad.do("silence", on=True)
        pad.unanswered(frame("11"))


@pytest.mark.parametrize(
    ("body", "answer", "request_bytes"),
    [
        # docs/reference/readers.md#wire-time: inventory 8 / 10+8n; read 16 / 16+6k; write 17+4k / 16; AFI read 14 / 16,
        # write 15 / 15
        ("FE 00 05", 10 + 8, 8),
        (f"02 {SLIX} 00 08", 16 + 48, 16),
        (f"04 {SLIX} 00 08 00 " + "00" * 32, 16, 17 + 32),
        (f"0A {SLIX}", 16, 14),
        (f"09 {SLIX} 07", 15, 15),
    ],
)
def test_wire_time_is_ten_bits_a_byte_at_19200(pad: ThreemRig, body: str, answer: int, request_bytes: int) -> None:
    pad.tag()
    pad.do("reset-counters")
    pad.command(body)
    assert pad.seconds()["wire"] == pytest.approx((answer + request_bytes) * 10 / 19200)


def test_air_time_by_the_tables(pad: ThreemRig) -> None:
    """docs/reference/readers.md#air-time: milliseconds of one exchange on the air; an inventory polls twice and quiets
    in between."""
    pad.tag()

    def spent(body: str) -> float:
        pad.do("reset-counters")
        pad.command(body)
        seconds = pad.seconds()
        return 1000 * (seconds["air"] + seconds["tprog"])

    assert spent("FE 00 25") == pytest.approx(13.86, abs=0.006)
    quiet = 0.11327 + 12 * 0.30206 + 0.3091
    assert spent("FE 00 05") == pytest.approx(13.86 + quiet + 9.78, abs=0.012)
    assert spent(f"02 {SLIX} 00 08") == pytest.approx(18.3, abs=0.06)
    assert spent(f"04 {SLIX} 00 08 00 " + "00" * 32) == pytest.approx(95, abs=0.6)
    assert spent(f"09 {SLIX} 07") == pytest.approx(10.7, abs=0.06)


class TestTcp:
    @pytest.fixture
    def tcp(self, tmp_path: Path) -> object:
        places = ["--listen", "127.0.0.1:0", "--memory", tmp_path / "tags", "--control", tmp_path / "c"]
        process = forked.emulator("threem", *places, "--clock", "virtual")
        assert process.stdout is not None
        assert process.stdin is not None
        yield json.loads(process.stdout.readline())["link"]
        process.stdin.close()
        assert process.wait(PATIENCE_S) == 0
        process.stdout.close()

    def test_it_speaks_tcp_and_takes_the_next_client(self, tcp: str) -> None:
        host, port = tcp.split(":")
        for _ in range(2):
            with socket.create_connection((host, int(port)), timeout=PATIENCE_S) as client:
                client.sendall(bytes.fromhex("d500050400118c66"))
                got = b""
                while len(got) < 12:
                    got += client.recv(12)
                assert got.hex() == "d500090400110a0500027250"

    @pytest.mark.parametrize(
        ("family", "address"),
        [("threem", "nowhere"), ("threem", "127.0.0.1:65536"), ("feig", ":80"), ("nfcudp", "127.0.0.1:65536")],
    )
    def test_nonsense_is_no_address(self, family: str, address: str, tmp_path: Path) -> None:
        places = ["--listen", address, "--memory", tmp_path, "--control", tmp_path / "c"]
        done = forked.run(*places, module=f"station.emulators.{family}", text=True)
        assert done.returncode == 2
        assert done.stderr == f"HOST:PORT expected, not {address!r}\n"


def test_memory_survives_kill_nine_and_it_ends_with_its_parent(pad: ThreemRig) -> None:
    pad.tag()
    pad.command(f"04 {SLIX} 00 01 00 01020304")
    pad.command(f"0C {SLIX} 01")
    pad.close()
    pad.start()
    assert (pad.block(0), pad.dump()["eas"]) == ("01020304", True)
    assert pad.process is not None
    assert pad.process.stdin is not None
    pad.process.stdin.close()
    assert pad.process.wait(PATIENCE_S) == 0
    assert not os.path.lexists(pad.link)
