"""What `station corrections` and `station people` share: who asks, what may be seen, and how an order gets into the
journal: through the running station, else under the lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import click

from station.cli.app import App
from station.control.client import connect
from station.control.lock import hold
from station.correction import Entry
from station.errors import CorrectionUnknown, StationBusy
from station.events import PersonEvent, WorkOrder
from station.ports import Worker
from station.store.owner import open_store
from station.store.people import People
from station.store.queries import Queries
from station.store.sight import Sight
from station.systems import system_names
from station.text import clean
from station.wiring import JOURNAL, PEOPLE, carry_out, head_directory, workforce

_SHORTEST: Final = 4
"""Characters of an id that name a correction, at least."""

operator_option: Final[Callable[[Any], Any]] = click.option(
    "--operator", default="", metavar="LOGIN", help="Who asks; by default the operator of the settings."
)


def queries(app: App) -> Queries:
    """Read-only views of the journal; where no station has ever run, it is made first."""
    if not (app.data / JOURNAL).exists():
        with hold(app.data, app.clock):
            open_store(app.data / JOURNAL, app.clock, head_directory=head_directory(app.settings(), app.data)).close()
    return Queries(app.data / JOURNAL, app.clock)


def people_of(app: App) -> People:
    """The file of names."""
    return People(app.data / PEOPLE)


def worker(app: App, name: str) -> Worker:
    """Whoever has this login or id, else somebody who is not registered."""
    return workforce(app.data, queries(app)).find(name)


def asker(app: App, operator: str) -> Worker:
    """Who asks: as said, else the operator of the settings."""
    return worker(app, operator or app.settings().station.operator)


def sight(app: App, operator: str) -> Sight:
    """What whoever asks may see."""
    views = queries(app)
    force = workforce(app.data, views)
    return Sight(views, force, force.find(operator or app.settings().station.operator))


def order(app: App, *events: WorkOrder | PersonEvent) -> None:
    """Have these journaled, one after the other, if they may be; raises `WorkError`."""
    try:
        with hold(app.data, app.clock):
            settings = app.settings()
            heads = head_directory(settings, app.data)
            store = open_store(app.data / JOURNAL, app.clock, head_directory=heads)
            try:
                for event in events:
                    carry_out(store, event, system_names(settings), settings.delivery.scanned_in)
            finally:
                store.close()
    except StationBusy:
        client = connect(app.data)
        if client is None:
            raise
        with client:
            for event in events:
                client.order(event)


# --- which correction -----------------------------------------------------------------------------------------------


def named(app: App, name: str) -> Sequence[Entry]:
    """By barcode: all of the item; else by (the beginning of) the id of one."""
    plain, everything = clean(name), queries(app).corrections(closed=True)
    by_barcode = [entry for entry in everything if entry.correction.barcode == plain]
    if by_barcode:
        return by_barcode
    if len(plain) < _SHORTEST:
        return ()
    return [entry for entry in everything if entry.correction.id.startswith(plain.lower())]


def one_of(app: App, name: str) -> str:
    """The id of the one that is meant: by id, or by the barcode of an item with one open correction."""
    found = named(app, name)
    still = [entry for entry in found if not entry.closed_at] or found
    if not still:
        raise CorrectionUnknown(clean(name))
    if len(still) > 1:
        ids = ", ".join(entry.correction.id[:8] for entry in still[:8])
        raise click.UsageError(f"{clean(name)} may mean {ids}; give more of the id.")
    return still[0].correction.id
