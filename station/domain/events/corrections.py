"""Corrections, second checks and waivers."""

from __future__ import annotations

from station.base.sentence import EMPTY, Sentence
from station.domain.correction_states import CorrectionKind, Recheck, Result
from station.domain.events.base import Event
from station.domain.findings import Severity
from station.domain.people.rights import Role


class CorrectionOpened(Event, frozen=True, kw_only=True, tag="correction-opened"):
    """Something must be corrected or checked again. An open correction for the same item and rule absorbs this
    report."""

    correction: str
    """Id of this report; the first report's id names the correction."""
    what: CorrectionKind = CorrectionKind.MEND
    barcode: str
    part: int = 1
    parts: int = 1
    item_title: str = ""
    rule: str = ""
    """Empty for a recheck that a sampling plan drew."""
    title: Sentence
    severity: Severity = Severity.MAJOR
    recheck: Recheck = Recheck.PERSON
    owner: str = ""
    """The department, or the worker's id, that the rule makes responsible."""
    due: str
    """ISO 8601 date."""
    worker: str = ""
    """The worker who processed the item."""
    found_by: str = ""
    """"machine", or the person who found it."""
    reason: Sentence = EMPTY
    note: Sentence = EMPTY
    photo: str = ""
    """Path of a photo, as given by the finder."""


class CorrectionAssigned(Event, frozen=True, kw_only=True, tag="correction-assigned"):
    """The owner or the due date changed; "" = unchanged."""

    correction: str
    owner: str = ""
    due: str = ""
    reason: str = ""


class CorrectionMended(Event, frozen=True, kw_only=True, tag="correction-mended"):
    """Reported as corrected. Closes the correction only if its rule asks for no recheck."""

    correction: str
    note: Sentence = EMPTY
    due: str = ""
    """Due date of the recheck; "" = unchanged."""


class CorrectionRechecked(Event, frozen=True, kw_only=True, tag="correction-rechecked"):
    """Checked again by another person or by the machine."""

    correction: str
    passed: bool
    by_machine: bool = False
    part: int = 1
    """The part of the set that was checked; the machine checks one part at a time."""
    reason: Sentence = EMPTY
    second_look: bool = False
    """The person who fixed it passed it again at the bench, where people do not sign on and no one else checks."""


class CorrectionClosed(Event, frozen=True, kw_only=True, tag="correction-closed"):
    """Closed without being corrected, with a reason."""

    correction: str
    result: Result
    reason: Sentence


class SecondCheckSeen(Event, frozen=True, kw_only=True, tag="second-check-seen"):
    """An authorized worker looked at an item's findings before its second check. That worker, and a worker who lent the
    right, can no longer do the check."""

    correction: str
    """The recheck order."""


class FindingWaived(Event, frozen=True, kw_only=True, tag="finding-waived"):
    """A failed finding was accepted. The finding stays in the journal; its open correction is closed."""

    barcode: str
    part: int = 1
    rule: str
    title: Sentence
    severity: Severity
    reason: str
    operator: str
    role: Role


CorrectionStep = CorrectionAssigned | CorrectionMended | CorrectionRechecked | CorrectionClosed | SecondCheckSeen
"""Events that can happen to an existing correction, addressed by its id."""

CorrectionEvent = CorrectionStep | CorrectionOpened | FindingWaived
