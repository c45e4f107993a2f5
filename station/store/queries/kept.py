"""Answers that take longer to make than a page may take, kept until an event that can change them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar

from station.store.database.database import Sql
from station.store.projections import sampling
from station.store.queries import tag_rolls
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
    "(SELECT max(seq) FROM correction_log), (SELECT max(seq) FROM rejections), (SELECT count(*) FROM rejections)"
)
"""Marks: each changes whenever its answer can change. An index finds each value."""


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
            known = self._known[asked] = (mark, self._make(sql, *args, **options))
        return known[1]


class Kept:
    """The kept answers about one journal."""

    def __init__(self) -> None:
        self.lately = LatelyReader()
        self.rolls = _Answer(_TAGS, tag_rolls.rolls)
        self.rejected_lots = _Answer(_LOTS, sampling.rejected_lots)
