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
from station.domain.workflows import Workflow
from station.drivers.reader.known import KnownReaders
from station.drivers.reader.remembered import Remembered
from station.drivers.registry import driver
from tests.bench.checked_parts import expected
from tests.drivers.emulator_process import Stranger, VirtualLine
from tests.support.simulated_bench import BOOK, OTHER, Rig, World
from tests.support.told import told

SLIX = Uid("E00401500000AB01")
SECOND = Uid("E00401500000AB02")
MODULES = {"feig": "feig", "3m": "threem"}
WRITES = {"feig": {"write": "b024", "AFI": "b027", "DSFID": "b029"}, "3m": {"write": "04", "AFI": "09", "DSFID": "0b"}}
OTHERS = {
    "feig": {"read": "b023", "size": "b02b", "field reset": "69"},
    "3m": {"read": "02", "size": "0d", "get DSFID": "0f", "get AFI": "0a", "pass through": "14"},
}
EVERY = [(name, what) for name in MODULES for what in (*WRITES[name], *OTHERS[name])]
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
        return Remembered(self.driver, KnownReaders(self.data))

    def sound_again(self) -> None:
        """Mend the reader, and start the station again."""
        self.stranger.do("misbehave")
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


@pytest.fixture(scope="module")
def emulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Stranger]]:
    made = {name: Stranger(module, tmp_path_factory.mktemp("r")) for name, module in MODULES.items()}
    yield made
    for stranger in made.values():
        stranger.close()


@pytest.fixture
def desk(request: pytest.FixtureRequest, emulated: dict[str, Stranger], tmp_path: Path) -> Iterator[Desk]:
    stranger = emulated[request.param]
    stranger.do("misbehave")
    stranger.do("lift")
    for uid in (SLIX, SECOND):
        stranger.do("create", uid=uid, chip="slix", memory="", afi=0, dsfid=0, locked=[], replace=True)
    desk = Desk(request.param, stranger, tmp_path)
    yield desk
    desk.driver.close()


def blank(uid: Uid = SLIX) -> TagImage:
    return TagImage(uid, 4, bytes(112), (False,) * 28, 0, 0)


def finished(barcode: str, uid: Uid = SLIX) -> tuple[bytes, int, int]:
    image = expected(blank(uid), barcode, 1, 1)
    assert image.afi is not None and image.dsfid is not None
    return image.memory, image.afi, image.dsfid


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize(("desk", "what"), EVERY, indirect=["desk"])
def test_a_reader_that_does_not_carry_out_a_command_ruins_no_tag_and_is_called_by_its_name(
    desk: Desk, what: str, manner: str
) -> None:
    writes = WRITES[desk.name]
    desk.misbehave(**{manner: [(writes | OTHERS[desk.name])[what]]})
    desk.scan(BOOK)
    desk.lay()
    for _ in range(7):
        if desk.now.fault is not None:
            desk.choose("retry")
        desk.look(4)
    assert not desk.codes & {*NEVER_LIFTED, "tag-given-up"}, desk.codes
    if desk.journal.open_attempt(SLIX) is not None:
        assert "not-possible" not in desk.codes, "its sentence says that nothing was written"
    done = desk.now.phase is Phase.CHECKING
    if what in writes:
        assert not done and "reader-refused" in desk.codes, desk.codes
    if done:
        assert desk.image() == finished(BOOK)
        return
    assert desk.image() == (bytes(112), 0, 0) or desk.journal.open_attempt(SLIX) is not None
    desk.sound_again()
    desk.scan(BOOK)
    desk.lay()
    assert desk.now.phase is Phase.CHECKING, desk.now
    assert desk.image() == finished(BOOK)


CANNOT = {
    "write": "This reader cannot write tags. Items cannot be finished here.",
    "AFI": "This reader cannot write the AFI. Items cannot be finished here.",
    "DSFID": "This reader cannot write the DSFID. Items cannot be finished here.",
}


@pytest.mark.parametrize("begun", [False, True], ids=["from the start", "while the station runs"])
@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("whats", [("write",), ("AFI",), ("DSFID",), ("AFI", "DSFID")], ids=" and ".join)
@pytest.mark.parametrize("desk", MODULES, indirect=True)
def test_a_reader_that_cannot_finish_an_item_leaves_its_first_tag_as_it_was_and_the_cause_is_told(
    desk: Desk, whats: tuple[str, ...], manner: str, begun: bool
) -> None:
    """48 cases. The tag has the content of another program, so that the mark of a tag in mid-write is needed, too."""
    desk.stranger.do("create", uid=SLIX, chip="slix", memory="", afi=0x03, dsfid=0x01, locked=[], replace=True)
    before = desk.image()
    desk.misbehave(**{manner: [WRITES[desk.name][what] for what in whats]})
    if not begun:
        desk.driver.close()
        desk.start()
    desk.scan(BOOK)
    desk.lay()
    assert desk.now.fault is not None
    assert told(desk.now.fault.sentence) in {CANNOT[what] for what in whats}, desk.now.fault
    assert desk.image() == before
    assert desk.journal.open_attempt(SLIX) is None and not desk.now.unfinished


@pytest.mark.parametrize("what", ["AFI", "DSFID"])
@pytest.mark.parametrize("desk", MODULES, indirect=True)
def test_a_reader_that_answers_as_for_a_missing_tag_leaves_its_first_tag_as_it_was(desk: Desk, what: str) -> None:
    """It does not tell a missing tag from a command that it does not have, so only a tag shows it."""
    for number in (1, 2, 3):
        code = {"feig": 0x01, "3m": 0x06}[desk.name]
        desk.stranger.do("status", command=WRITES[desk.name][what], code=code, n=number)
    desk.scan(BOOK)
    desk.lay()
    assert desk.now.fault is not None
    assert told(desk.now.fault.sentence) == CANNOT[what]
    assert desk.image() == (bytes(112), 0, 0)
    assert desk.journal.open_attempt(SLIX) is None
    desk.choose("retry")
    assert desk.now.phase is Phase.CHECKING
    assert desk.image() == finished(BOOK)


@pytest.mark.parametrize("desk", MODULES, indirect=True)
def test_only_the_first_tag_of_a_reader_is_written_in_the_order_that_tries_it(desk: Desk) -> None:
    steps = []
    for barcode, uid in ((BOOK, SLIX), (OTHER, SECOND)):
        desk.scan(barcode)
        desk.lay(uid)
        desk.pass_all()
        desk.take_off()
        assert desk.image(uid) == finished(barcode, uid)
        steps.append(next(event.steps for event in reversed(desk.journal.events) if hasattr(event, "steps")))
    assert steps[0] == steps[1] + 3, "the mark, and two proofs"


@pytest.mark.parametrize("what", ["write", "AFI", "DSFID"])
@pytest.mark.parametrize("desk", MODULES, indirect=True)
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


@pytest.mark.parametrize("desk", MODULES, indirect=True)
def test_a_tag_whose_erasure_the_reader_refuses_is_as_it_was_and_not_called_half_erased(desk: Desk) -> None:
    desk.scan(BOOK)
    desk.lay()
    desk.pass_all()
    desk.take_off()
    desk.misbehave(without=list(WRITES[desk.name].values()))
    desk.enter(Workflow.ERASE)
    desk.lay()
    desk.act("want")
    desk.scan(BOOK)
    assert "reader-refused" in desk.codes, desk.now
    assert desk.image() == finished(BOOK)
    assert desk.journal.open_attempt(SLIX) is None


@pytest.mark.parametrize("desk", ["feig"], indirect=True)
def test_a_reader_that_wants_its_password_says_so(desk: Desk) -> None:
    desk.stranger.do("status", command="b024", code=0x13)
    desk.scan(BOOK)
    desk.lay()
    assert desk.now.fault is not None
    assert (desk.now.fault.code, told(desk.now.fault.sentence)) == ("reader-password", "The reader wants its password.")
    assert desk.image() == (bytes(112), 0, 0)
    assert desk.journal.open_attempt(SLIX) is None, "the tag is as it was, so there is nothing to finish"


@pytest.mark.parametrize("desk", ["feig"], indirect=True)
def test_a_half_written_tag_waits_for_the_operator_and_is_never_given_up_for_what_the_reader_refuses(
    desk: Desk,
) -> None:
    desk.scan(BOOK)
    for tries in range(1, 8):
        desk.stranger.do("status", command=WRITES["feig"]["AFI"], code=0x13)
        if tries == 1:
            desk.lay()
        else:
            desk.choose("retry")
        desk.look(4)
        assert desk.now.fault is not None and desk.now.fault.code == "reader-password"
        started = [event for event in desk.journal.events if isinstance(event, events.TagWriteStarted)]
        assert len(started) == tries, "it is tried again only on the operator's word"
    desk.choose("retry")
    assert desk.now.phase is Phase.CHECKING
    assert desk.image() == finished(BOOK)


@pytest.mark.parametrize("what", ["write", "AFI", "DSFID"])
@pytest.mark.parametrize("desk", MODULES, indirect=True)
def test_a_reader_that_no_longer_answers_a_command_is_named_and_not_a_lifted_tag(desk: Desk, what: str) -> None:
    """The command was answered before, so the reader has it."""
    desk.scan(BOOK)
    desk.lay()
    desk.pass_all()
    desk.take_off()
    desk.misbehave(mute=[WRITES[desk.name][what]])
    desk.scan(OTHER)
    desk.lay(SECOND)
    assert desk.now.fault is not None and desk.now.fault.code == "reader-refused", desk.now
    assert not desk.codes & NEVER_LIFTED, desk.codes
    desk.misbehave()
    desk.choose("retry")
    assert desk.image(SECOND) == finished(OTHER, SECOND)
