"""Paths and module names in pages, docstrings, comments, tool settings and data files exist, also after a move."""

from __future__ import annotations

import functools
import re
import subprocess
from pathlib import Path

from station.base.words import english
from tests.conftest import ROOT
from tests.docs.test_pages import settings_keys
from tests.support.for_each import for_each

TOPS = ("station", "tests", "scripts", "benchmarks", "fuzz", "hardware", "examples")
"""Folders whose paths are checked. A package that was once at the top (`bench/`) is in FORMER."""
FORMER = ("bench",)
KINDS = (".md", ".py", ".toml", ".po", ".tcss", ".yml", ".service", ".rules")
NAMED = ("Makefile", ".ci/run", ".ci/interpreters")
NOT_READ = ("CHANGELOG.md", "tests/golden/", "tests/architecture/test_again.py", "tests/docs/test_names.py")
"""Files that describe the past, or contain invented paths."""
MADE = {
    "fuzz/found": "made by a run",
    "station/manual/pages": "in a wheel",
    "station.pytest_plugin": "an entry point",
    "station.reader": "a group of entry points",
}

_PATH = re.compile(rf"(?<![\w/.<~-])(?:{'|'.join(TOPS + FORMER)})/[\w./-]*\w(?![\w{{*<])")
_MODULE = re.compile(r"(?<![\w/.@-])(?:station|scripts|benchmarks|tests)(?:\.[a-z_]\w*)+(?!\w|\()", re.ASCII)
_OF_A_ROOM = re.compile(rf"(?:{'|'.join(path.parent.name for path in ROOT.glob('station/*/__init__.py'))})(?:\.\w+)+")
_SUFFIX = re.compile(r"\.(toml|json|db|log|sock|lock|tcss|service|po|py|md|head_directory|operator)$")
"""Files in the data directory, and settings of the table `station`."""


@functools.cache
def files() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    return [
        ROOT / name
        for name in listed
        if (name.endswith(KINDS) or name in NAMED) and not name.startswith(NOT_READ) and (ROOT / name).exists()
    ]


def lines(path: Path) -> list[tuple[int, str]]:
    return list(enumerate(path.read_text(encoding="utf-8").splitlines(), 1))


def is_path(path: str) -> bool:
    """Tell whether the path exists, or has a placeholder in capitals."""
    return path in MADE or (ROOT / path).exists() or re.search(r"/(?!README)[A-Z]+\b", path) is not None


@functools.cache
def is_module(dotted: str) -> bool:
    """Tell whether it is a package, a module, or a name in one (if the module's text contains the word)."""
    here, parts = ROOT, dotted.split(".")
    while parts and (here / parts[0]).is_dir():
        here /= parts.pop(0)
    if not parts or (here / parts[0]).exists():
        return True
    if (here / f"{parts[0]}.py").exists():
        module, name = here / f"{parts[0]}.py", parts[1] if len(parts) > 1 else ""
    else:
        module, name = here / "__init__.py", parts[0]
    return module.exists() and re.search(rf"\b{name}\b", module.read_text(encoding="utf-8")) is not None


@functools.cache
def is_key(name: str) -> bool:
    """Tell whether it is a setting, or the beginning of a key of the message catalog."""
    return name in settings_keys() or any(key.startswith(name) for key in english().entries)


def stale(line: str) -> list[str]:
    """Return the paths and modules of a line that do not exist. `room.module` is `station.room.module`, unless it is a
    setting.
    """
    if "/" not in line and "`" not in line and "-m " not in line:  # most lines
        return []
    paths = [path for path in _PATH.findall(line) if not is_path(path)]
    in_ticks = [span for span in re.findall(r"`([^`]+)`|-m ([\w.]+)", line) for span in span if span]
    modules = [module for span in in_ticks for module in _MODULE.findall(span)]
    modules += [f"station.{name}" for name in in_ticks if _OF_A_ROOM.fullmatch(name) and not is_key(name)]
    modules = [module for module in modules if module not in MADE and not _SUFFIX.search(module)]
    return paths + [module for module in modules if not is_module(module)]


@for_each("top", ["", *TOPS, "docs"])
def test_what_a_text_names_exists(top: str) -> None:
    found = []
    for path in files():
        parts = path.relative_to(ROOT).parts
        if (parts[0] if len(parts) > 1 and parts[0] in (*TOPS, "docs") else "") == top:
            found += [f"{'/'.join(parts)}:{number}: {name}" for number, line in lines(path) for name in stale(line)]
    assert found == []


@for_each(
    ("line", "gone"),
    [
        ("see `station/wiring.py`", ["station/wiring.py"]),
        ("see station/runtime/station.py.", []),
        ("tests/sync/nothing/ is gone", ["tests/sync/nothing"]),
        ("`bench/cycle.py` measures", ["bench/cycle.py"]),
        ("`station/bench/pad.py` is no benchmark", []),
        ("run python -m station.emulators.alma", ["station.emulators.alma"]),
        ("run python -m station.emulators.library_systems.alma", []),
        ("`station.base.settings.parse` reads, `station.base.settings.pars` does not", ["station.base.settings.pars"]),
        ("`station.catalog.callnumber` and `station.toml`", []),
        ("`quality.checks.table`, `catalog.profile`, `quality.rulefile`", ["station.quality.rulefile"]),
        ("`tests/bench/test_{name}.py`, station/base/words/en/*.po", []),
    ],
)
def test_a_stale_name_is_seen_and_a_good_one_is_not(line: str, gone: list[str]) -> None:
    assert stale(line) == gone


def test_there_is_something_to_read() -> None:
    assert len(files()) > 1000
    assert {path.name for path in files()} >= {"Makefile", "README.md", "architecture.md", "rows.toml"}
