"""Every emulated model of the family, over its terminal or TCP: greeting in its own frames, writing of a tag, EAS."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.base.errors import (
    ChipUnfit,
    NotPossible,
    ReaderRefused,
    ReaderSilent,
    RemoteProtocolError,
    TagAbsent,
    TagRefused,
)
from station.base.settings import Reader
from station.domain.tag_image import Uid
from station.drivers.feig import customs
from station.drivers.feig.reader import FeigReader
from station.drivers.line.opening import open_line
from station.drivers.reader.owner import ManagedReader
from station.drivers.registry import reader_owner
from tests.conftest import FakeClock
from tests.drivers.feig.test_against_emulator import Bench
from tests.support import forked

SLIX = Uid("E00401500000AB01")
OTHER = Uid("E00401500000AB02")
TI = Uid("E00700000071AB02")

MODELS = {
    # options of the emulator: name, frames, encoding of custom commands
    ("--model", "cpr.m02"): ("FEIG CPR.M02", False, "transparent mode (BF)"),
    ("--model", "cpr.02"): ("FEIG CPR.02", False, "transparent mode (BF)"),
    ("--model", "cpr.04"): ("FEIG CPR.04/M04", False, "transparent mode (BF)"),
    ("--model", "mr101"): ("FEIG MR101-A", False, "host commands (B1)"),
    ("--model", "mr101", "--frames", "advanced"): ("FEIG MR101-A", True, "host commands (B1)"),
    ("--model", "mr102"): ("FEIG SW-TYPE 0", True, "host commands (B1)"),
    ("--model", "mr102", "--without", "b1"): ("FEIG SW-TYPE 0", True, "transparent mode (BF)"),
    ("--model", "cpr.m02", "--assume-length-in-bytes"): ("FEIG CPR.M02", False, "transparent mode (BF)"),
    ("--model", "cpr.m02", "--assume-exact-length"): ("FEIG CPR.M02", False, "transparent mode (BF)"),
    ("--assume-length-in-bytes", "--assume-exact-length"): ("FEIG CPR.M02", False, "transparent mode (BF)"),
    ("--model", "cpr.02", "--sw-type", "200"): ("FEIG SW-TYPE 200", False, "transparent mode (BF)"),
}


class Net(Bench):
    """The same over TCP."""

    def __init__(self, folder: Path, *options: str) -> None:
        (folder / "tags").mkdir()
        places = ["--listen", "127.0.0.1:0", "--memory", folder / "tags", "--control", folder / "control"]
        self._process = forked.emulator(self.MODULE, *places, "--clock", "virtual", *options)
        assert self._process.stdout is not None
        ready: dict[str, Any] = json.loads(self._process.stdout.readline())
        self.link = f"tcp://{ready['link']}"
        self._attach(ready["control"])


def connected(bench: Bench, **more: Any) -> FeigReader:
    settings = Reader(port=bench.link, answer_ms=100, **more)
    reader = FeigReader(lambda: open_line(settings), bench.clock, settings)
    reader.reconnect()
    return reader


@pytest.fixture(params=[*MODELS], ids=" ".join)
def options(request: pytest.FixtureRequest) -> tuple[str, ...]:
    chosen: tuple[str, ...] = request.param
    return chosen


@pytest.fixture
def bench(options: tuple[str, ...], tmp_path: Path) -> Iterator[Bench]:
    bench = Net(tmp_path, *options) if "mr102" in options else Bench(tmp_path, *options)
    yield bench
    bench.close()


def test_a_model_is_greeted_in_its_frames_and_does_all_that_the_bench_asks(
    bench: Bench, options: tuple[str, ...]
) -> None:
    name, advanced, customs = MODELS[options]
    bench.do("create", uid=SLIX, chip="slix", place=True)
    bench.do("create", uid=TI, chip="tag-it-hfi-plus", place=True)
    reader = connected(bench)
    told = reader.setup.describe()
    assert (reader.capabilities.name, told.model) == (name, name)
    assert (told.frames, told.customs) == ("advanced" if advanced else "standard", customs)
    assert reader.capabilities.can_eas
    for _ in range(2):
        assert reader.inventory().uids == {SLIX, TI}
    content = bytes(range(112))
    reader.write_blocks(SLIX, 0, content, 4)
    reader.write_afi(SLIX, 0xC2)
    reader.write_dsfid(SLIX, 6)
    assert reader.read_blocks(SLIX, 0, 28).data == content
    told_of_tag = reader.system_information(SLIX)
    assert (told_of_tag.block_count, told_of_tag.afi, told_of_tag.dsfid) == (28, 0xC2, 6)
    # The EAS bit in the emulator's memory: off, on, off again.
    assert reader.read_eas(SLIX) is False
    for on in (True, False):
        reader.write_eas(SLIX, on)
        assert bench.tag(SLIX)["eas"] is on
        assert reader.read_eas(SLIX) is on
    for ask in (lambda: reader.read_eas(OTHER), lambda: reader.write_eas(OTHER, True)):
        with pytest.raises(TagAbsent):
            ask()
    with pytest.raises(ChipUnfit):
        reader.read_eas(TI)
    reader.close()


def never_called_off(bench: Bench, reader: ManagedReader, uid: Uid) -> None:
    """Check that the EAS bit is read correctly, or the tag is absent, whatever share of the requests the tag hears."""
    told = {True: 0, False: 0}
    for on in (True, False):
        bench.do("couple", uid=uid, heard=1, of=1)
        reader.write_eas(uid, on)
        assert reader.read_eas(uid) is on
        for of in range(1, 7):
            for heard in range(of + 1):
                bench.do("couple", uid=uid, heard=heard, of=of)
                for _ in range(of):
                    try:
                        assert reader.read_eas(uid) is on, f"{heard} of {of}"
                        told[on] += 1
                    except TagAbsent:
                        assert heard < of
    assert min(told.values()) > 20


@pytest.mark.parametrize("model", ["cpr.02", "mr101"])
def test_a_tag_at_the_edge_of_the_field_is_never_called_off_when_it_is_on(tmp_path: Path, model: str) -> None:
    bench = Bench(tmp_path, "--model", model)
    try:
        bench.do("create", uid=SLIX, chip="slix", place=True)
        reader = connected(bench)
        never_called_off(bench, reader, SLIX)
        reader.close()
    finally:
        bench.close()


@pytest.mark.parametrize("options", [(), ("--assume-length-in-bytes",)])
def test_what_a_reader_can_do_is_found_out_with_a_tag_at_the_edge_of_the_field(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    """A badly placed tag never makes the driver believe that a reader deviates from its manual, or hides
    tags' errors.
    """
    bench = Bench(tmp_path, "--model", "cpr.02", *options)
    told = 0
    try:
        bench.do("create", uid=SLIX, chip="slix", place=True)
        reader = connected(bench)
        reader.air(SLIX, 0xA4, b"\x04", 1, writes=True)  # locks the bit
        for of in range(2, 13):
            for heard in range(1, of):
                bench.do("couple", uid=SLIX, heard=heard, of=of)
                reader.reconnect()
                try:
                    assert reader.read_eas(SLIX) is False
                except TagAbsent:
                    continue
                told += 1
                bench.do("couple", uid=SLIX, heard=1, of=1)
                with pytest.raises(TagRefused):
                    reader.write_eas(SLIX, True)
        reader.close()
    finally:
        bench.close()
    assert told > 1


@pytest.mark.parametrize("model", ["cpr.02", "mr101"])
def test_a_locked_eas_bit_refuses_with_the_tags_own_code(tmp_path: Path, model: str) -> None:
    bench = Bench(tmp_path, "--model", model)
    try:
        bench.do("create", uid=SLIX, chip="slix", place=True)
        reader = connected(bench)
        if model == "cpr.02":
            reader.air(SLIX, 0xA4, b"\x04", 1, writes=True)
        else:
            reader._channel.ask(customs.eas(customs.LOCK_EAS, SLIX))
        with pytest.raises(TagRefused) as caught:
            reader.write_eas(SLIX, True)
        assert caught.value.iso_error == 0x12
        assert bench.tag(SLIX)["eas"] is False
        reader.close()
    finally:
        bench.close()


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


class TestTransparentMode:
    def test_reads_and_writes_of_two_makers(self, plain: Bench) -> None:
        plain.do("create", uid=SLIX, chip="slix", memory="0102030405060708", place=True)
        plain.do("create", uid=TI, chip="tag-it-hfi-plus", place=True)
        reader = connected(plain)
        assert reader.air(SLIX, 0x20, b"\x01", 4) == bytes((5, 6, 7, 8))
        assert reader.air(SLIX, 0x23, b"\x00\x01", 8) == bytes(range(1, 9))
        for uid in (SLIX, TI):
            reader.air(uid, 0x21, b"\x02\xaa\xbb\xcc\xdd", 1, writes=True)
            assert plain.tag(uid)["memory"][16:24] == "aabbccdd"
        with pytest.raises(TagRefused) as caught:
            reader.air(SLIX, 0x20, b"\x5a", 4)
        assert caught.value.iso_error == 0x10
        with pytest.raises(TagAbsent):
            reader.air(OTHER, 0x20, b"\x00", 4)
        reader.close()

    def test_an_inventory_a_write_at_its_step_and_words_without_an_answer(self, plain: Bench) -> None:
        for uid in (SLIX, OTHER):
            plain.do("create", uid=uid, chip="slix", place=True)
        reader = connected(plain)
        seen = reader._channel.ask(customs.transparent_inventory())
        assert {tag.uid for tag in seen.tags} == {SLIX, OTHER}
        last = bytes.fromhex(SLIX)[:-2:-1]
        assert [t.uid for t in reader._channel.ask(customs.transparent_inventory(slots=1, mask=last, bits=8)).tags] == [
            SLIX
        ]
        with pytest.raises(TagAbsent):
            reader._channel.ask(customs.transparent_inventory(afi=0xC2))
        # 16 steps of 302 us are 4.83 ms, near the 4.8 ms in which the emulated tag programs a block; at 40 steps no tag
        # is heard.
        write = customs.air_request(SLIX, 0x21, bytes.fromhex("02 AABBCCDD"))
        assert reader._channel.ask(customs.transparent_at_step(write, 1, 16)).data == b"\0"
        assert plain.tag(SLIX)["memory"][16:24] == "aabbccdd"
        with pytest.raises(TagAbsent):
            reader._channel.ask(customs.transparent_at_step(write, 1, 40))
        assert reader._channel.ask(customs.transparent_unanswered(customs.air_request(SLIX, 0x02, b""))).data == b""
        assert {tag.uid for tag in reader._channel.ask(customs.transparent_inventory()).tags} == {OTHER}, (
            "only the silenced tag is missing"
        )
        reader.close()

    def test_a_reader_whose_transparent_mode_is_not_the_manuals_is_said_so(self, plain: Bench) -> None:
        plain.do("create", uid=SLIX, chip="slix", place=True)
        reader = connected(plain)
        for n in (1, 2, 3):
            plain.do("status", command="bf", n=n, code=0x02)
        with pytest.raises(NotPossible, match="transparent mode"):
            reader.read_eas(SLIX)
        plain.do("status", command="bf", code=0x80)
        with pytest.raises(ReaderRefused):
            reader.read_eas(SLIX)
        reader.close()


def test_a_reader_without_any_way_says_so_and_is_never_asked(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "--sw-type", "200", "--without", "b1,bf")
    try:
        bench.do("create", uid=SLIX, chip="slix", place=True)
        reader = connected(bench)
        assert not reader.capabilities.can_eas
        asked = bench.do("counters")["frames_in"]
        for ask in (lambda: reader.read_eas(SLIX), lambda: reader.write_eas(SLIX, True)):
            with pytest.raises(NotPossible, match="EAS"):
                ask()
        assert bench.do("counters")["frames_in"] == asked
        reader.close()
    finally:
        bench.close()


@pytest.mark.parametrize("frames", ["standard", "advanced"])
def test_frames_may_be_said_by_the_settings(tmp_path: Path, frames: str) -> None:
    bench = Net(tmp_path, "--model", "mr102")
    try:
        if frames == "advanced":
            connected(bench, frames=frames).close()
            assert bench.do("counters")["frames_dropped"] == 0
        else:
            with pytest.raises(ReaderSilent):
                connected(bench, frames=frames)
    finally:
        bench.close()


def test_frames_that_were_found_out_are_spoken_first_at_the_next_connection(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "--model", "mr102")
    try:
        reader = connected(bench)
        before = bench.do("counters")["frames_dropped"]
        assert before > 0  # a terminal is first addressed in standard frames
        reader.reconnect()
        assert bench.do("counters")["frames_dropped"] == before
        reader.close()
    finally:
        bench.close()


def test_a_recording_of_a_reader_in_the_network_can_be_played(tmp_path: Path) -> None:
    """The replay tries the frames in the order of the recorded session, although a recording is not on the network."""
    bench = Net(tmp_path, "--model", "mr101")
    recorded_to = tmp_path / "run.jsonl"
    try:
        bench.do("create", uid=SLIX, chip="slix", place=True)
        settings = Reader(port=bench.link, capture=str(recorded_to))
        owner = reader_owner(settings, bench.clock, data=tmp_path)
        owner.start()
        owner.reader.reconnect()
        seen = owner.reader.inventory()
        owner.stop()
    finally:
        bench.close()
    player = reader_owner(Reader(port=f"replay:{recorded_to}"), FakeClock(), data=tmp_path)
    player.start()
    try:
        player.reader.reconnect()
        assert player.reader.inventory() == seen
    finally:
        player.stop()


@pytest.mark.parametrize(
    ("options", "asked"),
    [(("--frames", "standard"), 2), (("--frames", "advanced"), 1), ((), 1), (("--assume-more-at-255",), 2)],
)
def test_twenty_five_tags_in_one_answer_and_more(tmp_path: Path, options: tuple[str, ...], asked: int) -> None:
    """A standard frame holds 24 records, so that the 25th is fetched. An advanced frame holds all of them. An MR101
    sends an advanced frame if 255 bytes are too few (H60301-3e p. 17).
    """
    bench = Bench(tmp_path, "--model", "mr101", *options)
    try:
        uids = {f"E00401500000{number:04X}" for number in range(25)}
        for uid in uids:
            bench.do("create", uid=uid, chip="slix", place=True)
        reader = connected(bench)
        assert reader.inventory().uids == uids
        assert bench.do("counters")["commands"]["b001"] == asked
        reader.close()
    finally:
        bench.close()


@pytest.mark.parametrize("options", [(), ("--assume-silence-is-write-error",)])
def test_a_tag_that_leaves_in_its_first_write_is_absent_by_either_status(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    """The status is 01, or 03 with the block: the manual does not say which. A write that may have happened is never
    reported as refused.
    """
    bench = Bench(tmp_path, *options)
    try:
        bench.do("create", uid=SLIX, chip="slix", place=True)
        reader = connected(bench)
        for write in (
            lambda: reader.write_blocks(SLIX, 4, b"abcdefgh", 4),
            lambda: reader.write_afi(SLIX, 7),
            lambda: reader.write_dsfid(SLIX, 6),
            lambda: reader.lock_block(SLIX, 9),
        ):
            bench.do("place", uid=SLIX)
            bench.do("lift-after-writes", mode="new")
            with pytest.raises(TagAbsent):
                write()
            assert bench.do("state")["on_pad"] == []
        reader.close()
    finally:
        bench.close()


@pytest.mark.parametrize("size", ["manual", "air"])
@pytest.mark.parametrize("reading", ["auto", "manual", "air"])
def test_the_size_of_a_tag_in_either_reading(tmp_path: Path, size: str, reading: str) -> None:
    bench = Bench(tmp_path, "--mem-size", size)
    try:
        bench.do("create", uid=SLIX, chip="slix", place=True)
        reader = connected(bench, memory_size=reading)
        if reading in ("auto", size):
            assert reader.system_information(SLIX).block_count == 28
        else:  # neither 3 nor 5 is a valid block size
            with pytest.raises(RemoteProtocolError):
                reader.system_information(SLIX)
        reader.close()
    finally:
        bench.close()
