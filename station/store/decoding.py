"""From a row of the journal to its event."""

from __future__ import annotations

from typing import Final

import msgspec

from station import events as ev
from station.errors import StoreCorrupt, StoreTooNew

KINDS: Final = frozenset(str(struct.__struct_config__.tag) for struct in ev.AnyEvent.__args__)
"""Every kind of event this program knows."""


def decode(seq: int, kind: str, payload: bytes) -> ev.AnyEvent:
    """The event of one row. `StoreTooNew` for a kind this program does not know, `StoreCorrupt` for nonsense."""
    if kind not in KINDS:
        raise StoreTooNew(f"event {seq} is of the kind {kind!r}, which this program does not know")
    try:
        event = ev.decode(payload)
    except msgspec.DecodeError as error:
        raise StoreCorrupt(f"event {seq} ({kind}): {error}") from error
    if ev.kind(event) != kind:
        raise StoreCorrupt(f"event {seq} says {ev.kind(event)}, its row says {kind}")
    return event
