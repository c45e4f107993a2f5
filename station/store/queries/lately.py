"""Work of this bench today: counts, pace and the newest items, for the idle screen.

The bench asks with every snapshot, so the newest items are decoded again only after another verdict, item set
aside or worker.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from station.base.text import clean
from station.domain.events import ItemJudged, ItemScanned, ItemSetAside
from station.domain.findings import Outcome
from station.domain.lately import PACE_MINUTES, PACE_STEPS, DoneItem, Ended, Lately
from station.domain.snapshot import Verdict
from station.store.database.database import Sql
from station.store.database.decoding import Decoder
from station.store.queries.second_check_cover import Cover, cover

NEWEST: Final = 8
"""Items shown at most."""
_TODAY: Final = (
    "SELECT count(DISTINCT j.barcode || '/' || j.part) FROM events e JOIN judgements j ON j.seq = e.seq "
    "WHERE e.kind = 'item-judged' AND e.at >= ?"
)
"""Counted by SQLite, because this bench may do thousands of items in a day, and asks after each."""
_PACE: Final = (
    "SELECT max(e.at) FROM events e JOIN judgements j ON j.seq = e.seq "
    "WHERE e.kind = 'item-judged' AND e.at >= ? GROUP BY j.barcode, j.part"
)
"""An item that is judged again counts once, when it ended."""
_NEWEST: Final = (
    "SELECT e.seq, e.at, e.kind, e.payload FROM judgements j JOIN events e ON e.seq = j.seq "
    "WHERE e.kind = 'item-judged' AND e.at >= ? ORDER BY j.seq DESC LIMIT ?"
)
_SET_ASIDE: Final = (
    "SELECT seq, at, kind, payload FROM events WHERE kind = 'item-set-aside' AND at >= ? "
    "ORDER BY at DESC, seq DESC LIMIT ?"
)
_SCANNED: Final = (
    "SELECT seq, kind, payload FROM events WHERE json_extract(CAST(payload AS TEXT), '$.barcode') = ? "
    "AND kind = 'item-scanned' ORDER BY seq DESC LIMIT 1"
)
"""The newest scan of an item that was set aside; found by the index `events_barcode`."""
_STATE: Final = (
    "SELECT (SELECT coalesce(max(at), '') FROM events WHERE kind = 'item-set-aside'), "
    "(SELECT coalesce(max(seq), 0) FROM judgements), "
    "(SELECT count(*) FROM corrections WHERE closed_seq IS NULL), "
    "(SELECT count(*) FROM corrections WHERE closed_seq IS NULL AND kind = 'recheck'), "
    "(SELECT coalesce(max(at), '') FROM events WHERE kind = 'sound-checked')"
)


class LatelyReader:
    """Answers from the last verdict on until another verdict, item set aside, worker, correction or step of the pace."""

    def __init__(self) -> None:
        self._known: tuple[tuple[int | str | None, ...], Lately] | None = None

    def read(self, sql: Sql, now: str, viewer: str | None) -> Lately:
        """Return the work that `viewer` may see; None = the station itself. `now`: ISO 8601, UTC."""
        at = datetime.fromisoformat(now)
        aside, newest, to_fix, ordered, checked = sql.execute(_STATE).fetchone()
        key = (aside, newest, to_fix, ordered, checked, viewer, now[:16])
        if self._known is None or self._known[0] != key:
            self._known = (key, _lately(sql, at, int(to_fix), str(checked), cover(sql, viewer)))
        return self._known[1]


def _lately(sql: Sql, now: datetime, to_fix: int, checked: str, covered: Cover) -> Lately:
    midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None).astimezone(UTC)
    hour = now - timedelta(minutes=PACE_MINUTES * PACE_STEPS)
    pace = [0] * PACE_STEPS
    for (ended,) in sql.execute(_PACE, (_iso(hour),)):
        step = int((datetime.fromisoformat(str(ended)) - hour) / timedelta(minutes=PACE_MINUTES))
        pace[min(step, PACE_STEPS - 1)] += 1
    decode = Decoder(sql)
    items: dict[str, DoneItem] = {}
    rows = [row for query in (_NEWEST, _SET_ASIDE) for row in sql.execute(query, (_iso(midnight), 2 * NEWEST))]
    for seq, at, kind, payload in sorted(rows, reverse=True):
        event = decode(seq, kind, payload)
        if isinstance(event, ItemJudged):
            items.setdefault(f"{event.barcode}/{event.part}", _done(event, str(at), covered))
        elif isinstance(event, ItemSetAside) and event.barcode not in {one.barcode for one in items.values()}:
            items[event.barcode] = _aside(sql, decode, event, str(at), covered)
    return Lately(
        today=int(sql.execute(_TODAY, (_iso(midnight),)).fetchone()[0]),
        hour=sum(pace),
        pace=tuple(pace),
        items=tuple(items.values())[:NEWEST],
        to_fix=to_fix,
        sound_checked=checked >= _iso(midnight),
    )


def _done(event: ItemJudged, at: str, covered: Cover) -> DoneItem:
    hidden = event.barcode in covered.barcodes
    ended = Ended.COVERED if hidden else Ended.PASS if event.verdict is Verdict.PASS else Ended.FAIL
    failed = next((one for one in event.findings if one.outcome is Outcome.FAIL), None)
    return DoneItem(
        at=_local(at),
        barcode=clean(event.barcode),
        title=clean(event.item.title),
        ended=ended,
        call_number=clean(event.item.call_number),
        reason=clean(failed.said) if failed is not None and ended is Ended.FAIL else "",
    )


def _aside(sql: Sql, decode: Decoder, event: ItemSetAside, at: str, covered: Cover) -> DoneItem:
    """Return an item that was set aside after its newest verdict."""
    row = sql.execute(_SCANNED, (event.barcode,)).fetchone()
    scanned = decode(*row) if row is not None else None
    item = scanned.item if isinstance(scanned, ItemScanned) else None
    hidden = event.barcode in covered.barcodes
    return DoneItem(
        at=_local(at),
        barcode=clean(event.barcode),
        title=clean(item.title) if item is not None else "",
        ended=Ended.COVERED if hidden else Ended.SET_ASIDE,
        call_number=clean(item.call_number) if item is not None else "",
        reason="" if hidden else clean(event.reason),
    )


def _local(at: str) -> str:
    return datetime.fromisoformat(at).astimezone().strftime("%H:%M")


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
