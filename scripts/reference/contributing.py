"""The steps in CONTRIBUTING.md: the numbered lists of the pages docs/how-to/add-*.md.

They are between `<!-- steps -->` and `<!-- end -->`.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path
from typing import Final

PAGE: Final = "CONTRIBUTING.md"
FOLDER: Final = "docs/how-to"

_BLOCK: Final = re.compile(r"(?<=^<!-- steps -->\n).*?(?=^<!-- end -->$)", re.DOTALL | re.MULTILINE)
_SECTION: Final = re.compile(r"^#+ (.+)\n((?:(?!#).*\n)*)", re.MULTILINE)
_LIST: Final = re.compile(r"(?:^\d+\. .*\n(?:(?: {4}.*)?\n)*)+", re.MULTILINE)
"""Numbered lines, each with the blank and indented lines below it."""
_LINK: Final = re.compile(r"\]\((?![a-z]+:)([^)]*)\)")


def steps(page: Path) -> str:
    """The page's title and its first list of each section. Links lead from the root of the repository."""
    sections = _SECTION.findall(page.read_text(encoding="utf-8"))
    title = sections[0][0]
    parts = [f"## {title}", f"[Details]({FOLDER}/{page.name})"]
    for heading, body in sections:
        if found := _LIST.search(body):
            parts += [f"{heading}:"] * (heading != title) + [found[0].rstrip()]
    return _LINK.sub(lambda link: f"]({_from_root(link[1])})", "\n\n".join(parts)) + "\n"


def _from_root(target: str) -> str:
    return target if target.startswith(FOLDER) else posixpath.normpath(posixpath.join(FOLDER, target))


def filled(text: str, root: Path) -> str:
    """`text` with the steps as the pages have them now."""
    made = "\n".join(steps(page) for page in sorted((root / FOLDER).glob("add-*.md")))
    return _BLOCK.sub(lambda _: f"\n{made}\n", text)


def refresh(root: Path) -> None:
    """Write the page's block again."""
    page = root / PAGE
    page.write_text(filled(page.read_text(encoding="utf-8"), root), encoding="utf-8")
