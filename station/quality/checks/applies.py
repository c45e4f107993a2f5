"""Whether a rule applies to an item: yes, no, or unknown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from station.quality.checks import piece_count
from station.quality.checks.facts import Facts
from station.quality.checks.judgement import NO_MARC
from station.quality.checks.tag import wanted_of
from station.quality.rules import Rule


def applies(rule: Rule, facts: Facts) -> tuple[bool | None, str]:
    """Return (True, ""), (False, ""), or (None, message key of the reason why it is unknown). Days and retirement are
    not checked here."""
    when, item = rule.applies, facts.item
    listed = (
        (when.materials, item.material),
        (when.locations, item.location),
        (when.item_types, item.item_type),
        (when.tasks, facts.task),
    )
    if any(allowed and value not in allowed for allowed, value in listed):
        return False, ""
    if not when.parts_at_least <= item.parts <= when.parts_at_most:
        return False, ""
    for name, known in _KNOWN:
        wanted = getattr(when, name)
        if wanted is not None and wanted is not known(facts):
            return False, ""
    for name, there, unknown in _ASKED:
        wanted = getattr(when, name)
        if wanted is None:
            continue
        found = there(facts)
        if found is wanted or (found is None and not wanted):
            continue
        return (None, unknown) if found is None else (False, "")
    if rule.table is not None and not rule.check:
        if not rule.table:
            return None, "finding.not-said.table"
        return bool(wanted_of(facts, rule)), ""
    return True, ""


def several_pieces(facts: Facts) -> bool | None:
    """Return True if record, item or tag indicate more than one piece. For a set whose parts come one by one, only its
    first part counts. None = item and tag indicate one piece, and the record has not been read."""
    if facts.part > 1:
        return False
    tag = facts.tag.parts if facts.tag is not None else 1
    if max(facts.item.parts, tag, piece_count.record_pieces(facts.item) or 1) > 1 or facts.item.accompanying:
        return True
    return _unless_unread(facts)


def _accompanying(facts: Facts) -> bool | None:
    return bool(facts.item.accompanying) or _unless_unread(facts)


def _edition(facts: Facts) -> bool | None:
    return bool(facts.item.marc.edition) if facts.item.marc else None


def _unless_unread(facts: Facts) -> bool | None:
    """Interpret missing data of field 300: False = there is none; None = the record has not been read."""
    return None if facts.item.marc is None and not facts.item.extent else False


_KNOWN: Final[tuple[tuple[str, Callable[[Facts], bool]], ...]] = (
    ("label_known", lambda facts: bool(facts.item.label_lines)),
    ("used", lambda facts: bool(facts.gift) or facts.foreign),
    ("volume", lambda facts: bool(facts.item.description)),
    ("tag_replaced", lambda facts: bool(facts.replaced)),
    ("notes", lambda facts: bool(facts.item.notes)),
)
"""Conditions that are always known: name and fact."""
_ASKED: Final[tuple[tuple[str, Callable[[Facts], bool | None], str], ...]] = (
    ("several_pieces", several_pieces, NO_MARC),
    ("accompanying", _accompanying, NO_MARC),
    ("edition", _edition, NO_MARC),
    ("leased", lambda facts: facts.leased, "finding.not-said.leased"),
    ("gift", lambda facts: facts.gift, "finding.not-said.gift"),
    ("bind_first", lambda facts: facts.bind_first, "finding.not-said.bind-first"),
)
"""Conditions that may be unknown: name, fact, and the reason if it is unknown. A fact is found out only if a rule has the
condition."""
