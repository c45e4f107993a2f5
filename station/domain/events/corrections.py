"""What is journaled of corrections and waivers; see `events`, which gives them to everybody else.

Never remove or rename a field or a tag: old journals must stay readable. New fields need a default.
"""

from __future__ import annotations

from station.domain.event import Event
from station.domain.findings import Severity
from station.domain.rights import Role
from station.domain.snapshot import CorrectionKind, Recheck, Result


class CorrectionOpened(Event, frozen=True, kw_only=True, tag="correction-opened"):
    """Something must be mended, or checked once more. One that is still open for the same item and rule takes it in."""

    correction: str
    """Id of this report; the first one of a correction names it for ever."""
    what: CorrectionKind = CorrectionKind.MEND
    barcode: str
    part: int = 1
    parts: int = 1
    item_title: str = ""
    rule: str = ""
    """"" for a recheck that a plan drew."""
    title: str
    severity: Severity = Severity.MAJOR
    recheck: Recheck = Recheck.PERSON
    owner: str = ""
    """Who has it mended, as the rule says: a department, or a worker's id."""
    due: str
    """ISO 8601 date."""
    worker: str = ""
    """Whose work it is."""
    found_by: str = ""
    """"machine", or who found it."""
    reason: str = ""
    note: str = ""
    photo: str = ""
    """Where a photo lies, as whoever found it said."""


class CorrectionAssigned(Event, frozen=True, kw_only=True, tag="correction-assigned"):
    """It has another owner or another due date; "" leaves either as it is."""

    correction: str
    owner: str = ""
    due: str = ""
    reason: str = ""


class CorrectionMended(Event, frozen=True, kw_only=True, tag="correction-mended"):
    """Somebody says that it is mended. Closes it only where its rule asks for no recheck."""

    correction: str
    note: str = ""
    due: str = ""
    """When the recheck is due; "" = as it was."""


class CorrectionRechecked(Event, frozen=True, kw_only=True, tag="correction-rechecked"):
    """Another person, or the machine, looked again."""

    correction: str
    passed: bool
    by_machine: bool = False
    part: int = 1
    """The part of the set that was looked at; a machine's word is about one part."""
    reason: str = ""


class CorrectionClosed(Event, frozen=True, kw_only=True, tag="correction-closed"):
    """It ends without a mend, for a reason that is said."""

    correction: str
    result: Result
    reason: str


class FindingWaived(Event, frozen=True, kw_only=True, tag="finding-waived"):
    """A failed finding may stand. It stays in the journal; its open correction ends."""

    barcode: str
    part: int = 1
    rule: str
    title: str
    severity: Severity
    reason: str
    operator: str
    role: Role
