"""station.encoding is pure: it needs only the standard library and five small modules of the station; no I/O, no
randomness.

Proven twice: by the imports in the files, and by a process in which nothing else can be imported.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.support.for_each import for_each
from tests.support.patience import PATIENCE_S

HOUSE = ROOT / "station" / "encoding"
FILES = sorted(HOUSE.rglob("*.py"))
OURS = (
    *(
        "station.encoding",
        "station.base.errors",
        "station.base.text",
        "station.domain.tag_image",
        "station.encoding.chips",
        "station.base.toml_lines",
    ),
    "station.base.sentence",
)
WORLD = frozenset(
    {
        *("asyncio", "concurrent", "ctypes", "fileinput", "glob", "http", "importlib", "io", "logging", "mmap"),
        *("multiprocessing", "os", "pathlib", "pty", "random", "secrets", "select", "selectors", "shelve", "shutil"),
        *("signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "termios", "threading", "urllib"),
        *("datetime", "platform", "sched", "time", "uuid", "queue", "getpass", "ftplib", "syslog", "tty"),
    }
)
"""Modules with access to files, time, randomness, processes or networks. station.encoding may not import them."""
BUILTINS = frozenset({"open", "input", "print", "exec", "eval", "compile", "breakpoint", "__import__"})


def imported(path: Path) -> set[str]:
    """Return every module that a file imports, also inside functions."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}:{node.lineno} imports relatively"
            found.add(node.module or "")
    return found


def allowed(module: str) -> bool:
    if module.partition(".")[0] == "station":
        return any(module == ours or module.startswith(f"{ours}.") for ours in OURS)
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names and top not in WORLD


@for_each("path", FILES)
def test_a_file_names_nothing_but_the_standard_library_and_five_of_ours(path: Path) -> None:
    wrong = {module for module in imported(path) if not allowed(module)}
    if path.name == "profiles.py":
        wrong -= {"importlib"}  # `resources`: the built-in profiles are files of the package
    assert wrong == set()


@for_each("path", FILES)
def test_a_file_opens_and_prints_nothing(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert called & BUILTINS == set()


def test_the_reading_of_imports_can_fail(tmp_path: Path) -> None:
    path = tmp_path / "bad.py"
    path.write_text("def f():\n    import msgspec, station.base.settings\n    from os import path\n")
    assert {module for module in imported(path) if not allowed(module)} == {"msgspec", "station.base.settings", "os"}
    assert allowed("station.base.errors.content")
    assert not allowed("station.errors_of_mine")


# --- at run time ------------------------------------------------------------------------------------------------------

HOOKED = """
import json, pkgutil, sys

allowed = {ours!r}
before = set(sys.modules)


class Only:
    '''First in line: refuses all that is neither the standard library nor one of ours.'''

    def find_spec(self, name, path=None, target=None):
        ours = name in ('station', 'station.base', 'station.domain') or name.startswith(tuple(allowed))
        if ours or name.partition('.')[0] in sys.stdlib_module_names:
            return None
        raise ImportError(f'{{name}} is not to be imported')


sys.meta_path.insert(0, Only())
{before}
import station.encoding

for module in pkgutil.walk_packages(station.encoding.__path__, 'station.encoding.'):
    __import__(module.name)
json.dump(sorted(set(sys.modules) - before), sys.stdout)
"""


def run(before: str = "") -> subprocess.CompletedProcess[str]:
    # -I: no environment, no current folder; -S: no site-packages, so that no installed package is available.
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + HOOKED.format(ours=OURS, before=before)
    return subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=PATIENCE_S)


def test_all_of_it_loads_where_nothing_else_can_be_imported() -> None:
    result = run()
    assert result.returncode == 0, result.stderr
    loaded = set(json.loads(result.stdout))
    modules = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in FILES}
    assert modules <= loaded, "every file was loaded"
    assert not [name for name in loaded if name.partition(".")[0] not in {*sys.stdlib_module_names, "station"}]
    assert not loaded & {"msgspec", "click", "textual", "serial", "pymarc", "httpx2", "sqlite_utils", "stdnum"}
    station = {name for name in loaded if name.startswith("station.")}
    assert not [name for name in station if not name.startswith((*OURS, "station.base", "station.domain"))]
    assert not loaded & {"socket", "sqlite3", "asyncio", "subprocess", "ssl", "logging", "multiprocessing"}


def test_an_error_tells_its_sentence_where_nothing_else_is_installed() -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
    code += "from station.base.errors import SettingsError\nfrom station.base.words import tell\n"
    code += "print(tell(SettingsError('nowhere').sentence))"
    done = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "Nowhere. The station's settings cannot be used.\n"


@pytest.mark.parametrize("stranger", ["msgspec", "station.base.settings", "station.domain.snapshot"])
def test_the_hook_refuses_what_it_should(stranger: str) -> None:
    result = run(f"import {stranger}")
    assert result.returncode != 0
    assert "is not to be imported" in result.stderr
