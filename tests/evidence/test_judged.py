"""Genuine records and items that a cataloger has read (judged.toml): each rule says of them what the cataloger says."""

from __future__ import annotations

from functools import cache

from scripts.evidence import corpus
from scripts.evidence.corpus import RULES, Piece
from scripts.evidence.judgments import Case, Judgments
from station.catalog.record import profiles
from station.domain.findings import Outcome
from station.quality.checks.piece_count import record_pieces
from tests.conftest import SHARED, missing
from tests.support.for_each import for_each

CASES = Judgments.read().cases
MACHINE = tuple(rule.id for rule in RULES.rules if rule.by_machine)


def piece_of(case: Case) -> Piece | None:
    """Return the judged item; None = its file is not on this machine."""
    path = corpus.located(case.file)
    found = None if path is None else corpus.source(case.file, path)
    if found is None:
        return None
    record = next(one for one in found.records if one.position == case.position)
    profile = profiles.load(case.profile) if case.profile else found.profile if case.barcode else None
    return corpus.piece_of(record, profile, case.barcode)


@cache
def found() -> tuple[tuple[Case, Piece, dict[str, Outcome]], ...]:
    """Return the judged items of this machine, with the outcome of each rule."""
    if not SHARED.is_dir():
        missing("../shared")
    pieces = ((case, piece_of(case)) for case in CASES)
    return tuple(
        (case, piece, {one.rule: one.outcome for one in corpus.judged(piece)}) for case, piece in pieces if piece
    )


def wrong(case: Case, rule: str, outcome: Outcome) -> str:
    """Return what is wrong with the rule's outcome; "" = the cataloger agrees."""
    if rule in case.either:
        return ""
    failed = outcome is Outcome.FAIL
    if failed is not (rule in case.fails):
        return f"missed: {case.fails[rule]}" if rule in case.fails else "false alarm"
    if rule in case.passes and outcome is not Outcome.PASS:
        return "does not pass"
    return "does not abstain" if rule in case.open and outcome is not Outcome.ABSTAINED else ""


def test_the_judgments_are_of_many_formats_and_systems() -> None:
    assert len({(one.file, one.position, one.barcode) for one in CASES}) == len(CASES) >= 60
    assert sum(bool(one.barcode) for one in CASES) >= 50
    assert all(one.why and not set(one.fails) & {*one.either, *one.passes, *one.open} for one in CASES)


@for_each("rule", MACHINE)
def test_the_rule_says_what_the_cataloger_says(rule: str) -> None:
    said = (
        (f"{case.file}#{case.position} {case.barcode}", wrong(case, rule, outcomes[rule]), case.why)
        for case, _, outcomes in found()
    )
    wrongs = [one for one in said if one[1]]
    assert not wrongs, wrongs


def test_the_number_of_pieces_is_that_of_300() -> None:
    differ = [
        (case.file, case.position, number, case.pieces)
        for case, piece, _ in found()
        if case.pieces is not None and (number := record_pieces(piece.item)) != case.pieces
    ]
    assert not differ
