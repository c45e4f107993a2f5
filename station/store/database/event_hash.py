"""The hash of an event: SHA-256(hash of the event before || header || payload).

The header is these lines, each ended by LF: "station-journal-1", journal id, seq, at, kind, SHA-256 of the event's
deliveries in hexadecimal (empty if none), length of the payload. The hash before the first event is SHA-256 of
"station-journal-1", LF, journal id, LF.
"""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

_MAGIC: Final = "station-journal-1"


class Events(NamedTuple):
    """Consecutive events by column."""

    numbers: tuple[int, ...]
    kinds: tuple[str, ...]
    payloads: tuple[bytes, ...]
    deliveries: tuple[bytes, ...]
    """Digest of the deliveries of each."""
    hashes: tuple[bytes, ...]
    times: tuple[str, ...]


def genesis(journal_id: str) -> bytes:
    """Return the hash before the first event."""
    return hashlib.sha256(f"{_MAGIC}\n{journal_id}\n".encode()).digest()


def event_hash(prev: bytes, journal_id: str, seq: int, at: str, kind: str, deliveries: bytes, payload: bytes) -> bytes:
    """Return the hash of one event."""
    return event_hashes(journal_id, Events((seq,), (kind,), (payload,), (deliveries,), (b"",), (at,)), prev)[0]


def event_hashes(journal_id: str, events: Events, prev: bytes) -> list[bytes]:
    """Return the hash of each event. `prev`: hash of the event before the first; after the others, the stored one of the
    event before counts."""
    begin, sha256 = f"{_MAGIC}\n{journal_id}\n", hashlib.sha256
    numbers, kinds, payloads, deliveries, hashes, times = events
    before = (prev, *hashes[:-1])
    headers = [
        f"{begin}{seq}\n{at}\n{kind}\n{sent.hex()}\n{len(payload)}\n".encode()
        for seq, at, kind, sent, payload in zip(numbers, times, kinds, deliveries, payloads, strict=True)
    ]
    return [sha256(b"".join(parts)).digest() for parts in zip(before, headers, payloads, strict=True)]
