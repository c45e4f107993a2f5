"""The page of one bench: what it does now, and how its reader is."""

from __future__ import annotations

from typing import Final

from station import __version__
from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.domain.reader_health import ReaderHealth, advice
from station.domain.snapshot import Snapshot
from station.office.asked import Asked, Page, to_page
from station.reports.tables.reader import operations
from station.reports.tables.table import Table
from station.runtime.library_systems import rules_to_show
from station.runtime.socket.client import connect

ONLY: Final = "1"
"""Name of the one bench of this data directory."""


def benches(asked: Asked) -> Page:
    """All benches: with one, its page."""
    del asked
    return to_page(f"/benches/{ONLY}")


def bench(asked: Asked) -> Page:
    """What the bench does now, and how its reader is."""
    sources = asked.sources
    title = sources.settings.station.name
    if asked.names["bench"] != ONLY:
        return Page(
            template="sentence",
            title=tell("office.missing"),
            values={"sentence": tell("office.missing-what")},
            status=404,
        )
    if not asked.queries.exists:
        return Page(template="sentence", title=title, values={"sentence": tell("office.no-journal")})
    snapshot: Snapshot | None = None
    health: ReaderHealth | None = None
    client = connect(sources.data)
    if client is not None:
        with client:
            snapshot, health = client.snapshot(), client.reader_health()
    last = asked.queries.journal_page(None, 1)
    seen = local_day_and_time(last[0].at) if last else ""
    catalogue, wrong = rules_to_show(sources.settings, sources.data)
    rolls, _ = asked.queries.rolls(1)
    names = asked.names_seen()
    facts = [
        (tell("office.head.bench-state"), tell(snapshot.prompt) if snapshot else tell("office.not-running", time=seen)),
        (tell("office.head.last-seen"), seen),
        (tell("office.head.version"), __version__),
        (tell("office.head.rules"), f"{len(catalogue.rules)} · {catalogue.digest[:12]}"),
        (tell("office.head.roll"), rolls[0].name if rolls else ""),
    ]
    if snapshot is not None:
        worker = names.get(snapshot.worker, snapshot.worker)
        facts[1:1] = [
            (tell("board.reader"), f"{'✓' if snapshot.reader_ready else '×'} {tell(snapshot.reader)}"),
            (tell("office.filter.person"), worker),
            (tell("office.head.in-hand"), snapshot.item.title if snapshot.item else ""),
        ]
    hints = [tell(hint.sentence) for hint in advice(health)] if health else []

    def read(_: str) -> Table:
        return operations(health)

    return Page(
        template="one",
        title=title,
        live=True,
        read=read,
        values={
            "note": tell(wrong) if wrong else "",
            "facts": [(name, value) for name, value in facts if value],
            "lines": hints,
            "heading": tell("board.reader"),
            "empty": tell("health.nothing"),
        },
    )
