"""Every case of the contract can fail: a correct reader passes all cases, and each defect fails the case that tests for
it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from hardware.harness.ideal import MOST, SCRATCH, UNFIT, HarnessOperator, Ideal, Silicon, World, outcomes, run
from station.base.errors import NotPossible, ReaderRefused, TagAbsent, TagRefused
from station.domain.inventory import BlocksRead, Inventory, SystemInformation
from station.domain.ports import Lack, ReaderCapabilities
from station.domain.tag_image import Uid
from station.drivers.harness import reading, writing
from station.drivers.harness.results import Minimum
from station.drivers.harness.suite import DEADLINE, MINIMUM, MINIMUM_READING, minimum_of

ALL = [case.name for case in (*reading.CASES, *writing.CASES, DEADLINE)]


def test_a_reader_that_keeps_the_contract_passes_every_case(tmp_path: Path) -> None:
    world, desk = World(), HarnessOperator(tmp_path)
    before = world.scratch.state()
    suite = run(world, Ideal(world), desk)
    assert outcomes(suite) == dict.fromkeys(ALL, "passed"), suite.results
    assert world.scratch.state() == before
    assert suite.restored is not None and suite.restored.exact
    (asked,) = desk.asked
    assert (asked.uid, asked.blank, asked.locked) == (SCRATCH, False, (2,))


def test_a_bare_tag_is_asked_for_nothing_that_it_lacks(tmp_path: Path) -> None:
    world = World(Silicon(UNFIT, bytearray(32), set()))
    done = outcomes(run(world, Ideal(world), HarnessOperator(tmp_path)))
    skipped = {"afi", "dsfid", "eas", "locked"}
    assert {name for name, outcome in done.items() if outcome == "skipped"} == skipped
    assert {outcome for name, outcome in done.items() if name not in skipped} == {"passed"}


class WithoutEas(Ideal):
    @property
    def capabilities(self) -> ReaderCapabilities:
        return replace(super().capabilities, can_eas=False)

    def read_eas(self, uid: Uid) -> bool:
        raise NotPossible("no EAS here")

    def write_eas(self, uid: Uid, on: bool) -> None:
        raise NotPossible("no EAS here")


class RefusesEas(Ideal):
    def read_eas(self, uid: Uid) -> bool:
        self.tag(uid)
        raise ReaderRefused(0x02, "command not implemented")


class RefusesToSwitchEas(Ideal):
    def write_eas(self, uid: Uid, on: bool) -> None:
        self.tag(uid)
        raise ReaderRefused(0x02, "command not implemented")


class RefusesRegisters(Ideal):
    def write_afi(self, uid: Uid, afi: int) -> None:
        self.tag(uid)
        raise ReaderRefused(0x02, "command not implemented")

    write_dsfid = write_afi


class RefusesTheFieldReset(Ideal):
    def reset_field(self) -> None:
        super().reset_field()
        raise ReaderRefused(0x80, "unknown command")


class RefusesSystemInformation(Ideal):
    def system_information(self, uid: Uid) -> SystemInformation:
        self.before()
        raise ReaderRefused(0x02, "command not implemented")


class LearnsThatItCannotCheckEas(Ideal):
    """Reader that can switch the EAS bit but not check it, and learns this from its first check."""

    asked = False

    @property
    def capabilities(self) -> ReaderCapabilities:
        return replace(super().capabilities, can_eas=False, lacks=(Lack.EAS,))

    def read_eas(self, uid: Uid) -> bool:
        if not self.asked:
            self.asked = True
            self.tag(uid)
            raise ReaderRefused(0x02, "command not implemented")
        raise NotPossible("no EAS here")


class TellsNoRegisters(Ideal):
    """Reader whose system information has meaningless values for AFI and DSFID, and which has learned that it lacks
    them."""

    @property
    def capabilities(self) -> ReaderCapabilities:
        return replace(super().capabilities, lacks=(Lack.AFI, Lack.DSFID))

    def system_information(self, uid: Uid) -> SystemInformation:
        return replace(super().system_information(uid), afi=0, dsfid=0)


class TellsNoLocks(Ideal):
    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        return replace(super().read_blocks(uid, first, count), locked=())


PLAIN = [
    (WithoutEas, {"eas"}, ("EAS bit",)),
    (RefusesEas, {"eas"}, ("EAS bit",)),
    (RefusesToSwitchEas, {"eas"}, ()),
    (LearnsThatItCannotCheckEas, {"eas"}, ("EAS bit",)),
    (RefusesRegisters, {"afi", "dsfid"}, ()),
    (RefusesTheFieldReset, set(), ()),
    (RefusesSystemInformation, {"information", "afi", "dsfid"}, ("AFI", "DSFID")),
    (TellsNoRegisters, {"afi", "dsfid"}, ("AFI", "DSFID")),
    (TellsNoLocks, {"locked"}, ("locks",)),
]


@pytest.mark.parametrize(
    ("plain", "skipped", "unsaved"), PLAIN, ids=lambda value: value.__name__ if isinstance(value, type) else ""
)
def test_a_plain_reader_is_tried_with_all_that_it_has(
    plain: type[Ideal], skipped: set[str], unsaved: tuple[str, ...], tmp_path: Path
) -> None:
    locked = set[int]() if plain is TellsNoLocks else {2}
    world, desk = World(Silicon(memory=bytearray(range(112)), locked=locked, eas=True)), HarnessOperator(tmp_path)
    before = world.scratch.state()
    suite = run(world, plain(world), desk)
    assert outcomes(suite) == {name: "skipped" if name in skipped else "passed" for name in ALL}, suite.results
    assert all(result.detail for result in suite.results if result.case in skipped), "each skip has a reason"
    assert world.scratch.state() == before
    assert suite.restored is not None and suite.restored.exact
    (asked,) = desk.asked
    assert tuple(what.partition(" (")[0] for what in asked.unsaved) == unsaved
    assert all(name in suite.restored.sentence for name in unsaved), "the final sentence also names what was not read"
    assert not minimum_of(suite.results, MINIMUM).missing


def test_without_a_write_the_minimum_is_missed(tmp_path: Path) -> None:
    world = World()
    suite = run(world, Ideal(world), HarnessOperator(tmp_path, agrees=False))
    told = minimum_of(suite.results, MINIMUM)
    assert told.missing == ("write-one",)
    assert "write-one did not pass" in told.sentence
    assert minimum_of(suite.results, MINIMUM_READING) == Minimum(MINIMUM_READING)


class Nameless(Ideal):
    @property
    def capabilities(self) -> ReaderCapabilities:
        return ReaderCapabilities("", "1", MOST, MOST)


class SeesGhosts(Ideal):
    def inventory(self) -> Inventory:
        seen = super().inventory()
        return seen if seen.tags else Inventory((), collision=True)


class SmallLetters(Ideal):
    def inventory(self) -> Inventory:
        return Inventory(tuple(replace(tag, uid=Uid(tag.uid.lower())) for tag in super().inventory().tags))


class OnlyNewTags(Ideal):
    seen = 0

    def inventory(self) -> Inventory:
        seen = super().inventory()
        self.seen += bool(seen.tags)
        return Inventory(()) if self.seen in (3, 4) else seen


class Twice(Ideal):
    looks = 0

    def inventory(self) -> Inventory:
        seen = super().inventory()
        self.looks += 1
        return Inventory(seen.tags * 2) if self.looks == 6 else seen


class OneOfTwo(Ideal):
    def inventory(self) -> Inventory:
        return Inventory(super().inventory().tags[:1])


class OneLess(Ideal):
    asked = 0

    def system_information(self, uid: Uid) -> SystemInformation:
        said = super().system_information(uid)
        self.asked += 1
        return replace(said, block_count=said.block_count - self.asked % 2)


class OtherDsfid(Ideal):
    def system_information(self, uid: Uid) -> SystemInformation:
        return replace(super().system_information(uid), dsfid=1)


class Flickers(Ideal):
    reads = 0

    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        read = super().read_blocks(uid, first, count)
        self.reads += 1
        return read if self.reads % 2 else replace(read, data=bytes(len(read.data)))


class TooFewLocks(Ideal):
    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        read = super().read_blocks(uid, first, count)
        return replace(read, locked=read.locked[:1])


class ForgetsWhereItWas(Ideal):
    """Begins the second part of a split read at the first block again."""

    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        read = super().read_blocks(uid, first, count)
        if count != MOST + 1:
            return read
        return replace(read, data=read.data[: MOST * 4] + read.data[:4])


class MakesUp(Ideal):
    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        try:
            return super().read_blocks(uid, first, count)
        except TagRefused:
            return BlocksRead(first, 4, bytes(4 * count), (False,) * count)


class NotAddressed(Ideal):
    """Uses the first tag on the pad if the addressed one is absent."""

    def tag(self, uid: Uid) -> Silicon:
        try:
            return super().tag(uid)
        except TagAbsent:
            if not self.world.pad:
                raise
            return self.world.pad[0]


class Remembers(Ideal):
    """Answers for a lifted tag from memory."""

    def tag(self, uid: Uid) -> Silicon:
        try:
            return super().tag(uid)
        except TagAbsent:
            if uid != SCRATCH:
                raise
            return self.world.scratch


class CallsItEmpty(Ideal):
    def inventory(self) -> Inventory:
        return super().inventory() if self.world.plugged else Inventory(())


class Guesses(Ideal):
    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        if self.world.deaf:
            return BlocksRead(first, 4, bytes(4 * count), (False,) * count)
        return super().read_blocks(uid, first, count)


class WritesNothing(Ideal):
    def program(self, uid: Uid, block: int, data: bytes) -> None:
        self.tag(uid)


class WritesTheNextToo(Ideal):
    def program(self, uid: Uid, block: int, data: bytes) -> None:
        super().program(uid, block, data)
        if block == 9:
            super().program(uid, 8, data)


class FirstPartOnly(Ideal):
    def write_blocks(self, uid: Uid, first: int, data: bytes, block_size: int) -> None:
        super().write_blocks(uid, first, data[: 4 * MOST] if block_size == 4 else data, block_size)


class KeepsAfi(Ideal):
    def write_afi(self, uid: Uid, afi: int) -> None:
        self.tag(uid)


class AfiIntoDsfid(Ideal):
    def write_afi(self, uid: Uid, afi: int) -> None:
        super().write_afi(uid, afi)
        self.tag(uid).dsfid ^= 1


class KeepsDsfid(Ideal):
    def write_dsfid(self, uid: Uid, dsfid: int) -> None:
        self.tag(uid)


class EasAlwaysOff(Ideal):
    def read_eas(self, uid: Uid) -> bool:
        super().read_eas(uid)
        return False


class WritesThroughLocks(Ideal):
    def program(self, uid: Uid, block: int, data: bytes) -> None:
        self.tag(uid).memory[block * 4 : block * 4 + 4] = data


class WritesToWhoeverIsThere(NotAddressed):
    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        if uid != SCRATCH:
            raise TagAbsent(uid)
        return super().read_blocks(uid, first, count)

    def system_information(self, uid: Uid) -> SystemInformation:
        if uid != SCRATCH:
            raise TagAbsent(uid)
        return super().system_information(uid)


class RefusesAfterwards(Ideal):
    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        if count < 1:
            self.before()
        return super().read_blocks(uid, first, count)


class Dawdles(Ideal):
    def write_dsfid(self, uid: Uid, dsfid: int) -> None:
        self.world.clock.pause(7)
        super().write_dsfid(uid, dsfid)


DEFECTS = [
    (Nameless, "connect"),
    (SeesGhosts, "empty"),
    (SmallLetters, "one"),
    (OnlyNewTags, "repeated"),
    (Twice, "repeated"),
    (OneOfTwo, "several"),
    (OneLess, "information"),
    (OtherDsfid, "information"),
    (Flickers, "read-first"),
    (TooFewLocks, "read-all"),
    (ForgetsWhereItWas, "parts"),
    (MakesUp, "beyond"),
    (NotAddressed, "absent"),
    (Remembers, "lifted"),
    (CallsItEmpty, "unplugged"),
    (Guesses, "silent"),
    (WritesNothing, "write-one"),
    (WritesTheNextToo, "write-one"),
    (FirstPartOnly, "write-many"),
    (KeepsAfi, "afi"),
    (AfiIntoDsfid, "afi"),
    (KeepsDsfid, "dsfid"),
    (EasAlwaysOff, "eas"),
    (WritesThroughLocks, "locked"),
    (WritesToWhoeverIsThere, "absent-write"),
    (RefusesAfterwards, "refusals"),
    (Dawdles, "deadline"),
]


@pytest.mark.parametrize(("defect", "case"), DEFECTS, ids=lambda value: getattr(value, "__name__", value))
def test_a_defect_is_found_by_its_case(defect: type[Ideal], case: str, tmp_path: Path) -> None:
    world = World()
    suite = run(world, defect(world), HarnessOperator(tmp_path))
    failed = [result.case for result in suite.results if result.outcome.value == "failed"]
    assert case in failed, suite.results
    assert failed[0] == case, "no other case fails before it"


def test_every_case_has_a_defect_that_it_finds() -> None:
    assert {case for _, case in DEFECTS} == set(ALL)
