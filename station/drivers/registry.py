"""The available reader drivers: the station's own table, and drivers of other installed packages.

A package adds a driver by an entry point in the group `station.reader`. Its name is the value of `reader.driver`. It
loads a `Driver`, or a factory that is called with (transport factory, clock, settings) and returns a `ManagedReader`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from station.base.clock import Clock
from station.base.errors import SettingsError
from station.base.extras import extra
from station.base.settings import Badge, Reader
from station.domain.ports import Badges
from station.domain.reader_health import ReaderHealth
from station.drivers.feig.reader import FeigReader
from station.drivers.line.opening import open_line, opener, recorded
from station.drivers.line.serial import Transport
from station.drivers.reader.known import KnownReaders
from station.drivers.reader.measured import Measured, Recorder
from station.drivers.reader.owner import ManagedReader, ReaderOwner
from station.drivers.reader.remembered import Remembered
from station.drivers.threem.reader import BAUD as THREEM_BAUD
from station.drivers.threem.reader import ThreemReader

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Factory = Callable[[Callable[[], Transport], Clock, Reader], ManagedReader]

PN532_BAUD: Final = 115_200
"""Baud rate at which a PN532 starts, 8N1 (user manual 6.2.1)."""

GROUP: Final = "station.reader"
"""Group of the entry points of other packages' drivers."""


def as_set(settings: Reader) -> Reader:
    """Return the settings unchanged."""
    return settings


def _threem_line(settings: Reader) -> Reader:
    return msgspec.structs.replace(settings, baud=THREEM_BAUD, parity="N")


@dataclass(frozen=True)
class Driver:
    """How a reader is created. `line`: returns the settings to open its serial port with, for readers with a fixed
    line."""

    make: Factory
    line: Callable[[Reader], Reader] = as_set


def _nfcpy(transport_factory: Callable[[], Transport], clock: Clock, settings: Reader) -> ManagedReader:
    """Create the nfcpy reader. nfcpy is imported only when chosen, because it loads libusb and DES."""
    with extra("badges"):
        from station.drivers.nfcpy.reader import NfcpyReader
    return NfcpyReader(transport_factory, clock, settings)


def _nfcpy_line(settings: Reader) -> Reader:
    return msgspec.structs.replace(settings, baud=PN532_BAUD, parity="N")


DRIVERS: Final[dict[str, Driver]] = {
    "feig": Driver(FeigReader),
    "3m": Driver(ThreemReader, _threem_line),
    "nfcpy": Driver(_nfcpy, _nfcpy_line),
}


def badge_reader(settings: Badge, clock: Clock) -> Badges:
    """Return the badge reader of the settings, not opened yet. Raises `SettingsError` if there is none, and
    `ExtraMissing` without nfcpy."""
    if not settings.port:
        raise SettingsError("badge.port: no badge reader is set up")
    with extra("badges"):
        from station.drivers.nfcpy.badges import BadgeReader
    line = Reader(port=settings.port, baud=PN532_BAUD, parity="N")
    return BadgeReader.at(settings.port, partial(open_line, line), clock, felica=settings.felica)


def installed() -> dict[str, EntryPoint]:
    """Return the drivers of other packages by name, not loaded. Names of the station's own table take precedence."""
    from importlib.metadata import entry_points  # slow to import: needed only for another package's driver

    return {entry.name: entry for entry in entry_points(group=GROUP) if entry.name not in DRIVERS}


def driver(name: str) -> Driver:
    """Return the driver of that name. Raises `SettingsError` if there is none, or if it cannot be loaded."""
    if name in DRIVERS:
        return DRIVERS[name]
    others = installed()
    if name not in others:
        known = ", ".join([*DRIVERS, *sorted(others)])
        raise SettingsError(f"reader.driver: there is no driver {name!r}; there are {known}")
    try:
        found = others[name].load()
    except Exception as error:  # another package's module may raise anything while it is imported
        raise SettingsError(f"reader.driver: the driver {name!r} cannot be loaded: {error}") from error
    if isinstance(found, Driver):
        return found
    if not callable(found):
        raise SettingsError(f"reader.driver: {others[name].value} is not a driver")
    return Driver(found)


def make_reader(
    settings: Reader, clock: Clock, transport_factory: Callable[[], Transport] | None = None
) -> ManagedReader:
    """Return the configured reader, not connected yet. It opens its own line unless a transport is given."""
    chosen = driver(settings.driver)
    return chosen.make(transport_factory or partial(open_line, chosen.line(settings)), clock, settings)


def reader_owner(
    settings: Reader,
    clock: Clock,
    transport_factory: Callable[[], Transport] | None = None,
    *,
    data: Path = Path(),
    keep: Callable[[ReaderHealth], None] | None = None,
    asks: bool = True,
) -> ReaderOwner:
    """Return the configured reader with its own thread, not started yet, and with a recording if the settings request
    one. `data`: the data directory; file names in the settings are relative to it. `keep` saves the reader's figures
    from time to time. `asks`: see `Remembered`. Raises `CaptureUnreadable`, and `SettingsError` for an unknown driver."""
    its_line = driver(settings.driver).line(settings)
    line, at_end = recorded(transport_factory or opener(its_line, clock, data), its_line, clock, data)
    recorder = Recorder(clock, settings, keep)

    def build() -> ManagedReader:
        return Measured(Remembered(make_reader(settings, clock, line), KnownReaders(data), asks=asks), recorder)

    return ReaderOwner(build, at_end=at_end, health=lambda: recorder.health)
