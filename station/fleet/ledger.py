"""The ledger of tags across all benches: which tag carries which item, by the newest write of any bench.

It is made from the events of tag writes, of each timeline to its end: tags that were written in a lost part of a journal
were written. It does not depend on the order in which the benches' events arrive (`tag_order`).

A tag leaves the holdings when it is erased, destroyed or undone, and when another tag took its place: in the same bench by a
later write for the part, from another bench if the write names the tag that it replaces. If that tag comes back to the same
item at a third bench, the order is not known, and nothing is held: rather a second tag unseen than a false stop. Two tags of
one part that are left are kept as second tags, for a correction. What a tag carries after a write that was cut off is not
certain until the tag is written again.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Sequence
from typing import Final

import msgspec

from station.domain import events as ev
from station.domain.tag_image import TagImage
from station.domain.withdrawals.withdrawal import PART_MISSING
from station.fleet.tag_order import BLANK, TagWrite, newest
from station.store.postgres.connection import Connection, translated

TOGETHER: Final = 500
"""Events of a transaction."""
_MOST: Final = 100
"""Writes of one tag, or tags of one item, that are compared."""
_LONGEST: Final = 500
"""Characters of an id."""
_KINDS: Final = [
    "tag-write-started",
    "tag-write-verified",
    "tag-erased",
    "tag-undo-started",
    "tag-undo-verified",
    "tag-destroyed",
]
_Ended = ev.TagWriteVerified | ev.TagErased | ev.TagUndoVerified | ev.TagDestroyed
_TagEvent = ev.TagWriteStarted | ev.TagUndoStarted | _Ended
_Read = tuple[int, str, _TagEvent]
"""Number, time and event."""
_Item = tuple[str, int]
"""Barcode and part."""

_TIMELINES: Final = """
    SELECT t.journal, t.head_seq, greatest(p.seq, t.first_seq - 1, t.shared_seq), p.seq IS NULL, NOT t.current
    FROM timeline t LEFT JOIN ledger_place p USING (journal)
    WHERE t.bench = %s AND (p.seq IS NULL OR t.head_seq > p.seq) ORDER BY t.place"""
_NEXT: Final = """SELECT seq, at, payload FROM event
    WHERE journal = %s AND seq > %s AND seq <= %s AND kind = ANY(%s) ORDER BY seq LIMIT %s"""
_BEGIN: Final = """INSERT INTO ledger_place (journal, seq, until) SELECT journal, first_seq - 1, head_seq FROM timeline
    WHERE bench = %s ON CONFLICT DO NOTHING"""
_PLACE: Final = "UPDATE ledger_place SET seq = %s, stopped = false WHERE journal = %s"
_STOP: Final = """UPDATE ledger_place p SET stopped = true FROM timeline t
    WHERE t.bench = %s AND t.journal = p.journal AND NOT stopped"""
_LOST: Final = (
    """UPDATE tag_write w SET lost = NOT lost FROM timeline t WHERE w.bench = %(bench)s AND t.journal = w.journal
    AND lost = (t.last_seq IS NULL OR coalesce(w.ended_seq, w.seq) <= t.last_seq)""",
    """UPDATE holding h SET lost = NOT lost FROM timeline t WHERE h.bench = %(bench)s AND t.journal = h.journal
    AND lost = (t.last_seq IS NULL OR h.seq <= t.last_seq) RETURNING barcode, part""",
)
_ADD: Final = """INSERT INTO tag_write
    (journal, seq, ended_seq, bench, at, attempt, uid, barcode, part, parts, before, after, replaces, lost)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, false)"""
_END: Final = """UPDATE tag_write SET ended_seq = %s, at = %s, barcode = %s, part = %s, parts = %s
    WHERE journal = %s AND attempt = %s AND uid = %s AND ended_seq IS NULL RETURNING replaces"""
_WRITES: Final = """SELECT u.uid, coalesce(h.barcode, ''), coalesce(h.part, 0), w.*
    FROM unnest(%s::text[]) AS u (uid) LEFT JOIN holding h USING (uid) CROSS JOIN LATERAL (
        SELECT w.place, w.bench, w.journal, w.ended_seq, w.at, w.barcode, w.part, w.parts, w.before, w.after, w.lost
        FROM tag_write w WHERE w.uid = u.uid ORDER BY w.place DESC LIMIT %s) w"""
_OF_ITEMS: Final = """SELECT i.barcode, i.part, w.uid
    FROM unnest(%s::text[], %s::bigint[]) AS i (barcode, part) CROSS JOIN LATERAL (
        SELECT w.uid FROM tag_write w WHERE w.barcode = i.barcode AND w.part = i.part AND w.ended_seq IS NOT NULL
        AND w.barcode <> '' GROUP BY w.uid ORDER BY max(w.place) DESC LIMIT %s) w"""
_RETIRED: Final = """
    WITH own AS (SELECT * FROM tag_write
        WHERE uid = %(uid)s AND barcode = %(barcode)s AND part = %(part)s AND ended_seq IS NOT NULL)
    SELECT EXISTS (SELECT FROM tag_write r
        WHERE r.barcode = %(barcode)s AND r.part = %(part)s AND r.ended_seq IS NOT NULL AND r.barcode <> '' AND r.uid <> %(uid)s
        AND (r.replaces = %(uid)s OR EXISTS (SELECT FROM own WHERE own.bench = r.bench AND own.place < r.place))
        AND NOT EXISTS (SELECT FROM own WHERE own.bench = r.bench AND own.place > r.place))"""
_HOLD: Final = """INSERT INTO holding (uid, barcode, part, parts, bench, journal, seq, at, certain, lost)
    VALUES (%(uid)s, %(barcode)s, %(part)s, %(parts)s, %(bench)s, %(journal)s, %(seq)s, %(at)s, %(certain)s, %(lost)s)
    ON CONFLICT (uid) DO UPDATE SET barcode = excluded.barcode, part = excluded.part, parts = excluded.parts,
        bench = excluded.bench, journal = excluded.journal, seq = excluded.seq, at = excluded.at,
        certain = excluded.certain, lost = excluded.lost"""

_PAIRS: Final = (
    "DELETE FROM second_tag WHERE barcode = %(barcode)s AND part = %(part)s",
    """INSERT INTO second_tag (uid, other_uid, barcode, part, bench, other_bench, at, other_at)
    SELECT h.uid, o.uid, h.barcode, h.part, h.bench, o.bench, h.at, o.at FROM holding h JOIN holding o USING (barcode, part)
    WHERE h.barcode = %(barcode)s AND h.part = %(part)s AND h.certain AND o.certain
        AND (NOT h.lost, h.at, h.uid) > (NOT o.lost, o.at, o.uid)
    ORDER BY h.at, h.uid LIMIT 100""",
)

_log = logging.getLogger("station.fleet.ledger")


class _Write(msgspec.Struct):
    """A row of `tag_write`."""

    journal: str
    seq: int
    ended_seq: int | None
    bench: str
    at: str
    attempt: str
    uid: str
    barcode: str
    part: int
    parts: int
    before: bytes | None
    after: bytes | None
    replaces: str


class Ledger:
    """Works on the projector's connection, with its rights."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._stopped: set[tuple[str, int]] = set()
        """Events that cannot be read, and were logged."""

    def run(self, bench: str) -> int:
        """Take at most `TOGETHER` events of this bench. Return the number taken. The session must be that of the bench. An
        event that cannot be read stops the ledger for its journal only. Raises `StoreError`."""
        with translated(), self._connection.transaction():
            timelines = self._connection.execute(_TIMELINES, (bench,)).fetchall()
            if any(new for *_, new, _ in timelines):
                self._connection.execute(_BEGIN, (bench,))
            taken = 0
            for journal, head, after, new, parted in timelines:
                rows = self._connection.execute(_NEXT, (journal, after, head, _KINDS, TOGETHER - taken)).fetchall()
                place = head if len(rows) < TOGETHER - taken else rows[-1][0]
                stops_at = 0
                events: list[_Read] = []
                for seq, at, payload in rows:
                    event = _read(bytes(payload))
                    if event is None:
                        place, stops_at = seq - 1, seq
                        break
                    events.append((seq, at, event))
                if events:
                    self._take(bench, journal, events)
                taken += len(events)
                if place > after or after == head:  # all of it is shared with another bench
                    self._connection.execute(_PLACE, (place, journal))
                if new or parted:
                    self._part(bench)
                if stops_at:
                    self._stop(bench, journal, stops_at)
                if place < head:
                    break  # a later timeline of the bench comes after the end of this one
            return taken

    def _stop(self, bench: str, journal: str, seq: int) -> None:
        self._connection.execute(_STOP, (bench,))
        if (journal, seq) not in self._stopped:
            _log.warning("the ledger of journal %s stops at event %d, which cannot be read", journal, seq)
            self._stopped.add((journal, seq))

    def _part(self, bench: str) -> None:
        """Mark what the lost parts of the bench's journal have written: a path may come back to one."""
        writes, holdings = _LOST
        self._connection.execute(writes, {"bench": bench})
        for item in set(self._connection.execute(holdings, {"bench": bench}).fetchall()):
            self._pair(*item)

    def _take(self, bench: str, journal: str, events: Sequence[_Read]) -> None:
        """Add the writes of these events, and make the holdings of all tags that they concern."""
        begun: dict[tuple[str, str], list[_Write]] = {}
        added: list[_Write] = []
        uids: set[str] = set()
        items: set[_Item] = set()
        for seq, at, event in events:
            if isinstance(event, ev.TagWriteStarted | ev.TagUndoStarted):
                replaces = event.replaces if isinstance(event, ev.TagWriteStarted) else ""
                images = digest_of(event.old), digest_of(event.new)
                write = _Write(journal, seq, None, bench, at, event.attempt, event.uid, "", 0, 0, *images, replaces)
                begun.setdefault((event.attempt, event.uid), []).append(write)
                added.append(write)
                continue
            if not event.uid or (isinstance(event, ev.TagDestroyed) and event.how == PART_MISSING):
                continue  # a tag of a part that is not at hand still carries it
            attempt = "" if isinstance(event, ev.TagDestroyed) else event.attempt
            carries = _carries(event)
            ended = begun.pop((attempt, event.uid), [])
            for write in ended:
                write.ended_seq, write.at = seq, at
                write.barcode, write.part, write.parts = carries
            replaced = {write.replaces for write in ended} or self._end(journal, seq, at, attempt, event.uid, carries)
            if not replaced:
                replaces = event.replaces if isinstance(event, ev.TagWriteVerified) else ""
                blank = BLANK if isinstance(event, ev.TagErased) else None
                added.append(_Write(journal, seq, seq, bench, at, attempt, event.uid, *carries, None, blank, replaces))
                replaced = {replaces}
            uids |= {event.uid, *replaced}
            items.add(carries[:2])
        uids.update(uid for _, uid in begun)
        with self._connection.cursor() as cursor:
            cursor.executemany(_ADD, list(map(msgspec.structs.astuple, added)))
        self._hold(uids - {""}, items - {("", 0)})

    def _end(self, journal: str, seq: int, at: str, attempt: str, uid: str, carries: tuple[str, int, int]) -> set[str]:
        """End a write that began in an earlier transaction. Return the tag that it replaces ("" = none), or nothing."""
        values = (seq, at, *carries, journal, attempt, uid)
        return {replaces for (replaces,) in self._connection.execute(_END, values).fetchall()}

    def _pair(self, barcode: str, part: int) -> None:
        """Keep the second tags of an item's part."""
        for statement in _PAIRS if barcode else ():
            self._connection.execute(statement, {"barcode": barcode, "part": part})

    def _hold(self, uids: set[str], items: set[_Item]) -> None:
        """Make the holdings of these tags, and of those that ever carried these items, from all their writes."""
        tags_of: dict[_Item, set[str]] = {item: set() for item in items}
        parts = [barcode for barcode, _ in items], [part for _, part in items]
        for barcode, part, uid in self._connection.execute(_OF_ITEMS, (*parts, _MOST)).fetchall():
            tags_of[barcode, part].add(uid)
        alone = {(uid, item) for item, tags in tags_of.items() if len(tags) == 1 for uid in tags}
        writes: dict[tuple[str, _Item], list[TagWrite]] = {}
        for uid, barcode, part, *row in self._connection.execute(
            _WRITES, (list(uids.union(*tags_of.values())), _MOST)
        ).fetchall():
            writes.setdefault((uid, (barcode, part)), []).append(TagWrite(*row))
        held: list[dict[str, object]] = []
        gone: list[str] = []
        paired: set[_Item] = set()
        for (uid, before), written in writes.items():
            if all(write.seq is None for write in written):
                continue  # the first write of the tag was cut off
            write, certain = newest(written)
            now = (write.barcode, write.part)
            values = {**msgspec.structs.asdict(write), "uid": uid, "certain": certain}
            is_alone = (uid, now) in alone
            if write.barcode and (is_alone or self._connection.execute(_RETIRED, values).fetchone() == (False,)):
                held.append(values)
            elif before[0]:
                gone.append(uid)
            paired |= {before} if is_alone and before != now else set() if is_alone else {before, now}
        with self._connection.cursor() as cursor:
            cursor.executemany(_HOLD, held)
        if gone:
            self._connection.execute("DELETE FROM holding WHERE uid = ANY(%s)", (gone,))
        for item in paired:
            self._pair(*item)


def digest_of(image: TagImage) -> bytes:
    """Return the digest of a tag's content, without the unused end: readers may show more or fewer blocks. AFI and EAS do
    not count: desks change them."""
    memory = image.memory.rstrip(b"\0")
    return hashlib.sha256(memory).digest() if memory else BLANK


def _carries(event: _Ended) -> tuple[str, int, int]:
    """Return the item, the part and the number of parts on the tag afterwards."""
    match event:
        case ev.TagWriteVerified():
            return event.barcode, event.part, event.parts
        case ev.TagUndoVerified() if event.restored:
            return event.restored, event.part, event.parts
        case _:
            return "", 0, 0


def _read(payload: bytes) -> _TagEvent | None:
    """Return the event; None for one that is none, or that the database would not take."""
    try:
        event = ev.decode(payload)
    except (msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(event, _TagEvent):
        return None
    texts = [event.uid, event.barcode, *(getattr(event, name, "") for name in ("attempt", "restored", "replaces"))]
    numbers = [getattr(event, name, 0) for name in ("part", "parts")]
    sound = all(len(text) <= _LONGEST and "\0" not in text for text in texts)
    return event if sound and all(abs(number) < 2**63 for number in numbers) else None
