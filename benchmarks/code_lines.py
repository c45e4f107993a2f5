"""Count code lines by room: `python -m benchmarks.code_lines [TREE ...]`, where TREE is a commit or a folder.

A code line holds a token of the program. Blank lines, comments, docstrings (also those of fields) and data files do not
count. With two trees the difference is printed as well.
"""

from __future__ import annotations

import argparse
import ast
import io
import subprocess
import tarfile
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent.parent
_NO_CODE: Final = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def code_lines(source: str) -> int:
    """Return the number of lines with code."""
    lines = {
        line
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in _NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    return len(lines - _docstring_lines(ast.parse(source)))


def _docstring_lines(tree: ast.Module) -> set[int]:
    """Return the lines of the texts that stand alone: docstrings of modules, classes, functions and fields."""
    return {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def sources(tree: str) -> Iterator[tuple[str, str]]:
    """Yield path and source of each Python file of a commit or a folder. Raises `CalledProcessError` for neither."""
    if Path(tree).is_dir():
        for path in sorted(Path(tree).rglob("*.py")):
            name = path.relative_to(tree)
            if not any(part.startswith((".", "build")) for part in name.parts):
                yield str(name), path.read_text(encoding="utf-8")
        return
    archive = subprocess.run(["git", "archive", tree], cwd=HERE, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        for member in files:
            if member.name.endswith(".py") and (file := files.extractfile(member)) is not None:
                yield member.name, file.read().decode("utf-8")


def by_room(tree: str) -> Counter[str]:
    """Return the code lines of each room of the station, and of the other folders."""
    counts: Counter[str] = Counter()
    for name, source in sources(tree):
        parts = Path(name).parts
        room = "/".join(parts[:2]) if parts[0] in ("station", "tests") and len(parts) > 2 else parts[0]
        counts[room] += code_lines(source)
    for whole in ("station", "tests"):
        counts[f"{whole}, all"] = sum(count for room, count in counts.items() if room.split("/")[0] == whole)
    return counts


def main() -> None:
    """Print the lines of one tree, or of two with their difference."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.code_lines", description=__doc__)
    parser.add_argument("trees", nargs="*", default=[str(HERE)], metavar="TREE", help="commit or folder, at most two")
    trees = parser.parse_args().trees[:2]
    counts = [by_room(tree) for tree in trees]
    for room in sorted({room for found in counts for room in found}):
        values = [found[room] for found in counts]
        change = f"{values[1] - values[0]:>+9,}" if len(values) == 2 else ""
        print(f"{room:<26}" + "".join(f"{value:>10,}" for value in values) + change)


if __name__ == "__main__":
    main()
