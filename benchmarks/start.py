"""Processor time (user and system) to start commands with compiled bytecode, compared with a bare interpreter.

    python -m benchmarks.start [COUNT]

The kernel counts this time for the process alone, so other load disturbs it less than wall time. A fixed loop, measured
in the same rounds as the commands, shows how much.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.paint import Terminal
from benchmarks.report import Row, Section, duration, median, render
from station.base.words import tell
from station.cli.admin.settings_file import template
from station.runtime.data_directory import SETTINGS_NAME

DUMP: Final = "9100051CBE991A140201D0140204B34607441CB6E2E335D6830207ACC09EBAA06F6B0000"
BARE: Final = "python -c pass"
LOOP: Final = "a loop of 3,000,000 rounds"
SCRIPTS: Final = {BARE: "pass", LOOP: "for _ in range(3_000_000): pass"}
COMMANDS: Final = ("--help", "tag", f"tag decode {DUMP}", "journal verify")
RUN: Final = "run, to its first picture"
GOALS: Final = {"--help": 0.30, f"tag decode {DUMP}": 0.30, RUN: 0.80}
"""Seconds, on the machine for which the goals were set."""
_ROOT: Final = Path(__file__).resolve().parent.parent
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def of_process(arguments: list[str]) -> float:
    """Return the seconds of processor time of `python ARGUMENTS`."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=_ROOT,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise RuntimeError(f"{arguments} ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def of_first_picture(data: Path) -> float:
    """Return the processor seconds of `station run` until its first picture is complete (all threads; in kernel
    ticks)."""
    with Terminal("station", "--data", str(data), "run") as terminal:
        terminal.until(tell("button.set-aside").encode())
        fields = Path(f"/proc/{terminal.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS  # utime, stime (proc_pid_stat(5))


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def section(folder: Path, count: int) -> Section:
    """Run every command in each of `count` rounds. With several rounds, one more before them is not counted: it compiles the
    bytecode."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    data = folder / "start"
    data.mkdir()
    (data / SETTINGS_NAME).write_text(template(**{"library.isil": "US-TxDa"}), encoding="utf-8")
    seconds: dict[str, list[float]] = {name: [] for name in (*SCRIPTS, *COMMANDS, RUN)}
    for number in range(0 if count > 1 else 1, count + 1):
        found = {name: of_process(["-c", script]) for name, script in SCRIPTS.items()}
        found[RUN] = of_first_picture(data)  # makes the journal that the commands read
        found |= {words: of_process(["-m", "station", "--data", str(data), *words.split()]) for words in COMMANDS}
        if number:
            for name, one in found.items():
                seconds[name].append(one)
    bare = median(seconds[BARE])
    rows = []
    for name, all_of_it in seconds.items():
        shown = name.replace(DUMP, "HEX")
        goal = f"goal {GOALS[name]:.2f} s; " if name in GOALS else ""
        spread = f"{goal}from {duration(min(all_of_it))} to {duration(max(all_of_it))}"
        rows.append(
            Row(
                what=shown if name in SCRIPTS else f"station {shown}",
                value=duration(median(all_of_it)),
                beside=duration(bare),
                ratio=median(all_of_it) / bare,
                how=spread,
            )
        )
    return Section(
        title="Start",
        how=f"{count} rounds, median of user and system time; beside: {BARE}; load {os.getloadavg()[0]:.1f}",
        rows=tuple(rows),
        figures={name.replace(DUMP, "HEX"): median(all_of_it) for name, all_of_it in seconds.items()},
    )


def main() -> None:
    """Print only this section."""
    with tempfile.TemporaryDirectory(prefix="st", dir="/tmp") as name:
        print(render([section(Path(name), int(sys.argv[1]) if len(sys.argv) > 1 else 10)]))


if __name__ == "__main__":
    main()
