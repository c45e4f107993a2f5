"""Asks the center about tags, in a thread of its own: the bench begins to ask at the scan, and uses what has come at the gate.

A question that the center does not answer is forgotten. So is an answer after some minutes. The thread also asks for second
tags that were found afterwards.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Final, Protocol

import msgspec

from station.base.clock import Clock
from station.base.errors import StationError
from station.base.sentence import Sentence
from station.domain.tags_elsewhere import SecondTags, TagQuestion, TagsElsewhere

MOST: Final = 100
"""Questions that wait, and answers that are kept. The oldest goes first."""
KEPT_S: Final = 600.0
"""Seconds for which an answer is kept: an item may lie on the pad while a person is away."""
LOOK_S: Final = 60.0
"""Seconds between two questions for second tags."""
_WEEK: Final = 7

_log = logging.getLogger("station.fleet.elsewhere")


class Asked(Protocol):
    """The center, as `center.Center` asks it. Raises `StationError`."""

    def tags(self, question: TagQuestion) -> TagsElsewhere: ...

    def second_tags(self) -> SecondTags: ...

    def close(self) -> None: ...


class ElsewhereThread:
    """Implements `ports.Elsewhere`. Any thread may call it."""

    asks = True

    def __init__(
        self, center: Asked, journal: str, clock: Clock, found: Callable[[SecondTags], None] = lambda _tags: None
    ) -> None:
        """`center`: of this object alone; closed at the end. `journal`: id of the journal's newest timeline. `found`:
        receives the second tags that this bench wrote, again and again."""
        self._center = center
        self._journal = journal
        self._clock = clock
        self._found = found
        self._changed = threading.Condition()
        self._waiting: OrderedDict[TagQuestion, None] = OrderedDict()
        self._answers: OrderedDict[TagQuestion, tuple[float, TagsElsewhere]] = OrderedDict()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="elsewhere", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 1.0) -> None:
        """End after the request that is under way; do not wait long for it."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def ask(self, question: TagQuestion) -> None:
        with self._changed:
            self._answers.pop(question, None)
            self._waiting[question] = None
            self._waiting.move_to_end(question)
            if len(self._waiting) > MOST:
                self._waiting.popitem(last=False)
            self._changed.notify()

    def answer(self, question: TagQuestion) -> TagsElsewhere | None:
        with self._changed:
            came, answer = self._answers.get(question, (0.0, None))
            return answer if self._clock.monotonic() - came < KEPT_S else None

    def day(self, at: str) -> Sentence:
        try:
            local = datetime.fromisoformat(at).astimezone().date()
            past = (datetime.fromisoformat(self._clock.day()).date() - local).days
        except (ValueError, OverflowError):
            return Sentence("fault.day.unknown")
        if past == 0:
            return Sentence("fault.day.today")
        if 0 < past < _WEEK:
            return Sentence(f"fault.day.{local.isoweekday()}")
        return Sentence("fault.day.date", day=local.isoformat()) if past > 0 else Sentence("fault.day.unknown")

    def step(self) -> bool:
        """Ask the newest question that waits. Return False if none does."""
        with self._changed:
            if not self._waiting:
                return False
            question, _ = self._waiting.popitem()
        try:
            answer = _to(question, self._center.tags(question), self._journal)
        except StationError as error:
            _log.info("the center did not answer about tags: %s", error)
            return True
        with self._changed:
            if question not in self._waiting:  # asked again meanwhile: the next answer is newer
                self._answers[question] = (self._clock.monotonic(), answer)
                self._answers.move_to_end(question)
            if len(self._answers) > MOST:
                self._answers.popitem(last=False)
        return True

    def look(self) -> None:
        """Ask for second tags."""
        try:
            tags = self._center.second_tags()
        except StationError as error:
            _log.info("the center did not answer about second tags: %s", error)
            return
        self._found(tags)

    def _run(self) -> None:
        look_at = self._clock.monotonic()
        while True:
            with self._changed:
                wait = look_at - self._clock.monotonic()
                self._changed.wait_for(lambda: self._stopped or bool(self._waiting), max(0.0, wait))
                if self._stopped:
                    break
            try:
                if not self.step() and self._clock.monotonic() >= look_at:
                    look_at = self._clock.monotonic() + LOOK_S
                    self.look()
            except Exception:
                _log.exception("asking about tags failed")
        self._center.close()


def _to(question: TagQuestion, answer: TagsElsewhere, journal: str) -> TagsElsewhere:
    """Return what the answer says to this question. If the center does not know the journal's newest timeline yet, it
    knows no event of it."""

    def asked(uid: str, barcode: str) -> bool:
        return uid == question.uid if question.uid else barcode == question.barcode

    return msgspec.structs.replace(
        answer,
        seq=answer.seq if answer.journal == journal else 0,
        held=tuple(tag for tag in answer.held if asked(tag.uid, tag.barcode)),
        gone=tuple(tag for tag in answer.gone if asked(tag.uid, tag.barcode)),
    )
