"""Changes of people in the journal and in the file of names, after the check of their proofs: in the running station, or
under its lock. An interruption leaves what the same change completes, and the journal claims nothing that is not so."""

from __future__ import annotations

import hashlib
import re
import secrets
from pathlib import Path
from typing import Final, Protocol

import msgspec

from station.base.errors import (
    CardUnknown,
    ChangedMeanwhile,
    ControlRefused,
    NotAllowed,
    PinUnfit,
    ReasonMissing,
    StationError,
    WorkerGone,
    WorkerTaken,
    WorkerUnknown,
)
from station.base.sentence import EMPTY, Sentence
from station.base.settings import Settings
from station.domain.corrections.correction import lacks
from station.domain.events import CardChanged, PersonEvent, PinSet, WorkerLeft, WorkerRegistered
from station.domain.people.changes import (
    Account,
    Change,
    Changed,
    Erase,
    GiveCard,
    GiveFirstPin,
    KnownCard,
    Register,
    Rename,
    Speak,
    TakeCard,
)
from station.domain.people.rights import Right
from station.domain.people.sign_on import RESERVED, SHORTEST_PIN, By, Pin
from station.domain.ports import Worker
from station.domain.subject import Subject, SubjectKind
from station.printing.outputs import forget_slips, target
from station.runtime.data_directory import PEOPLE
from station.runtime.identity.authenticator import Authenticator
from station.runtime.identity.proof import Identity
from station.runtime.order_offers import carry_out
from station.runtime.proven_orders import lender_of, refusals_journaled
from station.store.owner import Store
from station.store.people.cards import Card, Kind
from station.store.people.names import People, Person, login_of
from station.store.projections.workers import ACTIVE, STAFF

_SEEN_OF_A_CARD: Final = 4
"""Characters."""
_CHOICES: Final = 100
"""PINs at random of which one is fit; about one in a thousand is not."""
_LANGUAGE: Final = re.compile("([a-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3})?")


class Order(Protocol):
    """Journals one event of a change."""

    def __call__(self, event: PersonEvent, *, again: bool = False) -> int:
        """Return its number. `again`: the change has journaled another event already."""
        ...


class PeopleChanges:
    """Changes of the people of one station."""

    def __init__(self, settings: Settings, data: Path, identity: Identity, store: Store) -> None:
        self._settings = settings
        self._data = data
        self._identity = identity
        self._store = store
        self._people = People(data / PEOPLE)

    def make(self, change: Change, by: By, expects: int | None = None) -> Changed:
        """Make a change. `expects`: as for `ports.Journal.order`. Raises what `Identity.require` and that raise,
        `NotAllowed`, and `WorkError` for a login, card or PIN that cannot be."""
        ident, _ = lender_of(self._identity, change.authorised, by)
        change = msgspec.structs.replace(change, authorised=ident)
        right = self._right(change)
        with refusals_journaled(self._store, self._identity, by):
            lenders = {ident} - {""}
            needed = {change.operator} | lenders
            self._identity.require(needed, by.claims, by.session, right, lenders, before_pins=True)
            self._require_right(change, right)

        if isinstance(change, GiveFirstPin | Erase):  # what they do to the file of names cannot be taken back
            self._require_unchanged(change.worker, expects)

        def order(event: PersonEvent, *, again: bool = False) -> int:
            event = msgspec.structs.replace(event, operator=change.operator, authorised=ident, via=by.via)
            return carry_out(self._store, [event], (), (), None if again else expects)

        match change:
            case Register():
                return self._register(change, order, seen=expects is not None)
            case Rename():
                self._people.rename(self._known(change.worker).id, change.name)
                return Changed(worker=change.worker)
            case Speak():
                if _LANGUAGE.fullmatch(change.language) is None:
                    raise ControlRefused(Sentence("control.no-language"))
                self._people.speak(self._known(change.worker).id, change.language)
                return Changed(worker=change.worker)
            case GiveFirstPin():
                return self._give_first_pin(change, order)
            case GiveCard():
                return self._give_card(change, order)
            case TakeCard():
                return self._take_card(change, order)
            case Erase():
                return self._erase(change, order)

    def _right(self, change: Change) -> Right | None:
        """Return the right that a change needs, of those that a proof counts for; None = the PIN every time."""
        match change:
            case Erase():
                return None
            case Register():
                return Right.MANAGE_STAFF if change.role in STAFF else Right.MANAGE_PEOPLE
            case GiveFirstPin() if change.worker == change.operator:
                return None
            case Rename() | Speak():
                return Right.PROCESS if change.worker == change.operator else Right.MANAGE_PEOPLE
            case _:
                role, _ = self._store.queries.workers().get(change.worker, (None, ""))
                return Right.MANAGE_STAFF if role in STAFF else Right.MANAGE_PEOPLE

    def _require_right(self, change: Change, right: Right | None) -> None:
        """Raise `WorkerGone` or `NotAllowed` before the file of names is touched. The journal checks again."""
        workers = self._store.queries.workers()
        if not any(role in STAFF and standing == ACTIVE for role, standing in workers.values()):
            return
        if isinstance(change, GiveFirstPin) and change.worker == change.operator:
            return
        own, lent = (self._identity.workforce.find(name).role for name in (change.operator, change.authorised))
        if own is None:
            raise WorkerGone(change.operator)
        refused = lacks(lent if change.authorised else own, right or Right.ERASE)
        if refused is not None:
            raise refused

    def _require_unchanged(self, worker: str, expects: int | None) -> None:
        """Raise `ChangedMeanwhile` if the person has a newer event than the one that is expected."""
        subject = Subject(SubjectKind.PERSON, worker)
        if expects is not None and (newest := self._store.queries.newest_about(subject)) > expects:
            raise ChangedMeanwhile.since_then({newest})

    def _known(self, worker: str) -> Worker:
        known = self._identity.workforce.find(worker)
        if not known.registered:
            raise WorkerUnknown(worker)
        return known

    def _active(self, worker: str) -> Worker:
        known = self._known(worker)
        if known.role is None:
            raise WorkerGone(worker)
        return known

    def _register(self, change: Register, order: Order, *, seen: bool) -> Changed:
        """`seen`: the journal tells a registration that comes twice from another person's."""
        login, known = login_of(change.login), self._store.queries.workers()
        if not login or login in RESERVED or login in known:
            raise WorkerTaken(Sentence("staff.reserved", login=login))
        if self._identity.authenticator.cards.owner(Kind.BARCODE, login):
            raise WorkerTaken(Sentence("staff.is-card"))
        before = self._people.find(login)
        if before is not None and before.worker in known and not seen:
            raise WorkerTaken(login)
        person = before or self._people.add(f"w-{secrets.token_hex(4)}", login, change.name, change.language)
        try:
            number = order(WorkerRegistered(worker=person.worker, role=change.role))
        except WorkerTaken as error:
            raise WorkerTaken(login) from error
        except StationError:
            if before is None:
                self._people.erase(person.worker)
            raise
        return Changed(worker=person.worker, number=number)

    def _give_first_pin(self, change: GiveFirstPin, order: Order) -> Changed:
        authenticator, worker = self._identity.authenticator, self._active(change.worker).id
        pin = change.pin or self._chosen(authenticator, worker)
        if change.pin and (problem := authenticator.unfit(worker, pin)):
            raise PinUnfit(problem)
        numbers: list[int] = []
        authenticator.pins.give(
            worker,
            pin,
            must_change=True,
            journaled=lambda mark: numbers.append(order(PinSet(worker=worker, first=True, mark=mark))),
        )
        return Changed(worker=worker, number=numbers[0], pin=None if change.pin else pin)

    def _chosen(self, authenticator: Authenticator, worker: str) -> Pin:
        """Return a PIN at random. Raises `PinUnfit` where every PIN has the form of an item's barcode."""
        digits = max(SHORTEST_PIN, self._settings.people.pin_digits)
        problem = EMPTY
        for _ in range(_CHOICES):
            pin = Pin(f"{secrets.randbelow(10**digits):0{digits}}")
            if not (problem := authenticator.unfit(worker, pin)):
                return pin
        raise PinUnfit(problem)

    def _give_card(self, change: GiveCard, order: Order) -> Changed:
        authenticator, worker, kind = self._identity.authenticator, self._active(change.worker).id, Kind(change.kind)
        authenticator.check_card(kind, change.text, worker)
        number = order(CardChanged(worker=worker, what=kind.value, given=True))
        authenticator.give_card(kind, change.text, worker)
        return Changed(worker=worker, number=number)

    def _take_card(self, change: TakeCard, order: Order) -> Changed:
        worker, cards = self._known(change.worker), self._identity.authenticator.cards
        card = next((card for card in cards.of(worker.id) if key_of(card) == change.card), None)
        if card is None:
            raise CardUnknown()
        event = CardChanged(worker=worker.id, what=card.kind.value, given=False)
        number = order(event) if worker.role is not None else 0
        cards.take_away(card.kind, card.text)
        return Changed(worker=worker.id, number=number)

    def _erase(self, change: Erase, order: Order) -> Changed:
        worker = self._known(change.worker)
        if not change.reason:
            raise ReasonMissing()
        if names_person(self._people.by_id(worker.id), change.reason):
            raise ReasonMissing(Sentence("staff.reason-names"))
        if active := worker.role is not None:
            order(WorkerLeft(worker=worker.id, reason=change.reason))
        slips, kept = forget_slips(target(self._settings.labels.to), self._data)
        self._people.erase(worker.id)
        number = order(WorkerLeft(worker=worker.id, erased=True, reason=change.reason), again=active)
        return Changed(worker=worker.id, number=number, slips=slips, kept=tuple(map(str, kept)))


def names_person(person: Person | None, reason: str) -> bool:
    """Return whether the reason for an erasure has the erased name: the reason is journaled, and stays."""
    words = (person.login, person.name, *person.name.split()) if person is not None else ()
    folded_reason = login_of(reason)
    return any(
        re.search(rf"(?<!\w){re.escape(login_of(word))}(?!\w)", folded_reason) for word in words if len(word) > 1
    )


def account(identity: Identity, worker: str) -> Account:
    """Return what is known of a person besides role and work. Whoever calls checks that it may be seen."""
    known, authenticator = identity.workforce.find(worker), identity.authenticator
    person = next((person for person in identity.workforce.people() if person.worker == known.id), None)
    state = authenticator.pins.state(known.id)
    return Account(
        worker=known.id,
        login=person.login if person is not None else "",
        language=known.language,
        pin="locked" if state.locked else "first" if state.must_change else "set" if state.there else "none",
        wrong=state.failures,
        cards=tuple(
            KnownCard(key=key_of(card), kind=card.kind.value, end=card.text[-_SEEN_OF_A_CARD:])
            for card in authenticator.cards.of(known.id)
        ),
    )


def account_seen(identity: Identity, session: str, worker: str) -> Account:
    """Return an account as the person of a session may see it. Raises `NotAllowed`."""
    viewer = identity.viewer(session, use=False)
    refused = lacks(viewer.role if viewer is not None else None, Right.SEE_OTHERS)
    if viewer is None or (viewer.id != worker and refused is not None):
        raise refused or NotAllowed()
    return account(identity, worker)


def key_of(card: Card) -> str:
    """Return what names a card of a person without its number."""
    return hashlib.sha256(f"{card.kind.value} {card.text}".encode()).hexdigest()[:16]
