"""`station journal`: what happened, and whether it is still what was written."""

from __future__ import annotations

import contextlib

import click
import msgspec

from station.cli.app import NOT_GOOD, App, data_option, json_option, pass_app, table
from station.cli.asking import operator_option, views
from station.errors import StoreError
from station.store.chain import ChainReport
from station.store.pin_trace import Recovery
from station.store.queries import Queries
from station.wiring import JOURNAL, head_directory
from station.words import tell


@click.group()
def journal() -> None:
    """The journal: everything that happened at this bench."""


@journal.command()
@data_option
@json_option
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many events.")
@click.option("--before", type=click.IntRange(1), help="Only events older than this number.")
@click.option("--full", is_flag=True, help="With --json: every field of each event.")
@operator_option
@pass_app
def show(app: App, limit: int, before: int | None, full: bool, operator: str) -> None:
    """The newest events, newest first. What was found of an item that waits for its blind second check is hidden from
    whoever could do that check."""
    queries = views(app, operator, make=False)
    rows = queries.journal_page(before, limit)
    lines = table([(str(row.seq), row.at, row.kind, row.summary) for row in rows])
    if full and rows:
        events = queries.events(rows[-1].seq, rows[0].seq, limit)
        app.report(tuple(reversed(events)), lines)
    else:
        app.report(rows, lines)


@journal.command()
@data_option
@json_option
@click.option("--head", metavar="HASH", help="A head noted earlier; it must still be part of the chain.")
@pass_app
def verify(app: App, head: str | None) -> int:
    """Recompute the hash chain and compare it with the exported heads; exit code 1 when it does not verify. PINs that were
    given without proof are named."""
    heads = head_directory(app.settings(), app.data)
    views = Queries(app.data / JOURNAL, app.clock)
    report = views.verify(head, heads if heads.is_dir() else None)
    recovered: tuple[Recovery, ...] = ()
    with contextlib.suppress(StoreError):  # a damaged journal may not say; the report has why
        recovered = views.pin_trace().recoveries
    lines = [*lines_of(report), *(tell("chain.recovered", day=one.at[:10], worker=one.worker) for one in recovered)]
    app.report({"ok": report.ok, **msgspec.structs.asdict(report), "recoveries": recovered}, lines)
    return 0 if report.ok else NOT_GOOD


def lines_of(report: ChainReport) -> list[str]:
    """What a check of the journal found, as it is read."""
    compared = tell("chain.heads", count=report.heads_checked)
    wrong = [*report.problems, *(tell("chain.lost", head=lost) for lost in report.missing_heads)]
    return [
        tell("chain.counted", count=report.events, heads=compared, journal=report.journal_id),
        tell("chain.head", head=report.head),
        *(tell("chain.problem", what=problem) for problem in wrong),
        *(tell("chain.other", journal=other) for other in report.other_journals),
        tell("chain.good" if report.ok else "chain.bad"),
    ]
