"""The benchmark of the courier counts what the library system counts, and finds a share that is exceeded."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import outbox


def test_most_in_a_second_by_hand() -> None:
    assert outbox.most_in_a_second([0.0, 0.2, 0.999, 1.0, 5.0]) == 3
    assert outbox.most_in_a_second([3.0]) == 1


def test_section_on_the_turned_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small counts; machine-dependent results are not asserted."""
    monkeypatch.setattr(outbox, "_real", lambda *_: None)
    found = outbox.section(tmp_path, 40, 300, 1.0)
    assert found.figures["most in a second, backlog"] == outbox.SHARE
    assert 0.95 <= found.figures["share used, backlog"] <= 1.0
    assert found.figures["start peak bytes"] > 0
