"""Base class of all errors, the exit codes, and the errors of the program itself."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Final

from station.base.sentence import Sentence
from station.base.words import knows, tell


class Recovery(StrEnum):
    """Who acts next after an error."""

    RETRY_SELF = "retry-self"
    """The station retries automatically."""
    REPLACE_ITEM = "replace-item"
    """The operator must act on the item or its tag."""
    ASK_OPERATOR = "ask-operator"
    """The operator decides."""
    ASK_STAFF = "ask-staff"
    """The technician or the systems librarian decides."""
    STOP_LINE = "stop-line"
    """Work stops until a person has looked at the problem."""


EXIT_CODES: Final = {
    0: "done; everything is in order",
    1: "done, but the result is not good (a check failed, a chain does not verify, a script did not end as written)",
    2: "the command line itself is wrong (unknown option, missing argument)",
    3: "station.toml is missing or wrong",
    4: "the station is busy: another process uses it",
    10: "the reader or its port is missing, busy or disconnected",
    11: "the reader's answer does not follow its manual, or is a refusal",
    12: "the reader is not fully tested: a required case of `station harness` was not run",
    20: "the tag is absent, lost, locked, wrong, or there is more than one",
    21: "the content cannot be encoded or decoded",
    30: "the barcode or the record is not usable",
    31: "the file could not be imported",
    35: "a correction or a person is unknown, or a role lacks the right",
    40: "the library system does not answer or refuses",
    50: "the journal or the catalog index cannot be used",
    60: "the label cannot be printed, or the printer did not accept it",
    65: "an optional part of the program is not installed",
    70: "a defect of the program",
}


class _Sentence:
    """The operator's sentence of an error class, from the message catalog: key `error.CODE`."""

    def __get__(self, instance: object, owner: type[StationError]) -> str:
        return tell(f"error.{owner.code}")


def what_to_do(code: str) -> str:
    """Return what to do when the bench stops with this code; "" = the bench never stops with it."""
    return tell(f"do.{code}") if knows(f"do.{code}") else ""


def sentence_of(code: str) -> str:
    """Return the sentence of an error's code, as stored in the journal; "" = no error has it."""
    return tell(f"error.{code}") if knows(f"error.{code}") else ""


class StationError(Exception):
    """Root of the tree; never raised itself."""

    code: ClassVar[str] = "station"
    recovery: ClassVar[Recovery] = Recovery.STOP_LINE
    exit_code: ClassVar[int] = 70
    sentence = _Sentence()

    def __init__(self, detail: str | Sentence = "") -> None:
        self.detail = Sentence.of(detail)
        super().__init__(self.detail)

    def __str__(self) -> str:
        return str(self.coded_detail)

    @property
    def coded_detail(self) -> Sentence:
        """Return the code with the detail: what a technician needs of an error that is a part of another sentence."""
        return Sentence.joined((Sentence.verbatim(self.code), self.detail), between=": ")

    @property
    def message(self) -> str:
        """Return the operator's sentence; subclasses with facts insert them."""
        return self.sentence

    @property
    def told(self) -> str:
        """Return the sentence and what to do, for places that show one text."""
        return " ".join(filter(None, (self.message, what_to_do(self.code))))

    @property
    def command_message(self) -> str:
        """Return the message for a person at the command line: where the operator's sentence names whom to fetch, this
        one names what to do."""
        key = f"error.{self.code}.command"
        if not knows(key):
            return self.told
        if not self.detail:
            return tell(key)
        return tell("error.with-detail", sentence=tell(key), detail=self.detail)

    @property
    def with_detail(self) -> str:
        """Return the sentence with the detail in parentheses, for subclasses whose detail tells the reader what to
        do."""
        if not self.detail:
            return self.sentence
        return tell("error.with-detail", sentence=self.sentence, detail=self.detail)


# --- the program itself ---------------------------------------------------------------------------------------------


class StationClosed(StationError):
    """Work was submitted to a part that is shutting down."""

    code = "station-closed"
    recovery = Recovery.ASK_OPERATOR
    exit_code = 4


class StationBusy(StationError):
    """Another process uses the data directory."""

    code = "station-busy"
    recovery = Recovery.ASK_OPERATOR
    exit_code = 4

    @property
    def message(self) -> str:
        """Return the sentence with the process that uses it."""
        return self.with_detail


class BenchBusy(StationError):
    """An item is in hand at the bench, or the bench is stopped; `detail` says which."""

    code = "bench-busy"
    recovery = Recovery.RETRY_SELF
    exit_code = 4


class ControlRefused(StationError):
    """The running station did not accept a request over its socket, or its answer made no sense."""

    code = "control-refused"
    recovery = Recovery.ASK_STAFF
    exit_code = 4


class OtherVersion(StationError):
    """The command and the running station have different program versions. `detail`: the versions of their messages."""

    code = "other-version"
    recovery = Recovery.ASK_STAFF
    exit_code = 4


class StationDefect(StationError):
    """An exception caused by a program defect, caught at the bench."""

    code = "defect"


class ScreensEnded(StationDefect):
    """The screens failed and have left the terminal; the log has the report. `detail`: the kind of error and its first
    words."""

    code = "screens-ended"


class SettingsError(StationError):
    """station.toml is missing or malformed, or has an unknown key or value."""

    code = "settings"
    recovery = Recovery.ASK_STAFF
    exit_code = 3

    @property
    def message(self) -> str:
        """Return the sentence with the reason: staff read settings, so the detail helps."""
        return self.with_detail


class SettingsMissing(SettingsError):
    """There is no station.toml in the data directory: no station has been set up there. `detail`: the path."""

    code = "settings-missing"


class DataNotNamed(SettingsError):
    """The account has no home directory, so the data directory must be named."""

    code = "data-not-named"


class RulesUnusable(SettingsError):
    """The site's rule file cannot be used, so no item is judged. `detail`: file, line and what is wrong."""

    code = "rules-unusable"


class ExtraMissing(StationError):
    """A library needed for this work is not installed; it belongs to an extra of the program, named in `detail`."""

    code = "extra-missing"
    recovery = Recovery.ASK_STAFF
    exit_code = 65

    @property
    def message(self) -> str:
        """Return the sentence with what to install; it is for staff."""
        return self.with_detail
