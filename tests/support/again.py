"""Run pytest for `make test` and `make walks`; run tests again that may have failed only because the machine was busy.

CPython's regrtest does the same. Tests that drive other processes and terminals depend on when the operating system
schedules those processes. If at most `MOST` tests fail, all of them in `FOLDERS`, they run again: alone, in sequence,
in a new process. If each of them passes then, the run is a success, and the last lines name these tests, because they
must be repaired. Otherwise the run is a failure.

No other failure gets a second run: a failed test outside of `FOLDERS`, more than `MOST` failures, a collection error,
an example that hypothesis found, a missing counterparty, a crashed worker, an exit code above 1. The second run fails,
too, if one of its tests is skipped or missing.

The plugin pytest-rerunfailures has none of these limits: it repeats each failure at once, in the same busy process,
however many tests fail and for whatever reason.

    python -m tests.support.again [--longest SECONDS] [PYTEST ARGUMENTS]     exit code: pytest's, of the decisive run
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

MOST: Final = 5
"""Maximum number of failures for a second run. More failures are not a coincidence."""
FOLDERS: Final = (
    "hardware/harness/",
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
    said: str


class Report(msgspec.Struct):
    """The results of one pytest run."""

    failures: list[Failure] = []
    passed: list[str] = []
    """Filled in by few runs only, because the names of all tests would be a long list."""
    not_collected: list[str] = []

    @property
    def failed(self) -> tuple[str, ...]:
        """Return the names of the failed tests, each once."""
        return tuple(dict.fromkeys(one.name for one in self.failures))


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
    for one in report.failures:
        if not one.name.startswith(FOLDERS):
            return f"{one.name} depends on no other process"
        if one.when not in PHASES:
            return f"{one.name} ended its worker"
        if any(words in one.said for words in NEVER):
            return f"{one.name} failed for a reason that stays"
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


def main(arguments: Sequence[str]) -> int:
    own = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    own.add_argument("--longest", type=float, default=LONGEST_S)
    options, for_pytest = own.parse_known_args(arguments)
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
    print(
        f"{len(failed)} of the tests passed only when run again. Whoever sees this mends them: tests/support/again.py says why."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
