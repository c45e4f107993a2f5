"""Process: one item at a time, from scan to verdict, with checks that the operator answers."""

from __future__ import annotations

from station.base.errors import StationError
from station.base.sentence import Sentence
from station.bench.desk import Desk
from station.bench.item.in_hand import ItemInHand
from station.bench.item.sampling import is_alone, not_sampled
from station.bench.snapshot import Shown
from station.bench.workflows.process.checks import Checks
from station.bench.workflows.process.choices import Choices
from station.bench.workflows.process.item_flow import ItemFlow
from station.bench.workflows.process.scans import Scans
from station.bench.workflows.workflow import BenchWorkflow
from station.domain.commands import AllGood, Answer
from station.domain.events import TagChangeStarted
from station.domain.notices import NONE, notice
from station.domain.people.rights import Role
from station.domain.snapshot import Fault


class ProcessWorkflow(BenchWorkflow):
    """Owns an item flow, and implements its `ItemPolicy`."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.flow = ItemFlow(desk, self)
        self._checks = Checks(desk, self.flow)
        self._scans = Scans(desk, self.flow, self._checks)
        self._choices = Choices(desk, self.flow, self._scans)

    # --- BenchWorkflow ---------------------------------------------------------------------------------------------------

    def enter(self) -> None:
        self.flow.reader_returned()

    def scan(self, text: str, part: int = 0) -> None:
        self._scans.scan(text, part)

    def take_found(self, text: str) -> None:
        """Take an item that the operator chose in the search."""
        self._scans.found(text)

    def choose(self, choice: str) -> None:
        self._choices.choose(choice)

    def answer(self, answer: Answer) -> None:
        self._desk.notice = NONE
        self._checks.answer(answer)

    def answer_all(self, all_good: AllGood) -> None:
        self._desk.notice = NONE
        self._checks.answer_all(all_good)

    def reopen(self) -> None:
        self._checks.reopen()

    def leave(self) -> None:
        self.flow.set_aside(Sentence("detail.set-aside"))

    def select_part(self, part: int) -> None:
        self._choices.select_part(part)

    def look(self) -> None:
        self.flow.look()

    @property
    def reading(self) -> bool:
        return self.flow.reading

    def read_on(self) -> None:
        self.flow.read_on()

    def failed(self, error: StationError) -> None:
        self.flow.failed(error)

    def tag_changes(self, event: TagChangeStarted) -> None:
        self.flow.tag_changes(event)

    def job_ended(self, job: str) -> Sentence:
        return self.flow.job_ended(job)

    @property
    def busy(self) -> Sentence:
        return self.flow.busy

    def shown(self) -> Shown:
        return self.flow.shown()

    # --- ItemPolicy ------------------------------------------------------------------------------------------------------

    @property
    def session(self) -> str:
        return ""

    def doubt(self, in_hand: ItemInHand) -> Fault | None:  # noqa: ARG002 - a missing field is no doubt: it is shown, and rules check it
        return None

    def begin_checks(self, in_hand: ItemInHand) -> None:
        desk = self._desk
        desk.sampling.begin(in_hand, in_hand.worker)
        trainee = Role.TRAINEE in (in_hand.worker.role, desk.worker.role)
        desk.judge.begin(
            in_hand,
            desk.clock.now()[:10],
            desk.clock.monotonic(),
            each=trainee,
            alone=is_alone(in_hand),
        )
        left_out = not_sampled(in_hand)
        if left_out is not None:
            desk.notice = notice(left_out)

    def judged(self, in_hand: ItemInHand) -> None: ...

    def stopped(self) -> None: ...

    def stop_ended(self) -> None: ...
