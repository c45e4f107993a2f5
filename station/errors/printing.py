"""Errors of labels and slips on paper."""

from __future__ import annotations

from station.errors.base import Recovery, StationError


class PrintError(StationError):
    """A label could not be printed; never raised itself."""

    code = "print"
    recovery = Recovery.ASK_STAFF
    exit_code = 60
    sentence = "The label could not be printed. Fetch the technician."

    @property
    def message(self) -> str:
        """The sentence with the reason: it says what to do."""
        return f"{self.sentence} ({self.detail})" if self.detail else self.sentence


class LabelRefused(PrintError):
    """The label does not fit the paper, or holds what cannot be printed or scanned. Nothing was printed."""

    code = "label-refused"
    sentence = "This label cannot be printed as it is; nothing was printed."


class LabelNotSaved(PrintError):
    """The file of a label could not be written: directory missing, not writable, or disk full."""

    code = "label-not-saved"
    sentence = "The label could not be saved, so it was not printed."


class PrinterFailed(PrintError):
    """The printer or its queue did not take the label; the label is kept in the file `file`."""

    code = "printer-failed"
    recovery = Recovery.ASK_OPERATOR
    sentence = "The printer did not take the label; nothing was lost. Look at the printer, then print again."

    def __init__(self, detail: str = "", file: str = "") -> None:
        self.file = file
        super().__init__(f"{detail}; the label is kept in {file}" if file else detail)
