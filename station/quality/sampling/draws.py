"""The draw: which items of a lot are looked at. A pure function of a journaled seed, so that anybody can do it again.

Each position of the lot, from 1, is written behind the seed with a colon and hashed with SHA-256; the positions with
the smallest hashes are the sample, as many as the plan says. By hand:

    for i in $(seq 1 LOT); do printf '%s %s\\n' "$(printf '%s:%d' SEED $i | sha256sum | cut -c1-64)" $i; done |
        sort | head -n SAMPLE

Every choice of so many positions is equally likely over the seeds, as the hypergeometric distribution wants it.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache


def digest(seed: str, position: int) -> str:
    """The position's hash, as hexadecimal digits."""
    return hashlib.sha256(f"{seed}:{position}".encode()).hexdigest()


@lru_cache(maxsize=64)
def sample_of(seed: str, lot: int, sample: int) -> frozenset[int]:
    """The positions (from 1) that are looked at. Some milliseconds for a lot of thousands; kept for the next item."""
    ranked = sorted(range(1, lot + 1), key=lambda position: (digest(seed, position), position))
    return frozenset(ranked[:sample])


def is_drawn(seed: str, lot: int, sample: int, position: int) -> bool:
    """True when the item at this position is looked at."""
    return position in sample_of(seed, lot, sample)
