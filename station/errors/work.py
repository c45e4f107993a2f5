"""Errors of people and corrections: what may not be done, by whom, or to what."""

from __future__ import annotations

from station.errors.base import Recovery, StationError


class WorkError(StationError):
    """Something about a person or a correction is refused; never raised itself. Nothing has changed."""

    code = "work"
    recovery = Recovery.ASK_OPERATOR
    exit_code = 35
    sentence = "That may not be done."

    @property
    def message(self) -> str:
        """The sentence with the reason; once where the socket made the sentence the reason."""
        return f"{self.sentence} ({self.detail})" if self.detail not in ("", self.sentence) else self.sentence


class NotAllowed(WorkError):
    """The person's role has no right to it; `detail` says who may."""

    code = "not-allowed"
    sentence = "You may not do that. Fetch somebody who may."


class OwnWork(WorkError):
    """Nobody rechecks what he did or mended himself."""

    code = "own-work"
    sentence = "Another person must recheck this: nobody rechecks own work."


class CorrectionUnknown(WorkError):
    """No correction has this id."""

    code = "correction-unknown"
    sentence = "There is no such correction."


class CorrectionNotOpen(WorkError):
    """The correction is closed, or is not in a state in which that can be done."""

    code = "correction-not-open"
    sentence = "That cannot be done with this correction now."


class ReasonMissing(WorkError):
    """Nothing is closed or waived without a reason."""

    code = "reason-missing"
    sentence = "Say the reason. Nothing is closed silently."


class WorkerUnknown(WorkError):
    """No worker has this name or id."""

    code = "worker-unknown"
    sentence = "Nobody of that name is registered."


class WorkerGone(WorkError):
    """The worker does not work here any more."""

    code = "worker-gone"
    recovery = Recovery.ASK_STAFF
    sentence = "The person who is named as operator does not work here any more. Fetch the technician."


class WorkerTaken(WorkError):
    """The name is another worker's already."""

    code = "worker-taken"
    sentence = "Somebody of that name is registered already."
