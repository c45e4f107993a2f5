"""Examples for the picture of a rule: an invented item that passes, one that fails, and one that a person is asked
about.

The rule is run on both items before anything is drawn, so that a picture shows the rule's behavior, even if a site has
changed it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec

from station.base.sentence import EMPTY, Sentence
from station.domain.findings import Outcome
from station.manual.pictures.items import BASES, CHANGES, TABLES, changed
from station.quality.checks.applies import applies
from station.quality.checks.facts import Facts
from station.quality.checks.judgement import Judgement
from station.quality.checks.table import PREDICATES
from station.quality.rules import Rule

_ANY: Final = "…"
"""Placeholder for any text."""


class Example(NamedTuple):
    """A rule, possibly with a table for the example, and its example items."""

    rule: Rule
    right: Facts | None
    """An item that the rule passes; None = no such item is known."""
    wrong: Facts | None
    """An item that the rule fails."""
    asked: Facts | None
    """An item that a person is asked about."""
    invented: bool = False
    """True if the table is one of `TABLES`."""


def example(rule: Rule) -> Example:
    """Return the examples for the picture of a rule."""
    ways = [rule] if rule.table or rule.table is None else []
    invented = TABLES.get(rule.check) or TABLES.get(rule.id)
    if rule.table is not None and invented:
        ways.append(msgspec.structs.replace(rule, table=invented))
    if rule.table is not None and rule not in ways:
        ways.append(rule)
    for way in ways:
        right, wrong = _judged(way) if way.by_machine else (None, None)
        asked = _asked(way) if way.by_person else None
        if wrong is not None or asked is not None:
            return Example(way, right, wrong, asked, way is not rule)
    return Example(rule, None, None, None)


def _judged(rule: Rule) -> tuple[Facts | None, Facts | None]:
    for change in CHANGES.get(rule.check, ()):
        right = fitted(BASES[change.base], rule)
        value = change.value(rule) if callable(change.value) else change.value
        wrong = changed(right, change.path, value)
        for path, result in change.follows:
            wrong = changed(wrong, path, result)
        if (outcome(rule, right), outcome(rule, wrong)) == (Outcome.PASS, Outcome.FAIL):
            return right, wrong
    return of_field(rule) if rule.check == "field" else (None, None)


def of_field(rule: Rule) -> tuple[Facts | None, Facts | None]:
    """Return a passing and a failing item for a site's rule on one field, made from its operator and values."""
    first = next(iter(rule.values), "").replace("*", "").replace("?", "x")
    low, high = (f"{(rule.limit or 0) + step:g}" for step in (-1, 0))
    values = {
        "present": (_ANY, ""),
        "absent": ("", _ANY),
        "none-of": (_ANY, first),
        "matches-not": (_ANY, first),
        "at-least": (high, low),
        "at-most": (high, f"{(rule.limit or 0) + 1:g}"),
    }.get(rule.operator, (first, _ANY))
    base = fitted(BASES["book"], rule)
    right, wrong = (changed(base, "item.chosen", ((rule.field, (text,) if text else ()),)) for text in values)
    good = (outcome(rule, right), outcome(rule, wrong)) == (Outcome.PASS, Outcome.FAIL)
    return (right, wrong) if good else (None, None)


def _asked(rule: Rule) -> Facts | None:
    fitting = (fitted(base, rule) for base in (BASES["unseen"], *BASES.values()))
    return next((facts for facts in fitting if applies(rule, facts)[0] is True and _is_open(rule, facts)), None)


def _is_open(rule: Rule, facts: Facts) -> bool:
    return rule.ask == "always" or outcome(rule, facts) is Outcome.ABSTAINED


def outcome(rule: Rule, facts: Facts) -> Outcome:
    """Return the machine's outcome, regardless of the day."""
    return judged(rule, facts).outcome


def judged(rule: Rule, facts: Facts) -> Judgement:
    """Return the machine's judgment with its reason."""
    holds, why = applies(rule, facts)
    if holds:
        return PREDICATES[rule.check].run(facts, rule)
    return Judgement(Outcome.ABSTAINED if holds is None else Outcome.NOT_APPLICABLE, Sentence(why) if why else EMPTY)


def fitted(facts: Facts, rule: Rule) -> Facts:
    """Return the item changed to match the rule's lists: a site may have a rule for maps, or for one location."""
    when = rule.applies
    for path, allowed, value in (
        ("item.material", when.materials, facts.item.material),
        ("item.location", when.locations, facts.item.location),
        ("item.item_type", when.item_types, facts.item.item_type),
    ):
        if allowed and value not in allowed:
            facts = changed(facts, path, allowed[0])
    return facts
