"""`station orders`: orders and invoices, from the order fields of vendors' records."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import click

from station.acquisitions import purchase_orders as order_data
from station.acquisitions.purchase_orders import ORDER_NAMES, OrderLine, OrderProfile
from station.acquisitions.worldshare import partner_file
from station.base.cells import table
from station.base.text import clean
from station.base.words import tell
from station.catalog.marc import marc
from station.catalog.marc.iso2709 import BadRecord
from station.catalog.record import record
from station.cli.catalog.record_file import RecordFile
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, pass_app


@click.group()
def orders() -> None:
    """Order and invoice data in MARC records."""


@orders.command("list")
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--profile",
    type=click.Choice(list(ORDER_NAMES)),
    required=True,
    help="Fields that hold the order data; see docs/catalog.md.",
)
@pass_app
def list_(app: App, file: Path, profile: str) -> int:
    """List the order lines in FILE (ISO 2709, MARCXML or MARC-in-JSON). Stores nothing. Exit code 1 for a bad
    record."""
    known = partner_file(file.name)
    if known is not None:
        app.note(tell(known.sentence))
    chosen = order_data.load(profile)
    order_lines: list[OrderLine] = []
    bad = 0
    with closing(RecordFile(file)) as source:
        for marc_record in source.records():
            if isinstance(marc_record, marc.Rejected):
                bad += 1
                app.note(tell("orders.rejected", number=marc_record.number, reason=clean(marc_record.reason)))
                continue
            try:
                order_lines += _lines(marc_record.data, chosen)
            except BadRecord as error:
                bad += 1
                app.note(tell("orders.rejected", number=marc_record.number, reason=clean(str(error))))
    app.report(order_lines, table(list(_rows(order_lines))))
    return NOT_GOOD if bad else 0


def _lines(data: bytes, profile: OrderProfile) -> Iterator[OrderLine]:
    read = marc.parse(data)
    yield from order_data.lines(
        read, profile, record_id=record.record_id(read), title=record.title(read), isbns=record.isbns(read)
    )


def _rows(order_lines: list[OrderLine]) -> Iterator[tuple[str, ...]]:
    for line in order_lines:
        price = line.price_text if line.price is None else f"{line.price} {line.currency}".strip()
        net = line.net_price_text if line.net_price is None else f"{line.net_price}"
        place = " ".join(text for text in (line.library, line.location) if text)
        yield (str(line.quantity), price, net, line.fund, place, line.vendor, line.invoice, line.record_id, line.title)
