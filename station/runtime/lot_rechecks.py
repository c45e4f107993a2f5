"""Orders to recheck the items of a rejected lot, for the screen and its CLI counterpart."""

from __future__ import annotations

import uuid

from station.base.clock import Clock
from station.base.sentence import Sentence
from station.domain.events import CorrectionOpened
from station.domain.sampling import Whose, lot_of
from station.quality.verdict.corrections import recheck_order
from station.store.queries.queries import Queries


class LotOrders:
    """Creates the orders. `views`: the station's queries. `days`: days until an order is due."""

    def __init__(self, views: Queries, clock: Clock, days: int) -> None:
        self._views = views
        self._clock = clock
        self._days = days

    def __call__(self, whose: str, subject: str, lot: int, found_by: str) -> tuple[CorrectionOpened, ...]:
        """Return one order for each item of the lot that passed without a question to the operator and has no order
        yet; empty if there is no such lot. `whose`: a `domain.sampling.Whose`. `subject`: a vendor, or a worker's
        id."""
        rejected = lot_of(self._views.rejected_lots(), whose, subject, lot)
        if rejected is None:
            return ()
        # The reason names no worker, not even as typed: it is kept forever, and a name may be erased.
        own = rejected.whose is Whose.WORKER
        why = (
            Sentence("sampling.recheck-why", lot=lot)
            if own
            else Sentence("sampling.recheck-why-vendor", lot=lot, vendor=subject)
        )
        judged = [last for last in map(self._views.last_judged, rejected.unordered) if last is not None]
        return tuple(
            recheck_order(
                uuid.uuid4().hex,
                last.event.item,
                last.event.part,
                worker=subject if own else last.event.operator,
                due=self._clock.day(self._days),
                found_by=found_by,
                reason=why,
            )
            for last in judged
        )
