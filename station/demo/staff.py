"""The people of the demo, for `station demo --sign-on`. Their PINs are public, like everything in the demo."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from station.base.clock import SystemClock
from station.base.settings import Settings
from station.domain.events import PinSet, WorkerRegistered
from station.domain.people.rights import Role
from station.domain.people.sign_on import MACHINE, Pin
from station.domain.ports import DemoCard
from station.runtime.data_directory import JOURNAL, PEOPLE
from station.runtime.identity.authenticator import open_authenticator
from station.runtime.open_journal import open_journal
from station.store.owner import Store
from station.store.people.cards import Kind
from station.store.people.names import People
from station.store.queries.queries import Queries

STAFF: Final = (
    ("ann", "Ann Quillfeather", Role.OPERATOR, "482913", False),
    ("tess", "Tess Marlowe", Role.TECHNICIAN, "739105", False),
    ("tim", "Tim Newhouse", Role.TRAINEE, "305882", True),
)
"""Login, name, role, PIN, and whether it must be changed. Each person has a card with "STAFF-" and the login."""


_WORKER: Final = "w-demo-"
"""Beginning of their worker ids; the login follows."""


def cards(data: Path) -> tuple[DemoCard, ...]:
    """Return their cards as the demo shows them: with the PIN, unless somebody changed it since."""
    trace = Queries(data / JOURNAL, SystemClock()).pin_trace()
    return tuple(
        DemoCard(f"STAFF-{login}", name, role.value, pin if trace.set_by.get(_WORKER + login) == MACHINE else "")
        for login, name, role, pin, _ in STAFF
    )


def _journal(store: Store, event: PinSet, mark: str) -> None:
    store.journal.record(msgspec.structs.replace(event, mark=mark))


def employ(settings: Settings, data: Path) -> None:
    """Register the people who are not registered, and give them their PINs and cards. Keep what a person has
    changed."""
    clock = SystemClock()
    people = People(data / PEOPLE)
    store = open_journal(settings, data, clock)
    try:
        for login, name, role, _, _ in STAFF:
            person = people.find(login) or people.add(_WORKER + login, login, name)
            if person.worker not in store.queries.workers():
                store.journal.record(WorkerRegistered(worker=person.worker, role=role))
        authenticator = open_authenticator(settings, data, store.queries, clock)
        for login, name, _, pin, first in STAFF:
            person = people.find(login) or people.add(_WORKER + login, login, name)
            if not authenticator.pins.state(person.worker).there:
                event = PinSet(worker=person.worker, first=first)
                authenticator.pins.give(
                    person.worker,
                    Pin(pin),
                    must_change=first,
                    journaled=partial(_journal, store, event),
                )
                authenticator.give_card(Kind.BARCODE, f"STAFF-{login}", person.worker)
    finally:
        store.close()
