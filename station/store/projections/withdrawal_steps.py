"""What people may do with withdrawals."""

from __future__ import annotations

from station.base.errors import WorkerGone
from station.domain import events as ev
from station.domain.people.rights import Right, lacking, may
from station.store.database.database import Sql
from station.store.projections import workers


def right_for(event: ev.WithdrawalStep) -> Right:
    """Return the right that the event needs."""
    match event:
        case ev.TagDestroyed():
            return Right.ERASE_TAG
        case ev.WithdrawalPlaced() | ev.WithdrawalCartClosed():
            return Right.PROCESS
        case ev.WithdrawalAssigned():
            return Right.ASSIGN
        case _:
            return Right.WITHDRAW


def permitted(sql: Sql, event: ev.WithdrawalStep) -> ev.WithdrawalStep:
    """Return the event to journal, with the fields that the store fills in. Raise `WorkError` if it is not allowed now."""
    role = workers.role_for(sql, event.operator, event.authorised)
    if role is None:
        raise WorkerGone(event.operator)
    if not may(role, right := right_for(event)):
        raise lacking(right)
    return event
