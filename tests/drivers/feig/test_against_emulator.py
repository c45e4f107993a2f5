"""The driver against the FEIG emulator in a separate process, over its pseudo-terminal."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.base.errors import (
    PortLost,
    PortMissing,
    ReaderSilent,
    RemoteProtocolError,
    TagAbsent,
    TagRefused,
    TransportError,
)
from station.base.settings import Reader
from station.domain.ports import Signal
from station.domain.tag_image import Uid
from station.drivers.reader.owner import ManagedReader
from station.drivers.registry import make_reader, reader_owner
from tests.support import forked
from tests.support.fair import FairClock
from tests.support.patience import PATIENCE_S

A = Uid("E00401000012AB01")
B = Uid("E00401000012AB02")


class Bench:
    """The emulator's process and its control socket."""

    MODULE = "feig"

    def __init__(self, folder: Path, *options: str) -> None:
        self.link = str(folder / "reader")
        control = str(folder / "control")
        (folder / "tags").mkdir()
        paths = ["--link", self.link, "--memory", folder / "tags", "--control", control]
        self._process = forked.emulator(self.MODULE, *paths, "--clock", "virtual", *options)
        assert self._process.stdout is not None
        json.loads(self._process.stdout.readline())
        self._attach(control)

    def _attach(self, control: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(control)
        self._lines = self._socket.makefile("rb")
        self.control = control
        self.clock = FairClock(control)

    def do(self, word: str, **arguments: object) -> dict[str, Any]:
        self._socket.sendall(json.dumps({"do": word, **arguments}).encode() + b"\n")
        answer: dict[str, Any] = json.loads(self._lines.readline())
        assert answer["ok"], answer
        return answer

    def tag(self, uid: str) -> dict[str, Any]:
        tag: dict[str, Any] = self.do("dump", uid=uid)["tag"]
        return tag

    def close(self) -> None:
        self.clock.close()
        self._lines.close()
        self._socket.close()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(PATIENCE_S)
        self._process.stdout.close()


@pytest.fixture(params=[(), ("--mem-size", "air")], ids=["manual-size", "air-size"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path, *request.param)
    yield bench
    bench.close()


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def settings_for(bench: Bench) -> Reader:
    return Reader(port=bench.link, answer_ms=100)


def connected(bench: Bench) -> ManagedReader:
    reader = make_reader(settings_for(bench), bench.clock)
    reader.reconnect()
    return reader


def test_a_tag_is_found_described_written_and_read_back(bench: Bench) -> None:
    bench.do("create", uid=A, chip="slix", afi=0x07, dsfid=0x06, locked=[3], place=True)
    reader = connected(bench)
    assert reader.capabilities.name == "FEIG CPR.M02"
    assert [tag.uid for tag in reader.inventory().tags] == [A]
    information = reader.system_information(A)
    assert (information.block_size, information.block_count) == (4, 28)
    assert (information.afi, information.dsfid) == (0x07, 0x06)
    reader.write_blocks(A, 0, bytes(range(1, 13)), 4)
    reader.write_afi(A, 0xC2)
    reader.write_dsfid(A, 0x3E)
    read = reader.read_blocks(A, 0, 28)
    assert read.data[:12] == bytes(range(1, 13))
    assert read.locked == tuple(block == 3 for block in range(28))
    # The emulator's memory confirms the byte order independently of the driver.
    tag = bench.tag(A)
    assert bytes.fromhex(tag["memory"])[:12] == bytes(range(1, 13))
    assert (tag["afi"], tag["dsfid"]) == (0xC2, 0x3E)
    reader.signal(Signal.GOOD)
    assert bench.do("state")["output"]
    reader.close()


def test_a_pad_sees_a_tag_at_every_look_although_the_factory_setting_reports_it_once(plain: Bench) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    reader = connected(plain)
    assert all(reader.inventory().uids == {A} for _ in range(3))
    plain.do("lift")
    assert reader.inventory().uids == frozenset()
    plain.do("place", uid=A)
    assert reader.inventory().uids == {A}
    reader.close()


def test_a_cold_start_brings_the_factory_setting_back_and_reconnect_changes_it_again(plain: Bench) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    reader = connected(plain)
    plain.do("unplug")
    with pytest.raises(PortLost):
        reader.inventory()
    with pytest.raises(PortMissing):
        reader.reconnect()
    with pytest.raises(PortMissing):
        reader.inventory()
    plain.do("plug")
    reader.reconnect()
    assert reader.inventory().uids == {A}
    assert reader.inventory().uids == {A}
    reader.close()


def test_a_reader_that_restarts_behind_our_back_is_set_again_before_a_tag_is_called_gone(plain: Bench) -> None:
    """The reader lost power while its USB adapter kept it: no error is seen, and "only new tags" is in force again."""
    for uid in (A, B):
        plain.do("create", uid=uid, chip="slix", place=True)
    reader = connected(plain)
    assert reader.inventory().uids == {A, B}
    plain.do("reboot")
    assert [reader.inventory().uids for _ in range(4)] == [{A, B}] * 4
    assert plain.do("state")["config"]["5"][22:24] == "04"
    plain.do("reboot")
    plain.do("lift", uid=B)
    assert [reader.inventory().uids for _ in range(3)] == [{A}] * 3
    reader.close()


@pytest.mark.parametrize("count", [2, 4, 5, 6, 9])
def test_many_tags_are_all_found_also_those_the_reader_sends_later(plain: Bench, count: int) -> None:
    uids = {f"E004010000120{number:03X}" for number in range(count)}
    for uid in uids:
        plain.do("create", uid=uid, chip="slix", place=True)
    reader = connected(plain)
    inventory = reader.inventory()
    assert inventory.uids == uids
    assert len(inventory.tags) == count
    assert not inventory.collision
    reader.close()


def test_a_big_tag_is_read_in_chunks_without_a_hint_of_its_block_size(plain: Bench) -> None:
    memory = bytes(number % 251 for number in range(316)) + bytes(4)
    plain.do("create", uid=A, chip="slix2", memory=memory.hex(), place=True)
    reader = connected(plain)
    assert reader.read_blocks(A, 0, 80).data == memory
    new = bytes(number % 241 for number in range(160))
    reader.write_blocks(A, 8, new, 4)
    assert reader.read_blocks(A, 0, 80).data == memory[:32] + new + memory[192:]
    reader.close()


def test_blocks_of_eight_bytes(plain: Bench) -> None:
    uid = Uid("6005000002112500")
    plain.do("create", uid=uid, chip="srf55v02p", place=True)
    reader = connected(plain)
    content = bytes(range(1, 161))
    reader.write_blocks(uid, 2, content, 8)
    assert reader.read_blocks(uid, 2, 20).data == content
    assert reader.read_blocks(uid, 2, 20).block_size == 8
    reader.close()


def test_a_locked_block_refuses_and_says_which(plain: Bench) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    reader = connected(plain)
    reader.lock_block(A, 2)
    assert plain.tag(A)["locked"] == [2]
    with pytest.raises(TagRefused) as caught:
        reader.write_blocks(A, 0, bytes(16), 4)
    assert (caught.value.iso_error, caught.value.block) == (0x12, 2)
    reader.reset_field()
    assert reader.inventory().uids == {A}
    reader.close()


def test_an_absent_tag_is_absent_whatever_is_asked_of_it(plain: Bench) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    reader = connected(plain)
    for ask in (
        lambda: reader.system_information(B),
        lambda: reader.read_blocks(B, 0, 4),
        lambda: reader.write_blocks(B, 0, bytes(4), 4),
        lambda: reader.write_afi(B, 1),
        lambda: reader.write_dsfid(B, 1),
        lambda: reader.lock_block(B, 0),
    ):
        with pytest.raises(TagAbsent):
            ask()
    assert plain.tag(A)["writes"] == {}
    reader.close()


@pytest.mark.parametrize("at", [1, 2, 4])
def test_a_tag_lifted_in_the_middle_of_a_write_is_absent_and_not_bad(plain: Bench, at: int) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    reader = connected(plain)
    plain.do("lift-after-writes", n=at, mode="old")
    with pytest.raises(TagAbsent):
        reader.write_blocks(A, 0, bytes(range(1, 17)), 4)
    assert reader.inventory().uids == frozenset()
    plain.do("place", uid=A)
    assert reader.inventory().uids == {A}
    reader.close()


@pytest.mark.parametrize(
    ("fault", "arguments", "expected"),
    [
        ("drop-answer", {}, ReaderSilent),
        ("garble-answer", {"bit": 1}, RemoteProtocolError),
        ("garble-answer", {"bit": 33}, RemoteProtocolError),
        ("truncate-answer", {"keep": 4}, RemoteProtocolError),
        ("late-answer", {"ms": 5000}, ReaderSilent),
    ],
)
def test_an_answer_that_does_not_come_whole_is_an_unknown_outcome_and_never_the_next_answer(
    plain: Bench, fault: str, arguments: dict[str, object], expected: type[Exception]
) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    reader = connected(plain)
    reader.write_blocks(A, 2, bytes(4), 4)  # the reader has this command
    plain.do(fault, command="b024", **arguments)
    with pytest.raises(expected):
        reader.write_blocks(A, 0, b"\x01\x02\x03\x04", 4)
    # The late answer of the write arrives now. The next write must get its own answer (there is none).
    plain.do("status", command="b024", code=0x95, data="12")
    with pytest.raises(TagRefused):
        reader.write_blocks(A, 1, b"\x01\x02\x03\x04", 4)
    assert reader.read_blocks(A, 0, 2).data == b"\x01\x02\x03\x04" + bytes(4)
    reader.close()


def test_an_answer_sent_twice_is_taken_once(plain: Bench) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    reader = connected(plain)
    for _ in range(5):
        plain.do("duplicate-answer", command="b024")
        reader.write_blocks(A, 0, b"\x01\x02\x03\x04", 4)
        assert reader.read_blocks(A, 0, 1).data == b"\x01\x02\x03\x04"
    reader.close()


def test_the_owner_starts_without_a_port_and_works_once_it_is_there(plain: Bench) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    plain.do("unplug")
    owner = reader_owner(settings_for(plain), plain.clock)
    owner.start()
    try:
        for ask in (owner.reader.inventory, owner.reader.reconnect, owner.reader.reset_field):
            with pytest.raises(TransportError):
                ask()
        plain.do("plug")
        owner.reader.reconnect()
        assert owner.reader.inventory().uids == {A}
    finally:
        assert owner.stop(PATIENCE_S)
