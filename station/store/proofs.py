"""Whose word it is, and that everybody whose word it is has proven who he is: of orders, and at a terminal beside the screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from station.correction import lacks
from station.door import MACHINE, Claim, Why
from station.errors import PinChangeNeeded, SignOnNeeded, WorkError
from station.events import CorrectionOpened, PersonEvent, PinSet, SignOnRefused, WorkOrder
from station.ports import Worker
from station.rights import Right
from station.settings import Settings
from station.store.doorkeeper import Doorkeeper
from station.words import tell


def askers(event: WorkOrder | PersonEvent) -> set[str]:
    """Whose word it is: who asks, and who lent his right to it."""
    who = event.found_by if isinstance(event, CorrectionOpened) else event.operator
    return {who, event.authorised} - {"", MACHINE}


def require_proof(
    door: Doorkeeper | None,
    settings: Settings,
    needed: set[str],
    claims: Sequence[Claim],
    *,
    own: WorkOrder | PersonEvent | None = None,
) -> None:
    """Where people sign on: everybody in `needed` (ids) has proven who he is; raises `SignOnNeeded` and what the
    doorkeeper refuses. A first PIN proves enough to change it (`own` is that change) and for nothing else. Until somebody
    who may set PINs has one, nobody is asked: somebody must be the first."""
    if not settings.people.sign_on or door is None or not door.staff_has_pins():
        return
    proven = set()
    for claim in claims:
        worker, tried = door.proven(claim.name, claim.pin)
        if tried.must_change and not (isinstance(own, PinSet) and own.worker == worker.id and not own.first):
            raise PinChangeNeeded()
        proven.add(worker.id)
    if missing := needed - proven:
        raise SignOnNeeded(tell("store.people.not-proven", who=", ".join(sorted(missing))))


def proven(
    door: Doorkeeper,
    record: Callable[[SignOnRefused], object],
    claim: Claim,
    why: Why,
    here: str,
    right: Right | None = None,
) -> Worker:
    """Who it is, if he has the right; what is refused is journaled as at the screen, by whoever works `here` (an id). Raises
    what `Doorkeeper.proven` raises, `NotAllowed`, and `PinChangeNeeded` for a PIN that somebody else has set."""
    try:
        worker, tried = door.proven(claim.name, claim.pin)
        if tried.must_change:
            raise PinChangeNeeded()
        if right is not None and (refused := lacks(worker.role, right)) is not None:
            raise refused
    except WorkError as error:
        known = door.named(claim.name)
        ident = known.id if known is not None else ""
        record(SignOnRefused(worker=ident, code=error.code, purpose=why.value, operator=here))
        raise
    return worker
