"""Small pieces of the pages that are made from the program: table rows, docstrings, the docstrings of names."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Sequence
from enum import Enum
from itertools import pairwise
from types import ModuleType


def row(*cells: str) -> str:
    """One row of a table; white space drawn together, bars escaped."""
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A whole table, with the empty line before it."""
    return ["", row(*head), "|" + "---|" * len(head), *(row(*cells) for cells in rows)]


def first(text: str) -> str:
    """The first paragraph of a docstring as one line."""
    return " ".join(text.split("\n\n")[0].split())


def block(lines: Sequence[str]) -> list[str]:
    """Lines as they are, in a fence, with the empty line before it."""
    return ["", "```text", *lines, "```"]


def about(module: ModuleType) -> list[str]:
    """A module's docstring: with an empty line before its indented pieces, it is Markdown already."""
    lines: list[str] = []
    for line in inspect.cleandoc(module.__doc__ or "").splitlines():
        if line.startswith("    ") and lines and lines[-1][:1] not in ("", " "):
            lines.append("")
        if lines and lines[-1].startswith("    ") and line[:1] not in ("", " "):
            lines.append("")
        lines.append(line)
    return lines


def notes(owner: ModuleType | type[Enum]) -> dict[str, str]:
    """Name -> the docstring that stands after its assignment; Python drops those at run time."""
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
