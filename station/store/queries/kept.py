"""Answers that take longer to make than a page may take, kept until an event that can change them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar

from station.store.database.database import Sql
from station.store.projections import corrections, sampling, workers
from station.store.queries import tag_rolls, waiting_since
from station.store.queries.lately import LatelyReader

P = ParamSpec("P")
R = TypeVar("R")

_TAGS: Final = (
    "SELECT (SELECT max(seq) FROM events WHERE kind = 'tag-write-started'), "
    "(SELECT max(seq) FROM events WHERE kind = 'tag-write-verified'), "
    "(SELECT max(seq) FROM events WHERE kind = 'tag-write-interrupted'), "
    "(SELECT max(seq) FROM events WHERE kind = 'tag-write-abandoned'), "
    "(SELECT max(seq) FROM events WHERE kind = 'line-stopped'), "
    "(SELECT max(seq) FROM events WHERE kind = 'roll-loaded')"
)
_LOTS: Final = (
    "SELECT (SELECT max(seq) FROM judgements), (SELECT max(seq) FROM events WHERE kind = 'verdict-taken-back'), "
    "(SELECT max(seq) FROM correction_log), (SELECT max(seq) FROM rejections)"
)
_CORRECTIONS: Final = "SELECT max(seq) FROM correction_log"
_HEAD: Final = "SELECT max(seq) FROM events"
_WORKERS: Final = (
    "SELECT (SELECT max(seq) FROM events WHERE kind = 'worker-registered'), "
    "(SELECT max(seq) FROM events WHERE kind = 'worker-role-changed'), "
    "(SELECT max(seq) FROM events WHERE kind = 'worker-left'), "
    "(SELECT group_concat(worker || ' ' || role || ' ' || standing) FROM workers)"
)
"""Marks: each changes whenever its answer can change. An index finds each value; that of the workers has their rows, so
that a change outside the station is noticed."""
_MOST: Final = 12
"""Answers of one question that are kept: parameters are days, too."""


class _Answer(Generic[P, R]):
    """One question, with the answer of each of its parameters. Threads may make the same answer at once."""

    def __init__(self, mark: str, make: Callable[Concatenate[Any, P], R]) -> None:
        self._mark = mark
        self._make = make
        self._known: dict[object, tuple[object, R]] = {}

    def read(self, sql: Sql, *args: P.args, **options: P.kwargs) -> R:
        """Return the answer, made again if the mark changed."""
        mark, asked = sql.execute(self._mark).fetchone(), (args, *options.items())
        known = self._known.get(asked)
        if known is None or known[0] != mark:
            known = (mark, self._make(sql, *args, **options))
            if len(self._known) >= _MOST:
                self._known = {}
            self._known[asked] = known
        return known[1]


class Kept:
    """The kept answers about one journal."""

    def __init__(self) -> None:
        self.lately = LatelyReader()
        self.workers = _Answer(_WORKERS, workers.all_of)
        self.rolls = _Answer(_TAGS, tag_rolls.rolls)
        self.rejected_lots = _Answer(_LOTS, sampling.rejected_lots)
        self.open_corrections = _Answer(_CORRECTIONS, corrections.briefs)
        self.waiting_corrections = _Answer(_CORRECTIONS, corrections.waiting)
        self.waiting_since = _Answer(_HEAD, waiting_since.waiting)
