"""Run `make soak` in pieces: a test that passed on this commit is not run again.

A run takes hours and may be interrupted. The names of tests that passed are written to build/soaked/COMMIT, one per
line, as soon as they pass. The next run on the same commit leaves them out, whatever ended the previous run (Ctrl-C, a
crash, a power failure). If the tree has uncommitted changes, no test is recorded and no test is left out. To start
over, delete the file.

    python -m pytest -p tests.support.soaked [PYTEST ARGUMENTS]
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

FOLDER: Final = Path("build", "soaked")
"""Relative to the root of the tree."""
_ALL: Final = ("setup", "call", "teardown")


def commit(root: Path) -> str:
    """Return the commit of a tree without uncommitted changes; "" for any other tree."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else "?"

    return "" if git("status", "--porcelain") else git("rev-parse", "HEAD").strip("?")


class Soaked:
    """A plugin for each process of a run. Only the process that receives all reports (not a worker) writes.

    A run in which all tests are left out succeeds.
    """

    def __init__(self, path: Path | None, before: frozenset[str]) -> None:
        self._path = path
        self.before = before
        self._phases: dict[str, list[str]] = {}
        self._left_out = 0

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Make a worker leave out the same tests, also a worker that later replaces another."""
        node.workerinput["soaked"] = sorted(self.before)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        done = [item for item in items if item.nodeid in self.before]
        items[:] = [item for item in items if item.nodeid not in self.before]
        config.hook.pytest_deselected(items=done)
        self._left_out = len(done)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self._left_out += getattr(node, "workeroutput", {}).get("left_out", 0)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput["left_out"] = self._left_out
        elif session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and self._left_out:
            session.exitstatus = pytest.ExitCode.OK

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._path is None:
            return
        phases = self._phases.setdefault(report.nodeid, [])
        if report.passed:
            phases.append(str(report.when))
        if report.when == "teardown" and tuple(self._phases.pop(report.nodeid)) == _ALL:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{report.nodeid}\n")

    def pytest_report_header(self) -> str:
        kept = f"in {self._path}" if self._path is not None else "nowhere: the tree differs from its commit"
        return f"soaked: {len(self.before)} tests have passed on this commit and are left out; kept {kept}"


def pytest_configure(config: pytest.Config) -> None:
    inherited = getattr(config, "workerinput", None)
    if inherited is not None:
        config.pluginmanager.register(Soaked(None, frozenset(inherited["soaked"])))
        return
    now = commit(config.rootpath)
    path = config.rootpath / FOLDER / now if now else None
    before: frozenset[str] = frozenset()
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # The last line of an interrupted run is incomplete, and is not a name.
        before = frozenset(path.read_text(encoding="utf-8").split("\n")[:-1]) if path.exists() else before
    config.pluginmanager.register(Soaked(path, before))
