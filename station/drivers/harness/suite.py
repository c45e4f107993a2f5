"""A whole run: the cases in their order, the question before the first write, and the tag put back whatever happened."""

from __future__ import annotations

import traceback
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final, Protocol

from station.base.errors import NotPossible, ReaderRefused, StationError, TransportError
from station.base.settings import Reader
from station.base.text import clean
from station.domain.snapshot import Uid
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
"""Must have passed in a run that was asked to write nothing."""
MINIMUM: Final = (*MINIMUM_READING, "write-one")
"""Must have passed: a tag is found, read, written, and proven by reading it again."""
MINIMUM_RECORDED: Final = ("connect",)
"""Must have passed in a recording that is no run of the harness: the rest depends on what was asked in it."""
TRIES: Final = 3
"""Attempts to put the tag back before hands are asked."""
_ASKED: Final = 5
"""How often hands are asked for the tag (or the plug) before it is given up."""

DEADLINE: Final = Case(
    "deadline", "No operation outlives its deadline (reader.operation_ms).", lambda _: "", needs_tag=False
)


def _by_refusal(error: Exception, *, last: bool) -> bool:
    """Can it come of a question that a recording refused (`last`: the last one of all)? What two recorded answers say of each
    other cannot: it is no error of the reader's, but the case's own finding."""
    cause = error if isinstance(error, StationError) else error.__context__
    return isinstance(cause, ReaderRefused | NotPossible) or (last and isinstance(cause, StationError))


def unexpected(error: Exception) -> str:
    """What no driver may raise, with the place that raised it: the driver's author reads this."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return clean(f"unexpected {said} ({Path(place.filename).name}, line {place.lineno})", 400)


def minimum_of(results: Sequence[Result], cases: tuple[str, ...]) -> Minimum:
    """Which of `cases` did not pass, and the sentence about it."""
    passed = {result.case for result in results if result.outcome is Outcome.PASSED}
    missing = tuple(case for case in cases if case not in passed)
    if not missing:
        return Minimum(cases)
    sentence = f"Too little was proven: {', '.join(missing)} did not pass. At least {', '.join(cases)} must pass."
    return Minimum(cases, missing, sentence)


def _asked_in_vain(count: int) -> str:
    return f"{count} questions were not recorded and were refused" if count > 1 else "one question was not recorded"


class HarnessOperator(Protocol):
    """Who runs the contract: is told, is asked, and keeps the image of the tag."""

    def result(self, result: Result) -> None:
        """A case has ended."""
        ...

    def may_write(self, tag: TagFacts) -> bool:
        """May this tag be written (and put back)? Asked once, with what stands on it."""
        ...

    def keep(self, image: Image) -> Path:
        """Save the image where it outlives the run. Raises `OSError`: then nothing is written."""
        ...

    def say(self, sentence: str) -> None:
        """Something happens that takes a while."""
        ...


class Suite:
    """One run over one reader."""

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
        """`not_alone`: why the case `one` cannot be tried (a recording of something else), and `uid` the scratch tag's, which it
        cannot find out then; `no_writes`: why nothing can be written here."""
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
        """What hands did."""
        return self._noted.answers

    def run(self, only: Collection[str] = ()) -> None:
        """All cases (or those of these names), and the end. Raises nothing of the reader's."""
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
            self._skip(cases, "nobody agreed that this tag is written")
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
            self._connected(self._trial)  # the driver may stand in the middle of an exchange
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
        """The reader answers and the scratch tag lies there alone: hands are asked only where it is otherwise. Raises
        `Skipped`."""
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
        raise Skipped(f"the scratch tag {uid} does not lie alone on a reader that answers")

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
        """Have hands bring tag and plug back; False when they give up."""
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
        """ "" when it is as it was; else why not."""
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
