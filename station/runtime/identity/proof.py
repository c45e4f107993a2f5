"""The workers in whose names an event is journaled, and the proof of each one's identity: for people at the bench, for
requests of other processes over the socket, and for commands that hold the lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from station.base.clock import Clock
from station.base.errors import PinChangeNeeded, SignOnNeeded, WorkError
from station.base.sentence import Sentence
from station.base.settings import Settings
from station.domain.corrections.correction import lacks
from station.domain.events import (
    CorrectionOpened,
    DeliveryOrdered,
    PersonEvent,
    PinSet,
    Reported,
    SignOnRefused,
    WorkOrder,
)
from station.domain.people.rights import Right
from station.domain.people.sign_on import SIGNING_ON, Claim, Why, lending
from station.domain.ports import Worker
from station.runtime.identity.authenticator import Authenticator, open_authenticator, workforce
from station.store.people.workforce import Workforce
from station.store.queries.queries import Queries


def askers(event: WorkOrder | PersonEvent | Reported) -> set[str]:
    """Return the ids in whose names an event of another process is journaled: the worker who asks, and the one who lent
    the right. An event that names no worker gives "", which no worker can prove: another process never acts for the
    station itself."""
    named = {event.operator, event.authorised}
    if isinstance(event, CorrectionOpened):
        named.add(event.found_by)
    if isinstance(event, DeliveryOrdered):
        named.add(event.intent.operator)
    return named - {""} or {""}


class Identity:
    """Proof of identity for the people of one station."""

    def __init__(self, settings: Settings, data: Path, queries: Callable[[], Queries], clock: Clock) -> None:
        """`queries`: called when first needed; without sign-on no proof is needed, and no journal is opened."""
        self._settings = settings
        self._data = data
        self._queries = queries
        self._clock = clock

    @cached_property
    def authenticator(self) -> Authenticator:
        return open_authenticator(self._settings, self._data, self._queries(), self._clock)

    @cached_property
    def workforce(self) -> Workforce:
        return workforce(self._data, self._queries())

    @property
    def signs_on(self) -> bool:
        """Whether people sign on at this station."""
        return self._settings.people.sign_on

    @property
    def required(self) -> bool:
        """Whether proof is required: if people sign on, from the first PIN of a worker who may set PINs
        (`Authenticator.staff_has_pins`)."""
        return self.signs_on and self.authenticator.staff_has_pins()

    def require(
        self,
        needed: set[str],
        claims: Sequence[Claim],
        *,
        own: WorkOrder | PersonEvent | Reported | None = None,
    ) -> None:
        """If proof is required, check that everyone in `needed` (ids) has proven their identity. Raises `SignOnNeeded`
        and the authenticator's errors. A first PIN is only sufficient for changing that PIN (`own` is that change)."""
        if not self.required:
            return
        proven = set()
        for claim in claims:
            worker, tried = self.authenticator.proven(claim.name, claim.pin)
            if tried.must_change and not (isinstance(own, PinSet) and own.worker == worker.id and not own.first):
                raise PinChangeNeeded()
            proven.add(worker.id)
        if missing := needed - proven:
            raise SignOnNeeded(Sentence("store.people.not-proven", who=", ".join(sorted(missing))))

    def sign_on(self, claim: Claim, record: Callable[[SignOnRefused], object], here: str) -> tuple[str, str]:
        """Return the id of the worker who may work at the bench, and the grant for it. Raises what `_proven` raises."""
        worker = self._proven(claim, Why.SIGN_ON, record, here)
        return worker.id, self.authenticator.grant(worker.id, SIGNING_ON)

    def lend(self, claim: Claim, what: str, right: Right, record: Callable[[SignOnRefused], object], here: str) -> str:
        """Return the grant by which a worker lends `right` once (`domain.people.sign_on.lending`). Raises what `_proven`
        raises."""
        worker = self._proven(claim, Why.AUTHORISE, record, here, right)
        return self.authenticator.grant(worker.id, lending(what))

    def _proven(
        self,
        claim: Claim,
        why: Why,
        record: Callable[[SignOnRefused], object],
        here: str,
        right: Right | None = None,
    ) -> Worker:
        """Return the worker, if they have the right. A refusal is journaled as at the screen, by the worker `here` (an
        id). Raises what `Authenticator.proven` raises, `NotAllowed`, and `PinChangeNeeded` for a PIN that another
        person has set."""
        try:
            worker, tried = self.authenticator.proven(claim.name, claim.pin)
            if tried.must_change:
                raise PinChangeNeeded()
            if right is not None and (refused := lacks(worker.role, right)) is not None:
                raise refused
        except WorkError as error:
            known = self.authenticator.named(claim.name)
            ident = known.id if known is not None else ""
            record(SignOnRefused(worker=ident, code=error.code, purpose=why.value, operator=here))
            raise
        return worker
