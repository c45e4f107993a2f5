"""What a tap signs is on the painted screen: every check of the shipped rules, at the smallest size, with large text and
a notice. One row per label line, in the question and in its reasons."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import msgspec

from station.base.sentence import Sentence
from station.base.words import tell
from station.bench.snapshot import wrong_scan_sentence
from station.domain.commands import Answer
from station.domain.findings import Check
from station.domain.notices import NONE, Notice
from station.domain.snapshot import Phase, Snapshot
from station.quality.checks.facts import Facts, Site
from station.quality.verdict.checklist import checks
from station.tui.app import StationApp
from station.tui.drawing.checks import label_of
from station.tui.widgets.screen import Pane
from tests.conftest import FakeClock
from tests.support.told import told
from tests.tui.running_app import Desk
from tests.tui.scenes import DISCS, GIVEN, RIVERS, RULES, SCENES, SET, FakeBench, FakeDemo, FakeQueries
from tests.tui.test_large_text import LARGE, NOTICE

replace = msgspec.structs.replace
DAY = "2026-06-01"
BOUND, LEASED = replace(RIVERS, item_type="BIND"), replace(RIVERS, item_type="LEASE")
SITE = Site(
    bind_first_item_types=("BIND",),
    leased_item_types=("LEASE",),
    gift_item_types=("GIFT",),
    oversize_locations=("BIG",),
)
FACTS = tuple(
    replace(facts, site=SITE)
    for facts in (
        Facts(item=replace(RIVERS, notes=("Fold-out map in the pocket",), height_cm=None), replaced="E004010812345678"),
        Facts(item=GIVEN, foreign=True),
        Facts(item=SET),
        Facts(item=DISCS),
        Facts(item=BOUND),
        Facts(item=LEASED),
        Facts(item=RIVERS, task="withdrawal"),
        Facts(item=LEASED, task="lease-return"),
    )
)
"""Items that together have every check which needs no table of the site."""


def every_check() -> Iterator[tuple[Facts, tuple[Check, ...], int]]:
    """Yield each check of the shipped rules once, with all rules that share its tap and with each alone."""
    seen: set[tuple[str, ...]] = set()
    for each in (False, True):
        for facts in FACTS:
            asked = checks(RULES, facts, DAY, alone=True, each=each)
            for at, check in enumerate(asked):
                name = (*(one.rule for one in check.covers), told(check.expectation))
                if name not in seen:
                    seen.add(name)
                    yield facts, asked, at


def scene_of(facts: Facts, asked: tuple[Check, ...], at: int) -> Snapshot:
    return replace(
        SCENES["check-looks"],
        state="checking",
        item=facts.item,
        checks=asked,
        current_check=at,
        prompt=Sentence.of(asked[at].question),
        notice=Notice("notice", Sentence.of(NOTICE)),
    )


@asynccontextmanager
async def small() -> AsyncIterator[Desk]:
    """Run the screens at the demo, which takes a further row."""
    bench, clock = FakeBench(SCENES["idle"]), FakeClock()
    app = StationApp(bench, FakeQueries(), LARGE, FakeDemo(), clock.monotonic)
    async with app.run_test(size=(80, 24)) as pilot:
        yield Desk(pilot, bench, None, clock)


def painted(desk: Desk, pane: str) -> list[str]:
    """Return the rows of a pane as painted."""
    area = desk.app.screen.query_one(pane, Pane).content_region
    return [line[area.x : area.right] for line in desk.lines[area.y : area.bottom]]


def words(text: str) -> list[str]:
    return re.findall(r"[^\s;•│]+", text)


async def reads(desk: Desk, check: Check) -> None:
    """Check that the screen shows everything that the check signs: the question in the band; each line of the label in
    a row of its own, in order; and what to look at. Turn the pages if there are several."""
    band = " ".join(words(" ".join(painted(desk, "#band"))))
    assert " ".join(words(told(check.question))) in re.sub(r"[█▀▄ ]+", " ", band), band
    rows = painted(desk, "#tale")
    while turn := next((label for label in desk.labels() if re.match(r"Page (\d)/(?!\1)", label)), None):
        await desk.tap(turn)
        rows += painted(desk, "#tale")
    assert "…" not in "".join(rows), rows
    label = label_of(check)
    if label:
        first = next(at for at, row in enumerate(rows) if label[0] in row)
        column = rows[first].index(label[0])
        read = [row[column:].strip(" │╭╮╯─") for row in rows[first:]]
        assert [row for row in read if row][: len(label)] == label, rows
    assert {word for look in tuple(map(told, check.looks)) for word in words(look)} <= set(words(" ".join(rows))), rows


async def test_every_check_shows_what_it_signs_in_the_question_and_in_its_reasons() -> None:
    known = {rule.id for rule in RULES.in_force(DAY) if rule.by_person}
    met: set[str] = set()
    async with small() as desk:
        for facts, asked, at in every_check():
            check = asked[at]
            await desk.show(scene_of(facts, asked, at))
            await reads(desk, check)
            pass_reasons = any(covered.pass_reasons for covered in check.covers)
            await desk.tap(tell("button.destroyed") if pass_reasons else "× No")
            await reads(desk, check)
            await desk.tap("< Back")
            met |= {one.rule for one in check.covers}
    tables = {rule.id for rule in RULES.in_force(DAY) if rule.table is not None and not rule.check}
    assert known - met <= tables, known - met


async def test_a_label_that_is_taller_than_the_room_is_turned_by_a_button_before_it_can_pass() -> None:
    facts = Facts(item=replace(RIVERS, label_lines=tuple(f"LINE-{number}" for number in range(1, 15))))
    asked = checks(RULES, facts, DAY, alone=True)
    at = [check.rule for check in asked].index("spine-label")
    async with small() as desk:
        await desk.show(scene_of(facts, asked, at))
        assert not {"✓ Yes"} & set(desk.labels())
        await desk.tap(tell("button.look-first"))
        assert desk.bench.sent == []
        await reads(desk, asked[at])
        await desk.tap("✓ Yes")
        assert [type(sent) for sent in desk.bench.sent] == [Answer]


async def test_a_page_of_checks_without_room_for_its_label_asks_one_check_at_a_time() -> None:
    facts = Facts(item=replace(RIVERS, label_lines=tuple(f"LINE-{number}" for number in range(1, 15))))
    asked = checks(RULES, facts, DAY)
    async with small() as desk:
        await desk.show(replace(scene_of(facts, asked, 0), phase=Phase.CHECKING, prompt=Sentence("check.page")))
        assert tell("button.all-good") not in desk.labels()
        assert "✓ Yes" in desk.labels()


async def test_the_question_is_read_while_a_wrong_scan_has_the_band() -> None:
    facts = Facts(item=SET)
    asked = checks(RULES, facts, DAY, alone=True)
    scene = scene_of(facts, asked, [check.rule for check in asked].index("pieces-counted"))
    question = told(scene.prompt)
    async with small() as desk:
        await desk.show(replace(scene, notice=NONE, wrong_scan="isbn", prompt=Sentence.of(wrong_scan_sentence("isbn"))))
        band = " ".join(words(re.sub("[█▀▄]", " ", " ".join(painted(desk, "#band")))))
        assert "✓ Yes: 3" in desk.labels()
        assert (
            told(wrong_scan_sentence("isbn")) in band and told(question) in f"{band} {' '.join(painted(desk, '#tale'))}"
        )
