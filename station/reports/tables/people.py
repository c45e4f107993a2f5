"""People, and one person's errors by rule, as tables."""

from __future__ import annotations

from collections.abc import Sequence

from station.base.sentence import Sentence
from station.base.words import tell
from station.domain.finding_words import title_of
from station.reports.tables.table import Column, Kind, Table, table
from station.store.people.visibility import Loop, Row


def people(rows: Sequence[Row]) -> Table:
    """Return people with their roles. Names are told to those who may see them."""
    return table(
        (
            Column("worker", Sentence("office.head.name"), Kind.PERSON, leads_to="/people", sorts=True),
            Column("login", Sentence("office.head.login"), sorts=True),
            Column("name", Sentence("office.head.name"), Kind.CODE),
            Column("role", Sentence("office.head.role"), Kind.STATUS, "office.role", sorts=True),
            Column("standing", Sentence("office.head.standing"), Kind.STATUS, "staff.standing", sorts=True),
        ),
        [(row.worker, row.login, row.name, row.role.value, row.standing) for row in rows],
        id_at=0,
    )


def loops(errors: Sequence[Loop]) -> Table:
    """Return a person's errors by rule, and what happened since the retraining."""
    return table(
        (
            Column("title", Sentence("office.filter.rule")),
            Column("rule", Sentence("office.filter.rule"), Kind.CODE),
            Column("errors", Sentence("office.head.errors"), Kind.COUNT),
            Column("last_error", Sentence("office.head.last-error"), Kind.TIME),
            Column("retrained", Sentence("office.head.retrained"), Kind.TIME),
            Column("errors_since", Sentence("office.head.errors-since"), Kind.COUNT),
            Column("rechecks_since", Sentence("office.head.rechecks-since"), Kind.COUNT),
        ),
        [
            (
                title_of(loop.rule, tell(loop.title)),
                loop.rule,
                loop.errors,
                loop.last_error,
                loop.retrained,
                loop.errors_since if loop.retrained else "",
                loop.rechecks_since if loop.retrained else "",
            )
            for loop in errors
        ],
        id_at=1,
    )
