"""Journaling by a command: through the running station, else under the station's lock."""

from __future__ import annotations

from collections.abc import Callable

from station.base.errors import StationBusy
from station.base.settings import Settings
from station.cli.shared.app import App
from station.cli.shared.prove_identity import claims, identity, queries
from station.domain.events import Reported
from station.runtime.data_directory import JOURNAL, head_directory
from station.runtime.identity.authenticator import workforce
from station.runtime.identity.proof import askers
from station.runtime.lock import hold
from station.runtime.open_journal import open_journal, sent_heads
from station.runtime.socket.client import Client, connect
from station.store.owner import Store
from station.store.queries.queries import Queries


def reporter(app: App, operator: str) -> str:
    """Return the id under which a command journals what it does; "" = the station itself.

    Called before the work begins, so that nothing is done without the proof that `journal` needs at its end. The
    station itself is the author if sign-on is not required and no operator is named.
    """
    settings = app.settings()
    if not settings.people.sign_on and not operator:
        return ""
    who = workforce(app.data, queries(app)).find(operator or settings.station.operator).id
    claims(app).of({who})
    return who


def journal(app: App, *events: Reported) -> None:
    """Record these events. If sign-on is required, every person named in them proves their identity first.

    Raises `StationBusy` if another process holds the data directory and does not answer.
    """
    if not events:
        return
    proofs = claims(app).of(set().union(*(askers(event) for event in events)))

    def here(store: Store, settings: Settings) -> None:
        for event in events:
            identity(app).require(askers(event), proofs)
        store.journal.record(*events)

    def there(client: Client) -> None:
        for event in events:
            client.report(event, proofs)

    held_or_told(app, here, there)


def refuse_older(app: App) -> None:
    """Raise `JournalOlder` if an older copy of the journal was restored. Call this before work to be journaled."""
    if (app.data / JOURNAL).exists():
        settings = app.settings()
        heads, sent = head_directory(settings, app.data), sent_heads(settings, app.data)
        Queries(app.data / JOURNAL, app.clock).check_heads(heads, sent)


def held_or_told(
    app: App, here: Callable[[Store, Settings], object], there: Callable[[Client], object], *, restored: bool = False
) -> None:
    """Call `here` with the open store under the lock; if a station holds the lock, call `there` with a client of it.
    `restored`: also with a restored journal that was not continued, because `journal continue` may need this.

    Raises `StationBusy` if the process that holds the lock does not answer.
    """
    try:
        with hold(app.data, app.clock):
            settings = app.settings()
            store = open_journal(settings, app.data, app.clock, restored=restored)
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
