"""The table of acts: each event of the journal with the right that its act needs, or why it needs none.

Where people sign on, an act with a right needs the proof of who does it: at the bench by signing on, elsewhere by a PIN or a
session (docs/people.md#the-acts-of-people). The store and the bench check the right wherever people sign on or not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from station.domain import events as ev
from station.domain.invoices.invoice import InvoiceKind
from station.domain.people.rights import Right


class Case(NamedTuple):
    """A case in which an act needs another right."""

    right: Right
    when: str
    """For the page."""
    holds: Callable[[Any], bool] | None = None
    """Whether the event shows the case; None = the store or the bench knows it."""


class Needs(NamedTuple):
    """The right that an act needs."""

    right: Right
    cases: tuple[Case, ...] = ()


_OF_STAFF: Final = Case(Right.MANAGE_STAFF, "the person is a technician or systems")
_SEEN_BY_HAND: Final = Case(Right.WITHDRAW, "a person confirms it in place of the library system", lambda e: e.by_hand)

RIGHTS: Final[Mapping[type[ev.Event], Needs]] = {
    **dict.fromkeys(
        (
            *(ev.ItemScanned, ev.ChoiceMade, ev.CheckAnswered, ev.ItemJudged, ev.VerdictTakenBack, ev.ItemSetAside),
            *(ev.SecurityWriteStarted, ev.TagWriteAbandoned, ev.RollLoaded, ev.SoundChecked),
            *(ev.ConvertBegan, ev.ConvertEnded, ev.StackChecked, ev.SetOpened, ev.SetSized, ev.SetClosed),
            *(ev.ReleaseItemListed, ev.ReleaseTruckNamed, ev.TruckReleased),
            *(ev.WithdrawalBegan, ev.WithdrawalJudged, ev.WithdrawalLeft),
            *(ev.CatalogImported, ev.CatalogingRequested, ev.CatalogingResolved, ev.ListTaken),
            *(ev.OrderLineRead, ev.SystemInvoiceRead, ev.PresenceRead, ev.DeliveryOrdered),
            *(ev.PackingListImported, ev.PackingListReplaced, ev.PackingListClosed),
            *(ev.WithdrawalPlaced, ev.WithdrawalCartClosed, ev.PullTicked, ev.Lost, ev.Found),
        ),
        Needs(Right.PROCESS),
    ),
    **dict.fromkeys((ev.Transferred, ev.Reclassified), Needs(Right.PROCESS, (_SEEN_BY_HAND,))),
    ev.DeliveryChanged: Needs(Right.PROCESS, (Case(Right.SETTLE, "a decision, not a retry"),)),
    ev.TimelineBegan: Needs(Right.SETTLE),
    ev.TagWriteStarted: Needs(
        Right.PROCESS,
        (
            Case(Right.OVERWRITE_FOREIGN, "the tag is of another library, or its content is unknown"),
            Case(Right.ERASE_TAG, "a tag is erased or migrated"),
            Case(Right.LOCK, "blocks are locked"),
        ),
    ),
    ev.TagUndoStarted: Needs(Right.UNDO, (Case(Right.UNDO_OTHERS, "another person wrote the tag"),)),
    ev.CorrectionAssigned: Needs(
        Right.ASSIGN, (Case(Right.MEND, "to oneself", lambda e: e.owner == e.operator and not e.due),)
    ),
    ev.CorrectionMended: Needs(Right.MEND, (Case(Right.CLOSE, "of a second check"),)),
    ev.CorrectionRechecked: Needs(Right.RECHECK),
    ev.CorrectionClosed: Needs(Right.CLOSE),
    ev.SecondCheckSeen: Needs(Right.SEE_OTHERS),
    ev.FindingWaived: Needs(Right.WAIVE, (Case(Right.WAIVE_CRITICAL, "the finding is critical"),)),
    **dict.fromkeys((ev.CorrectionOpened, ev.RetrainingHeld), Needs(Right.TRAIN)),
    ev.RulesAccepted: Needs(Right.CHANGE_RULES),
    **dict.fromkeys((ev.WorkerRegistered, ev.WorkerRoleChanged), Needs(Right.MANAGE_PEOPLE, (_OF_STAFF,))),
    ev.CardChanged: Needs(Right.MANAGE_PEOPLE, (_OF_STAFF,)),
    ev.PinSet: Needs(Right.MANAGE_PEOPLE, (_OF_STAFF, Case(Right.PROCESS, "one's own, with the PIN before"))),
    ev.WorkerLeft: Needs(Right.MANAGE_PEOPLE, (Case(Right.ERASE, "the name is erased", lambda e: e.erased), _OF_STAFF)),
    **dict.fromkeys(
        (
            *(ev.ShipmentOpened, ev.ShipmentClosed, ev.CopyCounted, ev.CopyFaulted, ev.CountUndone, ev.CopyReturned),
            *(ev.Added, ev.Gift, ev.LeaseIn, ev.DifferenceNoted, ev.BoxOpened, ev.BoxClosed, ev.BoxReceived),
        ),
        Needs(Right.COUNT),
    ),
    ev.BoxPacked: Needs(
        Right.COUNT, (Case(Right.SETTLE_DIFFERENCE, "despite an obstacle", lambda e: bool(e.despite)),)
    ),
    ev.InvoiceRecorded: Needs(
        Right.COUNT,
        (Case(Right.SIGN_INVOICE, "a correcting entry", lambda e: e.content.kind is InvoiceKind.CORRECTION),),
    ),
    **dict.fromkeys((ev.DifferenceAssigned, ev.ClaimMade, ev.DifferenceEnded), Needs(Right.SETTLE_DIFFERENCE)),
    **dict.fromkeys((ev.VendorRecorded, ev.AccountPlanRecorded, ev.PurchaseOrderRecorded), Needs(Right.CHANGE_ORDERS)),
    **dict.fromkeys(
        (
            *(ev.InvoiceRated, ev.InvoiceCoded, ev.CreditApplied, ev.InvoiceSigned, ev.InvoiceSignatureTakenBack),
            *(ev.InvoicesExported, ev.InvoicePaid, ev.InvoiceVoided),
        ),
        Needs(Right.SIGN_INVOICE),
    ),
    ev.WithdrawalDecided: Needs(
        Right.WITHDRAW,
        (Case(Right.PROCESS, "in a cart, whose right was lent", lambda e: bool(e.cart) and not e.despite),),
    ),
    ev.TagDestroyed: Needs(Right.ERASE_TAG),
    ev.WithdrawalAssigned: Needs(Right.ASSIGN),
    **dict.fromkeys(
        (
            *(ev.WithdrawalCartOpened, ev.WithdrawalCanceled, ev.DeletionConfirmed, ev.OclcHoldingRemoved),
            *(ev.PullListImported, ev.PullListClosed, ev.TransferDecided, ev.TransferCanceled),
        ),
        Needs(Right.WITHDRAW),
    ),
}
"""By event: the right that its act needs. Where no technician is registered, some acts of staff need none."""

FREE: Final[Mapping[type[ev.Event], str]] = {
    ev.SignedOn: "It is the proof itself.",
    ev.SignedOff: "It takes a right away, and gives none.",
    ev.SignOnRefused: "It says that a proof was refused.",
    ev.ScanRefused: "Nothing was done: it says what was refused.",
    ev.LineStopped: "Nothing was done: it says what was refused.",
    ev.PadRequestRefused: "Nothing was done: it says what was refused.",
    ev.PinRecovered: "The way back in for the owner of the files. It stays in view for good.",
    ev.EventsArchived: "The owner of the files moves old events to another file. Nothing is lost.",
    ev.StationStarted: "Who may start the program may start it.",
    ev.StationStopped: "Who may end the program may end it.",
    ev.StaffCalled: "Everyone may call staff, also before they sign on.",
    ev.StaffCallAnswered: "Staff come to the bench, and lower the flag there.",
}
"""By event that people cause without a proof: why."""

BY_STATION: Final = frozenset(
    {
        *(ev.DefectFound, ev.RulesInForce, ev.ItemDrawn, ev.SamplingCounted, ev.TagRecognised),
        *(ev.TagWriteInterrupted, ev.TagWriteVerified, ev.TagErased, ev.TagUndoInterrupted, ev.TagUndoVerified),
        *(ev.SecurityWriteVerified, ev.SecurityWriteInterrupted),
        *(ev.PackingListTakenOver, ev.DifferenceOpened, ev.Withdrawn),
    }
)
"""Events that no act causes by itself: the station adds them to others."""


def right_for(event: ev.Event) -> Right:
    """Return the right that the act needs, as far as its event shows."""
    needs = RIGHTS[type(event)]
    return next((case.right for case in needs.cases if case.holds is not None and case.holds(event)), needs.right)
