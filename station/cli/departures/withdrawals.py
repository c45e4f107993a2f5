"""`station withdraw list|show|decide|...`: withdrawals from the decision to the last proof."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import click

from station.base.cells import table
from station.base.errors import DepartureRefused
from station.base.sentence import Sentence
from station.base.text import clean
from station.base.words import tell
from station.catalog.barcodes.barcode import check as check_barcode
from station.cli.departures.named import cart_named, withdrawal_named
from station.cli.receiving.named import person_named
from station.cli.receiving.rows import rows
from station.cli.shared.app import DONE, NOT_GOOD, App, data_option, json_option, operator_option, pass_app
from station.cli.shared.who_asks import ask_item, asker, order, views, visibility
from station.domain.distribution.sites import sites_of
from station.domain.events import (
    DeletionConfirmed,
    OclcHoldingRemoved,
    TagDestroyed,
    WithdrawalAssigned,
    WithdrawalCanceled,
    WithdrawalPlaced,
    WithdrawalStep,
)
from station.domain.item_question import ItemQuestion
from station.domain.withdrawals.withdrawal import (
    LEFT_OPEN,
    NO_TAG,
    PART_MISSING,
    NextStep,
    Piece,
    Withdrawal,
    withdrawal_id,
)
from station.reports.lateness import Lateness
from station.reports.tables.cells import texts
from station.reports.tables.table import Table
from station.reports.tables.withdrawals import LAYERS, READY, WithdrawalFilter, calendar, named, proofs, signs, tags
from station.reports.tables.withdrawals import withdrawals as withdrawals_table
from station.runtime.withdrawal_decisions import LONGEST_NOTE, Wish, decided
from station.store.people.visibility import Visibility
from station.tui.drawing.local import Local

_HOW: Final = ("tag-cut", "tag-dead", PART_MISSING, NO_TAG)
_LATE: Final = (Lateness.AMBER.value, Lateness.RED.value)
reason_option: Final[Callable[[Any], Any]] = click.option("--reason", required=True, help="Why.")


def _command(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in (pass_app, operator_option, json_option, data_option):
        function = option(function)
    return function


@click.command("list")
@_command
@click.option("--all", "everything", is_flag=True, help="Include those that are finished or taken back.")
@click.option(
    "--step",
    type=click.Choice([*(step.value for step in NextStep), READY]),
    help="Only with this next step; ready: at a bench.",
)
@click.option("--late", type=click.Choice(_LATE), help="Only those that are at least this late.")
@click.option("--site", default="", metavar="CODE", help="Only of this site.")
@click.option("--reason", default="", metavar="CODE", help="Only with this reason.")
@click.option("--owner", default="", metavar="LOGIN", help="Only those of this person, or of 'me'.")
@click.option("--list", "pull_list", default="", metavar="LIST", help="Only of this pull list.")
@click.option("--cart", default="", metavar="CART", help="Only of this cart.")
def list_(
    app: App,
    everything: bool,
    step: str | None,
    late: str | None,
    site: str,
    reason: str,
    owner: str,
    pull_list: str,
    cart: str,
    operator: str,
) -> None:
    """List the withdrawals that are not finished, the oldest first, with their proofs and what comes next."""
    settings, seen = app.settings(), visibility(app, operator)
    choice = WithdrawalFilter(
        site=site,
        reason=reason,
        owner=asker(app, operator).id if owner == "me" else person_named(app, owner),
        step=step or "",
        late=late or "",
        list=pull_list,
        cart=cart_named(seen, cart).id if cart else "",
    )
    days, sites = calendar(settings.withdrawal, app.clock.now()), sites_of(settings.distribution)
    chosen = [row for row in seen.withdrawals(everything=everything) if choice.wants(row, sites, days)]
    shown = _table(app, chosen)
    app.report(shown.values(), rows(shown, seen.names(), LAYERS) or [tell("withdrawal.none")])


@click.command()
@_command
@click.argument("name", metavar="WITHDRAWAL")
def show(app: App, name: str, operator: str) -> int:
    """Show a withdrawal with its proofs, stop signs, tags and history. WITHDRAWAL is its id, its number, or the barcode of its
    item. Exit code 1 until it is finished."""
    app.settings()
    seen, reading = visibility(app, operator), views(app, operator)
    now = withdrawal_named(seen, name)
    local = Local()
    local.names = {} if app.json else seen.names()
    history = [(logged.seq, logged.at, logged.said) for logged in reading.withdrawal_history(now.id)]
    app.report(
        {**_value(app, now), "history": [{"seq": seq, "at": at, "summary": said} for seq, at, said in history]},
        (
            *_lines(app, now, seen),
            "",
            *(f"{local.minute(at)}  {local.people(said)}" for _, at, said in history),
        ),
    )
    return DONE if now.next_step is NextStep.NOTHING else NOT_GOOD


@click.command()
@_command
@click.argument("barcode")
@click.option("--reason", default="", metavar="CODE", help="Reason of the settings; with --cart, that of the cart.")
@click.option(
    "--destination", default="", metavar="CODE", help="Destination of the settings; with --cart, that of the cart."
)
@click.option("--note", default="", help="Any remark.")
@click.option("--approver", default="", metavar="NAME", help="Librarian who approved it.")
@click.option(
    "--piece",
    type=click.Choice([piece.value for piece in Piece]),
    default=Piece.PRESENT.value,
    show_default=True,
    help="Whether the piece is at hand. If not, its tags are watched.",
)
@click.option("--part", type=click.IntRange(0, 99), default=0, help="Only this part of a set; the item stays.")
@click.option("--despite", default="", metavar="REASON", help="Withdraw it although a stop sign says yes.")
@click.option("--cart", default="", metavar="CART", help="Decide it in this cart, with the right that was lent for it.")
def decide(
    app: App,
    barcode: str,
    reason: str,
    destination: str,
    note: str,
    approver: str,
    piece: str,
    part: int,
    despite: str,
    cart: str,
    operator: str,
) -> None:
    """Decide that BARCODE leaves the library. The stop signs are asked first; then the library system is ordered to delete it.
    Needs a technician, or a cart."""
    settings, seen = app.settings(), visibility(app, operator)
    opened = cart_named(seen, cart) if cart else None
    answer = ask_item(app, ItemQuestion(barcode=check_barcode(barcode, settings.barcodes), signs=True), operator)
    wish = Wish(
        barcode=barcode,
        part=part,
        reason=reason or (opened.reason if opened is not None else ""),
        destination=destination or (opened.destination if opened is not None else ""),
        note=note,
        approver=approver or (opened.approver if opened is not None else ""),
        piece=Piece(piece),
        despite_reason=despite,
        cart=opened.id if opened is not None else "",
    )
    event = decided(settings, app.data, wish, answer, asker(app, operator).id)
    _report(app, withdrawal_id(order(app, event)), operator)


@click.command()
@_command
@click.argument("name", metavar="WITHDRAWAL")
@reason_option
def cancel(app: App, name: str, reason: str, operator: str) -> None:
    """Take a withdrawal back: the item stays. Possible until its deletion was sent. Needs a technician."""
    _do(app, name, operator, lambda now, who: WithdrawalCanceled(withdrawal=now.id, reason=_text(reason), operator=who))


@click.command()
@_command
@click.argument("name", metavar="WITHDRAWAL")
@reason_option
def confirm(app: App, name: str, reason: str, operator: str) -> None:
    """Confirm that the library system does not have the item any more, where no system can confirm it. --reason says how you
    know. Needs a technician."""
    _do(app, name, operator, lambda now, who: DeletionConfirmed(withdrawal=now.id, reason=_text(reason), operator=who))


@click.command()
@_command
@click.argument("name", metavar="WITHDRAWAL")
@click.option("--uid", default="", metavar="UID", help="The tag; by default, the only one that is still live.")
@click.option("--part", type=click.IntRange(1, 999), default=None, metavar="N", help="The part of a set.")
@click.option("--how", default=_HOW[0], show_default=True, help=f"How: {', '.join(_HOW)}, or other words.")
def destroyed(app: App, name: str, uid: str, part: int | None, how: str, operator: str) -> None:
    """Record that a tag which cannot be erased is destroyed, or that there is none (no-tag). A known number is watched."""
    _do(
        app,
        name,
        operator,
        lambda now, who: destruction(now, uid.strip().upper(), part, how, who),
    )


def destruction(now: Withdrawal, uid: str, part: int | None, how: str, operator: str) -> TagDestroyed:
    """Return the event. Raises `DepartureRefused` unless `uid` and `part` name one tag that is left; "" and None = the only
    one. A part of which no tag is known takes any number."""
    left = [tag for tag in now.tags if tag.standing in LEFT_OPEN]
    meant = [tag for tag in left if part in (None, tag.part) and uid in ("", tag.uid)]
    if not meant:
        meant = [tag for tag in left if part in (None, tag.part) and not tag.uid]
    if len(meant) != 1:
        known = ", ".join(tag.uid or str(tag.part) for tag in left) or "-"
        raise DepartureRefused(Sentence("withdrawal.which-tag", known=known))
    (tag,) = meant
    return TagDestroyed(
        uid=tag.uid or uid, barcode=now.barcode, part=tag.part, how=_text(how), withdrawal=now.id, operator=operator
    )


@click.command()
@_command
@click.argument("name", metavar="WITHDRAWAL")
@click.option("--in", "place", default="", metavar="PLACE", help="Box or list; by default, the destination.")
def place(app: App, name: str, place: str, operator: str) -> None:
    """Record that the piece is in its box, or on its list."""
    destinations = app.settings().withdrawal.destinations
    _do(
        app,
        name,
        operator,
        lambda now, who: WithdrawalPlaced(
            withdrawal=now.id, place=clean(place, 100) or named(now.destination, destinations), operator=who
        ),
    )


@click.command()
@_command
@click.argument("name", metavar="WITHDRAWAL")
@click.option("--stays", is_flag=True, help="The holding must stay.")
@click.option("--note", default="", help="Any remark.")
def oclc(app: App, name: str, stays: bool, note: str, operator: str) -> None:
    """Record that the holding in OCLC is removed, or --stays. Needs a technician."""
    _do(
        app,
        name,
        operator,
        lambda now, who: OclcHoldingRemoved(withdrawal=now.id, stays=stays, note=_text(note), operator=who),
    )


@click.command()
@_command
@click.argument("name", metavar="WITHDRAWAL")
@click.option("--owner", required=True, metavar="LOGIN", help="Who sees to it from now on, or 'me'.")
def assign(app: App, name: str, owner: str, operator: str) -> None:
    """Give a withdrawal to another person."""
    app.settings()
    new = asker(app, operator).id if owner == "me" else person_named(app, owner)
    _do(app, name, operator, lambda now, who: WithdrawalAssigned(withdrawal=now.id, owner=new, operator=who))


def _do(app: App, name: str, operator: str, event: Callable[[Withdrawal, str], WithdrawalStep]) -> None:
    """Journal what is done about one withdrawal, and report it. `event`: of the withdrawal and the id of who asks."""
    app.settings()
    now = withdrawal_named(visibility(app, operator), name)
    order(app, event(now, asker(app, operator).id))
    _report(app, now.id, operator)


def _report(app: App, ident: str, operator: str) -> None:
    seen = visibility(app, operator)
    now = withdrawal_named(seen, ident)
    app.report(_value(app, now), _lines(app, now, seen))


def _value(app: App, now: Withdrawal) -> dict[str, Any]:
    return {
        **_table(app, [now]).values()[0],
        "proofs": proofs(now.proofs).values(),
        "signs": signs(now.signs, now.despite).values(),
        "tags": tags(now.tags).values(),
    }


def _lines(app: App, now: Withdrawal, seen: Visibility) -> Sequence[str]:
    names = seen.names()
    parts = (proofs(now.proofs), signs(now.signs, now.despite), tags(now.tags))
    return [
        *rows(_table(app, [now]), names, LAYERS),
        *(line for part in parts for line in ("", *table(texts(part, names))) if part.rows),
    ]


def _table(app: App, chosen: Sequence[Withdrawal]) -> Table:
    settings = app.settings()
    days = calendar(settings.withdrawal, app.clock.now())
    return withdrawals_table(chosen, settings.withdrawal, sites_of(settings.distribution), days)


def _text(text: str) -> str:
    return clean(text, LONGEST_NOTE)
