"""Make docs/pictures/demo.cast and demo.svg: `station demo` on a real terminal, from a scan to PASS and then to STOP.

The cast is an asciicast of version 2 (JSON lines): `asciinema play docs/pictures/demo.cast`. The picture is its moment
of PASS. Times in the cast are those of the run, with no wait longer than `LONGEST_WAIT_S`, plus a pause for each screen
to be read.

    python scripts/make_cast.py
"""

from __future__ import annotations

import codecs
import json
import os
import re
import signal
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.stories.terminal_picture import svg  # noqa: E402
from tests.stories.walk import HANDS  # noqa: E402
from tests.support.patience import PATIENCE_S  # noqa: E402
from tests.support.terminal import Terminal  # noqa: E402

TARGET = ROOT / "docs" / "pictures"
COLUMNS, LINES = 100, 30
LONGEST_WAIT_S = 0.4
QUIET_S = 0.4
"""Seconds without output after which the screen counts as drawn."""
ASKS = re.compile(
    r"\x1b\[\?(?:9|1000|1002|1003|1004|1005|1006|1015|1016|2004|2048)[hl]|\x1b\[\?\d+\$p|\x1b\[[<>=]\d*u|\x1b\]22;[^\x07\x1b]*(?:\x07|\x1b\\\\)"
)
"""Requests of the program to a live terminal: mouse, focus, paste, keyboard, pointer. A recording contains none."""
LEAVE = "\x1b[?1049l\x1b[?7h\x1b[?25h"
"""The viewer's own screen, line wrap and cursor again (xterm, ctlseqs)."""


class Camera:
    """A terminal, and its output with the times."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.events: list[tuple[float, str]] = []
        self._at = 0.0
        self._real = time.monotonic()
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def _pump(self) -> bool:
        data = self.terminal.pump(0.05)
        if text := ASKS.sub("", self._decoder.decode(data)):
            now = time.monotonic()
            self._at += min(now - self._real, LONGEST_WAIT_S)
            self._real = now
            self.events.append((round(self._at, 3), text))
        return bool(data)

    def see(self, words: str, read_s: float) -> None:
        """Wait until the screen shows these words and is drawn, then leave the viewer time to read."""
        end = quiet = time.monotonic()
        end += PATIENCE_S
        while words not in self.terminal.text or time.monotonic() - quiet < QUIET_S:
            if self._pump():
                quiet = time.monotonic()
            elif time.monotonic() > end:
                raise TimeoutError(f"never came: {words}\n{self.terminal.text}")
        self._at += read_s

    def key(self, name: str) -> None:
        self.terminal.type(HANDS[name])

    def cast(self) -> str:
        """The recording as asciicast v2: a header, then one event a line."""
        header = {
            "version": 2,
            "width": COLUMNS,
            "height": LINES,
            "title": "RFID Processing Station: scan, write, PASS, STOP",
            "env": {"TERM": "xterm-256color"},
        }
        lines = [header, *([at, "o", text] for at, text in self.events), [round(self._at, 3), "o", LEAVE]]
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def main() -> None:
    with tempfile.TemporaryDirectory() as data:
        terminal = Terminal("--data", data, module=("station", "demo"), columns=COLUMNS, lines=LINES)
        try:
            camera = Camera(terminal)
            camera.see("Scan a barcode", 2.0)
            camera.key("F3")  # scan
            camera.see("Put the item on the pad", 3.0)
            camera.key("F4")  # place
            camera.see("✓ ALL GOOD", 1.5)
            terminal.tap("✓ ALL GOOD")
            camera.see("PASS", 3.0)
            picture = svg(terminal.screen)
            camera.key("F6")  # lift
            camera.see("On the pad: nothing", 1.0)
            for _ in range(2):  # the third item has a tag that another item wears
                camera.key("F2")
                camera.see("On the pad: nothing", 0.7)
            camera.key("F3")
            camera.see("Put the item on the pad", 1.5)
            camera.key("F4")
            camera.see("STOP", 5.0)
            os.kill(terminal.process.pid, signal.SIGTERM)
            terminal.end()
        finally:
            terminal.close()
    (TARGET / "demo.cast").write_text(camera.cast(), encoding="utf-8")
    (TARGET / "demo.svg").write_text(picture, encoding="utf-8")


if __name__ == "__main__":
    main()
