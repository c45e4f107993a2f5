"""No text from outside acts on the terminal or on the screen (reliability.md, findings 1 and 2, tests S1 and S2).

The real app runs on a real pty. Every string of the corpus goes raw, not cleaned at any boundary, through the fields of
every screen; the bytes that reach the terminal are held against a grammar, and what pyte shows against `safe`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from station.correction import Entry
from station.deliveries import Delivery, DeliveryState
from station.events import CorrectionMended, CorrectionRechecked
from station.model import (
    Check,
    Choice,
    CorrectionState,
    Covered,
    Fault,
    Finding,
    Flag,
    ItemRecord,
    Outcome,
    PlannedTag,
    Severity,
    Snapshot,
)
from station.ports import DemoItem, DemoState, JournalRow
from station.tui.checks import check_lines
from station.tui.words import safe
from tests.tui.corpus import BIDI, BRACKETS, CORPUS
from tests.tui.pty_app import Frame
from tests.tui.scenes import DEMO_STATE, ITEM, SCENES, delivery
from tests.tui.terminal import Terminal
from tests.tui.work import entry, report

replace = msgspec.structs.replace

OURS = re.compile(
    rb"\x1b\[[0-9;:]*m"  # colours and styles
    rb"|\x1b\[[0-9]+;[0-9]+H"  # position
    rb"|\x1b\[\?2026[hl]"  # synchronised output
    rb"|\x1b\[\?25l"
    rb"|\x1b\]22;default\x07"  # mouse pointer: Textual's own, a constant
    rb"|\x1b(\[[0-9;:?]*)?$"  # cut by the end of the capture
)
"""All that the app may say to a terminal between its start and its end, besides text."""


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(set(CORPUS)) >= 180


Take = Callable[[int], str]
"""Hands out the next string that fits into so many cells, or an empty one."""


def item(take: Take) -> ItemRecord:
    return replace(
        ITEM,
        title=take(36),
        author=take(36),
        call_number=take(24),
        call_number_source="",
        library="",
        location=take(24),
        description=take(24),
        copy="",
        material="",
        label_lines=(take(18), take(18), take(18)),
    )


def need_tag(take: Take) -> Snapshot:
    plan = PlannedTag("28560-2", ((take(20), take(34)), (take(20), take(34))), 7, 1, 1)
    return replace(SCENES["need-tag"], item=item(take), planned=plan, tag_summary=take(40), prompt=take(60))


def writing(take: Take) -> Snapshot:
    return replace(SCENES["writing"], item=item(take), prompt=take(60), tag_uid=take(30), tag_summary="")


def idle(take: Take) -> Snapshot:
    unfinished = (take(60), take(60), take(60))
    return replace(
        SCENES["idle-unfinished"],
        unfinished=unfinished,
        notice=take(60),
        outbox_note=take(60),
        prompt=take(60),
        operator=take(40),
        reader=take(40),
    )


def need_scan(take: Take) -> Snapshot:
    return replace(
        SCENES["need-scan"],
        prompt=take(60),
        tag_summary=take(40),
        tag_uid=take(20),
        notice=take(60),
        outbox_note=take(60),
        operator=take(40),
        reader=take(40),
    )


def stopped(take: Take) -> Snapshot:
    choices = tuple(Choice(str(number), take(24)) for number in range(3))
    fault = Fault(take(20), take(60), take(40), take(38), take(38), tuple(c for c in choices if c.label))
    return replace(SCENES["other-item"], item=item(take), fault=fault, prompt=take(60))


def checking(take: Take) -> Snapshot:
    lines = [take(18).replace("\n", " ") for _ in range(3)]
    check = Check("r", take(60), "\n".join(lines), Severity.MAJOR, ("a", "b"))
    return replace(SCENES["check-label"], item=item(take), checks=(check,), current_check=0, prompt=take(60))


def looking(take: Take) -> Snapshot:
    covers = tuple(Covered(str(n), "t", Severity.MAJOR, take(30)) for n in range(3))
    check = Check("r", take(60), "", Severity.MAJOR, ("a", "b"), covers=covers)
    return replace(SCENES["check-label"], item=ITEM, checks=(check,), current_check=0, prompt=take(60))


def done(take: Take) -> Snapshot:
    findings = tuple(
        Finding(str(n), take(36), Severity.MAJOR, Outcome.FAIL, "machine", reason=take(36)) for n in range(6)
    )
    return replace(SCENES["fail"], item=item(take), findings=findings, prompt=take(60))


def flagged(take: Take) -> Snapshot:
    flags = tuple(Flag(str(n), take(36), take(24), "2026-11-26", CorrectionState.OPEN) for n in range(6))
    return replace(SCENES["fail"], item=item(take), flags=flags, findings=(), prompt=take(60))


def plain(_take: Take) -> Snapshot:
    return SCENES["idle"]


WORK = [need_tag, writing, idle, need_scan, stopped, checking, looking, done, flagged]


def parts(strings: list[str]) -> tuple[Take, list[str]]:
    """A `take` that empties `strings`, and the list of what it gave away."""
    given: list[str] = []

    def take(room: int) -> str:
        for index, text in enumerate(strings):
            if len(safe(text)) <= room:
                given.append(text)
                return strings.pop(index)
        return ""

    return take, given


def rows_of(take: Take) -> tuple[JournalRow, ...]:
    return tuple(JournalRow(99 - number, "2026\x1b]0;owned\x07", take(20), take(80)) for number in range(20))


def deliveries_of(take: Take) -> tuple[Delivery, ...]:
    return tuple(
        replace(
            base,
            system=take(8),
            detail=take(44),
            intent=replace(base.intent, barcode=take(16)),
        )
        for base in [delivery(number, DeliveryState.PARKED) for number in range(20)]
    )


def queue_of(take: Take) -> tuple[Entry, ...]:
    """Long texts as titles alone; short ones as reason and title, which stand on one line."""
    found = []
    for at in range(15):
        title, reason = (take(40), "") if at % 2 else (take(18), take(18))
        one = report(f"{at:012}", title, reason=reason, owner=take(20), barcode=take(14), due="2026-\x1b[2J")
        found.append(entry(at, one, age=1))
    return tuple(found)


def one_of(take: Take) -> tuple[Entry, ...]:
    first = report("1" * 12, take(100), item_title=take(60), barcode=take(20), owner=take(60), reason=take(60))
    by = CorrectionMended(correction=first.correction, note=take(60), operator=take(30))
    no = CorrectionRechecked(correction=first.correction, passed=False, reason=take(60), operator=take(30))
    return (entry(1, first, by, no, by, no, age=7, overdue=True),)


def demo_of(take: Take) -> DemoState:
    return DemoState(DemoItem("1", take(40), take(40)), (take(40), take(40)))


SCREENS = ("Journal", "Outbox", "demo", "To mend", "OVERDUE 7 d")
"""What is tapped to see the rest; the last stands on the queue and opens one correction."""


def frames() -> Iterator[tuple[Frame, str, list[str]]]:
    """Frame, the button that opens its screen ("" = the work screen), and the raw strings that must stand on it."""
    number = 1
    for make, screen in [*((view, "") for view in WORK), *((plain, screen) for screen in SCREENS)]:
        left = [text for text in CORPUS if safe(text)]
        while left:
            before = len(left)
            take, given = parts(left)
            journal, outbox, demo, work = (), (), DEMO_STATE, ()
            if screen == "Journal":
                journal = rows_of(take)
            elif screen == "Outbox":
                outbox = deliveries_of(take)
            elif screen == "demo":
                demo = demo_of(take)
            elif screen == "To mend":
                work = queue_of(take)
            elif screen == "OVERDUE 7 d":
                work = one_of(take)
            snapshot = replace(make(take), number=number + 1, done_today=1000 + number, sound_number=0)
            if len(left) == before:
                break
            yield Frame(snapshot, journal, outbox, demo, work), "" if screen == "demo" else screen, given
            number += 1


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Terminal, bytes]]:
    """All frames shown once: the terminal afterwards, and the bytes since the first frame."""
    prepared = list(frames())
    path: Path = tmp_path_factory.mktemp("hostile") / "frames.json"
    first = Frame(SCENES["idle"], (), (), DEMO_STATE)
    path.write_bytes(msgspec.json.encode([first, *(frame for frame, _, _ in prepared)]))
    terminal = Terminal(str(path), columns=160, lines=45)
    try:
        terminal.until(lambda: "Scan a barcode" in terminal.text, "the first prompt")
        start = len(terminal.seen)
        for number, (_, screen, given) in enumerate(prepared, 1):
            terminal.type(f"{number}\r")
            terminal.until(lambda n=number: f"today {1000 + n}" in terminal.text, f"frame {number}")
            if screen == "OVERDUE 7 d":
                terminal.until(lambda: "To mend" in terminal.text, "the strip")
                terminal.tap("To mend")
            if screen:
                terminal.until(lambda s=screen: s in terminal.text, "the strip")
                terminal.tap(screen)
            terminal.shows([safe(text) for text in given], f"frame {number} ({screen or 'work'})")
        yield terminal, bytes(terminal.seen[start:])
    finally:
        terminal.close()


def test_every_string_stands_verbatim_on_every_screen(shown: tuple[Terminal, bytes]) -> None:
    """The fixture waited for each; here only what the fixture cannot say: brackets are not changed by `safe`."""
    for text in BRACKETS:
        if text.isascii():
            assert safe(text) == text
    assert len(list(frames())) > 60


def test_nothing_but_our_own_sequences_reaches_the_terminal(shown: tuple[Terminal, bytes]) -> None:
    rest = OURS.sub(b"", shown[1]).decode("utf-8")
    bad = {char for char in rest if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn")} - {"\r", "\n"}
    assert bad == set()
    for text in BIDI:
        assert text not in rest


def test_the_terminal_was_never_told_a_title_or_a_clipboard(shown: tuple[Terminal, bytes]) -> None:
    terminal, seen = shown
    assert set(terminal.screen.titles) <= {";default"}  # how pyte takes OSC 22, see OURS
    seen = OURS.sub(b"", seen)
    for forbidden in (b"\x1b]", b"\x1bP", b"\x1b_", b"\x1b^", b"\x1bX", b"\x1bc", b"\x1b[2J", b"\xc2\x9b", b"\x00"):
        assert forbidden not in seen, forbidden


def test_a_tap_on_markup_does_nothing(tmp_path: Path) -> None:
    path = tmp_path / "frames.json"
    evil = "[@click=app.quit]x[/]"
    snapshot = replace(SCENES["need-tag"], number=9, item=replace(ITEM, title=evil), prompt=evil, notice=evil)
    path.write_bytes(msgspec.json.encode([Frame(snapshot, (), (), DEMO_STATE)]))
    terminal = Terminal(str(path))
    try:
        terminal.until(lambda: "Scan a barcode" in terminal.text, "the first prompt")
        terminal.type("0\r")
        terminal.until(lambda: terminal.text.count(evil) == 3, "the markup, verbatim, three times")
        for row, line in enumerate(terminal.screen.display):
            column = line.find("x[/]")
            if column >= 0:
                terminal.click(column, row)
        terminal.until(lambda: "Help" in terminal.text, "the strip")
        terminal.tap("Help")
        terminal.until(lambda: "What the lights mean" in terminal.text, "the help screen")
        assert terminal.process.poll() is None
    finally:
        terminal.close()


@pytest.mark.parametrize("text", CORPUS)
def test_safe_leaves_nothing_that_acts(text: str) -> None:
    kept = safe(text)
    assert all(unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn") for char in kept)
    assert safe(kept) == kept


def test_a_drawing_that_came_from_outside_has_no_control_characters() -> None:
    covers = (Covered("r", "t", Severity.MAJOR, "look"), Covered("s", "t", Severity.MAJOR, "look"))
    for text in CORPUS:
        check = Check("r", "Good?", "", Severity.MAJOR, ("a",), covers=covers, sketch=("  ┌──┐", text))
        shown = replace(SCENES["check-label"], checks=(check,), current_check=0)
        for line in check_lines(shown, 120, 12):
            assert line.plain.isprintable(), ascii(text)
