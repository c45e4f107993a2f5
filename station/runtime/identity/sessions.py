"""Sessions of people who signed in at a desk. They live in the memory of one process, and end with it."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable
from typing import Final

import msgspec

from station.base.clock import Clock
from station.domain.people.rights import Right, Role

IDLE_S: Final = 15 * 60.0
LONGEST_S: Final = 8 * 3600.0
FRESH_S: Final = 5 * 60.0
"""Seconds for which a PIN given again counts, for one right."""


class Standing(msgspec.Struct, frozen=True):
    """What must not change while a session lasts."""

    role: Role
    pin: str
    """Mark of the newest PIN (`PinSet.mark`)."""


class _Session(msgspec.Struct):
    """Times are monotonic seconds."""

    worker: str
    standing: Standing
    began: float
    used: float
    fresh: dict[Right, float]
    """Time until which the PIN given for each right counts."""


class Sessions:
    """The open sessions. Safe for several threads. A session ends 15 minutes after its last use, 8 hours after its
    begin, and when the person's role or PIN changes or the person leaves."""

    def __init__(self, clock: Clock, standing: Callable[[str], Standing | None]) -> None:
        """`standing`: returns the present standing of a worker; None = no longer works here."""
        self._clock = clock
        self._standing = standing
        self._lock = threading.Lock()
        self._open: dict[bytes, _Session] = {}
        """By the digest of the id, so that the time of a look-up tells nothing about an id."""

    def begin(self, worker: str) -> str:
        """Begin a session for a worker who has just proven their identity. Return its id: 256 random bits. The worker
        must have a standing."""
        standing, now = self._standing(worker), self._clock.monotonic()
        if standing is None:
            raise ValueError("no standing")
        session = secrets.token_urlsafe(32)
        with self._lock:
            self._open = {key: known for key, known in self._open.items() if not _is_over(known, now)}
            self._open[_key(session)] = _Session(worker, standing, now, now, {})
        return session

    def who(self, session: str, *, use: bool = True) -> str | None:
        """Return the id of the worker; None = the session has ended. `use`: the person acts, so the session lasts
        longer; False for what a page does by itself."""
        key, now = _key(session), self._clock.monotonic()
        with self._lock:
            known = self._open.get(key)
        if known is None:
            return None
        if _is_over(known, now) or self._standing(known.worker) != known.standing:
            self.end(session)
            return None
        if use:
            known.used = now
        return known.worker

    def end(self, session: str) -> None:
        """End a session. May be called twice."""
        with self._lock:
            self._open.pop(_key(session), None)

    def confirm(self, session: str, right: Right) -> None:
        """Keep that the person gave the PIN again for this right."""
        with self._lock:
            if (known := self._open.get(_key(session))) is not None:
                known.fresh[right] = self._clock.monotonic() + FRESH_S

    def confirmed(self, session: str, right: Right) -> bool:
        """Return whether the PIN given again for this right still counts."""
        with self._lock:
            known = self._open.get(_key(session))
        return known is not None and self._clock.monotonic() < known.fresh.get(right, 0.0)


def _is_over(session: _Session, now: float) -> bool:
    return now - session.used >= IDLE_S or now - session.began >= LONGEST_S


def _key(session: str) -> bytes:
    return hashlib.sha256(session.encode("utf-8", "surrogatepass")).digest()
