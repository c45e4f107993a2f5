"""The thread that reads the order lines of open shipments in the library system: when a shipment is opened, once more on each
further day, and when a person asks. It takes its requests from the same share as deliveries, and is never urgent."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from station.base.clock import Clock
from station.base.errors import Rejected, StationClosed, StationError
from station.domain.events import OrderLineRead
from station.domain.ports import OrderLines
from station.runtime.order_reading import numbers_of
from station.store.queries.queries import Queries

LOOK_S: Final = 15.0
"""Time between two looks for shipments that were opened, seconds."""
FAILED_WAIT_S: Final = 120.0
"""Wait after the library system did not answer, seconds."""

_log = logging.getLogger("station.runtime.order_reader")


class OrderReader:
    """A thread around `step`. `journal`: journals an order line that differs from the newest one."""

    def __init__(
        self, system: OrderLines, views: Queries, journal: Callable[[OrderLineRead], object], clock: Clock
    ) -> None:
        self._system = system
        self._views = views
        self._journal = journal
        self._clock = clock
        self._read: set[tuple[str, str]] = set()
        """Shipment and number of each order line that was read today."""
        self._day = ""
        self._asked: set[str] = set()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="orders", daemon=False)

    def start(self) -> None:
        self._thread.start()

    def read_again(self, shipment: str) -> None:
        """Read the order lines of a shipment soon, also those that were read today."""
        with self._lock:
            self._asked.add(shipment)
        self._wake.set()

    def stop(self, timeout: float = 30.0) -> bool:
        """Finish the request in flight, join. Return False if that did not end in time."""
        self._stopping.set()
        self._wake.set()
        if self._thread.ident is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def step(self) -> float:
        """Read the order lines that are due. Return the seconds until the next look."""
        self._forget()
        try:
            for shipment in self._shipments():
                for number in numbers_of(self._views, shipment):
                    if self._stopping.is_set():
                        return 0.0
                    if (shipment, number) not in self._read:
                        self._one(number)
                        self._read.add((shipment, number))
        except StationClosed:
            raise
        except StationError as error:
            _log.warning("order lines could not be read, next try in %.0f s: %s", FAILED_WAIT_S, error)
            return FAILED_WAIT_S
        return LOOK_S

    def _one(self, number: str) -> None:
        try:
            line = self._system.order_line(number)
        except Rejected as error:
            _log.warning("order line %r: %s", number, error)
            return
        if line is not None:
            self._journal(OrderLineRead(system=self._system.name, content=line))

    def _shipments(self) -> tuple[str, ...]:
        return tuple(shipment.id for shipment in self._views.shipments())

    def _forget(self) -> None:
        """Forget what was read: on a new day everything, else what a person asks for."""
        with self._lock:
            asked, self._asked = self._asked, set()
        if self._day != (today := self._clock.day()):
            self._day, self._read = today, set()
        self._read = {(shipment, number) for shipment, number in self._read if shipment not in asked}

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._wake.clear()
            try:
                wait = self.step()
            except StationClosed:
                return
            self._wake.wait(wait)
