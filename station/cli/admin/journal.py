"""`station journal`: the events at this bench, and the proof that they are unchanged.

Modules that only some of the commands need are imported in them: `verify` needs neither bench nor reader.
"""

from __future__ import annotations

import contextlib
import io
import secrets
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import click
import msgspec

from station.base.cells import table
from station.base.errors import JournalOlder, JournalRestored, StoreError
from station.base.text import clean
from station.base.words import tell
from station.base.words.telling import command_message
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
from station.cli.shared.period import begin_of, end_of, since_option, until_option
from station.domain.events import Head, TimelineBegan
from station.domain.people.sign_on import Claim
from station.domain.ports import Worker
from station.reports.chain_text import chain_text
from station.runtime.data_directory import JOURNAL, head_directory
from station.runtime.lock import hold
from station.runtime.open_journal import get_back_end, sent_heads
from station.store.journal import timeline
from station.store.queries.pin_trace import Recovery
from station.store.queries.queries import Queries
from station.tui.drawing.local import Local


@click.group()
def journal() -> None:
    """The journal: everything that happened at this bench."""


@journal.command()
@data_option
@json_option
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many events.")
@click.option("--before", type=click.IntRange(1), help="Only events older than this number.")
@click.option(
    "--kind", "kinds", multiple=True, metavar="KIND", help="Only this group of kinds, or this kind. Repeatable."
)
@click.option("--person", default="", metavar="LOGIN", help="Only what this person did, or lent a right for.")
@click.option("--item", default="", metavar="BARCODE", help="Only events of this item.")
@since_option
@until_option
@click.option("--full", is_flag=True, help="With --json: every field of each event.")
@operator_option
@pass_app
def show(
    app: App,
    limit: int,
    before: int | None,
    kinds: tuple[str, ...],
    person: str,
    item: str,
    since: str,
    until: str,
    full: bool,
    operator: str,
) -> None:
    """Show the newest events, newest first. Findings of an item that waits for its blind second check are hidden from
    everyone who could do that check; no filter finds them. Another person's events require the right to see others.
    Words and local times are those of the screen; --json has codes and UTC.

    Groups of kinds: items, tags, to-fix, deliveries, people, packing-lists, workflows, station."""
    from station.cli.shared.who_asks import names_seen, views, visibility
    from station.reports.tables.journal import journal as journal_table
    from station.reports.tables.journal import kinds_of
    from station.store.queries.journal_search import EventFilter

    queries = views(app, operator, make=False)
    try:
        wanted = EventFilter(
            kinds=kinds_of(kinds),
            person=visibility(app, operator).person(person) if person else "",
            item=clean(item),
            since=begin_of(since),
            until=end_of(until),
        )
    except KeyError as error:
        raise click.UsageError(f"--kind {clean(str(error.args[0]))}: there is no such kind of event.") from error
    page = journal_table(queries, wanted, before, limit, exactly=app.json)
    rows = page.values()
    while page.next and len(rows) < limit:  # a search that stopped on the way goes on
        page = journal_table(queries, wanted, int(page.next), limit - len(rows), exactly=app.json)
        rows += page.values()
    try:
        queries.check_heads(*_known(app))
    except StoreError as error:
        app.note(command_message(error))
    local = Local()
    local.names = {} if app.json else names_seen(app, operator)
    lines = table([(str(row["seq"]), local.minute(row["at"]), local.people(row["summary"])) for row in rows])
    if full and rows:
        app.report([event for row in rows for event in queries.events(row["seq"], row["seq"])], lines)
    else:
        app.report(rows, lines)


@journal.command()
@data_option
@json_option
@click.option("--head", metavar="HASH", help="Head noted earlier; it must still be part of the chain.")
@pass_app
def verify(app: App, head: str | None) -> int:
    """Recompute the hash chain and compare it with the exported heads. Also list PINs that were given without proof.
    Exit code 1 if the chain does not verify. Ctrl-C stops the check; nothing is changed."""
    queries = Queries(app.data / JOURNAL, app.clock)
    with checking(app) as progress:
        report = queries.verify(head, *_known(app), progress=progress)
    recovered: tuple[Recovery, ...] = ()
    with contextlib.suppress(StoreError):  # may fail in a damaged journal; the report has the reason
        recovered = queries.pin_trace().recoveries
    app.report(
        {"ok": report.ok, **msgspec.structs.asdict(report), "recoveries": recovered}, chain_text(report, recovered)
    )
    return 0 if report.ok else NOT_GOOD


@contextlib.contextmanager
def checking(app: App) -> Iterator[Callable[[int, int], None]]:
    """Show progress, only at a terminal. The yielded function raises `click.Abort` after Ctrl-C."""
    shown = io.StringIO() if app.json or not sys.stderr.isatty() else sys.stderr
    with stoppable() as stop, click.progressbar(length=1, label=tell("chain.checking"), file=shown) as bar:

        def progress(done: int, count: int) -> None:
            if stop():
                raise click.Abort
            bar.length = count
            bar.update(done - bar.pos)

        yield progress


@journal.command()
@data_option
@json_option
@pass_app
def rebuild(app: App) -> None:
    """Make the tables again that follow from the events. Run it if `journal verify` finds that a table differs. No
    station may be running; no event is changed."""
    from station.runtime.open_journal import open_journal

    Queries(app.data / JOURNAL, app.clock).head()  # raises an error without a journal, rather than creating one
    with hold(app.data, app.clock):
        store = open_journal(app.settings(), app.data, app.clock)
        try:
            count = store.rebuild()
        finally:
            store.close()
    app.report({"events": count}, [tell("chain.rebuilt", count=count)])


@journal.command()
@data_option
@json_option
@click.option("--before", metavar="DATE", type=click.DateTime(["%Y-%m-%d"]), help="Events before this day.")
@click.option("--older-than", metavar="DAYS", type=click.IntRange(1, 36_500), help="Events older than so many days.")
@click.option("--to", "target", type=click.Path(path_type=Path), help="The directory.")
@pass_app
def archive(app: App, before: datetime | None, older_than: int | None, target: Path | None) -> int:
    """Move old events of finished items to a file of their own, by default in "archives" of the data directory. The
    station reads it there when it needs one of them: leave it there, and keep a copy of it.

    The journal is verified first, and keeps number, time, kind and hash of each event, so it still verifies. Verdicts,
    deliveries and all that is unfinished stay. No station may be running.
    """
    from station.runtime.archiving import archive as archive_events
    from station.runtime.archiving import unnamed_archives

    if (before is None) == (older_than is None):
        raise click.UsageError("Give --before DATE or --older-than DAYS.")
    if target is not None and not target.is_dir():
        raise click.UsageError("--to is a directory that exists.")
    midnight = datetime.fromisoformat(app.clock.now()).astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    day = midnight - timedelta(days=older_than or 0) if before is None else before.astimezone()
    if day > midnight:
        raise click.UsageError("--before is today or an earlier day.")
    Queries(app.data / JOURNAL, app.clock).head()  # raises an error without a journal, rather than creating one
    with hold(app.data, app.clock):
        with checking(app) as progress:
            report = Queries(app.data / JOURNAL, app.clock).verify(None, *_known(app), progress=progress)
        if not report.ok:
            app.report({"ok": False, "archives": [], "problems": report.problems}, chain_text(report))
            return NOT_GOOD
        made, problem = archive_events(app.settings(), app.data, app.clock, day, target)
    lines = [tell("archive.made", count=done.event.count, path=str(done.path)) for done in made]
    app.report(
        {"ok": True, "archives": [{"path": str(done.path), **msgspec.structs.asdict(done.event)} for done in made]},
        lines or [tell("archive.none")],
    )
    if problem:
        app.note(tell("archive.not-smaller", why=problem))
    for path in unnamed_archives(app.data, app.clock):
        app.note(tell("archive.no-event", path=str(path)))
    return 0


@journal.command("continue")
@data_option
@json_option
@click.option("--restored", is_flag=True, help="The journal is an older copy, although no exported head shows it.")
@click.option("--reason", default="", help="Why; it is journaled.")
@yes_option
@operator_option
@pass_app
def continue_(app: App, restored: bool, reason: str, yes: bool, operator: str) -> None:
    """Continue a journal whose end is missing, under a new journal id: an older copy was put back, or journal.db-wal was
    lost. The new id names the one that it continues. Once a technician is registered, requires the technician role or
    higher; if sign-on is required, the command asks for such a person.

    No station may be running. A delivery that is open in it is looked up in its library system before it is sent.
    """
    from station.cli.shared.prove_identity import claims
    from station.cli.shared.who_asks import asker

    if not (clean(operator) or app.settings().station.operator):
        raise click.UsageError("Give --operator, or set station.operator in the settings.")
    queries = Queries(app.data / JOURNAL, app.clock)
    if app.settings().fleet.center:
        with hold(app.data, app.clock), contextlib.suppress(JournalOlder, JournalRestored):
            get_back_end(app.settings(), app.data, app.clock)
    lost, last = queries.lost_heads(*_known(app)), queries.head()
    if not lost and not restored:
        raise click.UsageError(
            "The journal holds every exported head, so the station continues with it as it is. If it is an older copy "
            "all the same (the exported heads were missing, or were restored with it), give --restored."
        )
    for head in lost:
        app.note(tell("chain.was", seq=head.seq, at=head.at, journal=head.journal_id))
    if not yes:
        confirm(tell("chain.continue", last=last.seq), abort=True)
    began = TimelineBegan(journal=secrets.token_hex(8), reason=clean(reason, 500), operator=asker(app, operator).id)

    def act(lender: Worker | None, proofs: tuple[Claim, ...]) -> timeline.Continued:
        lent = began if lender is None else msgspec.structs.replace(began, authorised=lender.id)
        return _begin(app, lent, lost, proofs)

    done = claims(app).with_lender({began.operator}, act, before_pins=True)
    lines = [
        tell("chain.timeline", journal=done.journal, parent=done.parent, seq=done.parent_seq, hash=done.parent_hash),
        tell("chain.doubtful", count=done.doubtful),
        *([tell("chain.not-exported", why=done.head_problem)] * bool(done.head_problem)),
    ]
    app.report(done, lines)


def _begin(app: App, began: TimelineBegan, lost: tuple[Head, ...], proofs: tuple[Claim, ...]) -> timeline.Continued:
    from station.cli.shared.prove_identity import identity

    with hold(app.data, app.clock):
        identity(app).require({began.operator, began.authorised} - {""}, proofs, before_pins=True)
        heads, sent = _known(app)
        return timeline.begin(app.data / JOURNAL, app.clock, heads, began, expected=lost, sent=sent)


def _known(app: App) -> tuple[Path, tuple[Head, ...]]:
    """Return the directory of exported heads, and the heads of results that went out."""
    settings = app.settings()
    return head_directory(settings, app.data), sent_heads(settings, app.data)
