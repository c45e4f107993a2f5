"""Scripted or prompted operator for one item: takes snapshots, submits commands. Uses only `BenchPort`, and does no
I/O.

It does what a person at the touch screen would do: scan, wait for the tag, choose when the line stops, answer the
checks. It asks (`Ask`) for what the wish does not contain. If there is no one to ask, it gives up with the present
error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Protocol

import msgspec

from station.base.clock import Clock
from station.base.errors import (
    BarcodeMalformed,
    NotFinished,
    StationBusy,
    StationClosed,
    StationError,
    TagAbsent,
    walk,
)
from station.base.sentence import Sentence
from station.base.words import tell
from station.cli.shared.authorise import not_allowed, refuse_prompt
from station.cli.shared.until import until
from station.cli.workflows.follow import AtEnd, Follower, following, unfinished
from station.domain.commands import Answer, Cancel, Choose, Command, Scan
from station.domain.findings import Check, Outcome
from station.domain.notices import BEGUN, DONE, SUPERSEDED
from station.domain.people.sign_on import SignOnPrompt
from station.domain.ports import BenchPort
from station.domain.snapshot import Fault, Light, Phase, Snapshot
from station.domain.verdict import Verdict
from station.domain.workflows import Workflow

SCAN_AGAIN: Final = "scan"
"""Among `Wish.choices`: scan the same barcode again, the second gesture of an overwrite."""
_SETTLED_AT_PAD: Final = frozenset({"tag-lost", "tag-absent", "tags-collide", "tag-unreadable"})
_LINES: Final = (Workflow.PROCESS, Workflow.CONVERT)
_DONE_BEFORE: Final = "convert.done-before"
"""Code of the notice that the item was already done in the open session."""
_ASIDE_S: Final = 10.0
"""Seconds that the bench may take to set an item aside."""
_BY_CODE: Final = {error.code: error for error in walk()}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Request of the caller."""

    barcode: str
    write_only: bool = False
    """Stop at the verified tag, without the checklist."""
    choices: tuple[str, ...] = ()
    chooses: bool = True
    """True if choices are printed when the line stops, since the caller can give one of them."""
    answers: dict[str, Answer] = {}
    """Answers by rule."""
    pass_all: bool = False
    part: int = 0
    """Part number within the set; 0 = the next part without a tag."""
    timeout: float = 60.0
    """Seconds without any change after which to give up."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Result for the item."""

    barcode: str
    good: bool
    outcome: str
    """"pass", "fail", "verified", "set-aside"."""
    snapshot: Snapshot


class Ask(Protocol):
    """Person who can be asked. A method returns None if there is no one to ask."""

    def choice(self, fault: Fault) -> str | None: ...

    def answer(self, check: Check) -> Answer | None: ...


class NoAnswers:
    """No one to ask."""

    def choice(self, fault: Fault) -> str | None:  # noqa: ARG002
        return None

    def answer(self, check: Check) -> Answer | None:  # noqa: ARG002
        return None


class Operator:
    """Carries out one wish on a bench, in one of the workflows `where`."""

    def __init__(
        self,
        bench: BenchPort,
        wish: Wish,
        clock: Clock,
        ask: Ask,
        say: Callable[[str], None],
        where: tuple[Workflow, ...] = _LINES,
        *,
        answer_prompt: Callable[[SignOnPrompt | None], bool] = refuse_prompt,
        ends_job: bool = False,
    ) -> None:
        """`answer_prompt`: see `authorise.TerminalAuthoriser.answer_prompt`; returns True while the prompt is open.
        `ends_job`: after an error the job of this terminal ends, which sets the item aside and says so on the screen."""
        self._where = where
        self._follower = Follower(bench, say)
        self._answer_prompt = answer_prompt
        self._ends_job = ends_job
        self._wish = wish
        self._clock = clock
        self._ask = ask
        self._choices = list(wish.choices)
        self._begun = False
        self._wanted: SignOnPrompt | None = None
        """Newest prompt for a person with a right."""

    def run(self, at_end: AtEnd) -> Result:
        """Carry out the wish. If that is impossible, set the item aside and raise the present `StationError`."""
        with following(self._follower.bench, self._clock, self._wish.timeout, at_end, self._gave_up) as news:
            first = next(news)
            if first.item is not None and first.verdict is None and first.item.barcode != self._wish.barcode:
                raise StationBusy(Sentence("process.in-hand", item=first.item.title or first.item.barcode))
            if first.workflow not in self._where:
                # A set that was in hand when the station was killed has the bench again, and would take the scan.
                raise StationBusy(
                    Sentence.joined(
                        (Sentence(f"menu.{first.workflow.value}"), first.notice.sentence or first.prompt), ": "
                    )
                )
            try:
                self._follower.submit(Scan(self._wish.barcode, self._wish.part))
                return self._follow(news)
            except StationClosed:
                raise
            except BaseException:
                if self._begun and not self._ends_job:
                    self._set_aside()
                raise

    def _follow(self, news: Iterator[Snapshot]) -> Result:
        result = None
        while result is None:
            snapshot = next(news)
            # Before anything is printed: a person who reads it may stop the command, and the item must be set aside.
            self._begun = self._begun or self._in_hand(snapshot)
            self._follower.tell(in_words(snapshot, choices=self._wish.chooses))
            result = self._step(snapshot)
        return result

    def _ours(self, snapshot: Snapshot) -> bool:
        return snapshot.item is not None and snapshot.item.barcode == self._wish.barcode

    def _in_hand(self, snapshot: Snapshot) -> bool:
        return self._ours(snapshot) and snapshot.verdict is None

    def _step(self, snapshot: Snapshot) -> Result | None:
        if self._answer_prompt(snapshot.sign_on_prompt):
            # If it is not authorized, the question before it is asked again.
            self._wanted = snapshot.sign_on_prompt
            self._follower.again()
            return None
        ours = self._ours(snapshot)
        fault = snapshot.fault
        if fault is not None and (ours or fault.barcode == self._wish.barcode or not snapshot.reader_ready):
            self._stopped(fault, settles_itself=snapshot.light is Light.WARNING or not snapshot.reader_ready)
            return None
        if not self._begun:
            answer = self._follower.answer(snapshot)
            if answer is None:
                return None
            if answer.code == _DONE_BEFORE:
                # Finished before a kill, or from the pad before the scan arrived.
                return Result(barcode=self._wish.barcode, good=True, outcome="pass", snapshot=snapshot)
            if answer.code == "people.not-authorised" and self._wanted is not None:
                raise not_allowed(self._wanted.right)
            if answer.code in (DONE, SUPERSEDED) and not ours:
                raise NotFinished(Sentence.joined((snapshot.prompt, "."), ""))
            if fault is not None and fault.code == answer.code:
                raise error_of(fault, choices=False)
            if answer.code not in (BEGUN, DONE):
                raise BarcodeMalformed(answer.sentence)
        if not ours:
            self._begun = False
            return Result(barcode=self._wish.barcode, good=False, outcome="set-aside", snapshot=snapshot)
        if snapshot.phase is Phase.DONE and snapshot.verdict is not None:
            good = snapshot.verdict is Verdict.PASS
            self._begun = False
            return Result(barcode=self._wish.barcode, good=good, outcome=snapshot.verdict.value, snapshot=snapshot)
        if snapshot.phase is Phase.CHECKING:
            return self._checking(snapshot)
        return None

    def _checking(self, snapshot: Snapshot) -> Result | None:
        if self._wish.write_only:
            self._begun = False
            self._set_aside()
            return Result(barcode=self._wish.barcode, good=True, outcome="verified", snapshot=snapshot)
        if snapshot.current_check >= len(snapshot.checks):
            return None
        check = snapshot.checks[snapshot.current_check]
        if not self._follower.once((Phase.CHECKING, snapshot.current_check, check.rule)):
            return None
        answer = self._given(check)
        if answer is None and self._wish.pass_all:
            answer = Answer(check.rule, Outcome.ABSTAINED if check.pass_reasons else Outcome.PASS)
        if answer is None:
            answer = self._ask.answer(check)
        if answer is None:
            raise NotFinished(
                Sentence("process.nobody-answered", question=check.question),
                f"--answer {check.rule}={_forms(check)}",  # not for people
            )
        if not _offered(check, answer):
            raise NotFinished(
                Sentence("process.must-look", question=check.question),
                f"--answer {answer.rule}=pass|fail:REASON",  # not for people
            )
        offered = _reasons(check, answer.outcome)
        code = next((code for code, words in offered if answer.reason in (code, tell(words))), None)
        if code is None and (offered or answer.outcome is Outcome.FAIL):
            raise NotFinished(
                Sentence("process.no-such-reason", question=check.question, reason=answer.reason),
                Sentence("process.reasons", names=tuple(words for _, words in offered)),
            )
        self._follower.submit(msgspec.structs.replace(answer, reason=code or ""))
        return None

    def _set_aside(self) -> None:
        """Set the item aside, and wait until it is: the next command would otherwise find it in hand."""
        self._follower.submit(Cancel())
        bench = self._follower.bench
        until(lambda: bench.snapshot, self._clock, _ASIDE_S, lambda now: not self._in_hand(now))

    def _given(self, check: Check) -> Answer | None:
        """Return the caller's answer to the check, or to a rule that the check covers.

        "Not applicable" is returned first, since it takes its rule out of the check; then a fail.
        """
        rules = (check.rule, *(cover.rule for cover in check.covers))
        answers = [self._wish.answers[rule] for rule in rules if rule in self._wish.answers]
        apart = [answer for answer in answers if answer.outcome is Outcome.NOT_APPLICABLE]
        if apart:
            return apart[0]
        failed = [answer for answer in answers if answer.outcome is Outcome.FAIL]
        if failed:
            return msgspec.structs.replace(failed[0], rule=check.rule)
        return self._wish.answers.get(check.rule)

    def _stopped(self, fault: Fault, *, settles_itself: bool) -> None:
        if not self._follower.once((fault.code, fault.sentence, fault.choices)):
            return
        offered = {choice.id for choice in fault.choices}
        armed = "keep" in offered
        if self._choices and (self._choices[0] in offered or (armed and self._choices[0] == SCAN_AGAIN)):
            self._choose(self._choices.pop(0))
            return
        if settles_itself or fault.code in _SETTLED_AT_PAD:
            return  # the next look at the pad settles it, or the time runs out
        choice = self._ask.choice(fault)
        if choice is None:
            raise error_of(fault, choices=self._wish.chooses)
        self._choose(choice)

    def _choose(self, choice: str) -> None:
        command: Command = Scan(self._wish.barcode) if choice == SCAN_AGAIN else Choose(choice)
        self._follower.submit(command)

    def _gave_up(self, latest: Snapshot, waited: str) -> StationError:
        if latest.fault is not None:
            return error_of(latest.fault, choices=self._wish.chooses)
        return TagAbsent(waited) if latest.phase is Phase.NEED_TAG else unfinished(latest, waited)


def _may_not_apply(check: Check, rule: str) -> bool:
    return rule in {cover.rule for cover in check.may_not_apply}


def _offered(check: Check, answer: Answer) -> bool:
    """Return False for "not applicable" or "open" to a check that does not offer it."""
    if answer.outcome is Outcome.NOT_APPLICABLE:
        return _may_not_apply(check, answer.rule)
    return answer.outcome is not Outcome.ABSTAINED or bool(check.pass_reasons)


def _forms(check: Check) -> str:
    """Return how an answer to this check is typed."""
    if check.pass_reasons:
        return "pass:REASON|open|fail:REASON"  # not for people
    return "pass|fail:REASON|na" if _may_not_apply(check, check.rule) else "pass|fail:REASON"  # not for people


def _reasons(check: Check, outcome: Outcome) -> tuple[tuple[str, Sentence], ...]:
    """Return code and words of the reasons of which the answer needs one; () = it needs none."""
    if outcome is Outcome.PASS:
        return tuple((code, words) for cover in check.covers for code, words, _ in cover.pass_reasons)
    if outcome is not Outcome.FAIL:
        return ()
    return tuple((code, words) for cover in check.covers for code, words, _ in cover.reasons)


def error_of(fault: Fault, *, choices: bool = True) -> StationError:
    """Return the error with the code of the fault, whose exit code shows the kind. `choices`: name the choices."""
    known = _BY_CODE.get(fault.code)
    if known is None:
        offered = ", ".join(choice.id for choice in fault.choices) if choices else ""
        facts = (
            fault.code,
            tell("process.on-the-tag", old=tell(fault.old)) if fault.old else "",
            tell("process.wanted", new=tell(fault.new)) if fault.new else "",
            tell("process.choices", names=offered) if offered else "",
        )
        return NotFinished(Sentence.joined((fault.sentence, fault.do), " "), "; ".join(filter(None, facts)))
    error = known.__new__(known)
    StationError.__init__(error, fault.detail or fault.barcode)
    return error


def in_words(snapshot: Snapshot, *, choices: bool = True) -> str:
    """Return one line about a snapshot. `choices`: include the choices, as they are typed."""
    parts = []
    if snapshot.item is not None and snapshot.phase is Phase.NEED_TAG:
        parts.append(f"{snapshot.item.title or tell('item.no-title')}:")
        parts += [tell(snapshot.item.missing_words)] if snapshot.item.missing else []
    sentences = [snapshot.prompt] if snapshot.fault is None else [snapshot.fault.sentence, snapshot.fault.do]
    parts += filter(None, map(tell, sentences))
    if choices and snapshot.fault is not None and snapshot.fault.choices:
        parts.append(f"[{', '.join(choice.id for choice in snapshot.fault.choices)}]")
    if snapshot.notice.sentence:
        parts.append(f"({tell(snapshot.notice.sentence)})")
    return " ".join(parts)
