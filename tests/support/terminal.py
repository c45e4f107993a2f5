"""A process on a real pty, with pyte as its screen."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyte

from station.tui.widgets.theme import VARIABLES
from tests.support import forked
from tests.support.patience import PATIENCE_S

ROOT = Path(__file__).resolve().parents[2]
FAILS_AFTER = PATIENCE_S
DARK = VARIABLES["off"].removeprefix("#")
"""Color of the label of a button that takes no tap."""
QUIET_S = 0.25
"""A picture after which nothing is drawn for so long is complete."""
DARK_S = 5.0
"""Longest wait for a button to wake. A tap on one that stays dark is a tap on a dark button."""


class Watched(pyte.Screen):
    """A screen that records the title and the icon name, which the program must never set."""

    def __init__(self, columns: int, lines: int) -> None:
        self.titles: list[str] = []
        super().__init__(columns, lines)

    def set_title(self, param: str) -> None:
        self.titles.append(param)

    def set_icon_name(self, param: str) -> None:
        self.titles.append(param)


class Terminal:
    """One process on one pty."""

    def __init__(
        self,
        *arguments: str,
        columns: int = 100,
        lines: int = 30,
        controlling: bool = True,
        module: tuple[str, ...] = ("tests.tui.pty_app",),
        draws: bool = True,
    ) -> None:
        """`draws`: pyte interprets the output. Without it the bytes are only kept, which is much faster."""
        self.draws = draws
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.told, told = os.pipe()
        environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if name not in ("NO_COLOR", "TEXTUAL", "CI", "COLUMNS", "LINES")
            },
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "TEXTUAL_ANIMATIONS": "none",
            "LANG": "C.UTF-8",
        }

        def prepare() -> None:
            os.setsid()
            if controlling:
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            os.dup2(told, 3)

        how: dict[str, Any] = {"stdin": slave, "stdout": slave, "stderr": slave, "cwd": ROOT, "env": environment}
        self.process: forked.Started
        if forked.ANEW:
            command = [sys.executable, "-m", *module, *arguments]
            self.process = subprocess.Popen(command, **how, preexec_fn=prepare, pass_fds=(3, told))
        else:
            name, *words = (*module, *arguments)
            self.process = forked.Process(
                *words, module=name, terminal=controlling, start_new_session=True, third=told, **how
            )
        os.close(slave)
        os.close(told)
        self.screen = Watched(columns, lines)
        self.stream = pyte.ByteStream(self.screen)
        self.seen = bytearray()

    @property
    def text(self) -> str:
        """Return all lines of the screen."""
        return "\n".join(self.screen.display)

    def pump(self, seconds: float = 0.05) -> bytes:
        """Read the output of the process."""
        if self.master < 0 or not select.select([self.master], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return b""
        self.seen += data
        if self.draws:
            self.stream.feed(data)
        return data

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until the condition is true."""
        end = time.monotonic() + FAILS_AFTER
        while not condition():
            ended = self.process.poll() is not None  # before the last output is read: it may be what the test waits for
            if not self.pump() and (ended or time.monotonic() > end) and not condition():
                raise AssertionError(f"never came: {what}\n{self.text}")

    def shows(self, texts: list[str], where: str) -> None:
        """Wait until the screen shows all of these texts."""
        missing = texts

        def complete() -> bool:
            nonlocal missing
            text = self.text
            missing = [one for one in texts if one not in text]
            return not missing

        try:
            self.until(complete, where)
        except AssertionError as error:
            raise AssertionError(f"{where} does not show {missing}") from error

    def type(self, text: str) -> None:
        """Type keys."""
        os.write(self.master, text.encode())

    def tap(self, label: str) -> None:
        """Tap the lowest line that shows this label, once it is not dark: a dark button takes no tap."""
        end = time.monotonic() + DARK_S
        while time.monotonic() < end:
            complete = not self.pump(QUIET_S)
            place = self._place(label)
            if complete and (place is None or not self._is_dark(*place, label)):
                break
        place = self._place(label)
        if place is None:
            raise AssertionError(f"no button shows {label!r}\n{self.text}")
        self.click(*place)

    def _place(self, label: str) -> tuple[int, int] | None:
        """Return column and row of the lowest line that shows this label."""
        for row in range(self.screen.lines - 1, -1, -1):
            column = self.screen.display[row].find(label)
            if column >= 0:
                return column, row
        return None

    def _is_dark(self, column: int, row: int, label: str) -> bool:
        first = column + len(label) - len(label.lstrip())
        return str(self.screen.buffer[row][first].fg) == DARK

    def click(self, column: int, row: int) -> None:
        """Tap one cell (SGR mouse protocol, 1006; counts from 1)."""
        os.write(self.master, f"\x1b[<0;{column + 1};{row + 1}M\x1b[<0;{column + 1};{row + 1}m".encode())

    def hang_up(self) -> None:
        """Close the terminal."""
        os.close(self.master)
        self.master = -1

    def end(self) -> int:
        """Wait for the process, and read its output to the last byte."""
        end = time.monotonic() + FAILS_AFTER
        while self.process.poll() is None and time.monotonic() < end:
            if not self.pump():
                time.sleep(0.02 if self.master < 0 else 0)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the process did not end\n{self.text}")
        while self.pump():
            pass
        return self.process.wait()

    def farewell(self) -> str:
        """Return what the process reported on its extra pipe. Call this after its end."""
        return os.read(self.told, 100).decode()

    def close(self) -> None:
        """Kill a process that still runs, and close the pty."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self.master >= 0:
            os.close(self.master)
        os.close(self.told)
