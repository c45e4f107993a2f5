"""The tables that nearly every event changes, kept in memory for a replay: attempts, bindings, streams, draws, open draws,
judgements, rejections, unjudged. The rules are those of `projections` and `sampling`, stated a second time without SQL: replayed
by SQL, the same events take twice the processor time (measured). A test compares the two.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from station.domain import events as ev
from station.domain.item import ItemRecord
from station.domain.sampling import Stream, Whose
from station.domain.verdict import Verdict
from station.domain.withdrawals.withdrawal import PART_MISSING
from station.store.database.database import SqlValue
from station.store.projections import sampling, unjudged

Row = tuple[SqlValue, ...]
Key = tuple[SqlValue, ...]
Change = Callable[[int, Any], None]
_WHOSE: Final = tuple(map(str, Whose))
_Part = tuple[str, int]
"""Barcode and part."""
JudgedItem = Callable[[int, Any], tuple[ItemRecord, sampling.Found]]


class BusyTables:
    """Rows by primary key."""

    def __init__(self, judged: JudgedItem) -> None:
        """`judged`: returns item and findings of the partly decoded `ItemJudged` with this number."""
        self._item_and_found = judged
        self._attempts: dict[str, Row] = {}
        self._open: dict[str, set[str]] = {}
        """Attempts that have not ended, by uid."""
        self._bindings: dict[str, Row] = {}
        self._bound: dict[_Part, str] = {}
        """The uid of the live tag of each part."""
        self._streams: dict[Key, tuple[int, Stream]] = {}
        self._draws: dict[Key, Row] = {}
        self._newest_lots: dict[Key, int] = {}
        self._open_draws: dict[_Part, int] = {}
        self._judgements: dict[int, Row] = {}
        self._newest: dict[_Part, int] = {}
        """Number of the newest judgement of each part."""
        self._before: dict[_Part, tuple[int | None, int | None]] = {}
        """What the newest judgement of each part has ended: the judgement before it, and the draw."""
        self._unjudged = unjudged.Rows()
        self._rejections: dict[Key, Row] = {}

    def changes(self) -> Mapping[type[ev.Event], Change]:
        """Return what changes these tables, by event. Everything else of `projections` stays."""
        return {
            ev.ItemSetAside: self._unjudged.apply,
            ev.TagWriteStarted: self._started,
            ev.TagWriteVerified: self._verified,
            ev.TagWriteAbandoned: self._abandoned,
            ev.TagUndoVerified: self._undone,
            ev.TagErased: self._erased,
            ev.TagDestroyed: self._destroyed,
            ev.ItemDrawn: self._drawn,
            ev.SamplingCounted: self._counted,
            ev.ItemJudged: self._judged,
            ev.VerdictTakenBack: self._taken_back,
        }

    def _started(self, seq: int, event: ev.TagWriteStarted) -> None:
        if event.resumes:
            self._end(event.resumes, "resumed", seq)
        if event.attempt in self._attempts:
            raise sqlite3.IntegrityError(f"attempt {event.attempt} begins twice")
        self._attempts[event.attempt] = (event.attempt, event.uid, seq, None, None)
        self._open.setdefault(event.uid, set()).add(event.attempt)

    def _verified(self, seq: int, event: ev.TagWriteVerified) -> None:
        self._unjudged.apply(seq, event)
        self._end(event.attempt, "verified", seq)
        self._supersede(event.uid, seq)
        self._unbind(event.uid)
        other = self._bound.get((event.barcode, event.part))
        if other is not None:
            self._unbind(other)
        self._bind(event.uid, event.barcode, event.part, event.parts, seq)

    def _erased(self, seq: int, event: ev.TagErased) -> None:
        self._unjudged.apply(seq, event)
        self._end(event.attempt, "verified", seq)
        self._supersede(event.uid, seq)
        self._unbind(event.uid)

    def _destroyed(self, _seq: int, event: ev.TagDestroyed) -> None:
        if event.how != PART_MISSING:  # as in `projections`
            self._unbind(event.uid)

    def _abandoned(self, seq: int, event: ev.TagWriteAbandoned) -> None:
        self._end(event.attempt, "abandoned", seq)

    def _undone(self, seq: int, event: ev.TagUndoVerified) -> None:
        self._unjudged.apply(seq, event)
        self._supersede(event.uid, seq)
        self._unbind(event.uid)
        if event.restored and (event.restored, event.part) not in self._bound:
            self._bind(event.uid, event.restored, event.part, event.parts, seq)

    def _end(self, attempt: str, how: str, seq: int) -> None:
        row = self._attempts.get(attempt)
        if row is not None and row[3] is None:
            self._attempts[attempt] = (*row[:3], how, seq)
            self._open[str(row[1])].discard(attempt)

    def _supersede(self, uid: str, seq: int) -> None:
        for attempt in self._open.pop(uid, ()):
            self._attempts[attempt] = (*self._attempts[attempt][:3], "superseded", seq)

    def _bind(self, uid: str, barcode: str, part: int, parts: int, seq: int) -> None:
        self._bindings[uid] = (uid, barcode, part, parts, seq)
        self._bound[barcode, part] = uid

    def _unbind(self, uid: str) -> None:
        row: Any = self._bindings.pop(uid, None)
        if row is not None:
            del self._bound[row[1], row[2]]

    def _counted(self, seq: int, event: ev.ItemDrawn | ev.SamplingCounted) -> None:
        for stream in event.streams:
            self._streams[str(stream.whose), stream.subject] = (seq, stream)
        for switch in event.switches:
            if sampling.rejects(switch):
                key = (str(switch.whose), switch.subject)
                if (lot := self._newest_lots.get(key)) is not None:
                    self._rejections[*key, lot] = (*key, lot, seq)

    def _drawn(self, seq: int, event: ev.ItemDrawn) -> None:
        self._counted(seq, event)
        self._open_draws[event.barcode, event.part] = seq
        for draw in event.draws:
            row = sampling.draw_row(seq, event, draw)
            if (seq, row[1]) in self._draws:
                raise sqlite3.IntegrityError(f"event {seq} holds two draws of one stream")
            self._draws[seq, row[1]] = row
            if draw.position > 0:
                lots, stream = self._newest_lots, (row[1], draw.subject)
                lots[stream] = max(draw.lot, lots.get(stream, draw.lot))

    def _judged(self, seq: int, event: ev.ItemJudged) -> None:
        self._unjudged.judged(seq, event)
        part = (event.barcode, event.part)
        if event.waivers and (newest := self._newest.get(part)) is not None:
            row = self._judgements[newest]
            if row[-1] == event.seconds:
                self._judgements[newest] = (*row[:6], int(event.verdict is Verdict.FAIL), *row[7:])
                return
        drew = self._open_draws.pop(part, None)
        self._judgements[seq] = sampling.judgement(seq, event, *self._item_and_found(seq, event), self._own(drew))
        self._before[part] = (self._newest.get(part), drew)
        self._newest[part] = seq

    def _own(self, drew: int | None) -> dict[str | None, Any]:
        """Return `own` of `sampling.judgement`, for the event of the open draw."""
        if drew is None:
            return {}
        return {whose: row[5] for whose in _WHOSE if (row := self._draws.get((drew, whose)))} or {None: None}

    def _taken_back(self, seq: int, event: ev.VerdictTakenBack) -> None:
        self._unjudged.apply(seq, event)
        part = (event.barcode, event.part)
        for key in [key for key, row in self._rejections.items() if event.first <= int(row[-1] or 0) <= event.judged]:
            del self._rejections[key]
        for stream in event.streams:
            self._streams[str(stream.whose), stream.subject] = (seq, stream)
        if self._judgements.pop(event.judged, None) is None or self._newest.get(part) != event.judged:
            return
        before, drew = self._before.pop(part, (None, None))
        del self._newest[part]
        if before is not None:
            self._newest[part] = before
        if drew is not None:
            self._open_draws[part] = drew

    def rows(self) -> Mapping[str, Iterable[Row]]:
        """Return the rows of each table. The first columns are the primary key, so that sorted rows have its order."""
        return {
            "attempts": self._attempts.values(),
            "bindings": self._bindings.values(),
            "streams": [sampling.stream_row(*stream) for stream in self._streams.values()],
            "draws": self._draws.values(),
            "open_draws": [(*part, seq) for part, seq in self._open_draws.items()],
            "judgements": self._judgements.values(),
            "rejections": self._rejections.values(),
            "unjudged": self._unjudged.rows(),
        }
