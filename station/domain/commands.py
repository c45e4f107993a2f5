"""Commands to the bench, from the operator, a CLI command or a script. Plain data, so that they can travel over the
socket."""

from __future__ import annotations

from typing import Annotated

import msgspec

from station.domain.correction_states import Result
from station.domain.findings import Outcome
from station.domain.people.sign_on import Pin
from station.domain.snapshot import Sound
from station.domain.workflows import Workflow


class Scan(msgspec.Struct, frozen=True, tag="scan"):
    """Text from the barcode scanner, without its prefix and terminator."""

    text: str
    part: int = 0
    """The part of the set in hand, if the sender knows it; 0 = the next part without a tag."""


class TakeFound(msgspec.Struct, frozen=True, tag="take-found"):
    """Tap on an item of the search, since its barcode cannot be read. Unlike a scan, it is never a gesture of
    overwriting, and the operator must confirm that this is the item."""

    barcode: str


class Choose(msgspec.Struct, frozen=True, tag="choose"):
    """Tap on a choice of the fault or phase shown. Any other choice is ignored, so a double tap is harmless."""

    choice: str


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    """Tap on a check. Answering the same rule again changes nothing unless `Reopen` was sent before."""

    rule: str
    outcome: Outcome
    reason: str = ""
    """One of the reasons that the check offers, or its code; required for a fail, and for a pass of a check with
    `Check.pass_reasons`."""
    note: str = ""
    photo: str = ""
    """Path of a photo of the defect."""
    count: int | None = None
    """Number of pieces, counted by a person."""
    scanned: bool = False
    """The operator scanned the label text. This does not prove how the label looks."""


class AllGood(msgspec.Struct, frozen=True, tag="all-good"):
    """Tap that passes the checks shown together. Ignored if one of them is not an open check of the current page, so
    that a late or double tap cannot pass what was not shown."""

    rules: tuple[str, ...]
    """The rules that the checks are named after."""


class Reopen(msgspec.Struct, frozen=True, tag="reopen"):
    """Take the last answer back. Answers given with one tap are taken back together. After the verdict, take the verdict
    back too, while `Snapshot.take_back_s` is not 0; else it is refused with the code "notice.final"."""


class Cancel(msgspec.Struct, frozen=True, tag="cancel"):
    """Set aside the item in hand."""


class SelectPart(msgspec.Struct, frozen=True, tag="select-part"):
    """Select the part of the set that is in hand (1 = first)."""

    part: int


class Abandon(msgspec.Struct, frozen=True, tag="abandon"):
    """Give up a half-written tag that will never be finished, because it was lost or thrown away."""

    uid: str
    reason: str = ""


class ReadPad(msgspec.Struct, frozen=True, tag="read-pad"):
    """Read what is on the pad."""


class SetSecurity(msgspec.Struct, frozen=True, tag="set-security", kw_only=True):
    """Make every tag on the pad that carries this item trigger the gate alarm (`secure`), or not trigger it."""

    barcode: str
    secure: bool
    source: str = ""
    """The requesting program, for journal and screen ("Alma")."""


class UpdateItem(msgspec.Struct, frozen=True, tag="update-item", kw_only=True):
    """Update the one tag on the pad with this item's data, as the library's tag profile requires."""

    barcode: str
    part: int = 0
    """The part of the set; 0 = the part given on the tag, else the next part without a tag."""
    uid: str = ""
    """UID that the tag must have; "" = any tag, if it is the only one on the pad."""
    secure: bool | None = None
    """None = leave the security unchanged (for a new tag: in stock)."""
    source: str = ""
    grant: str = ""
    """Grant from a worker who lends the right to lock, if the site's profile locks. Works once, and only for the tag
    `uid`."""

    @property
    def purpose(self) -> str:
        """Return the exact purpose for which a right is lent."""
        return f"update {self.uid} {self.barcode} {self.part}"


class CheckStack(msgspec.Struct, frozen=True, tag="check-stack", kw_only=True):
    """Read every tag on the pad and compare it with the journal, the catalog and the expected items."""

    barcodes: tuple[str, ...] = ()
    """The items of the stack, with all their parts; () = the stack of the open conversion session, else any items on
    the pad."""
    source: str = ""


class InspectPad(msgspec.Struct, frozen=True, tag="inspect-pad"):
    """Inspect every tag on the pad in full."""


class UndoWrite(msgspec.Struct, frozen=True, tag="undo-write", kw_only=True):
    """Undo the last write to the one tag on the pad."""

    uid: str
    """UID that the tag must have."""
    attempt: str
    """The write to undo, as offered by `InspectedTag.undo`. No other write is undone."""
    operator: str = ""
    """The requesting worker; "" = the worker at the bench."""
    source: str = ""
    grant: str = ""
    """Grant from a worker who lends the right to undo (`domain.ports.Authenticator.redeem`, for `purpose`); works
    once."""

    @property
    def purpose(self) -> str:
        """Return the exact purpose for which a right is lent."""
        return f"undo {self.uid} {self.attempt}"


PadRequest = ReadPad | SetSecurity | UpdateItem | CheckStack | InspectPad | UndoWrite
"""Requests for the pad from another program (Alma's page, a command line). Each gets one
`domain.pad_answers.PadAnswer`."""


class AskPad(msgspec.Struct, frozen=True, tag="ask-pad"):
    """A pad request whose sender waits for the answer under this ticket. A ticket that no sender holds is ignored."""

    ticket: str
    request: PadRequest


class SignOn(msgspec.Struct, frozen=True, tag="sign-on"):
    """Another worker takes over the bench; "" = determine the worker again. This identifies the worker but proves
    nothing: where sign-on is required, the bench asks for the PIN, unless `grant` shows that identity was proven
    elsewhere."""

    operator: str = ""
    grant: str = ""
    """Grant from `domain.ports.Authenticator.redeem`; works once."""


class Badge(msgspec.Struct, frozen=True, tag="badge"):
    """A staff badge is on the badge reader. It identifies a worker but proves nothing."""

    uid: str
    """Hexadecimal; "" = the badge changes its UID each time, so it identifies no one."""
    text: str = ""
    """Text stored on the badge (NDEF); treated as a card number."""


class GivePin(msgspec.Struct, frozen=True, tag="give-pin"):
    """Input typed or scanned while the station asked for a PIN: the PIN, a card, or an item's barcode. The repr does
    not show it."""

    pin: Pin

    def __repr__(self) -> str:
        return "GivePin(***)"


class CancelQuestion(msgspec.Struct, frozen=True, tag="cancel-question"):
    """Cancel the question for a card or PIN; work continues as before."""

    question: str = ""
    """Cancel only if this question is open (`domain.people.sign_on.SignOnPrompt.question`); "" = cancel any open question."""


class Authorise(msgspec.Struct, frozen=True, tag="authorise"):
    """A worker who has proven identity elsewhere lends a right for the subject of this question only."""

    question: str
    """`domain.people.sign_on.SignOnPrompt.question`. If that question is no longer open, nothing is authorized."""
    grant: str
    """Grant from `domain.ports.Authenticator.redeem`; works once."""


class SignOff(msgspec.Struct, frozen=True, tag="sign-off"):
    """Sign off the worker at the bench. The item in hand stays in hand."""


class Waive(msgspec.Struct, frozen=True, tag="waive"):
    """Waive a failed finding of the item in hand. `by`: the worker with the right to waive; "" = the operator."""

    rule: str
    reason: str
    by: str = ""


class Settle(msgspec.Struct, frozen=True, tag="settle"):
    """Decide about a delivery to a library system, on behalf of the worker at the bench. If that worker lacks the
    right, the bench asks another worker to authorize it."""

    delivery: str
    decision: str
    """`intents.Decision`; any other value is ignored."""
    reason: str = ""


class Assign(msgspec.Struct, frozen=True, tag="assign"):
    """Give a correction another owner or due date; `owner` "me" = the operator takes it."""

    correction: str
    owner: str = ""
    due: str = ""
    reason: str = ""


class Mend(msgspec.Struct, frozen=True, tag="mend"):
    """Report a correction as mended."""

    correction: str
    note: str = ""


class Recheck(msgspec.Struct, frozen=True, tag="recheck"):
    """Report the operator's recheck of what another person mended."""

    correction: str
    passed: bool
    reason: str = ""


class LookFirst(msgspec.Struct, frozen=True, tag="look-first"):
    """Show the operator an item's findings before its second check. This requires the right, and is journaled."""

    correction: str
    """The recheck order."""


class Close(msgspec.Struct, frozen=True, tag="close"):
    """Close a correction that was not mended."""

    correction: str
    result: Result
    reason: str


class OrderRechecks(msgspec.Struct, frozen=True, tag="order-rechecks"):
    """Order a recheck by another person of those items of a rejected lot whose checks no person was asked, on behalf of
    the worker at the bench. If that worker lacks the right, the bench asks another worker to authorize it."""

    whose: str
    """`domain.sampling.Whose`; any other value has no lots, so nothing is ordered."""
    subject: str
    """A vendor, or a worker as named in events."""
    lot: int


class Enter(msgspec.Struct, frozen=True, tag="enter"):
    """Switch the bench to this workflow. An item in hand in another workflow waits there."""

    workflow: Workflow


class Act(msgspec.Struct, frozen=True, tag="act"):
    """Tap on an action of the current workflow (listed on its manual page). Any other action is ignored."""

    name: str
    argument: str = ""


class BeginJob(msgspec.Struct, frozen=True, tag="begin-job"):
    """Another terminal starts to send work. The bench takes one job at a time and answers a second one with
    `bench-busy`. The job is over when a person at the bench sets its work aside."""

    job: str
    """Unique id of the job."""
    sender: str
    """Sender as shown to the operator: "ann (pts/3)"."""


class EndJob(msgspec.Struct, frozen=True, tag="end-job"):
    """The terminal has finished or its connection is lost. Work that this job began and did not finish is set aside."""

    job: str


class LoadRoll(msgspec.Struct, frozen=True, tag="load-roll"):
    """A new roll of tags was loaded. `name`: the name printed on the roll; "" = name it after the current time."""

    name: str = ""


class Loudness(msgspec.Struct, frozen=True, tag="loudness"):
    """Set the volume until the station ends. None = unchanged."""

    volume: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    muted: bool | None = None
    player: bool | None = None
    """True if the screen's computer plays sounds. If not, the reader's buzzer sounds for every one."""


class TrySound(msgspec.Struct, frozen=True, tag="try-sound"):
    """Play a sound as the bench plays it."""

    sound: Sound


class SoundCheck(msgspec.Struct, frozen=True, tag="sound-check"):
    """A person's answers to the check of sounds and lights."""

    heard: bool
    seen: bool


class Speak(msgspec.Struct, frozen=True, tag="speak"):
    """Show all texts in this language until another worker signs on or the station ends."""

    language: str
    """Code, such as "es"; "" = the station's language."""


class CallStaff(msgspec.Struct, frozen=True, tag="call-staff"):
    """Call staff to the bench, with the item in hand, or lower the flag. Works while no one is signed on."""

    down: bool = False


class Tick(msgspec.Struct, frozen=True, tag="tick"):
    """Time has passed: look at the pad."""


class Quit(msgspec.Struct, frozen=True, tag="quit"):
    """Finish the work in progress and stop."""


OnCorrection = Assign | Mend | Recheck | Close | LookFirst
"""Commands about one correction."""

Command = (
    Scan
    | TakeFound
    | Choose
    | Answer
    | AllGood
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
    | OnCorrection
    | OrderRechecks
    | Enter
    | Act
    | BeginJob
    | EndJob
    | LoadRoll
    | Loudness
    | Speak
    | CallStaff
    | TrySound
    | SoundCheck
    | Tick
    | Quit
)
