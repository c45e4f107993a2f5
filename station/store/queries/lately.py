"""Work of this bench today: counts, pace and the newest items, for the idle screen.

The bench asks with every snapshot, so the newest items are decoded again only after something that can change how they
stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from station.base.errors import ArchiveUnusable
from station.base.sentence import EMPTY, Sentence
from station.base.text import clean
from station.domain.events import ItemJudged, ItemScanned, ItemSetAside, TagErased, TagUndoVerified
from station.domain.fixed_items import failed_rules, is_fixed
from station.domain.item import ItemRecord, OpenSet
from station.domain.item_state import ItemState
from station.domain.lately import PACE_MINUTES, PACE_STEPS, DoneItem, Ended, Lately
from station.domain.ports import Logged, standing
from station.domain.verdict import Verdict
from station.store.database.database import Sql
from station.store.database.decoding import Decoder
from station.store.database.since import first_since
from station.store.projections import corrections
from station.store.projections.item_states import state_of
from station.store.projections.open_sets import open_sets
from station.store.queries.second_check_cover import covered

NEWEST: Final = 8
"""Items shown at most."""
_WORST: Final = (Ended.PASS, Ended.TAG_GONE, Ended.SET_ASIDE, Ended.FAIL)
"""Ends of a part from the best to the worst."""
_TODAY: Final = "SELECT DISTINCT +barcode FROM judgements WHERE seq >= ?"
"""Found by SQLite, because this bench may do thousands of items in a day, and asks after each. The + keeps it from walking
the barcodes of all days."""
_PACE: Final = (
    "SELECT j.barcode, max(e.at) FROM judgements j CROSS JOIN events e ON e.seq = j.seq "
    "WHERE j.seq >= ? AND e.at >= ? GROUP BY +j.barcode"
)
"""An item counts once, when it ended: also a set, and an item that is judged again."""
_ENDS: Final = ("item-judged", "item-set-aside", "tag-erased", "tag-undo-verified")
_NEWEST: Final = (
    "SELECT seq, json_extract(CAST(payload AS TEXT), '$.barcode') FROM events WHERE kind = ? AND seq >= ? "
    "ORDER BY seq DESC LIMIT ?"
)
"""Asked for each kind of `_ENDS`, so that the index `events_by_kind` finds the newest ones."""
_ABOUT: Final = (
    "SELECT seq, at, kind, payload FROM events WHERE json_extract(CAST(payload AS TEXT), '$.barcode') = ? AND kind IN "
    "('item-judged', 'item-set-aside', 'item-scanned', 'tag-erased', 'tag-undo-verified', 'verdict-taken-back', "
    "'correction-opened') ORDER BY seq"
)
"""What happened to an item; found by the index `events_barcode`."""
_STATE: Final = (
    "SELECT (SELECT coalesce(max(seq), 0) FROM events WHERE kind = 'item-judged'), "
    "(SELECT coalesce(max(seq), 0) FROM events WHERE kind = 'item-set-aside'), "
    "(SELECT coalesce(max(seq), 0) FROM events WHERE kind = 'tag-write-verified'), "
    "(SELECT coalesce(max(seq), 0) FROM events WHERE kind = 'tag-erased'), "
    "(SELECT coalesce(max(seq), 0) FROM events WHERE kind = 'tag-undo-verified'), "
    "(SELECT coalesce(max(seq), 0) FROM events WHERE kind = 'verdict-taken-back'), "
    "(SELECT coalesce(max(seq), 0) FROM events WHERE kind = 'set-sized'), "
    "(SELECT coalesce(max(seq), 0) FROM events WHERE kind = 'set-closed'), "
    "(SELECT coalesce(max(seq), 0) FROM judgements), "
    "(SELECT coalesce(max(seq), 0) FROM correction_log), "
    "(SELECT coalesce(max(seq), 0) FROM withdrawals), "
    "(SELECT count(*) FROM corrections WHERE closed_seq IS NULL), "
    "coalesce((SELECT at FROM events WHERE kind = 'sound-checked' ORDER BY seq DESC LIMIT 1), '')"
)
"""Changes whenever the answer can change. An index finds each value."""


class LatelyReader:
    """Answers each viewer from what ended last, until another verdict, item set aside, tag write, correction, withdrawal or
    step of the pace."""

    def __init__(self) -> None:
        self._known: dict[str | None, tuple[tuple[int | str | None, ...], Lately]] = {}

    def read(self, sql: Sql, now: str, viewer: str | None) -> Lately:
        """Return the work that `viewer` may see; None = the station itself. `now`: ISO 8601, UTC."""
        at = datetime.fromisoformat(now)
        state = sql.execute(_STATE).fetchone()
        key = (*state, now[:16])
        known = self._known.get(viewer)
        if known is None or known[0] != key:
            *_, to_fix, checked = state
            known = self._known[viewer] = (key, _lately(sql, at, int(to_fix), str(checked), covered(sql, viewer)))
        return known[1]


def _lately(sql: Sql, now: datetime, to_fix: int, checked: str, hidden: frozenset[str]) -> Lately:
    midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None).astimezone(UTC)
    hour = now - timedelta(minutes=PACE_MINUTES * PACE_STEPS)
    today, lately = (first_since(sql, _iso(begin)) for begin in (midnight, hour))
    left = {open_set.barcode: open_set for open_set in open_sets(sql)}
    pace = [0] * PACE_STEPS
    for barcode, ended in sql.execute(_PACE, (lately, _iso(hour))):
        if barcode not in left:
            step = int((datetime.fromisoformat(str(ended)) - hour) / timedelta(minutes=PACE_MINUTES))
            pace[min(step, PACE_STEPS - 1)] += 1
    newest = [row for kind in _ENDS for row in sql.execute(_NEWEST, (kind, today, 2 * NEWEST))]
    barcodes = dict.fromkeys(str(barcode) for _, barcode in sorted(newest, reverse=True) if barcode)
    items = (_item(sql, barcode, left.get(barcode), hidden) for barcode in barcodes)
    return Lately(
        today=sum(barcode not in left for (barcode,) in sql.execute(_TODAY, (today,))),
        hour=sum(pace),
        pace=tuple(pace),
        items=tuple(islice((item for item in items if item is not None), NEWEST)),
        to_fix=to_fix,
        sound_checked=checked >= _iso(midnight),
    )


def _item(sql: Sql, barcode: str, left: OpenSet | None, hidden: frozenset[str]) -> DoneItem | None:
    """Return how an item stands after everything that happened to it; None = it is in work again, or never ended."""
    logged = standing(_about(sql, barcode))
    parts: dict[int, tuple[Ended, str, Sentence]] = {}
    """How each part stands, since when, and why; 0 = the whole item was set aside."""
    judged: dict[int, ItemJudged] = {}
    record: ItemRecord | None = None
    for entry in logged:
        match entry.event:
            case ItemScanned(item=item):
                record = item
            case ItemJudged(part=part, item=item) as event:
                judged[part], record = event, item
                parts.pop(0, None)
                parts[part] = (Ended.PASS if event.verdict is Verdict.PASS else Ended.FAIL, entry.at, EMPTY)
            case ItemSetAside() as event:
                parts = {0: (Ended.SET_ASIDE, entry.at, event.reason)}
            case TagErased(uid=uid) | TagUndoVerified(uid=uid) as event:
                reason = Sentence("last-items.erased" if isinstance(event, TagErased) else "last-items.undone")
                for part in [part for part, verdict in judged.items() if verdict.uid == uid and part in parts]:
                    parts[part] = (Ended.TAG_GONE, entry.at, reason)
            case _:
                pass
    if not parts:
        return None
    # The worst part decides; of equal ones, the newest.
    ended, at, reason = max(parts.values(), key=lambda end: (_WORST.index(end[0]), end[1]))
    if ended is Ended.FAIL:
        fixed = is_fixed(logged, corrections.open_for(sql, barcode))
        reason = Sentence("last-items.fixed") if fixed else _why(judged.values())
    if ended is Ended.PASS and left is not None:
        ended, reason = Ended.PARTS_LEFT, Sentence("last-items.left", count=len(left.left), parts=left.numbers)
    if barcode in hidden:
        ended, reason = Ended.COVERED, EMPTY
    state = state_of(sql, barcode)
    if state is not None and state.state is ItemState.WITHDRAWN:
        ended, at, reason = Ended.WITHDRAWN, state.at, Sentence("last-items.withdrawn")
    return DoneItem(
        at=_local(at),
        barcode=clean(barcode),
        title=clean(record.title) if record is not None else "",
        ended=ended,
        call_number=clean(record.call_number) if record is not None else "",
        reason=reason,
    )


def _about(sql: Sql, barcode: str) -> Iterator[Logged]:
    """Yield what happened to an item, without events whose archive is missing."""
    decode = Decoder(sql)
    for seq, at, kind, payload in sql.execute(_ABOUT, (barcode,)):
        with suppress(ArchiveUnusable):
            yield Logged(seq, str(at), decode(seq, kind, payload))


def _why(judged: Iterable[ItemJudged]) -> Sentence:
    """Return the first reason of a fail."""
    failed = (
        finding
        for event in judged
        for finding in event.findings
        if finding.rule in failed_rules(event) and finding.fails_item
    )
    return next((finding.said for finding in failed), EMPTY)


def _local(at: str) -> str:
    return datetime.fromisoformat(at).astimezone().strftime("%H:%M")


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")
