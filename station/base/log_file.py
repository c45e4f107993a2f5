"""The file of the program log. Only a command that writes one imports this, since `logging.handlers` also imports sockets."""

from __future__ import annotations

import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO

from station.base.files import open_own


class LogFile(RotatingFileHandler):
    """The log file. Records that it cannot store (a full disk) are lost: by default, logging would print the error with
    its traceback to stderr, which is the operator's screen. The journal meets the same disk error, and reports it."""

    def _open(self) -> IO[str]:  # type: ignore[override]  # FileHandler narrows it to TextIOWrapper
        """Open the file for its owner only, and through no symbolic link."""
        return os.fdopen(
            open_own(Path(self.baseFilename), os.O_WRONLY | os.O_APPEND), self.mode, encoding=self.encoding
        )

    def handleError(self, record: logging.LogRecord) -> None:
        """Print nothing."""
