"""Pull lists: what shall leave, in shelf order, and what was found at the shelf."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class PullOutcome(StrEnum):
    """What a person found, or what the library system answered."""

    FOUND = "found"
    NOT_FOUND = "not-found"
    ON_LOAN = "on-loan"
    """It stays on the list until it is back."""
    GONE = "gone"
    """It left before: the library system or the journal does not have it any more."""
    WRONG_EDITION = "wrong-edition"
    """The piece at the shelf is another edition than the list's."""
    BACK = "back"
    """It was on loan, and the library system says that it no longer is: it is to look for again."""


class PullLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a weeding list. All text is cleaned."""

    line: str
    """Name of the line in its list: its barcode, else its row number."""
    barcode: str = ""
    """"" = the list does not say; then the line is ticked by hand."""
    title: str = ""
    author: str = ""
    call_number: str = ""
    library: str = ""
    location: str = ""
    note: str = ""
    """Whatever the list says about it: loans, year, condition."""


class PullList(msgspec.Struct, frozen=True, kw_only=True):
    """A weeding list that a librarian approved, with the decision for all its lines."""

    name: str
    reason: str
    destination: str
    approver: str = ""
    note: str = ""
    lines: tuple[PullLine, ...] = ()


class PullStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it stands."""

    list: str
    content: PullLine
    outcome: PullOutcome | None = None
    """None = nobody looked yet."""
    recalled: bool = False
    """True if a person recalled it."""
    at: str = ""
    by: str = ""
    note: str = ""
    withdrawal: str = ""
    """Id of the withdrawal that followed."""
    name: str = ""
    """Name of the list."""
    reason: str = ""
    destination: str = ""
    approver: str = ""

    @property
    def to_look_for(self) -> bool:
        """Return whether somebody shall look for it: nobody has, or it is back."""
        return not self.withdrawal and self.outcome in (None, PullOutcome.BACK)

    @property
    def on_loan(self) -> bool:
        """Return whether it waits until its piece is back."""
        return not self.withdrawal and self.outcome is PullOutcome.ON_LOAN


class PullListStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A pull list as it stands."""

    id: str
    name: str
    reason: str
    destination: str
    approver: str = ""
    note: str = ""
    source: str = ""
    imported_at: str
    """ISO 8601, UTC."""
    imported_by: str
    closed_at: str = ""
    """"" = it is open."""
    count: int = 0
    """Lines."""
    unseen: int = 0
    """Lines to look for (`PullStanding.to_look_for`)."""
    on_loan: int = 0
    """Lines that wait until their piece is back."""
    withdrawn: int = 0
    """Lines whose item was withdrawn."""
    newest: int

    @property
    def waits(self) -> bool:
        """Return whether it is open with lines to look for or on loan."""
        return not self.closed_at and bool(self.unseen or self.on_loan)


def pull_list_id(seq: int) -> str:
    """Return the id of the pull list that the event with this number began."""
    return f"pull-{seq}"
