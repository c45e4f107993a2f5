"""`station catalog check`: problems in the records of the index, or of a file."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import click
import msgspec

from station.base.errors import CatalogError, RecordChanged
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.base.words import tell
from station.catalog.barcodes.barcode import check, ungrouped
from station.catalog.callnumber.settings import options
from station.catalog.findings.facts import Piece
from station.catalog.findings.findings import findings, too_poor
from station.catalog.findings.record_facts import charset_note
from station.catalog.marc import marc
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.record import profiles
from station.catalog.record.profiles import Profile
from station.catalog.record.publisher_number import piece_number
from station.catalog.record.record import describe, record_id
from station.cli.catalog import check_report
from station.cli.catalog.cataloging import queue
from station.cli.catalog.check_file import check_file
from station.cli.catalog.check_report import Checked, Tally
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_said, pass_app
from station.cli.shared.interrupt import stoppable
from station.cli.shared.record_event import journal, reporter
from station.domain.events import CatalogingRequested
from station.domain.item import Barcode
from station.runtime.data_directory import CATALOG
from station.runtime.library_systems import catalog_index, load_item_profile
from station.store.catalog_index.index import common_prices_at
from station.store.catalog_index.walk import raws_of, sound, walk

_EVERY_S: Final = 5.0
"""Seconds between two lines of progress."""


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
    tally = Tally(limit)
    stopped = False
    if everything:
        with stoppable() as should_stop:
            stopped = not _all(app, settings, profile, tally, should_stop)
    else:
        _each(app, settings, profile, barcodes, Piece(isbn=scanned) if scanned else None, tally)
    sent = _send(app, who, tally.poor, scanned) if send else 0
    app.report(
        check_report.value(tally, sent, stopped), check_report.lines(tally, sent, stopped, advice=not everything)
    )
    return NOT_GOOD if tally.bad or tally.unreadable_count or stopped else 0


def _each(
    app: App, settings: Settings, profile: Profile, barcodes: Sequence[str], piece: Piece | None, tally: Tally
) -> None:
    index, numbers = catalog_index(settings, app.data), options(settings.catalog.numbers)
    try:
        for text in barcodes:
            barcode = check(text, settings.barcodes)
            item = index.find(barcode)
            for raw in raws_of(index.path, barcode):
                record = marc.parse(raw)
                item_findings = findings(
                    record,
                    item,
                    piece,
                    charset_note=charset_note(raw),
                    numbers=numbers,
                    year=_year(app),
                    items=profiles.items(record, profile),
                    located=bool(profile.location),
                )
                tally.add(Checked(barcode, item.record_id, item_findings))
    finally:
        index.close()


def _year(app: App) -> int:
    return int(app.clock.day()[:4])


def _all(app: App, settings: Settings, profile: Profile, tally: Tally, should_stop: Callable[[], bool]) -> bool:
    """Check every record of the index. Return False if the check was stopped."""
    path = app.data / CATALOG
    total, records = walk(path, profile.name)
    prices = common_prices_at(path)
    tally.common_prices = tuple(prices.values())
    numbers = options(settings.catalog.numbers)
    year = _year(app)
    said_at = app.clock.monotonic()
    for number, (source, kept) in enumerate(records, 1):
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
        items = profiles.items(record, profile)
        for item_fields in items:
            barcode = ungrouped(item_fields.barcode, settings.barcodes)
            try:
                described = describe(raw, Barcode(barcode), profile, settings.catalog)
                item = msgspec.structs.replace(described, price_of_file=source in prices)
            except CatalogError as error:
                tally.refuse(f"{barcode}: {tell(error.detail)}")
            else:
                item_findings = findings(
                    record,
                    item,
                    charset_note=note,
                    numbers=numbers,
                    year=year,
                    items=items,
                    located=bool(profile.location),
                )
                tally.add(Checked(barcode, record_id(record), item_findings))
    return True


def _send(app: App, who: str, poor: Sequence[Checked], scanned: str) -> int:
    """Add the items that are not yet in the queue, each barcode once. Return how many items were added."""
    waiting = {entry.barcode for entry in queue(app)}
    events = []
    for checked in poor:
        if checked.barcode in waiting:
            continue
        waiting.add(checked.barcode)
        why = too_poor(checked.findings)
        events.append(
            CatalogingRequested(
                request=uuid.uuid4().hex,
                barcode=checked.barcode,
                isbn=piece_number(scanned)[0],
                code=" ".join(finding.code for finding in why),
                reason=Sentence.joined((finding.sentence for finding in why), " "),
                record_id=checked.record,
                operator=who,
            )
        )
    journal(app, *events)
    return len(events)
