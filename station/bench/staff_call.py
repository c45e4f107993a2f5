"""The flag with which the operator calls staff. It is journaled, so that it survives a restart, and its sound is repeated
until staff answers."""

from __future__ import annotations

from typing import Final

from station.base.sentence import Sentence
from station.bench.desk import Desk
from station.domain.commands import CallStaff
from station.domain.events import StaffCallAnswered, StaffCalled
from station.domain.item import ItemRecord
from station.domain.people.staff_call import StaffCall
from station.domain.snapshot import Sound

REPEAT_S: Final = 15.0
"""Seconds from one sound of an open call to the next."""


class StaffCalls:
    """Raises and lowers the flag. Raising a raised flag, or lowering a lowered one, changes nothing."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.open: StaffCall | None = desk.history.staff_call()
        self._sounded_at = desk.clock.monotonic()
        self.sounds = 0
        """See `Snapshot.call_sounds`."""

    def time_passes(self) -> None:
        """Repeat the sound of an open call when it is due."""
        if self.open is not None and self._desk.clock.monotonic() - self._sounded_at >= REPEAT_S:
            self._sound()

    def _sound(self) -> None:
        self._sounded_at = self._desk.clock.monotonic()
        self._desk.play(Sound.WARNING)
        self.sounds += 1

    def take(self, command: CallStaff, item: ItemRecord | None) -> None:
        """`item`: the item in hand."""
        desk = self._desk
        if command.down and self.open is not None:
            desk.journal.record(StaffCallAnswered(operator=desk.worker.id))
            self.open = None
            desk.say(Sentence("notice.staff-here"), Sound.ACCEPTED)
        elif not command.down and self.open is None:
            called = StaffCalled(
                bench=desk.settings.station.name,
                operator=desk.worker.id,
                barcode=item.barcode if item is not None else "",
                title=item.title if item is not None else "",
            )
            desk.journal.record(called)
            self.open = StaffCall(at=desk.clock.now(), bench=called.bench, worker=called.operator, title=called.title)
            self._sound()
