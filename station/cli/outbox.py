"""`station outbox`: what still has to reach the library systems."""

from __future__ import annotations

import click

from station.cli.app import NOT_GOOD, App, data_option, json_option, pass_app, table
from station.control.client import connect
from station.control.lock import hold
from station.store.owner import open_store
from station.store.queries import Queries
from station.wiring import JOURNAL, head_directory


@click.group()
def outbox() -> None:
    """Results on their way to the library systems."""


@outbox.command()
@data_option
@json_option
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many deliveries.")
@click.option("--offset", type=click.IntRange(0), default=0, help="Skip so many.")
@pass_app
def show(app: App, limit: int, offset: int) -> None:
    """Counts by state, and the newest deliveries."""
    queries = Queries(app.data / JOURNAL, app.clock)
    counts, page = queries.outbox_counts(), queries.outbox_page(offset, limit)
    lines = [
        ", ".join(f"{count} {state}" for state, count in counts.items()) or "nothing was ever sent",
        *table(
            [
                (row.id, row.event_at, row.state, row.intent.subject, row.intent.words, str(row.attempts), row.detail)
                for row in page
            ]
        ),
    ]
    app.report({"counts": counts, "deliveries": page}, lines)


@outbox.command()
@data_option
@json_option
@click.argument("delivery", required=False)
@click.option("--all", "everything", is_flag=True, help="Every parked delivery.")
@pass_app
def retry(app: App, delivery: str | None, everything: bool) -> int:
    """Let a parked delivery be sent again: by the running station at once, else when it starts next.

    Exit code 1 when there was nothing to send again.
    """
    if (delivery is None) is not everything:
        raise click.UsageError("Give the id of one delivery, or --all.")
    count = _retry(app, delivery)
    app.report({"retried": count}, [f"{count} to be sent again"])
    return 0 if count or everything else NOT_GOOD


def _retry(app: App, delivery: str | None) -> int:
    client = connect(app.data)
    if client is not None:
        with client:
            return client.retry(delivery)
    Queries(app.data / JOURNAL, app.clock).outbox_counts()  # no journal is an error, not a reason to make one
    with hold(app.data, app.clock):
        heads = head_directory(app.settings(), app.data)
        store = open_store(app.data / JOURNAL, app.clock, head_directory=heads)
        try:
            return store.retry(delivery)
        finally:
            store.close()
