"""The verdict uses a reading that was made before the tap, unless the tag can have been exchanged or changed since."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from station.base.errors import ReaderSilent, StationError, TagRefused
from station.domain.snapshot import Phase
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from tests.bench.item.test_page_of_checks import all_good
from tests.bench.item.test_rules import at_the_checks
from tests.support.simulated_bench import Rig


def glance(rig: Rig, uids: list[Uid]) -> None:
    """Look once at these tags. A reading that becomes due is not begun."""
    rig.world.pad = uids
    rig.bench.tick()


def alter(rig: Rig, uid: Uid) -> None:
    """Change the tag as another reader does."""
    rig.world.tags[uid].memory[4] ^= 1


def fail_next(rig: Rig, error: StationError) -> None:
    """Answer the next command with this error."""

    def fail() -> None:
        raise error

    rig.world.at_command[rig.world.commands + 1] = fail


def lifted(rig: Rig, uid: Uid) -> None:
    glance(rig, [])
    alter(rig, uid)
    glance(rig, [uid])


def exchanged(rig: Rig, uid: Uid) -> None:
    glance(rig, [rig.world.tag(2)])
    alter(rig, uid)
    glance(rig, [uid])


def exchanged_for_a_copy(rig: Rig, uid: Uid) -> None:
    glance(rig, [copy_of(rig, uid)])
    alter(rig, uid)
    glance(rig, [uid])


def copy_of(rig: Rig, uid: Uid) -> Uid:
    """Return another chip with the same content."""
    tag = rig.world.tags[uid]
    return rig.world.tag(2, memory=bytearray(tag.memory), afi=tag.afi, dsfid=tag.dsfid)


def beside_another(rig: Rig, uid: Uid) -> None:
    alter(rig, uid)
    glance(rig, [uid, rig.world.tag(2)])


def was_beside_another(rig: Rig, uid: Uid) -> None:
    beside_another(rig, uid)
    glance(rig, [uid])


def not_told_apart(rig: Rig, uid: Uid) -> None:
    rig.world.garbled = 1
    alter(rig, uid)
    glance(rig, [uid])


def reader_reconnected(rig: Rig, uid: Uid) -> None:
    rig.world.plugged = False
    glance(rig, [uid])
    alter(rig, uid)
    rig.world.plugged = True
    glance(rig, [uid])


def look_failed(rig: Rig, uid: Uid) -> None:
    fail_next(rig, ReaderSilent())
    alter(rig, uid)
    glance(rig, [uid])


def not_looked_at(rig: Rig, uid: Uid) -> None:
    alter(rig, uid)
    rig.clock.pause(2.6)


WAYS = [
    lifted,
    exchanged,
    exchanged_for_a_copy,
    beside_another,
    was_beside_another,
    not_told_apart,
    reader_reconnected,
    look_failed,
    not_looked_at,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_the_verdict_reads_a_tag_that_may_have_been_changed_since_its_reading(way: Callable[[Rig, Uid], None]) -> None:
    rig = Rig()
    uid = at_the_checks(rig).tag_uid
    way(rig, Uid(uid))
    now = all_good(rig)
    assert now.phase is Phase.STOPPED and now.fault is not None and now.fault.code == "tag-changed"


def test_a_tag_that_is_changed_in_place_stops_the_line_at_the_next_reading() -> None:
    rig = Rig()
    uid = at_the_checks(rig).tag_uid
    alter(rig, Uid(uid))
    began = rig.clock.monotonic()
    while rig.now.phase is Phase.CHECKING and rig.clock.monotonic() < began + 5:
        rig.look()
    assert rig.now.fault is not None and rig.now.fault.code == "tag-changed"
    assert rig.clock.monotonic() - began <= 2.5


def test_a_reading_that_fails_proves_nothing() -> None:
    rig = Rig()
    uid = at_the_checks(rig).tag_uid
    rig.clock.pause(2)
    glance(rig, [Uid(uid)])
    alter(rig, Uid(uid))
    fail_next(rig, TagRefused(0x0F))
    rig.bench.tick()
    now = all_good(rig)
    assert now.fault is not None and now.fault.code == "tag-changed"


def test_no_command_is_sent_for_the_verdict_and_none_but_looks_in_the_first_two_seconds() -> None:
    rig = Rig()
    at_the_checks(rig)
    before = rig.world.commands
    rig.look(7)
    assert rig.world.commands == before + 7
    assert all_good(rig).verdict is Verdict.PASS
    assert rig.world.commands == before + 7


@pytest.mark.parametrize("steps", range(3))
def test_a_tap_during_a_reading_waits_for_no_more_of_it(steps: int) -> None:
    rig = Rig()
    at_the_checks(rig)
    rig.clock.pause(2)
    for _ in range(1 + steps):
        rig.bench.tick()
    before = rig.world.commands
    assert all_good(rig).verdict is Verdict.PASS
    assert rig.world.commands == before


def test_a_waiting_page_reads_its_tag_every_two_seconds() -> None:
    rig = Rig()
    at_the_checks(rig)
    before = rig.world.commands
    rig.look(41)  # ten seconds
    assert rig.world.commands == before + 41 + 2 * 4 + 2
    assert all_good(rig).verdict is Verdict.PASS
    assert rig.world.commands == before + 41 + 2 * 4 + 2


def test_a_tag_that_came_back_is_read_at_once() -> None:
    rig = Rig()
    uid = at_the_checks(rig).tag_uid
    rig.lift()
    before = rig.world.commands
    rig.place(Uid(uid))
    assert rig.world.commands == before + 3
    assert all_good(rig).verdict is Verdict.PASS
    assert rig.world.commands == before + 3


@pytest.mark.parametrize("copy", [True, False])
def test_an_answer_is_refused_as_soon_as_a_look_finds_another_tag_in_place_of_the_items(copy: bool) -> None:
    rig = Rig()
    uid = at_the_checks(rig).tag_uid
    glance(rig, [copy_of(rig, Uid(uid)) if copy else rig.world.tag(2)])
    assert all_good(rig).phase is Phase.CHECKING
    glance(rig, [Uid(uid)])
    assert all_good(rig).verdict is Verdict.PASS
