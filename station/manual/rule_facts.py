"""A rule as text: for `station quality rules explain` and for the page generated from all rules."""

from __future__ import annotations

from station.base.words import english, tell
from station.quality.checks.table import PREDICATES
from station.quality.rules import Applies, Catalogue, Rule

_SWITCHES = (
    "several_pieces",
    "accompanying",
    "label_known",
    "leased",
    "gift",
    "bind_first",
    "used",
    "volume",
    "edition",
    "tag_replaced",
    "notes",
)
"""Conditions that are true or false: `rule.if.NAME` and `rule.unless.NAME`."""


PROCESSING_ONLY = ("processing",)
"""Default tasks of a rule, too common to be stated for each."""


def conditions(when: Applies) -> tuple[str, ...]:
    """Return the conditions under which a rule applies, as text; () = always."""
    lines = []
    for name in ("materials", "locations", "item_types", "tasks"):
        allowed = getattr(when, name)
        if allowed and (name, allowed) != ("tasks", PROCESSING_ONLY):
            values = ", ".join(value or tell("rule.unknown") for value in allowed)
            lines.append(tell(f"rule.only.{_key(name)}", said=values))
    if when.parts_at_least > 1:
        lines.append(tell("rule.parts-at-least", number=when.parts_at_least))
    if when.parts_at_most < 255:
        lines.append(tell("rule.parts-at-most", number=when.parts_at_most))
    for name in _SWITCHES:
        wanted = getattr(when, name)
        if wanted is not None:
            lines.append(tell(f"rule.if.{_key(name)}") if wanted else tell(f"rule.unless.{_key(name)}"))
    return tuple(lines)


def facts_of(rule: Rule, catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """Return (key, value) of all data of a rule, without empty values; `name_of` gives the name of a key."""
    predicate = PREDICATES.get(rule.check)
    rows = (
        ("requires", rule.requires),
        ("number", str(rule.number)),
        ("severity", tell(f"correction.list.severity.{rule.severity.value}")),
        ("who", tell(f"rule.who.{rule.how}")),
        ("compared", rule.compares),
        ("applies", "; ".join(conditions(rule.applies)) or tell("rule.always")),
        ("fails", tell(f"rule.fails.{_key(predicate.name)}") if predicate else ""),
        ("needs", tell(f"rule.needs.{_key(predicate.name)}") if predicate and predicate.needs else ""),
        ("codes", ", ".join(rule.codes)),
        ("field", rule.field),
        ("must-be", f"{rule.operator} {' | '.join(rule.values)}".strip()),
        ("limit", "" if rule.limit is None else f"{rule.limit:g}"),
        (f"by-{_key(rule.table_by)}", _table(rule)),  # not for people
        ("asked", tell(f"rule.asked-{rule.ask}", question=rule.question) if rule.by_person else ""),
        ("look", rule.look if rule.by_person else ""),
        ("asked-with", rule.asked_with),
        ("may-not-apply", tell("rule.may-not-apply") if rule.may_not_apply else ""),
        ("sampling", tell("rule.every-item") if rule.always_ask else ""),
        ("reasons", ", ".join(catalogue.words(rule))),
        ("advice", rule.advice),
        ("recheck", tell(f"rule.recheck.{rule.recheck}") if rule.recheck else ""),
        ("contrary", rule.opposite),
        ("owner", rule.owner),
        ("in-force", _days(rule)),
        ("source", rule.source),
    )
    return tuple((name, what) for name, what in rows if what)


def name_of(key: str) -> str:
    """Return the name of a row of `facts_of`."""
    return tell(f"rule.row.{key}")


def english_name_of(key: str) -> str:
    """Return the English name, used as a key of `--json` in every language."""
    return english().tell(f"rule.row.{key}", None, {})  # not for people


def _key(name: str) -> str:
    return name.replace("_", "-")


def _table(rule: Rule) -> str:
    if rule.table is None:
        return ""
    return ", ".join(f"{code}: {wanted}" for code, wanted in rule.table.items()) or tell("rule.table-open")


def _days(rule: Rule) -> str:
    if rule.retired:
        return tell("rule.state.retired")
    if rule.valid_to:
        return tell("rule.from-to", first=rule.valid_from, last=rule.valid_to)
    return tell("rule.state.from", day=rule.valid_from)
