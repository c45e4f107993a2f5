"""Rules as dated data. A rule file is TOML: one `[[rule]]` table a rule; a bad one is refused with file and rule.

The numbers are those of the rule catalogue that the project started from (docs/quality.md lists them).
"""

from __future__ import annotations

import tomllib
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from station.errors import SettingsError
from station.model import Severity

Day = Annotated[str, Meta(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
"""ISO 8601 date, compared as text; empty = no limit."""


class Applies(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a rule applies: every condition given must hold; an empty one always holds."""

    materials: tuple[str, ...] = ()
    locations: tuple[str, ...] = ()
    parts_at_least: int = 1
    accompanying: bool | None = None
    """True: only items with accompanying material (300 $e)."""
    label_known: bool | None = None
    """True: only items whose spine label is known."""


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule of the catalogue."""

    id: Annotated[str, Meta(min_length=1)]
    number: int
    title: str
    compares: str
    severity: Severity
    how: Literal["machine", "person"]
    check: str = ""
    """Machine rules: the name of the predicate in `quality.machine`."""
    question: str = ""
    """Person rules: what is asked. `{part}` and `{parts}` are filled in."""
    expectation: Literal["", "title", "label", "pieces", "set"] = ""
    """Person rules: what is shown to compare with."""
    reasons: tuple[str, ...] = ()
    """Person rules: reasons offered for a fail."""
    always_ask: bool = False
    """Person rules: asked for every item, whatever the sampling plan says."""
    recheck: Literal["", "none", "person"] = ""
    """Who looks again at a fail that a person found, once it is mended: "person" = somebody else than the one who mended
    it. "" = "person" for a critical rule, else "none". What the machine found, the machine rechecks."""
    applies: Applies = Applies()
    owner: str = "Technical Services"
    valid_from: Day = "2026-01-01"
    valid_to: Day = ""
    retired: bool = False

    def in_force(self, today: str) -> bool:
        """True on a day (ISO 8601 date) within the rule's validity."""
        return not self.retired and self.valid_from <= today and (not self.valid_to or today <= self.valid_to)


def parse(text: str, source: str, predicates: frozenset[str]) -> tuple[Rule, ...]:
    """Read a rule file; raises `SettingsError` naming file and rule for anything that is not a sound rule.

    `predicates` are the names of the machine checks that exist.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{source}: not valid TOML: {error}") from error
    if set(raw) - {"rule"} or not isinstance(raw.get("rule", []), list):
        raise SettingsError(f"{source}: only [[rule]] tables may stand here, found {', '.join(sorted(raw))}")
    rules: dict[str, Rule] = {}
    for position, table in enumerate(raw.get("rule", []), 1):
        rule = _one(table, f"{source}: rule {position}", predicates)
        if rule.id in rules:
            raise SettingsError(f"{source}: rule {position}: the id {rule.id!r} stands twice")
        rules[rule.id] = rule
    return tuple(rules.values())


def merge(shipped: tuple[Rule, ...], site: tuple[Rule, ...]) -> tuple[Rule, ...]:
    """The site's rules replace shipped ones of the same id; new ones follow in their order."""
    by_id = {rule.id: rule for rule in shipped}
    by_id.update({rule.id: rule for rule in site})
    return tuple(by_id.values())


def _one(table: Any, where: str, predicates: frozenset[str]) -> Rule:
    name = table.get("id", "?") if isinstance(table, dict) else "?"
    try:
        rule = msgspec.convert(table, Rule)
    except msgspec.ValidationError as error:
        raise SettingsError(f"{where} ({name}): {error}") from error
    if rule.how == "machine" and rule.check not in predicates:
        known = ", ".join(sorted(predicates))
        raise SettingsError(f"{where} ({rule.id}): no machine check is called {rule.check!r}; known are {known}")
    if rule.how == "person" and (not rule.question or not rule.reasons):
        raise SettingsError(f"{where} ({rule.id}): a person's rule needs a question and reasons")
    return rule
