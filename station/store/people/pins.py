"""PINs, with counts of wrong tries, in the file of names, so that erasing a person erases both.

A try is counted, and the count is on the medium, before the PIN is checked: pulling the plug in between uses up a try.
The delay between tries is measured on the monotonic clock of this boot of the machine, which changes of the wall clock
do not affect. After another boot (or if that clock seems to have gone back) the whole delay starts again. So no
restart, kill or clock change ever shortens it.

A new PIN is stored beside the old one, then journaled with its mark, then the old one is removed. Of the PINs in the
file only that counts whose mark is the newest in the journal. So a kill leaves a valid PIN, and an older file that was
put back has none.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

from station.base.clock import Clock
from station.base.errors import PeopleUnusable, PinsUnusable
from station.base.sentence import Sentence
from station.base.settings.people import People as Figures
from station.domain.people.sign_on import Pin
from station.domain.ports import Proof, Tried
from station.store.database.database import Sql
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
    mark: str
    verifier: str
    pepper: str
    must_change: int
    failures: int
    boot: str
    since: float


class Pins:
    """Stores and checks PINs. `boot`: identifies this boot of the machine. `hasher`: called when the first PIN is
    checked. `marks`: returns the newest marks in the journal, by worker."""

    def __init__(
        self,
        people: People,
        hasher: Callable[[], PinHasher],
        figures: Figures,
        clock: Clock,
        boot: str,
        marks: Callable[[], Mapping[str, str]] = dict,
    ) -> None:
        self._people = people
        self._marks = marks
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
        row = self._present(worker)
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
        with self._people.writing() as sql:
            sql.execute(
                "UPDATE pins SET failures = 0, verifier = ? WHERE worker = ? AND verifier = ?",
                (verifier, worker, row.verifier),
            )
        return Tried(proof=Proof.RIGHT, must_change=bool(row.must_change), left=self._figures.lock_after)

    def _count(self, worker: str) -> tuple[_Row | None, Tried]:
        """Count a try. Return the row as it was before, or None with the reason why no try is allowed."""
        mark = self._marks().get(worker, "")
        with self._people.writing() as sql:
            row = _row(sql, worker, mark)
            if row is None:
                if sql.execute("SELECT 1 FROM pins WHERE worker = ?", (worker,)).fetchone():
                    raise PeopleUnusable(Sentence("store.people.older"))
                return None, Tried(proof=Proof.NONE)
            if row.pepper != self.hasher.pepper_mark:
                raise PinsUnusable(Sentence("store.people.other-pepper", key="pin-pepper"))
            if self._unsealed(sql):
                raise PeopleUnusable(Sentence("store.people.changed"))
            if row.failures >= self._figures.lock_after:
                return None, Tried(proof=Proof.LOCKED)
            now = self._clock.monotonic()
            wait = self._delay(row.failures)
            if wait:
                known = row.boot == self._boot and row.since <= now
                wait -= now - row.since if known else 0.0
                if not known:
                    sql.execute(
                        "UPDATE pins SET boot = ?, since = ? WHERE worker = ? AND mark = ?",
                        (self._boot, now, worker, mark),
                    )
                if wait > 0:
                    left = self._figures.lock_after - row.failures
                    return None, Tried(proof=Proof.WAIT, wait_s=wait, left=left)
            sql.execute(
                "UPDATE pins SET failures = failures + 1, boot = ?, since = ? WHERE worker = ? AND mark = ?",
                (self._boot, now, worker, mark),
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

    def give(
        self, worker: str, pin: Pin, *, must_change: bool, journaled: Callable[[str], object] | None = None
    ) -> None:
        """Set a PIN and reset the counts. `journaled` is called with the PIN's mark, and journals it; if it raises,
        the former PIN still counts. No byte of the old verifier stays in the file."""
        verifier, mark = self.hasher.make(worker, pin), secrets.token_hex(8) if journaled is not None else ""
        with self._people.writing() as sql:
            person = sql.execute("SELECT login FROM people WHERE worker = ?", (worker,)).fetchone()
            seal = self.hasher.seal(worker, str(person[0]), mark) if person is not None and mark else ""
            sql.execute(
                "INSERT OR REPLACE INTO pins (worker, mark, seal, verifier, pepper, must_change, failures, boot, since) "
                "VALUES (?, ?, ?, ?, ?, ?, 0, '', 0.0)",
                (worker, mark, seal, verifier, self.hasher.pepper_mark, int(must_change)),
            )
        if journaled is not None:
            journaled(mark)
        with self._people.writing() as sql:
            sql.execute("DELETE FROM pins WHERE worker = ? AND mark <> ?", (worker, mark))

    def is_present(self, worker: str, pin: Pin) -> bool:
        """Return True if a PIN to be set is the current one. Proves no identity and counts no try."""
        row = self._present(worker)
        return row is not None and self.hasher.verify(row.verifier, worker, pin)

    def _present(self, worker: str) -> _Row | None:
        mark = self._marks().get(worker, "")
        with self._people.reading() as sql:
            return None if sql is None else _row(sql, worker, mark)

    def with_other_key(self) -> tuple[str, ...]:
        """Return the ids of the people whose PINs cannot be checked with the present key. Raises `PinsUnusable` if
        there is no key."""
        with self._people.reading() as sql:
            rows = list(sql.execute("SELECT worker, pepper FROM pins ORDER BY worker")) if sql is not None else []
        return tuple(str(worker) for worker, pepper in rows if pepper != self.hasher.pepper_mark)

    def changed(self) -> tuple[str, ...]:
        """Return the ids of the people whose login or id was changed after they got their PIN. Raises
        `PinsUnusable` if there is no key."""
        with self._people.reading() as sql:
            return self._unsealed(sql) if sql is not None else ()

    def _unsealed(self, sql: Sql) -> tuple[str, ...]:
        rows = sql.execute(
            "SELECT p.worker, p.mark, p.seal, p.pepper, n.login FROM pins p LEFT JOIN people n ON n.worker = p.worker "
            "WHERE p.mark <> '' ORDER BY p.worker"
        )
        return tuple(
            str(worker)
            for worker, mark, seal, pepper, login in rows
            if pepper == self.hasher.pepper_mark and (login is None or seal != self.hasher.seal(worker, login, mark))
        )

    def take_away(self, worker: str) -> bool:
        """Remove a person's PIN, so that no one can sign on as them. Return False if there was no PIN."""
        with self._people.writing() as sql:
            pin = sql.execute("SELECT 1 FROM pins WHERE worker = ?", (worker,)).fetchone()
            sql.execute("DELETE FROM pins WHERE worker = ?", (worker,))
        return pin is not None


def pins_of(people: People) -> dict[str, dict[str, bool]]:
    """Return whether each PIN must be changed, by worker and mark."""
    marks: dict[str, dict[str, bool]] = {}
    with people.reading() as sql:
        rows = sql.execute("SELECT worker, mark, must_change FROM pins") if sql is not None else ()
        for worker, mark, must_change in rows:
            marks.setdefault(str(worker), {})[str(mark)] = bool(must_change)
    return marks


def _row(sql: Sql, worker: str, mark: str) -> _Row | None:
    row = sql.execute(
        "SELECT mark, verifier, pepper, must_change, failures, boot, since FROM pins WHERE worker = ? AND mark = ?",
        (worker, mark),
    ).fetchone()
    return None if row is None else _Row(*row)
