"""Ask every source for the stop signs of an item: the library system now, then the catalog index."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Final

from station.base.clock import Clock
from station.base.errors import Conflict, CredentialsRefused, Rejected, StationError, SyncError
from station.base.settings import Settings
from station.domain.item import ItemRecord
from station.domain.ports import DeliverySystem, TitleReader
from station.domain.withdrawals.sign_answers import sign_answers
from station.domain.withdrawals.stop_signs import SignAnswer, TitleStanding

PAUSE_S: Final = 30.0
"""Seconds without questions to a source that did not answer."""

_log = logging.getLogger("station.runtime.stop_signs")


class AskedSigns:
    """Implements `ports.StopSigns`. `readers`: the sources, the one that is asked now first. Each keeps its own limit of
    time (a library system that of its look-up), and one that did not answer is not asked again for `PAUSE_S`."""

    def __init__(self, readers: Sequence[TitleReader], settings: Settings, clock: Clock) -> None:
        self._readers = tuple(readers)
        self._settings = settings
        self._clock = clock
        self._not_before: dict[TitleReader, float] = {}

    def answers(self, item: ItemRecord) -> tuple[SignAnswer, ...]:
        standings = [standing for reader in self._readers if (standing := self._asked(reader, item)) is not None]
        return sign_answers(item, standings, self._settings.withdrawal, self._settings.rules)

    def _asked(self, reader: TitleReader, item: ItemRecord) -> TitleStanding | None:
        if self._clock.monotonic() < self._not_before.get(reader, 0.0):
            return None
        try:
            return reader.title_standing(item)
        except StationError as error:
            _log.info("stop signs: %s does not answer: %s", type(reader).__name__, error.code)
            if isinstance(error, SyncError) and not isinstance(error, Rejected | Conflict | CredentialsRefused):
                self._not_before[reader] = self._clock.monotonic() + PAUSE_S
            return None


def asked_signs(
    opened: Mapping[str, DeliverySystem], index: TitleReader, settings: Settings, clock: Clock
) -> AskedSigns:
    """Return what asks the open library systems that know titles or loans, then the catalog index."""
    readers = [system for system in opened.values() if isinstance(system, TitleReader)]
    return AskedSigns((*readers, index), settings, clock)
