"""Records of the library system itself: a fresh answer, else an earlier answer with its age, else the catalog index.

If the library system does not have the item, the index's record is returned with that fact (`ItemRecord.unknown_to`,
checked by rule 1). An operator waits for the answer, so a library system that did not answer is not asked again for
`PAUSE_S`; meanwhile the other sources serve the items at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

import msgspec

from station.base.clock import Clock
from station.base.errors import BarcodeUnknown, Conflict, CredentialsRefused, RecordNotTold, Rejected, SyncError
from station.base.sentence import Sentence
from station.base.text import clean_sentence
from station.domain.deliveries.delivery import system_word
from station.domain.item import Barcode, ItemRecord
from station.domain.ports import Catalog, CirculationSystem
from station.store.catalog_index.last_answers import LastAnswers

PAUSE_S: Final = 30.0
"""Seconds without look-ups after the library system did not answer one."""
SLACK_S: Final = 300.0
"""Seconds by which an answer may be ahead of the clock and still count as fresh."""


class LiveCatalog:
    """Implements `ports.Catalog` over a library system. `limit_s`: maximum age of an earlier answer; 0 = never used.
    `relabel` gives a stored record the label of the current template. `seen` is told each answer of the library system:
    its name, the barcode, and the record; None = it has no such item."""

    def __init__(
        self,
        live: CirculationSystem,
        index: Catalog,
        clock: Clock,
        *,
        remembered: LastAnswers | None = None,
        limit_s: float = 0.0,
        relabel: Callable[[ItemRecord], ItemRecord] = lambda record: record,
        seen: Callable[[str, Barcode, ItemRecord | None], None] = lambda _system, _barcode, _record: None,
    ) -> None:
        self._live = live
        self._index = index
        self._clock = clock
        self._remembered = remembered
        self._limit = limit_s
        self._relabel = relabel
        self._seen = seen
        self._not_before = 0.0
        self._why: SyncError | None = None

    def find(self, barcode: Barcode) -> ItemRecord:
        """Implement `ports.Catalog.find`. Raises `BarcodeUnknown`; `BarcodeAmbiguous` if two items have the barcode;
        `RecordNotTold` if the library system did not answer and the index has no record."""
        try:
            record = self._ask(barcode)
        except (SyncError, BarcodeUnknown) as error:
            if isinstance(error, BarcodeUnknown):
                self._seen(self._live.name, barcode, None)
            return self._instead(barcode, error)
        self._seen(self._live.name, barcode, record)
        if self._remembered is not None:
            self._remembered.keep(self._live.name, record, self._clock.now())
        return record

    def _ask(self, barcode: Barcode) -> ItemRecord:
        if self._why is not None and self._clock.monotonic() < self._not_before:
            raise self._why
        self._why = None
        try:
            return self._live.look_up(barcode)
        except (Rejected, Conflict, CredentialsRefused):
            raise
        except SyncError as error:
            self._why = error
            self._not_before = self._clock.monotonic() + PAUSE_S
            raise

    def _instead(self, barcode: Barcode, error: SyncError | BarcodeUnknown) -> ItemRecord:
        if isinstance(error, BarcodeUnknown):
            if self._remembered is not None:
                self._remembered.forget(self._live.name, barcode)
        else:
            old = self._old(barcode)
            if old is not None:
                return old
        try:
            record = self._index.find(barcode)
        except BarcodeUnknown as unknown:
            kind = BarcodeUnknown if isinstance(error, BarcodeUnknown) else RecordNotTold
            raise kind(
                Sentence.joined((Sentence.joined((self._live.name, error.detail), ": "), unknown.detail))
            ) from error
        name = self._live.name
        if isinstance(error, BarcodeUnknown):
            standing = (Sentence("item.unknown-to", system=system_word(name)), *record.standing)
            return msgspec.structs.replace(record, unknown_to=name, standing=standing)
        return msgspec.structs.replace(
            record,
            origin=Sentence(
                "item.origin.instead",
                origin=record.came_from,
                system=system_word(name),
                why=clean_sentence(error.detail, 120),
            ),
        )

    def _old(self, barcode: Barcode) -> ItemRecord | None:
        if self._remembered is None or self._limit <= 0:
            return None
        answer = self._remembered.find(self._live.name, barcode)
        if answer is None:
            return None
        record, at = answer
        age = seconds_between(at, self._clock.now())
        if age is None or age < -SLACK_S or age > self._limit:
            return None  # too old, or of unknown age because its time is ahead of the clock
        return self._relabel(msgspec.structs.replace(record, age=words(max(0.0, age))))


def seconds_between(earlier: str, later: str) -> float | None:
    """Return the seconds from one time to the other (ISO 8601); None if a time is not readable."""
    try:
        return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()
    except (ValueError, TypeError):
        return None


def words(seconds: float) -> Sentence:
    """Return an age, rounded down: "under a minute old", "5 minutes old", "3 hours old", "2 days old"."""
    for name, size in (("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= size:
            return Sentence(f"item.age.{name}", count=int(seconds // size))
    return Sentence("item.age.new")
