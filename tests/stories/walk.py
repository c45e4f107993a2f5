"""A walk on a real terminal, given as rows: the text that must be on the screen, then one act of the operator.

The rows come from a page of the manual (`steps_of`), so that the printed page is the test, or from a test. Each act
must follow from the screen: the texts of a row must be shown before its act, a tap needs its button, and each act at
the pad needs a word on the screen that requests it (`ASKED_BY`).
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from station.base.words import ENGLISH
from tests.stories.phrases import Phrases
from tests.stories.terminal_picture import svg
from tests.support.patience import PATIENCE_S
from tests.support.terminal import ROOT, Terminal

HANDS: Final = {
    "F2": "\x1bOQ",
    "F3": "\x1bOR",
    "F4": "\x1bOS",
    "F5": "\x1b[15~",
    "F6": "\x1b[17~",
    "F7": "\x1b[18~",
    "F8": "\x1b[19~",
    "F9": "\x1b[20~",
    "F10": "\x1b[21~",
}
"""Function key -> what xterm sends for it (ctlseqs, "PC-Style Function Keys"). They operate scanner and pad."""

ASKED_BY: Final = {
    "Scan": ("scan",),
    "Type": ("type", "choose"),
    "Put": ("put", "place"),
    "Take": ("next", "put", "scan", "off", "lift"),
}
"""Verb of an act -> the texts on the screen must contain one of these words."""

MORE: Final = "More ("
"""The button that opens further pages of a strip of buttons."""

PICTURES: Final = Path(os.environ.get("STATION_PICTURES", ROOT / "build" / "screens"))
"""Folder for the pictures of the runs."""


class Step(NamedTuple):
    """One row, or a picture of the state in which the next row begins."""

    says: tuple[str, ...]
    """Phrases that must all be shown. `A" or "B` matches either."""
    act: str
    picture: str = ""


def steps_of(page: Path) -> list[Step]:
    """Return the rows of all tables "the screen says | you do" of a page, with its pictures in their places."""
    found: list[Step] = []
    for line in page.read_text(encoding="utf-8").splitlines():
        picture = re.fullmatch(r"!\[[^\]]*\]\(pictures/([\w-]+)\.png\)", line.strip())
        if picture:
            found.append(Step((), "", picture[1]))
        elif line.startswith("|") and not line.startswith(("|---", "| the screen says")):
            says, act = (cell.strip() for cell in line.strip("|").split(" | "))
            quoted = tuple(says[1:-1].split('", "')) if re.fullmatch(r'"[^|]+"', says) else ()
            assert quoted, f"a row without a text: {line}"
            found.append(Step(quoted, act))
    return found


def words_of(step: Step) -> set[str]:
    """Return the words with which a page must name a row's act: the label of a button, otherwise the phrase that
    requests it."""
    verb = step.act.partition(" ")[0]
    label = re.fullmatch(r"Tap `(.*)`", step.act)
    if label is not None:
        return {label[1]}
    return set([one for one in step.says if any(word in one.lower() for word in ASKED_BY.get(verb, ()))][:1])


def reads(display: list[str], phrase: str) -> bool:
    """Return whether the phrase is shown, in one line or broken between words into the next line."""
    first, *rest = phrase.split(" ")
    return any(
        _goes_on(display, row, found.end(), found.start(), rest)
        for row, line in enumerate(display)
        for found in re.finditer(re.escape(first), line)
    )


def _goes_on(display: list[str], row: int, at: int, left: int, words: list[str]) -> bool:
    for index, word in enumerate(words):
        if display[row][at:].startswith(f" {word}"):
            at += 1 + len(word)
        elif display[row][at : at + 2].strip() == "" and row + 1 < len(display):
            ways = [column for column in range(left + 1) if display[row + 1][column:].startswith(word)]
            return any(_goes_on(display, row + 1, way + len(word), way, words[index + 1 :]) for way in ways)
        else:
            return False
    return True


class Walk:
    """One `station demo` on a pty, operated according to the screen. The rows quote English screens, whatever its
    `language` is (`Phrases`)."""

    def __init__(
        self,
        name: str,
        data: Path,
        *options: str,
        size: tuple[int, int] = (100, 30),
        language: str = ENGLISH,
        program: str = "station",
    ) -> None:
        """`program`: the module that is run."""
        if language != ENGLISH:
            name = f"{name}-{language}"
            data.mkdir(parents=True, exist_ok=True)
            (data / "station.toml").write_text(f'[screen]\nlanguage = "{language}"\n', encoding="utf-8")
        self.phrases = Phrases(language)
        self.folder = PICTURES / f"{name}-{size[0]}x{size[1]}"
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.glob("*.*"):
            old.unlink()
        self.shots = 0
        self.done = 0
        columns, lines = size
        self.terminal = Terminal("--data", str(data), *options, module=(program, "demo"), columns=columns, lines=lines)

    def steps(self, steps: Iterable[Step], helps: Callable[[Step], tuple[str, set[str]]] | None = None) -> None:
        """Run the rows in order. A picture is taken once the texts of the row after it are shown.

        `helps` returns, for a row, the heading and the next step that the help page must show. Help is opened once for
        each different text.
        """
        pictures: list[str] = []
        told: set[tuple[str, ...]] = set()
        for step in steps:
            if step.picture:
                pictures.append(step.picture)
                continue
            label = re.fullmatch(r"Tap `(.*)`", step.act)
            # On a small screen the button may be on another page of its strip; `act` turns the pages and looks for it.
            self.see(*(one for one in step.says if label is None or one not in label[1]), before=step.act)
            if pictures:
                self.settle(lambda: True, quiet=0.85)  # the buttons sleep 0.7 s when the question has changed
            for name in pictures:
                self.shoot(name)
            pictures.clear()
            if helps is not None and step.says not in told:
                self.read_help(step, *helps(step))
                told.add(step.says)
            self.act(step)
        assert not pictures, "a picture without a row after it"

    def shows(self, phrase: str) -> bool:
        """Return whether the settled screen shows the phrase."""
        self.settle(lambda: True)
        display = list(self.terminal.screen.display)
        return any(reads(display, way) for way in self.phrases.ways(phrase))

    def see(self, *says: str, before: str = "") -> None:
        """Wait until the screen shows all of these texts."""
        missing = list(says)

        def complete() -> bool:
            display = list(self.terminal.screen.display)
            missing[:] = [one for one in says if not any(reads(display, way) for way in self.phrases.ways(one))]
            return not missing

        try:
            self.terminal.until(complete, str(says))
        except AssertionError as error:
            self.shoot("stuck")
            raise AssertionError(
                f"before {before!r} (act {self.done + 1}) the screen lacks {missing}\n{error}"
            ) from error

    def act(self, step: Step) -> None:
        """Do the act of the row. Each act has its picture among the artifacts."""
        verb = step.act.partition(" ")[0]
        self.done += 1
        self.settle(lambda: True, quiet=0.15, most=3.0)  # the texts may be shown before the rest is drawn
        self.shoot(f"act-{verb.lower()}")
        if verb in ("Go", "Look"):
            return
        said = " ".join(step.says).lower()
        assert verb in ("Tap", "Pass") or any(word in said for word in ASKED_BY[verb]), (
            f"nothing on the screen requests: {step}"
        )
        hands = re.search(r"\(((?:F\d+(?:, )?)+)\)", step.act)
        quoted = re.search(r"`([^`]+)`", step.act)
        if hands:
            for key in hands[1].split(", "):
                self.terminal.type(HANDS[key])
                self.settle(lambda: True)
        elif verb == "Pass":
            self.pass_all()
        elif verb == "Tap":
            assert quoted is not None, step
            self.terminal.tap(self._reach(quoted[1]))
        else:
            assert quoted is not None, step
            self.terminal.type(quoted[1] + "\r")
        self.settle(lambda: True)

    def pass_all(self) -> None:
        """Tap what passes each page of checks, until the verdict."""
        ends = ("check failed", "checks failed", "for staff:", "All checks passed")
        passes = ("✓ ALL GOOD", "✓ THE REST IS GOOD", "✓ Yes")
        while True:
            self.settle(lambda: self._shown(*ends, *passes) != "", most=PATIENCE_S)
            button = self._shown(*ends, *passes)
            assert button, f"neither a check nor a verdict\n{self.terminal.text}"
            if button in ends:
                return
            before = self.rows
            self.terminal.tap(self._label(button))
            self.terminal.until(partial(self._moved_on, before), f"what follows {button!r}")

    def read_help(self, step: Step, title: str, lacking: set[str]) -> None:
        """Tap Help and assert that it opens the page `title`, which names all of `lacking` on any of its pages. Assert
        that Close leads back to an unchanged screen."""
        self.settle(lambda: "Look first" not in self.terminal.text)  # a question's buttons sleep at first
        before = self.rows
        self.terminal.tap("Help")
        self.terminal.until(lambda: self.rows != before, "the page over the screen, which may have the same title")
        self.see(title, "page 1 of", before="Help")
        self.settle(lambda: True)
        self.shoot("help")
        while lacking:
            display = self.terminal.screen.display
            top, number, last = next(
                (at, found[1], found[2])
                for at, row in enumerate(display)
                if (found := re.search(r", page (\d+) of (\d+)", row)) is not None
            )
            page = [row.lower() for row in display[top + 1 : -4]]
            lacking -= {way for way in lacking if any(reads(page, one.lower()) for one in way.split('" or "'))}
            if not lacking or number == last:
                break
            self.terminal.tap("Next >")
            self.see(f"page {int(number) + 1} of", before="Next >")
            self.settle(lambda: True)
        assert not lacking, f"the page {title!r} does not name {lacking}, the next step of {step}\n{self.terminal.text}"
        self.terminal.tap("Close")
        self.terminal.until(lambda: self.rows == before, "the same place as before help")

    def _moved_on(self, before: list[str]) -> bool:
        return self.rows != before

    @property
    def rows(self) -> list[str]:
        """Return the screen without the parts that change without an act: the title line, the demo's lines, and the
        seconds in which a verdict can be taken back."""
        moving = (*self.phrases.ways("In hand:"), *self.phrases.ways("On the pad:"))
        shown = [row for row in self.terminal.screen.display[1:] if not any(f"{one} " in row for one in moving)]
        return [" ".join(re.sub(r"(< \w+) \(\d+\)", r"\1", row).split()) for row in shown]

    def _reach(self, label: str) -> str:
        """Turn the strip's pages until the button is shown. Return its label as the screen shows it."""
        for _ in range(6):
            # The button may not be drawn yet. The button that turns the page is drawn together with the strip.
            self.settle(lambda: self._shown(label, MORE) != "", most=PATIENCE_S)
            self.settle(lambda: self._label(label) != "", most=4.0)
            if shown := self._label(label):
                return shown
            turn = self._label(MORE)
            assert turn, f"no button shows {label!r}\n{self.terminal.text}"
            self.terminal.tap(turn)
            self.settle(lambda: True)
        raise AssertionError(f"no button shows {label!r}\n{self.terminal.text}")

    def _shown(self, *labels: str) -> str:
        """Return the first of these labels that is on the screen, or ""."""
        return next((label for label in labels if self._label(label)), "")

    def _label(self, label: str) -> str:
        """Return the label as the screen shows it, or "": in the walk's language, and of a label in two lines the
        first."""
        display = self.terminal.screen.display
        for way in self.phrases.ways(label):
            if any(way in row for row in display):
                return way
            words = way.split(" ")
            for count in range(len(words) - 1, 0, -1):
                first, second = " ".join(words[:count]), " ".join(words[count:])
                for row, below in pairwise(display):
                    at = row.find(first)
                    if at >= 0 and second in below[max(0, at - len(second)) : at + len(way)]:
                        return first
        return ""

    def settle(self, condition: Callable[[], bool], quiet: float = 0.35, most: float = 10.0) -> None:
        """Wait until nothing has been drawn for a moment. Two taps at one place within that time would count as a
        double tap."""
        end = time.monotonic() + most
        last = time.monotonic()
        while time.monotonic() < end and (time.monotonic() - last < quiet or not condition()):
            if self.terminal.pump(0.05):
                last = time.monotonic()

    def shoot(self, name: str) -> None:
        """Save the screen as text and as a drawing."""
        self.shots += 1
        stem = self.folder / f"{self.shots:03}-{name}"
        rows = [line.rstrip() for line in self.terminal.screen.display]
        stem.with_suffix(".txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
        stem.with_suffix(".svg").write_text(svg(self.terminal.screen), encoding="utf-8")

    def end(self) -> int:
        """End the station with SIGTERM."""
        os.kill(self.terminal.process.pid, signal.SIGTERM)
        return self.terminal.end()

    def close(self) -> None:
        self.terminal.close()
