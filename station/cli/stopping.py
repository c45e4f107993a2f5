"""Ctrl-C as a wish: long work stops between two pieces of it instead of being torn apart."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Inside the block Ctrl-C only makes the function that is given say True."""
    stopped: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: stopped.append(number))
    try:
        yield lambda: bool(stopped)
    finally:
        signal.signal(signal.SIGINT, before)
