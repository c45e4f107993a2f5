"""What an operator (or a CLI twin, or a script) may ask of the bench. Plain data, so that it can travel over the socket."""

from __future__ import annotations

import msgspec

from station.model import Outcome, Result


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
    """One of the words that the check offers; must be given for a fail."""
    note: str = ""
    photo: str = ""
    """Path of a photo of what is wrong."""
    count: int | None = None
    """Pieces, counted by hand."""
    scanned: bool = False
    """The label's own text was scanned: that says nothing of how the label looks."""


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


class ReadPad(msgspec.Struct, frozen=True, tag="read-pad"):
    """What lies on the pad?"""


class SetSecurity(msgspec.Struct, frozen=True, tag="set-security", kw_only=True):
    """Every tag on the pad that carries this item shall alarm at the gate (`secure`), or shall not."""

    barcode: str
    secure: bool
    source: str = ""
    """Who asks, for journal and screen ("Alma")."""


class UpdateItem(msgspec.Struct, frozen=True, tag="update-item", kw_only=True):
    """The one tag on the pad shall say about this item what the library's tag profile says."""

    barcode: str
    part: int = 0
    """The part of the set; 0 = as the tag says, else the next one without a tag."""
    uid: str = ""
    """The tag must be this one; "" = whichever lies there alone."""
    secure: bool | None = None
    """None = the security stays as it is (of a new tag: in stock)."""
    source: str = ""


PadRequest = ReadPad | SetSecurity | UpdateItem
"""What another program (Alma's page, a command line) may ask of the pad; each gets one `model.PadAnswer`."""


class AskPad(msgspec.Struct, frozen=True, tag="ask-pad"):
    """A request whose asker waits for the answer under this ticket. A ticket that nobody holds is ignored."""

    ticket: str
    request: PadRequest


class SignOn(msgspec.Struct, frozen=True, tag="sign-on"):
    """Another person stands at the bench; "" = look again who it is. Says who, and proves nothing: sign-on with a PIN
    comes before it."""

    operator: str = ""


class Waive(msgspec.Struct, frozen=True, tag="waive"):
    """Let a failed finding of the item in hand stand. `by`: who has the right to it; "" = the operator."""

    rule: str
    reason: str
    by: str = ""


class Assign(msgspec.Struct, frozen=True, tag="assign"):
    """Give a correction another owner or due date; `owner` "me" = the operator takes it."""

    correction: str
    owner: str = ""
    due: str = ""
    reason: str = ""


class Mend(msgspec.Struct, frozen=True, tag="mend"):
    """The correction is mended."""

    correction: str
    note: str = ""


class Recheck(msgspec.Struct, frozen=True, tag="recheck"):
    """The operator has looked at what another person mended."""

    correction: str
    passed: bool
    reason: str = ""


class Close(msgspec.Struct, frozen=True, tag="close"):
    """The correction ends without a mend."""

    correction: str
    result: Result
    reason: str


class Tick(msgspec.Struct, frozen=True, tag="tick"):
    """Time passed: look at the pad."""


class Quit(msgspec.Struct, frozen=True, tag="quit"):
    """Finish what is in flight and stop."""


OnCorrection = Assign | Mend | Recheck | Close
"""What can be asked about one correction."""

Command = (
    Scan
    | Choose
    | Answer
    | Reopen
    | Cancel
    | SelectPart
    | Abandon
    | AskPad
    | SignOn
    | Waive
    | OnCorrection
    | Tick
    | Quit
)
