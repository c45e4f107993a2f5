"""A station that withdraws four items, in a process that kills itself with SIGKILL right before its n-th step: an event of a
person, a commit of the outbox or a request. It takes up what an earlier process left. With N = 0 it runs until every
withdrawal is finished.

    python -m tests.stories.departures.killed_withdrawals JOURNAL BASE_URL N
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

from station.base import settings
from station.base.clock import SystemClock
from station.base.credentials import Secret
from station.domain import events as ev
from station.domain.deliveries.intents import Bib, Holdings
from station.domain.people.rights import Role
from station.domain.verdict import Verdict
from station.domain.withdrawals.withdrawal import NextStep, Withdrawal
from station.store.owner import Store, open_store
from station.store.queries.queries import Queries
from station.sync.alma.system import Alma
from station.sync.courier.courier import Courier
from station.sync.http import Http
from tests.stories.departures.withdrawal_schedule import RULES, TESS
from tests.support.simulated_bench import record
from tests.sync.courier import courier_process

SYSTEMS = {"31234000000015": "alma", "31234000000023": "alma", "31234000000031": "alma", "31234000000049": ""}
"""Items, and the library system that deletes each; "" = a person confirms the deletion."""
ITEMS = tuple(SYSTEMS)


def main() -> None:
    journal, base_url, die_at = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    courier_process.counted(Http, "_send", die_at)
    clock = SystemClock()
    config = settings.Alma(base_url=base_url, requests_per_second=20.0)
    alma = Alma(config, lambda: Secret("key"), clock, reason_field="internal_note_3")
    store = open_store(journal, clock, withdraw_rules=RULES)
    queries = Queries(journal, clock)
    for name in ("lease", "sending", "settle"):
        courier_process.counted(store.outbox, name, die_at)
    for name in ("order", "record"):
        courier_process.counted(store.journal, name, die_at)
    try:
        store.outbox.recover()
        if TESS not in queries.workers():
            store.journal.record(ev.WorkerRegistered(worker=TESS, role=Role.SYSTEMS))
        for barcode, system in SYSTEMS.items():
            if queries.withdrawal_of_item(barcode) is None:
                store.journal.order(
                    ev.WithdrawalDecided(
                        barcode=barcode, reason="weeded", destination="discard", system=system, holdings=Holdings.DELETE,
                        bib=Bib.SUPPRESS, item=record(barcode), operator=TESS,
                    )
                )  # fmt: skip
        courier = Courier(store.outbox, {"alma": alma}, clock, Random(1))
        while store.outbox.waiting():
            courier.step()
        while unfinished := queries.withdrawals():
            for each in unfinished:
                go_on(store, each)
    finally:
        store.close()
        alma.close()
    print(courier_process.steps)


def go_on(store: Store, each: Withdrawal) -> None:
    """Take the withdrawal's next step."""
    item = record(each.barcode)
    names = {"checklist": f"c-{each.newest}", "task": "withdrawal", "barcode": each.barcode, "day": "2026-12-02"}
    match each.next_step:
        case NextStep.CONFIRM:
            store.journal.order(ev.DeletionConfirmed(withdrawal=each.id, reason="looked", operator=TESS))
        case NextStep.STRIKE:
            judged = ev.WithdrawalJudged(**names, verdict=Verdict.PASS, findings=(), item=item, operator=TESS)
            store.journal.record(judged)
        case NextStep.PLACE:
            store.journal.order(ev.WithdrawalPlaced(withdrawal=each.id, place="box 1", operator=TESS))
        case NextStep.OCLC:
            store.journal.order(ev.OclcHoldingRemoved(withdrawal=each.id, operator=TESS))
        case step:
            raise AssertionError(f"{each.barcode}: {step}, {each.proofs}")


if __name__ == "__main__":
    main()
