"""The stored form of events: omitted fields can be restored only if the defaults never change."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from msgspec import inspect

from station.base.sentence import EMPTY
from station.domain import events as ev
from tests.support import sample_events
from tests.support.for_each import for_each

NOT_EMPTY = {
    "CorrectionOpened": {"what", "part", "parts", "severity", "recheck"},
    "CorrectionRechecked": {"part"},
    "FindingWaived": {"part"},
    "ItemDrawn": {"part"},
    "ItemRecord": {"parts"},
    "PackingLine": {"quantity"},
    "SamplingCounted": {"part"},
    "StackLine": {"part", "parts"},
    "Stream": {"level"},
    "TagErased": {"part", "parts"},
    "TagUndoVerified": {"part", "parts"},
    "TagWriteStarted": {"tries"},
    "WithdrawIntent": {"holdings"},
}
"""Fields of events and of their structs whose default is not empty."""


def structs(found: inspect.Type, seen: set[type]) -> Iterator[inspect.StructType]:
    """Yield every struct that an event may hold."""
    if isinstance(found, inspect.StructType) and found.cls not in seen:
        seen.add(found.cls)
        yield found
        for field in found.fields:
            yield from structs(field.type, seen)
    for inner in (*getattr(found, "types", ()), *getattr(found, "item_types", ()), getattr(found, "item_type", None)):
        if inner is not None:
            yield from structs(inner, seen)


def test_no_default_that_is_left_out_was_changed() -> None:
    """A default that is not empty is stored. If an empty default became non-empty, old events would change."""
    found: dict[str, set[str]] = {}
    for struct in structs(inspect.type_info(ev.AnyEvent), set()):
        for field in struct.fields:
            if not field.required and field.default not in ("", 0, (), None, EMPTY):
                found.setdefault(struct.cls.__name__, set()).add(field.name)
    assert found == NOT_EMPTY


def test_every_class_of_an_event_can_be_journaled() -> None:
    classes = {kind for kind in ev.Event.__subclasses__() if kind.__module__.startswith(ev.__name__)}
    assert classes == set(ev.AnyEvent.__args__), "name the class in the union of its file"


@for_each("event", sample_events.ONE_OF_EACH)
def test_what_is_left_out_is_read_again(event: ev.AnyEvent) -> None:
    assert ev.decode(ev.encode(event)) == event
    assert msgspec.json.decode(ev.encode(event))["kind"] == ev.kind(event)
