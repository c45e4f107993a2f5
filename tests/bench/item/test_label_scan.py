"""A scan of the label during the label check: right, wrong, or a text that is not a label."""

from __future__ import annotations

import pytest

from station.base.settings import Barcodes, Library, Settings
from station.domain.events import CheckAnswered, ScanRefused
from station.domain.findings import Outcome
from station.domain.snapshot import Phase, Snapshot, Sound
from tests.support.simulated_bench import BOOK, ISIL, OTHER, Rig
from tests.support.told import told

LABEL = ("QA", "76.73", ".P98", "D64", "2026")
"""The label of BOOK in tests/support/simulated_bench.py."""


def at_the_label_check(rig: Rig) -> Snapshot:
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    shown = rig.answer()
    assert shown.checks[shown.current_check].rule == "spine-label"
    assert shown.item is not None
    assert shown.item.label_lines == LABEL
    return shown


@pytest.mark.parametrize(
    "text", ["QA76.73 .P98 D64 2026", "QA 76.73 .P98 D64 2026", "|".join(LABEL), "QA76.73.P98D642026"]
)
def test_the_right_text_answers_the_check(text: str) -> None:
    rig = Rig()
    at_the_label_check(rig)
    shown = rig.scan(text)
    assert shown.checks[shown.current_check].rule == "property-stamp"
    assert shown.notice.code == "notice.label-good"
    answered = {event.finding.rule: event.finding for event in rig.journal.events if isinstance(event, CheckAnswered)}
    assert answered["spine-label"].outcome is Outcome.PASS
    assert told(answered["spine-label"].note) == f"scanned: {text}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("QA76.73 .P89 D64 2026", "Line 3 says .P89, it must say .P98."),
        ("QA76.73 .P98 D64", "Line 5 is missing: 2026."),
        ("QA76.73 .P98 D64 2O26", "Line 5 looks alike but is not the same: 2O26 instead of 2026."),
        ("qa76.73 .P98 D64 2026", "Line 1 differs in spaces or capitals only: qa instead of QA."),
        ("QA|76.73|.P98|2026", "Line 4 is missing: D64."),
    ],
)
def test_a_difference_is_said_and_answers_nothing(text: str, said: str) -> None:
    rig = Rig()
    at_the_label_check(rig)
    shown = rig.scan(text)
    assert shown.checks[shown.current_check].rule == "spine-label"
    assert told(shown.notice.sentence) == f"The label differs. {said}"
    assert shown.sound is Sound.WARNING
    refused = [event for event in rig.journal.events if isinstance(event, ScanRefused)][-1]
    assert (told(refused.text), refused.code) == (text, "label-differs")
    assert rig.pass_all().phase is Phase.DONE, "the operator must still be able to decide"


@pytest.mark.parametrize("text", ["PS3561 .I48 O5 1999", "hello world", "\x1b[2J", "QA76.73 " * 40])
def test_any_other_scan_is_refused_as_ever(text: str) -> None:
    rig = Rig()
    at_the_label_check(rig)
    shown = rig.scan(text)
    assert shown.checks[shown.current_check].rule == "spine-label"
    assert not shown.notice.code.startswith("notice.label")
    assert isinstance(rig.journal.events[-1], ScanRefused)
    assert rig.journal.events[-1].code == "barcode-malformed"


def test_on_a_page_only_the_label_check_takes_it() -> None:
    rig = Rig()
    rig.scan(BOOK)
    rig.place(rig.world.tag(1))
    shown = rig.scan("QA76.73 .P98 D64 2026")
    assert [check.rule for check in shown.checks if check.answer is not None] == ["spine-label"]
    assert shown.current_check == 0
    assert not rig.scan("QA76.73 .P98 D64 2026").notice.code.startswith("notice.label")


def test_where_any_text_can_be_a_barcode_the_exact_label_still_counts() -> None:
    lenient = Barcodes(length=0, prefixes=(), check_digit="none", characters="alphanumeric")
    rig = Rig(Settings(library=Library(isil=ISIL), barcodes=lenient))
    at_the_label_check(rig)
    assert rig.scan("QA76.73.P98D642027").checks[1].answer is None
    assert rig.scan(OTHER).notice.code == "notice.checks-first"
    assert rig.scan("QA76.73.P98D642026").checks[1].answer is not None
