"""A walk on a real terminal, told in rows: what must stand on the screen, then one act of a hand.

The rows come from a page of the manual (`steps_of`), so that what is printed there is what runs, or from a test. Nothing
is done that the screen does not tell: the words of a row must stand there before its act, a tap needs its button, and
each act of the hands needs a word that asks for it (`ASKED_BY`).
"""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

from station.base.words import tell
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
"""The imaginary hands: what xterm sends for a function key (ctlseqs, "PC-Style Function Keys")."""

ASKED_BY: Final = {
    "Scan": ("scan",),
    "Type": ("type", "choose"),
    "Lay": ("lay", "put", "place"),
    "Take": ("next", "put", "scan", "off", "lift"),
}
"""Verb of an act -> one of these words must be among those that the screen says."""

TURNS: Final = ("Station", "More (")
"""Buttons behind which a strip has more."""

PICTURES: Final = Path(os.environ.get("STATION_PICTURES", ROOT / "build" / "screens"))
"""Where the pictures of the runs are kept."""


class Step(NamedTuple):
    """One row, or a picture of the state in which the next row begins."""

    says: tuple[str, ...]
    """Phrases that must all stand there; `A" or "B` is fulfilled by either."""
    act: str
    picture: str = ""


def steps_of(page: Path) -> list[Step]:
    """The rows of all tables "the screen says | you do" of a page, with its pictures in their places."""
    found: list[Step] = []
    for line in page.read_text(encoding="utf-8").splitlines():
        picture = re.fullmatch(r"!\[[^\]]*\]\(pictures/([\w-]+)\.png\)", line.strip())
        if picture:
            found.append(Step((), "", picture[1]))
        elif line.startswith("|") and not line.startswith(("|---", "| the screen says")):
            says, act = (cell.strip() for cell in line.strip("|").split(" | "))
            quoted = tuple(says[1:-1].split('", "')) if re.fullmatch(r'"[^|]+"', says) else ()
            assert quoted, f"a row that says nothing: {line}"
            found.append(Step(quoted, act))
    return found


def words_of(step: Step) -> set[str]:
    """By which words a page must name what a row does: a button's own, or else the phrase that asks for it."""
    verb = step.act.partition(" ")[0]
    label = re.fullmatch(r"Tap `(.*)`", step.act)
    if label is not None:
        return {label[1]}
    return set([one for one in step.says if any(word in one.lower() for word in ASKED_BY.get(verb, ()))][:1])


def reads(display: list[str], phrase: str) -> bool:
    """Does the phrase stand there, in one line or broken at a word into the line below?"""
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
    """One `station demo` on a pty, and somebody who does what the screen says."""

    def __init__(self, name: str, data: Path, *options: str, size: tuple[int, int] = (100, 30)) -> None:
        self.folder = PICTURES / f"{name}-{size[0]}x{size[1]}"
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.glob("*.*"):
            old.unlink()
        self.shots = 0
        self.done = 0
        columns, lines = size
        self.terminal = Terminal(
            "--data", str(data), *options, module=("station", "demo"), columns=columns, lines=lines
        )

    def steps(self, steps: Iterable[Step], helps: Callable[[Step], tuple[str, set[str]]] | None = None) -> None:
        """Row by row; a picture is taken when the words of the row behind it stand there. `helps`: what the page that Help
        opens there must say, its title and the next step; it is opened once at each row that says something new."""
        pictures: list[str] = []
        told: set[tuple[str, ...]] = set()
        for step in steps:
            if step.picture:
                pictures.append(step.picture)
                continue
            label = re.fullmatch(r"Tap `(.*)`", step.act)
            # On a small screen the button may stand on another page of its strip; `act` turns the pages and looks for it.
            self.see(*(one for one in step.says if label is None or one not in label[1]), before=step.act)
            for name in pictures:
                self.shoot(name)
            pictures.clear()
            if helps is not None and step.says not in told:
                self.read_help(step, *helps(step))
                told.add(step.says)
            self.act(step)
        assert not pictures, "a picture with no row behind it"

    def see(self, *says: str, before: str = "") -> None:
        """Wait until all of this stands on the screen."""
        missing = list(says)

        def complete() -> bool:
            display = list(self.terminal.screen.display)
            missing[:] = [one for one in says if not any(reads(display, way) for way in one.split('" or "'))]
            return not missing

        try:
            self.terminal.until(complete, str(says))
        except AssertionError as error:
            self.shoot("stuck")
            raise AssertionError(
                f"before {before!r} (act {self.done + 1}) the screen lacks {missing}\n{error}"
            ) from error

    def act(self, step: Step) -> None:
        """What the row says that you do; each act has its picture among the artefacts."""
        verb = step.act.partition(" ")[0]
        self.done += 1
        self.settle(lambda: True, quiet=0.15, most=3.0)  # the words may stand there before the rest is drawn
        self.shoot(f"act-{verb.lower()}")
        if verb in ("Go", "Look"):
            return
        said = " ".join(step.says).lower()
        assert verb == "Tap" or any(word in said for word in ASKED_BY[verb]), f"nothing on the screen asks for: {step}"
        hands = re.search(r"\(((?:F\d+(?:, )?)+)\)", step.act)
        quoted = re.search(r"`([^`]+)`", step.act)
        if hands:
            for key in hands[1].split(", "):
                self.terminal.type(HANDS[key])
                self.settle(lambda: True)
        elif verb == "Tap":
            assert quoted is not None, step
            self._reach(quoted[1])
            self.terminal.tap(quoted[1])
        else:
            assert quoted is not None, step
            self.terminal.type(quoted[1] + "\r")
        self.settle(lambda: True)

    def read_help(self, step: Step, title: str, lacking: set[str]) -> None:
        """Help opens the page that says `title`; it names all of `lacking`, on whichever of its turns. Close leads back to
        the same place, in which nothing has changed."""
        self.settle(lambda: True)
        before = self.rows
        self.terminal.tap("Help")
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

    @property
    def rows(self) -> list[str]:
        """The screen without what changes by itself: the numbers of the title line, what the imaginary hands hold."""
        moving = (f"{tell('demo.in-hand')} ", f"{tell('demo.on-pad')} ")
        return [row.rstrip() for row in self.terminal.screen.display[1:] if not any(one in row for one in moving)]

    def _reach(self, label: str) -> None:
        """On a small screen the strips have pages: the station's own behind `Station`, the rest behind `More`."""
        for _ in range(6):
            # It may not be drawn yet; what turns the page stands there as soon as the strip does.
            self.settle(lambda: self._shown(label, *TURNS) != "", most=PATIENCE_S)
            self.settle(lambda: label in self.terminal.text, most=4.0)
            if label in self.terminal.text:
                return
            turn = self._shown(*TURNS)
            assert turn, f"no button says {label!r}\n{self.terminal.text}"
            self.terminal.tap(turn)
            self.settle(lambda: True)
        raise AssertionError(f"no button says {label!r}\n{self.terminal.text}")

    def _shown(self, *labels: str) -> str:
        """The first of these that stands on the screen, or nothing."""
        text = self.terminal.text
        return next((one for one in labels if one in text), "")

    def settle(self, condition: Callable[[], bool], quiet: float = 0.35, most: float = 10.0) -> None:
        """Until nothing has been drawn for a moment: two taps at one place within it would be one double tap."""
        end = time.monotonic() + most
        last = time.monotonic()
        while time.monotonic() < end and (time.monotonic() - last < quiet or not condition()):
            if self.terminal.pump(0.05):
                last = time.monotonic()

    def shoot(self, name: str) -> None:
        """The screen as it is: as text and as a drawing."""
        self.shots += 1
        stem = self.folder / f"{self.shots:03}-{name}"
        rows = [line.rstrip() for line in self.terminal.screen.display]
        stem.with_suffix(".txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
        stem.with_suffix(".svg").write_text(svg(self.terminal.screen), encoding="utf-8")

    def end(self) -> int:
        """Leave in order."""
        os.kill(self.terminal.process.pid, signal.SIGTERM)
        return self.terminal.end()

    def close(self) -> None:
        """Clean up."""
        self.terminal.close()
