"""The 3M driver against its emulator in a separate process, over its pseudo-terminal, byte by byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.base.errors import (
    NotPossible,
    PortLost,
    PortMissing,
    ReaderRefused,
    ReaderSilent,
    RemoteProtocolError,
    TagAbsent,
    TagRefused,
    TransportError,
)
from station.base.settings import Reader
from station.bench.item.write_steps import Writer, read_image
from station.domain.tag_image import Uid
from station.drivers.registry import make_reader, reader_owner
from station.drivers.threem.reader import ThreemReader
from station.encoding.content import TagContent, TagProfile
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.image import new_image
from station.encoding.write_plan.plan import plan_write
from station.encoding.write_plan.steps import ChipLimits
from tests.drivers.feig.test_against_emulator import Bench
from tests.drivers.feig.test_models import Net, never_called_off
from tests.support.patience import PATIENCE_S

A = Uid("E00401500000AB01")
B = Uid("E00401500000AB02")
TI = Uid("E00700000071AB02")


class Pad(Bench):
    MODULE = "threem"


@pytest.fixture
def pad(tmp_path: Path) -> Iterator[Pad]:
    pad = Pad(tmp_path)
    yield pad
    pad.close()


def settings_for(pad: Bench, most_blocks: int = 0) -> Reader:
    return Reader(driver="3m", port=pad.link, answer_ms=100, most_blocks=most_blocks)


def connected(pad: Bench, most_blocks: int = 0) -> ThreemReader:
    reader = make_reader(settings_for(pad, most_blocks), pad.clock)
    assert isinstance(reader, ThreemReader)
    reader.reconnect()
    return reader


@pytest.mark.parametrize("options", [(), ("--assume-bare-errors",), ("--no-probe",), ("--no-dsfid-option",)])
def test_a_tag_is_found_described_written_and_read_back(tmp_path: Path, options: tuple[str, ...]) -> None:
    pad = Pad(tmp_path, *options)
    try:
        pad.do("create", uid=A, chip="slix", afi=0x07, dsfid=0x06, locked=[3], place=True)
        reader = connected(pad)
        assert (reader.capabilities.name, reader.capabilities.firmware) == ("3M / Bibliotheca", "5.0.2")
        assert [(tag.uid, tag.dsfid) for tag in reader.inventory().tags] == [(A, 0x06)]
        information = reader.system_information(A)
        assert (information.block_size, information.block_count) == (4, 28)
        assert (information.afi, information.dsfid) == (0x07, 0x06)
        reader.write_blocks(A, 0, bytes(range(1, 13)), 4)
        reader.write_afi(A, 0xC2)
        reader.write_dsfid(A, 0x3E)
        assert not reader.read_eas(A)
        reader.write_eas(A, True)
        assert reader.read_eas(A)
        read = reader.read_blocks(A, 0, 28)
        assert read.data[:12] == bytes(range(1, 13))
        assert read.locked == tuple(block == 3 for block in range(28))
        # The emulator's memory confirms the byte order independently of the driver.
        tag = pad.tag(A)
        assert bytes.fromhex(tag["memory"])[:12] == bytes(range(1, 13))
        assert (tag["afi"], tag["dsfid"], tag["eas"]) == (0xC2, 0x3E, True)
        with pytest.raises(TagRefused) as caught:
            reader.write_blocks(A, 2, bytes(8), 4)
        assert (caught.value.iso_error, caught.value.block) in ((0x12, 3), (0x12, None))
        reader.close()
    finally:
        pad.close()


def test_many_tags_and_the_same_one_twice(pad: Pad) -> None:
    uids = {f"E004010000120{number:03X}" for number in range(9)}
    for uid in uids:
        pad.do("create", uid=uid, chip="slix", place=True)
    reader = connected(pad)
    for deaf in (False, True):
        pad.do("deaf-to-quiet", on=deaf)
        inventory = reader.inventory()
        assert inventory.uids == uids
        assert len(inventory.tags) == len(uids)
        assert not inventory.collision
    pad.do("lift")
    assert reader.inventory().tags == ()
    reader.close()


@pytest.mark.parametrize("most", [0, 1, 80])
def test_a_big_tag_in_commands_of_any_size(pad: Pad, most: int) -> None:
    uid = Uid("E00401080000AB01")
    memory = bytes(number % 251 for number in range(316)) + bytes(4)
    pad.do("create", uid=uid, chip="slix2", memory=memory.hex(), place=True)
    reader = connected(pad, most)
    assert reader.read_blocks(uid, 0, 80).data == memory
    new = bytes(number % 241 for number in range(160))
    reader.write_blocks(uid, 8, new, 4)
    assert reader.read_blocks(uid, 0, 80).data == memory[:32] + new + memory[192:]
    reads = pad.do("counters")["commands"]["02"]
    # The chip's row in the table allows 32, and so does the driver if nothing is set.
    assert reads == {0: 6, 1: 160, 80: 6}[most]
    assert pad.do("counters")["commands"]["04"] == {0: 5, 1: 40, 80: 2}[most]
    reader.close()


def test_a_reader_with_little_memory_is_asked_for_less_and_nothing_is_written_by_halves(tmp_path: Path) -> None:
    pad = Pad(tmp_path, "--most-blocks", "3")
    memory = bytes(range(112))
    try:
        pad.do("create", uid=A, chip="slix", memory=memory.hex(), place=True)
        reader = connected(pad)
        with pytest.raises(ReaderRefused, match="memory"):  # a write is not tried in smaller sizes
            reader.write_blocks(A, 0, bytes(range(1, 33)), 4)
        assert pad.tag(A)["writes"] == {}
        assert reader.read_blocks(A, 0, 28).data == memory
        # Reads of 28, 8 and 4 blocks were refused; reads of 2 are not.
        assert pad.do("counters")["commands"]["02"] == 3 + 14
        assert (reader.capabilities.max_blocks_per_read, reader.capabilities.max_blocks_per_write) == (2, 2)
        reader.write_blocks(A, 0, bytes(range(1, 33)), 4)
        assert reader.read_blocks(A, 0, 28).data == bytes(range(1, 33)) + memory[32:]
        assert pad.do("counters")["commands"]["02"] == 3 + 14 + 14
        reader.close()
        reader = connected(pad, 3)
        reader.write_blocks(A, 0, bytes(range(32)), 4)
        assert reader.read_blocks(A, 0, 8).data == bytes(range(32))
        reader.close()
    finally:
        pad.close()


def test_older_firmware_without_the_shorter_shape_is_read_in_the_other_one(tmp_path: Path) -> None:
    pad = Pad(tmp_path, "--no-new-style")
    try:
        pad.do("create", uid=A, chip="slix", memory=bytes(range(112)).hex(), locked=[3], place=True)
        reader = connected(pad)
        for _ in range(2):
            read = reader.read_blocks(A, 0, 28)
            assert (read.data, read.locked.index(True)) == (bytes(range(112)), 3)
        assert pad.do("counters")["commands"]["02"] == 3
        reader.close()
    finally:
        pad.close()


def test_texas_instruments_tags_by_commands_and_passed_through(pad: Pad) -> None:
    pad.do("create", uid=TI, chip="tag-it-hfi-plus", place=True)
    reader = connected(pad)
    reader.write_blocks(TI, 0, bytes(range(40)), 4)
    reader.write_afi(TI, 0x07)
    assert reader.air(TI, 0x21, b"\x01\xaa\xbb\xcc\xdd", 0, writes=True) == b""
    assert reader.air(TI, 0x20, b"\x01", 4) == b"\xaa\xbb\xcc\xdd"
    assert reader.read_blocks(TI, 0, 2).data == bytes(range(4)) + b"\xaa\xbb\xcc\xdd"
    # The driver adds the option flag to commands that write; without it the tag refuses.
    with pytest.raises(TagRefused) as caught:
        reader.air(TI, 0x27, b"\x42", 0)
    assert caught.value.iso_error == 0x03
    assert pad.tag(TI)["afi"] == 0x07
    reader.close()


def test_custom_commands_of_the_maker_are_passed_through(pad: Pad) -> None:
    pad.do("create", uid=A, chip="slix", place=True)
    reader = connected(pad)
    assert reader.air(A, 0xA2, b"\x04", 0, writes=True) == b""
    assert pad.tag(A)["eas"] is True
    assert len(reader.air(A, 0xA5, b"\x04", 32)) == 32
    with pytest.raises(TagAbsent):
        reader.air(A, 0xA2, b"\x02", 0, writes=True)
    reader.close()


def test_blocks_of_eight_bytes_are_refused_before_the_wire(pad: Pad) -> None:
    uid = Uid("E005400000000001")
    pad.do("create", uid=uid, chip="srf55v02p", place=True)
    reader = connected(pad)
    before = pad.do("counters")["commands"]
    for ask in (lambda: reader.read_blocks(uid, 0, 1), lambda: reader.write_blocks(uid, 0, bytes(8), 8)):
        with pytest.raises(NotPossible, match="blocks of 8"):
            ask()
    assert pad.do("counters")["commands"] == before
    reader.close()


def test_an_absent_tag_is_absent_whatever_is_asked_of_it(pad: Pad) -> None:
    pad.do("create", uid=A, chip="slix", place=True)
    reader = connected(pad)
    for ask in (
        lambda: reader.system_information(B),
        lambda: reader.read_blocks(B, 0, 4),
        lambda: reader.write_blocks(B, 0, bytes(4), 4),
        lambda: reader.write_afi(B, 1),
        lambda: reader.write_dsfid(B, 1),
        lambda: reader.lock_block(B, 0),
        lambda: reader.read_eas(B),
        lambda: reader.write_eas(B, True),
    ):
        with pytest.raises(TagAbsent):
            ask()
    assert pad.tag(A)["writes"] == {}
    reader.close()


@pytest.mark.parametrize("at", [1, 2, 4])
def test_a_tag_lifted_in_the_middle_of_a_write_is_absent_and_not_bad(pad: Pad, at: int) -> None:
    pad.do("create", uid=A, chip="slix", place=True)
    reader = connected(pad)
    pad.do("lift-after-writes", n=at, mode="old")
    with pytest.raises(TagAbsent):
        reader.write_blocks(A, 0, bytes(range(1, 17)), 4)
    assert reader.inventory().uids == frozenset()
    pad.do("place", uid=A)
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
    pad: Pad, fault: str, arguments: dict[str, object], expected: type[Exception]
) -> None:
    pad.do("create", uid=A, chip="slix", place=True)
    reader = connected(pad)
    reader.write_blocks(A, 2, bytes(4), 4)  # the reader has this command
    pad.do(fault, command="04", **arguments)
    with pytest.raises(expected):
        reader.write_blocks(A, 0, b"\x01\x02\x03\x04", 4)
    # The late answer of the write arrives now. The next write must get its own answer (a refusal).
    pad.do("status", command="04", code=0x12, data=A)
    with pytest.raises(TagRefused):
        reader.write_blocks(A, 1, b"\x01\x02\x03\x04", 4)
    assert reader.read_blocks(A, 0, 2).data == b"\x01\x02\x03\x04" + bytes(4)
    reader.close()


def test_unplugged_and_plugged_in_again(pad: Pad) -> None:
    pad.do("create", uid=A, chip="slix", place=True)
    owner = reader_owner(settings_for(pad), pad.clock)
    owner.start()
    try:
        owner.reader.reconnect()
        assert owner.reader.inventory().uids == {A}
        pad.do("unplug")
        with pytest.raises(PortLost):
            owner.reader.inventory()
        for ask in (owner.reader.reconnect, owner.reader.inventory):
            with pytest.raises(PortMissing):
                ask()
        pad.do("plug")
        owner.reader.reconnect()
        assert owner.reader.inventory().uids == {A}
    finally:
        assert owner.stop(PATIENCE_S)


def test_a_reader_that_falls_silent_is_told_and_found_again(pad: Pad) -> None:
    reader = connected(pad)
    pad.do("silence", on=True)
    for ask in (reader.inventory, reader.reconnect):
        with pytest.raises(TransportError):
            ask()
    pad.do("silence", on=False)
    reader.reconnect()
    assert reader.inventory().tags == ()
    reader.close()


def test_a_tag_at_the_edge_of_the_field_is_never_called_off_when_it_is_on(pad: Pad) -> None:
    pad.do("create", uid=A, chip="slix", place=True)
    reader = connected(pad)
    never_called_off(pad, reader, A)
    reader.close()


def test_a_whole_plan_with_eas_and_locks(pad: Pad) -> None:
    """The write plan's steps over this driver: the emulator's memory holds the item, its EAS bit and its locks."""
    pad.do("create", uid=A, chip="slix", place=True)
    reader = connected(pad)
    old = read_image(reader, A)
    profile = TagProfile("US-InU-Mu")
    new = new_image(old, TagContent("31234567890128"), profile)
    plan = plan_write(
        old,
        new,
        max_blocks_per_write=reader.capabilities.max_blocks_per_write,
        limits=ChipLimits.of(A),
        eas=True,
        lock=(0, 1),
    )
    image = Writer(reader, plan, lambda _done, _total: None).run()
    assert image == plan.new
    tag = pad.tag(A)
    assert (tag["locked"], tag["dsfid"], tag["afi"], tag["eas"]) == ([0, 1], 6, 7, True)
    assert bytes.fromhex(tag["memory"]) == plan.new.memory
    content = recognise(image, profile).content
    assert content is not None
    assert content.primary_item_identifier == "31234567890128"
    reader.close()


def test_behind_a_terminal_server_a_tag_is_written_and_read_and_a_restart_is_survived(tmp_path: Path) -> None:
    class NetPad(Net):
        MODULE = "threem"

    pad = NetPad(tmp_path)
    try:
        pad.do("create", uid=A, chip="slix", place=True)
        reader = connected(pad)
        reader.write_blocks(A, 0, bytes(range(112)), 4)
        reader.write_eas(A, True)
        assert (reader.read_blocks(A, 0, 28).data, reader.read_eas(A)) == (bytes(range(112)), True)
        pad.do("unplug")
        with pytest.raises(PortLost):
            reader.inventory()
        with pytest.raises(PortMissing):
            reader.reconnect()
        pad.do("plug")
        reader.reconnect()
        assert reader.inventory().uids == {A}
    finally:
        pad.close()
