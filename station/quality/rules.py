"""Rules as dated data: the values. How a file of them is read, and refused, is in `rulebook.file`.

The numbers are those of the rule catalogue in processing-and-quality.md section 4.6; a number may have several rules (what
the station sees and what a person sees of the same thing).
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
"""The taxonomy of errors, section 4.2."""
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
NUMBERS: Final = range(1, 53)
"""The catalogue's numbers; a site numbers its own rules from 100."""


class Applies(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a rule applies: every condition given must hold; one that is left out always holds.

    A condition that asks for true where nobody knows makes the rule abstain; one that asks for false then holds.
    """

    materials: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    item_types: tuple[str, ...] = ()
    tasks: Annotated[tuple[Literal["processing", "withdrawal", "lease-return"], ...], Meta(min_length=1)] = (
        "processing",
    )
    """What is being done: a rule is for the work on a new item unless it says otherwise."""
    parts_at_least: Annotated[int, Meta(ge=1, le=255)] = 1
    parts_at_most: Annotated[int, Meta(ge=1, le=255)] = 255
    several_pieces: bool | None = None
    """True: record, item or tag say that there is more than one piece."""
    accompanying: bool | None = None
    """True: only items with accompanying material (300 $e)."""
    label_known: bool | None = None
    """True: only items whose spine label is known."""
    leased: bool | None = None
    gift: bool | None = None
    bind_first: bool | None = None
    """True: the item goes to the bindery before it is stamped."""
    used: bool | None = None
    """True: a gift, or its tag was another library's: there may be other libraries' marks on it."""
    volume: bool | None = None
    """True: the item is a volume or part with a designation of its own."""
    edition: bool | None = None
    """True: the record states an edition (250)."""
    tag_replaced: bool | None = None
    """True: the item had another tag before."""
    notes: bool | None = None
    """True: the item has notes for whoever handles it."""


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule of the catalogue."""

    id: Id
    number: Annotated[int, Meta(ge=1, le=9999)]
    family: Family
    title: Line
    """What is right, as a sentence."""
    compares: Line
    severity: Severity
    how: Literal["machine", "person", "both"]
    check: str = ""
    """What the machine does: the name of a predicate in `quality.checks.table`."""
    codes: tuple[str, ...] = ()
    """For the predicates that take codes."""
    limit: float | None = None
    """For the predicates that take a limit."""
    field: Annotated[str, Meta(max_length=60)] = ""
    """For the check "field": what is looked at (`quality.checks.site_fields`)."""
    operator: Literal[
        "", "present", "absent", "equals", "one-of", "none-of", "matches", "matches-not", "at-least", "at-most"
    ] = ""
    """How the field should be."""
    values: Annotated[tuple[Annotated[str, Meta(max_length=200)], ...], Meta(max_length=100)] = ()
    table: dict[str, str] | None = None
    """What this library wants, by code of `table_by`; "*" = any other. Empty = the site has not said, so the rule abstains;
    left out = the rule needs no table."""
    table_by: Literal["location", "material", "item_type"] = "location"
    question: Annotated[str, Meta(max_length=200)] = ""
    """What a person is asked. `{part}`, `{parts}` and `{wanted}` (from the table) are filled in."""
    look: Annotated[str, Meta(max_length=120)] = ""
    """The same in a few words, where it is asked together with others."""
    asked_with: str = ""
    """Id of the rule whose question this one is asked with: one tap for both."""
    ask: Literal["always", "open"] = "always"
    """"open": a person is asked only where the machine cannot know."""
    expectation: Literal["", "title", "label", "pieces", "set", "donor", "lease", "notes", "measure"] = ""
    """What is shown to compare with."""
    sketch: str = ""
    """Name of the drawing that is shown (`quality.sketches`)."""
    reasons: tuple[str, ...] = ()
    """Codes of the reasons offered for a fail."""
    by_scan: bool = False
    """A scan of the label's own text answers it, too."""
    may_not_apply: bool = False
    """A person may answer that the rule does not apply to this item: for what `applies` cannot know. Never of a critical
    rule."""
    always_ask: bool = False
    """A person is asked for every item, whatever the sampling plan says."""
    recheck: Literal["", "none", "person"] = ""
    """Who looks again at a fail that a person found, once it is mended: "person" = somebody else than the one who mended
    it. "" = "person" for a critical rule, else "none". What the machine found, the machine rechecks."""
    opposite: str = ""
    """Id of a rule that asks for the contrary: the two may never apply to one item."""
    applies: Applies = Applies()
    advice: Annotated[str, Meta(max_length=300)] = ""
    """How it is mended."""
    source: Annotated[str, Meta(max_length=200)] = ""
    owner: Line = "Technical Services"
    valid_from: Day = "2026-01-01"
    valid_to: Day = ""
    retired: bool = False

    def in_force(self, today: str) -> bool:
        """True on a day (ISO 8601 date) within the rule's validity."""
        return not self.retired and self.valid_from <= today and (not self.valid_to or today <= self.valid_to)

    @property
    def by_machine(self) -> bool:
        """The station looks."""
        return self.how != "person"

    @property
    def by_person(self) -> bool:
        """A person is asked, at least sometimes."""
        return self.how != "machine"


class Reason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way in which something can be wrong, as offered at the bench and counted afterwards."""

    code: Id
    family: Family
    words: Annotated[str, Meta(min_length=1, max_length=24)]
    """As on the button."""


class Catalogue(msgspec.Struct, frozen=True):
    """Rules and reasons, ready for use: every reference in it has been checked."""

    rules: tuple[Rule, ...]
    reasons: tuple[Reason, ...]

    @property
    def digest(self) -> str:
        """SHA-256 over all of it, hexadecimal: another one means that the rules were changed."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).hexdigest()

    def texts(self, today: str) -> RulesInForce:
        """What the journal keeps of the rules of that day."""
        rules = (
            RuleText(one.id, one.number, one.title, one.severity, one.compares, one.question, one.look, one.advice)
            for one in self.in_force(today)
        )
        return RulesInForce(digest=self.digest, day=today, rules=tuple(rules))

    def in_force(self, today: str) -> tuple[Rule, ...]:
        """The rules of that day, in their order."""
        return tuple(rule for rule in self.rules if rule.in_force(today))

    def rule(self, id: str, today: str) -> Rule | None:
        """The rule with that id that is in force, or the last one that was."""
        found = [rule for rule in self.rules if rule.id == id]
        return next((rule for rule in found if rule.in_force(today)), found[-1] if found else None)

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that its rules look at by name: whoever reads records must look them up."""
        return tuple(dict.fromkeys(rule.field for rule in self.rules if rule.field and not rule.retired))

    def words(self, rule: Rule) -> tuple[str, ...]:
        """The rule's reasons as on the buttons."""
        by_code = {reason.code: reason.words for reason in self.reasons}
        return tuple(by_code[code] for code in rule.reasons)


def may_meet(one: Applies, other: Applies) -> bool:
    """False if no item can satisfy both."""
    for name in ("materials", "locations", "item_types", "tasks"):
        mine, theirs = getattr(one, name), getattr(other, name)
        if mine and theirs and not set(mine) & set(theirs):
            return False
    if max(one.parts_at_least, other.parts_at_least) > min(one.parts_at_most, other.parts_at_most):
        return False
    return all(None in pair or pair[0] == pair[1] for pair in _switches(one, other))


def same_days(one: Rule, other: Rule) -> bool:
    """True if there is a day on which both are in force."""
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
