"""What the office knows of the journal's chain: the last check of the whole, and a break that a page came across."""

from __future__ import annotations

import contextlib
from pathlib import Path

from station.base.clock import Clock
from station.base.errors import StoreError
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Settings
from station.base.words.times import local_day_and_time
from station.office.background import Background, Progress
from station.runtime.data_directory import head_directory
from station.runtime.open_journal import sent_heads
from station.store.journal.hash_chain import ChainReport
from station.store.queries.pin_trace import Recovery
from station.store.queries.queries import Queries

Result = tuple[ChainReport, tuple[Recovery, ...]]


class Chain:
    """The chain of one journal."""

    def __init__(self, settings: Settings, data: Path, clock: Clock, journal: Queries | None) -> None:
        """`journal`: None for a bench's copy at the center, whose database recomputes each hash itself."""
        self._settings, self._data, self._journal = settings, data, journal
        self._check: Background[Result] = Background(clock, "office-verify")
        self._seen: int | None = None
        """First bad event that a page came across since the last check."""

    def look(self, queries: Queries, first: int, last: int) -> bool:
        """Recompute the hashes of a few events. Return whether the chain breaks there."""
        if self._journal is None:
            return False
        broken = queries.break_between(first, last)
        if broken is not None:
            self._seen = broken if self._seen is None else min(broken, self._seen)
        return broken is not None

    def verify(self, wait_s: float) -> None:
        """Check the whole journal. Return when it is done, or after `wait_s` seconds."""
        self._check.begin(self._verified, wait_s)

    @property
    def result(self) -> Result | None:
        """Result of the last check; None = none has ended, or it could not be carried out."""
        ended = self._check.ended
        return None if ended is None else ended.result

    @property
    def known(self) -> bool:
        """Whether the whole was checked, or is being checked."""
        return self._check.running or self._check.ended is not None

    @property
    def state(self) -> Sentence:
        """When the chain was checked, or how far the check is."""
        ended = self._check.ended
        if self._check.running:
            done, count = self._check.progress
            return Sentence("office.verifying", done=done, count=count)
        if ended is None:
            return Sentence("office.never-verified")
        if ended.error is not None:
            return ended.error.with_remedy
        return Sentence("office.verified-at", time=local_day_and_time(ended.at))

    @property
    def broken(self) -> Sentence:
        """What every page says of a chain that does not hold; empty = nothing wrong is known."""
        report = self.result[0] if self.result is not None else None
        first_bad = report.first_bad if report is not None else None
        bad = [seq for seq in (self._seen, first_bad) if seq is not None]
        if bad:
            return Sentence("office.chain-breaks", seq=min(bad))
        return EMPTY if report is None or report.ok else Sentence("office.chain-bad")

    def _verified(self, progress: Progress) -> Result:
        assert self._journal is not None
        heads, sent = head_directory(self._settings, self._data), sent_heads(self._settings, self._data)
        report = self._journal.verify(None, heads, sent, progress=progress)
        recovered: tuple[Recovery, ...] = ()
        with contextlib.suppress(StoreError):  # may fail in a damaged journal; the report has the reason
            recovered = self._journal.pin_trace().recoveries
        self._seen = None
        return report, recovered
