"""Rules as dated data: the values. `rulebook.file` reads and validates files of rules.

The numbers are those of the rule catalog, docs/reference/quality-sources.md#rule-catalog. A number may have several
rules (for example one checked by the station and one by a person).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from station.domain.events import RulesInForce
from station.domain.findings import RuleText, Severity

Day = Annotated[str, Meta(pattern=r"^(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?\Z")]
"""ISO 8601 date, compared as text; empty = no limit."""
Id = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*\Z", max_length=60)]
Line = Annotated[str, Meta(min_length=1, max_length=300)]
Family = Literal["identity", "tag", "label", "ownership", "package", "record", "receipt", "condition"]
"""Families of the error taxonomy, docs/reference/quality-sources.md#errors-found-in-practice."""
FAMILIES: Final[tuple[Family, ...]] = (
    "identity",
    "tag",
    "label",
    "ownership",
    "package",
    "record",
    "receipt",
    "condition",
)
NUMBERS: Final = range(1, 77)
"""The catalog's numbers; a site numbers its own rules from 100."""


class Applies(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Conditions under which a rule applies: every given condition must hold; an omitted one always holds.

    If a fact is unknown, a condition that requires True makes the rule abstain; a condition that requires False holds.
    """

    materials: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    item_types: tuple[str, ...] = ()
    tasks: Annotated[tuple[Literal["processing", "withdrawal", "lease-return"], ...], Meta(min_length=1)] = (
        "processing",
    )
    """Tasks of the rule: by default the processing of a new item."""
    parts_at_least: Annotated[int, Meta(ge=1, le=255)] = 1
    parts_at_most: Annotated[int, Meta(ge=1, le=255)] = 255
    several_pieces: bool | None = None
    """True: record, item or tag indicate more than one piece."""
    accompanying: bool | None = None
    """True: only items with accompanying material (300 $e)."""
    label_known: bool | None = None
    """True: only items whose spine label is known."""
    leased: bool | None = None
    gift: bool | None = None
    bind_first: bool | None = None
    """True: the item goes to the bindery before it is stamped."""
    used: bool | None = None
    """True: a gift, or its tag was another library's, so it may have other libraries' marks."""
    volume: bool | None = None
    """True: the item is a volume or part with its own designation."""
    edition: bool | None = None
    """True: the record states an edition (250)."""
    tag_replaced: bool | None = None
    """True: the item had another tag before."""
    notes: bool | None = None
    """True: the item has notes to read before handling it."""


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule of the catalogue."""

    id: Id
    number: Annotated[int, Meta(ge=1, le=9999)]
    family: Family
    title: Line
    """Short name of what is checked, a noun ("Spine label"): shown before the reason of a fail."""
    requires: Annotated[str, Meta(max_length=300)] = ""
    """The correct state, as a sentence."""
    compares: Line
    severity: Severity
    how: Literal["machine", "person", "both"]
    check: str = ""
    """Name of the machine check, a predicate in `quality.checks.table`."""
    codes: tuple[str, ...] = ()
    """Codes, for the predicates that take them."""
    limit: float | None = None
    """Limit, for the predicates that take one."""
    field: Annotated[str, Meta(max_length=60)] = ""
    """For the check "field": the field to check (`quality.checks.site_fields`)."""
    operator: Literal[
        "", "present", "absent", "equals", "one-of", "none-of", "matches", "matches-not", "at-least", "at-most"
    ] = ""
    """Required relation of the field to the values or the limit."""
    values: Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=100)] = ()
    table: dict[str, str] | None = None
    """This library's requirements, by code of `table_by`; "*" = any other code. Empty = not specified, so the rule
    abstains; omitted = the rule needs no table."""
    table_by: Literal["location", "material", "item_type"] = "location"
    question: Annotated[str, Meta(max_length=200)] = ""
    """Question to a person. `{part}`, `{parts}`, `{place}` (from the settings) and `{wanted}` (from
    the table) are filled in."""
    look: Annotated[str, Meta(max_length=120)] = ""
    """The question in a few words, for use together with others."""
    asked_with: str = ""
    """Id of the rule with whose question this rule is asked: one tap answers both."""
    ask: Literal["always", "open"] = "always"
    """"open": a person is asked only if the machine cannot decide."""
    expectation: Literal["", "title", "label", "pieces", "set", "donor", "lease", "notes", "measure", "tag"] = ""
    """Data shown for comparison."""
    sketch: str = ""
    """Name of the drawing shown (`quality.sketches`)."""
    reasons: tuple[str, ...] = ()
    """Codes of the reasons offered for a fail."""
    pass_reasons: tuple[str, ...] = ()
    """Codes of the reasons of which a pass by a person needs one. Without one of them the rule may stay open."""
    by_scan: bool = False
    """True if a scan of the label's own text also answers the rule."""
    alone: bool = False
    """True if a person is asked on a page of its own; else one tap may pass it with the other checks of a page."""
    may_not_apply: bool = False
    """True if a person may answer that the rule does not apply to this item, for conditions that `applies` cannot
    express. Not permitted for a critical rule."""
    always_ask: bool = False
    """True if a person is asked for every item, regardless of the sampling plan."""
    recheck: Literal["", "none", "person"] = ""
    """Who rechecks a fail found by a person, once it is mended: "person" = another person than the one who mended it.
    "" = "person" for a critical rule, else "none". The machine rechecks what the machine found."""
    opposite: str = ""
    """Id of a rule that requires the opposite: the two must never apply to one item."""
    applies: Applies = Applies()
    advice: Annotated[str, Meta(max_length=300)] = ""
    """How to mend a fail."""
    source: Annotated[str, Meta(max_length=200)] = ""
    owner: Line = "Technical Services"
    valid_from: Day = "2026-01-01"
    valid_to: Day = ""
    retired: bool = False

    def in_force(self, today: str) -> bool:
        """Return True for a day (ISO 8601 date) within the rule's validity."""
        return not self.retired and self.valid_from <= today and (not self.valid_to or today <= self.valid_to)

    @property
    def by_machine(self) -> bool:
        """Return True if the station checks it."""
        return self.how != "person"

    @property
    def by_person(self) -> bool:
        """Return True if a person is asked, at least sometimes."""
        return self.how != "machine"

    @property
    def of_record(self) -> bool:
        """Return True for a shipped rule whose fail is the record's and does not hold back the item. If many records of a
        file break it, the import tells so, and an item fails only by what its title or label shows, or for lost text."""
        return (
            self.how == "machine"
            and self.family == "record"
            and self.number in NUMBERS
            and not self.severity.holds_back
        )


class Reason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of defect, as offered at the bench and counted in statistics."""

    code: Id
    family: Family
    words: Annotated[str, Meta(min_length=1, max_length=24)]
    """Text on the button."""
    says: Annotated[str, Meta(max_length=60)] = ""
    """The defect as a phrase after a rule's title ("a line is missing"); empty = `words`, not capitalized."""

    @property
    def phrase(self) -> str:
        """Return the defect as a phrase."""
        return self.says or self.words[:1].lower() + self.words[1:]


class Catalogue(msgspec.Struct, frozen=True):
    """Rules and reasons, ready for use: every reference has been validated."""

    rules: tuple[Rule, ...]
    reasons: tuple[Reason, ...]

    @property
    def digest(self) -> str:
        """Return SHA-256 over the whole catalog, hexadecimal: a different value means that the rules changed."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()

    def texts(self, today: str) -> RulesInForce:
        """Return the texts of that day's rules that the journal keeps."""
        rules = (
            RuleText(
                one.id,
                one.number,
                one.title,
                one.severity,
                one.compares,
                one.question,
                one.look,
                one.advice,
                one.requires,
            )
            for one in self.in_force(today)
        )
        return RulesInForce(digest=self.digest, day=today, rules=tuple(rules))

    def in_force(self, today: str) -> tuple[Rule, ...]:
        """Return the rules in force on that day, in order."""
        return tuple(rule for rule in self.rules if rule.in_force(today))

    def rule(self, id: str, today: str) -> Rule | None:
        """Return the rule with that id that is in force on that day, or else the last one with that id."""
        found = [rule for rule in self.rules if rule.id == id]
        return next((rule for rule in found if rule.in_force(today)), found[-1] if found else None)

    @property
    def fields(self) -> tuple[str, ...]:
        """Return the fields that the rules check by name; the reader of records must look them up."""
        return tuple(dict.fromkeys(rule.field for rule in self.rules if rule.field and not rule.retired))

    def reasons_of(self, rule: Rule) -> tuple[Reason, ...]:
        """Return the reasons that the rule offers, in its order."""
        return self._named(rule.reasons)

    def pass_reasons_of(self, rule: Rule) -> tuple[Reason, ...]:
        """Return the reasons of which a pass needs one, in its order."""
        return self._named(rule.pass_reasons)

    def _named(self, codes: Sequence[str]) -> tuple[Reason, ...]:
        by_code = {reason.code: reason for reason in self.reasons}
        return tuple(by_code[code] for code in codes)

    def words(self, rule: Rule) -> tuple[str, ...]:
        """Return the rule's reasons as on the buttons."""
        return tuple(reason.words for reason in self.reasons_of(rule))


def may_meet(one: Applies, other: Applies) -> bool:
    """Return False if no item can satisfy both conditions."""
    for name in ("materials", "locations", "item_types", "tasks"):
        mine, theirs = getattr(one, name), getattr(other, name)
        if mine and theirs and not set(mine) & set(theirs):
            return False
    if max(one.parts_at_least, other.parts_at_least) > min(one.parts_at_most, other.parts_at_most):
        return False
    return all(None in pair or pair[0] == pair[1] for pair in _switches(one, other))


def same_days(one: Rule, other: Rule) -> bool:
    """Return True if there is a day on which both rules are in force."""
    if one.retired or other.retired:
        return False
    begin = max(one.valid_from, other.valid_from)
    ends = [end for end in (one.valid_to, other.valid_to) if end]
    return not ends or begin <= min(ends)


def _switches(one: Applies, other: Applies) -> Sequence[tuple[bool | None, bool | None]]:
    return [
        (getattr(one, name), getattr(other, name))
        for name, default in zip(Applies.__struct_fields__, Applies.__struct_defaults__, strict=True)
        if default is None
    ]
