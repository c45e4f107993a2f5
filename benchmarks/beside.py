"""Measure another commit and this tree in turns: `python -m benchmarks.beside COMMIT` (`make bench BASE=COMMIT`).

Each turn is one process for each of the two; each runs the benchmarks of its own tree, in the environment of this one. In
turns, because a busy machine slows both. The ratio is the median of the turns' ratios. Figures that only one of the two
has are left out and named. Besides the benchmarks: the processor time of one item at the simulated bench of the tests.

This file imports nothing of `benchmarks`, because it also runs in the other tree.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Collection, Iterator
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from types import ModuleType, SimpleNamespace
from typing import Any, Final

HERE: Final = Path(__file__).resolve()
TREE: Final = HERE.parent.parent
TURNS: Final = 5
ITEMS: Final = 60
ITEM: Final = "item"
_NOTHING: Final = SimpleNamespace(title="", figures={})
"""Result of a benchmark that is not wanted."""

Figures = dict[str, float]
"""By "benchmark: figure", without the number of the benchmark, which commits may change."""


def measure(wanted: Collection[str]) -> Figures:
    """Return the figures of the imported tree. `wanted`: names of benchmarks; none = all."""
    package = "benchmarks" if find_spec("benchmarks") else "bench"  # its name before commit ef5de57f
    main: Any = importlib.import_module(f"{package}.__main__")
    for name, module in vars(main).items():
        if isinstance(module, ModuleType) and hasattr(module, "section") and wanted and name not in wanted:
            for measuring in {"section", "beside"} & vars(module).keys():
                vars(module)[measuring] = lambda *_: _NOTHING
    if wanted and "lookup" not in wanted:
        main.imports.import_numbered = lambda *_: None  # only the look-up needs the large index, which takes a minute
    figures: Figures = {}
    if wanted != {ITEM}:
        for section in main.run(main.SHORT):
            title = section.title.partition(". ")[2]
            figures |= {f"{title}: {name}": value for name, value in section.figures.items()}
    if (not wanted or ITEM in wanted) and find_spec("tests.support.simulated_bench"):
        figures["Simulated bench: item processor ms"] = _item() * 1e3
    return figures


def _item() -> float:
    """Return the seconds of processor time of one item: scanned, written, verified and checked."""
    simulated = importlib.import_module("tests.support.simulated_bench")
    began = 0.0
    for number in range(-(ITEMS // 4), ITEMS):
        if not number:
            began = time.process_time()  # after a warm-up
        rig = simulated.Rig()
        tag = rig.world.tag(number + ITEMS)
        rig.scan(simulated.BOOK)
        rig.place(tag)
        rig.pass_all()
        rig.lift()
    return (time.process_time() - began) / ITEMS


def figures_of(tree: Path, wanted: Collection[str]) -> Figures:
    """Measure in a process that imports this tree."""
    start = f"import runpy; runpy.run_path({str(HERE)!r}, run_name='measuring')"
    with tempfile.NamedTemporaryFile(prefix="station-beside-") as answer:
        subprocess.run(
            [sys.executable, "-c", start, answer.name, *wanted],
            cwd=tree,
            # Compiled files are kept, or each process that a benchmark starts would compile the station anew.
            env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": ""},
            check=True,
        )
        figures: Figures = json.loads(answer.read())
    return figures


def compared(turns: list[tuple[Figures, Figures]]) -> Iterator[str]:
    """Yield the lines of the comparison. A turn: the figures of the base and of this tree."""
    base, now = (set.intersection(*(set(turn[side]) for turn in turns)) for side in (0, 1))
    yield f"{'':<56}{'base':>14}{'now':>14}{'ratio':>8}"
    for name in turns[0][1]:
        if name in base & now:
            pairs = [(then[name], here[name]) for then, here in turns]
            ratio = f"{median(here / then for then, here in pairs):.2f}" if all(then for then, _ in pairs) else "-"
            yield f"{name:<56}{median(then for then, _ in pairs):>14,.3f}{median(here for _, here in pairs):>14,.3f}{ratio:>8}"
    for where, names in (("the base", base - now), ("this tree", now - base)):
        if names:
            yield f"Only in {where}: {'; '.join(sorted(names))}"


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.beside", description=__doc__)
    parser.add_argument("commit")
    parser.add_argument("--only", default="", help='names of benchmarks, such as "imports lookup"; also "item"')
    parser.add_argument("--turns", type=int, default=TURNS)
    chosen = parser.parse_args()
    wanted = set(chosen.only.split())
    with tempfile.TemporaryDirectory(prefix="station-base-") as name:
        archive, base = Path(name, "base.tar"), Path(name, "base")
        subprocess.run(["git", "archive", "--output", archive, chosen.commit], cwd=TREE, check=True)
        with tarfile.open(archive) as packed:
            packed.extractall(base, filter="data")
        turns = [(figures_of(base, wanted), figures_of(TREE, wanted)) for _ in range(chosen.turns)]
    print("\n".join(compared(turns)))


if __name__ == "measuring":
    Path(sys.argv[1]).write_text(json.dumps(measure(set(sys.argv[2:]))), encoding="utf-8")
if __name__ == "__main__":
    main()
