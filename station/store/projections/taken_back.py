"""A verdict that was taken back, in the other projections: it no longer counts, and the item's draw is open again."""

from __future__ import annotations

from station.domain import events as ev
from station.store.database.database import Sql
from station.store.projections.sampling import put_stream


def apply(sql: Sql, seq: int, event: ev.VerdictTakenBack) -> None:
    """Bring judgements, open draws, streams, rejections and arrivals up to date. `BusyTables` states the same rules for
    a replay in memory, except for arrivals."""
    sql.execute("DELETE FROM judgements WHERE seq = ?", (event.judged,))
    sql.execute("DELETE FROM rejections WHERE seq BETWEEN ? AND ?", (event.first, event.judged))
    item = (event.barcode, event.part)
    sql.execute(
        "INSERT INTO open_draws SELECT ?, ?, max(seq) FROM events WHERE kind = 'item-drawn' "
        "AND json_extract(CAST(payload AS TEXT), '$.barcode') = ? AND seq < ? "
        "AND CAST(json_extract(CAST(payload AS TEXT), '$.part') AS INTEGER) = ? "
        "AND seq > (SELECT coalesce(max(seq), 0) FROM judgements WHERE barcode = ? AND part = ?) "
        "HAVING max(seq) IS NOT NULL ON CONFLICT (barcode, part) DO UPDATE SET seq = excluded.seq",
        (*item, event.barcode, event.judged, event.part, *item),
    )
    for stream in event.streams:
        put_stream(sql, seq, stream)


def arrived(sql: Sql, _seq: int, event: ev.VerdictTakenBack) -> None:
    """The item did not arrive with this verdict."""
    sql.execute("DELETE FROM arrivals WHERE seq = ?", (event.judged,))
