"""How each state and each code is told: its light (and with it symbol, word and shape), its sound, its page of the manual.

Two tables and no logic. The sentences stand in the message catalogue under the same names (`state.NAME`, `error.CODE`,
`fault.CODE`); a test walks both and demands that nothing is missing on either side.
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import TagAbsent, TagsCollide, walk
from station.base.words import active
from station.domain.snapshot import Light, Sound, Workflow

STOPS: Final = "when-it-stops"
"""The page with a row for each code."""
RULE: Final = "rule:"
"""Begins the topic of a rule's page; its id follows."""


class Signals(msgspec.Struct, frozen=True):
    """What goes with a sentence."""

    light: Light
    sound: Sound
    """Made when the state begins. NONE: it begins without news (the one before has sounded)."""
    page: str
    """Topic of the manual."""


STATES: Final = {
    "idle": Signals(Light.NEUTRAL, Sound.NONE, "start"),
    "need-tag": Signals(Light.NEUTRAL, Sound.ACCEPTED, "ordinary-item"),
    "need-tag-part": Signals(Light.NEUTRAL, Sound.ACCEPTED, "sets"),
    "need-tag-lift": Signals(Light.NEUTRAL, Sound.ACCEPTED, "ordinary-item"),
    "need-scan": Signals(Light.NEUTRAL, Sound.ACCEPTED, "ordinary-item"),
    "writing": Signals(Light.BUSY, Sound.NONE, "ordinary-item"),
    "checking": Signals(Light.NEUTRAL, Sound.GOOD, "ordinary-item"),
    "done-pass": Signals(Light.GOOD, Sound.GOOD, "ordinary-item"),
    "done-fail": Signals(Light.BAD, Sound.BAD, "ordinary-item"),
    "done-recheck": Signals(Light.WARNING, Sound.WARNING, "mending"),
    "done-flags": Signals(Light.WARNING, Sound.WARNING, "mending"),
    "stopped": Signals(Light.BAD, Sound.BAD, STOPS),
}
"""By `Snapshot.state`. A check that is open has its rule's own page; a stop has its code's."""

WORKFLOWS: Final = {
    Workflow.CONVERT: "convert",
    Workflow.RELEASE: "release",
    Workflow.SETS: "sets",
    Workflow.WITHDRAW: "withdraw",
    Workflow.INSPECT: "inspect",
    Workflow.ERASE: "erase",
    Workflow.MIGRATE: "erase",
}
"""The page of each workflow; the main job has one for each state."""

_LOOK: Final = frozenset({TagAbsent.code, TagsCollide.code})
"""What a look at the pad settles: amber, and the sound of a warning."""
_REMARK: Final = frozenset(
    {
        *("work", "not-allowed", "own-work", "correction-unknown", "correction-not-open", "reason-missing"),
        *("not-blind", "still-blind"),
        *("worker-unknown", "worker-taken", "barcode-malformed", "bench-busy"),
    }
)
"""What is said under the large sentence and stops nothing."""
_PAGES: Final = {
    "interrupted": frozenset({"tag-lost", "tag-given-up", "tag-belongs-to-unfinished"}),
    "sets": frozenset({"other-part", "no-such-part", "part-beyond", "part-twice"}),
    "overwriting": frozenset({"other-item", "foreign-tag", "second-tag", "incomplete-tag", "unknown-content"}),
    "mending": frozenset(
        {"own-work", "correction-unknown", "correction-not-open", "reason-missing", "not-blind", "still-blind"}
    ),
}
"""Codes with a page of their own; all others have their row in `STOPS`."""


def of_code(code: str) -> Signals:
    """How a stop or a remark with this code is told. Any code has an answer: an unknown one stops the line."""
    page = next((page for page, codes in _PAGES.items() if code in codes), STOPS)
    if code in _LOOK | _REMARK:
        return Signals(Light.WARNING, Sound.WARNING, page)
    return Signals(Light.BAD, Sound.BAD, page)


def of_state(state: str) -> Signals:
    """How a state is told; an unknown one as a stop, so that nobody overlooks it."""
    return STATES.get(state, STATES["stopped"])


def codes() -> tuple[str, ...]:
    """Every code that an operator may read: errors of the program, and stops that are none."""
    faults = [
        key.removeprefix("fault.") for key in active().entries if key.startswith("fault.") and key.count(".") == 1
    ]
    return (*(error.code for error in walk()), *(code for code in faults if code != "scan-again"))
