"""The machine checks: one function a predicate, found by its name in the rule file. A table, walked by one test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from station.model import Outcome
from station.quality.facts import Facts


class Judgement(msgspec.Struct, frozen=True):
    """Outcome of one predicate; `reason` is a sentence for a fail or an abstention."""

    outcome: Outcome
    reason: str = ""


_PASS = Judgement(Outcome.PASS)


def _fail(reason: str) -> Judgement:
    return Judgement(Outcome.FAIL, reason)


def _abstain(reason: str) -> Judgement:
    return Judgement(Outcome.ABSTAINED, reason)


def single_tag(facts: Facts) -> Judgement:
    """Rule 9: exactly one tag answered."""
    if facts.tags_in_field is None:
        return _abstain("no tag was read")
    return _PASS if facts.tags_in_field == 1 else _fail(f"{facts.tags_in_field} tags answered")


def tag_identifier(facts: Facts) -> Judgement:
    """Rule 10: primary item identifier on the tag = barcode."""
    if facts.tag is None:
        return _abstain("no tag was read")
    if facts.tag.primary_item_identifier == facts.item.barcode:
        return _PASS
    return _fail(f"the tag says {facts.tag.primary_item_identifier or 'nothing'}")


def tag_owner(facts: Facts) -> Judgement:
    """Rule 11: owner institution on the tag = our ISIL."""
    if facts.tag is None or not facts.isil:
        return _abstain("no tag was read" if facts.tag is None else "library.isil is not set")
    if facts.tag.owner_institution == facts.isil:
        return _PASS
    return _fail(f"the tag says {facts.tag.owner_institution or 'nothing'}")


def tag_set(facts: Facts) -> Judgement:
    """Rule 12: set information on the tag = this part of this set."""
    if facts.tag is None:
        return _abstain("no tag was read")
    expected = (facts.part, facts.item.parts)
    found = (facts.tag.part, facts.tag.parts)
    return _PASS if found == expected else _fail(f"the tag says part {found[0]} of {found[1]}")


def tag_security(facts: Facts) -> Judgement:
    """Rule 14: AFI = in stock."""
    if facts.afi is None:
        return _abstain("no tag was read")
    if facts.afi == facts.afi_in_stock:
        return _PASS
    return _fail(f"AFI is {facts.afi:02X}, not {facts.afi_in_stock:02X}")


def call_number_complete(facts: Facts) -> Judgement:
    """Rule 24: class and, for LC, Dewey, NLM and ANSCR, something that follows it (cutter, terms)."""
    item = facts.item
    if not item.call_number:
        return _fail("the record has no call number")
    if item.call_number_scheme not in ("lc", "dewey", "nlm", "anscr"):
        return _abstain("the scheme does not say what is complete")
    parts = item.call_number.replace(".", " .").split()
    lettered = [any(char.isalpha() for char in part) for part in parts]
    if item.call_number_scheme == "dewey":
        # The class begins with a digit; a prefix ("REF", "J") may stand before it.
        at = next((at for at, part in enumerate(parts) if part[0].isdigit()), len(parts))
        complete = any(lettered[at + 1 :])
    else:
        complete = sum(lettered) >= 2
    return _PASS if complete else _fail(f"{item.call_number}: the cutter is missing")


def oversize_location(facts: Facts) -> Judgement:
    """Rule 29: taller than the limit if and only if in an oversize location."""
    height = facts.item.height_cm
    if height is None:
        return _abstain("the record gives no height")
    tall = height > facts.oversize_cm
    placed = facts.item.location in facts.oversize_locations
    if tall == placed:
        return _PASS
    if tall:
        return _fail(f"{height:g} cm is oversize, but the location is {facts.item.location or 'not given'}")
    return _fail(f"{height:g} cm is not oversize, but the location is {facts.item.location}")


def label_fits(facts: Facts) -> Judgement:
    """Rule 32: no line is wider than the label stock, and there are not more lines than it takes."""
    problems = facts.item.label_problems
    return _fail(" ".join(problems)) if problems else _PASS


def accompanying_parts(facts: Facts) -> Judgement:
    """Rule 38: 300 $e present but the item has one part only."""
    if not facts.item.accompanying:
        return _PASS
    if facts.item.parts >= 2:
        return _PASS
    return _fail(f"the record names {facts.item.accompanying}, but the item has 1 part")


def price_present(facts: Facts) -> Judgement:
    """Rule 47: a price for replacement."""
    return _PASS if facts.item.price else _fail("no price in the record")


PREDICATES: Final[dict[str, Callable[[Facts], Judgement]]] = {
    check.__name__: check
    for check in (
        single_tag,
        tag_identifier,
        tag_owner,
        tag_set,
        tag_security,
        call_number_complete,
        oversize_location,
        label_fits,
        accompanying_parts,
        price_present,
    )
}
