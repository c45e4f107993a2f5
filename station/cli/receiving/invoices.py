"""`station receiving invoices`: invoices and credit memos, from the vendor's file or paper to the payment."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import click

from station.acquisitions import invoices as invoice_file
from station.acquisitions.columns import INVOICE_COLUMNS
from station.base.text import clean
from station.base.words import alone, tell
from station.cli.receiving import invoice_acts, invoice_exports
from station.cli.receiving.file_options import (
    content_of,
    document_heading,
    file_name,
    invoice_mapper_options,
    mapper_for,
    mapper_of,
)
from station.cli.receiving.invoice_acts import invoice_rows, report
from station.cli.receiving.invoice_comparison import compare
from station.cli.receiving.named import invoice_named
from station.cli.receiving.rows import rows
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import asker, order, views, visibility
from station.domain.events import InvoiceRecorded
from station.domain.invoices.fiscal_year import year_of
from station.domain.invoices.invoice import ChargeKind, Invoice, InvoiceKind, invoice_id, number_key
from station.domain.invoices.standing import InvoiceStanding, InvoiceState
from station.domain.receiving.vendor import Dates
from station.reports import remarks
from station.reports.expenditure import invoiced_on
from station.reports.tables import purchases
from station.store.queries.queries import Queries

_KINDS: Final = (InvoiceKind.INVOICE.value, InvoiceKind.CREDIT.value)


@click.group()
def invoices() -> None:
    """Invoices and credit memos: read or typed, coded, given the okay to pay, exported, paid."""


for _command in (*invoice_acts.COMMANDS, *invoice_exports.COMMANDS, compare):
    invoices.add_command(_command)


@invoices.command("list")
@data_option
@json_option
@click.option("--state", type=click.Choice([state.value for state in InvoiceState]), default=None, help="Only these.")
@click.option("--vendor", default="", metavar="NAME", help="Only those of this vendor: its id, a name or a code.")
@click.option("--year", type=click.IntRange(1901, 9999), default=None, help="Only those of this fiscal year, by date.")
@operator_option
@pass_app
def list_(app: App, state: str | None, vendor: str, year: int | None, operator: str) -> None:
    """List the invoices that are neither paid nor void, or those of a --state or a --year."""
    app.settings()
    seen, reading = visibility(app, operator), views(app, operator)
    plan = reading.account_plan()
    recorded = reading.vendor_named(vendor)
    name = recorded.id if recorded is not None else vendor
    done = () if state or year else (InvoiceState.PAID, InvoiceState.VOID)
    chosen = [
        invoice
        for invoice in reading.invoices()
        if (not state or invoice.state == state)
        and invoice.state not in done
        and (
            not vendor or name.strip().casefold() in (invoice.content.vendor.casefold(), invoice.vendor_name.casefold())
        )
        and (year is None or year_of(plan, invoiced_on(invoice)) == year)
    ]
    shown = purchases.invoices(chosen, plan.currency)
    app.report(shown.values(), rows(shown, seen.names()) or [tell("receiving.no-invoices")])


@invoices.command()
@data_option
@json_option
@click.argument("name", metavar="INVOICE")
@operator_option
@pass_app
def show(app: App, name: str, operator: str) -> int:
    """Show an invoice beside count and order, the worst line first, what its accounts pay, and everything in the journal
    about it. INVOICE is its id or its number. Exit code 1 while something speaks against its payment."""
    app.settings()
    seen, reading = visibility(app, operator), views(app, operator)
    now, site = invoice_named(reading, name), reading.account_plan().currency
    whole, lines = purchases.invoices([now], site), purchases.lines(now, site)
    entries = purchases.entries(now.entries, site)
    history = [logged for seq in reading.log_of_invoice(now.id) for logged in reading.events(seq, seq)]
    app.report(
        {
            **whole.values()[0],
            "newest": now.newest,
            "applied": now.applied,
            "lines": lines.values(),
            "entries": entries.values(),
            "objections": now.objections,
            "events": [logged.seq for logged in history],
        },
        (
            *rows(whole, seen.names()),
            "",
            *invoice_rows(lines),
            "",
            *invoice_rows(entries),
            "",
            *(alone(tell(objection)) for objection in purchases.about_lines(now.objections)),
            tell("receiving.newest-event", count=now.newest),
        ),
    )
    return NOT_GOOD if now.objections else DONE


@invoices.command("import")
@data_option
@json_option
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--number", default="", metavar="NUMBER", help="Number of the invoice, if the file does not give it.")
@click.option(
    "--vendor",
    default="",
    metavar="NAME",
    help="Name, id or code of the vendor, if the file does not give it. The mapper of a recorded vendor reads spreadsheets, "
    "unless an option says otherwise.",
)
@click.option(
    "--replace", default="", metavar="INVOICE", help="The one invoice of FILE is the content of this open invoice now."
)
@invoice_mapper_options
@operator_option
@pass_app
def import_(
    app: App,
    file: Path,
    number: str,
    vendor: str,
    replace: str,
    columns: tuple[str, ...],
    dates: Dates | None,
    code_page: str,
    sheet: str,
    operator: str,
) -> int:
    """Take the invoices and credit memos in FILE: EDIFACT, or CSV or XLSX with a header row. One that is recorded already
    is named and not taken again. Exit code 1 if one is, or if something speaks against the payment of one."""
    app.settings()
    data, name, reading = content_of(file), file_name(file), queries(app)
    mapper = mapper_for(reading, vendor, mapper_of(columns, dates, code_page, sheet, INVOICE_COLUMNS))
    taken = invoice_file.read(data, name, mapper=mapper, default_number=number, default_vendor=vendor)
    for remark in remarks.of_file(taken.notes):
        app.note(alone(tell(remark)))
    for document in taken.left_out:
        app.note(tell("receiving.no-invoice", document=document_heading(document)))
    if taken.unused:
        app.note(tell("receiving.unused", columns=", ".join(taken.unused)))
    return _take_in(app, taken.invoices, replace, operator, clean(file.name, 200), hashlib.sha256(data).hexdigest())


@invoices.command("type")
@data_option
@json_option
@click.argument("number", metavar="NUMBER")
@click.option("--vendor", required=True, metavar="NAME", help="Name, id or code of the vendor.")
@click.option("--date", "day", required=True, metavar="YYYY-MM-DD", help="Date of the invoice.")
@click.option("--total", default="", metavar="AMOUNT", help="What the document asks for. Needed without --line.")
@click.option("--kind", type=click.Choice(_KINDS), default=_KINDS[0], show_default=True)
@click.option("--due", default="", metavar="YYYY-MM-DD", help="Day on which the payment is due.")
@click.option("--currency", default="", metavar="CODE", help="ISO 4217; by default the site's own.")
@click.option("--rate", default="", metavar="NUMBER", help="What one unit of the currency costs in the site's.")
@click.option("--order", "purchase_order", default="", metavar="NUMBER", help="Order that pays all lines.")
@click.option("--note", default="", help="Any remark.")
@click.option(
    "--charge",
    "charges",
    multiple=True,
    metavar="KIND=AMOUNT",
    help=f"A charge of the whole invoice: {', '.join(kind.value for kind in ChargeKind)}. Repeatable.",
)
@click.option(
    "--line",
    "lines",
    multiple=True,
    metavar="TEXT",
    help='One line, such as "amount=12.50 account=10-5000 title=Any title". Repeatable; without it, the total is one line.',
)
@click.option("--replace", default="", metavar="INVOICE", help="This is the content of this open invoice from now on.")
@operator_option
@pass_app
def type_(
    app: App,
    number: str,
    vendor: str,
    day: str,
    total: str,
    kind: str,
    due: str,
    currency: str,
    rate: str,
    purchase_order: str,
    note: str,
    charges: tuple[str, ...],
    lines: tuple[str, ...],
    replace: str,
    operator: str,
) -> int:
    """Type in the invoice NUMBER, which came on paper: as one line, or as one line for each account or title. Exit code 1
    if it is recorded already, or if something speaks against its payment."""
    app.settings()
    head = {
        "vendor": vendor,
        "list": number,
        "date": day,
        "total": total,
        "kind": kind,
        "due": due,
        "currency": currency,
        "rate": rate,
        "order": purchase_order,
        "note": note,
        **dict(_charge(text) for text in charges),
    }
    return _take_in(app, [invoice_file.typed(head, lines)], replace, operator, "", "")


def _charge(text: str) -> tuple[str, str]:
    kind, equals, amount = text.partition("=")
    if not equals or kind not in list(ChargeKind):
        raise click.UsageError(f"--charge takes KIND=AMOUNT, where KIND is one of {', '.join(ChargeKind)}.")
    return kind, amount


def _take_in(app: App, contents: Sequence[Invoice], replace: str, operator: str, source: str, digest: str) -> int:
    """Journal the invoices that are not recorded yet, and report where they stand. `digest`: of the file."""
    reading = queries(app)
    replaced = invoice_named(reading, replace).id if replace else ""
    if replaced and len(contents) != 1:
        raise click.UsageError("--replace takes a file with one invoice.")
    who = asker(app, operator).id
    known = {} if replaced else _recorded(reading, contents)
    taken: list[str] = []
    for place, content in enumerate(contents):
        if place not in known:
            event = InvoiceRecorded(content=content, invoice=replaced, source=source, digest=digest, operator=who)
            seq = order(app, event)
            taken.append(replaced or invoice_id(seq))
    for place, invoice in known.items():
        app.note(tell("receiving.invoice-recorded", number=clean(contents[place].number), invoice=invoice.id))
    standings = [invoice_named(reading, ident) for ident in taken]
    report(app, operator, standings, [*known.values()])
    return NOT_GOOD if known or any(standing.objections for standing in standings) else DONE


def _recorded(reading: Queries, contents: Iterable[Invoice]) -> dict[int, InvoiceStanding]:
    """Return the invoices that are recorded already, by their place among the contents."""
    vendors = {text: vendor.id for vendor in reading.vendors() for text in vendor.known_as}

    def key(content: Invoice) -> tuple[str, str, str]:
        vendor = content.vendor.strip().casefold()
        return content.kind, vendors.get(vendor, vendor), number_key(content.number)

    recorded = {
        key(standing.content): standing for standing in reading.invoices() if standing.state is not InvoiceState.VOID
    }
    return {place: recorded[key(content)] for place, content in enumerate(contents) if key(content) in recorded}
