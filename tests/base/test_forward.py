"""A forwarded port does exactly what its object does, in the thread that the function chooses."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Protocol

import pytest

from station.base.forward import forward
from station.base.mailbox import Owner


class Till(Protocol):
    @property
    def sum(self) -> int: ...

    def put(self, *coins: int, note: str = "") -> str: ...


class OwnTill:
    """Records the thread that used it."""

    def __init__(self) -> None:
        self.sum = 0
        self.threads: set[str] = set()

    def put(self, *coins: int, note: str = "") -> str:
        self.threads.add(threading.current_thread().name)
        if min(coins) < 1:
            raise ValueError("no coin")
        self.sum += sum(coins)
        return note

    def empty(self) -> None:
        raise AssertionError("the port has no such operation")


@pytest.fixture
def owner() -> Iterator[Owner[OwnTill]]:
    made = Owner("till", OwnTill)
    made.start()
    yield made
    made.stop()


def test_a_call_goes_to_the_owners_thread_with_its_arguments(owner: Owner[OwnTill]) -> None:
    till = forward(Till, owner.call)
    assert till.put(2, 3, note="rent") == "rent"
    assert till.sum == 5
    assert owner.call(lambda own: own.threads) == {"till"}


def test_an_error_is_that_of_the_call(owner: Owner[OwnTill]) -> None:
    till = forward(Till, owner.call)
    with pytest.raises(ValueError, match="no coin"):
        till.put(0)
    assert till.sum == 0


@pytest.mark.parametrize("name", ["empty", "threads", "__deepcopy__", "_private"])
def test_a_name_outside_the_port_is_refused(owner: Owner[OwnTill], name: str) -> None:
    assert owner.call(lambda own: hasattr(own, name)) or name.startswith("_")
    with pytest.raises(AttributeError, match=f"Till has no {name}"):
        getattr(forward(Till, owner.call), name)
