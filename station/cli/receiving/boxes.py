"""`station receiving boxes`: boxes to the sites, from the first item to the receipt there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import click

from station.base.errors import CatalogError, ReceivingRefused, SyncError
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.bench.workflows.pack.candidate import candidate_of
from station.catalog.barcodes.barcode import check as check_barcode
from station.cli.receiving.named import box_named
from station.cli.receiving.rows import rows
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import asker, order, views, visibility
from station.cli.workflows.convert import scanned
from station.cli.workflows.release import looked
from station.domain.distribution.box import Box, BoxState, Site, box_id, box_scanned
from station.domain.distribution.obstacle_words import obstacle_words
from station.domain.distribution.packing import WITH_REASON, Candidate, Obstacle, obstacles
from station.domain.distribution.site_list import compare
from station.domain.distribution.sites import site_with, sites_of
from station.domain.events import BoxClosed, BoxOpened, BoxPacked, BoxReceived
from station.domain.item import Barcode, ItemRecord
from station.reports.tables.boxes import BoxFilter
from station.reports.tables.boxes import boxes as boxes_table
from station.reports.tables.boxes import items as items_table
from station.reports.tables.table import Table
from station.runtime.library_systems import catalog_index

_NAMED: Final = 8
"""Barcodes that a refusal names."""


@click.group()
def boxes() -> None:
    """Boxes to the sites: open, pack, close, receive at the site."""


@boxes.command("list")
@data_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Include boxes that were received with all their items.")
@click.option("--site", default="", metavar="CODE", help="Only boxes for this site.")
@click.option(
    "--state", type=click.Choice([state.value for state in BoxState]), default=None, help="Only boxes in this state."
)
@click.option("--overdue", is_flag=True, help="Only boxes that their site should have received.")
@click.option("--missing", is_flag=True, help="Only boxes that lack items.")
@pass_app
def list_(app: App, everything: bool, site: str, state: str | None, overdue: bool, missing: bool) -> None:
    """List the boxes that are open, on their way or lack items, the oldest first; with --all the newest first."""
    settings, today = app.settings(), app.clock.day()
    choice = BoxFilter(site=site, state=state or "", overdue_on=today if overdue else "", missing=missing)
    chosen = [box for box in queries(app).boxes(everything=everything or bool(state)) if choice.wants(box)]
    shown = boxes_table(chosen, sites_of(settings.distribution), today)
    app.report(shown.values(), rows(shown, {}) or [tell("box.none")])


@boxes.command()
@data_option
@json_option
@click.argument("name", metavar="BOX")
@operator_option
@pass_app
def show(app: App, name: str, operator: str) -> int:
    """Show a box and its items, missing ones first. BOX is its id, its number, or what its label says. Exit code 1 if
    items are missing."""
    visible = visibility(app, operator)
    now = box_named(queries(app), name)
    packed = items_table(visible.packed(now.id), now.id)
    shown = _table(app, now)
    app.report(
        {**shown.values()[0], "packed": packed.values()},
        (*rows(shown, {}), "", *(rows(packed, visible.names()) or [tell("box.empty")])),
    )
    return NOT_GOOD if now.missing else DONE


@boxes.command("open")
@data_option
@json_option
@click.argument("site", metavar="SITE")
@operator_option
@pass_app
def open_(app: App, site: str, operator: str) -> None:
    """Open a box for SITE: the code of a site of the settings, or of a library that no site serves."""
    code = site_with(clean(site, 40), sites_of(app.settings().distribution)).code
    seq = order(app, BoxOpened(site=code, operator=asker(app, operator).id))
    _report(app, box_id(seq))


@boxes.command()
@data_option
@json_option
@click.argument("name", metavar="BOX")
@click.argument("barcodes", metavar="BARCODE...", nargs=-1, required=True)
@click.option(
    "--despite",
    "reason",
    default="",
    metavar="REASON",
    help="Pack it although list, order and library system disagree about the copy or its library. Needs a technician.",
)
@operator_option
@pass_app
def pack(app: App, name: str, barcodes: tuple[str, ...], reason: str, operator: str) -> None:
    """Put items into a box that is open. An item goes in only if it is done and of the box's site; no tag is read. All
    of them go in, or none."""
    settings = app.settings()
    now, who, viewer = box_named(queries(app), name), asker(app, operator), views(app, operator).viewer
    sites = sites_of(settings.distribution)
    site = site_with(now.site, sites)
    events = []
    for barcode in dict.fromkeys(check_barcode(text, settings.barcodes) for text in barcodes):
        item, record = _candidate(app, barcode, viewer)
        stops = obstacles(item, site, sites)
        _refuse(item, stops, sites, reason)
        events.append(
            BoxPacked(
                box=now.id,
                barcode=barcode,
                title=item.title,
                call_number=record.call_number if record is not None else "",
                library=item.place,
                despite=tuple(stop.value for stop in stops),
                reason=clean(reason, 300) if stops else "",
                operator=who.id,
            )
        )
    order(app, *events)
    _report(app, now.id)


@boxes.command("take-out")
@data_option
@json_option
@click.argument("name", metavar="BOX")
@click.argument("barcodes", metavar="BARCODE...", nargs=-1, required=True)
@operator_option
@pass_app
def take_out(app: App, name: str, barcodes: tuple[str, ...], operator: str) -> None:
    """Take items out of a box that is open."""
    rules = app.settings().barcodes
    now, who = box_named(queries(app), name), asker(app, operator).id
    taken = dict.fromkeys(check_barcode(text, rules) for text in barcodes)
    order(app, *(BoxPacked(box=now.id, barcode=barcode, removed=True, operator=who) for barcode in taken))
    _report(app, now.id)


@boxes.command()
@data_option
@json_option
@click.argument("name", metavar="BOX")
@operator_option
@pass_app
def close(app: App, name: str, operator: str) -> None:
    """Close a box: it is ready to leave. "station label BOX --print --kind box" prints its label, and --kind packing-slip its
    packing slip."""
    settings = app.settings()
    now = box_named(queries(app), name)
    days = site_with(now.site, sites_of(settings.distribution)).days
    due = app.clock.day(days) if days else ""
    order(app, BoxClosed(box=now.id, due=due, operator=asker(app, operator).id))
    _report(app, now.id)


@boxes.command()
@data_option
@json_option
@click.argument("name", metavar="BOX")
@click.option("--missing", "missing", multiple=True, metavar="BARCODE", help="Item that was not in it. Repeatable.")
@click.option(
    "--list",
    "list_file",
    type=click.Path(dir_okay=False, allow_dash=True),
    default=None,
    metavar="FILE",
    help='Barcodes that were in it, one per line ("-" = stdin). All others are missing.',
)
@click.option("--note", default="", help="Any remark.")
@operator_option
@pass_app
def receive(app: App, name: str, missing: tuple[str, ...], list_file: str | None, note: str, operator: str) -> int:
    """Record that the site has the box: with all its items, without those that are --missing, or with those of a
    --list. It may be repeated; the newest counts. Exit code 1 if items are missing."""
    if missing and list_file is not None:
        raise click.UsageError("Give --missing or --list, not both.")
    rules = app.settings().barcodes
    now = box_named(queries(app), name)
    lacks: tuple[str, ...] = tuple(dict.fromkeys(check_barcode(text, rules) for text in missing))
    if list_file is not None:
        texts = [text for text in scanned(list_file) if box_scanned(text) != now.id]
        listed = compare(queries(app).packed(now.id), (check_barcode(text, rules) for text in texts))
        if listed.strange:
            raise ReceivingRefused(Sentence("box.not-packed", barcodes=", ".join(listed.strange[:_NAMED])))
        lacks = listed.missing
    event = BoxReceived(box=now.id, missing=lacks, note=clean(note, 300), operator=asker(app, operator).id)
    order(app, event)
    return NOT_GOOD if _report(app, now.id).missing else DONE


@boxes.command()
@data_option
@json_option
@click.argument("name", metavar="BOX")
@click.option("--reason", required=True, help="Why.")
@operator_option
@pass_app
def reopen(app: App, name: str, reason: str, operator: str) -> None:
    """Open a box again that was closed or received."""
    now = box_named(queries(app), name)
    event = BoxOpened(box=now.id, site=now.site, reason=clean(reason, 300), operator=asker(app, operator).id)
    order(app, event)
    _report(app, now.id)


def _candidate(app: App, barcode: Barcode, viewer: str) -> tuple[Candidate, ItemRecord | None]:
    """Return what the sources say about an item as `viewer` may see it, and its record."""
    reading = queries(app)
    (line,) = looked(app, (barcode,), viewer)
    try:
        record = catalog_index(app.settings(), app.data).find(barcode)
    except (CatalogError, SyncError):
        record = None
    has_tag = bool(reading.bindings_for(barcode))
    return candidate_of(line, reading.listed_copy(barcode), record, has_tag=has_tag), record


def _refuse(item: Candidate, stops: Sequence[Obstacle], sites: Sequence[Site], reason: str) -> None:
    """Raise `ReceivingRefused` for the obstacles of an item, unless a reason is given and is enough."""
    if stops and not (reason.strip() and WITH_REASON.issuperset(stops)):
        why = Sentence.joined((obstacle_words(stop, item, sites) for stop in stops), between=" ")
        raise ReceivingRefused(Sentence("box.does-not-go-in", title=item.title or item.barcode, why=why))


def _table(app: App, now: Box) -> Table:
    return boxes_table([now], sites_of(app.settings().distribution), app.clock.day())


def _report(app: App, ident: str) -> Box:
    """Report a box as it is now."""
    now = box_named(queries(app), ident)
    shown = _table(app, now)
    app.report(shown.values()[0], rows(shown, {}))
    return now
