"""The queue for original cataloging, from its events. Requests are never merged: each one stays readable."""

from __future__ import annotations

import msgspec

from station.domain.events import CatalogingRequested, CatalogingResolved
from station.store.database.database import Sql
from station.store.database.decoding import Decoder


class Asked(msgspec.Struct, frozen=True):
    """One request, with its time."""

    at: str
    event: CatalogingRequested


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One piece in the queue."""

    id: str
    asked: tuple[Asked, ...]
    """Every request for the piece, oldest first."""
    closed_at: str = ""
    """"" = still open."""
    resolution: CatalogingResolved | None = None

    @property
    def barcode(self) -> str:
        """Barcode of the piece; "" = it has none."""
        return self.newest("barcode")

    def newest(self, name: str) -> str:
        """Return the latest value of a field of the requests; "" if it was never given."""
        said = (str(getattr(asked.event, name)) for asked in reversed(self.asked))
        return next((text for text in said if text), "")

    def notes(self) -> tuple[str, ...]:
        """Return all notes, each once."""
        return tuple(dict.fromkeys(asked.event.note for asked in self.asked if asked.event.note))


def entries(sql: Sql, *, closed: bool) -> tuple[Entry, ...]:
    """Return the entries, oldest first: only the open ones, or all with `closed`."""
    rows = list(
        sql.execute(
            "SELECT c.entry, e.seq, e.at, e.kind, e.payload, d.seq, d.at, d.kind, d.payload FROM cataloging c "
            "JOIN events e ON e.seq = c.seq LEFT JOIN events d ON d.seq = c.closed_seq "
            "WHERE ? = 1 OR c.closed_seq IS NULL ORDER BY c.seq",
            (closed,),
        )
    )
    decode = Decoder(sql)
    found: dict[str, Entry] = {}
    for entry, seq, at, kind, payload, end_seq, end_at, end_kind, end_payload in rows:
        asked = decode(seq, kind, bytes(payload))
        ended = None if end_seq is None else decode(end_seq, end_kind, bytes(end_payload))
        if not isinstance(asked, CatalogingRequested):
            continue
        before = found.get(entry)
        found[entry] = Entry(
            id=entry,
            asked=(*(before.asked if before else ()), Asked(at, asked)),
            closed_at=end_at or "",
            resolution=ended if isinstance(ended, CatalogingResolved) else None,
        )
    return tuple(found.values())
