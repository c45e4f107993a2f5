"""`station cataloging`: pieces without a usable record, queued for the Technical Services Librarian."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from typing import Final

import click

from station.base.cells import table
from station.base.local_time import local_day, local_minute
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.barcode import check
from station.catalog.record.publisher_number import piece_number
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.record_event import journal
from station.cli.shared.who_asks import asker
from station.domain.events import CatalogingRequested, CatalogingResolved
from station.runtime.data_directory import JOURNAL
from station.store.projections.cataloging import Entry
from station.store.queries.queries import Queries

_SHOWN: Final = 8
"""Characters of an entry's id that a list shows; they identify the entry."""
_SHORTEST: Final = 4


@click.group()
def cataloging() -> None:
    """The queue for original cataloging."""


@cataloging.command("list")
@data_option
@json_option
@click.option("--all", "closed", is_flag=True, help="Include closed entries.")
@pass_app
def list_(app: App, closed: bool) -> None:
    """List the entries that wait, the oldest first."""
    app.settings()
    entries = queue(app, closed=closed)
    waiting = sum(1 for entry in entries if not entry.closed_at)
    lines = [tell("cataloging.waiting", count=waiting)]
    lines += table([_row(entry) for entry in entries])
    app.report([_value(entry) for entry in entries], lines)


@cataloging.command()
@data_option
@json_option
@click.argument("barcode", required=False)
@click.option("--scanned", default="", metavar="NUMBER", help="ISBN, EAN or UPC as scanned from the piece.")
@click.option("--title", default="", help="Title, as on the title page.")
@click.option("--note", default="", help="Any other helpful information.")
@click.option("--reason", default="", help="Why the piece needs cataloging; by default, because there is no record.")
@operator_option
@pass_app
def add(app: App, barcode: str | None, scanned: str, title: str, note: str, reason: str, operator: str) -> None:
    """Add a piece to the queue. Give at least one of BARCODE, --scanned and --title. A BARCODE that is already in the
    queue keeps its place, and the new information is added."""
    settings = app.settings()
    number, _ = piece_number(scanned)
    if scanned and not number:
        raise click.UsageError("--scanned is not an ISBN, EAN or UPC.")
    plain = check(barcode, settings.barcodes) if barcode else ""
    if not (plain or number or clean(title)):
        raise click.UsageError("Give the barcode, --scanned or --title.")
    event = CatalogingRequested(
        request=uuid.uuid4().hex,
        barcode=plain,
        isbn=number,
        title=clean(title),
        note=clean(note),
        reason=Sentence.of(clean(reason) or tell("cataloging.no-record")),
        operator=asker(app, operator).id,
    )
    journal(app, event)
    entry = next(queued for queued in queue(app) if any(asked.event.request == event.request for asked in queued.asked))
    app.report(_value(entry), [tell("cataloging.added", piece=_name(entry), entry=entry.id[:_SHOWN])])


@cataloging.command()
@data_option
@json_option
@click.argument("entry")
@pass_app
def show(app: App, entry: str) -> int:
    """Show all that is known of ENTRY (a barcode, an ISBN, EAN or UPC, a title, or the id of an entry). Exit code 1 if it
    was never in the queue."""
    app.settings()
    match = _named(queue(app, closed=True), entry)
    if match is None:
        return _not_there(app, entry)
    app.report(_value(match), table(list(_details(match))))
    return 0


@cataloging.command()
@data_option
@json_option
@click.argument("entry")
@click.option("--record", default="", metavar="ID", help="Id of the record that the piece has now.")
@click.option("--reason", default="", help="Why the piece gets no record, or any other remark.")
@operator_option
@pass_app
def resolve(app: App, entry: str, record: str, reason: str, operator: str) -> int:
    """Close ENTRY (a barcode, an ISBN, EAN or UPC, a title, or the id of an entry) with its record or a reason. Exit code
    1 if it is not open."""
    if not clean(record) and not clean(reason):
        raise click.UsageError("Give --record or --reason: nothing is closed silently.")
    match = _named(queue(app), entry)
    if match is None:
        return _not_there(app, entry)
    event = CatalogingResolved(
        request=match.id,
        barcode=match.barcode,
        record_id=clean(record),
        reason=clean(reason),
        operator=asker(app, operator).id,
    )
    journal(app, event)
    app.report(_value(match, event), [tell("cataloging.closed", piece=_name(match))])
    return 0


def queue(app: App, *, closed: bool = False) -> tuple[Entry, ...]:
    """Return the queue; empty if no station has run here."""
    if not (app.data / JOURNAL).exists():
        return ()
    return Queries(app.data / JOURNAL, app.clock).cataloging(closed=closed)


def _named(entries: Sequence[Entry], name: str) -> Entry | None:
    """Return the entry with this barcode, number of the piece, title, or beginning of an id: an open one first, else the
    newest closed one."""
    plain = clean(name)
    number, _ = piece_number(plain)
    fitting = [
        entry
        for entry in entries
        if plain
        and (
            plain in (entry.barcode, entry.newest("title"))
            or number == entry.newest("isbn") != ""
            or (len(plain) >= _SHORTEST and entry.id.startswith(plain.lower()))
        )
    ]
    candidates = [entry for entry in fitting if not entry.closed_at] or fitting[-1:]
    if len({entry.barcode or entry.id for entry in candidates}) > 1:
        raise click.UsageError(f"{plain} fits several entries; give more characters of an id.")
    return candidates[0] if candidates else None


def _not_there(app: App, name: str) -> int:
    app.report({"entry": clean(name), "found": False}, [tell("cataloging.not-there", piece=clean(name))])
    return NOT_GOOD


def _name(entry: Entry) -> str:
    return entry.barcode or entry.newest("isbn") or entry.newest("title")


def _row(entry: Entry) -> tuple[str, ...]:
    first = entry.asked[0]
    state = tell("cataloging.closed-at", day=local_day(entry.closed_at)) if entry.closed_at else ""
    names = (entry.barcode, entry.newest("isbn"), entry.newest("title"), entry.newest("reason"))
    return (entry.id[:_SHOWN], local_day(first.at), *names, state)


def _details(entry: Entry) -> Iterator[tuple[str, str]]:
    yield tell("cataloging.entry"), entry.id
    for name in ("barcode", "isbn", "title", "record_id"):
        if text := entry.newest(name):
            yield tell(f"cataloging.field.{name.replace('_', '-')}"), text
    for asked in entry.asked:
        yield (
            tell("cataloging.asked-at", at=local_minute(asked.at)),
            _by(tell(asked.event.reason), asked.event.operator),
        )
    for note in entry.notes():
        yield tell("cataloging.note"), note
    if entry.resolution is not None:
        end = entry.resolution
        how = "; ".join(part for part in (_record(end), end.reason) if part)
        yield tell("cataloging.closed-at", day=local_minute(entry.closed_at)), _by(how, end.operator)


def _record(end: CatalogingResolved) -> str:
    return tell("cataloging.record", record=end.record_id) if end.record_id else ""


def _by(text: str, operator: str) -> str:
    return tell("cataloging.by", said=text, operator=operator) if operator else text


def _value(entry: Entry, end: CatalogingResolved | None = None) -> dict[str, object]:
    return {
        "entry": entry.id,
        "barcode": entry.barcode,
        "isbn": entry.newest("isbn"),
        "title": entry.newest("title"),
        "record": entry.newest("record_id"),
        "notes": entry.notes(),
        "asked": [
            {"at": asked.at, "reason": asked.event.reason, "code": asked.event.code, "operator": asked.event.operator}
            for asked in entry.asked
        ],
        "closed_at": entry.closed_at,
        "resolution": end or entry.resolution,
    }
