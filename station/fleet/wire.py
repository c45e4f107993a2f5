"""Frames between a bench and the center: MessagePack, compressed (RFC 1950). Limits are checked before decoding."""

from __future__ import annotations

import zlib
from typing import Final, TypeVar

import msgspec

from station.domain.journal_copy import Batch, CopiedEvent

T = TypeVar("T")

FRAME: Final = "application/octet-stream"
MOST_EVENTS: Final = 500
BATCH_BYTES: Final = 1_000_000
"""Bytes of payloads and intents in a batch, unless its one event has more."""
MOST_BYTES: Final = 16_000_000
"""Bytes of a frame, before and after decompression: an imported list is one event."""


class BadFrame(Exception):
    """A frame that is too large, or that is no frame."""


def encode(value: object) -> bytes:
    """Return the frame of a value."""
    return zlib.compress(msgspec.msgpack.encode(value))


def decode(frame: bytes, kind: type[T], most: int = MOST_BYTES) -> T:
    """Return the value of a frame. Raises `BadFrame`, also for more than `most` bytes before or after decompression."""
    if len(frame) > most:
        raise BadFrame(f"more than {most} bytes")
    unpacked = zlib.decompressobj()
    try:
        content = unpacked.decompress(frame, most)
    except zlib.error as error:
        raise BadFrame(str(error)) from error
    if unpacked.unconsumed_tail or unpacked.unused_data or not unpacked.eof:
        raise BadFrame(f"more than {most} bytes, or cut off")
    try:
        return msgspec.msgpack.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadFrame(str(error)) from error


def batch_in(frame: bytes) -> Batch:
    """Return the batch of a frame. Raises `BadFrame`, also for too many events, and for two deliveries with one id."""
    batch = decode(frame, Batch)
    if not 1 <= len(batch.events) <= MOST_EVENTS:
        raise BadFrame(f"a batch has 1 to {MOST_EVENTS} events")
    for event in batch.events:
        if len({(delivery.system, delivery.place) for delivery in event.deliveries}) < len(event.deliveries):
            raise BadFrame("two deliveries of an event have one id")
    return batch


def fitting(events: list[CopiedEvent]) -> tuple[CopiedEvent, ...]:
    """Return as many of the first events as a batch may have; at least one."""
    size = 0
    for count, event in enumerate(events[:MOST_EVENTS]):
        size += event.size
        if size > BATCH_BYTES and count:
            return tuple(events[:count])
    return tuple(events[:MOST_EVENTS])
