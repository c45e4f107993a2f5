"""The hash chain over the journal, its check, and the heads that are exported to another place.

Event n has hash = SHA-256(hash of n-1 || header || payload). The header is these lines, each ended by LF: "station-journal-1",
journal id, seq, at, kind, SHA-256 of the event's deliveries in hexadecimal (empty if none), length of the payload.
The hash before the first event is SHA-256 of "station-journal-1", LF, journal id, LF. The digest of deliveries is over
system, lane and intent, each preceded by its length in 8 bytes, in the order of system.

A chain cannot show that its end was cut off: therefore heads are exported, and compared here.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from station.store.database import Sql
from station.store.disk import sync_file
from station.words import tell

_MAGIC: Final = "station-journal-1"
_HEAD_LINE: Final = re.compile(r"(\S+) (\d+) ([0-9a-f]{64}) ([0-9a-f]{16})")


class Head(msgspec.Struct, frozen=True):
    """One exported line: at this time event `seq` of the journal was the last and had this hash."""

    at: str
    seq: int
    hash: str
    journal_id: str


class ChainReport(msgspec.Struct, frozen=True, kw_only=True):
    """What a check of the journal found."""

    journal_id: str
    events: int
    head: str
    """Hash of the last good event, hexadecimal."""
    first_bad: int | None = None
    """Sequence number where the chain breaks."""
    problems: tuple[str, ...] = ()
    """Sentences for an engineer, in the order found."""
    missing_heads: tuple[str, ...] = ()
    """Heads that were exported or given, and that are not in the chain: its end was cut off or rewritten."""
    heads_checked: int = 0
    other_journals: tuple[str, ...] = ()
    """Ids of other journals whose heads lie in the same place (another bench, or a journal that was replaced)."""

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return self.first_bad is None and not self.problems and not self.missing_heads


def genesis(journal_id: str) -> bytes:
    """The hash before the first event."""
    return hashlib.sha256(f"{_MAGIC}\n{journal_id}\n".encode()).digest()


def event_hash(prev: bytes, journal_id: str, seq: int, at: str, kind: str, deliveries: bytes, payload: bytes) -> bytes:
    """The hash of one event."""
    header = f"{_MAGIC}\n{journal_id}\n{seq}\n{at}\n{kind}\n{deliveries.hex()}\n{len(payload)}\n"
    return hashlib.sha256(prev + header.encode() + payload).digest()


def deliveries_digest(deliveries: Iterable[tuple[str, str, bytes]]) -> bytes:
    """The digest of (system, lane, intent bytes) of one event; empty for none."""
    digest = hashlib.sha256()
    any_at_all = False
    for system, lane, intent in sorted(deliveries):
        any_at_all = True
        for field in (system.encode(), lane.encode(), intent):
            digest.update(len(field).to_bytes(8, "big"))
            digest.update(field)
    return digest.digest() if any_at_all else b""


def journal_id(sql: Sql) -> str:
    """The random name this journal was born with."""
    return str(sql.execute("SELECT id FROM journal").fetchone()[0])


def last(sql: Sql, journal: str) -> tuple[int, bytes]:
    """Sequence number and hash of the last event; (0, genesis) for an empty journal."""
    row = sql.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return (0, genesis(journal)) if row is None else (int(row[0]), bytes(row[1]))


def verify(sql: Sql, head: str | None = None, exported: Iterable[Head] = ()) -> ChainReport:
    """Recompute the chain. `head` is a hash the caller knows of; `exported` are lines of `read_heads`.

    Call it inside one transaction, so that chain and deliveries are of one moment.
    """
    journal = journal_id(sql)
    good: dict[str, int] = {genesis(journal).hex(): 0}
    prev, events, first_bad = genesis(journal), 0, None
    problems: list[str] = []
    rows = sql.execute("SELECT seq, at, kind, payload, deliveries, prev, hash FROM events ORDER BY seq")
    for seq, at, kind, payload, deliveries, stated_prev, stated in rows:
        events += 1
        if seq != events:
            problem = tell("chain.missing", seq=events)
        elif bytes(stated_prev) != prev:
            problem = tell("chain.torn", seq=seq)
        elif event_hash(prev, journal, seq, at, kind, bytes(deliveries), bytes(payload)) != bytes(stated):
            problem = tell("chain.changed", seq=seq)
        else:
            prev = bytes(stated)
            good[prev.hex()] = seq
            continue
        first_bad = events
        problems.append(problem)
        break
    if first_bad is None:
        problems += _check_deliveries(sql)
    missing, checked, others = _compare_heads(good, journal, head, exported)
    return ChainReport(
        journal_id=journal,
        events=events if first_bad is None else int(sql.execute("SELECT count(*) FROM events").fetchone()[0]),
        head=prev.hex(),
        first_bad=first_bad,
        problems=tuple(problems),
        missing_heads=tuple(missing),
        heads_checked=checked,
        other_journals=tuple(sorted(others)),
    )


def _check_deliveries(sql: Sql) -> list[str]:
    """Every event that was recorded with deliveries has exactly those."""
    found: dict[int, list[tuple[str, str, bytes]]] = {}
    for seq, system, lane, intent in sql.execute("SELECT event_seq, system, lane, intent FROM outbox"):
        found.setdefault(int(seq), []).append((system, lane, bytes(intent)))
    problems = []
    for seq, stated in sql.execute("SELECT seq, deliveries FROM events WHERE length(deliveries) > 0 ORDER BY seq"):
        if deliveries_digest(found.pop(int(seq), [])) != bytes(stated):
            problems.append(tell("chain.deliveries", seq=seq))
    problems += [tell("chain.no-deliveries", seq=seq) for seq in sorted(found)]
    return problems


def _compare_heads(
    good: dict[str, int], journal: str, head: str | None, exported: Iterable[Head]
) -> tuple[list[str], int, set[str]]:
    missing: list[str] = []
    others: set[str] = set()
    checked = 0
    if head is not None:
        checked += 1
        if head.strip().lower() not in good:
            missing.append(tell("chain.lost-given", head=head.strip().lower()))
    for line in exported:
        if line.journal_id != journal:
            others.add(line.journal_id)
            continue
        checked += 1
        if good.get(line.hash) != line.seq:
            missing.append(tell("chain.lost-exported", head=line.hash, seq=line.seq, at=line.at))
    return missing, checked, others


def export_head(sql: Sql, directory: Path, at: str, *, again: bool = False) -> bool:
    """Append the head to the day's file in `directory`, once a day, or `again` when there is a newer head (closing).

    One line: time (UTC), seq, hash, journal id. Returns whether a line was written; raises `OSError`.
    """
    journal = journal_id(sql)
    seq, digest = last(sql, journal)
    file = directory / f"{at[:10]}.txt"
    mine = [head for head in _read(file) if head.journal_id == journal]
    if mine and (not again or mine[-1].hash == digest.hex()):
        return False
    directory.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(handle, f"{at} {seq} {digest.hex()} {journal}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_file(directory)
    return True


def read_heads(directory: Path) -> tuple[Head, ...]:
    """All exported heads, oldest file first; lines of another form are skipped. Raises `OSError`."""
    if not directory.is_dir():
        return ()
    return tuple(head for file in sorted(directory.glob("*.txt")) for head in _read(file))


def _read(file: Path) -> list[Head]:
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    found = (_HEAD_LINE.fullmatch(line.strip()) for line in lines)
    return [Head(m[1], int(m[2]), m[3], m[4]) for m in found if m is not None]
