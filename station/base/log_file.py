"""The file of the program log. Only a command that writes one imports this, since `logging.handlers` also imports sockets."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler


class LogFile(RotatingFileHandler):
    """The log file. Records that it cannot store (a full disk) are lost: by default, logging would print the error with
    its traceback to stderr, which is the operator's screen. The journal meets the same disk error, and reports it."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Print nothing."""
