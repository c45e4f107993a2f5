"""Connect the control socket to a running station, for every command that runs a station."""

from __future__ import annotations

from collections.abc import Callable

from station.runtime.lock import Held
from station.runtime.socket.server import Server
from station.runtime.station import Station


def serving(held: Held, station: Station, quit_station: Callable[[], None]) -> Server:
    """Return the server of a started station; the caller starts and stops it. `quit_station` asks the process to
    end."""
    service = station.service
    return Server(
        held,
        station.bench,
        quit_station=quit_station,
        orders=service,
        pad=service,
        health=station.reader_health,
    )
