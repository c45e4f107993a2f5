"""Program log: plain lines in a file, for engineers. The journal, not this, is the record of what happened."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path

from station.text import clean


class _CleanFormatter(logging.Formatter):
    """Formats one line per record and lets no control character of a message through."""

    def format(self, record: logging.LogRecord) -> str:
        return "\n".join(clean(line, 2000) for line in super().format(record).splitlines())


def configure(path: Path, level: int = logging.INFO) -> None:
    """Send everything under the logger `station` to `path` (5 files of 1 MB at most)."""
    handler = RotatingFileHandler(path, maxBytes=1_000_000, backupCount=4, encoding="utf-8")
    handler.setFormatter(_CleanFormatter("%(asctime)s %(levelname)s %(name)s %(threadName)s %(message)s"))
    logger = logging.getLogger("station")
    for old in list(logger.handlers):
        logger.removeHandler(old)
        old.close()
    logger.addHandler(handler)
    logger.setLevel(level)
    logger.propagate = False
