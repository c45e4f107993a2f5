"""`station receiving order-lines`: order lines as the library system has them. Nothing is changed there."""

from __future__ import annotations

from collections.abc import Sequence

import click

from station.base.text import clean
from station.base.words import tell
from station.base.words.times import date_words
from station.cli.receiving.rows import rows
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import read_orders
from station.domain.order_question import MOST_ORDER_LINES, OrderAnswer, OrderQuestion
from station.domain.receiving.order_line import OrderedCopy, OrderLine, OrderLineState
from station.reports.tables import order_lines as tables
from station.reports.tables.table import Table


@click.group("order-lines")
def order_lines() -> None:
    """Order lines as the library system has them: looked up there, or as they were last read."""


@order_lines.command()
@data_option
@json_option
@click.argument("numbers", metavar="[NUMBER]...", nargs=-1)
@click.option("--vendor-reference", default="", metavar="NUMBER", help="The vendor's number of the order line instead.")
@click.option(
    "--vendor", default="", metavar="CODE", help="The library system's code of the vendor: looks through its lines."
)
@click.option("--barcode", default="", metavar="BARCODE", help="The order line of this item instead.")
@operator_option
@pass_app
def show(app: App, numbers: tuple[str, ...], vendor_reference: str, vendor: str, barcode: str, operator: str) -> int:
    """Look order lines up in the library system, with their copies, and journal what has changed there. Without --vendor,
    --vendor-reference looks through the lines that are active. Exit code 1 if the library system does not have one."""
    chosen = [*map(bool, (numbers, vendor_reference, barcode))]
    if chosen.count(True) != 1 or len(numbers) > MOST_ORDER_LINES:
        raise click.UsageError(
            f"Give at most {MOST_ORDER_LINES} numbers of order lines, or --vendor-reference, or --barcode."
        )
    if vendor and not vendor_reference:
        raise click.UsageError("--vendor goes with --vendor-reference.")
    question = OrderQuestion(
        order_lines=tuple(clean(number, 100) for number in dict.fromkeys(numbers)),
        vendor_reference=clean(vendor_reference, 100),
        vendor=clean(vendor, 100),
        barcode=clean(barcode, 100),
    )
    answer = read_orders(app, question, operator)
    app.report(
        {
            "order_lines": [
                {**values, "copies": line.copies}
                for line, values in zip(answer.order_lines, _table(app, answer.order_lines).values(), strict=True)
            ],
            "unknown": answer.unknown,
        },
        _lines(app, answer),
    )
    return DONE if answer.order_lines and not answer.unknown else NOT_GOOD


@order_lines.command("list")
@data_option
@json_option
@click.option("--late", is_flag=True, help="Only those with copies that are due and not received: they may be claimed.")
@click.option("--canceled", is_flag=True, help="Only canceled ones.")
@pass_app
def list_(app: App, late: bool, canceled: bool) -> None:
    """List the order lines as they were last read, by number. The library system is not asked."""
    today = app.clock.day()
    chosen = [
        line
        for line in queries(app).order_lines()
        if (not late or line.is_late(today)) and (not canceled or line.state is OrderLineState.CANCELLED)
    ]
    shown = _table(app, chosen)
    app.report(shown.values(), rows(shown, {}) or [tell("receipt.no-order-lines")])


def _table(app: App, lines: Sequence[OrderLine]) -> Table:
    return tables.order_lines(lines, app.clock.day())


def _copy(copy: OrderedCopy) -> str:
    library, barcode = copy.library or "-", copy.barcode or "-"
    if copy.received:
        return tell("receipt.copy-received", library=library, barcode=barcode, date=date_words(copy.received))
    return tell("receipt.copy-waiting", library=library, barcode=barcode)


def _lines(app: App, answer: OrderAnswer) -> list[str]:
    shown = [*rows(_table(app, answer.order_lines), {})]
    for line in answer.order_lines:
        shown += ["", tell("receipt.order-line", order_line=line.number, title=line.title)]
        shown += [tell("receipt.vendor-note", note=line.vendor_note)] if line.vendor_note else []
        shown += map(_copy, line.copies)
    shown += [tell("receipt.unknown-order-line", order_line=clean(number)) for number in answer.unknown]
    return shown or [tell("receipt.no-order-lines")]
