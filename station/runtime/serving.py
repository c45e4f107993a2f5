"""Connect the control sockets to a running station, for every command that runs a station."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import Final

from station.base.settings import Settings
from station.runtime.lock import Held
from station.runtime.office_files import share
from station.runtime.socket.access import OWN, Access, OfficeAccess
from station.runtime.socket.server import Server
from station.runtime.station import Station

MOST_CHECKS: Final = 4
"""PINs that are checked at the same time, for all sockets; the next one waits. Each check takes a core and its memory
(`people.pin_memory_kib`)."""


class Serving:
    """The servers of one station, as one."""

    def __init__(
        self, servers: Sequence[Server], threads: Sequence[Executor], begin: Callable[[], None] = lambda: None
    ) -> None:
        """`threads`: what carries out the servers' requests that take time; it ends with the servers. `begin`: called before the
        first server starts."""
        self._servers = servers
        self._threads = threads
        self._begin = begin

    def start(self) -> None:
        """Start every server. Raises `StoreReadOnly` if a socket cannot be created; then none runs."""
        try:
            self._begin()
            for server in self._servers:
                server.start()
        except BaseException:
            self.stop()
            raise

    def stop(self, timeout: float = 5.0) -> bool:
        """Stop every server. Return False if one did not end in time."""
        ended = [server.stop(timeout) for server in self._servers]
        for executor in self._threads:
            executor.shutdown(cancel_futures=True)
        return all(ended)


def serving(
    held: Held, station: Station, quit_station: Callable[[], None], settings: Settings | None = None
) -> Serving:
    """Return the servers of a started station; the caller starts and stops them. `quit_station` asks the process to
    end. `settings`: with `office.group`, that group may use the office's socket and read the office's files; None =
    there is no such socket. Raises `SettingsError` for an unknown group."""
    service = station.service
    checks = ThreadPoolExecutor(MOST_CHECKS, thread_name_prefix="pin")
    reads = ThreadPoolExecutor(1, thread_name_prefix="order-question")

    def server(access: Access) -> Server:
        return Server(
            held,
            station.bench,
            quit_station=quit_station,
            orders=service,
            pad=service,
            health=station.reader_health,
            access=access,
            checks=checks,
            reads=reads,
        )

    if settings is None or not settings.office.group:
        return Serving([server(OWN)], (checks, reads))
    office = OfficeAccess(settings.office.group)
    return Serving(
        [server(OWN), server(office)], (checks, reads), partial(share, settings, held.data, office.group_id())
    )
