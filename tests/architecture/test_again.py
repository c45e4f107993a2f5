"""The second run of `make test`: what it forgives, and that it never forgives a test that always fails."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support import again
from tests.support.again import FOLDERS, MOST, RERUNS, SAFETY, Failure, Report, left, objection
from tests.support.patience import PATIENCE_S

PTY = "tests/demo/test_pty.py::test_one[a b]"
PURE = "tests/encoding/write_plan/test_plan.py::test_two"


def failed(*names: str, when: str = "call", text: str = "assert 1 == 2", passed: tuple[str, ...] = ()) -> Report:
    return Report(failures=[Failure(name, when, text) for name in names], passed=list(passed))


@pytest.mark.parametrize("count", range(1, MOST + 1))
def test_a_few_failures_of_tests_that_drive_processes_have_a_second_run(count: int) -> None:
    assert objection(1, failed(*(f"{folder}test_x.py::test" for folder in FOLDERS[:count]))) == ""


@pytest.mark.parametrize(
    ("code", "report", "why"),
    [
        (1, failed(PURE), "depends on no other process"),
        (1, failed(PTY, PURE), "depends on no other process"),
        (1, failed(*(f"tests/demo/test_pty.py::test_{n}" for n in range(MOST + 1))), "more than"),
        (1, failed(PTY, when="???", text="worker 'gw0' crashed while running it"), "ended its worker"),
        (1, failed(PTY, text="AssertionError\nFalsifying example: test(text='0')"), "reason that stays"),
        (1, failed(PTY, text="Failed: perl is missing, and .ci/run promises it"), "reason that stays"),
        (1, Report(failures=failed(PTY).failures, not_collected=["tests/demo/test_b.py"]), "could not be collected"),
        (1, Report(), "not known"),
        (1, None, "ended with 1"),
        *((code, failed(PTY), f"ended with {code}") for code in (2, 3, 4, 5, -9, 139)),
    ],
)
def test_nothing_else_has_one(code: int, report: Report | None, why: str) -> None:
    assert why in objection(code, report)


GUARDS = (
    "hardware/harness/test_*.py",
    "tests/bench/workflows/convert/test_killed.py",
    "tests/cli/reader/test_harness*.py",
    "tests/drivers/**/test_campaign.py",
    "tests/encoding/write_plan/test_t*r*.py",
    "tests/store/journal/test_kill.py",
    "tests/store/journal/test_power_loss.py",
    "tests/stories/kill/test_*.py",
    "tests/stories/test_journal_before_write.py",
    "tests/sync/courier/test_exactly_once.py",
    "tests/sync/courier/test_history.py",
    "tests/sync/courier/test_kill.py",
)


@pytest.mark.parametrize("pattern", GUARDS)
def test_what_guards_tags_and_results_has_none(pattern: str) -> None:
    files = [str(path.relative_to(ROOT)) for path in ROOT.glob(pattern)]
    assert files
    for file in files:
        assert "guards tags or results" in objection(1, failed(PTY, f"{file}::test_one[feig]"))


def test_a_kill_in_any_other_file_has_none() -> None:
    assert "guards" in objection(1, failed("tests/runtime/test_lock.py::test_a_killed_station_leaves_no_lock"))
    assert not SAFETY.search(PTY)


@pytest.mark.parametrize(
    ("code", "second", "wrong"),
    [
        (0, Report(passed=[PTY]), ()),
        (0, Report(), (PTY,)),  # skipped, or the test no longer exists
        (0, Report(passed=[PURE]), (PTY,)),
        (1, failed(PTY), (PTY,)),
        (1, failed(PTY, when="teardown", passed=(PTY,)), (PTY,)),
        (0, failed(PTY, when="teardown", passed=(PTY,)), (PTY,)),
        (0, Report(passed=[PTY], not_collected=["tests/demo/test_b.py"]), (PTY,)),
        (5, Report(), (PTY,)),
        (1, None, (PTY,)),
    ],
)
def test_only_what_passed_wholly_in_the_second_run_is_good(code: int, second: Report | None, wrong: tuple[str]) -> None:
    assert left([PTY], code, second) == wrong


BUSY = """
import os
def test_of_the_moment():
    if not os.path.exists("seen"):
        open("seen", "w").close()
        raise AssertionError("it never came")
def test_good():
    pass
"""
ALWAYS = "def test_fails_always():\n    raise AssertionError('always')\n"
SKIPS = """
import os, pytest
def test_fails_and_then_skips():
    if os.path.exists("skips"):
        pytest.skip("not now")
    open("skips", "w").close()
    raise AssertionError
"""


EVERY_END = """
import pytest
@pytest.fixture
def bad_begin():
    raise AssertionError("bad begin")
@pytest.fixture
def bad_end():
    yield
    raise AssertionError("bad end")
def test_good(): pass
def test_wrong(): raise AssertionError("wrong")
def test_skipped(): pytest.skip("not now")
def test_begins_badly(bad_begin): pass
def test_ends_badly(bad_end): pass
@pytest.mark.skip(reason="never")
def test_never(): pass
@pytest.mark.xfail(strict=True)
def test_fails_not(): pass
"""


def run(folder: Path, *files: tuple[str, str], workers: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Test a project of these files as `make test` does."""
    (folder / "pytest.ini").write_text("[pytest]\n")
    for name, text in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
    command = [sys.executable, "-m", "tests.support.again", "-q", *workers, "tests"]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE_S)


def test_it_says_loudly_what_passed_only_in_the_second_run(tmp_path: Path) -> None:
    done = run(tmp_path, ("tests/demo/test_busy.py", BUSY), ("tests/encoding/test_pure.py", "def test(): pass\n"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "it never came" in done.stdout, "the output of the first run is kept"
    last = done.stdout.splitlines()[-2:]
    assert last[0] == "FAILURE then SUCCESS: tests/demo/test_busy.py::test_of_the_moment"
    assert "1 of the tests passed only when run again" in last[1]
    assert (tmp_path / RERUNS).read_text() == "tests/demo/test_busy.py::test_of_the_moment\n"


@pytest.mark.parametrize(("count", "code"), [(0, 0), (1, 0), (MOST, 0), (MOST + 1, 1)])
def test_more_than_a_few_second_runs_in_all_fail_the_summary(
    count: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(count):
        again.record([f"tests/tui/test_{number}.py::test"])
    assert again.main(["--summary"]) == code
    warnings = [line for line in capsys.readouterr().out.splitlines() if line.startswith("WARNING")]
    assert warnings == [
        f"WARNING: passed only when run again: tests/tui/test_{number}.py::test" for number in range(count)
    ]


def test_ci_counts_the_second_runs_of_all_its_runs() -> None:
    commands = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    first_run = next(number for number, line in enumerate(commands) if line.startswith("make "))
    assert f"rm -f {RERUNS}" in commands[:first_run]
    assert commands[-1] == ".venv/bin/python -m tests.support.again --summary"


def test_workers_tell_every_end_but_that_all_went_well(tmp_path: Path) -> None:
    alone = run(tmp_path, ("tests/base/test_every_end.py", EVERY_END))
    beside = run(tmp_path, workers=("-p", "xdist.plugin", "-n", "1"))
    ends = [sorted(re.findall(r"^(?:FAILED|ERROR|SKIPPED) .*", done.stdout, re.M)) for done in (alone, beside)]
    counts = [re.findall(r"\d+ (?:failed|passed|skipped|errors?)", done.stdout) for done in (alone, beside)]
    assert ends[0] == ends[1] and len(ends[0]) == 4, alone.stdout + beside.stdout
    assert counts[0] == counts[1] == ["2 failed", "2 passed", "2 skipped", "2 errors"]


def test_what_fails_always_and_what_is_skipped_then_stay_failures(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        ("tests/web/test_always.py", ALWAYS),
        ("tests/tui/test_skips.py", SKIPS),
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("FAILURE then ")] == [
        "FAILURE then FAILURE: tests/tui/test_skips.py::test_fails_and_then_skips",
        "FAILURE then FAILURE: tests/web/test_always.py::test_fails_always",
    ]


@pytest.mark.parametrize(("code", "report"), [(1, failed(PTY, PURE)), (2, failed(PTY)), (3, None), (-6, None)])
def test_without_a_second_run_the_first_one_counts(
    code: int, report: Report | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = [(code, report)]
    monkeypatch.setattr(again, "run", lambda arguments, limit=None: runs.pop())
    assert again.main(["-q"]) == code
    assert "No second run" in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize(
    ("second", "code"), [((0, Report(passed=[PTY])), 0), ((0, Report()), 1), ((1, None), 1), ((3, None), 3)]
)
def test_the_second_run_counts_where_there_is_one(
    second: tuple[int, Report | None], code: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # keeps the name of the invented test out of the file that CI sums up
    asked: list[list[str]] = []
    limits: list[float | None] = []
    runs = [second, (1, failed(PTY))]

    def run_(arguments: list[str], limit: float | None = None) -> tuple[int, Report | None]:
        asked.append(list(arguments))
        limits.append(limit)
        return runs.pop()

    monkeypatch.setattr(again, "run", run_)
    assert again.main(["--longest", "7", "-q", "-n", "3"]) == code
    assert asked[0] == ["-q", "-n", "3"] and asked[1][-1] == PTY and "-n" not in asked[1]
    assert limits == [None, 7.0]
    assert RERUNS.exists() == (code == 0)


@pytest.mark.parametrize("target", ["test", "walks"])
def test_the_folders_are_there_and_make_goes_this_way(target: str) -> None:
    assert all((ROOT / folder).is_dir() and folder.endswith("/") for folder in FOLDERS)
    recipe = (ROOT / "Makefile").read_text().partition(f"\n{target}:")[2].partition("\n\n")[0]
    assert "$(BIN)/python -m tests.support.again " in recipe
    assert "pytest" not in recipe
