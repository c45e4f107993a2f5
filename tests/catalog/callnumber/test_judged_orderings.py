"""Genuine call numbers in the order of the shelf, as a cataloger judged them: `judged_orderings.toml` says how."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from itertools import chain, pairwise
from pathlib import Path
from typing import Any, Final

import msgspec

from station.base.settings import CallNumbers
from station.catalog.callnumber import sort_key
from station.catalog.callnumber.settings import options
from tests.support.for_each import for_each

JUDGED: Final[dict[str, Any]] = tomllib.loads(Path(__file__).with_name("judged_orderings.toml").read_text("utf-8"))


def neighbors(rows: Iterable[list[str]]) -> list[tuple[str, str, str, str]]:
    """Return (scheme, number, its neighbor on the right, reason) of each pair."""
    return [
        (scheme, left, right, reason)
        for scheme, numbers, reason in rows
        for left, right in pairwise(numbers.split(" | "))
    ]


NEIGHBORS: Final = neighbors(chain.from_iterable(JUDGED["orderings"].values()))


@for_each(("scheme", "left", "right", "reason"), NEIGHBORS + neighbors(JUDGED["later"]["rows"]))
def test_order(scheme: str, left: str, right: str, reason: str) -> None:
    assert sort_key(left, scheme or None) < sort_key(right, scheme or None), reason


@for_each(("option", "scheme", "numbers", "reason"), JUDGED["options"]["rows"])
def test_order_by_option(option: str, scheme: str, numbers: str, reason: str) -> None:
    chosen = options(msgspec.convert({option: True}, CallNumbers))
    keys = [sort_key(number, scheme or None, chosen) for number in numbers.split(" | ")]
    assert keys == sorted(keys), reason
    assert len(set(keys)) == len(keys)


def test_the_judgment_is_large() -> None:
    assert len(set(NEIGHBORS)) == len(NEIGHBORS) >= 300
