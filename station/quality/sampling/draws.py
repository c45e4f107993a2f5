"""The draw that selects the items of a lot to check. A pure function of a journaled seed, so that anyone can repeat it.

Each position of the lot, from 1, is appended to the seed after a colon and hashed with SHA-256; the positions with the
smallest hashes are the sample, as many as the plan requires. To repeat it in a shell:

    for i in $(seq 1 LOT); do printf '%s %s\\n' "$(printf '%s:%d' SEED $i | sha256sum | cut -c1-64)" $i; done |
        sort | head -n SAMPLE

Over the seeds, every set of this many positions is equally likely, as the hypergeometric distribution requires.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache


def digest(seed: str, position: int) -> str:
    """Return the position's hash, as hexadecimal digits."""
    return hashlib.sha256(f"{seed}:{position}".encode()).hexdigest()


@lru_cache(maxsize=64)
def sample_of(seed: str, lot: int, sample: int) -> frozenset[int]:
    """Return the positions (from 1) to check. Takes some milliseconds for a lot of thousands; cached for the next
    item."""
    ranked = sorted(range(1, lot + 1), key=lambda position: (digest(seed, position), position))
    return frozenset(ranked[:sample])


def is_drawn(seed: str, lot: int, sample: int, position: int) -> bool:
    """Return True if the item at this position is checked."""
    return position in sample_of(seed, lot, sample)
