"""The hash chain of the journal, its check, and the heads that are exported to another place.

The hash of an event: `store.database.event_hash`. The digest of deliveries is over system, lane and intent, each preceded
by its length in 8 bytes, in the order of system.

A chain cannot show that its end was cut off. Therefore heads are exported, and compared here. When an older copy of a
journal continues, its next event is `TimelineBegan`. From that event on the header has the new journal id, so that
neither the hashes nor the ids of deliveries can coincide with those of the lost part.
"""

from __future__ import annotations

import hashlib
import itertools
import logging
import operator
import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from station.base.errors import StoreCorrupt
from station.base.files import open_own
from station.base.sentence import EMPTY, Sentence
from station.base.text import clean
from station.domain.events import Head, TimelineBegan, decode
from station.store.database.archives import is_stub
from station.store.database.database import LAST, Sql
from station.store.database.disk import sync_file
from station.store.database.event_hash import Events as Events
from station.store.database.event_hash import event_hash as event_hash
from station.store.database.event_hash import event_hashes as event_hashes
from station.store.database.event_hash import genesis as genesis
from station.store.journal.archived_rows import ArchivedRows

_BEGAN: Final = "timeline-began"
_HEAD_LINE: Final = re.compile(r"([0-9T:.+Z-]{10,40}) ([0-9]{1,18}) ([0-9a-f]{64}) ([0-9a-f]{16})((?: [0-9a-f]{16})*)")
HEAD_FILES: Final = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9].txt"
_MOST_READ: Final = 1 << 20
"""Maximum bytes read from the end of a file of heads: some 8,000 lines. A day has about thirty."""

AT_A_TIME: Final = 250
"""Number of events in a batch."""


_OUTBOX: Final = "SELECT system, lane, intent, event_seq FROM outbox ORDER BY event_seq"

_log = logging.getLogger("station.store")


class Timeline(msgspec.Struct, frozen=True):
    """The part of a journal that has one journal id. The newest part continues; an older part ends before the first
    event of the next one."""

    journal_id: str
    first: int = 1
    """Sequence number of its first event."""
    began: TimelineBegan | None = None
    """None for the part that was created with the journal."""


class ChainReport(msgspec.Struct, frozen=True, kw_only=True):
    """Result of a check of the journal."""

    journal_id: str
    events: int
    head: str
    """Hash of the last good event, hexadecimal."""
    first_bad: int | None = None
    """Sequence number where the chain breaks."""
    problems: tuple[Sentence, ...] = ()
    """For an engineer, in the order found."""
    missing_heads: tuple[Sentence, ...] = ()
    """Heads that were exported or given, and that are not in the chain: its end was cut off or rewritten."""
    heads_checked: int = 0
    timelines: tuple[Timeline, ...] = ()
    """The parts of the journal, the oldest first."""
    heads_aside: int = 0
    """Exported heads of lost parts, after which a timeline was begun without these parts."""
    other_journals: tuple[str, ...] = ()
    """Ids of other journals whose heads are in the same directory (another bench, or a journal that was replaced)."""
    archived: int = 0
    """Number of events that were read from archives."""
    missing_archives: tuple[str, ...] = ()
    """Files of archives that are not here."""
    unread: int = 0
    """Number of events in archives that are missing or damaged: their hashes were not recomputed, nor the tables
    compared."""

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return self.first_bad is None and not self.problems and not self.missing_heads


def deliveries_digest(deliveries: Iterable[tuple[str, str, bytes]]) -> bytes:
    """Return the digest of (system, lane, intent bytes) of one event; empty for none."""
    fields = [
        field for system, lane, intent in sorted(deliveries) for field in (system.encode(), lane.encode(), intent)
    ]
    return (
        hashlib.sha256(b"".join([len(field).to_bytes(8, "big") + field for field in fields])).digest()
        if fields
        else b""
    )


def journal_id(sql: Sql) -> str:
    """Return the id for the hash of the next event: that of the newest timeline, else the random one of the journal's
    creation."""
    return timelines(sql)[-1].journal_id


def timelines(sql: Sql) -> tuple[Timeline, ...]:
    """Return the parts of the journal, oldest first. Raises `StoreCorrupt` for an event that was changed."""
    parts = [Timeline(_made_with(sql))]
    for seq, payload in list(sql.execute("SELECT seq, payload FROM events WHERE kind = ? ORDER BY seq", (_BEGAN,))):
        try:
            parts.append(_timeline(int(seq), bytes(payload)))
        except msgspec.DecodeError as error:
            raise StoreCorrupt(
                Sentence("store.event.broken", number=seq, kind=_BEGAN, why=clean(str(error)))
            ) from error
    return tuple(parts)


def _made_with(sql: Sql) -> str:
    return str(sql.execute("SELECT id FROM journal").fetchone()[0])


def _timeline(seq: int, payload: bytes) -> Timeline:
    began = decode(payload)
    if not isinstance(began, TimelineBegan):
        raise msgspec.DecodeError(f"event {seq} does not begin a timeline")
    return Timeline(began.journal, seq, began)


def last(sql: Sql, journal: str) -> tuple[int, bytes]:
    """Return sequence number and hash of the last event; (0, genesis) for an empty journal."""
    row = sql.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return (0, genesis(journal)) if row is None else (int(row[0]), bytes(row[1]))


class _Chain(msgspec.Struct, frozen=True, kw_only=True):
    """Result of recomputing the chain."""

    parts: tuple[Timeline, ...]
    """Timelines up to the last good event."""
    good: int
    """Number of the last good event; 0 = none."""
    head: str
    """Its hash, hexadecimal."""
    broken: Sentence = EMPTY
    """How the next event fails to continue the chain; empty = all events are good."""
    problems: tuple[Sentence, ...] = ()
    """About deliveries and archives."""
    archives: ArchivedRows


def verify(
    sql: Sql,
    head: str | None = None,
    exported: Iterable[Head] = (),
    each: Callable[[Events], None] = lambda _events: None,
) -> ChainReport:
    """Recompute the chain. `head`: a hash known to the caller; `exported`: lines of `read_heads`. Call `each` with the
    good events, in order and in batches.

    Call it inside one transaction, so that chain and deliveries are of the same moment. No event is kept in memory.
    """
    return _report(sql, _recompute(sql, each), head, exported)


def _recompute(sql: Sql, each: Callable[[Events], None]) -> _Chain:
    parts = [Timeline(_made_with(sql))]
    good, head = 0, genesis(parts[0].journal_id)
    problems: list[Sentence] = []
    digests, archives = _digests(sql), ArchivedRows(sql)
    ordered, digest = next(digests)
    try:
        for events in _good_events(sql, parts, good, head, archives):
            good, head = events.numbers[-1], events.hashes[-1]
            stated = dict(itertools.compress(zip(events.numbers, events.deliveries, strict=True), events.deliveries))
            while ordered <= good:
                if (wanted := stated.pop(ordered, b"")) != digest:
                    problems.append(Sentence("chain.deliveries" if wanted else "chain.no-deliveries", seq=ordered))
                ordered, digest = next(digests)
            problems += [Sentence("chain.deliveries", seq=seq) for seq in stated]
            each(events)
    except _Broken as broken:
        return _Chain(parts=tuple(parts), good=good, head=head.hex(), broken=broken.sentence, archives=archives)
    while ordered <= LAST:
        problems.append(Sentence("chain.no-deliveries", seq=ordered))
        ordered, _ = next(digests)
    problems += archives.problems()
    return _Chain(parts=tuple(parts), good=good, head=head.hex(), problems=tuple(problems), archives=archives)


def _digests(sql: Sql) -> Iterator[tuple[int, bytes]]:
    """Yield (event number, digest of its deliveries in the outbox) in order, and at the end a number that no event
    has."""
    for seq, rows in itertools.groupby(sql.execute(_OUTBOX), key=operator.itemgetter(3)):
        yield seq, deliveries_digest([row[:3] for row in rows])
    yield LAST + 1, b""


def _report(sql: Sql, chain: _Chain, head: str | None, exported: Iterable[Head]) -> ChainReport:
    heads, expected = _once(exported), None if head is None else head.strip().lower()
    parts = chain.parts
    lost = [] if expected is None or _is_in(sql, chain, expected) else [Sentence("chain.lost-given", head=expected)]
    lost += [
        _named(head, parts)
        for head in missing_heads(heads, parts, lambda head: head.seq <= chain.good and holds(sql, head))
    ]
    own = {part.journal_id for part in parts}
    aside = [head for head in heads if set_aside(head, parts)]
    return ChainReport(
        journal_id=parts[-1].journal_id,
        events=int(sql.execute("SELECT count(*) FROM events").fetchone()[0]) if chain.broken else chain.good,
        head=chain.head,
        first_bad=chain.good + 1 if chain.broken else None,
        problems=(chain.broken,) if chain.broken else chain.problems,
        missing_heads=tuple(lost),
        heads_checked=(expected is not None)
        + sum(bool(head.hash) and head.journal_id in own for head in heads if head not in aside),
        timelines=parts,
        heads_aside=len(aside),
        other_journals=tuple(sorted({head.journal_id for head in heads if head not in aside} - own)),
        archived=chain.archives.read,
        missing_archives=tuple(chain.archives.missing),
        unread=chain.archives.unread,
    )


def _is_in(sql: Sql, chain: _Chain, expected: str) -> bool:
    """Return True for the hash of an event of the chain, and for the hash before the first event."""
    if not re.fullmatch("[0-9a-f]{64}", expected):
        return False
    rows = sql.execute("SELECT 1 FROM events WHERE hash = ? AND seq <= ?", (bytes.fromhex(expected), chain.good))
    return expected == genesis(_made_with(sql)).hex() or rows.fetchone() is not None


def holds(sql: Sql, head: Head) -> bool:
    """Return True if the journal has the event of this head. A head without a hash is known by the event's time."""
    if head.seq == 0:
        return head.hash == genesis(_made_with(sql)).hex()
    row = sql.execute("SELECT hash, at FROM events WHERE seq = ?", (head.seq,)).fetchone()
    return row is not None and (bytes(row[0]).hex() == head.hash if head.hash else str(row[1]) == head.at)


def verify_since(sql: Sql, heads: Iterable[Head]) -> None:
    """Recompute the chain after the newest of these heads that belongs to this journal; do nothing if there is none.
    Raises `StoreCorrupt` where it breaks. The heads must be in the chain (`lost_heads`)."""
    parts = timelines(sql)
    ids = {part.journal_id for part in parts}
    own = [
        (head.seq, bytes.fromhex(head.hash)) for head in heads if head.journal_id in ids and not set_aside(head, parts)
    ]
    if not own:
        return
    seq, value = max(own)
    older = [part for part in parts if part.began is None or part.first <= seq]
    try:
        for _ in _good_events(sql, older, seq, value, ArchivedRows(sql)):
            pass
    except _Broken as broken:
        raise StoreCorrupt(broken.sentence) from broken


def break_between(sql: Sql, first: int, last: int) -> int | None:
    """Return the first of the events `first` to `last` that does not follow from the one before; None = all do. Raises
    `StoreCorrupt` for an event that begins a timeline and was changed."""
    parts = [part for part in timelines(sql) if part.began is None or part.first < first]
    row = sql.execute("SELECT hash FROM events WHERE seq = ?", (first - 1,)).fetchone()
    value = genesis(_made_with(sql)) if first == 1 else bytes(row[0]) if row is not None else b""
    good = first - 1
    try:
        for events in _good_events(sql, parts, first - 1, value, ArchivedRows(sql)):
            good = events.numbers[-1]
            if good >= last:
                break
    except _Broken:
        return good + 1 if good < last else None
    return None


class _Broken(Exception):
    """An event does not continue the chain. The sentence names the event and the fault."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.sentence = sentence


_EVENTS: Final = "SELECT seq, kind, payload, deliveries, hash, at FROM events WHERE seq > ? ORDER BY seq"


def _good_events(sql: Sql, parts: list[Timeline], seq: int, value: bytes, archives: ArchivedRows) -> Iterator[Events]:
    """Yield the events after event `seq` with hash `value`, of the newest of `parts`, in batches. Add timelines that
    begin to `parts`. Raise `_Broken` instead of the first bad event. Of an event whose archive cannot be read, the stated
    hash counts; `archives` proves its row."""
    journal, broken = parts[-1].journal_id, ""
    rows = map(archives.whole, sql.execute(_EVENTS, (seq,)))
    while not broken and (some := [*itertools.islice(rows, AT_A_TIME)]):
        events = Events(*zip(*some, strict=True))
        if _all_good(events, journal, seq, value):
            seq, value = events.numbers[-1], events.hashes[-1]
            yield events
            continue
        before = seq
        for number, kind, payload, deliveries, stated, at in some:
            if kind == _BEGAN and (next_part := _continuing(parts[-1], number, value, payload)) is not None:
                parts.append(next_part)
                journal = next_part.journal_id
            if number != seq + 1:
                broken = "chain.missing"
            elif is_stub(payload):
                pass
            elif event_hash(value, journal, number, at, kind, deliveries, payload) != stated:
                broken = "chain.changed"
            if broken:
                break
            seq, value = number, stated
        if seq > before:
            yield Events(*zip(*some[: seq - before], strict=True))
    if broken:
        raise _Broken(Sentence(broken, seq=seq + 1))


def _all_good(events: Events, journal: str, seq: int, value: bytes) -> bool:
    """Return True if these events continue event `seq` with hash `value`, and begin no timeline. Twice as fast as one
    event at a time."""
    return (
        events.numbers == (*range(seq + 1, seq + 1 + len(events.numbers)),)
        and _BEGAN not in events.kinds
        and event_hashes(journal, events, value) == [*events.hashes]
    )


def _continuing(part: Timeline, seq: int, prev: bytes, payload: bytes) -> Timeline | None:
    """Return the timeline that begins with this event; None if it does not continue the events before it, so that its
    hash will not fit."""
    try:
        timeline = _timeline(seq, payload)
    except msgspec.DecodeError:
        return None
    began = timeline.began
    fits = began is not None and (began.parent, began.parent_seq, began.parent_hash) == (
        part.journal_id,
        seq - 1,
        prev.hex(),
    )
    return timeline if fits else None


def missing_heads(heads: Iterable[Head], parts: Sequence[Timeline], holds: Callable[[Head], bool]) -> tuple[Head, ...]:
    """Return the heads that prove that this journal is not its own newest state: its own heads that it does not hold,
    and heads of a timeline that continues it. `holds`: whether the journal has the event of a head."""
    own = {part.journal_id for part in parts}

    def missing(head: Head) -> bool:
        if set_aside(head, parts):
            return False
        if head.journal_id in own:
            return not holds(head)
        return bool(own.intersection(head.replaces))

    return tuple(head for head in heads if missing(head))


def set_aside(head: Head, parts: Sequence[Timeline]) -> bool:
    """Return True if the head is of a part that was lost before one of these timelines was begun. It stays as
    evidence."""
    for part, following in itertools.pairwise(parts):
        if head.journal_id == part.journal_id and head.seq >= following.first:
            return True
    own = {part.journal_id for part in parts}
    return event_of(head) in _lost(parts) or (head.journal_id not in own and head.journal_id in _given_up(parts))


def event_of(head: Head) -> tuple[str, int, str, str]:
    """Return the event that a head proves: journal id, number, and its hash or else its time."""
    return head.journal_id, head.seq, head.hash, "" if head.hash else head.at


def _lost(parts: Sequence[Timeline]) -> set[tuple[str, int, str, str]]:
    """Return the events that were known to be lost when these timelines were begun. Their numbers may be those of other
    events now."""
    return {event_of(head) for part in parts if part.began is not None for head in part.began.lost}


def _given_up(parts: Sequence[Timeline]) -> dict[str, None]:
    """Return the ids of journals that lost a part, in the order in which these parts were given up."""
    return {head.journal_id: None for part in parts if part.began is not None for head in part.began.lost}


def _named(head: Head, parts: Sequence[Timeline]) -> Sentence:
    own = {part.journal_id for part in parts}
    if not head.hash:
        return Sentence("chain.lost-sent", seq=head.seq, at=head.at, journal=head.journal_id)
    key = "chain.lost-exported" if head.journal_id in own else "chain.lost-newer"
    return Sentence(key, head=head.hash, seq=head.seq, at=head.at, journal=head.journal_id)


def newest(heads: Iterable[Head]) -> tuple[Head, ...]:
    """Return the head with the highest number for each journal id; several if lines disagree about it."""
    by_journal: dict[str, list[Head]] = {}
    for head in heads:
        best = by_journal.setdefault(head.journal_id, [head])
        if head.seq > best[0].seq:
            by_journal[head.journal_id] = [head]
        elif head.seq == best[0].seq and head not in best:
            best.append(head)
    return tuple(head for best in by_journal.values() for head in best)


def lost_heads(sql: Sql, *sources: Iterable[Head]) -> tuple[Head, ...]:
    """The same as `missing_heads` for the newest head of each journal in each source, with one lookup in the events for
    each: the chain proves the older ones."""
    parts = timelines(sql)
    heads = (head for source in sources for head in newest(head for head in source if not set_aside(head, parts)))
    return missing_heads(_once(heads), parts, lambda head: holds(sql, head))


def _once(heads: Iterable[Head]) -> tuple[Head, ...]:
    """Return one head for each event, the first of the heads that prove it."""
    first: dict[tuple[str, int, str, str], Head] = {}
    for head in heads:
        first.setdefault(event_of(head), head)
    return tuple(first.values())


def current_head(sql: Sql, at: str) -> Head:
    """Return the head, as exported at this time."""
    parts = timelines(sql)
    journal = parts[-1].journal_id
    seq, digest = last(sql, journal)
    replaced = {part.journal_id: None for part in parts} | _given_up(parts)
    return Head(at, seq, digest.hex(), journal, tuple(name for name in replaced if name != journal))


def line_of(head: Head) -> str:
    """Return the line of an exported head: time (UTC), seq, hash, journal id, and the ids that this journal
    replaces."""
    return " ".join((head.at, str(head.seq), head.hash, head.journal_id, *head.replaces))


def head_in(line: str) -> Head | None:
    """Return the head in a line of `line_of`; None for another line."""
    match = _HEAD_LINE.fullmatch(line)
    return None if match is None else Head(match[1], int(match[2]), match[3], match[4], tuple(match[5].split()))


def export_head(sql: Sql, directory: Path, at: str) -> bool:
    """Append the head to the day's file in `directory`, unless it is the newest of this journal there. Return True if a
    line was written. Raises `OSError`."""
    head = current_head(sql, at)
    file = directory / f"{at[:10]}.txt"
    mine = [known for known in _read(file) if known.journal_id == head.journal_id]
    if mine and mine[-1].hash == head.hash:
        return False
    directory.mkdir(parents=True, exist_ok=True)
    handle = open_own(file, os.O_RDWR | os.O_APPEND, 0o644)
    try:
        size = os.fstat(handle).st_size
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"  # a crash cut the line
        os.write(handle, f"{chr(10) * torn}{line_of(head)}\n".encode())
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_file(directory)
    return True


def read_heads(directory: Path, *, readable_only: bool = False) -> tuple[Head, ...]:
    """Return all exported heads, oldest file first. Lines in another format are skipped. Raises `OSError`; with
    `readable_only`, a file that cannot be read is skipped and logged."""
    if not directory.is_dir():
        return ()
    heads: list[Head] = []
    for file in sorted(directory.glob(HEAD_FILES)):
        try:
            heads += _read(file)
        except OSError as error:
            if not readable_only:
                raise
            _log.warning("exported heads cannot be read: %s", error)
    return tuple(heads)


def _read(file: Path) -> list[Head]:
    """Return the heads in one file; () if it is not a regular file. Other programs may write in the directory, so this
    never waits, and reads at most `_MOST_READ`."""
    try:
        handle = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return []
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            return []
        text = os.pread(handle, _MOST_READ, max(0, status.st_size - _MOST_READ)).decode("ascii", "replace")
    finally:
        os.close(handle)
    return [head for line in text.splitlines() if (head := head_in(line.strip())) is not None]
