"""Cards, PINs and people combined: `domain.ports.Authenticator`. Safe for several threads and processes."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from station.base.clock import Clock, boot
from station.base.credentials import ensure, load
from station.base.errors import (
    CardTaken,
    CardUnfit,
    CredentialsRefused,
    PinLocked,
    PinMissing,
    PinsUnusable,
    PinWait,
    PinWrong,
    WorkError,
)
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Settings
from station.catalog.barcodes.barcode import is_ours
from station.domain.command_barcodes import is_command
from station.domain.people.sign_on import LONGEST_PIN, RESERVED, SHORTEST_PIN, Pin, has_pin_form, too_easy
from station.domain.ports import Proof, Tried, Worker
from station.runtime.data_directory import PEOPLE
from station.store.people.cards import Cards, Kind, badge_text, card_text
from station.store.people.names import People, login_of
from station.store.people.pins import Pins, pins_of
from station.store.people.workforce import Workforce
from station.store.projections.workers import ACTIVE
from station.store.queries.pin_trace import disagreements
from station.store.queries.queries import Queries

if TYPE_CHECKING:  # argon2 is loaded when the first PIN is checked
    from station.store.people.pin_hash import PinHasher

PEPPER: Final = "pin-pepper"
GRANT_S: Final = 30.0
"""Seconds within which a grant must be redeemed; it passes from one thread of the station to another."""


class _Grant(msgspec.Struct, frozen=True):
    worker: str
    purpose: str
    until: float
    """Monotonic seconds."""


class Authenticator:
    """`domain.ports.Authenticator`, with additional functions for the command line."""

    def __init__(self, people: People, queries: Queries, pins: Pins, settings: Settings, clock: Clock) -> None:
        self._people = people
        self._queries = queries
        self._workforce = Workforce(people, queries)
        self.pins = pins
        self.cards = Cards(people)
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._grants: dict[str, _Grant] = {}

    # --- ports.sign_on.Authenticator -----------------------------------------------------------------------------------------

    def identify(self, text: str) -> Worker | None:
        owner = self.cards.owner(Kind.BARCODE, card_text(text))
        if not owner:
            person = self._people.find(login_of(text))
            owner = person.worker if person is not None else ""
        return self._registered(owner)

    def identify_badge(self, badge: str) -> Worker | None:
        try:
            return self._registered(self.cards.owner(Kind.BADGE, badge_text(badge)))
        except CardUnfit:
            return None

    def prove(self, worker: str, pin: Pin) -> Tried:
        return self.pins.prove(worker, pin)

    def change(self, worker: str, pin: Pin, journaled: Callable[[str], object]) -> None:
        self.pins.give(worker, pin, must_change=False, journaled=journaled)

    def redeem(self, grant: str, purpose: str) -> str:
        with self._lock:
            stored = self._grants.pop(grant, None)
        good = stored is not None and stored.purpose == purpose and self._clock.monotonic() < stored.until
        return stored.worker if stored is not None and good else ""

    # --- for the command line -------------------------------------------------------------------------------------------

    def grant(self, worker: str, purpose: str) -> str:
        """Return a grant for a worker who has just proven their identity. `redeem` accepts it once, within `GRANT_S`,
        for this purpose only."""
        value, now = secrets.token_hex(16), self._clock.monotonic()
        with self._lock:
            self._grants = {key: stored for key, stored in self._grants.items() if now < stored.until}
            self._grants[value] = _Grant(worker, purpose, now + GRANT_S)
        return value

    def named(self, name: str) -> Worker | None:
        """Return the worker with this card, badge, login or id; None if there is none."""
        return self.identify(name) or self.identify_badge(name) or self._registered(name)

    def proven(self, name: str, pin: Pin) -> tuple[Worker, Tried]:
        """Return the worker with this card, badge, login or id, after checking the PIN. Raises `PinWrong` (also if
        there is no such worker, after the same amount of work), `PinWait`, `PinLocked`, `PinMissing`."""
        worker = self.named(name)
        tried = self.prove(worker.id if worker is not None else "", pin)
        if worker is None or worker.role is None:
            raise PinWrong()
        refused = refusal(tried)
        if refused is not None:
            raise refused
        return worker, tried

    def staff_has_pins(self) -> bool:
        """Return False until a worker who may set PINs has a PIN; until then, anyone may set one. The journal records
        this, so deleting a PIN from the file of names does not restore that state."""
        known = self._queries.pin_trace()
        return known.staff_had_pin or not known.staff.isdisjoint(pins_of(self._people))

    def differs(self) -> bool:
        """Return True if the PINs of the file of names are not those of the journal, or cannot be checked."""
        kept, views = pins_of(self._people), self._queries
        active = frozenset(worker for worker, (_, standing) in views.workers().items() if standing == ACTIVE)
        try:
            changed = bool(kept) and bool(self.pins.with_other_key() or self.pins.changed())
        except PinsUnusable:
            changed = True
        return changed or any(disagreements(views.pin_trace(), kept, active))

    def check_card(self, kind: Kind, text: str, worker: str) -> str:
        """Check whether the card may be given to this worker, and return its stored form. Raises `CardTaken`, and
        `CardUnfit` for a card that could be mistaken for an item or for another worker's login."""
        kept = badge_text(text) if kind is Kind.BADGE else card_text(text)
        if kind is Kind.BARCODE:
            if not kept:
                raise CardUnfit(Sentence("people.why.card-empty"))
            if is_command(kept):
                raise CardUnfit(Sentence("people.why.command"))
            if self._is_item(kept) or self._is_item(kept.upper()):
                raise CardUnfit(Sentence("people.why.item"))
            named = self._people.find(kept)
            if kept in RESERVED or (named is not None and named.worker != worker):
                raise CardUnfit(Sentence("people.why.card-login"))
        if self.cards.owner(kind, kept) not in ("", worker):
            raise CardTaken()
        return kept

    def give_card(self, kind: Kind, text: str, worker: str) -> None:
        """Give the card to this worker. Raises what `check_card` raises."""
        self.cards.give(kind, self.check_card(kind, text, worker), worker)

    def _registered(self, worker: str) -> Worker | None:
        if not worker:
            return None
        person = self._workforce.find(worker)
        return person if person.registered and person.role is not None else None

    def _is_item(self, text: str) -> bool:
        return is_ours(text, self._settings.barcodes)

    def unfit(self, worker: str, pin: Pin) -> Sentence:
        least = max(SHORTEST_PIN, self._settings.people.pin_digits)
        if not has_pin_form(pin.text) or len(pin.text) < least:
            return Sentence("people.why.length", least=least, most=LONGEST_PIN)
        person = self._people.by_id(worker)
        known = [card.text for card in self.cards.of(worker)] + ([person.login] if person is not None else [])
        if problem := too_easy(pin.text, *known):
            return problem
        if self._is_item(pin.text):
            return Sentence("people.why.item")
        if self.identify(pin.text) is not None:
            return Sentence("people.why.somebody")
        if self.pins.is_present(worker, pin):
            return Sentence("people.why.before")
        return EMPTY


def workforce(data: Path, queries: Queries) -> Workforce:
    """Return the workers of this data directory."""
    return Workforce(People(data / PEOPLE), queries)


def open_authenticator(settings: Settings, data: Path, queries: Queries, clock: Clock) -> Authenticator:
    """Return the authenticator of this data directory."""
    people = People(data / PEOPLE)

    def hasher() -> PinHasher:
        from station.store.people.pin_hash import PinHasher

        # A new key would make every PIN unusable without a word, so it is made only before the first PIN.
        key = load if pins_of(people) else ensure
        try:
            return PinHasher(settings.people, key(PEPPER, data))
        except CredentialsRefused as error:
            raise PinsUnusable(error.detail) from error

    pins = Pins(people, hasher, settings.people, clock, boot(), lambda: queries.pin_trace().marks)
    return Authenticator(people, queries, pins, settings, clock)


def refusal(tried: Tried) -> WorkError | None:
    """Return the error of a failed attempt; None for a successful one."""
    match tried.proof:
        case Proof.RIGHT:
            return None
        case Proof.WRONG:
            return PinWrong()
        case Proof.WAIT:
            return PinWait(f"{max(1, round(tried.wait_s))} s")
        case Proof.LOCKED:
            return PinLocked()
        case Proof.NONE:
            return PinMissing()
