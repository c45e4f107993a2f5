"""The workers in whose names an event is journaled, and the proof of each one's identity: for people at the bench, for
requests of other processes over the socket, and for commands that hold the lock."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence, Set
from functools import cached_property
from pathlib import Path

from station.base.clock import Clock
from station.base.errors import FreshPinNeeded, PinChangeNeeded, PinUnfit, SignOnNeeded, WorkError
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.domain.corrections.correction import lacks
from station.domain.event_rights import right_for
from station.domain.events import (
    CardChanged,
    CorrectionOpened,
    DeliveryOrdered,
    DifferenceEnded,
    FindingWaived,
    InvoiceSigned,
    Ordered,
    PersonEvent,
    PinSet,
    RulesAccepted,
    SignedOff,
    SignedOn,
    SignOnRefused,
    WorkerLeft,
    WorkerRegistered,
    WorkerRoleChanged,
)
from station.domain.findings import Severity
from station.domain.people.changes import OwnPin
from station.domain.people.rights import BY_FRESH_PIN, BY_SESSION, Right, may
from station.domain.people.sign_on import NOBODY, SIGNING_ON, Claim, Why, lending
from station.domain.ports import Worker
from station.runtime.identity.authenticator import Authenticator, open_authenticator, workforce
from station.runtime.identity.sessions import Sessions, Standing
from station.store.people.workforce import Workforce
from station.store.projections.workers import ACTIVE, STAFF
from station.store.queries.queries import Queries


def askers(event: Ordered) -> set[str]:
    """Return the ids in whose names an event of another process is journaled: the worker who asks, and the one who lent
    the right. An event that names no worker gives "", which no worker can prove: another process never acts for the
    station itself."""
    named = {event.operator, event.authorised}
    if isinstance(event, CorrectionOpened):
        named.add(event.found_by)
    if isinstance(event, DeliveryOrdered):
        named.add(event.intent.operator)
    if isinstance(event, DifferenceEnded | InvoiceSigned):
        named.add(event.second)
    return named - {""} or {""}


def _lenders(event: Ordered) -> set[str]:
    """Return who confirms another person's act, and so always needs a claim."""
    second = event.second if isinstance(event, DifferenceEnded | InvoiceSigned) else ""
    return {event.authorised, second} - {""}


def before_pins(events: Sequence[Ordered]) -> bool:
    """Return True if these events are among those that lead to the first PIN: `Identity.requires`."""
    return all(isinstance(event, PersonEvent) and not isinstance(event, RulesAccepted) for event in events)


class Identity:
    """Proof of identity for the people of one station."""

    def __init__(self, settings: Settings, data: Path, queries: Callable[[], Queries], clock: Clock) -> None:
        """`queries`: called when first needed; without sign-on no proof is needed, and no journal is opened."""
        self._settings = settings
        self._data = data
        self._queries = queries
        self._clock = clock
        self._making = threading.Lock()
        self._authenticator: Authenticator | None = None
        self.sessions = Sessions(clock, self._standing)
        """The sessions of people who signed in at a desk."""

    @property
    def authenticator(self) -> Authenticator:
        """The authenticator, made on first use: one for all threads, since it keeps the grants."""
        with self._making:
            if self._authenticator is None:
                self._authenticator = open_authenticator(self._settings, self._data, self._queries(), self._clock)
            return self._authenticator

    @cached_property
    def workforce(self) -> Workforce:
        return workforce(self._data, self._queries())

    @property
    def signs_on(self) -> bool:
        """Whether people sign on at this station."""
        return self._settings.people.sign_on

    @property
    def needs_two(self) -> Set[str]:
        """Ends of a difference (`DifferenceEnd`) that need a second person, and "okay" if an okay to pay does."""
        return frozenset(self._settings.receiving.two_people)

    def requires(self, *, before_pins: bool = False) -> bool:
        """Whether an act or a view needs a proof: wherever people sign on. `before_pins`: it is one that leads to the first
        PIN, and so needs none until a worker who may set PINs has one (`Authenticator.staff_has_pins`)."""
        return self.signs_on and (not before_pins or self.authenticator.staff_has_pins())

    def _standing(self, worker: str) -> Standing | None:
        queries = self._queries()
        role, standing = queries.workers().get(worker, (None, ""))
        return Standing(role, queries.pin_trace().marks.get(worker, "")) if role and standing == ACTIVE else None

    def require(
        self,
        needed: set[str],
        claims: Sequence[Claim],
        session: str = "",
        right: Right | None = None,
        lenders: Set[str] = frozenset(),
        *,
        before_pins: bool = False,
    ) -> None:
        """If proof is required, check that everyone in `needed` (ids) has proven their identity. Raises `SignOnNeeded`
        and the authenticator's errors. `before_pins`: as for `requires`.

        `session`: stands for the claim of the person who signed in, for a right of `BY_SESSION`, and for a while after
        a claim for one of `BY_FRESH_PIN`; otherwise raises `FreshPinNeeded`. `right`: None = needs the PIN every
        time. `lenders`: who of them lends a right, and always needs a claim."""
        self._require([(needed, lenders, right, None)], claims, session, before_pins=before_pins)

    def require_for(self, events: Sequence[Ordered], claims: Sequence[Claim], session: str = "") -> None:
        """Check as `require` that everyone whom the events name has proven their identity; each claim is checked once.
        The person who lends a right always needs a claim. A first PIN is only sufficient for changing that PIN."""
        acts = [(askers(event), _lenders(event), self._right(event), event) for event in events]
        self._require(acts, claims, session, before_pins=before_pins(events))

    def _require(
        self,
        acts: Sequence[tuple[set[str], Set[str], Right | None, Ordered | None]],
        claims: Sequence[Claim],
        session: str,
        *,
        before_pins: bool,
    ) -> None:
        """`acts`: of each who must be proven, who of them lends a right, the right, and the event."""
        if not (self.requires(before_pins=before_pins) or session):
            return
        tried = [self.authenticator.proven(claim.name, claim.pin) for claim in claims]
        signed_in = self.sessions.who(session) if session else None
        if session and signed_in is None:
            raise SignOnNeeded(Sentence("store.people.session-over"))
        for needed, lenders, right, event in acts:
            proven = set()
            for worker, outcome in tried:
                own = isinstance(event, PinSet) and event.worker == worker.id and not event.first
                if outcome.must_change and not own:
                    raise PinChangeNeeded()
                proven.add(worker.id)
            missing = needed - proven
            if signed_in is not None and missing == {signed_in} and signed_in not in lenders:
                if right not in BY_SESSION and not (right is not None and self.sessions.confirmed(session, right)):
                    raise FreshPinNeeded()
            elif missing:
                raise SignOnNeeded(Sentence("store.people.not-proven", who=", ".join(sorted(missing))))
            if signed_in in proven and right in BY_FRESH_PIN:
                self.sessions.confirm(session, right)

    def _right(self, event: Ordered) -> Right | None:
        """Return a right that needs the proof of the event; None = the PIN every time. The store checks the rights."""
        match event:
            case FindingWaived() if self._is_critical(event):
                return Right.WAIVE_CRITICAL
            case PinSet() if event.worker == event.operator:
                return None
            case WorkerRegistered() | WorkerRoleChanged() if event.role in STAFF:
                return Right.MANAGE_STAFF
            case WorkerRoleChanged() | WorkerLeft(erased=False) | PinSet() | CardChanged():
                staff = self.workforce.find(event.worker).role in STAFF
                return Right.MANAGE_STAFF if staff else Right.MANAGE_PEOPLE
        return right_for(event)

    def _is_critical(self, event: FindingWaived) -> bool:
        """Return whether the waiver or its open correction says that the finding is critical."""
        entries = (entry.correction for entry in self._queries().corrections(barcode=event.barcode))
        known = [correction.severity for correction in entries if correction.rule == event.rule]
        return Severity.CRITICAL in (event.severity, *known)

    def sign_in(
        self, claim: Claim, record: Callable[[SignedOn | SignOnRefused], object], via: str
    ) -> tuple[str, Worker]:
        """Begin a session for the person with this login or card and PIN. Return its id, and the worker. Raises what
        `_proven` raises."""
        worker = self._proven(claim, Why.SIGN_ON, record, NOBODY, via=via)
        record(SignedOn(how="login", operator=worker.id, via=via))
        return self.sessions.begin(worker.id), worker

    def choose_pin(
        self, own: OwnPin, order: Callable[[PinSet], object], record: Callable[[SignOnRefused], object], via: str
    ) -> Worker:
        """Give a person the PIN that they have chosen in place of the present one, which may be a first one. Return the
        worker. Their sessions end. Raises what `Authenticator.proven` raises, and `PinUnfit`."""
        worker = self._proven(own.claim, Why.CHANGE, record, NOBODY, via=via, may_be_first=True)
        if problem := self.authenticator.unfit(worker.id, own.pin):
            raise PinUnfit(problem)
        self.authenticator.change(
            worker.id, own.pin, lambda mark: order(PinSet(worker=worker.id, operator=worker.id, mark=mark, via=via))
        )
        return worker

    def sign_out(self, session: str, record: Callable[[SignedOff], object], via: str) -> None:
        """End a session. May be called twice."""
        worker = self.sessions.who(session)
        self.sessions.end(session)
        if worker is not None:
            record(SignedOff(why="asked", operator=worker, via=via))

    def viewer(self, session: str, *, use: bool = True) -> Worker | None:
        """Return the person of a session; None = it has ended. `use`: as for `Sessions.who`."""
        worker = self.sessions.who(session, use=use)
        return None if worker is None else self.workforce.find(worker)

    def sign_on(self, claim: Claim, record: Callable[[SignOnRefused], object], here: str) -> tuple[str, str]:
        """Return the id of the worker who may work at the bench, and the grant for it. Raises what `_proven` raises."""
        worker = self._proven(claim, Why.SIGN_ON, record, here)
        return worker.id, self.authenticator.grant(worker.id, SIGNING_ON)

    def lend(self, claim: Claim, what: str, right: Right, record: Callable[[SignOnRefused], object], here: str) -> str:
        """Return the grant by which a worker lends `right` once (`domain.people.sign_on.lending`). Raises what `_proven`
        raises."""
        worker = self._proven(claim, Why.AUTHORISE, record, here, right)
        return self.authenticator.grant(worker.id, lending(what))

    def names(self, session: str) -> dict[str, str]:
        """Return the names, by worker id, that the person of a session may see; none if it has ended."""
        viewer = self.viewer(session, use=False)
        known = self.workforce.names() if viewer is not None else {}
        if viewer is None or may(viewer.role, Right.SEE_OTHERS):
            return known
        return {worker: name for worker, name in known.items() if worker == viewer.id}

    def _proven(
        self,
        claim: Claim,
        why: Why,
        record: Callable[[SignOnRefused], object],
        here: str,
        right: Right | None = None,
        via: str = "",
        *,
        may_be_first: bool = False,
    ) -> Worker:
        """Return the worker, if they have the right. A refusal is journaled as at the screen, by the worker `here` (an
        id). Raises what `Authenticator.proven` raises, `NotAllowed`, and `PinChangeNeeded` for a PIN that another
        person has set, unless it `may_be_first`."""
        try:
            worker, tried = self.authenticator.proven(claim.name, claim.pin)
            if tried.must_change and not may_be_first:
                raise PinChangeNeeded()
            if right is not None and (refused := lacks(worker.role, right)) is not None:
                raise refused
        except WorkError as error:
            known = self.authenticator.named(claim.name)
            ident = known.id if known is not None else ""
            record(SignOnRefused(worker=ident, code=error.code, purpose=why.value, operator=here, via=via))
            raise
        return worker
