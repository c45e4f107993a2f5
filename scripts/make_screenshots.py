"""Make docs/screens/*.png: the real screens with prepared snapshots, exported as SVG and drawn by headless Chromium.

Needs `chromium` and the font Fira Code (Debian: chromium, fonts-firacode). Without Chromium the script leaves the SVG
files in docs/screens, prints that, and exits with code 1.

    python scripts/make_screenshots.py [NAME ...]
"""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from station.tui.app import StationApp  # noqa: E402
from station.tui.widgets.touch import Action, Go, TouchButton  # noqa: E402
from tests.tui.scenes import SCENES, SETTINGS, FakeBench, FakeDemo, FakeQueries  # noqa: E402

TARGET = ROOT / "docs" / "screens"

PICTURES: dict[str, tuple[str, tuple[int, int], bool, Go | None]] = {
    "idle": ("idle", (100, 30), False, None),
    "demo": ("need-tag", (100, 30), True, None),
    "scan": ("need-tag", (100, 30), False, None),
    "parts": ("need-tag-parts", (100, 30), False, None),
    "writing": ("writing", (100, 30), False, None),
    "wrong-tag": ("other-item", (100, 30), False, None),
    "lifted": ("lifted", (100, 30), False, None),
    "check": ("check-label", (100, 30), False, None),
    "reasons": ("check-label", (100, 30), False, Go.REASONS),
    "check-stamp": ("check-stamp", (100, 30), False, None),
    "check-stamp-small": ("check-stamp", (80, 24), False, None),
    "check-stamp-large": ("check-stamp", (160, 45), False, None),
    "check-looks": ("check-looks", (100, 30), False, None),
    "check-pieces": ("check-pieces", (100, 30), False, None),
    "counts": ("check-pieces", (100, 30), False, Go.REASONS),
    "pass": ("pass", (100, 30), False, None),
    "fail": ("fail", (100, 30), False, None),
    "small": ("check-label", (80, 24), True, None),
    "large": ("check-label", (160, 45), True, None),
    "journal": ("idle", (100, 30), False, Go.JOURNAL),
    "outbox": ("idle-unfinished", (100, 30), False, Go.OUTBOX),
    "help": ("idle", (100, 30), False, Go.HELP),
    "quit": ("check-label", (100, 30), False, Go.QUIT),
}
"""Picture: (scene, size in cells, True for the demo's controls, screen opened by a tap)."""


async def draw(name: str) -> str:
    """Return one picture as SVG."""
    scene, size, demo, go = PICTURES[name]
    app = StationApp(FakeBench(SCENES[scene]), FakeQueries(), SETTINGS, FakeDemo() if demo else None)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        if go is not None:
            app.screen.query(TouchButton).first().post_message(TouchButton.Tapped(Action("", go)))
            await pilot.pause()
            await app.workers.wait_for_complete()
            await pilot.pause()
        return app.export_screenshot(title="RFID Processing Station")


def convert(chromium: str, svg: Path, png: Path) -> None:
    """Render an SVG with Chromium at its own size and double resolution."""
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg.read_text(encoding="utf-8"))
    if box is None:
        raise ValueError(f"{svg} has no viewBox")
    width, height = (round(float(number)) for number in box.groups())
    subprocess.run(
        [
            chromium,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--hide-scrollbars",
            f"--window-size={width},{height}",
            f"--screenshot={png}",
            svg.as_uri(),
        ],
        check=True,
        capture_output=True,
        timeout=120,
    )


def main(names: list[str]) -> int:
    """Make the named pictures, or all."""
    unknown = [name for name in names if name not in PICTURES]
    if unknown:
        print(f"no such picture: {', '.join(unknown)}; there are: {', '.join(PICTURES)}", file=sys.stderr)
        return 2
    TARGET.mkdir(parents=True, exist_ok=True)
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with tempfile.TemporaryDirectory() as folder:
        for name in names or PICTURES:
            svg = Path(folder) / f"{name}.svg"
            svg.write_text(asyncio.run(draw(name)), encoding="utf-8")
            if chromium is None:
                shutil.copy(svg, TARGET)
            else:
                convert(chromium, svg, TARGET / f"{name}.png")
            print(name)
    if chromium is None:
        print("chromium is not installed: the SVG files are in docs/screens, not the PNG files", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
