"""Known defects in clean genuine items: the rules find at least 95 of 100, and each that must stop the item."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.evidence.defects import DEFECTS
from scripts.evidence.records import SEED
from scripts.evidence.seeder import Seeder, critical
from tests.conftest import SOAK
from tests.evidence.test_judged import MACHINE

COUNT, MOST = (500, 100_000) if SOAK else (60, 100)
"""Defects, and clean items to try."""
SHARE = 0.95
NOT_HERE = {"pieces-counted"}
"""Rules for which ../shared has no suitable item."""


def test_every_machine_rule_has_a_defect() -> None:
    made_for = {defect.rules[0] for defect in DEFECTS}
    assert set(MACHINE) <= made_for
    assert made_for <= set(MACHINE)
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS)


@pytest.mark.timeout(3600)
def test_the_rules_find_the_defects(shared: Path) -> None:
    seeded = Seeder([shared / "data"], SEED, most=MOST).seeded(COUNT)
    assert len(seeded.seeds) == COUNT
    assert len({(seed.piece.record.file, seed.piece.record.position) for seed in seeded.seeds}) >= COUNT - len(DEFECTS)
    known = [seed for seed in seeded.seeds if seed.defect.rules[0] in MACHINE]
    missed = [
        (seed.defect.name, seed.piece.record.file, seed.piece.record.position) for seed in known if not seed.found
    ]
    assert len(known) - len(missed) >= SHARE * len(known), missed
    stops = [seed for seed in known if seed.defect.rules[0] in critical()]
    assert [seed.defect.name for seed in stops if not seed.found] == []
    if SOAK:
        assert {seed.defect.rules[0] for seed in stops} >= critical() & set(MACHINE) - NOT_HERE


def test_the_same_seed_gives_the_same_defects(shared: Path) -> None:
    one, two = (Seeder([shared / "data" / "oclc"], SEED, most=8).seeded(8) for _ in range(2))
    assert [seed.piece.record[:2] for seed in one.seeds] == [seed.piece.record[:2] for seed in two.seeds]
    assert [seed.failed for seed in one.seeds] == [seed.failed for seed in two.seeds]
