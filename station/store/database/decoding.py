"""From a row of the journal to its event."""

from __future__ import annotations

from typing import Final

import msgspec

from station.base.errors import StoreCorrupt, StoreTooNew
from station.base.words import tell
from station.domain import events as ev

KINDS: Final = frozenset(str(struct.__struct_config__.tag) for struct in ev.AnyEvent.__args__)
"""Every kind of event this program knows."""


def decode(seq: int, kind: str, payload: bytes) -> ev.AnyEvent:
    """The event of one row. `StoreTooNew` for a kind this program does not know, `StoreCorrupt` for nonsense."""
    if kind not in KINDS:
        raise StoreTooNew(tell("store.event.unknown", number=seq, kind=repr(kind)))
    try:
        event = ev.decode(payload)
    except msgspec.DecodeError as error:
        raise StoreCorrupt(tell("store.event.broken", number=seq, kind=kind, why=error)) from error
    if ev.kind(event) != kind:
        raise StoreCorrupt(tell("store.event.other-kind", number=seq, said=ev.kind(event), kind=kind))
    return event
