"""Workers as recorded in the journal: id, role, standing. This database never holds a name (`store.people.names`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from station.base.errors import NotAllowed, ReasonMissing, StoreCorrupt, WorkerGone, WorkerTaken, WorkerUnknown
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.people.rights import Right, Role, lacking, may
from station.store.database.database import Sql

ACTIVE: Final = "active"
_ERASED: Final = "erased"
STAFF: Final = (Role.TECHNICIAN, Role.SYSTEMS)
"""Roles that manage other people. Only a person with the right to manage staff may change a worker with such a role."""


_JOURNALED: Final = (
    "SELECT payload FROM events WHERE kind IN ('worker-registered', 'worker-role-changed', 'worker-left') ORDER BY seq"
)
_STORED: Final = "SELECT worker, role, standing FROM workers"


def apply(sql: Sql, seq: int, event: ev.AnyEvent) -> None:
    """Bring the table up to date with one event. A worker who left never returns under the same id."""
    match event:
        case ev.WorkerRegistered():
            sql.execute(
                "INSERT INTO workers (worker, role, standing, seq) VALUES (?, ?, 'active', ?) ON CONFLICT DO NOTHING",
                (event.worker, event.role, seq),
            )
        case ev.WorkerRoleChanged():
            sql.execute(
                "UPDATE workers SET role = ?, seq = ? WHERE worker = ? AND standing = 'active'",
                (event.role, seq, event.worker),
            )
        case ev.WorkerLeft():
            sql.execute(
                "UPDATE workers SET standing = ?, seq = ? WHERE worker = ? AND standing <> 'erased'",
                ("erased" if event.erased else "left", seq, event.worker),
            )


def require_as_journaled(sql: Sql) -> None:
    """Raise `StoreCorrupt` if the table is not what the events say: somebody changed it outside the station. Called
    before every right that the table gives."""
    journaled: dict[str, tuple[str, str]] = {}
    for (payload,) in list(sql.execute(_JOURNALED)):
        match ev.decode(bytes(payload)):
            case ev.WorkerRegistered() as event:
                journaled.setdefault(event.worker, (event.role, ACTIVE))
            case ev.WorkerRoleChanged() as event if journaled.get(event.worker, ("", ""))[1] == ACTIVE:
                journaled[event.worker] = (event.role, ACTIVE)
            case ev.WorkerLeft() as event if journaled.get(event.worker, ("", _ERASED))[1] != _ERASED:
                journaled[event.worker] = (journaled[event.worker][0], _ERASED if event.erased else "left")
    stored = {str(worker): (role, standing) for worker, role, standing in sql.execute(_STORED)}
    if stored != journaled:
        differing = sorted(worker for worker, _ in stored.items() ^ journaled.items())
        raise StoreCorrupt(Sentence("store.workers-changed", who=", ".join(dict.fromkeys(differing))))


def all_of(sql: Sql) -> Mapping[str, tuple[Role, str]]:
    """Return role and standing ("active", "left", "erased") of each id. Raises `StoreCorrupt`."""
    require_as_journaled(sql)
    rows = sql.execute("SELECT worker, role, standing FROM workers ORDER BY worker")
    return {str(worker): (Role(role), str(standing)) for worker, role, standing in rows}


def role_of(sql: Sql, operator: str) -> Role | None:
    """Return the role of an operator as named in events: that of a registered worker; `Role.OPERATOR` for anyone else;
    None for a worker who left. Raises `StoreCorrupt`."""
    require_as_journaled(sql)
    row = sql.execute("SELECT role, standing FROM workers WHERE worker = ?", (operator,)).fetchone()
    if row is None:
        return Role.OPERATOR
    return Role(row[0]) if row[1] == ACTIVE else None


def role_for(sql: Sql, operator: str, authorised: str) -> Role | None:
    """Return the role whose rights apply: that of the person who authorised the action, else the operator's. None if
    either of them has left."""
    own = role_of(sql, operator)
    return own if own is None or not authorised else role_of(sql, authorised)


def existing(sql: Sql, worker: str) -> tuple[Role, str]:
    """Return role and standing. Raises `WorkerUnknown`, `StoreCorrupt`."""
    require_as_journaled(sql)
    row = sql.execute("SELECT role, standing FROM workers WHERE worker = ?", (worker,)).fetchone()
    if row is None:
        raise WorkerUnknown(worker)
    return Role(row[0]), str(row[1])


def check(sql: Sql, event: ev.PersonEvent) -> None:
    """Raise `WorkError` if this action is not allowed. Until the first technician is registered, anyone may register
    people. The last person with the role systems cannot be removed, since no one could erase a name then."""
    role = role_for(sql, event.operator, event.authorised)
    if role is None:
        raise WorkerGone(event.operator)
    if isinstance(event, ev.RulesAccepted):
        _need(role, Right.CHANGE_RULES)
        return
    if isinstance(event, ev.WorkerRegistered):
        if sql.execute("SELECT 1 FROM workers WHERE worker = ?", (event.worker,)).fetchone():
            raise WorkerTaken(event.worker)
        if nobody_manages(sql):
            return
        _need(role, Right.MANAGE_STAFF if event.role in STAFF else Right.MANAGE_PEOPLE)
        return
    now, standing = existing(sql, event.worker)
    if isinstance(event, ev.PinSet | ev.CardChanged):
        if standing != ACTIVE:
            raise WorkerGone(event.worker)
        own = isinstance(event, ev.PinSet) and event.worker == event.operator
        if not own and not nobody_manages(sql):
            _need(role, Right.MANAGE_STAFF if now in STAFF else Right.MANAGE_PEOPLE)
        return
    if isinstance(event, ev.WorkerRoleChanged):
        if standing != ACTIVE:
            raise WorkerGone(event.worker)
        _need(role, Right.MANAGE_STAFF if {now, event.role} & set(STAFF) else Right.MANAGE_PEOPLE)
        if now is Role.SYSTEMS and event.role is not Role.SYSTEMS:
            _not_the_last(sql, event.worker)
        return
    if not event.reason:
        raise ReasonMissing()
    _need(role, Right.ERASE if event.erased else Right.MANAGE_STAFF if now in STAFF else Right.MANAGE_PEOPLE)
    if now is Role.SYSTEMS and standing == ACTIVE:
        _not_the_last(sql, event.worker)


def check_delivery(sql: Sql, event: ev.DeliveryOrdered) -> None:
    """Raise `WorkError` if this order to a library system is not allowed. Every worker may order."""
    role = role_for(sql, event.operator, event.authorised)
    if role is None:
        raise WorkerGone(event.operator)
    _need(role, Right.PROCESS)


def check_decision(sql: Sql, operator: str, authorised: str) -> None:
    """Raise `WorkError` if this person may not decide about a delivery. Until the first technician is registered, every
    worker may."""
    role = role_for(sql, operator, authorised)
    if role is None:
        raise WorkerGone(operator)
    if not nobody_manages(sql):
        _need(role, Right.SETTLE)


def require_withdraw_right(sql: Sql, role: Role, right: Right) -> None:
    """Raise `NotAllowed` for a person without this right. Until the first technician is registered, anyone may decide what
    leaves or moves."""
    if right is not Right.WITHDRAW or not nobody_manages(sql):
        _need(role, right)


def nobody_manages(sql: Sql) -> bool:
    """Return True until the first technician is registered: anyone may do what else needs one."""
    staff = sql.execute("SELECT 1 FROM workers WHERE standing = 'active' AND role IN ('technician', 'systems') LIMIT 1")
    return staff.fetchone() is None


def _not_the_last(sql: Sql, worker: str) -> None:
    others = sql.execute(
        "SELECT 1 FROM workers WHERE standing = 'active' AND role = 'systems' AND worker <> ? LIMIT 1", (worker,)
    )
    if others.fetchone() is None:
        raise NotAllowed(Sentence("store.last-one"))


def _need(role: Role, right: Right) -> None:
    if not may(role, right):
        raise lacking(right)
