"""`station receiving receipts`: what the library system has received of the counted copies."""

from __future__ import annotations

import click
import msgspec

from station.base.errors import ReceivingRefused
from station.base.local_time import local_day
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.cli.receiving.named import count_named, shipment_named
from station.cli.receiving.rows import rows
from station.cli.shared.app import (
    DONE,
    NOT_GOOD,
    App,
    confirm,
    data_option,
    json_option,
    operator_option,
    pass_app,
    yes_option,
)
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import asker, order, views
from station.domain.events import DeliveryOrdered
from station.domain.receiving.order_line import ReceiptState
from station.domain.receiving.receipts import receive_intent
from station.domain.receiving.shipment import Count
from station.reports.tables.receiving import counts as counts_table
from station.runtime.receipt_rules import receipt_rules
from station.store.queries.queries import Queries

_WITHOUT = ("by", "outcome", "faults", "number")


@click.group()
def receipts() -> None:
    """Receipts in the library system: what it has received of the counted copies."""


@receipts.command("list")
@data_option
@json_option
@click.argument("name", metavar="SHIPMENT", default="")
@pass_app
def list_(app: App, name: str) -> int:
    """List the counted copies of a shipment that have our barcode and an order line, and how far the library system has
    received them. SHIPMENT is its id or carton; by default, the only open one. Exit code 1 if a receipt was refused."""
    reading = queries(app)
    now = shipment_named(reading, name)
    bound = [count for count in reading.counts_of(now.id) if count.barcode and count.order_line and count.is_here]
    return _report(app, reading, bound)


@receipts.command("order")
@data_option
@json_option
@click.argument("names", metavar="COUNT...", nargs=-1, required=True)
@yes_option
@operator_option
@pass_app
def order_(app: App, names: tuple[str, ...], yes: bool, operator: str) -> int:
    """Order the receipt of counted copies that have our barcode, an order line and no receipt yet. The library system takes
    no receipt back. A receipt that was refused is sent again by "station outbox retry"."""
    views(app, operator)  # who asks
    system = receipt_rules(app.settings()).system
    if not system:
        raise ReceivingRefused(Sentence("receipt.no-system"))
    reading, who = queries(app), asker(app, operator).id
    counts = [count_named(reading, name) for name in dict.fromkeys(names)]
    events = []
    for count in counts:
        if not (count.barcode and count.order_line):
            raise ReceivingRefused(Sentence("receipt.not-bound", title=clean(count.title) or count.number))
        intent = receive_intent(count, count.barcode, local_day(count.at))
        intent = msgspec.structs.replace(intent, operator=who)
        events.append(DeliveryOrdered(system=system, intent=intent, operator=who))
    if not yes:
        confirm(tell("receipt.sure", count=len(events)), abort=True)
    order(app, *events)
    return _report(app, reading, counts)


def _report(app: App, reading: Queries, counts: list[Count]) -> int:
    """Report counts with their receipts, without the person who counted: that may be another one."""
    standings = {count.id: standing for count in counts if (standing := reading.receipt(count.id)) is not None}
    shown = counts_table([msgspec.structs.replace(count, by="") for count in counts], standings)
    app.report(shown.values(), rows(shown, {}, _WITHOUT) or [tell("receipt.none")])
    refused = any(standing.state is ReceiptState.REFUSED for standing in standings.values())
    return NOT_GOOD if refused else DONE
