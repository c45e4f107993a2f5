"""The moves of an item from scan to verdict. What is no key of `MOVES` cannot happen."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from station.domain.snapshot import Phase


class Trigger(StrEnum):
    """What moves an item."""

    RESTS = "rests"
    """Nothing is in hand any more: set aside, dismissed, or its tag was taken away before its scan."""
    TAG_SEEN = "tag-seen"
    """A tag lies there before its item was scanned."""
    AWAITS_TAG = "awaits-tag"
    """An item was begun, or goes on after a stop or a failed write."""
    WRITES = "writes"
    """The tag may be written for the item: the write begins."""
    VERIFIED = "verified"
    """The tag was written and read back, or was right already."""
    CHECKS_GO_ON = "checks-go-on"
    """A stop among the checks is over."""
    JUDGED = "judged"
    """The last check was answered; the verdict is journaled."""
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
    **{(phase, _T.STOPPED): _P.STOPPED for phase in _P},
}
"""Nothing is written but from `need-tag`, and no verdict comes but from `checking`."""
