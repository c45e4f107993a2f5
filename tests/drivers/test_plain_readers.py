"""Readers that lack commands: what a driver finds out, what it can do without, and that finding out touches no tag."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.base.errors import NotPossible, ReaderRefused, ReaderSilent, TagRefused
from station.base.settings import Reader
from station.bench.item.write_steps import read_image
from station.domain.ports import Lack
from station.domain.tag_image import Uid
from station.drivers.reader.owner import ManagedReader, learn
from station.drivers.registry import driver
from tests.conftest import FakeClock
from tests.drivers.emulator_process import Stranger, VirtualLine
from tests.drivers.scripted_transport import Scripted
from tests.drivers.threem.frames import SLI, sealed
from tests.drivers.threem.test_reader import ASK_NOBODY, DONE, EMPTY, INVENTORY, PROBE, WRITE_AFI, reader_on

SLIX = Uid("E00401500000AB01")
PLAIN = "D60005FE0005FA40"
PLAIN_EMPTY = sealed("FE 00 00 05 00")
NOBODY_SILENT = (ASK_NOBODY[0], "")

LEAST = {
    "feig": {Lack.SIZE, Lack.AFI, Lack.SET_AFI, Lack.SET_DSFID, Lack.LOCK, Lack.LOCK_STATUS, Lack.CONFIGURATION,
             Lack.SIGNAL, Lack.EAS},
    "3m": {Lack.INVENTORY_DSFID, Lack.SIZE, Lack.SET_AFI, Lack.DSFID, Lack.SET_DSFID, Lack.LOCK, Lack.LOCK_STATUS,
           Lack.EAS},
}  # fmt: skip
"""Lacks of readers that have only the required commands."""
READERS: dict[str, tuple[str, tuple[str, ...], set[Lack]]] = {
    **{
        f"{name} {answer}": (name, ("--minimal", answer), lacks)
        for name, lacks in LEAST.items()
        for answer in ("refuses", "silent")
    },
    "feig whole": ("feig", (), set()),
    "feig without 80": ("feig", ("--without", "80"), {Lack.CONFIGURATION}),
    "feig without BF": ("feig", ("--without", "bf"), {Lack.EAS}),
    "feig MR101 without B1": ("feig", ("--model", "mr101", "--without", "b1"), {Lack.EAS}),
    "feig without 69": ("feig", ("--without", "69"), {Lack.FIELD_RESET}),
    "feig without 27": ("feig", ("--without", "b027"), {Lack.SET_AFI}),
    "3m whole": ("3m", (), set()),
    "3m without 0D": ("3m", ("--without", "0d"), {Lack.SIZE}),
    "3m without 0A": ("3m", ("--without", "0a"), set()),
    "3m without 0D, 0A": ("3m", ("--without", "0d,0a"), {Lack.SIZE, Lack.AFI}),
    "3m without 0D, 0F": ("3m", ("--without", "0d,0f"), {Lack.SIZE}),
    "3m without DSFIDs": ("3m", ("--no-dsfid-option",), {Lack.INVENTORY_DSFID}),
    "3m that ignores the option for DSFIDs": ("3m", ("--ignore-dsfid-option",), {Lack.INVENTORY_DSFID}),
    "3m without 0B, 0C": ("3m", ("--without", "0b,0c"), {Lack.SET_DSFID, Lack.EAS}),
}


class Desk:
    def __init__(self, name: str, folder: Path, *options: str) -> None:
        self.stranger = Stranger({"feig": "feig", "3m": "threem"}[name], folder, *options)
        clock = FakeClock()
        self.reader: ManagedReader = driver(name).make(
            lambda: VirtualLine(self.stranger, clock), clock, Reader(driver=name)
        )
        self.lay(SLIX, "slix")
        self.reader.reconnect()

    def lay(self, uid: Uid, chip: str, memory: str = "") -> None:
        values = {"memory": memory, "afi": 0x07, "dsfid": 0x06, "place": True, "replace": True}
        self.stranger.do("create", uid=uid, chip=chip, **values)

    def close(self) -> None:
        self.reader.close()
        self.stranger.close()


@pytest.fixture
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    name, *options = request.param
    desk = Desk(name, tmp_path, *options)
    yield desk
    desk.close()


@pytest.mark.parametrize("named", READERS)
def test_what_a_reader_lacks_is_found_out_and_no_tag_is_touched(named: str, tmp_path: Path) -> None:
    name, options, lacks = READERS[named]
    desk = Desk(name, tmp_path, *options)
    try:
        before = desk.stranger.dump(SLIX)
        learn(desk.reader)
        can = desk.reader.capabilities
        assert set(can.lacks) == lacks
        assert (can.can_lock, can.can_eas) == (Lack.LOCK not in lacks, Lack.EAS not in lacks)
        assert desk.reader.inventory().uids == {SLIX}
        image = read_image(desk.reader, SLIX)
        assert image.afi == (None if Lack.AFI in lacks else 0x07)
        assert image.dsfid == (None if Lack.DSFID in lacks else 0x06)
        assert image.block_count == 28
        assert desk.stranger.dump(SLIX) == before
        assert desk.stranger.do("counters")["air_writes"] == {}
        desk.reader.write_blocks(SLIX, 3, b"abcd" * 4, 4)
        assert desk.reader.read_blocks(SLIX, 3, 4).data == b"abcd" * 4
    finally:
        desk.close()


@pytest.mark.parametrize(
    "desk",
    [(name, how, code) for name, code in (("feig", "b024"), ("3m", "04")) for how in ("--without", "--mute")],
    indirect=True,
)
def test_a_reader_that_cannot_write_is_found_out_without_a_tag(desk: Desk) -> None:
    learn(desk.reader)
    assert Lack.WRITE in desk.reader.capabilities.lacks and not desk.reader.capabilities.can_pass_items
    assert desk.stranger.do("counters")["air_writes"] == {}


@pytest.mark.parametrize("desk", [("feig", "--minimal", "refuses"), ("3m", "--minimal", "refuses")], indirect=True)
def test_a_size_is_proven_by_the_tag_and_never_guessed(desk: Desk) -> None:
    """For a chip in the table the number of blocks is right. A tag whose blocks differ from the table, or a chip that
    is not in it, is refused.
    """
    for uid, chip, blocks in (("E00401000000AB02", "sli", 28), ("E00401080000AB03", "slix2", 80)):
        desk.stranger.do("lift")
        desk.lay(Uid(uid), chip)
        assert desk.reader.system_information(Uid(uid)).block_count == blocks
    for uid, chip in (("E00401500000AB04", "lri2k"), ("E00401080000AB05", "slix"), ("E0FF01500000AB06", "slix")):
        desk.stranger.do("lift")
        desk.lay(Uid(uid), chip)
        with pytest.raises(TagRefused, match="does not report tag sizes"):
            desk.reader.system_information(Uid(uid))


@pytest.mark.parametrize("desk", [("feig", "--without", "80"), ("feig", "--minimal", "silent")], indirect=True)
def test_a_configuration_that_cannot_be_seen_hides_no_tag(desk: Desk) -> None:
    """The emulated reader has the factory setting: it reports each tag once (ONT). An RF reset precedes
    each inventory.
    """
    for _ in range(3):
        assert desk.reader.inventory().uids == {SLIX}
    assert desk.stranger.do("counters")["commands"]["69"] == 3


@pytest.mark.parametrize("without", ["bf", "b1,bf"])
def test_an_eas_bit_that_cannot_be_reached_after_all(without: str, tmp_path: Path) -> None:
    """By its model a CPR.M02 has transparent mode. This reader does not."""
    desk = Desk("feig", tmp_path, "--without", without)
    try:
        for ask in (lambda: desk.reader.read_eas(SLIX), lambda: desk.reader.write_eas(SLIX, True)):
            with pytest.raises(NotPossible, match="EAS bit"):
                ask()
        assert not desk.reader.capabilities.can_eas
        assert desk.reader.capabilities.lacks == (Lack.EAS,)
    finally:
        desk.close()


# --- frame by frame ---------------------------------------------------------------------------------------------------


def reader_over(clock: FakeClock, *scripts: tuple[tuple[str, str], ...]) -> tuple[ManagedReader, list[Scripted]]:
    """Return a 3M reader that gets another line at each connection, and the lines."""
    lines = [Scripted(clock, *script) for script in scripts]
    left = iter(lines)
    return driver("3m").make(lambda: next(left), clock, Reader(driver="3m")), lines


class TestAnInventoryWithoutDsfids:
    @pytest.mark.parametrize("error", ["31", "32", "02"])
    def test_a_refusal_is_believed_until_the_next_greeting(self, clock: FakeClock, error: str) -> None:
        refused = (INVENTORY, sealed(f"FE {error}"))
        reader, lines = reader_over(
            clock, (PROBE, refused, (PLAIN, PLAIN_EMPTY), (PLAIN, PLAIN_EMPTY)), (PROBE, (INVENTORY, EMPTY))
        )
        reader.reconnect()
        reader.inventory()
        reader.inventory()
        assert Lack.INVENTORY_DSFID in reader.capabilities.lacks
        reader.reconnect()
        reader.inventory()
        assert all(line.done for line in lines) and reader.capabilities.lacks == ()

    def test_two_bare_uids_of_eight_bytes_are_two_tags(self, clock: FakeClock) -> None:
        """The reader repeats the option for DSFIDs and ignores it; it is not asked with that option again. The empty pad
        before does not show that."""
        tags = f"02 {SLI} {SLIX}"
        plain = (PLAIN, sealed(f"FE 00 00 05 {tags}"))
        dsfids = [(sealed(f"0F {uid}"), sealed(f"0F 00 {uid} 06")) for uid in (SLI, SLIX)]
        bare = (INVENTORY, sealed(f"FE 00 00 07 {tags}"))
        reader, line = reader_on(clock, (INVENTORY, EMPTY), bare, plain, *dsfids, plain, *dsfids)
        assert reader.inventory().uids == set()
        for _ in range(2):
            assert [(tag.uid, tag.dsfid) for tag in reader.inventory().tags] == [(SLI, 6), (SLIX, 6)]
        assert line.done and reader.capabilities.lacks == (Lack.INVENTORY_DSFID,)

    def test_an_error_that_the_manual_does_not_have_is_believed_the_second_time(self, clock: FakeClock) -> None:
        strange, plain = (INVENTORY, sealed("FE 77")), (PLAIN, PLAIN_EMPTY)
        reader, line = reader_on(clock, strange, PROBE, plain, strange, PROBE, plain, plain)
        for _ in range(3):
            assert reader.inventory().uids == set()
        assert line.done and reader.capabilities.lacks == (Lack.INVENTORY_DSFID,)

    def test_silence_is_asked_twice_and_believed_from_then_on(self, clock: FakeClock) -> None:
        silent, plain = ((INVENTORY, ""), PROBE), (PLAIN, PLAIN_EMPTY)
        reader, lines = reader_over(clock, (PROBE, *silent, *silent, plain, plain), (PROBE, plain))
        reader.reconnect()
        reader.inventory()
        reader.inventory()
        reader.reconnect()
        reader.inventory()
        assert all(line.done for line in lines) and reader.capabilities.lacks == (Lack.INVENTORY_DSFID,)

    def test_one_lost_answer_is_no_missing_command(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, (INVENTORY, ""), PROBE, (INVENTORY, EMPTY))
        reader.inventory()
        assert line.done and reader.capabilities.lacks == ()

    def test_a_reader_that_answers_nothing_lacks_nothing(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, (INVENTORY, ""), (PROBE[0], ""))
        with pytest.raises(ReaderSilent):
            reader.inventory()
        assert line.done and reader.capabilities.lacks == ()

    def test_what_was_answered_once_is_never_missing(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, (INVENTORY, EMPTY), (INVENTORY, sealed("FE 31")), (INVENTORY, ""))
        reader.inventory()
        with pytest.raises(ReaderRefused):
            reader.inventory()
        with pytest.raises(ReaderSilent):
            reader.inventory()
        assert line.done and reader.capabilities.lacks == ()


class TestAWriteThatTheReaderDoesNotHave:
    def test_unanswered_it_is_not_sent_to_the_tag_again(self, clock: FakeClock) -> None:
        lines = ((WRITE_AFI, ""), PROBE, NOBODY_SILENT, PROBE, NOBODY_SILENT, PROBE)
        reader, line = reader_on(clock, *lines)
        with pytest.raises(ReaderSilent):
            reader.write_afi(SLI, 0xC2)
        for _ in range(2):
            with pytest.raises(NotPossible, match="Write AFI"):
                reader.write_afi(SLI, 0xC2)
        assert line.done and not reader.capabilities.can_afi

    def test_refused_it_is_asked_of_no_tag_before_that_is_believed(self, clock: FakeClock) -> None:
        nobody = (ASK_NOBODY[0], sealed("09 02"))
        reader, line = reader_on(clock, (WRITE_AFI, sealed("09 02")), nobody, nobody)
        with pytest.raises(ReaderRefused):
            reader.write_afi(SLI, 0xC2)
        with pytest.raises(NotPossible, match="Write AFI"):
            reader.write_afi(SLI, 0xC2)
        assert line.done and not reader.capabilities.can_afi

    def test_one_refusal_is_a_refusal(self, clock: FakeClock) -> None:
        reader, line = reader_on(clock, (WRITE_AFI, sealed("09 02")), ASK_NOBODY, (WRITE_AFI, DONE))
        with pytest.raises(ReaderRefused):
            reader.write_afi(SLI, 0xC2)
        reader.write_afi(SLI, 0xC2)
        assert line.done and reader.capabilities.can_afi

    def test_another_reader_has_everything_to_tell_anew(self, clock: FakeClock) -> None:
        silent = ((INVENTORY, ""), PROBE)
        other = (PROBE[0], sealed("04 00 11 0A 05 01 19", "D5"))
        reader, lines = reader_over(clock, (PROBE, *silent, *silent, (PLAIN, PLAIN_EMPTY)), (other, (INVENTORY, EMPTY)))
        for line in lines:
            reader.reconnect()
            reader.inventory()
            assert line.done
        assert reader.capabilities.lacks == ()
