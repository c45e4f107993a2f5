"""The bench with real drivers and readers that refuse a command, do not answer it, or answer OK and do not carry it out.

The operator reads no false sentence, the tag is left as it was or resumable, and a sound reader finishes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.base.settings import Reader
from station.domain import events
from station.domain.snapshot import Phase
from station.domain.tag_image import TagImage, Uid
from station.drivers.reader.known import KnownLacks
from station.drivers.reader.owner import learn
from station.drivers.registry import driver
from tests.bench.checked_parts import expected
from tests.drivers.emulator_process import Stranger, VirtualLine
from tests.support.simulated_bench import BOOK, OTHER, Rig, World

SLIX = Uid("E00401500000AB01")
SECOND = Uid("E00401500000AB02")
MODULES = {"feig": "feig", "3m": "threem"}
WRITES = {"feig": {"write": "b024", "AFI": "b027", "DSFID": "b029"}, "3m": {"write": "04", "AFI": "09", "DSFID": "0b"}}
READS = {"feig": ("b023", "b02b", "69"), "3m": ("02", "0d", "0f", "0a", "14")}
MANNERS = ("without", "mute", "idle")
NEVER_LIFTED = {"tag-lost", "tag-absent", "notice.lifted", "port-lost"}
"""Codes that say that the tag, which lies on the pad, has gone."""


class Desk(Rig):
    """A bench with the real driver on an emulated reader, in virtual time."""

    def __init__(self, name: str, stranger: Stranger, data: Path) -> None:
        self.name, self.stranger, self.data = name, stranger, data
        super().__init__()

    def made(self, world: World) -> Any:
        """Return the reader as the station has it, but in the test's own thread."""
        del world
        self.driver = driver(self.name).make(
            lambda: VirtualLine(self.stranger, self.clock), self.clock, Reader(driver=self.name)
        )
        self.known = KnownLacks(self.data)
        return _Known(self)

    def sound_again(self) -> None:
        """Mend the reader, end the station, do what `station doctor` does, and start the station again."""
        self.stranger.do("misbehave")
        self.driver.close()
        doctor = self.made(self.world)
        doctor.reconnect()
        learn(self.driver)
        self.known.learned(self.driver.capabilities)
        self.driver.close()
        self.stranger.do("lift")
        self.start()

    def misbehave(self, **manner: list[str]) -> None:
        self.stranger.do("misbehave", **manner)

    def lay(self, uid: Uid = SLIX) -> None:
        self.stranger.do("place", uid=uid)
        self.look(4)

    def take_off(self) -> None:
        self.stranger.do("lift")
        self.look(4)

    @property
    def codes(self) -> set[str]:
        """Codes of everything that was shown so far."""
        faults = {shown.fault.code for shown in self.shown if shown.fault is not None}
        return faults | {shown.notice.code for shown in self.shown}

    def image(self, uid: Uid = SLIX) -> tuple[bytes, int, int]:
        tag = self.stranger.dump(uid)
        return bytes.fromhex(tag["memory"]), tag["afi"], tag["dsfid"]


class _Known:
    """The driver's reader with `KnownLacks`, as `ReaderOwner` joins them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __getattr__(self, name: str) -> Any:
        desk = self._desk
        if name == "capabilities":
            return desk.known.perform(lambda reader: reader.capabilities, desk.driver)
        return lambda *values: desk.known.perform(lambda reader: getattr(reader, name)(*values), desk.driver)


@pytest.fixture(scope="module", params=list(MODULES))
def emulated(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Stranger]]:
    name = request.param
    stranger = Stranger(MODULES[name], tmp_path_factory.mktemp("r"))
    yield name, stranger
    stranger.close()


@pytest.fixture
def desk(emulated: tuple[str, Stranger], tmp_path: Path) -> Iterator[Desk]:
    name, stranger = emulated
    stranger.do("misbehave")
    stranger.do("lift")
    for uid in (SLIX, SECOND):
        stranger.do("create", uid=uid, chip="slix", memory="", afi=0, dsfid=0, locked=[], replace=True)
    desk = Desk(name, stranger, tmp_path)
    yield desk
    desk.driver.close()


def blank(uid: Uid = SLIX) -> TagImage:
    return TagImage(uid, 4, bytes(112), (False,) * 28, 0, 0)


def finished(barcode: str, uid: Uid = SLIX) -> tuple[bytes, int, int]:
    image = expected(blank(uid), barcode, 1, 1)
    assert image.afi is not None and image.dsfid is not None
    return image.memory, image.afi, image.dsfid


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("what", ["write", "AFI", "DSFID", *range(max(map(len, READS.values())))])
def test_a_reader_that_does_not_carry_out_a_command_ruins_no_tag_and_is_called_by_its_name(
    desk: Desk, what: str | int, manner: str
) -> None:
    commands = WRITES[desk.name]
    if isinstance(what, int) and what >= len(READS[desk.name]):
        return
    command = READS[desk.name][what] if isinstance(what, int) else commands[what]
    desk.misbehave(**{manner: [command]})
    desk.scan(BOOK)
    desk.lay()
    for _ in range(7):  # more often than one tag may fail
        if desk.now.fault is not None:
            desk.choose("retry")
        desk.look(4)
    assert not desk.codes & NEVER_LIFTED, desk.codes
    as_it_was = desk.image() == (bytes(112), 0, 0)
    done = desk.now.phase is Phase.CHECKING
    assert done or desk.now.phase in (Phase.STOPPED, Phase.NEED_TAG), desk.now
    assert done or as_it_was or desk.journal.open_attempt(SLIX) is not None
    if manner != "idle":  # a memory that does not keep what is written looks the same as a reader that writes nothing
        assert "tag-given-up" not in desk.codes
    if what in commands and manner != "idle":
        assert not done and "reader-refused" in desk.codes
    if done:
        assert desk.image() == finished(BOOK)
        return
    if "tag-given-up" in desk.codes:
        return
    desk.sound_again()
    desk.scan(BOOK)
    desk.lay()
    assert desk.now.phase is Phase.CHECKING, desk.now
    assert desk.image() == finished(BOOK)


@pytest.mark.parametrize("what", ["write", "AFI", "DSFID"])
def test_what_one_tag_has_shown_is_known_before_the_next_tag_is_written(desk: Desk, what: str) -> None:
    """Also after a restart, until the reader was asked again."""
    desk.misbehave(without=[WRITES[desk.name][what]])
    desk.scan(BOOK)
    desk.lay()
    assert desk.now.fault is not None and desk.now.fault.code == "reader-refused"
    desk.choose("set-aside")
    desk.take_off()
    for restarted in (False, True):
        if restarted:
            desk.start()
        before = [event for event in desk.journal.events if isinstance(event, events.TagWriteStarted)]
        desk.scan(OTHER)
        desk.lay(SECOND)
        assert desk.now.fault is not None and desk.now.fault.code == "not-possible", desk.now
        assert [event for event in desk.journal.events if isinstance(event, events.TagWriteStarted)] == before
        assert desk.image(SECOND) == (bytes(112), 0, 0)
        desk.choose("set-aside")
        desk.take_off()
    desk.sound_again()
    desk.scan(OTHER)
    desk.lay(SECOND)
    assert desk.now.phase is Phase.CHECKING


def test_a_reader_that_wants_its_password_says_so(desk: Desk) -> None:
    if desk.name != "feig":
        return
    desk.stranger.do("status", command="b024", code=0x13)
    desk.scan(BOOK)
    desk.lay()
    assert desk.now.fault is not None
    assert (desk.now.fault.code, desk.now.fault.sentence) == ("reader-password", "The reader wants its password.")
    assert desk.image() == (bytes(112), 0, 0)
    assert desk.journal.open_attempt(SLIX) is None, "the tag is as it was, so there is nothing to finish"
