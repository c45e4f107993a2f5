"""`station journal`: what happened, and whether it is still what was written.

What only the other commands need is imported in them: `verify` needs neither bench nor reader.
"""

from __future__ import annotations

import contextlib
import io
import secrets
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import msgspec

from station.base.cells import table
from station.base.errors import StoreError
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import (
    NOT_GOOD,
    App,
    confirm,
    data_option,
    json_option,
    operator_option,
    pass_app,
    yes_option,
)
from station.cli.shared.interrupt import stoppable
from station.domain.events import Head, TimelineBegan
from station.domain.ports import Worker
from station.domain.sign_on import Claim
from station.runtime.data_directory import JOURNAL, head_directory
from station.runtime.lock import hold
from station.store.journal import timeline
from station.store.journal.hash_chain import ChainReport
from station.store.queries.pin_trace import Recovery
from station.store.queries.queries import Queries


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
    from station.cli.shared.who_asks import views

    queries = views(app, operator, make=False)
    rows = queries.journal_page(before, limit)
    try:
        queries.check_heads(_heads(app))
    except StoreError as error:
        app.note(f"{error.message} {error.detail}")
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
    given without proof are named. Ctrl-C stops it; it changes nothing."""
    queries = Queries(app.data / JOURNAL, app.clock)
    with _progress(app) as progress:
        report = queries.verify(head, _heads(app), progress=progress)
    recovered: tuple[Recovery, ...] = ()
    with contextlib.suppress(StoreError):  # a damaged journal may not say; the report has why
        recovered = queries.pin_trace().recoveries
    lines = [*lines_of(report), *(tell("chain.recovered", day=one.at[:10], worker=one.worker) for one in recovered)]
    app.report({"ok": report.ok, **msgspec.structs.asdict(report), "recoveries": recovered}, lines)
    return 0 if report.ok else NOT_GOOD


@contextlib.contextmanager
def _progress(app: App) -> Iterator[Callable[[int, int], None]]:
    """How far it is, at a terminal only; raises `click.Abort` after Ctrl-C."""
    shown = io.StringIO() if app.json or not sys.stderr.isatty() else sys.stderr
    with stoppable() as stop, click.progressbar(length=1, label=tell("chain.checking"), file=shown) as bar:

        def progress(done: int, count: int) -> None:
            if stop():
                raise click.Abort
            bar.length = count
            bar.update(done - bar.pos)

        yield progress


@journal.command("continue")
@data_option
@json_option
@click.option("--restored", is_flag=True, help="It is an older copy, although no exported head says so.")
@click.option("--reason", default="", help="Why; it goes into the journal.")
@yes_option
@operator_option
@pass_app
def continue_(app: App, restored: bool, reason: str, yes: bool, operator: str) -> None:
    """Go on with an older copy of the journal that was put back: under another journal id, which names the one that it
    continues. For the technician and above; where people sign on, one is asked for on the spot.

    No station may run. What the copy believes to be undelivered is looked up in the library systems before it is sent.
    """
    from station.cli.shared.prove_identity import claims
    from station.cli.shared.who_asks import asker

    if not (clean(operator) or app.settings().station.operator):
        raise click.UsageError("Say who decides: --operator, or station.operator in the settings.")
    queries = Queries(app.data / JOURNAL, app.clock)
    lost, last = queries.lost_heads(_heads(app)), queries.head()
    if not lost and not restored:
        raise click.UsageError(
            "The journal holds every exported head, so the station goes on with it as it is. If it is an older copy all the "
            "same (the exported heads were not there, or were put back with it), say --restored."
        )
    for head in lost:
        app.note(tell("chain.was", seq=head.seq, at=head.at, journal=head.journal_id))
    if not yes:
        confirm(tell("chain.continue", last=last.seq), abort=True)
    began = TimelineBegan(journal=secrets.token_hex(8), reason=clean(reason, 500), operator=asker(app, operator).id)

    def act(lender: Worker | None, proofs: tuple[Claim, ...]) -> timeline.Continued:
        lent = began if lender is None else msgspec.structs.replace(began, authorised=lender.id)
        return _begin(app, lent, lost, proofs)

    done = claims(app).with_lender({began.operator}, act)
    lines = [
        tell("chain.timeline", journal=done.journal, parent=done.parent, seq=done.parent_seq, hash=done.parent_hash),
        tell("chain.doubtful", count=done.doubtful),
        *([tell("chain.not-exported", why=done.head_problem)] * bool(done.head_problem)),
    ]
    app.report(done, lines)


def _begin(app: App, began: TimelineBegan, lost: tuple[Head, ...], proofs: tuple[Claim, ...]) -> timeline.Continued:
    from station.cli.shared.prove_identity import identity

    with hold(app.data, app.clock):
        identity(app).require({began.operator, began.authorised} - {""}, proofs)
        heads = head_directory(app.settings(), app.data)
        return timeline.begin(app.data / JOURNAL, app.clock, heads, began, expected=lost)


def _heads(app: App) -> Path | None:
    found = head_directory(app.settings(), app.data)
    return found if found.is_dir() else None


def lines_of(report: ChainReport) -> list[str]:
    """What a check of the journal found, as it is read."""
    compared = tell("chain.heads", count=report.heads_checked)
    wrong = [*report.problems, *(tell("chain.lost", head=lost) for lost in report.missing_heads)]
    return [
        tell("chain.counted", count=report.events, heads=compared, journal=report.journal_id),
        tell("chain.head", head=report.head),
        *(
            tell("chain.timeline", journal=b.journal, parent=b.parent, seq=b.parent_seq, hash=b.parent_hash)
            for b in (part.began for part in report.timelines)
            if b is not None
        ),
        *([tell("chain.aside", count=report.heads_aside)] * bool(report.heads_aside)),
        *(tell("chain.problem", what=problem) for problem in wrong),
        *(tell("chain.other", journal=other) for other in report.other_journals),
        tell("chain.good" if report.ok else "chain.bad"),
        *([tell("chain.older")] * bool(report.missing_heads)),
    ]
