"""In whose name something is journaled, and that each of them has proven who they are: for what other processes ask over the
socket or under the lock, and at a terminal beside the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from station.base.errors import PinChangeNeeded, SignOnNeeded, WorkError
from station.base.settings import Settings
from station.base.words import tell
from station.domain.corrections import lacks
from station.domain.events import (
    CorrectionOpened,
    DeliveryOrdered,
    PersonEvent,
    PinSet,
    Reported,
    SignOnRefused,
    WorkOrder,
)
from station.domain.ports import Worker
from station.domain.rights import Right
from station.domain.sign_on import Claim, Why
from station.store.people.authenticator import Authenticator


def askers(event: WorkOrder | PersonEvent | Reported) -> set[str]:
    """The ids in whose name an event of another process is journaled: who asks, and who lent the right to it. An event that
    names nobody gives "", which nobody can prove: another process never speaks for the station itself."""
    named = {event.operator, event.authorised}
    if isinstance(event, CorrectionOpened):
        named.add(event.found_by)
    if isinstance(event, DeliveryOrdered):
        named.add(event.intent.operator)
    return named - {""} or {""}


def require_proof(
    authenticator: Authenticator | None,
    settings: Settings,
    needed: set[str],
    claims: Sequence[Claim],
    *,
    own: WorkOrder | PersonEvent | Reported | None = None,
) -> None:
    """Where people sign on: everybody in `needed` (ids) has proven who they are; raises `SignOnNeeded` and what the
    authenticator refuses. A first PIN proves enough to change it (`own` is that change) and for nothing else. Nobody is asked
    before the first PIN of somebody who may set PINs (`Authenticator.staff_has_pins`)."""
    if not settings.people.sign_on or authenticator is None or not authenticator.staff_has_pins():
        return
    proven = set()
    for claim in claims:
        worker, tried = authenticator.proven(claim.name, claim.pin)
        if tried.must_change and not (isinstance(own, PinSet) and own.worker == worker.id and not own.first):
            raise PinChangeNeeded()
        proven.add(worker.id)
    if missing := needed - proven:
        raise SignOnNeeded(tell("store.people.not-proven", who=", ".join(sorted(missing))))


def proven(
    authenticator: Authenticator,
    record: Callable[[SignOnRefused], object],
    claim: Claim,
    why: Why,
    here: str,
    right: Right | None = None,
) -> Worker:
    """Who it is, if he has the right; what is refused is journaled as at the screen, by whoever works `here` (an id). Raises
    what `Authenticator.proven` raises, `NotAllowed`, and `PinChangeNeeded` for a PIN that somebody else has set."""
    try:
        worker, tried = authenticator.proven(claim.name, claim.pin)
        if tried.must_change:
            raise PinChangeNeeded()
        if right is not None and (refused := lacks(worker.role, right)) is not None:
            raise refused
    except WorkError as error:
        known = authenticator.named(claim.name)
        ident = known.id if known is not None else ""
        record(SignOnRefused(worker=ident, code=error.code, purpose=why.value, operator=here))
        raise
    return worker
