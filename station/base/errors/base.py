"""What every error has, the exit codes, and the errors of the program itself."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Final

from station.base.words import tell


class Recovery(StrEnum):
    """Who acts next after an error."""

    RETRY_SELF = "retry-self"
    """The station tries again by itself."""
    REPLACE_ITEM = "replace-item"
    """The operator does something with the item or its tag."""
    ASK_OPERATOR = "ask-operator"
    """The operator decides."""
    ASK_STAFF = "ask-staff"
    """The technician or the systems librarian decides."""
    STOP_LINE = "stop-line"
    """Nothing more is done until somebody has looked."""


EXIT_CODES: Final = {
    0: "done; everything is as it should be",
    1: "done, but the result is not good (a check failed, a chain does not verify, a script did not end as written)",
    2: "the command line itself is wrong (unknown option, missing argument)",
    3: "station.toml is missing or wrong",
    4: "the station is busy: another process holds it",
    10: "the reader or its port is missing, busy or gone",
    11: "the reader answers, but not as its manual says, or it refuses",
    12: "too little was proven of the reader: a case of the minimum of `station harness` was not tried",
    20: "the tag is absent, lost, locked, wrong, or there is more than one",
    21: "the content cannot be encoded or decoded",
    30: "the barcode or the record is not usable",
    31: "the file could not be imported",
    35: "a correction or a person is not known, or a role may not do that",
    40: "the library system does not answer or refuses",
    50: "the journal or the catalog index cannot be used",
    60: "the label cannot be printed, or the printer does not take it",
    65: "a part of the program that is installed on request is missing",
    70: "a defect of the program",
}


class _Sentence:
    """The operator's sentence of an error class, from the message catalogue: key `error.CODE`."""

    def __get__(self, instance: object, owner: type[StationError]) -> str:
        return tell(f"error.{owner.code}")


class StationError(Exception):
    """Root of the tree; never raised itself."""

    code: ClassVar[str] = "station"
    recovery: ClassVar[Recovery] = Recovery.STOP_LINE
    exit_code: ClassVar[int] = 70
    sentence = _Sentence()

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        super().__init__(f"{self.code}: {detail}" if detail else self.code)

    @property
    def message(self) -> str:
        """The operator's sentence; subclasses with facts weave them in."""
        return self.sentence

    @property
    def with_detail(self) -> str:
        """The sentence and, in brackets, the detail: for subclasses whose detail tells the reader what to do."""
        if not self.detail:
            return self.sentence
        return tell("error.with-detail", sentence=self.sentence, detail=self.detail)


# --- the program itself ---------------------------------------------------------------------------------------------


class StationClosed(StationError):
    """Work was handed to a part that is shutting down."""

    code = "station-closed"
    recovery = Recovery.ASK_OPERATOR
    exit_code = 4


class StationBusy(StationError):
    """Another process holds the data directory."""

    code = "station-busy"
    recovery = Recovery.ASK_OPERATOR
    exit_code = 4

    @property
    def message(self) -> str:
        """The sentence with the process that holds it."""
        return self.with_detail


class BenchBusy(StationError):
    """An item is in hand at the bench, or the line is stopped there; `detail` says which."""

    code = "bench-busy"
    recovery = Recovery.RETRY_SELF
    exit_code = 4


class ControlRefused(StationError):
    """The running station did not take a request over its socket, or answered nonsense."""

    code = "control-refused"
    recovery = Recovery.ASK_STAFF
    exit_code = 4


class OtherVersion(StationError):
    """The command and the running station are programs of different versions. `detail`: the versions of their messages."""

    code = "other-version"
    recovery = Recovery.ASK_STAFF
    exit_code = 4


class StationDefect(StationError):
    """An exception that is nobody's fault but ours, caught at the bench."""

    code = "defect"


class ScreensEnded(StationDefect):
    """The screens failed and have left the terminal; the log has the report. `detail`: the kind of error and its first words."""

    code = "screens-ended"


class SettingsError(StationError):
    """station.toml is missing, malformed, or has a key or value that is not known."""

    code = "settings"
    recovery = Recovery.ASK_STAFF
    exit_code = 3

    @property
    def message(self) -> str:
        """The sentence with the reason: settings are read by staff, so the detail helps."""
        return self.with_detail


class ExtraMissing(StationError):
    """A library that this work needs is not installed: it comes with an extra of the program, which `detail` names."""

    code = "extra-missing"
    recovery = Recovery.ASK_STAFF
    exit_code = 65

    @property
    def message(self) -> str:
        """The sentence with what to install: it is read by staff."""
        return self.with_detail
