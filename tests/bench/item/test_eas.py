"""The EAS bit of a plan: set, verified by the chip's answer, given up if it does not hold, refused without EAS."""

from __future__ import annotations

import dataclasses

import pytest

from station.base import errors
from station.bench.item.security import eas_of
from station.bench.item.write_steps import Writer, read_image
from station.domain.findings import Outcome
from station.domain.ports import ReaderCapabilities
from station.domain.snapshot import Phase
from station.domain.tag_image import Uid
from station.encoding.content import TagContent, TagProfile
from station.encoding.write_plan.image import new_image
from station.encoding.write_plan.plan import plan_write
from station.encoding.write_plan.steps import ChipLimits, WritePlan
from tests.support.simulated_bench import BOOK, SimReader, Tag, World
from tests.support.simulated_bench import Rig as BenchRig
from tests.support.told import raises_told, told


class EasReader(SimReader):
    """A reader that can switch EAS bits and stores them."""

    capabilities = ReaderCapabilities("simulated", can_eas=True)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.eas: set[Uid] = set()
        self.stuck = False
        self.lost = 0
        """Number of writes, from now, that get no answer."""
        self.writes = 0

    def read_eas(self, uid: Uid) -> bool:
        self._enter()
        self._tag(uid)
        return uid in self.eas

    def write_eas(self, uid: Uid, on: bool) -> None:
        self._enter()
        self._tag(uid)
        self.writes += 1
        if not self.stuck:
            (self.eas.add if on else self.eas.discard)(uid)
        if self.lost:
            self.lost -= 1
            raise errors.ReaderSilent("lost")


Rig = tuple[EasReader, Uid]


@pytest.fixture
def rig() -> Rig:
    world = World()
    uid = world.tag(1)
    world.place(uid)
    reader = EasReader(world)
    reader.reconnect()
    return reader, uid


def plan_of(reader: SimReader, uid: Uid, on: bool) -> WritePlan:
    old = read_image(reader, uid)
    new = new_image(old, TagContent("31234567890128"), TagProfile("US-InU-Mu"))
    return plan_write(old, new, limits=ChipLimits(has_eas=True), eas=on)


@pytest.mark.parametrize("on", [True, False])
def test_the_bit_is_switched(rig: Rig, on: bool) -> None:
    reader, uid = rig
    reader.eas = set() if on else {uid}
    Writer(reader, plan_of(reader, uid, on), lambda _done, _total: None).run()
    assert (uid in reader.eas, reader.writes) == (on, 1)


def test_a_lost_answer_is_looked_at_and_not_sent_again(rig: Rig) -> None:
    reader, uid = rig
    reader.lost = 1
    Writer(reader, plan_of(reader, uid, True), lambda _done, _total: None).run()
    assert (uid in reader.eas, reader.writes) == (True, 1)


def test_a_bit_that_does_not_stick_is_not_called_set(rig: Rig) -> None:
    reader, uid = rig
    reader.stuck = True
    with raises_told(errors.TagMismatch, match="EAS"):
        Writer(reader, plan_of(reader, uid, True), lambda _done, _total: None).run()


def test_a_reader_without_it_refuses_before_anything_is_written(rig: Rig) -> None:
    reader, uid = rig
    plan = plan_of(reader, uid, True)
    plain = SimReader(reader.world)
    plain.reconnect()
    with raises_told(errors.NotPossible, match="EAS"):
        Writer(plain, plan, lambda _done, _total: None)
    assert reader.world.tags[uid].writes == 0


# --- rule 14 at the bench -----------------------------------------------------------------------------------------------


def judged(eas_profile: bool, reader: SimReader, chip: int = 1) -> tuple[Outcome, str]:
    world = reader.world
    bench = BenchRig(world=world)
    bench.start_with(reader=reader)
    # The writer's own profile does not set the bit, so that the check judges the tag's original bit.
    bench.bench.desk.profile = dataclasses.replace(bench.bench.desk.profile, eas=eas_profile)
    bench.scan(BOOK)
    bench.place(world.tag(chip))
    assert bench.now.phase is Phase.CHECKING, bench.now.fault
    found = next(one for one in bench.now.findings if one.rule == "tag-eas")
    return found.outcome, told(found.reason)


@pytest.mark.parametrize(
    ("uses", "on", "outcome", "reason"),
    [
        (True, True, Outcome.PASS, ""),
        (True, False, Outcome.FAIL, "the EAS bit is not set"),
        (False, True, Outcome.ABSTAINED, "the site's tag profile does not use the EAS bit"),
    ],
)
def test_the_bit_is_asked_and_judged_where_the_site_uses_it(
    uses: bool, on: bool, outcome: Outcome, reason: str
) -> None:
    world = World()
    reader = EasReader(world)
    reader.reconnect()
    reader.eas = {Uid("E004010000000001")} if on else set()
    assert judged(uses, reader) == (outcome, reason)


def test_a_reader_without_a_way_to_the_bit_is_not_asked() -> None:
    reader = SimReader(World())
    reader.reconnect()
    assert judged(True, reader) == (Outcome.ABSTAINED, "this reader cannot tell the EAS bit")


def test_a_chip_without_the_bit_is_not_asked() -> None:
    world = World()
    uid = Uid("E007000000000001")  # Texas Instruments: no EAS
    world.tags[uid] = Tag(uid)
    reader = EasReader(world)
    reader.reconnect()
    bit, reason = eas_of(reader, TagProfile("US-InU-Mu", eas=True), uid)
    assert (bit, told(reason)) == (None, "this chip is not known to have an EAS bit")


@pytest.mark.parametrize(
    "error", [errors.TagAbsent("gone"), errors.ReaderSilent("no answer"), errors.NotPossible("no")]
)
def test_a_tag_that_does_not_tell_makes_the_rule_abstain(error: errors.StationError) -> None:
    world = World()
    uid = world.tag(1)
    reader = EasReader(world)

    def silent(_uid: Uid) -> bool:
        raise error

    reader.read_eas = silent  # type: ignore[method-assign]
    bit, reason = eas_of(reader, TagProfile("US-InU-Mu", eas=True), uid)
    assert (bit, told(reason)) == (None, f"the tag did not tell its EAS bit ({error.code})")
