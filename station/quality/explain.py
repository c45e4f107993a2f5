"""A rule in words: for `station quality rules explain` and for the page that is made of all of them."""

from __future__ import annotations

from station.quality.machine import PREDICATES
from station.quality.rules import Applies, Catalogue, Rule
from station.quality.sketches import sketch

_HOW = {"machine": "the station alone", "person": "a person", "both": "station and person"}
_SWITCHES = {
    "several_pieces": ("there is more than one piece", "there is one piece only"),
    "accompanying": ("there is accompanying material (300 $e)", "there is no accompanying material (300 $e)"),
    "label_known": ("a label is expected", "no label is expected"),
    "leased": ("it is leased", "it is not known to be leased"),
    "gift": ("it is a gift", "it is not known to be a gift"),
    "bind_first": ("it is to be bound first", "it is not known to be bound first"),
    "used": ("it may carry other libraries' marks: a gift, or its tag was another library's", "it came new"),
    "volume": ("the item has a volume, part or disc designation", "it has none"),
    "edition": ("the record states an edition (250)", "the record states no edition"),
    "tag_replaced": ("the item had another tag before", "the item had no other tag"),
    "notes": ("the item has notes", "the item has no notes"),
}


def conditions(when: Applies) -> tuple[str, ...]:
    """When a rule applies, in words; () = always."""
    found = []
    for name, word in (
        ("materials", "material"),
        ("locations", "location"),
        ("item_types", "item type"),
        ("tasks", "task"),
    ):
        allowed = getattr(when, name)
        if allowed:
            found.append(f"{word} {', '.join(value or '(unknown)' for value in allowed)}")
    if when.parts_at_least > 1:
        found.append(f"at least {when.parts_at_least} parts")
    if when.parts_at_most < 255:
        found.append(f"at most {when.parts_at_most} parts")
    for name, (yes, no) in _SWITCHES.items():
        wanted = getattr(when, name)
        if wanted is not None:
            found.append(yes if wanted else no)
    return tuple(found)


def facts_of(rule: Rule, catalogue: Catalogue) -> tuple[tuple[str, str], ...]:
    """(name, what) of everything about a rule, what is empty left out."""
    predicate = PREDICATES.get(rule.check)
    always = "always" if rule.ask == "always" else "where the station cannot know"
    rows = (
        ("Number", str(rule.number)),
        ("Severity", rule.severity.value),
        ("Who looks", _HOW[rule.how]),
        ("Compared", rule.compares),
        ("Applies when", "; ".join(conditions(rule.applies)) or "always"),
        ("Fails when", predicate.fails if predicate else ""),
        ("Abstains without", predicate.needs if predicate else ""),
        ("Looks for", ", ".join(rule.codes)),
        ("Limit", "" if rule.limit is None else f"{rule.limit:g}"),
        ("By " + rule.table_by.replace("_", " "), _table(rule)),
        ("Asked", f"{rule.question} ({always})" if rule.by_person else ""),
        ("In a few words", rule.look if rule.by_person else ""),
        ("One tap with", rule.asked_with),
        ("Sampling", "asked for every item" if rule.always_ask else ""),
        ("Reasons", ", ".join(catalogue.words(rule))),
        ("How to mend", rule.advice),
        ("Recheck", rule.recheck),
        ("Contrary", rule.opposite),
        ("Owner", rule.owner),
        ("In force", _days(rule)),
        ("Source", rule.source),
    )
    return tuple((name, what) for name, what in rows if what)


def _table(rule: Rule) -> str:
    if rule.table is None:
        return ""
    said = ", ".join(f"{code}: {wanted}" for code, wanted in rule.table.items())
    return said or "the site has not said; until it does the rule abstains"


def _days(rule: Rule) -> str:
    if rule.retired:
        return "retired"
    end = f"to {rule.valid_to}" if rule.valid_to else ""
    return f"from {rule.valid_from} {end}".strip()


def picture(rule: Rule) -> tuple[str, ...]:
    """The rule's drawing, line by line; () where it has none."""
    return sketch(rule.sketch)
