"""`station quality stats`: shares of bad items with their intervals, and p-charts."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import click

from station.base.spreadsheet import as_csv
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.who_asks import visibility
from station.domain.sampling import By
from station.quality.statistics.exact import ExactDistributions
from station.quality.statistics.figures import chart, figure
from station.reports.statistics_text import chart_lines, chart_rows, figure_lines, figure_rows, notes, svg

_BY = click.Choice([by.value for by in By])


@click.command()
@data_option
@json_option
@click.option("--by", type=_BY, default=By.MATERIAL.value, show_default=True, help="What to count by.")
@click.option("--since", default="", metavar="DATE", help="Only verdicts since this date, for example 2026-09-01.")
@click.option("--only", default=None, metavar="NAME", help="Only this worker, vendor or material.")
@click.option("--confidence", type=click.FloatRange(0.5, 0.9999), default=0.95, show_default=True)
@click.option("--chart", "charts", is_flag=True, help="Show a p-chart for each, instead of the table.")
@click.option(
    "--group",
    type=click.IntRange(2, 100_000),
    default=50,
    show_default=True,
    help="Items per point of a chart.",
)
@click.option(
    "--csv", "to_csv", is_flag=True, help="Print comma-separated values for a spreadsheet, safe against formulas."
)
@click.option(
    "--svg", "picture", type=click.Path(dir_okay=False, path_type=Path), help="Also draw the charts in this file."
)
@operator_option
@pass_app
def stats(
    app: App,
    by: str,
    since: str,
    only: str | None,
    confidence: float,
    charts: bool,
    group: int,
    to_csv: bool,
    picture: Path | None,
    operator: str,
) -> None:
    """Show bad items per worker, vendor or material, with exact intervals. A person's share counts only items that the
    draw selected, or all items if every item is checked. By worker, a person who may not see others sees only their own
    figures."""
    settings = app.settings()
    if to_csv and app.json:
        raise click.UsageError("Give --csv or --json.")
    start, kind = _time(since), By(by)
    own = settings.sampling.enabled and settings.sampling.by_vendor
    distributions = ExactDistributions()
    view = visibility(app, operator)
    if charts or picture is not None:
        found = view.groups(kind, group, start, only, own=own)
        drawn = [chart(list(ones), distributions) for _, ones in groupby(found, key=lambda one: one.subject)]
        if picture is not None:
            _write(picture, svg(drawn, tell(f"figures.picture.{by}", size=group)))
            app.note(tell("figures.drawn", file=picture))
        if to_csv:
            click.echo(as_csv(chart_rows(drawn)), nl=False)
        else:
            value = [{"chart": one, "notes": list(notes(one))} for one in drawn]
            names = view.names()
            app.report(
                value,
                [line for one in drawn for line in chart_lines(one, names)] or [tell("figures.nothing-looked-at")],
            )
        return
    tallies = view.tallies(kind, start, only, own=own)
    figures = [figure(one, distributions, confidence) for one in tallies]
    if to_csv:
        click.echo(as_csv(figure_rows(figures)), nl=False)
    else:
        app.report(figures, figure_lines(figures, view.names()))


def _time(text: str) -> str:
    """Return a local date (its beginning) or time in the form of the journal (UTC)."""
    if not text:
        return ""
    try:
        return datetime.fromisoformat(text).astimezone(UTC).isoformat(timespec="microseconds")
    except ValueError as error:
        raise click.UsageError(f"--since {clean(text)}: give a date such as 2026-09-01") from error


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{path}: {error}") from error
