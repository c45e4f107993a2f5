"""`station catalog`: the local index of the library's records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from station.acquisitions.worldshare import partner_file
from station.base.text import clean
from station.base.words import tell
from station.catalog.marc.evidence import Evidence
from station.cli.catalog.charset_lines import charset_lines
from station.cli.catalog.check import check_command
from station.cli.catalog.inspect import inspect_command
from station.cli.catalog.lines_of_file import common_finding_line, common_price_line
from station.cli.catalog.search import search_command
from station.cli.catalog.show import show_command
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.interrupt import stoppable
from station.cli.shared.progress import shown
from station.cli.shared.record_event import journal, refuse_older, reporter
from station.domain.events import CatalogImported
from station.quality.rules import Catalogue
from station.runtime.data_directory import CATALOG
from station.runtime.library_systems import load_item_profile, rules_to_show
from station.store.catalog_index.file_rules import judge_of
from station.store.catalog_index.import_file import ImportReport, import_file
from station.store.catalog_index.plausible import Expected
from station.store.catalog_index.rebuild import rebuild
from station.store.catalog_index.unfinished_import import Cause, RejectedRecord


@click.group()
def catalog() -> None:
    """The library's records, by barcode."""


catalog.add_command(check_command)
catalog.add_command(inspect_command)
catalog.add_command(search_command)
catalog.add_command(show_command)


@catalog.command("import")
@data_option
@json_option
@click.argument("files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Start from an empty index instead of adding to the present one.")
@click.option("--anew", is_flag=True, help="Begin with the first record, even if this import was stopped before.")
@click.option(
    "--few-items", is_flag=True, help="Accept a file in which almost no record has an item, or no item has a title."
)
@click.option(
    "--few-call-numbers", is_flag=True, help="Accept a file in which another profile finds twice as many call numbers."
)
@click.option("--odd-barcodes", is_flag=True, help="Accept a file whose barcodes [barcodes] in the settings refuses.")
@operator_option
@pass_app
def import_(
    app: App,
    files: tuple[Path, ...],
    replace: bool,
    anew: bool,
    few_items: bool,
    few_call_numbers: bool,
    odd_barcodes: bool,
    operator: str,
) -> int:
    """Import FILE (ISO 2709, MARCXML or MARC-in-JSON), completely or not at all. Ctrl-C stops between two records; the
    same command then resumes there, also after a crash. A running station uses the new index at once.

    Give the file of the titles and that of their holdings records together, in any order: the items of a holdings record
    get the title that its 004 names.

    A file of 20 or more records is refused if fewer than 1 in 20 of them have an item, or less than half as many as
    another profile finds; if another profile finds more than twice as many call numbers; or if [barcodes] in the settings
    rejects more than 1 in 20 of its barcodes (of fewer than 20 barcodes, more than half). The message says where the items
    seem to be: see also `station catalog inspect`. After a refusal the index is as it was before.

    Exit code 1 if records of the file could not be read, or if the title of a holdings record is in no FILE. The others
    are imported. The list of the records that are
    missing, with their barcodes, is written to the folder `rejected` in the data directory.
    """
    settings = app.settings()
    refuse_older(app)
    who = reporter(app, operator)
    for file in files:
        if (known := partner_file(file.name)) is not None:
            app.note(tell(known.sentence))
    rules, day = rules_to_show(settings, app.data)[0], app.clock.day()
    profile = load_item_profile(settings, app.data)
    with stoppable() as should_stop, shown(app) as progress:
        report = import_file(
            files[0],
            app.data / CATALOG,
            profile,
            settings.catalog,
            others=files[1:],
            progress=progress,
            should_stop=should_stop,
            note=app.note,
            replace=replace,
            resume=not anew,
            expected=Expected(settings.barcodes, few_items, odd_barcodes, few_call_numbers),
            judge=judge_of(rules, profile, settings.catalog, day),
        )
    _imported(app, report, who)
    app.report(report, _lines(report, rules, day))
    return _ended((report,))


@catalog.command("rebuild")
@data_option
@json_option
@click.option(
    "--from",
    "places",
    multiple=True,
    metavar="DIRECTORY",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where to look for files that were moved; repeatable.",
)
@operator_option
@pass_app
def rebuild_(app: App, places: tuple[Path, ...], operator: str) -> int:
    """Rebuild the index from the files that were imported, which must be unchanged. The present index stays in use
    until then. Ctrl-C stops between two records; the same command then resumes there."""
    settings = app.settings()
    refuse_older(app)
    who = reporter(app, operator)
    rules, day = rules_to_show(settings, app.data)[0], app.clock.day()
    profile = load_item_profile(settings, app.data)
    with stoppable() as should_stop, shown(app) as progress:
        reports = rebuild(
            app.data / CATALOG,
            profile,
            settings.catalog,
            places=places,
            barcodes=settings.barcodes,
            progress=progress,
            should_stop=should_stop,
            note=app.note,
            judge=judge_of(rules, profile, settings.catalog, day),
        )
    for report in reports:
        _imported(app, report, who)
    app.report(reports, (f"{report.source}: {line}" for report in reports for line in _lines(report, rules, day)))
    return _ended(reports)


def _ended(reports: Sequence[ImportReport]) -> int:
    """Return the exit code: an import that left out records or titles is not a success."""
    return NOT_GOOD if any(report.rejected_count or report.untitled_count for report in reports) else DONE


def _imported(app: App, report: ImportReport, who: str) -> None:
    event = CatalogImported(
        source=clean(report.source),
        records=report.records,
        items=report.items,
        rejected=report.rejected_count,
        operator=who,
    )
    journal(app, event)


def _barcodes(rejected: RejectedRecord) -> str:
    named = ", ".join(rejected.barcodes)
    more = ", ..." if rejected.barcode_count > len(rejected.barcodes) else ""
    return f"; barcodes: {named}{more}" if named else ""


def _where(cause: Cause) -> str:
    """Return the record of a cause; of several, their number and the first."""
    first = f"{cause.file}, record {cause.first}" if cause.file else f"record {cause.first}"
    return first if cause.records == 1 else f"{cause.records} records, the first is {first}"


def _lines(report: ImportReport, rules: Catalogue, day: str) -> Iterator[str]:
    yield (
        f"{report.items} items in {report.records} records ({report.replaced} replaced, {report.deleted} deleted, "
        f"{report.without_items} without items), {report.rejected_count} rejected"
    )
    if report.rejected_count:
        yield tell(
            "catalog.import.incomplete",
            rejected=report.rejected_count,
            barcodes=report.unread_count,
            path=report.rejected_file,
        )
    if report.joined:
        yield tell("catalog.import.joined", count=report.joined)
    if report.untitled_count:
        yield tell("catalog.import.untitled", count=report.untitled_count)
    yield from charset_lines(report.charsets, Evidence(report.marc8_evidence, report.windows_evidence))
    for file, count in report.windows_files.items():
        yield tell("catalog.charset.windows", file=file, count=count)
    if report.common_price is not None:
        yield common_price_line(report.common_price)
    for finding in report.common_findings:
        yield common_finding_line(finding, rules, day)
    barcodes = {(rejected.file, rejected.number): _barcodes(rejected) for rejected in report.rejected}
    for fault in report.faults:
        named = barcodes.get((fault.file, fault.first), "") if fault.records == 1 else ""
        yield f"rejected: {_where(fault)}: {fault.text}{named}"
    for untitled in report.untitled:
        key = "catalog.import.no-title-of" if untitled.title else "catalog.import.no-link-of"
        yield tell(key, record=untitled.record, title=untitled.title)
    for status, count in sorted(report.unexplained_statuses.items(), key=lambda pair: -pair[1]):
        yield tell("catalog.import.status", status=status, count=count, profile=report.profile)
    for duplicate in report.duplicates:
        yield f"twice: {duplicate.barcode} in {' and '.join(duplicate.records)}; it is refused until one is corrected"
    for note in report.notes:
        yield f"noted: {_where(note)}: {note.text}"
    if (seen := report.barcodes).refused:
        yield (
            f"refused by [barcodes]: {seen.refused} of {seen.looked_at} barcodes; the first is {seen.first}: {tell(seen.why)}"
        )
    for name, whole, listed in (
        ("rejected", report.rejected_count, sum(fault.records for fault in report.faults)),
        ("without a title", report.untitled_count, len(report.untitled)),
        ("twice", report.duplicate_count, len(report.duplicates)),
        ("noted", report.repaired_count, sum(note.records for note in report.notes)),
    ):
        if whole > listed:
            yield f"{name}: {whole - listed} more"
