"""Who may do what: four roles, and one table of rights. Deny by default; asked in the core, never in a screen.

The roles are those of the project's issue 5; that checks stand in the core and everything not listed is denied follows
OWASP ASVS 5.0, V8 (reliability.md 5.1). Sign-on is another matter: here a person has been named already.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What a person is at the bench."""

    TRAINEE = "trainee"
    """Learns the work: processes items; the work is rechecked."""
    OPERATOR = "operator"
    """Processes items and mends. Who is not registered is one."""
    TECHNICIAN = "technician"
    """Answers for the work of the others."""
    SYSTEMS = "systems"
    """Answers for the station and for what it keeps about people."""


class Right(StrEnum):
    """One thing that a role may do or not."""

    PROCESS = "process"
    """Process items and answer their checks."""
    MEND = "mend"
    """Say that a correction is mended; take a correction."""
    RECHECK = "recheck"
    """Recheck what another person did."""
    ASSIGN = "assign"
    """Give a correction to somebody, and another due date."""
    CLOSE = "close"
    """Close a correction without a mend: no defect, item withdrawn."""
    WAIVE = "waive"
    """Waive a finding that is not critical."""
    WAIVE_CRITICAL = "waive-critical"
    UNDO = "undo"
    """Take one's own last write to a tag back."""
    UNDO_OTHERS = "undo-others"
    """Take another person's last write back."""
    SEE_OTHERS = "see-others"
    """See figures and records of another worker."""
    SETTLE = "settle"
    """Decide about a delivery to a library system: give it up, leave theirs, send ours."""
    ERASE_TAG = "erase-tag"
    """Erase a tag of this library, or bring it to another data model."""
    TRAIN = "train"
    """Record a retraining; order a recheck."""
    MANAGE_PEOPLE = "manage-people"
    """Register trainees and operators, change between the two, and end their work here."""
    MANAGE_STAFF = "manage-staff"
    """The same for technicians and systems."""
    ERASE = "erase"
    """Erase a worker's name."""
    OVERWRITE_FOREIGN = "overwrite-foreign"
    """Overwrite a tag of another library, or with content that the station does not know."""
    LOCK = "lock"
    """Lock blocks of a tag, which nobody can undo."""
    CHANGE_RULES = "change-rules"
    """Say that the quality rules as they are now are meant."""


_TRAINEE: Final = frozenset({Right.PROCESS, Right.MEND})
_OPERATOR: Final = _TRAINEE | {Right.RECHECK, Right.WAIVE, Right.UNDO, Right.ERASE_TAG}
_TECHNICIAN: Final = _OPERATOR | {
    Right.ASSIGN,
    Right.CLOSE,
    Right.WAIVE_CRITICAL,
    Right.UNDO_OTHERS,
    Right.SEE_OTHERS,
    Right.SETTLE,
    Right.TRAIN,
    Right.MANAGE_PEOPLE,
    Right.OVERWRITE_FOREIGN,
    Right.LOCK,
    Right.CHANGE_RULES,
}
RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.TRAINEE: _TRAINEE,
    Role.OPERATOR: _OPERATOR,
    Role.TECHNICIAN: _TECHNICIAN,
    Role.SYSTEMS: _TECHNICIAN | {Right.MANAGE_STAFF, Right.ERASE},
}
"""What each role may do; what does not stand here, it may not."""


def may(role: Role | None, right: Right) -> bool:
    """True when the role has the right; `None` (somebody who does not work here any more) has none."""
    return role is not None and right in RIGHTS[role]


def least(right: Right) -> Role:
    """The first role that has the right, for a sentence that says whom to fetch."""
    return next(role for role in Role if right in RIGHTS[role])
