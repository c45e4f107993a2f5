"""A bench at which items leave: the real journal and outbox, and a library system that answers when a test says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import msgspec

from station.base.sentence import Sentence
from station.base.settings import Settings
from station.bench.bench_ports import BenchPorts
from station.domain import events as ev
from station.domain.deliveries.delivery import DeliveryState, Why
from station.domain.item import Barcode, ItemRecord
from station.domain.people.rights import Role
from station.domain.ports import Departures
from station.domain.withdrawals.pull_list import PullLine, PullList, PullStanding, pull_list_id
from station.domain.withdrawals.stop_signs import Reply, Sign, SignAnswer
from station.domain.withdrawals.withdrawal import Withdrawal
from station.domain.workflows import WithdrawView, Workflow
from station.store.journal.journal import JournalStore
from station.store.journal.outbox import OutboxStore
from station.store.projections import pull_lists, withdrawals
from tests.bench.staff import SIGN_ON, Staff
from tests.bench.test_authorise import come
from tests.support.packing_bench import PACKING, PackRig, SqlBoxes

LEAVING: Final[Settings] = msgspec.structs.replace(
    PACKING, withdrawal=msgspec.structs.replace(PACKING.withdrawal, approvers=())
)


class SqlDepartures(SqlBoxes):
    """`ports.Departures` on the tables of the journal."""

    def pull_line(self, barcode: str) -> PullStanding | None:
        return pull_lists.pull_line(self._sql, barcode)

    def __getattr__(self, name: str) -> Any:
        if name not in vars(Departures):
            raise AttributeError(name)
        query = {"withdrawal_of_item": "of_item"}.get(name, name)
        return lambda *arguments: getattr(withdrawals, query)(self._sql, *arguments)


class Signs:
    """`ports.StopSigns` with the replies of a test; all others are "no"."""

    def __init__(self) -> None:
        self.up: dict[Sign, str] = {}

    def answers(self, _item: ItemRecord) -> tuple[SignAnswer, ...]:
        return tuple(
            SignAnswer(
                sign=sign,
                reply=Reply.YES if sign in self.up else Reply.NO,
                source="record",
                detail=self.up.get(sign, ""),
            )
            for sign in Sign
        )


class LeaveRig(PackRig):
    """A rig in Withdraw. `system`: the library system that deletes; "" = none."""

    def __init__(self, settings: Settings = LEAVING, *, system: str = "alma", **more: Any) -> None:
        self.system, self.signs = system, Signs()
        super().__init__(settings=settings, **more)
        self.outbox = OutboxStore(self.sql, JournalStore(self.sql, self.clock))

    def ports(self) -> BenchPorts:
        departures: Any = SqlDepartures(self.sql)
        return replace(super().ports(), departures=departures, stop_signs=self.signs, deleting_system=self.system)

    @property
    def leaves(self) -> WithdrawView:
        view = self.now.workflow_view
        assert isinstance(view, WithdrawView)
        return view

    def opened_withdraw(self) -> LeaveRig:
        self.enter(Workflow.WITHDRAW)
        return self

    def decided(self, barcode: Barcode) -> None:
        """Scan an item and decide: weeded, to surplus."""
        self.scan(barcode)
        self.act("withdraw", barcode)
        self.act("choose", "weeded")
        self.act("choose", "surplus")

    def listed(self, *barcodes: Barcode, name: str = "Cooking", approver: str = "Ida Lund") -> str:
        """Import a pull list with these items: weeded, to surplus. Return its id."""
        lines = tuple(PullLine(line=barcode, barcode=barcode, title=f"Line {barcode}") for barcode in barcodes)
        content = PullList(name=name, reason="weeded", destination="surplus", approver=approver, lines=lines)
        return pull_list_id(self.journal.order(ev.PullListImported(content=content, source="cooking.csv")))

    def line(self, pull: str, barcode: Barcode) -> PullStanding:
        """Return how a line of a pull list stands."""
        return next(line for line in pull_lists.pull_lines(self.sql, pull) if line.content.barcode == barcode)

    def answers(self, state: DeliveryState = DeliveryState.DELIVERED, why: str = "") -> None:
        """Let the library system answer the oldest delivery."""
        (head, *_) = self.outbox.heads(system=self.system)
        assert self.outbox.lease(head.id) is not None
        self.outbox.settle(head.id, state, Sentence.verbatim(why), why=Why(reason=why))
        self.look(2)

    def withdrawal(self, barcode: Barcode) -> Withdrawal:
        found = withdrawals.of_item(self.sql, barcode)
        assert found is not None
        return found

    def blank(self, barcode: Barcode) -> bool:
        """Return whether the item's tag holds nothing."""
        tag = self.world.tags[self.tags[barcode]]
        return not any(tag.memory) and tag.afi == 0 and tag.dsfid == 0

    def finish(self) -> None:
        """Pass every open check."""
        self.pass_all()

    def of(self, *kinds: type) -> list[Any]:
        return [event for event in self.journal.events if isinstance(event, kinds or ev.Event)]


def operators_rig() -> LeaveRig:
    """Return a rig in Withdraw at which an operator has signed on, and a technician is registered."""
    staff = Staff()
    rig = LeaveRig(settings=msgspec.structs.replace(LEAVING, people=SIGN_ON.people), people=staff, keeper=staff)
    staff.clock = rig.clock
    rig.journal.record(ev.WorkerRegistered(worker="w-tess", role=Role.TECHNICIAN))
    come(rig, "ann")
    return rig.opened_withdraw()
