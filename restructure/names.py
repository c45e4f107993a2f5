"""Move single definitions as names.toml says, and rewrite who imports them: for a checkout that move.py has moved.

    python names.py CHECKOUT       (a second commit; afterwards no import is ignored by the contracts)
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import move

HERE = Path(__file__).resolve().parent


def taken(text: str, names: list[str]) -> tuple[str, str]:
    """The file without these definitions, and the definitions."""
    lines = text.splitlines(keepends=True)
    spans = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in names:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
            spans.append((first, node.end_lineno))
    if len(spans) != len(names):
        sys.exit(f"not all of {names} are there")
    found = "\n\n".join("".join(lines[first:last]) for first, last in spans)
    for first, last in reversed(spans):
        del lines[first:last]
    return "".join(lines), found


def importers(root: Path, old: str, new: str, names: set[str], skip: set[str]) -> None:
    """`from OLD import NAME` becomes `from NEW import NAME`."""
    for path in move.tracked(root, "*.py"):
        text = (root / path).read_text(encoding="utf-8")
        if old not in text or path in skip:
            continue
        source = move.Source(path, text, None)  # type: ignore[arg-type]
        for node in ast.walk(source.tree):
            if isinstance(node, ast.ImportFrom) and node.module == old and names & {a.name for a in node.names}:
                said = {True: [], False: []}
                for alias in node.names:
                    said[alias.name in names].append(alias.name + (f" as {alias.asname}" if alias.asname else ""))
                indent = " " * node.col_offset
                texts = [f"from {new} import {', '.join(said[True])}"]
                if said[False]:
                    texts.insert(0, f"from {old} import {', '.join(said[False])}")
                start, end = source.span(node)
                source.changes.append((start, end, f"\n{indent}".join(source._long(one, indent) for one in texts)))
        changed = source.result()
        for name in names:
            changed = re.sub(rf"\b{re.escape(old)}\.{name}\b", f"{new}.{name}", changed)
        if changed != text:
            (root / path).write_text(changed, encoding="utf-8")


def main() -> None:
    root = Path(sys.argv[1]).resolve()
    remarks: list[str] = []
    for one in tomllib.loads((HERE / "names.toml").read_text(encoding="utf-8"))["move"]:
        source, target, names = root / one["from"], root / one["to"], one["names"]
        old, new = move.dotted(one["from"]), move.dotted(one["to"])
        rest, found = taken(source.read_text(encoding="utf-8"), names)
        text = one["new"] if "new" in one else target.read_text(encoding="utf-8")
        for before, after in one.get("edits", []):
            if before not in text:
                sys.exit(f"{one['to']}: not there: {before!r}")
            text = text.replace(before, after)
        if one.get("after_imports"):
            tree = ast.parse(text)
            at = next(n for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)).lineno - 1
            lines = text.splitlines(keepends=True)
            text = "".join(lines[:at]) + found + "\n\n" + "".join(lines[at:])
        else:
            text = text.rstrip("\n") + "\n\n\n" + found
        target.write_text(text, encoding="utf-8")
        used = {n.id for n in ast.walk(ast.parse(rest)) if isinstance(n, ast.Name)} & set(names)
        if used:  # behind `from __future__`; ruff puts it into order
            line = f"from {new} import {', '.join(sorted(used))}\n"
            rest = rest.replace("from __future__ import annotations\n", f"from __future__ import annotations\n\n{line}", 1)
        source.write_text(rest, encoding="utf-8")
        move.git(root, "add", "-A", "--", ".")
        importers(root, old, new, set(names), {one["from"], one["to"]})
    project = root / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    text, count = re.subn(r"^ignore_imports = \[\n(?:  \"[^\n]*\n)*\]\n\n", "", text, flags=re.MULTILINE)
    if count != 2:
        remarks.append(f"{count} lists of ignored imports were in the contracts, not 2")
    project.write_text(text, encoding="utf-8")
    ruff = root / ".venv/bin/ruff"
    subprocess.run([ruff, "check", "--fix", "--select", "I,F401", "--quiet", "."], cwd=root, check=False)
    move.page(root)
    move.formatted(root)
    move.git(root, "add", "-A", "--", ".")
    if remarks:
        sys.exit("\n  ".join(["done, but:", *remarks]))


if __name__ == "__main__":
    main()
