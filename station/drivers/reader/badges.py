"""The badge reader's own thread: reports each badge once, and again only after it was removed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from station.base.errors import StationError
from station.domain.ports import Badges, BadgeSeen

_log = logging.getLogger("station.badge")
LOOK_S: Final = 0.25
"""Seconds between two looks."""
AWAY_S: Final = 2.0
"""Seconds between two looks while the reader is missing."""


class BadgeThread:
    """The thread, running from `start` to `stop`. It calls `seen` with (UID, text); a UID that changes each time is
    passed as ""."""

    def __init__(self, badges: Badges, seen: Callable[[str, str], None]) -> None:
        self._badges = badges
        self._seen = seen
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="badge", daemon=False)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float = 10.0) -> bool:
        """Finish the current look and release the device. Return False if that took longer than `timeout` seconds."""
        self._stopping.set()
        if self._thread.ident is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        lying: BadgeSeen | None = None
        away = False
        try:
            while not self._stopping.is_set():
                try:
                    found = self._badges.look()
                except StationError as error:
                    if not away:
                        _log.warning("badge reader: %s %s", error.code, error.detail)
                    away, lying = True, None
                    self._stopping.wait(AWAY_S)
                    continue
                away = False
                if found is not None and not _same(found, lying):
                    self._seen("" if found.changing else found.uid, found.text)
                lying = found
                self._stopping.wait(LOOK_S)
        finally:
            self._badges.close()


def _same(found: BadgeSeen, before: BadgeSeen | None) -> bool:
    """Return whether this is the badge of the last look. A badge whose UID changes each time is recognized by its
    text."""
    if before is None:
        return False
    return found.text == before.text if found.changing and before.changing else found == before
