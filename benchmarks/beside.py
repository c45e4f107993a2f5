"""Processor time of one item and of one look-up in two trees, in turns: `python -m benchmarks.beside OLD [NEW]`.

A tree is a folder with `station/`, `tests/` and `benchmarks/` (`git archive COMMIT | tar -x -C FOLDER`). Each turn is one
process for each tree. In turns, because a busy machine slows both; processor time, because it hardly counts the others.
An item is scanned, written, verified and checked at the simulated bench of the tests. A look-up finds a record of the
catalog index and describes it.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.report import Row, Section, duration, median, render

HERE: Final = Path(__file__).resolve()
TURNS: Final = 7
ITEMS: Final = 60
RECORDS: Final = 200
LOOK_UPS: Final = 2_000


def measure() -> dict[str, float]:
    """Return the seconds of processor time of one item and of one look-up in the imported tree."""
    return {"item": _item(), "look-up": _look_up()}


def _each(count: int, work: Callable[[int], object]) -> float:
    """Return the time of one call of many, after a warm-up."""
    for number in range(count // 4):
        work(number)
    began = time.process_time()
    for number in range(count // 4, count // 4 + count):
        work(number)
    return (time.process_time() - began) / count


def _item() -> float:
    simulated = importlib.import_module("tests.support.simulated_bench")

    def work(number: int) -> None:
        rig = simulated.Rig()
        tag = rig.world.tag(number + 1)
        rig.scan(simulated.BOOK)
        rig.place(tag)
        rig.pass_all()
        rig.lift()

    return _each(ITEMS, work)


def _look_up() -> float:
    imports = importlib.import_module("benchmarks.imports")
    index = importlib.import_module("station.store.catalog_index.index")
    sample = importlib.import_module("station.catalog.sample.sample")
    settings = importlib.import_module("station.base.settings").Settings()
    barcode = importlib.import_module("station.domain.item").Barcode
    with tempfile.TemporaryDirectory(prefix="station-bench-") as name:
        folder = Path(name)
        imports.import_numbered(folder / "catalog.mrc", folder / "catalog.db", RECORDS, settings)
        catalog = index.CatalogIndex(folder / "catalog.db", settings.catalog.profile, settings.catalog)
        try:
            keys = [barcode(sample.numbered_barcode(number)) for number in range(1, RECORDS + 1)]
            return _each(LOOK_UPS, lambda number: catalog.find(keys[number % RECORDS]))
        finally:
            catalog.close()


def times_of(tree: Path) -> dict[str, float]:
    """Measure in a process that imports this tree."""
    start = f"import sys, runpy; sys.path.insert(0, {str(tree)!r}); runpy.run_path({str(HERE)!r}, run_name='measuring')"
    done = subprocess.run([sys.executable, "-c", start], cwd=tree, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def section(old: Path, new: Path, turns: int) -> Section:
    """Measure both trees in turns; `beside` is the old tree."""
    pairs = [(times_of(old), times_of(new)) for _ in range(turns)]
    rows: list[Row] = []
    figures: dict[str, float] = {}
    for what in pairs[0][0]:
        before, now = median([pair[0][what] for pair in pairs]), median([pair[1][what] for pair in pairs])
        ratio = median([pair[1][what] / pair[0][what] for pair in pairs])
        rows.append(Row(what=f"one {what}", value=duration(now), beside=duration(before), ratio=ratio))
        figures |= {f"{what} us": now * 1e6, f"{what} before us": before * 1e6, f"{what} ratio": ratio}
    how = (
        f"processor time, medians of {turns} turns; beside: the old tree; the ratio is the median of the turns' ratios"
    )
    return Section(title="Two trees in turns", how=how, rows=tuple(rows), figures=figures)


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.beside", description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", nargs="?", type=Path, default=HERE.parent.parent)
    parser.add_argument("--turns", type=int, default=TURNS)
    chosen = parser.parse_args()
    print(render([section(chosen.old.resolve(), chosen.new.resolve(), chosen.turns)]))


if __name__ == "measuring":
    print(json.dumps(measure()))
if __name__ == "__main__":
    main()
