"""`station item`: one item's record, its state at this bench, and its life in the journal."""

from __future__ import annotations

import click

from station.base.cells import table
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.who_asks import names_seen, views
from station.domain.transfers.transfer import Transfer
from station.reports.item_facts import facts
from station.reports.item_life import item_life
from station.reports.tables.cells import shown
from station.reports.tables.transfers import shelf_words
from station.runtime.data_directory import JOURNAL
from station.runtime.library_systems import catalog_index
from station.store.queries.queries import Queries


@click.command()
@data_option
@json_option
@click.argument("barcode")
@operator_option
@pass_app
def item(app: App, barcode: str, operator: str) -> int:
    """Show the record of BARCODE, its state at this bench, and everything in the journal about it, the newest first.

    Findings of an item that waits for its blind second check are hidden from everyone who could do that check. Exit
    code 1 if neither catalog nor journal knows it.
    """
    settings = app.settings()
    queries = views(app, operator) if (app.data / JOURNAL).exists() else Queries(app.data / JOURNAL, app.clock)
    index = catalog_index(settings, app.data)
    try:
        life = item_life(queries, index.find, clean(barcode), settings.barcodes, exactly=app.json)
    finally:
        index.close()
    names = {} if app.json else names_seen(app, operator)
    events = life.events
    price = queries.replacement_price(life.barcode) if queries.exists else None
    gone = queries.lost_item(life.barcode) if queries.exists else None
    moves = queries.transfer_of_item(life.barcode) if queries.exists else None
    leaves = queries.withdrawal_of_item(life.barcode) if queries.exists else None
    rows = [tuple(shown(events.columns[at], row[at], names) for at in events.shown) for row in events.rows]
    lines = [
        *([tell(life.no_record)] if life.record is None else table(list(facts(life.record)))),
        *([tell(f"item.state.{life.state}")] if life.state else []),
        *([tell("item.replacement-price", price=f"{price.amount} {price.currency}")] if price is not None else []),
        *([tell(f"transfer.piece.{gone.piece}", title=clean(life.title or life.barcode))] if gone is not None else []),
        *([_moving(moves)] if moves is not None else []),
        *([tell(leaves.next_words)] if leaves is not None else []),
        "",
        *(table(rows) if rows else [tell("office.never-here")]),
    ]
    value = {
        "barcode": life.barcode,
        "title": life.title,
        "record": life.record,
        "state": life.state,
        **({} if price is None else {"replacement_price": price.amount, "currency": price.currency}),
        **({} if gone is None else {"piece": gone.piece, "lost_since": gone.since}),
        **({} if moves is None else {"transfer": moves.id, "step": moves.next_step}),
        **({} if leaves is None else {"withdrawal": leaves.id, "withdrawal_step": leaves.next_step}),
        "events": events.values(),
    }
    app.report(value, lines)
    return DONE if life.known else NOT_GOOD


def _moving(now: Transfer) -> str:
    """Return where an item moves, and what is to do next."""
    moves = tell("transfer.moves", before=shelf_words(now.before), wanted=shelf_words(now.wanted))
    return f"{moves}: {tell(f'transfer.step.{now.next_step}')}"
