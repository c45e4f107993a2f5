"""What rules and people say of an item: severities, outcomes, findings and the checks that a person answers. Values only."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Severity(StrEnum):
    """How bad a finding is. A critical or major one keeps the item from the shelf."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    INFO = "info"


class Outcome(StrEnum):
    """What became of one rule for one item."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"
    ABSTAINED = "abstained"
    """The facts the rule needs are not known; the note says which."""
    NOT_SAMPLED = "not-sampled"
    """A person's check that was not asked for this item, as the sampling plan says; the journal has the draw."""


class Finding(msgspec.Struct, frozen=True):
    """One rule's outcome for one item, by machine or person."""

    rule: str
    title: str
    severity: Severity
    outcome: Outcome
    by: str
    """"machine" or the operator's name."""
    reason: str = ""
    note: str = ""
    code: str = ""
    """Of a person's reason: its code in the taxonomy (quality/data/reasons.toml)."""
    photo: str = ""
    """Path of a photo, as given."""
    counted: int | None = None
    """Pieces, counted by hand."""
    number: int = 0
    """The rule's number in the catalogue; 0 in old journals."""


class RuleText(msgspec.Struct, frozen=True):
    """What a rule says to people, as the journal keeps it (`domain.events.RulesInForce`)."""

    id: str
    number: int
    title: str
    severity: Severity
    compares: str = ""
    question: str = ""
    look: str = ""
    advice: str = ""


class Covered(msgspec.Struct, frozen=True):
    """One rule that a check answers."""

    rule: str
    title: str
    severity: Severity
    look: str = ""
    """What to look at, in a few words."""
    reasons: tuple[tuple[str, str], ...] = ()
    """(code, words) of its reasons for a fail."""
    number: int = 0
    text: bool = False
    """A scan of the label's text answers it."""
    may_not_apply: bool = False
    """"Not applicable" answers it."""


class Check(msgspec.Struct, frozen=True):
    """One tap of a person. It answers the rule that it is named after and those that are looked at together with it."""

    rule: str
    question: str
    expectation: str = ""
    """What to compare with, line by line (label lines, counts)."""
    severity: Severity = Severity.MAJOR
    reasons: tuple[str, ...] = ()
    """The reasons offered for a fail, in words."""
    answer: Finding | None = None
    covers: tuple[Covered, ...] = ()
    """All rules that the tap answers, the one it is named after first."""
    others: tuple[Finding, ...] = ()
    """The findings of the other rules, once it is answered."""
    sketch: tuple[str, ...] = ()
    """A drawing, line by line, for those who would rather look."""
    counted: int | None = None
    """Pieces that are there when it passes; None = nothing is counted, or nobody knows."""
    counts: tuple[int, ...] = ()
    """Other numbers that are offered."""

    @property
    def looks(self) -> tuple[str, ...]:
        """What to look at, where the tap answers several rules."""
        return tuple(one.look for one in self.covers if one.look) if len(self.covers) > 1 else ()

    @property
    def may_not_apply(self) -> tuple[Covered, ...]:
        """The rules that "not applicable" answers."""
        return tuple(one for one in self.covers if one.may_not_apply)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings of the answer."""
        return (self.answer, *self.others) if self.answer is not None else ()
