"""The pages of documentation, and their content."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conftest import ROOT

PAGES = (
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted(path for folder in ("docs", "hardware", "examples") for path in (ROOT / folder).rglob("*.md")),
)
MADE = ("settings.md", "errors.md", "cli.md", "tag-formats.md")
BY_HAND = tuple(page for page in PAGES if page.name not in MADE)
"""Without the pages that are made from the program."""


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of the first table after a line with `heading`, without its two head rows and backticks."""
    behind = text(page).partition(heading)[2]
    lines = behind[behind.index("\n|") :].lstrip("\n").splitlines()
    table = []
    for line in lines:
        if not line.startswith("|"):
            break
        table.append([cell.strip().strip("`") for cell in line.strip().strip("|").split("|")])
    return table[2:]


def slug(heading: str) -> str:
    """Return a heading as the fragment of a link."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
