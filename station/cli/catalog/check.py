"""`station catalog check`: problems in the records of the index, or of a file."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import click
import msgspec

from station.base.cells import filled
from station.base.errors import CatalogError, RecordChanged
from station.base.settings import Settings
from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.barcode import check, ungrouped
from station.catalog.callnumber.settings import options
from station.catalog.findings.facts import Piece
from station.catalog.findings.findings import RecordFinding, findings, too_poor
from station.catalog.findings.record_facts import charset_note
from station.catalog.marc import marc
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.record import profiles
from station.catalog.record.profiles import Profile
from station.catalog.record.publisher_number import piece_number
from station.catalog.record.record import describe, record_id
from station.cli.catalog.cataloging import queue
from station.cli.catalog.check_file import check_file
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_said, pass_app
from station.cli.shared.interrupt import stoppable
from station.cli.shared.record_event import journal, reporter
from station.domain.events import CatalogingRequested
from station.domain.findings import Severity
from station.domain.item import Barcode
from station.runtime.library_systems import CATALOG, catalog_index, load_item_profile
from station.store.catalog_index.walk import raws_of, sound, walk

_EVERY_S: Final = 5.0
"""Seconds between two lines of progress."""
_BAD: Final = frozenset({Severity.CRITICAL, Severity.MAJOR})


class Checked(msgspec.Struct, frozen=True):
    """Item, and the findings about its record."""

    barcode: str
    record: str
    findings: tuple[RecordFinding, ...]


class _Tally:
    """Counts everything, and keeps the first `limit` items with findings."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self.items = 0
        self.counts: Counter[str] = Counter()
        self.bad = 0
        self.unreadable: list[str] = []
        self.unreadable_count = 0
        self.listed: list[Checked] = []
        self.with_findings = 0
        self.poor: list[Checked] = []

    def add(self, one: Checked) -> None:
        self.items += 1
        self.counts.update(finding.code for finding in one.findings)
        self.bad += any(finding.severity in _BAD for finding in one.findings)
        if one.findings:
            self.with_findings += 1
            if len(self.listed) < self._limit:
                self.listed.append(one)
        if too_poor(one.findings):
            self.poor.append(one)

    def refuse(self, why: str) -> None:
        self.unreadable_count += 1
        if len(self.unreadable) < self._limit:
            self.unreadable.append(clean(why))


@click.command("check")
@data_option
@json_option
@click.argument("barcodes", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Check every record of the index.")
@click.option(
    "--file", type=click.Path(path_type=Path), help="Check every record of this file instead, before it is loaded."
)
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="With --file: write all findings as CSV.")
@click.option("--scanned", default="", metavar="NUMBER", help="ISBN, EAN or UPC on the piece; with one BARCODE only.")
@click.option("--queue", "send", is_flag=True, help="Add items that need original cataloging to the queue.")
@click.option(
    "--limit", type=click.IntRange(0), default=1000, show_default=True, help="Maximum number of items to list."
)
@operator_said("With --queue: login of the person who asks; by default, station.operator in the settings.")
@pass_app
def check_command(
    app: App,
    barcodes: tuple[str, ...],
    everything: bool,
    file: Path | None,
    csv_file: Path | None,
    scanned: str,
    send: bool,
    limit: int,
    operator: str,
) -> int:
    """Check the records of these BARCODES, of the whole index, or of a file. Ctrl-C stops between two records.

    A file may be ISO 2709, MARCXML or MARC-in-JSON, with or without items. Nothing of it is loaded. Its findings are
    summed up by code, the worst first, each with the first record that has it.

    Exit code 1 if a finding is major or critical, a record cannot be read, or the check was stopped.
    """
    if (bool(barcodes), everything, file is not None).count(True) != 1:
        raise click.UsageError("Give barcodes, or --all, or --file.")
    if csv_file is not None and file is None:
        raise click.UsageError("--csv needs --file.")
    if send and file is not None:
        raise click.UsageError("--queue needs records of the index: load the file first.")
    if scanned and len(barcodes) != 1:
        raise click.UsageError("--scanned needs exactly one barcode.")
    if scanned and not piece_number(scanned)[0]:
        raise click.UsageError("--scanned is not an ISBN, EAN or UPC.")
    settings = app.settings()
    if operator and not send:
        raise click.UsageError("--operator needs --queue.")
    who = (reporter(app, operator) or settings.station.operator) if send else ""
    profile = load_item_profile(settings, app.data)
    if file is not None:
        return check_file(app, settings, profile, file, csv_file)
    tally = _Tally(limit)
    stopped = False
    if everything:
        with stoppable() as should_stop:
            stopped = not _all(app, settings, profile, tally, should_stop)
    else:
        _each(app, settings, barcodes, Piece(isbn=scanned) if scanned else None, tally)
    sent = _send(app, who, tally.poor, scanned) if send else 0
    app.report(_value(tally, sent, stopped), _lines(tally, sent, stopped, advice=not everything))
    return NOT_GOOD if tally.bad or tally.unreadable_count or stopped else 0


def _each(app: App, settings: Settings, barcodes: Sequence[str], piece: Piece | None, tally: _Tally) -> None:
    index, numbers = catalog_index(settings, app.data), options(settings.catalog.numbers)
    try:
        for text in barcodes:
            barcode = check(text, settings.barcodes)
            item = index.find(barcode)
            for raw in raws_of(index.path, barcode):
                said = findings(
                    marc.parse(raw), item, piece, charset_note=charset_note(raw), numbers=numbers, year=_year(app)
                )
                tally.add(Checked(barcode, item.record_id, said))
    finally:
        index.close()


def _year(app: App) -> int:
    return int(app.clock.day()[:4])


def _all(app: App, settings: Settings, profile: Profile, tally: _Tally, should_stop: Callable[[], bool]) -> bool:
    """Check every record of the index. Return False if the check was stopped."""
    path = app.data / CATALOG
    total, records = walk(path, profile.name)
    numbers = options(settings.catalog.numbers)
    year = _year(app)
    said_at = app.clock.monotonic()
    for number, kept in enumerate(records, 1):
        if should_stop():
            app.note(tell("record.report.stopped-after", done=f"{number - 1:,}", all=f"{total:,}"))
            return False
        if app.clock.monotonic() - said_at >= _EVERY_S:
            said_at = app.clock.monotonic()
            app.note(tell("record.report.so-far", done=f"{number:,}", all=f"{total:,}"))
        try:
            raw = sound(path, kept)
            record = marc.parse(raw)
            note = charset_note(raw)
        except BadRecord as error:
            tally.refuse(tell("record.report.record", number=number, why=error))
            continue
        except RecordChanged as error:
            tally.refuse(tell("record.report.record", number=number, why=error.detail))
            continue
        for one in profiles.items(record, profile):
            barcode = ungrouped(one.barcode, settings.barcodes)
            try:
                item = describe(raw, Barcode(barcode), profile, settings.catalog)
            except CatalogError as error:
                tally.refuse(f"{barcode}: {error.detail}")
            else:
                said = findings(record, item, charset_note=note, numbers=numbers, year=year)
                tally.add(Checked(barcode, record_id(record), said))
    return True


def _send(app: App, who: str, poor: Sequence[Checked], scanned: str) -> int:
    """Add the items that are not yet in the queue, each barcode once. Return how many were added."""
    waiting = {entry.barcode for entry in queue(app)}
    events = []
    for one in poor:
        if one.barcode in waiting:
            continue
        waiting.add(one.barcode)
        why = too_poor(one.findings)
        events.append(
            CatalogingRequested(
                request=uuid.uuid4().hex,
                barcode=one.barcode,
                isbn=piece_number(scanned)[0],
                code=" ".join(finding.code for finding in why),
                reason=clean(" ".join(finding.sentence for finding in why)),
                record_id=one.record,
                operator=who,
            )
        )
    journal(app, *events)
    return len(events)


def _value(tally: _Tally, sent: int, stopped: bool) -> dict[str, object]:
    return {
        "items": tally.items,
        "with_findings": tally.with_findings,
        "counts": dict(sorted(tally.counts.items())),
        "unreadable": tally.unreadable_count,
        "unreadable_listed": tally.unreadable,
        "listed": tally.listed,
        "queued": sent,
        "stopped": stopped,
    }


def _lines(tally: _Tally, sent: int, stopped: bool, *, advice: bool) -> Iterator[str]:
    for one in tally.listed:
        for finding in one.findings:
            severity = filled(tell(f"word.severity.{finding.severity.value}"), 5)
            yield f"{one.barcode}  {severity}  {finding.code}: {finding.sentence}"
            if advice:
                yield f"    {finding.advice}"
    if tally.with_findings > len(tally.listed):
        yield tell("record.report.more-findings", count=tally.with_findings - len(tally.listed))
    for why in tally.unreadable:
        yield tell("record.report.unreadable", what=why)
    if tally.unreadable_count > len(tally.unreadable):
        yield tell("record.report.unreadable-more", count=tally.unreadable_count - len(tally.unreadable))
    yield tell("record.report.all", count=tally.items, found=tally.with_findings, major=tally.bad)
    for code, count in sorted(tally.counts.items(), key=lambda pair: (-pair[1], pair[0])):
        yield f"{count:>8}  {code}"
    if sent:
        yield tell("record.report.sent", count=sent)
    if stopped:
        yield tell("record.report.stopped")
