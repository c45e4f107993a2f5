"""Moves of an item from scan to verdict. `MOVES` lists every possible move."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from station.domain.snapshot import Phase


class Trigger(StrEnum):
    """Triggers of an item's moves."""

    RESTS = "rests"
    """No item is in hand any more: set aside, dismissed, or the tag was removed before a scan."""
    TAG_SEEN = "tag-seen"
    """A tag is on the pad before its item was scanned."""
    AWAITS_TAG = "awaits-tag"
    """An item was begun, or continues after a stop or a failed write."""
    WRITES = "writes"
    """The write begins; the tag may be written for the item."""
    VERIFIED = "verified"
    """The tag was written and read back, or was already right."""
    CHECKS_GO_ON = "checks-go-on"
    """A stop during the checks has ended."""
    JUDGED = "judged"
    """The last check was answered, and the verdict is journaled."""
    TAKEN_BACK = "taken-back"
    """The last answer was taken back, and with it the verdict."""
    STOPPED = "stopped"
    """A fault stops the line."""


_P, _T = Phase, Trigger
_WITHOUT_WRITE: Final = (_P.IDLE, _P.NEED_SCAN, _P.NEED_TAG, _P.CHECKING, _P.DONE, _P.STOPPED)
MOVES: Final[dict[tuple[Phase, Trigger], Phase]] = {
    **{(phase, _T.RESTS): _P.IDLE for phase in _WITHOUT_WRITE},
    (_P.IDLE, _T.TAG_SEEN): _P.NEED_SCAN,
    (_P.NEED_SCAN, _T.TAG_SEEN): _P.NEED_SCAN,
    (_P.DONE, _T.TAG_SEEN): _P.NEED_SCAN,
    (_P.IDLE, _T.AWAITS_TAG): _P.NEED_TAG,
    (_P.NEED_SCAN, _T.AWAITS_TAG): _P.NEED_TAG,
    (_P.DONE, _T.AWAITS_TAG): _P.NEED_TAG,
    (_P.NEED_TAG, _T.AWAITS_TAG): _P.NEED_TAG,
    (_P.WRITING, _T.AWAITS_TAG): _P.NEED_TAG,
    (_P.STOPPED, _T.AWAITS_TAG): _P.NEED_TAG,
    (_P.NEED_TAG, _T.WRITES): _P.WRITING,
    (_P.WRITING, _T.VERIFIED): _P.CHECKING,
    (_P.STOPPED, _T.CHECKS_GO_ON): _P.CHECKING,
    (_P.CHECKING, _T.JUDGED): _P.DONE,
    (_P.DONE, _T.TAKEN_BACK): _P.CHECKING,
    (_P.IDLE, _T.TAKEN_BACK): _P.CHECKING,
    (_P.NEED_SCAN, _T.TAKEN_BACK): _P.CHECKING,
    **{(phase, _T.STOPPED): _P.STOPPED for phase in _P},
}
"""A write starts only from `need-tag`, and a verdict only from `checking`."""
