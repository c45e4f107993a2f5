"""The server of Alma's page: its settings, certificate, callers and application put together."""

from __future__ import annotations

import logging
import os
from functools import partial
from pathlib import Path

from station.base.errors import SettingsError
from station.base.settings import Web
from station.base.words import open_session, station_session
from station.domain.ports import PadPort
from station.https.accounts import Accounts
from station.https.certificates import files
from station.https.hosts import Hosts, host_names
from station.https.server import HttpsServer, is_open
from station.web import app
from station.web.guard import Guard
from station.web.origins import Origins

SECTION = "web"
_log = logging.getLogger("station.web")


def accounts(settings: Web) -> Accounts:
    """Return the accounts that may use the port. Raises `SettingsError` for an unknown account, and if other machines
    can connect: the kernel here does not list their accounts."""
    if settings.accounts and is_open(settings.bind, SECTION):
        raise SettingsError('web.accounts needs web.bind = "loopback": the accounts of other machines cannot be told')
    return Accounts(settings.accounts, os.getuid())


def server(settings: Web, data: Path, pad: PadPort, *, body_s: float | None = None) -> HttpsServer:
    """Return the server, not started. Raises `SettingsError` for settings or certificate files that cannot work."""
    names, origins, allowed = host_names(settings.names, "web.names"), Origins(settings.origins), accounts(settings)

    def application(port: int) -> Guard:
        return app.application(pad, settings, Hosts(names, port), origins, allowed, body_s=body_s)

    if is_open(settings.bind, SECTION):
        _log.warning("web.bind is %s: other machines can reach the station's pad", settings.bind)
    session = station_session()  # the page speaks the station's language, whoever works
    return HttpsServer(
        SECTION,
        settings.bind,
        settings.port,
        files(SECTION, settings.certificate, settings.key, data),
        application,
        begin=partial(open_session, session),
    )
