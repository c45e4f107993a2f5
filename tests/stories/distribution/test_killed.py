"""kill -9 while boxes are packed, closed and received: each act is done or not, and doing the rest gives the same journal."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.stories.distribution import killed_packer
from tests.stories.receiving.test_killed import killed_everywhere

RECEIVED = 5
"""The act by which a site receives a box; those before it pack and close it."""


def killed(folder: Path, points: int, monkeypatch: pytest.MonkeyPatch) -> Counter[int]:
    module, acts = killed_packer.__name__, killed_packer.ACTS
    return killed_everywhere(folder, points, monkeypatch, module, killed_packer.act, acts, RECEIVED)


def test_a_killed_packer_leaves_no_half_of_an_act(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sum(killed(tmp_path, 4, monkeypatch).values()) == 4


@pytest.mark.soak
def test_a_killed_packer_leaves_no_half_of_an_act_at_50_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted = killed(tmp_path, 50, monkeypatch)
    assert sum(interrupted.values()) == 50 and interrupted.keys() >= set(range(len(killed_packer.ACTS))), interrupted
