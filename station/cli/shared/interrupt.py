"""Ctrl-C as a request: long work stops between two of its steps, not within one."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def stoppable(*also: signal.Signals) -> Iterator[Callable[[], bool]]:
    """Within the block, Ctrl-C and the signals `also` only make the yielded function return True."""
    stopped: list[int] = []
    before = {one: signal.signal(one, lambda number, _: stopped.append(number)) for one in (signal.SIGINT, *also)}
    try:
        yield lambda: bool(stopped)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def interruptible() -> Iterator[None]:
    """Within the block, while a person is asked, let Ctrl-C raise `KeyboardInterrupt` at once."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
