"""Which readers there are: a literal table of our own, and what is installed beside the station.

A package adds a driver by an entry point in the group `station.reader`: its name is what `reader.driver` says, and it
loads a `Driver`, or a factory that is called with (transport factory, clock, settings) and returns a `ManagedReader`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Final

import msgspec

from station.clock import Clock
from station.drivers.feig.reader import FeigReader
from station.drivers.lines import opener, recorded
from station.drivers.session import ManagedReader, ReaderOwner
from station.drivers.threem.reader import BAUD as THREEM_BAUD
from station.drivers.threem.reader import ThreemReader
from station.drivers.transport import SerialTransport, Transport
from station.errors import SettingsError
from station.settings import Reader

Factory = Callable[[Callable[[], Transport], Clock, Reader], ManagedReader]

GROUP: Final = "station.reader"
"""Entry points of drivers that others wrote."""


def as_set(settings: Reader) -> Reader:
    """The line as the settings have it."""
    return settings


def _threem_line(settings: Reader) -> Reader:
    return msgspec.structs.replace(settings, baud=THREEM_BAUD, parity="N")


@dataclass(frozen=True)
class Driver:
    """How a reader is made. `line`: the settings its serial port is opened with, for readers whose line is fixed."""

    make: Factory
    line: Callable[[Reader], Reader] = as_set


DRIVERS: Final[dict[str, Driver]] = {"feig": Driver(FeigReader), "3m": Driver(ThreemReader, _threem_line)}


def installed() -> dict[str, EntryPoint]:
    """Drivers of other packages by name, not loaded; a name of our own table is ours."""
    return {entry.name: entry for entry in entry_points(group=GROUP) if entry.name not in DRIVERS}


def driver(name: str) -> Driver:
    """The driver of that name; raises `SettingsError` when there is none, or when it cannot be loaded."""
    if name in DRIVERS:
        return DRIVERS[name]
    others = installed()
    if name not in others:
        known = ", ".join([*DRIVERS, *sorted(others)])
        raise SettingsError(f"reader.driver: there is no driver {name!r}; there are {known}")
    try:
        found = others[name].load()
    except Exception as error:  # whatever a stranger's module does while it is imported
        raise SettingsError(f"reader.driver: the driver {name!r} cannot be loaded: {error}") from error
    if isinstance(found, Driver):
        return found
    if not callable(found):
        raise SettingsError(f"reader.driver: {others[name].value} is no driver")
    return Driver(found)


def make_reader(
    settings: Reader, clock: Clock, transport_factory: Callable[[], Transport] | None = None
) -> ManagedReader:
    """The configured reader, not connected yet; over its serial port unless a transport is given."""
    chosen = driver(settings.driver)
    return chosen.make(transport_factory or partial(SerialTransport, chosen.line(settings)), clock, settings)


def reader_owner(
    settings: Reader,
    clock: Clock,
    transport_factory: Callable[[], Transport] | None = None,
    *,
    data: Path = Path(),
) -> ReaderOwner:
    """The configured reader with its own thread, not started yet; recorded if the settings say so. Files that the settings
    name are relative to `data`. Raises `CaptureUnreadable`, and `SettingsError` for an unknown driver."""
    its_line = driver(settings.driver).line(settings)
    line, at_end = recorded(transport_factory or opener(its_line, clock, data), its_line, clock, data)
    return ReaderOwner(partial(make_reader, settings, clock, line), at_end=at_end)
