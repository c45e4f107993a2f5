"""A bench with a center, in a process that may be killed: `station demo --auto` with the settings of the bench's center.

`python -m tests.support.played_bench DATA ITEMS`. The settings are in `fleet.toml` of the data directory, with the key that
`station fleet join` made.
"""

from __future__ import annotations

import sys
from pathlib import Path

from station.base import logs
from station.demo.auto import play
from station.demo.stage import Stage
from station.runtime.data_directory import LOG
from station.runtime.lock import hold

SETTINGS = "fleet.toml"


def main() -> int:
    """Play the items that have no result yet. Return 0 if each ended as its script says."""
    data, items = Path(sys.argv[1]), int(sys.argv[2])
    further = "\n" + (data / SETTINGS).read_text()
    with hold(data):
        logs.configure(data / LOG)
        with Stage(data, numbered_items=items + 1, virtual_clock=True, further=further) as stage:
            rows = play(stage, items)
    for row in rows:
        print(row)
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
