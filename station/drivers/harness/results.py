"""Results of a run of the contract: values for text, JSON and tests."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.domain.ports import ReaderCapabilities


class Failed(Exception):
    """The reader, or its driver, does not keep the contract. The text states what was expected and what happened."""


class Skipped(Exception):
    """The case cannot be tried here. The text states why."""


class Stopped(Exception):
    """The run was asked to end: raised between two operations, never within one."""


class Outcome(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Result(msgspec.Struct, frozen=True):
    """The result of one case."""

    case: str
    says: str
    """The demand of the contract."""
    outcome: Outcome
    detail: str = ""
    """Why the case failed or was skipped; if it passed, what was seen."""
    operations: int = 0
    """Number of calls to the driver."""
    seconds: float = 0.0


class Answer(msgspec.Struct, frozen=True):
    """A physical action that was requested, and whether it was done."""

    asked: str
    done: bool


class TagFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The scratch tag, without its content."""

    uid: str
    chip: str
    block_size: int = 0
    block_count: int = 0
    locked: tuple[int, ...] = ()
    afi: int | None = None
    dsfid: int | None = None
    eas: bool | None = None
    """None if the reader was not asked, or could not be."""
    unsaved: tuple[str, ...] = ()
    """Values that the reader or the chip does not allow to be read, each with the reason. No case changes them."""
    blank: bool = False
    content: tuple[str, ...] = ()
    """Description of the content, in sentences."""


class Restored(msgspec.Struct, frozen=True):
    """The state in which the tag was left."""

    exact: bool
    """Byte for byte as before, read back."""
    sentence: str
    differences: tuple[str, ...] = ()
    image: str = ""
    """The file from which the tag can be restored; "" if that is not needed."""


class Minimum(msgspec.Struct, frozen=True):
    """The cases that must pass before a run is evidence about a reader."""

    cases: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Cases that were skipped, failed or not reached."""
    sentence: str = ""
    """Text for the report; "" = the minimum is reached."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A run, in a form fit to be sent to a vendor or a library: it holds UIDs, but no content of a tag."""

    station: str
    began: str
    driver: str
    port: str
    line: str
    reader: ReaderCapabilities | None
    """None if the reader could not be greeted."""
    results: tuple[Result, ...] = ()
    minimum: Minimum = Minimum()
    no_item: str = ""
    """Why no item can pass with this reader; "" = no reason was found."""
    tag: TagFacts | None = None
    restored: Restored | None = None
    """None if nothing was written."""
    stopped: str = ""
    """Why the run ended early; "" = it did not."""
    hands: tuple[Answer, ...] = ()
    capture: str = ""
    recording: str = ""
    """Description of the recording that took the reader's place; "" = a reader, or a recorded run of the harness."""

    def count(self, outcome: Outcome) -> int:
        """Return the number of cases with this outcome."""
        return sum(result.outcome is outcome for result in self.results)

    @property
    def good(self) -> bool:
        """Whether no case failed, the run was complete, and the tag is as it was. For whether enough was tried see
        `minimum`."""
        left = self.restored is None or self.restored.exact
        return left and not self.stopped and not self.count(Outcome.FAILED)
