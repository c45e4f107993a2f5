"""Run pytest for `make test` and `make walks`; run tests again that may have failed only because the machine was busy.

CPython's regrtest does the same. Tests that drive other processes and terminals depend on when the operating system
schedules those processes. If at most `MOST` tests fail, all of them in `FOLDERS`, they run again: alone, in sequence,
in a new process. If each of them passes then, the run is a success. The last lines and the file `RERUNS` name these
tests, because they must be repaired. Otherwise the run is a failure.

No other failure gets a second run: a test that guards safety (`SAFETY`), a test outside of `FOLDERS`, more than `MOST`
failures, a collection error, an example that hypothesis found, a missing counterparty, a crashed worker, an exit code
above 1. The second run fails, too, if one of its tests is skipped or missing.

`.ci/run` runs pytest several times. It deletes the file `RERUNS` first, and ends with `--summary`, which fails if more
than `MOST` tests passed only when run again in all of its runs together.

The plugin pytest-rerunfailures has none of these limits: it repeats each failure at once, in the same busy process,
however many tests fail and for whatever reason.

    python -m tests.support.again [--longest SECONDS] [PYTEST ARGUMENTS]     exit code: pytest's, of the decisive run
    python -m tests.support.again --summary
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

MOST: Final = 2
"""Maximum number of failures for a second run, and of tests that pass only in it. More failures are not a coincidence."""
RERUNS: Final = Path("build", "reruns.txt")
"""Names of the tests that passed only when run again, one per line. Relative to the root of the tree."""
SAFETY: Final = re.compile(
    r"kill|harness|campaign|exactly.once|journal.before|tear|torn|power.loss|test_history|put.back", re.IGNORECASE
)
"""Found in the names of tests that guard tags and results: kills, torn writes, the contract of readers, fault
campaigns, journal before write, delivery exactly once. A failure of one of these is a defect until its cause is
known, however rare it is."""
FOLDERS: Final = (
    "tests/cli/",
    "tests/demo/",
    "tests/drivers/",
    "tests/emulators/",
    "tests/runtime/",
    "tests/stories/",
    "tests/sync/",
    "tests/tui/",
    "tests/web/",
)
"""Folders of tests that drive processes, terminals, sockets and threads."""
NEVER: Final = ("Falsifying example", "is missing, and .ci/run promises it")
"""Texts in a failure that rule out a second run."""
LONGEST_S: Final = 240.0
"""Default time limit of the second run, in seconds, sufficient on a slow machine. `make walks` passes its own limit."""
PHASES: Final = ("setup", "call", "teardown")


class Failure(msgspec.Struct, frozen=True):
    """One test that failed, in one of its phases."""

    name: str
    when: str
    text: str


class Report(msgspec.Struct):
    """The results of one pytest run."""

    failures: list[Failure] = []
    passed: list[str] = []
    """Filled in by few runs only, because the names of all tests would be a long list."""
    not_collected: list[str] = []

    @property
    def failed(self) -> tuple[str, ...]:
        """Return the names of the failed tests, each once."""
        return tuple(dict.fromkeys(failure.name for failure in self.failures))


class Watcher:
    """A plugin for one run of pytest. It runs in the process that collects all reports."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._report = Report()

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed:
            self._report.failures.append(Failure(report.nodeid, str(report.when), str(report.longrepr)))
        elif report.passed and report.when == "call":
            self._report.passed.append(report.nodeid)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self._report.not_collected.append(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self._path.write_bytes(msgspec.json.encode(self._report))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--again-report", default="")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--again-report")
    if path and not hasattr(config, "workerinput"):  # not in the workers of xdist
        config.pluginmanager.register(Watcher(Path(path)))


def objection(code: int, report: Report | None) -> str:
    """Return the reason why there is no second run, or an empty string."""
    if code != 1 or report is None:
        return f"pytest ended with {code}"
    if report.not_collected:
        return f"{report.not_collected[0]} could not be collected"
    if not report.failures:
        return "it is not known what failed"
    if len(report.failed) > MOST:
        return f"{len(report.failed)} tests failed, more than {MOST}"
    for failure in report.failures:
        if SAFETY.search(failure.name):
            return f"{failure.name} guards tags or results"
        if not failure.name.startswith(FOLDERS):
            return f"{failure.name} depends on no other process"
        if failure.when not in PHASES:
            return f"{failure.name} ended its worker"
        if any(words in failure.text for words in NEVER):
            return f"{failure.name} failed for a reason that stays"
    return ""


def left(failed: Iterable[str], code: int, again: Report | None) -> tuple[str, ...]:
    """Return the tests that did not pass in the second run."""
    if again is None or again.not_collected or code not in (0, 1):
        return tuple(failed)
    good = set(again.passed) - set(again.failed)
    return tuple(name for name in failed if name not in good)


def run(arguments: Sequence[str], limit: float | None = None) -> tuple[int, Report | None]:
    """Run pytest in a separate process. Return its exit code, and its report if pytest wrote one."""
    with tempfile.TemporaryDirectory(prefix="again") as folder:
        path = Path(folder) / "report.json"
        plugins = ("-p", "tests.support.again", "-p", "tests.support.one_report")
        command = [sys.executable, "-m", "pytest", *plugins, "--again-report", str(path), *arguments]
        try:
            code = subprocess.run(command, timeout=limit).returncode
        except subprocess.TimeoutExpired:
            print(f"The second run did not end in {limit:.0f} s.")
            return 1, None
        return code, msgspec.json.decode(path.read_bytes(), type=Report) if path.exists() else None


def record(names: Iterable[str]) -> None:
    """Add names to the file `RERUNS`."""
    RERUNS.parent.mkdir(exist_ok=True)
    with RERUNS.open("a") as file:
        file.writelines(f"{name}\n" for name in names)


def summary() -> int:
    """Print the tests of the file `RERUNS`. Return 1 if they are more than `MOST`."""
    names = RERUNS.read_text().splitlines() if RERUNS.exists() else []
    for name in names:
        print(f"WARNING: passed only when run again: {name}")
    if len(names) > MOST:
        print(f"{len(names)} tests passed only when run again, more than {MOST}.")
    return int(len(names) > MOST)


def main(arguments: Sequence[str]) -> int:
    own = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    own.add_argument("--longest", type=float, default=LONGEST_S)
    own.add_argument("--summary", action="store_true")
    options, for_pytest = own.parse_known_args(arguments)
    if options.summary:
        return summary()
    code, report = run(for_pytest)
    if code == 0:
        return 0
    why = objection(code, report)
    if why or report is None:
        print(f"\nNo second run: {why}.")
        return code
    failed = report.failed
    print(f"\nOnce more, alone: {', '.join(failed)}", flush=True)
    second, again = run(["-q", "-p", "no:cacheprovider", "-p", "no:xdist", *failed], options.longest)
    wrong = left(failed, second, again)
    for name in failed:
        print(f"FAILURE then {'FAILURE' if name in wrong else 'SUCCESS'}: {name}")
    if wrong or second:
        return second or 1
    record(failed)
    print(
        f"{len(failed)} of the tests passed only when run again. Whoever sees this mends them: tests/support/again.py says why."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
