"""`station receiving orders`: blanket and standing orders."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from station.acquisitions import order_file
from station.base.cells import table
from station.base.errors import VendorFileRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import station_session, tell
from station.cli.receiving.file_options import content_of, file_name
from station.cli.receiving.invoice_acts import checked, invoice_rows
from station.cli.receiving.named import order_named, vendor_named
from station.cli.receiving.rows import rows
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import asker, names_seen, order, views, visibility
from station.domain.events import PurchaseOrderRecorded
from station.domain.invoices.order import OrderKind, OrderStanding, PurchaseOrder
from station.reports.claim import library_of
from station.reports.order_notice import mail, newest_notice
from station.reports.tables import purchases
from station.reports.tables.receiving import vendor_names
from station.runtime.proven_orders import MOST_ORDERS
from station.store.queries.queries import Queries

_LONGEST: Final = {"note": 300}
"""Characters of an option; 100 of those that are not named."""


@click.group()
def orders() -> None:
    """Blanket and standing orders: amounts, what is charged to them, and their annual review."""


@orders.command("list")
@data_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Include closed orders.")
@pass_app
def list_(app: App, everything: bool) -> None:
    """List the orders with what is charged, invoiced and encumbered, what remains, and what to look at."""
    reading = queries(app)
    _report(app, reading, reading.orders(everything=everything))


@orders.command()
@data_option
@json_option
@click.argument("number", metavar="ORDER")
@operator_option
@pass_app
def show(app: App, number: str, operator: str) -> int:
    """Show an order and the invoices that are charged to it. Exit code 1 if there is something to look at."""
    app.settings()
    seen, reading = visibility(app, operator), views(app, operator)
    now, site = order_named(reading, number), reading.account_plan().currency
    whole = purchases.orders([now], vendor_names(reading.vendors()), site)
    charged = purchases.invoices([standing for standing in reading.invoices() if standing.id in now.invoices], site)
    app.report(
        {**whole.values()[0], "charged_invoices": charged.values()},
        (*rows(whole, seen.names()), "", *rows(charged, seen.names())),
    )
    return NOT_GOOD if now.warnings else DONE


@orders.command()
@data_option
@json_option
@click.argument("number", metavar="ORDER")
@click.option("--vendor", default=None, metavar="NAME", help="Id, name or code of the vendor.")
@click.option("--kind", type=click.Choice([kind.value for kind in OrderKind]), default=None)
@click.option("--account", default=None, metavar="CODE", help="Account that pays lines without a rule.")
@click.option("--fund", default=None, metavar="CODE", help="Fund that pays.")
@click.option("--amount", default=None, metavar="AMOUNT", help="What may be charged in all.")
@click.option("--currency", default=None, metavar="CODE", help="ISO 4217; by default the site's own.")
@click.option("--from", "valid_from", default=None, metavar="YYYY-MM-DD", help="First day.")
@click.option("--until", "valid_to", default=None, metavar="YYYY-MM-DD", help="Last day.")
@click.option("--note", default=None, help="Any remark.")
@click.option("--close/--reopen", "closed", default=None, help="Nothing more is charged to it; or it is again.")
@click.option("--reason", default="", help="Why an order that is recorded already changes.")
@operator_option
@pass_app
def record(app: App, /, number: str, reason: str, operator: str, **fields: Any) -> None:
    """Record the blanket or standing order ORDER, or change it: what no option names stays as it is."""
    app.settings()
    reading = queries(app)
    before = reading.order(number)
    changes: dict[str, Any] = {
        name: clean(value, _LONGEST.get(name, 100)) for name, value in fields.items() if isinstance(value, str)
    }
    if fields["closed"] is not None:
        changes["closed"] = fields["closed"]
    if "vendor" in changes:
        changes["vendor"] = vendor_named(reading, changes["vendor"]).id
    if before is None and not {"vendor", "amount"} <= {*changes}:
        raise click.UsageError("A new order needs --vendor and --amount.")
    old: dict[str, Any] = {} if before is None else msgspec.to_builtins(before.content)
    try:
        content = msgspec.convert({"number": number, **old, **changes}, PurchaseOrder)
    except msgspec.ValidationError as error:
        raise click.UsageError(clean(str(error), 300)) from error
    event = PurchaseOrderRecorded(content=content, reason=clean(reason, 300), operator=asker(app, operator).id)
    order(app, checked(event))
    _report(app, queries(app), [order_named(queries(app), number)])


@orders.command()
@data_option
@json_option
@pass_app
def review(app: App) -> None:
    """List the open orders for the annual review: first those to look at, then by last day."""
    reading = queries(app)
    _report(app, reading, purchases.for_review(reading.orders()))


@orders.command()
@data_option
@json_option
@click.argument("number", metavar="ORDER")
@operator_option
@pass_app
def notice(app: App, number: str, operator: str) -> None:
    """Show the text of a mail to Purchasing about the newest change of ORDER. The station sends no mail."""
    library = library_of(app.settings())
    reading = views(app, operator)
    now = order_named(reading, number)
    newest = newest_notice(reading, now.content.number, library)
    lines = () if newest is None else mail(newest, station_session().tell, names_seen(app, operator))
    app.report({"order": now.content.number, "mail": lines}, lines)


@orders.command("import")
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reason", default="", help="Why orders that are recorded already change.")
@operator_option
@pass_app
def import_(app: App, file: Path, reason: str, operator: str) -> None:
    """Take the orders in FILE (TOML), new and changed ones. All are taken, or none. An order that FILE does not name stays as
    it is."""
    app.settings()
    content, reading = order_file.read(content_of(file), file_name(file)), queries(app)
    known = {now.content.number.casefold(): now.content for now in reading.orders(everything=True)}
    named = [msgspec.structs.replace(each, vendor=vendor_named(reading, each.vendor).id) for each in content]
    changed = [each for each in named if known.get(each.number.strip().casefold()) != each]
    if len(changed) > MOST_ORDERS:
        raise VendorFileRefused(Sentence("receiving.orders-too-many", file=file_name(file), most=MOST_ORDERS))
    who = asker(app, operator).id
    if changed:
        why = clean(reason, 300)
        order(
            app,
            *(PurchaseOrderRecorded(content=each, reason=why, operator=who) for each in changed),
        )
    states = {each.number: "changed" if each.number.strip().casefold() in known else "added" for each in changed}
    values = [
        {
            "number": each.number,
            "vendor": each.vendor,
            "state": states.get(each.number, "unchanged"),
        }
        for each in named
    ]
    app.report(
        values, table([(row["number"], row["vendor"], tell(f"receiving.vendor.{row['state']}")) for row in values])
    )


@orders.command()
@data_option
@json_option
@pass_app
def export(app: App) -> None:
    """Write all orders to stdout as a file that `import` reads."""
    known = [now.content for now in queries(app).orders(everything=True)]
    app.report(known, order_file.write(known).decode("utf-8").splitlines())


def _report(app: App, reading: Queries, chosen: Sequence[OrderStanding]) -> None:
    shown = purchases.orders(chosen, vendor_names(reading.vendors()), reading.account_plan().currency)
    app.report(shown.values(), invoice_rows(shown) or [tell("receiving.no-purchase-orders")])
