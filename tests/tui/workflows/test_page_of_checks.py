"""The page of checks: a line each, one tap that passes exactly what is shown, and a line that opens its reasons."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

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
from station.printing import content
from station.quality.checks.facts import Facts, Site
from station.quality.rules import Catalogue
from station.quality.sketches import small
from station.quality.verdict.checklist import answered, checks
from station.tui.drawing.checks import page_checks
from station.tui.drawing.page_lines import Room, lines_that_fit
from station.tui.widgets.screen import Pane
from station.tui.widgets.theme import THEMES
from station.tui.widgets.touch import TouchButton
from tests.support.sample_labels import set_page
from tests.support.told import told
from tests.tui.running_app import SIZES, Desk, running
from tests.tui.scenes import DISCS, RIVERS, SCENES, SET, SETTINGS
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


def page_of(item: ItemRecord, part: int = 1) -> Snapshot:
    """Return the page of an item, in the language in use."""
    asked = checks(SHIPPED, Facts(item=item, part=part), "2026-06-01")
    return msgspec.structs.replace(PAGE, item=item, part=part, checks=asked, prompt=Sentence("check.page"))


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
            (book, tell("button.all-good")),
            (page_of(SET, part=2), tell("button.all-good")),
            (page_of(SET, part=1), tell("button.good-next", lines="1-4", of=5)),
            *((failed(book, rule), tell("button.rest-good")) for rule in RULES),
        ):
            await desk.show(page)
            assert button in desk.labels()
            heads = [one.offered.head for one in desk.buttons if one.offered and one.offered.head]
            assert heads == [
                str(number)
                for number in range(1, 5 if page.part == 1 and page.item.parts > 1 else len(page_checks(page)) + 1)
            ]


async def test_a_page_that_must_split_says_so_and_keeps_its_failed_lines() -> None:
    page = page_of(DISCS)
    rules = tuple(check.rule for check in page.checks)
    async with running(page, size=SIZES[0], demo=True) as desk:
        split = tell("button.good-next", lines="1-3", of=5)
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
    """The label, the lines, their pictures and the title keep their places; nothing is twice."""
    check = PAGE.checks[RULES.index("spine-label")]

    def label() -> tuple[str, ...]:
        area = desk.app.screen.query_one("#paper", Pane).region
        rows = [line[area.x : area.right].strip(" │") for line in desk.lines[area.y : area.bottom]]
        return tuple(row for row in rows if row and row[0] not in "╭╰-")

    async with running(PAGE, size=size) as desk:
        read, places = label(), {rule: buttons(desk, rule)[0].region for rule in RULES}
        drawn = pictures(desk)
        await open_line(desk, "spine-label")
        assert label() == read
        assert pictures(desk) == drawn or size == SIZES[0]
        assert {rule: buttons(desk, rule)[0].region for rule in RULES} == places or size == SIZES[0]
        assert "Line missing" in desk.labels() and tell("button.all-good") not in desk.labels()
        assert desk.text.count(told(check.question)) == desk.text.count("A field guide to imaginary rivers") == 1
        assert "+ Note" in desk.labels()


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


@pytest.mark.parametrize("large", [False, True], ids=["normal", "large"])
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_label_is_drawn_as_it_is_printed(size: tuple[int, int], large: bool) -> None:
    """Each line is one string in a text capture, in the order of the paper, with nothing between the lines."""
    printed = [line.text for line in set_page(content.spine(RIVERS.label_lines, ""), "spine-25x38").texts]
    screen = msgspec.structs.replace(SETTINGS.screen, large_text=large)
    async with running(page_of(RIVERS), size=size, settings=msgspec.structs.replace(SETTINGS, screen=screen)) as desk:
        assert shows(desk, printed)
        await desk.show(msgspec.structs.replace(SCENES["need-tag"], item=RIVERS))
        assert shows(desk, printed)
        assert desk.app.screen.query_one("#large", Pane).display is large, "the text of this case has its size"


def shows(desk: Desk, printed: Sequence[str]) -> bool:
    """Return True if these lines are on the screen one below the other, each as one string that begins in one column."""
    return any(
        all(
            line[column - 1 :].split("  ")[0].strip(" │") == text
            for line, text in zip(desk.lines[row:], printed, strict=False)
        )
        for row, first in enumerate(desk.lines)
        for column in (at.start() for at in re.finditer(rf"(?<=[ │]){re.escape(printed[0])} ", first))
    )


async def test_a_label_line_that_is_too_wide_for_the_page_is_never_cut() -> None:
    wide = msgspec.structs.replace(RIVERS, label_lines=("Oversize collection of maps and charts", "GB 1203"))
    async with running(page_of(wide), size=(100, 30)) as desk:
        while "Does the spine label say exactly this?" not in desk.text:
            at = desk.bench.snapshot.current_check
            rule = desk.bench.snapshot.checks[at].rule
            await desk.show(with_answer(desk.bench.snapshot, at, Answer(rule, Outcome.PASS)))
        assert wide.label_lines[0] in desk.text and wide.label_lines[1] in desk.text
        await desk.show(msgspec.structs.replace(SCENES["need-tag"], item=wide))
        assert wide.label_lines[0] in desk.text


def pictures(desk: Desk) -> list[str]:
    """Return the pieces of drawings on the screen, with their places."""
    return [f"{row} {line.index('▒')} {line.count('▒')}" for row, line in enumerate(desk.lines) if "▒" in line]


@pytest.mark.usefixtures("_language")
@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_the_page_shows_where_stamp_tag_and_label_belong(size: tuple[int, int], language: str) -> None:
    """Drawn without a tap and without a row of its own where there is room; in words everywhere."""
    words.speak(language)
    async with running(page_of(RIVERS), size=size, demo=True) as desk:
        for place in ("title-page-and-edges", "inside-back-cover", "spine"):
            assert tell(f"question.place.{place}") in " ".join(pictureless(desk).split())
        tall = size == SIZES[2]
        drawn = {
            name for name in ("stamp", "tag", "spine") if all(row in desk.text for row in small((name,), tall=tall))
        }
        assert drawn >= ({"stamp", "tag", "spine"} if size != SIZES[0] else set())
        assert tell("button.all-good") in desk.labels()


def pictureless(desk: Desk) -> str:
    """Return the text of the lines of a page without the drawings beside them."""
    offered = [button.offered for button in desk.buttons if button.offered is not None]
    return " ".join(row for action in offered for row in action.lines)


def test_words_and_drawing_follow_the_site_and_a_text_of_the_site_wins() -> None:
    site = Site(stamp_place="edges", tag_place="pocket", label_place="front-lower-left")
    asked = checks(SHIPPED, Facts(item=RIVERS, site=site), "2026-06-01")
    sentences = [tell(cover.words) for check in asked for cover in check.covers]
    assert {"property stamp on the edges", "tag on the pocket"} <= set(sentences)
    assert "on the front, lower left, straight, protected" in sentences
    drawn = {name for check in asked for name in check.sketches}
    assert drawn == {"stamp-edges", "tag-pocket", "spine-front-lower-left"}
    own = with_text(SHIPPED, "tag-place", "tag behind the date due slip")
    sentences = [
        tell(cover.words)
        for check in checks(own, Facts(item=RIVERS, site=site), "2026-06-01")
        for cover in check.covers
    ]
    assert "tag behind the date due slip" in sentences
    both = with_text(SHIPPED, "tag-place", "tag {place}, part {part} of {parts}")
    (check,) = (
        one for one in checks(both, Facts(item=RIVERS, site=site), "2026-06-01") if "tag-pocket" in one.sketches
    )
    assert "tag on the pocket, part 1 of 1" in [tell(cover.words) for cover in check.covers]


def with_text(catalogue: Catalogue, rule: str, look: str) -> Catalogue:
    """Return the rules with a site's own words for what one of them looks at."""
    rules = [msgspec.structs.replace(one, look=look) if one.id == rule else one for one in catalogue.rules]
    return msgspec.structs.replace(catalogue, rules=tuple(rules))


async def test_discs_have_their_own_picture() -> None:
    async with running(page_of(DISCS), size=(100, 30)) as desk:
        assert small(("tag-disc",), tall=False)[1] in desk.text and small(("tag",), tall=False)[1] not in desk.text
