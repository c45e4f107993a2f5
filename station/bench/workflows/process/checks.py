"""Answers to the checks of the item in hand."""

from __future__ import annotations

from station.base.words import Sentence
from station.bench.desk import Desk
from station.bench.item.in_hand import ItemInHand
from station.bench.workflows.process.item_flow import ItemFlow
from station.domain.commands import AllGood, Answer
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
        if desk.judge.must_look(in_hand, answer):
            desk.say(Sentence("notice.must-look"), Sound.WARNING)
        elif desk.judge.answer(in_hand, answer, desk.worker.id, desk.clock.monotonic()):
            self._conclude_if_all(in_hand)

    def answer_all(self, all_good: AllGood) -> None:
        """Pass all open checks of the page."""
        desk, in_hand = self._desk, self._flow.in_hand
        if self._flow.phase is not Phase.CHECKING or in_hand is None:
            return
        if desk.judge.answer_all(in_hand, all_good, desk.worker.id, desk.clock.monotonic()):
            self._conclude_if_all(in_hand)

    def _conclude_if_all(self, in_hand: ItemInHand) -> None:
        if in_hand.current == len(in_hand.checks):
            self._flow.conclude(in_hand)

    def reopen(self) -> None:
        """Take the last answer back."""
        self._flow.take_back()
