"""Every genuine record goes through all rules, and every rule gives an outcome with its reason."""

from __future__ import annotations

from pathlib import Path

from scripts.evidence import corpus
from scripts.evidence.corpus import DAY, RULES, SITE
from station.domain.findings import Outcome
from station.quality.checks.facts import Facts
from station.quality.verdict.checklist import checks
from tests.conftest import SOAK


def test_every_genuine_record_goes_through_all_rules(shared: Path) -> None:
    machine = {rule.id for rule in RULES.rules if rule.by_machine}
    count = 0
    for name, path in corpus.files([shared / "data" / "marc"]):
        source = corpus.source(name, path)
        assert source is not None and source.rejected == 0, name
        count += len(source.records)
        for record in source.records[:: 1 if SOAK else 4]:
            for piece in corpus.pieces_of(record, None):
                found = corpus.judged(piece)
                assert machine <= {finding.rule for finding in found}, "every rule has an outcome"
                for finding in found:
                    assert bool(finding.reason) is (finding.outcome in (Outcome.FAIL, Outcome.ABSTAINED)), finding
                assert 1 <= len(checks(RULES, Facts(item=piece.item, site=SITE), DAY)) <= 6
    assert count == 639
