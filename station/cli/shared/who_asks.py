"""What `station corrections` and `station people` share: who asks, what may be seen, and how an order gets into the
journal: through the running station, else under the lock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import click
import msgspec

from station.base.errors import CorrectionUnknown, StillBlind
from station.base.settings import Settings
from station.base.text import clean
from station.cli.shared.app import App
from station.cli.shared.prove_identity import claims, identity, queries
from station.cli.shared.record_event import held_or_told
from station.domain.corrections import Entry
from station.domain.events import FindingWaived, PersonEvent, WorkOrder
from station.domain.ports import Worker
from station.domain.rights import Right
from station.domain.sign_on import Claim
from station.runtime.data_directory import JOURNAL
from station.runtime.identity.authenticator import PEOPLE, workforce
from station.runtime.identity.proof import askers
from station.runtime.socket.client import Client
from station.store.owner import Store
from station.store.people.names import People
from station.store.people.visibility import Visibility
from station.store.queries.queries import Queries

_SHORTEST: Final = 4
"""Characters of an id that name a correction, at least."""


def people_of(app: App) -> People:
    """The file of names."""
    return People(app.data / PEOPLE)


def worker(app: App, name: str) -> Worker:
    """Whoever has this login or id, else somebody who is not registered."""
    return workforce(app.data, queries(app)).find(name)


def asker(app: App, operator: str) -> Worker:
    """Who asks: as said, else the operator of the settings."""
    return worker(app, operator or app.settings().station.operator)


def visibility(app: App, operator: str) -> Visibility:
    """What whoever asks may see. Where people sign on he proves who he is: a name alone shows nobody's record."""
    views = queries(app)
    force = workforce(app.data, views)
    who = force.find(operator or app.settings().station.operator)
    claims(app).of({who.id})
    return Visibility(views, force, who)


def views(app: App, operator: str, *, make: bool = True) -> Queries:
    """The journal as whoever asks may read it: who owes an item a blind second check is not told what was found. Where
    people sign on and nobody is named, nobody's eyes read it; who is named proves who he is. `make`: where no station has
    ever run, a journal is made first; else each view raises `JournalMissing`."""
    if not make and not (app.data / JOURNAL).exists():
        return Queries(app.data / JOURNAL, app.clock, "")
    found = queries(app)
    settings = app.settings()
    if settings.people.sign_on and not operator:
        return found.seen_by("")
    who = workforce(app.data, found).find(operator or settings.station.operator)
    claims(app).of({who.id})
    return found.seen_by(who.id)


def order(app: App, *events: WorkOrder | PersonEvent) -> None:
    """Have these journaled, one after the other, if they may be; raises `WorkError`. Where people sign on, whoever asks
    proves who he is; where his right does not suffice, somebody else's is asked for on the spot."""
    needed: set[str] = set().union(*(askers(event) for event in events))

    def act(lender: Worker | None, proofs: tuple[Claim, ...]) -> None:
        _journaled(app, events if lender is None else [_lent(event, lender) for event in events], proofs)

    claims(app).with_lender(needed, act)


def lender(app: App, who: Worker, right: Right) -> str:
    """See `Claims.right`: for what is done before, or without, an order."""
    return claims(app).right(who, right)


def _lent(event: WorkOrder | PersonEvent, who: Worker) -> WorkOrder | PersonEvent:
    """The same by the right of somebody else."""
    if isinstance(event, FindingWaived) and who.role is not None:
        return msgspec.structs.replace(event, authorised=who.id, role=who.role)
    return msgspec.structs.replace(event, authorised=who.id)


def _journaled(app: App, events: Sequence[WorkOrder | PersonEvent], proofs: tuple[Claim, ...]) -> None:
    def here(store: Store, settings: Settings) -> None:
        # Readers of records come with them: a command that gives no order waits for none.
        from station.runtime.library_systems import system_names
        from station.runtime.order_offers import carry_out

        for event in events:
            identity(app).require(askers(event), proofs, own=event)
        for event in events:
            carry_out(store, event, system_names(settings), settings.delivery.scanned_in)

    def there(client: Client) -> None:
        for event in events:
            client.order(event, proofs)

    held_or_told(app, here, there)


# --- which correction -----------------------------------------------------------------------------------------------


def named(app: App, name: str, operator: str) -> Sequence[Entry]:
    """By barcode: all of the item; else by (the beginning of) the id of one; as whoever asks may read it. Raises
    `StillBlind` for the id of one that he may not."""
    plain, seen = clean(name), views(app, operator)
    everything = seen.corrections(closed=True)
    by_barcode = [entry for entry in everything if entry.correction.barcode == plain]
    if by_barcode:
        return by_barcode
    if len(plain) < _SHORTEST:
        return ()
    found = [entry for entry in everything if entry.correction.id.startswith(plain.lower())]
    if not found:
        for entry in queries(app).corrections():
            if entry.correction.id.startswith(plain.lower()):
                raise StillBlind(entry.correction.barcode)
    return found


def one_of(app: App, name: str, operator: str) -> str:
    """The id of the one that is meant: by id, or by the barcode of an item with one open correction."""
    found = named(app, name, operator)
    still = [entry for entry in found if not entry.closed_at] or found
    if not still:
        raise CorrectionUnknown(clean(name))
    if len(still) > 1:
        ids = ", ".join(entry.correction.id[:8] for entry in still[:8])
        raise click.UsageError(f"{clean(name)} may mean {ids}; give more of the id.")
    return still[0].correction.id
