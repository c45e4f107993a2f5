"""The blind second check, for everything that is read: what a viewer may not be told of yet.

An item for which a recheck by another person is ordered is *covered* for everybody but the one whose work it is, and those
who have looked on purpose (`events.SecondCheckSeen`), until the order ends. Covered is whatever names the item, one of its
corrections or one of its deliveries, in whatever event: what may be told all the same is listed (`TOLD`), not what may not.
So a new kind of event is covered until somebody has thought about it (processing-and-quality.md 4.4, "blind double check").
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.text import clean
from station.base.words import tell
from station.domain.corrections import Entry, covers
from station.domain.events import AnyEvent
from station.domain.snapshot import CorrectionKind
from station.store.database.database import Sql
from station.store.database.decoding import Decoder
from station.store.queries.summaries import summary

TOLD: Final = frozenset(
    {
        *("item-scanned", "tag-recognised", "tag-write-started", "tag-write-interrupted", "tag-write-verified"),
        *("tag-write-abandoned", "tag-erased", "tag-undo-started", "tag-undo-interrupted", "tag-undo-verified"),
        *("security-write-started", "security-write-verified", "security-write-interrupted", "pad-request-refused"),
        *("second-check-seen", "truck-listed", "truck-named", "set-opened", "set-sized"),
    }
)
"""Kinds of events that say nothing of what a check has found."""
HIDDEN: Final = "hidden"
"""Stands for the kind of a covered event: the kind alone would tell."""


class Hidden(msgspec.Struct, frozen=True, kw_only=True, tag=HIDDEN):
    """Stands for a covered event where whole events are listed."""

    barcode: str
    """An item that waits for its second check."""


def said(barcode: str) -> str:
    """The sentence that stands for a covered event."""
    return tell("correction.hidden", barcode=clean(barcode))


class Cover(msgspec.Struct, frozen=True):
    """What is covered for one viewer."""

    barcodes: frozenset[str] = frozenset()
    names: tuple[tuple[bytes, str], ...] = ()
    """How an event can name a covered item (in the bytes of JSON), and the item."""

    def of(self, kind: str, payload: bytes) -> str:
        """The covered item that this event tells of; "" = it may be told."""
        if kind in TOLD:
            return ""
        return next((barcode for name, barcode in self.names if name in payload), "")

    def left(self, entry: Entry) -> bool:
        """True for a correction that may be told: of a covered item only the order itself."""
        now = entry.correction
        return now.kind is CorrectionKind.RECHECK or now.barcode not in self.barcodes


NOTHING: Final = Cover()


def cover(sql: Sql, viewer: str | None) -> Cover:
    """What is covered now. `viewer`: an id, "" = nobody has said who he is; `None` = the station itself, for which nothing
    is covered."""
    if viewer is None:
        return NOTHING
    orders = sql.execute("SELECT barcode, worker, seen FROM corrections WHERE kind = 'recheck' AND closed_seq IS NULL")
    barcodes = frozenset(
        str(barcode) for barcode, worker, seen in orders if covers(str(worker), str(seen).split(), viewer)
    )
    if not barcodes:
        return NOTHING
    names: dict[bytes, str] = {}
    for barcode in sorted(barcodes):
        names[msgspec.json.encode(barcode)[1:-1]] = barcode  # in the middle of a sentence, too
        told = [
            str(name)
            for (name,) in sql.execute(
                "SELECT coalesce(l.report, c.correction) FROM corrections c "
                "JOIN correction_log l ON l.correction = c.correction WHERE c.barcode = ?",
                (barcode,),
            )
        ]
        told += [str(name) for (name,) in sql.execute("SELECT id FROM outbox WHERE lane = ?", (barcode,))]
        names |= {msgspec.json.encode(name): barcode for name in told}
    return Cover(barcodes, tuple(names.items()))


class EventRow(msgspec.Struct, frozen=True):
    """One event with everything."""

    seq: int
    at: str
    event: AnyEvent | Hidden
    summary: str
    hash: str
    """"" where the event is hidden."""


def event_row(cover: Cover, decode: Decoder, seq: int, at: str, kind: str, payload: bytes, digest: bytes) -> EventRow:
    """One event as this viewer may read it."""
    hidden = cover.of(kind, payload)
    if hidden:
        return EventRow(seq, at, Hidden(barcode=hidden), said(hidden), "")
    event = decode(seq, kind, payload)
    return EventRow(seq, at, event, summary(event), digest.hex())
