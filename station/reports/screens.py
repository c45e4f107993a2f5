"""`domain.ports.ReportPort`: the texts of `station quality stats` and `sampling state`, for the screens."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from station.base.clock import Clock
from station.base.settings import Settings
from station.base.text import clean
from station.base.words import tell
from station.domain.ports import Photo, ReportLine
from station.domain.sampling import By
from station.quality.statistics.figures import chart
from station.reports.figures import CONFIDENCE, DISTRIBUTIONS, GROUP, figures
from station.reports.sampling_text import next_step, stream_line
from station.reports.statistics_text import chart_lines, how, named, percent
from station.store.people.visibility import Visibility
from station.store.people.workforce import Workforce
from station.store.queries.queries import Queries

IMAGES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".tif", ".tiff")
MOST_PHOTOS = 60


class Reports:
    """`ports.ReportPort`. Reads all data again at each call."""

    def __init__(self, queries: Queries, workforce: Workforce, settings: Settings, data: Path, clock: Clock) -> None:
        self._queries = queries
        self._workforce = workforce
        self._settings = settings
        self._data = data
        self._clock = clock

    def shares(self, viewer: str, by: By) -> tuple[ReportLine, ...]:
        visibility = self._visibility(viewer)
        names, results = visibility.names(), figures(visibility, by, own=self._own)
        lines = []
        for result in results:
            tally = result.tally
            lines += [
                ReportLine(tell("figures.judged", name=named(tally.subject, names), count=tally.judged), strong=True),
                ReportLine(f"  {tell('figures.persons', share=percent(result.person))}", drawn=True),
                ReportLine(f"  {tell('figures.machine', share=percent(result.machine))}", drawn=True),
            ]
        if not results:
            return (ReportLine(tell("figures.nothing-judged")),)
        return (*lines, ReportLine(how(CONFIDENCE)))

    def charts(self, viewer: str, by: By) -> tuple[ReportLine, ...]:
        visibility = self._visibility(viewer)
        names = visibility.names()
        by_subject = groupby(visibility.groups(by, GROUP, own=self._own), key=lambda group: group.subject)
        lines: list[ReportLine] = []
        for _, groups in by_subject:
            head, *rest = chart_lines(chart(list(groups), DISTRIBUTIONS), names)
            lines += [ReportLine(head, strong=True), *(ReportLine(line, drawn=True) for line in rest)]
        return tuple(lines) or (ReportLine(tell("figures.nothing-looked-at")),)

    def sampling(self, viewer: str) -> tuple[ReportLine, ...]:
        if not self._settings.sampling.enabled:
            return (ReportLine(tell("sampling.off")),)
        visibility = self._visibility(viewer)
        names, reasons = visibility.names(), self._queries.switch_reasons()
        lines = []
        for stream, at in visibility.streams():
            name = names.get(stream.subject, stream.subject)
            lines += [
                ReportLine(stream_line(stream, name, at), strong=True),
                ReportLine(f"  {next_step(stream)}", drawn=True),
            ]
            why = reasons.get((stream.whose, stream.subject), "")
            if why:
                lines.append(ReportLine(tell("sampling.why", reason=clean(why, 300))))
        return tuple(lines) or (ReportLine(tell("sampling.nobody")),)

    def photos(self) -> tuple[Photo, ...]:
        if not self._settings.screen.photo_directory:
            return ()
        directory = self._data / self._settings.screen.photo_directory
        photos = []
        try:
            with os.scandir(directory) as entries:
                for entry in entries:
                    if entry.name.casefold().endswith(IMAGES) and entry.name.isprintable() and entry.is_file():
                        photos.append((entry.stat().st_mtime_ns, entry.path))
        except OSError:
            return ()
        newest = sorted(photos, reverse=True)[:MOST_PHOTOS]
        return tuple(Photo(path, datetime.fromtimestamp(ns / 1e9, UTC).isoformat()) for ns, path in newest)

    @property
    def _own(self) -> bool:
        return self._settings.sampling.enabled and self._settings.sampling.by_vendor

    def _visibility(self, viewer: str) -> Visibility:
        return Visibility(self._queries, self._workforce, self._workforce.find(viewer), tell("correction.another"))
