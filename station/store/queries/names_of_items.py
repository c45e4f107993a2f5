"""What the journal knows about an item's name and its last stop, for sentences on screens."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import msgspec

from station.base.errors import ArchiveUnusable
from station.base.sentence import EMPTY, Sentence
from station.base.sentence_json import decode_sentence
from station.base.text import clean
from station.store.database.archives import Archives
from station.store.database.database import Sql

_TITLE: Final = 60
"""Maximum characters of a title."""
_STEPS: Final = 12
"""How many events a stop may lie before the setting aside that it led to."""
_SCANNED: Final = (
    "SELECT json_extract(CAST(payload AS TEXT), '$.item.title') FROM events "
    "WHERE json_extract(CAST(payload AS TEXT), '$.barcode') = ? AND kind = 'item-scanned' ORDER BY seq DESC LIMIT 1"
)
_FLAGGED: Final = "SELECT barcode FROM corrections WHERE correction = ?"
_STOPPED: Final = (
    "SELECT seq, payload FROM events WHERE +kind = 'line-stopped' AND seq BETWEEN ? AND ? "
    "AND json_extract(CAST(payload AS TEXT), '$.code') = ? ORDER BY seq DESC LIMIT 1"
)


class _Stop(msgspec.Struct):
    sentence: Sentence = EMPTY


_STOP: Final = msgspec.json.Decoder(_Stop, dec_hook=decode_sentence)


def title_of(db: Sql, barcode: str) -> str:
    """Return the title of the item's newest scan, bounded; "" = it was not scanned, or has none."""
    row = db.execute(_SCANNED, (barcode,)).fetchone()
    return clean(str(row[0] or ""), _TITLE) if row is not None else ""


def item_of_correction(db: Sql, correction: str) -> str:
    """Return the barcode that a correction is about; "" = there is no such correction."""
    row = db.execute(_FLAGGED, (correction,)).fetchone()
    return str(row[0]) if row is not None else ""


def stop_before(db: Sql, seq: int, code: str) -> Sentence:
    """Return the sentence of the stop with this code shortly before event `seq`; empty = there was none, or its archive is
    not here."""
    row = db.execute(_STOPPED, (seq - _STEPS, seq, code)).fetchone()
    with suppress(ArchiveUnusable):
        return EMPTY if row is None else _STOP.decode(Archives(db).whole(int(row[0]), bytes(row[1]))).sentence
    return EMPTY
