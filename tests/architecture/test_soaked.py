"""`make soak` in pieces: an interrupted run is resumed, on the same commit only."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.patience import PATIENCE_S
from tests.support.soaked import commit

TESTS = """
import os, pathlib, pytest

def ran(name):
    with open("ran", "a") as file:
        file.write(name + " ")

@pytest.fixture
def bad_end():
    yield
    assert "MENDED" in os.environ

def test_one(): ran("one")
@pytest.mark.parametrize("text", ["a b", "\\u56f3"])
def test_named(text): ran("named")
def test_wrong():
    ran("wrong")
    assert "MENDED" in os.environ
def test_ends_badly(bad_end): ran("end")
def test_skipped():
    ran("skipped")
    pytest.skip("not now")
def test_last():
    ran("last")
    if "STOP" in os.environ:
        raise KeyboardInterrupt
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "test_x.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / ".gitignore").write_text("build/\nran\n__pycache__/\n.pytest_cache/\n")
    git(tmp_path, "init", "-q")
    committed(tmp_path)
    return tmp_path


def git(tree: Path, *words: str) -> None:
    subprocess.run(["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words], cwd=tree, check=True)


def committed(tree: Path) -> None:
    git(tree, "add", "-A")
    git(tree, "commit", "-q", "--allow-empty", "-m", "x")


def soak(tree: Path, *arguments: str, **environment: str) -> tuple[list[str], str]:
    """Return the tests that ran, sorted, and pytest's output."""
    (tree / "ran").write_text("")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "tests.support.soaked",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:randomly",
            *arguments,
        ],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    return sorted((tree / "ran").read_text().split()), f"{done.stdout}{done.stderr}\nexit {done.returncode}"


def test_what_passed_is_left_out_and_nothing_else(tree: Path) -> None:
    first, said = soak(tree, STOP="1")
    assert first == ["end", "last", "named", "named", "one", "skipped", "wrong"]
    assert "soaked: 0 tests" in said
    second, said = soak(tree, "-p", "xdist", "-n", "2")
    assert second == ["end", "last", "skipped", "wrong"], said
    third, said = soak(tree, MENDED="1")
    assert third == ["end", "skipped", "wrong"], said
    assert "soaked: 4 tests" in said
    (file,) = (tree / "build/soaked").iterdir()
    assert file.name == commit(tree)
    file.write_text(file.read_text(encoding="utf-8").replace("test_x.py::test_last\n", "") + "test_x.py::test_la")
    (tree / "more").write_text("")
    every, said = soak(tree, MENDED="1")
    assert every == first, "a changed tree remembers nothing"
    assert "nowhere: the tree differs" in said
    (tree / "more").unlink()
    assert soak(tree)[0] == ["last", "skipped"], "a truncated line is not a test name"


@pytest.mark.parametrize(
    "workers",
    [pytest.param((), id="alone"), pytest.param(("-p", "xdist", "-n", "1"), id="worker", marks=pytest.mark.soak)],
)
def test_a_part_is_remembered_like_the_whole(tree: Path, workers: tuple[str, ...]) -> None:
    assert soak(tree, *workers, "-k", "one")[0] == ["one"]
    ran, said = soak(tree, *workers, "test_x.py", "-k", "one or named")
    assert ran == ["named", "named"], said
    ran, said = soak(tree, *workers, "-k", "one or named")
    assert ran == [] and "exit 0" in said, "nothing is left to run"
    ran, said = soak(tree, *workers, "-k", "one_with_a_typing_error")
    assert ran == [] and "exit 5" in said
    if not workers:
        assert soak(tree, MENDED="1")[0] == ["end", "last", "skipped", "wrong"]


def test_make_soak_runs_the_part_that_is_asked_for() -> None:
    command = ["make", "--dry-run", "--no-print-directory", "soak", "ONLY=tests/encoding -k 'tear or torn'"]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert said.rstrip().endswith("--dist worksteal tests/encoding -k 'tear or torn'")


def test_a_commit_is_that_of_a_tree_in_which_nothing_differs(tree: Path) -> None:
    one = commit(tree)
    assert len(one) == 40
    (tree / "more").write_text("")
    assert commit(tree) == ""
    committed(tree)
    assert commit(tree) not in ("", one)
    (tree / "more").unlink()
    assert commit(tree) == ""
    assert commit(tree / "build") == "", "there is no such folder, or no repository"
