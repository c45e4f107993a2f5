"""The modules that `make test` compiles before it starts its workers are those that pytest loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import compiled


def test_pytest_keeps_a_compiled_test_where_it_is_looked_for() -> None:
    assert compiled.kept(Path(__file__)).exists() or sys.dont_write_bytecode


@pytest.mark.parametrize(("kept", "runs"), [(True, 0), (False, 1)])
def test_the_tests_are_compiled_once(monkeypatch: pytest.MonkeyPatch, kept: bool, runs: int) -> None:
    ran: list[object] = []
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(compiled, "kept", lambda test: Path(__file__ if kept else "nowhere"))
    monkeypatch.setattr(subprocess, "run", lambda *words, **how: ran.append(words))
    compiled.compile_once()
    assert len(ran) == runs
