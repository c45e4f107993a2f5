"""`station receiving expenditure`: what was spent in a fiscal year, and what is still open."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from station.base.cells import table
from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.cli.receiving.file_options import write_file
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.who_asks import asker, views, visibility
from station.domain.invoices.fiscal_year import year_of
from station.reports.claim import library_of
from station.reports.expenditure import Basis, Grouping, of_year, totals, workbook, year_named
from station.reports.tables.cells import money_words, texts
from station.reports.tables.table import Table
from station.reports.tables.workbook import csv_pieces

_TABLES = [grouping.value for grouping in Grouping]


@click.command()
@data_option
@json_option
@click.argument("grouping", metavar="[TABLE]", type=click.Choice(_TABLES), default=Grouping.MONTHS.value)
@click.option("--year", type=click.IntRange(1901, 9999), default=None, help="Fiscal year; by default, that of today.")
@click.option(
    "--by",
    "basis",
    type=click.Choice([basis.value for basis in Basis]),
    default=Basis.INVOICED.value,
    show_default=True,
    help="Date by which the tables by month count.",
)
@click.option("--csv", "to_csv", type=click.Path(dir_okay=False, path_type=Path), help="Write the table as CSV.")
@click.option(
    "--xlsx", "to_xlsx", type=click.Path(dir_okay=False, path_type=Path), help="Write all tables as workbook."
)
@operator_option
@pass_app
def expenditure(
    app: App, grouping: str, year: int | None, basis: str, to_csv: Path | None, to_xlsx: Path | None, operator: str
) -> None:
    """Show what was spent in a fiscal year, as a table of invoices with the okay to pay: by month, fund, vendor or account;
    and what is still open. Dates of invoice, receipt and payment are kept apart."""
    library = library_of(app.settings())
    seen, reading = visibility(app, operator), views(app, operator)
    plan = reading.account_plan()
    whole = year_named(reading, year or year_of(plan, app.clock.day(0)))
    shown = of_year(whole, Grouping(grouping), Basis(basis))
    if to_csv is not None:
        write_file(to_csv, b"".join(csv_pieces([shown], seen.names())))
    if to_xlsx is not None:
        now, who = app.clock.now(), asker(app, operator)
        about = (
            (tell("okay.library"), library),
            (tell("office.about.who"), who.name or who.id),
            (tell("office.about.when"), local_day_and_time(now)),
        )
        write_file(to_xlsx, workbook(whole, seen.names(), about, now))
    app.report(shown.values(), _rows(shown))


def _rows(shown: Table) -> Sequence[str]:
    """Return heads and rows, and the sums of the columns."""
    if not shown.rows:
        return [tell("expenditure.nothing")]
    sums = totals(shown)
    keys = [shown.columns[at].key for at in shown.shown]
    last = [money_words(sums[key]) if key in sums else "" for key in keys]
    return list(table([*texts(shown, {}), (tell("expenditure.total"), *last[1:])]))
