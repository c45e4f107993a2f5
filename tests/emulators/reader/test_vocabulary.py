"""The list of faults, the same for every emulated reader (docs/emulators.md): what the host's end of the line sees."""

from __future__ import annotations

import os
import select
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.emulators.trf7970a.trf_rig import ON, ONE, TrfRig, air, request
from tests.support.feig_rig import SLIX, Rig
from tests.support.feig_rig import frame as feig_frame
from tests.support.nfcpy_peer import NfcPad
from tests.support.patience import PATIENCE_S
from tests.support.pn532_rig import ACK, NTAG, WAKE, Pn532Rig
from tests.support.pn532_rig import frame as pn532_frame
from tests.support.threem_rig import ThreemRig
from tests.support.threem_rig import frame as threem_frame


@dataclass(frozen=True)
class Family:
    """A request whose answer never changes, one that writes 01 02 03 04 to a block, and the details of the family."""

    rig: type[Rig]
    ask: str
    answer: str
    write: str
    block: str
    uid: str
    chip: str
    overflow: str
    elsewhere: str  # the answer with another address; empty: answers have no address


def text(chars: str) -> str:
    return chars.encode().hex()


FAMILIES = {
    "feig": Family(
        Rig,
        feig_frame("FF65"),
        "",  # taken from the reader: the content does not matter here
        feig_frame(f"FFB02401{SLIX}05010404030201"),
        "5",
        SLIX,
        "slix",
        feig_frame("006593"),
        "01",
    ),
    "threem": Family(
        ThreemRig,
        threem_frame("11"),
        threem_frame("11000A050002"),
        threem_frame(f"04{SLIX}05010001020304"),
        "5",
        SLIX,
        "slix",
        threem_frame("11FE"),
        threem_frame("51000A050002"),
    ),
    "pn532": Family(
        Pn532Rig,
        pn532_frame("D402"),
        ACK + pn532_frame("D50332010607"),
        pn532_frame("D442A20501020304"),
        "5",
        NTAG,
        "ntag213",
        ACK + "0000ff01ff7f8100",
        ACK + pn532_frame("D50532010607"),
    ),
    "trf7970a": Family(
        TrfRig,
        text(request("FF")),
        text("TRF7970A EVM \r\n\r\n"),
        text(request("18 22 21" + air(ONE) + "05 01020304")),
        "5",
        ONE,
        "slix",
        "",
        "",
    ),
}


@dataclass
class Bench:
    rig: Any
    of: Family
    answer: str

    @property
    def head(self) -> str:
        """Return the bytes before the answer itself, which faults of answers leave alone: the ACK of a PN532."""
        return ACK if self.of.rig is Pn532Rig else ""

    @property
    def body(self) -> str:
        return self.answer.removeprefix(self.head)

    def ask(self, question: str = "") -> None:
        self.rig.send(question or self.of.ask)

    def hear(self, expected: str) -> None:
        assert self.rig.receive(len(expected) // 2) == expected
        self.rig.quiet()

    def well(self) -> None:
        self.ask()
        self.hear(self.answer)


@pytest.fixture(scope="module", params=FAMILIES)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    rig = FAMILIES[request.param].rig(tmp_path_factory.mktemp(request.param))
    rig.start()
    yield request.param, rig
    rig.close()


@pytest.fixture
def bench(running: tuple[str, Any]) -> Bench:
    name, rig = running
    of = FAMILIES[name]
    rig.anew()
    if of.rig is Pn532Rig:
        rig.send(WAKE)
        rig.settled()
    rig.tag(of.uid, chip=of.chip)
    rig.send(of.ask)
    answer = rig.receive({"feig": 13, "threem": 11, "pn532": 19, "trf7970a": 17}[name])
    if of.answer:
        assert answer == of.answer
    rig.quiet()
    return Bench(rig, of, answer)


def test_a_request_is_lost(bench: Bench) -> None:
    bench.rig.do("drop-request")
    bench.rig.unanswered(bench.of.ask)
    bench.well()


def test_an_answer_is_lost(bench: Bench) -> None:
    bench.rig.do("drop-answer")
    bench.ask()
    bench.hear(bench.head)
    bench.well()


def test_bytes_are_lost_within_it(bench: Bench) -> None:
    bench.rig.do("drop-bytes", at=1, count=2)
    bench.ask()
    bench.hear(bench.head + bench.body[:2] + bench.body[6:])
    bench.well()


def test_a_bit_flips(bench: Bench) -> None:
    bench.rig.do("garble-answer", bit=10)
    bench.ask()
    bench.hear(bench.head + bench.body[:2] + f"{int(bench.body[2:4], 16) ^ 4:02x}" + bench.body[4:])
    bench.well()


def test_it_comes_twice(bench: Bench) -> None:
    bench.rig.do("duplicate-answer")
    bench.ask()
    bench.hear(bench.head + bench.body * 2)
    bench.well()


def test_it_is_cut_short(bench: Bench) -> None:
    bench.rig.do("truncate-answer", keep=3)
    bench.ask()
    bench.hear(bench.head + bench.body[:6])
    bench.well()


@pytest.mark.parametrize("where", ["before", "behind", "instead"])
def test_garbage(bench: Bench, where: str) -> None:
    bench.rig.do("garbage", data="c0ffee", where=where)
    bench.ask()
    said = {"before": "c0ffee" + bench.body, "behind": bench.body + "c0ffee", "instead": "c0ffee"}[where]
    bench.hear(bench.head + said)
    bench.well()


def test_it_comes_late_by_the_clock(bench: Bench) -> None:
    before = bench.rig.seconds()["gap"]
    bench.rig.do("delay-answer", ms=1500)
    bench.well()
    assert bench.rig.seconds()["gap"] - before == pytest.approx(1.5, abs=0.1)


def test_it_comes_after_the_next_question(bench: Bench) -> None:
    bench.rig.do("late-answer", ms=500)
    before = bench.rig.do("counters")["seconds"]["gap"]
    bench.ask()
    bench.hear(bench.head)
    while bench.rig.do("counters")["seconds"]["gap"] < before + 0.5:
        pass  # the counter rises when the first request is handled and its answer is held back
    bench.ask()
    bench.hear(bench.body + bench.answer)
    bench.well()


def test_silence_until_it_is_taken_back(bench: Bench) -> None:
    bench.rig.do("silence", on=True)
    bench.rig.unanswered(bench.of.ask)
    bench.rig.do("silence", on=False)
    bench.well()


def test_a_wrong_address(bench: Bench) -> None:
    if not bench.of.elsewhere:
        assert "carry no address" in bench.rig.refused("wrong-address")
        return
    bench.rig.do("wrong-address")
    bench.ask()
    said = bench.rig.receive(len(bench.answer) // 2)
    if bench.of.rig is Rig:
        inside = bytes.fromhex(bench.answer)
        assert said == feig_frame("01" + inside[2:-2].hex()), "the answer has the next address and a correct CRC"
    else:
        assert said == bench.of.elsewhere
    bench.well()


def test_overflow(bench: Bench) -> None:
    bench.rig.do("overflow")
    bench.ask()
    bench.hear(bench.of.overflow)
    bench.well()


def test_reboot_at_a_command_and_now(bench: Bench) -> None:
    """The pending answer is lost; a PN532 sleeps again."""
    for _ in range(2):
        if bench.of.rig is TrfRig:
            bench.rig.say_text(request(ON))
            assert bench.rig.do("state")["registers"]["00"] == 0x21
        bench.rig.do("reboot-at-command")
        bench.rig.unanswered(bench.of.ask)
        if bench.of.rig is Pn532Rig:
            assert bench.rig.do("state")["asleep"]
            bench.rig.send(WAKE)
        if bench.of.rig is TrfRig:
            assert bench.rig.do("state")["registers"]["00"] == 0x01
        bench.well()
    bench.rig.do("reboot")
    if bench.of.rig is Pn532Rig:
        bench.rig.send(WAKE)
    bench.well()


def gone(bench: Bench, expected: str) -> None:
    """Hear the rest of the answer, then the end of the line."""
    heard = b""
    try:
        while select.select([bench.rig.port], [], [], PATIENCE_S)[0]:
            piece = os.read(bench.rig.port, 100)
            if not piece:
                break
            heard += piece
    except OSError:
        pass
    assert expected.startswith(heard.hex()), "a pty discards bytes that were not read"
    bench.rig.hang_up()


@pytest.mark.parametrize("keep", [None, 0, 3])
def test_the_plug_comes_out_at_any_byte_and_is_put_in_again(bench: Bench, keep: int | None) -> None:
    more = {} if keep is None else {"keep": keep}
    bench.rig.do("unplug-at-command", replug=0.01, **more)
    bench.ask()
    while not (bench.rig.do("counters")["frames_in"] == 2 and bench.rig.do("state")["plugged"]):
        pass
    bench.rig.hang_up()
    if bench.of.rig is Pn532Rig:
        bench.rig.send(WAKE)
    bench.well()


def test_unplugged_without_coming_back(bench: Bench) -> None:
    bench.rig.do("unplug-at-command", keep=2)
    bench.ask()
    gone(bench, bench.head + bench.body[:4])
    assert not bench.rig.do("state")["plugged"]
    assert not bench.rig.link.exists()
    bench.rig.do("plug")
    if bench.of.rig is Pn532Rig:
        bench.rig.send(WAKE)
    bench.well()


def test_over_tcp_all_that_was_sent_before_arrives(tmp_path: Path) -> None:
    pad = NfcPad(tmp_path, "threem", "--listen", "127.0.0.1:0")
    try:
        host, _, port = pad.link.rpartition(":")
        with socket.create_connection((host, int(port)), PATIENCE_S) as client:
            pad.do("unplug-at-command", keep=4)
            client.sendall(bytes.fromhex(threem_frame("11")))
            heard = b""
            while piece := client.recv(100):
                heard += piece
            assert heard.hex() == threem_frame("11000A050002")[:8]
        while pad.do("state")["plugged"]:
            pass
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), PATIENCE_S)
        pad.do("plug")
        socket.create_connection((host, int(port)), PATIENCE_S).close()
    finally:
        pad.close()


def prepare(bench: Bench) -> None:
    if bench.of.rig is TrfRig:
        bench.rig.say_text(request(ON))
    if bench.of.rig is Pn532Rig:
        bench.rig.command("4A0100")


@pytest.mark.parametrize("count", range(5))
def test_lifted_after_k_bytes_of_block_b(bench: Bench, count: int) -> None:
    """A fault for another block does not take effect."""
    bench.rig.do("poke", uid=bench.of.uid, block=4, memory="a0a1a2a3" + "b0b1b2b3")
    prepare(bench)
    bench.rig.do("lift-in-block", block="4", bytes=0)
    bench.rig.do("lift-in-block", block=bench.of.block, bytes=count)
    before = bench.rig.do("counters")["frames_out"]
    bench.ask(bench.of.write)
    while bench.rig.do("counters")["frames_out"] == before:
        pass
    tag = bench.rig.dump(bench.of.uid)
    torn = bytes.fromhex("01020304")[:count] + bytes.fromhex("b0b1b2b3")[count:]
    assert tag["memory"][32:48] == "a0a1a2a3" + torn.hex()
    assert not tag["on_pad"]
    assert len(bench.rig.do("faults")["armed"]) == 1


@pytest.mark.parametrize(
    ("word", "arguments", "sentence"),
    [
        ("lift-in-block", {}, "needs 'block'"),
        ("garbage", {"where": "above"}, "where is one of"),
        ("drop-bytes", {"count": -1}, "not negative"),
        ("unplug-at-command", {"keep": "x"}, "invalid literal"),
        ("delay-answer", {}, "needs 'ms'"),
        ("move", {"uid": SLIX, "to": "shelf", "after": 1}, "pad"),
        ("couple", {"uid": SLIX, "heard": 3, "of": 2}, "between 0 and of"),
        ("assume", {"nonsense": True}, "unknown: nonsense"),
        ("assume", {"errors_unaddressed": "yes"}, "true or false"),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, word: str, arguments: dict[str, Any], sentence: str) -> None:
    rig = Rig(tmp_path)
    rig.start()
    try:
        rig.do("create", uid=SLIX)
        assert sentence in rig.refused(word, **arguments)
    finally:
        rig.close()
