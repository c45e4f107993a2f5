"""Errors of printed labels and slips."""

from __future__ import annotations

from station.base.errors.base import Detail, Recovery, StationError
from station.base.sentence import Sentence


class PrintError(StationError):
    """A label could not be printed; never raised itself."""

    code = "print"
    recovery = Recovery.ASK_STAFF
    exit_code = 60
    detail_is = Detail.FIRST


class LabelRefused(PrintError):
    """The label does not fit the paper, or has content that cannot be printed or scanned. Nothing was printed."""

    code = "label-refused"


class LabelNotSaved(PrintError):
    """A label file could not be written: directory missing, not writable, or disk full."""

    code = "label-not-saved"


class PrinterFailed(PrintError):
    """The printer or its queue did not accept the label; the label is kept in the file `file`."""

    code = "printer-failed"
    recovery = Recovery.ASK_OPERATOR

    def __init__(self, detail: str | Sentence = "", file: str = "") -> None:
        self.file = file
        super().__init__(Sentence("print.kept", why=detail, file=file) if file else detail)
