"""Fake reports for the screens that show text."""

from __future__ import annotations

from datetime import UTC, datetime

from station.base.errors import ExtraMissing
from station.domain.ports import Photo, ReportLine
from station.domain.sampling import By

LONG = tuple(ReportLine(f"line {number}") for number in range(60))


class FakeReports:
    """`domain.ports.ReportPort` whose lines repeat the request."""

    def __init__(self, error: ExtraMissing | None = None) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.error = error

    def shares(self, viewer: str, by: By) -> tuple[ReportLine, ...]:
        if self.error:
            raise self.error
        self.asked.append(("shares", viewer, by))
        return (ReportLine(f"shares by {by}", strong=True), *LONG)

    def charts(self, viewer: str, by: By) -> tuple[ReportLine, ...]:
        self.asked.append(("charts", viewer, by))
        return (ReportLine("   2 of 50   |   ●", drawn=True),)

    def sampling(self, viewer: str) -> tuple[ReportLine, ...]:
        self.asked.append(("sampling", viewer))
        return (ReportLine("worker ann: normal"), ReportLine("why: a lot \x1b[2Jwas accepted"))

    def photos(self) -> tuple[Photo, ...]:
        """Return twelve photos of the afternoon, the oldest two of the day before. Their times are those of the machine's time
        zone."""
        return tuple(
            Photo(
                f"/photos/{number:02}.jpg",
                datetime(2026, 11, 24 if number > 2 else 23, 14, number).astimezone(UTC).isoformat(),
            )
            for number in range(12, 0, -1)
        )
