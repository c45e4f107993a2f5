"""The verdict's drawing tells what failed the item from what is a note, and a set in work from a finished item."""

from __future__ import annotations

import msgspec

from station.base.sentence import Sentence
from station.domain.findings import Finding, Outcome, Severity
from station.domain.snapshot import Phase, Snapshot
from station.domain.verdict import Verdict
from station.tui.drawing.verdict import verdict_lines
from tests.support.simulated_bench import CATALOG, DVD

NOTE = Finding("price", "Price", Severity.MINOR, Outcome.FAIL, "machine", Sentence.verbatim("no price in the record"))
WRONG = Finding(
    "spine-label", "Spine label", Severity.MAJOR, Outcome.FAIL, "ann", Sentence.verbatim("a line is missing")
)


def text(snapshot: Snapshot) -> list[str]:
    return [line.plain for line in verdict_lines(snapshot, 80, 20)]


def test_a_note_is_a_note_whatever_the_verdict() -> None:
    failed = text(Snapshot(phase=Phase.DONE, verdict=Verdict.FAIL, findings=(NOTE, WRONG)))
    assert "1 check failed, one note for staff" in failed
    assert any(line.startswith("× Spine label") for line in failed)
    passed = text(Snapshot(phase=Phase.DONE, verdict=Verdict.PASS, findings=(NOTE,)))
    assert "One note for staff:" in passed
    for lines in (failed, passed):
        assert any(line.startswith("i Price") for line in lines)


def test_the_worst_failure_is_the_first() -> None:
    pieces = Finding("pieces-counted", "Pieces", Severity.CRITICAL, Outcome.FAIL, "ann", Sentence.verbatim("one lacks"))
    usage = Finding("language", "Language", Severity.INFO, Outcome.FAIL, "machine", Sentence.verbatim("eng, not fre"))
    failed = text(Snapshot(phase=Phase.DONE, verdict=Verdict.FAIL, findings=(usage, WRONG, NOTE, pieces)))
    assert [line[:9] for line in failed if line[:2] in ("× ", "i ")] == [
        "× Pieces:",
        "× Spine l",
        "i Price: ",
        "i Languag",
    ]


def test_a_set_in_work_shows_its_parts_instead_of_a_large_pass() -> None:
    done = Snapshot(phase=Phase.DONE, verdict=Verdict.PASS, item=CATALOG[DVD])
    open_set = text(msgspec.structs.replace(done, parts_left=(2, 3)))
    assert open_set[0] == "✓ Part 1 · ○ Part 2 · ○ Part 3"
    assert not any("█" in line for line in open_set) and any("█" in line for line in text(done))
