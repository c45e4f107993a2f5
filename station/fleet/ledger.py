"""The ledger of tags across all benches: which tag carries which item, by the newest write of any bench.

It is made from the events of tag writes, of each timeline to its end: tags that were written in a lost part of a journal
were written. It does not depend on the order in which the benches' events arrive (`tag_order`).

A tag leaves the holdings when it is erased, destroyed or undone, and when another tag took its place: in the same bench by a
later write for the part, from another bench if the write names the tag that it replaces. If that tag comes back to the same
item at a third bench, the order is not known, and nothing is held: rather a second tag unseen than a false stop. Two tags of
one part that are left are kept as second tags, for a correction.
"""

from __future__ import annotations

import hashlib
import logging
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
    """UPDATE tag_write w SET lost = true FROM timeline t
    WHERE w.bench = %(bench)s AND t.journal = w.journal AND coalesce(w.ended_seq, w.seq) > t.last_seq AND NOT lost""",
    """UPDATE holding h SET lost = true FROM timeline t
    WHERE h.bench = %(bench)s AND t.journal = h.journal AND h.seq > t.last_seq AND NOT lost RETURNING barcode, part""",
)
_ADD: Final = """INSERT INTO tag_write
    (journal, seq, ended_seq, bench, at, attempt, uid, barcode, part, parts, before, after, replaces, lost)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, false)"""
_END: Final = """UPDATE tag_write SET ended_seq = %s, at = %s, barcode = %s, part = %s, parts = %s
    WHERE journal = %s AND attempt = %s AND uid = %s AND ended_seq IS NULL RETURNING replaces"""
_WRITES: Final = """SELECT w.place, w.bench, w.journal, w.ended_seq, w.at, w.barcode, w.part, w.parts, w.before, w.after,
        w.lost, coalesce(h.barcode, ''), coalesce(h.part, 0)
    FROM tag_write w LEFT JOIN holding h USING (uid) WHERE w.uid = %s AND w.ended_seq IS NOT NULL
    ORDER BY w.place DESC LIMIT %s"""
_OF_ITEM: Final = """SELECT uid FROM tag_write WHERE barcode = %s AND part = %s AND ended_seq IS NOT NULL
    AND barcode <> '' GROUP BY uid ORDER BY max(place) DESC LIMIT %s"""
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
                for seq, at, payload in rows:
                    event = _read(bytes(payload))
                    if event is None:
                        place, stops_at = seq - 1, seq
                        break
                    self._take(bench, journal, seq, at, event)
                    taken += 1
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
        """Mark what the lost parts of the bench's journal have written."""
        writes, holdings = _LOST
        self._connection.execute(writes, {"bench": bench})
        for item in set(self._connection.execute(holdings, {"bench": bench}).fetchall()):
            self._pair(*item)

    def _take(self, bench: str, journal: str, seq: int, at: str, event: _TagEvent) -> None:
        if isinstance(event, ev.TagWriteStarted | ev.TagUndoStarted):
            replaces = event.replaces if isinstance(event, ev.TagWriteStarted) else ""
            images = (digest_of(event.old), digest_of(event.new), replaces)
            self._connection.execute(_ADD, (journal, seq, None, bench, at, event.attempt, event.uid, "", 0, 0, *images))
            return
        if not event.uid or (isinstance(event, ev.TagDestroyed) and event.how == PART_MISSING):
            return  # a tag of a part that is not at hand still carries it
        replaces = event.replaces if isinstance(event, ev.TagWriteVerified) else ""
        attempt = "" if isinstance(event, ev.TagDestroyed) else event.attempt
        carries = _carries(event)
        ended = self._connection.execute(_END, (seq, at, *carries, journal, attempt, event.uid)).fetchone()
        if ended is None:
            blank = BLANK if isinstance(event, ev.TagErased) else None
            self._connection.execute(
                _ADD, (journal, seq, seq, bench, at, attempt, event.uid, *carries, None, blank, replaces)
            )
        carried = carries[:2]
        of_item = {uid for (uid,) in self._connection.execute(_OF_ITEM, (*carried, _MOST)).fetchall()}
        alone = carried if of_item == {event.uid} else None
        items: set[tuple[str, int]] = set()
        for uid in {event.uid, *of_item, *(ended or (replaces,))} - {""}:
            items |= self._hold(uid, alone)
        for item in items - {alone}:
            self._pair(*item)

    def _pair(self, barcode: str, part: int) -> None:
        """Keep the second tags of an item's part."""
        for statement in _PAIRS if barcode else ():
            self._connection.execute(statement, {"barcode": barcode, "part": part})

    def _hold(self, uid: str, alone: tuple[str, int] | None) -> set[tuple[str, int]]:
        """Make the holding of a tag from all its writes. `alone`: an item and a part that had no other tag. Return the item
        and the part that it held before, and those that it holds now; "" = none."""
        rows = self._connection.execute(_WRITES, (uid, _MOST)).fetchall()
        if not rows:
            return set()
        before = rows[0][-2:]
        write, certain = newest([TagWrite(*row[:-2]) for row in rows])
        now = (write.barcode, write.part)
        values = {**msgspec.structs.asdict(write), "uid": uid, "certain": certain}
        if write.barcode and (now == alone or self._connection.execute(_RETIRED, values).fetchone() == (False,)):
            self._connection.execute(_HOLD, values)
        elif before[0]:
            self._connection.execute("DELETE FROM holding WHERE uid = %s", (uid,))
        return {before, now}


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
