"""A student's first day, as described in docs/operator/first-day.md, on a real terminal: by scan and tap, with the
screen's texts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from station.demo.staff import STAFF
from tests.conftest import ROOT
from tests.stories.walk import Step, Walk, steps_of, words_of
from tests.support import station_process

PAGE = ROOT / "docs" / "operator" / "first-day.md"
HELPS = (
    ("Scan your staff card|type your PIN|your first PIN|the new PIN", "Signing on"),
    ("What would you like to do", "The menu, and what can be looked at"),
    ("To fix|^Take it$|Assigned to you|^Marked as fixed", "To fix"),
    ("was lifted while", "A write that was interrupted"),
    ("The tag on the pad is for", "Overwriting a tag"),
    ("Text differs", "Does the spine label say exactly this?"),
    ("Is this the item|Does the spine label|Is the label low|Is the property stamp", "An ordinary item"),
    ("0 done|one done|2 done|End session", "Tags in bulk: Convert"),
    ("PASS|FAIL|Put the item on the pad", "An ordinary item"),
    # The failed item is off the pad. Its verdict is still shown, or, on a slow machine, the station already waits for the
    # next item.
    ("then scan the next one", 'An ordinary item" or "Starting the shift'),
    ("Scan a barcode|put an item on the pad|Session ended|^Menu", "Starting the shift"),
)
"""Pattern in a row's text -> the heading of the page that Help opens there (for a check, its question). The first match
counts."""
DATA = {
    "Technical Services": "Tap an entry",
    "Does the spine label say": "tap its line",
    **{f"✓ GOOD, NEXT ({lines} of 6)": "✓ GOOD, NEXT" for lines in ("1-2", "3-4", "4")},
}
"""Button of a row that no page can know -> the name that the page uses for it."""


def helps(step: Step) -> tuple[str, set[str]]:
    """Return the heading of the help page for the state in which a row begins, and the words with which it must name
    the row's act."""
    said = "\n".join(step.says)
    title = next(title for says, title in HELPS if re.search(says, said, re.M))
    return title, {DATA.get(word, word) for word in words_of(step)}


def walked(
    steps: list[Step], data: Path, size: tuple[int, int], name: str, *, reading: bool = False, language: str = "en"
) -> Walk:
    """Run these rows of the page; the caller checks the result. `reading`: open and read help at each state."""
    walk = Walk(name, data, "--sign-on", size=size, language=language)
    try:
        walk.steps(steps, helps if reading else None)
        assert walk.end() == 0
    finally:
        walk.close()
    return walk


def test_the_first_day_runs_as_the_page_tells_it(tmp_path: Path) -> None:
    """Runs as far as the first item. The test below runs the whole day."""
    steps = steps_of(PAGE)
    taken = next(number for number, step in enumerate(steps) if step.act.startswith("Take the next item"))
    walk = walked(steps[: taken + 1], tmp_path, (100, 30), "first-day")
    assert walk.done == len([step for step in steps[: taken + 1] if step.act]) > 10
    (judged,) = station_process.events(tmp_path, "item-judged")
    assert (judged["barcode"], judged["verdict"], judged["operator"]) == ("31999000000014", "pass", "w-demo-tim")


@pytest.mark.soak
@pytest.mark.parametrize("size", [(80, 24), (100, 30), (160, 45)], ids=["80x24", "100x30", "160x45"])
def test_the_manual_page_of_each_state_suffices(tmp_path: Path, size: tuple[int, int]) -> None:
    """Help at each state opens the right page, which names the next step with the screen's words; closing it changes
    nothing."""
    done_and_left(walked(steps_of(PAGE), tmp_path, size, "first-day-with-help", reading=True), tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
def test_the_first_day_runs_on_spanish_screens(tmp_path: Path, size: tuple[int, int]) -> None:
    done_and_left(walked(steps_of(PAGE), tmp_path, size, "first-day", language="es"), tmp_path)


def done_and_left(walk: Walk, data: Path) -> None:
    """Assert that every row was run, and that the journal has the results."""
    assert walk.done == len([step for step in steps_of(PAGE) if step.act]) > 40
    kinds = [event["barcode"] for event in station_process.events(data, "item-judged")]
    verdicts = [event["verdict"] for event in station_process.events(data, "item-judged")]
    assert kinds == ["31999000000014", "31999000000022", "31999000000030", "31999000000048"]
    assert verdicts == ["pass", "fail", "pass", "pass"]
    assert len(station_process.events(data, "tag-write-interrupted")) == 1, "one tag must have been lifted too early"
    assert len(station_process.events(data, "conversion-ended")) == 1
    (mended,) = station_process.events(data, "correction-mended")
    assert mended["operator"] == "w-demo-tim"
    assert [event["operator"] for event in station_process.events(data, "signed-off")] == ["w-demo-tim"]
    texts = list(walk.folder.glob("*.txt"))
    assert len(texts) == len(list(walk.folder.glob("*.svg"))) == walk.shots >= walk.done


def test_the_page_names_the_people_of_the_demo() -> None:
    acts = [step.act for step in steps_of(PAGE)]
    pin = next(pin for login, _, _, pin, _ in STAFF if login == "tim")
    assert f"Type `{pin}`" in acts and "Scan `STAFF-tim`" in acts
