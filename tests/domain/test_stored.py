"""The stored form of events: omitted fields can be restored only if the defaults never change."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from msgspec import inspect

from station.base.sentence import EMPTY
from station.domain import events as ev
from station.domain.findings import RuleText, Severity
from station.domain.tag_image import TagImage, Uid
from tests.support import sample_events
from tests.support.for_each import for_each

NOT_EMPTY = {
    "AccountPlan": {"currency", "rounding", "tax_rounding", "year_begins", "tolerance", "warn_percent", "warn_days"},
    "Added": {"copy", "purpose"},
    "Charge": {"level"},
    "ChargeRule": {"spread"},
    "CopyCounted": {"outcome"},
    "CorrectionOpened": {"what", "part", "parts", "severity", "recheck"},
    "CorrectionRechecked": {"part"},
    "DifferenceOpened": {"copies"},
    "FindingWaived": {"part"},
    "Found": {"effect"},
    "Gift": {"copy"},
    "Invoice": {"kind"},
    "InvoiceLine": {"copies"},
    "ItemDrawn": {"part"},
    "ItemRecord": {"parts"},
    "LeaseIn": {"copy"},
    "Lost": {"piece", "effect"},
    "Mapper": {"columns"},
    "OrderLine": {"state", "one_time"},
    "PackingLine": {"quantity"},
    "PackingList": {"kind"},
    "PurchaseOrder": {"kind"},
    "Reclassified": {"before", "after"},
    "SamplingCounted": {"part"},
    "ShipmentOpened": {"purpose"},
    "StackLine": {"part", "parts"},
    "Stream": {"level"},
    "TagDestroyed": {"part"},
    "TagErased": {"part", "parts"},
    "TagUndoVerified": {"part", "parts"},
    "TagWriteStarted": {"tries"},
    "TransferDecided": {"before", "effect"},
    "Transferred": {"before", "after", "effect"},
    "Vendor": {"claim_days", "mapper"},
    "WithdrawIntent": {"holdings", "bib"},
    "WithdrawalDecided": {"piece", "holdings", "bib"},
    "Withdrawn": {"effect", "piece"},
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


RULES = {rule: RuleText(rule, 1, rule, Severity.MAJOR) for rule in ("a", "b", "c", "d")}
SHORT = msgspec.structs.replace(sample_events.judged("3"), findings=(), passed=("b", "d"))


class Earlier:
    """The rules of event 7."""

    def texts(self, _seq: int) -> dict[str, RuleText]:
        return RULES

    def findings(self, _rules_in: int, _operator: str, _stored: object, _abstained: object) -> tuple[()]:
        return ()


@for_each(("passed", "stored"), [(("b", "d"), "a"), ((), None), (("d", "b"), ["d", "b"]), (("b", "x"), ["b", "x"])])
def test_rules_that_the_machine_passed_are_a_number_if_their_order_is_that_of_the_rules(
    passed: tuple[str, ...], stored: object
) -> None:
    event = msgspec.structs.replace(SHORT, passed=passed)
    payload = ev.encode(event, (7, RULES))
    assert msgspec.json.decode(payload).get("passed") == stored
    assert ev.decode_as("item-judged", payload, Earlier()) == event  # type: ignore[arg-type]


@for_each("number", ["10", "-1", "g", ""])
def test_a_number_that_the_rules_do_not_explain_is_refused(number: str) -> None:
    payload = ev.encode(SHORT, (7, RULES)).replace(b'"passed":"a"', b'"passed":"%s"' % number.encode())
    with pytest.raises(msgspec.ValidationError, match="rules"):
        ev.decode_as("item-judged", payload, Earlier())  # type: ignore[arg-type]


@for_each(
    ("locked", "in_json"), [((False, False), [False]), ((False, True), [False, True]), ((), []), ((True,), [True])]
)
def test_a_status_without_a_lock_is_stored_as_one_entry_and_an_unread_one_stays_unread(
    locked: tuple[bool, ...], in_json: list[bool]
) -> None:
    image = TagImage(Uid("E004010012345678"), 4, bytes(8), locked, 0, None)
    whole = next(event for event in sample_events.ONE_OF_EACH if isinstance(event, ev.TagWriteStarted))
    event = msgspec.structs.replace(whole, old=image)
    stored = msgspec.json.decode(ev.encode(event))
    assert stored["old"]["locked"] == in_json
    assert ev.decode(ev.encode(event)) == event


@for_each("event", sample_events.ONE_OF_EACH)
def test_what_is_left_out_is_read_again(event: ev.AnyEvent) -> None:
    assert ev.decode(ev.encode(event)) == event
    assert msgspec.json.decode(ev.encode(event))["kind"] == ev.kind(event)
