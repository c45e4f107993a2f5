"""`make soak` in pieces: what has passed on this commit is not run again.

A run of hours is stopped now and then. The names of tests that passed stand in build/soaked/COMMIT, a line each, written as
they pass; the next run on the same commit leaves them out, whatever ended the one before (Ctrl-C, a crash, a power cut). Where
anything of the tree is not committed, nothing is remembered and nothing is left out. To begin anew: delete the file.

    python -m pytest -p tests.support.soaked [PYTEST ARGUMENTS]
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

FOLDER: Final = Path("build", "soaked")
"""Below the root of the tree."""
_ALL: Final = ("setup", "call", "teardown")


def commit(root: Path) -> str:
    """Of a tree in which nothing differs from it; "" for any other."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else "?"

    return "" if git("status", "--porcelain") else git("rev-parse", "HEAD").strip("?")


class Soaked:
    """In each process of a run. Only the one that hears all reports (no worker) writes."""

    def __init__(self, path: Path | None, before: frozenset[str]) -> None:
        self._path = path
        self.before = before
        self._phases: dict[str, list[str]] = {}

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """A worker leaves out the same, also one that starts later in the place of another."""
        node.workerinput["soaked"] = sorted(self.before)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        done = [item for item in items if item.nodeid in self.before]
        items[:] = [item for item in items if item.nodeid not in self.before]
        config.hook.pytest_deselected(items=done)

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
        # The last line of a run that was cut off has no end, and is no name.
        before = frozenset(path.read_text(encoding="utf-8").split("\n")[:-1]) if path.exists() else before
    config.pluginmanager.register(Soaked(path, before))
