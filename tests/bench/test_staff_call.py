"""Calling staff: raised once, with the item in hand, journaled, kept over a restart, and lowered once."""

from __future__ import annotations

from station.bench.staff_call import REPEAT_S
from station.domain.commands import CallStaff
from station.domain.events import StaffCallAnswered, StaffCalled
from station.domain.snapshot import Sound
from tests.bench.staff import rig_with
from tests.support.simulated_bench import BOOK, Rig


def calls(rig: Rig) -> list[StaffCalled | StaffCallAnswered]:
    return [one for one in rig.journal.events if isinstance(one, StaffCalled | StaffCallAnswered)]


def test_a_call_is_shown_until_it_is_answered() -> None:
    rig = Rig()
    rig.scan(BOOK)
    for _ in range(2):
        rig.bench.handle(CallStaff())
    call = rig.now.staff_call
    assert call is not None
    assert rig.now.item is not None and rig.now.item.barcode == BOOK, "the work goes on"
    assert (call.bench, call.worker, call.title) == ("bench-1", "operator", rig.now.item.title)
    for _ in range(2):
        rig.bench.handle(CallStaff(down=True))
    assert rig.now.staff_call is None
    assert rig.now.notice.code == "notice.staff-here"
    assert [type(one) for one in calls(rig)] == [StaffCalled, StaffCallAnswered]


def test_a_call_survives_a_restart() -> None:
    rig = Rig()
    rig.bench.handle(CallStaff())
    before = rig.now.staff_call
    rig.start()
    assert before is not None
    assert rig.now.staff_call is not None and rig.now.staff_call.worker == before.worker


def test_a_call_needs_no_sign_on() -> None:
    rig, _ = rig_with()
    assert rig.now.sign_on_prompt is not None
    rig.bench.handle(CallStaff())
    assert rig.now.staff_call is not None
    assert [one.operator for one in calls(rig)] == ["nobody"]


def test_the_sound_of_a_call_is_repeated_until_it_is_answered() -> None:
    rig = Rig()

    def sounds(seconds: float) -> list[Sound]:
        """Return the sounds that the bench plays in this time, while nobody does anything."""
        played, until = [], rig.clock.monotonic() + seconds
        while rig.clock.monotonic() < until:
            before = rig.now
            if rig.look().sound_number > before.sound_number:
                played.append(rig.now.sound)
                of_work = before.sound_number - before.call_sounds
                assert rig.now.sound_number - rig.now.call_sounds == of_work
        return played

    rig.bench.handle(CallStaff())
    assert rig.now.sound is Sound.WARNING
    assert sounds(3 * REPEAT_S + 1) == [Sound.WARNING] * 3
    rig.start()
    assert sounds(REPEAT_S + 1) == [Sound.WARNING], "also after a restart"
    rig.bench.handle(CallStaff(down=True))
    assert sounds(3 * REPEAT_S) == []
