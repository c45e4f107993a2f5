"""The bench's messages at a stop, and the reasons that it journals itself, in the pseudo-language."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import station.base.words
from station.domain.commands import Abandon, Answer, Cancel, Scan
from station.domain.findings import Outcome
from station.domain.tag_image import Uid
from tests.support.for_each import for_each
from tests.support.pseudo_language import UNITS, catalogue, plain_words
from tests.support.simulated_bench import BOOK, DVD, NO_CALL, OTHER, UNKNOWN, Rig
from tests.support.told import told

RECORDS = f"{UNITS} Title of Doe Jane QA STACKS US TxImag PASS dvd book unplugged no port"
"""The last three are texts of the simulated reader."""


@pytest.fixture(autouse=True)
def language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(station.base.words.current_session(), "catalogue", catalogue())


def _two(rig: Rig) -> None:
    rig.place(rig.world.tag(1), rig.world.tag(2))
    rig.scan(BOOK)
    rig.look(2)


def _others(rig: Rig) -> None:
    """Place the tag of another of the library's items."""
    uid = rig.world.tag(1)
    _done(rig, OTHER, uid)
    rig.lift()
    rig.look(3)
    rig.scan(BOOK)
    rig.place(uid)
    rig.look(3)


def _second(rig: Rig) -> None:
    """Place a second tag for an item that already has one."""
    _done(rig, BOOK, rig.world.tag(1))
    rig.lift()
    rig.look(3)
    rig.scan(BOOK)
    rig.place(rig.world.tag(2))
    rig.look(3)


def _done(rig: Rig, barcode: Any, uid: Uid) -> None:
    rig.scan(barcode)
    rig.place(uid)
    rig.look(3)
    for check in rig.now.checks:
        rig.bench.handle(Answer(check.rule, Outcome.PASS))


def _aside(rig: Rig) -> None:
    rig.scan(BOOK)
    rig.bench.handle(Cancel())
    rig.scan(BOOK)
    rig.scan(OTHER)
    rig.bench.handle(Abandon(uid="E004010000000001"))


def _unplugged(rig: Rig) -> None:
    rig.world.plugged = False
    rig.look(3)


WAYS: dict[str, Callable[[Rig], object]] = {
    "two tags": _two,
    "another item's tag": _others,
    "a second tag": _second,
    "set aside": _aside,
    "no call number": lambda rig: (rig.place(rig.world.tag(1)), rig.scan(NO_CALL), rig.pass_all()),
    "unknown": lambda rig: rig.scan(UNKNOWN),
    "no barcode": lambda rig: rig.scan("12"),
    "a part too many": lambda rig: rig.bench.handle(Scan(DVD, 9)),
    "unplugged": _unplugged,
}
TOLD_BY_THE_BENCH = ("reason", "detail", "note", "sentence")


@for_each("name", WAYS)
def test_no_stop_and_no_reason_says_anything_by_itself(name: str) -> None:
    rig = Rig()
    WAYS[name](rig)
    said = [told(shown.notice.sentence) for shown in rig.shown]
    faults = [shown.fault for shown in rig.shown if shown.fault is not None]
    for fault in faults:
        said += [
            told(fault.sentence),
            told(fault.detail),
            told(fault.old),
            told(fault.new),
            *(told(choice.label) for choice in fault.choices),
        ]
    for event in rig.journal.events:
        said += [told(getattr(event, field, "")) for field in TOLD_BY_THE_BENCH]
    of_encoding = {told(fault.detail) for fault in faults if fault.code == "other-item"}
    """Findings of `station.encoding` about the tag, for a technician."""
    shown = [text for text in said if text and text not in of_encoding]
    assert shown
    assert plain_words(" ".join(shown), RECORDS) == set(), shown
