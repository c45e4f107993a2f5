"""A sampled item at the real station: settings, journal, emulated reader, and the operator's screen."""

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
from pathlib import Path

import pyte
import pytest

from station.catalog.sample.sample import numbered_barcode
from station.demo.operator import Operator
from station.demo.shelf import DemoTag
from station.demo.stage import Stage
from station.domain.events import ItemDrawn, ItemJudged
from station.domain.findings import Outcome
from station.domain.snapshot import Phase
from station.domain.tag_image import Uid
from tests.conftest import ROOT
from tests.support.patience import PATIENCE_S
from tests.support.told import told

SAMPLING = """
[sampling]
enabled = true
confidence = 0.5
target_rate = 0.4
tightened_rate = 0.4
reduced_rate = 0.45
lot = 10
"""
ITEMS = 6


def test_a_new_worker_is_asked_everything_and_then_by_sample(tmp_path: Path) -> None:
    taps, said = [], []
    with Stage(tmp_path / "data", numbered_items=ITEMS, virtual_clock=True, further=SAMPLING) as stage:
        operator = Operator(stage.station.bench, stage.reader, None)
        operator.eyes.wait("the reader", lambda s: s.reader_ready)
        for number in range(1, ITEMS + 1):
            tag = DemoTag(uid=Uid(f"E0040100{number:08X}"))
            stage.create(tag)
            operator.scan(numbered_barcode(number))
            operator.phase(Phase.NEED_TAG)
            operator.place(tag)
            shown = operator.phase(Phase.CHECKING)
            taps.append(len(shown.checks))
            said.append(told(shown.notice.sentence))
            assert operator.judge() == "pass"
            operator.clear()
        operator.eyes.close()
        rows = [row.event for row in stage.station.store.queries.events(limit=10_000)]
    drawn = [event for event in rows if isinstance(event, ItemDrawn)]
    judged = [event for event in rows if isinstance(event, ItemJudged)]
    assert [one.asked for one in drawn[:2]] == [True, True], "a new worker: ln 0.5 / ln 0.6 = 1.4, so two items"
    left = [at for at, one in enumerate(drawn) if not one.asked]
    assert left, "not all items of a lot of ten may be asked"
    for at in range(ITEMS):
        sampled = any(one.outcome is Outcome.NOT_SAMPLED for one in judged[at].findings)
        assert sampled == (at in left) == said[at].startswith("Not asked this time (sampling)"), said[at]
        assert (taps[at] < taps[0]) == (at in left)
        assert taps[at] >= 1, "the title must always be asked"


@pytest.mark.soak
def test_the_operator_sees_on_a_real_terminal_what_was_not_asked(tmp_path: Path) -> None:
    """80 x 24 cells on a pty: the sentence, the one check that is always asked, and its buttons."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none", "LANG": "C.UTF-8"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.stories.sampled_app", str(tmp_path / "data")],
        stdin=slave,
        stdout=slave,
        stderr=slave,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    )
    os.close(slave)
    screen = pyte.Screen(80, 24)
    stream = pyte.ByteStream(screen)
    deadline = time.monotonic() + 90
    try:
        wanted = ("Not asked this time (sampling)", "Check 1 of 1", "✓ Yes", "× No")
        while time.monotonic() < deadline and not all(one in "\n".join(screen.display) for one in wanted):
            if select.select([master], [], [], 0.5)[0]:
                stream.feed(os.read(master, 65536))
        shown = "\n".join(screen.display)
        assert all(one in shown for one in wanted), shown
    finally:
        process.terminate()
        process.wait(PATIENCE_S)
        os.close(master)
