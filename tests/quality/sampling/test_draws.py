"""The draw is reproducible, and no item is preferred."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.quality.sampling.draws import digest, is_drawn, sample_of
from tests.support.patience import PATIENCE_S

SEED = "00112233445566778899aabbccddeeff"


@given(st.text("0123456789abcdef", min_size=32, max_size=32), st.integers(1, 300), st.data())
def test_a_lot_has_exactly_its_sample(seed: str, lot: int, data: st.DataObject) -> None:
    sample = data.draw(st.integers(0, lot))
    drawn = [position for position in range(1, lot + 1) if is_drawn(seed, lot, sample, position)]
    assert len(drawn) == sample
    assert set(drawn) == sample_of(seed, lot, sample)
    hashes = {position: digest(seed, position) for position in range(1, lot + 1)}
    left = set(hashes) - set(drawn)
    assert not drawn or not left or max(hashes[one] for one in drawn) < min(hashes[one] for one in left)


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="needs sha256sum")
def test_it_is_what_the_shell_lines_of_the_docstring_say() -> None:
    script = (
        "for i in $(seq 1 40); do "
        f"printf '%s %s\\n' \"$(printf '%s:%d' {SEED} $i | sha256sum | cut -c1-64)\" $i; done | sort | head -n 9"
    )
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, timeout=PATIENCE_S).stdout
    assert {int(line.split()[1]) for line in said.splitlines()} == set(sample_of(SEED, 40, 9))


def test_another_seed_is_another_draw() -> None:
    assert sample_of(SEED, 500, 100) != sample_of(SEED[::-1], 500, 100)


@pytest.mark.soak
def test_every_position_and_every_pair_is_drawn_equally_often() -> None:
    """Chi-square over 20,000 fixed seeds: positions of the lot, and pairs of positions; 0.1 % limits by scipy."""
    from scipy.stats import chi2

    lot, sample, seeds = 20, 5, 20_000
    single, pairs = [0] * lot, [[0] * lot for _ in range(lot)]
    for number in range(seeds):
        drawn = sorted(sample_of(f"{number:032x}", lot, sample))
        for at, one in enumerate(drawn):
            single[one - 1] += 1
            for other in drawn[at + 1 :]:
                pairs[one - 1][other - 1] += 1
    expected = seeds * sample / lot
    # without replacement: the counts depend on each other, which reduces the spread of the statistic by (lot - sample)
    # / (lot - 1)
    spread = (lot - sample) / (lot - 1)
    assert sum((count - expected) ** 2 / expected for count in single) / spread < chi2.ppf(0.999, lot - 1)
    both = seeds * sample * (sample - 1) / (lot * (lot - 1))
    cells = [pairs[one][other] for one in range(lot) for other in range(one + 1, lot)]
    assert sum((count - both) ** 2 / both for count in cells) < chi2.ppf(0.999, len(cells) - 1)
