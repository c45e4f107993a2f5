"""The whole station on a real terminal, with people who sign on: by scan, keys and taps only."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from station.demo.staff import STAFF
from station.domain.events import CheckAnswered, PinSet, SignedOff, SignedOn, SignOnRefused, TagWriteStarted
from station.runtime.data_directory import JOURNAL
from station.store.queries.queries import Queries
from tests.conftest import FakeClock
from tests.support.terminal import Terminal

F3, F4 = "\x1bOR", "\x1bOS"
PINS = {login: pin for login, _, _, pin, _ in STAFF}


def test_signing_on_in_a_real_terminal(tmp_path: Path) -> None:
    one = Terminal("--data", str(tmp_path), "--sign-on", module=("station", "demo"))
    try:
        one.shows(["Making an imaginary library ..."], "what the first start does")
        one.type(F3 + "typed ahead")
        one.shows(["Sign on", "Scan your staff card", "tap a purple key", f"PIN {PINS['ann']}"], "the sign-on page")
        started = bytes(one.seen)
        assert b"4 of 4: the station" in started
        assert b"^[OR" not in started and b"typed ahead" not in started, "no echo"
        one.tap("Tim Newhouse")
        one.shows(["Tim Newhouse: type your PIN", f"Demo: the PIN is {PINS['tim']}."], "the card")
        one.type(PINS["tim"] + "\r")
        one.shows(["this is your first PIN"], "the first PIN")
        one.type("902811\r")
        one.shows(["type the new PIN once more"], "the new PIN")
        one.type("902811\r")
        one.shows(["Tim Newhouse is signed on", "Scan a barcode"], "the work")
        one.type(F3)
        one.shows(["Put the item on the pad"], "the item")
        one.type(F4)
        one.shows(["CHECK", "✓ GOOD, NEXT (1-"], "its first page of checks")
        one.tap("✓ GOOD, NEXT (1-")
        one.shows(["✓ GOOD, NEXT (3-"], "the next page")
        one.type("STAFF-tess\r")
        one.shows(["Another person", "Tess Marlowe: type your PIN", " 7 ", " 0 ", "OK", "Not now"], "another card")
        for typed, digit in enumerate(PINS["tess"], 1):
            one.tap(f" {digit} ")
            one.shows([" ".join("●" * typed)], "a dot for each digit")
        one.tap("OK")
        one.shows(["Tess Marlowe is signed on", "CHECK", "✓ GOOD, NEXT (3-", "Menu"], "the same place")
        assert one.screen.display[0].lstrip().startswith("Tess Marlowe"), "the current operator must come first"
        one.tap("✓ GOOD, NEXT (3-")
        one.shows(["✓ ALL GOOD"], "the page after her answer")
        one.tap("Menu")
        one.shows(["Sign off", "Convert", "Close"], "the menu")
        one.tap("Sign off")
        one.shows(["Sign on", "An item is open"], "nobody is here")
        one.type("STAFF-ann\r")
        one.shows(["Ann Quillfeather: type your PIN"], "the third")
        one.type("000111\r")
        one.shows(["Wrong PIN"], "a wrong one")
        os.kill(one.process.pid, signal.SIGTERM)
        assert one.end() == 0
    finally:
        one.close()
    views = Queries(tmp_path / JOURNAL, FakeClock())
    events = [row.event for row in views.events()]
    assert all(event.operator for event in events)
    who = [event.operator for event in events if isinstance(event, SignedOn)]
    assert who == ["w-demo-tim", "w-demo-tess"]
    assert [event.why for event in events if isinstance(event, SignedOff)] == ["changed", "asked"]
    given = [(event.worker, event.operator) for event in events if isinstance(event, PinSet)]
    assert given == [
        *((f"w-demo-{login}", "machine") for login in ("ann", "tess", "tim")),
        ("w-demo-tim", "w-demo-tim"),
    ]
    assert {event.operator for event in events if isinstance(event, CheckAnswered)} == {"w-demo-tim", "w-demo-tess"}
    assert [event.operator for event in events if isinstance(event, TagWriteStarted)] == ["w-demo-tim"]
    assert [event.worker for event in events if isinstance(event, SignOnRefused)] == ["w-demo-ann"]
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    chosen = ("902811", "000111")
    for pin in (*PINS.values(), *chosen):
        assert pin.encode() not in kept
    for pin in chosen:  # the demo shows the PINs of its cards
        assert pin.encode() not in bytes(one.seen)
