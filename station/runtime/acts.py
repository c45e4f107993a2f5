"""What people do from a desk or by a command: through the running station, else under its lock. Each act takes the lock,
writes, and lets go, so that no form and no page holds it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from station.base.clock import Clock
from station.base.errors import StationBusy, StoreReadOnly
from station.base.settings import Settings
from station.domain.events import Ordered, PinSet
from station.domain.item_question import ItemAnswer, ItemQuestion
from station.domain.order_question import OrderAnswer, OrderQuestion
from station.domain.people.changes import Account, Change, Changed, GiveFirstPin, OwnPin
from station.domain.people.sign_on import By as By
from station.domain.people.sign_on import Claim, Pin
from station.domain.ports import Worker
from station.runtime import proven_orders
from station.runtime.data_directory import PEOPLE
from station.runtime.identity.authenticator import workforce
from station.runtime.identity.proof import Identity
from station.runtime.lock import hold
from station.runtime.open_journal import open_journal, views
from station.runtime.order_reading import order_lines_in
from station.runtime.socket.client import Client, connect
from station.runtime.socket.wire import Decided
from station.store.owner import Store
from station.store.people.workforce import GivenNames, Workforce
from station.store.queries.queries import Queries

R = TypeVar("R")


class Acts:
    """Acts on one data directory. Each raises what the running station would refuse with, and `StationBusy` if the
    process that holds the lock does not answer.

    `expects`: number of the newest event that the person has seen of what the act is about; None = anything. If there
    is a newer one, the act raises `ChangedMeanwhile` and does nothing; if that is this very act, it came twice and
    counts as done."""

    def __init__(self, settings: Settings, data: Path, clock: Clock) -> None:
        self._settings = settings
        self._data = data
        self._clock = clock
        self.identity = Identity(settings, data, lambda: views(data, clock, lambda: settings), clock)
        """The check of identities, while no station runs."""
        self._names: dict[str, dict[str, str]] = {}
        """Names that the station gave, by the id of who may see them: only where this account has no file of names."""

    def sign_in(self, login: str, pin: Pin, via: str) -> tuple[str, Worker]:
        """Begin the session of a person with this login or card and PIN. Return its id, and the worker. `via`: the
        face that the person uses. Raises the authenticator's errors, and `PinChangeNeeded` for a PIN that another person
        has set; a refusal is journaled."""
        claim = Claim(name=login, pin=pin)
        return self._held_or_told(
            lambda client: client.sign_in(login, pin, via),
            lambda store: self.identity.sign_in(claim, store.journal.record, via),
        )

    def sign_out(self, session: str, via: str) -> None:
        """End a session. May be called twice."""
        self._held_or_told(
            lambda client: client.sign_out(session, via),
            lambda store: self.identity.sign_out(session, store.journal.record, via),
        )

    def viewer(self, session: str, *, use: bool = True) -> Worker | None:
        """Return the person of a session; None = it has ended. A session ends with the process that holds it: the
        station, or without one this process. `use`: the person acts, so the session lasts longer; False for what a page
        does by itself."""
        client = connect(self._data)
        if client is None:
            return self.identity.viewer(session, use=use)
        with client:
            worker = client.viewer(session, use=use)
            if worker is not None and self._is_guest:
                self._names[worker.id] = client.names(session)
            return worker

    def workforce(self, viewer: str, queries: Queries) -> Workforce:
        """Return the workers, as `queries` has them. An account that may not read the file of names has the names that
        this viewer (an id) may see, from the station."""
        return GivenNames(self._names.get(viewer, {}), queries) if self._is_guest else workforce(self._data, queries)

    @property
    def _is_guest(self) -> bool:
        names = self._data / PEOPLE
        return names.exists() and not os.access(names, os.R_OK)

    def names(self, session: str) -> dict[str, str]:
        """Return the names, by worker id, that the person of a session may see; none if it has ended."""
        client = connect(self._data)
        if client is None:
            return self.identity.names(session)
        with client:
            return client.names(session)

    def order(self, events: Sequence[Ordered], by: By, expects: int | None = None) -> int:
        """Journal orders about work or people, or what this process reports: all in one transaction or none, at most
        200. Return the number of the last event. Each event names its operator and who lends the right."""

        def here(store: Store) -> int:
            # Readers of records come with them: a command that gives no order waits for none.
            from station.runtime.library_systems import system_names

            systems, scan_in = system_names(self._settings), self._settings.delivery.scanned_in
            return proven_orders.order(store, self.identity, events, by, systems, scan_in, expects)

        restored = all(isinstance(event, PinSet) for event in events)
        return self._held_or_told(lambda client: client.order(events, by, expects), here, restored=restored)

    def change(self, change: Change, by: By, expects: int | None = None) -> Changed:
        """Make a change of people that the file of names keeps, too."""

        def here(store: Store) -> Changed:
            # It brings the printing of labels: only who erases a name deletes slips.
            from station.runtime.people_changes import PeopleChanges

            return PeopleChanges(self._settings, self._data, self.identity, store).make(change, by, expects)

        restored = isinstance(change, GiveFirstPin)
        return self._held_or_told(lambda client: client.change(change, by, expects), here, restored=restored)

    def own_pin(self, own: OwnPin, via: str) -> None:
        """Give a person the PIN that they have chosen in place of the present one. Their sessions end. Raises the
        authenticator's errors, and `PinUnfit`."""
        self._held_or_told(
            lambda client: client.own_pin(own, via),
            lambda store: self.identity.choose_pin(own, store.journal.order, store.journal.record, via),
            restored=True,
        )

    def account(self, session: str, worker: str) -> Account:
        """Return what is known of a worker besides role and work; whoever calls checks that the viewer may see it, as
        the station does for an account that may not read the file of names."""
        if self._is_guest and (client := connect(self._data)) is not None:
            with client:
                return client.account(session, worker)
        from station.runtime.people_changes import account

        return account(self.identity, worker)

    def decide(self, decided: Decided, by: By, expects: int | None = None) -> str:
        """Carry out a person's decision about a delivery. Return the outcome: "queued" (accepted), "unknown",
        "not-waiting" or "superseded"."""
        return self._held_or_told(
            lambda client: client.decide(decided, by, expects),
            lambda store: proven_orders.decide(store, self.identity, decided, by, expects),
        )

    def retry(self, delivery: str | None, by: By, expects: int | None = None) -> int:
        """Make a parked delivery due again (None: all). Return how many."""
        return self._held_or_told(
            lambda client: client.retry(delivery, by, expects),
            lambda store: proven_orders.retry(store, self.identity, delivery, by, expects),
        )

    def read(self, question: OrderQuestion, by: By) -> OrderAnswer:
        """Ask the library system for order lines or an invoice, and journal the answer; of a shipment, the running station
        reads them later. Raises what `order_reading.answer` raises, and `WorkError`."""

        def here(store: Store) -> OrderAnswer:
            # A library system brings its HTTP client.
            from station.runtime.library_systems import close_systems, systems

            opened = systems(self._settings, self._data)
            try:
                return proven_orders.read(store, self.identity, order_lines_in(opened), question, by)
            finally:
                close_systems(opened)

        return self._held_or_told(lambda client: client.read(question, by), here)

    def item(self, question: ItemQuestion, by: By) -> ItemAnswer:
        """Ask the library system about an item. Raises what `ItemAsking.answer` raises, and `WorkError`."""

        def here(store: Store) -> ItemAnswer:
            # A library system brings its HTTP client.
            from station.runtime.item_asking import item_asking
            from station.runtime.library_systems import close_systems, systems

            opened = systems(self._settings, self._data)
            try:
                items = item_asking(self._settings, self._data, opened, self._clock, store)
                return proven_orders.ask_item(store, self.identity, items, question, by)
            finally:
                close_systems(opened)

        return self._held_or_told(lambda client: client.item(question, by), here)

    def _held_or_told(self, there: Callable[[Client], R], here: Callable[[Store], R], *, restored: bool = False) -> R:
        """Call `here` with the open store under the lock; if a station holds the lock, or this account may not write
        here, call `there` with a client of the station. `restored`: also with a restored journal that was not
        continued, because `journal continue` may need this."""
        try:
            with hold(self._data, self._clock):
                store = open_journal(self._settings, self._data, self._clock, restored=restored)
                try:
                    return here(store)
                finally:
                    store.close()
        except (StationBusy, StoreReadOnly):
            client = connect(self._data)
            if client is None:
                raise
            with client:
                return there(client)
