"""The server of the office: settings, certificate and application put together."""

from __future__ import annotations

import os
from pathlib import Path

from station.base.clock import Clock
from station.base.errors import SettingsError
from station.base.extras import extra
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.base.words import Session, current_session
from station.https.accounts import Accounts
from station.https.certificates import files
from station.https.hosts import Hosts, host_names
from station.https.server import HttpsServer, is_open
from station.office.app import application
from station.office.fleet.viewing import Viewing
from station.office.guard import Guard
from station.office.sources import Sources

SECTION = "office"


def server(settings: Settings, data: Path, clock: Clock) -> HttpsServer:
    """Return the server, not started: on loopback for programs of the station's own account, in a network only where
    people sign on. Raises `SettingsError` for settings or certificate files that cannot work."""
    office = settings.office
    in_network = is_open(office.bind, SECTION)
    if in_network and not settings.people.sign_on:
        raise SettingsError(Sentence("office.bind-needs-sign-on"))
    library = current_session().library
    names = host_names(office.names, "office.names")
    sources = Sources(settings, data, clock)
    app = application(sources, lambda: Session(library), _viewing(sources) if settings.fleet.database else None)
    accounts = Accounts((), os.getuid()) if in_network else Accounts.only(os.getuid())
    return HttpsServer(
        SECTION,
        office.bind,
        office.port,
        files(SECTION, office.certificate, office.key, data),
        lambda port: Guard(app, Hosts(names, port), accounts),
    )


def _viewing(sources: Sources) -> Viewing:
    """Return the benches of the center. PostgreSQL's client is of another extra."""
    with extra("fleet"):
        from station.store.postgres.viewed import Center

    return Viewing(sources, Center(sources.settings.fleet.database))
