"""Frames have limits, which are checked before anything is decoded."""

from __future__ import annotations

import zlib
from typing import Any

import msgspec
import pytest

from station.domain.journal_copy import Batch, CopiedDelivery, CopiedEvent, Place
from station.fleet.wire import BATCH_BYTES, MOST_BYTES, MOST_EVENTS, BadFrame, batch_in, encode, fitting

BASE = Place("0" * 16, 0, bytes(32))
DELIVERY = CopiedDelivery("file", 0, "30001000000010", b"{}", "")
EVENT = CopiedEvent("2026-11-30T10:00:00.000000+00:00", "item-judged", b"{}", bytes(32), (DELIVERY,))


def test_a_batch_survives_its_frame() -> None:
    batch = Batch(BASE, (EVENT, EVENT))

    assert batch_in(encode(batch)) == batch


@pytest.mark.parametrize(
    "events",
    [
        (),
        (EVENT,) * (MOST_EVENTS + 1),
        (msgspec.structs.replace(EVENT, hash=bytes(31)),),
        (msgspec.structs.replace(EVENT, kind="a\0b"),),
        (msgspec.structs.replace(EVENT, payload=bytes(MOST_BYTES)),),
        (msgspec.structs.replace(EVENT, deliveries=(DELIVERY, DELIVERY)),),
        (msgspec.structs.replace(EVENT, deliveries=(msgspec.structs.replace(DELIVERY, place=-1),)),),
        (msgspec.structs.replace(EVENT, deliveries=(msgspec.structs.replace(DELIVERY, lane="x" * 201),)),),
    ],
    ids=["none", "too-many", "hash", "nul", "large", "twice", "place", "long"],
)
def test_a_batch_that_breaks_a_limit_is_no_batch(events: tuple[CopiedEvent, ...]) -> None:
    with pytest.raises(BadFrame):
        batch_in(encode(Batch(BASE, events)))


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\xff",
        zlib.compress(b""),
        zlib.compress(b"\xc1"),
        zlib.compress(b"\x91" * 100_000),
        zlib.compress(bytes(MOST_BYTES + 1)),
        encode(Batch(BASE, (EVENT,))) + b"more",
        encode(Batch(BASE, (EVENT,)))[:-1],
        bytes(MOST_BYTES + 1),
    ],
    ids=["empty", "garbage", "nothing", "type", "deep", "bomb", "more", "cut", "large"],
)
def test_what_is_no_frame_is_refused(frame: bytes) -> None:
    with pytest.raises(BadFrame):
        batch_in(frame)


@pytest.mark.parametrize(
    ("sizes", "count"),
    [
        ([1] * (MOST_EVENTS + 5), MOST_EVENTS),
        ([BATCH_BYTES // 2] * 3, 2),
        ([BATCH_BYTES + 1, 1], 1),
        ([1, BATCH_BYTES], 1),
    ],
)
def test_a_batch_has_as_many_events_as_fit_and_at_least_one(sizes: list[int], count: int) -> None:
    bare: dict[str, Any] = {"deliveries": ()}
    events = [msgspec.structs.replace(EVENT, payload=bytes(size), **bare) for size in sizes]

    assert fitting(events) == tuple(events[:count])
