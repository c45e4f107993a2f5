"""Deliveries of a verdict to the library systems, and the place where a passed item is scanned in."""

from __future__ import annotations

import msgspec

from station.base.settings import parse
from station.domain.deliveries.intents import ResultIntent, ScanInIntent
from station.domain.verdict import Verdict
from station.quality.verdict.waivers import deliveries
from tests.support.sample_events import judged


def told(verdict: Verdict, parts: int, passed: set[int], scan_in: tuple[str, ...]) -> list[tuple[str, str, bool]]:
    event = msgspec.structs.replace(judged(), verdict=verdict, part=1, parts=parts)
    found = []
    for new in deliveries(event, ("file", "alma"), frozenset(passed), scan_in):
        assert isinstance(new.intent, ResultIntent | ScanInIntent)
        assert new.lane == new.intent.barcode == event.barcode
        whole = isinstance(new.intent, ResultIntent) and new.intent.whole
        found.append((new.system, new.intent.short, whole))
    return found


def test_a_whole_item_is_scanned_in_after_its_result() -> None:
    assert told(Verdict.PASS, 1, set(), ("alma",)) == [
        ("file", "pass", True), ("alma", "pass", True), ("alma", "scan-in", False),
    ]  # fmt: skip
    assert told(Verdict.PASS, 1, set(), ()) == [("file", "pass", True), ("alma", "pass", True)]
    assert told(Verdict.FAIL, 1, set(), ("alma",)) == [("file", "fail", False), ("alma", "fail", False)]


def test_a_set_is_scanned_in_once_all_its_parts_have_passed() -> None:
    assert ("alma", "scan-in", False) not in told(Verdict.PASS, 3, {2}, ("alma",))
    assert ("alma", "scan-in", False) in told(Verdict.PASS, 3, {2, 3}, ("alma",))


def test_the_settings_say_where() -> None:
    on = "[delivery.alma]\nenabled = true\nscan_in = true\n"
    assert parse(on).delivery.scanned_in == ("alma",)
    assert parse(on.replace("enabled = true", "enabled = false")).delivery.scanned_in == ()
    assert parse("").delivery.scanned_in == ()
