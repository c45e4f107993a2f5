"""The center's server: settings, certificate, database and application put together."""

from __future__ import annotations

import ssl
from pathlib import Path

from station.base.settings import Fleet
from station.fleet.receive import application
from station.https.certificates import files
from station.https.server import HttpsServer
from station.store.postgres.copies import Copies

SECTION = "fleet"
RECEIVER = "station_receiver"
CONNECTIONS = 512
"""A bench has two at a time."""
IDLE_S = 120
"""Longer than the benches keep a connection (`center.IDLE_S`), so that none of them sends into one that is closed."""
OF_ADDRESS = 128
"""The benches of a site may share one address."""


def server(fleet: Fleet, data: Path) -> HttpsServer:
    """Return the server, not started. It connects to the database as the role `RECEIVER`. Raises `SettingsError`."""
    copies = Copies(f"{fleet.database} user={RECEIVER}")
    return HttpsServer(
        SECTION,
        fleet.bind,
        fleet.port,
        files(SECTION, fleet.certificate, fleet.key, data),
        lambda _port: application(copies),
        oldest_tls=ssl.TLSVersion.TLSv1_3,
        connections=CONNECTIONS,
        of_address=OF_ADDRESS,
        idle_s=IDLE_S,
    )
