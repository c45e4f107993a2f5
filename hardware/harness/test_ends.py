"""However a run ends, the scratch tag is unchanged, or the run reports what may be changed and where the tag's image
is.

Tested ends: a stop before any operation, a lifted tag or a pulled plug at any frame, a torn block, a defect of the
driver.
"""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from hardware.harness.ideal import SCRATCH, HarnessOperator, Ideal, Silicon, World, run
from station.base.errors import TagAbsent, TagMismatch
from station.base.settings import Reader
from station.domain.tag_image import Uid
from station.drivers.harness import reading, scratch, writing
from station.drivers.harness.hands import Wish
from station.drivers.harness.results import Outcome
from station.drivers.harness.scratch import Image, put_back
from station.drivers.harness.subject import Subject, runs
from station.drivers.harness.suite import Suite


def suite_of(world: World, reader: Ideal, desk: HarnessOperator, stop_at: int = 0) -> Suite:
    settings = Reader(operation_ms=5000)
    subject = Subject(reader, world.clock, settings, world.sent)
    if stop_at:
        subject.stop = lambda: subject.operations >= stop_at
    return Suite(subject, world, settings, desk)


def test_stopped_before_any_operation(tmp_path: Path) -> None:
    written = 0
    for at in itertools.count(1):
        world, desk = World(), HarnessOperator(tmp_path)
        before = world.scratch.state()
        suite = suite_of(world, Ideal(world), desk, at)
        suite.run()
        assert world.scratch.state() == before, f"stopped at operation {at}"
        if not suite.stopped:
            break
        if suite.restored is not None:
            written += 1
            assert suite.restored.exact
    assert at > 100
    assert written > 20, "many of these operations belong to the cases that write"


class Struck(Ideal):
    """Reader whose tag is lifted or whose plug is pulled (`what`), once, at operation `at` on the line."""

    def __init__(self, world: World, at: int, what: str) -> None:
        super().__init__(world)
        self.at, self.what = at, what
        self.count = 0

    def before(self) -> None:
        self.count += 1
        if self.count == self.at:
            if self.what == "lift":
                self.world.pad = []
            else:
                self.world.plugged = False
        super().before()

    def program(self, uid: Uid, block: int, data: bytes) -> None:
        """Tear a block whose tag is lifted during the write: half of it is new."""
        if self.count + 1 == self.at and self.what == "lift" and uid == SCRATCH:
            self.world.scratch.memory[block * 4 : block * 4 + 2] = data[:2]
        super().program(uid, block, data)


def frames(folder: Path) -> int:
    world = World()
    run(world, Ideal(world), HarnessOperator(folder))
    return world.sent.frames


@pytest.mark.parametrize("what", ["lift", "unplug"])
def test_struck_at_any_frame_hands_bring_it_back(what: str, tmp_path: Path) -> None:
    for at in range(2, frames(tmp_path)):
        world, desk = World(), HarnessOperator(tmp_path)
        before = world.scratch.state()
        suite = suite_of(world, Struck(world, at, what), desk)
        suite.run()
        assert world.scratch.state() == before, f"{what} at frame {at}"
        if suite.restored is not None:
            assert suite.restored.exact, f"{what} at frame {at}: {suite.restored}"


class Bursts(Ideal):
    """Driver that raises an unexpected exception, once, at operation `at` on the line."""

    def __init__(self, world: World, at: int) -> None:
        super().__init__(world)
        self.at = at

    def before(self) -> None:
        self.at -= 1
        super().before()
        if not self.at:
            raise KeyError("\x1b[2Jlost")


def test_a_defect_of_the_driver_is_a_failed_case_and_the_run_goes_on(tmp_path: Path) -> None:
    failed = set()
    for at in range(1, frames(tmp_path)):
        world, desk = World(), HarnessOperator(tmp_path)
        before = world.scratch.state()
        suite = suite_of(world, Bursts(world, at), desk)
        suite.run()
        assert world.scratch.state() == before, f"at frame {at}"
        found = [result for result in suite.results if result.outcome is Outcome.FAILED]
        assert len(found) <= 1, "the later cases are tried as usual"
        for result in found:
            failed.add(result.case)
            assert result.detail.startswith("unexpected KeyError: '\\x1b[2Jlost' (test_ends.py, line ")
    assert failed == {case.name for case in (*reading.CASES, *writing.CASES)}


def test_a_driver_that_cannot_write_any_more_leaves_the_image(tmp_path: Path) -> None:
    class WritesOnce(Ideal):
        written = 0

        def program(self, uid: Uid, block: int, data: bytes) -> None:
            if self.written:
                raise ZeroDivisionError
            super().program(uid, block, data)
            self.written += 1

    world, desk = World(), HarnessOperator(tmp_path)
    suite = suite_of(world, WritesOnce(world), desk)
    suite.run()
    assert suite.restored is not None and not suite.restored.exact
    assert "unexpected ZeroDivisionError" in suite.restored.sentence
    assert desk.path is not None and desk.path.exists()


class Leaves(World):
    """World in which no tag and no plug is put back after the first write."""

    def do(self, wish: Wish) -> bool:
        return super().do(wish) if self.scratch.state() == self.at_first else False

    def __init__(self) -> None:
        super().__init__()
        self.at_first = self.scratch.state()


@pytest.mark.parametrize("what", ["lift", "unplug"])
def test_given_up_it_says_what_may_be_changed_and_the_image_puts_it_back(what: str, tmp_path: Path) -> None:
    left = 0
    for at in range(2, frames(tmp_path)):
        world, desk = Leaves(), HarnessOperator(tmp_path)
        before = bytes(world.scratch.memory)
        suite = suite_of(world, Struck(world, at, what), desk)
        suite.run()
        if suite.restored is None or suite.restored.exact:
            assert world.scratch.state() == world.at_first
            continue
        left += 1
        changed = {
            f"block {n}" for n in range(10) if world.scratch.memory[n * 4 : n * 4 + 4] != before[n * 4 : n * 4 + 4]
        }
        assert changed <= set(suite.restored.differences), "the report names everything that may be changed"
        assert "could not be put back" in suite.restored.sentence
        world.pad, world.plugged = [world.scratch], True
        assert desk.path is not None
        reader = Ideal(world)
        subject = Subject(reader, world.clock, Reader())
        subject.reconnect()
        assert put_back(subject, scratch.load(desk.path)) == ()
        assert world.scratch.state() == world.at_first
    assert left > 20


def test_nobody_agrees_and_nothing_is_written(tmp_path: Path) -> None:
    class ReadOnly(Ideal):
        def program(self, uid: Uid, block: int, data: bytes) -> None:
            raise AssertionError("written")

        def write_afi(self, uid: Uid, afi: int) -> None:
            raise AssertionError("written")

        write_dsfid = write_afi

        def write_eas(self, uid: Uid, on: bool) -> None:
            raise AssertionError("written")

    world = World()
    suite = run(world, ReadOnly(world), HarnessOperator(tmp_path, agrees=False))
    assert suite.restored is None
    assert {result.outcome.value for result in suite.results if result.case.startswith("write")} == {"skipped"}
    assert not list(tmp_path.iterdir())


def test_what_cannot_be_saved_is_not_written(tmp_path: Path) -> None:
    class Full(HarnessOperator):
        def keep(self, image: Image) -> Path:
            raise OSError(28, "No space left on device")

    world = World()
    before = world.scratch.state()
    suite = run(world, Ideal(world), Full(tmp_path))
    assert world.scratch.state() == before
    assert suite.restored is None
    assert "No space left" in next(result.detail for result in suite.results if result.case == "write-one")


def test_an_image_is_a_file_that_is_read_back_and_never_replaces_another(tmp_path: Path) -> None:
    image = Image(uid=SCRATCH, block_size=4, memory=bytes(range(40)).hex(), locked=(2,), afi=7, dsfid=6, eas=False)
    first, second = scratch.save(image, tmp_path), scratch.save(image, tmp_path)
    assert first != second
    assert first.stat().st_mode & 0o777 == 0o600
    assert scratch.load(first) == scratch.load(second) == image


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[" * 100_000,
        "{}",
        '{"uid":"E004015000000001","block_size":4,"memory":"00","locked":[],"afi":0,"dsfid":0,"eas":null}',
        '{"uid":"E004015000000001","block_size":4,"memory":"00000000","locked":[7],"afi":0,"dsfid":0,"eas":null}',
        '{"uid":"E004015000000001","block_size":4,"memory":"00000000","locked":[],"afi":256,"dsfid":0,"eas":null}',
        '{"uid":"x","block_size":4,"memory":"00000000","locked":[],"afi":0,"dsfid":0,"eas":null}',
        '{"uid":"E004015000000001","block_size":4,"memory":"00000000","locked":[],"afi":0,"dsfid":0,"eas":null,"more":1}',
    ],
)
def test_what_is_no_image_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "image.json"
    path.write_text(text)
    with pytest.raises(ValueError, match="holds no image of a tag"):
        scratch.load(path)


def test_another_tag_is_not_overwritten_by_an_image(tmp_path: Path) -> None:
    world = World(Silicon(SCRATCH, bytearray(range(32)), set()))
    image = Image(uid=SCRATCH, block_size=4, memory=bytes(40).hex(), locked=(), afi=7, dsfid=6, eas=False)
    subject = Subject(Ideal(world), world.clock, Reader())
    subject.reconnect()
    with pytest.raises(TagMismatch, match="another one"):
        put_back(subject, image)
    other = Image(uid="E0040150000000FF", block_size=4, memory=bytes(32).hex(), locked=(), afi=7, dsfid=6, eas=False)
    with pytest.raises(TagAbsent):
        put_back(subject, other)
    assert bytes(world.scratch.memory) == bytes(range(32))


def test_what_may_be_changed_is_told_in_few_words() -> None:
    """Blocks are named as ranges: a sentence is cut at 400 characters, which 28 single names exceed."""
    touched = {*(f"block {number}" for number in (*range(12), 13, *range(20, 28))), "AFI", "EAS bit"}
    assert runs(touched) == ("blocks 0 to 11", "block 13", "blocks 20 to 27", "AFI", "EAS bit")
    assert runs(set()) == ()
