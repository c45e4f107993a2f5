"""Progress of an import: records, bytes, records per second, time left."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import click

from station.base.cells import cut, filled
from station.base.clock import Clock
from station.cli.shared.app import App, safe
from station.store.catalog_index.unfinished_import import Progress

_EVERY: Final = 0.2
_EVERY_LINE: Final = 10.0
"""Seconds between two lines if they are kept (in a log or pipe) and not overwritten."""
_WIDTH: Final = 79
_PHASES: Final = {
    "reading": "Reading",
    "titles": "Joining holdings with their titles",
    "sorting": "Sorting",
    "joining": "Joining with the present index",
    "saving": "Saving",
}


class ProgressLine:
    """Formats progress as a line at intervals."""

    def __init__(self, clock: Clock, every: float) -> None:
        self._clock = clock
        self._every = every
        self._began = self._last = clock.monotonic()
        self._first: Progress | None = None
        self._phase = ""

    def line(self, now: Progress) -> str:
        """Return the line for `now` at each new phase and once per interval, else ""."""
        time = self._clock.monotonic()
        first = self._first
        if first is None or now.done < first.done or now.records < first.records:
            first = self._first = now  # the next file
            self._began = time
        if now.phase == self._phase and time - self._last < self._every:
            return ""
        self._phase, self._last = now.phase, time
        return _text(now, first, time - self._began)


def _text(now: Progress, first: Progress, seconds: float) -> str:
    if now.phase != "reading":
        return f"{_PHASES[now.phase]}: {now.records:,} records"
    share = now.done / now.total if now.total else 1.0
    said = f"{_PHASES[now.phase]}: {now.records:,} records, {now.done / 1e6:,.1f} of {now.total / 1e6:,.1f} MB ({share:.0%})"
    read = now.done - first.done
    if read > 0 and seconds > 0:
        rest = (now.total - now.done) * seconds / read
        said += f", {(now.records - first.records) / seconds:,.0f} a second, {_duration(rest)} left"
    return said


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


@contextmanager
def shown(app: App) -> Iterator[Callable[[Progress], None]]:
    """Show progress on stderr: one overwritten line on a terminal, elsewhere a line every ten seconds; none with
    --json."""
    if app.json:
        yield lambda _: None
        return
    terminal = sys.stderr.isatty()
    progress = ProgressLine(app.clock, _EVERY if terminal else _EVERY_LINE)
    written = False

    def show(now: Progress) -> None:
        nonlocal written
        line = progress.line(now)
        if line and terminal:
            written = True
            click.echo("\r" + filled(cut(safe(line), _WIDTH, ""), _WIDTH), err=True, nl=False)
        elif line:
            click.echo(safe(line), err=True)

    try:
        yield show
    finally:
        if written:
            click.echo("", err=True)
