"""`station people pin` and `station people card`: the means of sign-on."""

from __future__ import annotations

import click
import msgspec

from station.base.cells import table
from station.base.errors import CardUnknown, WorkerGone, WorkerUnknown
from station.base.text import clean
from station.base.words import tell
from station.cli.people.recover import recover
from station.cli.shared.app import App, data_option, json_option, operator_option, pass_app
from station.cli.shared.prove_identity import acts, ask_new_pin, claims, identity, shown_name
from station.cli.shared.who_asks import asker, lender, visibility, worker
from station.cli.shared.who_asks import change as change_people
from station.domain.events import CardChanged, PinSet
from station.domain.people.changes import GiveCard, GiveFirstPin, OwnPin, TakeCard
from station.domain.people.rights import Right, Role
from station.domain.ports import Worker
from station.runtime.people_changes import key_of
from station.store.people.cards import Card, Kind, badge_text, card_text

_KIND = click.option("--badge", is_flag=True, help="TEXT is the UID of a badge, in hexadecimal digits.")


class _State(msgspec.Struct, frozen=True, kw_only=True):
    """Row of `pin list`."""

    worker: str
    login: str
    pin: str
    """"none", "first" (must be changed), "set" or "locked"."""
    wrong: int
    """Wrong PINs since the last correct one."""
    cards: int
    badges: int


@click.group()
def pin() -> None:
    """PINs: set the first one, change your own, reset a forgotten or locked one. A PIN is typed, or read from stdin,
    one per line in the order asked; it is never an argument."""


@pin.command("set")
@data_option
@json_option
@click.argument("login")
@operator_option
@pass_app
def set_(app: App, login: str, operator: str) -> None:
    """Give LOGIN a first PIN, which LOGIN must change before doing anything else with it. Once a person who may set
    PINs has a PIN, asks for your PIN."""
    _first(app, login, operator, again=False)


@pin.command()
@data_option
@json_option
@click.argument("login")
@operator_option
@pass_app
def reset(app: App, login: str, operator: str) -> None:
    """Give LOGIN, who has forgotten the PIN or is locked out, another first PIN."""
    _first(app, login, operator, again=True)


@pin.command()
@data_option
@json_option
@click.argument("login")
@pass_app
def change(app: App, login: str) -> None:
    """Change your own PIN. Asks for the present PIN, then for the new one."""
    who = _registered(app, login)
    claim = claims(app).prove(who, may_be_first=True)
    new = ask_new_pin(tell("people.new-pin"))
    event = PinSet(worker=who.id, operator=who.id)
    acts(app).own_pin(OwnPin(claim=claim, pin=new), "")
    app.report(event, [tell("staff.pin-new", login=clean(login))])


@pin.command("list")
@data_option
@json_option
@operator_option
@pass_app
def list_(app: App, operator: str) -> None:
    """List who can sign on, and who is locked out. A person who may not see others sees only their own row."""
    authenticator = identity(app).authenticator
    rows = []
    for row in visibility(app, operator).people():
        if row.standing != "active":
            continue
        state, cards = authenticator.pins.state(row.worker), authenticator.cards.of(row.worker)
        word = "locked" if state.locked else "first" if state.must_change else "set" if state.there else "none"
        badges = sum(card.kind is Kind.BADGE for card in cards)
        rows.append(
            _State(
                worker=row.worker,
                login=row.login,
                pin=word,
                wrong=state.failures,
                cards=len(cards) - badges,
                badges=badges,
            )
        )
    lines = table(
        [tuple(tell(f"staff.pin.{column}") for column in ("login", "pin", "wrong", "cards", "badges"))]
        + [
            (row.login, tell(f"staff.pin-is.{row.pin}"), str(row.wrong), str(row.cards), str(row.badges))
            for row in rows
        ]
    )
    app.report(rows, lines)


pin.add_command(recover)


def _first(app: App, login: str, operator: str, *, again: bool) -> None:
    who, to = asker(app, operator), _registered(app, login)
    authenticator = identity(app).authenticator
    there = authenticator.pins.state(to.id).there
    if there is not again:
        raise click.UsageError(
            f"{shown_name(login)} already has a PIN; reset a forgotten one with: station people pin reset"
            if there
            else f"{shown_name(login)} has no PIN yet; set the first one with: station people pin set"
        )
    by = _may(app, who, to)
    new = ask_new_pin(tell("people.first-pin", name=to.name or to.id))
    event = PinSet(worker=to.id, first=True, operator=who.id, authorised=by)
    change_people(app, GiveFirstPin(worker=to.id, pin=new, operator=who.id, authorised=by))
    app.report(event, [tell("staff.pin-first", login=clean(login))])


def _may(app: App, who: Worker, to: Worker) -> str:
    """Prove the identity and the right of the person who asks. Return the id of the person who lends the right; "" =
    own.

    As long as no one who may set PINs has a PIN, everyone may.
    """
    if not identity(app).authenticator.staff_has_pins():
        return ""
    by = lender(app, who, Right.MANAGE_STAFF if to.role in (Role.TECHNICIAN, Role.SYSTEMS) else Right.MANAGE_PEOPLE)
    claims(app).prove(who)
    return by


# --- cards ----------------------------------------------------------------------------------------------------------


@click.group()
def card() -> None:
    """Staff cards (barcodes) and badges (UIDs), which identify a person. They prove nothing; the PIN does."""


@card.command()
@data_option
@json_option
@click.argument("login")
@click.argument("text", metavar="TEXT")
@_KIND
@operator_option
@pass_app
def add(app: App, login: str, text: str, badge: bool, operator: str) -> None:
    """Register the card with the barcode TEXT as LOGIN's. It must not have the form of an item's barcode."""
    who, to = asker(app, operator), _registered(app, login)
    by = _may(app, who, to)
    kind = Kind.BADGE if badge else Kind.BARCODE
    event = CardChanged(worker=to.id, what=kind.value, given=True, operator=who.id, authorised=by)
    change_people(app, GiveCard(worker=to.id, kind=kind.value, text=text, operator=who.id, authorised=by))
    app.report(event, [tell("staff.badge-given" if badge else "staff.card-given", login=clean(login))])


@card.command()
@data_option
@json_option
@click.argument("text", metavar="TEXT")
@_KIND
@operator_option
@pass_app
def remove(app: App, text: str, badge: bool, operator: str) -> None:
    """Remove the card TEXT, which was lost or returned. It can no longer be used to sign on."""
    kind = Kind.BADGE if badge else Kind.BARCODE
    kept = badge_text(text) if badge else card_text(text)
    authenticator = identity(app).authenticator
    owner = authenticator.cards.owner(kind, kept)
    if not owner:
        raise CardUnknown()
    who = asker(app, operator)
    by = _may(app, who, worker(app, owner))
    event = CardChanged(worker=owner, what=kind.value, given=False, operator=who.id, authorised=by)
    key = key_of(Card(kind, kept, owner))
    change_people(app, TakeCard(worker=owner, card=key, operator=who.id, authorised=by))
    app.report(event, [tell("staff.card-gone")])


def _registered(app: App, login: str) -> Worker:
    person = worker(app, login)
    if not person.registered:
        raise WorkerUnknown(shown_name(login))
    if person.role is None:
        raise WorkerGone(person.id)
    return person
