"""A plan with locks over the real drivers: the emulator's memory shows what was locked, and when."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from station.base.errors import NotPossible, TagLocked, TagLost, TagRefused
from station.bench.item.write_steps import Writer, read_image
from station.domain.tag_image import TagImage, Uid
from station.encoding.content import TagContent, TagProfile, TagState
from station.encoding.recognition.recognise import recognise
from station.encoding.write_plan.image import new_image
from station.encoding.write_plan.plan import plan_write, undo
from tests.drivers.feig.test_against_emulator import A, Bench, connected, plain
from tests.drivers.threem.test_against_emulator import Pad
from tests.drivers.threem.test_against_emulator import connected as connected_3m

__all__ = ["plain"]

PROFILE = TagProfile("US-InU-Mu")
CONTENT = TagContent("31234567890128")


def test_locks_over_the_real_driver(plain: Bench) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    reader = connected(plain)
    old = read_image(reader, A)
    plan = plan_write(old, new_image(old, CONTENT, PROFILE), lock=(0, 1))
    image = Writer(reader, plan, lambda _done, _total: None).run()
    assert image == plan.new
    tag = plain.tag(A)
    assert (tag["locked"], tag["dsfid"], tag["afi"]) == ([0, 1], 6, 7)
    assert bytes.fromhex(tag["memory"]) == plan.new.memory
    assert recognise(image, PROFILE).state is TagState.OURS
    with pytest.raises(TagRefused):
        reader.write_blocks(A, 1, b"\xff" * 4, 4)
    with pytest.raises(TagLocked):
        undo(plan)
    assert plan_write(read_image(reader, A), plan.new, lock=(0, 1)).empty


def test_a_tag_lifted_while_it_is_being_locked_is_finished_when_it_comes_back(plain: Bench) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    reader = connected(plain)
    old = read_image(reader, A)
    plan = plan_write(old, new_image(old, CONTENT, PROFILE), lock=(0, 1))
    writes = 7 + 2  # blocks, DSFID and AFI over the air; the lock of block 0 is torn
    plain.do("lift-after-writes", n=writes + 1, mode="old")
    with pytest.raises(TagLost):
        Writer(reader, plan, lambda _done, _total: None).run()
    assert plain.tag(A)["locked"] == []
    plain.do("place", uid=A)
    again = plan_write(read_image(reader, A), plan.new, lock=(0, 1))
    assert again.write_commands == 2
    Writer(reader, again, lambda _done, _total: None).run()
    assert plain.tag(A)["locked"] == [0, 1]


def test_without_being_asked_nothing_is_locked(plain: Bench) -> None:
    plain.do("create", uid=A, chip="slix", place=True)
    reader = connected(plain)
    old = read_image(reader, A)
    plan = plan_write(old, new_image(old, CONTENT, PROFILE))
    Writer(reader, plan, lambda _done, _total: None).run()
    tag = plain.tag(A)
    assert tag["locked"] == []
    assert not any(cell.startswith("lock") for cell in tag["writes"])
    # Back again: the undo image, over the same driver.
    back = undo(plan, read_image(reader, A))
    Writer(reader, back, lambda _done, _total: None).run()
    tag = plain.tag(A)
    assert (bytes.fromhex(tag["memory"]), tag["dsfid"], tag["afi"]) == (bytes(112), 0, 0)


# --- the ICODE SLI, whose reads report every block as open ---------------------------------------------------------------

SLI = A
SLIX = Uid("E00401500000AB01")


class Silicon:
    """A driver and its emulator."""

    def __init__(self, name: str, folder: Path) -> None:
        self.stranger: Bench = Bench(folder) if name == "feig" else Pad(folder)
        self.connect = connected if name == "feig" else connected_3m


@pytest.fixture(params=["feig", "3m"])
def silicon(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Silicon]:
    silicon = Silicon(request.param, tmp_path)
    yield silicon
    silicon.stranger.close()


def test_what_is_locked_on_an_sli_is_seen(silicon: Silicon) -> None:
    silicon.stranger.do("create", uid=SLI, chip="sli", locked=[3, 27], place=True)
    reader = silicon.connect(silicon.stranger)
    assert [block for block, locked in enumerate(reader.read_blocks(SLI, 0, 28).locked) if locked] == [3, 27]
    assert reader.read_blocks(SLI, 3, 2).locked == (True, False)


def test_an_sli_is_locked_and_its_locks_are_proven(silicon: Silicon) -> None:
    silicon.stranger.do("create", uid=SLI, chip="sli", place=True)
    reader = silicon.connect(silicon.stranger)
    old = read_image(reader, SLI)
    plan = plan_write(old, new_image(old, CONTENT, PROFILE), lock=(0, 1))
    assert Writer(reader, plan, lambda _done, _total: None).run() == plan.new
    assert silicon.stranger.tag(SLI)["locked"] == [0, 1]
    assert plan_write(read_image(reader, SLI), plan.new, lock=(0, 1)).empty
    with pytest.raises(TagLocked):
        undo(plan, read_image(reader, SLI))


@pytest.mark.parametrize("plain", [False, True])
def test_a_block_that_was_locked_meanwhile_is_called_locked_whatever_code_the_tag_says(
    silicon: Silicon, plain: bool
) -> None:
    """Both answers are assumed: 12, or 0F for everything (docs/emulators.md, nxp_tells_0f)."""
    silicon.stranger.do("assume", nxp_tells_0f=plain)
    silicon.stranger.do("create", uid=SLI, chip="sli", place=True)
    reader = silicon.connect(silicon.stranger)
    old = read_image(reader, SLI)
    plan = plan_write(old, new_image(old, CONTENT, PROFILE))
    silicon.stranger.do("create", uid=SLI, chip="sli", locked=[1, 2], place=True, replace=True)
    with pytest.raises(TagLocked):
        Writer(reader, plan, lambda _done, _total: None).run()
    assert bytes.fromhex(silicon.stranger.tag(SLI)["memory"])[4:12] == bytes(8)


def test_where_nobody_can_tell_the_locks_a_plan_that_locks_is_refused_and_nothing_is_written(
    silicon: Silicon,
) -> None:
    """The same UID on silicon without the security status: the tag answers that it lacks the command."""
    silicon.stranger.do("create", uid=SLI, chip="sli-l", place=True)
    reader = silicon.connect(silicon.stranger)
    image = read_image(reader, SLI)
    assert image == TagImage(SLI, 4, bytes(32), (), 0, 0)
    with pytest.raises(NotPossible, match="security status"):
        plan_write(image, image, lock=(0, 1))
    assert silicon.stranger.tag(SLI)["writes"] == {}


def test_a_my_d_whose_locks_nobody_can_tell_is_never_locked(plain: Bench) -> None:
    """Reads of a my-d never report its locks, and it has no security status (H20800-16e 9.1.5)."""
    my_d = Uid("E00540000000AB01")
    plain.do("create", uid=my_d, chip="srf55v02p", place=True)
    reader = connected(plain)
    read = reader.read_blocks(my_d, 3, 4)
    assert (read.block_size, read.locked) == (8, ())
    image = TagImage(my_d, 8, bytes(32 * 8), (), 0, 0)
    with pytest.raises(NotPossible, match="security status"):
        plan_write(image, image, lock=(3,))


def test_a_lock_that_the_reads_do_not_show_is_seen_by_the_security_status(silicon: Silicon) -> None:
    """The reader takes an SLIX for an SLI: its reads report the locked block as open."""
    silicon.stranger.do("create", uid=SLIX, chip="sli", place=True)
    reader = silicon.connect(silicon.stranger)
    assert reader.read_blocks(SLIX, 0, 2).locked == (False, False)
    reader.lock_block(SLIX, 1)
    assert reader.read_blocks(SLIX, 0, 2).locked == (False, True)


@pytest.mark.parametrize(("options", "told"), [((), True), (("--assume-slix-as-sli",), False)])
def test_a_reader_that_hides_a_slixs_locks_is_found_out_by_the_first_refusal(
    tmp_path: Path, options: tuple[str, ...], told: bool
) -> None:
    """How a reader of 2008 handles a SLIX is assumed. After a write that the tag refuses, the driver reads
    the locks.
    """
    bench = Bench(tmp_path, *options)
    try:
        bench.do("create", uid=SLIX, chip="slix", place=True)
        reader = connected(bench)
        reader.lock_block(SLIX, 1)
        reader.close()
        again = connected(bench)  # a connection that has not set the lock
        assert again.read_blocks(SLIX, 0, 3).locked == (False, told, False)
        with pytest.raises(TagRefused):
            again.write_blocks(SLIX, 0, bytes(8), 4)
        assert again.read_blocks(SLIX, 0, 3).locked == (False, True, False)
        again.close()
    finally:
        bench.close()
