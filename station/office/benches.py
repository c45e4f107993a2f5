"""The page of one bench: what it does now, how its reader is, and a check of reader and library systems."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from station import __version__
from station.base.sentence import Sentence
from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.domain.deliveries.delivery import CheckOutcome, system_word
from station.domain.reader_health import advice
from station.domain.snapshot import Snapshot
from station.office.asked import Asked, Page, to_page
from station.office.bench_check import BenchCheck, checked
from station.office.forms import Form, Make
from station.office.marks import mark
from station.reports.tables.reader import operations
from station.reports.tables.table import Table
from station.runtime.library_systems import rules_to_show
from station.runtime.reader_figures import reader_figures
from station.runtime.socket.client import connect

ONLY: Final = "1"
"""Name of the one bench of this data directory."""
CHECK: Final = f"/benches/{ONLY}/check"
_WAIT_S: Final = 5.0
"""Seconds that an answer waits for the check; a longer one goes on, and the page says so."""


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
    client = connect(sources.data)
    if client is not None:
        with client:
            snapshot = client.snapshot()
    health, _ = reader_figures(sources.data)
    last = asked.queries.journal_page(None, 1)
    seen = local_day_and_time(last[0].at) if last else ""
    catalogue, wrong = rules_to_show(sources.settings, sources.data)
    rolls, _ = asked.queries.rolls(1)
    names = asked.names_seen()
    facts = [
        (tell("office.head.bench-state"), tell(snapshot.prompt) if snapshot else tell("office.not-running", time=seen)),
        (tell("office.head.last-seen"), seen if snapshot else ""),
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
            "links": [(tell("office.check"), CHECK)],
            "lines": hints,
            "heading": tell("board.reader"),
            "empty": tell("health.nothing"),
        },
    )


def check(asked: Asked) -> Form:
    """The check of reader and library systems: the answers to the last one, and the button for another."""
    sources = asked.sources

    def act(*_: object) -> str:
        sources.check.begin(lambda _: checked(sources.settings, sources.data), _WAIT_S)
        return CHECK

    ended = sources.check.ended
    if sources.check.running:
        state = tell("office.checking")
    elif ended is None:
        state = tell("office.never-checked")
    elif ended.error is not None:
        state = tell(ended.error.with_remedy)
    else:
        state = tell("office.checked-at", time=local_day_and_time(ended.at))
    return Form(
        title=tell("office.check"),
        subject=state,
        button=tell("office.check-now"),
        back=f"/benches/{ONLY}",
        act=act,
        lines=tuple(_lines(ended.result)) if ended is not None and ended.result is not None else (),
        notes=(tell("office.check-what"),),
    )


def _lines(result: BenchCheck) -> Iterator[str]:
    outcome = (
        CheckOutcome.GOOD if result.ready else CheckOutcome.NOT_TESTED if result.ready is None else CheckOutcome.BAD
    )
    yield f"{mark('sync-check.is', outcome)} {tell('board.reader')}: {tell(result.reader)}"
    for name, checks in result.systems.items():
        for row in checks:
            words = Sentence.joined((row.what, row.found), " – ")
            todo = f". {tell('sync-check.to-do', what=row.remedy)}" if row.remedy else ""
            yield f"{mark('sync-check.is', row.outcome)} {tell(system_word(name))}: {tell(words)}{todo}"


FORMS: Final[tuple[tuple[str, Make], ...]] = ((CHECK, check),)
