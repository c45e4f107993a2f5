"""`domain.ports.StatusBoardPort`: the status board, assembled from journal, outbox, people and reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from station.base.clock import Clock
from station.base.local_time import local_day
from station.base.sentence import Sentence
from station.base.settings.withdrawal import WithdrawalOptions
from station.base.text import clean
from station.base.words import tell
from station.base.words.times import local_time
from station.domain.corrections.correction import Entry
from station.domain.corrections.words import headline
from station.domain.deliveries.delivery import DeliveryState
from station.domain.distribution.box import Box, PackedItem
from station.domain.reader_health import ReaderHealth, advice
from station.domain.receiving.difference import Difference
from station.domain.sampling import RejectedLot, Whose
from station.domain.snapshot import Snapshot
from station.domain.status_board import LAST_TAGS, ROLLS, SHOWN, Ages, StatusBoard, Step, Waiting
from station.reports.departing import departing
from station.reports.tables.boxes import name_of
from station.store.queries.pin_trace import Recovery
from station.store.queries.queries import Queries
from station.store.queries.waiting_since import WaitingSince


class StatusBoards:
    """Builds the status board. `now`: returns the running bench's snapshot, None if none is running. `health`: returns
    its reader's health."""

    def __init__(
        self,
        queries: Queries,
        clock: Clock,
        now: Callable[[], Snapshot | None],
        health: Callable[[], ReaderHealth | None],
        name_of: Callable[[str], str] = str,
        unusable: Callable[[], Sequence[Sentence]] = tuple,
        options: WithdrawalOptions | None = None,
    ) -> None:
        """`name_of`: returns a worker's name by id. `unusable`: returns what is wrong with the site's own files, if no
        station runs. `options`: from when a withdrawal is late; None = the defaults."""
        self._options = options if options is not None else WithdrawalOptions()
        self._unusable = unusable
        self._queries = queries
        self._clock = clock
        self._now = now
        self._health = health
        self._name_of = name_of

    def board(self, viewer: str) -> StatusBoard:
        seen = self._queries.seen_by(viewer)
        snapshot, health = self._now(), self._health()
        counts = self._queries.outbox_counts()
        parked = counts.get(DeliveryState.PARKED.value, 0)
        rows = seen.outbox_page(0, SHOWN, DeliveryState.PARKED.value) if parked else ()
        waiting, overdue, late = seen.waiting_corrections(SHOWN)
        differences, late_differences = seen.waiting_differences(self._clock.day())
        first = seen.differences(limit=min(SHOWN, late_differences)) if late_differences else ()
        boxes = self._queries.boxes_waiting(self._clock.day())
        days = [_begin_of(self._clock.day(-ago)) for ago in (7, 3, 0)]
        rolls, last = self._queries.rolls(LAST_TAGS)
        hand = "" if snapshot is None or snapshot.item is None else str(snapshot.item.barcode)
        moving = (DeliveryState.PENDING, DeliveryState.LEASED, DeliveryState.DEFERRED, DeliveryState.IN_DOUBT)
        return StatusBoard(
            at=self._clock.now(),
            running=snapshot is not None,
            called=self._called(),
            in_hand=_in_hand(snapshot),
            unjudged=_waiting([clean(tell(item.name)) for item in self._queries.unjudged() if item.barcode != hand]),
            open_sets=_waiting(
                [
                    tell(
                        "notice.parts-left",
                        count=len(open_set.left),
                        title=clean(tell(open_set.name)),
                        parts=open_set.numbers,
                    )
                    for open_set in self._queries.open_sets()
                    if open_set.barcode != hand
                ]
            ),
            unfinished=_waiting([] if snapshot is None else list(map(tell, snapshot.unfinished))),
            overdue=Waiting(overdue, tuple(map(_late, late))),
            open_corrections=waiting,
            overdue_differences=Waiting(late_differences, tuple(map(_late_difference, first))),
            open_differences=differences,
            overdue_boxes=_waiting([_late_box(box) for box in boxes.overdue]),
            missing_items=_waiting([_missing(box, item) for box, item in boxes.missing]),
            departing=departing(seen, self._options, self._clock.now(), self._name_of),
            lots=_waiting([_lot(lot) for lot in seen.rejected_lots()]),
            parked=Waiting(
                parked,
                tuple(clean(f"{row.system}: {tell(row.intent.words)} - {tell(row.detail)}", 160) for row in rows),
            ),
            ages=tuple(_ages(step, since) for step, since in seen.waiting_since(days).items()),
            waiting=sum(counts.get(state.value, 0) for state in moving),
            center="" if snapshot is None else tell(snapshot.center.sentence),
            center_refuses=snapshot is not None and snapshot.center.refuses,
            reader="" if snapshot is None else tell(snapshot.reader),
            reader_ready=snapshot is not None and snapshot.reader_ready,
            advice=() if health is None else advice(health),
            rolls=rolls[:ROLLS],
            unusable=_waiting(
                [clean(tell(problem), 160) for problem in (snapshot.unusable if snapshot else self._unusable())]
            ),
            recovered=_waiting([_recovered(recovery) for recovery in reversed(self._queries.pin_trace().recoveries)]),
            last_tags=last,
        )

    def _called(self) -> str:
        call = self._queries.staff_call()
        if call is None:
            return ""
        sentence = tell("board.called", bench=call.bench, worker=self._name_of(call.worker), time=local_time(call.at))
        return clean(f"{sentence} {call.title}".strip(), 160)


def _ages(step: Step, since: WaitingSince) -> Ages:
    older, days_4_7, days_1_3, today = since.counts
    return Ages(step=step, today=today, days_1_3=days_1_3, days_4_7=days_4_7, older=older, oldest=since.oldest)


def _begin_of(day: str) -> str:
    """Return when a local date begins (ISO 8601, UTC)."""
    return datetime.fromisoformat(day).astimezone(UTC).isoformat(timespec="microseconds")


def _in_hand(snapshot: Snapshot | None) -> str:
    if snapshot is None or snapshot.item is None or snapshot.verdict is not None:
        return ""
    return f"{snapshot.item.barcode} {snapshot.item.title}"


def _waiting(lines: Sequence[str]) -> Waiting:
    return Waiting(len(lines), tuple(lines[:SHOWN]))


def _lot(lot: RejectedLot) -> str:
    """Return the line without the worker's name: those who may know it find it under To fix."""
    count, unordered = len(lot.items), len(lot.unordered)
    if lot.whose is Whose.VENDOR:
        return clean(tell("board.lot-vendor", vendor=lot.subject, lot=lot.lot, count=count, unordered=unordered), 160)
    return tell("board.lot-worker", lot=lot.lot, count=count, unordered=unordered)


def _recovered(recovery: Recovery) -> str:
    return clean(tell("board.recovery", day=local_day(recovery.at), reason=recovery.reason), 160)


def _late_difference(now: Difference) -> str:
    what = Sentence(f"shipment.outcome.{now.kind}")
    return clean(tell("board.late-difference", title=now.title or now.number, what=what, due=now.due), 160)


def _late_box(box: Box) -> str:
    return clean(tell("board.late-box", box=name_of(box.id), site=box.site, due=box.due), 160)


def _missing(box: str, item: PackedItem) -> str:
    return clean(tell("board.missing-item", title=item.title or item.barcode, box=name_of(box)), 160)


def _late(entry: Entry) -> str:
    now = entry.correction
    return clean(tell("board.late", barcode=now.barcode, what=headline(entry), days=entry.age, due=now.due), 160)
