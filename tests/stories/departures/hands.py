"""A bench without a screen at which items leave, and the hands of the person who works at it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec

from station.base.clock import Clock
from station.base.settings import Library, Settings, Station
from station.bench.bench import Bench
from station.bench.bench_ports import BenchPorts
from station.bench.workflows.withdraw.rules import against
from station.domain.commands import Act, Answer, Enter, Scan
from station.domain.findings import Outcome
from station.domain.snapshot import Phase, Snapshot
from station.domain.workflows import WithdrawState, WithdrawView, Workflow
from tests.support.simulated_bench import ISIL, RULES

_S = WithdrawState
LOOKS: Final = 4
"""Looks at the pad within which a tag is seen at rest and erased."""


def settings(operator: str) -> Settings:
    """Return the settings of a bench without approvals. `operator`: the person who works at it."""
    plain = Settings(library=Library(isil=ISIL), station=Station(operator=operator))
    return msgspec.structs.replace(plain, withdrawal=msgspec.structs.replace(plain.withdrawal, approvers=()))


class Hands:
    """Does what the bench asks for. `lay`: puts these tags on the pad, and no others. `waits`: lets the library system
    answer."""

    def __init__(self, clock: Clock, lay: Callable[..., object], waits: Callable[[], object], **ports: Any) -> None:
        """`ports`: the fields of `BenchPorts` that depend on the test."""
        self._clock, self._lay, self._waits = clock, lay, waits
        self.now = Snapshot()
        self.bench = Bench(
            BenchPorts(clock=clock, rules=RULES, systems=("alma",), languages=("en",), publish=self._published, **ports)
        )
        self.look()
        self.bench.handle(Enter(Workflow.WITHDRAW))

    def _published(self, shown: Snapshot) -> None:
        self.now = shown

    @property
    def leaves(self) -> WithdrawView:
        view = self.now.workflow_view
        assert isinstance(view, WithdrawView)
        return view

    @property
    def idle(self) -> bool:
        """Whether no item is in hand."""
        return self.leaves.state in (_S.FREE, _S.DONE)

    def look(self, times: int = 1) -> None:
        for _ in range(times):
            self._clock.pause(self.bench.tick())

    def act(self, name: str, argument: str = "") -> None:
        self.bench.handle(Act(name, argument))

    def take(self, barcode: str) -> None:
        """Scan an item."""
        self._lay()
        self.look(2)
        self.bench.handle(Scan(barcode))

    def go_on(self) -> None:
        """Do what the screen asks for."""
        view = self.leaves
        if self.now.phase is Phase.CHECKING and self.now.current_check < len(self.now.checks):
            check = self.now.checks[self.now.current_check]
            looked = Outcome.ABSTAINED if check.pass_reasons else Outcome.PASS  # of the tag, the journal knows more
            self.bench.handle(Answer(check.rule, looked))
            return
        match view.state:
            case _S.DECIDE if against(view.signs):
                self.act("despite", "looked")
            case _S.DECIDE:
                self.act("withdraw", view.barcode)
            case _S.CHOOSE:
                self.act("choose", view.offered[0].key)
            case _S.WAIT | _S.REFUSED:
                self._waits()
                self.look()
            case _S.CONFIRM:
                self.act("confirm", "looked")
                self.look()
            case _S.STRIP if view.tags and not view.tags[0].uid:
                self.act("no-tag")
            case _S.STRIP:
                self._lay(*(tag.uid for tag in view.tags[:1]))
                self.look(LOOKS)
            case _:
                self.look()
