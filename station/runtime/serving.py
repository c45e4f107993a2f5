"""Connect the control sockets to a running station, for every command that runs a station."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from station.runtime.lock import Held
from station.runtime.socket.door import OWN, OfficeDoor
from station.runtime.socket.server import Server
from station.runtime.station import Station


class Serving:
    """The servers of one station, as one."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self._servers = servers

    def start(self) -> None:
        """Start every server. Raises `StoreReadOnly` if a socket cannot be created; then none runs."""
        try:
            for server in self._servers:
                server.start()
        except BaseException:
            self.stop()
            raise

    def stop(self, timeout: float = 5.0) -> bool:
        """Stop every server. Return False if one did not end in time."""
        ended = [server.stop(timeout) for server in self._servers]
        return all(ended)


def serving(held: Held, station: Station, quit_station: Callable[[], None], office_group: str = "") -> Serving:
    """Return the servers of a started station; the caller starts and stops them. `quit_station` asks the process to
    end. `office_group`: may use the office's socket; "" = there is none. Raises `SettingsError` for an unknown group."""
    service = station.service
    doors = [OWN, *([OfficeDoor(office_group)] if office_group else [])]
    return Serving(
        [
            Server(
                held,
                station.bench,
                quit_station=quit_station,
                orders=service,
                pad=service,
                health=station.reader_health,
                door=door,
            )
            for door in doors
        ]
    )
