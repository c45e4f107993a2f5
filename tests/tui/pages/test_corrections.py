"""The correction queue, one correction, and the waiver after a fail, all by taps. The tests check the commands sent to
the bench.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from rich.cells import cell_len

from station.base.errors import StoreCorrupt
from station.base.sentence import EMPTY, Sentence
from station.domain.commands import Assign, Close, Mend, Recheck, Scan, Waive
from station.domain.correction_states import Recheck as Who
from station.domain.correction_states import Result
from station.domain.corrections.correction import Entry, ItemToFix
from station.domain.corrections.words import OVERDUE, waits_for
from station.domain.events import CorrectionClosed, CorrectionMended, CorrectionRechecked
from station.domain.findings import Severity
from station.domain.notices import Notice
from station.domain.ports import LabelPort, ManualPort, WorkPort
from station.domain.snapshot import Phase, Snapshot
from station.manual import Manual
from station.quality.rulebook.shipped import shipped
from station.tui.app import StationApp
from station.tui.drawing.words import SEVERITIES
from station.tui.pages.correction import CorrectionScreen, details
from station.tui.pages.corrections import CorrectionsScreen, entry_action
from station.tui.pages.menu import entries
from station.tui.widgets.touch import Action, Open, OpenLot, TouchButton
from station.tui.workflows.process import ProcessScreen
from tests.conftest import FakeClock
from tests.support.told import told
from tests.tui.fake_reports import FakeReports
from tests.tui.running_app import AFTERNOON, EVERY_SIZE, Desk
from tests.tui.sample_corrections import (
    ENTRIES,
    FLAGGED,
    LOT,
    MANY,
    OWN,
    PASS_TO_RECHECK,
    VIEWER,
    WAITING,
    FakeWork,
    entry,
    report,
)
from tests.tui.sample_corrections import LABEL as MEND
from tests.tui.sample_corrections import MENDED as MENDED_LABEL
from tests.tui.sample_corrections import ORDER as ORDERED
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeQueries
from tests.tui.whole import nothing_is_cut
from tests.tui.workflows.test_printing import FakeLabels

GONE = CorrectionClosed(
    correction="0a6630d2b18e", result=Result.WITHDRAWN, reason=Sentence.verbatim("Lost"), operator=VIEWER
)
IDLE = msgspec.structs.replace(SCENES["idle"], worker=VIEWER)
REPAIRED = CorrectionRechecked(correction="5b1c9a7e44f0", passed=True, operator="w-another")
LABEL, ORDER, STAMP = "5b1c9a7e44f0", "c0ffee123456", "77aa41e0c3d9"


@asynccontextmanager
async def running(
    work: WorkPort | None = None,
    scene: Snapshot = IDLE,
    size: tuple[int, int] = (100, 30),
    manual: ManualPort | None = None,
    labels: LabelPort | None = None,
) -> AsyncIterator[Desk]:
    bench, clock = FakeBench(scene), FakeClock()
    app = StationApp(
        bench,
        FakeQueries(),
        SETTINGS,
        None,
        clock.monotonic,
        work=work or FakeWork(),
        reports=FakeReports(),
        manual=manual,
        labels=labels,
        local=lambda: AFTERNOON,
    )
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Desk(pilot, bench, None, clock)


async def settle(desk: Desk) -> None:
    await desk.pilot.pause()
    await desk.app.workers.wait_for_complete()
    await desk.pilot.pause()


async def queue(desk: Desk) -> None:
    await desk.menu("To fix")
    await settle(desk)
    assert isinstance(desk.app.screen, CorrectionsScreen)


async def opened(desk: Desk, correction: str) -> None:
    await queue(desk)
    await desk.tap(correction)
    await settle(desk)
    assert isinstance(desk.app.screen, CorrectionScreen)


@pytest.mark.parametrize("size", EVERY_SIZE[:1])
async def test_the_rule_of_a_correction_is_a_tap_away_with_its_picture(size: tuple[int, int]) -> None:
    async with running(size=size, manual=Manual(shipped())) as desk:
        await opened(desk, LABEL)
        before = desk.labels()
        assert "About this check" in before
        await desk.tap("About this check")
        await desk.drawn()
        assert "Spine label" in desk.text and "Does the spine label say exactly this?" in desk.text
        seen = desk.text
        while "EXPECTED" not in seen:
            await desk.tap("Next >")
            await desk.drawn()
            seen += desk.text
        await desk.tap("Close")
        assert isinstance(desk.app.screen, CorrectionScreen)
        assert desk.labels() == before
        assert desk.bench.sent == []


async def test_an_order_to_look_again_has_no_rule_to_read() -> None:
    async with running(manual=Manual(shipped())) as desk:
        await opened(desk, ORDER)
        assert "About this check" not in desk.labels()


async def test_what_i_own_is_not_offered_to_be_taken() -> None:
    async with running() as desk:
        await opened(desk, STAMP)
        assert "Take it" not in desk.labels() and "✓ Fixed" in desk.labels()


async def test_what_was_said_about_something_else_does_not_stand_over_a_correction() -> None:
    async with running(
        scene=msgspec.structs.replace(
            IDLE, notice=Notice("notice", Sentence.verbatim("Mended, the other one.")), sound_number=7
        )
    ) as desk:
        await opened(desk, LABEL)
        assert "the other one" not in desk.text
        await desk.show(
            msgspec.structs.replace(
                desk.app.desk.snapshot, notice=Notice("notice", Sentence.verbatim("Mended, this one.")), sound_number=8
            )
        )
        assert "Mended, this one." in desk.text


async def test_a_call_for_staff_that_sounds_again_changes_nothing_on_the_pages() -> None:
    work = FakeWork(lots=(LOT,))
    before = msgspec.structs.replace(
        IDLE, notice=Notice("notice", Sentence.verbatim("Mended, the other one.")), sound_number=7, call_sounds=1
    )
    async with running(work, scene=before) as desk:
        for number, which in enumerate((None, Open(MEND.correction), OpenLot("worker", VIEWER, 3)), 1):
            await queue(desk)
            if which is not None:
                desk.buttons[0].post_message(TouchButton.Tapped(Action("", which)))
                await settle(desk)
            queries = len(work.viewers)
            await desk.show(
                msgspec.structs.replace(desk.app.desk.snapshot, sound_number=7 + number, call_sounds=1 + number)
            )
            await settle(desk)
            assert len(work.viewers) == queries, which
            assert which is None or "the other one" not in desk.text
            await desk.tap("Close")


def test_of_a_closed_correction_nothing_is_due() -> None:
    closed = entry(4, *(step.event for step in ENTRIES[0].steps), GONE, age=1)
    told = " ".join(line.plain for line in details(closed, {}, 76, 20))
    assert "Was open      one day" in told and "Due" not in told and closed.correction.due not in told


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_the_queue_says_who_what_until_when(size: tuple[int, int]) -> None:
    async with running(size=size) as desk:
        await queue(desk)
        for words in (
            "4 open",
            "! OVERDUE: 1",
            "! OVERDUE 5 d",
            "Marking",
            "Acquisitions",
            "Ines Moreau",
            "to fix",
        ):
            assert words in desk.text, words
        assert "Price: no price in the record" in desk.text
        assert len(list(desk.app.screen.query("*"))) <= 50


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_every_page_is_reached_and_every_entry_shown_once(size: tuple[int, int]) -> None:
    async with running(FakeWork(MANY), size=size) as desk:
        await queue(desk)
        seen: list[str] = []
        for _ in range(len(MANY)):
            seen += [b.offered.label for b in desk.buttons if b.offered and isinstance(b.offered.does, Open)]
            for button in desk.buttons:
                assert button.region.width >= 12 and button.region.height >= 3
            if not next(b.offered.enabled for b in desk.buttons if b.offered and b.offered.label == "Next >"):
                break
            await desk.tap("Next >")
        assert seen == [entry.correction.id for entry in MANY]
        await desk.tap("< Previous")
        assert "page 1 of" not in desk.text


async def test_mine_are_those_that_i_own() -> None:
    async with running() as desk:
        await queue(desk)
        await desk.tap("Mine")
        assert [b.offered.label for b in desk.buttons if b.offered and isinstance(b.offered.does, Open)] == [STAMP]
        assert "1 open, none overdue" in desk.text
        await desk.tap("All")
        assert "4 open" in desk.text


@pytest.mark.parametrize(
    ("correction", "taps", "sent"),
    [
        (LABEL, ["✓ Fixed"], Mend(LABEL)),
        (LABEL, ["Take it"], Assign(LABEL, owner="me")),
        (
            LABEL,
            ["No fix needed", "No defect", "Checked: it is right"],
            Close(LABEL, Result.NO_DEFECT, "Checked: it is right"),
        ),
        (LABEL, ["No fix needed", "Item is gone", "Lost"], Close(LABEL, Result.WITHDRAWN, "Lost")),
        (ORDER, ["No fix needed", "Item is gone", "Withdrawn"], Close(ORDER, Result.WITHDRAWN, "Withdrawn")),
    ],
)
@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_what_a_tap_asks_for(
    correction: str, taps: list[str], sent: Mend | Assign | Close, size: tuple[int, int]
) -> None:
    async with running(size=size) as desk:
        await opened(desk, correction)
        for label in taps:
            assert desk.bench.sent == []
            await desk.tap(label)
        await settle(desk)
        assert desk.bench.sent == [sent]


@pytest.mark.parametrize(
    ("taps", "sent"),
    [
        (["✓ Good now"], Recheck(LABEL, True)),
        (["× Not good", "Badly fixed"], Recheck(LABEL, False, "Badly fixed")),
    ],
)
async def test_what_was_mended_is_rechecked(taps: list[str], sent: Recheck) -> None:
    async with running(FakeWork((WAITING,))) as desk:
        await opened(desk, LABEL)
        assert "✓ Fixed" not in desk.labels()
        for label in taps:
            await desk.tap(label)
        assert desk.bench.sent == [sent]


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_nobody_rechecks_own_work(size: tuple[int, int]) -> None:
    """The screen tells the repairer who checks it; only another person has the recheck buttons."""
    async with running(FakeWork((OWN,)), size=size) as desk:
        await opened(desk, LABEL)
        assert "✓ Good now" not in desk.labels() and "× Not good" not in desk.labels()
        assert "another person" not in desk.text and "one more check is due" in desk.text
        assert 'Scan "A field guide to imaginary rivers" once more.' in " ".join(desk.text.split()), (
            "where people do not sign on, there may be no one else"
        )
        await desk.show(msgspec.structs.replace(IDLE, sign_on=True, sound_number=2))
        await settle(desk)
        assert "No fix needed" in desk.labels()
        assert "You fixed this, so someone else must check it." in desk.text
        await desk.show(msgspec.structs.replace(IDLE, worker="w-another", sound_number=3))
        await settle(desk)
        assert "✓ Good now" in desk.labels() and "You fixed this" not in desk.text


async def test_the_to_do_of_a_number_that_the_station_checks_names_the_scan_that_closes_it() -> None:
    number = report(LABEL, "Number on the item", rule="piece-number", recheck=Who.MACHINE)
    async with running(FakeWork((entry(5, number, MENDED_LABEL, age=2),))) as desk:
        await opened(desk, LABEL)
        assert "During its checks, scan the number on it." in " ".join(desk.text.split())


async def test_whose_work_is_to_be_gone_through_again_is_told_that_another_person_does_it() -> None:
    own = entry(4, msgspec.structs.replace(ORDERED, worker=VIEWER), age=2)
    async with running(FakeWork((own,))) as desk:
        await opened(desk, ORDER)
        assert "This is your work. Another person must check it." in desk.text


JUDGED = FakeQueries().judged("31234000004217")
"""A fail, with the item's record."""


def item(item_to_fix: ItemToFix, *entries: Entry) -> FakeWork:
    work = FakeWork(entries or ENTRIES)
    work.items["31234000004217"] = item_to_fix
    return work


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_the_label_as_it_must_be_is_shown_and_printed_and_the_slip(size: tuple[int, int]) -> None:
    """The label is drawn line by line as it is printed, and printing leads back to the correction."""
    labels = FakeLabels()
    async with running(item(ItemToFix(JUDGED, 1)), size=size, labels=labels) as desk:
        await opened(desk, LABEL)
        drawn = [line.split("│")[1].strip() for line in desk.lines if line.count("│") == 2]
        assert JUDGED is not None and drawn == list(JUDGED.item.label_lines)
        for button in ("Print label", "Print flag slip"):
            await desk.tap(button)
            await settle(desk)
            assert "sent to cups:Zebra" in desk.text
            await desk.tap("Close")
            assert isinstance(desk.app.screen, CorrectionScreen)
        assert labels.asked == [("label", JUDGED.barcode), ("slip", JUDGED.barcode, "Spine label", "")]
        assert desk.bench.sent == []


async def test_a_label_that_is_not_known_is_said_and_not_printed() -> None:
    async with running(labels=FakeLabels()) as desk:
        await opened(desk, LABEL)
        assert "The spine label of this item is not known." in desk.text
        assert not [label for label in desk.labels() if label.startswith("Print")]


@pytest.mark.parametrize(
    ("now", "sentence"),
    [
        (ItemToFix(JUDGED, 1), 'Fix it, then scan "A field guide to imaginary rivers" at the bench.'),
        (ItemToFix(JUDGED, 2), "2 other faults of the item are still to fix."),
        (ItemToFix(JUDGED, fixed=True), 'Scan "A field guide to imaginary rivers" once more to finish it.'),
    ],
)
async def test_which_scan_finishes_the_item_is_said_by_title(now: ItemToFix, sentence: str) -> None:
    closed = sentence[0] != "F"
    entries = (entry(5, MEND, MENDED_LABEL, REPAIRED, age=2),) if closed else ENTRIES
    async with running(item(now, *entries)) as desk:
        desk.buttons[0].post_message(TouchButton.Tapped(Action("", Open(LABEL))))
        await settle(desk)
        text = " ".join(part for line in desk.lines for part in line.split("│")[0].split())
        assert sentence in text


async def test_only_fixed_is_the_main_key_and_no_other_word_closes_but_close() -> None:
    async with running() as desk:
        await opened(desk, LABEL)
        main = [one.offered.label for one in desk.buttons if one.offered and one.offered.tone == "main"]
        assert main == ["✓ Fixed"]
        assert [label for label in desk.labels() if label.startswith("Close")] == ["Close"]


async def test_nothing_is_asked_when_the_question_is_left() -> None:
    async with running() as desk:
        await opened(desk, LABEL)
        await desk.tap("No fix needed")
        await desk.tap("< Back")
        assert "✓ Fixed" in desk.labels()
        await desk.tap("< Back")
        assert isinstance(desk.app.screen, CorrectionsScreen)
        await desk.tap("Close")
        assert isinstance(desk.app.screen, ProcessScreen)
        assert desk.bench.sent == []


async def test_the_answer_of_the_bench_is_shown_and_the_entry_read_anew() -> None:
    work = FakeWork()
    async with running(work) as desk:
        await opened(desk, LABEL)
        await desk.tap("✓ Fixed")
        work.entries = (OWN,)
        told = msgspec.structs.replace(
            IDLE,
            notice=Notice("notice", Sentence.verbatim("Marked as fixed. It stays listed while someone must check it.")),
            sound_number=7,
        )
        await desk.show(told)
        await settle(desk)
        assert "Marked as fixed." in desk.text
        assert "one more check is due" in desk.text
        assert "✓ Fixed" not in desk.labels()
        assert set(work.viewers) == {VIEWER}


async def test_an_order_says_that_it_is_carried_out_at_the_bench() -> None:
    async with running() as desk:
        await opened(desk, ORDER)
        assert 'Scan "Nocturnes for a paper moon" and answer its checks.' in desk.text
        assert "✓ Good now" not in desk.labels()


async def test_a_scan_leaves_both_screens_and_reaches_the_bench() -> None:
    async with running() as desk:
        await opened(desk, LABEL)
        await desk.tap("No fix needed")
        await desk.scan()
        assert desk.bench.sent == [Scan("31234000004217")]
        assert isinstance(desk.app.screen, ProcessScreen)


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_a_store_that_cannot_be_read_is_said(size: tuple[int, int]) -> None:
    async with running(FakeWork(error=StoreCorrupt("journal.db")), size=size) as desk:
        await queue(desk)
        assert told(StoreCorrupt().sentence)[:40] in desk.text and "store-corrupt" in desk.text


async def test_one_that_is_not_there_is_said() -> None:
    async with running() as desk:
        desk.buttons[0].post_message(TouchButton.Tapped(Action("", Open("never"))))
        await settle(desk)
        assert "No correction has this number." in desk.text


async def test_without_a_store_there_is_no_queue() -> None:
    app = StationApp(FakeBench(IDLE), FakeQueries(), SETTINGS, None, lambda: 0.0)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        assert "To fix" not in {entry.title for entry in entries(app.desk)}


# --- flags and waivers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_the_fail_verdict_shows_its_flags(size: tuple[int, int]) -> None:
    async with running(scene=FLAGGED, size=size) as desk:
        for words in (
            "goes to Marking",
            "! OVERDUE",
            "Spine label: a line is missing",
        ):
            assert words in desk.text, words
        nothing_is_cut(desk, "card")


async def test_a_pass_that_waits_for_a_recheck_says_so() -> None:
    async with running(scene=PASS_TO_RECHECK) as desk:
        assert "another check is due" in desk.text


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_a_finding_is_waived_with_a_reason(size: tuple[int, int]) -> None:
    failed = [finding for finding in FLAGGED.findings if finding.outcome.value == "fail"]
    assert len(failed) == 2
    async with running(scene=FLAGGED, size=size) as desk:
        await desk.tap("Accept as it is")
        await desk.tap(failed[1].title)
        reason = SETTINGS.corrections.waiver_reasons[0]
        await desk.tap(reason)
        await settle(desk)
        assert desk.bench.sent == [Waive(failed[1].rule, reason)]
        assert isinstance(desk.app.screen, ProcessScreen)


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_what_was_waived_is_no_longer_called_wrong(size: tuple[int, int]) -> None:
    findings = tuple(msgspec.structs.replace(finding, severity=Severity.MAJOR) for finding in FLAGGED.findings)
    first, second = (finding for finding in findings if finding.outcome.value == "fail")
    says, second_says = told(first.said), told(second.said)
    scene = msgspec.structs.replace(FLAGGED, findings=findings, waived=(first.rule,), may_waive=(second.rule,))
    async with running(scene=scene, size=size) as desk:
        assert f"✓ {says}" in desk.text and f"× {says}" not in desk.text
        assert f"× {second_says}" in desk.text and "1 accepted as it is" in desk.text
        await desk.tap("Accept as it is")
        assert first.title not in desk.labels(), "what was accepted is not offered again"


async def test_where_one_finding_failed_only_the_reason_is_asked() -> None:
    failed = tuple(finding for finding in FLAGGED.findings if finding.outcome.value == "fail")[:1]
    async with running(scene=msgspec.structs.replace(FLAGGED, findings=failed)) as desk:
        await desk.tap("Accept as it is")
        assert failed[0].title in desk.text and "Cannot be fixed" in desk.labels()
        await desk.tap("Close")
        assert desk.bench.sent == []


async def test_nothing_is_waived_before_a_fail() -> None:
    no_right = msgspec.structs.replace(FLAGGED, may_waive=())
    for scene in (IDLE, PASS_TO_RECHECK, msgspec.structs.replace(FLAGGED, phase=Phase.CHECKING), no_right):
        async with running(scene=scene) as desk:
            assert "Accept as it is" not in desk.labels()


@pytest.mark.parametrize(
    ("size", "head", "cut"),
    [
        ((34, 6), "! OVERDUE 5 days", "! OVERDUE 5 days · A field guide…"),
        ((44, 4), "! OVERDUE 5 days · serious", "! OVERDUE 5 days · A field guide… · serious"),
    ],
)
def test_the_title_of_an_entry_is_whole_if_the_defect_leaves_it_a_line(
    size: tuple[int, int], head: str, cut: str
) -> None:
    one = ENTRIES[1]
    lines = entry_action(one, {}, *size).lines
    assert lines[:2] == (head, one.correction.item_title) and len(lines) <= size[1]
    long = report(LABEL, "A defect that needs each of the lines that are left for it below the title and the severity")
    lines = entry_action(
        entry(1, msgspec.structs.replace(long, severity=Severity.CRITICAL), overdue=True, age=5), {}, *size
    ).lines
    assert lines[0] == cut and len(lines) == size[1]


def _entries_of_all_rules() -> Iterator[tuple[str, Entry]]:
    """Yield the faults of each shipped rule, in each state that an entry of the queue can have."""
    for number, rule in enumerate(shipped().rules):
        for why in [one.phrase for one in shipped().reasons_of(rule)] or [rule.title]:
            ident = f"{number:012x}"
            new = report(
                ident,
                rule.title,
                rule=rule.id,
                reason=Sentence.verbatim(why),
                severity=rule.severity,
                recheck=rule.recheck,
            )
            mended = CorrectionMended(correction=ident, note=EMPTY, due="2026-12-06", operator="somebody else")
            back = CorrectionRechecked(
                correction=ident, passed=False, reason=Sentence.of(why), operator="another person"
            )
            for late, owner in ((False, "Technical Services"), (True, "Technical Services"), (True, "Marking")):
                opened_by = msgspec.structs.replace(new, owner=owner)
                yield why, entry(1, opened_by, age=128, overdue=late)
                yield why, entry(1, opened_by, mended, age=128, overdue=late)
                yield why, entry(1, opened_by, mended, back, age=128, overdue=late)
    yield "another person", entry(1, ORDERED, age=128)


@pytest.mark.parametrize("size", [(34, 6), (44, 4)])
def test_nothing_that_matters_is_cut_from_an_entry(size: tuple[int, int]) -> None:
    """Fault, item, severity, age and next step are shown whole, for every shipped rule and reason."""
    seen = 0
    for why, one in _entries_of_all_rules():
        lines = entry_action(one, {}, *size).lines
        assert len(lines) <= size[1] and all(cell_len(line) <= size[0] for line in lines), lines
        text = " ".join(lines)
        for word in (
            why,
            one.correction.item_title[:8],
            SEVERITIES[one.correction.severity],
            told(waits_for(one, short=True)),
            "128 days" if one.overdue else one.correction.due,
        ):
            assert word in text, (word, lines)
        assert told(OVERDUE) in text or not one.overdue
        seen += 1
    assert seen > 300


@pytest.mark.parametrize("size", EVERY_SIZE)
async def test_an_entry_on_the_screen_is_not_cut(size: tuple[int, int]) -> None:
    """The lines as drawn on the screen, not as offered to it."""
    async with running(size=size) as desk:
        await queue(desk)
        for word in (
            "A field guide",
            "one more check is due",
            "came back once",
            "minor",
            "serious",
            "The clockmaker",
        ):
            assert word in desk.text, word
        page = next(b for b in desk.buttons if b.offered and isinstance(b.offered.does, Open))
        assert page.offered is not None and len(page.offered.lines) <= page.size.height


async def test_a_scan_in_the_queue_opens_what_is_open_of_that_item() -> None:
    async with running() as desk:
        await queue(desk)
        await desk.scan("31234000007731")
        await settle(desk)
        assert isinstance(desk.app.screen, CorrectionScreen) and "Price: no price in the record" in desk.text
        assert desk.bench.sent == []
        await desk.scan("31234000007731")
        assert desk.bench.sent == [Scan("31234000007731")], "with the item in hand the next scan goes to the bench"
        assert isinstance(desk.app.screen, ProcessScreen)


async def test_a_scan_of_an_item_with_several_lists_only_those() -> None:
    async with running() as desk:
        await queue(desk)
        await desk.scan("31234000004217")
        await settle(desk)
        assert "2 open" in desk.text and desk.bench.sent == []
        await desk.tap("All")
        assert f"{len(ENTRIES)} open" in desk.text
        await desk.scan("31234000004217")
        await desk.scan("31234000004217")
        assert desk.bench.sent == [Scan("31234000004217")]


async def test_a_scan_of_an_item_with_nothing_open_is_the_benchs() -> None:
    async with running() as desk:
        await queue(desk)
        await desk.scan("31234000000016")
        assert desk.bench.sent == [Scan("31234000000016")]
