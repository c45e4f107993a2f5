"""A running station with its screens and its socket: what `run` and `demo` share."""

from __future__ import annotations

import sys

import click

from station.clock import SystemClock
from station.control.lock import Held
from station.control.server import Server
from station.ports import DemoPort
from station.printing.bench import BenchLabels
from station.settings import Settings
from station.store.sight import WorkViews
from station.tui.app import StationApp
from station.wiring import Station, load_rules, workforce


def show(held: Held, station: Station, settings: Settings, demo: DemoPort | None = None) -> None:
    """Show the screens until somebody leaves them; serve the socket meanwhile. The caller starts and stops `station`."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError(
            "the screens need a terminal; without one use: station process, or station demo --auto N"
        )
    owners = {rule.id: rule.owner for rule in load_rules(settings, held.data).rules}
    labels = BenchLabels(settings.labels, held.data, SystemClock(), owners)
    views = WorkViews(station.store.queries, workforce(held.data, station.store.queries))
    app = StationApp(station.bench, station.queries, settings, demo, labels=labels, work=views, outbox=station)
    server = Server(
        held,
        station.bench,
        retry=station.retry,
        imported=station.store.journal.record,
        order=station.order,
        decide=lambda told: station.decide(told.delivery, told.decision, told.operator, told.reason),
        quit_station=lambda: _leave(app),
        pad=station.bench,
    )
    server.start()
    try:
        app.run()
    finally:
        server.stop()


def _leave(app: StationApp) -> None:
    app.call_later(app.leave)
