"""A scripted or prompted operator for one item: snapshots in, commands out. Knows only `BenchPort`; no I/O of its own.

It does what a person at the touch screen would: scan, wait for the tag, choose where the line stops, answer the checks.
What it was not told, it asks (`Ask`); where nobody can be asked it gives up with the error that stands.
"""

from __future__ import annotations

import queue
from collections.abc import Callable
from typing import Final, Protocol

import msgspec

from station.clock import Clock, Deadline
from station.commands import Answer, Cancel, Choose, Command, Scan
from station.errors import (
    BarcodeMalformed,
    NotFinished,
    StationBusy,
    StationClosed,
    StationError,
    TagAbsent,
    walk,
)
from station.model import Check, Fault, Light, Outcome, Phase, Snapshot, Verdict
from station.ports import BenchPort

SCAN_AGAIN: Final = "scan"
"""Among `Wish.choices`: the second gesture of an overwrite, the same barcode scanned again."""
_PATIENT: Final = frozenset({"tag-lost", "tag-absent", "tags-collide", "tag-unreadable"})
_BY_CODE: Final = {error.code: error for error in walk()}


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the caller wants done."""

    barcode: str
    write_only: bool = False
    """Stop at the verified tag, without the checklist."""
    choices: tuple[str, ...] = ()
    answers: dict[str, Answer] = {}
    """By rule."""
    pass_all: bool = False
    part: int = 0
    """Part of a set that is in hand; 0 = the next one without a tag."""
    timeout: float = 60.0
    """Seconds without any change after which it gives up."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended."""

    barcode: str
    good: bool
    outcome: str
    """"pass", "fail", "verified", "set-aside"."""
    snapshot: Snapshot


class Ask(Protocol):
    """Somebody who can be asked; each returns None when nobody can."""

    def choice(self, fault: Fault) -> str | None: ...

    def answer(self, check: Check) -> Answer | None: ...


class Nobody:
    """Nobody can be asked."""

    def choice(self, fault: Fault) -> str | None:  # noqa: ARG002
        """See `Ask`."""
        return None

    def answer(self, check: Check) -> Answer | None:  # noqa: ARG002
        """See `Ask`."""
        return None


class Operator:
    """Carries out one wish on a bench."""

    def __init__(self, bench: BenchPort, wish: Wish, clock: Clock, ask: Ask, say: Callable[[str], None]) -> None:
        self._bench = bench
        self._wish = wish
        self._clock = clock
        self._ask = ask
        self._say = say
        self._news: queue.SimpleQueue[Snapshot | None] = queue.SimpleQueue()
        self._choices = list(wish.choices)
        self._begun = False
        self._said = ""
        self._handled: object = None
        """What was answered last, so that a repeated snapshot is not answered twice."""

    def ended(self) -> None:
        """The station went away; may be called from any thread."""
        self._news.put(None)

    def run(self) -> Result:
        """Do it. Raises the `StationError` that stands when it cannot go on; the item is then set aside."""
        first = self._bench.snapshot
        if first.item is not None and first.verdict is None and first.item.barcode != self._wish.barcode:
            raise StationBusy(f"it has {first.item.barcode} in hand")
        unsubscribe = self._bench.subscribe(self._news.put)
        try:
            self._bench.submit(Scan(self._wish.barcode, self._wish.part))
            return self._follow(first)
        except BaseException:
            if self._begun:
                self._bench.submit(Cancel())
            raise
        finally:
            unsubscribe()

    def _follow(self, latest: Snapshot) -> Result:
        deadline = Deadline(self._clock, self._wish.timeout)
        while True:
            try:
                snapshot = self._news.get(timeout=max(0.001, deadline.remaining))
            except queue.Empty:
                if deadline.expired:
                    raise self._gave_up(latest) from None
                continue
            if snapshot is None:
                self._begun = False
                raise StationClosed("the running station went away")
            # Before anything is said: whoever hears it may stop us at once, and then the item must be set aside.
            self._begun = self._begun or self._in_hand(snapshot)
            if self._tell(snapshot):
                deadline = Deadline(self._clock, self._wish.timeout)
            latest = snapshot
            result = self._step(snapshot)
            if result is not None:
                return result

    def _tell(self, snapshot: Snapshot) -> bool:
        """Say what is new; True if anything was."""
        sentence = in_words(snapshot)
        new = sentence != self._said
        if new:
            self._said = sentence
            self._say(sentence)
        return new

    def _ours(self, snapshot: Snapshot) -> bool:
        return snapshot.item is not None and snapshot.item.barcode == self._wish.barcode

    def _in_hand(self, snapshot: Snapshot) -> bool:
        return self._ours(snapshot) and snapshot.verdict is None

    def _step(self, snapshot: Snapshot) -> Result | None:
        ours = self._ours(snapshot)
        fault = snapshot.fault
        if fault is not None and (ours or fault.new == self._wish.barcode or not snapshot.reader_ready):
            self._stopped(fault, settles_itself=snapshot.light is Light.WARNING or not snapshot.reader_ready)
            return None
        if not self._begun:
            if snapshot.notice and not ours:
                raise BarcodeMalformed(snapshot.notice)
            return None
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
            self._bench.submit(Cancel())
            return Result(barcode=self._wish.barcode, good=True, outcome="verified", snapshot=snapshot)
        if snapshot.current_check >= len(snapshot.checks):
            return None
        check = snapshot.checks[snapshot.current_check]
        if not self._once((Phase.CHECKING, check.rule)):
            return None
        answer = self._given(check)
        if answer is None and self._wish.pass_all:
            answer = Answer(check.rule, Outcome.PASS)
        if answer is None:
            answer = self._ask.answer(check)
        if answer is None:
            raise NotFinished(f"Nobody answered: {check.question}", f"--answer {check.rule}=pass|fail:REASON|na")
        if answer.outcome is Outcome.FAIL and answer.reason not in check.reasons:
            raise NotFinished(
                f"{check.question} No such reason: {answer.reason}", f"reasons: {', '.join(check.reasons)}"
            )
        self._bench.submit(answer)
        return None

    def _given(self, check: Check) -> Answer | None:
        """The answer that the caller gave for the check, or for a rule that it answers as well: a fail before all others."""
        rules = (check.rule, *(cover.rule for cover in check.covers))
        found = [self._wish.answers[rule] for rule in rules if rule in self._wish.answers]
        failed = [one for one in found if one.outcome is Outcome.FAIL]
        if failed:
            return msgspec.structs.replace(failed[0], rule=check.rule)
        return self._wish.answers.get(check.rule)

    def _stopped(self, fault: Fault, *, settles_itself: bool) -> None:
        if not self._once((fault.code, fault.sentence, fault.choices)):
            return
        offered = {choice.id for choice in fault.choices}
        armed = "keep" in offered
        if self._choices and (self._choices[0] in offered or (armed and self._choices[0] == SCAN_AGAIN)):
            self._choose(self._choices.pop(0))
            return
        if settles_itself or fault.code in _PATIENT:
            return  # the next look at the pad settles it, or the time runs out
        choice = self._ask.choice(fault)
        if choice is None:
            raise _error_of(fault)
        self._choose(choice)

    def _choose(self, choice: str) -> None:
        command: Command = Scan(self._wish.barcode) if choice == SCAN_AGAIN else Choose(choice)
        self._bench.submit(command)

    def _once(self, what: object) -> bool:
        new = what != self._handled
        self._handled = what
        return new

    def _gave_up(self, latest: Snapshot) -> StationError:
        if latest.fault is not None:
            return _error_of(latest.fault)
        waited = f"nothing changed for {self._wish.timeout:g} s"
        return TagAbsent(waited) if latest.phase is Phase.NEED_TAG else NotFinished(f"{latest.prompt}.", waited)


def _error_of(fault: Fault) -> StationError:
    """The error whose code the fault carries, so that the exit code tells the kind."""
    known = _BY_CODE.get(fault.code)
    if known is None:
        offered = ", ".join(choice.id for choice in fault.choices)
        facts = (fault.code, f"on the tag: {fault.old}" * bool(fault.old), f"wanted: {fault.new}" * bool(fault.new))
        return NotFinished(fault.sentence, "; ".join(filter(None, (*facts, f"choices: {offered}"))))
    error = known.__new__(known)
    StationError.__init__(error, fault.detail or fault.new)
    return error


def in_words(snapshot: Snapshot) -> str:
    """One line about a snapshot."""
    parts = []
    if snapshot.item is not None and snapshot.phase is Phase.NEED_TAG:
        parts.append(f"{snapshot.item.title}:")
    parts.append(snapshot.fault.sentence if snapshot.fault is not None else snapshot.prompt)
    if snapshot.fault is not None and snapshot.fault.choices:
        parts.append(f"[{', '.join(choice.id for choice in snapshot.fault.choices)}]")
    if snapshot.notice:
        parts.append(f"({snapshot.notice})")
    return " ".join(parts)
