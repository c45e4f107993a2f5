"""Program log: plain lines in a file, for engineers. The journal, not this, is the record of what happened.

What is logged may come from a tag, a record or another program. A message is one line whatever it holds, and what belongs
to it (a traceback, whose last line quotes the error) begins with a mark that no line of the log begins with.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any, Final

from station.base.text import as_drawn, clean

FOLLOWS: Final = "    | "
"""Before each line that belongs to the record above it."""
_LONGEST: Final = 2000
_log = logging.getLogger("station.base.logs")
_watching: list[Callable[[str], object]] = []


class CleanFormatter(logging.Formatter):
    """One line a record; nothing that could act gets through, and no line can be forged."""

    def format(self, record: logging.LogRecord) -> str:
        """The record anew: logging keeps the traceback as the first handler's formatter wrote it, for all that follow."""
        record = copy.copy(record)
        record.exc_text = _marked(record.exc_text) if record.exc_text and not record.exc_info else None
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:
        """The record's own line."""
        return clean(super().formatMessage(record), _LONGEST)

    def formatException(self, ei: Any) -> str:
        """The traceback, marked."""
        return _marked(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:
        """The stack, marked."""
        return _marked(super().formatStack(stack_info))


def _marked(text: str) -> str:
    return "\n".join(FOLLOWS + as_drawn(line)[:_LONGEST] for line in text.splitlines())


class _LogFile(RotatingFileHandler):
    """The file of the log. What it cannot take (a full disk) is lost: left alone, logging prints the error with its traceback
    to stderr, which is the operator's screen. The journal meets the same disk, and says so."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Nothing is printed."""


def configure(path: Path, level: int = logging.INFO) -> None:
    """Send everything under the logger `station` to `path` (5 files of 1 MB at most), and what other packages warn of:
    left alone, logging writes that raw to stderr, which is the operator's screen."""
    handler = _LogFile(path, maxBytes=1_000_000, backupCount=4, encoding="utf-8")
    handler.setFormatter(CleanFormatter("%(asctime)s %(levelname)s %(name)s %(threadName)s %(message)s"))
    ours, others = logging.getLogger("station"), logging.getLogger()
    for logger in (ours, others):
        for old in [one for one in logger.handlers if isinstance(one.formatter, CleanFormatter)]:
            logger.removeHandler(old)
            old.close()
        logger.addHandler(handler)
    ours.setLevel(level)
    ours.propagate = False


# --- what nobody caught ---------------------------------------------------------------------------------------------


def catch_uncaught() -> None:
    """For the process `station`: what no part of it caught, and what `__del__` raised, goes to the log (without one: to
    stderr), clean; Python itself would print an error's own words raw at the operator's terminal. What libraries warn of is
    for the log alone."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(CleanFormatter("%(message)s"))
    logging.captureWarnings(True)
    threading.excepthook = _thread_ended
    sys.excepthook = _process_ended
    sys.unraisablehook = _unraisable


@contextlib.contextmanager
def watching(told: Callable[[str], object]) -> Iterator[None]:
    """Inside, `told` is called with the name of each thread that ends uncaught, from that thread."""
    _watching.append(told)
    try:
        yield
    finally:
        _watching.remove(told)


def _thread_ended(args: threading.ExceptHookArgs) -> None:
    if issubclass(args.exc_type, SystemExit):
        return
    name = args.thread.name if args.thread is not None else "?"
    _ended(f"the thread {name} ended", args.exc_type, args.exc_value, args.exc_traceback)
    for told in tuple(_watching):
        with contextlib.suppress(OSError):  # a terminal that is gone
            told(name)


def _process_ended(kind: type[BaseException], value: BaseException, trace: Any) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        _ended("the process ended", kind, value, trace)


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    _ended(args.err_msg or "ignored", args.exc_type, args.exc_value, args.exc_traceback)


def _ended(what: str, kind: type[BaseException], value: BaseException | None, trace: Any) -> None:
    _log.critical("%s: %s", what, kind.__name__, exc_info=(kind, value or kind(), trace))
