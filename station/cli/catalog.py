"""`station catalog`: the local index of the library's records."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from station.catalog.barcode import check
from station.catalog.partner import partner_file
from station.cli.app import App, data_option, json_option, pass_app, table
from station.cli.catalog_check import check_command
from station.cli.meter import shown
from station.cli.stopping import stoppable
from station.control.client import connect
from station.control.lock import hold
from station.errors import SettingsError, StationBusy
from station.events import CatalogImported
from station.model import ItemRecord
from station.settings import Settings
from station.store.catalog_import import ImportReport, import_file, unfinished
from station.store.catalog_rebuild import rebuild, remembered
from station.store.owner import open_store
from station.systems import CATALOG, catalog_index, close_systems, live_catalog, live_system, load_item_profile, systems
from station.text import clean
from station.wiring import JOURNAL, head_directory


@click.group()
def catalog() -> None:
    """The library's records, by barcode."""


catalog.add_command(check_command)


@catalog.command("import")
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Start from an empty index instead of adding to the present one.")
@click.option("--anew", is_flag=True, help="Begin with the first record, even where this import was stopped before.")
@pass_app
def import_(app: App, file: Path, replace: bool, anew: bool) -> None:
    """Import FILE (ISO 2709, MARCXML or MARC-in-JSON): the station sees all of it or nothing. Ctrl-C stops between two
    records; the same command goes on from there, also after a crash. A running station uses the new index at once."""
    settings = app.settings()
    known = partner_file(file.name)
    if known is not None:
        app.note(known.sentence)
    with stoppable() as should_stop, shown(app) as progress:
        report = import_file(
            file,
            app.data / CATALOG,
            load_item_profile(settings, app.data),
            settings.catalog,
            progress=progress,
            should_stop=should_stop,
            note=app.note,
            replace=replace,
            resume=not anew,
        )
    _imported(app, report)
    app.report(report, _lines(report))


@catalog.command("rebuild")
@data_option
@json_option
@click.option(
    "--from",
    "places",
    multiple=True,
    metavar="DIRECTORY",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the files may be that are no longer where they were; several times if need be.",
)
@pass_app
def rebuild_(app: App, places: tuple[Path, ...]) -> None:
    """Make the index again from the files it was made of, which must be unchanged. The present one stays until then.
    Ctrl-C stops between two records; the same command goes on from there."""
    settings = app.settings()
    with stoppable() as should_stop, shown(app) as progress:
        reports = rebuild(
            app.data / CATALOG,
            load_item_profile(settings, app.data),
            settings.catalog,
            places=places,
            progress=progress,
            should_stop=should_stop,
            note=app.note,
        )
    for report in reports:
        _imported(app, report)
    app.report(reports, (f"{report.source}: {line}" for report in reports for line in _lines(report)))


def _imported(app: App, report: ImportReport) -> None:
    event = CatalogImported(
        source=clean(report.source), records=report.records, items=report.items, rejected=report.rejected_count
    )
    _journal(app, event)


def _lines(report: ImportReport) -> Iterator[str]:
    yield (
        f"{report.items} items in {report.records} records ({report.replaced} replaced, {report.deleted} deleted, "
        f"{report.without_items} without items), {report.rejected_count} rejected"
    )
    for rejected in report.rejected:
        yield f"rejected: record {rejected.number}: {rejected.reason}"
    for duplicate in report.duplicates:
        yield f"twice: {duplicate.barcode} in {' and '.join(duplicate.records)}; it is refused until one is corrected"
    for number, what in report.repaired:
        yield f"repaired: record {number}: {what}"
    for name, whole, listed in (
        ("rejected", report.rejected_count, len(report.rejected)),
        ("twice", report.duplicate_count, len(report.duplicates)),
        ("repaired", report.repaired_count, len(report.repaired)),
    ):
        if whole > listed:
            yield f"{name}: {whole - listed} more"


def _journal(app: App, event: CatalogImported) -> None:
    """Journal the import: through the running station, else under the lock."""
    try:
        with hold(app.data, app.clock):
            heads = head_directory(app.settings(), app.data)
            store = open_store(app.data / JOURNAL, app.clock, head_directory=heads)
            try:
                store.journal.record(event)
            finally:
                store.close()
    except StationBusy:
        client = connect(app.data)
        if client is None:
            raise
        with client:
            client.imported(event)


@catalog.command()
@data_option
@json_option
@click.option("--live", is_flag=True, help="Ask the library system, as the bench does with live records.")
@click.argument("barcode", required=False)
@pass_app
def show(app: App, barcode: str | None, live: bool) -> None:
    """The record of BARCODE as the station sees it, or how much is in the index.

    With --live the record comes from the library system; when that does not answer, it is what it said before, with its
    age, or else the record of the index.
    """
    settings = app.settings()
    if live:
        _show_live(app, settings, barcode)
        return
    index = catalog_index(settings, app.data)
    try:
        if barcode is None:
            records, items = index.size()
            files = remembered(index.path)
            stopped = unfinished(index.path)
            value = {
                "records": records,
                "items": items,
                "profile": settings.catalog.profile,
                "sources": files,
                "unfinished": stopped and {"source": stopped.name, "records": stopped.number, "bytes": stopped.offset},
            }
            lines = [f"{items} items in {records} records, profile {settings.catalog.profile}"]
            lines += [f"made of: {file.name}, {file.items} items in {file.records} records" for file in files]
            if stopped:
                lines.append(
                    f"unfinished: {stopped.name}, {stopped.number} records; the same import goes on from there"
                )
            app.report(value, lines)
        else:
            item = index.find(check(barcode, settings.barcodes))
            app.report(item, table(list(_rows(item))))
    finally:
        index.close()


def _show_live(app: App, settings: Settings, barcode: str | None) -> None:
    if barcode is None:
        raise click.UsageError("--live wants a barcode")
    found = systems(settings, app.data)
    live = live_system(settings, found) or next((one for name, one in found.items() if name != "file"), None)
    if live is None:
        raise SettingsError("no library system is set up (delivery.alma or delivery.sip2)")
    try:
        item = live_catalog(settings, app.data, live, app.clock).find(check(barcode, settings.barcodes))
    finally:
        close_systems(found)
    app.report(item, table(list(_rows(item))))


def _rows(item: ItemRecord) -> Iterator[tuple[str, str]]:
    for name in item.__struct_fields__:
        value = getattr(item, name)
        if value in ("", (), None):
            continue
        yield name.replace("_", " "), " | ".join(value) if isinstance(value, tuple) else str(value)
