"""Building blocks of generated pages: table rows, docstrings, the docstrings of names."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Sequence
from enum import Enum
from itertools import pairwise
from types import ModuleType


def row(*cells: str) -> str:
    """Return one row of a table, with white space collapsed and bars escaped."""
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a whole table, preceded by an empty line."""
    return ["", row(*head), "|" + "---|" * len(head), *(row(*cells) for cells in rows)]


def first(text: str) -> str:
    """Return the first paragraph of a docstring as one line."""
    return " ".join(text.split("\n\n")[0].split())


def block(lines: Sequence[str]) -> list[str]:
    """Return lines unchanged in a code fence, preceded by an empty line."""
    return ["", "```text", *lines, "```"]


def about(module: ModuleType) -> list[str]:
    """Return a module's docstring as Markdown, by adding empty lines around its indented parts."""
    lines: list[str] = []
    for line in inspect.cleandoc(module.__doc__ or "").splitlines():
        if line.startswith("    ") and lines and lines[-1][:1] not in ("", " "):
            lines.append("")
        if lines and lines[-1].startswith("    ") and line[:1] not in ("", " "):
            lines.append("")
        lines.append(line)
    return lines


def notes(owner: ModuleType | type[Enum]) -> dict[str, str]:
    """Return name -> the docstring after its assignment, which Python drops at run time."""
    body = ast.parse(inspect.cleandoc("\n" + inspect.getsource(owner))).body
    if isinstance(owner, type):
        classes = [node for node in body if isinstance(node, ast.ClassDef)]
        body = classes[0].body
    found: dict[str, str] = {}
    for node, after in pairwise(body):
        target = _name(node)
        if target and isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            found[target] = " ".join(str(after.value.value).split())
    return found


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return ""
