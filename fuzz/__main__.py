"""Fuzz everything that reads untrusted bytes: `python -m fuzz [--seconds 600] [--target NAME] [--jobs N]`.

All targets share the seconds. The exit code is 0 if nothing was found. If something was found, it is 1, the input is
printed as hexadecimal and kept in fuzz/found/; once the code is fixed, the input becomes a line of
tests/vectors/fuzz.jsonl. `--reproduce TARGET HEX` runs one input without atheris.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fuzz.running import Result, Running
from fuzz.targets import TARGETS

FOUND: Final = Path(__file__).resolve().parent / "found"
SHORTEST: Final = 3
"""Minimum seconds per target."""
WAIT: Final = 0.2
EVERY: Final = 15.0
"""Seconds between two progress lines if there is no terminal."""


def say(line: str = "") -> None:
    """Print a line."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def shares(names: Sequence[str], seconds: int, jobs: int) -> dict[str, int]:
    """Return the seconds of each target, so that `jobs` at a time end after about `seconds`."""
    total = sum(TARGETS[name].weight for name in names)
    return {
        name: min(max(SHORTEST, seconds * jobs * TARGETS[name].weight // total), max(seconds, SHORTEST))
        for name in names
    }


def run(names: Sequence[str], seconds: int, jobs: int, scratch: Path, inputs: Path) -> tuple[list[Result], bool]:
    """Run all targets, `jobs` at a time. Return the results, and False if Ctrl-C ended the run."""
    budget = shares(names, seconds, jobs)
    # Longest first: then the last ones are short, and no core waits for long.
    waiting = sorted(names, key=lambda name: -budget[name])
    running: list[Running] = []
    done: list[Result] = []
    started = time.monotonic()
    shown = -EVERY
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                running.append(Running(waiting[0], budget[waiting[0]], scratch, inputs))
                waiting.pop(0)
            time.sleep(WAIT)
            for worker in [worker for worker in running if worker.ended()]:
                running.remove(worker)
                done.append(worker.result)
                clear()
                say(row(worker.result))
                keep(worker.result)
            elapsed = time.monotonic() - started
            if sys.stdout.isatty() or elapsed - shown >= EVERY:
                shown = elapsed
                progress(elapsed, seconds, [worker.result for worker in running], len(done), len(names))
    except KeyboardInterrupt:
        clear()
        say("Stopped. Results so far:")
        for worker in running:
            worker.stop()
            done.append(worker.result)
            say(row(worker.result))
            keep(worker.result)
        return done, False
    clear()
    return done, True


def progress(elapsed: float, seconds: int, at_work: Sequence[Result], done: int, of: int) -> None:
    """Print one line, overwritten on a terminal."""
    width = 20
    filled = min(width, int(width * elapsed / max(seconds, 1)))
    names = ", ".join(f"{result.target} {result.executions:,} runs, cov {result.coverage}" for result in at_work)
    line = f"[{'#' * filled}{'.' * (width - filled)}] {elapsed:4.0f} of {seconds} s  {done} of {of} done  {names}"
    if sys.stdout.isatty():
        columns = shutil.get_terminal_size().columns
        sys.stdout.write("\r\x1b[K" + line[: columns - 1])
        sys.stdout.flush()
    else:
        say(line)


def clear() -> None:
    """Erase the progress line."""
    if sys.stdout.isatty():
        sys.stdout.write("\r\x1b[K")


HEAD: Final = f"{'target':<16}{'executions':>12}{'coverage':>10}{'features':>10}{'inputs':>8}{'MiB':>6}{'findings':>10}"


def row(result: Result) -> str:
    """Return one row of the summary."""
    verdict = str(len(result.findings)) if not result.failure else "failed"
    return (
        f"{result.target:<16}{result.executions:>12,}{result.coverage:>10,}{result.features:>10,}"
        f"{result.corpus:>8,}{result.peak:>6,}{verdict:>10}"
    )


def keep(result: Result) -> list[Path]:
    """Copy the findings to fuzz/found/ and print them."""
    kept = []
    for artifact in result.findings:
        data = artifact.read_bytes()
        FOUND.mkdir(exist_ok=True)
        path = FOUND / f"{result.target}-{artifact.name}"
        path.write_bytes(data)
        kept.append(path)
        say(f"{result.target}: {artifact.name.partition('-')[0]}, kept as fuzz/found/{path.name}")
        say(f"  python -m fuzz --reproduce {result.target} {data.hex() or '-'}")
    if not result.good:
        for line in result.last:
            say(f"  | {line}")
    return kept


def reproduce(name: str, hexadecimal: str) -> int:
    """Run one input without atheris; an error leaves its traceback."""
    TARGETS[name].function(b"" if hexadecimal == "-" else bytes.fromhex(hexadecimal))
    say(f"{name}: nothing wrong with this input.")
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the command line parser."""
    made = argparse.ArgumentParser(
        prog="python -m fuzz", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    made.add_argument("--seconds", type=int, default=600, help="seconds for all targets together (default 600)")
    made.add_argument("--target", action="append", choices=sorted(TARGETS), help="only this target; may be repeated")
    made.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="targets at a time (default: all cores)")
    made.add_argument("--corpus", type=Path, help="keep the inputs in this folder and start with those in it")
    made.add_argument("--list", action="store_true", help="list the targets and exit")
    made.add_argument("--reproduce", nargs=2, metavar=("TARGET", "HEX"), help="run one input without atheris")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code: 0 nothing found, 1 something found or stopped early, 2 wrong command line."""
    made = parser()
    chosen = made.parse_args(arguments)
    if chosen.list:
        for name, target in TARGETS.items():
            say(f"{name:<16}{(target.function.__doc__ or '').splitlines()[0]}")
        return 0
    if chosen.reproduce:
        if chosen.reproduce[0] not in TARGETS:
            made.error(f"there is no target {chosen.reproduce[0]!r}")
        if chosen.reproduce[1] != "-" and not re.fullmatch(r"(?:[0-9A-Fa-f]{2})+", chosen.reproduce[1]):
            made.error("HEX must be whole bytes in hexadecimal digits, or - for none")
        return reproduce(*chosen.reproduce)
    if importlib.util.find_spec("atheris") is None:
        sys.stderr.write(
            "atheris is not installed. `make fuzz` installs it (Linux on x86-64 or aarch64, Python 3.11 to 3.13); "
            "elsewhere tests/encoding/test_fuzz_targets.py runs every target without it.\n"
        )
        return 1
    if chosen.seconds < 1 or chosen.jobs < 1:
        made.error("--seconds and --jobs must be at least 1")
    for number in (signal.SIGINT, signal.SIGTERM):
        # Needed for every way of starting: a background shell job begins with SIGINT ignored.
        signal.signal(number, signal.default_int_handler)
    names = chosen.target or list(TARGETS)
    say(f"{len(names)} targets, {chosen.jobs} at a time, about {chosen.seconds} s; Ctrl-C stops and keeps the results.")
    say(HEAD)
    with tempfile.TemporaryDirectory(prefix="station-fuzz-") as name:
        scratch = Path(name)
        results, whole = run(names, chosen.seconds, chosen.jobs, scratch, chosen.corpus or scratch / "inputs")
    found = sum(len(result.findings) for result in results)
    say()
    say(HEAD)
    for result in sorted(results, key=lambda result: names.index(result.target)):
        say(row(result))
    say()
    say(
        f"{sum(result.executions for result in results):,} executions, {found} findings"
        + ("" if whole else "; stopped before the end")
    )
    return 0 if whole and all(result.good for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
