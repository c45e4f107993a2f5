"""What people may do with pull lists."""

from __future__ import annotations

import msgspec

from station.base.errors import DepartureRefused, WorkerGone
from station.base.sentence import Sentence
from station.domain import events as ev
from station.domain.event_rights import right_for
from station.domain.withdrawals.pull_list import PullListStanding, PullOutcome, PullStanding
from station.store.database.database import Sql
from station.store.projections import pull_lists, workers


def permitted(sql: Sql, event: ev.PullStep) -> ev.PullStep:
    """Return the event to journal, with the fields that the store fills in. Raise `WorkError` if it is not allowed now."""
    role = workers.role_for(sql, event.operator, event.authorised)
    if role is None:
        raise WorkerGone(event.operator)
    workers.require_withdraw_right(sql, role, right_for(event))
    match event:
        case ev.PullListImported():
            return _imported(event)
        case ev.PullTicked():
            return _ticked(sql, event)
        case ev.PullListClosed():
            return msgspec.structs.replace(event, name=_open(sql, event.list).name)


def _imported(event: ev.PullListImported) -> ev.PullListImported:
    content = event.content
    if not content.name.strip():
        raise DepartureRefused(Sentence("pull.no-name"))
    if not content.reason.strip():
        raise DepartureRefused(Sentence("withdrawal.refused.no-reason"))
    if not content.destination.strip():
        raise DepartureRefused(Sentence("withdrawal.refused.no-destination"))
    if not content.lines:
        raise DepartureRefused(Sentence("pull.empty"))
    if len({line.line for line in content.lines}) != len(content.lines):
        raise DepartureRefused(Sentence("pull.twice"))
    return event


def _ticked(sql: Sql, event: ev.PullTicked) -> ev.PullTicked:
    line = open_line(sql, event.list, event.line)
    if (event.source or event.outcome is PullOutcome.BACK) and not (event.source and line.on_loan):
        raise DepartureRefused(Sentence("pull.not-on-loan", title=line.content.title or event.line))
    return msgspec.structs.replace(event, title=line.content.title)


def open_line(sql: Sql, ident: str, name: str) -> PullStanding:
    """Return a line of an open list. Raise `DepartureRefused` if there is none, or if its item is withdrawn."""
    _open(sql, ident)
    line = pull_lists.line_named(sql, ident, name)
    if line is None:
        raise DepartureRefused(Sentence("pull.no-line", line=name))
    if line.withdrawal:
        raise DepartureRefused(Sentence("pull.withdrawn", title=line.content.title or name))
    return line


def _open(sql: Sql, ident: str) -> PullListStanding:
    now = pull_lists.pull_list(sql, ident)
    if now is None:
        raise DepartureRefused(Sentence("pull.unknown", list=ident))
    if now.closed_at:
        raise DepartureRefused(Sentence("pull.closed", name=now.name))
    return now
