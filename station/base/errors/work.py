"""Errors of people and corrections: actions that are not permitted."""

from __future__ import annotations

from collections.abc import Iterable

from station.base.errors.base import Detail, Recovery, StationError
from station.base.sentence import Sentence


class WorkError(StationError):
    """An action on a person or a correction is refused; never raised itself. Nothing has changed."""

    code = "work"
    recovery = Recovery.ASK_OPERATOR
    exit_code = 35
    detail_is = Detail.FIRST


class NotAllowed(WorkError):
    """The person's role lacks the right; `detail` says who has it, `right` which right it is (`rights.Right`), `role`
    the lowest role that has it (`rights.Role`), if known."""

    code = "not-allowed"
    has_remedy = True
    right = ""
    role = ""

    def __init__(self, detail: str | Sentence = "", right: str = "", role: str = "") -> None:
        super().__init__(detail)
        self.right = right
        self.role = role

    @property
    def sentence(self) -> Sentence:
        """Return the sentence that names whom to ask."""
        if not self.role:
            return Sentence(f"error.{self.code}")
        return Sentence("error.not-allowed.by", who=Sentence(f"people.role.{self.role}"))

    @property
    def with_detail(self) -> Sentence:
        """Return the sentence; the detail is for programs."""
        return self.sentence if self.role else super().with_detail


class ReceivingRefused(WorkError):
    """A shipment, a count, a difference or a box does not allow this now; `detail` says why. Nothing has changed."""

    code = "receiving-refused"
    detail_is = Detail.WHOLE


class DepartureRefused(WorkError):
    """A withdrawal, a cart, a pull list or a transfer does not allow this now; `detail` says why. Nothing has changed."""

    code = "departure-refused"
    detail_is = Detail.WHOLE


class ChangedMeanwhile(WorkError):
    """What the order is about has changed since the person looked at it; nothing of the order was done. `detail`: the
    numbers of the events since."""

    code = "changed-meanwhile"
    detail_is = Detail.HIDDEN

    @classmethod
    def since_then(cls, numbers: Iterable[int]) -> ChangedMeanwhile:
        """Return the refusal that names these events."""
        return cls(Sentence("store.changed-meanwhile", numbers=" ".join(map(str, sorted(numbers)))))

    @property
    def numbers(self) -> tuple[int, ...]:
        """Numbers of the events since, ascending."""
        return tuple(map(int, str(self.detail.values.get("numbers", "")).split()))


class OwnWork(WorkError):
    """Workers may not recheck what they processed or mended themselves."""

    code = "own-work"
    detail_is = Detail.HIDDEN


class NotBlind(WorkError):
    """A person who has seen an item's findings cannot do its second check."""

    code = "not-blind"
    detail_is = Detail.HIDDEN


class StillBlind(WorkError):
    """The item's findings are hidden from this person until its second check is done."""

    code = "still-blind"
    detail_is = Detail.HIDDEN


class CorrectionUnknown(WorkError):
    """No correction has this id."""

    code = "correction-unknown"
    detail_is = Detail.WHOLE
    takes_name = True


class CorrectionNotOpen(WorkError):
    """The correction is closed, or is in a state that does not permit the action."""

    code = "correction-not-open"
    detail_is = Detail.WHOLE


class ReasonMissing(WorkError):
    """Closing or waiving needs a reason."""

    code = "reason-missing"
    detail_is = Detail.WHOLE


class WorkerUnknown(WorkError):
    """No worker has this name or id."""

    code = "worker-unknown"
    takes_name = True


class WorkerGone(WorkError):
    """The worker no longer works here."""

    code = "worker-gone"
    recovery = Recovery.ASK_STAFF
    has_remedy = True
    takes_name = True


class WorkerTaken(WorkError):
    """Another worker already has the name."""

    code = "worker-taken"
    takes_name = True


class SignOnNeeded(WorkError):
    """The site requires sign-on, and the requesting person has not proven their identity."""

    code = "sign-on-needed"


class FreshPinNeeded(WorkError):
    """The person is signed in, but this act needs their PIN again."""

    code = "fresh-pin-needed"


class PinWrong(WorkError):
    """The PIN is wrong, or no worker has that name; the error does not reveal which."""

    code = "pin-wrong"


class PinWait(WorkError):
    """After too many wrong PINs, the next one is not checked yet. `detail` gives the wait."""

    code = "pin-wait"
    takes_name = True


class PinLocked(WorkError):
    """There were so many wrong PINs that a new one must be set."""

    code = "pin-locked"
    recovery = Recovery.ASK_STAFF


class PinMissing(WorkError):
    """The person has no PIN yet."""

    code = "pin-missing"
    recovery = Recovery.ASK_STAFF


class PinChangeNeeded(WorkError):
    """Another person set this PIN; its owner must first choose a new one."""

    code = "pin-change-needed"


class PinUnfit(WorkError):
    """A new PIN is too short, too easy, or looks like another kind of number; `detail` says which, never the PIN."""

    code = "pin-unfit"


class CardUnknown(WorkError):
    """No worker has this card or badge."""

    code = "card-unknown"


class CardUnfit(WorkError):
    """The card's number looks like an item's barcode, or is different each time."""

    code = "card-unfit"


class CardTaken(WorkError):
    """Another person has the card or badge."""

    code = "card-taken"
