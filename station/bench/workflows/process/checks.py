"""Answers to the checks of the item in hand."""

from __future__ import annotations

from station.base.sentence import Sentence
from station.bench.desk import Desk
from station.bench.item.in_hand import ItemInHand
from station.bench.workflows.process.item_flow import ItemFlow
from station.domain.commands import AllGood, Answer
from station.domain.notices import Notice
from station.domain.snapshot import Phase, Sound


class Checks:
    """Takes answers for one item flow. The last answer leads to the verdict."""

    def __init__(self, desk: Desk, flow: ItemFlow) -> None:
        self._desk = desk
        self._flow = flow

    def answer(self, answer: Answer) -> None:
        desk, flow = self._desk, self._flow
        in_hand = flow.in_hand
        if flow.phase is not Phase.CHECKING or in_hand is None:
            return
        if self._other_on_pad():
            return
        if desk.judge.must_look(in_hand, answer):
            desk.say(Sentence("notice.must-look"), Sound.WARNING)
        elif desk.judge.answer(in_hand, answer, desk.worker.id, desk.clock.monotonic()):
            self._conclude_if_all(in_hand)

    def answer_all(self, all_good: AllGood) -> None:
        """Pass all open checks of the page."""
        desk, in_hand = self._desk, self._flow.in_hand
        if self._flow.phase is not Phase.CHECKING or in_hand is None:
            return
        if self._other_on_pad():
            return
        if desk.judge.answer_all(in_hand, all_good, desk.worker.id, desk.clock.monotonic()):
            self._conclude_if_all(in_hand)

    def _other_on_pad(self) -> bool:
        """Refuse an answer while another item is on the pad: it may be about that one. The band says what to do."""
        if not self._flow.look_for_other():
            return False
        self._desk.answers.comes_to(Notice("state.checking-other", self._flow.shown().prompt))
        self._desk.play(Sound.WARNING)
        return True

    def _conclude_if_all(self, in_hand: ItemInHand) -> None:
        if in_hand.current == len(in_hand.checks):
            self._flow.finish(in_hand)

    def reopen(self) -> None:
        """Take the last answer back, or the number on the piece if it differs from the record."""
        desk, in_hand = self._desk, self._flow.in_hand
        if self._flow.phase is Phase.CHECKING and in_hand is not None and in_hand.differs:
            desk.judge.piece_scanned(in_hand, "", "", desk.clock.day())
            desk.say(Sentence("notice.piece-removed"), Sound.ACCEPTED)
        else:
            self._flow.take_back()
