"""What every source file of the house must keep, read from the files themselves."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

HOUSE = ROOT / "station"
FILES = sorted(HOUSE.rglob("*.py"))
SQL = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|PRAGMA|CREATE TABLE|DROP|ATTACH)\b")
MACHINE = re.compile(r"/(home|Users|root|work|tmp|opt|srv|mnt)/\w")
ONLY_INT = re.compile(r"int\(\w+\)")


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture(params=FILES, ids=_name)
def source(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_a_file_says_what_it_is(source: Path) -> None:
    assert ast.get_docstring(ast.parse(source.read_text(encoding="utf-8"))), "every module has a docstring"


def test_nothing_forbidden_is_called(source: Path) -> None:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            assert not (isinstance(node.func, ast.Name) and node.func.id in ("print", "eval", "exec")), _at(
                source, node
            )
            for keyword in node.keywords:
                true = isinstance(keyword.value, ast.Constant) and keyword.value.value is True
                assert not (keyword.arg in ("shell", "markup") and true), f"{keyword.arg}=True at {_at(source, node)}"
            called = ast.unparse(node.func)
            assert not called.endswith(("os.system", "from_markup", "pickle.loads", "yaml.load")), _at(source, node)


def test_statements_to_the_database_are_whole_texts(source: Path) -> None:
    """No value is ever woven into SQL; where SQLite takes no parameter (a PRAGMA), only `int(NAME)` may stand."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        woven: list[ast.expr] = []
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            woven = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
            text, woven = str(node.left.value), [node.right]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
            text, woven = ast.unparse(node.func.value), [*node.args]
        else:
            continue
        if SQL.search(text):
            assert all(ONLY_INT.fullmatch(ast.unparse(value)) for value in woven), _at(source, node)


def test_no_place_of_one_machine_and_nothing_unfinished(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    assert not MACHINE.search(text)
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", text)


def test_no_error_is_swallowed_whole(source: Path) -> None:
    """`except:` and `except Exception: pass` hide defects."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            assert node.type is not None, _at(source, node)
            broad = ast.unparse(node.type) in ("Exception", "BaseException")
            nothing = all(isinstance(child, ast.Pass | ast.Continue) for child in node.body)
            assert not (broad and nothing), _at(source, node)


EMULATORS = sorted(path for path in (HOUSE / "emulators").rglob("*.py") if path.name != "pytest_plugin.py")


@pytest.mark.parametrize("path", EMULATORS, ids=_name)
def test_an_emulator_imports_the_standard_library_and_its_own_kind_only(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide where a thing comes from"
            modules = [node.module or ""]
        else:
            continue
        for module in modules:
            own = module == "station.emulators" or module.startswith("station.emulators.")
            assert own or module.partition(".")[0] in sys.stdlib_module_names, f"{_at(path, node)} imports {module}"
        for called in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
            assert ast.unparse(called.func) != "__import__"


def test_there_are_emulators_and_files_to_look_at() -> None:
    assert len(EMULATORS) > 3
    assert len(FILES) > 50


def _at(path: Path, node: ast.AST) -> str:
    return f"{_name(path)}:{getattr(node, 'lineno', '?')}"


@pytest.mark.parametrize(
    ("code", "test"),
    [
        ('"""Doc."""\nprint(1)\n', test_nothing_forbidden_is_called),
        ('"""Doc."""\nrun(x, shell=True)\n', test_nothing_forbidden_is_called),
        ('"""Doc."""\nLabel(x, markup=True)\n', test_nothing_forbidden_is_called),
        ('"""Doc."""\nq = f"SELECT {x} FROM y"\n', test_statements_to_the_database_are_whole_texts),
        ('"""Doc."""\nq = "DELETE FROM %s" % x\n', test_statements_to_the_database_are_whole_texts),
        ('"""Doc."""\nq = "PRAGMA {}".format(x)\n', test_statements_to_the_database_are_whole_texts),
        ('"""Doc."""\np = "/home' + '/somebody"\n', test_no_place_of_one_machine_and_nothing_unfinished),
        ('"""Doc."""\ntry:\n    x()\nexcept Exception:\n    pass\n', test_no_error_is_swallowed_whole),
        ("x = 1\n", test_a_file_says_what_it_is),
    ],
)
def test_these_tests_can_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, test: object) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / "bad.py"
    path.write_text(code, encoding="utf-8")
    with pytest.raises(AssertionError):
        test(path)  # type: ignore[operator]
