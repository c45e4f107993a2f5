"""`station receiving shipment`: cartons that are opened and counted together."""

from __future__ import annotations

import click

from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.carton import carton_id, carton_of
from station.cli.receiving.lists import list_named
from station.cli.receiving.named import shipment_named
from station.cli.receiving.rows import rows
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import asker, order, views, visibility
from station.domain.events import ShipmentClosed, ShipmentOpened
from station.domain.receiving.counting import Purpose
from station.domain.receiving.shipment import Shipment, shipment_id
from station.reports.tables.receiving import counts as counts_table
from station.reports.tables.receiving import lines as lines_table
from station.reports.tables.receiving import shipments as shipments_table
from station.reports.tables.receiving import vendor_names
from station.store.queries.queries import Queries


@click.group()
def shipment() -> None:
    """Shipments: cartons that are opened and counted together."""


@shipment.command("open")
@data_option
@json_option
@click.argument("papers", metavar="[LIST]...", nargs=-1)
@click.option("--carton", default="", metavar="SSCC", help="Id of the carton. The lists that name it belong to it.")
@click.option("--list", "listed", multiple=True, metavar="LIST", help="The same as LIST. Repeatable.")
@click.option("--vendor", default="", metavar="NAME", help="Who sent it; by default, the vendor of the list.")
@click.option(
    "--purpose", type=click.Choice([purpose.value for purpose in Purpose]), default="purchase", show_default=True
)
@click.option("--donor", default="", metavar="NAME", help="Who gave a gift.")
@click.option("--plan", default="", metavar="NAME", help="Lease plan.")
@click.option("--note", default="", help="Any remark.")
@operator_option
@pass_app
def open_(
    app: App,
    papers: tuple[str, ...],
    carton: str,
    listed: tuple[str, ...],
    vendor: str,
    purpose: str,
    donor: str,
    plan: str,
    note: str,
    operator: str,
) -> None:
    """Open a shipment, by its carton, its packing lists, or neither. Its copies can be counted from now on. LIST is the id
    of a packing list in the carton, its number, or vendor and number; the number of a carton (SSCC) opens the carton."""
    app.settings()
    reading = queries(app)
    cartons = [number for number in papers if carton_of(number)]
    if len(cartons) + bool(carton) > 1:
        raise click.UsageError("A shipment is opened by one carton.")
    ident = carton_id(carton or "".join(cartons))
    names = [name for name in papers if name not in cartons]
    lists = [list_named(reading, name).id for name in (*names, *listed)]
    lists = lists or list(reading.lists_of_carton(ident) if ident else ())
    event = ShipmentOpened(
        purpose=Purpose(purpose),
        vendor=clean(vendor, 60),
        carton=ident,
        lists=tuple(dict.fromkeys(lists)),
        donor=clean(donor, 100),
        plan=clean(plan, 100),
        note=clean(note, 300),
        operator=asker(app, operator).id,
    )
    now = shipment_named(reading, shipment_id(order(app, event)))
    _report(app, reading, now)


@shipment.command()
@data_option
@json_option
@click.argument("name", metavar="SHIPMENT", default="")
@click.option(
    "--more", is_flag=True, help="Another carton of the same lists is expected: what is missing may still come."
)
@operator_option
@pass_app
def close(app: App, name: str, more: bool, operator: str) -> int:
    """Close a shipment: each line that lacks copies becomes a difference. SHIPMENT is its id or carton; by default, the
    only open one. Exit code 1 if differences are open."""
    app.settings()
    reading = queries(app)
    now = shipment_named(reading, name)
    order(app, ShipmentClosed(shipment=now.id, more=more, operator=asker(app, operator).id))
    now = shipment_named(reading, now.id)
    _report(app, reading, now)
    return NOT_GOOD if now.differences else DONE


@shipment.command("list")
@data_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Include closed shipments.")
@pass_app
def list_(app: App, everything: bool) -> None:
    """List the shipments, the oldest first."""
    reading = queries(app)
    shown = shipments_table(reading.shipments(everything=everything), vendor_names(reading.vendors()))
    app.report(shown.values(), rows(shown, {}) or [tell("receiving.no-shipments")])


@shipment.command()
@data_option
@json_option
@click.argument("name", metavar="SHIPMENT", default="")
@operator_option
@pass_app
def show(app: App, name: str, operator: str) -> int:
    """Show a shipment: the lines of its lists, the worst first, and its counts, the newest first. SHIPMENT is its id or
    carton; by default, the only open one. Exit code 1 if copies are missing or differences are open."""
    app.settings()
    seen, reading = visibility(app, operator), views(app, operator)
    now = shipment_named(reading, name)
    lists = {standing.id: standing.name for standing in reading.packing_lists()}
    lines = reading.shipment_lines(now)
    whole = shipments_table([now], vendor_names(reading.vendors()))
    order_lines = {line.number: line for line in reading.order_lines()}
    listed = lines_table(lines, lists, order_lines, app.clock.day())
    counted = counts_table(seen.counts_of(now.id), reading.receipts(now.id))
    app.report(
        {**whole.values()[0], "lines": listed.values(), "counts": counted.values()},
        (*rows(whole, {}), "", *rows(listed, {}), "", *rows(counted, seen.names())),
    )
    missing = any(line.lacks and not line.line.cancelled for line in lines)
    return NOT_GOOD if missing or now.differences else DONE


def _report(app: App, reading: Queries, now: Shipment) -> None:
    shown = shipments_table([now], vendor_names(reading.vendors()))
    app.report(shown.values()[0], rows(shown, {}))
