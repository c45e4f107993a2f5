"""What a run of the contract says: values for text, JSON and tests."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from station.domain.ports import ReaderCapabilities


class Failed(Exception):
    """The reader, or its driver, does not keep the contract; the text says what was expected and what came."""


class Skipped(Exception):
    """The case cannot be tried here; the text says why."""


class Stopped(Exception):
    """Somebody wants the run to end: raised between two operations, never within one."""


class Outcome(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class Result(msgspec.Struct, frozen=True):
    """One case."""

    case: str
    says: str
    """What the contract demands."""
    outcome: Outcome
    detail: str = ""
    """Why it failed or was skipped; of a case that passed, what was seen."""
    operations: int = 0
    """Calls of the driver."""
    seconds: float = 0.0


class Answer(msgspec.Struct, frozen=True):
    """What hands were asked to do, and whether they did."""

    asked: str
    done: bool


class TagFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The scratch tag, without what stood on it."""

    uid: str
    chip: str
    block_size: int = 0
    block_count: int = 0
    locked: tuple[int, ...] = ()
    afi: int | None = None
    dsfid: int | None = None
    eas: bool | None = None
    """None where it was not or could not be asked."""
    unsaved: tuple[str, ...] = ()
    """What the reader or the chip does not let be read, each with the reason: no case changes it."""
    blank: bool = False
    content: tuple[str, ...] = ()
    """What it is, in words."""


class Restored(msgspec.Struct, frozen=True):
    """How the tag was left."""

    exact: bool
    """Byte for byte as before, read back."""
    sentence: str
    differences: tuple[str, ...] = ()
    image: str = ""
    """The file from which it can be put back; "" when it need not be."""


class Minimum(msgspec.Struct, frozen=True):
    """The cases that must have passed before a run says anything about a reader."""

    cases: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Those that were skipped, failed or not reached."""
    sentence: str = ""
    """For people; "" = the minimum is reached."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A run, as it can be filed with a vendor or a library: UIDs, and nothing of what stood on a tag."""

    station: str
    began: str
    driver: str
    port: str
    line: str
    reader: ReaderCapabilities | None
    """None when it could not be greeted."""
    results: tuple[Result, ...] = ()
    minimum: Minimum = Minimum()
    tag: TagFacts | None = None
    restored: Restored | None = None
    """None when nothing was written."""
    stopped: str = ""
    """Why the run ended before its end; "" = it did not."""
    hands: tuple[Answer, ...] = ()
    capture: str = ""
    recording: str = ""
    """What stood for the reader, where it was a recording of anything; "" = a reader, or a run of the harness."""

    def count(self, outcome: Outcome) -> int:
        """Cases that ended so."""
        return sum(result.outcome is outcome for result in self.results)

    @property
    def good(self) -> bool:
        """Nothing failed, nothing was cut short, and the tag is as it was. Whether enough was tried says `minimum`."""
        left = self.restored is None or self.restored.exact
        return left and not self.stopped and not self.count(Outcome.FAILED)
