"""Signals for each state and each code: light (and with it symbol, word and shape), sound, and page of the manual.

Two tables and no logic. The sentences are in the message catalog under the same names (`state.NAME`, `error.CODE`,
`fault.CODE`); a test checks that neither side lacks an entry.
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import TagAbsent, TagsCollide
from station.domain.snapshot import Light, Sound

BUTTONS: Final = "buttons"
"""Topic of the pages over the work: the manual's page with a row for each button."""
MENU: Final = "menu"
"""Topic of the menu."""
STOPS: Final = "when-it-stops"
"""The page with a row for each code."""
RULE: Final = "rule:"
"""Prefix of the topic of a rule's page; the rule's id follows."""


class Signals(msgspec.Struct, frozen=True):
    """Signals that accompany a sentence."""

    light: Light
    sound: Sound
    """Played when the state begins. NONE: no sound, because the previous state has sounded."""
    page: str
    """Topic in the manual."""


STATES: Final = {
    "idle": Signals(Light.NEUTRAL, Sound.NONE, "start"),
    "need-tag": Signals(Light.NEUTRAL, Sound.ACCEPTED, "ordinary-item"),
    "need-tag-part": Signals(Light.NEUTRAL, Sound.ACCEPTED, "sets"),
    "need-tag-lift": Signals(Light.NEUTRAL, Sound.ACCEPTED, "ordinary-item"),
    "need-scan": Signals(Light.NEUTRAL, Sound.ACCEPTED, "ordinary-item"),
    "reading": Signals(Light.BUSY, Sound.NONE, "ordinary-item"),
    "writing": Signals(Light.BUSY, Sound.NONE, "ordinary-item"),
    "checking": Signals(Light.NEUTRAL, Sound.GOOD, "ordinary-item"),
    "checking-other": Signals(Light.WARNING, Sound.WARNING, "ordinary-item"),
    "checking-piece": Signals(Light.WARNING, Sound.WARNING, "ordinary-item"),
    "done-pass": Signals(Light.GOOD, Sound.GOOD, "ordinary-item"),
    "done-lift": Signals(Light.GOOD, Sound.GOOD, "ordinary-item"),
    "done-fail": Signals(Light.BAD, Sound.BAD, "ordinary-item"),
    "done-part": Signals(Light.NEUTRAL, Sound.ACCEPTED, "sets"),
    "done-fixed": Signals(Light.WARNING, Sound.NONE, "to-fix"),
    "done-recheck": Signals(Light.WARNING, Sound.WARNING, "to-fix"),
    "done-check-left": Signals(Light.WARNING, Sound.WARNING, "to-fix"),
    "done-flags": Signals(Light.WARNING, Sound.WARNING, "to-fix"),
    "stopped": Signals(Light.BAD, Sound.BAD, STOPS),
}
"""Signals by `Snapshot.state`. An open check uses its rule's page; a stop uses its code's page."""

_LOOK: Final = frozenset({TagAbsent.code, TagsCollide.code})
"""Codes that a look at the pad resolves: amber light and warning sound."""
_REMARK: Final = frozenset(
    {
        *("work", "not-allowed", "own-work", "correction-unknown", "correction-not-open", "reason-missing"),
        *("not-blind", "still-blind", "changed-meanwhile", "fresh-pin-needed", "receiving-refused"),
        "departure-refused",
        *("worker-unknown", "worker-taken", "barcode-malformed", "bench-busy"),
    }
)
"""Codes of remarks, which appear below the large sentence and stop nothing."""
_PAGES: Final = {
    "interrupted": frozenset({"tag-lost", "tag-given-up", "tag-belongs-to-unfinished"}),
    "sets": frozenset({"other-part", "no-such-part", "part-beyond", "part-twice"}),
    "overwriting": frozenset({"other-item", "foreign-tag", "second-tag", "incomplete-tag", "unknown-content"}),
    "to-fix": frozenset(
        {"own-work", "correction-unknown", "correction-not-open", "reason-missing", "not-blind", "still-blind"}
    ),
}
"""Codes with a page of their own; all others have a row in `STOPS`."""


def of_code(code: str) -> Signals:
    """Return the signals of a stop or remark with this code. An unknown code is signaled as a stop."""
    page = next((page for page, codes in _PAGES.items() if code in codes), STOPS)
    if code in _LOOK | _REMARK:
        return Signals(Light.WARNING, Sound.WARNING, page)
    return Signals(Light.BAD, Sound.BAD, page)


def of_state(state: str) -> Signals:
    """Return the signals of a state. An unknown state is signaled as a stop, so that it is noticed."""
    return STATES.get(state, STATES["stopped"])
