"""A test of many small cases runs them all and names each one that failed."""

from __future__ import annotations

import pytest

from tests.support.for_each import for_each


def test_every_case_is_tried_and_each_failure_is_named() -> None:
    tried = []

    @for_each("number, word", [(1, "a"), pytest.param(2, "b", id="two"), (3, "c")])
    def example(number: int, word: str, limit: int) -> None:
        tried.append(word)
        assert number < limit

    with pytest.raises(ExceptionGroup, match="2 of 3 cases failed") as failed:
        example(limit=2)
    assert tried == ["a", "b", "c"]
    assert [one.__notes__ for one in failed.value.exceptions] == [
        ["case: number=2, word='b'"],
        ["case: number=3, word='c'"],
    ]
    example(limit=4)


@pytest.fixture
def limit() -> int:
    return 3


@for_each("one", [1, 2])
@for_each("other", [0, 1])
def test_every_pair_of_cases_meets_the_fixture(one: int, other: int, limit: int) -> None:
    assert one + other <= limit


def test_no_case_is_a_failure() -> None:
    with pytest.raises(AssertionError, match="no case"):
        for_each("one", [])(lambda one: None)()


def test_a_case_with_a_mark_is_refused() -> None:
    with pytest.raises(AssertionError, match="needs a separate test"):
        for_each("one", [pytest.param(1, marks=pytest.mark.soak)])(lambda one: None)()
