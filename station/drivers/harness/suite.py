"""A whole run: the cases in order, consent before the first write, and the tag restored at the end in any event."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final, Protocol

from station.base.errors import NotPossible, ReaderRefused, StationError, TransportError
from station.base.settings import Reader
from station.base.text import clean
from station.domain.ports import ReaderCapabilities
from station.domain.tag_image import Uid
from station.drivers.harness import reading, writing
from station.drivers.harness.hands import Hands, Noted, Wish
from station.drivers.harness.results import (
    Answer,
    Failed,
    Minimum,
    Outcome,
    Restored,
    Result,
    Skipped,
    Stopped,
    TagFacts,
)
from station.drivers.harness.scratch import Image, as_it_was, facts, put_back, take
from station.drivers.harness.subject import Subject, never, runs
from station.drivers.harness.trial import Case, Trial, alone

MINIMUM_READING: Final = ("connect", "one", "read-first", "read-all")
"""Cases that must pass in a run without writes."""
MINIMUM: Final = (*MINIMUM_READING, "write-one")
"""Cases that must pass: a tag is found, read, written, and verified by reading it again."""
MINIMUM_RECORDED: Final = ("connect",)
"""Cases that must pass with a recording that is not a run of the harness: the others depend on what was recorded."""
TRIES: Final = 3
"""Attempts to restore the tag before a physical action is requested."""
_ASKED: Final = 5
"""How often the tag (or the plug) is requested before the suite gives up."""

DEADLINE: Final = Case(
    "deadline", "No operation exceeds its deadline (reader.operation_ms).", lambda _: "", needs_tag=False
)


def _by_refusal(error: Exception, *, last: bool) -> bool:
    """Return whether the error can result from a request that the recording refused (`last`: the last request of all).
    A contradiction between two recorded answers cannot: it is the case's own finding, not an error of the reader."""
    cause = error if isinstance(error, StationError) else error.__context__
    return isinstance(cause, ReaderRefused | NotPossible) or (last and isinstance(cause, StationError))


def unexpected(error: Exception) -> str:
    """Describe an exception that no driver may raise, with its place in the code, for the driver's author."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return clean(f"unexpected {said} ({Path(place.filename).name}, line {place.lineno})", 400)


def minimum_of(results: Sequence[Result], cases: tuple[str, ...]) -> Minimum:
    """Return which of `cases` did not pass, with a sentence about it."""
    passed = {result.case for result in results if result.outcome is Outcome.PASSED}
    missing = tuple(case for case in cases if case not in passed)
    if not missing:
        return Minimum(cases)
    sentence = f"Too little was proven: {', '.join(missing)} did not pass. At least {', '.join(cases)} must pass."
    return Minimum(cases, missing, sentence)


_NEEDED: Final = {"write-one": "write blocks", "afi": "set the AFI", "dsfid": "set the DSFID"}
"""Cases without which no item can pass, and what the reader then cannot do."""


def no_item(can: ReaderCapabilities | None, results: Sequence[Result]) -> str:
    """Return a sentence that says why no item can pass with this reader; "" if no reason was found."""
    failed = {result.case for result in results if result.outcome is Outcome.FAILED}
    if can is None or "one" in failed:
        return ""
    if not can.iso15693:
        return "No item can pass here: the reader does not read library labels (ISO 15693)."
    has = {"write-one": can.can_write, "afi": can.can_afi, "dsfid": can.can_dsfid}
    lacks = [what for case, what in _NEEDED.items() if case in failed or not has[case]]
    return f"No item can pass here: the reader cannot {' or '.join(lacks)}." if lacks else ""


def _asked_in_vain(count: int) -> str:
    return f"{count} questions were not recorded and were refused" if count > 1 else "one question was not recorded"


class HarnessOperator(Protocol):
    """The person or program that runs the contract: receives results, consents to writes, and keeps the tag's image."""

    def result(self, result: Result) -> None:
        """Receive the result of a case."""
        ...

    def may_write(self, tag: TagFacts) -> bool:
        """Return whether this tag may be written (and restored). Called once, with the tag's facts."""
        ...

    def keep(self, image: Image) -> Path:
        """Save the image where it outlives the run. Raises `OSError`; nothing is then written to the tag."""
        ...

    def say(self, sentence: str) -> None:
        """Show a message about work in progress."""
        ...


class Suite:
    """One run on one reader."""

    def __init__(
        self,
        subject: Subject,
        hands: Hands,
        settings: Reader,
        desk: HarnessOperator,
        uid: Uid | None = None,
        no_writes: str = "",
        not_alone: str = "",
    ) -> None:
        """`not_alone`: why the case `one` cannot be tried (with a recording that is not of this run); `uid` then gives
        the scratch tag's UID, which that case would have found. `no_writes`: why nothing can be written here."""
        self._no_writes = no_writes
        self._not_alone = not_alone
        self._noted = Noted(hands)
        self._trial = Trial(subject, self._noted, settings, uid)
        self._desk = desk
        self._stop = subject.stop
        self.results: list[Result] = []
        self.tag: TagFacts | None = None
        self.restored: Restored | None = None
        self.stopped = ""

    @property
    def hands(self) -> list[Answer]:
        """The physical actions that were requested, with their answers."""
        return self._noted.answers

    def run(self, only: Collection[str] = ()) -> None:
        """Run all cases (or only the named ones), then restore the tag. Raises none of the reader's errors."""
        try:
            self._read(only)
            if not self.stopped:
                self._write(only)
        except (Stopped, KeyboardInterrupt):
            self.stopped = "stopped by somebody"
        finally:
            self._trial.subject.stop = never
            if self._trial.saved is not None:
                self._put_back(self._trial.saved)
        self._deadline()

    def _read(self, only: Collection[str]) -> None:
        cases = [case for case in reading.CASES if not only or case.name in only]
        for case in cases:
            if case.name == "one" and self._not_alone:
                self._skip([case], self._not_alone)
                continue
            result = self._case(case)
            if result.outcome is not Outcome.PASSED and case.name in ("connect", "one"):
                self.stopped = f"nothing can be tried without the case {case.name}"
                return

    def _write(self, only: Collection[str]) -> None:
        cases = [case for case in writing.CASES if not only or case.name in only]
        if not cases:
            return
        if self._no_writes:
            self._skip(cases, self._no_writes)
            return
        trial = self._trial
        try:
            self._ready(trial)
            image = take(trial.subject, trial.tag)
        except Stopped:
            raise
        except (Skipped, StationError) as error:
            self._skip(cases, f"the tag could not be read as a whole: {error}")
            return
        except Exception as error:
            first, *rest = cases
            self._add(Result(first.name, first.says, Outcome.FAILED, unexpected(error)))
            self._skip(rest, "the tag could not be read as a whole")
            return
        self.tag = facts(image)
        if not self._desk.may_write(self.tag):
            self._skip(cases, "writing to this tag was not permitted")
            return
        try:
            path = self._desk.keep(image)
        except OSError as error:
            self._skip(cases, f"the tag could not be saved: {error}")
            return
        trial.saved = image
        trial.subject.scratch = image.uid
        self._desk.say(f"The tag is saved in {path}.")
        for case in cases:
            self._case(case)

    def _skip(self, cases: Sequence[Case], why: str) -> None:
        for case in cases:
            self._add(Result(case.name, case.says, Outcome.SKIPPED, why))

    def _add(self, result: Result) -> Result:
        self.results.append(result)
        self._desk.result(result)
        return result

    def _case(self, case: Case) -> Result:
        subject = self._trial.subject
        operations, began, unknown = subject.operations, subject.now(), subject.recording.unknown
        refused = False
        try:
            if case.needs_tag:
                self._ready(self._trial)
            outcome, detail = Outcome.PASSED, case.run(self._trial)
        except Stopped:
            raise
        except Skipped as why:
            outcome, detail = Outcome.SKIPPED, str(why)
            refused = _by_refusal(why, last=False)
        except (Failed, StationError) as error:
            outcome, detail = Outcome.FAILED, str(error)
            refused = _by_refusal(error, last=subject.recording.last_unknown)
        except Exception as error:
            outcome, detail = Outcome.FAILED, unexpected(error)
            self._connected(self._trial)  # the driver may be in the middle of an exchange
        unknown = subject.recording.unknown - unknown
        if unknown and refused:
            outcome, detail = Outcome.SKIPPED, f"the recording does not show it: {_asked_in_vain(unknown)} ({detail})"
        elif unknown and outcome is Outcome.PASSED:
            detail = f"{detail}; {_asked_in_vain(unknown)}"
        return self._add(
            Result(
                case.name,
                case.says,
                outcome,
                detail,
                subject.operations - operations,
                round(subject.now() - began, 3),
            )
        )

    def _ready(self, trial: Trial) -> None:
        """Ensure that the reader answers and the scratch tag is alone on the pad; request a physical action only if
        not. Raises `Skipped`."""
        uid = trial.tag
        for _ in range(_ASKED):
            try:
                seen = trial.subject.inventory()
            except TransportError:
                wish = self._connected(trial)
            except StationError:
                wish = None  # a damaged answer, or a refusal: look again
            else:
                if alone(uid)(seen):
                    return
                wish = Wish.SCRATCH
            if wish is not None and not self._noted.do(wish):
                break
        raise Skipped(f"the scratch tag {uid} is not alone on a reader that answers")

    @staticmethod
    def _connected(trial: Trial) -> Wish | None:
        try:
            trial.subject.reconnect()
        except Stopped:
            raise
        except Exception:
            return Wish.PLUG
        return None

    def _deadline(self) -> None:
        late = self._trial.subject.late
        worst = max((seconds for _, seconds in late), default=0.0)
        detail = f"{len(late)} operations ended later, the longest after {worst:.1f} s: {late[0][0]}" if late else ""
        outcome = Outcome.FAILED if late else Outcome.PASSED
        self._add(Result(DEADLINE.name, DEADLINE.says, outcome, detail, self._trial.subject.operations))

    # --- the end --------------------------------------------------------------------------------------------------

    def _put_back(self, saved: Image) -> None:
        self._desk.say("Putting the tag back as it was.")
        why = ""
        for _ in range(_ASKED):
            why = self._tried(saved)
            if not why:
                return
            self._desk.say(f"The tag is not as it was yet: {why}")
            if not self._lay_again(saved):
                break
        touched = self._trial.subject.touched
        named = ", ".join(runs(touched)) or "nothing"
        self.restored = Restored(
            False,
            f"The tag {saved.uid} could not be put back ({why}). What may be changed on it: {named}.",
            tuple(sorted(touched)),
        )

    def _lay_again(self, saved: Image) -> bool:
        """Request that tag and plug be brought back. Return False if that was not done."""
        trial = self._trial
        try:
            trial.subject.reconnect()
            seen = trial.subject.inventory()
        except Exception:
            return self._hands(Wish.PLUG)
        return alone(saved.uid)(seen) or self._hands(Wish.SCRATCH)

    def _hands(self, wish: Wish) -> bool:
        try:
            return self._noted.do(wish)
        except KeyboardInterrupt:
            return False

    def _tried(self, saved: Image) -> str:
        """Return "" if the tag is as it was, else the reason."""
        why = ""
        for _ in range(TRIES):
            try:
                left = put_back(self._trial.subject, saved, self._desk.say)
            except TransportError as error:
                why = str(error)
                self._connected(self._trial)
            except StationError as error:
                why = str(error)
            except Exception as error:
                why = unexpected(error)
                self._connected(self._trial)
            else:
                if not left:
                    self.restored = Restored(True, as_it_was(saved))
                    return ""
                why = ", ".join(left)
        return why
