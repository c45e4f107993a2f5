"""In-memory reader that keeps the contract, with the pad and the operator for it. Tests make its defects as subclasses.

With it, tests show that every case of the contract can fail, and that a run can end at any point.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from station.base.errors import (
    ChipUnfit,
    LocalProtocolError,
    PortLost,
    PortMissing,
    ReaderSilent,
    TagAbsent,
    TagRefused,
)
from station.base.settings import Reader
from station.domain.inventory import BlocksRead, Inventory, SystemInformation, TagSeen
from station.domain.ports import ReaderCapabilities, Signal
from station.domain.tag_image import Uid
from station.drivers.harness.hands import Wish
from station.drivers.harness.results import Result, TagFacts
from station.drivers.harness.scratch import Image, save
from station.drivers.harness.subject import Sent, Subject
from station.drivers.harness.suite import Suite
from tests.conftest import FakeClock

SCRATCH = Uid("E004015000000001")
OTHER = Uid("E004015000000007")
UNFIT = Uid("E007C40000000001")
"""Tag-it HF-I Pro: 8 blocks, neither AFI nor DSFID."""
MOST = 3


@dataclass
class Silicon:
    uid: Uid = SCRATCH
    memory: bytearray = field(default_factory=lambda: bytearray(range(40)))
    locked: set[int] = field(default_factory=lambda: {2})
    afi: int = 0x07
    dsfid: int = 0x06
    eas: bool = False

    def state(self) -> tuple[object, ...]:
        return bytes(self.memory), self.afi, self.dsfid, self.eas, frozenset(self.locked)


class World:
    """The tags on the pad, the plug of the reader, and the hands that move both."""

    def __init__(self, silicon: Silicon | None = None) -> None:
        self.scratch = silicon or Silicon()
        self.other = Silicon(OTHER)
        self.pad = [self.scratch]
        self.plugged = True
        self.deaf = False
        self.clock = FakeClock()
        self.sent = Sent()
        self.willing = True

    def do(self, wish: Wish) -> bool:
        """Do the action at once. Return False if not `willing`."""
        if not self.willing:
            return False
        match wish:
            case Wish.EMPTY:
                self.pad = []
            case Wish.SCRATCH:
                self.pad = [self.scratch]
            case Wish.TWO:
                self.pad = [self.scratch, self.other]
            case Wish.UNPLUG | Wish.PLUG:
                self.plugged = wish is Wish.PLUG
            case _:
                self.deaf = wish is Wish.DEAFEN
        return True


class Ideal:
    """Reader that keeps the contract. It calls `before` before each operation on the line."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.connected = False

    @property
    def capabilities(self) -> ReaderCapabilities:
        return ReaderCapabilities("Ideal", "1", MOST, MOST, can_eas=True, block_sizes=(4,))

    def before(self) -> None:
        self.world.sent.frames += 1
        self.world.clock.pause(0.01)
        if not self.world.plugged:
            self.connected = False
        if not self.connected:
            raise PortMissing("no plug") if not self.world.plugged else PortLost("not greeted")
        if self.world.deaf:
            raise ReaderSilent("deaf")

    def tag(self, uid: Uid) -> Silicon:
        self.before()
        for tag in self.world.pad:
            if tag.uid == uid:
                return tag
        raise TagAbsent(uid)

    def reconnect(self) -> None:
        self.connected = self.world.plugged
        self.before()

    def close(self) -> None:
        self.connected = False

    def inventory(self) -> Inventory:
        self.before()
        return Inventory(tuple(TagSeen(tag.uid, tag.dsfid) for tag in self.world.pad))

    def system_information(self, uid: Uid) -> SystemInformation:
        tag = self.tag(uid)
        return SystemInformation(uid, tag.dsfid, tag.afi, 4, len(tag.memory) // 4)

    def read_blocks(self, uid: Uid, first: int, count: int) -> BlocksRead:
        if count < 1:
            raise LocalProtocolError("no block")
        tag = self.tag(uid)
        if (first + count) * 4 > len(tag.memory):
            raise TagRefused(0x10)
        locked = tuple(number in tag.locked for number in range(first, first + count))
        return BlocksRead(first, 4, bytes(tag.memory[first * 4 : (first + count) * 4]), locked)

    def write_blocks(self, uid: Uid, first: int, data: bytes, block_size: int) -> None:
        if not data or len(data) % block_size or block_size != 4:
            raise LocalProtocolError("no whole blocks")
        for at in range(0, len(data), 4):
            self.program(uid, first + at // 4, data[at : at + 4])

    def program(self, uid: Uid, block: int, data: bytes) -> None:
        tag = self.tag(uid)
        if block in tag.locked:
            raise TagRefused(0x12)
        tag.memory[block * 4 : block * 4 + 4] = data

    def unfit(self, uid: Uid) -> None:
        if uid == UNFIT:
            raise ChipUnfit("bare")

    def write_afi(self, uid: Uid, afi: int) -> None:
        self.unfit(uid)
        self.tag(uid).afi = afi

    def write_dsfid(self, uid: Uid, dsfid: int) -> None:
        self.unfit(uid)
        self.tag(uid).dsfid = dsfid

    def read_eas(self, uid: Uid) -> bool:
        self.unfit(uid)
        return self.tag(uid).eas

    def write_eas(self, uid: Uid, on: bool) -> None:
        self.unfit(uid)
        self.tag(uid).eas = on

    def lock_block(self, uid: Uid, block: int) -> None:
        raise AssertionError(f"the harness locks block {block} of {uid}")

    def reset_field(self) -> None:
        self.before()

    def signal(self, signal: Signal) -> None:
        """Do nothing: this reader has no lamp."""


class HarnessOperator:
    """Operator who allows the write if `agrees`, and saves the image in a folder."""

    def __init__(self, folder: Path, agrees: bool = True) -> None:
        self.folder = folder
        self.agrees = agrees
        self.path: Path | None = None
        self.asked: list[TagFacts] = []
        self.told: list[Result] = []

    def result(self, result: Result) -> None:
        self.told.append(result)

    def may_write(self, tag: TagFacts) -> bool:
        self.asked.append(tag)
        return self.agrees

    def keep(self, image: Image) -> Path:
        self.path = save(image, self.folder)
        return self.path

    def say(self, sentence: str) -> None:
        """Ignore the sentence."""


def run(world: World, reader: Ideal, desk: HarnessOperator) -> Suite:
    settings = Reader(operation_ms=5000)
    suite = Suite(Subject(reader, world.clock, settings, world.sent), world, settings, desk)
    suite.run()
    return suite


def outcomes(suite: Suite) -> dict[str, str]:
    return {result.case: result.outcome.value for result in suite.results}
