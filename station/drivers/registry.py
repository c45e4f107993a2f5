"""Which readers there are: a literal table, name in station.toml -> factory."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from station.clock import Clock
from station.drivers.feig.reader import FeigReader
from station.drivers.session import ManagedReader, ReaderOwner
from station.drivers.transport import SerialTransport, Transport
from station.errors import SettingsError
from station.settings import Reader

Factory = Callable[[Callable[[], Transport], Clock, Reader], ManagedReader]

DRIVERS: Final[dict[str, Factory]] = {"feig": FeigReader}


def make_reader(
    settings: Reader, clock: Clock, transport_factory: Callable[[], Transport] | None = None
) -> ManagedReader:
    """The configured reader, not connected yet; over its serial port unless a transport is given."""
    try:
        factory = DRIVERS[settings.driver]
    except KeyError:
        raise SettingsError(f"reader.driver: there is no driver {settings.driver!r}") from None
    return factory(transport_factory or partial(SerialTransport, settings), clock, settings)


def reader_owner(
    settings: Reader, clock: Clock, transport_factory: Callable[[], Transport] | None = None
) -> ReaderOwner:
    """The configured reader with its own thread, not started yet."""
    return ReaderOwner(partial(make_reader, settings, clock, transport_factory))
