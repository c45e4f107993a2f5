"""Genuine call numbers in the order of the shelf, as a cataloger judged them: `judged_orderings.toml` says how."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Final

from station.catalog.callnumber import sort_key
from tests.support.for_each import for_each

JUDGED: Final = tomllib.loads(Path(__file__).with_name("judged_orderings.toml").read_text("utf-8"))["orderings"]
NEIGHBORS: Final = [
    (scheme, left, right, reason)
    for rows in JUDGED.values()
    for scheme, numbers, reason in rows
    for left, right in pairwise(numbers.split(" | "))
]


@for_each(("scheme", "left", "right", "reason"), NEIGHBORS)
def test_order(scheme: str, left: str, right: str, reason: str) -> None:
    assert sort_key(left, scheme or None) < sort_key(right, scheme or None), reason


def test_the_judgment_is_large() -> None:
    assert len(set(NEIGHBORS)) == len(NEIGHBORS) >= 300
