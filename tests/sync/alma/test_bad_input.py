"""Bad input from Alma, each through look-up and courier: a clear sentence, no loss, no leak of the key, and recovery.

The emulator's log alone decides which changes took effect.
"""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from random import Random
from typing import Any

import pytest

from station.base import settings
from station.base.clock import Clock, SystemClock
from station.base.credentials import Secret
from station.base.errors import Rejected, StationError
from station.base.settings import CatalogSettings
from station.catalog.findings.record_facts import live_with_facts
from station.domain.deliveries.delivery import DeliveryState
from station.domain.item import Barcode, ItemRecord
from station.sync.alma.item import AlmaItem
from station.sync.alma.system import Alma
from station.sync.courier.courier import Courier
from tests.conftest import FakeClock
from tests.support.alma_process import CANARY, AlmaProcess, fictitious
from tests.support.for_each import for_each
from tests.support.told import raises_told, told
from tests.sync.fakes import MemoryOutbox, delivery

Order = Callable[[AlmaProcess], object]
KEPT = {DeliveryState.DEFERRED, DeliveryState.IN_DOUBT}


def ordering(what: str, **options: Any) -> Order:
    return lambda alma: alma.do(what, **options)


CASES: dict[str, tuple[Order, set[DeliveryState], str, Order | None]] = {
    # the fault, the delivery's possible states, text that its detail or the record contains, and the commands that end
    # the fault
    "wrong-key": (ordering("keys", keys={}), KEPT, "UNAUTHORIZED", ordering("keys", keys=None)),
    "key-without-right": (
        ordering("keys", keys={CANARY: ["bibs:read"]}), KEPT, "UNAUTHORIZED", ordering("keys", keys=None),
    ),
    "expired-token": (ordering("status", n=99, code=401), KEPT, "UNAUTHORIZED", ordering("status", n=0)),
    "forbidden-address": (ordering("status", n=99, code=403), KEPT, "FORBIDDEN", ordering("status", n=0)),
    "unknown-barcode": (
        ordering("remove", barcode="1"), {DeliveryState.PARKED}, "401689: Alma has no item with this barcode", None,
    ),
    "two-items": (
        ordering("twin", barcode="1", **{"as": "list"}), {DeliveryState.PARKED}, "2 items in Alma have the barcode", None,
    ),
    "two-items-as-error": (
        ordering("twin", barcode="1", **{"as": "error"}), {DeliveryState.PARKED}, "More than one item", None,
    ),
    "suppressed-holding": (ordering("suppress", barcode="1"), {DeliveryState.DELIVERED}, "suppressed from publishing", None),
    "on-loan": (ordering("loan", barcode="1"), {DeliveryState.DELIVERED}, "on loan", None),
    "html-for-json": (ordering("html", n=99), KEPT, "text/html", ordering("html", n=0)),
    "ten-gigabytes": (ordering("flood", n=99), KEPT, "longer than 4000000 bytes", ordering("flood", n=0)),
    "ten-gigabytes-chunked": (
        ordering("flood", n=99, chunked=True), KEPT, "longer than 4000000 bytes", ordering("flood", n=0, chunked=True),
    ),
    "half-an-answer": (ordering("half", n=99), KEPT, "", ordering("half", n=0)),
    "down": (ordering("down"), KEPT, "", ordering("up")),
    "redirect-elsewhere": (
        ordering("redirect-elsewhere", url="https://elsewhere.example/x"), KEPT, "not followed",
        ordering("redirect-elsewhere", url=""),
    ),
    "redirect-to-plain-http-elsewhere": (
        ordering("redirect-elsewhere", url="http://127.0.0.2:9/x"), KEPT, "not followed",
        ordering("redirect-elsewhere", url=""),
    ),
    "clock-a-year-ahead": (ordering("clock", offset_s=366 * 86_400), {DeliveryState.DELIVERED}, "", None),
    "clock-a-year-behind": (ordering("clock", offset_s=-366 * 86_400), {DeliveryState.DELIVERED}, "", None),
    "day-used-up": (ordering("limits", per_day=0), KEPT, "used up", ordering("limits", per_day=10_000)),
    "bomb-in-the-record": (ordering("poison", **{"as": "entities"}), {DeliveryState.DELIVERED}, "document type", None),
    "external-entity": (ordering("poison", **{"as": "external"}), {DeliveryState.DELIVERED}, "document type", None),
    "utf16-declared": (ordering("poison", **{"as": "utf16-declared"}), {DeliveryState.DELIVERED}, "", None),
    "utf16-encoded": (ordering("poison", **{"as": "utf16-encoded"}), {DeliveryState.DELIVERED}, "", None),
}  # fmt: skip

ANSWERED = {
    "unknown-barcode": '"401689"',
    "two-items": '"total_record_count": 2',
    "two-items-as-error": "EMULATED_TWO_ITEMS",
}
"""Text in Alma's answer in which a person must find the reason."""


def make(alma: AlmaProcess, clock: Clock) -> Alma:
    def describe(bib: bytes, holding: bytes, item: Any) -> ItemRecord:
        return live_with_facts(bib, holding, item, CatalogSettings())

    return Alma(settings.Alma(base_url=alma.base_url), lambda: Secret(CANARY), clock, describe=describe)


def looked_up(adapter: Alma) -> tuple[str, str]:
    """Return what an operator would see (record or sentence), and everything that could be logged of it."""
    caught: StationError | None = None
    try:
        record = adapter.look_up(Barcode("1"))
    except StationError as error:
        caught = error
    if caught is None:
        return f"{told(record.origin)} {' '.join(tuple(map(told, record.standing)))}", repr(record)
    assert told(caught.sentence).endswith("."), "there must be a sentence"
    assert told(caught.detail)
    return f"{told(caught.sentence)} {told(caught.detail)}", "".join(traceback.format_exception(caught)) + repr(
        vars(caught)
    )


@pytest.mark.parametrize("case", sorted(CASES))
def test_a_clear_sentence_nothing_lost_nothing_leaked(
    alma: AlmaProcess, case: str, caplog: pytest.LogCaptureFixture
) -> None:
    order, states, words, mend = CASES[case]
    caplog.set_level(logging.DEBUG)
    clock = FakeClock()
    adapter = make(alma, clock)
    outbox = MemoryOutbox(delivery(1, lane="1"))
    courier = Courier(outbox, {"alma": adapter}, clock, Random(1))
    order(alma)
    said, logged = looked_up(adapter)
    wait = 0.0
    for _ in range(3):
        wait = courier.step()
    (row,) = outbox.rows.values()
    assert row.state in states, (row.state, told(row.detail))
    assert words in f"{said} {told(row.detail)}"
    if row.state is DeliveryState.PARKED:
        assert ANSWERED[case] in row.body, "Alma's answer must be kept for a person"
    if row.state is not DeliveryState.DELIVERED:
        assert told(row.detail)
        assert wait > 0 or row.state is DeliveryState.PARKED
        assert len(alma.effects()) == 0
    shown = f"{said}{logged}{told(row.detail)}{row.body}{courier.status()}{caplog.text}{alma.do('log')}"
    assert CANARY not in shown
    assert "\x1b" not in shown
    if mend is not None:
        mend(alma)
        courier.retry_now()
        for _ in range(40):
            clock.seconds += courier.step() + 1
            if outbox.states() == ["delivered"]:
                break
        assert outbox.states() == ["delivered"], outbox.rows
    if row.state is not DeliveryState.PARKED:
        assert len(alma.effects("item-put")) == 1, "once"
    adapter.close()


@pytest.mark.parametrize("fault", ["drip", "slow"])
def test_a_server_that_takes_its_time_is_left_in_time(alma: AlmaProcess, fault: str) -> None:
    config = settings.Alma(base_url=alma.base_url, timeout_s=0.3)
    adapter = Alma(config, lambda: Secret(CANARY), SystemClock())
    alma.do(fault, **({"ms": 1000} if fault == "slow" else {"n": 9}))
    with raises_told(StationError, match="in time|timed out"):
        adapter.look_up(Barcode("1"))
    alma.do("slow", ms=0)
    alma.do("drip", n=0)
    adapter.close()


def test_a_person_waits_no_longer_than_the_settings_say(alma: AlmaProcess) -> None:
    """All requests of a look-up share one time limit; a delivery has its own."""
    config = settings.Alma(base_url=alma.base_url, timeout_s=20.0, look_up_s=0.5)
    adapter = Alma(config, lambda: Secret(CANARY), SystemClock())
    alma.do("slow", ms=300)
    with raises_told(StationError, match="in time|timed out"):
        adapter.look_up(Barcode("1"))
    assert not adapter.deliver(delivery(1, lane="1")).unchanged
    alma.do("slow", ms=0)
    assert adapter.look_up(Barcode("1")).barcode == "1"
    adapter.close()


def test_a_person_does_not_wait_for_a_small_share(alma: AlmaProcess) -> None:
    """One request in ten seconds, two are needed, and the person waits at most six."""
    clock = FakeClock()
    config = settings.Alma(base_url=alma.base_url, requests_per_second=0.1, look_up_s=6.0)
    adapter = Alma(config, lambda: Secret(CANARY), clock)
    before = clock.seconds
    with raises_told(StationError, match="is used up for now"):
        adapter.look_up(Barcode("1"))
    assert clock.seconds - before < 6.0
    assert not adapter.deliver(delivery(1, lane="1")).unchanged, "a delivery must wait until the limit allows it"
    adapter.close()


@for_each("number", ["1/../../conf", "", "99?x=y", "٣", "1" * 31, None, 1.5])
@for_each(("part", "field"), [("bib_data", "mms_id"), ("holding_data", "holding_id"), ("item_data", "pid")])
def test_a_number_that_would_lead_elsewhere_makes_no_item(part: str, field: str, number: object) -> None:
    item = fictitious()
    item[part][field] = number
    with raises_told(Rejected, match="is not a number") as caught:
        AlmaItem(json.dumps(item).encode())
    assert '"Fictitious"' in caught.value.body


def test_an_object_that_is_no_item_is_kept_for_a_person() -> None:
    with raises_told(Rejected, match="not one item object") as caught:
        AlmaItem(b'{"something": "else\x07"}')
    assert caught.value.body == '{"something": "else"}'
