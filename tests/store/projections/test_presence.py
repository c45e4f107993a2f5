"""What a library system has is journaled only where it contradicts the journal, and where such a contradiction ends."""

from __future__ import annotations

from station.domain import events as ev
from station.domain.events import Presence
from station.domain.people.rights import Role
from station.domain.verdict import Verdict
from station.domain.withdrawals.deletion_watch import WatchKind
from station.domain.withdrawals.withdrawal import withdrawal_id
from tests.store.lists.test_packing_lists import A, B, Desk, desk, item

__all__ = ["desk"]


def judges(desk: Desk, barcode: str = A) -> None:
    desk.store.journal.record(
        ev.ItemJudged(barcode=barcode, uid="", part=1, parts=1, verdict=Verdict.PASS, findings=(), item=item(barcode))
    )


def reads(desk: Desk, presence: Presence, barcode: str = A) -> int:
    return desk.store.journal.order(ev.PresenceRead(system="alma", barcode=barcode, presence=presence, title="A title"))


def decides(desk: Desk, barcode: str, part: int = 0) -> str:
    decision = ev.WithdrawalDecided(
        barcode=barcode, part=part, reason="weeded", destination="recycle", item=item(barcode), operator="tess"
    )
    return withdrawal_id(desk.store.journal.order(decision))


def rows(desk: Desk) -> list[tuple[WatchKind, str, str]]:
    return [(row.kind, row.barcode, row.withdrawal) for row in desk.store.queries.presence_contradictions()]


def test_gone_there_and_in_use_here(desk: Desk) -> None:
    assert not reads(desk, Presence.ABSENT), "no item of this station"
    judges(desk)
    assert not reads(desk, Presence.PRESENT), "as it should be"
    assert reads(desk, Presence.ABSENT)
    assert not reads(desk, Presence.ABSENT), "it was journaled"
    assert rows(desk) == [(WatchKind.GONE_THERE, A, "")]
    assert reads(desk, Presence.PRESENT), "the end of a contradiction is news, too"
    assert rows(desk) == []
    assert len(desk.events(ev.PresenceRead)) == 2
    desk.check()


def test_withdrawn_here_and_still_there(desk: Desk) -> None:
    judges(desk)
    judges(desk, B)
    desk.store.journal.order(ev.WorkerRegistered(worker="tess", role=Role.TECHNICIAN, operator="root"))
    name = decides(desk, A)
    decides(desk, B, part=2)
    assert not reads(desk, Presence.PRESENT), "decided, and not deleted yet"
    desk.store.journal.order(ev.DeletionConfirmed(withdrawal=name, reason="seen there", operator="tess"))
    reads(desk, Presence.PRESENT)
    assert not reads(desk, Presence.PRESENT, B), "one part went, and the item stays"
    assert rows(desk) == [(WatchKind.STILL_THERE, A, name)]
    assert [row[0] for row in desk.store.queries.gone_items()] == [A]
    assert [barcode for barcode, _ in desk.store.queries.items_in_use()] == [B]
    assert reads(desk, Presence.ABSENT)
    assert rows(desk) == []
    desk.check()
