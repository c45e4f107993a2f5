"""`station withdraw cart`: carts of items that leave alike."""

from __future__ import annotations

import click

from station.base.errors import DepartureRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.cli.departures.named import cart_named
from station.cli.receiving.rows import rows
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.who_asks import asker, order, visibility
from station.domain.events import WithdrawalCartClosed, WithdrawalCartOpened
from station.domain.withdrawals.withdrawal import cart_id
from station.reports.tables.withdrawals import carts as carts_table
from station.runtime.withdrawal_decisions import LONGEST_NOTE, refuse_unknown


@click.group()
def cart() -> None:
    """Carts of items that leave alike, for which a right is lent once."""


@cart.command("open")
@data_option
@json_option
@click.argument("name")
@click.option("--reason", required=True, metavar="CODE", help="Reason of the settings.")
@click.option("--destination", required=True, metavar="CODE", help="Destination of the settings.")
@click.option("--note", default="", help="Any remark.")
@click.option("--approver", default="", metavar="NAME", help="Librarian who approved it.")
@click.option("--in", "place", default="", metavar="PLACE", help="Box or list into which its items go.")
@operator_option
@pass_app
def open_(
    app: App, name: str, reason: str, destination: str, note: str, approver: str, place: str, operator: str
) -> None:
    """Open the cart NAME for items that leave with one reason and destination. Needs a technician, once."""
    refuse_unknown(app.settings().withdrawal, reason, destination, approver)
    title = clean(name, 60)
    if not title:
        raise DepartureRefused(Sentence("withdrawal.no-cart-name"))
    event = WithdrawalCartOpened(
        name=title,
        reason=reason,
        destination=destination,
        note=clean(note, LONGEST_NOTE),
        approver=clean(approver, 100),
        place=clean(place, 100),
        operator=asker(app, operator).id,
    )
    _report(app, cart_id(order(app, event)), operator)


@cart.command()
@data_option
@json_option
@click.argument("name", metavar="CART")
@operator_option
@pass_app
def close(app: App, name: str, operator: str) -> None:
    """Close a cart: nothing more is decided in it. CART is its id, its number, or its name."""
    app.settings()
    now = cart_named(visibility(app, operator), name)
    order(app, WithdrawalCartClosed(cart=now.id, operator=asker(app, operator).id))
    _report(app, now.id, operator)


@cart.command("list")
@data_option
@json_option
@click.option("--open", "only_open", is_flag=True, help="Only open ones.")
@operator_option
@pass_app
def list_(app: App, only_open: bool, operator: str) -> None:
    """List the carts, the newest first."""
    settings, seen = app.settings(), visibility(app, operator)
    chosen = [cart for cart in seen.carts() if not (only_open and cart.closed_at)]
    shown = carts_table(chosen, settings.withdrawal)
    app.report(shown.values(), rows(shown, seen.names()) or [tell("withdrawal.no-carts")])


def _report(app: App, ident: str, operator: str) -> None:
    seen = visibility(app, operator)
    shown = carts_table([cart_named(seen, ident)], app.settings().withdrawal)
    app.report(shown.values()[0], rows(shown, seen.names()))
