"""What people may do with boxes."""

from __future__ import annotations

from station.base.errors import WorkerGone
from station.domain import events as ev
from station.domain.people.rights import Right, lacking, may
from station.store.database.database import Sql
from station.store.projections import workers


def right_for(event: ev.DistributionStep) -> Right:
    """Return the right that the event needs. To pack an item despite an obstacle is to settle a difference."""
    if isinstance(event, ev.BoxPacked) and event.despite:
        return Right.SETTLE_DIFFERENCE
    return Right.COUNT


def permitted(sql: Sql, event: ev.DistributionStep) -> ev.DistributionStep:
    """Return the event to journal, with the fields that the store fills in. Raise `WorkError` if it is not allowed now."""
    role = workers.role_for(sql, event.operator, event.authorised)
    if role is None:
        raise WorkerGone(event.operator)
    if not may(role, right := right_for(event)):
        raise lacking(right)
    return event
