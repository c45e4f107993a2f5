"""Figures of the reader: of the running station, else of the session that ended last."""

from __future__ import annotations

from pathlib import Path

from station.domain.reader_health import ReaderHealth
from station.drivers.reader.measured import kept
from station.runtime.socket.client import connect


def reader_figures(data: Path) -> tuple[ReaderHealth | None, bool]:
    """Return the figures, and whether a station runs; None = nothing was ever counted here."""
    client = connect(data)
    if client is None:
        return kept(data), False
    with client:
        return client.reader_health(), True
