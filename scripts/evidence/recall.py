"""What the rules find of mistakes that catalogers make, listed by someone who had not read the rules (`mistakes`).

Each kind is made in some clean genuine items, one at a time. It is found if a rule fails that did not fail before, or if
the item's barcode is no longer in the record. Only the record and its item are judged, before the item is on the pad: what
a label, a tag or a person at the bench would show is not known.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Final, NamedTuple

from pymarc import Record

from scripts.evidence.mistakes import MISTAKES, SEED, Draft, Mistake
from scripts.evidence.seeder import Clean, Seeder, failed, piece_of_record
from station.catalog.marc import marc
from station.quality.checks.facts import Facts

ITEMS: Final = 20
"""Items in which each kind of mistake is made."""
_BARCODE_LOST: Final = frozenset({"barcode-known"})
"""The rule that fails at the bench if no record has the barcode."""


class Recall(NamedTuple):
    """One kind of mistake: the number of items in which it was made and found, and the rules that found it."""

    mistake: Mistake
    made: int
    found: int
    rules: frozenset[str]


def recall(seeder: Seeder, *, items: int = ITEMS, mistakes: Sequence[Mistake] = MISTAKES) -> tuple[Recall, ...]:
    """Make each kind of mistake in this number of clean items."""
    clean_items = seeder.clean_items()
    return tuple(_recall(mistake, clean_items, seeder, items) for mistake in mistakes)


def _recall(mistake: Mistake, clean_items: Sequence[Clean], seeder: Seeder, items: int) -> Recall:
    made = found = 0
    rules: frozenset[str] = frozenset()
    order = list(clean_items)
    Random(f"{SEED} {mistake.name}").shuffle(order)
    for clean in order:
        if made == items:
            break
        record = marc.parse(clean.raw)
        random = Random(f"{SEED} {mistake.name} {clean.piece.record.file} {clean.piece.record.position}")
        if not mistake.seed(Draft(record, clean.profile, clean.piece.barcode), random):
            continue
        new = _failed(seeder, clean, record) - _failed(seeder, clean, marc.parse(clean.raw))
        made, found, rules = made + 1, found + bool(new), rules | new
    return Recall(mistake, made, found, rules)


def _failed(seeder: Seeder, clean: Clean, record: Record) -> frozenset[str]:
    """Return the rules that fail on the item of this record."""
    piece = piece_of_record(clean.piece, record, clean.profile)
    if piece is None:
        return _BARCODE_LOST
    return failed(seeder.rules, Facts(item=piece.item, site=clean.facts.site))


def table(results: Sequence[Recall]) -> list[str]:
    """Return the lines of the table in docs/evidence.md, and below it the kinds by name."""
    proved = [result for result in results if result.mistake.proved_by_record]
    others = [result for result in results if not result.mistake.proved_by_record]
    rows = [("all that the record proves", proved)]
    for severity in ("critical", "major", "minor"):
        rows.append((f"... of them {severity}", [result for result in proved if result.mistake.severity == severity]))
    rows.append(("what the record does not prove", others))
    lines = ["| mistakes | kinds | made | found | share |", "|---|---|---|---|---|", *(_row(*row) for row in rows)]
    named = (
        ("Always found", [result for result in proved if result.found == result.made > 0]),
        ("Missed (found of made)", [result for result in proved if result.found < result.made]),
        ("Not proved by the record (found of made)", [result for result in others if result.made]),
        ("No clean item has a place for", [result for result in results if not result.made]),
    )
    for words, group in named:
        names = (f"`{one.mistake.name}`{f' {one.found} of {one.made}' if 'of' in words else ''}" for one in group)
        lines += ["", f"{words}: {', '.join(names)}."] if group else []
    return lines


def _row(words: str, results: Sequence[Recall]) -> str:
    made, found = sum(result.made for result in results), sum(result.found for result in results)
    share = f"{found / made:.1%}" if made else ""
    return f"| {words} | {len(results)} | {made} | {found} | {share} |"
