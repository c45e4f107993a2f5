"""`station receiving invoices compare`: an invoice beside the same invoice in the library system, which is only read."""

from __future__ import annotations

import click

from station.base.words import tell
from station.cli.receiving.named import invoice_named
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import read_orders
from station.domain.invoices.comparison import mismatches
from station.domain.order_question import OrderQuestion
from station.reports.tables.order_lines import mismatch_table


@click.command()
@data_option
@json_option
@click.argument("name", metavar="INVOICE")
@operator_option
@pass_app
def compare(app: App, name: str, operator: str) -> int:
    """Look the invoice INVOICE up in the library system by its number, and show what differs. INVOICE is its id or its
    number. Exit code 1 if something differs."""
    app.settings()
    reading = queries(app)
    now, site = invoice_named(reading, name), reading.account_plan().currency
    answer = read_orders(app, OrderQuestion(invoice=now.id), operator)
    differences = mismatches(now, answer.invoice, site)
    app.report(
        {"invoice": now.id, "in_system": answer.invoice, "differences": mismatch_table(differences).values()},
        [tell(mismatch.words) for mismatch in differences] or [tell("receipt.no-mismatch")],
    )
    return NOT_GOOD if differences else DONE
