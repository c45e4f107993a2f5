"""A request that a reader or a chip does not support is refused with a sentence before anything is sent.

Every driver, every chip of the table, every capability. The emulator's counters show what was sent; nfcpy's reader has
separate tests (test_nfcpy_*).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from station.base.errors import ChipUnfit, NotPossible, ReaderRefused, TagAbsent, TagRefused
from station.base.settings import Reader
from station.bench.item.write_steps import refuse_impossible
from station.domain.ports import Lack, ReaderCapabilities, Signal
from station.domain.tag_image import TagImage, Uid
from station.drivers.reader.owner import ManagedReader
from station.drivers.registry import driver
from station.encoding.chips import CHIPS, UNKNOWN, Chip, Feature
from station.encoding.write_plan.steps import LockAfi, LockBlocks, LockDsfid, SetBlocks, SetEas, WritePlan
from tests.conftest import FakeClock
from tests.drivers.emulator_process import Stranger, VirtualLine
from tests.support.told import told

READERS: dict[str, tuple[str, str, tuple[str, ...], ReaderCapabilities]] = {
    # driver, emulator, its options, and the declared capabilities
    "feig CPR.M02": (
        "feig",
        "feig",
        (),
        ReaderCapabilities("FEIG CPR.M02", "2.05", can_signal=True, can_eas=True),
    ),
    "feig CPR.04": (
        "feig",
        "feig",
        ("--model", "cpr.04"),
        ReaderCapabilities("FEIG CPR.04/M04", "2.05", can_signal=True, can_eas=True, antennas=2),
    ),
    "feig MR101": ("feig", "feig", ("--model", "mr101"), ReaderCapabilities("FEIG MR101-A", "2.05", can_eas=True)),
    "feig without EAS": (
        "feig",
        "feig",
        ("--sw-type", "200", "--without", "b1,bf,71"),
        ReaderCapabilities("FEIG SW-TYPE 200", "2.05", lacks=(Lack.EAS,)),
    ),
    "3m": (
        "3m",
        "threem",
        (),
        ReaderCapabilities(
            "3M / Bibliotheca",
            "5.0.2",
            max_blocks_per_read=32,
            max_blocks_per_write=8,
            can_eas=True,
            can_reset_field=False,
            block_sizes=(4,),
        ),
    ),
}


class Desk:
    def __init__(self, name: str, folder: Path, **settings: int) -> None:
        self.driver, module, options, self.declared = READERS[name]
        self.stranger = Stranger(module, folder, *options)
        clock = FakeClock()
        chosen = Reader(driver=self.driver, **settings)  # type: ignore[arg-type]
        self.reader: ManagedReader = driver(self.driver).make(lambda: VirtualLine(self.stranger, clock), clock, chosen)
        self.reader.reconnect()

    @property
    def sent(self) -> int:
        self.stranger.settle()
        frames: int = self.stranger.do("counters")["frames_in"]
        return frames

    def close(self) -> None:
        self.reader.close()
        self.stranger.close()


@pytest.fixture(scope="module", params=READERS)
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(request.param, tmp_path_factory.mktemp("desk"))
    yield desk
    desk.close()


def uid_of(chip: Chip) -> Uid:
    """Return a UID that the table recognizes as this chip; no manufacturer has E0FF."""
    return Uid(f"{chip.match or 0xE0FF0000:08X}0000AB01")


ASKS: dict[Feature, tuple[Callable[[ManagedReader, Uid], object], ...]] = {
    Feature.AFI: (lambda reader, uid: reader.write_afi(uid, 7),),
    Feature.DSFID: (lambda reader, uid: reader.write_dsfid(uid, 6),),
    Feature.SYSTEM_INFORMATION: (lambda reader, uid: reader.system_information(uid),),
    Feature.LOCK: (lambda reader, uid: reader.lock_block(uid, 0),),
    Feature.EAS: (lambda reader, uid: reader.read_eas(uid), lambda reader, uid: reader.write_eas(uid, True)),
}
"""Every feature except the security status, which is not an operation (`drivers.reader.lock_status`)."""


def test_what_is_declared_is_what_the_reader_is(desk: Desk) -> None:
    assert desk.reader.capabilities == desk.declared


def test_every_feature_of_every_chip(desk: Desk) -> None:
    """If the chip lacks a feature, the error is `ChipUnfit`; if the reader lacks EAS, it is `NotPossible`; nothing is
    sent then. A request that both support is sent; here no tag is on the pad, so that the tag is absent.
    """
    refused = 0
    for chip in (*CHIPS, UNKNOWN):
        uid = uid_of(chip)
        for feature, asks in ASKS.items():
            for ask in asks:
                before = desk.sent
                if not chip.has(feature):
                    with pytest.raises(ChipUnfit) as unfit:
                        ask(desk.reader, uid)
                    sentence = told(unfit.value.sentence)  # it begins with the cause, so with a capital letter
                    assert chip.name.lower() in sentence.lower() and feature.value in sentence
                    assert desk.sent == before, f"{chip.name}, {feature}"
                    refused += 1
                elif feature is Feature.EAS and not desk.declared.can_eas:
                    with pytest.raises(NotPossible, match="EAS"):
                        ask(desk.reader, uid)
                    assert desk.sent == before
                    refused += 1
                else:
                    with pytest.raises((TagAbsent, TagRefused)):
                        ask(desk.reader, uid)
                    assert desk.sent > before, f"{chip.name}, {feature}"
    assert refused >= 60


def test_blocks_of_another_size_than_the_reader_knows(desk: Desk) -> None:
    for chip in CHIPS:
        before = desk.sent
        fits = not desk.declared.block_sizes or chip.block_size in desk.declared.block_sizes
        for ask in (
            lambda chip=chip: desk.reader.read_blocks(uid_of(chip), 0, 1),
            lambda chip=chip: desk.reader.write_blocks(uid_of(chip), 0, bytes(chip.block_size), chip.block_size),
        ):
            with pytest.raises(TagAbsent if fits else NotPossible):
                ask()
        assert (desk.sent > before) == fits


def test_no_command_asks_a_chip_for_more_blocks_than_it_takes(desk: Desk) -> None:
    """The emulator counts the commands for ten blocks."""
    read, write = ("02", "04") if desk.driver == "3m" else ("b023", "b024")
    for chip in (*CHIPS, UNKNOWN):
        if chip.block_size != 4:
            continue
        uid = uid_of(chip)
        desk.stranger.do("create", uid=uid, chip=_silicon(chip), place=True, replace=True)
        writes = partial(desk.reader.write_blocks, uid, 0, bytes(40), 4)
        reads = partial(desk.reader.read_blocks, uid, 0, 10)
        for command, most, ask in (
            (write, min(desk.declared.max_blocks_per_write, chip.most_write), writes),
            (read, min(desk.declared.max_blocks_per_read, chip.most_read), reads),
        ):
            desk.stranger.do("reset-counters")
            ask()
            desk.stranger.settle()
            # The first read asks for four blocks if the block size is not known yet.
            known = -(-10 // most)
            assert desk.stranger.do("counters")["commands"][command] in (known, known + 1), chip.name
        desk.stranger.do("lift")


def _silicon(chip: Chip) -> str:
    """Return silicon that accepts the way in which the reader writes to this manufacturer's tags."""
    return "tag-it-hfi-plus" if f"{chip.match:08X}".startswith("E007") else "slix"


def test_a_lamp_that_is_not_there_is_not_asked_for(desk: Desk) -> None:
    before = desk.sent
    for signal in Signal:
        desk.reader.signal(signal)
    assert (desk.sent > before) == desk.declared.can_signal


def test_a_field_that_cannot_be_switched_is_left_alone(desk: Desk) -> None:
    before = desk.sent
    desk.reader.reset_field()
    assert (desk.sent > before) == desk.declared.can_reset_field


@pytest.mark.parametrize("antenna", [0, 1, 2])
@pytest.mark.parametrize("name", ["feig CPR.M02", "feig CPR.04"])
def test_an_antenna_is_chosen_where_there_is_one(tmp_path: Path, name: str, antenna: int) -> None:
    if antenna <= READERS[name][3].antennas:
        desk = Desk(name, tmp_path, antenna=antenna)
        assert desk.stranger.do("counters")["commands"].get("6a", 0) == bool(antenna)
        desk.close()
        return
    stranger = Stranger("feig", tmp_path)
    clock = FakeClock()
    reader = driver("feig").make(lambda: VirtualLine(stranger, clock), clock, Reader(antenna=antenna))
    with pytest.raises(Exception, match="antenna") as refused:
        reader.reconnect()
    assert isinstance(refused.value, ReaderRefused) and "6a" not in stranger.do("counters")["commands"]
    stranger.close()


# --- plans ----------------------------------------------------------------------------------------------------------

BLANK = TagImage(Uid("E00401500000AB01"), 4, bytes(112), (False,) * 28, 0, 0)


@pytest.mark.parametrize(
    ("step", "can"),
    [
        (LockBlocks(0, 1), lambda can: can.can_lock),
        (SetEas(on=True), lambda can: can.can_eas),
        (SetBlocks(0, bytes(4)), lambda can: not can.block_sizes or 4 in can.block_sizes),
        (LockAfi(), lambda can: False),
        (LockDsfid(), lambda can: False),
    ],
    ids=lambda value: type(value).__name__ if not callable(value) else "",
)
def test_a_plan_with_a_step_that_the_reader_cannot_do_is_refused_before_its_first_write(
    step: LockBlocks | SetEas | SetBlocks | LockAfi | LockDsfid, can: Callable[[ReaderCapabilities], bool]
) -> None:
    plan = WritePlan(uid=BLANK.uid, old=BLANK, new=BLANK, steps=(step,), block_size=4)
    nothing = ReaderCapabilities("nothing", can_lock=False, block_sizes=(8,))
    for declared in (*(row[3] for row in READERS.values()), nothing):
        if can(declared):
            refuse_impossible(plan, declared)
        else:
            with pytest.raises(NotPossible) as refused:
                refuse_impossible(plan, declared)
            assert "Nothing was written" in told(refused.value.sentence)
