"""The courier in a separate process that kills itself with SIGKILL right before its n-th step: a commit of the outbox
or a request. Prints the number of steps. With N = 0 it runs until no delivery waits.

    python -m tests.sync.courier.courier_process JOURNAL BASE_URL N
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from random import Random
from typing import Any

from station.base import settings
from station.base.clock import SystemClock
from station.base.credentials import Secret
from station.store.owner import open_store
from station.sync.alma.system import Alma
from station.sync.courier.courier import Courier
from station.sync.http import Http

steps = 0


def counted(owner: Any, name: str, die_at: int) -> None:
    """Count the calls of a method, and die before the n-th of all counted calls."""
    original = getattr(owner, name)

    def call(*args: Any, **more: Any) -> Any:
        global steps
        steps += 1
        if steps == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*args, **more)

    setattr(owner, name, call)


def main() -> None:
    journal, base_url, die_at = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    counted(Http, "_send", die_at)
    clock = SystemClock()
    alma = Alma(settings.Alma(base_url=base_url, requests_per_second=20.0), lambda: Secret("key"), clock)
    store = open_store(journal, clock)
    for name in ("lease", "sending", "settle"):
        counted(store.outbox, name, die_at)
    try:
        store.outbox.recover()
        courier = Courier(store.outbox, {"alma": alma}, clock, Random(1))
        while store.outbox.waiting():
            courier.step()
    finally:
        store.close()
        alma.close()
    print(steps)


if __name__ == "__main__":
    main()
