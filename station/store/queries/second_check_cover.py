"""Blind second check: hides from a viewer, in all queries, what the viewer may not know yet.

An item with an ordered recheck by another person is *covered* until the order ends. It is covered for everyone except
the worker whose work it is and people who have looked on purpose (`events.SecondCheckSeen`). Any event that names the
item, one of its corrections or one of its deliveries is covered, unless its kind is listed as harmless (`TOLD`). So a
new kind of event is covered until a programmer lists it (docs/reference/quality-sources.md#sampling, "blind double
check").
"""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import ArchiveUnusable
from station.base.sentence import Sentence
from station.base.text import clean
from station.domain.correction_states import CorrectionKind
from station.domain.corrections.correction import Entry, covers
from station.domain.events import AnyEvent
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
"""Kinds of events that reveal no findings of a check."""
HIDDEN: Final = "hidden"
"""Shown instead of the kind of a covered event, since the kind alone would reveal something."""


class Hidden(msgspec.Struct, frozen=True, kw_only=True, tag=HIDDEN):
    """Placeholder for a covered event in lists of whole events."""

    barcode: str
    """The item that waits for its second check."""


class InArchive(msgspec.Struct, frozen=True, tag="in-archive"):
    """Placeholder for an event whose archive is not here."""


def hidden_sentence(item: str | Sentence) -> Sentence:
    """Return the sentence shown instead of a covered event. `item`: its name."""
    return Sentence("correction.hidden", barcode=clean(item) if isinstance(item, str) else item)


class Cover(msgspec.Struct, frozen=True):
    """Covered items and their names, for one viewer."""

    barcodes: frozenset[str] = frozenset()
    names: tuple[tuple[bytes, str], ...] = ()
    """Byte strings by which an event's JSON can name a covered item, each with the item."""

    def of(self, kind: str, payload: bytes) -> str:
        """Return the covered item that this event names; "" = the event may be shown."""
        if kind in TOLD:
            return ""
        return next((barcode for name, barcode in self.names if name in payload), "")

    def left(self, entry: Entry) -> bool:
        """Return True for a correction that may be shown. For a covered item, that is only the recheck order itself."""
        now = entry.correction
        return now.kind is CorrectionKind.RECHECK or now.barcode not in self.barcodes


NOTHING: Final = Cover()


def cover(sql: Sql, viewer: str | None) -> Cover:
    """Return what is covered now. `viewer`: an id, "" = unknown; None = the station itself, for which nothing is
    covered."""
    if viewer is None:
        return NOTHING
    orders = sql.execute(
        "SELECT barcode, worker, seen FROM corrections INDEXED BY corrections_orders "
        "WHERE kind = 'recheck' AND closed_seq IS NULL"
    )
    barcodes = frozenset(
        str(barcode) for barcode, worker, seen in orders if covers(str(worker), str(seen).split(), viewer)
    )
    if not barcodes:
        return NOTHING
    names: dict[bytes, str] = {}
    for barcode in sorted(barcodes):
        names[msgspec.json.encode(barcode)[1:-1]] = barcode  # matches in the middle of a sentence, too
        ids = [
            str(name)
            for (name,) in sql.execute(
                "SELECT coalesce(l.report, c.correction) FROM corrections c "
                "JOIN correction_log l ON l.correction = c.correction WHERE c.barcode = ?",
                (barcode,),
            )
        ]
        ids += [str(name) for (name,) in sql.execute("SELECT id FROM outbox WHERE lane = ?", (barcode,))]
        names |= {msgspec.json.encode(name): barcode for name in ids}
    return Cover(barcodes, tuple(names.items()))


class EventRow(msgspec.Struct, frozen=True):
    """One event with all its data."""

    seq: int
    at: str
    event: AnyEvent | Hidden | InArchive
    summary: Sentence
    hash: str
    """"" if the event is hidden."""


def event_row(cover: Cover, decode: Decoder, seq: int, at: str, kind: str, payload: bytes, digest: bytes) -> EventRow:
    """Return one event as this viewer may read it."""
    hidden = cover.of(kind, payload)
    try:
        whole = decode.whole(seq, payload)
        hidden = hidden or cover.of(kind, whole)
        event = None if hidden else decode(seq, kind, whole)
    except ArchiveUnusable as error:
        if not hidden:
            return EventRow(seq, at, InArchive(), error.detail, digest.hex())
    if hidden or event is None:
        return EventRow(seq, at, Hidden(barcode=hidden), hidden_sentence(hidden), "")
    return EventRow(seq, at, event, summary(event), digest.hex())
