"""Ask a bench how its reader and its library systems are. No tag is looked at, and nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from station.base.sentence import Sentence
from station.base.settings import Settings
from station.domain.deliveries.delivery import Check
from station.runtime.library_systems import close_systems, systems
from station.runtime.socket.client import connect


class BenchCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What a bench answered."""

    reader: Sentence
    ready: bool | None
    """Whether the reader works; None = no station runs that could say so."""
    systems: Mapping[str, tuple[Check, ...]]
    """By name of the library system."""


def checked(settings: Settings, data: Path) -> BenchCheck:
    """Ask the running station how its reader is, and each library system whether it answers."""
    reader, ready = Sentence("office.no-station"), None
    client = connect(data)
    if client is not None:
        with client:
            snapshot = client.snapshot()
            reader, ready = snapshot.reader, snapshot.reader_ready
    configured = systems(settings, data)
    try:
        return BenchCheck(
            reader=reader, ready=ready, systems={name: system.check() for name, system in configured.items()}
        )
    finally:
        close_systems(configured)
