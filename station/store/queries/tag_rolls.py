"""Tag statistics per roll, counted from the journal, tag by tag.

A tag counts once, by its UID, for the roll that was loaded at its first event. It has failed if its last event is bad:
given up, locked, refusing, unreadable, of an unfit chip, or not holding what was written. A foreign tag or another
item's tag is not the roll's fault and does not count.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from station.domain.status_board import RollRow
from station.store.database.database import Sql

BAD: Final = frozenset(
    {"tag-unreadable", "tag-refused", "tag-mismatch", "tag-locked", "tag-given-up", "chip-unfit", "does-not-fit"}
)
"""Codes of stops that are the tag's fault."""
MOST: Final = 50_000
"""Number of newest events to read: some 10,000 items."""
_ROWS: Final = (
    "SELECT kind, at, json_extract(CAST(payload AS TEXT), '$.uid'), json_extract(CAST(payload AS TEXT), '$.code'), "
    "json_extract(CAST(payload AS TEXT), '$.name'), "
    "CAST(json_extract(CAST(payload AS TEXT), '$.unchanged') AS INTEGER) FROM events "
    "WHERE seq > (SELECT coalesce(max(seq), 0) FROM events) - ? AND kind IN ('tag-write-started', 'tag-write-verified', "
    "'tag-write-interrupted', 'tag-write-abandoned', 'line-stopped', 'roll-loaded') ORDER BY seq"
)


class _Tag:
    """State of one tag while the journal is read."""

    def __init__(self, roll: int) -> None:
        self.roll = roll
        self.attempts = 0
        self.bad = False


def rolls(db: Sql, last: int) -> tuple[tuple[RollRow, ...], RollRow]:
    """Return every roll that has tags or is loaded now, newest first, and the statistics of the last `last` tags of any
    roll."""
    named: list[tuple[str, str]] = [("", "")]
    tags: dict[str, _Tag] = {}
    for kind, at, uid, code, name, unchanged in db.execute(_ROWS, (MOST,)):
        if kind == "roll-loaded":
            named.append((str(name or ""), str(at)))
            continue
        if not uid or (kind == "line-stopped" and code not in BAD) or (unchanged and uid not in tags):
            continue
        tag = tags.setdefault(str(uid), _Tag(len(named) - 1))
        if kind == "tag-write-started":
            tag.attempts += 1
        elif kind == "tag-write-verified":
            tag.bad = False
        elif kind in ("tag-write-abandoned", "line-stopped"):
            tag.bad = True
    counted = [
        _row(name, loaded, (tag for tag in tags.values() if tag.roll == at)) for at, (name, loaded) in enumerate(named)
    ]
    shown = [row for row in counted if row.tags or row.loaded]
    return tuple(reversed(shown)), _row("", "", list(tags.values())[-last:])


def _row(name: str, loaded: str, tags: Iterable[_Tag]) -> RollRow:
    counted = list(tags)
    return RollRow(
        name,
        loaded,
        len(counted),
        sum(tag.bad for tag in counted),
        sum(tag.attempts > 1 for tag in counted),
    )
