"""Mistakes of catalogers in clean genuine items: each is one change of the record, and counted as found or missed."""

from __future__ import annotations

from pathlib import Path
from random import Random

from pymarc import Subfield

from scripts.evidence.mistakes import MISTAKES, Draft, Mistake
from scripts.evidence.recall import recall
from scripts.evidence.records import SEED
from scripts.evidence.seeder import Seeder


def _changes_note(draft: Draft, _: Random) -> bool:
    """Change a word that no rule reads."""
    for field in draft.record.get_fields("500", "520"):
        code, text = field.subfields[0]
        field.subfields[0] = Subfield(code, f"Wonderful. {text}")
        return True
    return False


def test_a_mistake_counts_as_found_only_if_a_new_rule_fails(shared: Path) -> None:
    harmless = Mistake("harmless", "A note has one more word.", False, "needs the piece", "minor", _changes_note)
    known = next(mistake for mistake in MISTAKES if mistake.name == "marc-indicator-undefined")
    seeder = Seeder([shared / "data" / "oclc"], SEED, most=8)
    missed, found = recall(seeder, items=2, mistakes=(harmless, known))
    assert (missed.made > 0, missed.found) == (True, 0)
    assert (found.made, found.found, found.rules) == (2, 2, {"indicators-defined"})


def test_every_mistake_has_its_own_name_and_reason() -> None:
    assert len({mistake.name for mistake in MISTAKES}) == len(MISTAKES)
    assert all(mistake.sentence.endswith(".") and mistake.reason for mistake in MISTAKES)
