"""Permissions: four roles, and one table of rights. Denied by default; checked in the core, never in a screen.

Checking in the core, and denying everything not listed, follow OWASP ASVS 5.0, V8
(docs/reference/safety.md#roles-and-pins). Sign-on is separate: here the person is already identified.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from station.base.errors import NotAllowed
from station.base.sentence import Sentence


class Role(StrEnum):
    """Role of a person at the bench."""

    TRAINEE = "trainee"
    """Learns the work: processes items; the work is rechecked."""
    OPERATOR = "operator"
    """Processes items and mends. The role of anyone who is not registered."""
    TECHNICIAN = "technician"
    """Responsible for the work of the others."""
    SYSTEMS = "systems"
    """Responsible for the station and for the data it keeps about people."""


class Right(StrEnum):
    """One permission of a role."""

    PROCESS = "process"
    """Process items and answer their checks."""
    MEND = "mend"
    """Report a correction as mended; take a correction."""
    RECHECK = "recheck"
    """Recheck another person's work."""
    ASSIGN = "assign"
    """Assign a correction to another owner, or change its due date."""
    CLOSE = "close"
    """Close a correction that was not mended: no defect, item withdrawn."""
    WAIVE = "waive"
    """Waive a finding that is not critical."""
    WAIVE_CRITICAL = "waive-critical"
    UNDO = "undo"
    """Undo one's own last write to a tag."""
    UNDO_OTHERS = "undo-others"
    """Undo another person's last write."""
    SEE_OTHERS = "see-others"
    """See figures and records of another worker."""
    SETTLE = "settle"
    """Decide about a delivery to a library system: discard it, keep theirs, send ours."""
    ERASE_TAG = "erase-tag"
    """Erase a tag of this library, or convert it to another data model."""
    TRAIN = "train"
    """Record a retraining; order a recheck."""
    MANAGE_PEOPLE = "manage-people"
    """Register trainees and operators, change one role to the other, and end their work here."""
    MANAGE_STAFF = "manage-staff"
    """The same for the roles technician and systems."""
    ERASE = "erase"
    """Erase a worker's name."""
    OVERWRITE_FOREIGN = "overwrite-foreign"
    """Overwrite a tag of another library, or a tag with content unknown to the station."""
    LOCK = "lock"
    """Lock blocks of a tag, which cannot be undone."""
    CHANGE_RULES = "change-rules"
    """Confirm the current quality rules."""
    COUNT = "count"
    """Open and close shipments, count copies, undo a count; note a difference."""
    SETTLE_DIFFERENCE = "settle-difference"
    """Assign, claim and end differences with vendors."""
    SIGN_INVOICE = "sign-invoice"
    """Certify that an invoice may be paid; take that back."""
    CHANGE_ORDERS = "change-orders"
    """Record vendors, blanket and standing orders, and account codes."""
    WITHDRAW = "withdraw"
    """Decide that an item leaves the library or moves; confirm its deletion; take the decision back."""


_TRAINEE: Final = frozenset({Right.PROCESS, Right.MEND, Right.COUNT})
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
    Right.SETTLE_DIFFERENCE,
    Right.SIGN_INVOICE,
    Right.CHANGE_ORDERS,
    Right.WITHDRAW,
}
RIGHTS: Final[dict[Role, frozenset[Right]]] = {
    Role.TRAINEE: _TRAINEE,
    Role.OPERATOR: _OPERATOR,
    Role.TECHNICIAN: _TECHNICIAN,
    Role.SYSTEMS: _TECHNICIAN | {Right.MANAGE_STAFF, Right.ERASE},
}
"""Rights of each role; a right that is not listed is denied."""


BY_SESSION: Final = frozenset(
    {
        Right.PROCESS,
        Right.MEND,
        Right.RECHECK,
        Right.ASSIGN,
        Right.CLOSE,
        Right.WAIVE,
        Right.TRAIN,
        Right.SEE_OTHERS,
        Right.COUNT,
        Right.SETTLE_DIFFERENCE,
    }
)
"""Rights that a person who has signed in at a desk uses without the PIN."""
BY_FRESH_PIN: Final = frozenset(
    {
        Right.SETTLE,
        Right.WAIVE_CRITICAL,
        Right.MANAGE_PEOPLE,
        Right.MANAGE_STAFF,
        Right.CHANGE_RULES,
        Right.SIGN_INVOICE,
        Right.CHANGE_ORDERS,
        Right.WITHDRAW,
    }
)
"""Rights for which they give the PIN again, which then counts for a short time. All others need it every time."""


def may(role: Role | None, right: Right) -> bool:
    """Return True if the role has the right. `None` (the worker no longer works here) has none."""
    return role is not None and right in RIGHTS[role]


def least(right: Right) -> Role:
    """Return the first role that has the right, for a sentence that says which role to ask."""
    return next(role for role in Role if right in RIGHTS[role])


def person_with(role: str) -> Sentence:
    """Return a person with this role: "a technician"."""
    return Sentence(f"people.role.{role}")


def lacking(right: Right) -> NotAllowed:
    """Return the refusal for a person without this right. Its detail is for programs."""
    role = least(right).value
    return NotAllowed(Sentence("people.least", right=right.value, role=role), right.value, role)
