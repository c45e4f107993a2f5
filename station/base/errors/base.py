"""Base class of all errors, the exit codes, and the errors of the program itself."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Final

from station.base.sentence import EMPTY, Sentence


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

ANSWERED_BY: Final = {
    **dict.fromkeys(
        (
            "box.no-reason",
            "correction.refused.what",
            "error.reason-missing",
            "invoicing.no-reason",
            "invoicing.reason-needed",
            "shipment.no-reason",
            "staff.reason-names",
            "transfer.no-reason",
            "withdrawal.refused.no-reason",
        ),
        "reason",
    ),
    "box.no-despite-reason": "despite",
    "correction.refused.nothing-said": "owner",
    "shipment.second-needed": "second",
    "shipment.second-same": "second",
    "withdrawal.refused.no-destination": "destination",
    "withdrawal.refused.stop-sign": "despite",
}
"""The field that answers a refusal, by the key of its detail; of an error without detail, by the key of its sentence."""


class Detail(StrEnum):
    """What the sentence of an error says of its detail."""

    HIDDEN = "hidden"
    """Nothing: it is text for an engineer."""
    FIRST = "first"
    """The detail is the cause: it is said first, the sentence of the code after it."""
    WHOLE = "whole"
    """The detail is the cause and says what to do: the sentence of the code is for an error without detail."""


class StationError(Exception):
    """Root of the tree; never raised itself."""

    code: ClassVar[str] = "station"
    recovery: ClassVar[Recovery] = Recovery.STOP_LINE
    exit_code: ClassVar[int] = 70
    detail_is: ClassVar[Detail] = Detail.HIDDEN
    takes_name: ClassVar[bool] = False
    """A verbatim detail is a name or a number, and stands in the sentence `error.CODE.of`."""
    has_remedy: ClassVar[bool] = False
    """The sentence `do.CODE` tells what to do: the bench can stop with this error."""

    lacks: str = ""
    """Function that the reader lacks (`domain.ports.Lack`), if that is the cause: the sentence names it."""

    def __init__(self, detail: str | Sentence = "") -> None:
        self.detail = Sentence.of(detail)
        super().__init__(self.detail)

    def __str__(self) -> str:
        return str(self.coded_detail)

    @property
    def sentence(self) -> Sentence:
        """Return what happened, for the operator; subclasses with facts insert them."""
        hidden = self.detail_is is Detail.HIDDEN and not self.lacks
        return Sentence(f"error.{self.code}") if hidden else self.with_detail

    @property
    def with_detail(self) -> Sentence:
        """Return the sentence with the detail even if it is hidden, for readers whom it tells what to do."""
        if self.lacks:
            return Sentence(f"reader.lacks.{self.lacks}")
        return self.after_cause(Sentence(f"error.{self.code}"))

    def after_cause(self, sentence: Sentence) -> Sentence:
        """Return the detail as the cause, with `sentence` after it."""
        if not self.detail or self.detail == sentence:  # a socket's client gives the sentence for a missing detail
            return sentence
        if self.takes_name and self.detail.text is not None:
            return Sentence(f"error.{self.code}.of", value=self.detail)
        if self.detail_is is Detail.WHOLE:
            return Sentence("error.cause", detail=self.detail)
        return Sentence("error.with-detail", sentence=sentence, detail=self.detail)

    @property
    def answered_by(self) -> str:
        """Return the field that answers the refusal: a form has it by this name, a command as its option. "" = none."""
        return ANSWERED_BY.get(self.detail.key or f"error.{self.code}", "")

    @property
    def remedy(self) -> Sentence:
        """Return what to do; empty = the bench never stops with this error."""
        return Sentence(f"do.{self.code}") if self.has_remedy else EMPTY

    @property
    def with_remedy(self) -> Sentence:
        """Return the sentence and what to do, for places that show one text."""
        return Sentence.joined((self.sentence, self.remedy), between=" ")

    @property
    def coded_detail(self) -> Sentence:
        """Return the code with the detail: what a technician needs of an error that is a part of another sentence."""
        return Sentence.joined((self.code, self.detail), between=": ")


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
    detail_is = Detail.WHOLE


class OnlyLooks(StationError):
    """A write, a verdict or an order was asked of a station that only looks (`station run --safe`). Nothing was
    changed."""

    code = "only-looks"
    recovery = Recovery.ASK_STAFF
    exit_code = 4
    has_remedy = True


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
    has_remedy = True


class ScreensEnded(StationDefect):
    """The screens failed and have left the terminal; the log has the report. `detail`: the kind of error and its first
    words."""

    code = "screens-ended"
    has_remedy = False


class SettingsError(StationError):
    """station.toml is missing or malformed, or has an unknown key or value."""

    code = "settings"
    recovery = Recovery.ASK_STAFF
    exit_code = 3
    has_remedy = True
    detail_is = Detail.FIRST


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
    has_remedy = True
    detail_is = Detail.WHOLE
