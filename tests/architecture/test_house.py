"""The package as a whole: imports between rooms, modules that stay unloaded, and agreement of the reference pages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.reference.pages import PAGES, all_commands
from station.base.errors import EXIT_CODES, Recovery, StationError, walk
from station.base.words import english, knows, tell
from tests.conftest import ROOT, SOAK_LIMIT_S
from tests.support.for_each import for_each
from tests.support.patience import PATIENCE_S

LINT = Path(sys.executable).with_name("lint-imports")


SOAKS = """
import pytest

@pytest.mark.timeout(1)
class TestShort:
    def test_quick(self): ...

    @pytest.mark.soak
    def test_limit_of_its_class(self): ...

@pytest.mark.soak
def test_no_limit(): ...

@pytest.mark.soak
@pytest.mark.timeout(2)
def test_own_limit(): ...

@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_longer(): ...
"""
SHOW_LIMITS = """
from tests.conftest import pytest_collection_modifyitems

def pytest_collection_finish(session):
    for item in session.items:
        print("LIMIT", item.name, item.get_closest_marker("timeout").args[0])
"""


def test_a_soak_test_is_not_cut_short_by_a_limit_of_its_own_or_of_its_class(tmp_path: Path) -> None:
    (tmp_path / "test_soaks.py").write_text(SOAKS, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(SHOW_LIMITS, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-s", "-p", "no:cacheprovider", "--rootdir", "."]
    collected = subprocess.run(
        [*command, "test_soaks.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )
    limits = dict(line.split()[1:] for line in collected.stdout.splitlines() if line.startswith("LIMIT"))
    assert limits == {
        "test_quick": "1",
        "test_limit_of_its_class": str(SOAK_LIMIT_S),
        "test_no_limit": str(SOAK_LIMIT_S),
        "test_own_limit": str(SOAK_LIMIT_S),
        "test_longer": "7200",
    }


def test_the_import_contracts_hold() -> None:
    result = subprocess.run([LINT, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(
    ("module", "strangers"),
    [
        ("station.bench.bench", "textual rich serial httpx2 sqlite3 sqlite_utils pymarc asyncio subprocess"),
        ("station.quality.checks.table", "textual rich serial httpx2 sqlite3 sqlite_utils pymarc asyncio"),
        (
            "station.encoding.recognition.recognise",
            "textual serial httpx2 sqlite3 sqlite_utils pymarc socket asyncio threading",
        ),
        ("station.tui.app", "serial httpx2 sqlite3 sqlite_utils pymarc"),
        ("station.cli", "textual serial httpx2 sqlite3 sqlite_utils pymarc nfc usb1"),
        ("station.drivers.registry", "nfc ndef usb1 pyDes textual"),
    ],
)
def test_what_a_module_loads_at_run_time(module: str, strangers: str) -> None:
    """The static graph cannot see deferred imports; a separate process can."""
    code = f"import sys, {module}; sys.stdout.write(' '.join(sorted(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    loaded = set(result.stdout.split())
    assert module in loaded
    assert not loaded & set(strangers.split())


# --- errors -----------------------------------------------------------------------------------------------------------

ERRORS = walk()


@for_each("error", ERRORS)
def test_an_error_says_all_it_must(error: type[StationError]) -> None:
    assert error.__doc__, "the docstring says what happened"
    assert error.exit_code in EXIT_CODES
    assert isinstance(error.recovery, Recovery)
    sentence = english().entries[f"error.{error.code}"].forms[0]
    assert sentence[0].isupper()
    assert sentence.endswith(".")
    raised = "never raised itself" not in error.__doc__
    assert not raised or error.has_remedy == (f"do.{error.code}" in english().entries), (
        "it has a sentence of what to do"
    )
    assert error.code == error.code.lower()
    assert "code" in vars(error), "the error has its own code, not its parent's"
    assert f"| `{error.code}` |" in (ROOT / "docs/errors.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("error", ERRORS)
def test_a_command_never_tells_the_systems_librarian_to_fetch_the_systems_librarian(error: type[StationError]) -> None:
    key = f"error.{error.code}"
    assert "systems librarian" not in tell(f"{key}.command" if knows(f"{key}.command") else key)


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in ERRORS]
    assert len(set(codes)) == len(codes)
    assert len(codes) > 30


def test_every_exit_code_has_its_use() -> None:
    results = {0, 1, 2, 12}  # 12: a report of `station harness`, which is not an error
    assert {error.exit_code for error in ERRORS} | results == set(EXIT_CODES)


# --- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_what_the_program_does(name: str) -> None:
    written = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert written == PAGES[name](), "run: .venv/bin/python -m scripts.reference.pages docs"


def test_every_command_of_the_issue_exists() -> None:
    names = {path.removeprefix("station ") for path, _ in all_commands()}
    assert names >= {
        *("run", "demo", "init", "process", "doctor", "tag read", "tag write", "tag decode"),
        *("catalog import", "catalog show", "journal show", "journal verify", "outbox show", "outbox retry"),
    }


def test_all_that_report_know_json() -> None:
    for path, command in all_commands():
        options = {name for parameter in command.params for name in parameter.opts}
        assert "--json" in options or path in (
            "station run",
            "station serve",
            "station office",
            "station fleet serve",
            "station fleet project",
        ), path
        assert "--data" in options, path
        assert command.help, path
