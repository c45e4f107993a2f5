"""The courier of receipts in a separate process that kills itself with SIGKILL right before its n-th step: a commit of the
outbox or a request. Prints the number of steps. With N = 0 it runs until no delivery waits.

    python -m tests.stories.receiving.killed_courier JOURNAL BASE_URL N
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

from station.base import settings
from station.base.clock import SystemClock
from station.base.credentials import Secret
from station.base.settings.delivery import AlmaOrders as OrderSettings
from station.domain.receiving.order_line import ReceiptRules
from station.store.owner import open_store
from station.sync.alma.orders import AlmaOrders
from station.sync.courier.courier import Courier
from station.sync.http import Http
from tests.stories.receiving.receipt_schedule import DEPARTMENT
from tests.sync.courier import courier_process

RULES = ReceiptRules(system="alma-orders")


def main() -> None:
    journal, base_url, die_at = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    courier_process.counted(Http, "_send", die_at)
    clock = SystemClock()
    orders = OrderSettings(enabled=True, library=DEPARTMENT[1], department=DEPARTMENT[0])
    config = settings.Alma(base_url=base_url, requests_per_second=20.0, orders=orders)
    adapter = AlmaOrders(config, lambda: Secret("key"), clock)
    store = open_store(journal, clock, receipt_rules=RULES)
    for name in ("lease", "sending", "settle"):
        courier_process.counted(store.outbox, name, die_at)
    try:
        store.outbox.recover()
        courier = Courier(store.outbox, {"alma-orders": adapter}, clock, Random(1))
        while store.outbox.waiting():
            courier.step()
    finally:
        store.close()
        adapter.close()
    print(courier_process.steps)


if __name__ == "__main__":
    main()
