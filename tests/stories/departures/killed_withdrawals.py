"""A station that withdraws four items at a bench without a screen: it decides, orders, waits, erases the tags by an emulated
reader, checks, and puts away. It takes up what an earlier process left, and runs until every withdrawal is finished. The
test arms it (`tests.stories.kill.armed`), so that it dies at a named point.

    python -m tests.stories.departures.killed_withdrawals FOLDER BASE_URL READER
"""

from __future__ import annotations

import json
import socket
import sys
import uuid
from pathlib import Path
from random import Random
from typing import Any, Final

from station.base import settings
from station.base.clock import SystemClock
from station.base.credentials import Secret
from station.domain import events as ev
from station.domain.deliveries.intents import Bib, Holdings
from station.domain.item import Barcode, ItemRecord
from station.domain.people.rights import Role
from station.domain.verdict import Verdict
from station.domain.withdrawals.withdrawal import NextStep, WithdrawRules
from station.drivers.registry import reader_owner
from station.store.owner import Store, open_store
from station.sync.alma.system import Alma
from station.sync.courier.courier import Courier
from tests.bench.test_bench import encoded
from tests.stories.departures import hands
from tests.stories.departures.hands import Hands
from tests.support.leaving_bench import Signs
from tests.support.simulated_bench import record

TESS: Final = "w-tess"
SYSTEMS: Final = {"31234000000016": "alma", "31234000000024": "alma", "31234000000032": "alma", "31234000000040": ""}
"""Items, and the library system that deletes each; "" = a person confirms the deletion."""
TAGS: Final = {
    "31234000000016": ("E004015000000011",),
    "31234000000024": ("E004015000000021", "E004015000000022"),
    "31234000000032": ("E004015000000031",),
    "31234000000040": ("E004015000000041",),
}
"""Tags of each item, in the order of its parts."""
RULES: Final = WithdrawRules(oclc_owner="by-hand")
MOST: Final = 300
"""Steps within which a station without a kill is done."""


class Hasty(SystemClock):
    """The machine's clock, on which waiting takes no time."""

    def __init__(self) -> None:
        self.skipped = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped

    def pause(self, seconds: float) -> None:
        self.skipped += seconds


class Shelf:
    """`ports.Catalog` of the items."""

    def find(self, barcode: Barcode) -> ItemRecord:
        return record(barcode, parts=len(TAGS[barcode]))


def tag_of(barcode: str, part: int) -> dict[str, Any]:
    """Return the content of a finished tag, for the emulator."""
    made = encoded(barcode, part=part, parts=len(TAGS[barcode]))
    return {"chip": "slix", "memory": bytes(made["memory"]).hex(), "afi": made["afi"], "dsfid": made["dsfid"]}  # type: ignore[call-overload]


def prepare(folder: Path) -> None:
    """Make a journal in which the four items have their tags."""
    store = open_store(folder / "journal.db", SystemClock())
    store.journal.record(ev.WorkerRegistered(worker=TESS, role=Role.SYSTEMS))
    for barcode, uids in TAGS.items():
        for part, uid in enumerate(uids, 1):
            names: dict[str, Any] = {"uid": uid, "barcode": barcode, "part": part, "parts": len(uids), "operator": TESS}
            judged = ev.ItemJudged(**names, verdict=Verdict.PASS, findings=(), item=Shelf().find(Barcode(barcode)))
            store.journal.record(ev.TagWriteVerified(**names, attempt=f"first-{uid}", writes=1), judged)
    store.close()


class Pad:
    """The pad of the emulated reader, by its control socket."""

    def __init__(self, control: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(control))
        self._lines = self._socket.makefile("rwb")

    def _do(self, word: str, **arguments: str) -> None:
        self._lines.write(json.dumps({"do": word, **arguments}).encode() + b"\n")
        self._lines.flush()
        answer = json.loads(self._lines.readline())
        assert answer["ok"], answer

    def lay(self, *uids: str) -> None:
        """Put these tags, and no others, on the pad."""
        self._do("lift")
        for uid in uids:
            self._do("place", uid=uid)


def main() -> None:
    folder, base_url, rig = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    clock = Hasty()
    alma = Alma(
        settings.Alma(base_url=base_url, requests_per_second=20.0),
        lambda: Secret("key"),
        clock,
        reason_field="internal_note_3",
    )
    store = open_store(folder / "journal.db", clock, withdraw_rules=RULES)
    owner = reader_owner(settings.Reader(port=str(rig / "reader"), answer_ms=300), clock, data=folder)
    owner.start()
    try:
        store.outbox.recover()
        courier = Courier(store.outbox, {"alma": alma}, clock, Random(1))
        person = Hands(
            clock,
            Pad(rig / "control").lay,
            courier.step,
            reader=owner.reader,
            catalog=Shelf(),
            journal=store.journal,
            history=store.queries,
            departures=store.queries,
            stop_signs=Signs(),
            deleting_system="alma",
            settings=hands.settings(TESS),
            new_id=lambda: uuid.uuid4().hex,
        )
        for barcode in TAGS:
            finish(store, person, barcode)
        while store.outbox.waiting():
            courier.step()
    finally:
        owner.stop()
        store.close()
        alma.close()


def finish(store: Store, person: Hands, barcode: str) -> None:
    """Withdraw the item, to its last proof."""
    for _ in range(MOST):
        now = store.queries.withdrawal_of_item(barcode)
        if now is not None and now.next_step is NextStep.NOTHING:
            return
        if now is not None and now.next_step is NextStep.OCLC:
            store.journal.order(ev.OclcHoldingRemoved(withdrawal=now.id, operator=TESS))
        elif now is None and not SYSTEMS[barcode]:
            decide_by_command(store, barcode)
        elif person.idle:
            person.take(barcode)
        else:
            person.go_on()
    raise AssertionError(f"{barcode} is not finished: {now and now.next_step}, {person.now}")


def decide_by_command(store: Store, barcode: str) -> None:
    """Decide for an item that no library system deletes."""
    item = Shelf().find(Barcode(barcode))
    event = ev.WithdrawalDecided(
        barcode=barcode, reason="weeded", destination="discard", holdings=Holdings.DELETE, bib=Bib.SUPPRESS, item=item,
        operator=TESS,
    )  # fmt: skip
    store.journal.order(event)


if __name__ == "__main__":
    main()
