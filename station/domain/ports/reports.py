"""The seam to what screens read as text: statistics, sampling; see `ports` for all others."""

from __future__ import annotations

from typing import Protocol

import msgspec

from station.domain.sampling import By


class ReportLine(msgspec.Struct, frozen=True):
    """One line. All text has passed `text.clean`, or is a drawing of ours."""

    text: str
    strong: bool = False
    drawn: bool = False
    """A drawing: its blanks count, and it is cut rather than wrapped."""


class ReportPort(Protocol):
    """May block for some tenths of a second: call from a worker thread. Raises `StationError` (`ExtraMissing`, ...)."""

    def shares(self, viewer: str, by: By) -> tuple[ReportLine, ...]:
        """Bad items with exact intervals, by worker, vendor or material, as far as the viewer may see them."""
        ...

    def charts(self, viewer: str, by: By) -> tuple[ReportLine, ...]:
        """p-charts, drawn in text, with the same limits."""
        ...

    def sampling(self, viewer: str) -> tuple[ReportLine, ...]:
        """Where the sampling of each worker and vendor stands and why, with the same limits."""
        ...

    def photos(self) -> tuple[str, ...]:
        """Paths of the images in `screen.photo_directory`, the newest first; () = none, or no such directory is set."""
        ...
