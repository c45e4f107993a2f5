"""`station withdraw watch`: items that are in only one of library system and journal."""

from __future__ import annotations

from typing import Final

import click

from station.base.words import tell
from station.cli.receiving.rows import rows
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import acts, claims
from station.cli.shared.who_asks import asker, views
from station.domain.item_question import ItemQuestion
from station.domain.people.sign_on import By
from station.domain.withdrawals.deletion_watch import WatchedCatalog
from station.reports.tables.deletion_watch import deletion_watch
from station.runtime.deletion_watch import watch
from station.runtime.library_systems import catalog_index

MOST_ASKED: Final = 200
"""Most items about which the library system is asked by one command."""


@click.command("watch")
@data_option
@json_option
@click.option(
    "--ask",
    is_flag=True,
    help=f"First ask the library system about these and the newest withdrawn items: {MOST_ASKED}.",
)
@operator_option
@pass_app
def watch_command(app: App, ask: bool, operator: str) -> int:
    """List items that only one of library system and journal has. Exit code 1 if there are any."""
    index = catalog_index(app.settings(), app.data)
    try:
        reading = views(app, operator)
        if ask:
            listed = [row.barcode for row in watch(reading, index).rows]
            gone = [barcode for barcode, *_ in reading.gone_items()]
            who = asker(app, operator)
            by = By(operator=who.id, claims=claims(app).of({who.id}))
            for barcode in [*dict.fromkeys((*listed, *gone))][:MOST_ASKED]:
                acts(app).item(ItemQuestion(barcode=barcode), by)
        now = watch(reading, index)
    finally:
        index.close()
    shown = deletion_watch(now.rows)
    notes = [] if now.catalog is WatchedCatalog.COMPARED else [tell(f"watch.catalog.{now.catalog.value}")]
    app.report(
        {"items": shown.values(), "catalog": now.catalog.value}, [*(rows(shown, {}) or [tell("watch.none")]), *notes]
    )
    return NOT_GOOD if now.rows else DONE
