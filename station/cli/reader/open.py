"""Configured reader for commands of `station reader`: opened here while no station runs, and closed at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from station.base.errors import NotPossible
from station.cli.shared.app import App
from station.drivers.feig.reader import FeigReader
from station.drivers.feig.setup import Setup
from station.drivers.line.opening import opener, recorded
from station.drivers.reader.owner import ManagedReader
from station.drivers.registry import driver, make_reader
from station.runtime.lock import hold


@contextmanager
def opened(app: App) -> Iterator[ManagedReader]:
    """Yield the reader, connected. Raises the errors of the line, and of the lock if a station is running."""
    settings = app.settings().reader
    line_settings = driver(settings.driver).line(settings)
    with hold(app.data, app.clock):
        line, at_end = recorded(opener(line_settings, app.clock, app.data), line_settings, app.clock, app.data)
        reader = make_reader(settings, app.clock, line)
        try:
            reader.reconnect()
            yield reader
        finally:
            try:
                reader.close()
            finally:
                at_end()


def setup_of(reader: ManagedReader) -> Setup:
    """Return identity and configuration of a FEIG reader. Raises `NotPossible` for any other reader."""
    if not isinstance(reader, FeigReader):
        raise NotPossible("this reader has no configuration that the station knows; FEIG readers have one")
    return reader.setup
