"""What a command journals: through the running station, else under its lock."""

from __future__ import annotations

from collections.abc import Callable

from station.cli.app import App
from station.control.client import Client, connect
from station.control.lock import hold
from station.errors import StationBusy
from station.events import CatalogImported, TruckReleased
from station.settings import Settings
from station.store.owner import Store, open_store
from station.store.queries import Queries
from station.wiring import JOURNAL, head_directory


def journal(app: App, event: CatalogImported | TruckReleased) -> None:
    """Record it. Raises `StationBusy` where another process holds the data and does not listen."""
    held_or_told(app, lambda store, _: store.journal.record(event), lambda client: client.imported(event))


def refuse_older(app: App) -> None:
    """Before something is done that is journaled afterwards: raise `JournalOlder` where an older journal was put back."""
    if (app.data / JOURNAL).exists():
        heads = head_directory(app.settings(), app.data)
        Queries(app.data / JOURNAL, app.clock).check_heads(heads)


def held_or_told(app: App, here: Callable[[Store, Settings], object], there: Callable[[Client], object]) -> None:
    """Whoever holds the data writes: nobody does, then `here`, under the lock, with the open store; a station does, then
    `there`, told at its socket. Raises `StationBusy` where it is held by a process that does not listen."""
    try:
        with hold(app.data, app.clock):
            settings = app.settings()
            store = open_store(app.data / JOURNAL, app.clock, head_directory=head_directory(settings, app.data))
            try:
                here(store, settings)
            finally:
                store.close()
    except StationBusy:
        client = connect(app.data)
        if client is None:
            raise
        with client:
            there(client)
