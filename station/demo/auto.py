"""`station demo --auto N`: the scripted operator plays N items and reports whether each ended as its script expects.

A run that was killed can be restarted: partly written tags are finished first, and items with a result are not played
again. If a result does not reach the library systems, its item's row fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from station.base.clock import Clock, Deadline, SystemClock
from station.base.errors import StationError
from station.base.words import tell
from station.catalog.sample.sample import numbered_barcode
from station.demo.operator import Disappointed, Operator
from station.demo.result import BEFORE, STUCK, Played
from station.demo.scripts import STORIES, Story
from station.demo.shelf import DemoTag, tag_of_kind, uid
from station.demo.stage import Stage
from station.domain.deliveries.delivery import WAITING, DeliveryState
from station.domain.deliveries.intents import item_of
from station.domain.item import Barcode
from station.domain.snapshot import Phase
from station.domain.tag_image import Uid

_FIRST_TAG = 0x10000

DELIVERY_SECONDS: Final = 60.0
"""Seconds that the results of the last items may take to reach the library systems: twice the courier's probe."""

_ON_THE_WAY: Final = frozenset(state.value for state in WAITING)


def tags_for(stage: Stage, number: int, story: Story) -> tuple[DemoTag, DemoTag]:
    """Return the tag in the n-th item (1 = first) and the blank tag beside it; the same in every run."""
    own = uid(_FIRST_TAG + 2 * number)
    barcode = numbered_barcode(number)
    other = numbered_barcode(number + 1)
    return tag_of_kind(story.tag, own, barcode, other, stage.settings), DemoTag(uid=uid(_FIRST_TAG + 2 * number + 1))


def play(stage: Stage, count: int, progress: Callable[[int, int], None] = lambda _done, _total: None) -> list[Played]:
    """Play items 1..count. The stage must have been set up with at least count + 1 numbered items."""
    operator = Operator(stage.station.bench, stage.reader, stage.ils)
    try:
        operator.eyes.wait(tell("demo.wait.reader"), lambda s: s.reader_ready)
        rows = []
        by_uid: dict[Uid, DemoTag] = {}
        stories = {}
        for number in range(1, count + 1):
            story = STORIES[(number - 1) % len(STORIES)]
            tags = tags_for(stage, number, story)
            stage.create(*tags)
            stories[number] = (story, tags)
            by_uid.update({tag.uid: tag for tag in tags})
        _finish_half_written(stage, operator, by_uid)
        judged = stage.station.store.queries.judged_barcodes()
        for number, (story, tags) in stories.items():
            rows.append(_one(stage, operator, number, story, tags, judged))
            progress(number, count)
        late = _undelivered(stage, SystemClock())
        return [
            msgspec.structs.replace(row, ok=False, note=late[row.barcode]) if row.barcode in late else row
            for row in rows
        ]
    finally:
        operator.eyes.close()


def _finish_half_written(stage: Stage, operator: Operator, tags: dict[Uid, DemoTag]) -> None:
    for attempt in stage.station.store.journal.open_attempts():
        tag = tags.get(Uid(attempt.uid))
        if tag is not None:
            operator.place(tag)
            operator.judge()
            operator.clear()


def _undelivered(stage: Stage, clock: Clock) -> dict[str, str]:
    """Wait until every result has reached its systems. Return the reason by barcode for those that have not."""
    queries = stage.station.queries
    deadline = Deadline(clock, DELIVERY_SECONDS)
    while any(state in _ON_THE_WAY for state in queries.outbox_counts()) and not deadline.expired:
        clock.pause(0.05)
    total = sum(queries.outbox_counts().values())
    late: dict[str, str] = {}
    for offset in range(0, total, 500):
        for delivery in stage.station.store.queries.outbox_page(offset, 500):
            if delivery.state is not DeliveryState.DELIVERED:
                what = tell(
                    "demo.undelivered", system=delivery.system, state=delivery.state.value, why=tell(delivery.detail)
                )
                late.setdefault(item_of(delivery.intent), what)
    return late


def _is_written(stage: Stage, tag: DemoTag) -> bool:
    """Return True if the tag is not as the shelf made it."""
    held = bytes.fromhex(stage.reader.call("dump", uid=tag.uid)["tag"]["memory"])
    return held.rstrip(b"\0") != bytes.fromhex(tag.memory).rstrip(b"\0")


def _one(
    stage: Stage, operator: Operator, number: int, story: Story, tags: tuple[DemoTag, DemoTag], judged: frozenset[str]
) -> Played:
    barcode = numbered_barcode(number)
    if barcode in judged:
        return Played(number, barcode, story.name, story.expected, BEFORE, ok=True, note=tell("demo.earlier"))
    try:
        # An item whose tag was verified before a crash has no result yet: it is processed again with that tag. So is
        # one whose tag was written in a session that the journal has lost; a half-written tag is overwritten.
        bound = {binding.uid for binding in stage.station.store.journal.bindings_for(Barcode(barcode))}
        tag = next((tag for tag in tags if (tag.uid in bound if bound else _is_written(stage, tag))), None)
        if tag is not None:
            operator.scan(barcode)
            operator.phase(Phase.NEED_TAG)
            operator.place(tag)
            operator.overwrite_if_asked(barcode)
            came = operator.judge()
            expected = "pass"
        else:
            came = story.play(operator, barcode, *tags)
            expected = story.expected
        note = ""
    except (Disappointed, StationError) as error:
        why = tell(error.coded_detail) if isinstance(error, StationError) else str(error)
        came, expected, note = STUCK, story.expected, why
        operator.set_aside_quietly()
    operator.clear()
    return Played(number, barcode, story.name, expected, came, ok=came == expected, note=note)
