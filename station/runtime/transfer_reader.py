"""The thread that reads the items of open transfers in the library system, until it shows them at their new place."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Final

from station.base.errors import CatalogError, DepartureRefused, StationClosed, StationError, SyncError
from station.domain.item import Barcode
from station.domain.ports import Catalog
from station.domain.transfer_reading import Reading, shown_by
from station.domain.transfers.transfer import Transfer
from station.store.queries.queries import Queries

LOOK_S: Final = 600.0
"""Time between two looks at all open transfers, seconds."""

_log = logging.getLogger("station.runtime.transfer_reader")


def waiting(views: Queries) -> tuple[Transfer, ...]:
    """Return the transfers whose new place the library system does not show yet, the oldest first."""
    return tuple(transfer for transfer in views.transfers() if not transfer.read_at)


def read(transfers: Iterable[Transfer], catalog: Catalog, operator: str = "") -> tuple[Reading, ...]:
    """Return what the records of these items prove now. An item that cannot be read proves nothing."""
    shown: list[Reading] = []
    for transfer in transfers:
        try:
            record = catalog.find(Barcode(transfer.barcode))
        except (CatalogError, SyncError) as error:
            _log.info("transfer %s: %s", transfer.id, error)
            continue
        shown.extend(shown_by(transfer, record, operator))
    return tuple(shown)


class TransferReader:
    """A thread around `step`. `open_catalog`: opens the source of records in this thread. `journal`: journals what it
    proves."""

    def __init__(
        self,
        views: Queries,
        open_catalog: Callable[[], Catalog],
        journal: Callable[..., object],
        wait_s: float = LOOK_S,
    ) -> None:
        self._views = views
        self._open_catalog = open_catalog
        self._journal = journal
        self._wait_s = wait_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="transfers", daemon=False)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 30.0) -> bool:
        """Finish the look-up in flight, join. Return False if that did not end in time."""
        self._stopping.set()
        if self._thread.ident is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def step(self, catalog: Catalog) -> None:
        """Look once at each transfer that waits."""
        for transfer in waiting(self._views):
            if self._stopping.is_set():
                return
            if shown := read([transfer], catalog):
                try:
                    self._journal(*shown)
                except DepartureRefused as error:  # a person was faster
                    _log.info("transfer %s: %s", transfer.id, error)

    def _run(self) -> None:
        catalog: Catalog | None = None
        while not self._stopping.is_set():
            try:
                catalog = catalog or self._open_catalog()
                self.step(catalog)
            except StationClosed:
                return
            except StationError as error:
                _log.warning("transfers could not be read, next try in %.0f s: %s", self._wait_s, error)
            self._stopping.wait(self._wait_s)
