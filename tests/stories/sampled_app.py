"""The real screens on the demo's stage with sampling on. A script processes items until one is sampled. For the pty
test.

    python -m tests.stories.sampled_app DIRECTORY
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from station.base.clock import SystemClock
from station.catalog.sample.sample import numbered_barcode
from station.cli.session import screens
from station.demo.operator import Operator
from station.demo.shelf import DemoTag
from station.demo.stage import Stage
from station.domain.snapshot import Phase
from station.domain.tag_image import Uid
from station.runtime.lock import hold
from tests.stories.test_sampled import SAMPLING

ITEMS = 8


def play(stage: Stage) -> None:
    """Pass every check; leave the first sampled item at its checks."""
    operator = Operator(stage.station.bench, stage.reader, None)
    operator.eyes.wait("the reader", lambda s: s.reader_ready)
    for number in range(1, ITEMS + 1):
        tag = DemoTag(uid=Uid(f"E0040100{number:08X}"))
        stage.create(tag)
        operator.scan(numbered_barcode(number))
        operator.phase(Phase.NEED_TAG)
        operator.place(tag)
        if operator.phase(Phase.CHECKING).notice.code == "notice.sampled":
            return
        operator.judge()
        operator.clear()


def main(data: Path) -> None:
    """Show the screens while a thread runs the script."""
    data.mkdir(parents=True)
    with (
        hold(data, SystemClock()) as held,
        Stage(data, numbered_items=ITEMS + 1, virtual_clock=True, further=SAMPLING) as stage,
    ):
        threading.Thread(target=play, args=(stage,), daemon=True).start()
        screens.show(held, stage.station, stage.settings)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
