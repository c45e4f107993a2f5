"""Errors of people and corrections: what may not be done, by whom, or to what."""

from __future__ import annotations

from station.base.errors.base import Recovery, StationError


class WorkError(StationError):
    """Something about a person or a correction is refused; never raised itself. Nothing has changed."""

    code = "work"
    recovery = Recovery.ASK_OPERATOR
    exit_code = 35

    @property
    def message(self) -> str:
        """The sentence with the reason; once where the socket made the sentence the reason."""
        return self.sentence if self.detail == self.sentence else self.with_detail


class NotAllowed(WorkError):
    """The person's role has no right to it; `detail` says who may, `right` which right it is (`rights.Right`), if known."""

    code = "not-allowed"
    right = ""

    def __init__(self, detail: str = "", right: str = "") -> None:
        super().__init__(detail)
        self.right = right


class OwnWork(WorkError):
    """Nobody rechecks what he did or mended himself."""

    code = "own-work"


class NotBlind(WorkError):
    """Who has looked at what was found of an item cannot do its second check."""

    code = "not-blind"


class StillBlind(WorkError):
    """What was found of the item is hidden from this person until its second check stands."""

    code = "still-blind"


class CorrectionUnknown(WorkError):
    """No correction has this id."""

    code = "correction-unknown"


class CorrectionNotOpen(WorkError):
    """The correction is closed, or is not in a state in which that can be done."""

    code = "correction-not-open"


class ReasonMissing(WorkError):
    """Nothing is closed or waived without a reason."""

    code = "reason-missing"


class WorkerUnknown(WorkError):
    """No worker has this name or id."""

    code = "worker-unknown"


class WorkerGone(WorkError):
    """The worker does not work here any more."""

    code = "worker-gone"
    recovery = Recovery.ASK_STAFF


class WorkerTaken(WorkError):
    """The name is another worker's already."""

    code = "worker-taken"


class SignOnNeeded(WorkError):
    """The site wants people to sign on, and whoever asks has not proven who he is."""

    code = "sign-on-needed"


class PinWrong(WorkError):
    """Not the right PIN, or nobody of that name: which of the two is not said."""

    code = "pin-wrong"


class PinWait(WorkError):
    """Too many wrong PINs; the next one is not looked at yet. `detail` says how long."""

    code = "pin-wait"


class PinLocked(WorkError):
    """So many wrong PINs that only a new one helps."""

    code = "pin-locked"
    recovery = Recovery.ASK_STAFF


class PinMissing(WorkError):
    """The person has no PIN yet."""

    code = "pin-missing"
    recovery = Recovery.ASK_STAFF


class PinChangeNeeded(WorkError):
    """Somebody else has set this PIN; the person must choose another before anything else."""

    code = "pin-change-needed"


class PinUnfit(WorkError):
    """A new PIN that is too short, too easy, or looks like something else; `detail` says which, never the PIN."""

    code = "pin-unfit"


class CardUnknown(WorkError):
    """Nobody has this card or badge."""

    code = "card-unknown"


class CardUnfit(WorkError):
    """A card that cannot tell people from items, or changes its number each time."""

    code = "card-unfit"


class CardTaken(WorkError):
    """The card or badge is another person's."""

    code = "card-taken"
