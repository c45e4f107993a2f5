"""What people may do with pull lists."""

from __future__ import annotations

from station.base.errors import WorkerGone
from station.domain import events as ev
from station.domain.people.rights import Right
from station.store.database.database import Sql
from station.store.projections import workers


def right_for(event: ev.PullStep) -> Right:
    """Return the right that the event needs."""
    return Right.PROCESS if isinstance(event, ev.PullTicked) else Right.WITHDRAW


def permitted(sql: Sql, event: ev.PullStep) -> ev.PullStep:
    """Return the event to journal, with the fields that the store fills in. Raise `WorkError` if it is not allowed now."""
    role = workers.role_for(sql, event.operator, event.authorised)
    if role is None:
        raise WorkerGone(event.operator)
    workers.require_withdraw_right(sql, role, right_for(event))
    return event
