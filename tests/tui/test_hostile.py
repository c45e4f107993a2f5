"""No text from outside acts on the terminal or on the screen (docs/reference/safety.md#hostile-input).

The real app runs on a real pty (`tests.tui.hostile_app`). Every screen (the table of `test_modals`, in which a new
screen must have a row) is given the corpus raw, not cleaned at any boundary. Every byte that reaches the terminal is
compared with a grammar, and the text between the sequences with the corpus. `make test` plays one session at the
middle size; `make soak` plays all sizes, all scenes, and every string in every field.
"""

from __future__ import annotations

import os
import re
import select
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from station.base.sentence import Sentence
from station.base.sentence_json import encode_sentence
from station.base.text import clean
from station.domain.findings import Check, Covered, Severity
from station.domain.notices import Notice
from station.tui.drawing.checks import check_lines, drawing
from station.tui.drawing.words import safe
from tests.support.harmless import bad_characters
from tests.support.hostile_text import BRACKETS, CORPUS, FORMULAS, MARK, PRINTERS
from tests.support.terminal import Terminal
from tests.tui.hostile_app import SEPARATOR, screens
from tests.tui.hostile_screens import SHOWS_OUTSIDE, WORK
from tests.tui.pty_app import Frame
from tests.tui.running_app import SIZES
from tests.tui.scenes import DEMO_STATE, ITEM, SCENES
from tests.tui.test_modals import SCREENS

replace = msgspec.structs.replace

OURS = re.compile(
    rb"\x1b\[[0-9;:]*m"  # colors and styles
    rb"|\x1b\[[0-9]+;[0-9]+H"  # position
    rb"|\x1b\[\?2026[hl]"  # synchronized output
    rb"|\x1b\[\?25l"
    rb"|\x1b\]22;default\x07"  # mouse pointer: Textual's constant
)
"""Everything besides text that the app may send to a terminal between its start and its end."""
AT_THE_ENDS = re.compile(
    rb"\x1b\[\?(1049|1000|1002|1003|1004|1006|1015|1016|2004|2048|25|7)[hl]"  # screen, mouse, focus, paste, size, cursor
    rb"|\x1b\[\?(2026|2048)\$p"  # query: is it known?
    rb"|\x1b\[[<>][0-9]*u"  # keyboard
)
"""Further sequences at the start and the end, when the app takes the terminal over and gives it back."""

NAMED = re.compile(f"{SEPARATOR}([A-Za-z]+ [0-9]+ [a-z0-9 ]+){SEPARATOR}".encode())


class Session:
    """One run of `hostile_app`: its bytes, cut at the names of the pictures."""

    def __init__(self, size: tuple[int, int], *words: int) -> None:
        columns, lines = size
        terminal = Terminal(
            *map(str, words), columns=columns, lines=lines, module=("tests.tui.hostile_app",), draws=False
        )
        try:
            while terminal.process.poll() is None:
                terminal.pump()
            while terminal.pump(0):
                pass
            assert terminal.process.wait() == 0
            said = os.read(terminal.told, 100_000) if select.select([terminal.told], [], [], 0)[0] else b""
            assert said == b"", said.decode()
            first, *rest = NAMED.split(bytes(terminal.seen))
        finally:
            terminal.close()
        self.ends = (first, rest[-1])
        self.pictures = list(zip([name.decode() for name in rest[::2]], rest[1::2], strict=True))

    @property
    def bytes(self) -> Iterator[tuple[str, bytes]]:
        """Yield every byte, with the place where it was sent."""
        yield "start", AT_THE_ENDS.sub(b"", self.ends[0])
        *rest, (name, last) = self.pictures
        yield from rest
        yield name, AT_THE_ENDS.sub(b"", last)

    def texts(self) -> dict[str, str]:
        """Return the text of each screen by the name of its class: the text between the sequences."""
        found: dict[str, str] = {}
        for name, data in self.pictures:
            kind = name.split()[0]
            found[kind] = found.get(kind, "") + "\n" + _text(data)
        return found


def _text(data: bytes) -> str:
    styled = re.sub(rb"\x1b\[[0-9;:]*m", b"", data)
    return OURS.sub(b"\n", AT_THE_ENDS.sub(b"", styled)).decode("utf-8")


def _harmless(session: Session) -> None:
    for name, data in session.bytes:
        rest = OURS.sub(b"", data).decode("utf-8")  # strict: half a character is an error
        bad = bad_characters(rest.replace("\r\n", ""))
        if bad:
            at = rest.index(bad[0])
            raise AssertionError(f"{name}: {bad} in {rest[max(0, at - 60) : at + 60]!a}")


def _shown(session: Session, part: int = 0, parts: int = 1) -> None:
    texts, kinds = session.texts(), screens(part, parts)
    assert set(texts) == {kind.__name__ for kind in kinds}, "every screen was drawn"
    for kind in SHOWS_OUTSIDE & set(kinds):
        text = texts[kind.__name__]
        assert MARK in text, f"{kind.__name__} did not show the text, or interpreted it as markup:\n{text}"


@pytest.fixture(scope="module")
def session() -> Session:
    """Show every screen once, with one scene of each workflow, at the middle size."""
    return Session((100, 30), 0, 1, 1, 0)


def test_the_corpus_is_as_large_as_promised() -> None:
    assert len(set(CORPUS)) >= 220


def test_every_byte_at_the_terminal_is_ours_or_plain_text(session: Session) -> None:
    _harmless(session)


def test_every_screen_shows_the_text_and_no_markup_of_it(session: Session) -> None:
    _shown(session)


def test_a_string_of_the_corpus_stands_verbatim_on_the_screen(session: Session) -> None:
    """The layout decides which strings have room. The soak below requires each of them."""
    text = "".join(session.texts().values())
    assert sum(1 for one in BRACKETS if len(one) > 4 and one in text) > 20


def test_every_screen_that_shows_text_from_outside_is_known() -> None:
    assert set(SCREENS) >= SHOWS_OUTSIDE
    assert all(WORK.values()), "the test of the screen of a new workflow needs VIEWS"
    for workflow, scenes in WORK.items():
        assert {type(scene.workflow_view) for scene in scenes} - {type(None)} == {workflow.row.view} - {None}, (
            f"the test of the screen of {workflow} needs VIEWS"
        )
    plain = {kind.__name__ for kind in SCREENS} - {kind.__name__ for kind in SHOWS_OUTSIDE}
    assert plain == {
        "MenuScreen",
        "SearchScreen",
        "LibraryOrdersScreen",
        "HelpScreen",
        "ManualScreen",
        "DisplayAndSoundScreen",
        "SoundCheckScreen",
        "CountDialog",
        "WaiveDialog",
        "PrintedDialog",
        "QuitDialog",
        "NoteDialog",
        "CopyNoteDialog",
        "TextDialog",
        "SignOnDialog",
    }, "add a new screen to SHOWS_OUTSIDE or to this list"


@pytest.mark.soak
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_every_scene_of_every_screen_is_harmless_short_and_long(size: tuple[int, int]) -> None:
    one = Session(size, 0, 2, 99, 1)
    _harmless(one)
    _shown(one)


PARTS = 4
"""Sessions that share the screens of the longest soak: side by side, each with a quarter of the bytes in memory."""


@pytest.mark.soak
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_string_comes_round_in_every_field(part: int) -> None:
    """Each turn deals from seven strings further on, and seven does not divide the size of the corpus. So each field
    has been dealt each string after as many turns as there are strings.

    Measured before it was divided into four: 9,000 pictures in 14 minutes of CPU, turns no slower at the end, the app
    from 75 to 173 MB, this process at 545 MB.
    """
    assert len(CORPUS) % 7
    one = Session((100, 30), 0, len(CORPUS), 1, 0, part, PARTS)
    _harmless(one)
    _shown(one, part, PARTS)
    texts = one.texts()
    for kind in SHOWS_OUTSIDE & set(screens(part, PARTS)):
        text = texts[kind.__name__]
        missing = [s for s in CORPUS if 2 < len(safe(s)) <= 18 and safe(s) not in text]
        assert not missing, f"{kind.__name__} did not show {missing}"


def test_a_tap_on_markup_does_nothing(tmp_path: Path) -> None:
    path = tmp_path / "frames.json"
    evil = "[@click=app.quit]x[/]"
    snapshot = replace(
        SCENES["need-tag"],
        number=9,
        item=replace(ITEM, title=evil),
        prompt=Sentence.of(evil),
        notice=Notice("notice", Sentence.of(evil)),
    )
    path.write_bytes(msgspec.json.encode([Frame(snapshot, (), (), DEMO_STATE)], enc_hook=encode_sentence))
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


def test_clean_leaves_nothing_that_acts_and_all_that_is_plain() -> None:
    for text in CORPUS:
        kept = safe(text)
        assert bad_characters(kept) == [], ascii(text)
        assert safe(kept) == kept
        assert clean(kept) == clean(text)
        assert kept.isprintable()
    for text in (*BRACKETS, *FORMULAS, *PRINTERS):
        if text.isascii() and text.isprintable() and text == text.strip():
            assert safe(text) == text, "printable characters are kept"


def test_the_name_of_a_sketch_from_outside_draws_nothing() -> None:
    look = Sentence.verbatim("look")
    covers = (Covered("r", "t", Severity.MAJOR, look), Covered("s", "t", Severity.MAJOR, look))
    for text in CORPUS:
        check = Check("r", look, severity=Severity.MAJOR, reasons=(look,), covers=covers, sketches=(text,))
        shown = replace(SCENES["check-label"], checks=(check,), current_check=0)
        for line in check_lines(shown, 120):
            assert line.plain.isprintable(), ascii(text)
        assert drawing(check, 120) == []
