"""The page of checks: a line each, one tap that passes exactly what is shown, and a line that opens its reasons."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import msgspec
import pytest

from station.base import words
from station.base.sentence import Sentence
from station.base.words import tell
from station.domain.commands import AllGood, Answer
from station.domain.findings import Outcome
from station.domain.item import ItemRecord
from station.domain.notices import notice
from station.domain.snapshot import Snapshot
from station.manual.pictures import sketch
from station.quality.checks.facts import Facts
from station.quality.verdict.checklist import answered, checks
from station.tui.drawing.checks import label_lines, page_checks
from station.tui.drawing.page_lines import Room, lines_that_fit
from station.tui.widgets.screen import Pane
from station.tui.widgets.theme import THEMES
from station.tui.widgets.touch import TouchButton
from tests.support.told import told
from tests.tui.running_app import SIZES, Desk, running
from tests.tui.scenes import DISCS, RIVERS, SCENES, SET
from tests.tui.scenes import RULES as SHIPPED

PAGE = SCENES["check-page"]
RULES = tuple(check.rule for check in PAGE.checks)


def buttons(desk: Desk, rule: str) -> list[TouchButton]:
    """Return the line of this check, if it is on the screen."""
    return [one for one in desk.buttons if one.offered and one.offered.head == str(RULES.index(rule) + 1)]


async def open_line(desk: Desk, rule: str) -> None:
    """Tap the line of this check."""
    (button,) = buttons(desk, rule)
    assert button.offered is not None
    button.post_message(TouchButton.Tapped(button.offered))
    await desk.pilot.pause()


def band(desk: Desk) -> str:
    return " ".join(desk.app.screen.query_one("#band", Pane).render().plain.split())


def failed(snapshot: Snapshot, rule: str) -> Snapshot:
    """Return the snapshot after this check failed."""
    at = [check.rule for check in snapshot.checks].index(rule)
    return with_answer(snapshot, at, Answer(rule, Outcome.FAIL, snapshot.checks[at].covers[0].reasons[0][0]))


def with_answer(snapshot: Snapshot, at: int, answer: Answer) -> Snapshot:
    """Return the snapshot after this answer to the check at `at`."""
    check = answered(snapshot.checks[at], answer, "ann")
    assert check is not None
    after = (*snapshot.checks[:at], check, *snapshot.checks[at + 1 :])
    first = next(number for number, one in enumerate(after) if one.answer is None)
    return msgspec.structs.replace(snapshot, checks=after, current_check=first)


def page_of(item: ItemRecord) -> Snapshot:
    """Return the page of an item, in the language in use."""
    asked = checks(SHIPPED, Facts(item=item), "2026-06-01")
    return msgspec.structs.replace(PAGE, item=item, checks=asked, prompt=Sentence("check.page"))


@pytest.fixture
def _language() -> Iterator[None]:
    yield
    words.use()


@pytest.mark.parametrize("size", SIZES)
async def test_one_tap_passes_what_is_shown_and_nothing_else(size: tuple[int, int]) -> None:
    async with running(PAGE, size=size) as desk:
        shown = tuple(rule for rule in RULES if buttons(desk, rule))
        await desk.tap(tell("button.all-good"))
        assert desk.bench.sent == [AllGood(shown)]
        assert shown == RULES


async def test_the_button_sleeps_until_the_page_was_shown_long_enough() -> None:
    async with running() as desk:
        await desk.show(msgspec.structs.replace(PAGE, all_good_after=1.5))
        await desk.tap(tell("button.look-first"), wait=1.4)
        assert desk.bench.sent == []
        await desk.show(SCENES["idle"])
        await desk.show(msgspec.structs.replace(PAGE, all_good_after=1.5))
        await desk.tap(tell("button.look-first"), wait=0.8)  # the time of the earlier page does not count
        desk.later(0.8)
        await desk.tap(tell("button.all-good"), wait=0)
        assert desk.bench.sent == [AllGood(RULES)]


async def test_a_single_question_sleeps_as_the_page_does_and_says_so() -> None:
    question = msgspec.structs.replace(SCENES["check-title"], all_good_after=1.5)
    async with running() as desk:
        await desk.show(question)
        await desk.tap(tell("button.look-first"), wait=1.4)
        assert desk.bench.sent == []
        await desk.show(msgspec.structs.replace(SCENES["check-label"], all_good_after=1.5))
        await desk.tap(tell("button.look-first"), wait=1.4)
        assert desk.bench.sent == []
        desk.later(0.2)
        await desk.tap("✓ Yes", wait=0)
        assert desk.bench.sent == [Answer("label.lines", Outcome.PASS)]


async def test_a_wrong_line_opens_its_reasons_and_the_rest_is_good() -> None:
    async with running(PAGE) as desk:
        await open_line(desk, "spine-label")
        await desk.tap("Line missing")
        assert desk.bench.sent == [Answer("spine-label", Outcome.FAIL, "label-line-missing")]
        await desk.show(failed(PAGE, "spine-label"))
        await desk.tap(tell("button.rest-good"))
        assert desk.bench.sent[1:] == [AllGood(tuple(rule for rule in RULES if rule != "spine-label"))]


async def test_back_leaves_the_reasons_without_an_answer() -> None:
    async with running(PAGE) as desk:
        await open_line(desk, "title-in-hand")
        assert tell("button.all-good") not in desk.labels()
        assert "Is this the item in your hand?" in band(desk), "the band asks the question of the open line"
        await desk.tap("< Back")
        assert tell("button.all-good") in desk.labels()
        assert tell("check.page") in band(desk)
        assert desk.bench.sent == []


async def test_an_ordinary_book_is_one_page_on_a_small_screen_and_a_notice_does_not_move_it() -> None:
    first = msgspec.structs.replace(PAGE.checks[0], expectation="A field guide to imaginary rivers\nQuillfeather, Ada.")
    book = msgspec.structs.replace(PAGE, checks=(first, *PAGE.checks[1:]))
    async with running(book, size=SIZES[0], demo=True) as desk:
        before = [button.region for button in desk.buttons]
        await desk.show(msgspec.structs.replace(book, notice=notice(Sentence("notice.in-hand"))))
        assert tell("notice.in-hand") in band(desk)
        assert [button.region for button in desk.buttons] == before
        await desk.tap(tell("button.all-good"))
        assert desk.bench.sent == [AllGood(RULES)]


@pytest.mark.usefixtures("_language")
@pytest.mark.parametrize("language", ["en", "es"])
async def test_a_long_title_a_set_and_a_failed_line_are_one_page_on_a_small_screen(language: str) -> None:
    async with running(PAGE, size=SIZES[0], demo=True) as desk:
        words.speak(language)
        book = page_of(RIVERS)
        for page, button in (
            (book, "button.all-good"),
            (page_of(SET), "button.all-good"),
            *((failed(book, rule), "button.rest-good") for rule in RULES),
        ):
            await desk.show(page)
            assert tell(button) in desk.labels()
            heads = [one.offered.head for one in desk.buttons if one.offered and one.offered.head]
            assert heads == [str(number) for number in range(1, len(page_checks(page)) + 1)]


async def test_a_page_that_must_split_says_so_and_keeps_its_failed_lines() -> None:
    page = page_of(DISCS)
    rules = tuple(check.rule for check in page.checks)
    async with running(page, size=SIZES[0], demo=True) as desk:
        split = tell("button.good-next", lines="1-3", of=4)
        assert not {tell("button.all-good"), tell("button.rest-good")} & set(desk.labels())
        (tone,) = (one.offered.tone for one in desk.buttons if one.offered and one.offered.label == split)
        assert tone != "good", "it does not look like the verdict"
        await desk.tap(split)
        assert desk.bench.sent == [AllGood(rules[:3])]
        page = failed(page, rules[0])
        for at in (1, 2):
            page = with_answer(page, at, Answer(rules[at], Outcome.PASS))
        await desk.show(page)
        answer = page.checks[0].answer
        assert answer is not None and f"× {told(answer.said)}" in desk.text
        assert tell("button.rest-good") in desk.labels()


def test_a_failed_line_is_shown_in_one_row_beside_the_open_lines_that_fit() -> None:
    page = failed(page_of(DISCS), page_of(DISCS).checks[0].rule)
    shown = lines_that_fit(page_checks(page), Room(width=40, rows=5, target=3), brief=False)
    answer = page.checks[0].answer
    assert answer is not None and [line.number for line in shown] == [1, 2], "the third and fourth do not fit"
    assert shown[0].brief and shown[0].rows == (f"× {told(answer.said)}",) and not shown[1].brief


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_line_opens_its_reasons_in_its_place(size: tuple[int, int]) -> None:
    """The label, the lines and the title keep their places; the sketch is drawn or one tap away; nothing is twice."""
    check = PAGE.checks[RULES.index("spine-label")]

    def label() -> tuple[str, ...]:
        area = desk.app.screen.query_one("#paper", Pane).region
        rows = [line[area.x : area.right].strip(" │") for line in desk.lines[area.y : area.bottom]]
        return tuple(row for row in rows if row and row[0] not in "╭╰-")

    async with running(PAGE, size=size) as desk:
        read, places = label(), {rule: buttons(desk, rule)[0].region for rule in RULES}
        await open_line(desk, "spine-label")
        assert label() == read
        assert {rule: buttons(desk, rule)[0].region for rule in RULES} == places or size == SIZES[0]
        assert "Line missing" in desk.labels() and tell("button.all-good") not in desk.labels()
        assert desk.text.count(told(check.question)) == desk.text.count("A field guide to imaginary rivers") == 1
        assert (sketch(check.sketch)[0].rstrip() in desk.text) != ("Show me" in desk.labels())
        if "+ Note" not in desk.labels():
            await desk.tap(next(label for label in desk.labels() if label.startswith("More")))
        assert "+ Note" in desk.labels(), "a note is at most one more tap away"


async def test_a_tap_on_another_line_opens_that_one_and_on_the_open_one_closes_it() -> None:
    async with running(PAGE) as desk:
        await open_line(desk, "spine-label")
        await open_line(desk, "title-in-hand")
        assert "Other title" in desk.labels() and "Line missing" not in desk.labels()
        await open_line(desk, "title-in-hand")
        assert tell("button.all-good") in desk.labels()
        assert desk.bench.sent == []


async def test_lines_are_apart_in_every_theme() -> None:
    async with running(PAGE, size=SIZES[0]) as desk:
        for theme in THEMES.values():
            desk.app.theme = theme.name
            await desk.pilot.pause()
            grounds = [buttons(desk, rule)[0].styles.background.hex for rule in RULES]
            assert all(one != two for one, two in itertools.pairwise(grounds)), theme.name
            edges = {buttons(desk, rule)[0].styles.border_left[1].hex for rule in RULES}
            assert len(edges) == 1 and not edges & set(grounds), theme.name


def test_a_label_gets_blank_rows_only_if_its_frame_fits_too() -> None:
    label = next(check for check in PAGE.checks if check.rule == "spine-label")
    four = msgspec.structs.replace(label, expectation="QH\n541.5\n.S7\nQ55")
    assert [len(label_lines(four, 18, rows, rows)) for rows in (6, 9, 10, 11)] == [6, 6, 6, 11]
    assert tell("item.label") in label_lines(four, 18, 9, 9)[0].plain


async def test_another_item_on_the_pad_lets_the_button_sleep_and_the_button_says_why() -> None:
    async with running(msgspec.structs.replace(PAGE, state="checking-other")) as desk:
        await desk.tap(tell("button.other-on-pad"))
        assert tell("button.all-good") not in desk.labels() and desk.bench.sent == []
    async with running(msgspec.structs.replace(SCENES["check-title"], state="checking-other")) as desk:
        await desk.tap(tell("button.other-on-pad"))
        await desk.tap("× No")
        await desk.tap("Another volume")
        assert desk.bench.sent == []


async def test_with_a_number_that_differs_only_the_rest_is_good() -> None:
    async with running(msgspec.structs.replace(PAGE, state="checking-piece")) as desk:
        assert tell("button.all-good") not in desk.labels() and tell("button.rest-good") in desk.labels()
