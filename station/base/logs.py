"""Program log: plain lines in a file, for engineers, in shipped English. The record of events is the journal, not this
log.

Logged text may come from a tag, a record or another program. Every message is one line. Lines that belong to it (a
traceback, whose last line quotes the error) begin with a mark that no other line of the log begins with.
"""

from __future__ import annotations

import contextlib
import copy
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from station.base.errors import StationError, StoreReadOnly
from station.base.sentence import Sentence
from station.base.text import as_drawn, clean
from station.base.words import in_english, tell

FOLLOWS: Final = "    | "
"""Prefix of each line that belongs to the record above it."""
_LONGEST: Final = 2000
_log = logging.getLogger("station.base.logs")
_watching: list[Callable[[str], object]] = []


class CleanFormatter(logging.Formatter):
    """Writes one line per record. No control character passes, and no line can be forged."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a copy of the record, because logging caches the traceback as written by the first handler's
        formatter."""
        record = copy.copy(record)
        record.exc_text = _marked(record.exc_text) if record.exc_text and not record.exc_info else None
        with in_english():
            record.msg = _told(record.msg)
            if isinstance(record.args, tuple):
                record.args = tuple(map(_told, record.args))
            return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the record's own line, cleaned."""
        return clean(super().formatMessage(record), _LONGEST)

    def formatException(self, ei: Any) -> str:
        """Return the traceback with marked lines. The last line names the error in shipped English."""
        text, error = super().formatException(ei), ei[1]
        if isinstance(error, StationError):
            text = text.removesuffix(str(error)) + _told(error)
        return _marked(text)

    def formatStack(self, stack_info: str) -> str:
        """Return the stack with marked lines."""
        return _marked(super().formatStack(stack_info))


def _told(value: object) -> Any:
    """Return a sentence, or an error with its code, as text; any other value as it is."""
    if isinstance(value, StationError):
        value = value.coded_detail
    return tell(value) if isinstance(value, Sentence) else value


def _marked(text: str) -> str:
    return "\n".join(FOLLOWS + as_drawn(line)[:_LONGEST] for line in text.splitlines())


def configure(path: Path, level: int = logging.INFO) -> None:
    """Send everything under the logger `station`, and warnings of other packages, to `path` (at most 5 files of 1 MB).
    By default, logging would write those warnings unchanged to stderr, which is the operator's screen. Raises
    `StoreReadOnly` if the file cannot be opened."""
    from station.base.log_file import LogFile

    try:
        handler = LogFile(path, maxBytes=1_000_000, backupCount=4, encoding="utf-8")
    except OSError as error:
        raise StoreReadOnly(str(error)) from error
    handler.setFormatter(CleanFormatter("%(asctime)s %(levelname)s %(name)s %(threadName)s %(message)s"))
    ours, others = logging.getLogger("station"), logging.getLogger()
    for logger in (ours, others):
        for old in [attached for attached in logger.handlers if isinstance(attached.formatter, CleanFormatter)]:
            logger.removeHandler(old)
            old.close()
        logger.addHandler(handler)
    ours.setLevel(level)
    ours.propagate = False


# --- uncaught errors ------------------------------------------------------------------------------------------------


def catch_uncaught() -> None:
    """Send uncaught exceptions of the process `station`, and exceptions in `__del__`, to the log (without a log: to
    stderr), cleaned. Python itself would print an error's text unchanged to the operator's terminal. Warnings of
    libraries go to the log only."""
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(CleanFormatter("%(message)s"))
    logging.captureWarnings(True)
    threading.excepthook = _thread_ended
    sys.excepthook = _process_ended
    sys.unraisablehook = _unraisable


@contextlib.contextmanager
def watching(listener: Callable[[str], object]) -> Iterator[None]:
    """Within the context, call `listener` with the name of each thread that ends with an uncaught exception, from that
    thread."""
    _watching.append(listener)
    try:
        yield
    finally:
        _watching.remove(listener)


def _thread_ended(args: threading.ExceptHookArgs) -> None:
    if issubclass(args.exc_type, SystemExit):
        return
    name = args.thread.name if args.thread is not None else "?"
    _ended(f"the thread {name} ended", args.exc_type, args.exc_value, args.exc_traceback)
    for listener in tuple(_watching):
        with contextlib.suppress(OSError):  # the terminal is disconnected
            listener(name)


def _process_ended(kind: type[BaseException], value: BaseException, trace: Any) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        _ended("the process ended", kind, value, trace)


def _unraisable(args: sys.UnraisableHookArgs) -> None:
    _ended(args.err_msg or "ignored", args.exc_type, args.exc_value, args.exc_traceback)


def _ended(what: str, kind: type[BaseException], value: BaseException | None, trace: Any) -> None:
    _log.critical("%s: %s", what, kind.__name__, exc_info=(kind, value or kind(), trace))
