"""PINs, with counts of wrong tries, in the file of names, so that erasing a person erases both.

A try is counted, and the count is on the medium, before the PIN is checked: pulling the plug in between uses up a try.
The delay between tries is measured on the monotonic clock of this boot of the machine, which changes of the wall clock
do not affect. After another boot (or if that clock seems to have gone back) the whole delay starts again. So no
restart, kill or clock change ever shortens it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from station.base.clock import Clock
from station.base.errors import PinsUnusable
from station.base.settings.people import People as Figures
from station.base.words import tell
from station.domain.ports import Proof, Tried
from station.domain.sign_on import Pin
from station.store.database.database import transaction
from station.store.people.names import People

if TYPE_CHECKING:  # argon2 is loaded when the first PIN is checked
    from station.store.people.pin_hash import PinHasher


class PinState(msgspec.Struct, frozen=True, kw_only=True):
    """The disclosed facts about a person's PIN."""

    there: bool = False
    must_change: bool = False
    locked: bool = False
    failures: int = 0
    """Wrong PINs since the last right one."""


class _Row(msgspec.Struct, frozen=True):
    verifier: str
    pepper: str
    must_change: int
    failures: int
    boot: str
    since: float


class Pins:
    """Stores and checks PINs. `boot`: identifies this boot of the machine. `hasher`: called when the first PIN is
    checked."""

    def __init__(
        self, people: People, hasher: Callable[[], PinHasher], figures: Figures, clock: Clock, boot: str
    ) -> None:
        self._people = people
        self._make = hasher
        self._hasher: PinHasher | None = None
        self._figures = figures
        self._clock = clock
        self._boot = boot

    @property
    def hasher(self) -> PinHasher:
        """The hasher, created on first use."""
        self._hasher = self._hasher or self._make()
        return self._hasher

    def state(self, worker: str) -> PinState:
        """Return the state of a person's PIN."""
        with self._people.reading() as sql:
            row = None if sql is None else _row(sql, worker)
        if row is None:
            return PinState()
        return PinState(
            there=True,
            must_change=bool(row.must_change),
            locked=row.failures >= self._figures.lock_after,
            failures=row.failures,
        )

    def prove(self, worker: str, pin: Pin) -> Tried:
        """Check a PIN, if no delay or lock prevents that now. Raises `PinsUnusable`, `StoreError`."""
        row, refused = self._count(worker)
        if row is None:
            if refused.proof is Proof.NONE:
                self.hasher.waste(pin)
            return refused
        if not self.hasher.verify(row.verifier, worker, pin):
            failures = row.failures + 1
            left = max(0, self._figures.lock_after - failures)
            return Tried(proof=Proof.WRONG if left else Proof.LOCKED, wait_s=self._delay(failures), left=left)
        verifier = self.hasher.make(worker, pin) if self.hasher.outdated(row.verifier) else row.verifier
        with self._people.writing() as sql, transaction(sql):
            sql.execute(
                "UPDATE pins SET failures = 0, verifier = ? WHERE worker = ? AND verifier = ?",
                (verifier, worker, row.verifier),
            )
        return Tried(proof=Proof.RIGHT, must_change=bool(row.must_change), left=self._figures.lock_after)

    def _count(self, worker: str) -> tuple[_Row | None, Tried]:
        """Count a try. Return the row as it was before, or None with the reason why no try is allowed."""
        with self._people.writing() as sql, transaction(sql):
            row = _row(sql, worker)
            if row is None:
                return None, Tried(proof=Proof.NONE)
            if row.pepper != self.hasher.pepper_mark:
                raise PinsUnusable(tell("store.people.other-pepper", key="pin-pepper"))
            if row.failures >= self._figures.lock_after:
                return None, Tried(proof=Proof.LOCKED)
            now = self._clock.monotonic()
            wait = self._delay(row.failures)
            if wait:
                known = row.boot == self._boot and row.since <= now
                wait -= now - row.since if known else 0.0
                if not known:
                    sql.execute("UPDATE pins SET boot = ?, since = ? WHERE worker = ?", (self._boot, now, worker))
                if wait > 0:
                    left = self._figures.lock_after - row.failures
                    return None, Tried(proof=Proof.WAIT, wait_s=wait, left=left)
            sql.execute(
                "UPDATE pins SET failures = failures + 1, boot = ?, since = ? WHERE worker = ?",
                (self._boot, now, worker),
            )
            return row, Tried(proof=Proof.WRONG)

    def _delay(self, failures: int) -> float:
        """Return the seconds between the newest of this many consecutive wrong tries and the next one."""
        figures = self._figures
        over = failures - figures.tries
        if over < 0:
            return 0.0
        longest = max(figures.longest_delay_s, figures.delay_s)
        return min(longest, figures.delay_s * 2.0 ** min(over, 64))

    def give(self, worker: str, pin: Pin, *, must_change: bool) -> None:
        """Set a PIN and reset the counts. No byte of the old verifier stays in the file."""
        verifier = self.hasher.make(worker, pin)
        with self._people.writing() as sql, transaction(sql):
            sql.execute(
                "INSERT INTO pins (worker, verifier, pepper, must_change, failures, boot, since) "
                "VALUES (?, ?, ?, ?, 0, '', 0.0) ON CONFLICT (worker) DO UPDATE SET verifier = excluded.verifier, "
                "pepper = excluded.pepper, must_change = excluded.must_change, failures = 0, boot = '', since = 0.0",
                (worker, verifier, self.hasher.pepper_mark, int(must_change)),
            )

    def is_present(self, worker: str, pin: Pin) -> bool:
        """Return True if a PIN to be set is the current one. Proves no identity and counts no try."""
        with self._people.reading() as sql:
            row = None if sql is None else _row(sql, worker)
        return row is not None and self.hasher.verify(row.verifier, worker, pin)

    def take_away(self, worker: str) -> bool:
        """Remove a person's PIN, so that no one can sign on as them. Return False if there was no PIN."""
        with self._people.writing() as sql, transaction(sql):
            found = sql.execute("SELECT 1 FROM pins WHERE worker = ?", (worker,)).fetchone()
            sql.execute("DELETE FROM pins WHERE worker = ?", (worker,))
        return found is not None


def pins_of(people: People) -> dict[str, bool]:
    """Return the ids of all people with a PIN, and whether it must be changed."""
    with people.reading() as sql:
        rows = sql.execute("SELECT worker, must_change FROM pins") if sql is not None else ()
        return {str(worker): bool(must_change) for worker, must_change in rows}


def _row(sql: Any, worker: str) -> _Row | None:
    found = sql.execute(
        "SELECT verifier, pepper, must_change, failures, boot, since FROM pins WHERE worker = ?", (worker,)
    ).fetchone()
    return None if found is None else _Row(*found)
