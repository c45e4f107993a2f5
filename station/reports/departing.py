"""What leaves the library and is not finished, counted once for the status board, Today and the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from station.base.settings.withdrawal import WithdrawalOptions
from station.base.text import clean
from station.base.words import tell
from station.domain.status_board import SHOWN, Departing, Waiting
from station.domain.withdrawals.pull_list import PullListStanding
from station.domain.withdrawals.withdrawal import Withdrawal
from station.reports.lateness import Lateness, days_since
from station.reports.tables.pull_lists import late as list_late
from station.reports.tables.withdrawals import calendar
from station.store.queries.queries import Queries

_LATE: Final = (Lateness.AMBER, Lateness.RED)


def departing(queries: Queries, options: WithdrawalOptions, now: str, name_of: Callable[[str], str]) -> Departing:
    """Return what waits as of `now` (ISO 8601, UTC). `name_of`: returns a person's name by id."""
    rows, days = queries.withdrawals(), calendar(options, now)
    late = [row for row in rows if days.late(row) in _LATE]
    lists = [standing for standing in queries.pull_lists() if standing.waits]
    late_lists = [standing for standing in lists if list_late(standing, options, now) in _LATE]
    return Departing(
        open=len(rows),
        late=_waiting([_withdrawal(row, now) for row in sorted(late, key=lambda row: row.since)[:SHOWN]], len(late)),
        very_late=sum(days.late(row) is Lateness.RED for row in late),
        ready=sum(row.ready_to_strip for row in rows),
        lists=sum(standing.unseen > 0 for standing in lists),
        on_loan=sum(standing.on_loan for standing in lists),
        late_lists=_waiting([_pull_list(each, now, name_of) for each in late_lists[:SHOWN]], len(late_lists)),
        very_late_lists=sum(list_late(standing, options, now) is Lateness.RED for standing in late_lists),
    )


def _waiting(lines: list[str], count: int) -> Waiting:
    return Waiting(count, tuple(lines))


def _withdrawal(row: Withdrawal, now: str) -> str:
    step = tell(f"withdrawal.step.{row.next_step}")
    return clean(
        tell("board.late-withdrawal", title=row.title or row.barcode, step=step, days=days_since(row.since, now)), 160
    )


def _pull_list(now: PullListStanding, at: str, name_of: Callable[[str], str]) -> str:
    sentence = tell(
        "board.late-list",
        name=now.name,
        count=now.unseen,
        loans=now.on_loan,
        owner=name_of(now.imported_by),
        days=days_since(now.imported_at, at),
    )
    return clean(sentence, 160)
