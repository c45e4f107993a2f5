"""`station quality stats`: shares of bad items with their intervals, and p-charts."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import click
import msgspec

from station.base.cells import table
from station.base.spreadsheet import as_csv
from station.base.words import tell
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.period import begin_of, end_of, since_option, until_option
from station.cli.shared.who_asks import views, visibility
from station.domain.sampling import By
from station.quality.statistics.exact import ExactDistributions
from station.quality.statistics.figures import chart, figure, of_whole_groups
from station.reports.statistics_text import chart_lines, chart_rows, figure_lines, figure_rows, notes, svg
from station.reports.tables.cells import texts, written
from station.reports.tables.quality import figures as figures_table
from station.reports.tables.quality import reasons as reasons_table

_BY = click.Choice([by.value for by in By])


@click.command()
@data_option
@json_option
@click.option("--by", type=_BY, default=By.MATERIAL.value, show_default=True, help="What to count by.")
@since_option
@until_option
@click.option("--only", default=None, metavar="NAME", help="Only this worker, vendor or material.")
@click.option("--confidence", type=click.FloatRange(0.5, 0.9999), default=0.95, show_default=True)
@click.option("--reasons", is_flag=True, help="Show why items failed, the most frequent reason first, instead.")
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
    until: str,
    only: str | None,
    confidence: float,
    reasons: bool,
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
    start, end, kind = begin_of(since), end_of(until), By(by)
    own = settings.sampling.enabled and settings.sampling.by_vendor
    distributions = ExactDistributions()
    view = visibility(app, operator)
    if reasons:
        whys = reasons_table(views(app, operator).reasons(start, end))
        if to_csv:
            click.echo(as_csv(written([whys], {})), nl=False)
        else:
            app.report(whys.values(), table(texts(whys, {})) if whys.rows else [tell("figures.no-reasons")])
        return
    if charts or picture is not None:
        points = view.groups(kind, group, start, only, own=own, until=end)
        by_subject = [list(ones) for _, ones in groupby(points, key=lambda point: point.subject)]
        drawn = [chart(ones, distributions) for ones in by_subject]
        if picture is not None:
            full = [of_whole_groups(ones, group, distributions) for ones in by_subject]
            _write(picture, svg(full, group, tell(f"figures.picture.{by}", size=group)))
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
    tallies = view.tallies(kind, start, only, own=own, until=end)
    figures = [figure(one, distributions, confidence) for one in tallies]
    if to_csv:
        click.echo(as_csv(figure_rows(figures)), nl=False)
    else:
        rows = zip(figures, figures_table(figures, kind).values(), strict=True)
        values = [{**msgspec.structs.asdict(one), **row} for one, row in rows]
        app.report(values, figure_lines(figures, view.names()))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{path}: {error}") from error
