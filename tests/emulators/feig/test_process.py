"""The emulator as a process: what survives it, what ends it, and its plug."""

from __future__ import annotations

import importlib
import json
import os
import signal
import socket
import sys
import termios
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import serial

from station.emulators.reader import line as line_of
from station.emulators.reader.line import PtyLine
from tests.support import forked
from tests.support.feig_rig import SLIX, TI, Rig
from tests.support.patience import PATIENCE_S

WRITE = f"B0 24 01 {SLIX} 00 04 04 03020100 07060504 0B0A0908 0F0E0D0C"


def test_memory_survives_kill_nine(rig: Rig) -> None:
    rig.tag()
    rig.tag(TI, chip="tag-it-hfi-plus", dsfid=0x3E)
    assert rig.command(WRITE) == "00"
    assert rig.command(f"B0 27 01 {SLIX} C2") == "00"
    assert rig.command(f"B0 22 01 {SLIX} 02 01") == "00"
    assert rig.command("81 81 0500 08 01 00 05 000A 000000000000") == "00"
    before = rig.do("tags")["tags"]
    rig.close()  # kill -9
    rig.start()
    after = rig.do("tags")["tags"]
    assert after == [{**tag, "on_pad": False, "state": None} for tag in before]
    assert after[0]["memory"].startswith("000102030405060708090a0b0c0d0e0f00")
    assert (after[0]["afi"], after[0]["locked"], after[0]["writes"]["0"]) == (0xC2, [2], 1)
    assert rig.do("state")["config"]["1"].startswith("0500")  # the reader's EEPROM survives too


def test_a_tag_torn_before_kill_nine_stays_torn(rig: Rig) -> None:
    rig.tag()
    rig.do("lift-after-writes", n=2, mode="any", mask="deadbeef")
    assert rig.command(WRITE) == "0301"
    rig.close()
    rig.start()
    assert rig.dump()["memory"][:24] == "00010203deadbeef00000000"


def test_killed_in_the_middle_of_a_command(idle_rig: Rig) -> None:
    """The written blocks are stored, the others are old, and no file is incomplete."""
    rig = idle_rig.start("--tprog", "200", clock="real")
    rig.tag()
    rig.send("22ffb02401e00401000012ab0100040403020100070605040b0a09080f0e0d0caaa7")
    while "0" not in rig.dump()["writes"]:
        pass
    rig.close()
    rig.start()
    done = len(rig.dump()["writes"])
    assert 1 <= done <= 4
    assert bytes.fromhex(rig.dump()["memory"])[:16] == bytes(range(4 * done)).ljust(16, b"\0")
    assert sorted(path.name for path in (rig.folder / "tags").glob("*.json")) == [f"{SLIX}.json", "eeprom.json"]


def test_each_accepted_write_is_stored_before_its_answer(rig: Rig) -> None:
    rig.tag()
    stored = rig.folder / "tags" / f"{SLIX}.json"
    for value in range(1, 20):
        assert rig.command(f"B0 29 01 {SLIX} {value:02X}") == "00"
        assert json.loads(stored.read_text())["dsfid"] == value


def test_it_ends_with_its_parent(rig: Rig) -> None:
    assert rig.process is not None
    assert rig.process.stdin is not None
    rig.process.stdin.close()
    assert rig.process.wait(PATIENCE_S) == 0
    assert sorted(path.name for path in rig.folder.iterdir()) == ["tags"]


def test_detached_it_outlives_its_parent(idle_rig: Rig) -> None:
    rig = idle_rig.start("--detach")
    assert rig.process is not None
    assert rig.process.stdin is not None
    rig.process.stdin.close()
    assert rig.command("52 00") == "00"
    rig.do("quit")
    assert rig.process.wait(PATIENCE_S) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_on_a_signal(rig: Rig, number: int) -> None:
    assert rig.process is not None
    rig.process.send_signal(number)
    assert rig.process.wait(PATIENCE_S) == 0
    assert not rig.link.is_symlink()


def test_unplug_hangs_up_and_replug_is_a_cold_start(rig: Rig) -> None:
    rig.tag()
    rig.command("B0 01 00")
    rig.command("81 05 0000000000000000000000 04 0000")
    terminal = rig.link.readlink()
    rig.do("unplug")
    assert not rig.link.is_symlink()
    assert os.read(rig.port, 1) == b""  # end of file
    with pytest.raises(OSError, match="Input/output"):
        os.write(rig.port, b"\x05")
    rig.do("plug")
    assert rig.link.is_symlink()
    assert os.stat(rig.link).st_rdev != 0
    rig.hang_up()
    assert rig.command("80 05")[24:26] == "05"  # the RAM holds the EEPROM's values again
    assert rig.command("B0 01 00")[:2] == "00"  # the tag had lost power: it counts as new
    assert terminal.parent == Path("/dev/pts")


def test_an_answer_under_way_is_lost_with_the_plug(idle_rig: Rig) -> None:
    rig = idle_rig.start("--tprog", "200", clock="real")
    rig.tag()
    rig.send("22ffb02401e00401000012ab0100040403020100070605040b0a09080f0e0d0caaa7")
    while "0" not in rig.dump()["writes"]:
        pass
    rig.do("unplug")
    rig.do("plug")
    rig.hang_up()
    assert rig.command("52 00") == "00"
    assert "3" not in rig.dump()["writes"]


def test_plug_and_unplug_are_idempotent(rig: Rig) -> None:
    terminal = rig.link.readlink()
    rig.do("plug")
    assert rig.link.readlink() == terminal
    rig.do("unplug")
    rig.do("unplug")
    assert rig.do("state")["plugged"] is False
    rig.do("plug")
    assert rig.command("52 00") == "00"


def test_pyserial_opens_it_again_and_again(rig: Rig) -> None:
    """A pty drops PARENB. Without the emulator's detuning the second open would fail with EINVAL."""
    for _ in range(3):
        with serial.Serial(str(rig.link), 38400, parity=serial.PARITY_EVEN, timeout=5, exclusive=True) as port:
            port.write(bytes.fromhex("06ff52000f6e"))
            assert port.read(6).hex() == "06005200fca8"
            port.timeout = 4
            port.write(bytes.fromhex("06ff52000f6e"))
            assert port.read(6).hex() == "06005200fca8"


def test_a_client_at_the_wrong_baud_rate_hears_nothing(rig: Rig) -> None:
    with serial.Serial(str(rig.link), 19200, timeout=0) as port:
        port.write(bytes.fromhex("06ff52000f6e"))
        while rig.do("state")["bytes_in"] < 6:
            pass
        assert rig.do("state")["bytes_out"] == 0
    with serial.Serial(str(rig.link), 38400, timeout=5) as port:
        port.write(bytes.fromhex("06ff52000f6e"))
        assert port.read(6).hex() == "06005200fca8"
    assert rig.do("counters")["frames_in"] == 1


def test_a_speed_that_was_asked_for_while_the_emulator_was_held_up_is_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long the emulator pauses between reading and setting the line, the client's setting stays, and no other
    speed is taken for it.
    """
    line = PtyLine(tmp_path / "reader", drip=False)
    assert line.speed is None, "no client has set a speed"
    look = termios.tcgetattr
    with serial.Serial(str(tmp_path / "reader"), 9600) as port:

        def held_up(descriptor: int) -> list[object]:
            seen = look(descriptor)
            port.baudrate = 38400
            return seen

        with monkeypatch.context() as patch:
            patch.setattr(line_of, "termios", SimpleNamespace(**{**vars(termios), "tcgetattr": held_up}))
            line.detune()
        line.detune()
        assert line.speed == 38400
        port.baudrate = 19200
        line.detune()
        assert line.speed == 19200
    line.unplug()


def test_an_answer_that_comes_after_the_client_has_turned_to_another_speed_is_not_understood(rig: Rig) -> None:
    """A search for the reader tries one speed after another. If the late answer were heard, the search would find the
    reader at a speed at which it hears nothing.
    """
    rig.do("late-answer", command="52", n=1, ms=1)
    with serial.Serial(str(rig.link), 38400, timeout=0) as port:
        port.write(bytes.fromhex("06ff52000f6e"))
        while rig.do("state")["bytes_in"] < 6:
            pass
        port.baudrate = 19200
        port.write(bytes.fromhex("06ff52000f6e"))
        while rig.do("state")["bytes_in"] < 12:
            pass
        rig.do("settle")
        assert port.read(64) == b""
        assert rig.do("counters")["frames_out"] == 1, "the emulator answered"
        port.baudrate = 38400
        port.timeout = 5
        port.write(bytes.fromhex("06ff52000f6e"))
        assert port.read(6).hex() == "06005200fca8"


@pytest.mark.parametrize(("drip", "pieces"), [(True, ["06", "00", "52"]), (False, ["060052"])])
def test_answers_arrive_byte_by_byte_or_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, drip: bool, pieces: list[str]
) -> None:
    line = PtyLine(tmp_path / "reader", drip=drip)
    sent: list[str] = []
    monkeypatch.setattr(os, "write", lambda _, data: sent.append(data.hex()))
    line.write(bytes.fromhex("060052"))
    monkeypatch.undo()
    line.unplug()
    assert sent == pieces


@pytest.mark.parametrize("clock", ["real", "virtual"])
@pytest.mark.parametrize("family", ["feig", "threem", "pn532", "trf7970a"])
def test_byte_by_byte_is_the_default(family: str, clock: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = importlib.import_module(f"station.emulators.{family}.__main__")
    made: list[Any] = []
    monkeypatch.setattr(module, "serve", lambda _, make: made.append(make()))
    paths = ["--link", str(tmp_path / "reader"), "--memory", str(tmp_path), "--control", str(tmp_path / "control")]
    monkeypatch.setattr(sys, "argv", [family, *paths, "--clock", clock])
    module.main()
    sent: list[bytes] = []
    monkeypatch.setattr(os, "write", lambda _, data: sent.append(data))
    made[0].line.write(b"\x06\x00\x52")
    monkeypatch.undo()
    made[0].line.unplug()
    assert sent == [b"\x06", b"\x00", b"\x52"]


@pytest.mark.parametrize(("options", "clock"), [((), "real"), (("--no-drip",), "real"), (("--no-drip",), "virtual")])
def test_whole_answers_whatever_the_delivery(idle_rig: Rig, options: tuple[str, ...], clock: str) -> None:
    rig = idle_rig.start(*options, clock=clock)
    assert rig.command("65") == "0002050030500138"


@pytest.mark.parametrize("family", ["feig", "threem"])
def test_a_command_that_is_none_is_said_in_a_sentence(family: str, tmp_path: Path) -> None:
    paths = ["--link", tmp_path / "reader", "--memory", tmp_path, "--control", tmp_path / "control"]
    ended = forked.run(*paths, "--without", "xy", module=f"station.emulators.{family}", text=True)
    assert ended.returncode == 2
    assert len(ended.stderr.splitlines()) == 1, "no traceback"


def test_two_controllers_at_once(rig: Rig) -> None:
    rig.tag()
    with socket.socket(socket.AF_UNIX) as other:
        other.connect(str(rig.folder / "control"))
        other.sendall(b'{"do": "lift"}\n{"do": "st')
        assert json.loads(other.recv(4096)) == {"ok": True, "on_pad": []}
        assert rig.do("state")["on_pad"] == []
        other.sendall(b'ate"}\n')
        assert json.loads(other.recv(4096))["ok"] is True
    assert rig.do("state")["rf"] is True


def test_a_dead_emulators_leftovers_are_replaced(rig: Rig) -> None:
    rig.close()
    assert rig.link.is_symlink()
    assert (rig.folder / "control").exists()
    rig.start()
    assert rig.command("52 00") == "00"


def test_the_same_seed_gives_the_same_chance(idle_rig: Rig) -> None:
    seen = []
    for name in ("a", "b"):
        rig = Rig(idle_rig.folder / name)
        rig.folder.mkdir()
        try:
            rig.start("--seed", "11")
            rig.tag()
            rig.do("lift-after-writes", mode="any")
            rig.command(WRITE)
            seen.append(rig.block(0))
        finally:
            rig.close()
    assert seen[0] == seen[1] != "00000000"
