"""The outbox as a table: results and orders on their way to the library systems."""

from __future__ import annotations

from collections.abc import Sequence

from station.base.sentence import Sentence
from station.domain.deliveries.delivery import Delivery, reason_words
from station.domain.deliveries.intents import item_of
from station.reports.tables.table import Column, Kind, Place, Table, table
from station.store.queries.queries import Queries


def outbox(queries: Queries, after: str, limit: int, state: str = "") -> Table:
    """Return the deliveries after the one with id `after`, the newest first; with `state` only those in this state."""
    page = queries.outbox_after(after, limit + 1, state)
    return deliveries(queries, page[:limit], more=len(page) > limit)


def deliveries(queries: Queries, shown: Sequence[Delivery], *, more: bool = False) -> Table:
    """Return these deliveries. `more`: others follow."""
    titles = queries.titles({item_of(row.intent) for row in shown})
    return table(
        (
            Column("state", Sentence("office.head.delivery-state"), Kind.STATUS, "outbox.state"),
            Column("title", Sentence("office.head.title"), Kind.TITLE, leads_to="/items", leads_by="barcode"),
            Column("what", Sentence("office.head.to-send"), leads_to="/outbox", leads_by="id"),
            Column("system", Sentence("office.head.system"), Kind.STATUS, "delivery.system"),
            Column("event_at", Sentence("office.head.since"), Kind.TIME),
            Column("attempts", Sentence("office.head.tries"), Kind.COUNT),
            Column("why", Sentence("office.head.why")),
            Column("detail", Sentence("office.head.why"), Kind.CODE),
            Column("barcode", Sentence("office.head.barcode"), Kind.ITEM, only=Place.FILES, part_of="title"),
            Column("id", Sentence("office.head.number"), Kind.CODE),
        ),
        [
            (
                row.state.value,
                titles.get(item_of(row.intent), ""),
                row.intent.words,
                row.system,
                row.event_at,
                row.attempts,
                reason_words(row.reason, row.detail),
                row.detail,
                item_of(row.intent),
                row.id,
            )
            for row in shown
        ],
        next_page=shown[-1].id if more else "",
    )
