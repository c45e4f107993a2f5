"""Rules for every source file, checked on the files themselves.

A check gives the line and the problem of each place in one file; its test collects those of all files.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Iterator

import pytest

from tests.architecture.source_files import Source, parsed, sources
from tests.support.for_each import for_each

SQL = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|PRAGMA|CREATE TABLE|DROP|ATTACH)\b")
MACHINE = re.compile(r"/(home|Users|root|work|tmp|opt|srv|mnt)/\w")
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX)\b")
ONLY_INT = re.compile(r"int\(\w+\)")
Problems = Iterator[tuple[int, str]]


def says_nothing(source: Source) -> Problems:
    if not ast.get_docstring(source.tree):
        yield 1, "every module has a docstring"


def forbidden_calls(source: Source) -> Problems:
    for call in source.nodes(ast.Call):
        for keyword in call.keywords:
            if keyword.arg in ("shell", "markup") and getattr(keyword.value, "value", None) is True:
                yield call.lineno, f"{keyword.arg}=True"
        last = getattr(call.func, "id", getattr(call.func, "attr", ""))
        if last in ("print", "eval", "exec") and isinstance(call.func, ast.Name):
            yield call.lineno, last
        elif last.endswith(("system", "from_markup", "loads", "load")):
            called = ast.unparse(call.func)
            if called.endswith(("os.system", "from_markup", "pickle.loads", "yaml.load")):
                yield call.lineno, called


def woven_statements(source: Source) -> Problems:
    """No value is formatted into SQL. Where SQLite takes no parameter (a PRAGMA), only `int(NAME)` is permitted."""
    for line, text, values in woven_texts(source):
        if SQL.search(text) and not all(ONLY_INT.fullmatch(ast.unparse(value)) for value in values):
            yield line, f"values woven into {text!r}"


def woven_texts(source: Source) -> Iterator[tuple[int, str, list[ast.expr]]]:
    """Yield line, text, and the values formatted into it: an f-string, `%` or `format`."""
    for string in source.nodes(ast.JoinedStr):
        text = "".join(str(part.value) for part in string.values if isinstance(part, ast.Constant))
        yield string.lineno, text, [part.value for part in string.values if isinstance(part, ast.FormattedValue)]
    for operation in source.nodes(ast.BinOp):
        if isinstance(operation.op, ast.Mod) and isinstance(operation.left, ast.Constant):
            yield operation.lineno, str(operation.left.value), [operation.right]
    for call in source.nodes(ast.Call):
        if isinstance(call.func, ast.Attribute) and call.func.attr == "format":
            yield call.lineno, ast.unparse(call.func.value), [*call.args]


def places_and_unfinished(source: Source) -> Problems:
    if MACHINE.search(source.text) or UNFINISHED.search(source.text):
        for line, text in enumerate(source.text.splitlines(), 1):
            if MACHINE.search(text) or UNFINISHED.search(text):
                yield line, text.strip()


def swallowed_errors(source: Source) -> Problems:
    """Find `except:` and `except Exception: pass`, which hide defects."""
    for handler in source.nodes(ast.ExceptHandler):
        broad = handler.type is None or ast.unparse(handler.type) in ("Exception", "BaseException")
        nothing = all(isinstance(child, ast.Pass | ast.Continue) for child in handler.body)
        if handler.type is None or (broad and nothing):
            yield handler.lineno, "an error is swallowed whole"


def strange_imports(source: Source) -> Problems:
    """Find an emulator's imports that are neither the standard library nor emulators."""
    modules = [(one.lineno, alias.name) for one in source.nodes(ast.Import) for alias in one.names]
    for one in source.nodes(ast.ImportFrom):
        if one.level:
            yield one.lineno, "relative imports hide where a thing comes from"
        else:
            modules.append((one.lineno, one.module or ""))
    for line, module in modules:
        own = module == "station.emulators" or module.startswith("station.emulators.")
        if not own and module.partition(".")[0] not in sys.stdlib_module_names:
            yield line, f"imports {module}"
    for call in source.nodes(ast.Call):
        if getattr(call.func, "id", "") == "__import__":
            yield call.lineno, "__import__"


RUNNER = "station.bench.item.write_steps"
LAW = "station/bench/item/tag_change.py"


def plan_runners(source: Source) -> Problems:
    """Only `tag_change` runs a write plan: it journals the start before, and proves the tag after."""
    for statement in source.nodes(ast.ImportFrom):
        names = {f"{statement.module}.{alias.name}" for alias in statement.names}
        if names & {RUNNER, f"{RUNNER}.Writer"} and source.name != LAW:
            yield statement.lineno, f"only {LAW} runs a write plan"
    for statement in source.nodes(ast.Import):
        if any(alias.name == RUNNER for alias in statement.names):
            yield statement.lineno, f"import from {RUNNER} by name"


def found(check: Callable[[Source], Problems], files: Iterable[Source]) -> list[str]:
    return [f"{source.name}:{line}: {problem}" for source in files for line, problem in check(source)]


def test_a_file_says_what_it_is() -> None:
    assert found(says_nothing, sources()) == []


def test_nothing_forbidden_is_called() -> None:
    assert found(forbidden_calls, sources()) == []


def test_statements_to_the_database_are_whole_texts() -> None:
    assert found(woven_statements, sources()) == []


def test_no_place_of_one_machine_and_nothing_unfinished() -> None:
    assert found(places_and_unfinished, sources()) == []


def test_no_error_is_swallowed_whole() -> None:
    assert found(swallowed_errors, sources()) == []


def test_one_file_runs_write_plans() -> None:
    assert found(plan_runners, sources()) == []


def emulators() -> list[Source]:
    return [
        source
        for source in sources()
        if source.name.startswith("station/emulators/") and not source.name.endswith("/pytest_plugin.py")
    ]


def test_an_emulator_imports_the_standard_library_and_its_own_kind_only() -> None:
    assert found(strange_imports, emulators()) == []


def test_there_are_emulators_and_files_to_look_at() -> None:
    assert len(emulators()) > 3
    assert len(list(sources())) > 50


@for_each(
    ("code", "check", "line"),
    [
        ("print(1)\n", forbidden_calls, 2),
        ("eval(x)\n", forbidden_calls, 2),
        ("run(x, shell=True)\n", forbidden_calls, 2),
        ("Label(x, markup=True)\n", forbidden_calls, 2),
        ("x = 1\nos.system(x)\n", forbidden_calls, 3),
        ("Text.from_markup(x)\n", forbidden_calls, 2),
        ("pickle.loads(x)\n", forbidden_calls, 2),
        ("yaml.load(x)\n", forbidden_calls, 2),
        ('q = f"SELECT {x} FROM y"\n', woven_statements, 2),
        ('q = "DELETE FROM %s" % x\n', woven_statements, 2),
        ('q = "PRAGMA {}".format(x)\n', woven_statements, 2),
        ('p = "/home' + '/somebody"\n', places_and_unfinished, 2),
        ("x = 1  # TO" + "DO\n", places_and_unfinished, 2),
        ("try:\n    x()\nexcept Exception:\n    pass\n", swallowed_errors, 4),
        ("try:\n    x()\nexcept:\n    y()\n", swallowed_errors, 4),
        ("from station.bench.item.write_steps import Writer, read_image\n", plan_runners, 2),
        ("from station.bench.item import write_steps\n", plan_runners, 2),
        ("import station.bench.item.write_steps as steps\n", plan_runners, 2),
        ("import serial\n", strange_imports, 2),
        ("from station.domain import events\n", strange_imports, 2),
        ("from . import frame\n", strange_imports, 2),
        ('x = __import__("serial")\n', strange_imports, 2),
    ],
)
def test_these_tests_can_fail(code: str, check: Callable[[Source], Problems], line: int) -> None:
    (problem,) = found(check, [parsed("bad.py", f'"""Doc."""\n{code}')])
    assert problem.startswith(f"bad.py:{line}: ")


def test_a_file_that_does_not_say_what_it_is_is_found() -> None:
    assert found(says_nothing, [parsed("bad.py", "x = 1\n")]) == ["bad.py:1: every module has a docstring"]


@pytest.mark.parametrize(
    ("code", "check"),
    [
        ('q = f"PRAGMA user_version = {int(x)}"\n', woven_statements),
        ("json.load(x)\njson.loads(x)\nself.print(x)\nrun(x, shell=False)\n", forbidden_calls),
        ("try:\n    x()\nexcept ValueError:\n    pass\n", swallowed_errors),
        ("from station.bench.item.write_steps import read_image\n", plan_runners),
        ("import socket\nfrom station.emulators.reader import pad\n", strange_imports),
    ],
)
def test_what_is_right_is_no_problem(code: str, check: Callable[[Source], Problems]) -> None:
    assert found(check, [parsed("good.py", f'"""Doc."""\n{code}')]) == []
