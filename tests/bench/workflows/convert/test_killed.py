"""The station ends at any point of a conversion: before and after every reader command and every journal entry.

The restart must restore the same session with the same count. Every item is judged once, has its own tag, and is in one
stack.
"""

from __future__ import annotations

from collections import Counter

import pytest

from station.domain.events import AnyEvent, ConvertBegan, StackChecked
from station.domain.snapshot import Phase
from station.domain.tag_image import Uid
from station.domain.verdict import Verdict
from station.domain.workflows import ConvertState, ConvertView, StackState, Workflow
from tests.bench.checked_parts import Killed, state_of
from tests.bench.workflows.convert.test_convert import MANY, Line, shelf  # noqa: F401 - the fixture puts the items into the catalog
from tests.support.simulated_bench import MemoryJournal
from tests.support.told import told

ITEMS = MANY[:3]
UIDS = [Uid(f"E0040100{0x700 + number:08X}") for number in range(len(ITEMS))]


class MortalJournal(MemoryJournal):
    """Dies at one of its entries: before it is durable, or just after."""

    def __init__(self) -> None:
        super().__init__()
        self.left: int | None = None
        self.before = True

    def record(self, *new: AnyEvent, **more: object) -> int:
        if self.left is None:
            return super().record(*new, **more)  # type: ignore[arg-type]
        self.left -= 1
        if self.left == 0 and self.before:
            raise Killed
        seq = super().record(*new, **more)  # type: ignore[arg-type]
        if self.left == 0:
            raise Killed
        return seq


class Mortal(Line):
    """Processes the items and their stack, as an operator who reads the screen would, until it is killed."""

    def __init__(self) -> None:
        super().__init__(journal=MortalJournal())
        for number in range(len(ITEMS)):
            self.world.tag(0x700 + number)

    def arm(self, kind: str, at: int) -> None:
        """Die at the n-th reader command, or before or after the n-th journal entry, from now on."""
        if kind == "command":
            self.world.at_command[self.world.commands + at] = self._die
        else:
            assert isinstance(self.journal, MortalJournal)
            self.journal.left, self.journal.before = at, kind == "before"

    @staticmethod
    def _die() -> None:
        raise Killed

    def disarm(self) -> None:
        assert isinstance(self.journal, MortalJournal)
        self.journal.left = None
        self.world.at_command.clear()

    def work(self) -> None:
        """Do all remaining work, according to what the station shows."""
        self.enter(Workflow.CONVERT)
        for code, uid in zip(ITEMS, UIDS, strict=True):
            self.world.lift()
            self.look(2)
            done = {(item.barcode) for item in self.items()}
            if code in done:
                continue
            self.scan(code)
            if self.now.notice.code == "convert.done-before":
                continue
            self.place(uid)
            assert self.now.phase is Phase.DONE and self.now.verdict is Verdict.PASS, (
                self.now.fault,
                told(self.now.notice.sentence),
            )
        self.world.lift()
        self.look(2)
        if self.workflow_view.stack:
            self.act("check-stack")
            self.world.place(*UIDS)
            self.look(3)
            report = self.workflow_view.report
            assert report is not None and report.of(StackState.WRONG) == ()
            self.act("go-on")
            self.world.lift()
            self.look(2)

    def items(self) -> tuple[object, ...]:
        view = self.now.workflow_view
        return view.newest if isinstance(view, ConvertView) else ()


def killed(kind: str, at: int) -> bool:
    """Run until the kill, restart, and finish the work. Return False if the work has fewer such points."""
    rig = Mortal()
    rig.arm(kind, at)
    try:
        rig.work()
    except Killed:
        pass
    else:
        return False
    rig.disarm()
    writes = {uid: rig.world.tags[uid].writes for uid in UIDS}
    rig.start()
    rig.work()
    judged = Counter((event.barcode, event.part) for event in rig.judged())
    assert judged == {(code, 1): 1 for code in ITEMS}, "each item must be judged once, and none may be lost"
    assert rig.workflow_view.state is ConvertState.LINE and rig.workflow_view.done == len(ITEMS)
    assert rig.workflow_view.stack == (), "all items must have been verified in a stack"
    sessions = [event for event in rig.journal.events if isinstance(event, ConvertBegan)]
    assert len(sessions) == 1 and {event.session for event in rig.judged()} == {sessions[0].session}
    for code, uid in zip(ITEMS, UIDS, strict=True):
        content = state_of(rig.world.tags[uid]).content
        assert content is not None and content.primary_item_identifier == code
        bound = rig.journal.binding_of(uid)
        assert bound is not None and bound.barcode == code
    right = [line.barcode for event in rig.journal.events if isinstance(event, StackChecked) for line in event.lines]
    assert set(right) == set(ITEMS)
    assert rig.journal.attempts == {} and all(rig.world.tags[uid].writes >= writes[uid] for uid in UIDS)
    return True


@pytest.mark.parametrize(("kind", "at"), [("command", 9), ("command", 31), ("before", 4), ("after", 4), ("after", 6)])
def test_some_ends(kind: str, at: int) -> None:
    assert killed(kind, at)


@pytest.mark.soak
def test_every_end() -> None:
    counts = {}
    for kind in ("command", "before", "after"):
        hit = [at for at in range(1, 400) if killed(kind, at)]
        assert hit == list(range(1, len(hit) + 1))
        counts[kind] = len(hit)
    print(f"\nconversion: ended at {counts}; every item judged once, no session lost, no tag wrong")
    assert sum(counts.values()) >= 50
