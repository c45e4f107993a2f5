"""What the viewer reads across benches: how each is, the ledger, the quarantine and the goals. Row security leaves the
benches and sites that the reader sees."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from station.base.local_time import local_day
from station.domain.fleet_standing import PACE_DAYS, BenchStanding, Goal, Holding, Refused
from station.domain.heartbeat import Heartbeat
from station.store.database.database import Sql, SqlValue

_BENCHES: Final = """SELECT bench, name, site, coalesce(to_char(seen AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), ''),
    extract(epoch FROM clock_timestamp() - seen)::float8,
    coalesce(to_char(moved AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), ''), refused, snapshot::text
    FROM bench WHERE bench IN (SELECT value FROM json_each(?)) ORDER BY site, name, bench"""
_QUARANTINED: Final = "SELECT bench, count(*) FROM quarantine GROUP BY bench"
_TABLES: Final = """SELECT coalesce((SELECT head_seq FROM timeline WHERE current), 0), (SELECT count(*) FROM lost_events),
    (SELECT seq FROM projected), (SELECT stopped_seq FROM projected)"""
"""Of one bench."""
_LEDGER: Final = """SELECT uid, barcode, part, parts, bench, at, certain, lost, second
    FROM (SELECT h.*, EXISTS (SELECT FROM second_tag s
        WHERE s.barcode = h.barcode AND s.part = h.part AND h.uid IN (s.uid, s.other_uid)) AS second FROM holding h) h
    WHERE uid > :after AND bench IN (SELECT value FROM json_each(:benches)) AND (:what = '' OR :what IN (uid, barcode))
    AND (:only = '' OR (:only = 'open' AND NOT certain) OR (:only = 'lost' AND lost) OR (:only = 'second' AND second))
    ORDER BY uid LIMIT :limit"""
_QUARANTINE: Final = """SELECT bench, journal, seq, encode(hash, 'hex'), at, kind, why,
    to_char(arrived AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"') FROM quarantine
    WHERE bench IN (SELECT value FROM json_each(:benches)) AND (:why = '' OR :why = why)
    AND (bench, journal, seq, encode(hash, 'hex')) > (:bench, :journal, CAST(:seq AS INTEGER), :hash)
    ORDER BY bench, journal, seq, encode(hash, 'hex') LIMIT :limit"""
_GOALS: Final = """SELECT g.name, g.site, g.total, count(DISTINCT h.barcode),
    count(DISTINCT h.barcode) FILTER (WHERE h.at BETWEEN :since AND :until),
    coalesce(min(h.at) FILTER (WHERE h.at BETWEEN :since AND :until), ''),
    coalesce(string_agg(DISTINCT substr(h.at, 1, 13), ' ') FILTER (WHERE h.at BETWEEN :since AND :until), '')
    FROM goal g LEFT JOIN bench b ON b.site = g.site LEFT JOIN holding h ON h.bench = b.bench AND h.barcode <> ''
    GROUP BY g.name, g.site, g.total ORDER BY g.name"""


def benches(sql: Sql, ids: Sequence[str]) -> tuple[BenchStanding, ...]:
    """Return how these benches are, without what their own tables say (`with_tables`)."""
    refused = dict(sql.execute(_QUARANTINED))
    return tuple(
        BenchStanding(
            id=bench,
            name=name,
            site=site,
            seen=seen,
            silent_s=silent,
            moved=moved,
            refused_requests=requests,
            heartbeat=_heartbeat(snapshot),
            quarantine=refused.get(bench, 0),
        )
        for bench, name, site, seen, silent, moved, requests, snapshot in sql.execute(
            _BENCHES, (json.dumps(list(ids)),)
        )
    )


def with_tables(sql: Sql, bench: BenchStanding) -> BenchStanding:
    """Return how a bench is, with what its own tables say. `sql`: of this bench."""
    head, lost, applied, stopped = sql.execute(_TABLES).fetchone()
    behind = max(0, head - (applied or 0))
    return msgspec.structs.replace(bench, events=head, lost=lost, behind=behind, stopped_at=stopped)


def ledger(sql: Sql, benches: Sequence[str], what: str, only: str, after: str, limit: int) -> tuple[Holding, ...]:
    """Return the tags of these benches after a UID. `what`: a UID or barcode, "" = all. `only`: "open" (not certain), "lost",
    "second" (another bench tagged the same part), or "" = all."""
    values: dict[str, SqlValue] = {
        "benches": json.dumps(list(benches)),
        "what": what,
        "only": only,
        "after": after,
        "limit": limit,
    }
    return tuple(Holding(**_named(Holding, row)) for row in sql.execute(_LEDGER, values))


def quarantine(sql: Sql, benches: Sequence[str], why: str, after: str, limit: int) -> tuple[Refused, ...]:
    """Return the refused events of these benches after the one with this id (the column `id` of its table)."""
    bench, _, rest = after.partition("~")
    journal, seq, value = rest.rsplit("~", 2) if rest.count("~") > 1 else ("", "", "")
    number = int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 16 else -1
    values: dict[str, SqlValue] = {"bench": bench, "journal": journal, "seq": number, "hash": value}
    values |= {"benches": json.dumps(list(benches)), "why": why, "limit": limit}
    return tuple(Refused(**_named(Refused, row)) for row in sql.execute(_QUARANTINE, values))


def goals(sql: Sql, now: str) -> tuple[Goal, ...]:
    """Return the goals of the sites that the reader sees. `now`: ISO 8601, UTC."""
    today = datetime.fromisoformat(now)
    since = (today - timedelta(days=PACE_DAYS)).isoformat(timespec="microseconds")
    # A bench whose clock is years ahead must not count for all of them.
    until = (today + timedelta(days=1)).isoformat(timespec="microseconds")
    rows = sql.execute(_GOALS, {"since": since, "until": until})
    return tuple(
        Goal(
            name=name,
            site=site,
            total=total,
            tagged=tagged,
            recent=recent,
            days=_days(first, today),
            worked=len({local_day(f"{hour}:00:00+00:00") for hour in hours.split()}),
        )
        for name, site, total, tagged, recent, first, hours in rows
    )


def _days(first: str, now: datetime) -> int:
    """Return for how many days the pace is known. `first`: the time of the first write, which is hostile."""
    try:
        return min(PACE_DAYS, max(1, (now - datetime.fromisoformat(first)).days + 1)) if first else 0
    except (ValueError, TypeError, OverflowError):
        return PACE_DAYS


def _heartbeat(snapshot: str | None) -> Heartbeat | None:
    """Return a heartbeat, which is hostile; None = there is none that can be read."""
    try:
        return None if snapshot is None else msgspec.json.decode(snapshot, type=Heartbeat)
    except (msgspec.MsgspecError, RecursionError):
        return None


def _named(kind: type[msgspec.Struct], row: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(kind.__struct_fields__, row, strict=True))
