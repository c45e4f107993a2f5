"""`station withdraw report`: what left, moved, was lost or found in a period."""

from __future__ import annotations

from pathlib import Path

import click

from station.base.cells import table
from station.base.words import tell
from station.base.words.times import local_day_and_time
from station.cli.receiving.file_options import write_file
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.period import begin_of, end_of, since_option, until_option
from station.cli.shared.who_asks import asker, views, visibility
from station.domain.distribution.sites import sites_of
from station.reports.claim import library_of
from station.reports.departures import LAST, Departed, DepartureRow, Grouping, departures, summary_words, workbook
from station.reports.departures import report as report_of
from station.reports.tables.cells import texts
from station.reports.tables.workbook import csv_pieces

_TABLES = [grouping.value for grouping in Grouping]


@click.command()
@data_option
@json_option
@click.argument("grouping", metavar="[TABLE]", type=click.Choice(_TABLES), default=Grouping.REASONS.value)
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in Departed]),
    default=Departed.WITHDRAWN.value,
    show_default=True,
    help="What happened to the items.",
)
@since_option
@until_option
@click.option("--site", default="", metavar="CODE", help="Only of this site.")
@click.option("--csv", "to_csv", type=click.Path(dir_okay=False, path_type=Path), help="Write the table as CSV.")
@click.option(
    "--xlsx", "to_xlsx", type=click.Path(dir_okay=False, path_type=Path), help="Write all tables as workbook."
)
@operator_option
@pass_app
def report(
    app: App,
    grouping: str,
    kind: str,
    since: str,
    until: str,
    site: str,
    to_csv: Path | None,
    to_xlsx: Path | None,
    operator: str,
) -> None:
    """Count what left the library: by reason, format, fund, site or month, or list each item. Titles and copies are kept
    apart."""
    settings = app.settings()
    seen, reading = visibility(app, operator), views(app, operator)
    period = (begin_of(since), end_of(until) or LAST)
    events: list[DepartureRow] = [*reading.withdrawn_in_period(*period), *reading.departures_in_period(*period)]
    whole = report_of(departures(events), Departed(kind), site, settings.withdrawal, sites_of(settings.distribution))
    shown = whole.table(Grouping(grouping))
    if to_csv is not None:
        write_file(to_csv, b"".join(csv_pieces([shown], seen.names())))
    if to_xlsx is not None:
        now, who = app.clock.now(), asker(app, operator)
        about = (
            (tell("okay.library"), library_of(settings)),
            (tell("office.about.who"), who.name or who.id),
            (tell("office.about.when"), local_day_and_time(now)),
        )
        title = tell("departures.page", kind=tell(f"departures.kind.{kind}"))
        write_file(to_xlsx, workbook(whole, title, seen.names(), about, now))
    app.report(
        shown.values(),
        [*table(texts(shown, seen.names())), "", tell(summary_words(whole))]
        if shown.rows
        else [tell("departures.nothing")],
    )
