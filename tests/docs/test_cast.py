"""The README's recording is a valid asciicast that shows a scan, PASS and STOP, and sends the viewer's terminal no
query."""

from __future__ import annotations

import json

import pyte

from scripts.make_cast import ASKS, COLUMNS, LINES
from tests.conftest import ROOT

CAST = ROOT / "docs" / "pictures" / "demo.cast"


def test_the_recording_shows_the_story_of_the_readme() -> None:
    header, *events = [json.loads(line) for line in CAST.read_text(encoding="utf-8").splitlines()]
    assert (header["version"], header["width"], header["height"]) == (2, COLUMNS, LINES)
    screen = pyte.Screen(COLUMNS, LINES)
    stream = pyte.Stream(screen)
    story = ["Scan a barcode", "the item on the pad", "ALL GOOD", "✓ PASS", "STOP"]
    last = 0.0
    for at, kind, text in events:
        assert at >= last and kind == "o" and not ASKS.search(text)
        last = at
        stream.feed(text)
        if story and story[0] in "\n".join(screen.display):
            del story[0]
    assert story == []
    assert last < 60
    assert CAST.stat().st_size < 300_000
    assert f"]({CAST.relative_to(ROOT)})" in (ROOT / "README.md").read_text(encoding="utf-8")
