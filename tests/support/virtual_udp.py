"""nfcpy's udp device in virtual time: the clock advances whenever the emulator has nothing to send.

nfcpy sends its datagram and waits for the answer with `select`. Here the emulator first processes all that has arrived
(`settle`), so that its answer is available. If there is none, the clock advances by the time that nfcpy would have
waited.
"""

from __future__ import annotations

import select
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import FakeClock


@contextmanager
def virtual_udp(settle: Callable[[], object], clock: FakeClock) -> Iterator[None]:
    """Make `nfc.clf.udp` wait on `clock` for the emulator that `settle` settles."""
    import nfc.clf.udp

    def waiting(readers: list[Any], writers: list[Any], others: list[Any], timeout: float) -> Any:
        settle()
        ready = select.select(readers, writers, others, 0)
        if not ready[0]:
            clock.pause(max(timeout, 0.0))
        return ready

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nfc.clf.udp, "select", SimpleNamespace(select=waiting))
        patch.setattr(nfc.clf.udp, "time", SimpleNamespace(time=clock.monotonic))
        yield
