"""Commands that show what a center has across benches: the twins of its office's pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import click

from station.base.cells import table as lines
from station.base.extras import extra
from station.base.words import tell
from station.cli.fleet.center import center_settings
from station.cli.shared.app import App, data_option, json_option, pass_app
from station.reports.tables import fleet as tables
from station.reports.tables.cells import texts
from station.reports.tables.table import Table

if TYPE_CHECKING:  # of the extra
    from station.store.postgres.viewed import Center

_LIMIT = click.option("--limit", type=click.IntRange(1, 100_000), default=1000, show_default=True, help="Most rows.")


@click.command()
@data_option
@json_option
@pass_app
def benches(app: App) -> None:
    """Show how each bench is: alive, operator, pace, reader, what is not sent, version, rules."""
    with _center(app) as center:
        known = center.standings(None, [bench.id for bench in center.benches(None)])
    _report(app, tables.benches(known), tell("fleet.no-benches"))


@click.command()
@data_option
@json_option
@click.argument("what", default="")
@click.option("--only", type=click.Choice(["second", "open", "lost"]), default=None, help="Tags that need a look.")
@_LIMIT
@pass_app
def ledger(app: App, what: str, only: str | None, limit: int) -> None:
    """Show what each tag carries by the newest write of all benches. WHAT: a barcode or a tag's UID."""
    with _center(app) as center:
        known = {bench.id: (bench.name, bench.site) for bench in center.benches(None)}
        rows = center.ledger(None, list(known), what, only or "", "", limit)
    _report(app, tables.ledger(rows, known, {}), tell("fleet.no-tags"))


@click.command()
@data_option
@json_option
@_LIMIT
@pass_app
def quarantine(app: App, limit: int) -> None:
    """List the events that the center refused, without what they say."""
    with _center(app) as center:
        known = {bench.id: (bench.name, bench.site) for bench in center.benches(None)}
        rows = center.quarantine(None, list(known), "", "", limit)
    _report(app, tables.quarantine(rows, known), tell("fleet.nothing-refused"))


@click.command()
@data_option
@json_option
@pass_app
def goals(app: App) -> None:
    """Show how many items each site is to tag, and when that is done at its pace."""
    with _center(app) as center:
        rows = center.goals(None, app.clock.now())
    _report(app, tables.goals(rows, app.clock.day()), tell("fleet.no-goals"))


@click.command()
@data_option
@json_option
@click.argument("name")
@click.option("--site", metavar="NAME", help="Site whose benches tag the items.")
@click.option("--items", type=click.IntRange(1), help="How many items are to get a tag.")
@click.option("--remove", is_flag=True, help="Remove the goal.")
@pass_app
def goal(app: App, name: str, site: str | None, items: int | None, remove: bool) -> None:
    """Set how many items a site is to tag: the goal NAME, or remove it."""
    if remove is not (site is None and items is None) or (site is None) is not (items is None):
        raise click.UsageError("Give --site and --items, or --remove.")
    with extra("fleet"):
        from station.store.postgres import goals as store
        from station.store.postgres.connection import connect

    with connect(center_settings(app).database) as connection:
        if site is None or items is None:
            store.remove(connection, name)
        else:
            store.put(connection, name, site, items)
    app.report({"goal": name}, [f"{name} is removed." if remove else f"{name}: {items} items at {site}."])


@contextmanager
def _center(app: App) -> Iterator[Center]:
    with extra("fleet"):
        from station.store.postgres.viewed import Center

    with closing(Center(center_settings(app).database)) as center:
        yield center


def _report(app: App, shown: Table, nothing: str) -> None:
    app.report(shown.values(), lines(texts(shown, {})) if shown.rows else [nothing])
