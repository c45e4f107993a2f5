"""`station receiving list|show|close`: packing lists and orders in the journal, and the items that arrived for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import click

from station.base.cells import table
from station.base.errors import PackingRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import queries
from station.cli.shared.who_asks import asker, order
from station.domain.events import PackingListClosed
from station.domain.packing_lists.packing_list import ListLine, ListStanding, PackingLine
from station.store.queries.queries import Queries


@click.command("list")
@data_option
@json_option
@click.option("--all", "everything", is_flag=True, help="Include closed lists.")
@pass_app
def list_(app: App, everything: bool) -> None:
    """List the packing lists and orders, the oldest import first, and how many copies of each have arrived."""
    standings = [standing for standing in queries(app).packing_lists() if everything or not standing.closed]
    rows = [
        (
            standing.id,
            standing.heading,
            standing.date,
            tell("receiving.lines", count=standing.lines),
            tell("receiving.here", came=standing.came, quantity=standing.quantity),
            tell("receiving.closed" if standing.closed else "receiving.open"),
        )
        for standing in standings
    ]
    app.report(standings, table(rows) if rows else [tell("receiving.none-open")])


@click.command()
@data_option
@json_option
@click.argument("key", metavar="LIST")
@pass_app
def show(app: App, key: str) -> int:
    """Show the lines of a list, and the items that arrived for each, counted or judged. LIST is its id, its number, or vendor
    and number. Exit code 1 unless exactly the listed copies have arrived."""
    views = queries(app)
    lines = views.packing_list_lines(list_named(views, key).id)
    app.report([_value(line) for line in lines], table([_row(line) for line in lines]))
    return 0 if all(line.current and line.here == line.line.quantity for line in lines) else NOT_GOOD


@click.command()
@data_option
@json_option
@click.argument("key", metavar="LIST")
@operator_option
@pass_app
def close(app: App, key: str, operator: str) -> None:
    """Close a list, and show what is missing: no further copies are expected. Importing the list again with --replace
    opens it."""
    views = queries(app)
    standing = list_named(views, key)
    missing = [line for line in views.packing_list_lines(standing.id) if line.missing]
    if not standing.closed:
        order(app, PackingListClosed(list=standing.id, operator=asker(app, operator).id))
    value = {"id": standing.id, "closed": True, "missing": [_value(line) for line in missing]}
    app.report(value, (*_closed(standing, missing), *table([_row(line) for line in missing])))


def _closed(standing: ListStanding, missing: Sequence[ListLine]) -> Iterable[str]:
    if standing.closed:
        yield tell("receiving.closed-already", list=standing.heading)
    elif missing:
        copies = tell("receiving.copies", count=sum(line.missing for line in missing))
        yield tell("receiving.is-closed-missing", list=standing.heading, copies=copies)
    else:
        yield tell("receiving.is-closed", list=standing.heading)


def list_named(views: Queries, name: str) -> ListStanding:
    """Return the list with this id, this vendor and number, or this number, in upper or lower case. Raises
    `PackingRefused`."""
    standings, typed = views.packing_lists(), clean(name).casefold()
    for fits in (
        [standing for standing in standings if standing.id == typed],
        [standing for standing in standings if standing.heading.casefold() == typed],
        [standing for standing in standings if standing.name.casefold() == typed],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            known = ", ".join(f"{standing.id} ({standing.heading})" for standing in fits)
            raise PackingRefused(Sentence("receiving.several", list=clean(name), known=known))
    known = ", ".join(standing.heading for standing in standings[-5:])
    raise PackingRefused(
        Sentence("receiving.unknown", list=clean(name), known=known)
        if known
        else Sentence("receiving.unknown-none", list=clean(name))
    )


def _value(line: ListLine) -> dict[str, object]:
    return {"line": line.line, "barcodes": sorted(line.barcodes), "missing": line.missing, "listed": line.current}


def _row(line: ListLine) -> tuple[str, ...]:
    quantity = line.line.quantity if line.current else 0
    over = line.here - quantity
    state = "receiving.all-here" if not over else "receiving.missing" if over < 0 else "receiving.too-many"
    return (
        line.line.line,
        identity(line.line),
        line.line.title[:50],
        tell("receiving.of", came=line.here, quantity=quantity),
        tell(state, number=abs(over)) if line.current else tell("receiving.not-listed"),
        " ".join(sorted(line.barcodes)),
    )


def identity(line: PackingLine) -> str:
    """Return what names the copies of a line: barcode, order line or numbers."""
    return line.barcode or line.order_line or " ".join(line.numbers)
