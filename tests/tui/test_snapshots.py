"""One picture of each screen and distinct layout: fixed size, theme, data and clock. `pytest --snapshot-update` on
Python 3.11.

A size is listed if the screen has another layout there: other columns, another strip of buttons, large letters that
give way. The text of a screen at each size, and that nothing is cut off, is read from its widgets (`whole`), not
painted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec
import pytest
from textual.pilot import Pilot

from station.base.sentence import Sentence
from station.domain.corrections.correction import ItemToFix
from station.domain.notices import Notice
from station.domain.snapshot import Snapshot
from station.tui.app import LabelPrinted, StationApp
from station.tui.pages.note import NoteDialog
from station.tui.widgets.touch import Action, Go, Open, OpenLot, Pick, TouchButton
from tests.conftest import FakeClock
from tests.tui.fake_reports import FakeReports
from tests.tui.pages.test_corrections import IDLE, LABEL
from tests.tui.pages.test_library_orders import SCAN, TORN, Orders
from tests.tui.pages.test_manual import OnePage, coded
from tests.tui.pages.test_outbox import SEVERAL
from tests.tui.pages.test_sign_on import PROMPTS, with_prompt
from tests.tui.pages.test_status_board import FULL, FakeBoard
from tests.tui.running_app import AFTERNOON, SIZES
from tests.tui.sample_corrections import ENTRIES, FLAGGED, LOT, VENDORS, VIEWER, FakeWork
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeDemo, FakeQueries
from tests.tui.test_large_text import LARGE, NOTICE
from tests.tui.test_staff_call import called
from tests.tui.workflows import test_convert, test_inspect, test_receive, test_retag, test_sets, test_withdraw
from tests.tui.workflows.test_printing import FakeLabels
from tests.tui.workflows.test_release import LIST

SMALL, MIDDLE, WIDE = SIZES


class Shown(NamedTuple):
    """The snapshot, the sizes, the actions that open the screen, and the app's ports."""

    scene: Snapshot
    sizes: tuple[tuple[int, int], ...] = (MIDDLE,)
    opened: tuple[object, ...] = ()
    given: Mapping[str, Any] = {}


SOUNDING = msgspec.structs.replace(SETTINGS, screen=msgspec.structs.replace(SETTINGS.screen, sound_player=("aplay",)))
LABEL_IN_HAND = SCENES["check-label"]
OUTBOX = {"queries": SEVERAL, "outbox": Orders(SCAN, TORN)}

TO_FIX = FakeWork(ENTRIES)
TO_FIX.items["31234000004217"] = ItemToFix(FakeQueries().judged("31234000004217"), 1)
PICTURES: dict[str, Shown] = {
    # the work: header, band, item, stage, buttons and strip
    "idle": Shown(SCENES["idle"]),
    "idle-unfinished": Shown(SCENES["idle-unfinished"], (SMALL,)),
    "need-tag": Shown(SCENES["need-tag"]),
    "need-tag-demo": Shown(SCENES["need-tag"], (SMALL,), given={"demo": FakeDemo()}),
    "writing-demo": Shown(SCENES["writing"], (WIDE,), given={"demo": FakeDemo()}),
    "other-item": Shown(SCENES["other-item"]),
    "lifted": Shown(SCENES["lifted"]),
    "check-label": Shown(LABEL_IN_HAND, (SMALL,)),
    "check-page": Shown(SCENES["check-page"], SIZES),
    "check-stamp": Shown(SCENES["check-stamp"], (SMALL, MIDDLE, WIDE)),
    "check-pieces": Shown(SCENES["check-pieces"]),
    "fail": Shown(SCENES["fail"]),
    "flagged": Shown(FLAGGED, (SMALL, MIDDLE, WIDE), given={"work": FakeWork(ENTRIES)}),
    "large-text": Shown(
        msgspec.structs.replace(SCENES["need-tag"], state="need-tag"), (MIDDLE,), given={"settings": LARGE}
    ),
    "large-text-notice": Shown(
        msgspec.structs.replace(SCENES["check-looks"], notice=Notice("notice", Sentence.of(NOTICE))),
        (SMALL,),
        given={"settings": LARGE},
    ),
    "called": Shown(called(SCENES["check-page"]), (SMALL,)),
    "called-stop": Shown(called(SCENES["other-item"])),
    # the other workflows
    "convert-line": Shown(test_convert.VIEWS["line"]),
    "convert-need-tag": Shown(test_convert.VIEWS["need-tag"], (SMALL, WIDE)),
    "convert-stack-wrong": Shown(test_convert.VIEWS["stack-wrong"]),
    "convert-doubt": Shown(test_convert.VIEWS["doubt"], (SMALL,)),
    "receive-open": Shown(test_receive.VIEWS["open"], (SMALL, WIDE)),
    "receive-wrong": Shown(test_receive.VIEWS["wrong"]),
    "release": Shown(LIST, (SMALL,)),
    "sets-empty": Shown(test_sets.VIEWS["empty"]),
    "sets-gather": Shown(test_sets.VIEWS["gather"], (SMALL, MIDDLE, WIDE)),
    "sets-stranger": Shown(test_sets.VIEWS["stranger"]),
    "inspect-tag": Shown(test_inspect.VIEWS["tag"]),
    "inspect-item": Shown(test_inspect.VIEWS["item"]),
    "leaving-stop-sign": Shown(test_withdraw.VIEWS["stop-sign"], (SMALL, MIDDLE, WIDE)),
    "leaving-strip": Shown(test_withdraw.VIEWS["strip"], (SMALL,)),
    "checklist-free": Shown(test_withdraw.VIEWS["free"]),
    "checklist-asking": Shown(test_withdraw.VIEWS["asking"], (SMALL,)),
    "erase-lay": Shown(test_retag.VIEWS["lay"]),
    "erase-locked": Shown(test_retag.VIEWS["locked"], (SMALL,)),
    "migrate-report": Shown(test_retag.VIEWS["report"]),
    # pages over the work
    "menu": Shown(SCENES["need-tag"], SIZES, (Go.MENU,)),
    "board": Shown(SCENES["idle"], opened=(Go.BOARD,), given={"board": FakeBoard(FULL)}),
    "journal": Shown(LABEL_IN_HAND, opened=(Go.JOURNAL,)),
    "outbox": Shown(LABEL_IN_HAND, (SMALL, WIDE), (Go.OUTBOX,), OUTBOX),
    "delivery": Shown(LABEL_IN_HAND, (SMALL,), (Go.OUTBOX, Pick("d5512")), OUTBOX),
    "orders": Shown(LABEL_IN_HAND, opened=(Go.OUTBOX, Go.ORDER), given=OUTBOX),
    "statistics": Shown(LABEL_IN_HAND, opened=(Go.STATISTICS,), given={"reports": FakeReports()}),
    "signs": Shown(LABEL_IN_HAND, (SMALL,), (Go.SIGNS,)),
    "manual": Shown(coded("other-item", "second-tag"), (SMALL,), (Go.HELP,), {"manual": OnePage()}),
    "sight": Shown(SCENES["idle"], (SMALL,), (Go.DISPLAY_AND_SOUND,), {"settings": SOUNDING}),
    "corrections": Shown(IDLE, SIZES, (Go.CORRECTIONS,), {"work": FakeWork(ENTRIES)}),
    "correction": Shown(IDLE, (SMALL, MIDDLE), (Go.CORRECTIONS, Open(LABEL)), {"work": TO_FIX, "labels": FakeLabels()}),
    "lot": Shown(
        IDLE, (SMALL,), (Go.CORRECTIONS, OpenLot("worker", VIEWER, 3)), {"work": FakeWork(ENTRIES, lots=(LOT, VENDORS))}
    ),
    # dialogs
    "sign-on": Shown(with_prompt(PROMPTS["who"])),
    "sign-on-pin": Shown(with_prompt(PROMPTS["authorise-pin"]), (SMALL,)),
    "sign-on-wait": Shown(with_prompt(PROMPTS["wait"])),
    "quit": Shown(LABEL_IN_HAND, opened=(Go.QUIT,)),
    "note": Shown(LABEL_IN_HAND, (SMALL,), (Go.REASONS, Go.NOTE, "corner of page 3 is torn off")),
    "count": Shown(SCENES["check-pieces"], (SMALL, MIDDLE), (Go.COUNT,)),
    "waive": Shown(SCENES["fail"], opened=(Go.WAIVE,), given={"work": FakeWork()}),
    "printed": Shown(SCENES["fail"], opened=(LabelPrinted("Printed", "One label."),), given={"work": FakeWork()}),
}


@pytest.mark.parametrize(
    ("shown", "size"),
    [
        pytest.param(shown, size, id=f"{name}-{size[0]}x{size[1]}")
        for name, shown in PICTURES.items()
        for size in shown.sizes
    ],
)
def test_picture(snap_compare: Callable[..., bool], shown: Shown, size: tuple[int, int]) -> None:
    clock = FakeClock()
    given = {
        "queries": FakeQueries(),
        "settings": SETTINGS,
        "demo": None,
        "clock": clock.monotonic,
        "local": lambda: AFTERNOON,
        **shown.given,
    }
    app = StationApp(FakeBench(shown.scene), **given)

    async def open_it(pilot: Pilot[None]) -> None:
        for does in shown.opened:
            _do(app, does)
            for _ in range(2):
                await pilot.pause()
                await app.workers.wait_for_complete()
        clock.pause(10)  # the buttons are awake
        app.light_buttons()

    assert snap_compare(app, terminal_size=size, run_before=open_it)


def _do(app: StationApp, does: object) -> None:
    """Type text into the note, post a message, or do what a tap on a button does."""
    if isinstance(does, str) and not isinstance(does, Go):
        assert isinstance(app.screen, NoteDialog)
        for key in does:
            app.screen.type_key(key, key)
    elif isinstance(does, LabelPrinted):
        app.post_message(does)
    else:
        app.screen.query(TouchButton).first().post_message(TouchButton.Tapped(Action("", does)))  # type: ignore[arg-type]
