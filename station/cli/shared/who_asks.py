"""Shared by `station corrections` and `station people`: the person who asks, what they may see, and their orders.

An order is journaled through the running station, else under the lock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import click
import msgspec

from station.base.errors import CorrectionUnknown, StillBlind
from station.base.text import clean
from station.base.words import tell
from station.cli.shared.app import App
from station.cli.shared.prove_identity import acts, claims, queries
from station.domain.corrections.correction import Entry
from station.domain.events import FindingWaived, InvoiceRecorded, PackingListStep, PersonEvent, WorkOrder
from station.domain.item_question import ItemAnswer, ItemQuestion
from station.domain.order_question import OrderAnswer, OrderQuestion
from station.domain.people.changes import Change, Changed
from station.domain.people.rights import Right
from station.domain.people.sign_on import By, Claim
from station.domain.ports import Worker
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.identity.authenticator import workforce
from station.runtime.identity.proof import askers, before_pins
from station.runtime.proven_orders import MOST_ORDERS
from station.store.people.names import People
from station.store.people.visibility import Visibility
from station.store.queries.queries import Queries

_SHORTEST: Final = 4
"""Fewest characters of an id that identify a correction."""


def people_of(app: App) -> People:
    """Return the file of names."""
    return People(app.data / PEOPLE)


def worker(app: App, name: str) -> Worker:
    """Return the worker with this login or id, else an unregistered worker."""
    return workforce(app.data, queries(app)).find(name)


def asker(app: App, operator: str) -> Worker:
    """Return the person who asks: `operator` if given, else the operator of the settings."""
    return worker(app, operator or app.settings().station.operator)


def visibility(app: App, operator: str) -> Visibility:
    """Return what the person who asks may see. If sign-on is required, they must prove their identity first."""
    views = queries(app)
    force = workforce(app.data, views)
    who = force.find(operator or app.settings().station.operator)
    claims(app).of({who.id}, before_pins=True)
    return Visibility(views, force, who, tell("correction.another"))


def views(app: App, operator: str, *, make: bool = True) -> Queries:
    """Return the journal as the person who asks may read it. Results of an item are hidden from its blind second
    checker.

    If sign-on is required, a named operator must prove their identity; without one, the reader counts as unknown.
    `make`: if no station has run here, create the journal first; else each view raises `JournalMissing`.
    """
    if not make and not (app.data / JOURNAL).exists():
        return Queries(app.data / JOURNAL, app.clock, "")
    reading = queries(app)
    settings = app.settings()
    if settings.people.sign_on and not operator:
        return reading.seen_by("")
    who = workforce(app.data, reading).find(operator or settings.station.operator)
    claims(app).of({who.id}, before_pins=True)
    return reading.seen_by(who.id)


def names_seen(app: App, operator: str) -> dict[str, str]:
    """Return the names, by worker id, that the person who asks may see; none where `views` counts the reader as
    unknown. Call it after `views`."""
    settings = app.settings()
    if not (app.data / JOURNAL).exists() or (settings.people.sign_on and not operator):
        return {}
    reading = queries(app)
    force = workforce(app.data, reading)
    viewer = force.find(operator or settings.station.operator)
    return Visibility(reading, force, viewer, tell("correction.another")).names()


def order(app: App, *events: WorkOrder | PersonEvent, expects: int | None = None) -> int:
    """Journal these events in order, if that is permitted. Return the number of the last one. Raises `WorkError`. `expects`:
    as for `ports.Journal.order`.

    If sign-on is required, the person who asks must prove their identity. If they lack the right, a person who has it
    is asked for at once.
    """
    needed: set[str] = set().union(*(askers(event) for event in events))

    def act(lender: Worker | None, proofs: tuple[Claim, ...]) -> int:
        return _journaled(
            app, events if lender is None else [_lent(event, lender) for event in events], proofs, expects
        )

    return claims(app).with_lender(needed, act, before_pins=before_pins(events))


def change(app: App, asked: Change) -> Changed:
    """Make a change of people that the file of names keeps, too. Asks for proofs as `order` does."""

    def act(lender: Worker | None, proofs: tuple[Claim, ...]) -> Changed:
        lent = asked if lender is None else msgspec.structs.replace(asked, authorised=lender.id)
        return acts(app).change(lent, By(operator=asked.operator, claims=proofs))

    return claims(app).with_lender({asked.operator, asked.authorised} - {""}, act, before_pins=True)


def read_orders(app: App, question: OrderQuestion, operator: str) -> OrderAnswer:
    """Ask the library system for order lines or an invoice, and journal the answer. Asks for proofs as `order` does."""
    who = asker(app, operator)
    return acts(app).read(question, By(operator=who.id, claims=claims(app).of({who.id})))


def ask_item(app: App, question: ItemQuestion, operator: str) -> ItemAnswer:
    """Ask library system and catalog about an item. Asks for proofs as `order` does."""
    who = asker(app, operator)
    return acts(app).item(question, By(operator=who.id, claims=claims(app).of({who.id})))


def lender(app: App, who: Worker, right: Right) -> str:
    """Return what `Claims.right` returns: for an action that comes before an order, or needs none."""
    return claims(app).right(who, right)


def _lent(event: WorkOrder | PersonEvent, who: Worker) -> WorkOrder | PersonEvent:
    """Return the event as authorized by `who`."""
    if isinstance(event, FindingWaived) and who.role is not None:
        return msgspec.structs.replace(event, authorised=who.id, role=who.role)
    return msgspec.structs.replace(event, authorised=who.id)


def _journaled(
    app: App, events: Sequence[WorkOrder | PersonEvent], proofs: tuple[Claim, ...], expects: int | None
) -> int:
    """Journal the events in as few requests as a station takes. Return the number of the last one. A packing list or an
    invoice may fill a request."""
    most = 1 if any(isinstance(event, PackingListStep | InvoiceRecorded) for event in events) else MOST_ORDERS
    last = 0
    for start in range(0, len(events), most):
        last = acts(app).order(events[start : start + most], By(claims=proofs), expects)
    return last


# --- which correction -----------------------------------------------------------------------------------------------


def named(app: App, name: str, operator: str) -> Sequence[Entry]:
    """Return all corrections of the item with this barcode, else those whose id begins with `name`.

    Only corrections that the person who asks may read are returned. Raises `StillBlind` for the id of another correction.
    """
    plain, seen = clean(name), views(app, operator)
    everything = seen.corrections(closed=True)
    by_barcode = [entry for entry in everything if entry.correction.barcode == plain]
    if by_barcode:
        return by_barcode
    if len(plain) < _SHORTEST:
        return ()
    entries = [entry for entry in everything if entry.correction.id.startswith(plain.lower())]
    if not entries:
        for entry in queries(app).corrections():
            if entry.correction.id.startswith(plain.lower()):
                raise StillBlind(entry.correction.barcode)
    return entries


def one_of(app: App, name: str, operator: str) -> str:
    """Return the id of one correction, identified by its id or by the barcode of an item with one open correction.

    Raises `CorrectionUnknown`, and `UsageError` if `name` fits several corrections.
    """
    entries = named(app, name, operator)
    still = [entry for entry in entries if not entry.closed_at] or entries
    if not still:
        raise CorrectionUnknown(clean(name))
    if len(still) > 1:
        ids = ", ".join(entry.correction.id[:8] for entry in still[:8])
        raise click.UsageError(f"{clean(name)} may mean {ids}; give more of the id.")
    return still[0].correction.id
