"""Whether a rule applies to an item: yes, no, or unknown."""

from __future__ import annotations

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
    known = (
        (when.label_known, bool(item.label_lines)),
        (when.used, bool(facts.gift) or facts.foreign),
        (when.volume, bool(item.description)),
        (when.tag_replaced, bool(facts.replaced)),
        (when.notes, bool(item.notes)),
    )
    if any(wanted is not None and wanted is not there for wanted, there in known):
        return False, ""
    for wanted, there, unknown in (
        (when.several_pieces, several_pieces(facts), NO_MARC),
        (when.accompanying, bool(item.accompanying) or _unless_unread(facts), NO_MARC),
        (when.edition, bool(item.marc.edition) if item.marc else None, NO_MARC),
        (when.leased, facts.leased, "finding.not-said.leased"),
        (when.gift, facts.gift, "finding.not-said.gift"),
        (when.bind_first, facts.bind_first, "finding.not-said.bind-first"),
    ):
        if wanted is None or there is wanted or (there is None and not wanted):
            continue
        return (None, unknown) if there is None else (False, "")
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


def _unless_unread(facts: Facts) -> bool | None:
    """Interpret missing data of field 300: False = there is none; None = the record has not been read."""
    return None if facts.item.marc is None and not facts.item.extent else False
