"""Every source file of the package, read, parsed and walked once for all checks of one process."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from tests.conftest import ROOT

HOUSE: Final = ROOT / "station"
Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True, eq=False)
class Source:
    """One file: its path from the root of the repository and its text."""

    name: str
    text: str

    @functools.cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @functools.cached_property
    def _by_kind(self) -> dict[type[ast.AST], list[ast.AST]]:
        kinds: dict[type[ast.AST], list[ast.AST]] = {}
        for node in ast.walk(self.tree):
            kinds.setdefault(type(node), []).append(node)
        return kinds

    def nodes(self, kind: type[Node]) -> list[Node]:
        """All nodes of this class, in the order of `ast.walk`."""
        return self._by_kind.get(kind, [])  # type: ignore[return-value]


def parsed(name: str, text: str) -> Source:
    return Source(name, text)


@functools.cache
def read(path: Path) -> Source:
    """Read each file once per process: every worker collects the tests, one worker runs those of a file."""
    return parsed(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8"))


@functools.cache
def paths() -> tuple[Path, ...]:
    return tuple(sorted(HOUSE.rglob("*.py")))


def sources() -> Iterator[Source]:
    return map(read, paths())
