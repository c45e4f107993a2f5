"""Sorting of call numbers: the same sample every time, and both orders compared."""

from __future__ import annotations

import pytest

from benchmarks import callnumbers
from station.catalog.callnumber import Scheme, parse


def test_sample_is_the_same_every_time_and_lc() -> None:
    numbers = callnumbers.sample(300)
    assert numbers == callnumbers.sample(300)
    assert len(set(numbers)) == 300
    assert {parse(number).scheme for number in numbers} == {Scheme.LC}


def test_section_compares_both_orders() -> None:
    found = callnumbers.section(200, 20)
    assert found.figures["numbers"] == 200
    assert found.figures["few"] == 20
    assert found.figures["times as fast"] == found.figures["pycallnumber s"] / found.figures["sort of few s"]
    assert [row.beside != "" for row in found.rows] == [False, True]


def test_another_order_is_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callnumbers, "_their_key", lambda text: text[::-1])
    with pytest.raises(RuntimeError, match="differ"):
        callnumbers.section(200, 50)
