"""What an operator (or a CLI twin, or a script) may ask of the bench. Plain data, so that it can travel over the socket."""

from __future__ import annotations

import msgspec

from station.model import Outcome


class Scan(msgspec.Struct, frozen=True, tag="scan"):
    """A barcode scanner's burst, without its prefix and terminator."""

    text: str
    part: int = 0
    """The part of a set that is in hand, where the sender knows it; 0 = the next one without a tag."""


class Choose(msgspec.Struct, frozen=True, tag="choose"):
    """Tap on one of the choices of the fault (or phase) that stands; any other is ignored, so a double tap is harmless."""

    choice: str


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """Tap on a check. Answering the same rule again changes nothing unless `Reopen` was sent before."""

    rule: str
    outcome: Outcome
    reason: str = ""
    note: str = ""


class Reopen(msgspec.Struct, frozen=True, tag="reopen"):
    """Go back to the check answered before."""


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """Set the item in hand aside."""


class SelectPart(msgspec.Struct, frozen=True, tag="select-part"):
    """The thing in hand is this part of its set (1 = first)."""

    part: int


class Abandon(msgspec.Struct, frozen=True, tag="abandon"):
    """The half written tag with this UID will never be finished (it was lost or thrown away)."""

    uid: str
    reason: str = ""


class Tick(msgspec.Struct, frozen=True, tag="tick"):
    """Time passed: look at the pad."""


class Quit(msgspec.Struct, frozen=True, tag="quit"):
    """Finish what is in flight and stop."""


Command = Scan | Choose | Answer | Reopen | Cancel | SelectPart | Abandon | Tick | Quit
