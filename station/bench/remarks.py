"""Remarks: the notice beside the prompt, and the wrong scan in the band. Each ends with its step, or after its time."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Final

from station.domain.notices import NONE, Notice

if TYPE_CHECKING:
    from station.base.clock import Clock

NOTICE_SECONDS: Final = 10.0
WRONG_SCAN_SECONDS: Final = 3.0
WRONG: Final = "malformed"
"""Code of a wrong scan that is not a publisher's barcode."""
BUSY: Final = "busy"
"""Code of a scan that is refused while another terminal uses the bench."""
DIFFERS: Final = "differs"
"""Code of a publisher's number on the piece that the record does not have."""

OTHER_ITEM: Final = "other-item"
"""Code of the barcode of another item, scanned while the checks of the item in hand are open."""


class Remarks:
    """Keeps the newest notice and the newest wrong scan. A notice that is said again begins anew."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.notice, self._said_at = NONE, 0.0
        self._step: Hashable = None
        """The step in which the notice was first shown; None = it was not shown yet."""
        self.wrong_scan = ""
        """Code of the wrong scan (`Snapshot.wrong_scan`)."""
        self._wrong_at = 0.0

    def show(self, notice: Notice) -> None:
        """Begin to show a notice; `NONE` = end it."""
        self.notice, self._said_at, self._step = notice, self._clock.monotonic(), None

    def end(self) -> None:
        """End the notice and the wrong scan."""
        self.show(NONE)
        self.wrong_scan = ""

    def wrong(self, code: str) -> None:
        """Begin to show a wrong scan; "" = end it."""
        self.wrong_scan, self._wrong_at = code, self._clock.monotonic()

    def shown_in(self, step: Hashable) -> None:
        """Drop what has ended. `step`: the bench's current step, never None. Call it when a command or a look at the pad
        has ended, so that a notice survives the steps that follow without the operator."""
        now = self._clock.monotonic()
        if self._step not in (None, step) or now - self._said_at >= NOTICE_SECONDS:
            self.notice = NONE
        if self._step not in (None, step) or now - self._wrong_at >= WRONG_SCAN_SECONDS:
            self.wrong_scan = ""
        self._step = step
