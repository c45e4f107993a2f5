"""Tells open pages that something changed: one look at the station for all browsers, sent on as server-sent events.

An event says only which page changed. The browser then asks for that page again, with the rights of its reader.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncGenerator
from typing import Final

from station.base.errors import StationError
from station.office.sources import Sources
from station.runtime.socket.client import connect

MOST: Final = 16
"""Streams at the same time; further pages show *Refresh* only."""
LOOK_S: Final = 2.0
"""Seconds between two looks at the journal while no station runs, and at least between two events of a stream."""
BEAT_S: Final = 15.0
"""Seconds of silence after which a line without meaning shows whether the browser is still there."""
_log = logging.getLogger("station.office")


class Live:
    """Looks at one station."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._changes = 0
        self._streams = 0
        self._begin = threading.Lock()
        self._thread: threading.Thread | None = None

    def begin(self) -> bool:
        """Begin to look, unless begun. Return False if no further browser may wait."""
        with self._begin:
            if self._thread is None:
                newest = self._sources.newest()  # Before the page waits: what is journaled from now on is a change.
                self._thread = threading.Thread(target=self._look, args=(newest,), name="office-live", daemon=True)
                self._thread.start()
        return self._streams < MOST

    async def events(self) -> AsyncGenerator[str, None]:
        """Yield the events of one stream."""
        self._streams += 1
        try:
            known, quiet = self._changes, 0.0
            yield ": open\n\n"
            while True:
                await asyncio.sleep(LOOK_S)
                quiet += LOOK_S
                if self._changes != known:
                    known, quiet = self._changes, 0.0
                    yield "data: today\n\n"
                elif quiet >= BEAT_S:
                    quiet = 0.0
                    yield ": still here\n\n"
        finally:
            self._streams -= 1

    def _look(self, newest: int) -> None:
        while True:
            try:
                client = connect(self._sources.data)
                if client is not None:
                    with client:
                        for _ in client.watch():
                            self._changes += 1
                if (head := self._sources.newest()) != newest:
                    newest = head
                    self._changes += 1
            except StationError as error:
                _log.warning("live: %s", error)
            time.sleep(LOOK_S)
