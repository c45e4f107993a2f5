"""What an operator (or a CLI twin, or a script) may ask of the bench. Plain data, so that it can travel over the socket."""

from __future__ import annotations

from typing import Annotated

import msgspec

from station.domain.findings import Outcome
from station.domain.sign_on import Pin
from station.domain.snapshot import Result
from station.domain.workflows import Workflow


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
    grant: str = ""
    """Of somebody who lends the right to lock, where the site's profile does; works once, and for one tag only (`uid`)."""

    @property
    def purpose(self) -> str:
        """What exactly a right is lent for."""
        return f"update {self.uid} {self.barcode} {self.part}"


class CheckStack(msgspec.Struct, frozen=True, tag="check-stack", kw_only=True):
    """Read every tag on the pad and compare it with journal, catalog and what must lie there."""

    barcodes: tuple[str, ...] = ()
    """The items of the stack, all their parts; () = the stack of the open conversion session, else whatever lies there."""
    source: str = ""


class InspectPad(msgspec.Struct, frozen=True, tag="inspect-pad"):
    """Every tag on the pad from all sides."""


class UndoWrite(msgspec.Struct, frozen=True, tag="undo-write", kw_only=True):
    """Take the last write to the one tag on the pad back."""

    uid: str
    """The tag must be this one."""
    attempt: str
    """The write that is meant, as `InspectedTag.undo` offers it: no other is taken back."""
    operator: str = ""
    """Who asks; "" = who stands at the bench."""
    source: str = ""
    grant: str = ""
    """Of somebody who lends the right to it (`domain.ports.Authenticator.redeem`, for `purpose`); works once."""

    @property
    def purpose(self) -> str:
        """What exactly a right is lent for."""
        return f"undo {self.uid} {self.attempt}"


PadRequest = ReadPad | SetSecurity | UpdateItem | CheckStack | InspectPad | UndoWrite
"""What another program (Alma's page, a command line) may ask of the pad; each gets one `domain.snapshot.PadAnswer`."""


class AskPad(msgspec.Struct, frozen=True, tag="ask-pad"):
    """A request whose asker waits for the answer under this ticket. A ticket that nobody holds is ignored."""

    ticket: str
    request: PadRequest


class SignOn(msgspec.Struct, frozen=True, tag="sign-on"):
    """Another person stands at the bench; "" = look again who it is. Says who, and proves nothing: where people sign on,
    the PIN is asked for, unless `grant` says that it was proven elsewhere."""

    operator: str = ""
    grant: str = ""
    """Of `domain.ports.Authenticator.redeem`; works once."""


class Badge(msgspec.Struct, frozen=True, tag="badge"):
    """A staff badge lies on its reader. It says who somebody is and proves nothing."""

    uid: str
    """Hexadecimal; "" = it changes each time and tells nobody."""
    text: str = ""
    """What is written on it (NDEF): counts as the number of a card."""


class GivePin(msgspec.Struct, frozen=True, tag="give-pin"):
    """What was typed or scanned while the station asked for a PIN: that, or a card, or an item's barcode. It shows itself
    in no repr."""

    pin: Pin

    def __repr__(self) -> str:
        return "GivePin(***)"


class CancelQuestion(msgspec.Struct, frozen=True, tag="cancel-question"):
    """Never mind the question for a card or PIN: work goes on as it was."""

    question: str = ""
    """Only if this one stands (`domain.sign_on.SignOnPrompt.question`); "" = whichever does."""


class Authorise(msgspec.Struct, frozen=True, tag="authorise"):
    """Somebody who has proven elsewhere who he is lends his right to what this question is about, and to nothing else."""

    question: str
    """`domain.sign_on.SignOnPrompt.question`; where it does not stand (any more), nothing is authorised."""
    grant: str
    """Of `domain.ports.Authenticator.redeem`; works once."""


class SignOff(msgspec.Struct, frozen=True, tag="sign-off"):
    """Nobody works here from now on. The item in hand stays in hand."""


class Waive(msgspec.Struct, frozen=True, tag="waive"):
    """Let a failed finding of the item in hand stand. `by`: who has the right to it; "" = the operator."""

    rule: str
    reason: str
    by: str = ""


class Settle(msgspec.Struct, frozen=True, tag="settle"):
    """Decide about a delivery to a library system, in the name of whoever works at the bench; where that person's right does
    not suffice, somebody else's is asked for on the spot."""

    delivery: str
    decision: str
    """`intents.Decision`; anything else is none, and nothing is done."""
    reason: str = ""


class GiveOrder(msgspec.Struct, frozen=True, tag="give-order"):
    """Order something of a library system, as it was offered (`domain.deliveries.delivery.Offer`), in the name of
    whoever works at the bench;
    where that person's right does not suffice, somebody else's is asked for on the spot."""

    system: str
    barcode: str
    offer: str
    """`domain.deliveries.delivery.Offer.key`; what is not offered is not ordered."""


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


class LookFirst(msgspec.Struct, frozen=True, tag="look-first"):
    """Show the operator what was found of an item before its second check: with the right to it, and journaled."""

    correction: str
    """The order to recheck."""


class Close(msgspec.Struct, frozen=True, tag="close"):
    """The correction ends without a mend."""

    correction: str
    result: Result
    reason: str


class OrderRechecks(msgspec.Struct, frozen=True, tag="order-rechecks"):
    """Another person shall go once more through the items of a rejected lot about which nobody was asked, in the name of
    whoever works at the bench; where that person's right does not suffice, somebody else's is asked for on the spot."""

    whose: str
    """`domain.sampling.Whose`; anything else has no lots, and nothing is ordered."""
    subject: str
    """A vendor, or a worker as events name him."""
    lot: int


class Enter(msgspec.Struct, frozen=True, tag="enter"):
    """Use the bench for this workflow from now on. What is in hand in another one waits there."""

    workflow: Workflow


class Act(msgspec.Struct, frozen=True, tag="act"):
    """Tap on an action of the present workflow (its page of the manual lists them); any other is ignored."""

    name: str
    argument: str = ""


class BeginJob(msgspec.Struct, frozen=True, tag="begin-job"):
    """Another terminal sends work from now on. One job at a time: another one is answered with `bench-busy`."""

    job: str
    """Tells this job from every other one."""
    sender: str
    """Shown to the operator: "ann (pts/3)"."""


class EndJob(msgspec.Struct, frozen=True, tag="end-job"):
    """The terminal has finished, or its connection is gone: what this job began and did not finish is put down."""

    job: str


class LoadRoll(msgspec.Struct, frozen=True, tag="load-roll"):
    """A roll of new tags was put in. `name`: what stands on it; "" = it is named after the moment."""

    name: str = ""


class Loudness(msgspec.Struct, frozen=True, tag="loudness"):
    """How loud the station is from now on, until it ends. None = as it is."""

    volume: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    muted: bool | None = None


class Tick(msgspec.Struct, frozen=True, tag="tick"):
    """Time passed: look at the pad."""


class Quit(msgspec.Struct, frozen=True, tag="quit"):
    """Finish what is in flight and stop."""


OnCorrection = Assign | Mend | Recheck | Close | LookFirst
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
    | Badge
    | GivePin
    | CancelQuestion
    | Authorise
    | SignOff
    | Waive
    | Settle
    | GiveOrder
    | OnCorrection
    | OrderRechecks
    | Enter
    | Act
    | BeginJob
    | EndJob
    | LoadRoll
    | Loudness
    | Tick
    | Quit
)
