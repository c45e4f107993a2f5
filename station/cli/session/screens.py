"""Running station with its screens and its socket, for `run` and `demo`."""

from __future__ import annotations

import sys

import click

from station.base.clock import SystemClock
from station.base.logs import watching
from station.base.settings import Settings
from station.cli.session.manual import MANUAL
from station.domain.commands import Loudness
from station.domain.ports import DemoPort
from station.manual import Manual
from station.printing.label_port import BenchLabels
from station.reports.screens import Reports
from station.reports.status_board import StatusBoards
from station.runtime.identity.authenticator import workforce
from station.runtime.library_systems import asks_live, catalog_index, rules_to_show
from station.runtime.lock import Held
from station.runtime.serving import serving
from station.runtime.station import Station
from station.store.people.visibility import WorkViews
from station.tui.app import StationApp
from station.tui.terminal.crash import PartEnded


def show(held: Held, station: Station, settings: Settings, demo: DemoPort | None = None) -> None:
    """Show the screens until a person leaves them, and serve the socket. The caller starts and stops `station`."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError(
            "the screens need a terminal; without one use: station process, or station demo --auto N"
        )
    rules, _ = rules_to_show(settings, held.data)
    owners = {rule.id: rule.owner for rule in rules.rules}
    manual = Manual(rules, held.data / MANUAL)
    labels = BenchLabels(settings.labels, held.data, SystemClock(), owners, station.store.queries.state_of)
    force = workforce(held.data, station.store.queries)
    index = catalog_index(settings, held.data)
    views = WorkViews(station.store.queries, force, None if asks_live(settings) else index.find)
    reports = Reports(station.store.queries, force, settings, held.data, SystemClock())
    board = StatusBoards(
        station.store.queries,
        SystemClock(),
        lambda: station.bench.snapshot,
        station.reader_health,
        lambda worker: force.find(worker).name,
        options=settings.withdrawal,
    )
    app = StationApp(
        station.bench,
        station.queries,
        settings,
        demo,
        labels=labels,
        work=views,
        outbox=station.service,
        reports=reports,
        manual=manual,
        board=board,
        search=index,
    )
    if not app.has_player:
        station.bench.submit(Loudness(player=False))
    server = serving(held, station, lambda: _leave(app), settings)
    server.start()
    try:
        with watching(lambda part: app.post_message(PartEnded(part))):
            app.run_to_the_end()
    finally:
        server.stop()


def _leave(app: StationApp) -> None:
    app.call_later(app.leave)
