"""nfcpy's udp device in virtual time: where the emulator has nothing more to say, the clock moves instead of anybody waiting.

nfcpy sends its datagram and waits for the answer by `select`. Here the emulator is first asked to do all that has arrived
(`settle`), so that what it says is there; if it says nothing, the time that nfcpy would have waited has passed.
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
    """While it lasts, `nfc.clf.udp` waits by `clock` for the emulator that `settle` settles."""
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
