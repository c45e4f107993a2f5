"""`station receiving vendors`: who sends material."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import click

from station.acquisitions import vendor_file
from station.base.cells import table
from station.base.errors import VendorFileRefused
from station.base.sentence import Sentence
from station.base.words import tell
from station.cli.receiving.file_options import content_of, file_name
from station.cli.receiving.named import vendor_named
from station.cli.receiving.rows import rows
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import asker, order
from station.domain.events import VendorRecorded
from station.reports.tables.receiving import vendors as vendors_table
from station.runtime.proven_orders import MOST_ORDERS
from station.store.queries.queries import Queries


@click.group()
def vendors() -> None:
    """Vendors: names, codes, accounts, contacts, and how their files are read."""


@vendors.command("list")
@data_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Include vendors from which nothing is ordered any more.")
@pass_app
def list_(app: App, everything: bool) -> None:
    """List the vendors, and how many packing lists and differences of each are open."""
    views = queries(app)
    shown = [vendor for vendor in views.vendors() if everything or not vendor.closed]
    owners = {text: vendor.id for vendor in views.vendors() for text in vendor.known_as}
    differences = Counter(owners.get(row.vendor.strip().casefold(), "") for row in views.differences())
    listed = vendors_table(shown, differences, _lists_of(views, opened=True))
    app.report(listed.values(), rows(listed, {}) or [tell("receiving.no-vendors")])


@vendors.command()
@data_option
@json_option
@click.argument("name", metavar="VENDOR")
@pass_app
def show(app: App, name: str) -> None:
    """Show a vendor by its id, a name or a code, as in a file of vendors."""
    vendor = vendor_named(queries(app), name)
    app.report(vendor, vendor_file.write([vendor]).decode("utf-8").splitlines())


@vendors.command("import")
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path))
@operator_option
@pass_app
def import_(app: App, file: Path, operator: str) -> None:
    """Take the vendors in FILE (TOML), new and changed ones. All are taken, or none. A vendor that FILE does not name stays
    as it is. Packing lists belong to the vendor that has their vendor's name or code; it is said how many."""
    app.settings()
    content = vendor_file.read(content_of(file), file_name(file))
    views = queries(app)
    known = {vendor.id: vendor for vendor in views.vendors()}
    changed = [vendor for vendor in content if known.get(vendor.id) != vendor]
    if len(changed) > MOST_ORDERS:
        raise VendorFileRefused(Sentence("vendor-file.too-many", file=file_name(file), most=MOST_ORDERS))
    who = asker(app, operator).id
    if changed:
        order(app, *(VendorRecorded(content=vendor, operator=who) for vendor in changed))
    states = {vendor.id: "changed" if vendor.id in known else "added" for vendor in changed}
    lists = _lists_of(views)
    values = [
        {
            "id": vendor.id,
            "name": vendor.name,
            "state": states.get(vendor.id, "unchanged"),
            "lists": lists.get(vendor.id, 0),
        }
        for vendor in content
    ]
    lines = [
        (
            vendor.id,
            vendor.name,
            tell(f"receiving.vendor.{states.get(vendor.id, 'unchanged')}"),
            tell("receiving.lists", count=lists.get(vendor.id, 0)),
        )
        for vendor in content
    ]
    app.report(values, table(lines))


@vendors.command()
@data_option
@json_option
@pass_app
def export(app: App) -> None:
    """Write all vendors to stdout as a file that `import` reads."""
    known = queries(app).vendors()
    app.report(known, vendor_file.write(known).decode("utf-8").splitlines())


def _lists_of(views: Queries, *, opened: bool = False) -> Mapping[str, int]:
    """Return how many packing lists belong to each vendor, by its id. `opened`: only the open ones."""
    owners = {name: vendor.id for vendor in views.vendors() for name in vendor.known_as}
    standings = (standing for standing in views.packing_lists() if not (opened and standing.closed))
    return Counter(owners.get(standing.vendor.strip().casefold(), "") for standing in standings)
