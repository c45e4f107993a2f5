"""Publish frozen values to many subscribers, from any thread to any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Bus(Generic[T]):
    """Keeps the newest value and passes each new one to every subscriber, in the publisher's thread.

    Subscribers must only pass the value on (post a message, put it in a queue); they must not block.
    """

    def __init__(self, first: T) -> None:
        self._lock = threading.Lock()
        self._latest = first
        self._subscribers: list[Callable[[T], None]] = []

    @property
    def latest(self) -> T:
        """Return the newest value."""
        with self._lock:
            return self._latest

    def publish(self, value: T) -> None:
        """Make `value` the newest and pass it to the subscribers."""
        with self._lock:
            self._latest = value
            subscribers = tuple(self._subscribers)
        for subscriber in subscribers:
            subscriber(value)

    def subscribe(self, subscriber: Callable[[T], None]) -> Callable[[], None]:
        """Call `subscriber` with every later value. Return a function that ends the subscription."""
        with self._lock:
            self._subscribers.append(subscriber)

        def unsubscribe() -> None:
            with self._lock:
                if subscriber in self._subscribers:
                    self._subscribers.remove(subscriber)

        return unsubscribe
