"""What is done with one invoice: `station receiving invoices code|rate|credit|okay|take-back|paid|void|correct`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, TypeVar

import click
import msgspec

from station.acquisitions import invoices as invoice_file
from station.base.cells import table
from station.base.text import clean
from station.base.words import tell
from station.cli.receiving.named import invoice_named, person_named
from station.cli.receiving.rows import rows
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import asker, order, views, visibility
from station.domain.events import (
    CreditApplied,
    InvoiceCoded,
    InvoicePaid,
    InvoiceRated,
    InvoiceRecorded,
    InvoiceSignatureTakenBack,
    InvoiceSigned,
    InvoiceVoided,
    PurchaseStep,
)
from station.domain.invoices.invoice import InvoiceKind, Share, invoice_id
from station.domain.invoices.money import text
from station.domain.invoices.standing import InvoiceStanding
from station.reports.tables import purchases
from station.reports.tables.cells import texts
from station.reports.tables.table import Table

_Event = TypeVar("_Event", bound=PurchaseStep)
_SHARE: Final = re.compile(r"(?:^|\s+)(account|fund|percent|amount)=")
_ALL: Final = "all"


@click.command()
@data_option
@json_option
@click.argument("name", metavar="INVOICE")
@click.argument("line", metavar="LINE")
@click.option(
    "--share",
    "shares",
    multiple=True,
    metavar="TEXT",
    help='Account that pays: "account=10-5000", or a part of the line with percent= or amount=. fund= is its fund. '
    "Repeatable.",
)
@click.option("--order", "purchase_order", default="", metavar="NUMBER", help="Order that pays the line.")
@click.option("--by-rules", is_flag=True, help="The site's rules decide again.")
@click.option("--reason", default="", help="Why.")
@operator_option
@pass_app
def code(
    app: App,
    name: str,
    line: str,
    shares: tuple[str, ...],
    purchase_order: str,
    by_rules: bool,
    reason: str,
    operator: str,
) -> None:
    """Choose the accounts of a line of INVOICE, or its order. LINE is its number, or "all"."""
    if by_rules == bool(shares or purchase_order):
        raise click.UsageError("Give --share or --order, or --by-rules.")
    now = _start(app, name)
    chosen = [each.line for each in now.content.lines] if line == _ALL else [line]
    who = asker(app, operator).id
    events = [
        checked(
            InvoiceCoded(
                invoice=now.id,
                line=each,
                shares=tuple(_share(share) for share in shares),
                order=clean(purchase_order, 100),
                reason=clean(reason, 300),
                operator=who,
            )
        )
        for each in chosen
    ]
    order(app, *events)
    _report(app, operator, now.id)


def _share(written: str) -> Share:
    before, *parts = _SHARE.split(clean(written, 400))
    fields = dict(zip(parts[::2], parts[1::2], strict=True))
    if before.strip() or len(fields) * 2 < len(parts) or not fields.get("account"):
        raise click.UsageError('--share takes text like "account=10-5000 fund=MONO percent=60".')
    return Share(**fields)


@click.command()
@data_option
@json_option
@click.argument("name", metavar="INVOICE")
@click.argument("rate", metavar="RATE")
@click.option("--note", default="", help="Where the rate stands, and of which day it is.")
@operator_option
@pass_app
def rate(app: App, name: str, rate: str, note: str, operator: str) -> None:
    """Write down the rate of the currency of INVOICE: what one unit costs in the site's currency."""
    now = _start(app, name)
    who = asker(app, operator).id
    _done(app, operator, now, InvoiceRated(invoice=now.id, rate=rate, note=clean(note, 300), operator=who))


@click.command()
@data_option
@json_option
@click.argument("memo", metavar="CREDIT")
@click.argument("name", metavar="INVOICE")
@click.argument("amount", default="")
@operator_option
@pass_app
def credit(app: App, memo: str, name: str, amount: str, operator: str) -> None:
    """Let the credit memo CREDIT reduce the payment of INVOICE by AMOUNT; by default, by as much as possible. 0 ends
    that."""
    now, reduced = invoice_named(queries(app), memo), _start(app, name)
    before = sum((part.amount for part in now.applied if part.invoice == reduced.id), Decimal(0))
    most = text(min(now.to_pay, reduced.to_pay) + before)
    who = asker(app, operator).id
    _done(app, operator, reduced, CreditApplied(credit=now.id, invoice=reduced.id, amount=amount or most, operator=who))


@click.command()
@data_option
@json_option
@click.argument("name", metavar="INVOICE")
@click.option("--reason", default="", help="Why it may be paid, although something speaks against it.")
@click.option("--second", default="", metavar="NAME", help="A second person, where the site asks for two.")
@click.option(
    "--seen",
    type=click.IntRange(1),
    default=None,
    metavar="NUMBER",
    help="Number of the newest event that you saw, as `show` names it. If the invoice or its count has changed since, there "
    "is no okay.",
)
@operator_option
@pass_app
def okay(app: App, name: str, reason: str, second: str, seen: int | None, operator: str) -> None:
    """Certify receipt, amount and accounts of INVOICE: okay to pay. The fiscal office approves and pays. A second person
    proves their identity where people sign on; else the record says that the name is unproven."""
    now = _start(app, name)
    event = InvoiceSigned(
        invoice=now.id,
        counted=seen or now.newest,
        reason=clean(reason, 300),
        second=person_named(app, second),
        operator=asker(app, operator).id,
    )
    _done(app, operator, now, event)


@click.command("take-back")
@data_option
@json_option
@click.argument("name", metavar="INVOICE")
@click.option("--reason", required=True, help="Why.")
@operator_option
@pass_app
def take_back(app: App, name: str, reason: str, operator: str) -> None:
    """Take back the okay to pay of INVOICE, until it is exported."""
    now = _start(app, name)
    who = asker(app, operator).id
    _done(app, operator, now, InvoiceSignatureTakenBack(invoice=now.id, reason=clean(reason, 300), operator=who))


@click.command()
@data_option
@json_option
@click.argument("name", metavar="INVOICE")
@click.option("--on", "day", default="", metavar="YYYY-MM-DD", help="Day of the payment; by default, today.")
@click.option("--reference", default="", metavar="NUMBER", help="Number of the check or transfer.")
@click.option("--not-paid", is_flag=True, help="The earlier date was a mistake.")
@operator_option
@pass_app
def paid(app: App, name: str, day: str, reference: str, not_paid: bool, operator: str) -> None:
    """Record that the fiscal office paid INVOICE, which was exported."""
    if not_paid and (day or reference):
        raise click.UsageError("--not-paid takes neither --on nor --reference.")
    now = _start(app, name)
    event = InvoicePaid(
        invoice=now.id,
        on="" if not_paid else day or app.clock.day(0),
        reference=clean(reference, 100),
        operator=asker(app, operator).id,
    )
    _done(app, operator, now, event)


@click.command()
@data_option
@json_option
@click.argument("name", metavar="INVOICE")
@click.option("--reason", required=True, help="Why.")
@operator_option
@pass_app
def void(app: App, name: str, reason: str, operator: str) -> None:
    """Void INVOICE: it was recorded by mistake, and has no okay to pay."""
    now = _start(app, name)
    who = asker(app, operator).id
    _done(app, operator, now, InvoiceVoided(invoice=now.id, reason=clean(reason, 300), operator=who))


@click.command()
@data_option
@json_option
@click.argument("name", metavar="INVOICE")
@click.option(
    "--line",
    "lines",
    multiple=True,
    required=True,
    metavar="TEXT",
    help='One amount with its sign, such as "amount=-12.50 account=10-5000". Repeatable.',
)
@click.option("--number", default="", help="Number of the correcting entry; by default, made of that of INVOICE.")
@click.option("--date", "day", default="", metavar="YYYY-MM-DD", help="Its date; by default, today.")
@click.option("--note", default="", help="Why.")
@operator_option
@pass_app
def correct(app: App, name: str, lines: tuple[str, ...], number: str, day: str, note: str, operator: str) -> None:
    """Record a correcting entry of INVOICE, which was exported. It needs an okay and an export of its own."""
    now = _start(app, name)
    entries = sum(1 for standing in queries(app).invoices() if standing.content.corrects == now.id)
    head = {
        "vendor": now.content.vendor,
        "list": number or f"{now.content.number[:50]} C{entries + 1}",
        "date": day or app.clock.day(0),
        "currency": now.content.currency,
        "rate": now.content.rate,
        "note": note,
    }
    content = msgspec.structs.replace(invoice_file.typed(head, lines), kind=InvoiceKind.CORRECTION, corrects=now.id)
    seq = order(app, checked(InvoiceRecorded(content=content, operator=asker(app, operator).id)))
    _report(app, operator, invoice_id(seq))


COMMANDS: Final = (code, rate, credit, okay, take_back, paid, void, correct)


def checked(event: _Event) -> _Event:
    """Return the event if its fields are as the journal takes them. Raise `UsageError`."""
    try:
        return msgspec.convert(msgspec.to_builtins(event), type(event))
    except msgspec.ValidationError as error:
        raise click.UsageError(clean(str(error), 300)) from error


def invoice_rows(shown: Table) -> Sequence[str]:
    """Return heads and rows of a table of one invoice; () = it has no rows."""
    return list(table([*texts(shown, {})])) if shown.rows else ()


def report(
    app: App, operator: str, invoices: Sequence[InvoiceStanding], others: Sequence[InvoiceStanding] = ()
) -> None:
    """Report where invoices stand. `others`: were recorded before."""
    seen, reading = visibility(app, operator), views(app, operator)
    site = reading.account_plan().currency
    shown = purchases.invoices([*invoices, *others], site)
    known = {standing.id for standing in others}
    objections = (
        tell("receiving.objected-of", number=clean(standing.content.number), objection=objection)
        for standing in invoices
        for objection in purchases.about_lines(standing.objections)
    )
    values = [{**row, "recorded_before": row["id"] in known} for row in shown.values()]
    app.report(values, (*rows(shown, seen.names()), *objections))


def _start(app: App, name: str) -> InvoiceStanding:
    app.settings()
    return invoice_named(queries(app), name)


def _done(app: App, operator: str, now: InvoiceStanding, event: PurchaseStep) -> None:
    order(app, checked(event))
    _report(app, operator, now.id)


def _report(app: App, operator: str, ident: str) -> None:
    report(app, operator, [invoice_named(views(app, operator), ident)])
