"""Ctrl-C as a wish: long work stops between two pieces of it instead of being torn apart."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def stoppable(*also: signal.Signals) -> Iterator[Callable[[], bool]]:
    """Inside the block Ctrl-C (and the signals `also`) only make the function that is given say True."""
    stopped: list[int] = []
    before = {one: signal.signal(one, lambda number, _: stopped.append(number)) for one in (signal.SIGINT, *also)}
    try:
        yield lambda: bool(stopped)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def interruptible() -> Iterator[None]:
    """Inside the block, while a person is asked, Ctrl-C ends the question at once: `KeyboardInterrupt`."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
