"""Generator of the list in docs/decisions/README.md: number, link and question of each decision, from the decisions'
pages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

FOLDER: Final = "decisions"
INDEX: Final = "README.md"
_QUESTION: Final = re.compile(r"^\*\*Question\.\*\* (.+)$", re.MULTILINE)
_TABLE: Final = re.compile(r"^\| number \|.*", re.DOTALL | re.MULTILINE)


def pages(folder: Path) -> list[Path]:
    """Return the decisions in order."""
    return sorted(path for path in folder.glob("*.md") if path.name != INDEX)


def table(folder: Path) -> str:
    """Return the table with one row per decision."""
    lines = ["| number | decision | question |", "|---|---|---|"]
    for page in pages(folder):
        text = page.read_text(encoding="utf-8")
        title = text.partition("\n")[0].removeprefix("# ")
        question = _QUESTION.search(text)
        lines.append(f"| {page.name[:2]} | [{title}]({page.name}) | {question[1] if question else ''} |")
    return "\n".join(lines) + "\n"


def filled(folder: Path) -> str:
    """Return the index with a current table."""
    return _TABLE.sub(lambda _: table(folder), (folder / INDEX).read_text(encoding="utf-8"))


def refresh(docs: Path) -> None:
    """Rewrite the table."""
    (docs / FOLDER / INDEX).write_text(filled(docs / FOLDER), encoding="utf-8")
