"""Blind second check: hides from a viewer, in all queries, what the viewer may not know yet.

An item with an ordered recheck by another person is *covered* until the order ends. It is covered for everyone except
the worker whose work it is and people who have looked on purpose (`events.SecondCheckSeen`). Any event that names the
item, one of its corrections or one of its deliveries is covered, unless its kind is listed as harmless (`TOLD`). So a
new kind of event is covered until a programmer lists it (docs/reference/quality-sources.md#sampling, "blind double
check").
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
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
_NAMES: Final = """SELECT coalesce(l.report, c.correction), c.barcode FROM corrections c
    JOIN correction_log l ON l.correction = c.correction WHERE c.barcode IN (SELECT value FROM json_each(:covered))
    UNION ALL SELECT id, lane FROM outbox WHERE lane IN (SELECT value FROM json_each(:covered))"""
"""Ids of corrections, their reports and deliveries, with their items."""


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
    names: Mapping[bytes, str] = {}
    """Covered items by the byte strings with which an event's JSON can name them."""

    def of(self, kind: str, payload: bytes) -> str:
        """Return the covered item that this event names; "" = the event may be shown."""
        if kind in TOLD or not any(map(payload.__contains__, self.names)):  # a page asks some ten thousand times
            return ""
        return next(barcode for name, barcode in self.names.items() if name in payload)

    def among(self, payloads: Sequence[bytes]) -> Cover:
        """Return the cover of these events alone: a name is looked for in all of them at once, which takes a tenth of the
        time."""
        together = b"\n".join(payloads)  # no name has a line feed: JSON escapes it
        return Cover(self.barcodes, {name: barcode for name, barcode in self.names.items() if name in together})


NOTHING: Final = Cover()


def covered(sql: Sql, viewer: str | None) -> frozenset[str]:
    """Return the items that are covered now. `viewer`: an id, "" = unknown; None = the station itself, for which nothing
    is covered."""
    if viewer is None:
        return frozenset()
    orders = sql.execute(
        "SELECT barcode, worker, seen FROM corrections INDEXED BY corrections_orders "
        "WHERE kind = 'recheck' AND closed_seq IS NULL"
    )
    return frozenset(str(barcode) for barcode, worker, seen in orders if covers(str(worker), str(seen).split(), viewer))


def is_shown(entry: Entry, barcodes: frozenset[str]) -> bool:
    """Return True for a correction that may be shown. For a covered item, that is only the recheck order itself."""
    now = entry.correction
    return now.kind is CorrectionKind.RECHECK or now.barcode not in barcodes


def cover(sql: Sql, viewer: str | None) -> Cover:
    """Return what is covered now, with the names by which events tell of it. `viewer`: as for `covered`."""
    barcodes = covered(sql, viewer)
    if not barcodes:
        return NOTHING
    names = {msgspec.json.encode(barcode)[1:-1]: barcode for barcode in sorted(barcodes)}  # also within a sentence
    for name, barcode in sql.execute(_NAMES, {"covered": json.dumps(sorted(barcodes))}):
        names[msgspec.json.encode(str(name))] = str(barcode)
    return Cover(barcodes, names)


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
