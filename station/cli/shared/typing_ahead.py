"""Keys that are typed before the screens appear: not echoed, and dropped."""

from __future__ import annotations

import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def typing_ahead_dropped() -> Iterator[Callable[[], None]]:
    """Switch the terminal's echo off at once. Yield a function that drops the keys typed so far. At the end, drop them
    again, and restore the terminal. Ctrl-C works as usual. Without a terminal, do nothing."""
    if not sys.stdin.isatty():
        yield lambda: None
        return
    line = sys.stdin.fileno()
    before = termios.tcgetattr(line)
    quiet = [*before]
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    termios.tcsetattr(line, termios.TCSANOW, quiet)
    try:
        yield lambda: termios.tcflush(line, termios.TCIFLUSH)
    finally:
        with suppress(termios.error):  # the terminal is gone
            termios.tcsetattr(line, termios.TCSAFLUSH, before)
