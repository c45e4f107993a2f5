"""Results of rules and checks for an item: severities, outcomes, findings, and the checks that a person answers. Values
only."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.finding_words import title_of, told


class Severity(StrEnum):
    """Severity of a finding, the gravest first. A critical or major finding keeps the item off the shelf."""

    CRITICAL = "critical"
    MAJOR = "major"
    MINOR = "minor"
    INFO = "info"

    @property
    def holds_back(self) -> bool:
        """True if a fail of this severity fails the item. A fail of a lesser severity is a note."""
        return self in (Severity.CRITICAL, Severity.MAJOR)


def worse(one: Severity, other: Severity) -> Severity:
    """Return the graver of two severities."""
    return min(one, other, key=tuple(Severity).index)


class Outcome(StrEnum):
    """Outcome of one rule for one item."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "not-applicable"
    ABSTAINED = "abstained"
    """The facts that the rule needs are unknown; the note names them."""
    NOT_SAMPLED = "not-sampled"
    """The sampling plan did not select this person's check for this item; the journal has the draw."""


class Finding(msgspec.Struct, frozen=True):
    """One rule's outcome for one item, from the machine or a person."""

    rule: str
    title: str
    """The rule's title, a noun; in old journals a sentence about the correct state."""
    severity: Severity
    outcome: Outcome
    by: str
    """`people.sign_on.MACHINE` or the operator's name."""
    reason: Sentence = EMPTY
    note: Sentence = EMPTY
    code: str = ""
    """Code of the person's reason in the taxonomy (quality/data/reasons.toml)."""
    photo: str = ""
    """Path of a photo, as given."""
    counted: int | None = None
    """Number of pieces, counted by a person."""
    number: int = 0
    """The rule's number in the catalog of rules; 0 in old journals."""

    @property
    def fails_item(self) -> bool:
        """True for a failed check that fails the item, unless it is waived."""
        return self.outcome is Outcome.FAIL and self.severity.holds_back

    @property
    def said(self) -> Sentence:
        """Return a fail as people read it: "Spine label: a line is missing"."""
        return told(self.rule, self.title, self.reason, self.note)

    @property
    def heading(self) -> Sentence:
        """Return the rule's title."""
        return title_of(self.rule, self.title)


class RuleText(msgspec.Struct, frozen=True):
    """A rule's texts for people, as the journal keeps them (`domain.events.RulesInForce`)."""

    id: str
    number: int
    title: str
    severity: Severity
    compares: str = ""
    question: str = ""
    look: str = ""
    advice: str = ""
    requires: str = ""


class Covered(msgspec.Struct, frozen=True):
    """One rule that a check answers."""

    rule: str
    title: str
    severity: Severity
    look: Sentence = EMPTY
    """The object to look at, in a few words."""
    reasons: tuple[tuple[str, Sentence, str], ...] = ()
    """(code, words on the button, phrase in a finding) of its reasons for a fail."""
    pass_reasons: tuple[tuple[str, Sentence, str], ...] = ()
    """The same of the reasons of which a pass needs one; () = a pass needs none."""
    number: int = 0
    text: bool = False
    """True if a scan of the label's text answers the rule."""
    may_not_apply: bool = False
    """True if "not applicable" answers the rule."""
    shown: bool = False
    """True if the expected text of the check says what to look at, so that `look` need not."""

    @property
    def words(self) -> Sentence:
        """Return what to look at, or else the rule's title."""
        return self.look or title_of(self.rule, self.title)


class Check(msgspec.Struct, frozen=True):
    """One tap by a person. It answers the rule that it is named after, and the rules checked together with it."""

    rule: str
    question: Sentence
    expectation: Sentence = EMPTY
    """Expected values to compare with, line by line (label lines, counts)."""
    severity: Severity = Severity.MAJOR
    reasons: tuple[Sentence, ...] = ()
    """The reasons offered for a fail; `covers` has their codes."""
    answer: Finding | None = None
    covers: tuple[Covered, ...] = ()
    """All rules that the tap answers; the rule that it is named after comes first."""
    others: tuple[Finding, ...] = ()
    """Findings of the other rules, once the check is answered."""
    sketches: tuple[str, ...] = ()
    """Names of drawings, the most wanted one first (`quality.sketches`)."""
    counted: int | None = None
    """Expected number of pieces for a pass; None = nothing is counted, or the number is unknown."""
    counts: tuple[int, ...] = ()
    """Other numbers offered as answers."""
    alone: bool = False
    """True if it has a page of its own; False = it shares a page with its neighbors, and one tap may pass them all."""
    place: str = ""
    """Id of the rule that leads the place on the item where it is looked at, if each rule is a question of its own: the
    questions of one place share a page. "" = the checks of all places share it."""

    @property
    def looks(self) -> tuple[Sentence, ...]:
        """Return what to look at, if the tap answers several rules."""
        return tuple(covered.look for covered in self.covers if covered.look) if len(self.covers) > 1 else ()

    @property
    def may_not_apply(self) -> tuple[Covered, ...]:
        """Return the rules that "not applicable" answers."""
        return tuple(covered for covered in self.covers if covered.may_not_apply)

    @property
    def pass_reasons(self) -> tuple[Sentence, ...]:
        """Return the reasons of which a pass needs one; () = a pass needs none. A check with such reasons may
        stay open: the answer "abstained"."""
        return tuple(words for cover in self.covers for _, words, _ in cover.pass_reasons)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Return all findings of the answer."""
        return (self.answer, *self.others) if self.answer is not None else ()


def page(checks: Sequence[Check], current: int) -> range:
    """Return the positions of the checks on the page of the check at `current`: itself alone, or with the neighbors
    that share its page. Empty if all are answered."""
    if not 0 <= current < len(checks):
        return range(0)
    first = last = current
    if not checks[current].alone:
        while first > 0 and _share_page(checks[first - 1], checks[current]):
            first -= 1
        while last + 1 < len(checks) and _share_page(checks[last + 1], checks[current]):
            last += 1
    return range(first, last + 1)


def _share_page(neighbor: Check, check: Check) -> bool:
    return not neighbor.alone and neighbor.place == check.place


def seconds_to_look(checks: Sequence[Check], seconds: float) -> float:
    """Return how long these checks must be shown before one tap may pass them: `seconds` for all, or for each if each rule
    is a question of its own; and `seconds` more to count pieces beside other checks."""
    places = sum(bool(check.place) for check in checks)
    counts = sum(check.counted is not None and not check.place for check in checks)
    return seconds * max(1, min(len(checks), max(1, places) + counts))
