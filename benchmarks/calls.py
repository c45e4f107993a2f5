"""Count the calls of the station's functions for a scan, a tag and an idle look: `python -m benchmarks.calls`.

Counts and no times: each run gives the same figures. The work is that of the simulated bench of the tests. A call of a
function counts for its room; it is a crossing if its caller is in another file of the station. Comprehensions and the
steps of generators are no calls, because Python 3.12 runs them differently.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

HERE: Final = Path(__file__).resolve()
RECORDED: Final = HERE.with_name("calls_at_8773a596.json")
"""The counts of commit 8773a596: `python -m benchmarks.calls TREE --json`."""
GENERATOR: Final = 0x20
"""Flag of the code of a generator (`inspect.CO_GENERATOR`)."""

Counts = dict[str, dict[str, int]]
"""Work -> what was counted -> how often."""


class Count:
    """Counts the calls while it is active (`with`)."""

    def __init__(self, station: Path) -> None:
        self._rooms: dict[CodeType, str] = {}
        self._station = str(station)
        self.calls: Counter[str] = Counter()
        self.crossings = 0
        self.told = 0
        self.built = 0
        """Snapshots built from all parts. The progress of a write is published as a change of the last one."""

    def __enter__(self) -> Count:
        sys.setprofile(self._event)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _room(self, code: CodeType) -> str:
        """Return the room of a function; "" = it is none of the station's functions."""
        room = self._rooms.get(code)
        if room is None:
            inside = code.co_filename.startswith(self._station) and not code.co_flags & GENERATOR
            parts = Path(code.co_filename).relative_to(self._station).parts if inside else ()
            room = self._rooms[code] = "" if code.co_name.endswith("comp>") or len(parts) < 2 else parts[0]
        return room

    def _event(self, frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and (room := self._room(code)):
            self.calls[room] += 1
            caller = frame.f_back.f_code if frame.f_back is not None else code
            self.crossings += self._room(caller) != "" and caller.co_filename != code.co_filename
            self.built += code.co_name == "snapshot" and code.co_filename.endswith("station/bench/snapshot.py")
            self.told += code.co_name == "tell" and "words" in code.co_filename and "catalogue" not in code.co_filename


def measure(tree: Path) -> Counts:
    """Count the work of the station in this tree, which must be the one that Python imports."""
    simulated = importlib.import_module("tests.support.simulated_bench")
    station = tree / "station"
    if Path(str(sys.modules["station"].__file__)).parent != station:
        raise RuntimeError(f"the imported station is not in {tree}")

    def work(count: Callable[[str, Callable[[], object]], object]) -> None:
        rig = simulated.Rig()
        tag = rig.world.tag(1)
        rig.look(5)
        for name, act in (
            ("idle look", rig.look),
            ("scan", lambda: rig.scan(simulated.BOOK)),
            ("tag", lambda: rig.place(tag)),
        ):
            before = len(rig.shown)
            count(name, act)
            figures.setdefault(name, {})["snapshots published"] = len(rig.shown) - before

    def counted(name: str, act: Callable[[], object]) -> None:
        with Count(station) as count:
            act()
        found = {**dict(sorted(count.calls.items())), "all rooms": count.calls.total()}
        figures[name] = {**found, "between files": count.crossings, "tell": count.told, "snapshots built": count.built}

    figures: Counts = {}
    work(lambda _, act: act())  # fills the caches
    figures.clear()
    work(counted)
    return figures


def counts_of(tree: Path) -> Counts:
    """Count in another process, which imports the station of this tree."""
    start = f"import sys, runpy; sys.path.insert(0, {str(tree)!r}); runpy.run_path({str(HERE)!r}, run_name='counting')"
    done = subprocess.run([sys.executable, "-c", start], cwd=tree, capture_output=True, text=True, check=True)
    found: Counts = json.loads(done.stdout)
    return found


def table(then: Counts, now: Counts) -> list[str]:
    """Return the lines of the comparison."""
    lines = [f"{'':<24}{'8773a596':>10}{'now':>8}{'ratio':>8}"]
    for work, counts in now.items():
        lines.append(work)
        for what in {**then.get(work, {}), **counts}:
            old, new = then.get(work, {}).get(what, 0), counts.get(what, 0)
            lines.append(f"  {what:<22}{old:>10}{new:>8}{f'{new / old:.2f}' if old else '-':>8}")
    return lines


def main() -> None:
    """Print the counts of a tree beside the recorded ones."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calls", description=__doc__)
    parser.add_argument(
        "tree", nargs="?", type=Path, default=HERE.parent.parent, help="folder with station/ and tests/"
    )
    parser.add_argument("--json", action="store_true", help="only the counts of the tree")
    chosen = parser.parse_args()
    counts = counts_of(chosen.tree.resolve())
    then: Any = {} if chosen.json else json.loads(RECORDED.read_text(encoding="utf-8"))
    print(json.dumps(counts, indent=1) if chosen.json else "\n".join(table(then, counts)))


if __name__ == "counting":
    print(json.dumps(measure(Path.cwd())))
if __name__ == "__main__":
    main()
