"""Every page and dialog at every size: it shows its text, and nothing is cut off. Nothing is painted.

The states of the work are tested where they are prepared (`test_screens` and `workflows`); boards and queues with pages
have their own tests.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest
from textual.content import Content

from station.tui.app import LabelPrinted
from station.tui.widgets.screen import Pane
from station.tui.widgets.touch import Action, Go, Open, OpenLot, Pick, TouchButton
from station.tui.workflows.check_aids import CountDialog
from tests.tui.running_app import ENDS, Desk
from tests.tui.sample_corrections import LABEL, VENDORS
from tests.tui.scenes import SCENES, SETTINGS
from tests.tui.test_modals import Bench
from tests.tui.test_screens import targets_are_good
from tests.tui.whole import nothing_is_cut, tells


class Page(NamedTuple):
    """The scene, the actions that open the page, its text, and panes that may end a line in "…"."""

    scene: str
    opened: tuple[object, ...]
    said: tuple[str, ...]
    shortened: tuple[str, ...] = ()


PAGES: dict[str, Page] = {
    "menu": Page(
        "need-tag",
        (Go.MENU,),
        (
            "Your item waits. Process goes back to it.",
            "one item from scan to verdict",
            "bulk tagging: scan, place, next",
            "Sound & display",
            "Quit",
        ),
    ),
    "board": Page("idle", (Go.BOARD,), ("Status board, page 1", "Work in hand", "< Previous", "New roll", "Close")),
    "journal": Page(
        "check-label",
        (Go.JOURNAL,),
        ("Journal, page 1", "2026-11-24 12:10 PM 31234000004217 pass (6 checks)", "< Newer", "Older >", "Close"),
        ("page",),
    ),
    "outbox": Page(
        "check-label",
        (Go.OUTBOX,),
        (
            "Outbox, page 1",
            "Alma: 3 waiting, sent within a minute",
            "! needs a person · alma 31234000005512 · result pass 400: the item's note is read-only",
            "? in doubt, is looked up · alma A field guide to imaginary rivers",
            "31234000004217 · result pass the library system did not confirm",
            "· waits · alma 31234000009919 · result pass",
            "Parked",
            "Order",
        ),
    ),
    "delivery": Page(
        "check-label",
        (Go.OUTBOX, Pick("d5512")),
        ("Delivery to Alma", "31234000005512", "! needs a person, tried 2 times", "Try again", "Discard", "< Back"),
    ),
    "orders": Page(
        "check-label",
        (Go.OUTBOX, Go.ORDER),
        (
            "Ask the library system, page 1",
            "31234000004217 A field guide to imaginary rivers",
            "Notes, weeding numbers, other places and new sets are typed: station library",
            "Scan in scan in at department TECHSERV alma",
        ),
        ("page",),
    ),
    "statistics": Page(
        "check-label",
        (Go.STATISTICS,),
        ("Statistics: shares by worker, page 1", "shares by worker", "By vendor", "Charts", "line 11"),
    ),
    "signs": Page(
        "check-label",
        (Go.SIGNS,),
        (
            "The station shows the item and the new content. It writes the tag and checks it.",
            "Put the flag slip into a failed item. To fix lists it.",
            "○ READY The station waits for you.",
            "■ WAIT The station works. Leave the item where it is.",
            "✓ GOOD All is well. Go on.",
            "▲ LOOK Something needs your eyes or your decision.",
            "× STOP Something is wrong. Read the sentence.",
        ),
    ),
    "sight": Page(
        "idle",
        (Go.DISPLAY_AND_SOUND,),
        (
            "Calm colors, text of normal size.",
            "one short tick: the scan or the tag was taken",
            "four quick low notes: stop",
            "High contrast",
            "Large text",
            "Hear: taken",
            "Daily check",
        ),
    ),
    "corrections": Page("idle", (Go.CORRECTIONS,), ("! 1 rejected lot", "< Previous", "Next >", "Close")),
    "correction": Page(
        "idle",
        (Open(LABEL.correction),),
        (
            "Spine label: Badly fixed",
            "To fix: A field guide to imaginary rivers",
            "Item 31234000004217",
            "to fix (came back once)",
            "! OVERDUE, 2026-11-26, open for 5 days, serious",
            "found by Ines Moreau: the label is loose or bare",
            "fixed, says Ines Moreau: new label printed",
            "checked by another person: not good: Badly fixed",
            "✓ Fixed",
            "Take it",
            "No fix needed",
        ),
    ),
    "lot": Page("idle", (OpenLot("vendor", VENDORS.subject, VENDORS.lot),), ("Rejected lot 12: Baker & Taylor",)),
    "quit": Page(
        "check-label",
        (Go.QUIT,),
        (
            "Leave the station?",
            "This item is not finished. If you quit, scan it again later.",
            "Stay",
            "Leave",
        ),
    ),
    "note": Page(
        "check-label",
        (Go.REASONS, Go.NOTE),
        (
            "Note about this fail",
            "_",
            "Tap a note, or type one. Enter keeps it.",
            *SETTINGS.corrections.ready_notes,
            "Keep it",
            "Close",
        ),
    ),
    "count": Page(
        "check-pieces",
        (Go.COUNT,),
        ("Count the pieces. Is everything there?", "Pieces counted: _", "< Digit", "Keep it", "1 2 3 4 5 6 7 8 9 0"),
    ),
    "waive": Page(
        "fail",
        (Go.WAIVE,),
        (
            "Tap what may stay as it is. The journal keeps the finding.",
            "Spine label",
            "Property stamp",
        ),
    ),
    "printed": Page("fail", (LabelPrinted("Printed", "One label."),), ("Printed", "One label.", "Close")),
}


KEYPADS = (CountDialog,)
"""Dialogs with many answers: small targets."""


@pytest.mark.parametrize("size", ENDS, ids=str)
async def test_every_page_says_what_it_must_and_nothing_is_cut(size: tuple[int, int]) -> None:
    async with Bench(SCENES["idle"], size) as desk:
        for name, page in PAGES.items():
            await desk.show(SCENES[page.scene])
            work = desk.app.screen
            for does in page.opened:
                await opened_by(desk, does)
            assert desk.app.screen is not work, name
            tells(desk, page.said, *page.shortened)
            targets_are_good(desk, size, small=isinstance(desk.app.screen, KEYPADS))
            while desk.app.screen is not work:
                await desk.app.pop_screen()


async def opened_by(desk: Desk, does: object) -> None:
    if isinstance(does, LabelPrinted):
        desk.app.post_message(does)
    else:
        desk.buttons[0].post_message(TouchButton.Tapped(Action("", does)))  # type: ignore[arg-type]
    for _ in range(2):
        await desk.pilot.pause()
        await desk.app.workers.wait_for_complete()


@pytest.mark.parametrize("cut", ["a line as wide as two screens " * 6, "line\n" * 40, "the end is left…"])
async def test_what_is_cut_is_found(cut: str) -> None:
    async with Bench(SCENES["idle"], (80, 24)) as desk:
        nothing_is_cut(desk)
        desk.app.screen.query_one("#band", Pane).show(lambda _width, _height: Content(cut))
        with pytest.raises(AssertionError):
            nothing_is_cut(desk)
